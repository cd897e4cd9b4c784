"""Dynamics: scores of the kept fits; exact maps, fixed points and setpoints of models with d = 1.

Needs: trial tables, folds and kept fits.
Makes: scores/{dataset}/{subject}/{model}/d{dim}/outer{outer}.npz, dynamics/{dataset}/{subject}/{model}/d1/*.parquet,
       tables setpoints, fixed_points
Env:   envs/fit.yaml
"""

PORTRAIT = "<run>/dynamics/{dataset}/{subject}/{model}/d1"


rule score_model:
    input:
        trials=trials_of,
        fold="<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
        selected="<run>/selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json",
        parameters="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.safetensors",
        code=model_code("tinycog.steps.score"),
    output:
        "<run>/scores/{dataset}/{subject}/{model}/d{dim}/outer{outer}.npz",
    log:
        "<run>/logs/score_model/{dataset}/{subject}/{model}/d{dim}/outer{outer}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog score-fit --trials {input.trials} --fold {input.fold} --selected {input.selected}"
        " --root {params.root} {params.task} --model {params.model:q} --dim {wildcards.dim} --output {output} 2>&1 | tee {log}"


rule make_portrait:
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
        code=model_code("tinycog.steps.portrait"),
    output:
        setpoints=f"{PORTRAIT}/setpoints.parquet",
        fixed_points=f"{PORTRAIT}/fixed_points.parquet",
        maps=f"{PORTRAIT}/maps.parquet",
        visited=f"{PORTRAIT}/visited.parquet",
    log:
        "<run>/logs/make_portrait/{dataset}/{subject}/{model}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        folder=subpath(output.setpoints, parent=True),
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog portrait {params.selected} {params.scores} --root {params.root} {params.task}"
        " --model {params.model:q} --output {params.folder} 2>&1 | tee {log}"


rule gather_portraits:
    input:
        metas=metas(),
        setpoints=every_portrait("setpoints"),
        fixed_points=every_portrait("fixed_points"),
        code=code("tinycog.steps.gather"),
    output:
        report(
            "<run>/tables/setpoints.csv",
            caption="../report/setpoints.rst",
            category="Tables",
            labels={"table": "setpoints"},
        ),
        report(
            "<run>/tables/fixed_points.csv",
            caption="../report/fixed_points.rst",
            category="Tables",
            labels={"table": "fixed points"},
        ),
        "<run>/tables/setpoints.parquet",
        "<run>/tables/fixed_points.parquet",
    log:
        "<run>/logs/gather_portraits.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        root=lambda w: RUN,
        grid=lambda w: as_json(grid(portrayed())),
    shell:
        "python -m tinycog gather setpoints fixed_points --root {params.root} --grid {params.grid:q} 2>&1 | tee {log}"
