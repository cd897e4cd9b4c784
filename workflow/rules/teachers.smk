"""Teachers: networks that are fitted to all subjects of a data set, in each outer fold, for students to follow.

Needs: the trial tables and fold files of all subjects of the data set.
Makes: teachers/{dataset}/{teacher}/outer{outer}.json, .parquet and .safetensors, and for each subject how well the selected
       one predicts, outer{outer}_subjects.parquet
Env:   envs/fit.yaml
"""


rule fit_teacher:
    """Fit a teacher to the training trials of all subjects in one outer fold, and select one of its fits."""
    input:
        trials=every_subject,
        folds=folds_of_everybody,
    output:
        selected="<run>/teachers/{dataset}/{teacher}/outer{outer}.json",
        fits=multiext(
            "<run>/teachers/{dataset}/{teacher}/outer{outer}", ".parquet", ".safetensors", "_subjects.parquet"
        ),
    log:
        "<run>/logs/fit_teacher/{dataset}/{teacher}/outer{outer}.log",
    benchmark:
        "<run>/benchmarks/fit_teacher/{dataset}/{teacher}/outer{outer}.tsv"
    conda:
        "../../envs/fit.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=lambda wildcards, attempt: 8000 * attempt,
        runtime=minutes("fit_teacher"),
    params:
        code=lambda w: fitting_code("tinycog.steps.teach", w.dataset, CONFIG.teachers[w.teacher].slice()),
        root=lambda w: RUN,
        grid=lambda w: as_json({**GRID.alone(w.dataset), "models": {}}),  # it depends on no model
        task=lambda w: task_options(w.dataset),
        spec=lambda w: as_json(CONFIG.teachers[w.teacher].slice()),
        units=lambda w: CONFIG.teachers[w.teacher].units,
        training=lambda w: as_json(CONFIG.teacher_training(w.teacher)),
    shell:
        "python -m tinycog teach --root {params.root} --grid {params.grid:q} --outer {wildcards.outer} {params.task}"
        " --name {wildcards.teacher} --checked --model {params.spec:q} --units {params.units}"
        " --training {params.training:q} --threads {threads} --memory-mb {resources.mem_mb} --output {output.selected}"
        " 2>&1 | tee {log}"
