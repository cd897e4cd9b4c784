"""What runs again after a change, on the real workflow: exactly what depends on it."""

from __future__ import annotations

import copy
import re
from collections import Counter
from contextlib import contextmanager

import pandas as pd
import pytest
from project import Project, small_config, small_table

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("reruns")]

SOURCE = "workflow/src/tinycog"
TABLES = {
    **{"aggregate_fits": 1, "summarise_performance": 1, "estimate_dimensionality": 1},
    **{"gather_parameters": 1, "summarise_parameters": 1, "plot_performance": 1, "plot_dimensionality": 1},
    **{"compare_with_rivals": 1, "make_page": 1, "make_subject_page": 2},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run; tests change it and put it back."""
    folder = tmp_path_factory.mktemp("reruns")
    small_table(folder)
    project = Project(folder, small_config())
    project.run()
    return project


@contextmanager
def edited(path, text):
    """The file with `text` added, and as it was afterwards."""
    before = path.read_bytes()
    path.write_bytes(before + text.encode())
    try:
        yield
    finally:
        path.write_bytes(before)


@contextmanager
def configured(project, change):
    before = project.config
    config = copy.deepcopy(before)
    change(config)
    project.configure(config)
    try:
        yield
    finally:
        project.configure(before)


def test_nothing_runs_again_without_a_change(finished):
    assert not finished.plan().rules()


def test_a_deleted_fold_runs_that_fold_and_what_hangs_on_it(finished):
    fold = finished.results / "folds/mine/m1/outer1.parquet"
    backup = fold.read_bytes()
    fold.unlink()
    plan = finished.plan()
    fold.write_bytes(backup)
    assert plan.of("split_blocks") == [{"dataset": "mine", "subject": "m1", "outer": "1"}]
    for rule in ("fit_model", "score_model"):
        assert {(job["subject"], job["outer"]) for job in plan.of(rule)} == {("m1", "1")}, rule
    assert Counter((job["model"], job["dim"]) for job in plan.of("fit_model")) == {
        ("gru", "1"): 1,
        ("gru", "2"): 1,
        ("LS0", "1"): 1,
    }
    assert {job["subject"] for job in plan.of("analyse_models_0")} == {"m1"}
    assert plan.rules() - Counter(TABLES) - Counter(gather_portraits=1) == Counter(
        split_blocks=1, fit_model=3, score_model=3, analyse_models_0=2, plot_models_0=2
    )


def test_a_deleted_fit_runs_that_fit_alone(finished):
    fit = finished.results / "fits/mine/m2/gru/d2/outer0.parquet"
    backup = fit.read_bytes()
    fit.unlink()
    plan = finished.plan()
    fit.write_bytes(backup)
    assert plan.of("fit_model") == [{"dataset": "mine", "subject": "m2", "model": "gru", "dim": "2", "outer": "0"}]
    assert plan.rules() == Counter(fit_model=1, score_model=1, **TABLES)


def new_model(config):
    config["models"]["MB0"] = {"family": "cognitive"}


def new_dim(config):
    config["models"]["gru"]["dims"].append(3)


@pytest.mark.parametrize(("change", "model", "dim"), [(new_model, "MB0", "2"), (new_dim, "gru", "3")])
def test_a_new_model_or_dim_leaves_every_finished_fit_alone(finished, change, model, dim):
    with configured(finished, change):
        plan = finished.plan()
    assert {(job["model"], job["dim"]) for job in plan.of("fit_model")} == {(model, dim)}
    assert plan.rules() == Counter(fit_model=4, score_model=4, **TABLES)


def more_seeds(config):
    config["models"]["gru"]["seeds"] = 2


def more_seeds_for_all(config):
    config["training"]["seeds"] = 2


def more_l1(config):
    config["models"]["gru"]["l1"].append(1e-3)


@pytest.mark.parametrize("change", [more_seeds, more_seeds_for_all, more_l1])
def test_a_new_seed_or_l1_runs_the_fits_of_that_model_only(finished, change):
    with configured(finished, change):
        plan = finished.plan()
    assert Counter(job["model"] for job in plan.of("fit_model")) == {"gru": 8}
    assert not plan.of("split_blocks")


def test_another_fold_number_leaves_the_data_alone(finished):
    def change(config):
        config["cv"]["outer"] = 3

    with configured(finished, change):
        plan = finished.plan()
    assert len(plan.of("split_blocks")) == 6
    assert not plan.of("prepare_data")


def test_a_figure_option_or_caption_runs_no_fit(finished):
    with edited(finished.folder / f"{SOURCE}/analyses/performance/figure.py", "\n# another line width\n"):
        assert finished.plan().rules() == Counter(plot_performance=1)
    with edited(finished.folder / "workflow/report/nll.rst", "\nmore words\n"):
        assert not finished.plan().rules()


@pytest.mark.parametrize("file", ["card.py", "templates/page.js", "agents.json"])
def test_what_the_page_is_made_of_runs_the_pages_alone(finished, file):
    with edited(finished.folder / f"{SOURCE}/page" / file, "\n# edited\n"):
        assert finished.plan().rules() == Counter(make_page=1, make_subject_page=2)


def test_other_threads_or_memory_run_nothing(finished):
    with configured(finished, lambda config: config.update(threads=2)):
        assert not finished.plan().rules()
        assert not finished.plan("--set-resources", "fit_model:mem_mb=5000").rules()
        again = re.findall(
            r"^rule fit_model:\n(?:    .*\n)+", finished.plan("--forcerun", "fit_model").output, re.MULTILINE
        )
    assert again
    for job in again:  # threads are for networks
        assert ("    threads: 2\n" in job) == ("model=gru" in job)


def test_labels_of_actions_run_figures_and_tables_alone_and_axes_of_portraits_figures(finished):
    def labels(config):
        config["datasets"]["mine"]["actions"] = ["left", "right"]

    def axes(config):
        config["analyses"]["portraits"] = {"limit": 5}

    with configured(finished, labels):
        named = Counter(gather_descriptions=1, gather_portraits=1, make_page=1, make_subject_page=2)
        assert finished.plan().rules() == named + Counter(plot_description=1, plot_models_0=4)
    with configured(finished, axes):
        plan = finished.plan()
    assert plan.rules() == Counter(plot_models_0=4)


# module: the rules that use it, beyond those that follow from them
EDITS = {
    "models/cells/gru.py": {"fit_model": {"gru"}, "score_model": {"gru"}},
    "models/cognitive/reversal.py": {"fit_model": {"LS0"}, "score_model": {"LS0"}},
    "fitting/adam.py": {"fit_model": {"gru"}},
    "fitting/quasi_newton.py": {"fit_model": {"LS0"}},
    "fitting/kernels/gru.py": {"fit_model": {"gru"}},
    "trials/splits.py": {"split_blocks": None, "fit_model": {"gru", "LS0"}},
    "results/selection.py": {"score_model": {"gru", "LS0"}},
    "analyses/dimensionality/compute.py": {"estimate_dimensionality": None},
    "analyses/performance/compute.py": {"summarise_performance": None},
    "analyses/portraits/compute.py": {"analyse_models_0": {"gru", "LS0"}},
}


@pytest.mark.parametrize("module", EDITS)
def test_an_edited_module_runs_the_rules_that_use_it(finished, module):
    with edited(finished.folder / SOURCE / module, "\n# edited\n"):
        plan = finished.plan()
    everything = Counter(prepare_data=1, split_blocks=4, fit_model=12, score_model=12, analyse_models_0=4)
    order = list(everything)
    for rule, models in EDITS[module].items():
        assert plan.of(rule), rule
        if models is not None:
            assert {job["model"] for job in plan.of(rule)} == models, rule
    first = min((order.index(rule) for rule in EDITS[module] if rule in order), default=len(order))
    assert not any(plan.of(rule) for rule in order[:first]), "a rule upstream of the edited module would run"


def test_a_module_that_only_moves_runs_nothing(finished):
    source = finished.folder / SOURCE
    before = {path: path.read_text() for path in source.rglob("*.py")}
    old, new = source / "results/selection.py", source / "trials/choosing.py"
    moved = {
        path: text.replace("tinycog.results.selection", "tinycog.trials.choosing") for path, text in before.items()
    }
    assert sum(moved[path] != before[path] for path in before) > 1
    for path, text in moved.items():
        path.write_text(text)
    old.rename(new)
    try:
        plan = finished.plan()
        with edited(new, "\n# edited\n"):
            after = finished.plan()
    finally:
        new.rename(old)
        for path, text in before.items():
            path.write_text(text)
    assert not plan.rules()
    assert len(after.of("score_model")) == 12


def test_modules_of_the_command_line_and_config_run_nothing(finished):
    for module in ("cli.py", "config.py", "setup/planning.py", "models/registry.py"):
        with edited(finished.folder / SOURCE / module, "\n# edited\n"):
            assert not finished.plan().rules(), module


def test_touching_files_runs_nothing(finished):
    for path in [*(finished.folder / SOURCE).rglob("*.py"), *(finished.results / "folds").rglob("*.parquet")]:
        path.touch()
    assert not finished.plan().rules()


def test_changed_data_of_one_subject_run_that_subject_only(finished, tmp_path):
    """Executed, because the plan ends at the checkpoint that reads the data."""
    project = finished.copied_to(tmp_path / "copy")
    choices = project.folder / "choices.csv"
    table = pd.read_csv(choices)
    last = len(table) - 1
    table.loc[last, "action"] = 1 - table.loc[last, "action"]
    table.to_csv(choices, index=False)
    run = project.run()
    assert run.rules()["prepare_data"] == 1
    for rule in ("split_blocks", "fit_model", "score_model", "analyse_models_0", "plot_models_0"):
        assert {job["subject"] for job in run.of(rule)} <= {"m2"}, rule
    assert len(run.of("fit_model")) == 6


def test_a_new_subject_leaves_the_others_alone(finished, tmp_path):
    project = finished.copied_to(tmp_path / "copy")
    choices = project.folder / "choices.csv"
    table = pd.read_csv(choices)
    third = table[table["subject"] == "m1"].assign(subject="m3")
    pd.concat([table, third]).to_csv(choices, index=False)
    run = project.run()
    for rule in ("split_blocks", "fit_model", "score_model", "analyse_models_0", "plot_models_0"):
        assert {job["subject"] for job in run.of(rule)} == {"m3"}, rule


def test_marks_leave_a_subject_out_and_the_page_says_so(finished, tmp_path):
    assert "asleep" not in (finished.results / "index.html").read_text()
    assert {path.stem for path in (finished.results / "subjects/mine").iterdir()} == {"m1", "m2"}
    project = finished.copied_to(tmp_path / "copy")
    (project.folder / "marks.tsv").write_text("dataset\tsubject\tmark\tcomment\nmine\tm1\tdrop\tasleep\n")
    config = copy.deepcopy(project.config)
    config["datasets"]["mine"]["marks"] = "marks.tsv"
    project.configure(config)
    run = project.run()
    assert run.rules()["prepare_data"] == 1
    assert not {"split_blocks", "fit_model", "score_model", "analyse_models_0"} & set(run.rules())
    assert set(pd.read_csv(project.results / "tables/performance.csv")["subject"]) == {"m2"}
    page = (project.results / "index.html").read_text()
    assert "mine: m1: left out: marked drop: asleep" in page
    assert "1 subject in 1 data set" in page
    assert not project.plan().rules()
