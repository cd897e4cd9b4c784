"""Descriptions of result tables: what writers make of them, the codebook, and the table of parameters."""

import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tinycog
from tinycog import config
from tinycog.analyses import codebook, registry
from tinycog.analyses.parameters.step import gather
from tinycog.analyses.portraits.tables import OF_ONE
from tinycog.models.cognitive.units import unit
from tinycog.models.registry import COGNITIVE
from tinycog.results import tables as of_every_run
from tinycog.results.columns import ANY, AT_MOST_1, CORRELATION, INTEGER, JSON, NUMBER, TEXT, YES_NO, Column, Table
from tinycog.results.parts import concatenate
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.steps.fit import fit
from tinycog.steps.prepare import prepare
from tinycog.steps.select import select
from tinycog.steps.split import split
from tinycog.storage import read_columns, read_json, write_columns, write_json

RATS = Table(
    "rats",
    "a rat",
    (
        Column("name", TEXT, "what it is called"),
        Column("trials", INTEGER, "trials", "trials"),
        Column("age", INTEGER, "age", "days", missing="nobody knows"),
        Column("weight", NUMBER, "weight", "g", missing="no scale"),
        Column("tame", YES_NO, "whether it is tame"),
        Column("marks", JSON, "its marks | a list"),
    ),
)
ONE = {"name": "r1", "trials": 3, "age": None, "weight": 250, "tame": True, "marks": "[]"}
TWO = {"name": "r2", "trials": 4, "age": 90, "weight": None, "tame": False, "marks": "[1]"}


def test_a_table_has_the_described_columns_in_their_order_and_types(tmp_path):
    shuffled = [{key: row[key] for key in reversed(row)} for row in (ONE, TWO)]
    RATS.write(tmp_path, shuffled)
    table = pd.read_parquet(tmp_path / "rats.parquet")
    assert table.dtypes.astype(str).to_dict() == {
        **{"name": "str", "trials": "int64", "age": "Int64", "weight": "float64", "tame": "bool", "marks": "str"}
    }
    assert table["age"].tolist() == [pd.NA, 90]
    np.testing.assert_array_equal(table["weight"], [250, np.nan])
    lines = (tmp_path / "rats.csv").read_text().split("\n")
    assert lines[:3] == ["name,trials,age,weight,tame,marks", "r1,3,,250.0,True,[]", "r2,4,90,,False,[1]"]


@pytest.mark.parametrize("rows", [[], pd.DataFrame(columns=["name", "trials", "age", "weight", "tame", "marks"])])
def test_a_table_without_rows_has_the_types_of_one_with_rows(tmp_path, rows):
    """So that parts of it, some without a row, go together."""
    RATS.write_part(tmp_path / "empty.parquet", rows)
    RATS.write_part(tmp_path / "full.parquet", [ONE, TWO])
    schemas = [pq.read_schema(tmp_path / f"{name}.parquet") for name in ("empty", "full")]
    assert schemas[0].types == schemas[1].types
    assert schemas[0].names == schemas[1].names
    concatenate([pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("empty", "full", "empty")], RATS, tmp_path)
    RATS.write(tmp_path / "whole", [ONE, TWO])
    for suffix in ("csv", "parquet"):
        assert (tmp_path / f"rats.{suffix}").read_bytes() == (tmp_path / f"whole/rats.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tail": 1}, "table 'rats': no description of column tail"),
        ({"weight": ...}, "table 'rats': column weight is described, but not there"),
        ({"trials": None}, "table 'rats': column 'trials': row 1 has no value"),
        ({"tame": None}, "column 'tame': row 1 has no value"),
        ({"trials": "four"}, "column 'trials': found values of kind 'mixed-integer'; allowed: integer"),
        ({"name": 7}, "column 'name': found values of kind 'mixed-integer'; allowed: text"),
        ({"weight": "light"}, "column 'weight': found values of kind 'mixed-integer'; allowed: number"),
        ({"tame": 1}, "column 'tame': found values of kind 'mixed-integer'; allowed: yes or no"),
        ({"trials": 4.5}, "cannot safely cast"),
        ({"age": 90.5}, "cannot safely cast"),
    ],
)
def test_what_is_not_as_described_is_refused(tmp_path, change, message):
    rows = [dict(ONE), {**TWO, **change}]
    if ... in change.values():
        rows = [{key: value for key, value in row.items() if key not in change} for row in rows]
    with pytest.raises((ValueError, TypeError), match=message):
        RATS.write(tmp_path, rows)
    assert not list(tmp_path.iterdir())


