"""What counts as the code of a step: what stands in the modules that it imports, wherever they lie."""

from __future__ import annotations

import pytest

from tinycog import provenance


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of its own in the place of tinycog: a function that digests it as it stands."""
    files = {
        "step.py": "from tinycog.registry import build\nfrom tinycog.left import f\n\nstep = f(build)\n",
        "left.py": "def f(x):\n    return x\n",
        "right.py": "def f(x):\n    return -x\n",
        "registry.py": "build = 1\n",
    }
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path)
    monkeypatch.setattr(provenance, "CHOOSERS", frozenset({"tinycog.registry"}))
    (tmp_path / "__init__.py").write_text("")

    def digest(**changes: str) -> str:
        for name, text in (files | {f"{key}.py": text for key, text in changes.items()}).items():
            (tmp_path / name).write_text(text)
        for cached in (provenance.imports, provenance._fingerprint, provenance._own_text):
            cached.cache_clear()
        return provenance.digest("tinycog.step")

    digest.files = files
    yield digest
    for cached in (provenance.imports, provenance._fingerprint, provenance._own_text):
        cached.cache_clear()


def test_a_step_s_digest_is_of_what_it_imports_and_of_nothing_else(package):
    before = package()
    assert package() == before
    assert package(left="def f(x):\n    return 2 * x\n") != before
    assert package(step=package.files["step.py"] + "# more\n") != before
    assert package(right="") == before
    assert package(registry="build = 2\n") == before  # what it chose reaches a rule by name


def test_a_move_changes_no_digest_but_another_function_of_the_same_name_does(package):
    before = package()
    step = package.files["step.py"]
    assert package(step=step.replace("tinycog.left", "tinycog.moved"), moved=package.files["left.py"]) == before
    # both modules are imported anyway, and only where the name comes from differs
    both = step + "\nimport_both = ()\nfrom tinycog.left import f as g\nfrom tinycog.right import f as h\n"
    other = both.replace("from tinycog.left import f\n", "from tinycog.right import f\n")
    assert package(step=both) != package(step=other)
