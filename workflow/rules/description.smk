"""Description: what the data look like before any model.

Needs: trial tables.
Makes: data/{dataset}/description.parquet, tables description, subjects, figures description__{dataset}
Env:   envs/fit.yaml, envs/data.yaml, envs/figures.yaml
"""


rule describe_data:
    """Describe each subject's choices before any model: trials, choice shares, reward rate and stay probabilities."""
    input:
        trials=every_subject,
        meta="<run>/data/{dataset}/meta.json",
    output:
        "<run>/data/{dataset}/description.parquet",
    log:
        "<run>/logs/describe_data/{dataset}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        code=code("tinycog.analyses.description.step"),
    shell:
        "python -m tinycog describe --meta {input.meta} --output {output} 2>&1 | tee {log}"


rule gather_descriptions:
    """Join the descriptions of all data sets in one table."""
    input:
        descriptions=[str(LAYOUT.description(dataset)) for dataset in CONFIG.datasets],
    output:
        table=report(
            "<run>/tables/description.csv",
            caption="../report/description.rst",
            category="Data",
            labels={"table": "description"},
        ),
        parquet="<run>/tables/description.parquet",
    log:
        "<run>/logs/gather_descriptions.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.description.gather"),
        actions=lambda w: as_json(action_labels()),
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog gather-descriptions {input.descriptions} --actions {params.actions:q}"
        " --output {params.folder} 2>&1 | tee {log}"


rule gather_subjects:
    """Join what is known of each subject as a whole: covariates, persons and conditions."""
    input:
        metas=metas(),
        files=[about["file"] for about in OUTPUTS["description"].covariate_files(CONFIG).values()],
    output:
        table=report(
            "<run>/tables/subjects.csv",
            caption="../report/description.rst",
            category="Data",
            labels={"table": "subjects"},
        ),
        parquet="<run>/tables/subjects.parquet",
    log:
        "<run>/logs/gather_subjects.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.description.subjects"),
        files=lambda w: as_json(OUTPUTS["description"].covariate_files(CONFIG)),
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog gather-subjects {input.metas} --covariates {params.files:q} --output {params.folder}"
        " 2>&1 | tee {log}"


rule plot_description:
    """Plot an example block and the stay probabilities of a data set."""
    input:
        trials=lambda w: every_subject(w)[0],
        description="<run>/data/{dataset}/description.parquet",
    output:
        report(
            "<run>/figures/description__{dataset}.png",
            caption="../report/description.rst",
            category="Data",
            labels={"figure": "example and stay", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/description__{dataset}.pdf",
    log:
        "<run>/logs/plot_description/{dataset}.log",
    group:
        together("figures")
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=code("tinycog.analyses.description.plot"),
        actions=lambda w: as_json(CONFIG.datasets[w.dataset].action_labels),
        rewards=lambda w: "%r %r" % CONFIG.datasets[w.dataset].reward_range,
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot description --trials {input.trials} --description {input.description}"
        " --actions {params.actions:q} --rewards {params.rewards} --output {params.stem} 2>&1 | tee {log}"
