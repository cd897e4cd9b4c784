"""Stability: fixed points, attractors, time constants and Lyapunov exponents of every model, found by analyses.smk.

Needs: dynamics/{dataset}/{subject}/{model}/d{dim}/*.parquet.
Makes: tables fixed_points, attractors, stability
Env:   envs/fit.yaml
"""


rule gather_stability:
    """Join the fixed points, attractors and exponents of all models in three tables."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["stability"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/fixed_points.csv",
            caption="../report/fixed_points.rst",
            category="Tables",
            labels={"table": "fixed points"},
        ),
        report(
            "<run>/tables/attractors.csv",
            caption="../report/attractors.rst",
            category="Tables",
            labels={"table": "attractors"},
        ),
        report(
            "<run>/tables/stability.csv",
            caption="../report/stability.rst",
            category="Tables",
            labels={"table": "stability"},
        ),
        multiext("<run>/tables/", "fixed_points.parquet", "attractors.parquet", "stability.parquet"),
    log:
        "<run>/logs/gather_stability.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.stability.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["stability"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-stability --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"
