"""Session logs of the Akam mice, and the Miranda, IBL and PsyTrack files, to the canonical trial table."""

import json
import os
import pickle
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytest
from scipy.io import savemat

from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sources import akam_logs, akam_prl, akam_rts, akam_tr, ibl, miranda, psytrack, registry
from tinycog.tasks import task_of
from tinycog.trials.table import validated


def options(**given) -> dict:
    return checked(given, "test", AnyDataset).model_dump()


def prepared_by(source, raw, **given):
    """The source's own check and result, with the table as it would be written."""
    name = source.__name__.rpartition(".")[2]
    chosen = options(source=name, **given)
    registry.check(name, "d", chosen, raw)
    prepared = source.prepare("d", chosen, raw, 0)
    return prepared, validated(prepared.table, task_of(chosen["task"]), "d")


# -- Akam: logs made from known trials -------------------------------------------------------------------------------

CODES = {
    **{"low_poke": 3, "high_poke": 4, "left_poke": 5, "right_poke": 6, "trial_start": 7, "left_reward": 8},
    **{"right_reward": 9, "left_active": 10, "right_active": 11, "ITI_start": 12, "wait_for_poke_out": 13},
    **{"left_select": 14, "right_select": 15, "session_start": 1, "session_stop": 2},
}
SIDES = ("right", "left")
TRIAL_MS = 2000


