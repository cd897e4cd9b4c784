"""Symbolic regression: equations of models with one or two dynamical variables, fitted to choices as models.

Needs: selected fits and their scores, trial tables and folds.
Makes: dynamics/{dataset}/{subject}/{model}/d{dim}/*, tables symbolic_regression, formula_rules, formulas,
       figures equations__{dataset}__{subject}__{model}__d{dim} and formulas__{dataset}
Env:   envs/symbolic.yaml or envs/pysr.yaml, envs/fit.yaml, envs/figures.yaml
"""

EQUATIONS = "<run>/dynamics/{dataset}/{subject}/{model}/d{dim}"
SYMBOLIC = CONFIG.analyses.symbolic_regression


rule search_equations:
    """Search equations of what trials do to a model's variables."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
    output:
        f"{EQUATIONS}/operon.json",
    log:
        "<run>/logs/search_equations/{dataset}/{subject}/{model}/d{dim}.log",
    benchmark:
        "<run>/benchmarks/search_equations/{dataset}/{subject}/{model}/d{dim}.tsv"
    conda:
        "../../envs/symbolic.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=lambda wildcards, input, attempt: 60 * len(input.scores) * attempt,
    params:
        code=code("tinycog.analyses.symbolic_regression.search"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        task=lambda w: task_options(w.dataset),
        engine=lambda w: SYMBOLIC.engine,
        evaluations=lambda w: SYMBOLIC.evaluations,
        max_complexity=lambda w: SYMBOLIC.max_complexity,
    shell:
        "python -m tinycog search-equations {params.selected} {params.scores} --root {params.root} {params.task}"
        " --engine {params.engine} --evaluations {params.evaluations} --max-complexity {params.max_complexity}"
        " --output {output} 2>&1 | tee {log}"


use rule search_equations as search_equations_with_pysr with:
    """Search equations of what trials do to a model's variables, with PySR."""
    output:
        f"{EQUATIONS}/pysr.json",
    log:
        "<run>/logs/search_equations_with_pysr/{dataset}/{subject}/{model}/d{dim}.log",
    conda:
        "../../envs/pysr.yaml"


rule choose_equations:
    """Choose an equation for each input condition and variable of a model."""
    input:
        selected=outer_folds(LAYOUT.selected),
        scores=outer_folds(LAYOUT.scores),
        searched=lambda w: OUTPUTS["symbolic_regression"].searched(CONFIG, LAYOUT, *w),
    output:
        table=f"{EQUATIONS}/symbolic_regression.parquet",
        rules=f"{EQUATIONS}/rules.json",
        drawn=multiext(f"{EQUATIONS}/", "formula_points.parquet", "formula_curves.parquet"),
    log:
        "<run>/logs/choose_equations/{dataset}/{subject}/{model}/d{dim}.log",
    conda:
        "../../envs/symbolic.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("tinycog.analyses.symbolic_regression.choose"),
        root=lambda w: RUN,
        selected=lambda w, input: [f"--selected {path}" for path in input.selected],
        scores=lambda w, input: [f"--scores {path}" for path in input.scores],
        searched=lambda w, input: [f"--searched {path}" for path in input.searched],
        task=lambda w: task_options(w.dataset),
        engine=lambda w: SYMBOLIC.engine,
        max_complexity=lambda w: SYMBOLIC.max_complexity,
        tolerance=lambda w: SYMBOLIC.tolerance,
        folder=subpath(output.table, parent=True),
    shell:
        "python -m tinycog choose-equations {params.selected} {params.scores} {params.searched} --root {params.root}"
        " {params.task} --engine {params.engine} --max-complexity {params.max_complexity} --tolerance {params.tolerance}"
        " --output {params.folder} 2>&1 | tee {log}"


