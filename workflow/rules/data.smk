"""Data: from raw files, a simulator or a table to one trial table for each subject.

Needs: the raw files of the data set, if any.
Makes: data/{dataset}/meta.json and, beside it, subjects/{subject}.parquet and, where roles belong to subjects,
       subjects/pooled.parquet; data/{dataset}/description.parquet,
       table description
Env:   envs/data.yaml
"""


checkpoint prepare_data:
    input:
        raw=raw_files,
        published=published_files,
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
        checksums=checksum_options,
    shell:
        "python -m tinycog prepare --dataset {wildcards.dataset} --options {params.options:q} --raw {params.raw:q}"
        " --seed {params.seed} {params.checksums} --output {output.meta} 2>&1 | tee {log}"


rule pool_subjects:
    input:
        trials=every_subject,
        code=code("tinycog.steps.pool"),
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
        trials=lambda w, input: [f"--trials {path}" for path in input.trials],
    shell:
        "python -m tinycog pool {params.trials} --output {output} 2>&1 | tee {log}"


rule describe_data:
    input:
        trials=every_subject,
        meta="<run>/data/{dataset}/meta.json",
        code=code("tinycog.steps.describe"),
    output:
        "<run>/data/{dataset}/description.parquet",
    log:
        "<run>/logs/describe_data/{dataset}.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=15,
    shell:
        "python -m tinycog describe --meta {input.meta} --output {output} 2>&1 | tee {log}"


rule gather_descriptions:
    input:
        descriptions=[str(LAYOUT.description(dataset)) for dataset in CONFIG.datasets],
        code=code("tinycog.steps.concatenate"),
    output:
        table=report(
            "<run>/tables/description.csv",
            caption="../report/description.rst",
            category="Data",
            labels={"table": "description"},
        ),
        parquet="<run>/tables/description.parquet",
    log:
        "<run>/logs/gather_descriptions.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        stem=subpath(output.table, strip_suffix=".csv"),
    shell:
        "python -m tinycog concatenate {input.descriptions} --output {params.stem} 2>&1 | tee {log}"
