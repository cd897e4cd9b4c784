"""Covariates: what varies with what is known of the subjects.

Needs: table subjects; tables parameters_summary, dimensionality, setpoints, description, behaviour_history and selected, those
       that the run has.
Makes: tables covariates, covariate_groups, figures covariates__{dataset}
Env:   envs/data.yaml, envs/figures.yaml
"""


rule compare_covariates:
    """Compare parameters, d*, setpoints, behaviour and losses with covariates of the subjects."""
    input:
        tables=[f"<run>/tables/{name}.parquet" for name in OUTPUTS["covariates"].sources(CONFIG)],
        subjects="<run>/tables/subjects.parquet",
    output:
        table=report(
            "<run>/tables/covariates.csv",
            caption="../report/covariates.rst",
            category="Tables",
            labels={"table": "covariates"},
        ),
        groups="<run>/tables/covariate_groups.csv",
        parquet=multiext("<run>/tables/", "covariates.parquet", "covariate_groups.parquet"),
    log:
        "<run>/logs/compare_covariates.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.covariates.step"),
        tables=lambda w, input: [f"--table {path}" for path in input.tables],
        conditions=lambda w: as_json(OUTPUTS["covariates"].conditions(CONFIG)),
        decimals=lambda w: as_json(OUTPUTS["covariates"].decimals(CONFIG)),
        groups=lambda w: as_json(OUTPUTS["covariates"].groups(CONFIG)),
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog compare-covariates {params.tables} --subjects {input.subjects}"
        " --conditions {params.conditions:q} --decimals {params.decimals:q} --groups {params.groups:q}"
        " --output {params.folder} 2>&1 | tee {log}"


rule plot_covariates:
    """Plot what varies most with each covariate of a data set."""
    input:
        "<run>/tables/covariates.parquet",
    output:
        report(
            "<run>/figures/covariates__{dataset}.png",
            caption="../report/covariates.rst",
            category="Subjects",
            labels={"figure": "covariates", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/covariates__{dataset}.pdf",
    log:
        "<run>/logs/plot_covariates/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.covariates.plot"),
        actions=lambda w: as_json(CONFIG.datasets[w.dataset].action_labels),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot covariates --covariates {input} --dataset {wildcards.dataset}"
        " --actions {params.actions:q} --output {params.stem} 2>&1 | tee {log}"
