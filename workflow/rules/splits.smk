"""Splits: the inner folds of each outer fold, one file for each outer fold.

Needs: the trial table of the subject, or of each in the chunk.
Makes: folds/{dataset}/{subject}/outer{outer}.parquet
Env:   envs/data.yaml
"""


rule split_blocks:
    """Divide the blocks or trials of an outer fold into training, validation and test sets."""
    input:
        trials=trials_of,
    output:
        "<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
    log:
        "<run>/logs/split_blocks/{dataset}/{subject}/outer{outer}.log",
    group:
        together("splits")
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=brief,
    params:
        code=code("tinycog.steps.split"),
        trials=trials_options,
        protocol=lambda w: CONFIG.folds(w.dataset)["protocol"],
        n_outer=lambda w: CONFIG.folds(w.dataset)["outer"],
        n_inner=lambda w: CONFIG.folds(w.dataset)["n_inner"],
        inner=lambda w: CONFIG.folds(w.dataset)["inner"],
        seed=lambda w: CONFIG.folds(w.dataset)["seed"],
    shell:
        "python -m tinycog split {params.trials} --protocol {params.protocol} --outer {wildcards.outer} --n-outer {params.n_outer}"
        " --n-inner {params.n_inner} --inner {params.inner} --seed {params.seed} --output {output} 2>&1 | tee {log}"
