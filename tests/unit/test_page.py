"""The page of a run: numbers of its table and figures, its HTML, and what is said of one subject."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import made_up
from conftest import ROOT
from tinycog import config
from tinycog.figures.colours import COGNITIVE_COLOURS
from tinycog.models.cognitive.declaration import NOTATION
from tinycog.page import agents, card, changes, group, methods, numbers, outputs, svg
from tinycog.page.overview import overview
from tinycog.page.reading import READING
from tinycog.page.subject import TWO_CHOICES, one_subject
from tinycog.results.verdicts import verdicts

EVIL = ['<script>alert("x")</script>', '"><img src=x onerror=alert(1)>', "a&b'c", "</script><b>", "é猿 {{ 7*7 }}"]


def data_of(page: str) -> dict:
    """What the script of a page is given."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL).group(1))


def cells(data: dict, key: str) -> list:
    words, own = data["cells"][key]
    return own if words is None else [None if code is None else words[code] for code in own]


class Elements(HTMLParser):
    """Every element with its attributes, and the text outside of script and style."""

    def __init__(self, page: str):
        super().__init__()
        self.found, self.words, self.inside = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag):
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, text):
        if not {"script", "style"} & set(self.inside):
            self.words.append(text)


# the table of subjects


def test_a_row_has_what_the_tables_say():
    tables, metas, _ = made_up.run(3)
    rows = numbers.subjects(metas, tables)
    assert rows["subject"].tolist() == ["p0000", "p0001", "p0002"]
    assert rows["trials"].tolist() == [200, 201, 202]
    assert rows["missed"].tolist() == [0, 1, 2]
    assert rows["model"].tolist() == ["MB0, d = 2"] * 3
    assert rows["margin"].tolist() == pytest.approx([4.0] * 3)  # .004 nats
    assert rows["margin_note"][0] == " (1.0 to 9.0) of gru, d = 2"
    assert rows["d_reference"].tolist() == [1, 2, 3]
    assert rows["d_reference_note"][0] == " (1 to 3)"
    assert rows["worst"].tolist() == tables["strategy"]["discrepancy"].tolist()
    assert "flags" not in rows  # a column in which nothing stands


def test_without_verdicts_the_best_model_is_that_of_the_lowest_test_nll():
    tables, metas, _ = made_up.run(1)
    tables = {name: tables[name] for name in ("description", "performance", "excluded")}
    losses = tables["performance"].sort_values("test_nll")
    (row,) = numbers.subjects(metas, tables).to_dict("records")
    assert row["model"] == f"{losses['model'].iloc[0]}, d = {losses['dim'].iloc[0]}"
    assert row["margin"] == pytest.approx(1000 * losses["test_nll"].diff().iloc[1])
    assert {"verdict", "d_reference", "worst"}.isdisjoint(row)


def test_the_best_model_is_the_best_on_test_and_a_flag_says_what_validation_prefers():
    tables, metas, _ = made_up.run(1)
    table = tables["model_comparison"]
    third = table.iloc[[1]].assign(model="LS0", loss=-0.002, low=-0.003, high=-0.001, test_nll=0.4)
    tables["model_comparison"] = pd.concat([table, third], ignore_index=True)
    (row,) = numbers.subjects(metas, tables).to_dict("records")
    assert (row["model"], row["nll"]) == ("LS0, d = 2", 0.4)
    assert row["margin"] == pytest.approx(2.0)
    assert row["margin_note"] == " of MB0, d = 2"
    assert row["flags"] == "validation prefers MB0, d = 2"


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({"1": 0.02, "2": 0.98}, ""),
        ({"1": 0.03, "2": 0.97}, " (1 to 2)"),
        ({"1": 0.5, "2": 0.0, "3": 0.5}, " (1 to 3)"),
        ({"1": 0.0, "2": 0.976, "3": 0.024}, ""),
        ({"2": 0.97, "10": 0.03}, " (2 to 10)"),
        (None, ""),
    ],
)
def test_the_range_of_d_star_is_the_middle_95_percent_of_resamples(shares, words):
    assert numbers._range(shares and json.dumps(shares)) == words


def test_flags_say_why_to_look_again():
    tables, metas, _ = made_up.run(2)
    metas["mine"]["doubts"] = [
        {"subject": "p0001", "statistic": "missing", "text": "20% of the choices are missed"},
        {"subject": "", "statistic": "trials", "text": "about all"},
    ]
    tables["performance"].loc[0, "share_max_epochs"] = 0.5
    tables["dimensionality"].loc[0, "note"] = "not bounded by this grid"
    reason = {"dataset": "mine", "subject": "p0001", "model": "MB0", "dim": 2, "outer": 1, "reason": "every fit failed"}
    tables["excluded"] = made_up.table("excluded", [reason])
    first, second = numbers.subjects(metas, tables)["flags"]
    assert first == "about all; gru, d = 1: 50% of fits cut short; d* not bounded by this grid"
    assert second == "20% of the choices are missed; about all; MB0, d = 2: every fit failed"


# figures


def test_pieces_of_a_path_belong_to_rows_and_lie_where_the_axes_say():
    tables, _, _ = made_up.run(4)
    tables["performance"] = tables["performance"][tables["performance"]["subject"] != "p0001"]
    row_of = {f"p{i:04d}": 10 + i for i in range(4)}
    drawn = group.losses(numbers.losses(tables["performance"]), row_of)
    left, right, bottom, top, x0, x1, y0, y1 = map(float, re.search('data-axes="(.*?)"', drawn).group(1).split())
    (curve,) = re.findall(r'<path class="all curve"[^>]*>', drawn)
    assert 'data-rows="10 12-13"' in curve
    pieces = re.findall(r"M[^M\"]*", re.search(r' d="(.*?)"', curve).group(1))
    own = tables["performance"].query("model == 'gru' and subject == 'p0002'")
    places = [tuple(map(float, pair.split())) for pair in pieces[1][1:].split("L")]
    for (x, y), d, nll in zip(places, own["dim"], own["test_nll"], strict=True):
        assert x0 + (x - left) / (right - left) * (x1 - x0) == pytest.approx(d, abs=0.02)
        assert y0 + (bottom - y) / (bottom - top) * (y1 - y0) == pytest.approx(nll, abs=0.001)


