"""What `snakemake --list` says of every rule."""

import re
import shlex

import pytest
from project import ROOT, Project

FILES = [ROOT / "Snakefile", ROOT / "workflow/bench/Snakefile", *sorted((ROOT / "workflow").glob("*/*.smk"))]
RULE = re.compile(r"^ *(?:rule|checkpoint|use rule)\b(.*):\n(.*)\n", flags=re.M)
SENTENCE = re.compile(r' {4,8}"""[A-Z][^"\n]*\."""')
RULES = {
    f"{path.parent.name}/{path.name} {name}": line for path in FILES for name, line in RULE.findall(path.read_text())
}


def test_every_rule_is_found():
    n_headers = sum(
        len(re.findall(r"^ *(?:rule|checkpoint|use rule)\b", path.read_text(), flags=re.M)) for path in FILES
    )
    assert len(RULES) == n_headers > 40


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_begins_with_a_sentence_of_what_it_does(rule):
    assert SENTENCE.fullmatch(RULES[rule]), f"{rule}: found {RULES[rule].strip()!r}"


@pytest.mark.slow
def test_a_folder_of_raw_files_may_have_a_space(tmp_path):
    raw = tmp_path / "raw data"
    payoffs = raw / "bahrami-4arm-bandit/4ArmBandit_DataAllSubjectsRewards.csv"
    payoffs.parent.mkdir(parents=True)
    payoffs.touch()
    agent = {"model": "MF", "parameters": {"alpha": 0.4, "beta": 4}}
    section = {"source": "simulate", "task": "four_armed_bandit", "agent": agent, "environment": {"kind": "bahrami"}}
    models, analyses = {"MF": {"family": "cognitive"}}, {"parameter_recovery": {"agents": 2}}
    project = Project(tmp_path, {"raw": str(raw), "datasets": {"d": section}, "models": models, "analyses": analyses})
    planned = project.snakemake("results/demo/recovery/d/MF.parquet", "--dry-run", "--cores", "1")
    (command,) = re.findall(r"tinycog recover .*", planned.output)
    assert str(payoffs) in shlex.split(command)
