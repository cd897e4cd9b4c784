"""Parameter recovery: agents of each cognitive model in the environments of the simulated data sets, fitted again.

Needs: nothing but the config (and the published payoffs where an environment has them).
Makes: recovery/{dataset}/{model}.parquet, tables parameter_recovery, parameter_recovery_agents,
       figures recovery__{dataset}__{model}
Env:   envs/fit.yaml, envs/figures.yaml
"""


rule recover_parameters:
    """Simulate agents of a cognitive model with known parameters and fit the model to their choices."""
    input:
        raw=raw_files,
    output:
        "<run>/recovery/{dataset}/{model}.parquet",
    log:
        "<run>/logs/recover_parameters/{dataset}/{model}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=model_code("tinycog.analyses.parameter_recovery.step"),
        options=lambda w: as_json(CONFIG.datasets[w.dataset].model_dump()),
        payoffs=lambda w, input: [f"--payoffs {shlex.quote(path)}" for path in input.raw],
        seed=CONFIG.seed,
        model=model_option,
        agents=lambda w: CONFIG.analyses.parameter_recovery.agents,
        ranges=lambda w: as_json(CONFIG.analyses.parameter_recovery.ranges),
    shell:
        "python -m tinycog recover --dataset {wildcards.dataset} --options {params.options:q} {params.payoffs}"
        " --seed {params.seed} --name {wildcards.model} --model {params.model:q} --agents {params.agents}"
        " --ranges {params.ranges:q} --output {output} 2>&1 | tee {log}"


rule summarise_recovery:
    """Summarise how well each parameter is recovered."""
    input:
        agents=[
            f"<run>/recovery/{dataset}/{model}.parquet"
            for dataset, model in OUTPUTS["parameter_recovery"].places(CONFIG)
        ],
    output:
        table=report(
            "<run>/tables/parameter_recovery.csv",
            caption="../report/parameter_recovery.rst",
            category="Tables",
            labels={"table": "parameter recovery"},
        ),
        agents="<run>/tables/parameter_recovery_agents.csv",
        parquet="<run>/tables/parameter_recovery.parquet",
        agents_parquet="<run>/tables/parameter_recovery_agents.parquet",
    log:
        "<run>/logs/summarise_recovery.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.parameter_recovery.summarise"),
        agents=lambda w, input: [f"--agents {path}" for path in input.agents],
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog summarise-recovery {params.agents} --output {params.folder} 2>&1 | tee {log}"


rule plot_recovery:
    """Plot recovered against true parameters of a cognitive model."""
    input:
        agents="<run>/recovery/{dataset}/{model}.parquet",
    output:
        report(
            "<run>/figures/recovery__{dataset}__{model}.png",
            caption="../report/parameter_recovery.rst",
            category="Recovery",
            labels={"figure": "parameter recovery", "data set": "{dataset}", "model": "{model}"},
        ),
        pdf="<run>/figures/recovery__{dataset}__{model}.pdf",
    log:
        "<run>/logs/plot_recovery/{dataset}/{model}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.parameter_recovery.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot recovery --agents {input.agents} --output {params.stem} 2>&1 | tee {log}"
