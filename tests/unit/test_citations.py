"""What comments and documents cite is there: headings of docs/methods.md, files, and links within a document."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("config", "docs", "resources", "tests", "workflow")
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "config/README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]
SUFFIXES = (".md", ".py", ".rst", ".smk", ".yaml")
MADE_BY_BENCHMARK = {"cognitive.md", "engine.md", "optimisers.md"}  # beside its tables
OF_WEBSITE = set(re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))
# within brackets, after other words or none: (methods: heading), (Akam et al. 2021; methods: heading; heading)
CITATION = re.compile(r'\([^()":]*\bmethods: ([^()"=[\]]+)\)')  # not an argument of that name
DOCUMENT = re.compile(r"(?<![\w<>{}./-])(?:[\w.-]+/)*[\w.-]+\.md\b")


def texts():
    """Text of every file of the project, by path."""
    own = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    own = [path for path in own if path.suffix in SUFFIXES or path.name == "Snakefile"]
    own += [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Snakefile", "Makefile")]
    return {path: path.read_text(encoding="utf-8") for path in own}


def headings(text):
    """Headings of a document as they stand, outside code."""
    return re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)


def cited(text):
    """Headings that a text cites; a citation may be broken over lines, of a comment too."""
    flowing = re.sub(r"\s*\n\s*(?:# )?", " ", text)
    return [name.strip() for found in CITATION.findall(flowing) for name in found.split(";")]


def anchor(heading):
    """What GitHub makes of a heading for links within a document."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_citations_are_read_across_lines():
    text = "# a rule (Akam et al. 2021; methods: Bandit\n#   models; readouts) and\n(methods: adam)"
    assert cited(text.replace("#   ", "    # ")) == ["Bandit models", "readouts", "adam"]
    assert cited('{"methods": 1}, ({"a": "methods: found fast"}), def f(a: int, methods: list[str] = ()): ...') == []


def test_every_cited_heading_is_one_of_docs_methods():
    known = {re.sub(r"^\d+\. ", "", name).lower() for name in headings((ROOT / "docs/methods.md").read_text())}
    found = {
        (name, str(path.relative_to(ROOT)))
        for path, text in texts().items()
        if path != Path(__file__)
        for name in cited(text)
    }
    unknown = sorted((name, where) for name, where in found if name.lower() not in known)
    assert not unknown
    # networks, cognitive models, cross-validation and sources cite it
    assert {"gated recurrent unit", "bandit models", "selection", "macaque reversal"} <= {name for name, _ in found}


def test_every_cited_document_is_there():
    missing = []
    for path, text in texts().items():
        for name in DOCUMENT.findall(text):
            made = name in MADE_BY_BENCHMARK | OF_WEBSITE or "tables" in Path(name).parts
            if not made and not any((folder / name).is_file() for folder in (ROOT, path.parent)):
                missing.append(f"{path.relative_to(ROOT)}: {name}")
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_documents_lead_somewhere(document):
    path = ROOT / document
    text = path.read_text(encoding="utf-8")
    anchors = [anchor(name) for name in headings(text)]
    assert len(anchors) == len(set(anchors)) or document == "config/README.md"
    for link in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"\s+", " ", text)):
        if link.startswith("https://"):
            continue
        name, _, place = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not place or place in [anchor(name) for name in headings(target.read_text(encoding="utf-8"))], link
