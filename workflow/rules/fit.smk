"""Fits: one job for each data set, subject (or chunk of subjects), model, dim and outer fold; inside it inner folds x seeds x L1 weights.

Of a cognitive model with a population prior this is fitted to all subjects first, in a job for each outer fold.

Needs: the trial table of the subject, or of each in the chunk, the fold file, and the teacher that a model follows; for a
       population tables and folds of all subjects.
Makes: fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.parquet and .safetensors;
       populations/{dataset}/{model}/outer{outer}.parquet
Env:   envs/fit.yaml
"""


rule fit_model:
    """Fit a model in one outer fold: all inner folds, seeds and L1 weights in one job."""
    input:
        trials=trials_of,
        fold="<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
        teacher=teacher_of,
        population=population_of,
    output:
        table="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.parquet",
        parameters="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.safetensors",
    log:
        "<run>/logs/fit_model/{dataset}/{subject}/{model}/d{dim}/outer{outer}.log",
    benchmark:
        "<run>/benchmarks/fit_model/{dataset}/{subject}/{model}/d{dim}/outer{outer}.tsv"
    group:
        submission("fit_model")
    conda:
        "../../envs/fit.yaml"
    threads: fit_threads
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_model"),
    params:
        code=fit_code,
        trials=trials_options,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        training=training_option,
        teacher=teacher_options,
        population=lambda w, input: f"--population {input.population}" if input.population else "",
    shell:
        "python -m tinycog fit {params.trials} --fold {input.fold} {params.task} --name {wildcards.model}"
        " --checked --model {params.model:q} --dim {wildcards.dim} --training {params.training:q} --threads {threads}"
        " --memory-mb {resources.mem_mb} {params.population} {params.teacher} --output {output.table} 2>&1 | tee {log}"


rule fit_population:
    """Fit the population of a cognitive model's parameters to the training choices of all subjects in one outer fold."""
    input:
        unpack(of_population),
    output:
        "<run>/populations/{dataset}/{model}/outer{outer}.parquet",
    log:
        "<run>/logs/fit_population/{dataset}/{model}/outer{outer}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_population"),
    params:
        code=model_code("tinycog.steps.population"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**GRID.alone(w.dataset), "models": {}}),
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog fit-population --root {params.root} --grid {params.grid:q} --outer {wildcards.outer}"
        " {params.task} --name {wildcards.model} --checked --model {params.model:q} --output {output} 2>&1 | tee {log}"
