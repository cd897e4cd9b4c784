"""Data: from raw files, a simulator or a table to one trial table for each subject.

Needs: the raw files of the data set, if any.
Makes: data/{dataset}/meta.json and, beside it, subjects/{subject}.parquet.
Env:   envs/data.yaml
"""


def raw_files(wildcards):
    section = CONFIG.datasets[wildcards.dataset]
    return [str(path) for path in source_registry.load(section.source).files(section.model_dump(), Path(CONFIG.raw))]


def data_code(wildcards):
    """Source files of the step, of the source, and of the agent that a simulation runs."""
    section = CONFIG.datasets[wildcards.dataset]
    modules = ["tinycog.steps.prepare", source_registry.module(section.source)]
    if section.source == "simulate":
        agent = {"family": "cognitive", "model": section.agent.model}
        modules.append(registry.module(section.task_object, agent))
    return code(*modules)


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
