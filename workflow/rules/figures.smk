"""Figures of models: all of a subject's model in one job, since to start Python takes longer than to draw one.

Needs: dynamics/{dataset}/{subject}/{model}/d{dim}/*.parquet of the analyses that say what is drawn (`drawings` in their
       outputs).
Makes: figures {kind}__{dataset}__{subject}__{model}[__d{dim}]
Env:   envs/figures.yaml
"""

# a rule for each group: what is drawn of a model depends on the task and on the dim
for number, (group, models) in enumerate(drawings.groups(CONFIG, OUTPUTS).items()):

    rule:
        """Plot what analyses show of a model of a subject."""
        name:
            f"plot_models_{number}"
        input:
            lambda w, group=group: group.tables(LAYOUT, w.subject, w.model),
        output:
            [
                report(
                    f"<run>/figures/{stem}.png",
                    caption=f"../report/{kind}.rst",
                    category="Dynamics",
                    labels={
                        "figure": kind,
                        "data set": "{dataset}",
                        "subject": "{subject}",
                        "model": f"{{model}}, d = {group.dim}",
                    },
                )
                for kind, stem in group.stems().items()
            ],
            [f"<run>/figures/{stem}.pdf" for stem in group.stems().values()],
        log:
            f"<run>/logs/plot_models/{{dataset}}/{{subject}}/{{model}}/d{group.dim}.log",
        wildcard_constraints:
            dataset=one_of([group.dataset]),
            model=one_of(models),
        group:
            together("figures")
        conda:
            "../../envs/figures.yaml"
        threads: 1
        resources:
            mem_mb=2000,
            runtime=brief,
        params:
            code=code(*group.modules()),
            what=lambda w, group=group: group.commands(
                LAYOUT, w.subject, w.model, CONFIG.datasets[w.dataset].action_labels
            ),
        shell:
            "python -m tinycog plot {params.what} 2>&1 | tee {log}"
