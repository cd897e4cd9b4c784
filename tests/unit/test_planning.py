"""Plans: numbers of jobs and fits against hand counts."""

from pathlib import Path

import pytest

from tinycog import config
from tinycog.config import Config
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.setup import planning
from tinycog.sources import bahrami
from tinycog.sources.prepared import counts
from tinycog.trials.subjects import left_out

AGENTS = {"source": "simulate", "task": "bandit", "n_subjects": 6, "n_blocks": 4, "n_trials": 5}
MODELS = {"G": {"family": "rnn", "dims": [1, 2], "l1": [0, 1e-5], "seeds": 3}, "MB0": {"family": "cognitive"}}


@pytest.mark.parametrize(("cv", "kept", "excluded", "outer", "inner"), [
    ({"protocol": "blocks", "outer": 2, "inner": 2}, 6, 0, 2, 2),
    ({"protocol": "interspersed"}, 6, 0, 1, 1),
    ({"protocol": "cross_subject", "outer": 3, "inner": 2}, 1, 0, 3, 1),  # the first inner fold alone
])  # fmt: skip
@pytest.mark.parametrize("augment", [0, 1])
def test_jobs_and_fits(cv, kept, excluded, outer, inner, augment):
    content = {"run": "t", "datasets": {"a": AGENTS | {"augment": augment}}, "models": MODELS, "cv": cv}
    (plan,) = planning.plan(checked(content, "t", Config))
    assert (plan.subjects, plan.excluded) == (kept, excluded)
    assert plan.trials == 6 * 4 * 5  # copies are not data
    assert plan.jobs == kept * outer * 3  # two dims and MB0
    assert plan.fits == kept * outer * (2 * inner * 3 * 2 + inner)
    assert plan.seconds > plan.jobs * planning.JOB_START


@pytest.mark.parametrize(("model", "starts"), [("MB1", 1), ("MB0md", 3)])
@pytest.mark.parametrize("optimizer", ["gradient", "nelder-mead"])
def test_starts_of_cognitive_models_are_fits(model, starts, optimizer):
    models = {model: {"family": "cognitive", "optimizer": optimizer}, "BAS": {"family": "cognitive"}}
    content = {"run": "t", "datasets": {"a": AGENTS}, "models": models, "cv": {"outer": 2, "inner": 2}}
    (plan,) = planning.plan(checked(content, "t", Config))
    assert plan.fits == 6 * 2 * 2 * (starts + 1)


def test_copies_cost_time():
    def seconds(augment):
        section = AGENTS | {"n_blocks": 400, "augment": augment}
        content = {"run": "t", "datasets": {"a": section}, "models": {"G": MODELS["G"]}}
        (plan,) = planning.plan(checked(content, "t", Config))
        return plan.seconds - plan.jobs * planning.JOB_START

    assert seconds(1) == pytest.approx(2 * seconds(0), rel=0.3)


def test_a_network_of_many_units_and_one_with_an_embedding_are_planned_as_layers():
    """Nanoseconds for each choice and replica: 5 a unit where loops are unrolled, 117 for a layer of 10, 258 of 20."""

    def seconds(dim, width=0):
        models = {"G": {"family": "rnn", "dims": [dim], "l1": [0], "seeds": 3, "subject_embedding": width}}
        cv = {"protocol": "cross_subject", "outer": 3, "inner": 2}
        section = AGENTS | {"n_blocks": 40, "n_trials": 50}
        content = {"run": "t", "datasets": {"a": section}, "models": models, "cv": cv}
        (plan,) = planning.plan(checked(content, "t", Config))
        return plan.seconds - plan.jobs * planning.JOB_START

    assert seconds(10) / seconds(2) == pytest.approx(117 / 10, rel=0.1)
    assert seconds(20) / seconds(10) == pytest.approx(258 / 117, rel=0.1)
    assert seconds(2, width=1) / seconds(2) == pytest.approx(64.7 / 10, rel=0.1)


def test_real_monkeys(data_folder):
    default = Path("config/config.yaml")
    the_config = config.load(default, [Path("config/experiments/monkeys.yaml")], {"raw": str(data_folder)})
    (plan,) = planning.plan(the_config)
    assert (plan.subjects, plan.trials, plan.jobs) == (2, 1440 + 1380, 2 * 5 * 7)


@pytest.mark.parametrize(("asked", "gone"), [("all", ["x"]), (["s", "x"], [])])
def test_subjects_that_keep_some_trials_are_not_left_out(asked, gone):
    removed = [{"subject": "s", "reason": "few trials", "trials": 3}, {"subject": "x", "reason": "no rewards"}]
    meta = {"dataset": "d", "subjects": ["s"], "removed": removed, "options": {"subjects": asked}}
    assert left_out(meta) == [{"dataset": "d", "subject": who, "reason": "left out: no rewards"} for who in gone]


def test_participants_with_too_many_missing_choices_are_excluded(data_folder):
    dataset = checked({"source": "bahrami"}, "t", AnyDataset).model_dump()
    prepared = bahrami.prepare("b", dataset, data_folder, 0)
    meta = {"dataset": "b", "subjects": list(counts(prepared.table)), "removed": prepared.removed, "options": dataset}
    rows = left_out(meta)
    assert len(meta["subjects"]) + len(rows) == 965  # participants in the file
    assert {row["reason"] for row in rows} == {"left out: more than 15 missing choices"}
    assert not {row["subject"] for row in rows} & set(meta["subjects"])
    content = {"run": "t", "datasets": {"b": {"source": "bahrami"}}, "models": MODELS, "raw": str(data_folder)}
    content["models"] = {"G": MODELS["G"]}
    (plan,) = planning.plan(checked(content | {"cv": {"protocol": "interspersed"}}, "t", Config))
    assert (plan.subjects, plan.excluded) == (len(meta["subjects"]), len(rows))
