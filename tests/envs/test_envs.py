"""Environment files: well formed, pinned, complete; and a run in which every rule has its own environment."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest
import rattler
import yaml
from project import ROOT, Project, small_config, small_table

from tinycog import provenance
from tinycog.models import registry
from tinycog.sources import registry as sources
from tinycog.tasks import task_of

ENVS = sorted((ROOT / "envs").glob("*.yaml"))
RULES = sorted((ROOT / "workflow").glob("*/*.smk"))
CONDA_NAMES = {
    "yaml": "pyyaml",
    "torch": "pytorch",
    "matplotlib": "matplotlib-base",
    "array_api_compat": "array-api-compat",
}
COMMAND_LINE = {"click", "pyyaml"}  # what `python -m tinycog` itself imports


def content(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def specs(path: Path) -> tuple[list[str], list[str]]:
    """What conda installs, and what pip does: packages that conda-forge lacks."""
    dependencies = content(path)["dependencies"]
    by_pip = [spec for part in dependencies if isinstance(part, dict) for spec in part["pip"]]
    return [spec for spec in dependencies if isinstance(spec, str)], by_pip


def packages(path: Path) -> set[str]:
    by_conda, by_pip = specs(path)
    return {rattler.MatchSpec(spec).name.normalized for spec in by_conda} | {spec.split("==")[0] for spec in by_pip}


@pytest.mark.parametrize("path", ENVS, ids=lambda path: path.stem)
def test_every_spec_parses_and_is_pinned(path):
    env = content(path)
    assert set(env) == {"channels", "dependencies"}
    assert env["channels"] == ["conda-forge", "nodefaults"]
    by_conda, by_pip = specs(path)
    for spec in by_conda:
        version = str(rattler.MatchSpec(spec).version)
        assert re.fullmatch(r"\d+\.\d+\.\*", version), f"{spec}: pin a minor version, as in `=1.2`"
    for spec in by_pip:
        assert re.fullmatch(r"[a-z]+==\d+\.\d+\.\d+", spec), f"{spec}: pin a version, as in `==1.2.3`"
    assert any(spec.startswith("pip ") for spec in by_conda) == bool(by_pip)
    assert "python =3.11" in env["dependencies"]


@pytest.mark.parametrize("path", ENVS, ids=lambda path: path.stem)
def test_pins_are_the_lock_s_versions(path):
    lock = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), flags=re.M))
    names = {"pytorch": "torch", "matplotlib-base": "matplotlib"}
    by_conda, by_pip = specs(path)
    for spec in by_conda:
        name, version = spec.split(" =")
        if name not in ("python", "pip"):
            assert lock[names.get(name, name)].startswith(f"{version}."), spec
    for name, version in (spec.split("==") for spec in by_pip):
        assert name == "pysr" or lock[name] == version  # PySR fetches Julia when it is first imported


def rules() -> dict[str, tuple[Path, set[str]]]:
    """Folder and name of each rule: its environment file, and the modules that its `code` parameter names."""
    found = {}
    models = {registry.module(task_of("reversal"), {"family": "rnn", "cell": cell}) for cell in registry.CELLS}
    for name, model in registry.COGNITIVE["reversal"].items():
        models.add(registry.module(task_of("reversal"), {"family": "cognitive", "model": name}))
        assert model
    for path in RULES:
        for block in re.split(r"\n(?=rule |checkpoint )", path.read_text())[1:]:
            name = re.match(r"(?:rule|checkpoint) (\w+)", block).group(1)
            env = re.search(r'conda:\n\s+"(.*)"', block).group(1)
            modules = set(re.findall(r'"(tinycog\.[\w.]+)"', block))
            modules |= models if re.search("(model|fit|cell|calibration|cognitive)_code", block) else set()
            if re.search("(fit|cell|calibration)_code", block):
                modules |= {*map(registry.kernel, registry.KERNELS), "tinycog.fitting.networks"}
            if re.search("(fit|cognitive)_code", block):
                modules.add("tinycog.fitting.cognitive")
            steps = {"fit_code": "steps.fit", "cognitive_code": "benchmark.steps.time_engine"}
            steps["calibration_code"] = "benchmark.steps.calibrate"
            modules |= {f"tinycog.{step}" for key, step in steps.items() if key in block}
            if "preparing(" in block:
                modules |= {"tinycog.steps.prepare", *(name for name in models if ".cells." not in name)}
                modules |= {sources.module(source) for source in sources.SOURCES}
            found[f"{path.parent.name}.{name}"] = ((path.parent / env).resolve(), modules)
    return found


def third_party(*modules):
    """Top-level names, outside the package and the standard library, that `modules` import, directly or not."""
    imported = {name.split(".")[0] for module in provenance.closure(modules) for name in provenance.imports(module)}
    return imported - set(sys.stdlib_module_names) - {"tinycog"}


@pytest.mark.parametrize("rule", rules())
def test_every_import_of_a_rule_is_in_its_environment(rule):
    env, modules = rules()[rule]
    assert modules, f"rule {rule} names no code"
    imported = {CONDA_NAMES.get(name, name) for name in third_party(*modules)} | COMMAND_LINE
    assert imported <= packages(env), f"{env.name} lacks {imported - packages(env)}"


def test_provenance_follows_imports_of_imports():
    files = {Path(path).name for path in provenance.sources("tinycog.steps.fit")}
    assert {"fit.py", "engine.py", "objective.py", "splits.py", "storage.py"} <= files
    assert not {"config.py", "registry.py", "portrait.py", "gru.py", "adam.py", "nelder_mead.py"} & files
    assert third_party("tinycog.steps.split") == {"numpy", "pyarrow"}


def test_how_a_model_is_fitted_is_code_of_its_fits_alone():
    """The module that fits a model is named by its class, and by the rule that fits."""
    fitters = {"networks.py", "adam.py", "quasi_newton.py", "nelder_mead.py"}
    task = task_of("bandit")
    specs = {"gru": {"family": "rnn", "cell": "gru"}, "MB0": {"family": "cognitive", "model": "MB0"}}
    kinds = {name: registry.kind(task, spec) for name, spec in specs.items()}

    def files(*modules):
        return {Path(path).name for path in provenance.sources(*modules)} & fitters

    assert files(kinds["gru"].fitted_by) == {"networks.py", "adam.py"}
    assert files(kinds["MB0"].fitted_by) == {"quasi_newton.py", "nelder_mead.py"}
    for kind in kinds.values():
        for step in ("fit", "score"):
            assert not files(f"tinycog.steps.{step}", kind.__module__)


@pytest.mark.slow
def test_a_run_with_an_environment_for_each_rule(tmp_path):
    """With a stand-in for conda that makes virtual environments; see its docstring for what this proves."""
    prefix = tmp_path / "conda"
    (prefix / "bin").mkdir(parents=True)
    script = (ROOT / "tests/envs/standin_conda.py").read_text().split("\n", 1)[1]
    (prefix / "bin/conda").write_text(f"#!{sys.executable}\n{script}")
    (prefix / "bin/conda").chmod(0o755)
    (prefix / "bin/activate").write_text('source "$1/bin/activate"\n')
    folder = tmp_path / "project"
    folder.mkdir()
    small_table(folder)
    config = small_config()
    config["models"]["gru"]["dims"] = [1]
    config["datasets"]["agents"] = {"source": "simulate", "task": "reversal", "n_blocks": 6, "n_trials": 8}
    config["analyses"] |= {"parameter_recovery": {"agents": 2}, "symbolic_regression": {"evaluations": 1000}}
    project = Project(folder, config)
    env = {
        "PATH": os.pathsep.join([str(prefix / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "STANDIN_CONDA_LOCK": str(ROOT / "requirements.lock"),
        "PYTHONPATH": "",
    }
    run = project.snakemake("--cores", "2", "--sdm", "conda", env=env)
    assert run.code == 0, run.output
    unused = {"pysr"}
    assert len(list((folder / ".snakemake/conda").glob("*/pyvenv.cfg"))) == len({path.stem for path in ENVS} - unused)
    assert (project.results / "tables/performance.csv").is_file()
    shutil.rmtree(folder / ".snakemake/conda")
