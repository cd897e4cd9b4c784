"""Agreement: how far the logits of fits correlate between outer folds and between models.

Needs: selected fits and their scores.
Makes: agreement/{dataset}/{subject}/logit_correlations.parquet, table logit_correlations,
       figures agreement__{dataset}__{subject} and agreement_subjects__{dataset}
Env:   envs/fit.yaml, envs/data.yaml, envs/figures.yaml
"""


rule compare_logits:
    """Correlate the logits of a subject's fits between outer folds and between models."""
    input:
        all_models(LAYOUT.selected, LAYOUT.scores),
    output:
        "<run>/agreement/{dataset}/{subject}/logit_correlations.parquet",
    log:
        "<run>/logs/compare_logits/{dataset}/{subject}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("tinycog.analyses.agreement.step"),
        root=lambda w: RUN,
        grid=lambda w: as_json(GRID.alone(w.dataset)),
        task=lambda w: task_options(w.dataset),
    shell:
        "python -m tinycog agreement --root {params.root} --grid {params.grid:q} --subject {wildcards.subject}"
        " {params.task} --output {output} 2>&1 | tee {log}"


rule gather_agreement:
    """Join the correlations of all subjects in one table."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["agreement"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/logit_correlations.csv",
            caption="../report/agreement.rst",
            category="Tables",
            labels={"table": "logit correlations"},
        ),
        "<run>/tables/logit_correlations.parquet",
    log:
        "<run>/logs/gather_agreement.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.agreement.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json(grid.plain(CONFIG)),
    shell:
        "python -m tinycog gather-agreement --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule plot_agreement:
    """Plot the correlations of one subject's fits, within and between models."""
    input:
        lambda w: str(LAYOUT.agreement(w.dataset, w.subject)),
    output:
        report(
            "<run>/figures/agreement__{dataset}__{subject}.png",
            caption="../report/agreement.rst",
            category="Prediction",
            labels={"figure": "agreement", "data set": "{dataset}", "subject": "{subject}"},
        ),
        pdf="<run>/figures/agreement__{dataset}__{subject}.pdf",
    log:
        "<run>/logs/plot_agreement/{dataset}/{subject}.log",
    group:
        together("figures")
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=code("tinycog.analyses.agreement.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot agreement --correlations {input} --subject {wildcards.subject}"
        " --output {params.stem} 2>&1 | tee {log}"


rule plot_agreement_over_subjects:
    """Plot the correlations within models against the training choices of each subject."""
    input:
        "<run>/tables/logit_correlations.parquet",
    output:
        report(
            "<run>/figures/agreement_subjects__{dataset}.png",
            caption="../report/agreement.rst",
            category="Prediction",
            labels={"figure": "agreement over subjects", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/agreement_subjects__{dataset}.pdf",
    log:
        "<run>/logs/plot_agreement_over_subjects/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.agreement.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot agreement-subjects --correlations {input} --dataset {wildcards.dataset}"
        " --output {params.stem} 2>&1 | tee {log}"