@dataclass
class Log:
    """A session: what happened, and the log that says so."""

    trials: list[tuple[int, int, int]]  # choice, second step (of one-step trials the choice), reward
    blocks: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, 0, 1)])  # first trial, reward, transition
    lit: tuple[int, ...] = ()  # trials before whose choice the light went on
    two_step: bool = True

    def lines(self, file_type: str, codes: dict[str, int] = CODES, first_time: int = 0) -> list[str]:
        extra = ["0"] if file_type == "pyControl_1" else []
        arduino = file_type == "Arduino"
        timed: list[tuple[int, list[str]]] = []

        def write(time: int, *rest: int) -> None:
            timed.append((time, [str(time), *extra, *(str(value) for value in rest)]))

        def event(time: int, name: str) -> None:
            write(time, codes[name])

        if arduino:  # what the mouse did before the session, in full
            first_time += 10_000
            self._trial(event, 0, (1, 1, 1))
            event(first_time - 1, "start_stop" if "start_stop" in codes else "session_start")
        for first, reward_state, transition_state in self.blocks:
            states = (2 - reward_state if arduino else reward_state, transition_state)
            # a block is announced with the outcome of the trial before; on an Arduino the first, after its first start
            time = first_time + first * TRIAL_MS - 1200 if first else first_time + (40 if arduino else 0)
            write(time, -1, *states[: 2 if self.two_step else 1])
        for i, trial in enumerate(self.trials):
            start = first_time + i * TRIAL_MS
            if i in self.lit:
                write(start + 100, -2, 1)
                write(start + 200, -2, 0)
            self._trial(event, start, trial)
        end = first_time + len(self.trials) * TRIAL_MS
        event(end, "trial_start")  # the session ends before the next choice
        if arduino:
            event(end + 1, "start_stop" if "start_stop" in codes else "session_stop")
            self._trial(event, end + 100, (0, 1, 1))
        timed.sort(key=lambda line: line[0])
        lines = [" ".join(tokens) for _, tokens in timed]
        notes = ["I Task name : task", "Reward sizes: [80, 80]", "", "# Trial number: 3, Reward number: 1", "77"]
        return [*notes, *lines[: len(lines) // 2], *notes, *lines[len(lines) // 2 :], "$ Total trials    : 3"]

    def _trial(self, event, start: int, trial: tuple[int, int, int]) -> None:
        choice, second, reward = trial
        pokes = ("low_poke", "high_poke")
        event(start, "trial_start")
        if self.two_step:
            event(start + 250, pokes[1 - choice])  # without effect: the poke directly before counts
            event(start + 300, pokes[choice])
            event(start + 301, f"{SIDES[second]}_active")
        else:
            event(start + 250, pokes[1])
            event(start + 301, f"{SIDES[choice]}_select")
        event(start + 600, f"{SIDES[second]}_poke")
        if reward:
            event(start + 800, f"{SIDES[second]}_reward")
        event(start + 900, "wait_for_poke_out")
        event(start + 1000, "ITI_start")
        event(start + 1100, pokes[1 - choice])


def random_log(n: int, seed: int = 0, two_step: bool = True, common: float = 0.8, blocks=None, lit=()) -> Log:
    rng = np.random.default_rng(seed)
    choices = rng.integers(0, 2, n)
    seconds = np.where(rng.random(n) < common, choices, 1 - choices) if two_step else choices
    trials = list(zip(choices.tolist(), seconds.tolist(), rng.integers(0, 2, n).tolist(), strict=True))
    return Log(trials, blocks or [(0, 0, 1)], lit, two_step)


def write_log(raw, experiment, name, log, file_type="pyControl_2", codes=CODES, level=""):
    task = "two_step_task" if log.two_step else "reversal_learning_task"
    folder = raw / akam_logs.FOLDER / level / task / experiment
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "info.json").write_text(json.dumps({"info": "made", "event_IDs": codes, "file_type": file_type}))
    path = folder / "data" / name
    path.write_text("\n".join(log.lines(file_type, codes)) + "\n")
    return path


def spread(blocks, n: int, which: int) -> list[int]:
    """State of each trial."""
    states = [-1] * n
    for first, *values in blocks:
        states[first:] = [values[which]] * (n - first)
    return states


BLOCKS = [(0, 2, 1), (13, 1, 1), (20, 0, 0), (39, 2, 0)]
ONE_CODE = {name: code for name, code in CODES.items() if not name.startswith("session_")} | {"start_stop": 1}


@pytest.mark.parametrize("level", ["", "data"])
@pytest.mark.parametrize(
    ("file_type", "codes"),
    [("pyControl_1", CODES), ("pyControl_2", CODES), ("Arduino", CODES), ("Arduino", ONE_CODE)],
    ids=["pyControl_1", "pyControl_2", "Arduino", "Arduino, one code for start and stop"],
)
def test_two_step_logs_give_back_the_trials_they_were_made_from(tmp_path, file_type, codes, level):
    log = random_log(60, seed=1, blocks=BLOCKS, lit=(0, 7, 59))
    write_log(tmp_path, "2014-06-30-Baseline", "m95-2014-07-30.txt", log, file_type, codes, level)
    prepared, trials = prepared_by(akam_tr, tmp_path, first_day=1)
    assert list(zip(trials["action"], trials["state"], trials["reward"], strict=True)) == log.trials
    assert trials["task_reward_state"].tolist() == spread(BLOCKS, 60, 0)
    assert trials["task_transition_state"].tolist() == spread(BLOCKS, 60, 1)
    assert np.flatnonzero(trials["task_laser"]).tolist() == [0, 7, 59]
    assert set(trials["subject"]) == {"95"}
    assert set(trials["session"]) == {"2014-07-30"}
    assert prepared.counts_raw["95"]["trials"] == 60
    assert prepared.removed == []


@pytest.mark.parametrize("file_type", ["pyControl_1", "pyControl_2"])
@pytest.mark.parametrize("zero_means_left", [True, False])
def test_reversal_logs_give_back_their_trials_and_which_side_is_good(tmp_path, file_type, zero_means_left):
    rng = np.random.default_rng(3)
    truth = [(0, 2, 0), (100, 1, 0), (150, 0, 0), (250, 2, 0)]  # 0 left good, 1 neutral, 2 right good
    states = spread(truth, 300, 0)
    choices = rng.integers(0, 2, 300).tolist()
    chances = [(0.25, 0.5, 0.75)[1 + (1 - s) * (1 if c else -1)] for c, s in zip(choices, states, strict=True)]
    rewards = (rng.random(300) < chances).astype(int).tolist()
    logged = truth if zero_means_left else [(first, 2 - state, other) for first, state, other in truth]
    log = Log(list(zip(choices, choices, rewards, strict=True)), logged, two_step=False)
    write_log(tmp_path, "2015-09-01-JAWS", "m358-2015-10-09.txt", log, file_type)
    prepared, trials = prepared_by(akam_prl, tmp_path)
    assert trials["action"].tolist() == trials["state"].tolist() == choices
    assert trials["reward"].tolist() == rewards
    assert trials["task_reward_state"].tolist() == states
    assert "task_transition_state" not in trials
    assert "task_laser" not in trials
    meaning = "left good" if zero_means_left else "right good"
    assert prepared.parameters == {"reward_state_0": {"2015-09-01-JAWS": meaning}}
    assert [len(rows) for _, rows in trials.groupby("block")] == [150, 150]


def test_a_side_that_is_never_shown_to_be_good_stays_unknown(tmp_path):
    log = random_log(20, two_step=False, blocks=[(0, 1, 0), (10, 0, 0)])
    write_log(tmp_path, "2015-09-01-JAWS", "m358-2015-10-09.txt", log)
    prepared, trials = prepared_by(akam_prl, tmp_path)
    assert trials["task_reward_state"].tolist() == [1] * 10 + [-1] * 10
    assert prepared.parameters == {"reward_state_0": {"2015-09-01-JAWS": "undecided"}}


def test_a_light_set_off_by_a_choice_belongs_to_the_next_trial(tmp_path):
    log = random_log(4)
    path = write_log(tmp_path, "2014-06-30-Baseline", "m95-2014-07-30.txt", log)
    after_choice = TRIAL_MS + 301  # of trial 1
    lines = [f"{after_choice} -2 1", f"{after_choice + 50} -2 0", f"{3 * TRIAL_MS + 999} -2 1"]
    path.write_text(path.read_text() + "\n".join(lines))
    _, trials = prepared_by(akam_tr, tmp_path, first_day=1)
    assert trials["task_laser"].tolist() == [0, 0, 1, 0]


def test_sessions_without_light_are_dark_where_others_have_light(tmp_path):
    for day, lit in enumerate(((1,), ()), start=1):
        write_log(tmp_path, "2014-06-30-Baseline", f"m95-2014-07-0{day}.txt", random_log(2, lit=lit))
    _, trials = prepared_by(akam_tr, tmp_path, first_day=1)
    assert trials["task_laser"].tolist() == [0, 1, 0, 0]


def test_trials_before_the_first_block_line_have_no_known_state(tmp_path):
    write_log(tmp_path, "2014-06-30-Baseline", "m95-2014-07-30.txt", random_log(6, blocks=[(2, 0, 1)]))
    _, trials = prepared_by(akam_tr, tmp_path, first_day=1)
    assert trials["task_reward_state"].tolist() == [-1, -1, 0, 0, 0, 0]
    assert trials["task_transition_state"].tolist() == [-1, -1, 1, 1, 1, 1]


def test_a_trial_cut_short_by_the_end_of_the_session_is_unrewarded(tmp_path):
    path = write_log(tmp_path, "2014-06-30-Baseline", "m95-2014-07-30.txt", Log([(1, 1, 1), (0, 1, 1)]))
    lines = path.read_text().splitlines()
    last_choice = max(i for i, line in enumerate(lines) if line.endswith(f" {CODES['left_active']}"))
    path.write_text("\n".join(lines[: last_choice + 1]))
    _, trials = prepared_by(akam_tr, tmp_path, first_day=1)
    assert trials["reward"].tolist() == [1, 0]


def test_days_are_ranks_of_the_dates_of_all_mice_of_an_experiment(tmp_path):
    for day in range(1, 25):  # mouse 49 is in the data set, mouse 7 is not but has the odd days to itself
        mouse = 49 if day % 2 == 0 else 7
        write_log(tmp_path, "2014-02-22-Baseline", f"m{mouse}-2014-03-{day:02d}.txt", random_log(5, seed=day))
    write_log(tmp_path, "2014-06-30-Baseline", "m95-2014-07-30.txt", random_log(5))
    prepared, trials = prepared_by(akam_tr, tmp_path)
    assert dict(zip(trials["session"], trials["task_day"], strict=True)) == {"2014-03-22": 22, "2014-03-24": 24}
    early = {"reason": "sessions before training day 22"}
    assert prepared.removed == [{"subject": "49", **early, "blocks": 10}, {"subject": "95", **early, "blocks": 1}]
    assert [path.name for path in akam_tr.files(options(source="akam_tr"), tmp_path)] == [
        *("info.json", "m49-2014-03-22.txt", "m49-2014-03-24.txt")
    ]
    _, earlier = prepared_by(akam_tr, tmp_path, first_day=1)
    assert earlier["subject"].drop_duplicates().tolist() == ["49", "95"]


@pytest.mark.parametrize(("longest", "lengths"), [(150, [134, 134, 132, 150]), (None, [400, 150]), (149, None)])
def test_sessions_are_cut_into_the_fewest_equal_blocks(tmp_path, longest, lengths):
    logs = [random_log(400, seed=1), random_log(150, seed=2)]
    for day, log in enumerate(logs, start=1):
        write_log(tmp_path, "2014-02-22-Baseline", f"m49-2014-03-0{day}.txt", log)
    prepared, trials = prepared_by(akam_tr, tmp_path, first_day=1, longest_block=longest)
    assert [len(rows) for _, rows in trials.groupby("block")] == (lengths or [134, 134, 132, 75, 75])
    assert trials["action"].tolist() == [choice for log in logs for choice, _, _ in log.trials]
    assert (prepared.counts_raw["49"]["blocks"], prepared.counts_raw["49"]["trials"]) == (2, 550)


def test_mice_decide_the_data_set_and_stand_in_their_order(tmp_path):
    for experiment, mouse in (("2015-04-02-Baseline", 263), ("2014-06-30-Baseline", 100), ("2014-06-30-Baseline", 95)):
        write_log(tmp_path, experiment, f"m{mouse}-2015-05-01.txt", random_log(3, seed=mouse))
    for mouse in (279, 269, 276):
        write_log(tmp_path, "2015-04-02-no_transition_reversals", f"m{mouse}-2015-05-01.txt", random_log(3, seed=mouse))
    write_log(tmp_path, "2016-02-12-other", "m95-2016-05-01.txt", random_log(3))
    order = {source: prepared_by(source, tmp_path, first_day=1)[1]["subject"] for source in (akam_tr, akam_rts)}
    assert list(dict.fromkeys(order[akam_tr])) == ["95", "100", "263"]
    assert list(dict.fromkeys(order[akam_rts])) == ["269", "279"]
    assert len(order[akam_tr]) == 9
    only = prepared_by(akam_tr, tmp_path, first_day=1, subjects=["100"])
    assert set(only[0].counts_raw) == {"100"}
    with pytest.raises(InputError, match=r"datasets\.d\.subjects: 269 not in the data; there are: 95, 100, 263"):
        prepared_by(akam_tr, tmp_path, first_day=1, subjects=["269"])


@pytest.mark.parametrize("recode", [True, False])
def test_crossed_transitions_are_relabelled_on_request(tmp_path, recode):
    logs = {mouse: random_log(200, seed=mouse, common=common) for mouse, common in ((269, 0.8), (270, 0.2))}
    for mouse, log in logs.items():
        write_log(tmp_path, "2015-04-02-no_transition_reversals", f"m{mouse}-2015-05-01.txt", log)
    prepared, trials = prepared_by(akam_rts, tmp_path, first_day=1, recode_common=recode)
    assert prepared.parameters == ({"recoded": ["270"]} if recode else {})
    for mouse, log in logs.items():
        flip = recode and mouse == 270
        expected = [1 - second if flip else second for _, second, _ in log.trials]
        assert trials.loc[trials["subject"].eq(str(mouse)), "state"].tolist() == expected


UNUSABLE = [
    (lambda text: "", "no choice in the log"),
    (lambda text: "0 7\n900 13\n", "no choice in the log"),
    (
        lambda text: text.replace("0 7\n", "0 7\n1 10\n", 1),
        "line 8: found no poke before left_active; allowed: low_poke or high_poke",
    ),
    (
        lambda text: text.replace("301 10\n", "301 10\n302 11\n", 1),
        "line 11: found left_active (line 10) before right_active; allowed: low_poke or high_poke",
    ),
]


@pytest.mark.parametrize(("change", "reason"), UNUSABLE, ids=["empty", "no choice", "no poke", "two sides"])
def test_a_session_that_does_not_tell_its_choices_is_left_out_and_said(tmp_path, change, reason):
    path = write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-01.txt", Log([(1, 1, 1), (1, 1, 0), (1, 1, 0)]))
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=re.escape(f"{path}: {reason}. None of 1 session logs can be used")):
        prepared_by(akam_tr, tmp_path, first_day=1)
    write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-02.txt", random_log(3))
    prepared, trials = prepared_by(akam_tr, tmp_path, first_day=1)
    assert trials["session"].tolist() == ["2014-03-02"] * 3
    assert prepared.removed == [
        {"subject": "49", "session": "2014-03-01", "reason": f"m49-2014-03-01.txt: {reason}", "blocks": 1}
    ]


