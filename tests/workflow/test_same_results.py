"""Results are the same bytes whatever the machine's settings are: cores, threads, hashes, language, time zone."""

from __future__ import annotations

import subprocess

import pandas as pd
import pytest
from project import Project, small_config, small_table

ONE = {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
OTHER = {"PYTHONHASHSEED": "4294967295", "TZ": "Pacific/Kiritimati", "OMP_NUM_THREADS": "2", "NUMBA_NUM_THREADS": "2"}


def another_language() -> str:
    """A locale with decimal commas and an order of letters of its own, if the machine has one."""
    known = subprocess.run(["locale", "-a"], capture_output=True, text=True).stdout.split()
    return next((name for name in known if name.lower().startswith(("de_", "fr_", "tr_", "sv_"))), "C.UTF-8")


@pytest.mark.slow
def test_settings_of_the_machine_change_no_result(tmp_path):
    config = small_config()
    config["datasets"]["mine"] |= {"columns": {"task_note": "note"}, "augment": 1}
    config["models"] = {"gru": {"family": "rnn", "dims": [2], "l1": [1e-5]}, "MB0": {"family": "cognitive"}}
    config["analyses"] = {"dimensionality": {"bootstrap": 100}}
    files = []
    for name, cores, env in (("one", "1", ONE), ("other", "2", OTHER | {"LC_ALL": another_language()})):
        folder = tmp_path / name
        folder.mkdir()
        table = pd.read_csv(small_table(folder))
        table["subject"] = table["subject"].map({"m1": "Zoë", "m2": "Ägir"})
        table.assign(note="süß, 1,5").to_csv(folder / "choices.csv", index=False)
        project = Project(folder, config)
        run = project.snakemake("--cores", cores, env=env)
        assert run.code == 0, run.output
        files.append(project.files())
    one, other = files
    assert one.keys() == other.keys()
    assert len(one) > 30
    assert [name for name in one if one[name] != other[name]] == []
