"""Dimensionality: d*, the number of dynamical variables beyond which nothing is gained.

Needs: table selected.
Makes: table dimensionality, figure dimensionality
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