def test_every_table_is_described_once_and_whole():
    described = [of_every_run.TABLES, *(module.TABLES for _, module in registry.parts("tables")), OF_ONE[2:]]
    every = [table for tables in described for table in tables]
    assert len({table.name for table in every}) == len(every)
    for table in every:
        assert len(set(table.names)) == len(table.names), table.name
        for column in table.columns:
            assert column.meaning, (table.name, column.name)
            assert column.kind in (TEXT, INTEGER, NUMBER, YES_NO, JSON)
            assert not column.name.endswith("_nll") or column.unit == "nats per choice", (table.name, column.name)


CONFIG = {
    "run": "t",
    "datasets": {"a": {"source": "simulate", "task": "bandit", "n_blocks": 10}},
    "models": {"g": {"family": "rnn", "dims": [1, 2]}, "MB0": {"family": "cognitive"}},
    "analyses": {
        name: {} for name in ("dimensionality", "portraits", "stability", "dynamical_regression", "parameter_recovery")
    },
}
ALWAYS = ["fits", "selected", "excluded", "description", "performance", "performance_group"]


def test_the_codebook_has_the_tables_of_the_run():
    whole = codebook.names(checked(CONFIG, "t", config.Config))
    recovery = ["parameter_recovery", "parameter_recovery_agents"]
    regression = [f"dynamical_regression{part}" for part in ("", "_matrices", "_roles")]
    dynamics = ["setpoints", "fixed_points", "attractors", "stability", *regression]
    assert whole == [*ALWAYS, "advantage", "dimensionality", *dynamics, *recovery, "parameters", "parameters_summary"]
    networks = {**CONFIG, "models": {"g": CONFIG["models"]["g"]}, "analyses": {}}
    assert codebook.names(checked(networks, "t", config.Config)) == ALWAYS
    page = codebook.page(whole)
    for name in whole:
        assert f"\n## {name}\n" in page
    assert "\n## setpoints\n" not in codebook.page(ALWAYS)
    assert codebook.page(whole) == codebook.page(whole)
    with pytest.raises(ValueError, match="no description of table nonsense"):
        codebook.page(["fits", "nonsense"])


def test_a_column_s_line_says_all_that_is_described(monkeypatch):
    monkeypatch.setattr(codebook, "described", lambda: {"rats": RATS})
    page = codebook.page(["rats"])
    assert "A row is a rat." in page
    assert "| `age` | integer | days | 0 or more | age | nobody knows |" in page
    assert "| `marks` | JSON |  |  | its marks \\| a list | never |" in page


@pytest.mark.parametrize(
    ("column", "bounds", "words"),
    [
        (Column("n", INTEGER, "a count"), (0, math.inf), "0 or more"),
        (Column("offset", INTEGER, "trials since", within=ANY), ANY, ""),
        (Column("p", NUMBER, "a p-value", "probability"), (0, 1), "0 to 1"),
        (Column("difference", NUMBER, "of two", "probability", within=CORRELATION), (-1, 1), "-1 to 1"),
        (Column("r2", NUMBER, "R²", within=AT_MOST_1), (-math.inf, 1), "1 or less"),
        (Column("logit", NUMBER, "logit", "nats"), ANY, ""),
        (Column("memory", NUMBER, "time", "trials"), (0, math.inf), "0 or more"),
    ],
)
def test_the_range_of_a_column(column, bounds, words):
    assert column.bounds == bounds
    assert column.range == words


def test_no_loss_is_below_0_and_no_unit_holds_a_range():
    for table in codebook.described().values():
        for column in table.columns:
            if re.search(r"(^|_)nll(_|$)", column.name) and column.kind == NUMBER:
                assert column.range == ("" if "delta" in column.name else "0 or more"), (table.name, column.name)
            assert not re.search(r"\d to \d|at most", column.unit), (table.name, column.name)


