"""Values checked against a section, and what is wrong with them in sentences for people."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from tinycog.errors import InputError

MUST = "; must be "


def checked(content: Mapping[str, Any], origin: Path | str, section: type[BaseModel] | Any) -> Any:
    """`content` as a checked `section`; raises InputError with one readable line for each problem."""
    try:
        return TypeAdapter(section).validate_python(content)
    except ValidationError as error:
        lines = [line for problem in error.errors() for line in _explain(problem, section)]
        raise InputError(f"{origin}: " + f"\n{origin}: ".join(_joined(lines))) from None


def _joined(lines: list[str]) -> list[str]:
    """The different lines; those that say of one value what it must be, one for each type it may have, are one."""
    musts: dict[str, list[str]] = {}
    for line in dict.fromkeys(lines):
        found, _, must = line.partition(MUST)
        musts.setdefault(found, []).append(must)
    return [MUST.join([found, " or ".join(of)]) if any(of) else found for found, of in musts.items()]


def _explain(problem: Mapping[str, Any], section: Any) -> list[str]:
    """One or more readable lines for one of pydantic's problems."""
    where, container, expected = _locate(problem["loc"], section)
    key = ".".join(where)
    prefix = f"{key}: " if key else ""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = sorted(container.model_fields)
        near = difflib.get_close_matches(where[-1], allowed, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return [f"{prefix}unknown key; {hint}Allowed here: {', '.join(allowed)}"]
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tag = str(context["discriminator"]).strip("'")
        found = f"found {context['tag']!r}" if "tag" in context else "this key is required"
        allowed = ", ".join(get_args(member.model_fields[tag].annotation)[0] for member in members_of(expected))
        return [f"{'.'.join([*where, tag])}: {found}; allowed: {allowed}"]
    found = f"{prefix}found {problem['input']!r}"
    pair = next((member for member in members_of(expected) if get_origin(member) is tuple), None)
    if pair and (
        kind == "tuple_type" or (kind in ("missing", "too_long") and isinstance(problem["input"], (list, tuple)))
    ):
        return [f"{found}{MUST}a list of {len(get_args(pair))}"]
    if kind == "missing":
        return [f"{prefix}this key is required"]
    if kind == "too_short":
        return [f"{found}; needs at least {context['min_length']} entry"]
    if kind == "value_error":
        lines = str(context["error"]).split("\n")
        return [f"{key}.{line}" if key and re.match(r"[A-Za-z_0-9.+-]+: ", line) else prefix + line for line in lines]
    message = problem["msg"].removeprefix("Input should be ")
    return [f"{found}{MUST}{message}"]


def members_of(annotation: Any) -> list[Any]:
    """The types that an annotation may stand for, without Annotated, Optional and Union around them."""
    if get_origin(annotation) is Annotated:
        return members_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [member for argument in get_args(annotation) for member in members_of(argument)]
    return [annotation]


def _locate(loc: tuple[Any, ...], section: Any) -> tuple[list[str], Any, Any]:
    """The keys as the user wrote them (pydantic adds tags of unions), the section that holds the last, its type."""
    where: list[str] = []
    container = expected = section
    for part in loc:
        if part == "[key]":  # the mapping's key itself is at fault
            continue
        members = members_of(expected)
        sections = [member for member in members if isinstance(member, type) and issubclass(member, BaseModel)]
        collections = [member for member in members if get_origin(member) in (dict, list)]
        if len(sections) > 1:  # the tag of a union: `simulate`, `rnn`, ...
            tags = {get_args(field.annotation): m for m in sections for field in m.model_fields.values()}
            expected = tags[(part,)]
        elif sections:
            container = sections[0]
            where.append(str(part))
            expected = container.model_fields[part].annotation if part in container.model_fields else None
        elif collections and (isinstance(part, int) or get_origin(collections[0]) is dict):
            where.append(str(part))
            expected = get_args(collections[0])[-1]
        # anything else is pydantic's own way of naming a member, which the user did not write
    return where, container, expected
