"""Splits: the inner folds of each outer fold, one file for each outer fold.

Needs: the subject's trial table.
Makes: folds/{dataset}/{subject}/outer{outer}.parquet
Env:   envs/data.yaml
"""


rule split_blocks:
    input:
        trials=trials_of,
    output:
        "<run>/folds/{dataset}/{subject}/outer{outer}.parquet",
    log:
        "<run>/logs/split_blocks/{dataset}/{subject}/outer{outer}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.steps.split"),
        protocol=FOLDS["protocol"],
        n_outer=FOLDS["outer"],
        n_inner=FOLDS["n_inner"],
        inner=FOLDS["inner"],
        seed=FOLDS["seed"],
    shell:
        "python -m tinycog split --trials {input.trials} --protocol {params.protocol} --outer {wildcards.outer} --n-outer {params.n_outer}"
        " --n-inner {params.n_inner} --inner {params.inner} --seed {params.seed} --output {output} 2>&1 | tee {log}"
