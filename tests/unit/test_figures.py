"""What figures show: texts, sizes, axes and marks, against values worked out by hand."""

import itertools
import json

import matplotlib as mpl
import matplotlib.image
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text
from scipy.stats import t

from tinycog.analyses.description.compute import describe
from tinycog.analyses.description.figure import overview
from tinycog.analyses.description.intervals import over_subjects, wilson, with_intervals
from tinycog.analyses.dimensionality.by_dim import by_dim
from tinycog.analyses.dimensionality.figure import histogram
from tinycog.analyses.dynamical_regression import figure as regression
from tinycog.analyses.parameter_recovery.compute import summary
from tinycog.analyses.parameter_recovery.figure import recovered
from tinycog.analyses.performance.compute import performance_group
from tinycog.analyses.performance.figure import CUT_SHORT, nll_against_d
from tinycog.analyses.performance.plot import plot as plot_performance
from tinycog.analyses.portraits.figure import phase_portrait, setpoints
from tinycog.analyses.portraits.plot import plot_portrait, plot_setpoints
from tinycog.analyses.portraits.scaling import scaled
from tinycog.errors import InputError
from tinycog.figures.style import (
    RC,
    apart,
    condition_colour,
    condition_dashes,
    condition_marker,
    condition_name,
    note,
    save,
    shown,
)
from tinycog.sections.datasets import AnyDataset
from tinycog.sections.messages import checked
from tinycog.tasks import task_of
from tinycog.trials.subjects import directory

HOSTILE = ["a$x^$b", r"_{\frac $", "50% 猴子\tline\n", "Ж" * 300]
TWO = ["left", "right"]
MM = 25.4