def test_an_experiment_in_both_places_is_refused_and_not_read_twice(tmp_path):
    for level in ("", "data"):
        write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-01.txt", random_log(3), level=level)
    folders = (r"two_step_task/2014-02-22-Baseline/info\.json", r"akam-mice/data/two_step_task/2014-02-22-Baseline")
    with pytest.raises(InputError, match=rf"{folders[0]}: experiment 2014-02-22-Baseline is also in .*{folders[1]}"):
        akam_tr.files(options(source="akam_tr", first_day=1), tmp_path)


@pytest.mark.parametrize("asked", [["2015-10-09", "2015-10-11"], [date(2015, 10, 9), date(2015, 10, 11)]])
def test_sessions_of_other_dates_are_left_out_and_said(tmp_path, asked):
    for mouse, day in ((358, 9), (358, 10), (358, 11), (359, 10)):
        log = random_log(3, two_step=False)
        write_log(tmp_path, "2015-09-01-JAWS", f"m{mouse}-2015-10-{day:02d}.txt", log)
    chosen = options(source="akam_prl") | {"dates": asked}
    prepared = akam_prl.prepare("d", chosen, tmp_path, 0)
    assert list(dict.fromkeys(prepared.table["session"])) == ["2015-10-09", "2015-10-11"]
    assert prepared.table["task_day"].unique().tolist() == [1, 3]
    reason = {"reason": "sessions of other dates", "blocks": 1}
    assert prepared.removed == [{"subject": "358", **reason}, {"subject": "359", **reason}]
    assert akam_prl.prepare("d", chosen | {"subjects": ["358"]}, tmp_path, 0).removed == prepared.removed[:1]
    assert [path.name for path in akam_prl.files(chosen, tmp_path)][1:] == [
        "m358-2015-10-09.txt",
        "m358-2015-10-11.txt",
    ]
    asked.append("2015-10-12")
    with pytest.raises(
        InputError, match=r"`dates`: no session on 2015-10-12; there are: 2015-10-09, 2015-10-10, 2015-"
    ):
        akam_prl.check("d", chosen, tmp_path)


