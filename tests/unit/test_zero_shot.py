"""Students of subjects whom their teacher has never seen."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import save_file

from tinycog.analyses.zero_shot import outputs
from tinycog.analyses.zero_shot.gather import gather
from tinycog.analyses.zero_shot.held_out import held_out, score
from tinycog.analyses.zero_shot.students import teach, with_copies
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results import parameters
from tinycog.results.layout import Layout
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps.fit import fit
from tinycog.steps.pool import pool
from tinycog.steps.prepare import prepare
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_columns, read_json, write_json
from tinycog.tasks import task_of
from tinycog.trials.copies import augmented

TASK = task_of("bandit", 3)
ON_TASK = {"task": "bandit", "n_actions": 3}
TRAINING = {"optimizer": "adam", "max_epochs": 30, "patience": 30, "learning_rate": 0.02, "device": "cpu"}


def slice_of(name, **section):
    return checked({"seeds": 1} | section, "test", AnyModel).slice(name, None)


GRU, MF = slice_of("gru", family="rnn", cell="gru", seeds=3), slice_of("MF", family="cognitive")
STUDENT = GRU | {"seeds": 1}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Six agents with three arms, a fold that holds two of them out, and two models fitted to the others."""
    root = tmp_path_factory.mktemp("run")
    section = {"source": "simulate", "task": "bandit", "n_actions": 3, "n_subjects": 6, "n_blocks": 2, "n_trials": 15}
    section["agent"] = {"model": "MF", "parameters": {"alpha": 0.5, "beta": 3.0}}
    section["environment"] = {"kind": "bandit", "probabilities": [0.8, 0.5, 0.2]}
    meta = root / "data/pop/meta.json"
    prepare(meta, name="pop", options=checked(section, "test", AnyDataset).model_dump(), raw=root, seed=0)
    pooled = meta.parent / "subjects/pooled.parquet"
    pool(meta, pooled)
    layout = Layout(root)
    fold = layout.fold("pop", "pooled", "", 0, 1)
    split([pooled], fold, protocol="cross_subject", outer=1, n_outer=3, n_inner=2, inner=2, seed=1)
    for name, spec, dim in (("gru", GRU, 3), ("MF", MF, 3)):
        key = ("pop", "pooled", name, dim, 1)
        training = dict(TRAINING) if name == "gru" else None
        fit([pooled], fold, layout.fit(*key), **ON_TASK, name=name, spec=spec, dim=dim, training=training)
        select(layout.fit(*key), layout.selected(*key), root=root)
    return layout


def files(layout):
    return layout.trials("pop", "pooled"), layout.fold("pop", "pooled", "", 0, 1)


def table_of(layout, subject):
    return pd.read_parquet(layout.trials("pop", subject))


def torch_gru(layout):
    """The fitted network as one of torch: probabilities before each of a block's trials, from actions and rewards."""
    choice = read_json(layout.selected("pop", "pooled", "gru", 3, 1))
    params = {name: torch.as_tensor(value[0]) for name, value in parameters.of_selected(layout.root, choice).items()}
    network = torch.nn.GRU(params["W_ih"].shape[1], 3).double()
    names = {"weight_ih_l0": "W_ih", "weight_hh_l0": "W_hh", "bias_ih_l0": "b_ih", "bias_hh_l0": "b_hh"}
    network.load_state_dict({name: params[own] for name, own in names.items()})

    def probabilities(action, reward):
        x = np.concatenate([np.eye(3)[action], np.asarray(reward)[:, None]], axis=1)
        with torch.no_grad():
            hidden = network(torch.as_tensor(x[:, None]))[0][:, 0]
            before = torch.cat([torch.zeros(1, 3, dtype=torch.float64), hidden[:-1]])
            return (before @ params["W_out"].T + params["b_out"]).softmax(-1).numpy()

    return probabilities


def test_held_out_subjects_have_their_blocks_of_the_pooled_table(run):
    found = held_out(*files(run))
    assert len(found) == 2
    pooled = pd.read_parquet(files(run)[0])
    for subject, blocks in found.items():
        assert blocks.tolist() == sorted(set(pooled.loc[pooled["subject"] == subject, "block"]))


