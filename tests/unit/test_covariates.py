"""What is known of subjects as a whole, and what varies with it."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from scipy.stats import t as student

from tinycog import config
from tinycog.analyses.covariates import compute, figure, outputs
from tinycog.analyses.covariates.quantities import KEYS, of_tables
from tinycog.analyses.covariates.step import compare as step
from tinycog.analyses.covariates.tables import COVARIATES, GROUPS
from tinycog.analyses.description.subjects import subjects as gather_subjects
from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.setup import preflight
from tinycog.sources import covariates, registry
from tinycog.sources.prepared import of_subjects
from tinycog.storage import write_json

TABLE = {"source": "table", "task": "reversal", "file": "choices.csv"}
OPTIONS = {"file": "", "columns": None, "subject": "subject", "separator": ",", "decimal": ".", "encoding": "utf-8"}


def csv(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


# -- tests of one quantity against one covariate -----------------------------------------------------------------------


def test_two_groups_are_compared_by_welch():
    a, b = [1.0, 2.0, 4.0, 5.0], [6.0, 7.0, 11.0]  # means 3 and 8, variances 10/3 and 7
    row, means = compute.with_groups(np.array(["x"] * 4 + ["y"] * 3), np.array(a + b))
    error = (10 / 3 / 4 + 7 / 3) ** 0.5
    df = error**4 / ((10 / 3 / 4) ** 2 / 3 + (7 / 3) ** 2 / 2)
    within = ((10 / 3 * 3 + 7 * 2) / 5) ** 0.5
    assert (row["test"], row["contrast"], row["n"]) == ("Welch t", "y - x", 7)
    assert row["statistic"] == pytest.approx(5 / error)
    assert row["effect"] == pytest.approx(5 / within)
    t = student.ppf(0.975, df)
    assert [row["low"], row["high"]] == pytest.approx([(5 - t * error) / within, (5 + t * error) / within], rel=1e-6)
    assert [(one["group"], one["mean"], one["n"]) for one in means] == [("x", 3, 4), ("y", 8, 3)]
    half = 3.1824 * (10 / 3 / 4) ** 0.5
    assert [means[0]["low"], means[0]["high"]] == pytest.approx([3 - half, 3 + half], abs=1e-3)


def test_more_groups_are_compared_by_their_ranks():
    labels, y = np.array(["a", "b", "c", "c", "b", "a", "d"]), np.array([1.0, 3.0, 5.0, 6.0, 4.0, 2.0, 99.0])
    row, means = compute.with_groups(labels, y)
    h = 12 / (6 * 7) * (3**2 + 7**2 + 11**2) / 2 - 3 * 7  # sums of ranks 3, 7, 11
    assert (row["test"], row["n"], row["contrast"], row["low"]) == ("Kruskal-Wallis", 6, "", None)
    assert row["statistic"] == pytest.approx(h)
    assert row["p"] == pytest.approx(np.exp(-h / 2))  # chi-squared with two degrees of freedom
    assert row["effect"] == pytest.approx(h / 5)
    assert [one["n"] for one in means] == [2, 2, 2, 1]  # that of one subject has a mean and no interval
    assert means[3]["mean"] == 99
    assert np.isnan(means[3]["low"])


def test_numbers_are_compared_by_their_ranks():
    x, y = np.array([1.0, 2.0, 3.0, 4.0, 50.0]), np.array([1.0, 3.0, 2.0, 4.0, 5.0])
    row, means = compute.with_number(x, y)
    rho = 1 - 6 * 2 / (5 * 24)
    half = 1.959964 * ((1 + rho**2 / 2) / 2) ** 0.5
    assert (row["test"], row["n"], means) == ("Spearman", 5, [])
    assert row["effect"] == row["statistic"] == pytest.approx(rho)
    ends = [row["low"], row["high"]]
    assert ends == pytest.approx([np.tanh(np.arctanh(rho) - half), np.tanh(np.arctanh(rho) + half)])
    perfect, _ = compute.with_number(x, x)
    assert [perfect[key] for key in ("effect", "low", "high")] == pytest.approx([1, 1, 1])


def test_conditions_are_compared_within_persons():
    a, b = np.zeros(5), np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    row = compute.paired(a, b)
    assert row["p"] == pytest.approx(2 / 2**5)  # all five differences have one sign
    assert row["effect"] == pytest.approx(3 / statistics.stdev(b))
    half = 2.77645 / 5**0.5  # in standard deviations of the differences
    assert [row["low"], row["high"]] == pytest.approx([row["effect"] - half, row["effect"] + half], abs=1e-4)
    assert compute.paired(b, a)["effect"] == pytest.approx(-row["effect"])


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (lambda: compute.with_number(np.arange(3.0), np.arange(3.0))[0], "fewer than 4 subjects"),
        (lambda: compute.with_number(np.ones(5), np.arange(5.0))[0], "the covariate does not vary"),
        (lambda: compute.with_number(np.arange(5.0), np.ones(5))[0], "the quantity does not vary"),
        (lambda: compute.with_groups(np.array(list("aab")), np.arange(3.0))[0], "fewer than two groups of at least 2"),
        (lambda: compute.with_groups(np.array(list("aabb")), np.array([1.0, 1, 2, 2]))[0], "within the groups"),
        (lambda: compute.with_groups(np.array(list("aabbcc")), np.ones(6))[0], "the quantity does not vary"),
        (lambda: compute.with_groups(np.array([]), np.array([]))[0], "fewer than two groups"),
        (lambda: compute.paired(np.zeros(1), np.ones(1)), "fewer than 2 persons with both conditions"),
        (lambda: compute.paired(np.zeros(4), np.ones(4)), "does not vary between persons"),
    ],
)
def test_what_cannot_be_tested_says_why(made, reason):
    row = made()
    assert reason in row["reason"]
    assert all(row[key] is None for key in ("effect", "low", "high", "statistic", "p"))


def test_p_values_are_corrected_by_hand():
    tests = [{"p": p} for p in (0.03, None, 0.01, 0.5, 0.02)]
    found = [row["q"] for row in compute.corrected(tests)]
    assert found[0::2] == pytest.approx([0.04, 0.04, 0.04])  # 0.03 4/3, and none larger than what follows it
    assert found[3] == 0.5
    assert np.isnan(found[1])
    assert np.isnan(compute.corrected([{"p": None}])[0]["q"])


# -- all quantities of a data set --------------------------------------------------------------------------------------


def quantities(values: dict[str, float], quantity: str = "alpha") -> pd.DataFrame:
    keys = dict(zip(KEYS, ("parameter", "m", 2, quantity, "u"), strict=True))
    return pd.DataFrame([{"dataset": "d", "subject": name, **keys, "value": value} for name, value in values.items()])


def about(**columns: dict[str, str]) -> pd.DataFrame:
    rows = [
        {"dataset": "d", "subject": subject, "covariate": name, "value": value}
        for name, of in columns.items()
        for subject, value in of.items()
    ]
    return pd.DataFrame(rows)


def compared(values: pd.DataFrame, known: pd.DataFrame, **given) -> tuple[pd.DataFrame, pd.DataFrame]:
    options = {"conditions": {}, "decimals": {"d": "."}, "groups": []} | given
    tests, means = compute.compare(values, known, **options)
    return COVARIATES.typed(tests), GROUPS.typed(means)


def test_a_covariate_of_numbers_is_ranked_unless_it_is_said_to_be_groups():
    names = [f"s{i}" for i in range(8)]
    site = dict(zip(names, "11112222", strict=True))
    age = dict(zip(names, ("20", "31,5", "44", "50", "", "61", "70", "80"), strict=True))
    values = quantities({name: i**2 for i, name in enumerate(names)} | {"stranger": 1.0})
    tests, _ = compared(values, about(site=site, age=age), decimals={"d": ","})
    assert tests["test"].tolist() == ["Spearman", "Spearman"]
    assert tests["n"].tolist() == [8, 7]
    assert tests["n_missing"].tolist() == [0, 1]
    assert tests["effect"].tolist()[1] == pytest.approx(1)
    tests, means = compared(values, about(site=site, age=age), groups=["site"])  # 31,5 is no number here
    assert tests["test"].tolist() == ["Welch t", "Welch t"]
    assert tests["reason"].tolist()[1] == "fewer than two groups of at least 2 subjects"
    of_site = means[means["covariate"] == "site"]
    assert of_site[["group", "mean", "n"]].to_numpy().tolist() == [["1", 3.5, 4], ["2", 31.5, 4]]
    assert (tests[["dataset", "kind", "model", "quantity"]] == ["d", "parameter", "m", "alpha"]).all(axis=None)


def test_persons_in_conditions_count_once_and_their_conditions_are_compared_within_them():
    persons, conditions = ["a", "b", "c", "e"], ["placebo", "drug"]
    names = {f"{who}+{what}": (who, what) for who in persons for what in conditions}
    known = about(
        person={name: who for name, (who, _) in names.items()},
        drug={name: what for name, (_, what) in names.items()},
        sex={name: "f" if who in "ab" else "m" for name, (who, _) in names.items()},
    )
    value = {"a": 1.0, "b": 2.0, "c": 4.0, "e": 7.0}
    gain = {"a": 1.0, "b": 2.0, "c": 3.0, "e": 6.0}
    values = {name: value[who] + gain[who] * (what == "drug") for name, (who, what) in names.items()}
    del values["e+drug"]
    tests, means = compared(quantities(values), known, conditions={"d": "drug"})
    drug, sex = tests.to_dict("records")
    assert (drug["covariate"], drug["contrast"], drug["test"]) == ("drug", "drug - placebo", "Wilcoxon signed rank")
    assert (drug["n"], drug["n_missing"], drug["effect"]) == (3, 1, pytest.approx(2))
    assert (sex["covariate"], sex["contrast"], sex["n"], sex["n_missing"]) == ("sex", "m - f", 4, 0)
    assert sorted(means["covariate"].unique()) == ["drug", "sex"]
    by_group = means.set_index("group")["mean"].to_dict()
    assert by_group == pytest.approx({"placebo": 3.5, "drug": 13 / 3, "f": (1.5 + 3) / 2, "m": (5.5 + 7) / 2})


def test_every_two_of_three_conditions_are_compared_and_each_has_one_mean():
    names = {f"{who}+{what}": (who, what) for who in "abc" for what in "zxy"}
    person, dose = ({name: pair[i] for name, pair in names.items()} for i in (0, 1))
    values = quantities({name: "zxy".index(what) * ord(who) for name, (who, what) in names.items()})
    tests, means = compared(values, about(person=person, dose=dose), conditions={"d": "dose"})
    assert tests["contrast"].tolist() == ["x - z", "y - z", "y - x"]
    assert means["group"].tolist() == ["z", "x", "y"]
    assert means["mean"].tolist() == [0, 98, 196]


def test_q_counts_all_tests_of_a_data_set():
    names = [f"s{i}" for i in range(6)]
    varies = dict(zip(names, range(6), strict=True))
    values = pd.concat([quantities(dict.fromkeys(names, 1.0), "b"), quantities(varies)])
    known = {name: dict(zip(names, text, strict=True)) for name, text in (("x", "124356"), ("y", "214365"))}
    tests, _ = compared(values, about(**known))
    p = tests["p"].dropna()
    assert len(p) == 2
    assert tests["q"].dropna().tolist() == pytest.approx([min(2 * p.min(), p.max()), p.max()])
    assert tests["reason"].tolist()[:2] == ["the quantity does not vary"] * 2


def test_quantities_are_taken_from_the_tables_of_a_run():
    keys = {"dataset": "d", "subject": "s"}
    summary = pd.DataFrame(
        [
            keys | {"model": "m", "dim": 2, "parameter": "alpha", "unit": "u", "range_low": 0.0, "range_high": 1.0},
            keys | {"model": "m", "dim": 2, "parameter": "beta", "unit": "u", "range_low": 0.0, "range_high": None},
        ]
    ).assign(mean=[0.3, 2.0], value=[0.4, np.e], n_choices=[10, 10])
    setpoints = pd.DataFrame({**keys, "model": "g", "dim": 1, "condition": "A1R1", "setpoint": [1.0, np.nan, 2.0]})
    fits = [  # the network of dim 2 has the lower validation NLL, and the higher test NLL
        ("rnn", "g", 1, 0.60, 0.50),
        ("rnn", "g", 2, 0.55, 0.62),
        ("cognitive", "c", 1, 0.70, 0.70),
    ]
    selected = pd.DataFrame(
        [
            keys
            | {"family": family, "model": model, "dim": dim, "outer": outer, "val_nll": val, "test_nll": test + outer}
            | {"n_val": 10, "n_test": 1 + 2 * outer}
            for family, model, dim, val, test in fits
            for outer in (0, 1)
        ]
    )
    described = pd.DataFrame({**keys, "statistic": ["trials", "reward_rate", "stay_rewarded"], "value": [9, 0.5, 0.8]})
    history = pd.DataFrame(
        {**keys, "source": ["data", "g", "data"], "dim": [None, 1, None], "statistic": ["index", "index", "sum"]}
    ).assign(term="reward", value=[2.0, 3.0, 4.0])
    d_star = pd.DataFrame({**keys, "rule": ["argmin"], "d_star": [2]})
    tables = {"parameters_summary": summary, "setpoints": setpoints, "selected": selected, "description": described}
    found = of_tables(tables | {"behaviour_history": history, "dimensionality": d_star})
    value = found.set_index(["kind", "quantity"])["value"].to_dict()
    assert value == pytest.approx(
        {
            ("parameter", "alpha"): 0.4,
            ("parameter", "beta"): 1.0,
            ("d_star", "argmin"): 2,
            ("setpoint", "A1R1"): 1.5,
            ("behaviour", "reward_rate"): 0.5,
            ("behaviour", "stay_rewarded"): 0.8,
            ("behaviour", "history_reward"): 2.0,
            ("loss", "best_network"): 0.62 + 3 / 4,
            ("loss", "best_cognitive"): 0.70 + 3 / 4,
            ("loss", "cognitive_minus_network"): 0.08,
        }
    )
    assert found.loc[found["quantity"] == "beta", "unit"].tolist() == ["log u"]
    assert found["model"].notna().sum() == 3
    over_folds = of_tables({"parameters_summary": summary.assign(value=np.nan, n_choices=None)})
    assert over_folds["value"].tolist() == pytest.approx([0.3, np.log(2)])
    at_zero = of_tables({"parameters_summary": summary.assign(value=[0.4, 0.0])})
    assert at_zero["value"].isna().tolist() == [False, True]


def test_a_group_that_is_no_covariate_is_an_error(tmp_path):
    known = tmp_path / "subjects.parquet"
    about(age={"s": "3"}).to_parquet(known)
    message = "analyses.covariates.groups: found 'site'; there are the covariates ['age']"
    with pytest.raises(InputError, match=re.escape(message)):
        step([], known, tmp_path, conditions={}, decimals={"d": "."}, groups=["site"])


# -- files of covariates -----------------------------------------------------------------------------------------------


def test_a_file_is_read_by_subject_and_says_nothing_where_it_has_nothing(tmp_path):
    path = csv(tmp_path, "id;age;sex;site\n01;31,5;NA;x\n2;;m;y\n;;;\n")
    options = OPTIONS | {"separator": ";", "decimal": ",", "subject": "id", "columns": ["age", "sex"]}
    found = covariates.read("d", path, options, ["01", "2", "3"])
    assert found == {"01": {"age": "31,5", "sex": ""}, "2": {"age": "", "sex": "m"}}
    all_of_it = covariates.read("d", path, options | {"columns": None})
    assert list(all_of_it["2"]) == ["age", "sex", "site"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("subject,age\na,1\nb,2\na,3\n", {}, "row 4, column 'subject': 'a' is also in {path}, row 2; allowed: one row"),
        (
            "subject,age\na,1\nz,2\n",
            {},
            "row 3, column 'subject': 'z' is not in the data, which have the subjects a, b",
        ),
        ("subject,age\na,1\n,2\n", {}, "row 3, column 'subject': found an empty cell; allowed: a subject's id"),
        ("subject,age\na,1\n", {"columns": ["sex"]}, ".columns: {path} has no column 'sex'; it has: subject, age"),
        ("subject,age\na,1\n", {"subject": "id"}, ".subject: {path} has no column 'id'; it has: subject, age"),
        ("subject,drug\na,1\n", {"condition": "drug"}, "column 'drug': the data set's `condition` has this name"),
        ("subject,person\na,1\n", {"condition": "drug"}, "column 'person': the data set's `condition` has this name"),
    ],
)
def test_errors_of_a_file_name_file_column_and_row(tmp_path, text, options, message):
    path = csv(tmp_path, text)
    condition = options.pop("condition", None)
    with pytest.raises(InputError, match=re.escape(message.format(path=path))) as error:
        covariates.read("d", path, OPTIONS | options, ["a", "b"], condition)
    assert str(error.value).startswith("datasets.d.covariates")


def test_a_file_is_looked_up_in_the_raw_folder_and_missed_in_words(tmp_path):
    csv(tmp_path, "subject\n")
    assert covariates.file("d", OPTIONS | {"file": "people.csv"}, tmp_path) == tmp_path / "people.csv"
    with pytest.raises(
        InputError, match=r"datasets.d.covariates: none.csv: no such file; looked for .*none.csv and, bel"
    ):
        covariates.file("d", OPTIONS | {"file": "none.csv"}, tmp_path)


def section(**given):
    return checked(TABLE | given, "d", AnyDataset)


def test_a_list_names_columns_and_a_text_a_file_which_is_no_option_of_the_data():
    assert section().covariates is None
    assert section(covariates=[]).covariates is None
    assert section(covariates=["age"]).model_dump()["covariates"] == ["age"]
    of_file = section(covariates="people.csv")
    assert of_file.covariates.file == "people.csv"
    assert of_file.model_dump()["covariates"] == []
    some = section(covariates={"file": "people.csv", "columns": ["age"]})
    assert some.model_dump()["covariates"] == []
    again = checked(section(covariates=["age"]).model_dump(), "d", AnyDataset)
    assert again.covariates.columns == ["age"]
    about_subjects = [one.about_subjects for one in (section(), of_file, section(condition="drug"))]
    assert about_subjects == [False, True, True]
    simulated = {"source": "simulate", "task": "bandit"}
    assert "covariates" not in checked(simulated | {"covariates": "a.csv"}, "d", AnyDataset).model_dump()
    with pytest.raises(InputError, match=r"covariates.file: found null; needed with this source"):
        checked(simulated | {"covariates": ["age"]}, "d", AnyDataset)
    with pytest.raises(InputError, match=r"covariates.sep: unknown key"):
        section(covariates={"file": "a.csv", "sep": ";"})


def written(folder: Path, dataset: dict) -> config.Config:
    default = Path(__file__).parents[2] / "config/config.yaml"
    content = {"run": "r", "datasets": {"d": dataset}, "models": {"LS0": {"family": "cognitive"}}, "raw": str(folder)}
    content["analyses"] = {}
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(content))
    return config.load(default, [path])


CHOICES = "subject,block,action,reward,drug\n" + "".join(
    f"{who},{block},{i % 2},1,{'yn'[block % 2]}\n" for who in "ab" for block in range(8) for i in range(3)
)


def test_ids_are_compared_before_any_job_and_a_file_lies_beside_its_config(tmp_path):
    csv(tmp_path, CHOICES, "choices.csv")
    csv(tmp_path, "subject,age\na,1\nc,2\n")
    own = written(tmp_path, TABLE | {"covariates": {"file": "people.csv"}})
    assert own.datasets["d"].covariates.file == str(tmp_path / "people.csv")
    in_short = written(tmp_path, TABLE | {"covariates": "people.csv"})
    assert in_short.datasets["d"].covariates.file == str(tmp_path / "people.csv")
    for dataset, ids in (
        (TABLE, "subjects a, b"),
        (TABLE | {"condition": "drug"}, "persons a, b"),
        (TABLE | {"where": {"subject": "a"}}, "subjects a, b"),
        ({"source": "simulate", "task": "bandit", "n_subjects": 2}, "subjects s0, s1"),
    ):
        checked_config = written(tmp_path, dataset | {"covariates": "people.csv"})
        name = "a" if dataset["source"] == "simulate" else "c"
        with pytest.raises(InputError, match=f"'{name}' is not in the data, which have the {ids}"):
            preflight.check(checked_config)
    csv(tmp_path, "subject,age\nb,2\n")
    preflight.check(written(tmp_path, TABLE | {"covariates": "people.csv"}))


def test_ids_in_names_of_files_are_known_before_any_job(tmp_path):
    for who in "ab":
        csv(tmp_path, CHOICES, f"sub-{who}.csv")
    section = {"source": "table", "task": "reversal", "files": str(tmp_path / "sub-*.csv")}
    options = checked(section | {"subject": {"pattern": "sub-(.)"}}, "d", AnyDataset).model_dump()
    assert registry.load("table").persons("d", options, tmp_path) == ["a", "b"]


def meta(folder: Path, ids: list[str], in_data: dict, name: str = "d", source: str = "table", **options) -> Path:
    content = {"dataset": name, "source": source, "subjects": ids, "removed": [{"subject": "gone", "reason": "why"}]}
    content |= {"options": {"subjects": "all"} | options, "parameters": {"subjects": in_data} if in_data else {}}
    write_json(folder / f"{name}.json", content)
    return folder / f"{name}.json"


def known_of(folder: Path, metas: list[Path], files: dict) -> list[list[str]]:
    gather_subjects(metas, folder, files)
    return pd.read_parquet(folder / "subjects.parquet")[["subject", "covariate", "value"]].to_numpy().tolist()


def test_what_a_file_says_of_a_person_holds_in_each_condition(tmp_path):
    path = csv(tmp_path, "subject,age\na,31\ngone,4\n")
    in_data = {name: {"person": name[0], "drug": name[2]} for name in ("a+y", "b+n")}
    files = {"d": OPTIONS | {"file": str(path)}}
    found = known_of(tmp_path, [meta(tmp_path, ["a+y", "b+n"], in_data, condition="drug")], files)
    assert found == [
        *(["a+y", "person", "a"], ["a+y", "drug", "y"], ["a+y", "age", "31"]),
        *(["b+n", "person", "b"], ["b+n", "drug", "n"], ["b+n", "age", ""]),
    ]
    assert known_of(tmp_path, [meta(tmp_path, ["a", "b"], {})], files) == [["a", "age", "31"], ["b", "age", ""]]


def test_parameters_that_simulated_agents_drew_are_no_covariates(tmp_path):
    files = {"d": OPTIONS | {"file": str(csv(tmp_path, "subject,age\ns0,31\n"))}}
    agents = meta(tmp_path, ["s0", "s1"], {"s0": {"alpha": 0.5}, "s1": {"alpha": 0.25}}, source="simulate")
    assert known_of(tmp_path, [agents], files) == [["s0", "age", "31"], ["s1", "age", ""]]


def test_unknown_ids_and_names_that_are_taken_are_refused_with_the_data(tmp_path):
    path = csv(tmp_path, "subject,age\na,31\nz,4\n")
    files = {"d": OPTIONS | {"file": str(path)}}
    with pytest.raises(InputError, match="'z' is not in the data"):
        known_of(tmp_path, [meta(tmp_path, ["a"], {})], files)
    assert known_of(tmp_path, [meta(tmp_path, ["a"], {}, subjects=1)], files) == [["a", "age", "31"]]
    with pytest.raises(InputError, match="column 'age': the data have a covariate of this name"):
        known_of(tmp_path, [meta(tmp_path, ["a"], {"a": {"age": "3"}}, subjects=1)], files)


def test_importers_tell_the_first_value_of_each_subject():
    table = pd.DataFrame({"subject": ["b", "b", "a"], "task_x": [1.0, 1.0, np.nan], "task_y": ["p", "p", "q"]})
    assert of_subjects(table, {"x": "task_x", "y": "task_y"}) == {"b": {"x": "1", "y": "p"}, "a": {"x": "", "y": "q"}}


def test_diagnoses_and_platforms_of_public_data_are_covariates(data_folder):
    counted = {}
    for source, covariate in (("dezfouli", "diagnosis"), ("zorowitz", "platform")):
        options = checked({"source": source}, "d", AnyDataset).model_dump()
        about_them = registry.load(source).prepare("d", options, data_folder, 0).parameters["subjects"]
        counted |= pd.Series([one[covariate] for one in about_them.values()]).value_counts().to_dict()
    assert counted == {"Healthy": 34, "Depression": 34, "Bipolar": 33, "mturk": 205, "prolific": 201}


# -- what a run gets of it ---------------------------------------------------------------------------------------------


def test_a_run_has_the_tables_only_where_something_is_known_of_subjects(tmp_path):
    csv(tmp_path, CHOICES, "choices.csv")
    csv(tmp_path, "subject,age\na,1\n")
    without = written(tmp_path, TABLE)
    assert (outputs.tables(without), outputs.figures(without, [])) == ([], [])
    own = written(tmp_path, TABLE | {"separator": ";", "decimal": ",", "condition": "drug"})
    assert outputs.tables(own) == ["covariates", "covariate_groups"]
    assert outputs.figures(own, []) == ["covariates__d"]
    assert (outputs.conditions(own), outputs.decimals(own)) == ({"d": "drug"}, {"d": ","})
    assert outputs.sources(own) == ["selected", "description", "parameters_summary"]
    of_file = written(tmp_path, TABLE | {"decimal": ",", "separator": ";", "covariates": "people.csv"})
    assert outputs.decimals(of_file) == {"d": "."}


def row(covariate: str, quantity: str, effect: float, q: float, **other) -> dict:
    base = {"dataset": "d", "covariate": covariate, "kind": "parameter", "model": "m", "dim": 1, "quantity": quantity}
    base |= {"unit": "u", "test": "Welch t", "contrast": "b - a", "n": 9, "n_missing": 0, "statistic": 1.0}
    found = {"effect": effect, "low": effect - 1, "high": effect + 1, "p": q / 2, "q": q, "reason": ""}
    return base | found | other


def test_the_figure_shows_the_largest_effects_and_marks_those_that_stand():
    rows = [row("sex", f"x{i}", (-1) ** i * i, 0.01 * i) for i in range(1, 11)]
    rows += [row("age", "A2R1", 0.5, 0.5, kind="setpoint", test="Spearman", contrast="")]
    drawn = figure.forest(COVARIATES.typed(rows), ["left", "right"])
    sex, age = drawn.axes
    assert [label.get_text() for label in sex.get_yticklabels()] == [f"m x{i}" for i in range(10, 2, -1)]
    faces = [line.get_markerfacecolor() for line in sex.lines if line.get_marker() == "o"]
    assert faces == ["white"] * 5 + ["black"] * 3
    assert list(sex.lines[0].get_xdata()) == [9, 11]
    assert sex.texts[0].get_text() == "n 9   q 0.100"
    assert sex.get_title(loc="left") == "sex: b - a"
    assert [label.get_text() for label in age.get_yticklabels()] == ["m d = 1 setpoint right, reward"]
    assert age.get_xlabel() == "Spearman's rho, 95% interval"
    nothing = figure.forest(COVARIATES.typed([row("sex", "x", 1, 0.1, p=None)]), ["left", "right"])
    assert isinstance(nothing, Figure)
    assert not nothing.axes