def drawn(figure):
    """The figure with its layout and all its texts, as it is saved."""
    with mpl.rc_context(RC):
        figure.draw_without_rendering()


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def trials(subjects=("s",), n=40):
    action = np.arange(n) // 3 % 2
    one = {"dataset": "d", "session": "x", "block": np.arange(n) // 20, "trial": np.arange(n) % 20, "mask": 1}
    one |= {"action": action, "state": action, "reward": np.arange(n) % 2 * 1.0, "task_p0": 0.2, "task_p1": 0.7}
    return pd.concat([pd.DataFrame({**one, "subject": subject}) for subject in subjects], ignore_index=True)


def described(table):
    return with_intervals(describe(table, task_of("reversal")))


def scored(subjects=("s",), cut=0.0, **changes):
    """Table `performance` of a GRU of two sizes and a cognitive model."""
    rows = [
        {"dataset": "d", "subject": subject, "model": model, "dim": d, "n_dynamical": d, "family": family}
        for subject in subjects
        for model, family, dims in (("gru", "rnn", (1, 2)), ("MB0", "cognitive", (2,)))
        for d in dims
    ]
    table = pd.DataFrame(rows).assign(test_nll=0.5, test_nll_sem_outer=0.02, test_nll_sem=0.3, n_parameters=9)
    share = np.where(table["family"] == "rnn", np.where(table["dim"] == 2, cut, 0.0), np.nan)
    return table.assign(test_accuracy=0.7, share_max_epochs=share, **changes)


def estimates(d_stars, dims, shares=None, note=""):
    """Table `dimensionality` by one rule, d* of each subject."""
    rows = [
        {"dataset": "d", "subject": f"s{i}", "rule": "reference", "d_star": d, "dims": json.dumps(dims), "note": note}
        for i, d in enumerate(d_stars)
    ]
    given = shares or [None] * len(d_stars)
    return pd.DataFrame(rows).assign(d_star_shares=[one if one is None else json.dumps(one) for one in given])


IDS = {"dataset": "d", "subject": "s", "model": "gru", "dim": 1}
CONDITIONS = {"A1R0": 0.0, "A1R1": 1.0, "A2R0": 0.0, "A2R1": -1.0}  # where the logit goes


def portrait(n_folds=3, reach=2.0):
    """Maps L -> L + (u - L) / 2 for logits of up to 4, with trials of up to `reach`: u is the fixed point."""
    maps, visited, fixed = [], [], []
    for outer in range(n_folds):
        for condition, u in CONDITIONS.items():
            keys = {**IDS, "outer": outer, "condition": condition}
            maps += [{**keys, "logit": x, "change": (u - x) / 2} for x in np.linspace(-4, 4, 81)]
            visited += [{**keys, "logit": x, "change": (u - x) / 2, "split": "train"} for x in (-reach, 0.5)]
            fixed.append({**keys, "logit": u, "attracts": True})
    return tuple(map(pd.DataFrame, (maps, visited, fixed)))


def table_of_setpoints(values):
    """Table `setpoints`: condition: value in each fold."""
    rows = [(c, outer, value) for c, folds in values.items() for outer, value in enumerate(folds)]
    return pd.DataFrame(rows, columns=["condition", "outer", "setpoint"]).assign(**IDS)


def coefficients(targets, conditions):
    """Means over folds of five subjects, as figures of dynamical regressions take them."""
    keys = itertools.product(range(5), conditions, targets, ["constant", *targets])
    rows = [(f"s{i}", *key, i / 10, 0.1, i / 10 - 0.2, i / 10 + 0.1, 3, 3) for i, *key in keys]
    names = ["subject", "condition", "target", "source", "mean", "sd", "low", "high", "n", "n_folds"]
    return pd.DataFrame(rows, columns=names)


def agents(**changes):
    columns = {"dataset": "d", "model": "MB0", "n_choices": 10, "agent": range(3)}
    columns |= {"true": [0.1, 0.2, 0.3], "fitted": [0.1, 0.25, 0.3], **changes}
    return pd.concat([pd.DataFrame(columns).assign(parameter=name) for name in ("alpha", "beta")])


def every_figure(name, actions=TWO):
    """One of each kind for a subject, or where figures show none a data set and model, called `name`."""
    yield overview(trials([name]), described(trials([name])), actions)
    yield overview(trials([name, "b", "c"]), described(trials([name, "b", "c"])), actions)
    yield nll_against_d(scored([name], 0.5), None, "d")
    yield nll_against_d(scored([name, "b", "c", "e"], 0.5), None, "d")
    yield nll_against_d(scored([name], 0.5, dataset=name), None, name)
    yield histogram(by_dim(estimates([2], [1, 2], [{"1": 0.2, "2": 0.8}]).assign(subject=name)))
    yield histogram(by_dim(estimates([1, 2], [1, 2, 3]).assign(dataset=name)))
    yield recovered(agents(model=name), summary(agents(model=name)))
    yield note("nothing")
    maps, visited, fixed = portrait()
    yield phase_portrait(maps, visited, fixed, outer=0, actions=actions, title=shown(name))
    yield setpoints(*scaled(table_of_setpoints({"A1R0": [0.5], "A2R1": [-1.0]})), actions=actions, title=shown(name))
    for targets, conditions in ((["L"], ["A1R0", "A2R1"]), (["A1", "A2"], ["A1S1R0", "A2S2R1"])):
        rows = coefficients(targets, conditions)
        yield regression.of_subject(rows[rows["subject"] == "s0"], actions=actions, title=shown(name))
        counts = dict.fromkeys(["constant", *targets], (4, 5))
        yield regression.of_group(rows, rows, counts, actions=actions, title=shown(name))
    arms = [*actions, "c"]
    yield regression.matrices({f"A{a}R1": np.eye(3) for a in (1, 2, 3)}, actions=arms, title=shown(name))


# texts


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_can_stand_in_every_figure(tmp_path, name):
    for figure in every_figure(name, [name, f"{name}2"]):
        drawn(figure)
        assert not [text for text in figure.findobj(Text) if text.get_text() and text.get_parse_math()]
    for plot in (plot_portrait, plot_setpoints):
        for table, rows in zip(("maps", "visited", "roots"), portrait(), strict=True):
            rows.assign(subject=name).to_parquet(tmp_path / f"{table}.parquet")
        table_of_setpoints({"A1R0": [0.5]}).assign(subject=name).to_parquet(tmp_path / "setpoints.parquet")
        plot(tmp_path, tmp_path / "figure", subject=directory(name), actions=[name, "x"])


@pytest.mark.parametrize(("given", "drawn"), [
    ("a$x^$b", "a$x^$b"),
    (r"50%_\alpha", r"50%_\alpha"),
    ("Ж мышь", "Ж мышь"),
    ("猴1", "U+73341"),
    ("a\tb\n", "a b "),
    ("_left", "\u200b_left"),  # a legend leaves out what begins with an underscore
    ("abcdefghijklmnop", "abcdefghijklmnop"),
    ("abcdefghijklmnopq", "abcdefgh…klmnopq"),  # 8 + 1 + 7 letters
])  # fmt: skip
def test_a_user_s_text_is_shown_as_it_is_or_so_that_one_can_tell(given, drawn):
    assert shown(given) == drawn


ALIKE = ["mouse-2020-01-cohortA-01", "mouse-2020-02-cohortA-01"]  # cut in the middle both are mouse-20…ortA-01
DIFFER, IN_BRIEF = ["…-01-cohortA-01", "…-02-cohortA-01"], ["…-01-c…tA-01", "…-02-c…tA-01"]  # up to 16 letters, or 12


@pytest.mark.parametrize(("given", "drawn"), [
    (["left", "abcdefghijklmnopq"], ["left", "abcdefgh…klmnopq"]),
    (ALIKE, DIFFER),
    (["猴猿猴猴", "猴犬猴猴"], ["…+733FU+…4U+7334", "…+72ACU+…4U+7334"]),
    (["left", *ALIKE, "mouse-20xx"], ["left", *DIFFER, "mouse-20xx"]),
    ([*ALIKE, "mouse-20…ortA-01"], [*DIFFER, "mouse-20…ortA-01"]),
    (["a b", "a\tb", "a\nb"], ["a b", "a b (2)", "a b (3)"]),
    (["a b (2)", "a b", "a\tb"], ["a b (2)", "a b", "a b (3)"]),
    (["x" * 20 + "\n" + "x" * 20, "x" * 20 + "\t" + "x" * 20], ["xxxxxxxx…xxxxxxx", "xxxxxxxx…xxxxxxx (2)"]),
])  # fmt: skip
def test_different_texts_of_a_figure_never_look_alike(given, drawn):
    assert apart(given) == drawn


def test_a_label_that_begins_with_an_underscore_is_in_the_legend():
    figure = phase_portrait(*portrait(1), outer=0, actions=["_l", "r"], title="t")
    assert "\u200b_l, reward" in legend(figure)


# sizes


def test_widths_are_one_column_or_two_and_letters_5_to_8_points(tmp_path):
    widths = set()
    for figure in every_figure("s"):
        drawn(figure)
        widths.add(round(figure.get_figwidth() * MM, 6))
        sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_text()}
        assert sizes
        assert min(sizes) >= 5
        assert max(sizes) <= 8
    assert widths == {89, 183}
    save(note("nothing"), tmp_path / "figure")
    assert mpl.image.imread(tmp_path / "figure.png").shape[1] == int(89 / MM * 300)  # nothing is cut off or added


