"""How far a run is, from files alone: every number against the files that are there."""

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

from tinycog import cli
from tinycog.config import Config
from tinycog.results.layout import Layout
from tinycog.sections.messages import checked
from tinycog.setup import costs, expected, planning, status
from tinycog.storage import write_columns, write_json

CONTENT = {
    "run": "mine",
    "datasets": {"a": {"source": "simulate", "task": "bandit", "n_subjects": 2, "n_blocks": 6, "n_trials": 5}},
    "models": {"G": {"family": "rnn", "dims": [1, 2], "l1": [0]}, "MB0": {"family": "cognitive"}},
    "cv": {"outer": 2, "inner": 2},
    "analyses": {"parameters": {"refit": "all"}},
}


@pytest.fixture
def config() -> Config:
    return checked(CONTENT, "t", Config)


def prepare(config: Config, root: Path) -> None:
    meta = root / "data/a/meta.json"
    meta.parent.mkdir(parents=True)
    write_json(meta, planning.meta(config, "a"))


def fit(root: Path, subject: str, model: str, dim: int, outer: int, reasons: list[str]) -> Path:
    path = Layout(root).fit("a", subject, model, dim, outer)
    write_columns(path, {"inner": np.arange(len(reasons)), "reason": np.array(reasons)})
    save_file({"w": np.zeros(3)}, path.with_suffix(".safetensors"))
    return path


def by_name(config: Config, root: Path) -> dict[str, status.State]:
    return {state.name: state for state in status.states(config, root)}


def test_nothing_is_done_before_data_are_prepared(config, tmp_path):
    found = by_name(config, tmp_path)
    assert {name: (state.done, state.jobs) for name, state in found.items()} == {
        "G": (0, 2 * 2 * 2),
        "MB0": (0, 2 * 2),
        "refit_parameters": (0, 2),
    }
    planned = sum(one.n * one.seconds for one in expected.jobs(config, planning.meta(config, "a"), costs.read()))
    assert sum(state.seconds for state in found.values()) == pytest.approx(planned)


def test_jobs_are_done_that_have_all_their_files(config, tmp_path):
    prepare(config, tmp_path)
    before = by_name(config, tmp_path)["G"].seconds
    fit(tmp_path, "s0", "G", 1, 0, ["", "", ""])
    fit(tmp_path, "s0", "G", 2, 0, ["", "loss is not finite", "loss is not finite"])
    fit(tmp_path, "s1", "G", 2, 1, [""]).unlink()  # its parameters alone
    Layout(tmp_path).refit("a", "s1", "MB0").parent.mkdir(parents=True)
    write_columns(Layout(tmp_path).refit("a", "s1", "MB0"), {"inner": np.arange(1)})
    found = by_name(config, tmp_path)
    state = found["G"]
    assert (state.done, state.jobs, state.fits, state.failed) == (2, 8, 6, 2)
    assert state.reasons == {"loss is not finite": 2}
    assert state.damaged == {}
    seconds = {
        one.where["dim"]: one.seconds
        for one in expected.jobs(config, planning.meta(config, "a"), costs.read())
        if one.where.get("model") == "G"
    }
    assert before - state.seconds == pytest.approx(seconds["1"] + seconds["2"])
    assert (found["refit_parameters"].done, found["refit_parameters"].failed) == (1, 0)
    total = status.total(list(found.values()))
    assert (total.done, total.jobs, total.fits, total.failed) == (3, 14, 6, 2)


