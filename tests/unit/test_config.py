"""Every wrong config ends with a sentence that names the key, what was found and what is allowed."""

from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from tinycog import config
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.fits import CrossValidation, Training
from tinycog.sections.messages import checked
from tinycog.sections.models import AnyModel
from tinycog.setup import documentation, preflight
from tinycog.sources import table

DEFAULT = ROOT / "config/config.yaml"


def good() -> dict:
    return {
        "run": "test",
        "datasets": {"a": {"source": "simulate", "task": "bandit", "n_blocks": 6, "n_trials": 5}},
        "models": {"gru": {"family": "rnn", "dims": [1]}},
        "cv": {"outer": 3, "inner": 2},
    }


def edited(path: str, value) -> dict:
    content = good()
    *keys, last = path.split(".")
    section = content
    for key in keys:
        section = section.setdefault(key, {})
    section[last] = value
    return content


LOW_RANK = {"family": "rnn", "cell": "low_rank_rnn"}
SLIN = {"family": "rnn", "cell": "slin"}
BAD = [
    ("trainin", {}, "trainin: unknown key; did you mean 'training'?"),
    ("datasets.a.n_block", 3, "datasets.a.n_block: unknown key; did you mean 'n_blocks'?"),
    ("models.gru.dim", 3, "models.gru.dim: unknown key; did you mean 'dims'?"),
    ("datasets.a.agent", {"modle": "MB0"}, "datasets.a.agent.modle: unknown key; did you mean 'model'?"),
    ("analyses.portrait", {}, "analyses.portrait: unknown key; did you mean 'portraits'?"),
    ("datasets.a.source", "foo", "datasets.a.source: found 'foo'; allowed: simulate, table, bartolo, akam_tr"),
    ("datasets.a", {"task": "bandit"}, "datasets.a.source: this key is required"),
    ("datasets.a.task", "chess", "datasets.a.task: found 'chess'; allowed: bandit, reversal, two_stage"),
    ("datasets", {}, "datasets: found {}; needs at least 1 entry"),
    ("datasets.a b", {"source": "simulate", "task": "bandit"}, "'a b' cannot name a directory"),
    ("run", "x__y", "run: 'x__y' cannot name a directory"),
    ("models.MBX", {"family": "cognitive"}, "models.MBX: task 'bandit' with 2 actions has no cognitive model 'MBX'"),
    ("models.gru.family", "x", "models.gru.family: found 'x'; allowed: rnn, cognitive"),
    ("models.gru.cell", "gur", "models.gru.cell: found 'gur'; must be 'gru', 'switching_gru', 'slin'"),
    ("models.gru.dims", [0], "models.gru.dims.0: found 0; must be greater than or equal to 1"),
    ("models.gru.dims", [129], "models.gru.dims.0: found 129; must be less than or equal to 128"),
    ("models.gru.dims", [1, 1], "models.gru.dims: [1, 1] has a value twice"),
    ("models.gru.l1", [-1.0], "models.gru.l1.0: found -1.0; must be greater than or equal to 0"),
    ("models.g", {"family": "rnn", "readout": "diagonal", "dims": [3]}, "models.g.dims: [3] with a diagonal readout"),
    ("models.gru.rank", 2, "models.gru.rank: found 2 with cell 'gru'; allowed: null, or cell low_rank_rnn"),
    ("models.g", LOW_RANK | {"rank": 2, "dims": [1, 3]}, "models.g.rank: found 2 with dims [1, 3]; allowed: 1 to 1"),
    ("models.g", LOW_RANK | {"rank": 0}, "models.g.rank: found 0; must be greater than or equal to 1"),
    ("models.gru.subject_embedding", -1, "subject_embedding: found -1; must be greater than or equal to 0"),
    ("models.gru.subject_embedding", 2, "models.gru.subject_embedding: found 2 with cv.protocol 'blocks', which"),
    ("models.s", SLIN | {"subject_embedding": 2}, "models.s.subject_embedding: found 2 with cell 'slin', which is fed"),
    (
        "models.s",
        SLIN | {"subject_embedding": 2},
        "allowed: 0, or one of the cells gru, mi_gru, rnn, low_rank_rnn, lstm",
    ),
    ("cv.outer", 10, "datasets.a.n_blocks: 6 blocks are fewer than cv.outer = 10 folds"),
    ("cv.inner", 5, "datasets.a.n_blocks: 6 blocks leave 4 outside a test fold, fewer than cv.inner = 5 folds"),
    ("threads", 0, "threads: found 0; must be greater than or equal to 1"),
    ("training.batch", 0, "training.batch: found 0; must be greater than or equal to 1"),
    ("training.batch", 7, "training.batch: found 7; allowed: at most the blocks of datasets.a, 6, or null"),
    ("training", {"batch": 2, "optimizer": "fast"}, "training.batch: found 2; allowed with optimizer 'fast', which"),
    ("training.patience", "x", "training.patience: found 'x'; must be a valid integer"),
    ("training.learning_rate", 0, "training.learning_rate: found 0; must be greater than 0"),
    ("datasets.a.subjects", ["zz"], "datasets.a.subjects: ['zz'] not among the simulated s0 .. s0"),
    ("datasets.a.agent", {"parameters": {"alpha": 2, "beta": 1}}, "alpha: found 2.0; must lie in [0, 1]"),
    ("datasets.a.environment.probabilities", [0.5], "environment.probabilities: 1 values for 2 actions"),
    ("datasets.a.environment.probabilities", [0.5, 3], "probabilities.1: found 3; must be less than or equal to 1"),
    ("datasets.a.environment.reversal", [3, 2], "reversal: [3, 2] must be two trials, 0 <= first <= last"),
    ("datasets.a.environment.reversal", [3, 5], "needs two actions and a last trial below n_trials = 5"),
    ("models.LS0", {"family": "cognitive", "optimizer": "adam"}, "found 'adam'; must be 'gradient' or 'nelder-mead'"),
    (
        "models.LS0",
        {"family": "cognitive", "seeds": 0},
        "models.LS0.seeds: found 0; must be greater than or equal to 1",
    ),
    ("models.gru.optimizer", "gradient", "models.gru.optimizer: unknown key"),
    ("analyses.portraits", {"models": ["q"]}, "analyses.portraits.models: ['q'] not among models ['gru']"),
    ("analyses.dynamical_regression", {"models": ["q"]}, "dynamical_regression.models: ['q'] not among models ['gru']"),
    ("analyses.dynamical_regression.trim", 50, "dynamical_regression.trim: found 50; must be less than 50"),
    ("analyses.dynamical_regression.bootstrap", 9, "bootstrap: found 9; must be greater than or equal to 100"),
    ("datasets.a.subjects", [], "datasets.a.subjects: found []; must be `all`, a number from 1 on, or a list of ids"),
    ("datasets.a.subjects", True, "datasets.a.subjects: found True; must be `all`, a number from 1 on"),
    ("analyses.parameter_recovery.ranges.alpha", [0, 1, 2], "ranges.alpha: found [0, 1, 2]; must be a list of 2"),
    ("datasets.a.agent.parameters.alpha", True, "found True; must be a valid number or a list of 2"),
    ("analyses.parameter_recovery.ranges.alpha", [0], "ranges.alpha: found [0]; must be a list of 2"),
    ("datasets.a.task", ["bandit"], "datasets.a.task: found ['bandit']; must be a valid string"),
    ("datasets.a", {"source": "hou", "n_actions": 5}, "datasets.a.n_actions: unknown key"),
    ("datasets.a", {"source": "hou", "files": []}, "datasets.a.files: found []; needs at least 1 entry"),
    ("datasets.a", {"source": "bartolo", "block_types": []}, "datasets.a.block_types: found []; needs at least 1"),
    ("datasets.a", {"source": "table", "file": "f", "task": "reversal", "n_actions": 3}, "task 'reversal' has 2"),
    ("datasets.a", {"source": "table", "file": "f", "task": "bandit", "n_actions": 6, "augment": 2}, "6 arms"),
    ("datasets.a", {"source": "ibl", "augment": 1}, "augment: task 'perceptual' has none"),
    ("datasets.a", {"source": "bartolo", "task": "bandit"}, "datasets.a.task: found 'bandit'; must be 'reversal'"),
    # YAML tells numbers from truth and text
    ("models.gru.dims", [True], "models.gru.dims.0: found True; must be a valid integer"),
    ("models.gru.dims", [1.0], "models.gru.dims.0: found 1.0; must be a valid integer"),
    ("models.gru.l1", [False], "models.gru.l1.0: found False; must be a valid number"),
    ("training.patience", "5", "training.patience: found '5'; must be a valid integer"),
    ("strict_checksums", 1, "strict_checksums: found 1; must be a valid boolean"),
    ("datasets.a.augment", True, "datasets.a.augment: found True; must be a valid integer"),
    ("datasets.a", {"source": "gillan", "experiments": [True]}, "a.experiments.0: found True; must be a valid integer"),
    ("datasets.a.environment.reversal", [True, 2], "environment.reversal: found True; must be a valid integer"),
    ("datasets.a.environment.probabilities", [True, 0.5], "probabilities.0: found True; must be a valid number"),
    ("datasets.a.agent.parameters", {"alpha": True, "beta": 2}, "alpha: found True; must be a valid number"),
    # slips of the keyboard that would fill memory, or never end
    (
        "analyses.dimensionality",
        {"bootstrap": 100_000_000},
        "analyses.dimensionality.bootstrap: found 100,000,000; allowed: at most 100,000, since all resamples are in "
        "memory at once",
    ),
    ("analyses.dimensionality", {"power": 1001}, "power: found 1,001; allowed: at most 1,000, since each is a job"),
    ("analyses.symbolic_regression", {"starts": 1001}, "starts: found 1,001; allowed: at most 1,000, since each is"),
]