@pytest.mark.parametrize("widest", [8, 16])
def test_a_doubling_of_units_is_a_step_of_its_own_where_networks_are_large(widest):
    parts = [scored().assign(n_dynamical=d) for d in (1, 4, widest)]
    networks = pd.concat(parts)[lambda table: table["family"] == "rnn"]
    axes = nll_against_d(networks, None, "d").axes[0]
    x = np.unique(np.asarray(axes.containers[0].lines[0].get_xdata(), dtype=float))
    if widest == 8:
        np.testing.assert_allclose(x, [1, 4, 8])
    else:
        np.testing.assert_allclose(np.diff(x), 4)
        assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "4", "16"]
        np.testing.assert_allclose(axes.get_xticks(), x)


def test_labels_made_while_a_figure_is_saved_have_its_settings(tmp_path):
    figure = nll_against_d(scored(), None, "d")
    save(figure, tmp_path / "figure")
    labels = figure.axes[0].get_yticklabels()
    assert {label.get_fontsize() for label in labels} == {6}
    assert not any(label.get_parse_math() for label in labels)


# names of actions


def dataset(**keys):
    return checked({"source": "simulate", "task": "bandit", **keys}, "t", AnyDataset)


def test_labels_of_actions_are_given_or_numbered_and_no_option_of_the_data():
    assert dataset(actions=["left", "right"]).action_labels == ["left", "right"]
    assert dataset().action_labels == ["action 1", "action 2"]
    assert checked({"source": "suthaharan"}, "t", AnyDataset).action_labels == ["action 1", "action 2", "action 3"]
    assert dataset(actions=["left", "right"]).model_dump() == dataset().model_dump()


@pytest.mark.parametrize("labels", [["a"], ["a", "b", "c"], ["a", "a"]])
def test_labels_are_as_many_as_actions_and_all_different(labels):
    with pytest.raises(InputError, match=r"actions: found .* must be 2 different labels"):
        dataset(actions=labels)


def test_an_empty_label_is_refused():
    with pytest.raises(InputError, match="actions"):
        dataset(actions=["", "b"])


