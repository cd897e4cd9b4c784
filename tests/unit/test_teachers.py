"""Teachers of many subjects, and students that follow their probabilities."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from scipy.special import log_softmax

from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.results.teachers import followed
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps.fit import fit
from tinycog.steps.prepare import prepare
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.steps.teach import teach
from tinycog.storage import read_columns, read_json, write_columns, write_json
from tinycog.tasks import task_of
from tinycog.trials import folds
from tinycog.trials.pooling import together
from tinycog.trials.sequences import read_table
from tinycog.trials.splits import ROLES

TASK = task_of("bandit")
CV = {"protocol": "blocks", "outer": 2, "n_inner": 2, "inner": 1, "seed": 1}
SPEC = checked({"family": "rnn", "cell": "gru", "seeds": 1}, "test", AnyModel).slice("t", None)
TRAINING = {"optimizer": "adam", "max_epochs": 20, "patience": 20, "learning_rate": 0.01, "device": "cpu"}


def population(tmp_path, augment=1, n_subjects=3, inner=1):
    """Trial tables of some agents, with copies, and their fold files."""
    section = {"source": "simulate", "task": "bandit", "n_subjects": n_subjects, "n_blocks": 4, "n_trials": 9}
    meta = tmp_path / "data/pop/meta.json"
    options = checked(section | {"augment": augment}, "test", AnyDataset).model_dump()
    prepare(meta, name="pop", options=options, raw=tmp_path, seed=0)
    trials = [meta.parent / f"subjects/s{i}.parquet" for i in range(n_subjects)]
    for i, table in enumerate(trials):
        place = tmp_path / f"folds/pop/s{i}/outer0.parquet"
        split([table], place, protocol="blocks", outer=0, n_outer=2, n_inner=2, inner=inner, seed=1)
    return trials


def grid():
    return {"datasets": ["pop"], "models": {}, "cv": {"pop": CV}, "chunks": {}}


def taught(tmp_path, **options):
    """A teacher of the population, fitted."""
    output = tmp_path / "teachers/pop/group/outer0.json"
    spec = SPEC | options.pop("spec", {})
    options = {"units": 2, "training": dict(TRAINING)} | options
    teach(output, root=tmp_path, grid=grid(), outer=0, task="bandit", n_actions=2, name="group", spec=spec, **options)
    return output


def by_hand(tmp_path, offsets):
    """A teacher whose weights are torch's, and the torch network; `offsets` are embeddings, added to the input."""
    torch.manual_seed(3)
    layer, readout = torch.nn.GRU(3 + offsets.shape[1], 2).double(), torch.nn.Linear(2, 2).double()
    with torch.no_grad():
        for weight in (*layer.parameters(), *readout.parameters()):
            weight *= 3
    names = {"W_ih": "weight_ih_l0", "W_hh": "weight_hh_l0", "b_ih": "bias_ih_l0", "b_hh": "bias_hh_l0"}
    params = {name: getattr(layer, other).detach().numpy()[None] for name, other in names.items()}
    params |= {"W_out": readout.weight.detach().numpy()[None], "b_out": readout.bias.detach().numpy()[None]}
    if offsets.shape[1]:
        params["E_subject"] = offsets[None]
    save_file({name: np.ascontiguousarray(value) for name, value in params.items()}, tmp_path / "t.safetensors")
    choice = {"status": "ok", "row": 0, "parameters": "t.safetensors", "dim": 2, "subjects": ["a", "s0", "s1"]}
    spec = SPEC | {"subject_embedding": offsets.shape[1]}
    write_json(tmp_path / "t.json", choice | {"spec": spec})
    return layer, readout


@pytest.mark.parametrize("width", [0, 2])
def test_targets_are_what_torch_makes_of_each_block_and_of_its_copies(tmp_path, width):
    trials = population(tmp_path)
    offsets = np.random.default_rng(0).normal(size=(3, width))
    layer, readout = by_hand(tmp_path, offsets)
    table = read_table(trials[1], TASK)  # s1, the last of the teacher's subjects
    found = followed(tmp_path / "t.json", tmp_path, TASK, table)
    assert found.n_blocks == 8 > len(table.own)
    with torch.no_grad():
        for block in range(found.n_blocks):
            x = np.hstack([table.sequences.x[:, block], np.tile(offsets[2], (9, 1))])
            hidden = layer(torch.as_tensor(x[:, None]))[0][:, 0]
            before = torch.cat([torch.zeros(1, 2, dtype=torch.float64), hidden[:-1]])
            np.testing.assert_allclose(found.target[:, block], readout(before).softmax(-1), atol=1e-13)


