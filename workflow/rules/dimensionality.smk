"""Dimensionality: d*, the number of dynamical variables beyond which nothing is gained.

Needs: table selected; for how often d* would be found, trial tables, folds and selected fits.
Makes: table dimensionality, figure dimensionality, power/{dataset}/{subject}/simulation{simulation}.parquet,
       table and figure dimensionality_power
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule estimate_dimensionality:
    """Estimate d*, the number of dynamical variables beyond which prediction no longer improves."""
    input:
        selected="<run>/tables/selected.parquet",
    output:
        table=report(
            "<run>/tables/dimensionality.csv",
            caption="../report/dimensionality.rst",
            category="Tables",
            labels={"table": "dimensionality"},
        ),
        parquet="<run>/tables/dimensionality.parquet",
    log:
        "<run>/logs/estimate_dimensionality.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("tinycog.analyses.dimensionality.step"),
        folder=subpath(output.table, parent=True),
        competing=lambda w: as_json(OUTPUTS["dimensionality"].competing(CONFIG)),
        bootstrap=lambda w: CONFIG.analyses.dimensionality.bootstrap,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog dimensionality --selected {input.selected} --competing {params.competing:q}"
        " --bootstrap {params.bootstrap} --seed {params.seed} --output {params.folder} 2>&1 | tee {log}"


rule plot_dimensionality:
    """Plot the distribution of d* over subjects."""
    input:
        table="<run>/tables/dimensionality.parquet",
    output:
        report(
            "<run>/figures/dimensionality.png",
            caption="../report/d_star.rst",
            category="Dimensionality",
            labels={"figure": "d* histogram", "data set": "all"},
        ),
        pdf="<run>/figures/dimensionality.pdf",
    log:
        "<run>/logs/plot_dimensionality.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.dimensionality.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot dimensionality --table {input.table} --output {params.stem} 2>&1 | tee {log}"


rule simulate_networks:
    """Fit every competing network to choices that the network with d* units plays in a subject's place."""
    input:
        trials=trials_of,
        folds=lambda w: [
            f"<run>/folds/{w.dataset}/{w.subject}/outer{outer}.parquet"
            for outer in range(CONFIG.folds(w.dataset)["outer"])
        ],
        selected=all_models(LAYOUT.selected),
    output:
        "<run>/power/{dataset}/{subject}/simulation{simulation}.parquet",
    log:
        "<run>/logs/simulate_networks/{dataset}/{subject}/simulation{simulation}.log",
    wildcard_constraints:
        simulation=r"\d+",
    group:
        submission("simulate_networks", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("simulate_networks"),
    params:
        code=lambda w: code(
            "tinycog.analyses.dimensionality.simulate",
            *(
                module
                for model in OUTPUTS["dimensionality"].networks(CONFIG, w.dataset)
                for module in fit_modules(w.dataset, CONFIG.model_slice(model))
            ),
        ),
        trials=trials_options,
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        root=lambda w: RUN,
        models=lambda w: as_json(OUTPUTS["dimensionality"].networks(CONFIG, w.dataset)),
        played=lambda w: as_json(OUTPUTS["dimensionality"].played(CONFIG, w.dataset)),
        task=lambda w: task_options(w.dataset),
        seed=CONFIG.seed,
    shell:
        "python -m tinycog simulate-networks {params.trials} {params.folds} {params.selected} --root {params.root}"
        " --simulation {wildcards.simulation} --models {params.models:q} --played {params.played:q} {params.task}"
        " --seed {params.seed} --output {output} 2>&1 | tee {log}"


rule estimate_power:
    """Estimate how often each rule would find the d of a network like the subject's."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["dimensionality"].simulations(CONFIG, LAYOUT, fits()),
    output:
        table=report(
            "<run>/tables/dimensionality_power.csv",
            caption="../report/power.rst",
            category="Tables",
            labels={"table": "power of d*"},
        ),
        parquet="<run>/tables/dimensionality_power.parquet",
    log:
        "<run>/logs/estimate_power.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.dimensionality.gather_power"),
        root=lambda w: RUN,
        grid=lambda w: as_json(grid.plain(CONFIG)),
        competing=lambda w: as_json(OUTPUTS["dimensionality"].competing(CONFIG)),
        n=lambda w: OUTPUTS["dimensionality"].n_simulations(CONFIG),
    shell:
        "python -m tinycog dimensionality-power --root {params.root} --grid {params.grid:q}"
        " --competing {params.competing:q} -n {params.n} 2>&1 | tee {log}"


rule plot_power:
    """Plot how often each rule would find d*."""
    input:
        table="<run>/tables/dimensionality_power.parquet",
    output:
        report(
            "<run>/figures/dimensionality_power.png",
            caption="../report/power.rst",
            category="Dimensionality",
            labels={"figure": "power of d*", "data set": "all"},
        ),
        pdf="<run>/figures/dimensionality_power.pdf",
    log:
        "<run>/logs/plot_power.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.dimensionality.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot dimensionality-power --table {input.table} --output {params.stem} 2>&1 | tee {log}"