FREE = {  # numbers that cost nothing, or that other keys bound
    *("seed", "subjects", "reversal", "trials", "n_blocks", "n_trials", "agents"),
    *("where", "drop", "choices", "choices2", "states", "missing", "common", "rare"),
}


def _without_bound(schema, key="", found=None):
    """Keys of a JSON schema that may be any number above 0."""
    found = set() if found is None else found
    if isinstance(schema, dict):
        if schema.get("type") == "integer" and not {"maximum", "exclusiveMaximum"} & set(schema):
            found.add(key)
        for name, inner in schema.items():
            for own, part in inner.items() if name in ("properties", "$defs") else [(key, inner)]:
                _without_bound(part, own, found)
    for part in schema if isinstance(schema, list) else ():
        _without_bound(part, key, found)
    return found


def test_numbers_that_cost_time_or_memory_have_an_upper_bound():
    assert _without_bound(Config.model_json_schema()) == FREE


def test_agents_to_recover_fit_into_memory():
    content = edited("analyses.parameter_recovery", {"agents": 1_666_667})
    content["models"]["MB0"] = {"family": "cognitive"}
    expected = r"agents: found 1,666,667; allowed: at most 1,666,666 there, since each plays 30 trials in data set 'a'"
    with pytest.raises(InputError, match=expected):
        checked(content, "my.yaml", Config)
    content["analyses"]["parameter_recovery"]["agents"] -= 1  # 50 million trials of 6 x 5 each
    assert checked(content, "my.yaml", Config).analyses.parameter_recovery.agents == 50_000_000 // 30


