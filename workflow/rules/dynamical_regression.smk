"""Dynamical regression: what trials change in the logits of every model, as a linear function of these.

Needs: dynamics/{dataset}/{subject}/{model}/d{dim}/dynamical_regression*.parquet, computed by analyses.smk.
Makes: tables dynamical_regression, dynamical_regression_matrices, dynamical_regression_roles,
       figures regression_group__{dataset}__{model}__d{dim}, ... (those of a subject's model: figures.smk)
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule gather_dynamical_regressions:
    """Join the regressions, matrices and role averages of all models in three tables."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["dynamical_regression"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/dynamical_regression.csv",
            caption="../report/dynamical_regression.rst",
            category="Tables",
            labels={"table": "dynamical regression"},
        ),
        report(
            "<run>/tables/dynamical_regression_roles.csv",
            caption="../report/dynamical_regression_roles.rst",
            category="Tables",
            labels={"table": "roles in dynamical regression"},
        ),
        "<run>/tables/dynamical_regression_matrices.csv",
        coefficients="<run>/tables/dynamical_regression.parquet",
        matrices="<run>/tables/dynamical_regression_matrices.parquet",
        roles="<run>/tables/dynamical_regression_roles.parquet",
    log:
        "<run>/logs/gather_dynamical_regressions.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.dynamical_regression.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["dynamical_regression"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-dynamical-regression --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule plot_regression_group:
    """Plot the coefficients of all subjects, trimmed or not, or their mean matrices."""
    input:
        coefficients="<run>/tables/dynamical_regression.parquet",
        matrices="<run>/tables/dynamical_regression_matrices.parquet",
    output:
        report(
            "<run>/figures/regression_group{kind}__{dataset}__{model}__d{dim}.png",
            caption="../report/regression_group.rst",
            category="Dynamics",
            labels={
                "figure": "regression_group{kind}",
                "data set": "{dataset}",
                "subject": "all",
                "model": "{model}",
                "d": "{dim}",
            },
        ),
        pdf="<run>/figures/regression_group{kind}__{dataset}__{model}__d{dim}.pdf",
    log:
        "<run>/logs/plot_regression_group{kind}/{dataset}/{model}/d{dim}.log",
    wildcard_constraints:
        kind="|_trimmed|_matrices",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.dynamical_regression.plot"),
        actions=lambda w: as_json(CONFIG.datasets[w.dataset].action_labels),
        what=lambda w: "regression_group_matrices" if w.kind == "_matrices" else "regression_group",
        trim=lambda w: f"--trim {CONFIG.analyses.dynamical_regression.trim}" if w.kind == "_trimmed" else "",
        folder=subpath(input.coefficients, parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot {params.what} --tables {params.folder} --dataset {wildcards.dataset} --model {wildcards.model}"
        " --dim {wildcards.dim} --actions {params.actions:q} {params.trim} --output {params.stem} 2>&1 | tee {log}"
