"""Selection and tables: the fit that is kept in each outer fold, tables of all fits, and d*.

Needs: fits.
Makes: selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json,
       tables fits, selected, performance, performance_group, excluded, dimensionality
Env:   envs/fit.yaml
"""


rule select_fit:
    input:
        fits="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.parquet",
        code=code("tinycog.steps.select"),
    output:
        "<run>/selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json",
    log:
        "<run>/logs/select_fit/{dataset}/{subject}/{model}/d{dim}/outer{outer}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        root=lambda w: RUN,
    shell:
        "python -m tinycog select --fits {input.fits} --root {params.root} --output {output} 2>&1 | tee {log}"


rule aggregate_fits:
    input:
        metas=metas(),
        fits=lambda w: every(LAYOUT.fit),
        selected=lambda w: every(LAYOUT.selected),
        code=code("tinycog.steps.aggregate"),
    output:
        multiext("<run>/tables/fits", ".csv", ".parquet"),
        multiext("<run>/tables/selected", ".csv", ".parquet"),
        multiext("<run>/tables/performance_group", ".csv", ".parquet"),
        multiext("<run>/tables/excluded", ".parquet"),
        performance=report(
            "<run>/tables/performance.csv",
            caption="../report/performance.rst",
            category="Tables",
            labels={"table": "performance"},
        ),
        performance_parquet="<run>/tables/performance.parquet",
        excluded=report(
            "<run>/tables/excluded.csv",
            caption="../report/excluded.rst",
            category="Tables",
            labels={"table": "excluded"},
        ),
    log:
        "<run>/logs/aggregate_fits.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        root=lambda w: RUN,
        grid=as_json(grid()),
    shell:
        "python -m tinycog aggregate --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule estimate_dimensionality:
    input:
        selected="<run>/tables/selected.parquet",
        code=code("tinycog.steps.dimensionality"),
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
        stem=subpath(output.table, strip_suffix=".csv"),
        competing=lambda w: as_json(competing()),
        bootstrap=lambda w: CONFIG.analyses.dimensionality.bootstrap,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog dimensionality --selected {input.selected} --competing {params.competing:q}"
        " --bootstrap {params.bootstrap} --seed {params.seed} --output {params.stem} 2>&1 | tee {log}"
