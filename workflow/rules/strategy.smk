"""Verdicts: what a subject's choices say about its strategy, with the evidence.

Needs: fits, selected fits and scores of every model; tables dimensionality, signatures, stability and
       behaviour_discrepancy, where the run makes them.
Makes: strategy/{dataset}/{subject}/*.parquet, tables strategy, strategy_evidence and model_comparison,
       figures strategy__{dataset}__{subject} and strategies__{dataset}
Env:   envs/fit.yaml, envs/data.yaml, envs/figures.yaml
"""


rule compare_models:
    """Compare a subject's models on test choices, and what they answer about it."""
    input:
        all_models(LAYOUT.fit, LAYOUT.selected, LAYOUT.scores),
    output:
        evidence="<run>/strategy/{dataset}/{subject}/strategy_evidence.parquet",
        comparison="<run>/strategy/{dataset}/{subject}/model_comparison.parquet",
    log:
        "<run>/logs/compare_models/{dataset}/{subject}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("tinycog.analyses.strategy.step"),
        root=lambda w: RUN,
        grid=lambda w: as_json(GRID.alone(w.dataset)),
        names=lambda w: as_json(OUTPUTS["strategy"].names(CONFIG, w.dataset)),
        task=lambda w: task_options(w.dataset),
        options=lambda w: f"--tolerance {CONFIG.analyses.strategy.tolerance} --bootstrap {CONFIG.analyses.strategy.bootstrap}",
        seed=lambda w: CONFIG.seed,
        folder=subpath(output.evidence, parent=True),
    shell:
        "python -m tinycog compare-models --root {params.root} --grid {params.grid:q} --subject {wildcards.subject}"
        " {params.task} --names {params.names:q} {params.options} --seed {params.seed} --output {params.folder} 2>&1 | tee {log}"


rule gather_strategy:
    """Give a verdict on each subject, and join the evidence of all."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["strategy"].parts(CONFIG, LAYOUT, fits()),
        read=lambda w: [
            f"<run>/tables/{name}.parquet" for name in OUTPUTS["strategy"].read(CONFIG, codebook.names(CONFIG))
        ],
    output:
        report(
            "<run>/tables/strategy.csv",
            caption="../report/strategy.rst",
            category="Tables",
            labels={"table": "strategy"},
        ),
        report(
            "<run>/tables/strategy_evidence.csv",
            caption="../report/strategy_evidence.rst",
            category="Tables",
            labels={"table": "strategy evidence"},
        ),
        report(
            "<run>/tables/model_comparison.csv",
            caption="../report/model_comparison.rst",
            category="Tables",
            labels={"table": "model comparison"},
        ),
        multiext("<run>/tables/", "strategy.parquet", "strategy_evidence.parquet", "model_comparison.parquet"),
    log:
        "<run>/logs/gather_strategy.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.strategy.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json(grid.plain(CONFIG)),
        tolerance=lambda w: CONFIG.analyses.strategy.tolerance,
    shell:
        "python -m tinycog gather-strategy --root {params.root} --grid {params.grid:q}"
        " --tolerance {params.tolerance} {input.read} 2>&1 | tee {log}"


rule plot_strategy:
    """Plot the evidence for each answer about one subject."""
    input:
        lambda w: str(LAYOUT.strategy(w.dataset, w.subject, "strategy_evidence")),
    output:
        report(
            "<run>/figures/strategy__{dataset}__{subject}.png",
            caption="../report/strategy.rst",
            category="Strategy",
            labels={"figure": "strategy", "data set": "{dataset}", "subject": "{subject}"},
        ),
        pdf="<run>/figures/strategy__{dataset}__{subject}.pdf",
    log:
        "<run>/logs/plot_strategy/{dataset}/{subject}.log",
    group:
        together("figures")
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=code("tinycog.analyses.strategy.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot strategy --evidence {input} --subject {wildcards.subject}"
        " --output {params.stem} 2>&1 | tee {log}"


rule plot_strategies:
    """Plot how many subjects have which answer."""
    input:
        "<run>/tables/strategy.parquet",
    output:
        report(
            "<run>/figures/strategies__{dataset}.png",
            caption="../report/strategy.rst",
            category="Strategy",
            labels={"figure": "strategies", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/strategies__{dataset}.pdf",
    log:
        "<run>/logs/plot_strategies/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.strategy.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot strategies --strategy {input} --dataset {wildcards.dataset}"
        " --output {params.stem} 2>&1 | tee {log}"
