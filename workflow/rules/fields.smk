"""Fields: logit changes of models with several dynamical variables, and fields of more than one logit.

Needs: dynamics/{dataset}/{subject}/{model}/d{dim}/*.parquet, computed by analyses.smk.
Makes: table logit_changes, figures {kind}__{dataset}__{subject}__{model}__d{dim}: values_R0 and values_R1 of three
       actions or more, quiver of two choices in a trial (those of the logit of two actions: figures.smk)
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule gather_fields:
    """Join the logit changes of all models in one table."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["fields"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/logit_changes.csv",
            caption="../report/logit_changes.rst",
            category="Tables",
            labels={"table": "logit changes"},
        ),
        "<run>/tables/logit_changes.parquet",
    log:
        "<run>/logs/gather_fields.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.fields.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["fields"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-fields --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule plot_field:
    """Plot how a model moves the values of several actions, or the logits of two choices in a trial."""
    input:
        lambda w: str(LAYOUT.dynamics(w.dataset, w.subject, w.model, int(w.dim), "logit_changes")),
    output:
        report(
            "<run>/figures/{kind}__{dataset}__{subject}__{model}__d{dim}.png",
            caption="../report/fields.rst",
            category="Dynamics",
            labels={
                "figure": "{kind}",
                "data set": "{dataset}",
                "subject": "{subject}",
                "model": "{model}, d = {dim}",
            },
        ),
        pdf="<run>/figures/{kind}__{dataset}__{subject}__{model}__d{dim}.pdf",
    log:
        "<run>/logs/plot_{kind}/{dataset}/{subject}/{model}/d{dim}.log",
    wildcard_constraints:
        kind="values_R0|values_R1|quiver",
    group:
        together("figures")
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=code("tinycog.analyses.fields.plot"),
        actions=lambda w: as_json(CONFIG.datasets[w.dataset].action_labels),
        what=lambda w: w.kind.replace("_R", " --reward "),
        folder=subpath(input[0], parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot {params.what} --folder {params.folder} --subject {wildcards.subject} --actions {params.actions:q}"
        " --output {params.stem} 2>&1 | tee {log}"
