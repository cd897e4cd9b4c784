"""Scores: the selected fit of each outer fold along all trials; what analyses of one model read.

Needs: trial tables, folds and selected fits.
Makes: scores/{dataset}/{subject}/{model}/d{dim}/outer{outer}.npz
Env:   envs/fit.yaml
"""


rule score_model:
    """Run the selected fit of an outer fold over all trials, and keep its logits and states."""
    input:
        trials=trials_of,
        fold="<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
        selected="<run>/selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json",
        parameters="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.safetensors",
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
        code=model_code("tinycog.steps.score"),
        trials=trials_options,
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog score-fit {params.trials} --fold {input.fold} --selected {input.selected}"
        " --root {params.root} {params.task} --checked --model {params.model:q} --dim {wildcards.dim} --output {output} 2>&1 | tee {log}"
