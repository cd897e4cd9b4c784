"""The website is whole, pictures are those that the gallery makes, and every kind of figure is explained."""

import csv
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import tinycog
from tinycog import config
from tinycog.analyses import registry
from tinycog.options import DEFAULT_CONFIG
from tinycog.sources import registry as sources

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FIGURES = (DOCS / "figures.md").read_text(encoding="utf-8")


def gallery():
    spec = importlib.util.spec_from_file_location("gallery", DOCS / "gallery.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_website_is_built_without_a_warning(tmp_path):
    pytest.importorskip("mkdocs")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in ("index", "keys/index", "changes/index", "contributing/index", "public-data/index", "codebook/index"):
        assert (tmp_path / "site" / f"{page}.html").is_file(), page
    assert not list((tmp_path / "site").glob("*.py"))
    assert 'href="../keys/"' in (tmp_path / "site/methods/index.html").read_text(encoding="utf-8")


def test_every_page_is_in_the_navigation():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = re.findall(r": ([\w-]+\.md)$", text, re.MULTILINE)
    assert len(named) == len(set(named))
    elsewhere = {"keys.md", "public-data.md", "contributing.md", "changes.md"}
    assert set(named) - elsewhere == {path.name for path in DOCS.glob("*.md")}


def test_titles_of_pages_are_one_and_in_sentence_case():
    for path in DOCS.glob("*.md"):
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        titles = re.findall(r"^# (.+)$", text, re.MULTILINE)
        assert len(titles) == 1, path.name
        assert not [word for word in titles[0].split()[1:] if word[0].isupper()], titles[0]


def test_every_kind_of_figure_is_explained():
    workflow = [
        *(ROOT / "workflow/rules").glob("*.smk"),
        *(ROOT / "workflow/src/tinycog/analyses").glob("*/outputs.py"),
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in workflow)
    kinds = {name.rstrip("_") for name in re.findall(r"figures/([a-z_]+)", text)} | set(
        re.findall(r'Drawing\("(\w+)"', text)
    )
    kinds |= {
        kind for listed in re.findall(r'kind="([a-z_|]+)"', text) for kind in listed.split("|") if kind[:1] not in "_"
    }
    assert {"portrait", "performance", "strategies", "zero_shot_advantage", "model_recovery"} <= kinds
    assert not [kind for kind in sorted(kinds) if f"`{kind}" not in FIGURES]


def test_pictures_are_those_of_the_gallery_and_small():
    shown = re.findall(r"!\[[^\]]+\]\(pictures/([\w.]+)\)", FIGURES)
    assert sorted(shown) == sorted(f"{name}.png" for names in gallery().TAKEN.values() for name in names)
    pictures = {path.name: path.stat().st_size for path in (DOCS / "pictures").iterdir()}
    assert set(pictures) == set(shown)
    assert sum(pictures.values()) < 1.5e6
    readme = re.findall(r"!\[[^\]]+\]\(docs/pictures/([\w.]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(readme) == 1
    assert pictures[readme[0]] < 150_000


def test_a_picture_is_made_smaller_and_stays_what_it_is(tmp_path):
    from PIL import Image

    large = Image.new("RGB", (2162, 800), "white")
    large.paste((200, 30, 30), (0, 0, 1081, 800))
    large.save(tmp_path / "large.png")
    gallery().small(tmp_path / "large.png", tmp_path / "small.png")
    with Image.open(tmp_path / "small.png") as image:
        assert image.size == (1081, 400)
        assert image.convert("RGB").getpixel((100, 100)) == (200, 30, 30)
        assert image.convert("RGB").getpixel((900, 100)) == (255, 255, 255)


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == tinycog.__version__
    paper = citation["preferred-citation"]
    assert paper["doi"] in (ROOT / "README.md").read_text(encoding="utf-8")
    assert [author["family-names"] for author in paper["authors"]] == ["Ji-An", "Benna", "Mattar"]


@pytest.mark.parametrize("of", ["gallery", "gallery-tasks"])
def test_pictures_are_figures_of_the_gallery_s_runs(of):
    run = config.load(DEFAULT_CONFIG, [ROOT / f"config/experiments/{of}.yaml"])
    fits = [
        (name, f"s{i}", model, dim)
        for name, dataset in run.datasets.items()
        for i in range(dataset.n_subjects)
        for model, section in run.models.items()
        if section.datasets == "all" or name in section.datasets
        for dim in section.dims_on(model, dataset.task_object)
    ]
    drawn = {figure for _, outputs in registry.parts("outputs") for figure in outputs.figures(run, fits)}
    assert set(gallery().TAKEN[of]) <= drawn


def test_what_is_known_of_the_gallery_s_agents_are_their_parameters():
    run = config.load(DEFAULT_CONFIG, [ROOT / "config/experiments/gallery-tasks.yaml"])
    drawn = sources.load("simulate").prepare("mice", run.datasets["mice"].model_dump(), Path(run.raw), run.seed)
    with open(run.datasets["mice"].covariates.file, encoding="utf-8", newline="") as file:
        rows = {row.pop("subject"): list(map(float, row.values())) for row in csv.DictReader(file)}
    assert {
        name: [round(value, 4) for value in of.values()] for name, of in drawn.parameters["subjects"].items()
    } == rows
