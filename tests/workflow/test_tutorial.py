"""docs/tutorial.md as it says: files are written, commands run, and the verdict is the one that it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys

import pytest
from project import ROOT

PAGE = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
BLOCK = re.compile(r'^```(?P<kind>\w*)(?: title="(?P<path>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)


def follow(folder) -> dict[str, str]:
    """Do what each block of the page says; what each command printed."""
    printed = {}
    for kind, path, text in BLOCK.findall(PAGE):
        if kind == "python":
            (folder / path).write_text(text, encoding="utf-8")
        elif not kind:
            for line in text.splitlines():
                program, *arguments = shlex.split(line)
                command = [sys.executable, *(["-m", "tinycog"] if program == "tinycog" else []), *arguments]
                done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
                assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
                printed[line] = done.stdout
    return printed


@pytest.mark.slow
def test_the_tutorial_leads_from_a_table_to_its_verdict(tmp_path):
    printed = follow(tmp_path)
    recognised = printed["tinycog import choices.csv"]
    assert "1 subjects, 40 blocks, 1200 trials, 1188 scored" in recognised
    assert "tinycog import choices.csv --task reversal" in recognised
    assert not [line for line in printed if line.split()[0] not in ("tinycog", "python")]
    shown = re.search(r'^```text title="read.py"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL)[1]
    found = printed["python read.py"]
    verdict = next(line for line in shown.splitlines() if ";" in line)
    assert verdict in found.splitlines()
    for rule in ("reference", "minimal", "validation", "argmin"):
        row = next(line for line in shown.splitlines() if f" {rule} " in line)
        assert row.split() in [line.split() for line in found.splitlines()]
    assert set(printed) >= {"tinycog run choices-quick.yaml", "tinycog plan choices-quick.yaml"}
