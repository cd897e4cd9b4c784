"""Figures, and what a run makes altogether.

Needs: tables and portraits.
Makes: figures/*.png and .pdf
Env:   envs/figures.yaml
"""


rule plot_description:
    input:
        trials=lambda w: every_subject(w)[0],
        description="<run>/data/{dataset}/description.parquet",
        code=code("tinycog.steps.plot_description"),
    output:
        report(
            "<run>/figures/description__{dataset}.png",
            caption="../report/description.rst",
            category="Data",
            labels={"figure": "example and stay", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/description__{dataset}.pdf",
    log:
        "<run>/logs/plot_description/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot description --trials {input.trials} --description {input.description}"
        " --output {params.stem} 2>&1 | tee {log}"


rule plot_performance:
    input:
        by_subject="<run>/tables/performance.parquet",
        group="<run>/tables/performance_group.parquet",
        code=code("tinycog.steps.plot_performance"),
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


rule plot_recovery:
    input:
        agents="<run>/recovery/{dataset}/{model}.parquet",
        code=code("tinycog.steps.plot_recovery"),
    output:
        report(
            "<run>/figures/recovery__{dataset}__{model}.png",
            caption="../report/parameter_recovery.rst",
            category="Recovery",
            labels={"figure": "parameter recovery", "data set": "{dataset}", "model": "{model}"},
        ),
        pdf="<run>/figures/recovery__{dataset}__{model}.pdf",
    log:
        "<run>/logs/plot_recovery/{dataset}/{model}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot recovery --agents {input.agents} --output {params.stem} 2>&1 | tee {log}"


rule plot_dimensionality:
    input:
        table="<run>/tables/dimensionality.parquet",
        code=code("tinycog.steps.plot_dimensionality"),
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
        code=code("tinycog.steps.plot_portrait"),
    output:
        report(
            "<run>/figures/{kind}__{dataset}__{subject}__{model}.png",
            caption="../report/dynamics.rst",
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
