"""Fits and times: by the loops and by each method of the engine, and of kernels alone.

Needs: trial tables and fold files.
Makes: times/{study}/{dataset}/{method, loop or together}/d{dim}.parquet;
       times/cognitive/{dataset}/{optimiser}/{model}.parquet; times/cells/{cell}.parquet; times/few.parquet;
       times/{study}/{dataset}/start.json; tables/costs.csv; machine.json
Env:   envs/fit.yaml
"""


rule time_engine:
    """Time the fits of a network by one method of the engine."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
        folds=fold_files,
    output:
        "<bench>/times/{study}/{dataset}/{method}/d{dim}.parquet",
    log:
        "<bench>/logs/time_engine/{study}/{dataset}/{method}/d{dim}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        code=cell_code("tinycog.benchmark.steps.time_engine", "gru"),
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        fit=lambda w: fit_options(w, w.method),
    shell:
        "python -m tinycog bench engine --trials {input.trials} {params.folds} --data {wildcards.dataset}"
        " --method {wildcards.method} --dim {wildcards.dim} {params.fit:q} --output {output} 2>&1 | tee {log}"


rule time_cognitive:
    """Time the fits of a cognitive model by one optimiser."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
        folds=cognitive_folds,
    output:
        "<bench>/times/cognitive/{dataset}/{optimiser}/{model}.parquet",
    log:
        "<bench>/logs/time_cognitive/{dataset}/{optimiser}/{model}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=120,
    params:
        code=cognitive_code,
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        fit=cognitive_options,
    shell:
        "python -m tinycog bench engine --trials {input.trials} {params.folds} --data {wildcards.dataset}"
        " --method {wildcards.optimiser} {params.fit:q} --output {output} 2>&1 | tee {log}"


rule fit_loop:
    """Fit a network by a plain training loop in torch, one network at a time."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
        folds=loop_folds,
    output:
        "<bench>/times/{study}/{dataset}/loop/d{dim}.parquet",
    log:
        "<bench>/logs/fit_loop/{study}/{dataset}/d{dim}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        code=code("tinycog.benchmark.steps.fit_loop"),
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        fit=lambda w: fit_options(w, "adam"),
        replicas=CONFIG.loop.replicas,
    shell:
        "python -m tinycog bench loop --trials {input.trials} {params.folds} --data {wildcards.dataset}"
        " --dim {wildcards.dim} {params.fit:q} --replicas {params.replicas} --output {output} 2>&1 | tee {log}"


rule time_together:
    """Time the fits of a network by every method of the engine and by the loops in torch, in turns."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
        folds=fold_files,
    output:
        "<bench>/times/{study}/{dataset}/together/d{dim}.parquet",
    log:
        "<bench>/logs/time_together/{study}/{dataset}/d{dim}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=cell_code("tinycog.benchmark.steps.time_together", "gru"),
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        model=model_options,
        methods=methods,
        turns=turns(CONFIG.turns.loop_seconds),
    shell:
        "python -m tinycog bench together --trials {input.trials} {params.folds} --data {wildcards.dataset}"
        " --dim {wildcards.dim} {params.model:q} --methods {params.methods:q} {params.turns} --output {output}"
        " 2>&1 | tee {log}"


rule time_start:
    """Time a fit job from its start to the end of its first epoch."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
        fold="<bench>/folds/{study}/{dataset}/outer0.parquet",
    output:
        "<bench>/times/{study}/{dataset}/start.json",
    log:
        "<bench>/logs/time_start/{study}/{dataset}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=cell_code("tinycog.benchmark.steps.time_start", "gru") + code("tinycog.steps.fit"),
        fit=lambda w: fit_options(w, "adam"),
    shell:
        "python -m tinycog bench start --trials {input.trials} --fold {input.fold} --data {wildcards.dataset} --dim 2"
        " {params.fit:q} --output {output} 2>&1 | tee {log}"


rule time_kernel:
    """Time likelihood and gradient of a cell by its compiled kernel, and in torch."""
    output:
        "<bench>/times/cells/{cell}.parquet",
    log:
        "<bench>/logs/time_kernel/{cell}.log",
    wildcard_constraints:
        cell=one_of(TIMED_CELLS),
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=lambda w: cell_code("tinycog.benchmark.steps.time_kernels", w.cell),
        cell=lambda w: w.cell,
        ways=lambda w: as_json(CONFIG.kernels.ways(w.cell)),
        methods=as_json(ALONE),
        dims=lambda w: as_json(CONFIG.kernels.units(w.cell)),
        replicas=as_json([CONFIG.kernels.replicas]),
        blocks=as_json([CONFIG.kernels.blocks]),
        turns=turns(CONFIG.turns.seconds),
    shell:
        "python -m tinycog bench kernels --cell {params.cell} --ways {params.ways:q} --methods {params.methods:q}"
        " --dims {params.dims:q} --replicas {params.replicas:q} --blocks {params.blocks:q} {params.turns}"
        " --output {output} 2>&1 | tee {log}"


use rule time_kernel as time_few with:
    """Time the gradient of a cell with few replicas, and with blocks of several lengths."""
    output:
        "<bench>/times/few.parquet",
    log:
        "<bench>/logs/time_few.log",
    params:
        code=cell_code("tinycog.benchmark.steps.time_kernels", CONFIG.kernels.few_cell),
        cell=CONFIG.kernels.few_cell,
        ways=as_json([KERNEL]),
        methods=as_json(["gradient"]),
        dims=as_json(CONFIG.kernels.few_dims),
        replicas=as_json(CONFIG.kernels.few_replicas),
        blocks=as_json(CONFIG.kernels.few_blocks),
        turns=turns(CONFIG.turns.seconds),


rule measure_costs:
    """Measure what `python -m tinycog plan` reckons with."""
    input:
        start="<bench>/times/engine/tutorial/start.json",
    output:
        "<bench>/tables/costs.csv",
    log:
        "<bench>/logs/measure_costs.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=code("tinycog.benchmark.costs", *map(registry.kernel, registry.KERNELS)),
        units=as_json(CONFIG.costs.units),
    shell:
        "python -m tinycog bench costs --units {params.units:q} --start {input.start} --output {output} 2>&1 | tee {log}"


rule describe_machine:
    """Record the processor and software that the times were measured with."""
    output:
        "<bench>/machine.json",
    log:
        "<bench>/logs/describe_machine.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.benchmark.host"),
    shell:
        "python -m tinycog bench machine --output {output} 2>&1 | tee {log}"
