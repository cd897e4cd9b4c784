"""Numbers in a config as people write them."""

import pytest
import yaml

from tinycog.config import load
from tinycog.errors import InputError
from tinycog.options import DEFAULT_CONFIG, overrides_of
from tinycog.sections import yaml12

FILE = "models: {{gru: {{family: rnn, l1: [{}], dims: [1]}}}}\ntraining: {{max_epochs: {}}}\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-5", 1e-5),
        ("1E-5", 1e-5),
        ("+1e3", 1e3),
        ("-2e+3", -2e3),
        ("1.e-5", 1e-5),
        (".5e-2", 5e-3),
        ("1.0e-5", 1e-5),
    ],
)
def test_numbers_with_an_exponent(text, value):
    assert yaml12.read(f"[{text}]") == [value]
    assert yaml12.reread({"a": [text, "e5"]}) == {"a": [value, "e5"]}


@pytest.mark.parametrize("text", ["e5", "1e", "1e5x", "x1e5", "1e-5e", "'1e5'", "1_000e"])
def test_other_texts_stay_texts(text):
    assert yaml12.read(text) == yaml.safe_load(text) == text.strip("'")


def test_a_config_takes_them_in_files_and_in_overrides(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(FILE.format("1e-5", 100))
    assert load(DEFAULT_CONFIG, [path]).models["gru"].l1 == [1e-5]
    # as Snakemake gives them, and as this command line does
    for given in ({"training": {"learning_rate": "1e-2"}}, overrides_of(("training={learning_rate: 1e-2}",))):
        assert load(DEFAULT_CONFIG, [path], given).training.learning_rate == 0.01


def test_words_of_snakemakes_command_line_are_values(tmp_path):
    """It leaves them as texts, in a value and within one."""
    path = tmp_path / "own.yaml"
    path.write_text(FILE.format("0.1", 100))
    for word, value in (("true", True), ("True", True), ("false", False)):
        assert load(DEFAULT_CONFIG, [path], {"allow_missing": word}).allow_missing is value
    assert yaml12.reread({"a": [{"b": "null"}, "None", "truth", 3]}) == {"a": [{"b": None}, "None", "truth", 3]}


@pytest.mark.parametrize("epochs", ["true", "1.0", "1e3", "'100'"])
def test_what_is_counted_is_a_whole_number(tmp_path, epochs):
    path = tmp_path / "own.yaml"
    path.write_text(FILE.format("0.1", epochs))
    with pytest.raises(InputError, match=r"training\.max_epochs: found"):
        load(DEFAULT_CONFIG, [path])
