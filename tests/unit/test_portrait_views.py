"""Other views of a portrait: what each panel shows of a map that is known."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from tinycog.analyses.portraits import outputs
from tinycog.analyses.portraits.plot import plot_variants
from tinycog.analyses.portraits.variants import sheet
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.figures.style import DOUBLE, SINGLE, condition_colour
from tinycog.sections.messages import checked

SLOPE = {"A1R0": -0.1, "A1R1": -0.2, "A2R0": -0.3, "A2R1": -0.4}
SHIFT = {"A1R0": 0.1, "A1R1": 0.8, "A2R0": -0.2, "A2R1": -0.9}
ALL = ["next_logit", "next_probability", "probability_next", "probability_change", "relative_action"]
TRIALS = [  # condition, block, trial, logit before; trial 2 of the first block was missed
    *(("A1R1", 0, 0, 0.52), ("A2R0", 0, 1, 1.23), ("A1R1", 0, 3, -0.42), ("A1R0", 0, 4, 0.48)),
    *(("A1R1", 1, 0, -2.03), ("A2R1", 1, 1, 2.04), ("A2R0", 1, 2, -1.02), ("A1R0", 1, 3, 1.03), ("A2R1", 1, 4, -1.54)),
]


def tables():
    grid = np.linspace(-3, 3, 61)
    ids = {"dataset": "d", "subject": "s", "model": "m", "dim": 1}
    curves = []
    for later in (0, 1):  # changes of the second fold are larger by 1
        for condition, slope in SLOPE.items():
            columns = {"logit": grid, "change": slope * grid + SHIFT[condition] + later}
            curves.append(pd.DataFrame({**ids, "outer": 2 + later, "condition": condition, **columns}))
    rows = [(outer, *row) for outer in (2, 3) for row in TRIALS]
    seen = pd.DataFrame(rows, columns=["outer", "condition", "block", "trial", "logit"])
    change = seen["condition"].map(SLOPE) * seen["logit"] + seen["condition"].map(SHIFT) + seen["outer"] - 2
    return pd.concat(curves), seen.assign(**ids, change=change, split="train")


def views(variants):
    maps, visited = tables()
    return sheet(maps, visited, variants=variants, outer=2, actions=["left", "right"], title="t")


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def probability(logit):
    return np.exp(logit) / (1 + np.exp(logit))


PLACES = {
    "next_logit": lambda now, then, sign: (now, then),
    "next_probability": lambda now, then, sign: (now, probability(then)),
    "probability_next": lambda now, then, sign: (probability(now), probability(then)),
    "probability_change": lambda now, then, sign: (probability(now), probability(then) - probability(now)),
    "relative_action": lambda now, then, sign: (sign * now, sign * (then - now)),
}


@pytest.mark.parametrize("variant", ALL)
def test_maps_and_trials_lie_where_the_view_puts_them(variant):
    ax = views([variant]).axes[0]
    for condition, slope in SLOPE.items():
        sign = 1 if condition.startswith("A1") else -1
        own = [line for line in ax.lines if line.get_color() == condition_colour(condition)]
        (dots,) = [line for line in own if line.get_marker() == "."]
        now = np.array([row[3] for row in TRIALS if row[0] == condition])
        then = now + slope * now + SHIFT[condition]
        np.testing.assert_allclose(dots.get_data(), PLACES[variant](now, then, sign), atol=1e-12)
        (thick,) = [line for line in own if line.get_linewidth() == 1.2]
        grid = np.linspace(-3, 3, 61)
        grid = grid[(grid >= now.min() - 1e-9) & (grid <= now.max() + 1e-9)]
        after = grid + slope * grid + SHIFT[condition]
        np.testing.assert_allclose(thick.get_data(), PLACES[variant](grid, after, sign), atol=1e-12)
        (thin,) = [line for line in own if line.get_linewidth() == 0.4]
        np.testing.assert_allclose(thin.get_data(), PLACES[variant](grid, after + 1, sign), atol=1e-12)
    diagonal = [line for line in ax.lines if line.get_linestyle() == ":" and line.get_color() == "0.6"]
    assert len(diagonal) == (variant in ("next_logit", "probability_next"))
    for line in diagonal:
        np.testing.assert_array_equal(line.get_xdata(), line.get_ydata())


def test_delays_are_arrows_from_trial_to_trial_of_the_first_block():
    (arrows,) = views(["delay"]).axes[0].collections
    # trials 0 and 1, and after the missed one 3 and 4: (L(t-1), L(t)) to (L(t), L(t+1))
    np.testing.assert_allclose(arrows.get_offsets(), [(0.52, 1.23), (-0.42, 0.48)])
    steps = np.column_stack([arrows.U, arrows.V])
    np.testing.assert_allclose(steps, [(0.71, -0.3 * 1.23 - 0.2), (0.9, -0.1 * 0.48 + 0.1)], atol=1e-12)
    assert [tuple(colour) for colour in arrows.get_facecolor()] == [
        mpl.colors.to_rgba(condition_colour(condition)) for condition in ("A2R0", "A1R0")
    ]


def test_histograms_count_trials_of_each_condition():
    figure = views(["histograms"])
    centre, above, beside = figure.axes[:3]
    assert len(centre.lines) == 4
    for panel, column in ((above, "logit"), (beside, "change")):
        assert len(panel.patches) == 4
        seen = tables()[1].query("outer == 2")
        for condition in SLOPE:
            colour = mpl.colors.to_rgba(condition_colour(condition))
            (patch,) = [patch for patch in panel.patches if patch.get_edgecolor() == colour]
            corners = patch.get_xy()[:, 0 if column == "logit" else 1]
            values = seen.loc[seen["condition"] == condition, column]
            assert corners.min() <= values.min() < corners.min() + 0.05 + 1e-9
            assert corners.max() - 0.05 - 1e-9 <= values.max() <= corners.max()
            heights = patch.get_xy()[:, 1 if column == "logit" else 0]
            assert heights.max() == np.histogram(values, np.arange(-200, 200) * 0.05)[0].max()


def test_a_sheet_has_a_panel_for_each_and_a_legend():
    for n, width in ((1, SINGLE), (2, SINGLE), (3, DOUBLE), (4, DOUBLE), (5, DOUBLE)):
        figure = views(ALL[:n])
        assert figure.get_size_inches()[0] == pytest.approx(width)
        legends = [*figure.legends, *(ax.get_legend() for ax in figure.axes if ax.get_legend())]
        words = [text.get_text() for legend in legends for text in legend.get_texts()]
        assert words == ["left, no reward", "left, reward", "right, no reward", "right, reward", "other outer folds"]
        assert len([ax for ax in figure.axes if ax.axison]) == n
    assert {"logit L (positive: left)", "next probability of left", "change towards the choice"} <= set(texts(figure))


def test_the_command_draws_the_first_fold_with_a_fit(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr("tinycog.analyses.portraits.plot.save", lambda one, stem: shown.append(one))
    for name, table in zip(("maps", "visited"), tables(), strict=True):
        table.to_parquet(tmp_path / f"{name}.parquet")
    for subject in ("s", "other"):
        plot_variants(tmp_path, tmp_path / "f", subject=subject, actions=["left", "right"], variants=["next_logit"])
    assert "d: s, m, d = 1, outer fold 2" in texts(shown[0])
    assert texts(shown[1]) == ["every fit failed"]


def config(**portraits):
    data = {"source": "simulate", "task": "reversal", "agent": {"model": "MB0"}, "n_blocks": 20, "n_trials": 9}
    models = {"gru": {"family": "rnn", "dims": [1]}}
    raw = {"run": "r", "datasets": {"d": data}, "models": models, "analyses": {"portraits": portraits}}
    return checked(raw, "config", Config)


def test_variants_are_asked_for_in_the_config():
    fits = [("d", "s", "gru", 1, 0)]
    assert outputs.figures(config(), fits) == ["portrait__d__s__gru", "setpoints__d__s__gru"]
    asked = config(variants=["delay", "next_logit"], limit=5)
    assert outputs.figures(asked, fits)[2:] == ["variants__d__s__gru"]
    options = {of.kind: of.options for of in outputs.drawings(asked, "d", "gru", 1)}
    assert options == {
        "portrait": "--limit 5.0",
        "setpoints": "",
        "variants": "--variant delay --variant next_logit",
    }
    assert [of.options for of in outputs.drawings(config(), "d", "gru", 1)] == ["", ""]
    with pytest.raises(InputError, match=r"analyses\.portraits\.variants"):
        config(variants=["delays"])
