"""Trials: what the selected fits say of each trial, in files that join the user's own table.

Needs: trial tables, selected fits and their scores.
Makes: trials/{dataset}/{subject}/{model}/d{dim}.parquet, and .csv if asked for
Env:   envs/fit.yaml
"""


rule export_trials:
    """Write choice probabilities, states and prediction errors of every trial."""
    input:
        trials=trials_of,
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
    output:
        [
            f"<run>/trials/{{dataset}}/{{subject}}/{{model}}/d{{dim}}{suffix}"
            for suffix in OUTPUTS["trials"].suffixes(CONFIG)
        ],
    log:
        "<run>/logs/export_trials/{dataset}/{subject}/{model}/d{dim}.log",
    group:
        together("analyses")
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=brief,
    params:
        code=model_code("tinycog.analyses.trials.step"),
        trials=trials_options,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        root=lambda w: RUN,
        task=lambda w: task_options(w.dataset),
        model=model_option,
        output=lambda w, output: [f"--output {path}" for path in output],
    shell:
        "python -m tinycog export-trials {params.trials} {params.selected} {params.scores} --root {params.root} {params.task}"
        " --checked --model {params.model:q} --dim {wildcards.dim} {params.output} 2>&1 | tee {log}"
