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

    def forget() -> None:
        for cached in vars(provenance).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()

    def digest(**changes: str) -> str:
        for name, text in (files | {f"{key}.py": text for key, text in changes.items()}).items():
            (tmp_path / name).write_text(text)
        forget()
        return provenance.digest("tinycog.step")

    digest.files = files
    yield digest
    forget()


def test_a_step_s_digest_is_of_what_it_imports_and_of_nothing_else(package):
    before = package()
    assert package() == before
    assert package(left="def f(x):\n    return 2 * x\n") != before
    assert package(step=package.files["step.py"] + "# more\n") != before
    assert package(right="") == before
    assert package(registry="build = 2\n") == before  # what it chose reaches a rule by name


@pytest.mark.parametrize(
    "around",
    [
        "def f():\n    {}\n",
        "try:\n    pass\nexcept ValueError:\n    {}\n",
        "try:\n    pass\nfinally:\n    {}\n",
        "if 1:\n    pass\nelse:\n    {}\n",
        "match 1:\n    case 1:\n        {}\n",
        "class A:\n    def f(self):\n        for _ in ():\n            {}\n",
        "if TYPE_CHECKING:\n    pass\nelse:\n    {}\n",
    ],
)
def test_an_import_counts_wherever_it_stands(package, around):
    step = around.format("from tinycog.left import f")
    assert package(step=step) != package(step=step, left="def f(x):\n    return 2 * x\n")


def test_an_import_for_type_checking_alone_does_not_count(package):
    step = "if TYPE_CHECKING:\n    import tinycog.left\n    if 1:\n        import tinycog.right\n"
    assert package(step=step) == package(step=step, left="a = 1\n", right="a = 2\n")


def test_a_move_changes_no_digest_but_another_function_of_the_same_name_does(package):
    before = package()
    step = package.files["step.py"]
    assert package(step=step.replace("tinycog.left", "tinycog.moved"), moved=package.files["left.py"]) == before
    # both modules are imported anyway, and only where the name comes from differs
    both = step + "\nimport_both = ()\nfrom tinycog.left import f as g\nfrom tinycog.right import f as h\n"
    other = both.replace("from tinycog.left import f\n", "from tinycog.right import f\n")
    assert package(step=both) != package(step=other)
