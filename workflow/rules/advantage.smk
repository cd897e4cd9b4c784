"""Advantage: how far networks and students are ahead of the best cognitive model, over subjects.

Needs: table performance.
Makes: table advantage, figures advantage__{dataset}
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule compare_with_rivals:
    """Hold every model against the best cognitive models, subject by subject."""
    input:
        "<run>/tables/performance.parquet",
    output:
        table=report(
            "<run>/tables/advantage.csv",
            caption="../report/advantage.rst",
            category="Tables",
            labels={"table": "advantage"},
        ),
        parquet="<run>/tables/advantage.parquet",
    log:
        "<run>/logs/compare_with_rivals.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.advantage.step"),
        folder=subpath(output.table, parent=True),
        models=as_json([*CONFIG.models, *CONFIG.teachers]),
        rivals=lambda w: as_json(OUTPUTS["advantage"].rivals(CONFIG)),
        seed=CONFIG.seed,
    shell:
        "python -m tinycog advantage --performance {input} --models {params.models:q} --rivals {params.rivals:q}"
        " --seed {params.seed} --output {params.folder} 2>&1 | tee {log}"


rule plot_advantage:
    """Plot the difference of every model from the best cognitive models."""
    input:
        "<run>/tables/advantage.parquet",
    output:
        report(
            "<run>/figures/advantage__{dataset}.png",
            caption="../report/advantage.rst",
            category="Prediction",
            labels={"figure": "ahead of cognitive models", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/advantage__{dataset}.pdf",
    log:
        "<run>/logs/plot_advantage/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.advantage.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot advantage --table {input} --dataset {wildcards.dataset} --output {params.stem} 2>&1 | tee {log}"
