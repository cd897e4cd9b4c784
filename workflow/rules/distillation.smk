"""Distillation: for each target and subset of its blocks a teacher of all subjects, its students, and baselines.

Needs: trial tables.
Makes: distillation/{dataset}/{target}/..., of a chunk of targets where the data set has any, but for splits and trials;
       tables distillation, distillation_summary, distillation_crossings, figures distillation__{dataset}
Env:   envs/fit.yaml, envs/figures.yaml
"""

TARGET = "<run>/distillation/{dataset}/{target}"


rule split_target:
    """Divide a target's blocks into test and an order of subsets, the others' into training and validation; relabel the target's."""
    input:
        "<run>/data/{dataset}/subjects/pooled.parquet",
    output:
        split=f"{TARGET}/split.parquet",
        trials=f"{TARGET}/trials.parquet",
    log:
        "<run>/logs/split_target/{dataset}/{target}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        code=code("tinycog.analyses.distillation.splits"),
        task=lambda w: task_options(w.dataset),
        test=lambda w: CONFIG.analyses.distillation.test,
        relabel=lambda w: CONFIG.analyses.distillation.relabel,
    shell:
        "python -m tinycog split-target --pooled {input} --target {wildcards.target} {params.task} --test {params.test}"
        " --relabel {params.relabel} --output {output.split} --trials {output.trials} 2>&1 | tee {log}"


rule fit_target_teacher:
    """Train a teacher on all subjects and a subset of a target's blocks: all seeds of one width of the subjects' vectors."""
    input:
        pooled="<run>/data/{dataset}/subjects/pooled.parquet",
        split=splits_of_targets,
    output:
        table=f"{TARGET}/n{{n}}/teacher/w{{width}}.parquet",
        parameters=f"{TARGET}/n{{n}}/teacher/w{{width}}.safetensors",
    log:
        "<run>/logs/fit_target_teacher/{dataset}/{target}/n{n}/teacher/w{width}.log",
    benchmark:
        "<run>/benchmarks/fit_target_teacher/{dataset}/{target}/n{n}/w{width}.tsv"
    conda:
        "../../envs/fit.yaml"
    threads: CONFIG.threads
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_target_teacher"),
    params:
        code=lambda w: fitting_code("tinycog.analyses.distillation.teacher", w.dataset, teacher_slice(w.width)),
        targets=target_options,
        task=lambda w: task_options(w.dataset),
        model=lambda w: as_json(teacher_slice(w.width)),
        units=lambda w: CONFIG.analyses.distillation.teacher.units,
        training=lambda w: as_json(OUTPUTS["distillation"].training(CONFIG, of_teacher=True)),
    shell:
        "python -m tinycog fit-target-teacher --pooled {input.pooled} {params.targets} --blocks {wildcards.n}"
        " {params.task} --checked --model {params.model:q} --dim {params.units}"
        " --training {params.training:q} --threads {threads} --output {output.table} 2>&1 | tee {log}"


rule select_teacher:
    """Select a teacher by the target's own validation blocks, and run it on the target's trials and their copies."""
    input:
        fits=teachers,
        split=splits_of_targets,
        trials=trials_of_targets,
    output:
        selected=f"{TARGET}/n{{n}}/teacher.json",
        scores=f"{TARGET}/n{{n}}/teacher_scores.npz",
    log:
        "<run>/logs/select_teacher/{dataset}/{target}/n{n}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=lambda w: fitting_code("tinycog.analyses.distillation.teacher", w.dataset, teacher_slice(0)),
        fits=lambda w, input: [f"--fits {path}" for path in input.fits],
        targets=target_options,
        task=lambda w: task_options(w.dataset),
        model=lambda w: as_json(teacher_slice(0)),
        units=lambda w: CONFIG.analyses.distillation.teacher.units,
        root=lambda w: RUN,
    shell:
        "python -m tinycog select-teacher {params.fits} {params.targets} --blocks {wildcards.n}"
        " {params.task} --checked --model {params.model:q} --dim {params.units}"
        " --root {params.root} --output {output.selected} --scores {output.scores} 2>&1 | tee {log}"


