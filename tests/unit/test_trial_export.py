"""Trials of selected fits: joined to the user's own table, and against `tinycog.score`, torch and hand counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.numpy import save_file

import tinycog
from tinycog.analyses import codebook
from tinycog.analyses.trials import compute
from tinycog.analyses.trials.step import export
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.models import registry
from tinycog.models.interface import Trial
from tinycog.results import scores
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps.prepare import prepare
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

OWN = {
    **{"source": "table", "task": "bandit", "file": "own.csv", "choices": ["L", "R"], "drop": {"day": ["practice"]}},
    "columns": {"subject": "who", "session": "day", "block": "part", "trial": "n", "action": "pick", "reward": "paid"},
    "order": ["day", "part", "n"],
}
# of each session and block the trial numbers as they were written: gaps, zeros before, none at its first trial
NUMBERS = {
    ("Mon, 3/4", "B"): ["1", "2", "4", "7"],
    ("Mon, 3/4", "A"): ["01", "02", "10"],
    ("d 007", "A"): ["3", "4", "5", "6", "20"],
    ("d 7", "A"): ["1", "2", "3"],
    ("practice", "A"): ["1", "2"],
}
MB1 = [
    {"alpha": 0.3, "D": 0.8, "beta": 2.5},
    {"alpha": 0.6, "D": 0.5, "beta": 4.0},
    {"alpha": 0.1, "D": 1.0, "beta": 1.0},
]


def own_table(folder: Path, people: tuple[str, ...] = ("m 1", "µ")) -> pd.DataFrame:
    """A table with odd names, rows in no order, an empty line and missed choices; `spikes` is not mapped."""
    rng = np.random.default_rng(0)
    keys = [(who, day, part, n) for who in people for (day, part), numbers in NUMBERS.items() for n in numbers]
    table = pd.DataFrame([keys[i] for i in rng.permutation(len(keys))], columns=["who", "day", "part", "n"])
    pick, paid = rng.choice(["L", "R", ""], len(table), p=[0.4, 0.4, 0.2]), rng.integers(0, 2, len(table)).astype(str)
    table = table.assign(pick=pick, paid=np.where(pick == "", "", paid), spikes=np.arange(len(table)).astype(str))
    lines = table.to_csv(index=False).splitlines()
    (folder / "own.csv").write_text("\n".join([*lines[:5], "", *lines[5:]]) + "\n", encoding="utf-8")
    return table


def prepared(folder: Path, section: dict) -> None:
    options = checked(section | {"file": str(folder / "own.csv")}, "test", AnyDataset).model_dump()
    prepare(folder / "data/d/meta.json", name="d", options=options, raw=folder, seed=0)


def weights_of(split: list[str]) -> dict[str, np.ndarray]:
    """Weights by role, of roles of blocks."""
    return {role: (np.array(split) == role)[None].astype(float) for role in ROLES}


def fitted(folder: Path, subjects: list[str], model: str, spec: dict, folds: list, task="bandit", place=None) -> dict:
    """Selected fits and scores with given parameters, as the steps leave them; what `export` is given.

    Args:
        folds: of each outer fold, for each subject its parameters (None: every fit failed) and roles of its blocks.
        place: directory of a chunk.
    """
    the_task, layout, dim = task_of(task), Layout(folder), spec.pop("dim", 1)
    complete = checked(spec, "test", AnyModel).slice(model, 1)
    the_model = registry.build(the_task, complete, dim)
    tables = [layout.trials("d", subject) for subject in subjects]
    files = {"selected": [], "scored": []}
    for outer, of_subjects in enumerate(folds):
        keys = ("d", place or subjects[0], model, dim, outer)
        choices, along = [], []
        for row, (path, (params, split)) in enumerate(zip(tables, of_subjects, strict=True)):
            table = sequences.read_table(path, the_task)
            same = {"dataset": "d", "subject": table.subject, "model": model, "dim": dim, "outer": outer}
            choices.append(same | {"family": the_model.family, "status": "ok" if params else "failed", "row": row})
            choices[-1]["parameters"] = str(layout.parameters(*keys).relative_to(folder))
            stack = {name: np.asarray(value, dtype=float)[None] for name, value in (params or {}).items()}
            data = table.sequences.subset(table.own)
            along.append(scores.score(the_task, the_model, stack, data, weights_of(split)) if params else None)
        layout.parameters(*keys).parent.mkdir(parents=True, exist_ok=True)
        names = next((params for params, _ in of_subjects if params), {})
        rows = [params or {name: np.zeros_like(names[name]) for name in names} for params, _ in of_subjects]
        save_file({name: np.stack([np.asarray(row[name], dtype=float) for row in rows]) for name in names},
                  layout.parameters(*keys))  # fmt: skip
        write_json(layout.selected(*keys), choices if len(choices) > 1 else choices[0])
        scores.write(layout.scores(*keys), along)
        files["selected"].append(layout.selected(*keys))
        files["scored"].append(layout.scores(*keys))
    same = {"root": folder, "task": task, "n_actions": the_task.n_actions, "spec": complete, "dim": dim}
    return {"trials": tables, **files, "output": [layout.trialwise("d", place or subjects[0], model, dim)], **same}


def exported(given: dict) -> pd.DataFrame:
    export(**given)
    return pd.read_parquet(given["output"][0])


SPLITS = [
    ["test", "train", "train", "val"],
    ["train", "test", "val", "train"],
    ["train", "val", "test", "test"],
]


@pytest.fixture
def joined(tmp_path):
    """The file of MB1 with three outer folds for subject µ, and the table that it came from."""
    own = own_table(tmp_path)
    prepared(tmp_path, OWN)
    folds = [[(params, split)] for params, split in zip(MB1, SPLITS, strict=True)]
    return exported(fitted(tmp_path, ["x+C2+B5"], "MB1", {"family": "cognitive"}, folds)), own


def test_every_row_is_joined_back_by_the_user_s_own_names(joined):
    table, own = joined
    mine = own[(own["who"] == "µ") & (own["day"] != "practice")]
    assert len(mine) == 4 + 3 + 5 + 3
    keys = ["subject", "session", "source_block", "source_trial"]
    found = table.merge(own, left_on=keys, right_on=["who", "day", "part", "n"], how="left", validate="many_to_one")
    assert len(found) == len(table) == 4 * len(mine)  # three folds and their average
    counts = found["spikes"].value_counts()
    assert set(counts.index) == set(mine["spikes"])
    assert set(counts) == {4}
    by_row = own[own["who"] == "µ"].iloc[table["source_row"] - 1].reset_index(drop=True)
    pd.testing.assert_series_equal(by_row["spikes"], found["spikes"])
    pd.testing.assert_series_equal(
        found["action"].map({0: "L", 1: "R"}).fillna("").astype(str), found["pick"].astype(str), check_names=False
    )
    np.testing.assert_array_equal(found["action"].isna(), found["pick"] == "")
    np.testing.assert_array_equal(found["reward"], pd.to_numeric(found["paid"]).to_numpy())
    np.testing.assert_array_equal(found["scored"], found["pick"] != "")


def by_hand(own: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The user's rows of one fold's rows, as `tinycog.score` takes them."""
    mine = own[own["who"] == rows["subject"].iloc[0]].iloc[rows["source_row"] - 1]
    action = mine["pick"].map({"L": 0, "R": 1, "": -1})
    columns = {"block": mine["day"] + mine["part"], "action": action, "reward": pd.to_numeric(mine["paid"])}
    return pd.DataFrame(columns | {"mask": (action >= 0).astype(int)}).reset_index(drop=True)


