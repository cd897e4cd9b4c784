"""Signatures: curves over the logit, choice frequencies and what they say of a strategy, of models with d = 1.

Needs: selected fits and their scores; trial tables where indifference is correlated.
Makes: dynamics/{dataset}/{subject}/{model}/d1/*.parquet, tables curves, choice_frequency, choice_odds, signatures,
       indifference, indifference_subjects, indifference_lines, figures signatures__{dataset}__{subject}__{model} and
       indifference__{dataset}__{model}
Env:   envs/fit.yaml, envs/figures.yaml
"""

SIGNATURES = "<run>/dynamics/{dataset}/{subject}/{model}/d1"


rule measure_signatures:
    """Measure learning rates, biases and choice frequencies over the logit of a model."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
    output:
        curves=f"{SIGNATURES}/curves.parquet",
        frequency=f"{SIGNATURES}/choice_frequency.parquet",
        odds=f"{SIGNATURES}/choice_odds.parquet",
        signatures=f"{SIGNATURES}/signatures.parquet",
    log:
        "<run>/logs/measure_signatures/{dataset}/{subject}/{model}.log",
    group:
        together("analyses")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=model_code("tinycog.analyses.signatures.step"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        folder=subpath(output.signatures, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
        bootstrap=lambda w: CONFIG.analyses.signatures.bootstrap,
    shell:
        "python -m tinycog signatures {params.selected} {params.scores} --root {params.root} {params.task}"
        " --checked --model {params.model:q} --dim 1 --bootstrap {params.bootstrap} --output {params.folder}"
        " 2>&1 | tee {log}"


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