@pytest.mark.parametrize("suffix", [".parquet", ".safetensors"])
def test_a_damaged_file_is_named_and_its_job_is_not_done(config, tmp_path, suffix):
    prepare(config, tmp_path)
    path = fit(tmp_path, "s0", "MB0", 2, 1, ["", ""]).with_suffix(suffix)
    os.truncate(path, path.stat().st_size // 2)
    state = by_name(config, tmp_path)["MB0"]
    assert (state.done, state.fits, list(state.damaged)) == (0, 0, [path])


def test_a_job_without_a_result_is_told_by_the_end_of_its_log(config, tmp_path):
    prepare(config, tmp_path)
    for subject in ("s0", "s1"):
        log = tmp_path / f"logs/fit_model/a/{subject}/G/d1/outer0.log"
        log.parent.mkdir(parents=True)
        log.write_text("warning: few choices\nError: no space\n\n")
    fit(tmp_path, "s1", "G", 1, 0, [""])
    assert by_name(config, tmp_path)["G"].stopped == {"Error: no space": 1}


def test_shares_that_are_too_small_to_be_fitted_have_not_failed(tmp_path, monkeypatch):
    content = CONTENT | {"analyses": {"data_requirement": {"shares": [1, 0.5], "models": ["MB0"]}}}
    the_config = checked(content, "t", Config)
    root = tmp_path / "results/mine"
    prepare(the_config, root)
    layout = Layout(root)
    said = ["", "not fitted: 1 blocks are fewer than 2 inner folds", "every fit failed; the first: loss is not finite"]
    for name, reasons in (("data_requirement_folds", said), ("blocks", [])):
        path = layout.share("requirement", "a", "s0", "MB0", 2, 1, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_columns(path, {"reason": np.array(reasons, dtype=str)})
    state = by_name(the_config, root)["fit_shares"]
    assert (state.done, state.jobs, state.fits, state.failed) == (1, 4, 2, 1)
    assert state.reasons == {"every fit failed; the first: loss is not finite": 1}
    assert state.not_fitted == {"1 blocks are fewer than 2 inner folds": 1}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(str(content))
    lines = CliRunner().invoke(cli.main, ["status", "mine.yaml"]).output.splitlines()
    assert lines[-2:] == [
        "failed: a, fit_shares: 1 fits: every fit failed; the first: loss is not finite",
        "not fitted: a, fit_shares: 1 shares: 1 blocks are fewer than 2 inner folds",
    ]


def test_equations_and_recovered_agents_are_looked_for_where_their_rules_make_them(tmp_path):
    analyses = {"symbolic_regression": {"models": ["G"]}, "parameter_recovery": {"agents": 2}}
    the_config = checked(CONTENT | {"analyses": analyses}, "t", Config)
    prepare(the_config, tmp_path)
    found = by_name(the_config, tmp_path)
    jobs = {name: (state.done, state.jobs) for name, state in found.items() if name not in ("G", "MB0")}
    assert jobs == {
        "recover_parameters": (0, 1),
        "search_equations": (0, 4),
        "choose_equations": (0, 4),
        "fit_formula": (0, 4),
    }
    log = tmp_path / "logs/fit_formula/a/s1/G/d2.log"
    log.parent.mkdir(parents=True)
    log.write_text("Error: no equation\n")
    recovery = tmp_path / "recovery/a/MB0.parquet"
    folder = tmp_path / "dynamics/a/s0/G/d1"
    for path in (recovery, folder / "symbolic_regression.parquet", folder / "formula_fits.parquet"):
        path.parent.mkdir(parents=True, exist_ok=True)
        column = {"reason": np.array(["", "loss is not finite"])} if path.stem == "formula_fits" else {"x": np.ones(2)}
        write_columns(path, column)
    for name in ("formula_points", "formula_curves", "formula_rules"):
        write_columns(folder / f"{name}.parquet", {"x": np.ones(1)})
    write_json(folder / "operon.json", [{"reason": ""}])
    write_json(folder / "rules.json", [{"reason": "no equation"}])
    found = by_name(the_config, tmp_path)
    assert [found[name].done for name in jobs] == [1, 1, 1, 0]
    assert found["fit_formula"].stopped == {"Error: no equation": 1}
    write_columns(folder / "formula_found.parquet", {"x": np.ones(1)})
    state = by_name(the_config, tmp_path)["fit_formula"]
    assert (state.done, state.fits, state.failed) == (1, 2, 1)


def test_files_are_those_of_the_rules():
    """What status looks for is what the workflow's rules of equations make, by the text of these rules."""
    text = (Path(__file__).parents[2] / "workflow/rules/symbolic_regression.smk").read_text()
    place = {"dataset": "a", "subject": "s0", "model": "G", "dim": "1"}
    for rule in ("search_equations", "search_equations_with_pysr", "choose_equations", "fit_formula"):
        own = text.split(f"{rule}:")[-1] if f"\nrule {rule}:" in text else text.split(f" as {rule} with:")[-1]
        output = own.split("output:")[1].split("log:")[0].split("conda:")[0]
        for file in status.FILES[rule](Layout(Path("r")), place, 0):
            assert file.parent == Path("r/dynamics/a/s0/G/d1")
            assert file.name in output, (rule, file)


def test_files_and_logs_of_a_distillation_are_those_of_its_rules():
    text = (Path(__file__).parents[2] / "workflow/rules/distillation.smk").read_text()
    layout, place = Layout(Path("r"), {"a": 1}), {"dataset": "a", "target": "s0", "n": "3", "width": "0"}
    place |= {"method": "solo", "model": "G", "dim": "1"}
    for rule, mode in (("fit_target_teacher", {}), ("fit_student", {"mode": "soft"}), ("fit_without_teacher", {})):
        own = text.split(f"rule {rule}:")[1].split("conda:")[0].replace("{{", "{").replace("}}", "}")
        where = {**place, **mode, "target": layout.directory("a", "s0")}
        files = status.FILES[rule](layout, place | mode, 0)
        suffixes = [file.suffix for file in files]
        assert suffixes == ([".parquet"] if rule == "fit_target_teacher" else [".parquet", ".json"])
        made = own.split("output:")[1].replace("{TARGET}", "r/distillation/{dataset}/{target}").format(**where)
        assert all(f'"{file.with_suffix("")}' in made for file in files)
        log = own.split('log:\n        "<run>/')[1].split('"')[0].format(**where)
        assert log == f"logs/{rule}/{files[0].relative_to('r/distillation').with_suffix('.log')}"


def test_the_command_prints_a_line_for_each_model_and_what_is_wrong(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(str(CONTENT))  # a mapping of YAML too
    again = lambda: CliRunner().invoke(cli.main, ["status", "mine.yaml"])  # noqa: E731
    assert again().exit_code == 1
    assert "results/mine: no such folder: the run has not been started from here" in again().output
    prepare(checked(CONTENT, "t", Config), tmp_path / "results/mine")
    fit(tmp_path / "results/mine", "s0", "G", 1, 0, ["", "loss is not finite"])
    done = again()
    assert done.exit_code == 0, done.output
    header, of_g, of_mb0, refits, total, failed = done.output.splitlines()
    assert header.split() == ["data", "set", "fits", "jobs", "done", "missing", "failed", "fits", "core-time", "left"]
    assert of_g.split()[:9] == ["a", "G", "1", "of", "8", "7", "1", "of", "2"]
    assert of_mb0.split()[:6] == ["a", "MB0", "0", "of", "4", "4"]
    assert refits.split()[:6] == ["a", "refit_parameters", "0", "of", "2", "2"]
    assert total.split()[:8] == ["total", "1", "of", "14", "13", "1", "of", "2"]
    assert failed == "failed: a, G: 1 fits: loss is not finite"


def test_every_rule_that_fits_has_its_files():
    """Those that `expected.jobs` can name, by the rules of the workflow."""
    rules = (Path(__file__).parents[2] / "workflow/rules").glob("*.smk")
    text = "".join(path.read_text() for path in rules)
    for rule in status.FILES:
        assert f"rule {rule}:" in text or f" as {rule} with:" in text
    source = Path(expected.__file__).read_text()
    assert all(f'"{rule}"' in source for rule in status.FILES)