def test_akam_logs_that_the_config_names_are_read_whatever_their_mouse(tmp_path):
    """In the order given; days are ranks of the dates of these logs."""
    logs = [
        write_log(tmp_path, "2019-pilot", f"m{m}-2019-03-0{d}.txt", random_log(3)) for m, d in ((7, 3), (7, 1), (2, 1))
    ]
    info = logs[0].parent.parent / "info.json"
    given = {"first_day": 1, "files": [str(path) for path in (*logs, info)]}
    _, trials = prepared_by(akam_tr, tmp_path / "nowhere", **given)
    assert list(dict.fromkeys(zip(trials["subject"], trials["session"], trials["task_day"], strict=True))) == [
        *(("7", "2019-03-03", 2), ("7", "2019-03-01", 1), ("2", "2019-03-01", 1))
    ]
    assert akam_tr.files(options(source="akam_tr", **given), tmp_path) == [info, *logs]


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            ["data/m49-2014-03-01.txt"],
            r"m49-2014-03-01\.txt: not a file to read\. Expected under .*info\.json and <expe",
        ),
        (["info.json"], r"the data set's `files`: 0 session logs in two_step_task"),
        (["info.json", "data/notes.txt"], r"notes\.txt: not the name of a session log"),
        (["nofile.txt"], r"nofile\.txt: no such file \(one of <experiment>/info\.json and"),
        (["info.json", "data/m49-2014-03-01.txt"], r"the data set's `files`: no session of training day 22 or later"),
    ],
)
def test_akam_files_that_do_not_suit_say_what_is_expected(tmp_path, named, message):
    folder = write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-01.txt", random_log(3)).parent.parent
    (folder / "data/notes.txt").write_text("notes")
    with pytest.raises(InputError, match=message):
        prepared_by(akam_tr, tmp_path, files=[str(folder / name) for name in named])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (akam_tr, r"akam-mice: no session log found.*two_step_task/<experiment>/info\.json.*2014-02-22.*8JWHM.*`raw`"),
        (akam_rts, r"akam-mice: no session log found.*two_step_task.*2015-04-02.*8JWHM"),
        (akam_prl, r"akam-mice: no session log found.*reversal_learning_task.*2015-09-01, 2016-02-07.*8JWHM"),
        (miranda, r"miranda-monkeys-two-step: PreparedData\.mat not found.*TwoStepTask.*`raw`"),
        (ibl, r"ibl-mice-perceptual: no mouse found.*_unnormalized\.npz.*11636748.*`raw`"),
        (psytrack, r"psytrack-rat-learning: sampleRatData\.npz not found.*nicholas-roy/psytrack.*`raw`"),
    ],
)
def test_missing_files_are_named_with_where_to_get_them(tmp_path, source, message):
    chosen = options(source=source.__name__.rpartition(".")[2])
    for call in (source.files, lambda o, raw: source.prepare("d", o, raw, 0)):
        with pytest.raises(InputError, match=message):
            call(chosen, tmp_path)


def test_logs_of_other_mice_or_early_days_alone_are_an_error_that_says_so(tmp_path):
    write_log(tmp_path, "2014-02-22-Baseline", "m7-2014-03-01.txt", random_log(3))
    with pytest.raises(InputError, match=r"1 session logs in two_step_task, none of mice 49, 50"):
        prepared_by(akam_tr, tmp_path)
    write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-01.txt", random_log(3))
    with pytest.raises(InputError, match=r"no session of training day 22 or later; the last day found is 1"):
        prepared_by(akam_tr, tmp_path)


def replaced(old: str, new: str):
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


BAD_LOGS = [
    (
        "pyControl_2",
        replaced("0 -1 0 1", "0 -1 3 1"),
        r"line 6: found block states '3 1'; allowed: reward state \(0, 1, 2",
    ),
    ("pyControl_2", replaced("0 -1 0 1", "0 -1 0 2"), r"line 6: found block states '0 2'; .*transition state \(0, 1\)"),
    ("pyControl_2", replaced("0 -1 0 1", "0 -1 1"), r"line 6: found block states '1'"),
    ("pyControl_1", replaced("0 0 7", "0 7"), r"line 7: found '0 7'; needed: time stamp, 0, code"),
    (
        "pyControl_2",
        replaced("\n2000 7\n", "\n"),
        r"line \d+: found left_active of trial 3; allowed: as many choices as trial",
    ),
    (
        "pyControl_2",
        lambda text: re.sub(r"\n\d+ (7|8|9|13)(?=\n)", "", text),
        r"line \d+: found left_active of trial 1; .*trial starts before, here 0",
    ),
    (
        "pyControl_2",
        replaced("0 7\n", "0 7\n1 -2 4\n"),
        r"line 8: found laser state '4'; allowed: 1 \(on\) or 0 \(off\)",
    ),
    (
        "Arduino",
        replaced("9999 1\n", ""),
        r"found no code of the session's start; allowed in an Arduino log: one start",
    ),
    ("Arduino", replaced("16001 2\n", ""), r"found no code of the session's stop"),
]


@pytest.mark.parametrize(("file_type", "change", "message"), BAD_LOGS, ids=[f"{b[0]} {b[2][:40]}" for b in BAD_LOGS])
def test_broken_logs_name_file_line_and_need(tmp_path, file_type, change, message):
    log = Log([(1, 1, 1), (1, 1, 0), (1, 1, 0)])
    path = write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-01.txt", log, file_type)
    text = path.read_text()
    if "trial 3" in message:  # without its last start, which no choice follows
        text = replaced("\n6000 7\n", "\n")(text)
    path.write_text(change(text))
    with pytest.raises(InputError) as error:
        prepared_by(akam_tr, tmp_path, first_day=1)
    assert str(error.value).startswith(str(path))
    assert re.search(message, str(error.value)), str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"info\.json: not the description of an Akam experiment"),
        ({"event_IDs": CODES}, r"info\.json: not the description .*file_type"),
        (
            {"file_type": "Bpod", "event_IDs": CODES},
            r"file_type: found 'Bpod'; allowed: Arduino, pyControl_1, pyControl_2",
        ),
        (
            {"file_type": "pyControl_2", "event_IDs": {}},
            r"event_IDs, trial_start: found None; needed: its integer code",
        ),
        (
            {"file_type": "pyControl_2", "event_IDs": CODES | {"high_poke": 3}},
            r"event_IDs, high_poke: found 3, which is also low_poke",
        ),
        (
            {"file_type": "Arduino", "event_IDs": {k: v for k, v in CODES.items() if k != "session_stop"}},
            r"event_IDs, session_stop: found None",
        ),
    ],
)
def test_broken_descriptions_are_found_by_the_check_alone(tmp_path, content, message):
    path = write_log(tmp_path, "2014-02-22-Baseline", "m49-2014-03-01.txt", random_log(3))
    info = path.parent.parent / "info.json"
    info.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=message):
        akam_tr.check("d", options(source="akam_tr", first_day=1), tmp_path)


@pytest.mark.parametrize("name", ["m49-March.txt", "m49-2014-03-01.csv"])
def test_a_log_without_a_date_in_its_name_is_refused(tmp_path, name):
    write_log(tmp_path, "2014-02-22-Baseline", name, random_log(3))
    with pytest.raises(InputError, match=rf"{re.escape(name)}: not the name of a session log; expected m<mouse>-<yyyy"):
        prepared_by(akam_tr, tmp_path, first_day=1)


# -- Miranda ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def monkeys(data_folder):
    return prepared_by(miranda, data_folder)


