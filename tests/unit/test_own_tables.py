"""Tables as experiments write them: recognised by `import`, coded in the experiment file, analysed as they are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from conftest import ROOT
from tinycog import config
from tinycog.analyses.description.compute import describe
from tinycog.analyses.description.figure import overview
from tinycog.analyses.description.gather import gather as descriptions
from tinycog.analyses.description.intervals import with_intervals
from tinycog.analyses.description.step import describe as describe_step
from tinycog.analyses.description.step import notes
from tinycog.analyses.description.subjects import subjects
from tinycog.cli import main
from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import table as source
from tinycog.steps.prepare import prepare
from tinycog.storage import read_json
from tinycog.tasks import task_of
from tinycog.trials import doubts
from tinycog.trials.table import validated

# two people, two blocks each: choices 0 and 1, rewards
PLAYED = {
    ("p1", 1): ("001101", "110101"),
    ("p1", 2): ("111000", "011101"),
    ("p2", 1): ("010101", "100011"),
    ("p2", 2): ("110011", "111001"),
}
# counted by hand: 15 of 24 trials were rewarded; of the 20 pairs of trials in a block 11 begin with a reward
TRUE = {"trials": 24, "missing": 0, "blocks": 4, "subjects": 2, "reward_rate": 15 / 24}
TRUE |= {"share_1": 13 / 24, "stay_rewarded": 5 / 11, "stay_unrewarded": 4 / 9}


def played() -> pd.DataFrame:
    rows = []
    for (who, block), (choices, rewards) in PLAYED.items():
        rows += [(who, block, t + 1, int(c), int(r)) for t, (c, r) in enumerate(zip(choices, rewards, strict=True))]
    return pd.DataFrame(rows, columns=["subject", "block", "trial", "choice", "reward"])


def imported(folder: Path, *arguments, task="reversal") -> tuple[str, dict]:
    """What `import` printed, and the experiment that it wrote."""
    output = folder / "experiment.yaml"
    result = CliRunner().invoke(main, ["import", *map(str, arguments), "--task", task, "--output", str(output)])
    assert result.exit_code == 0, result.output
    return result.output, yaml.safe_load(output.read_text())


def refused(folder: Path, *arguments, task="reversal") -> str:
    output = folder / "experiment.yaml"
    result = CliRunner().invoke(main, ["import", *map(str, arguments), "--task", task, "--output", str(output)])
    assert result.exit_code == 1, result.output
    assert not output.exists()
    return result.output


def analysed(folder: Path) -> pd.DataFrame:
    """The trial table that a run of the written experiment has."""
    content = config.load(ROOT / "config/config.yaml", [folder / "experiment.yaml"])
    ((name, dataset),) = content.datasets.items()
    prepared = source.prepare(name, dataset.model_dump(), Path(content.raw), 0)
    return validated(prepared.table, dataset.task_object, name)


def statistics(trials: pd.DataFrame, task="reversal") -> dict[str, float]:
    table = describe(trials, task_of(task, 4 if task == "bandit" else None))
    return table[table["subject"] == "all"].set_index("statistic")["value"].to_dict()


def _words(table):
    return table.assign(
        choice=table["choice"].map({0: "left", 1: "right"}), win=table.pop("reward").map({0: "loss", 1: "win"})
    )


def _people(folder, table):
    (folder / "data").mkdir()
    for who, own in table.groupby("subject"):
        own.assign(key_resp=own["choice"].map({0: "f", 1: "j"})).drop(columns=["subject", "choice"]).to_csv(
            folder / f"data/sub-{who}_task-bandit_run1.csv", index=False
        )
    return folder / "data"


def _practice(table):
    practice = table.head(5).assign(phase="practice", choice=1)
    return pd.concat([practice, table.assign(phase="test")])


def _questioned(table):
    asked = pd.DataFrame({"subject": ["p1", "p2"], "trial_type": "questionnaire", "score": [3, 4]})
    return pd.concat([table.assign(trial_type="task"), asked])


def _screens(table):
    """After each choice a screen that has none; at the beginning one more of the kind that choices have."""
    rows = [table.head(1).assign(block=None, choice="null", reward=None, trial_type="button", task="welcome")]
    for i in range(len(table)):
        rows.append(table[i : i + 1].assign(trial_type="button", task="choice"))
        rows.append(table[i : i + 1].assign(choice=None, reward=None, trial_type="keyboard", task="feedback"))
    return pd.concat(rows).drop(columns="trial").assign(trial_index=range(2 * len(table) + 1))


def _psychopy(folder, table):
    """A file for each person, with rows of instructions before the trials, and an empty one after them."""
    (folder / "psychopy").mkdir()
    for who, own in table.groupby("subject"):
        columns = {"block": "trials.thisRepN", "trial": "trials.thisTrialN", "choice": "key_resp.keys"}
        trials = own.rename(columns={"subject": "participant", **columns}).assign(frameRate=60.0)
        rows = [
            pd.DataFrame({"participant": [who], "frameRate": [60.0]}),
            trials,
            pd.DataFrame({"participant": [None]}),
        ]
        pd.concat(rows).to_csv(folder / f"psychopy/{who}_2024.csv", index=False)
    return folder / "psychopy"


def csv(folder, table, name="choices.csv", **options) -> Path:
    path = folder / name
    table.to_csv(path, index=False, **options)
    return path


def text(folder, content: str, encoding="utf-8", name="choices.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode(encoding))
    return path


KINDS = {
    "choices from 1, outcomes -1 and 1, tabs": lambda f, t: csv(
        f,
        t.assign(choice=t["choice"] + 1, outcome=2 * t.pop("reward") - 1).rename(columns={"subject": "subjID"}),
        "example_data.txt",
        sep="\t",
    ),
    "words for choices and rewards": lambda f, t: csv(f, _words(t)),
    "letters and a column called response": lambda f, t: csv(
        f, t.assign(response=t.pop("choice").map({0: "L", 1: "R"}))
    ),
    "choices -1 and 1": lambda f, t: csv(f, t.assign(choice=2 * t["choice"] - 1)),
    "semicolons, decimal commas and umlauts": lambda f, t: csv(
        f,
        t.assign(choice=t["choice"].map({0: "Birnen", 1: "Äpfel"}), rt=np.arange(24) / 8),
        sep=";",
        decimal=",",
        encoding="latin-1",
    ),
    "spaces after commas": lambda f, t: text(f, t.to_csv(index=False).replace(",", ", ")),
    "a byte-order mark and Windows' line ends": lambda f, t: text(
        f, t.to_csv(index=False, lineterminator="\r\n"), "utf-8-sig"
    ),
    "UTF-16": lambda f, t: text(f, t.to_csv(index=False), "utf-16"),
    "points": lambda f, t: csv(f, t.assign(points=25 * t.pop("reward"))),
    "missed trials as 999 in further rows": lambda f, t: csv(
        f, pd.concat([t.assign(choice=t["choice"] + 1), t.tail(1).assign(choice=999, trial=7)])
    ),
    "missed trials as a word": lambda f, t: csv(
        f, pd.concat([t.assign(choice=t["choice"].map({0: "a", 1: "b"})), t.tail(1).assign(choice="timeout", trial=7)])
    ),
    "practice in the same file": lambda f, t: csv(f, _practice(t)),
    "a file for each person": _people,
    "trials that begin anew and no blocks": lambda f, t: csv(f, t.drop(columns="block")),
    "rows out of order": lambda f, t: csv(f, t.sample(frac=1, random_state=3)),
    "one session after another and no trial numbers": lambda f, t: csv(
        f, t.drop(columns="trial").rename(columns={"block": "session"})
    ),
    "amounts in euros": lambda f, t: csv(f, t.assign(payout=t.pop("reward").map({0: "-€0,20", 1: "€0,50"})), sep=";"),
    "questionnaires in further rows": lambda f, t: csv(f, _questioned(t)),
    "screens without a choice, as jsPsych writes them": lambda f, t: csv(f, _screens(t)),
    "PsychoPy's rows without a trial": _psychopy,
    "Excel's word for its separator": lambda f, t: text(f, "sep=;\n" + t.to_csv(index=False, sep=";")),
    "remarks and titles above": lambda f, t: text(f, "# bandits\nLab X\n\n" + t.to_csv(index=False, sep="\t")),
    "Parquet": lambda f, t: (t.to_parquet(f / "choices.parquet"), f / "choices.parquet")[1],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_of_this_kind_needs_no_option(kind, tmp_path):
    output, _ = imported(tmp_path, KINDS[kind](tmp_path, played()))
    trials = analysed(tmp_path)
    found = statistics(trials)
    missed = 1 if kind.startswith("missed") else 0
    expected = TRUE | {"trials": 24 + missed, "missing": missed}
    for statistic, value in expected.items():
        if not (kind.startswith("one session") and statistic == "blocks"):
            assert found[statistic] == pytest.approx(value), (statistic, output)
    assert sorted(set(trials["subject"])) == ["p1", "p2"]


def test_rows_that_another_column_tells_need_no_trial_number_and_missed_ones_stay(tmp_path):
    _, experiment = imported(tmp_path, csv(tmp_path, _questioned(played())))
    assert list(experiment["datasets"]["choices"]["where"]) == ["trial_type"]
    assert "drop" not in experiment["datasets"]["choices"]
    (tmp_path / "experiment.yaml").unlink()
    late = played().assign(event=["missed" if i == 5 else "answered" for i in range(24)])
    late["choice"] = late["choice"].where(late["event"] == "answered")
    _, experiment = imported(tmp_path, csv(tmp_path, late))
    assert "where" not in experiment["datasets"]["choices"]
    assert statistics(analysed(tmp_path))["missing"] == 1


def test_screens_that_have_a_choice_in_practice_alone_are_none_of_the_task(tmp_path):
    shown = played().assign(phase="test", screen="bandit")
    practised = shown.head(2).assign(phase="practice", screen="demo")
    watched = shown.head(3).assign(screen="demo", choice=None, reward=None)
    _, experiment = imported(tmp_path, csv(tmp_path, pd.concat([practised, watched, shown])))
    assert experiment["datasets"]["choices"]["where"] == {"phase": "test", "screen": "bandit"}
    assert statistics(analysed(tmp_path))["trials"] == 24


def test_a_choice_without_a_trial_number_is_a_trial(tmp_path):
    _, experiment = imported(tmp_path, csv(tmp_path, played().assign(trial=[None, *range(2, 25)])))
    assert "drop" not in experiment["datasets"]["choices"]
    assert statistics(analysed(tmp_path))["trials"] == 24


def test_amounts_may_be_choices(tmp_path):
    table = played().assign(choice=lambda t: t["choice"].map({0: "€2", 1: "€10"}))
    imported(tmp_path, csv(tmp_path, table), "--choices", "€2,€10")
    assert statistics(analysed(tmp_path))["share_1"] == pytest.approx(13 / 24)


# -- what has to be said ---------------------------------------------------------------------------------------------


def _wide(table):
    return table.assign(choice=np.where(table["trial"] == 6, -1, table["choice"]))


ASKED = {
    "-1 beside 0 and 1 may be a choice or a missed one": (
        lambda f, t: csv(f, _wide(t)),
        "column 'choice' has 3 values ('0', '1', '-1'), and task 'reversal' has 2 here",
        ["--missing", "choice=-1"],
        {"trials": 24, "missing": 4},
    ),
    "two columns that may be the choice": (
        lambda f, t: csv(f, t.assign(action=1 - t["choice"])),
        "action: columns 'choice' and 'action' are equally likely",
        ["--columns", "action=choice"],
        TRUE,
    ),
    "words for rewards that are not known": (
        lambda f, t: csv(f, t.assign(reward=t["reward"].map({0: "pear", 1: "gem"}))),
        "column 'reward' has rewards 'gem', 'pear': say what each is worth: --reward gem=0,pear=1",
        ["--reward", "gem=1,pear=0"],
        TRUE,
    ),
    "names that say nothing": (
        lambda f, t: csv(f, t.rename(columns={"choice": "V1", "reward": "V2"})),
        "action: no column's name says so; say which it is, as in --columns action=COLUMN. subject (p1, p2); block",
        ["--columns", "action=V1,reward=V2"],
        TRUE,
    ),
    "no header": (
        lambda f, t: text(f, t.to_csv(index=False, header=False)),
        "column_4 (0, 1)",
        ["--columns", "subject=column_1,block=column_2,action=column_4,reward=column_5"],
        TRUE,
    ),
    "two kinds of task trials": (
        lambda f, t: csv(f, pd.concat([_practice(t), t.assign(phase="retest")])),
        "column 'phase' has rows of 'practice', 'test', 'retest': say which are trials of the task",
        ["--where", "phase=test"],
        TRUE,
    ),
    "a pattern for subjects": (
        lambda f, t: [csv(f, own.drop(columns="subject"), f"{who}{who}.csv") for who, own in t.groupby("subject")],
        None,
        ["--subject", r"^p\d(p\d)"],
        TRUE,
    ),
}


@pytest.mark.parametrize("kind", ASKED)
def test_what_is_not_certain_is_asked_by_the_option_s_name(kind, tmp_path):
    make, question, options, expected = ASKED[kind]
    made = make(tmp_path, played())
    files = made if isinstance(made, list) else [made]
    if question:
        assert question in refused(tmp_path, *files)
    imported(tmp_path, *files, *options)
    found = statistics(analysed(tmp_path))
    for statistic, value in expected.items():
        assert found[statistic] == pytest.approx(value), statistic


def test_gains_and_losses_in_two_columns_are_scaled_together(tmp_path):
    table = played().drop(columns="reward").assign(gain=100, loss=[-150, 0] * 12)
    output, experiment = imported(tmp_path, csv(tmp_path, table))
    (section,) = experiment["datasets"].values()
    assert section["reward"] == {"gain": "gain", "loss": "loss", "range": [-50, 100]}
    assert "-50 to 100 become 0 to 1" in output
    assert analysed(tmp_path)["reward"].tolist() == [0.0, 1.0] * 12


def test_a_stated_range_scales_rewards_in_proportion(tmp_path):
    table = played().assign(reward=[0, 25, -25, 100] * 6)
    imported(tmp_path, csv(tmp_path, table), "--reward", "-100,100")
    assert analysed(tmp_path)["reward"].tolist() == [0.5, 0.625, 0.375, 1.0] * 6


def test_conditions_are_analysed_apart_and_their_pairs_are_kept(tmp_path):
    table = played().assign(drug=np.where(played()["block"] == 1, "placebo", "levodopa"), age=[20] * 12 + [31] * 12)
    output, _ = imported(tmp_path, csv(tmp_path, table), "--condition", "drug")
    assert list(dict.fromkeys(analysed(tmp_path)["subject"])) == [
        *("p1+placebo", "p1+levodopa", "p2+placebo", "p2+levodopa"),
    ]
    content = config.load(ROOT / "config/config.yaml", [tmp_path / "experiment.yaml"])
    ((name, dataset),) = content.datasets.items()
    about = source.prepare(name, dataset.model_dump(), Path(content.raw), 0).parameters["subjects"]
    assert about["p2+placebo"] == {"person": "p2", "drug": "placebo", "age": "31"}
    assert "covariate" in output


def test_two_step_choices_of_four_values_imply_the_state(tmp_path):
    table = played().assign(choice2=[1, 2, 3, 4, 1, 3] * 4)
    output, _ = imported(tmp_path, csv(tmp_path, table), task="original_two_stage")
    trials = analysed(tmp_path)
    assert trials["state"].tolist() == [0, 0, 1, 1, 0, 1] * 4
    assert trials["action2"].tolist() == [0, 1, 0, 1, 0, 0] * 4
    assert "the first two values belong to state 1" in output


def test_the_common_transition_decides_the_order_of_the_states(tmp_path):
    """Action 0 leads to planet B in three of four trials, so that B is state 0."""
    table = played()
    common = np.arange(24) % 4 > 0
    table["planet"] = np.where((table["choice"] == 0) == common, "B", "A")
    output, experiment = imported(tmp_path, csv(tmp_path, table), task="two_stage")
    (section,) = experiment["datasets"].values()
    assert section["states"] == ["B", "A"]
    assert "in 75% of trials" in output
    trials = analysed(tmp_path)
    assert (trials["state"] == trials["action"]).tolist() == common.tolist()


def test_a_column_of_common_and_rare_transitions_gives_the_state(tmp_path):
    rare = [False, True, False] * 8
    table = played().assign(transition=np.where(rare, "rare", "common"))
    imported(tmp_path, csv(tmp_path, table), task="two_stage")
    trials = analysed(tmp_path)
    assert (trials["state"] != trials["action"]).tolist() == rare


def test_words_name_the_actions_in_figures(tmp_path):
    imported(tmp_path, csv(tmp_path, _words(played())))
    content = config.load(ROOT / "config/config.yaml", [tmp_path / "experiment.yaml"])
    (dataset,) = content.datasets.values()
    assert dataset.action_labels == ["left", "right"]
    assert dataset.model_copy(update={"choices": [1, 2]}).action_labels == ["action 1", "action 2"]


def looked_at(folder: Path, *arguments) -> str:
    """What `import` prints without a task; it writes nothing."""
    before = sorted(folder.rglob("*"))
    result = CliRunner().invoke(main, ["import", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    assert sorted(folder.rglob("*")) == before
    return result.output


def _commands(output: str) -> list[str]:
    """The commands of which `import` says that they make the experiment."""
    return re.findall(r"^  \S+ (import .*?) +# ", output.split("Nothing is written yet.")[1], flags=re.M)


def _stepped(table):
    return table.assign(state=table["choice"].where(table["trial"] > 1, 1 - table["choice"]))


@pytest.mark.parametrize(
    ("change", "tasks"),
    [
        (lambda t: t, ["reversal", "bandit"]),
        (lambda t: t.assign(choice=t["choice"].where(t["trial"] > 1, "timeout")), ["reversal", "bandit"]),
        (lambda t: t.assign(choice=(t["choice"] + 1).where(t["trial"] > 1, 999)), ["reversal", "bandit"]),
        (lambda t: t.assign(choice=t["trial"] % 3 + 1), ["three_armed_reversal", "bandit --n-actions 3"]),
        (lambda t: t.assign(choice=t["trial"] % 4), ["four_armed_bandit", "bandit --n-actions 4"]),
        (lambda t: t.assign(choice=t["trial"] % 5), ["bandit --n-actions 5"]),
        (_stepped, ["two_stage", "transition_reversal"]),
        (lambda t: _stepped(t).assign(choice2=t["trial"] % 2), ["original_two_stage"]),
    ],
)
def test_without_a_task_those_that_the_table_can_be_of_are_named_with_their_commands(change, tasks, tmp_path):
    path = csv(tmp_path, change(played()), "my choices.csv")
    commands = _commands(looked_at(tmp_path, path, "--covariates", "none"))
    assert commands == [f"import '{path}' --covariates none --task {task}" for task in tasks]
    output = tmp_path / "experiment.yaml"
    for command in commands:  # as they are
        result = CliRunner().invoke(main, [*shlex.split(command), "--output", str(output), "--overwrite"])
        assert result.exit_code == 0, result.output
    written = yaml.safe_load(output.read_text())["datasets"]["my-choices"]
    assert tasks[-1] == " --n-actions ".join(str(written[key]) for key in ("task", "n_actions") if key in written)


def test_a_question_that_is_open_for_every_task_is_asked_without_one(tmp_path):
    path = csv(tmp_path, played().assign(choice=[-1, 0, 1, 0] * 6))
    result = CliRunner().invoke(main, ["import", str(path)])
    assert result.exit_code == 1
    assert "say it with --task" in result.output
    assert "column 'choice' has 3 values ('-1', '0', '1'), and task 'reversal' has 2 here" in result.output
    assert "--missing action=-1" in result.output


def test_the_rarest_word_is_the_example_of_what_may_mean_a_missed_trial(tmp_path):
    path = csv(tmp_path, played().assign(choice=["S", "D", "nessuna", *"SD" * 10, "S"]))
    asked = refused(tmp_path, path, task="reversal")
    assert (
        asked.rstrip()
        .split("as in ")[-1]
        .startswith("--missing action=nessuna; or which are choices, in their order: --choices D,S")
    )


@pytest.mark.parametrize(("values", "task"), [((-1, 0, 1), "three_armed_reversal"), ((1, 999), "reversal")])
def test_a_number_that_may_mean_a_missed_trial_is_no_choice_unasked(values, task, tmp_path):
    path = csv(tmp_path, played().assign(choice=(list(values) * 24)[:24]))
    asked = refused(tmp_path, path, task=task)
    lost = 999 if 999 in values else -1
    assert f"say which values mean that the trial was missed, as in --missing action={lost}" in asked
    imported(tmp_path, path, "--choices", ",".join(map(str, values)), task=task)


def test_what_is_recognised_is_shown_and_what_is_not_used_is_named(tmp_path):
    table = played().assign(rt=np.arange(24) / 7, diagnosis=["case"] * 12 + ["control"] * 12)
    output, _ = imported(tmp_path, csv(tmp_path, table))
    assert re.search(r"^  choice +action +0, 1 +in this order: 0, 1$", output, flags=re.M)
    assert re.search(r"^  diagnosis +covariate +case, control", output, flags=re.M)
    assert "not used: rt\n" in output
    assert "2 subjects, 4 blocks, 24 trials, 24 scored" in output
    assert "fewer than 50 choices: 2 subjects: 'p1' (only 12 choices to score)" in output
    assert re.search(r"^ *choices +p1 +session +0 +1 +0 +0 +1.0 +1$", output, flags=re.M)  # its second trial


def test_what_is_stated_wrongly_is_said_before_anything_is_asked(tmp_path):
    path = csv(tmp_path, played())
    assert "where: no row is left with block = 9; the column has 1, 2" in refused(tmp_path, path, "--where", "block=9")
    decimal = csv(tmp_path, played().assign(rt=0.5), "decimal.csv", sep=";", decimal=",")
    said = refused(tmp_path, decimal, "--separator", "comma")
    assert "cells are separated by ';' (semicolon), and the commas in them are decimal commas" in said


# -- what cannot be used ---------------------------------------------------------------------------------------------


def prepared(folder, file, **given):
    section = {"source": "table", "task": "reversal", **({"file": str(file)} if file else {})} | given
    return source.prepare("d", checked(section, "d", AnyDataset).model_dump(), folder, 0)


LABELS = {"columns": {"action": "choice"}, "choices": ["left", "right"]}
BAD = {
    "a value that is not mapped": (
        lambda t: t.assign(choice=["left", "rigth", "right", "rigth"] * 6),
        LABELS,
        r"choices\.csv, row 3, column 'choice': found 'rigth'; allowed: 'left', 'right' \(`choices`\)\. .*12 such rows",
    ),
    "a reward outside the stated range": (
        lambda t: t.assign(reward=[0, 50, 101] * 8),
        {"columns": {"action": "choice"}, "reward": {"range": [0, 100]}},
        r"row 4, column 'reward': found '101'; allowed: a number from 0 to 100 for every choice \(`reward\.range`",
    ),
    "no row that is asked for": (
        lambda t: t.assign(phase="main"),
        {"columns": {"action": "choice"}, "where": {"phase": "test"}},
        r"where\.phase: no row is left with 'test'; the column has 'main' \(24 rows\)",
    ),
    "a second stage that contradicts the state": (
        lambda t: t.assign(state=[0, 1] * 12, choice2=[1, 2] * 12),
        {"task": "original_two_stage", "columns": {"action": "choice", "action2": "choice2"}, "choices2": [1, 2, 3, 4]},
        r"row 3, column 'choice2': found '2'; allowed: what agrees with column 'state' on the state",
    ),
    "a covariate that varies": (
        lambda t: t.assign(age=[20, 21] * 12),
        {"columns": {"action": "choice"}, "covariates": ["age"]},
        r"row 3, column 'age': found '21'; allowed: one value for each subject",
    ),
    "a missing value that was not stated": (
        lambda t: t.assign(choice=[0, -1] * 12),
        {"columns": {"action": "choice"}},
        r"row 3, column 'choice': found '-1'; allowed: integers from 0 to 1\..* missing: \{action: \.\.\.\}",
    ),
    "a word among numbers to sort by": (
        lambda t: t.assign(trial=["first", *range(2, 25)]),
        {"columns": {"action": "choice"}, "order": ["trial"]},
        r"row 2, column 'trial': found 'first'; allowed: numbers, as in other rows \(`order`\)",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_what_cannot_be_used_is_named_by_file_row_column_and_value(fault, tmp_path):
    change, given, message = BAD[fault]
    with pytest.raises(InputError, match=message):
        prepared(tmp_path, csv(tmp_path, change(played())), **given)


def test_files_need_one_subject_each(tmp_path):
    for name in ("s1_a.csv", "s1_b.csv", "notes.csv"):
        csv(tmp_path, played().drop(columns="subject"), name)
    given = {"columns": {"action": "choice"}}
    with pytest.raises(InputError, match=r"notes\.csv: its name has no subject's id by the pattern"):
        prepared(tmp_path, None, files=str(tmp_path / "*.csv"), subject={"from": "name", "pattern": r"(s\d)_"}, **given)
    with pytest.raises(InputError, match=r"s1_a\.csv and .*s1_b\.csv give the same subject 's1'"):
        prepared(tmp_path, None, files=str(tmp_path / "s1*.csv"), subject={"pattern": r"(s\d)_"}, **given)
    with pytest.raises(InputError, match=r"no such file, and no file that fits this pattern"):
        prepared(tmp_path, None, files=str(tmp_path / "t*.csv"), subject={"pattern": r"(s\d)_"}, **given)
    with pytest.raises(InputError, match=r"3 files and no column of subjects; state it"):
        prepared(tmp_path, None, files=str(tmp_path / "*.csv"), **given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"choices": ["left", ["Left", "left"]]}, "'left' stands for the same cells as 'left'"),
        ({"choices": [1, "1.0"]}, "'1.0' stands for the same cells as 1"),
        ({"choices": ["a", "b", "c"]}, "choices: found 3; task 'reversal' has 2 actions"),
        ({"reward": {"gain": "g"}}, "reward: gain and loss: found one of the two"),
        ({"reward": {"range": [1, 0]}}, "range: found [1.0, 0.0]; allowed: the lowest reward, then the highest"),
        ({"subject": {"pattern": "("}}, "subject.pattern: found '('; not a regular expression"),
        ({"subject": {"from": "folder"}}, "from: found 'folder'; allowed: name"),
        ({"files": "b.csv"}, "file and files: found both; allowed: one of them"),
        ({"separator": ",", "decimal": ","}, "decimal: found ',' beside separator ','"),
        ({"states": ["a", "b"]}, "states: in task 'reversal' the action is the state reached"),
    ],
)
def test_a_coding_that_contradicts_itself_is_refused(change, message):
    section = {"source": "table", "task": "reversal", "file": "a.csv"} | change
    with pytest.raises(InputError, match=re.escape(message)):
        checked(section, "d", AnyDataset)


# -- what later steps get of it --------------------------------------------------------------------------------------


def test_doubts_words_and_covariates_stand_in_meta_json_and_in_tables(tmp_path):
    table = played()
    table = _words(table.assign(choice=np.where(table["trial"] == 1, 9, table["choice"]), age=[20] * 12 + [31] * 12))
    table["choice"] = table["choice"].fillna("timeout")
    section = {"source": "table", "task": "reversal", "file": str(csv(tmp_path, table)), "choices": ["left", "right"]}
    section |= {"columns": {"action": "choice"}, "covariates": ["age"], "missing": {"action": "timeout"}}
    section |= {"reward": {"column": "win", "values": {"win": 1, "loss": 0}}}
    options = checked(section, "d", AnyDataset).model_dump()
    meta = tmp_path / "run/data/d/meta.json"
    lines = prepare(meta, name="d", options=options, raw=tmp_path, seed=0)
    assert lines == [
        "data set 'd': more than 10% of choices missed: 2 subjects: 'p1' (17% of the choices are missed), 'p2' (17% of "
        "the choices are missed)",
        "data set 'd': fewer than 50 choices: 2 subjects: 'p1' (only 10 choices to score), 'p2' (only 10 choices to "
        "score)",
    ]
    assert {"subject": "p1", "statistic": "trials", "text": "only 10 choices to score"} in read_json(meta)["doubts"]
    describe_step(meta, tmp_path / "part.parquet")
    descriptions([tmp_path / "part.parquet"], tmp_path, actions={"d": ["left", "right"]})
    described = pd.read_parquet(tmp_path / "description.parquet").set_index(["subject", "statistic"])
    assert described.loc[("p2", "missing"), "note"] == "17% of the choices are missed"
    assert described["action"].value_counts().to_dict() == {"": len(described) - 6, "left": 3, "right": 3}
    assert described.loc[("all", "share_1"), "action"] == "right"
    assert described["note"].ne("").sum() == 4
    subjects([meta], tmp_path, {})
    rows = pd.read_parquet(tmp_path / "subjects.parquet")
    assert rows.to_dict("records") == [
        {"dataset": "d", "subject": who, "covariate": "age", "value": age} for who, age in (("p1", "20"), ("p2", "31"))
    ]


def test_an_action_that_nobody_takes_and_rewards_that_are_all_the_same_are_doubts():
    table = pd.DataFrame({"subject": "a", "block": 0, "action": [0] * 60, "mask": 1, "reward": 1.0})
    assert doubts.doubts(table, task_of("reversal")) == [
        ("", "share_1", "nobody takes this action"),
        ("", "reward_rate", "every reward is 1"),
    ]


def test_a_state_and_second_choices_that_are_all_the_same_are_doubts():
    """Trials in which a choice was missed do not count: they have no state."""
    table = pd.DataFrame(
        {"subject": "a", "block": 0, "action": [0, 1] * 40, "mask": 1, "reward": [1.0, 0.0, 0.0, 1.0] * 20}
    )
    table = table.assign(state=1, action2=0, mask2=1)
    missed = table.head(1).assign(state=-1, action2=-1, mask2=0)
    expected = [("", "trials", "column state has one value in every row, 1")]
    assert doubts.doubts(table.drop(columns=["action2", "mask2"]), task_of("two_stage")) == expected
    expected.append(("", "trials", "column action2 has one value in every row, 0"))
    of_all = "; ".join(text for _, _, text in expected)
    found = notes([*expected, doubts.Doubt("a", "trials", "few")])
    assert found == {("all", "trials"): of_all, ("a", "trials"): "few"}
    assert doubts.doubts(pd.concat([table, missed]), task_of("original_two_stage")) == expected
    assert doubts.doubts(table.assign(state=[0, 1] * 40, action2=[1, 0] * 40), task_of("original_two_stage")) == []


def test_a_pattern_of_files_is_looked_up_beside_the_experiment_first(tmp_path, monkeypatch):
    imported(tmp_path, _people(tmp_path, played()))
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / "experiment.yaml").rename(tmp_path / "moved.yaml")
    content = config.load(ROOT / "config/config.yaml", [tmp_path / "moved.yaml"])
    (dataset,) = content.datasets.values()
    assert dataset.files == f"{tmp_path.name}/data/*.csv"
    assert len(source.files(dataset.model_dump(), Path("raw"))) == 2


def test_rewards_on_another_scale_have_it_on_an_axis():
    section = {"source": "table", "task": "reversal", "file": "a.csv"}
    assert checked(section, "d", AnyDataset).reward_range == (0, 1)
    scaled = checked(section | {"reward": {"range": [-20, 30]}}, "d", AnyDataset)
    assert scaled.reward_range == (-20, 30)
    trials = (
        played().query("subject == 'p1'").rename(columns={"choice": "action"}).assign(dataset="d", session="s", mask=1)
    )
    trials = trials.assign(trial=trials["trial"] - 1, block=trials["block"] - 1, state=trials["action"])
    graded = trials.assign(reward=[0.25, 0.5, 0.75, 1.0, 0.0, 0.1] * 2)
    for table, rewards in ((trials, scaled.reward_range), (graded, (10, 30)), (graded, (0, 1))):
        figure = overview(table, with_intervals(describe(table, task_of("reversal"))), ["left", "right"], rewards)
        (ax,) = [ax for ax in figure.axes if ax.get_ylabel() == "reward"]
        (lines,) = ax.collections
        low, high = rewards
        drawn = [line[:, 1].tolist() for line in lines.get_segments()]
        np.testing.assert_allclose(drawn, [[max(0, low), low + (high - low) * r] for r in table["reward"][:6]])
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [end for _, end in drawn])
        assert ax.get_ylim()[0] < low < high < ax.get_ylim()[1]
        assert f"filled: reward of at least {(low + high) / 2:g}" in ax.get_xlabel()
    plain = overview(trials, with_intervals(describe(trials, task_of("reversal"))), ["left", "right"])
    assert "reward" not in [ax.get_ylabel() for ax in plain.axes]


# -- further recognitions --------------------------------------------------------------------------------------------


def test_a_flag_of_missed_trials_is_recognised_and_gaps_are_told(tmp_path):
    table = played().assign(timed_out=[0] * 23 + [1], trial=lambda t: t["trial"] * 2)
    output, experiment = imported(tmp_path, csv(tmp_path, table))
    (section,) = experiment["datasets"].values()
    assert section["missing"] == {"timed_out": [1]}
    assert re.search(r"^  timed_out +missed trials +0, 1 +missed: 1 \(1 rows\)$", output, flags=re.M)
    assert "trial numbers of 'trial' skip 20 times within blocks" in output
    assert analysed(tmp_path)["mask"].tolist() == [1] * 23 + [0]


def test_second_choices_in_words_are_asked_for_in_pairs(tmp_path):
    words = np.array(["pear", "gem", "star", "moon"])
    table = played().assign(choice2=words[[0, 1, 2, 3, 0, 2] * 4])
    path = csv(tmp_path, table)
    asked = refused(tmp_path, path, task="original_two_stage")
    assert "two for each of two states: state them in pairs" in asked
    assert re.search(r"^ +choice +action +0, 1 +in this order: 0, 1$", asked, flags=re.M)  # what is known already
    imported(tmp_path, path, "--choices2", "pear,gem,star,moon", task="original_two_stage")
    assert analysed(tmp_path)["state"].tolist() == [0, 0, 1, 1, 0, 1] * 4


def test_the_state_to_which_the_first_action_leads_comes_first(tmp_path):
    table = played()
    table["choice2"] = np.where(table["choice"] == 0, 3, 1) + np.arange(24) % 2
    _, experiment = imported(tmp_path, csv(tmp_path, table), task="original_two_stage")
    (section,) = experiment["datasets"].values()
    assert section["choices2"] == [3, 4, 1, 2]
    trials = analysed(tmp_path)
    assert (trials["state"] == trials["action"]).all()


def test_a_column_with_one_value_is_told(tmp_path):
    output, _ = imported(tmp_path, csv(tmp_path, played().assign(reward=1)))
    assert "note: column 'reward' (reward) has one value in every row, '1'" in output
    assert "warning: reward_rate: every reward is 1" in output


def test_a_column_of_missed_choices_and_stated_values_hold_together(tmp_path):
    table = played().assign(mask=[1] * 23 + [0], rt=[999, *[1] * 23])
    path = csv(tmp_path, table)
    trials = prepared(tmp_path, path, columns={"action": "choice"}, missing={"rt": 999}).table
    assert trials["mask"].tolist() == [0, *[1] * 22, 0]


def test_a_covariate_that_is_none_is_a_value_and_a_missing_one_is_not(tmp_path):
    table = played().assign(diagnosis=[None, *["none"] * 11, *["NA"] * 6, *["OCD"] * 6])
    path = csv(tmp_path, table)
    about = prepared(tmp_path, path, columns={"action": "choice"}, covariates=["diagnosis"]).parameters["subjects"]
    assert about == {"p1": {"diagnosis": "none"}, "p2": {"diagnosis": "OCD"}}


def test_without_a_first_choice_a_transition_tells_no_state(tmp_path):
    """The second choice then does."""
    table = played().assign(transition="rare", choice2=[3, 4] * 12, choice=[None, *[0] * 23])
    given = {"columns": {"action": "choice", "action2": "choice2"}, "choices2": [1, 2, 3, 4]}
    given |= {"transition": {"column": "transition", "common": "common", "rare": "rare"}, "task": "original_two_stage"}
    table["mask2"] = 1
    trials = prepared(tmp_path, csv(tmp_path, table), **given).table
    assert trials["mask"].tolist() == [0, *[1] * 23]
    assert trials["state"].tolist() == [1] * 24


@pytest.mark.parametrize(("n", "chunks"), [(100, None), (101, 11)])
def test_of_many_subjects_several_share_a_job(tmp_path, n, chunks):
    table = pd.concat([played().assign(subject=played()["subject"] + str(i)) for i in range(n)])
    output, experiment = imported(tmp_path, csv(tmp_path, table))
    (section,) = experiment["datasets"].values()
    assert section.get("chunks") == chunks
    assert ("202 subjects share 11 jobs" in output) == (n == 101)


def test_a_session_that_was_left_is_named_where_trial_numbers_tell_blocks(tmp_path):
    table = played().query("subject == 'p1'").drop(columns="block").assign(session=["a"] * 4 + ["b"] * 4 + ["a"] * 4)
    table["trial"] = [1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8]
    message = r"row 10, column 'session': found 'a'; allowed: the rows of a block one after the other"
    with pytest.raises(InputError, match=message):
        prepared(tmp_path, csv(tmp_path, table), columns={"action": "choice"}, restarts="trial")


def test_the_first_wrong_row_is_that_of_the_file_however_rows_are_sorted(tmp_path):
    table = played().query("subject == 'p1' and block == 1").iloc[::-1]
    table["choice"] = [0, 5, 0, 0, 7, 0]
    with pytest.raises(InputError, match=r"row 3, column 'choice': found '5'"):
        prepared(tmp_path, csv(tmp_path, table), columns={"action": "choice"}, order=["trial"])


def test_rows_without_any_cell_are_no_trials(tmp_path):
    path = text(tmp_path, played().to_csv(index=False) + ",,,,\n" * 3)
    imported(tmp_path, path)
    assert len(analysed(tmp_path)) == 24


def test_rows_without_any_cell_are_no_trials_in_a_file_for_each_person_either(tmp_path):
    folder = _people(tmp_path, played())
    for path in folder.iterdir():
        path.write_text(path.read_text() + ",,,\n" * 2)
    imported(tmp_path, folder)
    assert len(analysed(tmp_path)) == 24


def test_a_table_in_which_one_action_is_never_taken_does_not_tell_the_codes(tmp_path):
    asked = refused(tmp_path, csv(tmp_path, played().assign(choice=0)))
    assert "column 'choice' has 1 values ('0')" in asked
    assert "state all of them in their order, as in --choices 0,..." in asked


def test_trial_numbers_that_fall_back_to_any_number_tell_no_blocks(tmp_path):
    table = played().drop(columns="block").assign(trial=[1, 2, 3, 2, 3, 4] * 4)
    output, experiment = imported(tmp_path, csv(tmp_path, table))
    (section,) = experiment["datasets"].values()
    assert not {"restarts", "order"} & set(section)
    assert "not used: its numbers do not rise within blocks" in output
    assert analysed(tmp_path)["block"].tolist() == [0] * 24


def test_where_transitions_reverse_no_state_belongs_to_an_action(tmp_path):
    table = played()
    table["planet"] = np.where(table["choice"] == 0, "B", "A")
    _, experiment = imported(tmp_path, csv(tmp_path, table), task="transition_reversal")
    (section,) = experiment["datasets"].values()
    assert section["states"] == ["A", "B"]


def test_subjects_that_take_turns_need_no_order(tmp_path):
    table = played().query("block == 1").sort_values("trial", kind="stable")
    output, experiment = imported(tmp_path, csv(tmp_path, table))
    (section,) = experiment["datasets"].values()
    assert "order" not in section
    assert "rises within blocks" in output


def test_a_tenth_of_choices_missed_is_no_doubt():
    table = pd.DataFrame(
        {"subject": "a", "block": 0, "action": [0, 1] * 50, "mask": [1] * 90 + [0] * 10, "reward": 0.5}
    )
    table.loc[0, "reward"] = 1.0
    assert doubts.doubts(table, task_of("reversal")) == []