def test_probabilities_and_losses_are_those_of_score(joined):
    table, own = joined
    for outer, params in enumerate(MB1):
        rows = table[table["outer"] == outer].reset_index(drop=True)
        score = tinycog.score(task="bandit", model="MB1", parameters=params, trials=by_hand(own, rows))
        np.testing.assert_allclose(rows[["p_0", "p_1"]], score[["p_0", "p_1"]], atol=1e-12, rtol=0)
        np.testing.assert_allclose(rows["logit"], np.log(score["p_0"] / score["p_1"]), atol=1e-12, rtol=0)
        nll = np.where(rows["scored"], -score["log_likelihood"], np.nan)
        np.testing.assert_allclose(rows["nll"], nll, atol=1e-12, rtol=0)
        # blocks in the order of the config's `order`: A and B of Monday, then 007, then 7
        roles = rows["block"].map(dict(enumerate(SPLITS[outer])))
        assert rows["split"].tolist() == roles.tolist()
        np.testing.assert_array_equal(rows["test_nll"], np.where(roles == "test", rows["nll"], np.nan))


def test_states_and_prediction_errors_of_values_in_scalars(joined):
    """MB1 on a bandit: V_a moves to r at rate alpha, the other value is multiplied by D; missed is action 0 unpaid."""
    table, own = joined
    rows = table[table["outer"] == 1].reset_index(drop=True)
    trials, params = by_hand(own, rows), MB1[1]
    for block in rows["block"].unique():
        value = [0.0, 0.0]
        for i in rows.index[rows["block"] == block]:
            action, reward = max(trials["action"][i], 0), np.nan_to_num(trials["reward"][i])
            np.testing.assert_allclose(rows.loc[i, ["V_0", "V_1"]].astype(float), value, atol=1e-12)
            error = reward - value[action]
            expected = error if trials["mask"][i] else np.nan
            np.testing.assert_allclose(rows["prediction_error"][i], expected, atol=1e-12)
            value[action] += params["alpha"] * error
            value[1 - action] *= params["D"]


