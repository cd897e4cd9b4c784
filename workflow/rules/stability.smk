"""Stability: fixed points, attractors, time constants and Lyapunov exponents of every model.

Needs: selected fits and their scores.
Makes: dynamics/{dataset}/{subject}/{model}/d{dim}/*.parquet, tables fixed_points, attractors, stability
Env:   envs/fit.yaml
"""

STABILITY = "<run>/dynamics/{dataset}/{subject}/{model}/d{dim}"


rule analyse_stability:
    """Find the fixed points, attractors and Lyapunov exponents of a model."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
    output:
        fixed_points=f"{STABILITY}/fixed_points.parquet",
        attractors=f"{STABILITY}/attractors.parquet",
        stability=f"{STABILITY}/stability.parquet",
    log:
        "<run>/logs/analyse_stability/{dataset}/{subject}/{model}/d{dim}.log",
    group:
        together("analyses")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=model_code("tinycog.analyses.stability.step"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        folder=subpath(output.stability, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog stability {params.selected} {params.scores} --root {params.root} {params.task}"
        " --checked --model {params.model:q} --dim {wildcards.dim} --output {params.folder} 2>&1 | tee {log}"


rule gather_stability:
    """Join the fixed points, attractors and exponents of all models in three tables."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["stability"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/fixed_points.csv",
            caption="../report/fixed_points.rst",
            category="Tables",
            labels={"table": "fixed points"},
        ),
        report(
            "<run>/tables/attractors.csv",
            caption="../report/attractors.rst",
            category="Tables",
            labels={"table": "attractors"},
        ),
        report(
            "<run>/tables/stability.csv",
            caption="../report/stability.rst",
            category="Tables",
            labels={"table": "stability"},
        ),
        multiext("<run>/tables/", "fixed_points.parquet", "attractors.parquet", "stability.parquet"),
    log:
        "<run>/logs/gather_stability.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.stability.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["stability"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-stability --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"
