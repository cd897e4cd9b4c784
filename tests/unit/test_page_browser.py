"""The page in a browser, from a file, as a person uses it: Chromium without a window."""

from __future__ import annotations

import csv
import io
import shutil
import time

import pytest

import made_up
from tinycog.page.overview import overview
from tinycog.page.subject import one_subject
from tinycog.sources import marks

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium on the path"),
    pytest.mark.xdist_group("browser"),
]
EVIL = '<img src=x onerror="window.hurt=1">"\t=1+1'


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser
        browser.close()


class Seen:
    """A window, and everything that went wrong in it or left it."""

    def __init__(self, chromium, width: int = 1400):
        self.window = chromium.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        self.page = self.window.new_page()
        self.wrong, self.asked = [], []
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type != "log" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path):
        self.page.goto(path.as_uri())
        return self.page


@pytest.fixture
def seen(chromium):
    seen = Seen(chromium)
    yield seen
    seen.window.close()
    assert seen.wrong == []
    assert all(url.startswith(("file:", "blob:")) for url in seen.asked), seen.asked


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pages of runs by their number of subjects, and one whose ids are hostile."""
    folder = tmp_path_factory.mktemp("pages")
    for name, made in ((8, made_up.run(8)), (1000, made_up.run(1000)), ("evil", made_up.run(0, ids=[EVIL, "b"]))):
        (folder / f"{name}.html").write_text(overview(*made), encoding="utf-8")
    tables, metas, about = made_up.run(8)
    one = {name: table[table["subject"] == "p0003"].reset_index(drop=True) for name, table in tables.items()}
    (folder / "subjects/mine").mkdir(parents=True)
    own = one_subject("p0003", "mine", one, {}, [], metas["mine"], about)
    (folder / "subjects/mine/p0003.html").write_text(own, encoding="utf-8")
    return folder


def column(page, key: str) -> list[str]:
    """What stands in a column, row by row."""
    place = page.locator(f'#table thead th[data-key="{key}"]').evaluate("th => th.cellIndex")
    return page.locator("#table tbody tr").evaluate_all(f"rows => rows.map(row => row.cells[{place}].textContent)")


def numbers_of(page, key: str) -> list[float]:
    """The number that each cell of a column begins with."""
    return [float(text.replace("−", "-").split(" ")[0]) for text in column(page, key)]


def header(page, key: str):
    return page.locator(f'#table thead th[data-key="{key}"]')


def test_a_chosen_subject_is_shown_in_every_figure(seen, files, tmp_path):
    page = seen.open(files / "8.html")
    assert page.locator("path.chosen").count() == 0
    page.locator("#table tbody tr", has_text="p0003").click()
    figures = page.locator("figure[data-group]")
    assert figures.count() == 4
    for place in range(4):
        chosen = figures.nth(place).locator("path.chosen.ink")
        assert chosen.count() > 0, place
        for i in range(chosen.count()):
            assert chosen.nth(i).get_attribute("d").count("M") == 1
    # the piece of the fourth row, of the path that holds all
    whole = page.locator("figure.losses > svg path.all.curve").get_attribute("d").split("M")
    assert page.locator("figure.losses > svg path.chosen.ink.curve").get_attribute("d") == f"M{whole[4]}"
    assert page.locator("#who").inner_text() == "mine: p0003"
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 50_000
    page.locator("#table tbody tr", has_text="p0001").click()
    assert page.locator("figure.losses > svg path.chosen.ink.curve").get_attribute("d") == f"M{whole[2]}"
    assert page.locator("#table tr[aria-selected=true]").count() == 1


def test_a_subject_is_chosen_in_a_figure(seen, files):
    page = seen.open(files / "8.html")
    svg = page.locator("figure.losses > svg")
    x, y = map(
        float, page.locator("figure.losses > svg path.all.curve").get_attribute("d").split("M")[6].split("L")[0].split()
    )
    svg.scroll_into_view_if_needed()
    svg.click(position={"x": x, "y": y})
    assert page.locator("#who").inner_text() == "mine: p0005"
    svg.hover(position={"x": x, "y": y})
    assert page.locator("#tip").inner_text().startswith("p0005: ")


@pytest.mark.parametrize("key", ["trials", "nll", "d_reference", "worst"])
def test_sorting_sorts_numbers_up_and_down(seen, files, key):
    page = seen.open(files / "8.html")
    header(page, key).locator("button").click()
    up = numbers_of(page, key)
    assert up == sorted(up)
    assert len(set(up)) > 1
    assert header(page, key).get_attribute("aria-sort") == "ascending"
    header(page, key).locator("button").click()
    assert numbers_of(page, key) == sorted(up, reverse=True)
    assert header(page, key).get_attribute("aria-sort") == "descending"
    header(page, "subject").locator("button").click()
    assert header(page, key).get_attribute("aria-sort") == "none"
    assert column(page, "subject") == sorted(column(page, "subject"))


def test_what_is_missing_comes_last_whichever_way(seen, tmp_path):
    tables, metas, about = made_up.run(4)
    tables["strategy"].loc[1, "discrepancy"] = None
    (tmp_path / "page.html").write_text(overview(tables, metas, about))
    page = seen.open(tmp_path / "page.html")
    for _ in range(2):
        header(page, "worst").locator("button").click()
        assert column(page, "subject")[-1] == "p0001"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("bayesian", ["p0001", "p0003", "p0005", "p0007"]),
        ("BAYES p0005", ["p0005"]),
        ("trials>205", ["p0006", "p0007"]),
        ("trials<=202 leaky", ["p0000", "p0002"]),
        ("d_reference=2", ["p0001", "p0004", "p0007"]),
        ("mark=drop", []),
        ("nobody", []),
    ],
)
def test_a_filter_filters_the_table_and_fades_the_others(seen, files, text, left):
    page = seen.open(files / "8.html")
    page.fill("#filter", text)
    assert column(page, "subject") == left
    assert page.locator("#count").inner_text() == f"{len(left)} of 8 subjects"
    pieces = [page.locator(f"figure.losses > svg path.{which}.curve").get_attribute("d") for which in ("all", "rest")]
    assert [piece.count("M") for piece in pieces] == [len(left), 8 - len(left)]
    page.fill("#filter", "")
    assert len(column(page, "subject")) == 8


def test_the_keyboard_moves_marks_and_opens(seen, files):
    page = seen.open(files / "8.html")
    page.locator("#table tbody").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#who").inner_text() == "mine: p0000"
    page.keyboard.press("End")
    assert page.locator("#who").inner_text() == "mine: p0007"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator("#who").inner_text() == "mine: p0006"
    page.keyboard.press("x")
    assert column(page, "mark")[6] == "drop"
    page.keyboard.press("u")
    assert column(page, "mark")[6] == ""
    page.keyboard.press("Home")
    page.keyboard.press("d")
    assert column(page, "mark")[0] == "doubt"
    page.keyboard.press("/")
    page.keyboard.type("p0003")
    assert column(page, "subject") == ["p0003"]
    page.locator("#table tbody").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/mine/p0003.html")
    assert page.locator("h1").inner_text() == "p0003"


def exported(page) -> str:
    with page.expect_download() as download:
        page.locator("#export").click()
    assert download.value.suggested_filename == "marks.tsv"
    return download.value.path().read_text(encoding="utf-8")


def test_marks_are_kept_and_exported_as_the_config_reads_them(seen, files, tmp_path):
    page = seen.open(files / "8.html")
    page.locator("#table tbody tr", has_text="p0002").click()
    page.locator("#marks input[value=drop]").check()
    page.fill("#comment", 'said "no"')
    page.locator("#comment").blur()
    page.locator("#table tbody tr", has_text="p0004").click()
    assert page.locator("#comment").input_value() == ""
    page.locator("#marks input[value=keep]").check()
    page.reload()
    assert column(page, "mark") == ["", "", "drop", "", "keep", "", "", ""]
    text = exported(page)
    rows = list(csv.reader(io.StringIO(text), dialect="excel-tab"))
    assert rows == [
        ["dataset", "subject", "mark", "comment"],
        ["mine", "p0002", "drop", 'said "no"'],
        ["mine", "p0004", "keep", ""],
    ]
    (tmp_path / "marks.tsv").write_text(text)
    assert [tuple(mark)[:3] for mark in marks.read("mine", tmp_path / "marks.tsv")] == [
        ("p0002", "drop", 'said "no"'),
        ("p0004", "keep", ""),
    ]
    # another run's page in the same folder has marks of its own
    assert set(column(seen.open(files / "1000.html"), "mark")) == {""}


def test_marks_of_the_config_stand_there_and_are_exported_again(seen, tmp_path):
    tables, metas, about = made_up.run(3)
    metas["mine"]["marks"] = [
        {"subject": "gone", "mark": "drop", "comment": "asleep"},
        {"subject": "p0001", "mark": "doubt", "comment": ""},
    ]
    (tmp_path / "page.html").write_text(overview(tables, metas, about))
    page = seen.open(tmp_path / "page.html")
    assert column(page, "mark") == ["", "doubt", ""]
    assert exported(page).splitlines()[1:] == ["mine\tgone\tdrop\tasleep", "mine\tp0001\tdoubt\t"]


def test_ids_are_never_run(seen, files):
    page = seen.open(files / "evil.html")
    page.locator("#table tbody tr").first.click()
    page.locator("#marks input[value=drop]").check()
    page.locator("figure.losses > svg").hover()
    assert page.evaluate("window.hurt") is None
    assert column(page, "subject") == [EVIL, "b"]
    assert page.locator("#who").inner_text().startswith("mine: <img")
    assert page.locator("img").count() == 0
    assert list(csv.reader(io.StringIO(exported(page)), dialect="excel-tab"))[1][:3] == ["mine", EVIL, "drop"]


def test_script_that_is_not_the_page_s_own_is_refused(chromium, files):
    """If something ever got in unescaped, the page's policy would not let it run."""
    seen = Seen(chromium)
    page = seen.page
    page.add_init_script("window.hurt = 0")
    text = (files / "8.html").read_text().replace("<main>", "<main><script>window.hurt = 1</script>", 1)
    (files / "changed.html").write_text(text)
    seen.open(files / "changed.html")
    assert page.evaluate("window.hurt") == 0
    assert any("Content Security Policy" in line for line in seen.wrong)
    seen.window.close()