def test_the_average_is_over_the_folds_and_tests_where_a_fold_tested(joined):
    table, _ = joined
    mean = table[table["outer"].isna()].reset_index(drop=True)
    folds = [table[table["outer"] == outer].reset_index(drop=True) for outer in range(3)]
    assert mean["n_folds"].unique().tolist() == [3]
    assert {fold["n_folds"].unique().tolist()[0] for fold in folds} == {1}
    assert mean["split"].isna().all()
    for name in ("p_0", "p_1", "logit", "V_0", "V_1", "prediction_error", "nll"):
        x, y, z = (fold[name].to_numpy() for fold in folds)
        average = (x + y + z) / 3
        np.testing.assert_allclose(mean[name], average, atol=1e-12)
        spread = np.sqrt(((x - average) ** 2 + (y - average) ** 2 + (z - average) ** 2) / 2)
        np.testing.assert_allclose(mean[f"{name}_sd"], spread, atol=1e-12)
        assert all(fold[f"{name}_sd"].isna().all() for fold in folds)
    assert "test_nll_sd" not in table
    tested_by = mean["block"].map({0: 0, 1: 1, 2: 2, 3: 2})  # see SPLITS
    for fold, outer in zip(folds, range(3), strict=True):
        here = tested_by == outer
        np.testing.assert_allclose(mean["test_nll"][here], fold["nll"][here], atol=1e-12)


