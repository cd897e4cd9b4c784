"""Times: of whole fits, by the loop and by each method of the engine, and of kernels alone.

Needs: trial tables and fold files.
Makes: times/{study}/{dataset}/{method or loop}/d{dim}.parquet; times/cognitive/{dataset}/{optimiser}/{model}.parquet;
       times/cells/{name}.parquet; times/scaling/{size}.parquet;
       times/{study}/{dataset}/start.json; machine.json
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


rule time_loop:
    """Time the fits of a network by a plain training loop in torch, one network at a time."""
    input:
        trials="<bench>/data/{dataset}/trials.parquet",
        folds=loop_folds,
    output:
        "<bench>/times/{study}/{dataset}/loop/d{dim}.parquet",
    log:
        "<bench>/logs/time_loop/{study}/{dataset}/d{dim}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        code=code("tinycog.benchmark.steps.time_loop"),
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        fit=lambda w: fit_options(w, "adam"),
        replicas="" if CONFIG.full_loop else f"--replicas {CONFIG.loop.replicas}",
    shell:
        "python -m tinycog bench loop --trials {input.trials} {params.folds} --data {wildcards.dataset}"
        " --dim {wildcards.dim} {params.fit:q} {params.replicas} --output {output} 2>&1 | tee {log}"


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
    """Time likelihood and gradient of a cell by its compiled kernel."""
    output:
        "<bench>/times/cells/{cell}.parquet",
    log:
        "<bench>/logs/time_kernel/{cell}.log",
    wildcard_constraints:
        cell=one_of(CONFIG.kernels.cells),
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        code=lambda w: cell_code("tinycog.benchmark.steps.time_kernels", w.cell),
        dims=as_json(CONFIG.kernels.dims),
        sizes=f"--replicas [{CONFIG.kernels.n_replicas}] --trials [{CONFIG.kernels.n_trials}]",
        counts=f"--block-length {CONFIG.kernels.block_length} --repeats {CONFIG.kernels.repeats}",
    shell:
        "python -m tinycog bench kernels --cell {wildcards.cell} --dims {params.dims:q} {params.sizes} {params.counts}"
        " --output {output} 2>&1 | tee {log}"


use rule time_kernel as time_autograd with:
    """Time likelihood and gradient of a cell by torch's automatic differentiation."""
    output:
        "<bench>/times/cells/{cell}_torch.parquet",
    log:
        "<bench>/logs/time_autograd/{cell}.log",
    wildcard_constraints:
        cell=one_of(CONFIG.kernels.torch),
    params:
        dims=as_json(CONFIG.kernels.dims),
        sizes=f"--torch --replicas [{CONFIG.kernels.n_replicas}] --trials [{CONFIG.kernels.n_trials}]",
        counts=f"--block-length {CONFIG.kernels.block_length} --repeats {CONFIG.kernels.repeats}",


rule time_scaling:
    """Time the gradient with more and more replicas or trials."""
    output:
        "<bench>/times/scaling/{size}.parquet",
    log:
        "<bench>/logs/time_scaling/{size}.log",
    wildcard_constraints:
        size="replicas|trials",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        code=cell_code("tinycog.benchmark.steps.time_kernels", CONFIG.kernels.scaling_cell),
        cell=CONFIG.kernels.scaling_cell,
        sizes=scaling_options,
        counts=f"--block-length {CONFIG.kernels.block_length} --repeats {CONFIG.kernels.repeats}",
        methods=as_json(["gradient"]),
    shell:
        "python -m tinycog bench kernels --cell {params.cell} {params.sizes:q} {params.counts}"
        " --methods {params.methods:q} --output {output} 2>&1 | tee {log}"


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