def test_students_follow_probabilities_and_are_tested_on_choices(tmp_path):
    trials = population(tmp_path)
    by_hand(tmp_path, np.empty((3, 0)))
    fold, output = tmp_path / "folds/pop/s0/outer0.parquet", tmp_path / "fits.parquet"
    for name, spec, dim in (("student", SPEC, 1), ("MB0", {"family": "cognitive"}, None)):
        complete = spec if dim else checked(spec, "test", AnyModel).slice(name, None)
        fit(
            *([trials[0]], fold, output),
            **{"task": "bandit", "n_actions": 2, "name": name, "spec": complete, "dim": dim},
            **{"training": dict(TRAINING), "root": tmp_path, "teacher": tmp_path / "t.json"},
        )
        rows = read_columns(output)
        table = read_table(trials[0], TASK)
        data = followed(tmp_path / "t.json", tmp_path, TASK, table)
        _, (roles,) = folds.read(fold, table.sequences)
        log_p = log_p_of(output, name, complete, dim, data)
        chosen = np.take_along_axis(log_p, data.action[..., None], axis=-1)[..., 0]
        soft = (log_p * data.target).sum(-1)
        own = np.isin(np.arange(data.n_blocks), table.own)
        for role in ROLES:
            weights = roles[role] * data.mask * (own if name == "MB0" else 1)
            expected = -(chosen * weights).sum() / weights.sum()
            np.testing.assert_allclose(rows[f"{role}_nll"][0], expected, atol=1e-12)
            if role == "val":
                np.testing.assert_allclose(rows["val_target_nll"][0], -(soft * weights).sum() / weights.sum())
        assert abs(rows["val_target_nll"][0] - rows["val_nll"][0]) > 1e-3


def log_p_of(output, name, spec, dim, data):
    """Log-probabilities of all actions by the first replica, in NumPy."""
    from safetensors.numpy import load_file

    from tinycog.models import registry
    from tinycog.models.interface import run

    model = registry.build(TASK, spec, dim)
    params = {key: value[:1] for key, value in load_file(output.with_suffix(".safetensors")).items()}
    return log_softmax(run(model, params, data, data.n_trials - 1)[1][0], axis=-1)


def test_a_student_comes_nearer_to_its_teacher_than_a_network_of_the_choices(tmp_path):
    """With a teacher of known weights the student's lowest possible loss is the teacher's entropy."""
    trials = population(tmp_path)
    by_hand(tmp_path, np.empty((3, 0)))
    fold = tmp_path / "folds/pop/s0/outer0.parquet"
    table = read_table(trials[0], TASK)
    data = followed(tmp_path / "t.json", tmp_path, TASK, table)
    training = TRAINING | {"max_epochs": 3000, "patience": 3000}
    far = {}
    for teacher in (tmp_path / "t.json", None):
        output = tmp_path / "fits.parquet"
        options = {"task": "bandit", "n_actions": 2, "name": "g", "spec": SPEC, "dim": 2, "training": dict(training)}
        fit([trials[0]], fold, output, **options, root=tmp_path, teacher=teacher)
        log_p = log_p_of(output, "g", SPEC, 2, data)
        far[teacher is not None] = (data.target * (np.log(data.target) - log_p)).sum(-1).mean()
    assert far[True] < far[False] / 3