@pytest.mark.parametrize("width", [420, 1000, 1060, 1300, 1400])
def test_flags_wrap_and_nothing_is_cut_however_narrow_the_window(chromium, tmp_path, width):
    tables, metas, about = made_up.run(3)
    words = "fewer than 300 trials, of which a third trains; a half of them are missed, and no block is complete"
    metas["mine"]["doubts"] = [{"subject": "p0001", "statistic": "trials", "text": words}]
    (tmp_path / "page.html").write_text(overview(tables, metas, about))
    seen = Seen(chromium, width)
    page = seen.open(tmp_path / "page.html")
    box = page.locator(".scroll")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    right = box.bounding_box()["x"] + box.bounding_box()["width"]
    for row in page.locator("#table tbody tr").all():
        for cell in row.locator("td").all():
            if place := cell.bounding_box():  # none of an empty cell in a narrow window
                assert place["x"] + place["width"] <= right + 1
    flags = page.locator("#table tbody tr", has_text="p0001").locator("td").last
    assert flags.inner_text().endswith(words)
    assert flags.bounding_box()["height"] > 2 * 14 or width == 1000  # lines of text
    labels = (
        page.locator("#table tbody tr")
        .first.locator("td")
        .evaluate_all("cells => cells.map(cell => getComputedStyle(cell, '::before').content)")
    )
    shown = [label for label in labels if label not in ("none", "normal")]
    assert len(shown) == (len(labels) if width < 1050 else 0)
    assert shown[:3] == ['"data set: "', '"subject: "', '"mark: "'] or width > 1050
    header(page, "trials").locator("button").click()
    assert header(page, "trials").get_attribute("aria-sort") == "ascending"
    assert column(page, "subject") == ["p0000", "p0001", "p0002"]
    seen.window.close()
    assert seen.wrong == []