rule fit_formula:
    """Fit the equations of a model to the choices, on the folds of the model."""
    input:
        trials=trials_of,
        folds=outer_folds(LAYOUT.fold),
        rules=f"{EQUATIONS}/rules.json",
    output:
        fits=f"{EQUATIONS}/formula_fits.parquet",
        rules=f"{EQUATIONS}/formula_rules.parquet",
        found=f"{EQUATIONS}/formula_found.parquet",
    log:
        "<run>/logs/fit_formula/{dataset}/{subject}/{model}/d{dim}.log",
    benchmark:
        "<run>/benchmarks/fit_formula/{dataset}/{subject}/{model}/d{dim}.tsv"
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=lambda wildcards, input, attempt: 30 * (1 + len(input.trials)) * attempt,
    params:
        code=code("tinycog.analyses.symbolic_regression.fit", "tinycog.fitting.formulas"),
        trials=trials_options,
        folds=lambda w, input: [f"--fold {path}" for path in input.folds],
        task=lambda w: task_options(w.dataset),
        starts=lambda w: SYMBOLIC.starts,
        folder=subpath(output.fits, parent=True),
    shell:
        "python -m tinycog fit-equations {params.trials} {params.folds} --rules {input.rules} {params.task}"
        " --starts {params.starts} --output {params.folder} 2>&1 | tee {log}"


rule gather_equations:
    """Join the equations of all models in tables, and compare their test NLL with that of the models."""
    input:
        metas=metas(),
        parts=lambda w: OUTPUTS["symbolic_regression"].parts(CONFIG, LAYOUT, fits()),
        selected="<run>/tables/selected.parquet",
    output:
        report(
            "<run>/tables/symbolic_regression.csv",
            caption="../report/symbolic_regression.rst",
            category="Tables",
            labels={"table": "symbolic regression"},
        ),
        report(
            "<run>/tables/formulas.csv",
            caption="../report/formulas.rst",
            category="Tables",
            labels={"table": "formulas"},
        ),
        multiext("<run>/tables/formula_rules", ".csv", ".parquet"),
        multiext("<run>/tables/", "symbolic_regression.parquet", "formulas.parquet"),
    log:
        "<run>/logs/gather_equations.log",
    conda:
        "../../envs/fit.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.symbolic_regression.gather"),
        root=lambda w: RUN,
        grid=lambda w: as_json({**grid.plain(CONFIG), "models": OUTPUTS["symbolic_regression"].dims(CONFIG)}),
    shell:
        "python -m tinycog gather-equations --root {params.root} --grid {params.grid:q} --selected {input.selected}"
        " 2>&1 | tee {log}"


rule plot_equations:
    """Plot the equations of a model: loss against complexity, and those that are selected."""
    input:
        lambda w: str(LAYOUT.dynamics(w.dataset, w.subject, w.model, int(w.dim), "symbolic_regression")),
    output:
        report(
            "<run>/figures/equations__{dataset}__{subject}__{model}__d{dim}.png",
            caption="../report/equations.rst",
            category="Dynamics",
            labels={
                "figure": "equations",
                "data set": "{dataset}",
                "subject": "{subject}",
                "model": "{model}, d = {dim}",
            },
        ),
        pdf="<run>/figures/equations__{dataset}__{subject}__{model}__d{dim}.pdf",
    log:
        "<run>/logs/plot_equations/{dataset}/{subject}/{model}/d{dim}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.symbolic_regression.plot"),
        actions=lambda w: as_json(CONFIG.datasets[w.dataset].action_labels),
        folder=subpath(input[0], parent=True),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot equations --folder {params.folder} --subject {wildcards.subject} --actions {params.actions:q}"
        " --output {params.stem} 2>&1 | tee {log}"


rule plot_formulas:
    """Plot the test NLL of models, of their equations and of the best cognitive model."""
    input:
        "<run>/tables/formulas.parquet",
    output:
        report(
            "<run>/figures/formulas__{dataset}.png",
            caption="../report/formulas.rst",
            category="Prediction",
            labels={"figure": "equations as models", "data set": "{dataset}"},
        ),
        pdf="<run>/figures/formulas__{dataset}.pdf",
    log:
        "<run>/logs/plot_formulas/{dataset}.log",
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.analyses.symbolic_regression.plot"),
        stem=subpath(output.pdf, strip_suffix=".pdf"),
    shell:
        "python -m tinycog plot formulas --formulas {input} --dataset {wildcards.dataset} --output {params.stem}"
        " 2>&1 | tee {log}"
