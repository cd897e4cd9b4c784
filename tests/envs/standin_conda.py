#!/usr/bin/env python3
"""A stand-in for conda where there is none: answers what Snakemake asks; `env create` makes a virtual environment.

It proves that each environment's list of packages is complete and that rules are isolated. It does not prove that conda
can solve the environments.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

PIP_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}  # conda name: pip name, where they differ


def requirements(env_file: Path) -> list[str]:
    """pip requirements of an environment file; `=1.2` means 1.2.*; python is the one that runs this script."""
    found = []
    for spec in yaml.safe_load(env_file.read_text())["dependencies"]:
        if isinstance(spec, dict):
            found += spec["pip"]
            continue
        name, version = re.fullmatch(r"([\w.-]+) =([\w.]+)", spec).groups()
        if name not in ("python", "pip"):
            found.append(f"{PIP_NAMES.get(name, name)}=={version}.*")
    return found


def create(arguments: list[str]) -> None:
    env_file, prefix = (arguments[arguments.index(option) + 1] for option in ("--file", "--prefix"))
    subprocess.run([sys.executable, "-m", "venv", prefix], check=True)
    pip = [f"{prefix}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = os.environ["STANDIN_CONDA_LOCK"]
    subprocess.run([*pip, "--constraint", lock, *requirements(Path(env_file))], check=True)


def main(arguments: list[str]) -> None:
    match arguments:
        case ["info", "--json"]:
            print(json.dumps({"conda_prefix": str(Path(__file__).resolve().parent.parent), "platform": "linux-64"}))
        case ["--version"]:
            print("conda 24.7.1")
        case ["config", "--get", "channel_priority", "--json"]:
            print(json.dumps({"get": {"channel_priority": "strict"}}))
        case ["env", "create", *_]:
            create(arguments)
        case ["clean", *_]:
            pass
        case _:
            sys.exit(f"stand-in conda: not known: {arguments}")


if __name__ == "__main__":
    main(sys.argv[1:])