def test_models_of_other_subjects_are_measured_on_each_subject(run, tmp_path):
    selected = [run.selected("pop", "pooled", name, 3, 1) for name in ("gru", "MF")]
    output = tmp_path / "o.parquet"
    score(*files(run), output, selected=selected, specs={"gru": GRU, "MF": MF}, root=run.root, **ON_TASK)
    rows = pd.read_parquet(output).set_index(["model", "subject"])
    assert len(rows) == 4
    says = torch_gru(run)
    for subject in held_out(*files(run)):
        own = [table for _, table in table_of(run, subject).groupby("block")]
        p = np.concatenate([says(t["action"], t["reward"])[np.arange(len(t)), t["action"]] for t in own])
        assert rows.loc[("gru", subject), "test_nll"] == pytest.approx(-np.log(p).mean(), abs=1e-10)
        assert rows.loc[("MF", subject), ["n_train", "n_test"]].tolist() == [0, 30]
    chosen = read_json(selected[0])
    assert chosen["row"] > 0  # or the next line would say nothing
    assert set(rows.loc["gru", "best_epoch"]) == {chosen["best_epoch"]}
    fitted = read_json(selected[1])
    mean = rows.loc["MF", "test_nll"].mean()  # both have as many choices
    assert mean == pytest.approx(fitted["test_nll"])


def test_a_model_whose_fits_failed_has_no_rows(run, tmp_path):
    failed = read_json(run.selected("pop", "pooled", "MF", 3, 1)) | {"status": "failed", "reason": "why"}
    write_json(tmp_path / "s.json", failed)
    options = {"selected": [tmp_path / "s.json"], "specs": {"MF": MF}, "root": run.root, **ON_TASK}
    score(*files(run), tmp_path / "o.parquet", **options)
    assert pd.read_parquet(tmp_path / "o.parquet").empty


@pytest.mark.parametrize(("relabel", "n_copies"), [(0, 0), (1, 2), (2, 5)])
def test_copies_are_of_the_level_whatever_the_table_has(run, relabel, n_copies):
    table = table_of(run, "s0")
    data, own = with_copies(table, TASK, relabel)
    assert own.tolist() == [True] * 2 + [False] * 2 * n_copies
    np.testing.assert_array_equal(data.action[:, 0], table.loc[table["block"] == 0, "action"])
    columns = {tuple(data.action[:, block]) for block in range(data.n_blocks)}
    assert len(columns) == 2 * (1 + n_copies)
    again, _ = with_copies(augmented(table, TASK, 1), TASK, relabel)
    np.testing.assert_array_equal(again.action, data.action)


def taught(run, output, name="student", spec=STUDENT, dim=2, relabel=1, training=TRAINING, teacher=None):
    teach(
        *files(run),
        teacher or run.selected("pop", "pooled", "gru", 3, 1),
        output,
        subjects=run.trials("pop", "pooled").parent,
        root=run.root,
        **ON_TASK,
        **{"teacher_spec": GRU, "relabel": relabel, "name": name, "spec": spec, "dim": dim, "training": training},
    )
    return read_columns(output)


def test_a_student_learns_from_copies_and_is_validated_and_tested_on_the_trials_themselves(run, tmp_path):
    """By hand: cross-entropy with torch's network in validation, real choices in test."""
    rows = taught(run, tmp_path / "o.parquet", spec=MF, name="MF_student", dim=3)
    says, subjects = torch_gru(run), list(held_out(*files(run)))
    assert rows["subject"].tolist() == subjects
    assert rows["n_train"].tolist() == rows["n_test"].tolist() == [30, 30]
    for i, subject in enumerate(subjects):
        params = parameters.of_row(tmp_path / "o.safetensors", i)
        alpha, beta = params["alpha"].item(), params["beta"].item()
        soft, hard = [], []
        for _, table in table_of(run, subject).groupby("block"):
            values, expected = np.zeros(3), says(table["action"], table["reward"])
            for t, (action, reward) in enumerate(zip(table["action"], table["reward"], strict=True)):
                p = np.exp(beta * values) / np.exp(beta * values).sum()
                soft.append(-(expected[t] * np.log(p)).sum())
                hard.append(-np.log(p[action]))
                values[action] += alpha * (reward - values[action])
        assert rows["val_target_nll"][i] == pytest.approx(np.mean(soft), abs=1e-9)
        assert rows["test_nll"][i] == pytest.approx(np.mean(hard), abs=1e-9)


