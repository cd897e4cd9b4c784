"""Behaviour: subjects, models along their choices, and models that play the task, side by side.

Needs: trial tables, selected fits and their scores.
Makes: behaviour/{dataset}/{subject}/*.parquet, tables behaviour_stay, behaviour_reversal, behaviour_history,
       behaviour_switch, behaviour_discrepancy, figures behaviour__{dataset}__{subject}
Env:   envs/fit.yaml, envs/figures.yaml
"""

BEHAVIOUR = (
    "behaviour_stay",
    "behaviour_reversal",
    "behaviour_history",
    "behaviour_switch",
    "behaviour_discrepancy",
)


rule measure_behaviour:
    """Measure the choices of a subject, of every model along these, and of every model that plays the task."""
    input:
        trials=trials_of,
        fits=lambda w: OUTPUTS["behaviour"].needed(CONFIG, LAYOUT, w.dataset, w.subject, fits()),
    output:
        **{name: f"<run>/behaviour/{{dataset}}/{{subject}}/{name}.parquet" for name in BEHAVIOUR},
    log:
        "<run>/logs/measure_behaviour/{dataset}/{subject}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda w: code("tinycog.analyses.behaviour.step", *OUTPUTS["behaviour"].modules(CONFIG, w.dataset)),
        trials=trials_options,
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        models=lambda w: as_json(OUTPUTS["behaviour"].models(CONFIG, w.dataset)),
        n_outer=lambda w: CONFIG.folds(w.dataset)["outer"],
        options=lambda w: as_json(OUTPUTS["behaviour"].options(CONFIG, w.dataset)),
        folder=subpath(output.behaviour_stay, parent=True),
    shell:
        "python -m tinycog behaviour {params.trials} --root {params.root} --dataset {wildcards.dataset}"
        " --subject {wildcards.subject} {params.task} --models {params.models:q} --n-outer {params.n_outer}"
        " --options {params.options:q} --output {params.folder} 2>&1 | tee {log}"


rule gather_behaviour:
    """Join the behaviour of all subjects, and the discrepancies of all models."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["behaviour"].parts(CONFIG, LAYOUT, fits()),
    output:
        [f"<run>/tables/{name}.{suffix}" for name in BEHAVIOUR[:-1] for suffix in ("csv", "parquet")],
        "<run>/tables/behaviour_discrepancy.parquet",
        table=report(
            "<run>/tables/behaviour_discrepancy.csv",
            caption="../report/behaviour.rst",
            category="Tables",
            labels={"table": "behaviour of models"},
        ),
    log:
        "<run>/logs/gather_behaviour.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.behaviour.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json(grid.plain(CONFIG)),
    shell:
        "python -m tinycog gather-behaviour --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule plot_behaviour:
    """Plot the behaviour of a subject and of models, along its choices and playing."""
    input:
        lambda w: [str(LAYOUT.behaviour(w.dataset, w.subject, name)) for name in BEHAVIOUR],
    output:
        report(
            "<run>/figures/behaviour__{dataset}__{subject}.png",
            caption="../report/behaviour.rst",
            category="Behaviour",
            labels={"figure": "data and models", "data set": "{dataset}", "subject": "{subject}"},
        ),
        pdf="<run>/figures/behaviour__{dataset}__{subject}.pdf",
    log:
        "<run>/logs/plot_behaviour/{dataset}/{subject}.log",
    group:
        together("figures")
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=code("tinycog.analyses.behaviour.plot"),
        folder=subpath(input[0], parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot behaviour --folder {params.folder} --subject {wildcards.subject}"
        " --output {params.stem} 2>&1 | tee {log}"
