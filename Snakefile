"""tinycog: from behaviour to dynamical variables and strategies. Rules are in workflow/rules."""

import gc

from snakemake.utils import min_version

min_version("9.14")

# planning makes objects that stay: looking for cycles of unused ones as often as by default takes a sixth of its time
gc.set_threshold(100_000, 50, 100)


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/messages.smk"


configfile: f"{workflow.basedir}/config/config.yaml"


pathvars:
    run=RUN,


wildcard_constraints:
    dataset=one_of(CONFIG.datasets),
    model=one_of(CONFIG.models),
    teacher=one_of(CONFIG.teachers),
    subject=IDENTIFIER,
    dim=r"\d+",
    outer=r"\d+",
    target=IDENTIFIER,
    n=r"\d+",
    width=r"\d+",


report: "workflow/report/workflow.rst"


onstart:
    if workflow.local_exec:
        # A limit for clusters, because of which Snakemake looks at all waiting jobs a second after every such look and
        # whenever a job ends: after some hundred jobs it does nothing else.
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    say(closing())


onerror:
    unfinished()


include: "workflow/rules/data.smk"
include: "workflow/rules/splits.smk"
include: "workflow/rules/teachers.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/score.smk"
include: "workflow/rules/aggregate.smk"
include: "workflow/rules/codebook.smk"
include: "workflow/rules/analyses.smk"
include: "workflow/rules/figures.smk"
# one for each analysis
include: "workflow/rules/description.smk"
include: "workflow/rules/performance.smk"
include: "workflow/rules/advantage.smk"
include: "workflow/rules/dimensionality.smk"
include: "workflow/rules/data_requirement.smk"
include: "workflow/rules/portraits.smk"
include: "workflow/rules/stability.smk"
include: "workflow/rules/fields.smk"
include: "workflow/rules/drift.smk"
include: "workflow/rules/signatures.smk"
include: "workflow/rules/dynamical_regression.smk"
include: "workflow/rules/symbolic_regression.smk"
include: "workflow/rules/behaviour.smk"
include: "workflow/rules/parameter_recovery.smk"
include: "workflow/rules/model_recovery.smk"
include: "workflow/rules/parameters.smk"
include: "workflow/rules/trials.smk"
include: "workflow/rules/agreement.smk"
include: "workflow/rules/strategy.smk"
include: "workflow/rules/covariates.smk"
include: "workflow/rules/distillation.smk"
include: "workflow/rules/zero_shot.smk"
include: "workflow/rules/page.smk"


rule all:
    """Make everything that the config asks for: tables, figures and the page."""
    default_target: True
    input:
        metas(),
        all_results,


rule tables:
    """Make the tables alone."""
    input:
        metas(),
        all_tables,


rule subject_pages:
    """Make the page of every subject, however many there are."""
    input:
        lambda w: page.of_subjects(LAYOUT, fits()),