def test_a_parquet_file_carries_the_description_of_its_columns(tmp_path):
    RATS.write(tmp_path, [ONE, TWO])
    schema = pq.read_schema(tmp_path / "rats.parquet")
    assert schema.metadata[b"row"] == b"a rat"
    about = {b"meaning": b"age", b"unit": b"days", b"range": b"0 or more", b"missing": b"nobody knows"}
    assert schema.field("age").metadata == about
    assert schema.field("tame").metadata[b"meaning"] == b"whether it is tame"


def test_a_table_written_part_by_part_is_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr("tinycog.results.columns.ROWS", 2)
    rows = [ONE, TWO, ONE, TWO, TWO]
    RATS.write(tmp_path / "whole", rows)
    RATS.write_parts(tmp_path / "parts", [pa.Table.from_pylist([row]) for row in rows])
    whole, parts = (pq.read_table(tmp_path / name / "rats.parquet") for name in ("whole", "parts"))
    assert parts.equals(whole)
    assert parts.schema.equals(whole.schema, check_metadata=True)
    assert (tmp_path / "parts/rats.csv").read_bytes() == (tmp_path / "whole/rats.csv").read_bytes()


def test_the_page_of_all_tables_is_up_to_date():
    page = Path(__file__).parents[2] / "docs/codebook.md"
    assert page.read_text(encoding="utf-8") == codebook.page(list(codebook.described())), "run `make docs`"


def test_modules_that_describe_tables_are_code_of_the_codebook():
    names = codebook.modules()
    assert "tinycog.results.tables" in names
    assert "tinycog.analyses.portraits.tables" in names
    assert len(names) == 1 + len(list(registry.parts("tables")))


# parameters


def test_every_parameter_has_a_unit_that_suits_its_range():
    for models in COGNITIVE.values():
        for listed in models.values():
            for name, kind in listed.model.classes.items():
                words = unit(name, listed.model.classes)
                if re.match("share|probability|weight", words):
                    assert kind.low == 0, name
                    assert kind.high == (0.5 if words.endswith("0.5") else 1.0), name
                elif words.startswith(("nats per", "ratio")):
                    assert (kind.low, kind.high) == (0.0, math.inf), name
    # an inverse temperature multiplies values, but in the Bayesian models a belief
    for name, words in (("MB0", "nats per unit of reward"), ("LS0", "nats per unit of probability")):
        assert unit("beta", COGNITIVE["reversal"][name].model.classes) == words
    for name, words in (("MB0p", "units of reward"), ("LS0p", "units of probability"), ("CK", "nats")):
        assert unit("kappa", COGNITIVE["reversal"][name].model.classes) == words
    with pytest.raises(ValueError, match="no unit is known of parameter 'zeta'"):
        unit("zeta", {})


# models in which a number takes the place of a full reward, or a reward is told from none
NOT_LINEAR = {
    *("MBf", "MB0se", "MB0m", "MB0md", "MB0mdnb", "MB0mdp", "MBsvlr", "MBsflr", "MBsah", "MBsah_carried", "MFsr"),
    *("LS0", "LS0p", "LS1"),
}
SCALE = {"units of reward": 0.8, "nats per unit of reward": 1 / 0.8}  # of a number, in a unit of reward 1.25 as large


@pytest.mark.parametrize("task", COGNITIVE)
def test_values_in_another_unit_of_reward_mean_the_same(task):
    """Dimensional analysis: with rewards and parameters in another unit the probabilities are the same."""
    rng = np.random.default_rng(3)
    n_actions = {"three_armed_reversal": 3, "four_armed_bandit": 4}.get(task, 2)
    columns = {"action": rng.integers(0, n_actions, 60), "reward": rng.integers(0, 2, 60).astype(float)}
    if task not in ("reversal", "bandit", "three_armed_reversal", "four_armed_bandit"):
        columns["state"] = rng.integers(0, 2, 60)
    if task == "original_two_stage":
        columns["action2"] = rng.integers(0, 2, 60)
    trials = pd.DataFrame(columns)
    scaled = trials.assign(reward=0.8 * trials["reward"])
    options = {"task": task, "n_actions": 3} if task == "bandit" else {"task": task}
    for name, listed in COGNITIVE[task].items():
        if name in NOT_LINEAR:
            continue
        classes = listed.model.classes
        values = {key: rng.uniform(*kind.usual) for key, kind in classes.items()}
        others = {key: value * SCALE.get(unit(key, classes), 1.0) for key, value in values.items()}
        one = tinycog.score(model=name, parameters=values, trials=trials, **options)
        other = tinycog.score(model=name, parameters=others, trials=scaled, **options)
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-12, err_msg=name)