def test_a_network_is_as_torch_runs_it_and_its_units_are_not_averaged(tmp_path):
    own = own_table(tmp_path)
    prepared(tmp_path, OWN)
    nets = []
    for seed in range(2):
        torch.manual_seed(seed)
        nets.append((torch.nn.GRU(3, 2).double(), torch.nn.Linear(2, 2).double()))
    names = {"W_ih": "weight_ih_l0", "W_hh": "weight_hh_l0", "b_ih": "bias_ih_l0", "b_hh": "bias_hh_l0"}
    folds = []
    for layer, readout in nets:
        params = {name: getattr(layer, other).detach().numpy() * 3 for name, other in names.items()}
        folds.append(
            [(params | {"W_out": readout.weight.detach().numpy(), "b_out": readout.bias.detach().numpy()}, SPLITS[0])]
        )
    spec = {"family": "rnn", "cell": "gru", "dims": [2], "dim": 2}
    table = exported(fitted(tmp_path, ["m+201"], "gru", spec, folds))
    for outer, (layer, readout) in enumerate(nets):
        rows = table[table["outer"] == outer].reset_index(drop=True)
        trials = by_hand(own, rows)
        with torch.no_grad():
            for weight in layer.parameters():
                weight *= 3
            for block in rows["block"].unique():
                at = rows.index[rows["block"] == block]
                action = trials.loc[at, "action"].clip(lower=0).to_numpy()
                x = np.stack([action, action, trials.loc[at, "reward"].fillna(0)], axis=-1)
                hidden = layer(torch.as_tensor(x[:, None], dtype=torch.float64))[0][:, 0]
                hidden = torch.cat([torch.zeros(1, 2, dtype=torch.float64), hidden[:-1]])
                policy = readout(hidden).softmax(-1)
                np.testing.assert_allclose(rows.loc[at, ["h1", "h2"]], hidden, atol=1e-12, rtol=0)
                np.testing.assert_allclose(rows.loc[at, ["p_0", "p_1"]], policy, atol=1e-12, rtol=0)
    mean = table[table["outer"].isna()]
    assert mean[["h1", "h2", "h1_sd", "h2_sd", "prediction_error"]].isna().all(axis=None)
    assert mean[["p_0", "logit_sd", "nll"]].notna().any(axis=None)
    assert table["prediction_error"].isna().all()


def test_subjects_of_a_chunk_and_fits_that_failed(tmp_path):
    own_table(tmp_path)
    prepared(tmp_path, OWN)
    folds = [
        [(MB1[0], SPLITS[0]), (MB1[1], SPLITS[0])],
        [(None, SPLITS[1]), (MB1[2], SPLITS[1])],
    ]
    subjects = ["m+201", "x+C2+B5"]
    shared = exported(fitted(tmp_path, subjects, "MB1", {"family": "cognitive"}, folds, place="chunk__0"))
    assert shared["subject"].unique().tolist() == ["m 1", "µ"]
    one = shared[shared["subject"] == "m 1"]
    assert set(one["outer"].dropna()) == {0}
    mean = one[one["outer"].isna()]
    assert mean["n_folds"].unique().tolist() == [1]
    assert mean["logit_sd"].isna().all(), "one fold has no spread"
    np.testing.assert_array_equal(mean["logit"], one.loc[one["outer"] == 0, "logit"])
    alone = exported(fitted(tmp_path, subjects[1:], "MB1", {"family": "cognitive"}, [fold[1:] for fold in folds]))
    pd.testing.assert_frame_equal(shared[shared["subject"] == "µ"].reset_index(drop=True), alone)
    for files in ([(None, SPLITS[0])],):
        none = exported(fitted(tmp_path, subjects[:1], "MB1", {"family": "cognitive"}, [files]))
        assert none.empty
        assert list(none) == list(alone)


def test_files_carry_their_description_and_the_csv_has_the_same_rows(tmp_path):
    own_table(tmp_path)
    prepared(tmp_path, OWN)
    given = fitted(tmp_path, ["m+201"], "MB1", {"family": "cognitive"}, [[(MB1[0], SPLITS[0])]])
    (parquet,) = given["output"]
    export(**given | {"output": [parquet, parquet.with_suffix(".csv")]})
    assert parquet == tmp_path / "trials/d/m+201/MB1/d1.parquet"
    table = pd.read_parquet(parquet)
    as_text = dict.fromkeys(("subject", "session", "source_block", "source_trial"), str)
    again = pd.read_csv(parquet.with_suffix(".csv"), dtype=as_text)
    pd.testing.assert_frame_equal(table, again, check_dtype=False)
    fields = {field.name: field.metadata for field in pq.read_schema(parquet)}
    assert fields["nll"][b"unit"] == b"nats per choice"
    assert b"not scored" in fields["nll"][b"missing"]
    for name, metadata in fields.items():
        assert metadata[b"meaning"], name