def test_subjects_are_put_together_with_their_own_roles(tmp_path):
    trials = population(tmp_path)
    read = [
        one
        for i in (2, 0, 1)
        for one in folds.read_each([trials[i]], tmp_path / f"folds/pop/s{i}/outer0.parquet", TASK)
    ]
    shorter = read[1][0].sequences.subset(np.arange(3))
    cut = [{role: values[:, :3] for role, values in of.items()} for of in read[1][2]]
    read[1] = (type(read[1][0])("pop", "s0", shorter, np.arange(3)), 0, cut)
    data, roles, own, subjects = together((table, splits) for table, _, splits in read)
    assert subjects == ["s0", "s1", "s2"]
    assert data.n_blocks == 8 + 3 + 8
    assert data.subject_code.tolist() == [2] * 8 + [0] * 3 + [1] * 8
    assert own.tolist() == [*range(4), 8, 9, 10, *range(11, 15)]
    assert len(roles) == 1
    starts = [0, 8, 11]
    for start, (table, _, splits) in zip(starts, read, strict=True):
        n = table.sequences.n_blocks
        for name in ("action", "reward", "mask", "x", "condition"):
            part = getattr(data, name)[:, start : start + n]
            np.testing.assert_array_equal(part[: table.sequences.n_trials], getattr(table.sequences, name))
            assert not part[table.sequences.n_trials :].any()
        for role in ROLES:
            np.testing.assert_array_equal(roles[0][role][:, start : start + n], splits[0][role])
    np.testing.assert_array_equal(data.lengths, np.concatenate([table.sequences.lengths for table, *_ in read]))


def test_roles_of_trials_are_put_together_at_their_time_points(tmp_path):
    trials = population(tmp_path, augment=0)
    longer, shorter = (read_table(path, TASK) for path in trials[:2])
    shorter = type(shorter)("pop", "s1", cut_short(shorter.sequences, 5), shorter.own)
    weights = []
    for table in (longer, shorter):
        code = np.random.default_rng(1).integers(0, 3, table.sequences.mask.shape)
        weights.append({role: (code == place).astype(float) for place, role in enumerate(ROLES)})
    data, (roles,), _, _ = together([(longer, [weights[0]]), (shorter, [weights[1]])])
    assert data.action.shape == (9, 8)
    for role in ROLES:
        np.testing.assert_array_equal(roles[role][:, :4], weights[0][role])
        np.testing.assert_array_equal(roles[role][:5, 4:], weights[1][role])
        assert not roles[role][5:, 4:].any()


def cut_short(data, n):
    arrays = {name: value if name == "subject_code" else value[:n] for name, value in data.arrays().items()}
    return type(data)(**arrays, lengths=np.minimum(data.lengths, n))


def test_a_teacher_is_told_by_what_it_was_taught_on(tmp_path):
    population(tmp_path)
    output = taught(tmp_path, spec={"subject_embedding": 1})
    content, rows = read_json(output), read_columns(output.with_suffix(".parquet"))
    assert content["subjects"] == ["s0", "s1", "s2"]
    assert (content["status"], content["subject"], content["model"], content["dim"]) == ("ok", "pooled", "group", 2)
    # of 4 blocks of 9 choices each, 2 test, 1 validates and 1 trains: originals alone are counted
    assert {role: rows[f"n_{role}"].tolist() for role in ROLES} == {"train": [27], "val": [27], "test": [54]}
    again = output.read_bytes()
    assert taught(tmp_path, spec={"subject_embedding": 1}).read_bytes() == again


def test_nobody_follows_a_teacher_that_failed(tmp_path):
    trials = population(tmp_path)
    output = taught(tmp_path, training={**TRAINING, "learning_rate": 1e300})
    assert read_json(output)["status"] == "failed"
    with pytest.raises(InputError, match="no fit that could be followed: every fit failed"):
        followed(output, tmp_path, TASK, read_table(trials[0], TASK))


def test_students_compete_by_how_near_they_are_to_their_teacher(tmp_path):
    trials = population(tmp_path)
    by_hand(tmp_path, np.empty((3, 0)))
    fold, output = tmp_path / "folds/pop/s0/outer0.parquet", tmp_path / "fits.parquet"
    spec = SPEC | {"seeds": 6}
    options = {"task": "bandit", "n_actions": 2, "name": "g", "spec": spec, "dim": 1, "training": dict(TRAINING)}
    fit([trials[0]], fold, output, **options, root=tmp_path, teacher=tmp_path / "t.json")
    rows = read_columns(output)
    assert rows["val_target_nll"].argmin() != rows["val_nll"].argmin()  # the seeds tell both apart
    select(output, tmp_path / "selected.json", root=tmp_path)
    assert read_json(tmp_path / "selected.json")["row"] == rows["val_target_nll"].argmin()


def config(**changes):
    content = {
        "datasets": {"d": {"source": "simulate", "task": "bandit", "n_subjects": 12}},
        "models": {"student": {"family": "rnn", "teacher": "group"}},
        "teachers": {"group": {}},
    }
    return checked(json.loads(json.dumps(content | changes)), "c.yaml", Config)