@pytest.mark.parametrize(("path", "value", "message"), BAD, ids=[f"{p}={v}"[:60] for p, v, _ in BAD])
def test_bad_values_are_named(path, value, message):
    with pytest.raises(InputError) as error:
        checked(edited(path, value), "my.yaml", Config)
    assert message in str(error.value)
    assert all(line.startswith("my.yaml: ") for line in str(error.value).split("\n"))


def test_a_model_is_fitted_to_the_data_sets_that_it_names():
    content = good()
    content["datasets"]["b"] = {"source": "simulate", "task": "three_armed_reversal", "n_blocks": 6, "n_trials": 5}
    content["datasets"]["b"]["agent"] = {"model": "MF", "parameters": {"alpha": 0.5, "beta": 2}}
    content["models"] |= {"MFD": {"family": "cognitive", "datasets": ["b"]}, "MB0": {"family": "cognitive"}}
    with pytest.raises(
        InputError, match=r"models.MB0: task 'three_armed_reversal' with 3 actions has no cognitive model"
    ):
        checked(content, "my.yaml", Config)
    content["models"]["MB0"]["datasets"] = ["a"]
    whole = checked(content, "my.yaml", Config)
    dims = {name: whole.dims(name) for name in whole.models}
    assert dims == {"gru": {"a": [1], "b": [1]}, "MFD": {"a": [], "b": [3]}, "MB0": {"a": [2], "b": []}}
    assert "datasets" not in whole.model_slice("MFD") | whole.model_slice("gru")  # a new data set runs no old fit
    content["models"]["gru"]["datasets"] = ["b"]
    content["models"]["MB0"]["datasets"] = ["b", "c"]
    with pytest.raises(InputError, match=r"datasets.a: no model is fitted to it"):
        checked(content, "my.yaml", Config)
    with pytest.raises(InputError, match=r"models.MB0.datasets: \['c'\] not among the data sets; allowed: a, b"):
        checked(content, "my.yaml", Config)


