"""Relabelled copies of blocks, and where they may train."""

import itertools

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tinycog.analyses.description.compute import describe
from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.fits import FitTraining
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.sources.prepared import counts
from tinycog.steps.fit import fit
from tinycog.steps.pool import pool
from tinycog.steps.split import split
from tinycog.storage import write_json, write_parquet
from tinycog.tasks import task_of
from tinycog.tasks.relabelling import relabellings
from tinycog.trials import folds, sequences
from tinycog.trials.copies import augmented
from tinycog.trials.table import validated


def random_table(task_name, n_subjects=2, n_blocks=3, n_trials=8):
    task, rng = task_of(task_name), np.random.default_rng(0)
    subject, block, trial = (part.ravel() for part in np.mgrid[:n_subjects, :n_blocks, :n_trials])
    n = len(trial)
    mask = (rng.random(n) > 0.1).astype(int)
    action = np.where(mask == 1, rng.integers(0, task.n_actions, n), -1)
    columns = {"dataset": "d", "subject": [f"s{i}" for i in subject], "session": "1", "block": block, "trial": trial}
    state = np.maximum(action, 0) if task.one_stage else rng.integers(0, 2, n) * mask
    scored = mask
    columns |= {"action": action, "state": state, "mask": mask}
    if task.stages == 2:
        scored = mask * (rng.random(n) > 0.1)
        columns |= {"action2": np.where(scored == 1, rng.integers(0, 2, n), -1), "mask2": scored}
    columns |= {"reward": np.where(scored == 1, rng.integers(0, 2, n), np.nan), "task_p0": 0.5, "task_best": 1}
    return validated(pd.DataFrame(columns), task, "d")


LEVELS = [
    *(("bandit", 1, 1), ("three_armed_reversal", 1, 2), ("three_armed_reversal", 2, 5)),
    *(("four_armed_bandit", 1, 3), ("four_armed_bandit", 2, 23), ("two_stage", 1, 3)),
    *(("transition_reversal", 1, 3), ("original_two_stage", 1, 3)),
]


@pytest.mark.parametrize(("name", "level", "n_copies"), LEVELS)
def test_copies_are_all_relabellings_and_keep_what_is_not_a_label(name, level, n_copies):
    task, table = task_of(name), random_table(name)
    table = table.assign(subject=table["subject"].map({"s0": "b", "s1": "a"}))  # not in the order of the alphabet
    both = validated(augmented(table, task, level), task, "d")
    assert len(both) == (1 + n_copies) * len(table)
    originals = both[both["aug_of"] == both["block"]].reset_index(drop=True)
    labels = [column for column in table if not column.startswith("task_")]
    pd.testing.assert_frame_equal(originals[labels], table[labels])
    for (subject, block), copy in both[both["aug_of"] != both["block"]].groupby(["subject", "block"]):
        copy = copy.reset_index(drop=True)
        is_origin = (table["subject"] == subject) & (table["block"] == copy["aug_of"][0])
        origin = table[is_origin].reset_index(drop=True)
        pd.testing.assert_frame_equal(copy[["trial", "reward", "mask"]], origin[["trial", "reward", "mask"]])
        assert (copy["action"].eq(-1) == origin["action"].eq(-1)).all()
        assert copy["task_p0"].isna().all()
        new = relabellings(task, level)[(block - 3) % n_copies]._asdict()
        chosen = {"action": origin["mask"] == 1, "action2": origin.get("mask2", origin["mask"]) == 1}
        chosen["state"] = chosen["action"] | chosen["action2"]
        for column in new.keys() & table.columns:
            before, after = (rows.loc[chosen[column], column].tolist() for rows in (origin, copy))
            assert after == [new[column][label] for label in before]
    assert counts(both) == counts(table)
    pd.testing.assert_frame_equal(describe(both, task), describe(table, task))