def test_every_figure_of_actions_uses_their_labels():
    page = overview(trials(), described(trials()), ["left", "right"])
    assert "share of\nright" in texts(page)
    assert [label.get_text() for label in page.axes[2].get_yticklabels()] == ["left", "right"]
    assert [text.get_text() for text in page.axes[0].get_legend().get_texts()] == ["left", "right"]
    folds, by_condition = scaled(table_of_setpoints({"A1R0": [0.5], "A2R1": [-1.0]}))
    points = setpoints(folds, by_condition, actions=["left", "right"], title="t")
    assert [label.get_text() for label in points.axes[0].get_xticklabels()] == ["left", "right"]
    assert points.axes[0].get_ylabel().endswith("(positive: left)")
    curves = phase_portrait(*portrait(1), outer=0, actions=["left", "right"], title="t")
    assert curves.axes[0].get_xlabel() == "logit L (positive: left)"
    names = ["left, no reward", "left, reward", "right, no reward", "right, reward"]
    assert legend(curves)[:4] == names
    for figure in (page, points, curves):
        assert not [text for text in texts(figure) if "action 1" in text or "A1" in text or "A2" in text]


def test_actions_never_look_alike():
    page = overview(trials(), described(trials()), ALIKE)
    assert [label.get_text() for label in page.axes[2].get_yticklabels()] == DIFFER
    assert [text.get_text() for text in page.axes[0].get_legend().get_texts()] == DIFFER
    assert page.axes[1].get_ylabel() == f"share of\n{DIFFER[1]}"
    three = overview(trials(), described(trials()), [*ALIKE, "c"])
    assert [text.get_text() for text in three.axes[1].get_legend().get_texts()] == [*DIFFER, "c"]
    curves = phase_portrait(*portrait(1), outer=0, actions=ALIKE, title="t")
    assert legend(curves)[:4] == [f"{name}, {reward}" for name in IN_BRIEF for reward in ("no reward", "reward")]
    assert IN_BRIEF[0] in curves.axes[0].get_xlabel()
    for states in ("", "S1"):
        values = {f"A{a}{states}R1": [1.0] for a in (1, 2)}
        figure = setpoints(*scaled(table_of_setpoints(values)), actions=ALIKE, title="t")
        assert set(IN_BRIEF) <= set(texts(figure))
        assert IN_BRIEF[0] in figure.axes[0].get_ylabel()
        drawn(figure)


def test_a_condition_in_words():
    assert condition_name("A2S1R0", ["left", "right"]) == "right, state 1, no reward"
    assert condition_name("A1R1", ["left", "right"]) == "left, reward"
    assert condition_name("A2S1B2R1", ["left", "right"]) == "right, state 1, second action 2, reward"
    assert condition_name("A2", ["left", "right"]) == "right"


def test_conditions_have_colours_and_symbols_by_action_and_reward():
    """Of the four-armed task too, and of any number of arms; with any reward they are dark."""
    labels = [f"A{a}R{r}" for a in range(1, 6) for r in (0, 1)]
    assert len({condition_colour(label) for label in labels}) == 10
    assert condition_colour("A3") == condition_colour("A3R1") == "darkgreen"
    assert condition_colour("A2S1B2R0") == condition_colour("A2R0") == "tomato"
    assert condition_colour("A9R1") == condition_colour("A5R1") == "black"
    assert [condition_marker(f"A{a}R0") for a in range(1, 7)] == ["^", "v", "s", "D", "o", "o"]


def test_schedules_of_states_are_named_in_words():
    table = trials().rename(columns={"task_p0": "task_ps0", "task_p1": "task_ps1a1"})
    page = overview(table, described(table), ["left", "right"])
    names = [text.get_text() for text in page.axes[0].get_legend().get_texts()]
    assert names == ["state 1", "state 2, second action 2"]


def schedule(**columns):
    """The figure's panels above the choices, and its text, with these columns instead of the usual schedule."""
    table = trials().drop(columns=["task_p0", "task_p1"]).assign(**columns)
    page = overview(table, described(table), TWO)
    return page.axes[: len(page.axes) - 3]


@pytest.mark.parametrize("columns", [
    {"task_p_a": 0.2, "task_payoff_b": 0.7}, {"task_ps": 0.2, "task_p_s1a": 0.2}, {"task_p": 0.2},  # no number
    {"task_p0": "high", "task_p1": "low"}, {"task_p0": np.nan},  # nothing to draw
])  # fmt: skip
def test_columns_that_say_nothing_of_an_action_or_a_state_are_no_schedule(columns):
    assert schedule(**columns) == []


def test_text_beside_a_schedule_is_left_out():
    (ax,) = schedule(task_p0="high", task_p1=pd.array([0.25, None] * 20, dtype="Float64"))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["right"]
    assert ax.lines[0].get_ydata()[0] == 0.25