def test_parameters_are_those_of_the_selected_fits(tmp_path):
    """A baseline's p is the share of action 1 among the training choices of the kept inner fold."""
    section = {"source": "simulate", "task": "reversal", "n_blocks": 8, "n_trials": 9}
    options = checked(section, "test", AnyDataset).model_dump()
    prepare(tmp_path / "meta.json", name="d", options=options, raw=tmp_path, seed=0)
    trials = tmp_path / "subjects/s0.parquet"
    columns = {**read_columns(trials), "subject": np.full(72, "rat 1", dtype=object)}
    columns["mask"] = columns["mask"].astype(np.int32)
    write_columns(trials, columns)
    action, block = columns["action"], columns["block"]
    expected, kept = [], []
    for outer in range(2):
        fold = tmp_path / f"outer{outer}.parquet"
        split([trials], fold, protocol="blocks", outer=outer, n_outer=2, n_inner=3, inner=3, seed=1)
        for name, model in (("gru", "gru"), ("base", "BAS"), ("learner", "MB0")):
            dim = {"gru": 1, "base": 0, "learner": 2}[name]
            spec = {"family": "rnn", "seeds": 1} if name == "gru" else {"family": "cognitive", "model": model}
            spec = checked(spec, "test", AnyModel).model_dump()
            fits = tmp_path / f"fits/d/rat+201/{name}/d{dim}/outer{outer}.parquet"
            training = {"max_epochs": 1, "patience": 1, "optimizer": "adam", "learning_rate": 0.01, "device": "cpu"}
            fit([trials], fold, fits, task="reversal", n_actions=2, name=name, spec=spec, dim=dim, training=training)
            chosen = tmp_path / f"selected/d/rat+201/{name}/d{dim}/outer{outer}.json"
            select(fits, chosen, root=tmp_path)
            choice = read_json(chosen)
            if (name, outer) == ("base", 0):  # another row than selection's, to see that the row is looked up
                choice |= {"row": 2, "inner": 2}
                write_json(chosen, choice)
            kept.append(choice)
            if name == "base":
                roles = read_columns(fold)
                of_fold = roles["inner"] == choice["inner"]
                training_blocks = roles["block"][of_fold & (roles["role"] == "train")]
                expected.append(action[np.isin(block, training_blocks)].mean())
    keys = ("dataset", "subject", "model", "dim", "outer", "family")
    (tmp_path / "tables").mkdir()
    write_columns(tmp_path / "tables/selected.parquet", {key: np.array([row[key] for row in kept]) for key in keys})
    declared = {"d": {"task": "reversal", "n_actions": 2, "chunks": None, "models": {"base": "BAS", "learner": "MB0"}}}
    gather(tmp_path / "tables/selected.parquet", tmp_path, declared=declared)
    table = pd.read_parquet(tmp_path / "tables/parameters.parquet")
    own = table[table["model"] == "base"]
    np.testing.assert_allclose(own["value"], expected, rtol=1e-12)
    assert own["outer"].tolist() == [0, 1]
    assert set(own["unit"]) == {"probability, 0 to 1"}
    assert set(table["subject"]) == {"rat 1"}
    learner = table[table["model"] == "learner"]
    assert learner["parameter"].tolist() == ["alpha", "beta"] * 2
    assert learner["unit"].tolist() == ["share per trial, 0 to 1", "nats per unit of reward"] * 2
    # the model with these values has the NLL that the fit reported
    for outer, part in learner.groupby("outer"):
        choice = next(row for row in kept if (row["model"], row["outer"]) == ("learner", outer))
        fold = read_columns(tmp_path / f"outer{outer}.parquet")
        test = fold["block"][(fold["inner"] == choice["inner"]) & (fold["role"] == "test")]
        values = dict(zip(part["parameter"], part["value"], strict=True))
        scored = tinycog.score(
            task="reversal",
            model="MB0",
            parameters=values,
            trials=pd.DataFrame({key: columns[key] for key in ("block", "trial", "action", "reward")}),
        )
        assert -scored["log_likelihood"][np.isin(block, test)].mean() == pytest.approx(choice["test_nll"], abs=1e-12)