def test_bars_of_d_star_are_as_high_as_subjects_are_many():
    tables, _, _ = made_up.run(5)  # d* = 1, 2, 3, 1, 2
    drawn = group.dims_told(numbers.dims_told(tables["dimensionality"]), {f"p{i:04d}": i for i in range(5)})
    bars = re.findall(r'height="([\d.]+)" fill="#\w+" data-title="reference: d\* = (\d) in (\d) of 5"', drawn)
    assert [(d, n) for _, d, n in bars] == [("1", "2"), ("2", "2"), ("3", "1")]
    heights = [float(height) for height, _, _ in bars]
    assert heights[0] == pytest.approx(2 * heights[2], abs=0.2)


def test_setpoints_are_medians_over_folds_of_one_model():
    rows = [
        {"subject": "a", "model": "gru", "condition": "A1R1", "setpoint": value} for value in (1.0, np.nan, 2.0, 9.0)
    ] + [{"subject": "a", "model": "LS0", "condition": "A1R1", "setpoint": 5.0}]
    assert numbers.setpoints(pd.DataFrame(rows), "gru").to_dict("records") == [
        {"subject": "a", "condition": "A1R1", "value": 2.0}
    ]


def test_of_networks_with_one_variable_the_best_is_shown():
    table = pd.DataFrame(
        [("gru", "rnn", 1, 0.5), ("gru", "rnn", 2, 0.1), ("slin", "rnn", 1, 0.4), ("LS0", "cognitive", 1, 0.3)],
        columns=["model", "family", "n_dynamical", "test_nll"],
    )
    assert numbers.scalar_network(table, ["gru", "slin", "LS0"]) == "slin"
    assert numbers.scalar_network(table, ["gru", "LS0"]) == "gru"
    assert numbers.scalar_network(table, ["LS0"]) == "LS0"
    assert numbers.scalar_network(table, []) is None


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((0, 1), [0, 0.5, 1]),
        ((-2.2, 2.2), [-2, 0, 2]),
        ((0.431, 0.478), [0.44, 0.46]),
        ((-3, 17), [0, 5, 10, 15]),
        ((-4.4, 4.4), [-4, -2, 0, 2, 4]),
    ],
)
def test_ticks_are_round_numbers_within_the_axis(ends, expected):
    assert svg.ticks(ends) == pytest.approx(expected)


def test_every_axis_has_a_scale():
    rng = np.random.default_rng(0)
    for low, width in zip(rng.normal(size=2000), 10 ** rng.uniform(-3, 3, 2000), strict=True):
        assert 2 <= len(svg.ticks((low, low + width))) <= 5


def test_an_axis_of_equal_or_no_values_has_a_width():
    for values in ([2.0, 2.0], [np.nan], []):
        low, high = svg.around(values)
        assert low < high
        assert np.isfinite([low, high]).all()


def test_missing_numbers_have_no_piece():
    panel = svg.Panel((0, 1), (0, 1))
    assert svg.dots(panel, [0.5, np.nan], [0.5, 0.5])[1] == ""
    assert svg.line(panel, [0, np.nan, 1], [0, 0.5, 1]).count(" ") == 2
    assert svg.line(panel, [np.nan], [1]) == ""
    drawn = svg.of_rows(["", "M1 2h0"], [3, 7], "dot", "red")
    assert 'data-rows="7"' in drawn


# one subject


def test_curves_keep_the_first_fold_and_where_trials_were():
    logit = np.linspace(-2, 2, 201)
    maps = pd.concat(
        pd.DataFrame({"outer": outer, "condition": "A1R1", "logit": logit, "change": outer - logit}) for outer in (1, 0)
    )
    visited = pd.DataFrame({"outer": [0, 0, 1], "condition": "A1R1", "logit": [-1.0, 0.5, 2.0], "change": 0.0})
    roots = pd.DataFrame({"outer": [0, 1], "condition": "A1R1", "logit": [0.0, 1.0], "attracts": True})
    made = card.curves_of(maps, roots, visited)
    assert np.allclose(made["curves"]["y"], -made["curves"]["x"])
    inside = made["curves"].loc[made["curves"]["inside"], "x"]
    assert (inside.min(), inside.max()) == pytest.approx((-1.0, 0.5), abs=0.051)
    assert made["roots"]["logit"].tolist() == [0.0]
    drawn = card.portrait(made, ["left", "right"])
    assert 'data-title="left, reward: attracts at L = 0.00"' in drawn


def a_field(speed, low=-2.0, high=2.0, n=50) -> dict[str, pd.DataFrame]:
    """Tables of a field whose speed is a function of x and y, in two conditions, the second half as fast."""
    y, x = (axis.ravel() for axis in np.meshgrid(*[np.linspace(low, high, n)] * 2, indexing="ij"))
    grid = pd.concat(
        pd.DataFrame({"condition": name, "x": x, "y": y, "speed": share * speed(x, y)})
        for name, share in (("A1R0", 0.5), ("A1R1", 1.0))
    )
    steps = grid[["condition"]].iloc[[0, -1]].assign(x=-1.5, y=-1.5, to_x=1.5, to_y=1.0)
    roots = pd.DataFrame({"condition": [], "x": [], "y": [], "stable": [], "free": []})
    names = {"x_name": "Q_0", "y_name": "Q_1", "along_x": 1.0, "along_y": -1.0, "offset": 0.0, "exact": True}
    return card.steps_of(steps, roots, pd.DataFrame([names]), grid)


