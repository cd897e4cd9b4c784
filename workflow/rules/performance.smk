"""Performance: test NLL of every model.

Needs: tables fits, selected, and fits that other analyses make.
Makes: tables performance, performance_group, figures performance__{dataset}
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule summarise_performance:
    """Compare the test NLL of all models, by subject and by group."""
    input:
        fits="<run>/tables/fits.parquet",
        selected="<run>/tables/selected.parquet",
        further=further_fits,
    output:
        multiext("<run>/tables/performance_group", ".csv", ".parquet"),
        "<run>/tables/performance.parquet",
        table=report(
            "<run>/tables/performance.csv",
            caption="../report/performance.rst",
            category="Tables",
            labels={"table": "performance"},
        ),
    log:
        "<run>/logs/summarise_performance.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        code=code("tinycog.analyses.performance.step"),
        further=lambda w, input: [f"--further {path}" for path in input.further],
        n_outer=as_json({name: CONFIG.folds(name)["outer"] for name in CONFIG.datasets}),
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog performance --fits {input.fits} --selected {input.selected} --n-outer {params.n_outer:q}"
        " {params.further} --output {params.folder} 2>&1 | tee {log}"


rule plot_performance:
    """Plot the test NLL of all models against the number of dynamical variables."""
    input:
        by_subject="<run>/tables/performance.parquet",
        group="<run>/tables/performance_group.parquet",
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
        code=code("tinycog.analyses.performance.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot performance --by-subject {input.by_subject} --group {input.group}"
        " --dataset {wildcards.dataset} --output {params.stem} 2>&1 | tee {log}"
