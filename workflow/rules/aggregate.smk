"""Tables of all fits, of those that are selected, and of what is missing.

Needs: fits and selected fits.
Makes: tables fits, selected, excluded
Env:   envs/fit.yaml
"""


rule aggregate_fits:
    """Join all fits in one table and the selected ones in another, and list what is excluded from comparisons."""
    input:
        metas=metas(),
        fits=lambda w: every(LAYOUT.fit),
        selected=lambda w: every(LAYOUT.selected),
    output:
        multiext("<run>/tables/fits", ".csv", ".parquet"),
        multiext("<run>/tables/selected", ".csv", ".parquet"),
        "<run>/tables/excluded.parquet",
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
        code=code("tinycog.steps.aggregate"),
        root=lambda w: RUN,
        grid=as_json(grid.plain(CONFIG)),
    shell:
        "python -m tinycog aggregate --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"
