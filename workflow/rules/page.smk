"""Page: what a run found, to be read in a browser without a network, with a page for each subject.

Needs: tables of the run, those that it makes; maps and steps of models with one and two dynamical variables.
Makes: index.html, subjects/{dataset}/{subject}.html: of few subjects by default, of many when they are asked for
Env:   envs/page.yaml
"""


rule make_page:
    """Write the page of the run."""
    input:
        metas=metas(),
        tables=page.tables(CONFIG, LAYOUT, page.OF_ALL),
    output:
        "<run>/index.html",
    log:
        "<run>/logs/make_page.log",
    conda:
        "../../envs/page.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.page.step"),
        templates=page.templates(),
        root=lambda w: RUN,
        tables=lambda w, input: [f"--tables {path}" for path in input.tables],
        about=as_json(page.about(CONFIG)),
    shell:
        "python -m tinycog page --root {params.root} {params.tables} --about {params.about:q}"
        " --output {output} 2>&1 | tee {log}"


rule make_subject_page:
    """Write the page of one subject."""
    input:
        meta=lambda w: str(LAYOUT.meta(w.dataset)),
        tables=page.tables(CONFIG, LAYOUT, page.OF_ONE),
        drawn=lambda w: page.drawn(CONFIG, LAYOUT, fits(), w.dataset, w.subject),
    output:
        "<run>/subjects/{dataset}/{subject}.html",
    log:
        "<run>/logs/make_subject_page/{dataset}/{subject}.log",
    conda:
        "../../envs/page.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("tinycog.page.step"),
        templates=page.templates(),
        root=lambda w: RUN,
        tables=lambda w, input: [f"--tables {path}" for path in input.tables],
        drawn=lambda w, input: [f"--drawn {path}" for path in input.drawn],
        figures=lambda w: [f"--figure {name}" for name in figures_of(w.dataset, w.subject)],
        about=as_json(page.about(CONFIG)),
    shell:
        "python -m tinycog page-subject --root {params.root} --dataset {wildcards.dataset} --subject {wildcards.subject}"
        " {params.tables} {params.drawn} {params.figures} --about {params.about:q} --output {output} 2>&1 | tee {log}"
