"""Model recovery: every model fitted to simulated agents, against the agents' own model.

Needs: tables selected and, where the run has it, dimensionality.
Makes: tables recovery and recovery_d_star, figure model_recovery
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule recover_models:
    """Compare every model with that of the simulated agents it was fitted to."""
    input:
        [f"<run>/tables/{name}.parquet" for name in OUTPUTS["model_recovery"].sources(CONFIG)],
    output:
        table=report(
            "<run>/tables/recovery.csv",
            caption="../report/model_recovery.rst",
            category="Tables",
            labels={"table": "model recovery"},
        ),
        parquet="<run>/tables/recovery.parquet",
        d_star=report(
            "<run>/tables/recovery_d_star.csv",
            caption="../report/model_recovery.rst",
            category="Tables",
            labels={"table": "recovery of d*"},
        ),
        d_star_parquet="<run>/tables/recovery_d_star.parquet",
    log:
        "<run>/logs/recover_models.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.model_recovery.step"),
        tables=lambda w, input: [f"--{Path(path).stem} {path}" for path in input],
        generators=lambda w: as_json(OUTPUTS["model_recovery"].generators(CONFIG)),
        margin=lambda w: CONFIG.analyses.model_recovery.margin,
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog recover-models {params.tables} --generators {params.generators:q} --margin {params.margin}"
        " --output {params.folder} 2>&1 | tee {log}"


rule plot_model_recovery:
    """Plot every model against the agents that it was fitted to."""
    input:
        table="<run>/tables/recovery.parquet",
    output:
        report(
            "<run>/figures/model_recovery.png",
            caption="../report/model_recovery.rst",
            category="Recovery",
            labels={"figure": "model recovery", "data set": "all"},
        ),
        pdf="<run>/figures/model_recovery.pdf",
    log:
        "<run>/logs/plot_model_recovery.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.model_recovery.plot"),
        margin=lambda w: CONFIG.analyses.model_recovery.margin,
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot model-recovery --table {input.table} --margin {params.margin} --output {params.stem}"
        " 2>&1 | tee {log}"
