"""Which source files a step's result depends on: the modules it imports, and theirs.

Rules name these files as their `code` input, so that editing a module runs the rules that use it again, and no other.
The registries are left out: they choose by name, and the rule names what was chosen. What a module imports by a name
that it finds in another one is followed as well, see `BY_NAME`.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parent
CHOOSERS = frozenset({"tinycog.models.registry", "tinycog.sources.registry"})

BY_NAME = {"tinycog.fitting.engine": "fitted_by"}  # imports the module that a model's class names so


def sources(*modules: str) -> list[str]:
    """Paths of `modules` and of every tinycog module they import, directly or not, sorted."""
    return sorted(str(path) for name in closure(modules) if (path := _path(name)) is not None)


def third_party(*modules: str) -> set[str]:
    """Top-level names, outside the package and the standard library, that `modules` import, directly or not."""
    import sys

    imported = {name.split(".")[0] for module in closure(modules) for name in _imports(module)}
    return imported - set(sys.stdlib_module_names) - {"tinycog"}


def closure(modules: Iterable[str]) -> set[str]:
    """`modules` and every tinycog module they import, directly or not."""
    found = _imported(modules)
    attributes = {attribute for importer, attribute in BY_NAME.items() if importer in found}
    named = {name for module in found for attribute, name in _named(module) if attribute in attributes}
    return found | _imported(named)


def _imported(modules: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    pending = list(modules)
    while pending:
        name = pending.pop()
        if name in seen or name in CHOOSERS or _path(name) is None:
            continue
        seen.add(name)
        pending += [imported for imported in _imports(name) if imported.startswith("tinycog")]
        pending.append(name.rpartition(".")[0])  # importing a module runs its packages' __init__
    return seen


def _path(module: str) -> Path | None:
    """File of a tinycog module; None for a name that is no module (an attribute, say)."""
    if module.split(".")[0] != "tinycog":
        return None
    stem = PACKAGE.joinpath(*module.split(".")[1:])
    candidates = (stem.with_suffix(".py"), stem / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@functools.cache
def _tree(module: str) -> ast.Module:
    return ast.parse(_path(module).read_text(encoding="utf-8"))


@functools.cache
def _named(module: str) -> frozenset[tuple[str, str]]:
    """Name and value of every assignment of a text to one name, anywhere in a module."""
    return frozenset(
        (node.targets[0].id, node.value.value)
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )


@functools.cache
def _imports(module: str) -> frozenset[str]:
    """Absolute names that a module imports anywhere in its text, except for type checking alone."""
    names: set[str] = set()
    pending: list[ast.AST] = [_tree(module)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            pending += node.orelse
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}  # a module may be imported as a name
        pending += ast.iter_child_nodes(node)
    return frozenset(names)
