"""Plans: numbers of jobs and fits against hand counts."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinycog import config
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.setup import costs, expected, planning
from tinycog.setup.costs import Costs
from tinycog.sources import bahrami
from tinycog.sources.prepared import counts
from tinycog.steps.prepare import prepare
from tinycog.storage import read_json, write_json
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
    assert plan.seconds > plan.jobs * 2 * COSTS.others["job"]  # it is fitted and scored
    assert COSTS.others["job"] < plan.longest < plan.seconds


@pytest.mark.parametrize(("model", "starts"), [("MB1", 1), ("MB0md", 3)])
@pytest.mark.parametrize("optimizer", ["gradient", "nelder-mead"])
def test_starts_of_cognitive_models_are_fits(model, starts, optimizer):
    models = {model: {"family": "cognitive", "optimizer": optimizer}, "BAS": {"family": "cognitive"}}
    content = {"run": "t", "datasets": {"a": AGENTS}, "models": models, "cv": {"outer": 2, "inner": 2}}
    (plan,) = planning.plan(checked(content, "t", Config))
    assert plan.fits == 6 * 2 * 2 * (starts + 1)


COSTS = Costs(
    {"gru": {1: 1e-8, 4: 4e-8, 10: 1e-7, 20: 4e-7}, "lstm": {1: 2e-8, 20: 8e-7}},
    {"job": 0.5, "step": 1e-3, "value": 1e-6, "likelihood": 1e-9, "slopes": 1e-8, "alone": 1e-7},
)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setattr(planning.costs, "read", lambda: COSTS)


def test_sizes_that_were_not_measured_cost_in_proportion_to_a_power_of_the_units():
    assert [COSTS.gradient("gru", units) for units in (1, 20)] == [1e-8, 4e-7]
    assert COSTS.gradient("gru", 2) == pytest.approx(2e-8)
    assert COSTS.gradient("gru", 15) == pytest.approx(2.25e-7)
    assert COSTS.gradient("gru", 40) == pytest.approx(1.6e-6)
    assert COSTS.gradient("new", 20) == COSTS.gradient("lstm", 20) == pytest.approx(8e-7)


def planned(section=None, cv=None, training=None, **model):
    """The plan of one network on 20 blocks of 50 trials."""
    models = {"G": {"family": "rnn", "dims": [1], "l1": [0], "seeds": 3} | model}
    agents = AGENTS | {"n_subjects": 1, "n_blocks": 20, "n_trials": 50} | (section or {})
    content = {"run": "t", "datasets": {"a": agents}, "models": models, "cv": cv or {"outer": 4, "inner": 2}}
    (plan,) = planning.plan(checked(content | {"training": training or {}}, "t", Config))
    return plan


def test_seconds_of_networks_by_hand():
    """Three quarters of the blocks in each job; half of these are validated on, for which half a gradient is needed."""
    values = 20 * 50 * 0.75 * (0.5 + 0.5 * 0.5) * 2 * 3 * 1000  # choices, inner folds, seeds, epochs
    one = values * 1e-8
    assert planned().longest == pytest.approx(one + 0.5)
    assert planned().seconds == pytest.approx(4 * (one + 2 * 0.5) + 20 * 0.5)
    assert planned(dims=[4]).longest == pytest.approx(values * 4e-8 * 4**-0.27 + 0.5)
    assert planned(dims=[1, 4]).longest == planned(dims=[4]).longest
    both = planned(section={"n_subjects": 2, "chunks": 1})
    assert both.longest == pytest.approx(2 * one + 0.5)  # one job for both
    assert both.seconds == pytest.approx(4 * (2 * one + 2 * 0.5) + 20 * 0.5)
    assert planned(section={"augment": 1}).longest == pytest.approx(2 * one + 0.5)  # copies cost time
    assert planned(training={"max_epochs": 100}).longest == pytest.approx(one / 10 + 0.5)
    assert planned(training={"optimizer": "fast"}).longest == pytest.approx(0.35 * one + 0.5)
    holdout = planned(cv={"protocol": "holdout"})
    assert holdout.longest == pytest.approx(20 * 50 * 3 * 1000 * 1e-8 + 0.5)


def test_distillation_by_hand():
    """Two targets with subsets of 2 and 15 of their 20 blocks, teachers of two widths on all 60."""
    teacher = {"units": 10, "embeddings": [0, 1], "seeds": 2, "training": {"max_epochs": 10}}
    distillation = {
        "targets": 2,
        "subsets": [2, "all"],
        "teacher": teacher,
        "modes": ["soft", "mixed"],
        "cognitive": [],
    }
    agents = AGENTS | {"n_subjects": 3, "n_blocks": 20, "n_trials": 50}
    content = {"run": "t", "datasets": {"a": agents}, "cv": {"outer": 4, "inner": 2}}
    content["models"] = {"G": {"family": "rnn", "dims": [1], "l1": [0], "seeds": 3}}
    content["training"] = {"max_epochs": 100}
    (alone,) = planning.plan(checked(content, "t", Config))
    content["analyses"] = {"distillation": distillation}
    (plan,) = planning.plan(checked(content, "t", Config))
    assert plan.jobs - alone.jobs == 2 * 2 * (2 + 1 + 2)
    assert plan.fits - alone.fits == 2 * 2 * (2 * 2 + 3 + 2 * 3)
    of_teacher = 10 * 2 * 60 * 50 * 1e-7 + 0.5
    learners = sum(100 * 3 * n * 50 * 1e-8 * (1 + 2 * 2) + 3 * 0.5 for n in (2, 15))  # alone, and with copies twice
    assert plan.seconds - alone.seconds == pytest.approx(2 * (2 * 2 * of_teacher + learners))
    assert plan.longest == pytest.approx(max(alone.longest, of_teacher, 100 * 3 * 30 * 50 * 1e-8 + 0.5))
    content["datasets"] = {"a": agents | {"chunks": 1}}  # both targets in a job
    (together,) = planning.plan(checked(content, "t", Config))
    (without,) = planning.plan(checked(content | {"analyses": {}}, "t", Config))
    assert together.jobs - without.jobs == 2 * (2 + 1 + 2)
    assert together.fits - without.fits == plan.fits - alone.fits
    assert together.seconds - without.seconds == pytest.approx(plan.seconds - alone.seconds - 2 * (2 + 1 + 2) * 0.5)
    content["datasets"] = {"a": agents}
    distillation["new_subjects"] = True  # a teacher of width 1 alone
    (more,) = planning.plan(checked(content, "t", Config))
    assert more.seconds - plan.seconds == pytest.approx(2 * of_teacher)
    distillation["modes"] = ["soft", "mixed", "align"]  # by torch, without copies
    (led,) = planning.plan(checked(content, "t", Config))
    by_torch = sum(100 * 50 * 1e-3 + 100 * 3 * n * 50 * 1e-6 + 0.5 for n in (2, 15))
    assert led.seconds - more.seconds == pytest.approx(2 * by_torch)
    assert (led.jobs - more.jobs, led.fits - more.fits) == (2 * 2, 2 * 2 * 3)


def of_rule(analyses=None, **content):
    """The jobs of each rule for one network and MB0 on 20 blocks of 50 trials of two agents, and the plan."""
    agents = AGENTS | {"n_subjects": 2, "n_blocks": 20, "n_trials": 50}
    models = {"G": {"family": "rnn", "dims": [1, 2], "l1": [0], "seeds": 3}, "MB0": {"family": "cognitive"}}
    base = {"run": "t", "datasets": {"a": agents}, "models": models, "cv": {"outer": 4, "inner": 3}}
    the_config = checked(base | {"analyses": analyses or {}} | content, "t", Config)
    found: dict[str, list] = {}
    for one in expected.jobs(the_config, planning.meta(the_config, "a"), COSTS):
        found.setdefault(one.rule, []).append(one)
    return found, planning.plan(the_config)[0]


def test_shares_of_blocks_by_hand():
    """Of the 15 blocks outside a test fold 8 are fitted, and 2 are fewer than their 3 inner folds."""
    found, plan = of_rule({"data_requirement": {"shares": [1, 0.5, 0.15], "models": ["G"]}})
    one, two = found["fit_shares"][:2]  # of the first model, of each agent
    assert [one.where[key] for key in ("subject", "dim")] == ["s0", "1"]
    assert two.where["subject"] == "s1"
    assert (one.n, one.fits) == (4, 3 * 3)
    assert one.seconds == pytest.approx(0.5 + 1000 * 9 * 50 * 8 * (1 - 0.5 / 3) * 1e-8)
    assert sum(own.n for own in found["fit_shares"]) == 2 * 2 * 4
    assert "fit_simulated" not in found
    assert plan.jobs == 2 * 3 * 4 + 2 * 2 * 4
    found, _ = of_rule({"data_requirement": {"shares": [1, 0.5], "models": ["G"], "simulate": {"blocks": [3, 10]}}})
    one = found["fit_simulated"][0]
    assert (one.n, one.fits) == (4, 2 * 3 * 3)
    assert one.seconds == pytest.approx(0.5 + 1000 * 9 * 50 * 13 * (1 - 0.5 / 3) * 1e-8)


def test_what_fitted_models_play_by_hand():
    """All models and outer folds in one job: for how often d* is found networks alone, for model recovery all."""
    found, plan = of_rule({"dimensionality": {"power": 5}, "model_recovery": {"generators": "kept", "subjects": 1}})
    fits = {own.where["model"] + own.where["dim"]: own for own in found["fit_model"] if own.where["subject"] == "s0"}
    g1, g2, mb0 = (fits[name] for name in ("G1", "G2", "MB02"))
    assert [own.where for own in found["simulate_networks"]] == [
        {"dataset": "a", "subject": who} for who in ("s0", "s1")
    ]
    power = found["simulate_networks"][0]
    assert (power.n, power.fits) == (5, 4 * (g1.fits + g2.fits))
    assert power.seconds == pytest.approx(0.5 + 4 * (g1.seconds + g2.seconds - 2 * 0.5))
    assert [own.where["model"] + own.where["dim"] for own in found["fit_played"]] == ["G1", "G2", "MB02"]
    assert {own.where["subject"] for own in found["fit_played"]} == {"s0"}
    played = found["fit_played"][0]
    assert (played.n, played.fits) == (1, 4 * (g1.fits + g2.fits + mb0.fits))
    assert played.seconds == pytest.approx(0.5 + 4 * (g1.seconds + g2.seconds + mb0.seconds - 3 * 0.5))
    assert plan.jobs == 2 * 3 * 4 + 2 * 5 + 3
    assert plan.longest == max(played.seconds, power.seconds)


def test_teachers_and_refits_by_hand():
    models = {
        "G": {"family": "rnn", "dims": [1], "l1": [0], "seeds": 3, "teacher": "T"},
        "MB0": {"family": "cognitive"},
    }
    teachers = {"T": {"units": 10, "seeds": 2, "training": {"max_epochs": 10}}}
    found, plan = of_rule({"parameters": {"refit": "all"}}, models=models, teachers=teachers)
    (teacher,) = found["fit_teacher"]
    assert (teacher.where, teacher.n, teacher.fits) == ({"dataset": "a", "teacher": "T"}, 4, 3 * 2)
    blocks = 2 * 20 * 0.75 * (1 - 0.5 / 3)
    assert teacher.seconds == pytest.approx(0.5 + 10 * 6 * 50 * blocks * 1e-7)
    assert [(own.where["subject"], own.n, own.fits) for own in found["refit_parameters"]] == [
        ("s0", 1, 1),
        ("s1", 1, 1),
    ]
    of_a_fold = next(own for own in found["fit_model"] if own.where["model"] == "MB0").seconds
    slopes, grid = 3 * 15e-8, expected.cognitive.GRID.size**2 * 1e-9
    assert of_a_fold == pytest.approx(0.5 + (slopes + grid) * 50 * 20 * 0.75 * (1 - 0.5 / 3))
    assert found["refit_parameters"][0].seconds == pytest.approx(0.5 + (slopes / 3 + grid) * 50 * 20)
    assert plan.jobs == 2 * 2 * 4 + 4 + 2
    under_a_prior, _ = of_rule({"parameters": {"refit": "all"}}, models={"MB0": models["MB0"] | {"prior": "weak"}})
    assert set(under_a_prior) == {"fit_model"}  # what a prior says is not fitted again without it


def test_students_of_held_out_subjects_by_hand():
    models = {
        "G": {"family": "rnn", "dims": [2], "l1": [0]},
        "S": {"family": "rnn", "dims": [1], "l1": [0], "seeds": 2},
    }
    models["S"]["datasets"] = []
    cv = {"protocol": "cross_subject", "outer": 3, "inner": 2}
    zero_shot = {"teacher": "G", "students": ["S"], "relabel": 1}
    agents = AGENTS | {"n_blocks": 20, "n_trials": 50}
    found, plan = of_rule({"zero_shot": zero_shot}, models=models, cv=cv, datasets={"a": agents})
    (student,) = found["fit_held_out_students"]
    assert (student.n, student.fits) == (3, 2 * 2)  # two subjects in each fold, two seeds
    assert student.seconds == pytest.approx(0.5 + 1000 * 2 * 50 * 2 * 20 * 2 * 1e-8)  # on the blocks and their copies
    assert plan.jobs == 3 + 3


def test_recovered_parameters_by_hand():
    found, plan = of_rule({"parameter_recovery": {"agents": 7}})
    (one,) = found["recover_parameters"]
    assert (one.where, one.n, one.fits) == ({"dataset": "a", "model": "MB0"}, 1, 7)
    agent = (15e-8 + expected.cognitive.GRID.size**2 * 1e-9) * 20 * 50  # from the best point of a grid, to all choices
    assert one.seconds == pytest.approx(0.5 + 7 * agent)
    assert plan.jobs == 2 * 3 * 4 + 1
    models = {"MB0": {"family": "cognitive", "prior": "population"}}
    agents = AGENTS | {"n_subjects": 3, "n_blocks": 20, "n_trials": 50}
    under_a_prior, _ = of_rule({"parameter_recovery": {"agents": 7}}, models=models, datasets={"a": agents})
    (one,) = under_a_prior["recover_parameters"]
    assert one.fits == 7
    assert one.seconds == pytest.approx(0.5 + 7 * (agent + 600e-8 * 20 * 50))


def test_agents_are_recovered_once_in_each_data_set():
    agents = AGENTS | {"n_blocks": 20, "n_trials": 50}
    datasets = {"a": agents, "b": agents | {"n_blocks": 40}}
    content = {"run": "t", "datasets": datasets, "models": MODELS, "cv": {"outer": 2, "inner": 2}}
    the_config = checked(content | {"analyses": {"parameter_recovery": {"agents": 2}}}, "t", Config)
    of = {
        name: [
            one for one in expected.jobs(the_config, planning.meta(the_config, name), COSTS) if "recover" in one.rule
        ]
        for name in datasets
    }
    assert [[one.where["dataset"] for one in jobs] for jobs in of.values()] == [["a"], ["b"]]
    assert of["b"][0].seconds - 0.5 == pytest.approx(2 * (of["a"][0].seconds - 0.5))


@pytest.mark.parametrize(
    ("engine", "rule"), [("operon", "search_equations"), ("pysr", "search_equations_with_pysr"), ("sparse", None)]
)
def test_equations_by_hand(engine, rule):
    """A network of one unit and one of two, in four conditions of three outer folds."""
    section = {"engine": engine, "evaluations": 10_000, "starts": 2, "models": ["G"]}
    found, plan = of_rule({"symbolic_regression": section}, cv={"outer": 4, "inner": 3})
    places = [{"dataset": "a", "subject": who, "model": "G", "dim": dim} for dim in "12" for who in ("s0", "s1")]
    of_engine = {name: jobs for name, jobs in found.items() if "search" in name}
    assert list(of_engine) == ([rule] if rule else [])
    for jobs in of_engine.values():
        assert [one.where for one in jobs] == places
        equations = 4 * 4 * np.repeat([1, 2], 2)  # outer folds, conditions, variables
        assert [one.seconds for one in jobs] == pytest.approx(list(0.5 + equations * (0.2 + 10_000 * 1e-5)))
    assert [one.where for one in found["choose_equations"]] == places
    assert found["choose_equations"][2].seconds == pytest.approx(0.5 + 4 * 4 * 2 * 0.3)
    assert [one.where for one in found["fit_formula"]] == places
    one = found["fit_formula"][0]
    assert (one.n, one.fits) == (1, 4 * 3 * 2)
    assert one.seconds == pytest.approx(0.5 + 4 * 3 * 2 * 120 * 20 * 50 * 0.75 * (1 - 0.5 / 3) * 1e-8)
    assert plan.jobs == 2 * 3 * 4 + 4 * (2 + len(of_engine))
    chunk, _ = of_rule(
        {"symbolic_regression": section},
        datasets={"a": AGENTS | {"n_subjects": 2, "n_blocks": 20, "n_trials": 50, "chunks": 1}},
    )
    assert [one.where["subject"] for one in chunk["fit_formula"]] == ["chunk__0"] * 2
    for name in ("fit_formula", "choose_equations", *of_engine):
        assert chunk[name][1].seconds == pytest.approx(2 * found[name][2].seconds - 0.5)
    assert chunk["fit_formula"][0].fits == 2 * one.fits


def test_a_subject_that_marks_drop_is_not_planned(tmp_path):
    marks = tmp_path / "marks.tsv"
    marks.write_text("dataset\tsubject\tmark\tcomment\na\ts1\tdrop\tasleep\nb\ts2\tdrop\t\n")
    content = {"run": "t", "datasets": {"a": AGENTS}, "models": MODELS, "cv": {"outer": 2, "inner": 2}}
    (whole,) = planning.plan(checked(content, "t", Config))
    content["datasets"] = {"a": AGENTS | {"marks": str(marks)}}
    the_config = checked(content, "t", Config)
    (plan,) = planning.plan(the_config)
    assert (whole.subjects, whole.excluded) == (6, 0)
    assert (plan.subjects, plan.excluded, plan.trials) == (5, 1, 5 * 4 * 5)
    assert (plan.jobs, plan.fits) == (whole.jobs * 5 // 6, whole.fits * 5 // 6)
    meta = tmp_path / "data/meta.json"
    prepare(meta, name="a", options=the_config.datasets["a"].model_dump(), raw=tmp_path, seed=0, marked=marks)
    expected_of = planning.meta(the_config, "a")
    assert {key: read_json(meta)[key] for key in expected_of} == json.loads(json.dumps(expected_of))
    marks.write_text("dataset\tsubject\tmark\tcomment\na\tx\tdrop\t\n")
    with pytest.raises(
        InputError, match=r"datasets.a.marks: .*row 2: subject 'x' is to be dropped, but not in the data"
    ):
        planning.plan(the_config)


def test_every_job_has_its_own_time(tmp_path):
    agents = AGENTS | {"n_blocks": 20, "n_trials": 50}
    the_config = checked(
        {"run": "t", "datasets": {"a": agents}, "models": MODELS, "cv": {"outer": 2, "inner": 2}}, "t", Config
    )
    of_run = expected.Expected(the_config, Layout(tmp_path), COSTS)
    place = {"dataset": "a", "subject": "s1", "model": "G", "dim": 2, "outer": "1"}
    assert of_run.seconds("fit_model", place) == 0.5  # as long as nothing is known of the data
    (tmp_path / "data/a").mkdir(parents=True)
    write_json(tmp_path / "data/a/meta.json", planning.meta(the_config, "a"))
    fits = {
        (own.where["model"], own.where["dim"]): own.seconds
        for own in expected.jobs(the_config, planning.meta(the_config, "a"), COSTS)
    }
    assert (
        of_run.seconds("fit_model", place)
        == fits["G", "2"]
        != fits["G", "1"]
        == of_run.seconds("fit_model", place | {"dim": 1})
    )
    assert of_run.seconds("score_model", place) == of_run.seconds("plot_fields", {}) == 0.5


def test_a_batch_of_more_blocks_than_a_subject_has_is_a_problem(tmp_path):
    rows = [(who, b, t, b % 2, t % 2) for who, n in (("x", 9), ("y", 6)) for b in range(n) for t in range(8)]
    lines = ["subject,block,trial,action,reward", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    section = {"source": "table", "task": "bandit", "file": str(tmp_path / "t.csv")}
    content = {"run": "t", "datasets": {"a": section}, "models": MODELS, "cv": {"outer": 2, "inner": 2}}

    def problems(batch):
        the_config = checked(content | {"training": {"batch": batch}}, "t", Config)
        return planning.check_folds(the_config, planning.plan(the_config))

    assert problems(6) == []
    assert len(problems(7)) == 1
    assert "training.batch: found 7, but a subject of datasets.a has 6 blocks; allowed: at most those" in problems(7)[0]
    content["models"] = {"MB0": MODELS["MB0"]}  # no batch is about it
    assert problems(7) == []


def test_a_layer_of_few_units_costs_what_the_smallest_measured_one_does():
    cv = {"protocol": "cross_subject", "outer": 3, "inner": 2}
    few, six = (planned({"n_subjects": 6}, cv, dims=[d], subject_embedding=1).longest - 0.5 for d in (2, 6))
    assert few / six == pytest.approx((2 / 6) ** -0.27)  # but for its epochs


def test_a_network_without_a_kernel_costs_what_torch_does(monkeypatch):
    monkeypatch.setattr(expected, "has_kernel", lambda model: False)
    values = 20 * 50 * 0.75 * (0.5 + 0.5 * 0.5) * 2 * 3 * 1000
    assert planned().longest == pytest.approx(1000 * 50 * 1e-3 + values * 1e-6 + 0.5)


def test_the_measured_table_has_every_cell_at_every_size_and_what_else_is_reckoned_with(monkeypatch, tmp_path):
    monkeypatch.undo()
    measured = costs.read()
    assert set(measured.gradients) == set(registry.KERNELS)
    assert set(measured.others) == set(COSTS.others)
    for cell, of_units in measured.gradients.items():
        assert {1, 2, 5, 6, 20, 128} <= set(of_units), cell
    assert all(1e-9 < seconds < 1e-3 for of_units in measured.gradients.values() for seconds in of_units.values())
    rows = [("gradient", "gru", 1, 1.23456e-8), ("gradient", "gru", 2, 2e-8), ("job", "job", "", 0.5)]
    costs.write(tmp_path / "costs.csv", rows)
    assert costs.read(tmp_path / "costs.csv") == Costs({"gru": {1: 1.23e-8, 2: 2e-8}}, {"job": 0.5})


def test_real_monkeys(data_folder):
    default = Path("config/config.yaml")
    the_config = config.load(default, [Path("config/experiments/monkeys.yaml")], {"raw": str(data_folder)})
    (plan,) = planning.plan(the_config)
    assert (plan.subjects, plan.trials, plan.jobs) == (
        2,
        1440 + 1380,
        2 * (2 * 5 * 12 + 8),
    )  # and to shares of blocks, and refits of cognitive models


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