def test_roles_of_a_network_s_blocks(run, tmp_path):
    with_two = taught(run, tmp_path / "two.parquet")
    assert with_two["n_train"].tolist() == [60, 60]
    assert with_two["n_val"].tolist() == with_two["n_test"].tolist() == [30, 30]
    without = taught(run, tmp_path / "none.parquet", relabel=0)
    assert without["n_train"].tolist() == [30, 30]
    alone = taught(run, tmp_path / "again.parquet")
    np.testing.assert_array_equal(alone["test_nll"], with_two["test_nll"])


def test_choices_are_no_targets(run, tmp_path):
    """Of a teacher that says the same of every trial, a student learns a constant, whatever the subject does."""
    choice = read_json(run.selected("pop", "pooled", "gru", 3, 1))
    params = {name: np.zeros_like(value) for name, value in parameters.of_selected(run.root, choice).items()}
    params["b_out"] = np.log([[0.7, 0.2, 0.1]])
    save_file(params, tmp_path / "t.safetensors")
    write_json(tmp_path / "t.json", choice | {"parameters": str(tmp_path / "t.safetensors"), "row": 0})
    rows = taught(
        run, tmp_path / "o.parquet", teacher=tmp_path / "t.json", training=TRAINING | {"max_epochs": 600}, relabel=0
    )
    entropy = -(np.array([0.7, 0.2, 0.1]) * np.log([0.7, 0.2, 0.1])).sum()
    assert rows["val_target_nll"] == pytest.approx([entropy] * 2, abs=2e-3)


def test_a_teacher_without_a_fit_is_said(run, tmp_path):
    write_json(tmp_path / "t.json", {"dataset": "pop", "status": "failed", "reason": "every fit failed; the first: x"})
    with pytest.raises(InputError, match="no fit that could be followed: every fit failed"):
        taught(run, tmp_path / "o.parquet", teacher=tmp_path / "t.json")


def test_tables_are_of_one_fold_for_each_subject_and_hold_students_against_cognitive_models(run, tmp_path):
    selected = [run.selected("pop", "pooled", name, 3, 1) for name in ("gru", "MF")]
    score(
        *files(run), tmp_path / "h.parquet", selected=selected, specs={"gru": GRU, "MF": MF}, root=run.root, **ON_TASK
    )
    taught(run, tmp_path / "s.parquet", spec=GRU, dim=3)
    parts = [tmp_path / "h.parquet", tmp_path / "s.parquet"]
    gather(parts, tmp_path, students=["student"], rivals=["MF"], seed=0)
    own = pd.read_parquet(tmp_path / "zero_shot.parquet").set_index(["model", "subject"])
    assert len(own) == 6
    assert (own["n_outer"] == 1).all()
    fits = pd.read_parquet(tmp_path / "s.parquet")
    best = fits.loc[fits.groupby("subject")["val_target_nll"].idxmin()].set_index("subject")["test_nll"]
    pd.testing.assert_series_equal(own.loc["student", "test_nll"].sort_index(), best.sort_index())
    group = pd.read_parquet(tmp_path / "zero_shot_group.parquet").set_index("model")
    assert group.loc["gru", "test_nll"] == pytest.approx(own.loc["gru", "test_nll"].mean())
    against = pd.read_parquet(tmp_path / "zero_shot_advantage.parquet")
    assert set(against["model"]) == {"gru", "student"}
    assert set(against["rival"]) == {"MF"}


