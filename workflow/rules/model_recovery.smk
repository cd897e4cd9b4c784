"""Model recovery: every model fitted to known agents, simulated ones or kept fits that play, against their own model.

Needs: tables selected and, where the run has it, dimensionality; for kept fits that play trial tables, folds and
       selected fits.
Makes: played/{dataset}/{subject}/{model}/d{dim}/simulation{simulation}.parquet, tables recovery, recovery_d_star,
       recovery_networks and recovery_fits, figures model_recovery and model_recovery__{dataset}
Env:   envs/fit.yaml, envs/figures.yaml
"""

PLAYED = "{dataset}/{subject}/{model}/d{dim}/simulation{simulation}"


rule fit_played:
    """Fit every model to choices that a fitted model plays in a subject's place."""
    input:
        trials=trials_to_play,
        folds=lambda w: [
            f"<run>/folds/{w.dataset}/{w.subject}/outer{outer}.parquet"
            for outer in range(CONFIG.folds(w.dataset)["outer"])
        ],
        selected=outer_folds(LAYOUT.selected),
    output:
        f"<run>/played/{PLAYED}.parquet",
    log:
        f"<run>/logs/fit_played/{PLAYED}.log",
    group:
        submission("fit_played", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_played"),
    params:
        code=lambda w: code(
            "tinycog.analyses.model_recovery.played",
            *fit_modules(w.dataset, CONFIG.model_slice(w.model)),
            *(
                module
                for model in OUTPUTS["model_recovery"].fitted(CONFIG, w.dataset)
                for module in fit_modules(w.dataset, CONFIG.model_slice(model))
            ),
        ),
        trials=trials_options,
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        models=lambda w: as_json(OUTPUTS["model_recovery"].fitted(CONFIG, w.dataset)),
        played=lambda w: as_json(OUTPUTS["model_recovery"].played(CONFIG, w.dataset)),
        seed=CONFIG.seed,
    shell:
        "python -m tinycog fit-played {params.trials} {params.folds} {params.selected} --root {params.root} {params.task}"
        " --name {wildcards.model} --checked --model {params.model:q} --dim {wildcards.dim}"
        " --simulation {wildcards.simulation} --models {params.models:q} --played {params.played:q} --seed {params.seed}"
        " --output {output} 2>&1 | tee {log}"


rule gather_played:
    """Join the fits to what fitted models played."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["model_recovery"].parts(CONFIG, GRID, fits()),
    output:
        multiext("<run>/tables/recovery_fits", ".csv", ".parquet"),
    log:
        "<run>/logs/gather_played.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.model_recovery.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json(grid.plain(CONFIG)),
        how_many=lambda w: OUTPUTS["model_recovery"].how_many(CONFIG),
    shell:
        "python -m tinycog gather-played --root {params.root} --grid {params.grid:q} {params.how_many} 2>&1 | tee {log}"


rule recover_models:
    """Compare every model with that of the agents it was fitted to."""
    input:
        [f"<run>/tables/{name}.parquet" for name in OUTPUTS["model_recovery"].sources(CONFIG)],
    output:
        table=report(
            "<run>/tables/recovery.csv",
            caption="../report/model_recovery.rst",
            category="Tables",
            labels={"table": "model recovery"},
        ),
        parquet="<run>/tables/recovery.parquet",
        d_star=report(
            "<run>/tables/recovery_d_star.csv",
            caption="../report/model_recovery.rst",
            category="Tables",
            labels={"table": "recovery of d*"},
        ),
        d_star_parquet="<run>/tables/recovery_d_star.parquet",
        networks=report(
            "<run>/tables/recovery_networks.csv",
            caption="../report/model_recovery.rst",
            category="Tables",
            labels={"table": "how far the best network is behind"},
        ),
        networks_parquet="<run>/tables/recovery_networks.parquet",
    log:
        "<run>/logs/recover_models.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.model_recovery.step"),
        tables=lambda w, input: [f"--{Path(path).stem.replace('_', '-')} {path}" for path in input],
        generators=lambda w: as_json(OUTPUTS["model_recovery"].generators(CONFIG)),
        competing=lambda w: as_json(OUTPUTS["dimensionality"].competing(CONFIG)),
        margin=lambda w: CONFIG.analyses.model_recovery.margin,
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog recover-models {params.tables} --generators {params.generators:q}"
        " --competing {params.competing:q} --margin {params.margin} --output {params.folder} 2>&1 | tee {log}"


rule plot_model_recovery:
    """Plot every model against the agents that it was fitted to."""
    input:
        table="<run>/tables/recovery.parquet",
    output:
        report(
            "<run>/figures/model_recovery.png",
            caption="../report/model_recovery.rst",
            category="Recovery",
            labels={"figure": "model recovery", "data set": "all"},
        ),
        pdf="<run>/figures/model_recovery.pdf",
    log:
        "<run>/logs/plot_model_recovery.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.model_recovery.plot"),
        margin=lambda w: CONFIG.analyses.model_recovery.margin,
        dataset="",
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot model-recovery --table {input.table} {params.dataset} --margin {params.margin}"
        " --output {params.stem} 2>&1 | tee {log}"


use rule plot_model_recovery as plot_recovery_of_kept with:
    """Plot which model wins where fitted models played, of one data set."""
    output:
        report(
            "<run>/figures/model_recovery__{dataset}.png",
            caption="../report/model_recovery.rst",
            category="Recovery",
            labels={"figure": "recovery of fitted models", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/model_recovery__{dataset}.pdf",
    log:
        "<run>/logs/plot_recovery_of_kept/{dataset}.log",
    params:
        code=code("tinycog.analyses.model_recovery.plot"),
        margin=lambda w: CONFIG.analyses.model_recovery.margin,
        dataset="--dataset {dataset}",
        stem=subpath(output.pdf, strip_suffix=".pdf"),
