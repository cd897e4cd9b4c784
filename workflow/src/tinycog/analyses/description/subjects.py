"""Put together what is known of each subject as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tinycog.analyses.description.tables import SUBJECTS
from tinycog.errors import InputError
from tinycog.sources import covariates
from tinycog.storage import read_json


def subjects(metas: list[Path], folder: Path, files: dict[str, dict[str, Any]]) -> None:
    """Write table `subjects` to `folder`, from what the data sets' meta.json and files say of each subject.

    Args:
        files: data set: section `covariates` of those that have a file, with the path where it was found.
    """
    rows = [
        {"dataset": meta["dataset"], "subject": subject, "covariate": covariate, "value": value}
        for meta in map(read_json, metas)
        for subject, about in _about(meta, files.get(meta["dataset"])).items()
        for covariate, value in about.items()
    ]
    SUBJECTS.write(folder, rows)


def _about(meta: dict[str, Any], options: dict[str, Any] | None) -> dict[str, dict[str, str]]:
    """Covariate: value of each subject that is analysed; a file says it of persons, where these have conditions."""
    drawn = meta["source"] == "simulate"  # then these are the agents' parameters, which nobody would know of a subject
    in_data = {} if drawn else meta["parameters"].get("subjects", {})
    found = {subject: dict(in_data.get(subject, {})) for subject in meta["subjects"]}
    if not options:
        return found
    persons = {subject: about.get(covariates.PERSON, subject) for subject, about in found.items()}
    condition = meta["options"].get("condition")
    everybody = meta["options"]["subjects"] == "all" and not condition
    known = {*meta["subjects"], *(row["subject"] for row in meta["removed"] if "subject" in row)} if everybody else None
    of_persons = covariates.read(meta["dataset"], Path(options["file"]), options, known, condition)
    nothing = dict.fromkeys(next(iter(of_persons.values()), {}), "")
    for subject, person in persons.items():
        if clash := found[subject].keys() & nothing.keys():
            place = f"datasets.{meta['dataset']}.covariates: {options['file']}, column {min(clash)!r}"
            raise InputError(f"{place}: the data have a covariate of this name; rename it, or state other `columns`")
        found[subject] |= of_persons.get(person, nothing)
    return found