def test_what_cannot_be_taught_is_refused_by_name():
    assert config().taught("d") == {"student": "group"}
    with pytest.raises(InputError, match=r"models.student.teacher: found 'group'; allowed: null, or one of other"):
        config(teachers={"other": {}})
    with pytest.raises(InputError, match=r"'group'; allowed: null, or one of none, since there is no section"):
        config(teachers={})
    with pytest.raises(InputError, match=r"datasets.d: models student follow a teacher, .*another cv.protocol"):
        config(cv={"protocol": "cross_subject"})
    with pytest.raises(InputError, match=r"teachers.group: ?subject_embedding|teachers.group.subject_embedding"):
        config(teachers={"group": {"cell": "switching_gru", "subject_embedding": 2}})
    two_choices = {"d": {"source": "gillan", "cv": {"protocol": "interspersed"}}}
    with pytest.raises(InputError, match=r"teachers.group.cell: 'switching_gru' needs one choice in a trial"):
        config(teachers={"group": {"cell": "switching_gru"}}, datasets=two_choices)


def test_a_teacher_trains_as_the_run_does_unless_told():
    run = {"max_epochs": 77, "seeds": 4}
    assert config(training=run).teacher_training("group")["max_epochs"] == 77
    own = config(training=run, teachers={"group": {"training": {"batch": 5}}}).teacher_training("group")
    assert (own["batch"], own["max_epochs"], "seeds" in own) == (5, 2000, False)


@pytest.mark.parametrize("width", [0, 1])
def test_how_well_a_teacher_predicts_each_subject_is_told(tmp_path, width):
    trials = population(tmp_path, inner=2)
    output = taught(tmp_path, spec={"subject_embedding": width, "seeds": 3})
    rows = read_columns(tmp_path / "teachers/pop/group/outer0_subjects.parquet")
    selected = read_json(output)
    assert rows["subject"].tolist() == ["s0", "s1", "s2"]
    assert set(rows["model"]) == {"group"}
    assert set(rows["inner"]) == {selected["inner"]}
    assert set(rows["n_dynamical"]) == {2}
    assert selected["inner"] > 0  # and so is its row
    assert set(rows["seed"]) == {selected["seed"]}
    for i, path in enumerate(trials):
        table = read_table(path, TASK)
        _, splits = folds.read(tmp_path / f"folds/pop/s{i}/outer0.parquet", table.sequences)
        data = followed(output, tmp_path, TASK, table).subset(table.own)
        probability = np.take_along_axis(data.target, data.action[..., None], axis=-1)[..., 0]
        for role in ROLES:
            weights = splits[selected["inner"]][role][:, table.own] * data.mask
            assert rows[f"n_{role}"][i] == weights.sum()
            assert rows[f"{role}_nll"][i] == pytest.approx(-(np.log(probability) * weights).sum() / weights.sum())
        right = (data.target.argmax(-1) == data.action) * weights
        assert rows["test_accuracy"][i] == pytest.approx(right.sum() / weights.sum())


def test_choices_that_rest_on_weights_without_training_are_counted(tmp_path):
    """A switching cell has weights for each condition; here only one subject meets one of them, in its test block."""
    trials = population(tmp_path)
    tables = {path: read_columns(path) for path in trials}
    _, (split_of_first,) = folds.read(tmp_path / "folds/pop/s0/outer0.parquet", read_table(trials[0], TASK).sequences)
    tested = np.flatnonzero(split_of_first["test"][0])
    for path, columns in tables.items():
        columns["action"][:], columns["reward"][:], columns["state"][:] = 0, 0.0, 0
        if path == trials[0]:
            row = np.flatnonzero((columns["block"] == tested[0]) & (columns["trial"] == 4))
            columns["reward"][row] = 1.0
        write_columns(path, columns)
    switching = checked({"family": "rnn", "cell": "switching_gru", "seeds": 1}, "test", AnyModel).slice("t", None)
    output = taught(tmp_path, spec=switching)
    rows = read_columns(tmp_path / "teachers/pop/group/outer0_subjects.parquet")
    assert rows["n_unlearnt"].tolist() == [4, 0, 0]  # trials 5 to 8 of nine
    assert set(read_columns(output.with_suffix(".parquet"))["n_unlearnt"]) == {4}
