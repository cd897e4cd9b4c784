"""Data: from raw files, a simulator or a table to one trial table for each subject.

Needs: the raw files of the data set, if any.
Makes: data/{dataset}/meta.json and, beside it, subjects/{subject}.parquet and, for `cv.protocol: cross_subject`,
       subjects/pooled.parquet
Env:   envs/data.yaml
"""


checkpoint prepare_data:
    """Turn the raw data of a data set, a table or a simulator into one trial table for each subject."""
    input:
        raw=raw_files,
        published=published_files,
        marks=marks_file,
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
        code=lambda w: preparing(CONFIG.datasets[w.dataset]),
        options=lambda w: as_json(CONFIG.datasets[w.dataset].model_dump()),
        raw=CONFIG.raw,
        seed=CONFIG.seed,
        checksums=options_of_files,
    shell:
        "python -m tinycog prepare --dataset {wildcards.dataset} --options {params.options:q} --raw {params.raw:q}"
        " --seed {params.seed} {params.checksums} --output {output.meta} 2>&1 | tee {log}"


rule pool_subjects:
    """Join the trial tables of a data set's subjects, so that one model can be fitted to all of them."""
    input:
        trials=every_subject,
        meta=ancient("<run>/data/{dataset}/meta.json"),  # changed subjects change their own tables
    output:
        "<run>/data/{dataset}/subjects/pooled.parquet",
    log:
        "<run>/logs/pool_subjects/{dataset}.log",
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