def test_all_problems_are_told_at_once():
    content = edited("models.gru.l1", [-1]) | {"trainin": {}}
    with pytest.raises(InputError) as error:
        checked(content, "my.yaml", Config)
    assert "l1" in str(error.value)
    assert "trainin" in str(error.value)


def test_a_good_config_passes_and_has_every_default():
    whole = checked(good(), "my.yaml", Config)
    assert whole.cv.folds() == {"protocol": "blocks", "outer": 3, "inner": 2, "n_inner": 2, "seed": 1}
    assert whole.model_slice("gru") == {
        **{"family": "rnn", "cell": "gru", "readout": "full"},
        **{"l1": [1e-5], "seeds": 3, "rank": None, "subject_embedding": 0},
    }
    content = good()
    content["models"]["Q0"] = {"family": "cognitive"}
    expected = {"family": "cognitive", "model": "Q0", "optimizer": "gradient", "seeds": None, "prior": "none"}
    assert checked(content, "my.yaml", Config).model_slice("Q0") == expected


def test_problems_of_one_model_are_told_at_once():
    with pytest.raises(InputError) as error:
        checked(edited("models.g", {"family": "rnn", "dims": [1, 1], "rank": 2}), "my.yaml", Config)
    assert "models.g.dims: [1, 1] has a value twice" in str(error.value)
    assert "models.g.rank: found 2" in str(error.value)


def test_a_batch_is_about_data_sets_that_networks_are_fitted_to():
    content = edited("training", {"batch": 7})
    content["datasets"] |= {"many": content["datasets"]["a"] | {"n_blocks": 9}}
    content["models"] = {"gru": {"family": "rnn", "dims": [1], "datasets": ["many"]}, "MB0": {"family": "cognitive"}}
    assert checked(content, "my.yaml", Config).training.batch == 7


def test_a_batch_of_pooled_subjects_may_have_the_blocks_of_all_of_them():
    def with_batch(batch):
        content = edited("training", {"batch": batch}) | {"cv": {"protocol": "cross_subject", "outer": 2, "inner": 2}}
        content["datasets"]["a"] |= {"n_subjects": 4}
        return checked(content, "my.yaml", Config).training.batch

    assert with_batch(4 * 6) == 24
    with pytest.raises(InputError, match=r"training.batch: found 25; allowed: at most the blocks of datasets.a, 24"):
        with_batch(25)


def test_networks_of_pooled_subjects_may_have_an_embedding_and_low_rank_ones_a_rank():
    content = edited("models.gru.subject_embedding", 2) | {"cv": {"protocol": "cross_subject", "outer": 2, "inner": 2}}
    content["datasets"]["a"]["n_subjects"] = 4
    content["models"]["low"] = LOW_RANK | {"rank": 2, "dims": [2, 3]}
    whole = checked(content, "my.yaml", Config)
    for name, key in (("gru", "subject_embedding"), ("low", "rank")):
        slice_of_model = whole.model_slice(name)
        assert slice_of_model[key] == 2
        assert checked(slice_of_model, "--model", AnyModel)  # as a step checks it, without the dims


