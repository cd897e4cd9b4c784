"""Drift: whether values drift to each other or decay in trials without a reward, tested by analyses.smk.

Needs: dynamics/{dataset}/{subject}/{model}/d{dim}/drift*.parquet.
Makes: tables drift and drift_sign
Env:   envs/fit.yaml
"""


rule gather_drift:
    """Join the tests of drift and decay of all models in two tables."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["drift"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/drift.csv",
            caption="../report/drift.rst",
            category="Tables",
            labels={"table": "drift"},
        ),
        multiext("<run>/tables/", "drift.parquet", "drift_sign.csv", "drift_sign.parquet"),
    log:
        "<run>/logs/gather_drift.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.drift.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["drift"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-drift --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"
