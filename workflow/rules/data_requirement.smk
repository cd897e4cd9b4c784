"""Data requirement: every model fitted again to nested shares of the blocks, the subject's own or simulated ones.

Needs: trial tables, folds, fits and selected fits.
Makes: requirement/{dataset}/{subject}/{model}/d{dim}/outer{outer}/*.parquet, and the same in simulated/, tables
       data_requirement, data_requirement_folds, data_requirement_difference, data_requirement_crossing,
       figures data_requirement__{dataset}__{subject}
Env:   envs/fit.yaml, envs/figures.yaml
"""

SHARES = "{dataset}/{subject}/{model}/d{dim}/outer{outer}"


rule fit_shares:
    """Fit a model to shares of the blocks of an outer fold: all shares in one job."""
    input:
        trials=trials_of,
        fold="<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
        fits=f"<run>/fits/{SHARES}.parquet",
        parameters=f"<run>/fits/{SHARES}.safetensors",
    output:
        folds=f"<run>/requirement/{SHARES}/data_requirement_folds.parquet",
        blocks=f"<run>/requirement/{SHARES}/blocks.parquet",
    log:
        f"<run>/logs/fit_shares/{SHARES}.log",
    group:
        submission("fit_shares")
    conda:
        "../../envs/fit.yaml"
    threads: fit_threads
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_shares"),
    params:
        code=lambda w: fitting_code("tinycog.analyses.data_requirement.step", w.dataset, CONFIG.model_slice(w.model)),
        trials=trials_options,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        training=training_option,
        shares=lambda w: as_json(CONFIG.analyses.data_requirement.shares),
        n_inner=lambda w: CONFIG.folds(w.dataset)["n_inner"],
        inner=lambda w: CONFIG.folds(w.dataset)["inner"],
        seed=CONFIG.seed,
        folder=subpath(output.folds, parent=True),
    shell:
        "python -m tinycog fit-shares {params.trials} --fold {input.fold} --fits {input.fits} {params.task}"
        " --name {wildcards.model} --checked --model {params.model:q} --dim {wildcards.dim}"
        " --training {params.training:q} --threads {threads} --memory-mb {resources.mem_mb} --shares {params.shares:q}"
        " --n-inner {params.n_inner} --inner {params.inner} --seed {params.seed} --output {params.folder} 2>&1 | tee {log}"


rule fit_simulated:
    """Fit a model to numbers of blocks that a subject's best model plays in its place."""
    input:
        trials=trials_of,
        selected=all_models(LAYOUT.selected),
    output:
        folds=f"<run>/simulated/{SHARES}/data_requirement_folds.parquet",
        blocks=f"<run>/simulated/{SHARES}/blocks.parquet",
    log:
        f"<run>/logs/fit_simulated/{SHARES}.log",
    group:
        submission("fit_simulated", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: fit_threads
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_simulated"),
    params:
        code=lambda w: code(
            "tinycog.analyses.data_requirement.simulated",
            *fit_modules(w.dataset, CONFIG.model_slice(w.model)),
            *OUTPUTS["data_requirement"].modules(CONFIG, w.dataset),
        ),
        trials=trials_options,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        root=lambda w: RUN,
        models=lambda w: as_json(OUTPUTS["data_requirement"].players(CONFIG, w.dataset)),
        played=lambda w: as_json(OUTPUTS["data_requirement"].played(CONFIG, w.dataset)),
        task=lambda w: task_options(w.dataset),
        model=model_option,
        training=training_option,
        blocks=lambda w: as_json(CONFIG.analyses.data_requirement.simulate.blocks),
        cv=lambda w: as_json(CONFIG.folds(w.dataset)),
        seed=CONFIG.seed,
        folder=subpath(output.folds, parent=True),
    shell:
        "python -m tinycog fit-simulated {params.trials} {params.selected} --root {params.root} {params.task}"
        " --name {wildcards.model} --checked --model {params.model:q} --dim {wildcards.dim}"
        " --training {params.training:q} --threads {threads} --memory-mb {resources.mem_mb}"
        " --models {params.models:q} --played {params.played:q} --blocks {params.blocks:q} --cv {params.cv:q}"
        " --outer {wildcards.outer} --seed {params.seed} --output {params.folder} 2>&1 | tee {log}"


rule gather_data_requirement:
    """Join the fits to shares of all subjects: loss against number of trials, and where networks overtake."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["data_requirement"].parts(CONFIG, LAYOUT, fits()),
    output:
        multiext("<run>/tables/data_requirement", ".csv", ".parquet", "_folds.csv", "_folds.parquet"),
        multiext("<run>/tables/data_requirement", "_difference.csv", "_difference.parquet"),
        "<run>/tables/data_requirement_crossing.parquet",
        table=report(
            "<run>/tables/data_requirement_crossing.csv",
            caption="../report/data_requirement.rst",
            category="Tables",
            labels={"table": "data requirement"},
        ),
    log:
        "<run>/logs/gather_data_requirement.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("tinycog.analyses.data_requirement.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["data_requirement"].dims(CONFIG)}),
        kinds=lambda w: [f"--kind {kind}" for kind in OUTPUTS["data_requirement"].kinds(CONFIG)],
        resamples=lambda w: CONFIG.analyses.data_requirement.resamples,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog gather-data-requirement --root {params.root} --grid {params.grid:q} {params.kinds}"
        " --resamples {params.resamples} --seed {params.seed} 2>&1 | tee {log}"


rule plot_data_requirement:
    """Plot the loss of each model against the number of trials."""
    input:
        [f"<run>/tables/data_requirement{of}.parquet" for of in ("", "_difference", "_crossing")],
    output:
        report(
            "<run>/figures/data_requirement__{dataset}__{subject}.png",
            caption="../report/data_requirement.rst",
            category="Data requirement",
            labels={"figure": "test NLL by trials", "data set": "{dataset}", "subject": "{subject}"},
        ),
        pdf="<run>/figures/data_requirement__{dataset}__{subject}.pdf",
    log:
        "<run>/logs/plot_data_requirement/{dataset}/{subject}.log",
    group:
        together("figures")
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=code("tinycog.analyses.data_requirement.plot"),
        folder=subpath(input[0], parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot data-requirement --tables {params.folder} --dataset {wildcards.dataset}"
        " --subject {wildcards.subject} --output {params.stem} 2>&1 | tee {log}"
