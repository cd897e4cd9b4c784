"""Data and folds, by the same steps as in a run; the subjects of a data set are pooled.

Needs: the raw files of the data set, if any.
Makes: data/{dataset}/meta.json, subjects/{subject}.parquet and trials.parquet; folds/{study}/{dataset}/outer{outer}.parquet
Env:   envs/data.yaml
"""


checkpoint prepare_data:
    """Turn the raw data of a data set into one trial table for each subject."""
    input:
        raw=raw_files,
    output:
        meta="<bench>/data/{dataset}/meta.json",
    log:
        "<bench>/logs/prepare_data/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=lambda w: preparing(CONFIG.datasets[w.dataset]),
        options=lambda w: as_json(CONFIG.options(w.dataset)),
        raw=CONFIG.raw,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog prepare --dataset {wildcards.dataset} --options {params.options:q} --raw {params.raw:q}"
        " --seed {params.seed} --output {output.meta} 2>&1 | tee {log}"


rule pool_subjects:
    """Join the trial tables of a data set's subjects."""
    input:
        trials=every_subject,
        meta=ancient("<bench>/data/{dataset}/meta.json"),
    output:
        "<bench>/data/{dataset}/trials.parquet",
    log:
        "<bench>/logs/pool_subjects/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        code=code("tinycog.steps.pool"),
    shell:
        "python -m tinycog pool --meta {input.meta} --output {output} 2>&1 | tee {log}"


rule split_blocks:
    """Divide the blocks of an outer fold into training, validation and test sets."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
    output:
        "<bench>/folds/{study}/{dataset}/outer{outer}.parquet",
    log:
        "<bench>/logs/split_blocks/{study}/{dataset}/outer{outer}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.steps.split"),
        cv=lambda w: protocol(w.study, w.dataset).cv.folds(),
    shell:
        "python -m tinycog split --trials {input.trials} --protocol {params.cv[protocol]} --outer {wildcards.outer}"
        " --n-outer {params.cv[outer]} --n-inner {params.cv[n_inner]} --inner {params.cv[inner]}"
        " --seed {params.cv[seed]} --output {output} 2>&1 | tee {log}"