# figures of the data's own README
@pytest.mark.parametrize(
    ("monkey", "sessions", "run", "good", "types", "levels", "common", "picture_1"),
    [
        ("Charlie", 30, 16320, 15585, [13282, 1145, 1158], [7221, 4285, 4079], 0.6946, 0.4914),
        ("Jacob", 27, 15967, 14664, [12536, 1093, 1035], [6724, 4184, 3756], 0.7019, 0.4975),
    ],
)
def test_miranda_check_figures(monkeys, monkey, sessions, run, good, types, levels, common, picture_1):
    prepared, table = monkeys
    trials = table.query("subject == @monkey")
    raw = prepared.counts_raw[monkey]
    (left_out,) = [row["rows"] for row in prepared.removed if row["subject"] == monkey]
    assert (raw["blocks"], trials["session"].nunique()) == (sessions, sessions)
    assert (raw["trials"], len(trials), raw["trials"] + left_out) == (good, good, run)
    assert raw["scored"] == 2 * types[0] + types[1] + types[2]
    assert trials["task_trial_type"].value_counts().sort_index().tolist() == types
    assert trials["task_reward_level"].value_counts().sort_index().tolist() == levels
    figures = [trials["task_common"].mean(), trials["task_picture1"].eq(1).mean()]
    assert np.round(figures, 4).tolist() == [common, picture_1]


@pytest.mark.parametrize(
    ("monkey", "stays"),
    [
        ("Charlie", {(1, 1): (0.891, 4853), (1, 3): (0.404, 1978), (0, 1): (0.255, 1247), (0, 3): (0.721, 1314)}),
        ("Jacob", {(1, 1): (0.974, 4654), (1, 3): (0.296, 1734), (0, 1): (0.120, 1028), (0, 3): (0.801, 1249)}),
    ],
)
def test_miranda_stay_table(monkeys, monkey, stays):
    trials = monkeys[1].query("subject == @monkey")
    last = trials.groupby("session").shift(1)
    usable = trials["task_trial_type"].eq(1) & trials["task_trial_number"].sub(last["task_trial_number"]).eq(1)
    stay = trials["task_picture1"].eq(last["task_picture1"])[usable]
    cells = stay.groupby([last["task_common"], last["task_reward_level"]])
    assert {cell: (round(rows.mean(), 3), len(rows)) for cell, rows in cells if cell in stays} == stays


def test_miranda_masks_forced_stages_and_gives_levels_their_reward(monkeys):
    trials = monkeys[1]
    kind = trials["task_trial_type"]
    assert (trials["forced"].eq(1) == kind.eq(2)).all()
    assert (trials["mask"].eq(0) == kind.eq(2)).all()
    assert (trials["mask2"].eq(0) == kind.eq(3)).all()
    assert (trials["reward"].dropna() == trials["task_reward_level"].map({1: 1.0, 2: 0.5, 3: 0.0})[kind.ne(3)]).all()
    free = trials[kind.eq(1)]
    assert (free["action"] == free["task_picture1"] - 1).all()
    assert (3 + 2 * free["state"] + free["action2"] == free["task_picture2"]).all()
    assert trials.groupby(["subject", "block"]).size().max() <= 150


def monkey_file(raw, lengths=(4, 4), **changes):
    """Sessions of both monkeys with the fields that are read."""
    trials = {
        **{"indxGoodTrials": [1, 2, 4, 5], "TrialType": [1, 2, 3, 1], "PicChosen1": [1, 2, 2, 1]},
        **{"Transition": [1, 2, 1, 1], "PicChosen2": [4, 3, 6, 3], "LevelRew2": [1, 2, 3, 2], "TotalNumTrials": [6]},
    }
    fields = {key: np.array(value)[:, None] for key, value in (trials | changes).items() if value is not None}
    cells = np.empty((2, 1), dtype=object)
    dtype = [(key, object) for key in fields]
    for i in range(2):
        cells[i, 0] = np.empty((1, 1), dtype)
        cells[i, 0][0, 0] = tuple(fields.values())
    folder = raw / miranda.FOLDER
    folder.mkdir(parents=True)
    savemat(folder / miranda.FILE, {"PreparedData": cells})


def test_miranda_rows_of_a_known_session(tmp_path):
    monkey_file(tmp_path)
    prepared, trials = prepared_by(miranda, tmp_path, reward_levels=[0.9, 0.4, 0.1], subjects=["Jacob"])
    assert trials["action"].tolist() == [0, -1, 1, 0]
    assert trials["state"].tolist() == [0, 0, 1, 0]
    assert trials["action2"].tolist() == [1, 0, -1, 0]
    assert trials["reward"].fillna(-1).tolist() == [0.9, 0.4, -1, 0.4]
    assert trials["block"].tolist() == [0] * 4
    assert trials["task_trial_number"].tolist() == [1, 2, 4, 5]
    assert [(row["subject"], row["rows"]) for row in prepared.removed] == [("Jacob", 2)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"PicChosen2": [4, 3, 7, 3]}, r"Charlie, session 1, field 'PicChosen2', row 3: found 7; allowed: 3, 4, 5, 6$"),
        ({"PicChosen1": [1, 2, 0.5, 1]}, r"field 'PicChosen1', row 3: found 0\.5; allowed: 1, 2$"),
        ({"indxGoodTrials": [1, np.nan, 4, 5]}, r"field 'indxGoodTrials', row 2: found nan; allowed: a whole number"),
        ({"TrialType": ["a", "b", "c", "d"]}, r"field 'TrialType': found an array of text; allowed: numbers"),
        ({"TotalNumTrials": [3]}, r"session 1, field 'TotalNumTrials': found \[3\]; allowed: 4 or more"),
        ({"TotalNumTrials": []}, r"field 'TotalNumTrials': found \[\]; allowed: 4 or more"),
        ({"LevelRew2": [0, 2, 3, 2]}, r"field 'LevelRew2', row 1: found 0; allowed: 1, 2, 3$"),
        ({"Transition": [1, 1, 1, 1]}, r"field 'Transition', row 2: found 1; allowed: 1 \(common\) from picture 1"),
        ({"TrialType": [1, 2, 3]}, r"session 1: found arrays of shapes indxGoodTrials \(4,\), TrialType \(3,\),"),
        (
            {"indxGoodTrials": [1, 3, 2, 4]},
            r"field 'indxGoodTrials', row 3: found 2; allowed: trial numbers that increase",
        ),
        ({"LevelRew2": None}, r"session 1: no field 'LevelRew2'; it has: indxGoodTrials"),
    ],
)
def test_miranda_refuses_other_sessions(tmp_path, changes, message):
    monkey_file(tmp_path, **changes)
    with pytest.raises(InputError, match=message):
        prepared_by(miranda, tmp_path)


def test_miranda_refuses_other_files_and_monkeys(tmp_path):
    monkey_file(tmp_path)
    with pytest.raises(InputError, match=r"datasets\.d\.subjects: V not in the data; there are: Charlie, Jacob"):
        prepared_by(miranda, tmp_path, subjects=["V"])
    path = tmp_path / miranda.FOLDER / miranda.FILE
    savemat(path, {"PreparedData": np.zeros((3, 1))})
    with pytest.raises(InputError, match="`PreparedData` has 3 cells, expected 2"):
        prepared_by(miranda, tmp_path)