@pytest.mark.parametrize(
    ("given", "folds"),
    [
        ({}, (10, 9, 9, 1)),
        ({"single_inner_fold": True, "seed": 0}, (10, 1, 9, 0)),
        ({"protocol": "cross_subject"}, (6, 1, 5, 1)),  # one of the inner folds is run
        ({"protocol": "cross_subject", "outer": 4, "single_inner_fold": False}, (4, 5, 5, 1)),
        ({"protocol": "interspersed", "outer": 4}, (1, 1, 1, 0)),
        ({"protocol": "interspersed", "seed": 3}, (1, 1, 1, 3)),
    ],
)
def test_folds_that_are_not_given_are_the_paper_s(given, folds):
    cv = CrossValidation(**given).folds()
    assert (cv["outer"], cv["inner"], cv["n_inner"], cv["seed"]) == folds


def test_ids_that_look_like_numbers_are_ids():
    section = checked({"source": "bahrami", "subjects": [49, "x"]}, "t", AnyDataset)
    assert section.subjects == ["49", "x"]
    assert checked({"source": "bahrami", "subjects": 49}, "t", AnyDataset).subjects == 49


def test_given_datasets_models_and_analyses_replace_and_others_merge(tmp_path):
    given = tmp_path / "given.yaml"
    given.write_text(yaml.safe_dump({"models": {"LS0": {"family": "cognitive"}}, "cv": {"outer": 2}}))
    default = config.load(DEFAULT)
    whole = config.load(DEFAULT, [given], {"raw": "elsewhere"})
    assert list(whole.models) == ["LS0"]
    assert whole.datasets == default.datasets
    assert whole.raw == "elsewhere"
    # folds and training of the demo are its own: the paper's values hold beside what is given
    assert whole.cv == CrossValidation(outer=2)
    assert whole.training == Training()
    assert default.training != Training()
    assert config.load(DEFAULT, [given], {"training": {"seeds": 7}}).training == Training(seeds=7)
    assert default.cv.inner != 3
    assert config.load(DEFAULT, [], {"cv": {"inner": 3}}).cv == default.cv.model_copy(update={"inner": 3})


def test_a_data_set_s_cv_comes_before_the_run_s():
    own = edited("datasets.a.cv", {"outer": 2})
    whole = checked(own, "my.yaml", Config)
    assert whole.cv.folds()["outer"] == 3
    assert whole.folds("a") == {"protocol": "blocks", "outer": 2, "inner": 2, "n_inner": 2, "seed": 1}
    assert "cv" not in whole.datasets["a"].model_dump()  # nothing that makes its trial tables again
    with pytest.raises(InputError, match=r"datasets.a.n_blocks: .* blocks are fewer than cv.outer = 5000 folds"):
        checked(edited("datasets.a.cv", {"outer": 5000}), "my.yaml", Config)


@pytest.mark.parametrize("path", sorted((ROOT / "config/experiments").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_experiment_is_valid_and_its_own(path):
    whole = config.load(DEFAULT, [path])
    assert whole.run == path.stem
    assert not set(whole.datasets) & {"reversal"}, "a data set of the demo leaked in"


@pytest.mark.parametrize(("text", "message"), [("a: [", "not valid YAML"), ("- 1", "a config file is a mapping")])
def test_broken_files_are_named(tmp_path, text, message):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        config.load(DEFAULT, [path])
    assert str(path) in str(error.value)


def test_a_missing_file_is_named():
    with pytest.raises(InputError, match=r"nowhere\.yaml: no such config file"):
        config.load(DEFAULT, [Path("nowhere.yaml")])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("run: x\ndatasets:\n\tm: 1\n", r"line 3, column 1: a tab, which YAML does not allow there; use spaces"),
        ("run: x\ncv:\n  outer: 3\n \t inner: 2\n", r"line 4, column 2: a tab"),
        ("run: x\ndatasets: [1, 2\nmodels: {}\n", r"line 3, column 7: not valid YAML \(expected ',' or '\]'"),
        ("run: 'x\n", r"line 2, column 1: not valid YAML \(found unexpected end of stream"),
    ],
)
def test_faults_of_yaml_have_a_line_and_a_column(tmp_path, text, message):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        config.load(DEFAULT, [path])
    assert str(error.value).startswith(f"{path}, ")
    assert "\n" not in str(error.value)


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"run: caf\xe9\n")
    with pytest.raises(InputError, match=r"latin\.yaml: not UTF-8 text at byte 9"):
        config.load(DEFAULT, [path])