rule fit_student:
    """Train a network, or fit a cognitive model, on the teacher's probabilities for a subset of the target's blocks."""
    input:
        split=splits_of_targets,
        trials=trials_of_targets,
        teacher=f"{TARGET}/n{{n}}/teacher.json",
        scores=f"{TARGET}/n{{n}}/teacher_scores.npz",
    output:
        selected=f"{TARGET}/n{{n}}/{{method}}/{{model}}/d{{dim}}/{{mode}}.json",
        fits=multiext(f"{TARGET}/n{{n}}/{{method}}/{{model}}/d{{dim}}/{{mode}}", ".parquet", ".safetensors"),
    log:
        "<run>/logs/fit_student/{dataset}/{target}/n{n}/{method}/{model}/d{dim}/{mode}.log",
    wildcard_constraints:
        method="student|soft_cognitive",
        mode="soft|mixed|align",
    group:
        submission("fit_student", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_student"),
    params:
        code=lambda w: fitting_code("tinycog.analyses.distillation.learner", w.dataset, CONFIG.model_slice(w.model)),
        targets=target_options,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        softness=lambda w: OUTPUTS["distillation"].softness(CONFIG, w.method, w.mode),
        training=lambda w: as_json(OUTPUTS["distillation"].training(CONFIG, of_teacher=False)),
    shell:
        "python -m tinycog learn {params.targets} --teacher {input.teacher}"
        " --scores {input.scores} --method {wildcards.method} --mode {wildcards.mode} {params.softness}"
        " --blocks {wildcards.n} {params.task} --name {wildcards.model} --checked --model {params.model:q}"
        " --dim {wildcards.dim} --training {params.training:q} --output {output.selected} 2>&1 | tee {log}"


rule fit_without_teacher:
    """Fit a network or a cognitive model to the choices of a subset of the target's blocks."""
    input:
        split=splits_of_targets,
        trials=trials_of_targets,
    output:
        selected=f"{TARGET}/n{{n}}/{{method}}/{{model}}/d{{dim}}/choices.json",
        fits=multiext(f"{TARGET}/n{{n}}/{{method}}/{{model}}/d{{dim}}/choices", ".parquet", ".safetensors"),
    log:
        "<run>/logs/fit_without_teacher/{dataset}/{target}/n{n}/{method}/{model}/d{dim}/choices.log",
    wildcard_constraints:
        method="solo|cognitive",
    group:
        submission("fit_without_teacher", "refits")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=minutes("fit_without_teacher"),
    params:
        code=lambda w: fitting_code("tinycog.analyses.distillation.learner", w.dataset, CONFIG.model_slice(w.model)),
        targets=target_options,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        training=lambda w: as_json(OUTPUTS["distillation"].training(CONFIG, of_teacher=False)),
    shell:
        "python -m tinycog learn {params.targets} --method {wildcards.method}"
        " --blocks {wildcards.n} {params.task} --name {wildcards.model} --checked --model {params.model:q}"
        " --dim {wildcards.dim} --training {params.training:q} --output {output.selected} 2>&1 | tee {log}"


rule embed_subject:
    """Fit the vector of a target that the teacher has never seen to a subset of the target's blocks."""
    input:
        split=splits_of_targets,
        trials=trials_of_targets,
        teacher=f"{TARGET}/n0/teacher.json",
    output:
        f"{TARGET}/n{{n}}/new_subject.json",
    log:
        "<run>/logs/embed_subject/{dataset}/{target}/n{n}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=lambda w: fitting_code("tinycog.analyses.distillation.newcomer", w.dataset, teacher_slice(0)),
        targets=target_options,
        task=lambda w: task_options(w.dataset),
        model=lambda w: as_json(teacher_slice(0)),
        units=lambda w: CONFIG.analyses.distillation.teacher.units,
        training=lambda w: as_json(OUTPUTS["distillation"].training(CONFIG, of_teacher=False)),
        root=lambda w: RUN,
    shell:
        "python -m tinycog embed-subject {params.targets} --teacher {input.teacher}"
        " --blocks {wildcards.n} {params.task} --checked --model {params.model:q} --dim {params.units}"
        " --training {params.training:q} --root {params.root} --output {output} 2>&1 | tee {log}"


rule gather_distillation:
    """Join the results of teachers, students and baselines; average over targets and find crossing points."""
    input:
        metas=metas(),
        results=distilled,
    output:
        report(
            "<run>/tables/distillation_summary.csv",
            caption="../report/distillation.rst",
            category="Tables",
            labels={"table": "distillation"},
        ),
        report(
            "<run>/tables/distillation_crossings.csv",
            caption="../report/distillation.rst",
            category="Tables",
            labels={"table": "distillation, crossing points"},
        ),
        "<run>/tables/distillation.csv",
        multiext("<run>/tables/distillation", ".parquet", "_summary.parquet", "_crossings.parquet"),
    log:
        "<run>/logs/gather_distillation.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.distillation.gather"),
        root=lambda w: RUN,
        given=lambda w: as_json(OUTPUTS["distillation"].plain(CONFIG)),
        bootstrap=lambda w: CONFIG.analyses.distillation.bootstrap,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog gather-distillation --root {params.root} --given {params.given:q}"
        " --bootstrap {params.bootstrap} --seed {params.seed} 2>&1 | tee {log}"


rule plot_distillation:
    """Plot the test NLL of teachers, students and baselines against the number of the target's trials."""
    input:
        multiext("<run>/tables/distillation", ".parquet", "_summary.parquet", "_crossings.parquet"),
    output:
        report(
            "<run>/figures/distillation__{dataset}.png",
            caption="../report/distillation.rst",
            category="Distillation",
            labels={"figure": "distillation", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/distillation__{dataset}.pdf",
    log:
        "<run>/logs/plot_distillation/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.distillation.plot"),
        folder=subpath(input[0], parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot distillation --tables {params.folder} --dataset {wildcards.dataset}"
        " --output {params.stem} 2>&1 | tee {log}"
