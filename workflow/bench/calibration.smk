"""How often d* is right: simulated agents of known dimensionality, and test NLLs drawn as numbers.

Needs: trial tables of simulated agents.
Makes: calibration/{dataset}.parquet; tables/dimensionality.csv, .parquet, .md
Env:   envs/fit.yaml
"""


rule calibrate:
    """Fit networks to simulated agents of known dimensionality and estimate d*."""
    input:
        trials=every_subject,
    output:
        "<bench>/calibration/{dataset}.parquet",
    log:
        "<bench>/logs/calibrate/{dataset}.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=calibration_code(),
        options=lambda w: as_json(CONFIG.calibration_slice(w.dataset)),
    shell:
        "python -m tinycog bench calibrate --options {params.options:q} --output {output} {input.trials:q}"
        " 2>&1 | tee {log}"


rule summarise_calibration:
    """Report how often d* and its bootstrap find the true dimensionality."""
    input:
        found=[f"<bench>/calibration/{name}.parquet" for name in CONFIG.dimensionality.agents],
    output:
        table="<bench>/tables/dimensionality.csv",
        parquet="<bench>/tables/dimensionality.parquet",
        text="<bench>/tables/dimensionality.md",
    log:
        "<bench>/logs/summarise_calibration.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.benchmark.steps.calibrate"),
        data_sets=CONFIG.dimensionality.data_sets,
        bootstrap=CONFIG.dimensionality.bootstrap,
        seed=CONFIG.seed,
        stem=subpath(output.table, strip_suffix=".csv"),
    shell:
        "python -m tinycog bench calibration --data-sets {params.data_sets} --bootstrap {params.bootstrap}"
        " --seed {params.seed} --output {params.stem} {input.found:q} 2>&1 | tee {log}"
