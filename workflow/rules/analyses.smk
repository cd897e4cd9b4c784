"""Analyses of models: all that are asked for of a subject's model in one job, since to start Python takes longer than one.

Needs: selected fits and their scores, trial tables.
Makes: dynamics/{dataset}/{subject}/{model}/d{dim}/*.parquet of the analyses that say what is computed (`computed` in
       their outputs)
Env:   envs/fit.yaml
"""

# a rule for each group: what is computed of a model depends on the task and on the dim
for number, (group, models) in enumerate(computed.groups(CONFIG, OUTPUTS).items()):

    rule:
        """Analyse a model of a subject."""
        name:
            f"analyse_models_{number}"
        input:
            selected=outer_folds(LAYOUT.selected),
            scores=outer_folds(LAYOUT.scores),
            trials=trials_of if group.reads_trials() else [],
        output:
            [f"<run>/dynamics/{{dataset}}/{{subject}}/{{model}}/d{{dim}}/{name}.parquet" for name in group.tables()],
        log:
            "<run>/logs/analyse_models/{dataset}/{subject}/{model}/d{dim}.log",
        wildcard_constraints:
            dataset=one_of([group.dataset]),
            model=one_of(models),
            dim=str(group.dim),
        group:
            together("analyses")
        conda:
            "../../envs/fit.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=brief,
        params:
            code=model_code(*group.modules()),
            root=lambda w: RUN,
            selected=lambda w, input: [f"--selected {path}" for path in input.selected],
            scores=lambda w, input: [f"--scores {path}" for path in input.scores],
            trials=trials_options,
            folder=subpath(output[0], parent=True),
            task=lambda w: task_options(w.dataset),
            model=model_option,
            what=group.commands(),
        shell:
            "python -m tinycog analyse {params.selected} {params.scores} {params.trials} --root {params.root}"
            " {params.task} --checked --model {params.model:q} --dim {wildcards.dim} --output {params.folder}"
            " {params.what} 2>&1 | tee {log}"