def config(section, **changes):
    dataset = {"source": "simulate", "task": "reversal", "n_subjects": 9, "n_blocks": 2, "n_trials": 30}
    models = {
        "gru": {"family": "rnn", "dims": [2, 9]},
        "embedded": {"family": "rnn", "dims": [2], "subject_embedding": 2},
        "student": {"family": "rnn", "dims": [1, 3], "datasets": []},
        "MB0": {"family": "cognitive", "prior": "weak"},
        "LS0": {"family": "cognitive", "datasets": []},
    }
    content = {
        "datasets": {"d": dataset},
        "models": models,
        "cv": {"protocol": "cross_subject", "outer": 3, "inner": 2},
    }
    return checked({**content, **changes, "analyses": {"zero_shot": section}}, "test", Config)


def test_what_a_run_gets():
    found = config({"teacher": "gru", "students": ["student", "LS0"]})
    assert outputs.units(found, "d") == 9
    assert outputs.rivals(found) == ["MB0"]  # LS0 is a student
    assert outputs.students(found, "d") == [("student", 1), ("student", 3), ("LS0", 1)]
    assert len(outputs.parts(found, Layout(Path("r")))) == 3 * (1 + 3)
    assert outputs.tables(found) == ["zero_shot", "zero_shot_group", "zero_shot_advantage"]
    assert outputs.figures(found, []) == ["zero_shot__d", "zero_shot_advantage__d"]
    assert [path.rsplit("/", 3)[1:] for path in outputs.selected(found, Layout(Path("r")), "d", 1)] == [
        [name, dim, "outer1.json"] for name, dim in (("gru", "d2"), ("gru", "d9"), ("embedded", "d2"), ("MB0", "d2"))
    ]
    partial = config({"teacher": "gru", "students": ["student"]}, allow_missing=True)
    assert outputs.parts(partial, Layout(Path("r"))) == []
    small = config({"teacher": "gru", "units": 2, "students": ["student"]}, training={"batch": 4, "max_epochs": 9})
    assert outputs.units(small, "d") == 2
    assert outputs.student_training(small, "student") == {
        key: value for key, value in small.training_slice("student").items() if key != "batch"
    }
    assert small.training_slice("gru")["batch"] == 4
    assert outputs.tables(config(None)) == []


TWO_STAGE = {"source": "simulate", "task": "two_stage", "n_subjects": 9, "n_blocks": 2, "n_trials": 30}
TWO_STAGE["agent"] = {"model": "MFs", "parameters": {"alpha": 0.5, "beta": 3.0}}
ANY_TASK = {"gru": {"family": "rnn", "dims": [2]}, "student": {"family": "rnn", "dims": [1], "datasets": []}}


@pytest.mark.parametrize(
    ("section", "changes", "said"),
    [
        ({"teacher": "MB0"}, {}, "teacher: found 'MB0'; allowed: a network without subject_embedding, gru, student"),
        ({"teacher": "embedded"}, {}, "teacher: found 'embedded'"),
        ({"teacher": "student"}, {}, "teacher: 'student' is not fitted to data set 'd'"),
        ({"units": 3}, {}, r"units: found 3; allowed: dims of 'gru', \[2, 9\]"),
        ({"students": ["gru"]}, {}, "students: 'gru': it is fitted to data set 'd' itself"),
        ({"students": ["nobody"]}, {}, "students: found 'nobody'; allowed: models without a teacher"),
        ({"students": []}, {}, "students"),
        (
            {"relabel": 2},
            {"datasets": {"d": TWO_STAGE}, "models": ANY_TASK},
            "zero_shot.relabel: found 2; task 'two_stage'",
        ),
        ({}, {"cv": {"outer": 2, "inner": 2}}, "zero_shot: no data set has cv.protocol cross_subject"),
    ],
)
def test_what_does_not_go_together_is_said(section, changes, said):
    with pytest.raises(InputError, match=said):
        config({"teacher": "gru", "students": ["student"], **section}, **changes)