def test_the_codebook_describes_the_files_of_a_run_that_has_them():
    content = {
        "run": "t",
        "datasets": {"a": {"source": "simulate", "task": "bandit"}},
        "models": {"MB0": {"family": "cognitive"}},
    }
    without, asked = (checked(content | {"analyses": analyses}, "t", Config) for analyses in ({}, {"trials": {}}))
    assert "trials" not in codebook.sections(without)
    assert codebook.sections(asked) == [*codebook.names(asked), "trials"]
    page = codebook.page(codebook.sections(asked))
    assert "`trials/{dataset}/{subject}/{model}/d{dim}.parquet`" in page
    assert "| `p_N` | number | probability | 0 to 1 | probability of the action before the choice | never |" in page
    assert "| `source_trial` | text |" in page


def test_both_choices_of_a_trial_have_a_row(tmp_path):
    """Four trials by hand, model MB: W_sc moves to r at rate 1/2, first values are 0.7 Y_i + 0.3 Y_other.

    W is (0, 0, 0, 0), (0, 1/2, 0, 0), (0, 1/4, 0, 0) and (0, 1/4, 0, 1/2) before them.
    """
    (tmp_path / "own.csv").write_text("n,a,s,c,r\n5,1,0,1,1\n9,0,0,1,0\n10,0,1,1,1\n11,0,1,1,0\n")
    mapped = {"trial": "n", "action": "a", "state": "s", "action2": "c", "reward": "r"}
    prepared(tmp_path, {"source": "table", "task": "original_two_stage", "file": "own.csv", "columns": mapped})
    params = {"alpha_2": 0.5, "beta_1": 2.0, "beta_2": 3.0, "kappa": 0.0}
    given = fitted(tmp_path, ["subject"], "MB", {"family": "cognitive"}, [[(params, ["test"])]], "original_two_stage")
    table = exported(given)
    fold = table[table["outer"] == 0].reset_index(drop=True)
    assert fold["source_trial"].tolist() == ["5", "5", "9", "9", "10", "10", "11", "11"]
    assert fold["choice"].tolist() == [1, 2] * 4
    assert fold["action"].tolist() == [1, 1, 0, 1, 0, 1, 0, 1]
    assert fold["reward"].fillna(-1).tolist() == [-1, 1, -1, 0, -1, 1, -1, 0]
    # first logits 2 (0.7 - 0.3) (Y_0 - Y_1), second ones 3 (W_s0 - W_s1)
    logits = [0, 0, 0.8 * 0.5, -1.5, 0.8 * 0.25, 0, 0.8 * (0.25 - 0.5), -1.5]
    np.testing.assert_allclose(fold["logit"], logits, atol=1e-12)
    np.testing.assert_allclose(fold["p_1"], 1 / (1 + np.exp(fold["logit"])), atol=1e-12)
    errors = [1, -0.5, 1, -0.5]
    np.testing.assert_allclose(fold["prediction_error"], np.stack([[np.nan] * 4, errors], axis=1).ravel(), atol=1e-12)
    assert fold["W_1"].tolist() == [0, 0, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]
    chosen = np.where(fold["action"] == 1, fold["p_1"], fold["p_0"])
    np.testing.assert_allclose(fold["nll"], -np.log(chosen), atol=1e-12)