def test_shades_of_speed_are_parts_of_the_fastest_step_and_cover_where_it_is():
    numbers = a_field(lambda x, y: x + 2)  # from 0 to 4: fifths end at -1.2, -0.4, 0.4 and 1.2
    speeds, about = numbers["speeds"], numbers["axes"].iloc[0]
    assert about["fastest"] == 4.0
    spacing = 2 * 4 / 49
    assert about["spacing"] == pytest.approx(spacing)
    whole = speeds[speeds["condition"] == "A1R1"]
    assert whole["y"].nunique() == 25
    for _, line in whole.groupby("y"):
        assert line["shade"].tolist() == [1, 2, 3, 4]
        assert line["from_x"].tolist() == pytest.approx([-1.2, -0.4, 0.4, 1.2], abs=spacing)
        assert line["to_x"].iloc[:-1].tolist() == line["from_x"].iloc[1:].tolist()
        assert line["to_x"].iloc[-1] == pytest.approx(2 - spacing / 2 + spacing / 2)
    half = speeds[speeds["condition"] == "A1R0"]  # half as fast
    assert set(half["shade"]) == {1, 2}
    assert half.loc[half["shade"] == 2, "from_x"].to_numpy() == pytest.approx(1.2, abs=spacing)


def test_shades_follow_both_axes():
    rows = a_field(lambda x, y: 1.0 * ((x > 0.5) & (y < -1)))["speeds"]
    assert set(rows["shade"]) == {2, 4}
    assert rows["y"].max() < -1
    assert rows["from_x"].min() == pytest.approx(0.5, abs=8 / 49)


def test_a_field_without_any_step_has_no_shade():
    numbers = a_field(lambda x, y: 0 * x)
    assert numbers["speeds"].empty
    assert 'class="speed" fill' not in card.field(numbers, ["left", "right"])


def test_a_field_is_shaded_behind_its_steps_and_within_its_axes():
    numbers = a_field(lambda x, y: x + 2)
    drawn = card.field(numbers, ["left", "right"])
    pictures = drawn.split("<svg viewBox")[1:3]
    for picture, n in zip(pictures, (2, 4), strict=True):
        shades = re.findall(r'<path class="speed" fill="(#\w+)" d="(.*?)" data-title="moves by (.*?)"', picture)
        assert [colour for colour, _, _ in shades] == list(card.SHADES[1 : n + 1])
        assert picture.index('class="speed"') < picture.index("axis") < picture.index("curve step")
        left, right, bottom, top, x0, x1, y0, y1 = map(float, re.search('data-axes="(.*?)"', picture).group(1).split())
        for shade, (_, d, words) in enumerate(shades, 1):
            assert words == f"{0.8 * shade:.2g} to {0.8 * (shade + 1):.2g}"
            for piece in d.split("z")[:-1]:
                a, b, c, e, back = map(float, re.fullmatch(r"M(\S+) (\S+)H(\S+)V(\S+)H(\S+)", piece).groups())
                assert left <= a < c <= right
                assert top <= b < e <= bottom
                assert back == a
                assert e - b <= 1.04 * numbers["axes"]["spacing"].iloc[0] / (y1 - y0) * (bottom - top) + 0.11
                at = x0 + ((a + c) / 2 - left) / (right - left) * (x1 - x0)  # the speed there is 2 more, or half of it
                assert 0.8 * shade - 0.1 < (at + 2) * n / 4 < 0.8 * (shade + 1) + 0.1
    covered = sum(piece.count("z") for _, piece, _ in shades)
    # of 25 rows those within the axis of y, four shades each
    inside = sum(y0 < y < y1 for y in np.linspace(-2, 2, 50)[::2])
    assert 4 * inside <= covered <= 4 * (inside + 2)
    assert "how far a trial moves the state (units of the axes):" in drawn
    assert drawn.count('class="speed" stroke') == len(card.SHADES)


def test_shades_of_a_known_agent_have_no_seam():
    """Their numbers are rounded."""
    one = next(one for one in agents.known() if "field" in one.card)
    picture = card.field(one.card["field"], ["1", "2"]).split("<svg viewBox")[3]  # the second action without a reward
    pieces = re.findall(r"M(\S+) (\S+)H(\S+)V(\S+)H", "".join(re.findall(r'fill="#\w+" d="(.*?)"', picture)))
    ends = sorted((float(top), float(bottom)) for _, top, _, bottom in pieces)
    assert len(ends) > 15
    assert all(bottom >= top for (_, bottom), (top, _) in pairwise(ends))


def test_shades_of_a_field_are_few_bytes():
    numbers = a_field(lambda x, y: np.hypot(x - 0.3, y + 0.2))
    with_shades = card.field(numbers, ["left", "right"])
    without = card.field(numbers | {"speeds": numbers["speeds"].iloc[:0]}, ["left", "right"])
    assert len(with_shades) - len(without) < 2 * 8_000  # of each condition