def test_groups_are_those_of_the_paper():
    def actions(name, level):
        return {labels.action for labels in relabellings(task_of(name), level)}

    assert actions("three_armed_reversal", 1) == {(1, 2, 0), (2, 0, 1)}
    assert actions("three_armed_reversal", 2) == set(itertools.permutations(range(3))) - {(0, 1, 2)}
    assert len(actions("four_armed_bandit", 2)) == 23
    two = {(labels.action, labels.state) for labels in relabellings(task_of("transition_reversal"), 1)}
    assert two == {((1, 0), (0, 1)), ((0, 1), (1, 0)), ((1, 0), (1, 0))}
    for labels in relabellings(task_of("original_two_stage"), 1):
        assert labels.action == labels.state  # the first action goes with the state it commonly leads to
    assert len({tuple(labels) for labels in relabellings(task_of("original_two_stage"), 1)}) == 3


def test_the_state_of_a_forced_first_choice_is_relabelled():
    table = random_table("original_two_stage", n_subjects=1, n_blocks=1, n_trials=2)
    table = table.assign(action=[-1, 1], mask=[0, 1], state=[1, 0], action2=[0, 1], mask2=[1, 1], reward=1.0)
    table = augmented(validated(table, task_of("original_two_stage"), "d"), task_of("original_two_stage"), 1)
    columns = ["action", "state", "action2"]
    copies = [copy[columns].to_numpy().tolist() for _, copy in table[table["block"] > 0].groupby("block")]
    assert copies == [[[-1, 1, 1], [1, 0, 0]], [[-1, 0, 0], [0, 1, 1]], [[-1, 0, 1], [0, 1, 0]]]


def written(table, path):
    import pyarrow as pa

    write_parquet(path, pa.Table.from_pandas(table, preserve_index=False))
    return path


CV = {"outer": 1, "n_outer": 3, "n_inner": 2, "inner": 2, "seed": 1}


def fitted(tmp_path, table, spec, dim):
    """Table of fits of the first outer fold."""
    tmp_path.mkdir()
    trials = written(table, tmp_path / "s0.parquet")
    split([trials], tmp_path / "fold.parquet", protocol="blocks", **{**CV, "outer": 0})
    options = {"task": "two_stage", "n_actions": 2, "name": "m", "dim": dim, "spec": spec}
    training = FitTraining(max_epochs=3).model_dump()
    fit([trials], tmp_path / "fold.parquet", tmp_path / "fits.parquet", **options, training=training)
    return pd.read_parquet(tmp_path / "fits.parquet")


def test_copies_train_networks_and_no_cognitive_models(tmp_path):
    task, one = task_of("two_stage"), random_table("two_stage", n_subjects=1, n_blocks=6)
    both = augmented(one, task, 1)
    section = {"family": "cognitive", "model": "MB0"}
    cognitive = checked(section, "t", AnyModel).model_dump()
    alone, beside = (fitted(tmp_path / key, t, cognitive, None) for key, t in (("a", one), ("b", both)))
    pd.testing.assert_frame_equal(alone, beside)
    network = checked({"family": "rnn", "seeds": 1}, "t", AnyModel).model_dump()
    alone, beside = (fitted(tmp_path / key, t, network, 1) for key, t in (("c", one), ("d", both)))
    for role in ("train", "val", "test"):  # copies do not count
        assert alone[f"n_{role}"].equals(beside[f"n_{role}"])
    assert (alone["train_nll"] != beside["train_nll"]).all()


def test_a_level_that_a_task_does_not_have_is_refused():
    section = {"source": "gillan", "augment": 2}
    with pytest.raises(InputError, match=r"augment: found 2; task 'original_two_stage' has level 1 only"):
        checked(section, "test", AnyDataset)