def test_logits_of_three_actions_are_centred(tmp_path):
    (tmp_path / "own.csv").write_text("action,reward\n2,1\n0,0\n1,1\n")
    prepared(tmp_path, {"source": "table", "task": "three_armed_reversal", "file": "own.csv"})
    params = {"alpha": 0.5, "beta": 3.0}
    folds = [[(params, ["train"])]]
    table = exported(fitted(tmp_path, ["subject"], "MF", {"family": "cognitive"}, folds, "three_armed_reversal"))
    second = table[table["trial"] == 1].iloc[0]  # Q = (0, 0, 1/2), logits (0, 0, 3/2), their mean 1/2
    np.testing.assert_allclose(second[["logit_0", "logit_1", "logit_2"]].astype(float), [-0.5, -0.5, 1.0], atol=1e-12)
    weights = np.exp([0, 0, 1.5])
    np.testing.assert_allclose(second[["p_0", "p_1", "p_2"]].astype(float), weights / weights.sum(), atol=1e-12)
    assert second["prediction_error"] == 0.0
    assert "logit" not in table
    assert table["source_trial"].isna().all(), "the table has no trial numbers"
    assert table.loc[table["outer"] == 0, "source_row"].tolist() == [1, 2, 3]


def test_copies_of_blocks_are_left_out_and_other_scores_refused(tmp_path):
    (tmp_path / "own.csv").write_text("block,action,reward\n1,1,1\n1,0,0\n2,1,1\n2,,\n")
    prepared(tmp_path, {"source": "table", "task": "bandit", "file": "own.csv", "augment": 1})
    given = fitted(tmp_path, ["subject"], "MB1", {"family": "cognitive"}, [[(MB1[0], ["train", "test"])]])
    table = exported(given)
    assert table.loc[table["outer"] == 0, "source_row"].tolist() == [1, 2, 3, 4]
    (tmp_path / "own.csv").write_text("block,action,reward\n1,1,1\n1,0,0\n2,1,1\n")
    prepared(tmp_path, {"source": "table", "task": "bandit", "file": "own.csv"})
    with pytest.raises(InputError, match="subject 'subject': scores of 4 choices do not fit the trial table's 3"):
        export(**given)


# -- prediction errors -----------------------------------------------------------------------------------------------

VALUE = np.array([0.25, 0.75])
# model: state in the middle of a block, and what is expected after action 1 in state 1 (of two stages: in state 0)
EXPECTED = {
    "reversal": {
        **{"MB0": (VALUE, 0.75), "MB1": (VALUE, 0.75), "MBf": (VALUE, 0.75), "MB0p": ([*VALUE, 0.1], 0.75)},
        **{"MB1p": ([*VALUE, 0.1], 0.75), "MFDp": ([*VALUE, 0.3, 0.1], 0.75), "MB0s": ([0.25], -0.25)},
        **{"MF0sp": ([0.25, 0.1], -0.25), "Q(0)": ([0.5, 0.5, *VALUE], 0.75)},
        # Z of actions 0 and 1 after each of the four cues, and the cue: the third one
        "RC": ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0, 0, 1, 0], 0.6),
        **dict.fromkeys(("BAS", "CK", "LS0", "LS0p", "LS1", "MB0se", "MB0off", "MB0m", "MB0md", "MB0mdnb", "MB0mdp")),
    },
    "two_stage": {
        **{"MB0": (VALUE, 0.25), "Q(1)": (VALUE, 0.75), "MFs": ([0.25], -0.25), "MB0s": ([0.25], 0.25)},
        **{"MF0sp": ([0.25, 0.1], -0.25), "MB0p": ([*VALUE, 0.1], 0.25)},
        **{"MB1": (VALUE, 0.25), "Q(0)": ([0.5, 0.6, *VALUE], 0.25)},
        "RC": ([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0, 1, 0, 0], 0.5),
        **dict.fromkeys(("BAS", "CK", "LS0", "LS0p", "LS1", "MB0m", "MB0md", "MB0mdp", "MXs")),
        **dict.fromkeys(("MBsvlr", "MBsflr", "MBsah", "MBsah_carried")),
    },
    "four_armed_bandit": {
        "MF": ([0.1, 0.2, 0.3, 0.4], 0.2),
        "MFD": ([0.1, 0.2, 0.3, 0.4], 0.2),
        "MFDp": ([0.1, 0.2, 0.3, 0.4, 9, 9, 9, 9], 0.2),
        **dict.fromkeys(("MFL", "MFLabs", "MFL_tied")),
    },
    "three_armed_reversal": {
        **dict.fromkeys(("MF", "MFD"), ([0.1, 0.2, 0.3], 0.2)),
        "MFDp": ([0.1, 0.2, 0.3, 9, 9, 9], 0.2),
        **dict.fromkeys(("MFL", "MFLabs", "MFLb", "MFL_tied")),
    },
    # after a first action, second action 1 in state 1: slot 5
    "original_two_stage": {
        **dict.fromkeys(("MF", "MX", "MF_lag1", "MX_lag1"), ([0.9, 0.9, 0.1, 0.2, 0.3, 0.4, 0, 1, 0, 0], 0.4)),
        **dict.fromkeys(("MB", "MB_lag1"), ([0.1, 0.2, 0.3, 0.4, 0, 1, 0, 0], 0.4)),
        **dict.fromkeys(("MFs", "MXs"), ([0.9, 0.1, 0.3, 1], -0.3)),
        "MBs": ([0.1, 0.3], -0.3),
        "MFsr": None,
    },
}