def test_the_axis_of_a_schedule_fits_its_values():
    (ax,) = schedule(task_payoff_a0=50.0, task_payoff_a1=30.0)
    low, high = ax.get_ylim()
    assert 20 < low < 30 < 50 < high < 60
    (ax,) = schedule(task_payoff_a0=-0.5, task_payoff_a1=0.5)
    assert ax.get_ylim()[0] < -0.5
    (ax,) = schedule(task_payoff_a0=0.0, task_payoff_a1=1.0)
    assert (ax.get_ylabel(), ax.get_ylim()) == ("payoff", (-0.05, 1.05))


def test_probabilities_and_payoffs_share_no_axis():
    (ax,) = schedule(task_payoff_a0=50.0, task_p0=0.2)
    assert [line.get_ydata()[0] for line in ax.lines[:1]] == [0.2]
    assert (ax.get_ylabel(), ax.get_ylim()) == ("reward\nprobability", (-0.05, 1.05))
    assert len(ax.get_legend().get_texts()) == 1


def test_the_session_that_is_shown_is_named():
    table = trials().assign(session=np.repeat(["s1", "s2"], 20))
    suptitles = [text.get_text() for text in overview(table, described(table), TWO).findobj(Text)]
    assert "d: s, session s1 (20 trials)" in suptitles
    assert "its first block" in suptitles
    table.loc[:19, ["action", "mask"]] = -1, 0  # nothing was chosen in s1, which is not the first that is shown
    assert "d: s, session s2 (20 trials)" in texts(overview(table, described(table), TWO))
    one = table.assign(session=7)
    found = texts(overview(one, described(one), TWO))
    assert {"d: s, session 7 (20 of 40 trials)", "its first block with a choice"} <= set(found)


# performance


def test_fits_that_ended_at_max_epochs_are_open_circles_and_said():
    for share, cut in ((0.2, 0), (0.21, 1)):
        figure = nll_against_d(scored(["s"], share), None, "d")
        (ax,) = figure.axes
        opened = [line.get_xydata().tolist() for line in ax.lines if line.get_markerfacecolor() == "white"]
        assert [points for points in opened if points] == [[[2.0, 0.5]]] * cut
        assert (CUT_SHORT in legend(figure)) == bool(cut)


def test_the_group_s_share_of_such_fits_is_the_mean_over_subjects():
    table = pd.concat([scored(["a"], 0.1), scored(["b"], 0.5)], ignore_index=True)
    group = performance_group(table).set_index(["model", "dim"])["share_max_epochs"]
    assert group["gru", 2] == pytest.approx(0.3)
    assert np.isnan(group["MB0", 2])
    many = pd.concat([scored([f"s{i}"], 0.1 * i) for i in range(7)], ignore_index=True)  # mean .3
    figure = nll_against_d(many, performance_group(many), "d")
    assert CUT_SHORT in legend(figure)


def test_panels_of_subjects_have_the_same_axes_and_looks():
    table = scored(["a", "b", "c", "e"])
    table.loc[table["subject"] == "b", "test_nll"] = 0.9
    table = table[(table["subject"] != "b") | (table["model"] != "gru")]
    figure = nll_against_d(table, None, "d")
    assert len({(*ax.get_xlim(), *ax.get_ylim()) for ax in figure.axes}) == 1
    assert legend(figure) == ["gru", "MB0"]
    looks = {bars.lines[0].get_color() for ax in figure.axes for bars in ax.containers if bars.get_label() == "MB0"}
    assert len(looks) == 1