# -- IBL -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mice(data_folder):
    return prepared_by(ibl, data_folder)


# figures of the data's own README: trials, sessions, no response, then over answered trials
MICE = {
    "CSHL_002": (4320, 48, 4, 0.6907, 0.8080, 0.4896, [0.118, 0.194, 0.538, 0.723, 0.833]),
    "CSHL_003": (5130, 57, 3, 0.8007, 0.9361, 0.4941, [0.041, 0.097, 0.430, 0.907, 0.975]),
    "CSHL_007": (5580, 62, 5, 0.7785, 0.8897, 0.5358, [0.104, 0.167, 0.584, 0.876, 0.958]),
    "CSHL_014": (4950, 55, 1, 0.7078, 0.8450, 0.4476, [0.042, 0.107, 0.513, 0.718, 0.815]),
    "IBL-T1": (5580, 62, 7, 0.7687, 0.8898, 0.4149, [0.057, 0.079, 0.370, 0.791, 0.904]),
    "NYU-01": (6570, 73, 38, 0.6880, 0.8070, 0.4052, [0.043, 0.124, 0.452, 0.649, 0.745]),
    "NYU-02": (7650, 85, 14, 0.7737, 0.9059, 0.4492, [0.069, 0.092, 0.452, 0.834, 0.946]),
    "ZM_1745": (5040, 56, 0, 0.7756, 0.9327, 0.4052, [0.020, 0.041, 0.289, 0.855, 0.944]),
    "ibl_witten_05": (6390, 71, 0, 0.6919, 0.8031, 0.3371, [0.007, 0.045, 0.366, 0.575, 0.690]),
    "ibl_witten_13": (4590, 51, 7, 0.7519, 0.9389, 0.4298, [0.069, 0.100, 0.277, 0.927, 0.994]),
}


@pytest.mark.parametrize("mouse", MICE)
def test_ibl_check_figures(mice, mouse):
    n, sessions, silent, correct, easy, right, psychometric = MICE[mouse]
    prepared, table = mice
    trials = table.query("subject == @mouse")
    raw = prepared.counts_raw[mouse]
    assert (raw["blocks"], raw["trials"], raw["trials"] - raw["scored"]) == (sessions, n, silent)
    assert (trials["block"].nunique(), len(trials)) == (sessions, n)
    answered = trials.query("mask == 1")
    strong = answered["stim_contrast"].abs() >= 0.25
    figures = [answered["reward"].mean(), answered.loc[strong, "reward"].mean(), answered["action"].mean()]
    assert np.round(figures, 4).tolist() == [correct, easy, right]
    by_contrast = answered.groupby("stim_contrast")["action"].mean()
    assert by_contrast[[-1, -0.25, 0, 0.25, 1]].round(3).tolist() == psychometric


def test_ibl_totals_and_that_a_reward_is_a_choice_of_the_stimulus_side(mice):
    trials = mice[1]
    assert (trials["subject"].nunique(), len(trials)) == (10, 55_800)
    assert sum(raw["blocks"] for raw in mice[0].counts_raw.values()) == 620
    sided = trials.query("mask == 1 and stim_contrast != 0")
    assert (sided["reward"].eq(1) == sided["action"].eq(sided["stim_contrast"] > 0)).all()


def mouse_files(raw, mouse="mouse", **changes):
    arrays = {
        "arr_0": np.array([[-1.0, 1, 1], [0.25, 1, 1], [0, 1, 1], [1, 1, 1]]),
        "arr_1": np.array([[0], [0], [-1], [1]]),
        "arr_2": np.array(["m-1", "m-1", "m-1", "m-2"]),
        "rewarded": np.array([[1], [-1], [-1], [1]]),
    } | changes
    folder = raw / ibl.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / f"{mouse}_rewarded.npz", arr_0=arrays.pop("rewarded"))
    np.savez(folder / f"{mouse}_unnormalized.npz", **arrays)
    return folder


def test_ibl_masks_trials_without_a_response(tmp_path):
    mouse_files(tmp_path, "b")
    mouse_files(tmp_path, "a")
    _, trials = prepared_by(ibl, tmp_path)
    assert trials["subject"].drop_duplicates().tolist() == ["a", "b"]
    one = trials.query("subject == 'a'")
    assert one["action"].tolist() == [0, 0, -1, 1]
    assert one["state"].tolist() == [0, 0, 0, 1]
    assert one["reward"].fillna(-1).tolist() == [1, 0, -1, 1]
    assert one["block"].tolist() == [0, 0, 0, 1]
    assert set(prepared_by(ibl, tmp_path, subjects=["b"])[1]["subject"]) == {"b"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"arr_1": np.array([[0], [2], [1], [1]])},
            r"unnormalized\.npz, array 'arr_1', row 2: found 2; allowed: -1, 0",
        ),
        ({"arr_0": np.full((4, 3), np.nan)}, r"unnormalized\.npz, array 'arr_0', row 1: found nan; allowed: a number"),
        ({"arr_0": np.full((4, 3), "x")}, r"unnormalized\.npz, array 'arr_0', row 1: found 'x'; allowed: a number"),
        ({"arr_0": np.float64(1)}, r"unnormalized\.npz: found arrays of shape {'arr_0': \(\)"),
        ({"rewarded": np.zeros((4, 1))}, r"rewarded\.npz, array 'arr_0', row 1: found 0\.0; allowed: -1, 1$"),
        ({"rewarded": np.ones((3, 1))}, r"rewarded\.npz, arr_0: found shape \(3, 1\); allowed: \(4, 1\)"),
        ({"arr_2": np.array(["m-1"] * 3)}, r"unnormalized\.npz: found arrays of shape"),
        ({"arr_2": np.array(["m-1"] * 4, dtype=object)}, r"not a readable NPZ .*Object arrays cannot be loaded"),
    ],
)
def test_ibl_refuses_other_arrays(tmp_path, changes, message):
    mouse_files(tmp_path, **changes)
    with pytest.raises(InputError, match=message):
        prepared_by(ibl, tmp_path)


def test_ibl_pairs_the_files_that_the_config_names(tmp_path):
    for mouse in "ab":
        mouse_files(tmp_path, mouse)
    folder = tmp_path / ibl.FOLDER
    files = [str(folder / f"{name}.npz") for name in ("b_unnormalized", "a_rewarded", "a_unnormalized", "b_rewarded")]
    _, trials = prepared_by(ibl, tmp_path / "nowhere", files=files)
    assert trials["subject"].drop_duplicates().tolist() == ["b", "a"]
    pairs = r"pairs of files <mouse>_unnormalized\.npz and <mouse>_rewarded\.npz"
    for named, message in (
        (files[:3], rf"b_unnormalized\.npz: the mouse's other file is not there\. Expected {pairs}"),
        ([*files, __file__], rf"others\.py: not a file to read\. Expected under the data set's `files`: {pairs}"),
        ([*files, files[0]], r"b_unnormalized\.npz: mouse b is also in .*b_unnormalized\.npz; keep one of the two"),
    ):
        with pytest.raises(InputError, match=message):
            prepared_by(ibl, tmp_path, files=named)


