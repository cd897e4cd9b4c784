"""Portraits: setpoints of models with d = 1; analyses.smk computes their maps, figures.smk draws them.

Needs: dynamics/{dataset}/{subject}/{model}/d1/setpoints.parquet.
Makes: table setpoints
Env:   envs/fit.yaml
"""


rule gather_portraits:
    """Join the setpoints of all portraits in one table."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["portraits"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/setpoints.csv",
            caption="../report/setpoints_table.rst",
            category="Tables",
            labels={"table": "setpoints"},
        ),
        "<run>/tables/setpoints.parquet",
    log:
        "<run>/logs/gather_portraits.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.portraits.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["portraits"].dims(CONFIG)}),
        actions=lambda w: as_json(action_labels()),
    shell:
        "python -m tinycog gather-portraits --root {params.root} --grid {params.grid:q} --actions {params.actions:q}"
        " 2>&1 | tee {log}"
