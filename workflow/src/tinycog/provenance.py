"""What a step's result depends on: the modules it imports, and theirs.

Rules name a digest of these as their `code` parameter, so that after an edit of a module the rules that use it run
again, and no others. The digest depends on the files' contents and not on their paths: moving a module runs nothing
again. The registries are left out: they choose by name, and the rule names what was chosen.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

PACKAGE = Path(__file__).parent
CHOOSERS = frozenset({"tinycog.models.registry", "tinycog.sources.registry"})


class Source(NamedTuple):
    """A file's text, its imports, and which of these stand there for type checking alone."""

    text: str
    imports: list[ast.Import | ast.ImportFrom]
    for_types: set[ast.AST]


def sources(*modules: str) -> list[str]:
    """Paths of `modules` and of every tinycog module they import, directly or not, sorted."""
    return sorted(str(path) for name in closure(modules) if (path := _path(name)) is not None)


def digest(*modules: str) -> str:
    """A short digest of the text of `modules` and of every tinycog module they import."""
    written = (path for path in sources(*modules) if Path(path).stat().st_size)  # a package's empty file says nothing
    own = sorted(map(_fingerprint, written))
    return hashlib.sha256("".join(own).encode()).hexdigest()[:16]


@functools.cache
def _fingerprint(path: str) -> str:
    """Digest of a file's text, with each import within the package replaced by the name bound and the imported text."""
    bound = []
    for node in filter(_is_ours, _source(Path(path)).imports):
        for alias in node.names:
            module = name if _path(name := f"{node.module}.{alias.name}") else node.module
            bound.append(f"{alias.asname or alias.name} {'' if module in CHOOSERS else _own_text(_path(module))}")
    return hashlib.sha256("\n".join([_own_text(Path(path)), *sorted(bound)]).encode()).hexdigest()


@functools.cache
def _own_text(path: Path) -> str:
    """Digest of a file's text without its imports from the package."""
    source = _source(path)
    lines = source.text.splitlines()
    for node in filter(_is_ours, source.imports):
        lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return hashlib.sha256("\n".join(filter(str.strip, lines)).encode()).hexdigest()


def _is_ours(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "tinycog"


def closure(modules: Iterable[str]) -> set[str]:
    """`modules` and every tinycog module they import, directly or not."""
    seen: set[str] = set()
    pending = list(modules)
    while pending:
        name = pending.pop()
        if name in seen or name in CHOOSERS or _path(name) is None:
            continue
        seen.add(name)
        pending += [imported for imported in imports(name) if imported.startswith("tinycog")]
        pending.append(name.rpartition(".")[0])  # importing a module runs its packages' __init__
    return seen


@functools.cache
def _path(module: str) -> Path | None:
    """File of a tinycog module; None for a name that is no module (an attribute, say)."""
    if module.split(".")[0] != "tinycog":
        return None
    stem = PACKAGE.joinpath(*module.split(".")[1:])
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@functools.cache
def imports(module: str) -> frozenset[str]:
    """Absolute names that a module imports anywhere in its text, except for type checking alone."""
    source = _source(_path(module))
    names: set[str] = set()
    for node in source.imports:
        if node in source.for_types:
            continue
        if isinstance(node, ast.ImportFrom):
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}  # a module may be imported as a name
        else:
            names |= {alias.name for alias in node.names}
    return frozenset(names)


@functools.cache
def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    found = list(_statements(ast.parse(text)))
    checks = (node for node in found if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING")
    for_types = {inner for node in checks for own in node.body for inner in (own, *_statements(own))}
    return Source(text, [node for node in found if isinstance(node, ast.Import | ast.ImportFrom)], for_types)


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below a node: an import stands in no expression, of which there are ten times as many."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        for child in getattr(node, field, ()):
            yield child
            yield from _statements(child)
