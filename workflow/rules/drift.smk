"""Drift: whether values drift to each other or decay in trials without a reward.

Needs: selected fits and their scores, trial tables.
Makes: dynamics/{dataset}/{subject}/{model}/d{dim}/drift*.parquet, tables drift and drift_sign,
       figures drift__{dataset}__{subject}__{model}__d{dim}
Env:   envs/fit.yaml, envs/figures.yaml
"""

DRIFT = "<run>/dynamics/{dataset}/{subject}/{model}/d{dim}/drift"


rule test_drift:
    """Test whether the values of a model drift to each other or decay without a reward."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
        trials=trials_of,
    output:
        rates=f"{DRIFT}.parquet",
        signs=f"{DRIFT}_sign.parquet",
        arrows=f"{DRIFT}_arrows.parquet",
    log:
        "<run>/logs/test_drift/{dataset}/{subject}/{model}/d{dim}.log",
    group:
        together("analyses")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=model_code("tinycog.analyses.drift.step"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        trials=trials_options,
        folder=subpath(output.rates, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
        bootstrap=lambda w: CONFIG.analyses.drift.bootstrap,
    shell:
        "python -m tinycog drift {params.selected} {params.scores} {params.trials} --root {params.root}"
        " {params.task} --checked --model {params.model:q} --dim {wildcards.dim} --bootstrap {params.bootstrap}"
        " --output {params.folder} 2>&1 | tee {log}"


rule gather_drift:
    """Join the tests of drift and decay of all models in two tables."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["drift"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/drift.csv",
            caption="../report/drift.rst",
            category="Tables",
            labels={"table": "drift"},
        ),
        multiext("<run>/tables/", "drift.parquet", "drift_sign.csv", "drift_sign.parquet"),
    log:
        "<run>/logs/gather_drift.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.drift.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["drift"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-drift --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"
