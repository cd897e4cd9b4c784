"""Parameters: the values that the selected fits of cognitive models have.

Needs: table selected; the selected fits and their parameters, which it is made of.
Makes: table parameters
Env:   envs/fit.yaml
"""


rule gather_parameters:
    """List the fitted parameters of the cognitive models in natural units."""
    input:
        selected="<run>/tables/selected.parquet",
    output:
        multiext("<run>/tables/parameters", ".csv", ".parquet"),
    log:
        "<run>/logs/gather_parameters.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("tinycog.analyses.parameters.step", *OUTPUTS["parameters"].modules(CONFIG)),
        root=lambda w: RUN,
        models=as_json(OUTPUTS["parameters"].declared(CONFIG)),
    shell:
        "python -m tinycog gather-parameters --selected {input.selected} --root {params.root} --models {params.models:q}"
        " 2>&1 | tee {log}"