def test_a_data_set_without_anything_to_compare_has_a_figure_that_says_so(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr("tinycog.analyses.performance.plot.save", lambda figure, stem: saved.append(figure))
    for name, table in (("by_subject", scored()), ("group", performance_group(scored()))):
        table.to_parquet(tmp_path / name)
    for dataset in ("e", "d"):
        plot_performance(tmp_path / "by_subject", tmp_path / "group", tmp_path / "figure", dataset=dataset)
    assert texts(saved[0]) == ["no model can be compared: see table excluded"]
    assert len(saved[1].axes) == 1


@pytest.mark.parametrize("column", ["subject", "model"])
def test_each_subject_has_its_panel_and_each_model_its_entry_however_alike(column):
    table = pd.concat([scored(test_nll=nll, **{column: name}) for name, nll in zip(ALIKE, (0.4, 0.6), strict=True)])
    table = table[table["family"] == "rnn"].reset_index(drop=True)
    figure = nll_against_d(table, None, "d")
    found = {ax.get_title(): [bars.lines[0].get_ydata()[0] for bars in ax.containers] for ax in figure.axes}
    if column == "subject":
        assert found == {f"subject {DIFFER[0]}": [0.4], f"subject {DIFFER[1]}": [0.6]}
    else:
        assert found == {"subject s": [0.4, 0.6]}
        assert legend(figure) == DIFFER


# d*


def test_numbers_at_each_d_star_by_hand():
    shares = [{"1": 0.9, "2": 0.1, "4": 0.0}, None, {"1": 0.3, "2": 0.2, "4": 0.5}]
    table = estimates([1, 4, 4], [1, 2, 4], shares)
    table.loc[1:, "note"] = "not bounded by this grid"
    found = by_dim(table)
    assert found["dim"].tolist() == [1, 2, 4]
    assert found["n"].tolist() == [1, 0, 2]
    assert found["not_bounded"].tolist() == [0, 0, 2]
    assert found["resampled"].tolist() == pytest.approx([3 * 0.6, 3 * 0.15, 3 * 0.25])


def test_the_histogram_goes_to_the_end_of_the_grid_with_resamples_and_notes():
    table = estimates([1, 1, 4, 4], [1, 2, 4], [{"1": 0.5, "2": 0.25, "4": 0.25}] * 4)
    table.loc[2, "note"] = "not bounded by this grid"
    figure = histogram(by_dim(table))
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "4"]
    certain, _, hatched = ax.containers
    assert [bar.get_height() for bar in certain] == [0.5, 0, 0.25]
    assert [(bar.get_y(), bar.get_height()) for bar in hatched] == [(0.5, 0), (0, 0), (0.25, 0.25)]
    assert ax.lines[0].get_ydata().tolist() == [0.5, 0.25, 0.25]
    assert legend(figure) == ["reference", "not bounded by this grid", "resamples of\nouter folds"]


def test_parts_of_a_bar_with_either_note_lie_on_each_other():
    table = estimates([2, 2, 2, 1], [1, 2])
    table.loc[:1, "note"] = ["one dim only", "not bounded by this grid"]
    parts = histogram(by_dim(table)).axes[0].containers
    assert [(part[1].get_y(), part[1].get_height()) for part in parts] == [(0, 0.25), (0.25, 0.25), (0.5, 0.25)]


def test_one_subject_has_no_bars_but_numbers():
    figure = histogram(by_dim(estimates([2], [1, 2, 3], [{"1": 0.25, "2": 0.75, "3": 0.0}])))
    (ax,) = figure.axes
    assert not ax.containers
    assert not ax.patches
    assert ax.lines[0].get_xydata().tolist() == [[1, 0]]  # the second dim
    assert [text.get_text() for text in ax.texts] == ["25", "75", "0"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "3"]
    assert ax.get_title() == "d: s0"


@pytest.mark.parametrize(("dims", "note"), [([1], "one dim only"), ([1, 2], "not bounded by this grid")])
def test_what_keeps_d_star_from_being_an_estimate_is_said(dims, note):
    (ax,) = histogram(by_dim(estimates([dims[-1]], dims, note=note))).axes
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"reference\n{note}"]
    figure = histogram(by_dim(estimates([dims[-1]] * 3, dims, note=note)))
    assert legend(figure) == ["reference", note]


def test_titles_of_data_sets_differ():
    table = pd.concat([estimates([1, 2], [1, 2]).assign(dataset=name) for name in ALIKE])
    assert [ax.get_title() for ax in histogram(by_dim(table)).axes] == [f"{name} (n = 2)" for name in DIFFER]


def test_data_sets_share_the_axis_of_shares():
    table = pd.concat([estimates([1, 1], [1, 2]), estimates([1, 2, 3], [1, 2, 3]).assign(dataset="e")])
    first, second = histogram(by_dim(table)).axes
    assert first.get_ylim() == second.get_ylim() == (0, 1.03)


# portraits


def test_axes_fit_the_shown_fold_s_trials_and_are_symmetric():
    maps, visited, fixed = portrait(reach=2.0)
    visited.loc[visited["outer"] == 1, ["logit", "change"]] *= 10
    (ax,) = phase_portrait(maps, visited, fixed, outer=0, actions=TWO, title="t").axes
    assert ax.get_xlim() == pytest.approx((-2.16, 2.16))  # 8% beyond the trial at -2
    assert ax.get_ylim() == pytest.approx((-1.62, 1.62))  # (1 + 2) / 2 at -2 with u = 1
    (ax,) = phase_portrait(maps, visited, fixed, outer=0, actions=TWO, title="t", limit=5.0).axes
    assert ax.get_xlim() == ax.get_ylim() == (-5, 5)