def values_of_three(change, visits=40) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of values of three actions: (dx, dy) of a point are `change(chosen, other, reward, x, y)`."""
    side = np.linspace(-3.0, 3.0, 13)
    grid, trials = [], []
    for chosen, other, reward in np.ndindex(3, 3, 2):
        if chosen == other:
            continue
        keys = {"outer": 0, "condition": f"A{chosen + 1}R{reward}", "other": other}
        for y, x in ((y, x) for y in side for x in side):
            dx, dy = change(chosen, other, reward, x, y)
            grid.append({**keys, "x": x, "y": y, "dx": dx, "dy": dy})
        trials += [{**keys, "x": 0.1 * i - 2, "y": reward - 0.5} for i in range(visits)]
    return pd.DataFrame(grid), pd.DataFrame(trials)


def arrows_of(picture: str) -> np.ndarray:
    """(arrow, 4): x, y, to_x, to_y of the arrows of a panel, in the units of its axes."""
    left, right, bottom, top, x0, x1, y0, y1 = map(float, re.search('data-axes="(.*?)"', picture).group(1).split())
    path = re.search(r'class="curve step"[^>]* d="(.*?)"', picture).group(1)
    pixels = np.array([[float(n) for n in re.findall(r"[\d.]+", piece)] for piece in path.split("M")[1:]])
    across, down = pixels[:, ::2], pixels[:, 1::2]
    x, y = x0 + (across - left) / (right - left) * (x1 - x0), y0 + (bottom - down) / (bottom - top) * (y1 - y0)
    return np.column_stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]])


def test_a_field_of_values_is_the_mean_over_actions():
    def change(chosen, other, reward, x, y):
        if x > 2.9 and chosen == 0:
            return np.nan, np.nan  # no state has these values: the mean is of the others
        return (0.1 * (1 + chosen) if reward else -0.2 * x / 3, 0.05 * other - 0.02 * y)

    drawn = card.values(*values_of_three(change))
    none, paid = (arrows_of(picture) for picture in drawn.split("<svg viewBox")[1:3])
    assert ">no reward<" in drawn.split("<svg viewBox")[1]
    for arrows, reward in ((none, 0), (paid, 1)):
        assert len(arrows) == 13 * 13
        x, y, to_x, to_y = arrows.T
        places = np.linspace(-3, 3, 13)
        assert np.abs(x[:, None] - places).min(axis=1).max() < 0.03
        far = x > 2.9
        dx = np.where(far, 0.25, 0.2) if reward else -0.2 * x / 3
        dy = np.where(far, 0.025, 0.05) - 0.02 * y  # others of actions 1 and 2 are 0, 2 and 0, 1
        dy = np.where(far, 0.05 * (0 + 2 + 0 + 1) / 4 - 0.02 * y, dy)
        assert to_x - x == pytest.approx(dx, abs=0.05)
        assert to_y - y == pytest.approx(dy, abs=0.05)
    assert "arrows: the change by a trial" in drawn


def test_long_arrows_of_values_are_shortened_alike_and_it_says_so():
    # steps of the grid are half a unit, so that an arrow of 1.4 is too long, and one of 0.7 is not
    drawn = card.values(*values_of_three(lambda chosen, other, reward, x, y: (1.4 if reward else 0.7, -0.6)))
    none, paid = (arrows_of(picture) for picture in drawn.split("<svg viewBox")[1:3])
    assert paid[:, 2] - paid[:, 0] == pytest.approx(1.4 / 2, abs=0.05)
    assert paid[:, 3] - paid[:, 1] == pytest.approx(-0.6 / 2, abs=0.05)
    assert none[:, 2] - none[:, 0] == pytest.approx(0.7 / 2, abs=0.05)
    assert "arrows: 1/2 of the change by a trial" in drawn


def test_trials_of_a_field_of_values_are_of_its_reward_and_not_too_many():
    drawn = card.values(*values_of_three(lambda *_: (0.1, 0.0), visits=100))
    for picture, y in zip(drawn.split("<svg viewBox")[1:3], (-0.5, 0.5), strict=True):
        panel = svg.Panel((-3.8, 3.8), (-3.8, 3.8), width=300, height=280, top=22)
        dots = re.findall(r"M([\d.]+) ([\d.]+)h0", re.search(r'd="([^"]*)" data-title="trials"', picture).group(1))
        assert len(dots) == card.DOTS
        assert {float(down) for _, down in dots} == {round(float(panel.down(y)), 1)}
    assert len(drawn) < 25_000


def test_of_several_actions_the_best_model_s_field_is_drawn():
    tables, metas, about = made_up.run(1)
    about["datasets"]["mine"]["actions"] = ["left", "middle", "right"]
    grid, trials = values_of_three(lambda *_: (0.1, 0.0))
    empty = {"steps": grid.iloc[:0], "axes": grid.iloc[:0]}
    drawn = {(model, "d2"): {"value_field": grid, "value_trials": trials, **empty} for model in ("gru", "MB0")}
    drawn["LS0", "d1"] = {"value_field": grid.iloc[:0], "value_trials": trials.iloc[:0], **empty}
    page = one_subject("p0000", "mine", tables, drawn, [], metas["mine"], about)
    (section,) = (part for part in page.split("<section>") if "<h2>Field of values: several actions</h2>" in part)
    assert "<figcaption>MB0, d = 2, outer fold 0</figcaption>" in section
    assert "Grey dots are trials" in section
    assert "<h2>Vector field" not in page
    tables["strategy"] = tables["strategy"].assign(model="gru", dim=2)
    page = one_subject("p0000", "mine", tables, drawn, [], metas["mine"], about)
    assert "<figcaption>gru, d = 2, outer fold 0</figcaption>" in page


def test_two_choices_in_a_trial_are_said_in_words_where_their_figures_are_made():
    tables, metas, about = made_up.run(1)
    for figures, said in ((["quiver__mine__p0000__gru__d2"], True), (["cloud__mine__p0000__gru__d2"], False)):
        page = one_subject("p0000", "mine", tables, {}, figures, metas["mine"], about)
        assert ("<h2>Dynamics: two choices in a trial</h2>" in page) == said
        assert (TWO_CHOICES in page) == said


def test_the_straight_line_goes_through_the_setpoint():
    rows = [
        {"condition": "A2R0", "slope": slope, "setpoint": at} for slope, at in ((-0.2, 1.0), (-0.3, 2.0), (-0.4, 3.0))
    ]
    assert card.straight(pd.DataFrame(rows), ["left", "right"]) == ["after right, no reward: ΔL ≈ 0.30 × (2.00 − L)"]


def test_the_straight_line_has_signs_for_people():
    rows = pd.DataFrame([{"condition": "A1R0", "slope": 0.1, "setpoint": -2.0}])
    assert card.straight(rows, ["left", "right"]) == ["after left, no reward: ΔL ≈ −0.10 × (−2.00 − L)"]


def test_parameters_are_those_of_the_fit_to_all_choices_or_means_of_folds():
    common = {
        "dataset": "d",
        "subject": "s",
        "model": "MB0",
        "dim": 2,
        "unit": "nats",
        "n_outer": 4,
        "mean": 0.5,
        "sd": 0.1,
    }
    whole = {"value": 0.6, "low": 0.4, "high": 0.8, "interval": "95% profile likelihood"}
    table = made_up.table(
        "parameters_summary", [{**common, "parameter": "alpha"}, {**common, **whole, "parameter": "beta"}]
    )
    first, second = card.parameters(table, "MB0", 2)
    assert first["value"] == "0.5 ± 0.1 (mean and standard deviation of 4 outer folds)"
    assert second["value"] == "0.6 (0.4 to 0.8; 95% profile likelihood)"
    assert card.parameters(table, "MB0", 1) == []


def formulas(page: str) -> dict[str, tuple[str, list[str], list[str]]]:
    """By heading: note, lines, and names of parameters."""
    found = {}
    for section in page.split("<section>")[1:]:
        heading = re.search("<h2>(.*?)</h2>", section).group(1)
        if heading.startswith("Formula"):
            note = re.search("<p>(.*?)</p>", section)
            found[heading] = (
                note and note.group(1),
                re.findall('<p class="formula">(.*?)</p>', section),
                re.findall("<tr><td>(.*?)</td>", section),
            )
    return found


def with_parameters(tables, *models) -> dict[str, pd.DataFrame]:
    rows = [
        {
            "dataset": "mine",
            "subject": "p0000",
            "model": model,
            "dim": dim,
            "parameter": name,
            "mean": 0.5,
            "n_outer": 4,
        }
        for model, dim in models
        for name in ("alpha", "beta")
    ]
    return tables | {"parameters_summary": made_up.table("parameters_summary", rows)}


def test_equations_stand_beside_the_parameters_of_the_best_model():
    tables, metas, about = made_up.run(1)
    about["datasets"]["mine"]["equations"] = {
        "MB0": ["V_s ← V_s + alpha · (r − V_s)", "y_i = beta · V_i"],
        "LS0": ["B"],
    }
    tables = with_parameters(tables, ("MB0", 2), ("LS0", 1))
    found = formulas(one_subject("p0000", "mine", tables, {}, [], metas["mine"], about))
    note, lines, parameters = found["Formula: MB0, d = 2"]
    assert lines == ["V_s ← V_s + alpha · (r − V_s)", "y_i = beta · V_i"]
    assert parameters == ["alpha", "beta"]
    assert note == "Here s is the state; of the actions 0 is left, 1 is right."
    _, others, none = found["Formulas of dynamics"]
    assert len(others) == 4
    assert all(line.startswith("gru, d = 1, as a straight line after ") for line in others)
    assert none == []


def test_of_a_network_s_subject_the_best_hand_written_model_is_printed():
    tables, metas, about = made_up.run(1)
    tables["strategy"] = tables["strategy"].assign(model="gru", dim=2)
    tables = with_parameters(tables, ("MB0", 2), ("LS0", 1))
    losses = tables["performance"].set_index("model")["test_nll"]
    best = min(("MB0", 2), ("LS0", 1), key=lambda place: losses[place[0]])
    page = one_subject("p0000", "mine", tables, {}, [], metas["mine"], about)
    heading = f"Formula: {best[0]}, d = {best[1]}, the hand-written model that predicts best"
    assert list(formulas(page)) == [heading, "Formulas of dynamics"]


def test_a_model_without_printed_equations_says_where_they_are():
    tables, metas, about = made_up.run(1)
    about["datasets"]["mine"]["equations"] = {}
    tables = with_parameters(tables, ("MB0", 2))
    page = one_subject("p0000", "mine", tables, {}, [], metas["mine"], about)
    note, lines, parameters = formulas(page)["Formula: MB0, d = 2"]
    assert note == "Its equations are in docs/methods.md, 6. Cognitive models."
    assert lines == []
    assert parameters == ["alpha", "beta"]


def test_equations_that_were_found_are_set_for_people():
    common = {"dataset": "mine", "subject": "p0000", "model": "gru", "dim": 1, "target": "L", "condition": "A1R1"}
    rows = [
        {**common, "outer": outer, "selected": selected, "expression": expression}
        for outer, selected, expression in (
            (0, True, "(0.123456*L**2 - 1.50000e-05)/(L**12 + 2)"), (0, False, "9*L"), (1, True, "7*L"))
    ]  # fmt: skip
    (line,) = card.equations(made_up.table("symbolic_regression", rows), ["left", "right"])
    assert line == "gru, d = 1, after left, reward: ΔL = (0.123 · L² − 1.5e−05)/(L¹² + 2)"
    assert card.typeset("123456.0*y1 + 2*y2") == "1.23e+05 · y1 + 2 · y2"


def test_the_page_is_told_the_equations_of_the_models_of_each_data_set():
    section = {"source": "table", "file": "choices.csv"}
    content = {"run": "r", "datasets": {"a": {**section, "task": "reversal"}, "b": {**section, "task": "two_stage"}}}
    content["models"] = {"gru": {"family": "rnn"}, "mine": {"family": "cognitive", "model": "MB0s"}}
    content["models"]["MBf"] = {"family": "cognitive", "datasets": ["a"]}
    content["models"]["MBsflr"] = {"family": "cognitive", "datasets": ["b"]}  # has none that are printed
    about = outputs.about(config.load(ROOT / "config/config.yaml", [], content))
    found = {name: about["datasets"][name]["equations"] for name in "ab"}
    assert list(found["a"]) == ["mine", "MBf"]
    assert found["a"]["mine"] == ["V_s ← V_s + alpha · (r − V_s)", "V_t ← −V_s", "y_i = beta · V_i"]
    assert list(found["b"]) == ["mine"]
    assert "M_i = 0.8 · V_i + 0.2 · V_j" in found["b"]["mine"]
    assert about["notation"] == NOTATION


def evidence(*rows: tuple) -> pd.DataFrame:
    names = ("update", "remains", "reason", "loss", "low", "high", "network", "n_mechanisms")
    made = [
        dict(zip(names, row, strict=True)) | {"models": '{"M d=1": 2}', "dataset": "d", "subject": "s"} for row in rows
    ]
    return made_up.table("strategy_evidence", made)


LEAKY, BAYES = "leaky integration", "Bayesian-like inference"


@pytest.mark.parametrize(
    ("answer", "rows", "said"),
    [
        (
            LEAKY,
            [(LEAKY, True, "", 0.0, 0.0, 0.0, False, 1), (BAYES, False, "predicts worse", 0.02, 0.01, 0.03, False, 1)],
            "20.0 (10.0 to 30.0) nats per 1,000 choices behind: it would be back if the lower end of its interval, "
            "10.0, fell to 0.",
        ),
        (
            "cannot be told",
            [(LEAKY, True, "", 0.0, 0.0, 0.0, False, 1), (BAYES, True, "", 0.002, -0.002, 0.006, False, 1)],
            # half an interval of .004 has to become .002: with 4 times the choices
            "about 4.0 times as many choices would tell them apart",
        ),
        (
            LEAKY,
            [(LEAKY, True, "", 0.0, 0.0, 0.0, False, 1)],
            "no model of the run assumes anything but leaky integration, so nothing here could change it",
        ),
        (
            LEAKY,
            [
                (BAYES, False, "what assumes less loses less than 0.003 nats per choice", 0.0, 0.0, 0.0, False, 2),
                (LEAKY, True, "", 0.001, -0.001, 0.002, False, 1),
            ],
            "it assumes more, and would have to gain over 3 nats per 1,000 choices, where it gains 1.0.",
        ),
    ],
)
def test_what_would_change_an_answer(answer, rows, said):
    (line,) = changes.changes({"update": answer}, evidence(*rows), made_up.table("model_comparison", []), 0.003)
    assert said in line


def test_what_would_change_other_answers():
    row = {
        **{"enough": "cannot be told", "network_gain": 0.002, "network_gain_low": -0.001, "network_gain_high": 0.005},
        **{"bias": "none", "d_star_share": 0.84, "d_star": '{"reference": 1, "argmin": 2, "paper": 1, "one_se": 3}'},
    }
    best = {"dataset": "d", "subject": "s", "model": "LS0", "bias": 0.03, "bias_low": -0.03, "bias_high": 0.1}
    comparison = made_up.table("model_comparison", [best])
    enough, bias, d_star = changes.changes(row, evidence(), comparison, 0.003)
    assert "gain 2.0 (-1.0 to 5.0) nats per 1,000 choices" in enough
    assert "below 3, no all of it above 0" in enough
    assert "It is 0.03 (-0.03 to 0.10) nats; none needs all of it within ±0.2 nats" in bias
    assert d_star.startswith("d*: 1 by rule reference, and in 84% of resamples of the outer folds")
    assert d_star.endswith("It is 2 by argmin and 3 by one_se.")


# HTML


def test_nothing_that_users_write_becomes_markup():
    tables, metas, about = made_up.run(0, ids=EVIL)
    about["datasets"]["mine"]["actions"] = ["<i>left</i>", "right\"'"]
    about["run"] = "<run>"
    metas["mine"]["raw_sha256"] = {"<b>file</b>": "0"}
    metas["mine"]["marks"] = [{"subject": EVIL[0], "mark": "doubt", "comment": "</script><script>alert(2)</script>"}]
    row = {"dataset": "mine", "subject": "<u>gone</u>", "reason": "<b>why</b>"}
    tables["excluded"] = made_up.table("excluded", [row])
    page = overview(tables, metas, about)
    harmless, _, _ = made_up.run(0, ids=list("abcde"))
    counts = {name: {"scored": 1, "blocks": 1} for name in "abcde"}
    metas["mine"] |= {"subjects": list("abcde"), "counts_analysed": counts}
    plain = overview({**harmless, "excluded": tables["excluded"]}, metas, about)
    shapes = [[tag for tag, _ in Elements(text).found] for text in (page, plain)]
    assert shapes[0] == shapes[1]
    assert not {"i", "b", "u", "img"} & set(shapes[0])
    assert cells(data_of(page), "subject") == EVIL
    text = "".join(Elements(page).words)
    for words in ("<run>", "<b>file</b>", "<u>gone</u>", "<b>why</b>", "<i>left</i>"):
        assert words in text, words


def test_the_page_of_one_subject_escapes_as_well():
    tables, metas, about = made_up.run(0, ids=EVIL[:1])
    tables["strategy"]["verdict"] = "<b>bold</b>"
    tables["behaviour_stay"] = made_up.table("behaviour_stay", [
        {"dataset": "mine", "subject": EVIL[0], "source": "data", "kind": "data", "after": "<em>", "value": 0.5,
         "low": 0.4, "high": 0.6}])  # fmt: skip
    tables["behaviour_discrepancy"] = made_up.table("behaviour_discrepancy", [
        {"dataset": "mine", "subject": EVIL[0], "source": "MB0", "dim": 2, "kind": "playing", "measure": "stay",
         "cell": "<em>", "z": 3.0, "share_above_2": 1.0, "n_cells": 1}])  # fmt: skip
    page = one_subject(EVIL[0], "mine", tables, {}, [], metas["mine"], about)
    elements = Elements(page)
    assert not {"b", "em", "img"} & {tag for tag, _ in elements.found}
    assert [tag for tag, _ in elements.found].count("script") == 1
    assert EVIL[0] in "".join(elements.words)
    assert "<b>bold</b>" in "".join(elements.words)


def test_the_page_loads_nothing_and_runs_its_own_script_alone():
    page = overview(*made_up.run(2))
    elements = Elements(page).found
    (policy,) = [at["content"] for tag, at in elements if tag == "meta" and "http-equiv" in at]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    for tag, attributes in elements:
        assert not {"src", "srcset", "onclick", "onload", "style"} & set(attributes), tag
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        assert not str(attributes.get("href", "")).startswith(("http", "//", "/", "javascript"))


def test_a_thousand_subjects_fit_in_a_file_of_three_million_bytes():
    page = overview(*made_up.run(1000))
    assert len(page.encode()) < 1_000_000
    data = data_of(page)
    assert len(cells(data, "subject")) == 1000
    assert "made on demand" in page


def test_what_a_run_does_not_make_has_no_section():
    tables, metas, about = made_up.run(2)
    few = {name: tables[name] for name in ("description", "performance", "excluded")}
    page = overview(few, metas, {**about, "analyses": {}})
    headings = re.findall("<figcaption>(.*?)</figcaption>", page)
    assert headings == ["Test NLL against d", "Indices"]
    one = {name: table[table["subject"] == "p0000"] for name, table in few.items()}
    alone = one_subject("p0000", "mine", one, {}, [], metas["mine"], {**about, "analyses": {}})
    assert "does not ask for analysis strategy" in alone
    assert "<h2>Portrait" not in alone
    assert "What would change" not in alone


def test_figures_of_a_subject_are_linked_by_model():
    tables, metas, about = made_up.run(2)
    one = {name: table[table["subject"] == "p0000"] for name, table in tables.items()}
    names = [
        "portrait__mine__p0000__gru",
        "behaviour__mine__p0000",
        "choice_x__mine__p0000__gru",
        "cloud__mine__p0000__gru__d2",
    ]
    elements = Elements(one_subject("p0000", "mine", one, {}, names, metas["mine"], about))
    links = [at["href"] for tag, at in elements.found if tag == "a" and "figures" in at["href"]]
    shown = [
        "portrait__mine__p0000__gru",
        "choice_x__mine__p0000__gru",
        "behaviour__mine__p0000",
        "cloud__mine__p0000__gru__d2",
    ]
    assert links == [f"../../figures/{name}.{suffix}" for name in shown for suffix in ("png", "pdf")]
    words = [word.strip() for word in elements.words]
    of_figures = words[words.index("Figures") :]
    order = [of_figures.index(of) for of in ("gru", "all models", "gru, d = 2")]
    assert order == sorted(order)
    assert "choice x" in of_figures
    assert "Figures" not in [
        word.strip() for word in Elements(one_subject("p0000", "mine", one, {}, [], metas["mine"], about)).words
    ]


def test_a_subject_that_nothing_was_fitted_to_has_no_page():
    tables, metas, about = made_up.run(2)
    tables["performance"] = tables["performance"][tables["performance"]["subject"] == "p0000"]
    data = data_of(overview(tables, metas, about))
    assert data["pages"] == [None, ""]  # None: the page has the subject's name


def test_names_of_pages_are_those_of_directories():
    tables, metas, about = made_up.run(0, ids=["a b", "plain"])
    data = data_of(overview(tables, metas, about))
    assert data["pages"] == ["a+20b", None]
    assert data["link"] == "subjects/DATASET/SUBJECT.html"


def test_left_out_subjects_and_marks_that_were_read_are_shown():
    tables, metas, about = made_up.run(1)
    row = {"dataset": "mine", "subject": "gone", "reason": "left out: marked drop: asleep"}
    tables["excluded"] = made_up.table("excluded", [row])
    metas["mine"]["marks"] = [{"subject": "gone", "mark": "drop", "comment": "asleep"}]
    page = overview(tables, metas, about)
    assert "mine: gone: left out: marked drop: asleep" in page
    assert data_of(page)["marks"] == [["mine", "gone", "drop", "asleep"]]
    assert "Dropped after visual inspection of a previous run: 1 subject." in page


def test_the_page_is_the_same_every_time():
    assert overview(*made_up.run(20)) == overview(*made_up.run(20))


# words


def test_methods_have_the_numbers_of_the_config():
    _, metas, about = made_up.run(3)
    text = " ".join(methods.paragraph(about, metas))
    for words in (
        "3 subjects with 597 scored choices in 30 blocks",
        "gru (gru with 1, 2 and 3 units)",
        "the cognitive models MB0 and LS0",
        "over blocks with 4 outer and 2 inner folds",
        "learning rate 0.005 and an L1 penalty of 1e-05",
        "at most 2,000 epochs",
        "had not fallen for 200 of them, from 3 initialisations",
        "more than 0.003 nats per choice",
    ):
        assert words in text, words
    assert "Lyapunov" not in text  # of an analysis that is not asked for
    about["models"]["gru"]["dims"] = [1]
    metas["mine"]["removed"] = [{}]
    text = " ".join(methods.paragraph(about, metas))
    assert "gru (gru with 1 unit)" in text
    assert "Left out with a reason (meta.json): 1 part of the data." in text
    about["models"].pop("gru")
    assert "Adam" not in " ".join(methods.paragraph(about, metas))


def test_methods_say_nothing_of_models_that_are_fitted_to_no_data_set():
    _, metas, about = made_up.run(1)
    about["models"]["gru"]["dims"] = []  # as of a student
    text = " ".join(methods.paragraph(about, metas))
    assert "We fitted the cognitive models MB0 and LS0 to" in text
    assert "gru" not in text
    for spec in about["models"].values():
        spec["dims"] = []
    assert "We fitted" not in " ".join(methods.paragraph(about, metas))


def test_references_are_of_what_was_used():
    _, metas, about = made_up.run(1)
    assert len(methods.references(about, metas)) == 3
    metas["mine"]["source"] = "bartolo"
    assert any("p7ft2bvphx" in one for one in methods.references(about, metas))
    about["models"] = {}
    assert [one.split()[0] for one in methods.references(about, metas)] == ["Bartolo", "Ji-An,"]


def test_verdicts_at_the_end_of_a_run_are_at_most_five_lines():
    for n in (0, 1, 4, 5, 30):
        lines = verdicts(made_up.run(n)[0]["strategy"] if n else pd.DataFrame())
        assert len(lines) == {0: 0, 1: 2, 4: 5, 5: 3, 30: 3}[n], n
    assert lines[1:] == ["  mine  15 of its subjects: leaky integration; no bias",
                         "  mine  15 of its subjects: Bayesian-like inference"]  # fmt: skip
    many = pd.DataFrame({"dataset": "d", "subject": list("abcdefgh"), "verdict": list("vvvwwxyz")})
    assert verdicts(many)[1:] == [
        "  d  3 of its subjects: v", "  d  2 of its subjects: w", "  d  1 of its subjects: x", "  others in 2 subjects"
    ]  # fmt: skip


# known agents


def test_every_kind_of_figure_is_explained_and_has_known_agents():
    assert set(READING) == {*group.HEADINGS, "portrait", "field", "values", "checks", "evidence"}
    known = agents.known()
    assert [one.model for one in known] == [model for _, model in agents.KINDS.values()]
    for one in known:
        drawn = group.figures(one.group, one.row_of, ["action 1", "action 2"])
        assert {figure.kind for figure in drawn} == set(group.HEADINGS)
        assert {"portrait", "checks", "evidence"} <= set(one.card)
    assert any("field" in one.card for one in known)
    assert agents.FILE.stat().st_size < 100_000


def test_known_agents_are_recognised_and_their_ranges_are_of_their_numbers():
    for one in agents.known():
        losses = one.group["losses"]
        ends = group.ranges(one.group)["losses"][f"{one.model}, d = {losses.query('model == @one.model')['d'].iloc[0]}"]
        own = losses[losses["model"] == one.model]["value"]
        assert ends == (own.min(), own.max())
        best = losses[losses["family"] == "cognitive"].groupby("model")["value"].mean().idxmin()
        assert best == one.model  # what played predicts best of the hand-written models


def test_hand_written_models_beyond_the_colours_are_dashed():
    n = len(COGNITIVE_COLOURS) + 1
    own = pd.DataFrame(
        {"subject": "a", "model": [f"m{i}" for i in range(n)], "family": "cognitive", "d": 2, "value": 0.5}
    )
    elements = Elements(group.losses(own, {"a": 0})).found
    means = [(at["class"], at["stroke"]) for tag, at in elements if tag == "path" and at["class"].startswith("mean")]
    assert len(means) == 2 * n  # in the figure and in the legend
    assert len(set(means)) == n


class Makes:
    """Outputs of an analysis with these figures."""

    def __init__(self, *names):
        self.figures = lambda config, fits: list(names)


def test_figures_of_a_subject_are_those_with_its_name():
    made = {"a": Makes("k__d__s1__gru", "k__d__s10__gru", "k__e__s1__gru", "group__d"), "b": Makes("own__d__s1")}
    found = outputs.figures_of(None, made, [])
    assert found["d", "s1"] == ["k__d__s1__gru", "own__d__s1"]
    assert found["e", "s1"] == ["k__e__s1__gru"]
    assert set(found) == {("d", "s1"), ("d", "s10"), ("e", "s1")}


def test_pages_of_many_subjects_are_made_on_demand(tmp_path):
    from tinycog.results.layout import Layout

    fits = [("d", f"s{i}", "gru", 1, outer) for i in range(51) for outer in range(2)]
    layout = Layout(tmp_path)
    assert outputs.files(layout, fits[:100]) == [str(tmp_path / "index.html"), *outputs.of_subjects(layout, fits[:100])]
    assert len(outputs.of_subjects(layout, fits)) == 51
    assert outputs.files(layout, fits) == [str(tmp_path / "index.html")]


def test_a_check_is_named_in_words_and_nothing_is_minus_zero():
    tables, metas, _ = made_up.run(1)
    strategy = tables["strategy"].assign(discrepancy_of="reversal_schedule, schedule -1, of a, teacher_forced")
    row = numbers.subjects(metas, {**tables, "strategy": strategy}).iloc[0]
    assert row["worst_note"] == " in reversal schedule, schedule -1, of a, along its choices"
    compared = tables["model_comparison"].assign(loss=0.0, low=-1e-6, high=1e-6)
    row = numbers.subjects(metas, {**tables, "model_comparison": compared}).iloc[0]
    assert row["margin_note"].startswith(" (0.0 to 0.0) of ")


@pytest.mark.parametrize("conditions", [("A1R0", "A1R1"), ("A1S1R0", "A1S1R1"), ("A1", "A2")])
def test_words_below_setpoints_leave_room_for_the_label(conditions):
    table = pd.DataFrame({"subject": ["a", "b"], "condition": list(conditions), "value": [1.0, -1.0]})
    made = str(group.setpoints(table, {"a": 0, "b": 1}, ["left", "right"]))
    rows = [float(y) for y in re.findall(r'y="([\d.]+)" text-anchor="middle" class="tick"', made)]
    (label,) = re.findall(r'y="([\d.]+)"[^>]*>after this trial', made)
    assert float(label) - max(rows) >= 11
