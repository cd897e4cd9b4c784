"""Portraits: exact maps, fixed points and setpoints of models with d = 1.

Needs: selected fits and their scores.
Makes: dynamics/{dataset}/{subject}/{model}/d1/*.parquet, table setpoints,
       figures portrait__{dataset}__{subject}__{model}, setpoints__... and variants__...
Env:   envs/fit.yaml, envs/figures.yaml
"""

PORTRAIT = "<run>/dynamics/{dataset}/{subject}/{model}/d1"


rule make_portrait:
    """Compute the one-step maps and setpoints of a model with one dynamical variable."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
    output:
        setpoints=f"{PORTRAIT}/setpoints.parquet",
        roots=f"{PORTRAIT}/roots.parquet",
        maps=f"{PORTRAIT}/maps.parquet",
        visited=f"{PORTRAIT}/visited.parquet",
    log:
        "<run>/logs/make_portrait/{dataset}/{subject}/{model}.log",
    group:
        together("analyses")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=model_code("tinycog.analyses.portraits.step"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        folder=subpath(output.setpoints, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog portrait {params.selected} {params.scores} --root {params.root} {params.task}"
        " --checked --model {params.model:q} --output {params.folder} 2>&1 | tee {log}"


rule gather_portraits:
    """Join the setpoints of all portraits in one table."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["portraits"].parts(CONFIG, LAYOUT, fits()),
    output:
        report(
            "<run>/tables/setpoints.csv",
            caption="../report/setpoints_table.rst",
            category="Tables",
            labels={"table": "setpoints"},
        ),
        "<run>/tables/setpoints.parquet",
    log:
        "<run>/logs/gather_portraits.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.portraits.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["portraits"].dims(CONFIG)}),
        actions=lambda w: as_json(action_labels()),
    shell:
        "python -m tinycog gather-portraits --root {params.root} --grid {params.grid:q} --actions {params.actions:q}"
        " 2>&1 | tee {log}"
