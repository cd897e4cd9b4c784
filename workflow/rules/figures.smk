"""Figures, and what a run makes altogether.

Needs: tables and portraits.
Makes: figures/*.png and .pdf
Env:   envs/figures.yaml
"""


rule plot_performance:
    input:
        by_subject="<run>/tables/performance.parquet",
        group="<run>/tables/performance_group.parquet",
        code=code("tinycog.steps.plot", "tinycog.figures.performance"),
    output:
        report(
            "<run>/figures/performance__{dataset}.png",
            caption="../report/nll.rst",
            category="Prediction",
            labels={"figure": "NLL against d", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/performance__{dataset}.pdf",
    log:
        "<run>/logs/plot_performance/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot performance --by-subject {input.by_subject} --group {input.group}"
        " --dataset {wildcards.dataset} --output {params.stem} 2>&1 | tee {log}"


rule plot_dimensionality:
    input:
        table="<run>/tables/dimensionality.parquet",
        code=code("tinycog.steps.plot", "tinycog.figures.dimensionality"),
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
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot dimensionality --table {input.table} --output {params.stem} 2>&1 | tee {log}"


rule plot_portrait:
    input:
        setpoints=f"{PORTRAIT}/setpoints.parquet",
        fixed_points=f"{PORTRAIT}/fixed_points.parquet",
        maps=f"{PORTRAIT}/maps.parquet",
        visited=f"{PORTRAIT}/visited.parquet",
        code=code("tinycog.steps.plot", "tinycog.figures.portraits"),
    output:
        report(
            "<run>/figures/{kind}__{dataset}__{subject}__{model}.png",
            caption="../report/{kind}.rst",
            category="Dynamics",
            labels={"figure": "{kind}", "data set": "{dataset}", "subject": "{subject}", "model": "{model}"},
        ),
        pdf="<run>/figures/{kind}__{dataset}__{subject}__{model}.pdf",
    log:
        "<run>/logs/plot_{kind}/{dataset}/{subject}/{model}.log",
    wildcard_constraints:
        kind="portrait|setpoints",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        folder=subpath(input.maps, parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot {wildcards.kind} --folder {params.folder} --output {params.stem} 2>&1 | tee {log}"


def all_tables(wildcards):
    names = ["fits", "selected", "performance", "performance_group", "excluded"]
    names += ["dimensionality"] if CONFIG.analyses.dimensionality and competing() else []
    names += ["setpoints", "fixed_points"] if CONFIG.analyses.portraits and portrayed() else []
    return [f"<run>/tables/{name}.{suffix}" for name in names for suffix in ("csv", "parquet")]


def all_figures(wildcards):
    stems = [f"performance__{dataset}" for dataset in CONFIG.datasets]
    stems += ["dimensionality"] if CONFIG.analyses.dimensionality and competing() else []
    if CONFIG.analyses.portraits and portrayed():
        the_grid = checkpointed_grid(portrayed())
        stems += [
            f"{kind}__{dataset}__{subjects.directory(subject)}__{model}"
            for kind in ("portrait", "setpoints")
            for dataset, subject in the_grid.subjects()
            for model, _ in the_grid.models_of(dataset)
        ]
    return [f"<run>/figures/{stem}.{suffix}" for stem in stems for suffix in ("png", "pdf")]


def all_results(wildcards):
    return all_tables(wildcards) + all_figures(wildcards)
