"""Signatures: curves over the logit, choice frequencies and what they say of a strategy, of models with d = 1.

Needs: dynamics/{dataset}/{subject}/{model}/d1/*.parquet, computed by analyses.smk; trial tables where indifference is
       correlated.
Makes: tables curves, choice_frequency, choice_odds, signatures, indifference, indifference_subjects,
       indifference_lines, figures indifference__{dataset}__{model}
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule gather_signatures:
    """Join the curves, choice frequencies and signatures of all models."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["signatures"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/signatures.csv",
            caption="../report/signatures_table.rst",
            category="Tables",
            labels={"table": "signatures"},
        ),
        signatures="<run>/tables/signatures.parquet",
        curves=multiext("<run>/tables/curves", ".csv", ".parquet"),
        frequency=multiext("<run>/tables/choice_frequency", ".csv", ".parquet"),
        odds=multiext("<run>/tables/choice_odds", ".csv", ".parquet"),
    log:
        "<run>/logs/gather_signatures.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.signatures.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["signatures"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-signatures --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule correlate_indifference:
    """Correlate reward-induced indifference with performance, over subjects."""
    input:
        signatures="<run>/tables/signatures.parquet",
        trials=lambda w: OUTPUTS["signatures"].trials(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/indifference.csv",
            caption="../report/indifference.rst",
            category="Tables",
            labels={"table": "indifference"},
        ),
        table="<run>/tables/indifference.parquet",
        subjects=multiext("<run>/tables/indifference_subjects", ".csv", ".parquet"),
        lines=multiext("<run>/tables/indifference_lines", ".csv", ".parquet"),
    log:
        "<run>/logs/correlate_indifference.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.signatures.correlate"),
        root=lambda w: RUN,
        grid=lambda w: as_json(OUTPUTS["signatures"].correlated_grid(CONFIG)),
    shell:
        "python -m tinycog indifference --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"


rule plot_indifference:
    """Plot the utility deviation of subjects against their performance."""
    input:
        multiext("<run>/tables/indifference", ".parquet", "_subjects.parquet", "_lines.parquet"),
    output:
        report(
            "<run>/figures/indifference__{dataset}__{model}.png",
            caption="../report/indifference.rst",
            category="Dynamics",
            labels={"figure": "indifference", "data set": "{dataset}", "subject": "all", "model": "{model}"},
        ),
        pdf="<run>/figures/indifference__{dataset}__{model}.pdf",
    log:
        "<run>/logs/plot_indifference/{dataset}/{model}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.signatures.plot"),
        folder=subpath(input[0], parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot indifference --tables {params.folder} --dataset {wildcards.dataset} --model {wildcards.model}"
        " --output {params.stem} 2>&1 | tee {log}"
