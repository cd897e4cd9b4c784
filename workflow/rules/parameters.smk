"""Parameters: the values that the selected fits of cognitive models have, and fits to all choices with intervals.

Needs: table selected; the selected fits and their parameters, which it is made of; trial tables; populations.
Makes: refits/{dataset}/{subject}/{model}.parquet, tables parameters, parameters_summary, populations
Env:   envs/fit.yaml
"""


rule gather_parameters:
    """List the fitted parameters of the cognitive models in natural units."""
    input:
        selected="<run>/tables/selected.parquet",
    output:
        multiext("<run>/tables/parameters", ".csv", ".parquet"),
    log:
        "<run>/logs/gather_parameters.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("tinycog.analyses.parameters.step", *OUTPUTS["parameters"].modules(CONFIG)),
        root=lambda w: RUN,
        models=as_json(OUTPUTS["parameters"].declared(CONFIG)),
    shell:
        "python -m tinycog gather-parameters --selected {input.selected} --root {params.root} --models {params.models:q}"
        " 2>&1 | tee {log}"


rule gather_populations:
    """Put the populations of all models with a population prior into one table."""
    input:
        metas=metas(),
        populations=all_populations,
    output:
        table="<run>/tables/populations.csv",
        parquet="<run>/tables/populations.parquet",
    log:
        "<run>/logs/gather_populations.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.parameters.populations", *OUTPUTS["parameters"].modules(CONFIG)),
        populations=lambda w, input: [f"--population {path}" for path in input.populations],
        models=as_json(OUTPUTS["parameters"].declared(CONFIG)),
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog gather-populations {params.populations} --models {params.models:q} --folder {params.folder}"
        " 2>&1 | tee {log}"


rule refit_parameters:
    """Fit a cognitive model to all choices of a subject, with an interval of each parameter."""
    input:
        trials=trials_of,
    output:
        "<run>/refits/{dataset}/{subject}/{model}.parquet",
    log:
        "<run>/logs/refit_parameters/{dataset}/{subject}/{model}.log",
    group:
        submission("refit_parameters", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=minutes("refit_parameters"),
    params:
        code=model_code("tinycog.analyses.parameters.refit"),
        trials=trials_options,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        interval=lambda w: CONFIG.analyses.parameters.interval,
        draws=lambda w: CONFIG.analyses.parameters.bootstrap,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog refit-parameters {params.trials} {params.task} --name {wildcards.model} --checked"
        " --model {params.model:q} --interval {params.interval} --draws {params.draws} --seed {params.seed}"
        " --output {output} 2>&1 | tee {log}"


rule summarise_parameters:
    """Summarise parameters over outer folds, beside those of fits to all choices."""
    input:
        metas=metas(),
        parameters="<run>/tables/parameters.parquet",
        refits=lambda w: OUTPUTS["parameters"].refits(CONFIG, LAYOUT, fits()),
    output:
        table=report(
            "<run>/tables/parameters_summary.csv",
            caption="../report/parameters_summary.rst",
            category="Tables",
            labels={"table": "parameters"},
        ),
        parquet="<run>/tables/parameters_summary.parquet",
    log:
        "<run>/logs/summarise_parameters.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.parameters.summarise", *OUTPUTS["parameters"].modules(CONFIG)),
        refits=lambda w, input: [f"--refit {path}" for path in input.refits],
        models=as_json(OUTPUTS["parameters"].declared(CONFIG)),
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog summarise-parameters {params.refits} --models {params.models:q} --folder {params.folder}"
        " 2>&1 | tee {log}"
