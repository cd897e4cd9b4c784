"""Selection and scores: the fit that is selected in each outer fold, and what it does along all trials.

Needs: trial tables, folds and fits.
Makes: selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json, scores/... .npz, which analyses of one model read
Env:   envs/fit.yaml
"""


rule score_model:
    """Select the fit of an outer fold with the lowest validation NLL, and run it over all trials: logits and states."""
    input:
        trials=trials_of,
        fold="<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
        fits="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.parquet",
        parameters="<run>/fits/{dataset}/{subject}/{model}/d{dim}/outer{outer}.safetensors",
    output:
        selected="<run>/selected/{dataset}/{subject}/{model}/d{dim}/outer{outer}.json",
        scores="<run>/scores/{dataset}/{subject}/{model}/d{dim}/outer{outer}.npz",
    log:
        "<run>/logs/score_model/{dataset}/{subject}/{model}/d{dim}/outer{outer}.log",
    group:
        submission("fit_model")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=brief,
    params:
        code=model_code("tinycog.steps.score"),
        trials=trials_options,
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        model=model_option,
    shell:
        "python -m tinycog score-fit {params.trials} --fold {input.fold} --fits {input.fits}"
        " --root {params.root} {params.task} --checked --model {params.model:q} --dim {wildcards.dim}"
        " --selected {output.selected} --output {output.scores} 2>&1 | tee {log}"