@pytest.mark.parametrize("task", EXPECTED)
def test_prediction_errors_are_rewards_minus_the_value_that_moves_to_them(task):
    the_task = task_of(task)
    assert set(EXPECTED[task]) == set(registry.COGNITIVE[task])
    state = {"two_stage": 0, "original_two_stage": 1}.get(task, 1)
    trial = Trial(*(np.array([value]) for value in (5 if the_task.stages == 2 else 1, state, 0.5)), the_task.stages - 1)
    for name, expected in EXPECTED[task].items():
        model = registry.cognitive(the_task, name)
        now = np.zeros(model.n_state) if expected is None else np.array(expected[0], dtype=float)
        found = model.prediction_error(now[None, None], trial)
        if expected is None:
            assert found is None, name
        else:
            np.testing.assert_allclose(found, [[0.5 - expected[1]]], atol=1e-12, err_msg=name)


def test_agents_of_reversing_transitions_expect_the_value_of_the_state_reached():
    the_task = task_of("transition_reversal")
    for name in registry.COGNITIVE["transition_reversal"]:
        model = registry.cognitive(the_task, name)
        names = list(model.state_names)
        if "last_state" not in names:
            continue
        now = np.zeros(len(names))
        now[names.index("V_0")], now[names.index("V_1")] = 0.2, 0.7
        trial = Trial(np.array([0]), np.array([1]), np.array([1.0]))
        np.testing.assert_allclose(model.prediction_error(now[None, None], trial), [[0.3]], atol=1e-12)


def test_states_are_named_as_they_are_declared():
    reversal = task_of("reversal")
    assert registry.cognitive(reversal, "MF0sp").state_names == ("Q", "X")
    assert registry.cognitive(reversal, "MFDp").state_names == ("Q_0", "Q_1", "X_0", "X_1")
    assert registry.cognitive(reversal, "RC").state_names == (
        *(f"Z_{i}" for i in range(8)),
        *(f"cue_{i}" for i in range(4)),
    )
    for cell, names in (("gru", ("h1", "h2")), ("lstm", ("h1", "h2", "c1", "c2"))):
        model = registry.build(reversal, {"family": "rnn", "cell": cell, "readout": "full"}, 2)
        assert model.state_names == names
    for task, models in registry.COGNITIVE.items():
        for name in models:
            the_task = task_of(task, 3 if task == "bandit" else None)
            model = registry.cognitive(the_task, name)
            assert len(set(model.state_names)) == model.n_state, name
            reserved = set(compute.names(model, the_task)[1]) | {"nll", "p_0", "p_1", "action", "reward"}
            assert not reserved & set(model.state_names), name