def test_a_fixed_point_near_the_trials_is_within_the_axes_and_one_far_off_is_not():
    maps, visited, fixed = portrait(1)
    for root, end in ((2.5, 2.7), (3.5, 2.16)):
        (ax,) = phase_portrait(maps, visited, fixed.assign(logit=root), outer=0, actions=TWO, title="t").axes
        assert ax.get_xlim() == pytest.approx((-end, end))
    (ax,) = phase_portrait(maps, visited, fixed.iloc[:0].astype(object), outer=0, actions=TWO, title="t").axes
    assert ax.get_xlim() == pytest.approx((-2.16, 2.16))


def test_the_other_folds_lie_thin_behind_the_shown_one():
    figure = phase_portrait(*portrait(3), outer=1, actions=TWO, title="t")
    curves = [line for line in figure.axes[0].lines if len(line.get_xdata()) > 10]
    thin = [line for line in curves if line.get_linewidth() == 0.4]
    strong = [line for line in curves if line.get_linewidth() == 1.2]
    assert (len(thin), len(strong)) == (2 * 4, 4)
    assert max(line.get_zorder() for line in thin) < min(line.get_zorder() for line in strong)
    for line in thin + strong:  # where trials were: -2 to .5
        assert (line.get_xdata().min(), line.get_xdata().max()) == pytest.approx((-2, 0.5))
    assert "other outer folds" in legend(figure)
    assert "other outer folds" not in legend(phase_portrait(*portrait(1), outer=0, actions=TWO, title="t"))


def test_curves_that_are_the_same_are_told_apart():
    (ax,) = phase_portrait(*portrait(1), outer=0, actions=TWO, title="t").axes  # A1R0 and A2R0 are the same
    marks = {line.get_color(): line for line in ax.lines if line.get_marker() in "^v"}
    first, second = marks["cornflowerblue"], marks["tomato"]
    assert first.get_marker() != second.get_marker()
    # four of each on -2 .. .5, at every fourth of sixteen steps
    assert first.get_xdata().tolist() == pytest.approx([-2 + 0.625 * k for k in range(4)])
    assert second.get_xdata().tolist() == pytest.approx([-2 + 0.625 * k + 2 * 2.5 / 16 for k in range(4)])
    np.testing.assert_allclose(first.get_ydata(), -first.get_xdata() / 2)
    # dashes of one action fill the gaps of the other's
    (start, (dash, gap)), (other, lengths) = condition_dashes("A1R0"), condition_dashes("A2R0")
    assert (start, other, lengths) == (0, dash, (dash, gap))
    assert dash == gap


# setpoints


def test_one_odd_fold_moves_neither_scale_nor_median():
    folds, by_condition = scaled(table_of_setpoints({"A1R1": [2.0, 2.2, 1.8, 2.0, 90.0], "A2R1": [-1.0] * 5}))
    row = by_condition.set_index("condition").loc["A1R1"]
    assert row[["median", "low", "high"]].tolist() == [1.0, 1.0, 1.1]  # of 1.8 2 2 2.2 90, over the median 2
    assert folds["value"].tolist() == [1.0, 1.1, 0.9, 1.0, 45.0] + [-0.5] * 5
    figure = setpoints(folds, by_condition, actions=TWO, title="t")
    (ax,) = figure.axes
    assert ax.get_ylim() == pytest.approx((-1.4, 1.4))
    dots = [line for line in ax.lines if line.get_color() == "black" and len(line.get_xdata())]
    assert [line.get_ydata().tolist() for line in dots] == [[1.0, 1.1, 0.9, 1.0], [1.3], [-0.5] * 5]
    assert dots[1].get_marker() == "^"  # beyond the axis
    bars, medians = ax.containers[0].lines[2][0], ax.containers[0].lines[0]
    assert medians.get_ydata().tolist() == [1.0]
    assert bars.get_segments()[0][:, 1].tolist() == pytest.approx([1.0, 1.1])
    assert min(line.get_zorder() for line in dots) > medians.get_zorder()
    assert {"one outer fold", "beyond ±1.3"} <= set(legend(figure))
    assert figure.legends[0].get_title().get_text() == "symbol: median,\nbar: quartiles of folds"


def test_folds_without_a_setpoint_are_counted():
    values = {"A1R0": [np.nan, np.nan], "A1R1": [1.0, np.nan], "A2R0": [0.0, 0.0]}
    (ax,) = setpoints(*scaled(table_of_setpoints(values)), actions=TWO, title="t").axes
    assert [text.get_text() for text in ax.texts] == ["none", "in 1 of\n2 folds"]


def test_setpoints_that_are_all_nought_have_no_scale():
    folds, by_condition = scaled(table_of_setpoints({"A1R0": [0.0, 0.0]}))
    assert folds["value"].tolist() == [0.0, 0.0]
    assert by_condition["median"].tolist() == [0.0]