def test_a_copy_trains_where_its_original_trains_and_nowhere_else(tmp_path):
    task = task_of("three_armed_reversal")
    one = random_table("three_armed_reversal", n_subjects=1, n_blocks=6)
    trials = written(validated(augmented(one, task, 1), task, "d"), tmp_path / "s0.parquet")
    split([trials], tmp_path / "fold.parquet", protocol="blocks", **CV)
    data = sequences.read(trials, task)
    _, splits = folds.read(tmp_path / "fold.parquet", data)
    split([written(one, tmp_path / "plain.parquet")], tmp_path / "plain_fold.parquet", protocol="blocks", **CV)
    _, plain = folds.read(tmp_path / "plain_fold.parquet", sequences.read(tmp_path / "plain.parquet", task))
    for own, expected in zip(splits, plain, strict=True):
        for role in ("train", "val", "test"):
            np.testing.assert_array_equal(own[role][:, :6], expected[role])
        np.testing.assert_array_equal(own["train"][0, 6:], np.repeat(own["train"][0, :6], 2))
        assert not own["val"][:, 6:].any()
        assert not own["test"][:, 6:].any()
    np.testing.assert_array_equal(sequences.read_table(trials, task).own, range(6))


def test_copies_of_interspersed_trials_train_where_the_originals_do(tmp_path):
    task = task_of("four_armed_bandit")
    one = random_table("four_armed_bandit", n_subjects=1, n_blocks=1, n_trials=40)
    trials = written(validated(augmented(one, task, 1), task, "d"), tmp_path / "s0.parquet")
    split([trials], tmp_path / "fold.parquet", protocol="interspersed", **{**CV, "outer": 0})
    _, (weights,) = folds.read(tmp_path / "fold.parquet", sequences.read(trials, task))
    assert weights["val"][:, 0].sum() == 5
    np.testing.assert_array_equal(weights["train"], np.repeat(weights["train"][:, :1], 4, axis=1))
    assert not weights["val"][:, 1:].any()
    assert not weights["test"][:, 1:].any()


# -- all subjects as one ---------------------------------------------------------------------------------------------


def test_pooled_subjects_are_held_out_whole(tmp_path):
    task = task_of("three_armed_reversal")
    table = validated(augmented(random_table("three_armed_reversal", n_subjects=7, n_blocks=2), task, 1), task, "d")
    for name, own in table.groupby("subject", sort=False):
        written(own, tmp_path / f"subjects/{name}.parquet")
    write_json(tmp_path / "meta.json", {"subjects": list(dict.fromkeys(table["subject"]))})
    pool(tmp_path / "meta.json", tmp_path / "pooled.parquet")
    pooled = pq.read_table(tmp_path / "pooled.parquet").to_pandas()
    assert len(pooled) == len(table)
    assert pooled["block"].is_monotonic_increasing
    assert pooled["block"].max() + 1 == 7 * 2 * 3
    np.testing.assert_array_equal(pooled.groupby("block")["subject"].nunique(), 1)
    np.testing.assert_array_equal(pooled["block"] - pooled["aug_of"], table["block"] - table["aug_of"])
    tests = []
    for outer in range(3):
        options = {**CV, "outer": outer, "n_outer": 3, "n_inner": 2, "inner": 1}
        split([tmp_path / "pooled.parquet"], tmp_path / "fold.parquet", protocol="cross_subject", **options)
        fold = pq.read_table(tmp_path / "fold.parquet").to_pandas()
        assert set(fold["inner"]) == {0}
        of_block = pooled.drop_duplicates("block").set_index("block")
        originals = fold[of_block.loc[fold["block"], "aug_of"].to_numpy() == fold["block"].to_numpy()]
        roles = originals.groupby(of_block.loc[originals["block"], "subject"].to_numpy())["role"].agg(set)
        assert all(len(role) == 1 for role in roles)
        tests.append({subject for subject, role in roles.items() if role == {"test"}})
    assert sorted(itertools.chain(*tests)) == [f"s{i}" for i in range(7)]
    assert list(map(len, tests)) == [3, 2, 2]