@pytest.mark.parametrize("source", [miranda, psytrack])
def test_a_file_that_the_config_names_is_read_in_place_of_the_one_in_the_raw_folder(tmp_path, source):
    monkey_file(tmp_path)
    npz(tmp_path, pickle.dumps(boxed(RAT)))
    path = str(tmp_path / source.FOLDER / source.FILE)
    _, elsewhere = prepared_by(source, tmp_path / "nowhere", files=[path])
    assert elsewhere.equals(prepared_by(source, tmp_path)[1])
    with pytest.raises(InputError, match=rf"`files`: found 2 \(.*\); allowed: 1, a file like {source.FILE}"):
        prepared_by(source, tmp_path, files=[path, path])


def test_ibl_needs_both_files_and_known_mice(tmp_path):
    folder = mouse_files(tmp_path)
    with pytest.raises(InputError, match=r"datasets\.d\.subjects: x not in the data; there are: mouse"):
        prepared_by(ibl, tmp_path, subjects=["x"])
    (folder / "mouse_rewarded.npz").unlink()
    with pytest.raises(
        InputError, match=r"mouse_unnormalized\.npz: the mouse's other file is not there\. Expected pai"
    ):
        prepared_by(ibl, tmp_path)


# -- PsyTrack --------------------------------------------------------------------------------------------------------


# figures of the data's own README
def test_psytrack_check_figures(data_folder):
    prepared, trials = prepared_by(psytrack, data_folder)
    assert (prepared.counts_raw["W053"]["blocks"], len(trials), trials["session"].nunique()) == (80, 20_000, 80)
    assert trials["action"].eq(0).sum() == 9365
    correct = trials["reward"]
    figures = [correct.mean(), correct[:2000].mean(), correct[-2000:].mean()]
    assert np.round(figures, 4).tolist() == [0.6445, 0.5675, 0.6950]
    assert (trials["task_answer"].eq(1) == (trials["stim_s1"] > trials["stim_s2"])).all()
    assert (trials["reward"].eq(1) == trials["action"].eq(trials["task_answer"])).all()


def test_psytrack_reader_agrees_with_numpy_and_with_the_readme_on_every_array(data_folder):
    path = data_folder / psytrack.FOLDER / psytrack.FILE
    read = psytrack.read(path)
    with np.load(path, allow_pickle=True) as file:  # the data's own file, known by its figures
        expected = file["D"].item()
    assert set(read) == set(expected)
    for key in ("y", "answer", "correct", "dayLength"):
        np.testing.assert_array_equal(read[key], expected[key], strict=True)
    for key, values in expected["inputs"].items():
        np.testing.assert_array_equal(read["inputs"][key], values, strict=True)
    coded = {"c": read["y"], "h": read["answer"], "r": read["correct"]}
    unusable = read["inputs"]["c"][:, 0] == 0
    assert unusable.sum() == 2091
    assert (read["inputs"]["s_avg"][unusable, 0] == 0).all()
    for key, values in coded.items():
        low, high = np.unique(values)
        last = np.where(values == high, 1, np.where(values == low, -1, 0))
        assert ((read["inputs"][key][:, 0] == 0) == unusable).all()
        assert (read["inputs"][key][1:, 0] == last[:-1])[~unusable[1:]].all()


RAT = {
    "name": "R1",
    "y": np.array([1.0, 2, 2, 1]),
    "answer": np.array([1, 2, 1, 1]),
    "correct": np.array([1.0, 1, 0, 1]),
    "dayLength": np.array([3, 1]),
    "inputs": {"s1": np.array([[-1.0, 0], [1, -1], [0, 1], [0, 0]]), "s2": np.array([[0.0, 9]] * 4)},
}


def npz(raw, content: bytes, dtype: str = "|O", shape: tuple = ()):
    """An NPZ file whose array `D` has this pickle as its content."""
    folder = raw / psytrack.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / psytrack.FILE, "w") as archive, archive.open("D.npy", "w") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
        file.write(content)
    return folder / psytrack.FILE


def boxed(content: object) -> np.ndarray:
    box = np.empty((), dtype=object)
    box[()] = content
    return box