def test_a_thousand_subjects_open_in_three_seconds(seen, files):
    start = time.perf_counter()
    page = seen.open(files / "1000.html")
    page.wait_for_selector("#table tbody tr")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert time.perf_counter() - start < 3
    assert page.locator("#table tbody tr").count() < 1000  # others when they are scrolled to
    page.locator("#table tbody").focus()
    page.keyboard.press("End")
    assert page.locator("#table tbody tr").count() == 1000
    assert page.locator("#who").inner_text() == "mine: p0999"


def test_rows_come_as_the_table_is_scrolled(seen, files):
    page = seen.open(files / "1000.html")
    before = page.locator("#table tbody tr").count()
    page.locator(".scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    page.wait_for_function(f"() => document.querySelectorAll('#table tbody tr').length > {before}")


def test_it_prints_with_all_rows_and_without_buttons(seen, files, tmp_path):
    page = seen.open(files / "8.html")
    page.locator("#table tbody tr").first.click()
    page.pdf(path=tmp_path / "page.pdf", landscape=True)
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "page.pdf").stat().st_size > 20_000
    page.emulate_media(media="print")
    assert not page.locator("#export").is_visible()
    assert not page.locator("#one").is_visible()
    page = seen.open(files / "1000.html")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#table tbody tr").count() == 1000


def test_the_page_of_a_subject_tells_numbers_under_the_pointer(seen, files, tmp_path):
    page = seen.open(files / "subjects/mine/p0003.html")
    page.locator("figure.evidence svg").first.hover(position={"x": 400, "y": 20})
    assert float(page.locator("#tip").inner_text().replace("−", "-"))
    for summary in page.locator("summary").all():
        summary.click()
    page.screenshot(path=tmp_path / "subject.png", full_page=True)
