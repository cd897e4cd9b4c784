"""Tables and the figure.

Needs: times of fits and kernels.
Makes: tables/engine.csv, .parquet, .md and figures/engine.png, .pdf; tables/optimisers.csv, .parquet, .md and
       tables/optimiser_fits.csv, .parquet; tables/cognitive.csv, .parquet, .md
Env:   envs/figures.yaml
"""


rule compare_engine:
    """Compare the times of the training loop, the engine and its kernels."""
    input:
        fits=fits("engine", [LOOP, *CONFIG.methods]),
        times=timed(),
        kernels=timed_kernels(),
        start="<bench>/times/engine/tutorial/start.json",
        machine="<bench>/machine.json",
    output:
        table="<bench>/tables/engine.csv",
        parquet="<bench>/tables/engine.parquet",
        text="<bench>/tables/engine.md",
    log:
        "<bench>/logs/compare_engine.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.benchmark.steps.compare_engine"),
        fits=lambda w, input: [f"--fits {path}" for path in input.fits],
        times=lambda w, input: [f"--times {path}" for path in input.times],
        kernels=lambda w, input: [f"--kernels {path}" for path in input.kernels],
        stem=subpath(output.table, strip_suffix=".csv"),
    shell:
        "python -m tinycog bench compare {params.fits} {params.times} {params.kernels} --start {input.start}"
        " --machine {input.machine} --output {params.stem} 2>&1 | tee {log}"


rule plot_engine:
    """Plot the times of whole fits and of kernels alone."""
    input:
        table="<bench>/tables/engine.parquet",
        machine="<bench>/machine.json",
    output:
        png="<bench>/figures/engine.png",
        pdf="<bench>/figures/engine.pdf",
    log:
        "<bench>/logs/plot_engine.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.benchmark.steps.plot_engine"),
        stem=subpath(output.png, strip_suffix=".png"),
    shell:
        "python -m tinycog plot engine --table {input.table} --machine {input.machine} --output {params.stem}"
        " 2>&1 | tee {log}"


rule compare_optimisers:
    """Compare the optimisers of networks: times and validation NLL reached."""
    input:
        fits=fits("optimisers", CONFIG.methods),
    output:
        table="<bench>/tables/optimisers.csv",
        parquet="<bench>/tables/optimisers.parquet",
        text="<bench>/tables/optimisers.md",
        fits="<bench>/tables/optimiser_fits.csv",
        all_fits="<bench>/tables/optimiser_fits.parquet",
    log:
        "<bench>/logs/compare_optimisers.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.benchmark.steps.compare_optimisers"),
        fits=lambda w, input: [f"--fits {path}" for path in input.fits],
        limit=CONFIG.optimisers.limit,
        seeds=CONFIG.optimisers.deciding_seeds,
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog bench optimisers {params.fits} --limit {params.limit} --seeds {params.seeds} --output {params.folder}"
        " 2>&1 | tee {log}"


rule compare_cognitive:
    """Compare the optimisers of cognitive models: times and NLL reached."""
    input:
        fits=timed_cognitive(),
        machine="<bench>/machine.json",
    output:
        table="<bench>/tables/cognitive.csv",
        parquet="<bench>/tables/cognitive.parquet",
        text="<bench>/tables/cognitive.md",
    log:
        "<bench>/logs/compare_cognitive.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.benchmark.steps.compare_cognitive"),
        fits=lambda w, input: [f"--fits {path}" for path in input.fits],
        limit=CONFIG.cognitive.limit,
        stem=subpath(output.table, strip_suffix=".csv"),
    shell:
        "python -m tinycog bench cognitive {params.fits} --machine {input.machine} --limit {params.limit}"
        " --output {params.stem} 2>&1 | tee {log}"
