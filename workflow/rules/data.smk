"""Data: from raw files, a simulator or a table to one trial table for each subject.

Needs: the raw files of the data set, if any.
Makes: data/{dataset}/meta.json and, beside it, subjects/{subject}.parquet.
Env:   envs/data.yaml
"""


checkpoint prepare_data:
    input:
        raw=raw_files,
        code=data_code,
    output:
        meta="<run>/data/{dataset}/meta.json",
    log:
        "<run>/logs/prepare_data/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        options=lambda w: as_json(CONFIG.datasets[w.dataset].model_dump()),
        raw=CONFIG.raw,
        seed=CONFIG.seed,
    shell:
        "python -m tinycog prepare --dataset {wildcards.dataset} --options {params.options:q} --raw {params.raw:q}"
        " --seed {params.seed} --output {output.meta} 2>&1 | tee {log}"
