"""Codebook: what the rows and columns of the run's tables are, from the descriptions that their writers use.

Needs: nothing but the config.
Makes: tables/README.md
Env:   envs/data.yaml
"""


rule write_codebook:
    """Describe the rows and columns of the run's tables."""
    output:
        "<run>/tables/README.md",
    log:
        "<run>/logs/write_codebook.log",
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("tinycog.analyses.codebook", *codebook.modules()),
        names=codebook.sections(CONFIG),
    shell:
        "python -m tinycog codebook {params.names} --output {output} 2>&1 | tee {log}"
