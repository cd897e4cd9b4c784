"""Options of `import` that state how a table is coded; each is a key of the data set's section."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from tinycog.errors import InputError
from tinycog.options import together
from tinycog.sources.canonical import listed

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " ", "\\t": "\t"}

options = together(
    click.option(
        "--columns",
        default="",
        help="canonical=own names, separated by commas: action=choice,reward=win; canonical ones are listed below",
    ),
    click.option("--choices", help="values of the choice in the order of the codes: left,right, or 1,2"),
    click.option("--choices2", help="values of the second choice: two, or four, two for each state"),
    click.option("--states", help="values of the state; the first choice commonly leads to the first one"),
    click.option("--transition", help="column,common=VALUE,rare=VALUE where no column has the state"),
    click.option(
        "--reward", help="range: -1,1; worth of words: win=1,loss=0; or columns of both: gain=COLUMN,loss=COLUMN"
    ),
    click.option("--missing", multiple=True, metavar="COLUMN=VALUE", help="value of missed trials; may be repeated"),
    click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="rows to keep; may be repeated; none for all"),
    click.option("--drop", multiple=True, metavar="COLUMN=VALUE", help="rows to leave out; may be repeated"),
    click.option("--subject", "pattern", help="regular expression that finds the subject's id in a file's name"),
    click.option("--condition", help="column of a condition whose values are analysed apart in each subject"),
    click.option("--covariates", help="columns with one value a subject that are kept, separated by commas; or none"),
    click.option("--order", help="columns by which rows are sorted, separated by commas; or none"),
    click.option("--restarts", help="column of trial numbers that fall back where a block begins"),
    click.option("--separator", help="between cells: comma, semicolon, tab, bar or space, or the sign itself"),
    click.option("--decimal", type=click.Choice([".", ","]), help="decimal point or comma"),
    click.option("--encoding", help="of the text: utf-8, latin-1, ..."),
    click.option("--header", type=click.Choice(["first", "none"]), help="whether the first line has the names"),
    click.option("--skip", type=int, help="lines above the table that are no part of it"),
)


def section(given: dict[str, Any]) -> dict[str, Any]:
    """Keys of a data set's section from the values of `options`; what was not given is left out.

    Raises:
        InputError: a value is not of the form that the option has.
    """
    found: dict[str, Any] = {}
    if given["columns"]:
        pairs = _pairs(given["columns"].split(","), "columns", "action=choice,reward=win", listed())
        found["columns"] = {canonical: own or None for canonical, own in pairs.items()}
    for key in ("choices", "choices2", "states"):
        if given[key]:
            found[key] = [_value(text) for text in given[key].split(",")]
    for key in ("where", "drop", "missing"):
        if given[key]:
            found[key] = {} if given[key] == ("none",) else _several(given[key], key)
    for key in ("order", "covariates"):
        if given[key]:
            found[key] = [] if given[key] == "none" else given[key].split(",")
    for key in ("condition", "restarts", "decimal", "encoding"):
        if given[key]:
            found[key] = given[key]
    if given["pattern"]:
        found["subject"] = {"from": "name", "pattern": given["pattern"]}
    if given["separator"]:
        found["separator"] = SEPARATORS.get(given["separator"], given["separator"])
    if given["skip"] is not None:
        found["skip"] = given["skip"]
    if given["header"]:
        found["header"] = given["header"] == "first"
    if given["reward"]:
        found["reward"] = _reward(given["reward"])
    if given["transition"]:
        column, *pairs = given["transition"].split(",")
        values = _pairs(pairs, "transition", "kind,common=1,rare=0")
        if set(values) != {"common", "rare"}:
            raise InputError(f"--transition: found {given['transition']!r}; write it as in kind,common=1,rare=0")
        found["transition"] = {"column": column, **{key: _value(value) for key, value in values.items()}}
    return found


def _value(text: str) -> int | float | str:
    """A number where the text is one, as YAML would have it."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _pairs(parts: Iterable[str], option: str, example: str, more: str = "") -> dict[str, str]:
    pairs = [part.split("=", 1) for part in parts if part]
    if bad := [pair for pair in pairs if len(pair) != 2]:
        what = "canonical=own, as in " if more else "it as in "
        meaning = f". Canonical columns:\n{more}" if more else ""
        raise InputError(f"--{option}: found {bad[0][0]!r}; write {what}{example}{meaning}")
    return dict(pairs)


def _several(given: Iterable[str], option: str) -> dict[str, list[Any]]:
    """Column: values; an option that is repeated for a column adds a value."""
    found: dict[str, list[Any]] = {}
    for part in given:
        for column, value in _pairs([part], option, "column=value").items():
            found.setdefault(column, []).append(_value(value))
    return found


def _reward(text: str) -> dict[str, Any]:
    """A range, what words are worth, or the columns of gains and losses."""
    parts = text.split(",")
    if "=" not in text:
        ends = [_value(part) for part in parts]
        if len(ends) == 2 and not any(isinstance(end, str) for end in ends):
            return {"range": ends}
    else:
        pairs = _pairs(parts, "reward", "win=1,loss=0")
        values = {key: _value(value) for key, value in pairs.items()}
        if set(pairs) == {"gain", "loss"} and any(isinstance(value, str) for value in values.values()):
            return pairs
        if not any(isinstance(value, str) for value in values.values()):
            return {"values": values}
    raise InputError(
        f"--reward: found {text!r}; write a range (-1,1), words (win=1,loss=0) or columns (gain=won,loss=lost)"
    )
