"""Trajectories: paths of states after reversals, and where trials of one condition follow one another.

Needs: selected fits and their scores, trial tables.
Makes: dynamics/{dataset}/{subject}/{model}/d{dim}/*.parquet,
       figures trajectories__{dataset}__{subject}__{model}__d{dim}
Env:   envs/fit.yaml, envs/figures.yaml
"""

TRAJECTORIES = "<run>/dynamics/{dataset}/{subject}/{model}/d{dim}"


rule follow_states:
    """Follow the state of a model after reversals and under repeated trials."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
        trials=trials_of,
    output:
        planes=f"{TRAJECTORIES}/planes.parquet",
        paths=multiext(f"{TRAJECTORIES}/", "after_reversals.parquet", "streams.parquet"),
    log:
        "<run>/logs/follow_states/{dataset}/{subject}/{model}/d{dim}.log",
    group:
        together("analyses")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=model_code("tinycog.analyses.trajectories.step"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        trials=trials_options,
        folder=subpath(output.planes, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog trajectories {params.selected} {params.scores} {params.trials} --root {params.root}"
        " {params.task} --checked --model {params.model:q} --dim {wildcards.dim} --output {params.folder} 2>&1 | tee {log}"
