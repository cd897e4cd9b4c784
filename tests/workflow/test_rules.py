"""What `snakemake --list` says of every rule."""

import re

import pytest
from project import ROOT

FILES = [ROOT / "Snakefile", ROOT / "workflow/bench/Snakefile", *sorted((ROOT / "workflow").glob("*/*.smk"))]
RULE = re.compile(r"^(?:rule|checkpoint|use rule) (.*):\n(.*)\n", flags=re.M)
SENTENCE = re.compile(r' {4}"""[A-Z][^"\n]*\."""')
RULES = {
    f"{path.parent.name}/{path.name} {name}": line for path in FILES for name, line in RULE.findall(path.read_text())
}


def test_every_rule_is_found():
    n_headers = sum(len(re.findall(r"^(?:rule|checkpoint|use rule)\b", path.read_text(), flags=re.M)) for path in FILES)
    assert len(RULES) == n_headers > 40


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_begins_with_a_sentence_of_what_it_does(rule):
    assert SENTENCE.fullmatch(RULES[rule]), f"{rule}: found {RULES[rule].strip()!r}"