@pytest.mark.parametrize("protocol", range(5))
def test_psytrack_reads_every_protocol_that_numpy_writes(tmp_path, protocol):
    numbers = {"fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "scalar": np.float64(0.5), "big": 2**40}
    numbers["swapped"] = np.arange(3, dtype=">i4")
    path = npz(tmp_path, pickle.dumps(boxed(RAT | numbers), protocol=protocol))
    read = psytrack.read(path)
    np.testing.assert_array_equal(read["fortran"], numbers["fortran"], strict=True)
    np.testing.assert_array_equal(read["swapped"], numbers["swapped"], strict=True)
    assert (read["scalar"], read["big"], read["name"]) == (0.5, 2**40, "R1")
    _, trials = prepared_by(psytrack, tmp_path)
    assert trials["action"].tolist() == [0, 1, 1, 0]
    assert trials["reward"].tolist() == [1, 1, 0, 1]
    assert trials["block"].tolist() == [0, 0, 0, 1]
    assert trials["stim_s1"].tolist() == [-1, 1, 0, 0]
    assert trials["stim_s2"].tolist() == [0] * 4


class Calls:
    """Pickles as a call of `function` with `args`."""

    def __init__(self, function, *args):
        self.call = (function, args)

    def __reduce__(self):
        return self.call


def nested(payload) -> np.ndarray:
    inner = np.empty(2, dtype=object)
    inner[:] = [1, payload]
    return boxed({**RAT, "y": inner})


def loaded_by_numpy(proof) -> Calls:
    """A call of numpy.load on a second file, which is hostile itself."""
    second = proof.with_suffix(".npy")
    with open(second, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": ()})
        file.write(pickle.dumps(Calls(os.system, f"touch {proof}")))
    return Calls(np.load, str(second), None, True)


def dotted(module: str, name: str, argument: str) -> bytes:
    """A call of a name with dots, which protocol 4 follows from attribute to attribute."""
    texts = [b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name, argument)]
    return b"\x80\x04" + texts[0] + texts[1] + b"\x93" + texts[2] + b"\x85R."


GETATTR = "cbuiltins\ngetattr\n(cbuiltins\n__import__\n(S'os'\ntRS'system'\ntR(S'touch {}'\ntR."
HOSTILE = {
    "posix.system": lambda proof: pickle.dumps(Calls(os.system, f"touch {proof}")),
    "builtins.eval": lambda proof: pickle.dumps(Calls(eval, f"open({str(proof)!r}, 'w').close()"), protocol=4),
    "__builtin__.eval": lambda proof: pickle.dumps(Calls(eval, f"open({str(proof)!r}, 'w').close()"), protocol=2),
    "builtins.getattr": lambda proof: GETATTR.format(proof).encode(),
    "shutil.os.system": lambda proof: dotted("shutil", "os.system", f"touch {proof}"),
    "numpy.savetxt": lambda proof: pickle.dumps(Calls(np.savetxt, str(proof), [1])),
    "numpy.load": lambda proof: pickle.dumps(loaded_by_numpy(proof)),
    "posix.system in an array in a dict": lambda proof: pickle.dumps(nested(Calls(os.system, f"touch {proof}"))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_psytrack_refuses_hostile_pickles_without_running_them(tmp_path, kind):
    proof = tmp_path / "proof"
    content = HOSTILE[kind](proof)
    pickle.loads(content)  # the payload does work where pickles are trusted
    assert proof.exists()
    proof.unlink()
    path = npz(tmp_path, content)
    asked = re.escape(kind.split()[0])
    with pytest.raises(InputError, match=rf"sampleRatData\.npz, D: the pickle asks for {asked}, which plain NumPy"):
        prepared_by(psytrack, tmp_path)
    assert not proof.exists()
    assert path.exists()


def itself() -> dict:
    loop: dict = {}
    loop["again"] = loop
    return loop


def array_of(dtype_code: bytes, data: bytes) -> bytes:
    """A pickle of an array of one element, as NumPy writes them, with the dtype and the content given."""
    kind = b"cnumpy\ndtype\n(S'" + dtype_code + b"'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI63\ntb"
    array = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
    return b"(dS'y'\n" + array + b"(I1\n(I1\nt" + kind + b"I00\n" + data + b"tbs."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(nested(3)), r"D, y: found an array of objects; allowed: dicts, arrays of numbers"),
        (pickle.dumps(boxed([1, 2])), r"D: found an object of type list; expected a dict"),
        (pickle.dumps(boxed({1: 2})), r"D: found a key that is an object of type int; allowed: text"),
        (pickle.dumps(boxed({"y": (1, 2)})), r"D, y: found an object of type tuple"),
        (
            pickle.dumps({"y": np.array(["text"])}),
            r"D: not a readable .*an array of dtype 'U4'; allowed: plain numbers",
        ),
        (pickle.dumps({"y": np.zeros(2, "i4,i4")}), r"an array of dtype 'V8'"),
        (pickle.dumps({"y": np.zeros(2)})[:-9], r"not a readable pickle of arrays"),
        (pickle.dumps(itself()), r"D: found dicts more than 32 deep\. .* Take the published one"),
        (array_of(b"O8", b"S'12345678'\n"), r"not a readable pickle .*an array of objects without a list of them"),
        (array_of(b"f8", b"S'12345678'\n"), r"not a readable pickle of arrays \(TypeError"),
        (b"cnumpy\nndarray\n.", r"D: found an object of type type; expected a dict"),
        (b"c_codecs\nencode\n(S'x'\nS'rot13'\ntR.", r"bytes written as text in encoding 'rot13'; allowed: latin1"),
        (b"cnumpy.core.multiarray\nscalar\n(dS'a'\nI1\nsb.", r"not a readable pickle of arrays \(AttributeError"),
        (
            b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'O8'\nI0\nI1\ntRS'12345678'\ntR.",
            r"not a readable pickle",
        ),
        (b"Pname\n.", r"not a readable pickle of arrays \(UnpicklingError"),
    ],
)
def test_psytrack_refuses_whatever_is_no_dict_of_plain_arrays(tmp_path, content, message):
    path = npz(tmp_path, content)
    with pytest.raises(InputError) as error:
        psytrack.read(path)
    assert re.search(message, str(error.value)), str(error.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [({"dtype": "<f8"}, "found an array of float64"), ({"shape": (2,)}, r"found an array of object, shape \(2,\)")],
)
def test_psytrack_refuses_arrays_of_another_kind(tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        psytrack.read(npz(tmp_path, pickle.dumps(RAT), **given))


@pytest.mark.parametrize("content", [b"nonsense", b""])
def test_psytrack_refuses_what_is_no_npz_file(tmp_path, content):
    path = npz(tmp_path, b"")
    path.write_bytes(content)
    with pytest.raises(InputError, match="not an NPZ file with an array `D`"):
        psytrack.read(path)


@pytest.mark.parametrize("dtype", ["f2", ">f4", "u1", "u8", "i8"])
def test_psytrack_lengths_are_whole_numbers_of_any_type(tmp_path, dtype):
    npz(tmp_path, pickle.dumps(boxed(RAT | {"dayLength": np.array([3, 1], dtype)})))
    _, table = prepared_by(psytrack, tmp_path)
    assert table["session"].value_counts().to_dict() == {"001": 3, "002": 1}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dayLength": np.array([np.inf, 1], "f2")}, r"dayLength, row 1: found inf; allowed: whole numbers"),
        ({"y": np.array([1.0, 2, 3, 1])}, r"y, row 3: found 3\.0; allowed: 1, 2$"),
        ({"correct": np.array([1.0, np.nan, 0, 1])}, r"correct, row 2: found nan; allowed: 0, 1$"),
        ({"answer": np.array([1, 2])}, r"answer: found shape \(2,\); needed: an array of 4 numbers"),
        ({"y": "text"}, r"y: found str; needed: an array of 4 numbers"),
        ({"dayLength": np.array([3.5, 0.5])}, r"dayLength, row 1: found 3\.5; allowed: whole numbers"),
        ({"dayLength": np.array([5, -1])}, r"dayLength: found -1; allowed: 1 or more trials"),
        ({"dayLength": np.array([3, 2])}, r"inputs: needed: arrays s1 and s2 with a row for each of 5 trials"),
        ({"inputs": {"s1": np.zeros((4, 2))}}, r"inputs: needed: arrays s1 and s2"),
        ({"name": ""}, r"name: found ''; needed: the rat's name"),
    ],
)
def test_psytrack_refuses_other_contents(tmp_path, changes, message):
    npz(tmp_path, pickle.dumps(boxed(RAT | changes)))
    with pytest.raises(InputError, match=message):
        prepared_by(psytrack, tmp_path)


def test_psytrack_knows_its_one_rat(tmp_path):
    npz(tmp_path, pickle.dumps(boxed(RAT)))
    assert len(prepared_by(psytrack, tmp_path, subjects=["R1"])[1]) == 4
    with pytest.raises(InputError, match=r"datasets\.d\.subjects: W053 not in the data; there are: R1"):
        prepared_by(psytrack, tmp_path, subjects=["W053"])