TABLE = {"source": "table", "task": "reversal", "file": "mice.csv"}


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """An experiment file in a folder below the working folder, with a table that is in none of the places yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    content = {"datasets": {"m": TABLE}, "models": {"LS0": {"family": "cognitive"}}}
    for path in ("x.yaml", "sub/x.yaml"):
        Path(path).write_text(yaml.safe_dump(content))
    return tmp_path


def table_of(path):
    return config.load(DEFAULT, [path]).datasets["m"].file


def test_a_table_beside_its_experiment_comes_first(experiment, monkeypatch):
    assert table_of("sub/x.yaml") == "mice.csv"  # not there: left to the working folder and to `raw`
    Path("mice.csv").touch()
    assert table_of("sub/x.yaml") == "mice.csv"
    Path("sub/mice.csv").touch()
    # one name for one file, however the experiment is named, so that nothing runs again
    assert table_of("sub/x.yaml") == table_of(experiment / "sub/x.yaml") == table_of("sub/../sub/x.yaml")
    assert table_of("sub/x.yaml") == "sub/mice.csv"
    assert table_of("x.yaml") == table_of(experiment / "x.yaml") == "mice.csv"
    monkeypatch.chdir(experiment / "sub")
    assert table_of("x.yaml") == "mice.csv"
    assert table_of("../x.yaml") == str(experiment / "mice.csv")


def test_the_raw_folder_comes_last(experiment):
    (experiment / "rawdata").mkdir()
    Path("rawdata/mice.csv").touch()
    options = config.load(DEFAULT, [Path("sub/x.yaml")]).datasets["m"].model_dump()
    assert table.files(options, Path("rawdata")) == [Path("rawdata/mice.csv")]
    Path("mice.csv").touch()
    assert table.files(options, Path("rawdata")) == [Path("mice.csv")]


def test_what_the_config_says_of_a_table_in_the_working_folder_stays(experiment):
    """A finished run's parameters must not change."""
    Path("mice.csv").touch()
    Path("x.yaml").write_text(Path("x.yaml").read_text().replace("mice.csv", "./sub/../mice.csv"))
    assert table_of("x.yaml") == table_of(experiment / "x.yaml") == "./sub/../mice.csv"


def test_a_table_that_is_nowhere_is_named_with_every_place(experiment):
    with pytest.raises(InputError) as error:
        preflight.check(config.load(DEFAULT, [Path("sub/x.yaml")]))
    first, second = str(error.value).split("\n")
    assert first.startswith("datasets.m: mice.csv: no such file (the data set's table); looked for ")
    assert f"for {experiment / 'mice.csv'} and, below `raw`, for {experiment / 'resources/raw/mice.csv'}." in first
    assert second.startswith("datasets.m: nor is there sub/mice.csv, ")
    with pytest.raises(InputError) as error:  # the config file's folder is the working folder
        preflight.check(config.load(DEFAULT, [Path("x.yaml")]))
    assert "\n" not in str(error.value)


def test_every_section_is_documented():
    """Those that the schema knows, which pydantic finds by itself."""
    known = {name for name, part in Config.model_json_schema()["$defs"].items() if part["type"] == "object"}
    assert {section.__name__ for _, section in documentation.sections()} == known | {"Config"}
    headings = [line[3:] for line in documentation.reference().split("\n") if line.startswith("## ")]
    assert "analyses.parameter_recovery" in headings
    assert len(headings) == len(set(headings)) == len(known) + 1


def test_every_key_has_a_description():
    for _, section in documentation.sections():
        for name, field in section.model_fields.items():
            assert field.description or name in ("source", "family", "kind"), (section, name)


def test_generated_pages_are_current():
    assert (ROOT / "config/README.md").read_text() == documentation.reference(), "run `make docs`"
    assert (ROOT / "workflow/schemas/config.schema.yaml").read_text() == documentation.schema(), "run `make docs`"
