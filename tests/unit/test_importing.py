"""A user's table becomes an experiment file that runs."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from conftest import ROOT
from tinycog import config
from tinycog.analyses import codebook
from tinycog.analyses.strategy import outputs as strategy
from tinycog.cli import main
from tinycog.models import registry
from tinycog.sections.analyses import SECTIONS
from tinycog.setup import importing, planning, preflight
from tinycog.sources import table as source
from tinycog.tasks import TASKS, task_of


def table(folder, n_blocks, n_trials=5):
    path = folder / "my data.csv"
    n = n_blocks * n_trials
    columns = {
        "who": "pooled",
        "day": np.repeat(np.arange(n_blocks), n_trials),
        "choice": np.arange(n) % 2,
        "win": np.arange(n) % 3 == 0,
    }
    pd.DataFrame(columns).astype({"win": int}).to_csv(path, index=False)
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["import", *map(str, arguments)])


COLUMNS = "block=day,action=choice,reward=win"


def test_a_table_becomes_a_valid_experiment(tmp_path):
    output = tmp_path / "mine.yaml"
    result = run(table(tmp_path, 30), "--task", "reversal", "--columns", COLUMNS, "--output", output)
    assert result.exit_code == 0, result.output
    assert "1 subjects, 30 blocks, 150 trials, 150 scored" in result.output
    assert "warning" not in result.output
    checked = config.load(ROOT / "config/config.yaml", [output])
    assert list(checked.datasets) == ["my-data"]
    assert checked.cv.folds()["outer"] == 10
    assert list(checked.models) == ["gru", "LS0", "MB0s", "MB0", "MB1", "MBf", "MF0sp", "MB0p", "RC"]


@pytest.mark.parametrize("quick", [False, True])
def test_an_experiment_asks_for_a_verdict_and_for_every_table_that_it_reads(tmp_path, quick):
    output = tmp_path / "mine.yaml"
    run(table(tmp_path, 30), "--task", "reversal", "--columns", COLUMNS, "--output", output, *["--quick"] * quick)
    checked = config.load(ROOT / "config/config.yaml", [tmp_path / f"mine{'-quick' * quick}.yaml"])
    assert set(codebook.names(checked)) >= {"strategy", *strategy.READS}
    assert "# verdict on each subject's strategy" in output.read_text()
    assert {"setpoints", "logit_changes"} <= set(codebook.names(checked))  # behind the page's portraits and fields


@pytest.mark.parametrize("task", [task for task in importing.TASKS if task != "perceptual"])  # that has no model yet
def test_analyses_that_are_asked_for_are_possible_in_every_task(task):
    section = {"source": "table", "file": "choices.csv", "task": task, **({"n_actions": 4} if task == "bandit" else {})}
    model = registry.keys(task_of(task, section.get("n_actions")))[0]
    content = {"run": "r", "datasets": {"d": section}, "models": {"gru": {"family": "rnn", "dims": [1, 2]}}}
    content["models"][model] = {"family": "cognitive"}
    content["analyses"] = {name: {} for name in importing.ANALYSES}
    made = codebook.names(config.load(ROOT / "config/config.yaml", [], content))
    assert {"strategy", "dimensionality", "stability", "behaviour_discrepancy"} <= set(made)


def test_comments_say_what_sections_and_analyses_are_and_change_nothing():
    content = {"run": "r", "models": {"gru": {"family": "rnn"}}, "analyses": {"portraits": {}, "strategy": {}}}
    text = importing.commented(content)
    assert yaml.safe_load(text) == content
    lines = text.splitlines()
    for key in content:
        first = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
        assert lines[first - 1].startswith("# ")
    for name in content["analyses"]:
        (line,) = (line for line in lines if line.startswith(f"  {name}: "))
        assert line.endswith(f"# {SECTIONS[name].summary}")
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("n_blocks", "cv"),
    [
        (10, {"outer": 10, "inner": 9}),
        (9, {"outer": 9, "inner": 8}),
        (4, {"outer": 4, "inner": 3}),
        (3, {"outer": 3, "inner": 2}),
        (2, {"protocol": "interspersed"}),
        (1, {"protocol": "interspersed"}),
    ],
)
def test_folds_are_reduced_with_a_warning_where_blocks_are_few(n_blocks, cv):
    chosen, warnings = importing.folds(n_blocks)
    assert chosen == cv
    assert bool(warnings) == (n_blocks < 10)
    if warnings:
        assert f"only {n_blocks} block" in warnings[0]


def test_few_blocks_warn_on_the_command_line(tmp_path):
    output = tmp_path / "mine.yaml"
    result = run(table(tmp_path, 4), "--task", "reversal", "--columns", COLUMNS, "--output", output)
    assert "folds reduced to cv.outer = 4, cv.inner = 3" in result.output
    assert yaml.safe_load(output.read_text())["cv"] == {"outer": 4, "inner": 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--task", "chess"], "--task: found 'chess'; allowed:\n  bandit "),
        (["--task", "reversal", "--columns", "action"], "--columns: found 'action'; write canonical=own"),
        (["--task", "reversal", "--columns", "action=nose"], "has no column 'nose'; it has: who, day, choice, win"),
        (["--task", "reversal", "--reward", "gain=win,loss=lost"], "--reward: the table has no column 'lost'; it has:"),
        (["--task", "two_stage", "--transition", "way,common=1,rare=0"], "--transition: the table has no column 'way'"),
        (
            ["--task", "reversal", "--columns", COLUMNS.replace("win", "who")],
            "say what each is worth: --reward pooled=0",
        ),
        (["--task", "reversal", "--choices", "1,2"], "row 2, column 'choice': found '0'; allowed: 1, 2 (`choices`)"),
        (["--task", "reversal", "--columns", f"{COLUMNS},subject=who"], "a subject is called 'pooled', the name of"),
    ],
)
def test_bad_tables_are_explained_and_write_nothing(tmp_path, arguments, message):
    output = tmp_path / "mine.yaml"
    result = run(table(tmp_path, 4), *arguments, "--output", output)
    assert result.exit_code != 0
    assert message in result.output
    assert not output.exists()


def test_an_experiment_is_not_overwritten_unasked(tmp_path):
    output = tmp_path / "mine.yaml"
    output.write_text("precious")
    arguments = [table(tmp_path, 12), "--task", "reversal", "--columns", COLUMNS, "--output", output]
    result = run(*arguments)
    assert result.exit_code != 0
    assert "exists already" in result.output
    assert output.read_text() == "precious"
    assert run(*arguments, "--overwrite").exit_code == 0


def test_tasks_are_listed_without_one_or_with_a_wrong_one(tmp_path):
    """Whether or not a file is named."""
    for arguments in (["--task"], [table(tmp_path, 12), "--task"], ["--task", "chess"]):
        result = run(*arguments)
        assert result.exit_code != 0
        lines = [line.split(maxsplit=1) for line in result.output.strip().split("\n")[1:]]
        assert [name for name, _ in lines] == ["bandit", *TASKS]
        assert min(len(about) for _, about in lines) > 20


# name: whether it is needed in reversal learning
CANONICAL = {"action": True, "reward": True, "subject": False, "session": False, "block": False, "mask": False}


@pytest.mark.parametrize("columns", ["action", "acton=choice"])
def test_errors_and_help_of_columns_say_what_each_canonical_one_means(tmp_path, columns):
    arguments = [table(tmp_path, 12), "--task", "reversal", "--columns", columns]
    for output in (run(*arguments).output, run("--help").output):
        meaning = {line.split()[0]: line for line in output.split("\n") if line.startswith("  ") and line.strip()}
        for name, needed in CANONICAL.items():
            assert ("(required)" in meaning[name]) == needed
            assert len(meaning[name].split()) > 3


def test_a_quick_experiment_is_written_beside_the_full_one(tmp_path):
    output = tmp_path / "mine.yaml"
    arguments = [table(tmp_path, 30, 60), "--task", "reversal", "--columns", COLUMNS, "--output", output, "--quick"]
    (tmp_path / "mine-quick.yaml").write_text("precious")
    assert "mine-quick.yaml: exists already" in run(*arguments).output
    assert not output.exists()
    result = run(*arguments, "--overwrite", "--name", "rats")
    assert result.exit_code == 0, result.output
    full, quick = (
        config.load(ROOT / "config/config.yaml", [tmp_path / name]) for name in ("mine.yaml", "mine-quick.yaml")
    )
    assert (full.run, quick.run) == ("rats", "rats-quick")
    assert quick.datasets == full.datasets
    assert list(quick.models) == list(full.models)
    assert (full.cv.folds()["outer"], quick.cv.folds()["outer"], quick.cv.folds()["inner"]) == (10, 3, 2)
    ((full_plan,), (quick_plan,)) = planning.plan(full), planning.plan(quick)
    # networks: dims x outer folds x inner folds x seeds x L1 weights; and eight cognitive models, MF0sp and MB0p of
    # four parameters with several starts
    assert full_plan.fits == 10 * 9 * (3 * 3 * 3 + 6 + 2 * 3)
    assert quick_plan.fits == 3 * 2 * (2 + 8)
    assert quick_plan.seconds < full_plan.seconds / 4
    lines = [line for line in result.output.split("\n") if line.startswith("Written: ")]
    assert [line.split(", about ")[0].removeprefix("Written: ") for line in lines] == [
        str(output),
        str(tmp_path / "mine-quick.yaml"),
    ]
    for line, plan in zip(lines, (full_plan, quick_plan), strict=True):
        minutes = round(plan.seconds / 60)
        time = f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"
        time = f"{plan.seconds:.0f} s" if plan.seconds < 120 else time
        assert f", about {time} of one core. Now:  " in line
        assert line.endswith(f" run {line.split(', about ')[0].removeprefix('Written: ')}")


def test_a_quick_experiment_of_one_block_holds_out_trials_too():
    full = {"run": "r", "models": {"gru": {"family": "rnn"}}, "cv": {"protocol": "interspersed"}}
    assert importing.quick(full)["cv"] == {"protocol": "interspersed"}
    few = {**full, "cv": {"outer": 2, "inner": 9}}
    assert importing.quick(few)["cv"] == {"outer": 2, "inner": 2}
    one = importing.quick({**full, "models": {"MB0p": {"family": "cognitive"}}})
    assert one["models"]["MB0p"] == {"family": "cognitive", "seeds": 1}


@pytest.mark.parametrize("stand", ["", "elsewhere", "experiments"])
@pytest.mark.parametrize("data", ["data", "experiments"])
def test_an_imported_table_is_found_wherever_one_stands(tmp_path, monkeypatch, stand, data):
    """Before, the path was the one typed, from the folder in which `import` ran."""
    for folder in ("data", "experiments", "elsewhere"):
        (tmp_path / folder).mkdir()
    file = table(tmp_path / data, 4)
    monkeypatch.chdir(tmp_path)
    result = run(f"{data}/{file.name}", "--task", "reversal", "--columns", COLUMNS, "--output", "experiments/mine.yaml")
    assert result.exit_code == 0, result.output
    monkeypatch.chdir(tmp_path / stand)
    checked = config.load(ROOT / "config/config.yaml", [tmp_path / "experiments/mine.yaml"])
    (dataset,) = checked.datasets.values()
    assert source.files(dataset.model_dump(), Path(checked.raw))[0].resolve() == file.resolve()
    preflight.check(checked)


def test_an_experiment_and_its_table_may_move_together(tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    table(tmp_path / "one", 4)
    monkeypatch.chdir(tmp_path)
    run("one/my data.csv", "--task", "reversal", "--columns", COLUMNS, "--output", "one/mine.yaml")
    (tmp_path / "one").rename(tmp_path / "two")
    preflight.check(config.load(ROOT / "config/config.yaml", [Path("two/mine.yaml")]))


def test_import_names_the_command_that_runs_from_anywhere(tmp_path):
    result = run(table(tmp_path, 12), "--task", "reversal", "--columns", COLUMNS, "--output", tmp_path / "my mice.yaml")
    assert result.output.endswith(f" run '{tmp_path / 'my mice.yaml'}'\n")


def test_names_apart_from_each_other_are_not_taken_for_files(tmp_path):
    path = tmp_path / "choices.csv"
    path.write_text("wahl,gewinn\n0,1\n1,0\n")
    result = run(path, "--task", "bandit", "--columns", "action=wahl", "reward=gewinn")
    assert result.exit_code == 1
    assert "reward=gewinn: no such file; what belongs to one option is separated by commas" in result.output