def test_places_of_states_have_the_action_below():
    values = {f"A{a}S{s}R1": [1.0] for a in (1, 2) for s in (1, 2)}
    (ax,) = setpoints(*scaled(table_of_setpoints(values)), actions=TWO, title="t").axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["state 1", "state 2"] * 2
    assert [(text.get_text(), text.get_position()[0]) for text in ax.texts] == [("left", 0.5), ("right", 2.5)]


# stay probabilities


@pytest.mark.parametrize(("positive", "count", "low", "high"), [  # Newcombe 1998, Stat Med 17, 857: table I, method 3
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])  # fmt: skip
def test_intervals_of_one_subject_are_the_published_ones(positive, count, low, high):
    found = wilson(np.array([positive]), np.array([count]))
    np.testing.assert_allclose(np.ravel(found), [low, high], atol=5e-5)


def test_the_interval_over_subjects_is_student_s_where_all_have_as_many_trials():
    shares = np.array([0.6, 0.7, 0.75, 0.55])
    expected = t.interval(0.95, 3, shares.mean(), shares.std(ddof=1) / 2)
    np.testing.assert_allclose(over_subjects(100 * shares, np.full(4, 100.0)), expected)
    # 10 of 10 and 10 of 30: share 1/2, SE^2 = 2 (5^2 + 5^2) / 40^2; one degree of freedom, cut at 0 and 1
    assert over_subjects(np.array([10.0, 10]), np.array([10.0, 30])) == (0, 1)
    # with 25 times as many subjects of either kind: SE^2 = 50/49 * 50 * 25 / 1000^2, 49 degrees
    low, high = over_subjects(np.tile([10.0, 10], 25), np.tile([10.0, 30], 25))
    half = t.ppf(0.975, 49) * np.sqrt(50 / 49 * 50 * 25) / 1000
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half))


def test_the_table_has_intervals_of_stay_probabilities_alone():
    one = described(trials()).set_index(["subject", "statistic"])
    stays = one.index.get_level_values("statistic").str.startswith("stay_rew")
    assert (
        one.loc[~one.index.get_level_values("statistic").str.startswith("stay_"), ["low", "high"]].isna().all(axis=None)
    )
    n = one.loc[("s", "stay_rewarded"), "n"]
    expected = np.ravel(wilson(np.array([one.loc[("s", "stay_rewarded"), "value"] * n]), np.array([n], dtype=float)))
    np.testing.assert_allclose(one.loc[stays, ["low", "high"]], [expected, expected])  # of s, and of all
    second = trials(["b"])
    second.loc[1::2, "action"] = 1
    two = described(pd.concat([trials(["a"]), second])).set_index(["statistic", "subject"]).loc["stay_rewarded"]
    share, n = two["value"].to_numpy(), two["n"].to_numpy(dtype=float)
    np.testing.assert_allclose(two.loc["all", ["low", "high"]].tolist(), over_subjects((share * n)[:2], n[:2]))


def test_subjects_are_dots_beside_the_probability_of_all_with_its_interval():
    second = trials(["b"])
    second.loc[1::2, "action"] = 1
    table = described(pd.concat([trials(["a"]), second]))
    ax = overview(trials(["a"]), table, TWO).axes[-1]
    rows = table[table["statistic"] == "stay_rewarded"]
    assert ax.lines[0].get_ydata().tolist() == rows["value"].tolist()[:2]
    assert ax.containers[0].lines[0].get_ydata().tolist() == [rows["value"].iloc[-1]]
    bar = ax.containers[0].lines[2][0].get_segments()[0][:, 1]
    np.testing.assert_allclose(bar, rows[["low", "high"]].iloc[-1].tolist())
    assert ax.get_xlabel() == "all trials, 95% interval over subjects\n(grey: each subject)"
    alone = overview(trials(), described(trials()), TWO).axes[-1]
    assert not alone.patches
    assert alone.get_xlabel() == "all trials, 95% interval over trials (Wilson)"


def test_no_panel_is_empty():
    table = trials().assign(block=lambda rows: rows.index, trial=0)  # no trial has a next one
    assert len(overview(table, described(table), TWO).axes) == 3
    table = trials()
    table.loc[table["block"] == 0, ["action", "mask"]] = -1, 0  # nothing chosen in the first block
    _, _, choices, _ = overview(table, described(table), TWO).axes
    assert sum(len(line.get_xdata()) for line in choices.lines if line.get_marker() == "o") == 20


def test_a_subject_called_all_is_no_confusion():
    overview(trials(["all", "b"]), described(trials(["all", "b"])), TWO)
