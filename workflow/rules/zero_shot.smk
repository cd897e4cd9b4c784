"""Zero-shot students: of subjects whom their teacher has never seen, in data sets whose folds hold subjects out.

Needs: the pooled trial table, trial tables of subjects, fold files, selected fits.
Makes: zero_shot/{dataset}/outer{outer}.parquet, zero_shot/{dataset}/{model}/d{dim}/outer{outer}.parquet and .safetensors,
       tables zero_shot, zero_shot_group, zero_shot_advantage, figures zero_shot__{dataset}, zero_shot_advantage__{dataset}
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule fit_held_out_students:
    """Fit a student of each held-out subject of an outer fold to the teacher's probabilities along the subject's trials."""
    input:
        pooled="<run>/data/{dataset}/subjects/pooled.parquet",
        subjects=every_subject,
        fold="<run>/folds/{dataset}/pooled/outer{outer}.parquet",
        teacher=lambda w: OUTPUTS["zero_shot"].teacher(CONFIG, LAYOUT, w.dataset, int(w.outer)),
    output:
        table="<run>/zero_shot/{dataset}/{model}/d{dim}/outer{outer}.parquet",
        parameters="<run>/zero_shot/{dataset}/{model}/d{dim}/outer{outer}.safetensors",
    log:
        "<run>/logs/fit_held_out_students/{dataset}/{model}/d{dim}/outer{outer}.log",
    benchmark:
        "<run>/benchmarks/fit_held_out_students/{dataset}/{model}/d{dim}/outer{outer}.tsv"
    group:
        submission("fit_held_out_students", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=minutes("fit_held_out_students"),
    params:
        code=lambda w: fitting_code("tinycog.analyses.zero_shot.students", w.dataset, CONFIG.model_slice(w.model)),
        root=lambda w: RUN,
        subjects=subpath(input.pooled, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
        teacher=lambda w: as_json(CONFIG.model_slice(CONFIG.analyses.zero_shot.teacher)),
        relabel=lambda w: CONFIG.analyses.zero_shot.relabel,
        training=lambda w: as_json(OUTPUTS["zero_shot"].student_training(CONFIG, w.model)),
    shell:
        "python -m tinycog teach-held-out --pooled {input.pooled} --fold {input.fold} --teacher {input.teacher[0]}"
        " --subjects {params.subjects} --root {params.root} {params.task} --checked --model {params.model:q}"
        " --teacher-model {params.teacher:q} --relabel {params.relabel} --name {wildcards.model} --dim {wildcards.dim}"
        " --training {params.training:q} --output {output.table} 2>&1 | tee {log}"


rule score_held_out:
    """Measure the run's models, which were fitted to other subjects, on each subject who is held out in an outer fold."""
    input:
        pooled="<run>/data/{dataset}/subjects/pooled.parquet",
        fold="<run>/folds/{dataset}/pooled/outer{outer}.parquet",
        selected=lambda w: OUTPUTS["zero_shot"].selected(CONFIG, LAYOUT, w.dataset, int(w.outer)),
    output:
        "<run>/zero_shot/{dataset}/outer{outer}.parquet",
    log:
        "<run>/logs/score_held_out/{dataset}/outer{outer}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("tinycog.analyses.zero_shot.held_out"),
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        specs=lambda w: as_json({name: CONFIG.model_slice(name) for name, _ in GRID.models_of(w.dataset)}),
    shell:
        "python -m tinycog score-held-out --pooled {input.pooled} --fold {input.fold} {params.selected}"
        " --specs {params.specs:q} --root {params.root} {params.task} --output {output} 2>&1 | tee {log}"


rule gather_zero_shot:
    """Compare students of held-out subjects with models that were fitted to others."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["zero_shot"].parts(CONFIG, LAYOUT),
    output:
        report(
            "<run>/tables/zero_shot_group.csv",
            caption="../report/zero_shot.rst",
            category="Tables",
            labels={"table": "zero-shot students"},
        ),
        report(
            "<run>/tables/zero_shot_advantage.csv",
            caption="../report/zero_shot.rst",
            category="Tables",
            labels={"table": "zero-shot students, ahead of cognitive models"},
        ),
        multiext("<run>/tables/zero_shot", ".csv", "_group.parquet", "_advantage.parquet"),
        table="<run>/tables/zero_shot.parquet",
    log:
        "<run>/logs/gather_zero_shot.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        code=code("tinycog.analyses.zero_shot.gather"),
        folder=subpath(output.table, parent=True),
        students=lambda w: as_json(CONFIG.analyses.zero_shot.students),
        rivals=lambda w: as_json(OUTPUTS["zero_shot"].rivals(CONFIG)),
        seed=CONFIG.seed,
    shell:
        "python -m tinycog gather-zero-shot {input.parts} --students {params.students:q} --rivals {params.rivals:q}"
        " --seed {params.seed} --output {params.folder} 2>&1 | tee {log}"


use rule plot_performance as plot_zero_shot with:
    """Plot the test NLL of students and of other models against the number of dynamical variables."""
    input:
        by_subject="<run>/tables/zero_shot.parquet",
        group="<run>/tables/zero_shot_group.parquet",
    output:
        report(
            "<run>/figures/zero_shot__{dataset}.png",
            caption="../report/zero_shot.rst",
            category="Prediction",
            labels={"figure": "zero-shot students", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/zero_shot__{dataset}.pdf",
    log:
        "<run>/logs/plot_zero_shot/{dataset}.log",


use rule plot_advantage as plot_zero_shot_advantage with:
    """Plot the difference of students from the best cognitive models."""
    input:
        "<run>/tables/zero_shot_advantage.parquet",
    output:
        report(
            "<run>/figures/zero_shot_advantage__{dataset}.png",
            caption="../report/zero_shot.rst",
            category="Prediction",
            labels={"figure": "zero-shot students, ahead of cognitive models", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/zero_shot_advantage__{dataset}.pdf",
    log:
        "<run>/logs/plot_zero_shot_advantage/{dataset}.log",
