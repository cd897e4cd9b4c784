"""Equations of models whose rules are known, and these equations as models."""

import json
import math
import subprocess
import sys
import types

import numpy as np
import pandas as pd
import pytest
import sympy

from tinycog.analyses.performance.compute import performance, performance_group
from tinycog.analyses.symbolic_regression import compute, figure, operon, outputs, pysr, sparse
from tinycog.analyses.symbolic_regression.choose import choose
from tinycog.analyses.symbolic_regression.compute import Found
from tinycog.analyses.symbolic_regression.coordinates import Coordinates, changes, coordinates, of_range
from tinycog.analyses.symbolic_regression.expressions import Refused, parse
from tinycog.analyses.symbolic_regression.plot import plot_equations, plot_formulas
from tinycog.analyses.symbolic_regression.search import search
from tinycog.analyses.symbolic_regression.section import SECTION
from tinycog.analyses.symbolic_regression.summary import compared
from tinycog.analyses.symbolic_regression.writing import complexity, text
from tinycog.config import Config
from tinycog.errors import InputError
from tinycog.fitting import formulas as fitting
from tinycog.fitting.compiled import Compiled
from tinycog.fitting.objective import replicas
from tinycog.models import registry
from tinycog.models.cognitive.formula import Formula
from tinycog.models.cognitive.rational import Rational, nothing, of_plain
from tinycog.models.interface import run
from tinycog.results import scores
from tinycog.sections.messages import checked
from tinycog.storage import write_json
from tinycog.tasks import task_of
from tinycog.trials import sequences
from tinycog.trials.splits import ROLES

TASK = task_of("reversal")
ONE, L, L2 = ((1, (0,)),), ((1, (1,)),), ((1, (2,)),)
LINE = Rational((ONE, L), (0,))
CURVE = Rational((ONE, L), (0,), ((1,),))  # (a + b L) / (1 + c L)
DRIFT = Rational((((1, (0, 1)), (-1, (1, 0))),), (0, 0))  # a (y2 - y1)
TOLERANT = SECTION().model_dump(include={"tolerance", "max_complexity"})


def trials_of(seed, n_blocks=8, n_trials=40):
    """Choices that repeat for a while, so that values and beliefs go far."""
    rng = np.random.default_rng(seed)
    n = n_blocks * n_trials
    action = np.repeat(rng.integers(0, 2, n // 4 + 1), 4)[:n]
    columns = {"block": np.repeat(np.arange(n_blocks), n_trials), "trial": np.tile(np.arange(n_trials), n_blocks)}
    columns |= {"action": action, "state": action, "reward": rng.integers(0, 2, n).astype(float)}
    return sequences.from_columns(columns | {"mask": np.ones(n, int)}, TASK)


def scores_of(name, values, data):
    """A cognitive model along trials; the last two blocks are test, the one before validation."""
    n = data.n_blocks
    role = np.array(["train"] * (n - 3) + ["val"] + ["test"] * 2)
    weights = {role_name: (role == role_name)[None].astype(float) for role_name in ROLES}
    params = {key: np.array([value]) for key, value in values.items()}
    return scores.score(TASK, registry.cognitive(TASK, name), params, data, weights)


def rules_of(name, values, engine=None, data=None):
    """The selected rule of each condition and target, as SymPy expression, with the r2 in test trials.

    As in a run, those of sparse regression compete with those of an engine; alone, operon takes a cubic for one of the
    four updates of a belief.
    """
    along = scores_of(name, values, data if data is not None else trials_of(1))
    of = coordinates(along, registry.cognitive(TASK, name).n_dynamical)
    found = {}
    for change in changes(TASK, along, of):
        if compute.is_still(change.x, change.y):
            found[change.condition, change.target] = sympy.Integer(0)
            continue
        some = []
        if engine:
            printed, reason = operon.search(change.x[:300], change.y[:300], seed=1, evaluations=100_000, max_length=20)
            assert reason == ""
            some = [parse(one, [f"X{i + 1}" for i in range(len(of.names))]) for one in printed]
        some += sparse.candidates(change.x, change.y)
        front = compute.front(
            [one for one in compute.candidates("e", some, change.x, change.y, **TOLERANT) if not one.reason]
        )
        best = front[compute.selected(front)]
        found[change.condition, change.target] = sympy.sympify(text(best.rule, best.constants, of.names, digits=12))
        explained = compute.r2(best.rule, best.constants, change.x_test, change.y_test)
        assert not explained < 0.999  # it is not defined for a constant change
    return found


def same(found, expected):
    """Both are the same function: their difference is 0 at three points, within 5 % of what the expected one is."""
    symbols = sorted(expected.free_symbols | found.free_symbols, key=str)
    for shift in (-0.4, 0.1, 0.7):
        at = {symbol: shift + 0.2 * i for i, symbol in enumerate(symbols)}
        assert float(found.subs(at)) == pytest.approx(float(expected.subs(at)), rel=0.05, abs=1e-6)


# rules as rational functions


def test_value_by_hand():
    x = [np.array([2.0, -1.0])]
    np.testing.assert_allclose(LINE.value([0.5, 3.0], x), [6.5, -2.5])
    np.testing.assert_allclose(CURVE.value([0.5, 3.0, 0.25], x), [6.5 / 1.5, -2.5 / 0.75])
    np.testing.assert_allclose(DRIFT.value([0.2], [np.array([1.0]), np.array([4.0])]), [0.6])
    mixed = Rational((((1, (2, 1)),),), (0, 1), ((1, 1),))  # a y1^2 y2 / (y2 + b y1 y2)
    np.testing.assert_allclose(mixed.value([2.0, 0.5], [np.array([3.0]), np.array([5.0])]), [90 / 12.5])
    np.testing.assert_allclose(mixed.cancelled().value([2.0, 0.5], [np.array([3.0]), np.array([5.0])]), [90 / 12.5])
    assert mixed.cancelled() == Rational((((1, (2, 0)),),), (0, 0), ((1, 0),))
    assert nothing(1).value([], x).tolist() == [0, 0]
    for rule in (LINE, CURVE, DRIFT, mixed, nothing(2)):
        assert of_plain(json.loads(json.dumps(rule.plain()))) == rule


def test_a_constant_is_left_out():
    assert LINE.without(0) == Rational((L,), (0,))
    assert CURVE.without(1) == Rational((ONE,), (0,), ((1,),))
    assert CURVE.without(2) == LINE
    assert Rational((L,), (0,), ((1,),)).without(0) == nothing(1), "without a numerator nothing is left to divide"


@pytest.mark.parametrize(
    ("rule", "written", "size"),
    [
        (nothing(1), "0", 1),
        (Rational((ONE,), (0,)), "2", 1),
        (Rational((L,), (0,)), "2*L", 3),
        (LINE, "2 - 3*L", 5),
        (Rational((L2,), (0,)), "2*L**2", 5),
        (Rational((ONE, L, L2), (0,)), "2 - 3*L + 4*L**2", 11),
        (CURVE, "(2 - 3*L)/(1 + 4*L)", 11),
        (Rational((ONE,), (0,), ((1,),)), "2/(1 - 3*L)", 7),
        (Rational((ONE,), (1,)), "2/(L)", 3),
        (Rational((((1, (0, 1)), (-1, (1, 0))),), (0, 0)), "2*(y2 - y1)", 5),
        (Rational((((1, (0, 0)),), DRIFT.numerator[0]), (0, 0)), "2 - 3*(y2 - y1)", 7),
        (Rational((((1, (1, 1)),),), (0, 0)), "2*y1*y2", 5),
    ],
)
def test_text_and_complexity_by_hand(rule, written, size):
    """Operators, variables and numbers are counted in the text, a power as repeated multiplication."""
    names = ("L",) if len(rule.base) == 1 else ("y1", "y2")
    constants = [2.0, -3.0, 4.0][: rule.n_constants]
    assert text(rule, constants, names) == written
    assert complexity(rule) == size
    at = {"L": 0.7, "y1": 0.3, "y2": -1.2}
    value = rule.value(constants, [np.array([at[name]]) for name in names])
    assert float(sympy.sympify(written).subs(at)) == pytest.approx(float(np.ravel(value)[0]))


def test_digits_of_constants():
    assert text(LINE, [1.23456789, -1e-7], ("L",)) == "1.23457 - 1e-07*L"
    assert figure.readable("1.23457 - 1e-07*L**2*N") == "1.23 − 1e−07 L² N"


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("(-0.5 * X1) + 2", lambda a, b: -0.5 * a + 2),
        ("((X1 + 1.5) * (X2 - X1)) / (X2 + 3)", lambda a, b: (a + 1.5) * (b - a) / (b + 3)),
        ("inv(X1 + 4.0) - X2^2", lambda a, b: 1 / (a + 4) - b**2),
        ("X1**-2 * X2", lambda a, b: b / a**2),
        ("1e-3*X1*X1*X2/(X1*X2 + X1)", lambda a, b: 1e-3 * a * b / (b + 1)),
        ("X1/(X2 + 2) + X2/(X2 + 2)", lambda a, b: (a + b) / (b + 2)),
        ("X1 - X1 + 3", lambda a, b: 3 + 0 * a),
        ("-(+X2)", lambda a, b: -b),
    ],
)
def test_expressions_of_engines_are_rational_functions(printed, value):
    rule, constants = parse(printed, ["X1", "X2"])
    a, b = np.random.default_rng(0).uniform(0.5, 2, (2, 10))
    np.testing.assert_allclose(rule.value(constants, [a, b]) * np.ones(10), value(a, b))


def test_one_way_of_writing():
    """The same function in other words is the same rule: the lowest monomial below has coefficient 1."""
    rule, constants = parse("(X1 + 1)*2/(4*X1 + 8)", ["X1"])
    assert rule == CURVE
    np.testing.assert_allclose(constants, [0.25, 0.25, 0.5])
    assert parse("X1*X1/X1 - 2*X1/2", ["X1"])[0].numerator == ()
    assert parse("(3*X1**3 + 6*X1)/(X1)", ["X1"])[0] == Rational((ONE, L2), (0,))
    assert parse("1 + 1e-12*X1", ["X1"])[0] == Rational((ONE,), (0,)), "rounding is no term"


@pytest.mark.parametrize(
    "printed",
    [
        *(
            "__import__('os').system('touch never')",
            "X1.real",
            "X1**0.5",
            "X1**X1",
            "X3",
            "sin(X1)",
            "lambda: X1",
            "[X1]",
        ),
        *("X1 if X1 else 1", "inv(X1, X1)", "inv(x=X1)", "True", "'text'", "1/0", "X1/(X1 - X1)", "X1**7"),
        *("X1*X1*X1*X1*X1*X1*X1", "(", "", "X1; X1", "1e999*X1", "X1 // 2", "X1 @ X1", "~X1", "X1**(10**10)"),
        "(" * 500 + "X1" + ")" * 500,
        "+".join(["X1"] * 5000),
        "(X1 + 1)**1000000000",
        "X1\0",
        "1" + "0" * 400,
    ],
)
def test_anything_else_is_refused(printed):
    with pytest.raises(Refused):
        parse(printed, ["X1", "X2"])


# from candidates to one rule


def test_constants_are_those_of_least_squares():
    x = np.random.default_rng(0).uniform(-1, 1, (200, 1))
    y = (0.5 - 2 * x[:, 0]) / (1 + 0.6 * x[:, 0])
    constants, loss = compute.fitted(CURVE, np.array([0.0, 0.0, 0.1]), x, y)
    np.testing.assert_allclose(constants, [0.5, -2.0, 0.6], rtol=1e-8)
    assert loss < 1e-20
    constants, loss = compute.fitted(LINE, np.zeros(2), x, y)
    slope, intercept = np.polyfit(x[:, 0], y, 1)
    np.testing.assert_allclose(constants, [intercept, slope])
    assert loss == pytest.approx(np.mean((intercept + slope * x[:, 0] - y) ** 2))
    at_pole = np.array([[1.0], [2.0]])
    assert compute.fitted(CURVE, np.array([0.0, 0.0, -1.0]), at_pole, np.ones(2))[1] == np.inf
    noisy = y + np.random.default_rng(1).normal(0, 0.1, 200)
    constants, _ = compute.fitted(CURVE, np.array([0.0, 0.0, 0.1]), x, noisy)

    def error(c):
        return np.mean(((c[0] + c[1] * x[:, 0]) / (1 + c[2] * x[:, 0]) - noisy) ** 2)

    for step in 0.01 * np.vstack([np.eye(3), -np.eye(3)]):
        assert error(constants + step) > error(constants)


def test_constants_that_do_not_help_are_dropped():
    x = np.random.default_rng(0).uniform(-1, 1, (200, 1))
    noise = 0.1 * np.random.default_rng(1).normal(size=200)
    whole = Rational((ONE, L, L2), (0,), ((1,),))
    rule, constants, loss = compute.pruned(whole, np.full(4, 0.1), x, 0.7 - 0.4 * x[:, 0] + noise, 1e-12)
    assert rule == LINE
    np.testing.assert_allclose(constants, [0.7, -0.4], atol=0.03)
    assert loss == pytest.approx(0.01, rel=0.2)
    assert compute.pruned(LINE, np.zeros(2), x, 0 * x[:, 0], 0.0)[0] == nothing(1)
    # (a + b L + c L^2) / L is no pole if a is not needed
    over = Rational((ONE, L, L2), (1,))
    assert compute.pruned(over, np.ones(3), x, 0.7 - 0.4 * x[:, 0], 1e-12)[0] == LINE


def test_a_rule_with_a_pole_in_the_visited_range():
    x = np.linspace(0.0, 0.9, 10)[:, None]
    assert not compute.has_pole(CURVE, np.array([1.0, 1.0, -1.0]), x)  # at L = 1
    assert compute.has_pole(CURVE, np.array([1.0, 1.0, -1.0]), x + 0.5)
    assert compute.has_pole(CURVE, np.array([1.0, 1.0, -1 / 0.9]), x), "at the end of the range"
    assert not compute.has_pole(LINE, np.ones(2), x)
    plane = Rational((((1, (0, 0)),),), (0, 0), ((1, 0), (0, 1)))  # 1 / (1 + b y1 + c y2)
    corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])  # trials themselves do not come near the pole
    assert compute.has_pole(plane, np.array([1.0, -0.6, -0.6]), corners)
    assert not compute.has_pole(plane, np.array([1.0, 0.6, 0.6]), corners)
    y = 1 / (1 - 0.9 * np.linspace(-1, 2, 50))
    [found] = compute.candidates("e", [(Rational((ONE,), (0,), ((1,),)), np.array([1.0, -0.9]))],
                                 np.linspace(-1, 2, 50)[:, None], y, **TOLERANT)  # fmt: skip
    assert found.reason == "a pole in the visited range"


def test_candidates_are_limited_and_each_is_kept_once():
    x = np.random.default_rng(0).uniform(-1, 1, (60, 1))
    y = 1.0 + x[:, 0] + 0.5 * x[:, 0] ** 2 + 0.3 * x[:, 0] ** 3
    cubic = Rational((ONE, L, L2, ((1, (3,)),)), (0,))
    both = [(cubic, np.zeros(4)), (cubic, np.ones(4)), (LINE, np.zeros(2))]
    assert [one.complexity for one in compute.candidates("e", both, x, y, tolerance=0, max_complexity=20)] == [19, 5]
    assert [one.complexity for one in compute.candidates("e", both, x, y, tolerance=0, max_complexity=18)] == [5]
    [line] = compute.candidates("e", both[2:], x, y, tolerance=0.5, max_complexity=20)
    assert line.counted == pytest.approx(0.5 * y.var())
    assert line.loss < line.counted
    [still] = compute.candidates("e", both[2:], x, np.full(60, -0.2), **TOLERANT)
    assert still.counted == pytest.approx(1e-12 * 0.04, rel=1e-6, abs=0), "rounding does not compete"
    many = Rational(tuple(((1, (i,)),) for i in range(25)), (0,))
    assert compute.candidates("e", [(many, np.zeros(25))], x, y, tolerance=0, max_complexity=50) == []


def found(size, loss, engine="e"):
    return Found(engine, LINE, np.zeros(2), loss, loss, size)


def test_the_front_has_no_rule_that_a_simpler_one_equals():
    some = [found(5, 0.1), found(1, 1.0), found(3, 1.0), found(7, 0.1), found(9, 0.01), found(1, 1.0, "later")]
    assert [(one.complexity, one.engine) for one in compute.front(some)] == [(1, "e"), (5, "e"), (9, "e")]


def test_the_selected_rule_is_the_steepest_of_the_close_ones():
    """Losses 8, 4, 1.2, 1: close to the lowest are 1.2 and 1; ln(4 / 1.2) / 2 is more than ln 1.2 / 2."""
    assert compute.selected([found(1, 8), found(3, 4), found(5, 1.2), found(7, 1)]) == 2
    assert compute.selected([found(1, 8), found(3, 4), found(5, 1.6), found(7, 1)]) == 3
    # the same fall for more complexity: ln 4 / 10 against ln 1.2 / 1
    assert compute.selected([found(1, 4.8), found(11, 1.2), found(12, 1)]) == 2
    assert compute.selected([found(1, 1.4), found(3, 1)]) == 1
    assert compute.selected([found(1, 1.0)]) == 0
    assert compute.selected([found(1, 1.0), found(3, 0.0)]) == 1
    assert compute.selected([]) is None


def test_a_rule_with_a_pole_is_shown_and_never_selected():
    pole = Found("e", CURVE, np.zeros(3), 0.01, 0.01, 4, "a pole in the visited range")
    worse = Found("e", CURVE, np.zeros(3), 0.9, 0.9, 6, "a pole in the visited range")
    some = [found(1, 1.0), pole, worse, found(5, 0.1), found(7, 0.2)]
    shown, best = compute.chosen(some)
    assert [(one.complexity, one.reason != "") for one in shown] == [(1, False), (4, True), (5, False)]
    assert best is some[3]
    assert compute.chosen([pole]) == ([pole], None)
    assert compute.chosen([]) == ([], None)


def test_r2_by_hand():
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 1.0, 5.0])
    # 2 L gives 0, 2, 4: errors 0, 1, 1; around the mean 2 the squares are 4, 1, 9
    assert compute.r2(Rational((L,), (0,)), [2.0], x, y) == pytest.approx(1 - 2 / 14)
    assert np.isnan(compute.r2(LINE, [0.0, 1.0], x[:1], y[:1]))
    assert np.isnan(compute.r2(LINE, [0.0, 1.0], x, np.full(3, 0.3)))


# engines


def test_sparse_regression_names_drift_and_decay():
    rules = sparse.named(2)
    assert DRIFT in rules
    assert nothing(2) in rules
    assert {rule.n_constants for rule in rules} == {0, 1, 2}
    assert len(rules) == 2 + 3 + 3
    assert len(sparse.named(1)) == 4


def test_terms_are_left_out_from_the_smallest_on():
    """In units of their columns: 3, 0.5 and 0.01 times 100; the smallest by coefficient alone would be the third."""
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(400, 4)) * [1.0, 1.0, 100.0, 1.0]
    y = columns @ [3.0, 0.5, 0.01, 0.0] + 0.1 * rng.normal(size=400)
    assert sparse.supports(columns, y)[-3:] == [[0, 1, 2], [0, 2], [0]]
    # 20 columns of noise fit 40 trials better, but not those that are left out
    noise = 0.1 * np.random.default_rng(4).normal(size=40)
    few = columns[:40]
    both = np.column_stack([few[:, 0], *np.random.default_rng(5).normal(size=(20, 40))])
    assert len(sparse.supports(both, few[:, 0] + noise)) < 15, "most of the columns of noise cost in cross-validation"


def test_a_pole_beyond_the_range_is_found_by_sparse_regression():
    x = np.random.default_rng(0).uniform(-1, 1, (300, 1))
    y = 0.2 + 0.5 / (x[:, 0] + 1.6)
    some = compute.candidates("sparse", sparse.candidates(x, y), x, y, tolerance=1e-9, max_complexity=20)
    front = compute.front(some)
    best = front[compute.selected(front)]
    # over one denominator: (0.2 (L + 1.6) + 0.5) / (L + 1.6), divided by 1.6
    assert best.rule == CURVE
    np.testing.assert_allclose(best.constants, [0.82 / 1.6, 0.2 / 1.6, 1 / 1.6], rtol=1e-6)


def test_a_search_is_a_process_of_its_own(monkeypatch):
    x, y = np.zeros((30, 1)), np.zeros(30)
    options = {"seed": 1, "evaluations": 1000, "max_length": 10}
    asked = []

    def ended(code, out="[]", err=""):
        def call(command, **arguments):
            asked.append((command, json.loads(arguments["input"]), arguments["timeout"]))
            return subprocess.CompletedProcess(command, code, out, err)

        monkeypatch.setattr(operon.subprocess, "run", call)
        return operon.search(x, y, **options)

    assert ended(0, '["X1"]') == (["X1"], "")
    command, given, limit = asked[0]
    assert command == [sys.executable, "-m", "tinycog.analyses.symbolic_regression.operon"]
    assert given == {"x": x.tolist(), "y": y.tolist(), **options}
    assert limit == 900
    assert ended(-24)[1].startswith("the search was stopped after 60 s: lower")
    assert ended(-11) == ([], "the search crashed (signal 11)")
    message = "Traceback\nModuleNotFoundError: No module named 'pyoperon'\n"
    assert ended(1, err=message) == ([], "the search failed: ModuleNotFoundError: No module named 'pyoperon'")

    def slow(command, **arguments):
        raise subprocess.TimeoutExpired(command, 60)

    monkeypatch.setattr(operon.subprocess, "run", slow)
    assert operon.search(x, y, **options)[1] == "the search was stopped: it had not ended after 900 s"


def test_operon_finds_the_same_again():
    pytest.importorskip("pyoperon")
    x = np.random.default_rng(0).uniform(-2, 2, (100, 1))
    options = {"seed": 3, "evaluations": 3000, "max_length": 10}
    printed, reason = operon.search(x, 0.6 - 0.3 * x[:, 0], **options)
    assert reason == ""
    assert operon.search(x, 0.6 - 0.3 * x[:, 0], **options)[0] == printed
    assert operon.search(x, 0.6 - 0.3 * x[:, 0], **options | {"seed": 4})[0] != printed
    some = compute.candidates("operon", [parse(one, ["X1"]) for one in printed], x, 0.6 - 0.3 * x[:, 0], **TOLERANT)
    best = compute.front(some)[-1]
    assert best.rule == LINE
    np.testing.assert_allclose(best.constants, [0.6, -0.3], atol=1e-6)


def test_pysr_gets_the_settings_of_the_paper(monkeypatch):
    seen = {}

    class Regressor:
        def __init__(self, **arguments):
            seen.update(arguments)

        def fit(self, x, y, variable_names):
            seen["names"] = variable_names
            self.equations_ = pd.DataFrame({"equation": ["X1 + 1.0", "inv(X2)"]})

    monkeypatch.setitem(sys.modules, "pysr", types.SimpleNamespace(PySRRegressor=Regressor))
    assert pysr.search(np.zeros((5, 2)), np.zeros(5), seed=7, max_complexity=20) == ["X1 + 1.0", "inv(X2)"]
    assert seen["names"] == ["X1", "X2"]
    assert (seen["populations"], seen["niterations"], seen["warm_start"]) == (32, 40, False)
    assert seen["binary_operators"] == ["+", "-", "*", "/"]
    assert seen["unary_operators"] == ["inv(x) = 1/x"]
    assert seen["extra_sympy_mappings"]["inv"](4) == 0.25
    assert (seen["deterministic"], seen["parallelism"], seen["random_state"], seen["maxsize"]) == (
        True,
        "serial",
        7,
        20,
    )
    assert pysr.arguments(0, 3)["maxsize"] == 7


def test_what_to_install_where_pysr_or_julia_is_missing(monkeypatch):
    def import_of(error):
        def fail(name):
            raise error

        monkeypatch.setattr(pysr.importlib, "import_module", fail)
        with pytest.raises(InputError) as caught:
            pysr.search(np.zeros((5, 1)), np.zeros(5), seed=7, max_complexity=20)
        return str(caught.value)

    message = import_of(ModuleNotFoundError("no", name="pysr"))
    assert message.startswith("engine pysr: package 'pysr' is not installed; install both with envs/pysr.yaml")
    message = import_of(RuntimeError("could not find Julia"))
    assert "Julia could not be started (could not find Julia)" in message
    assert "choose engine operon or sparse" in message


# recovery of agents, in logit coordinates


def test_an_anticorrelated_delta_rule_comes_back():
    """ΔL = -alpha L + 2 alpha beta r σ_a."""
    rules = rules_of("MB0s", {"alpha": 0.3, "beta": 2.5})
    for condition, constant in (("A1R0", 0), ("A1R1", 1.5), ("A2R0", 0), ("A2R1", -1.5)):
        expected = constant - sympy.Rational(3, 10) * sympy.Symbol("L")
        assert sympy.Poly(rules[condition, "L"]).total_degree() == 1
        same(rules[condition, "L"], expected)


def test_a_drift_to_the_other_comes_back():
    """With a reward y_c changes by (D - 1) y_c + beta and the other by -beta b; without, y_c drifts to the other."""
    rules = rules_of("MB0md", {"D_1": 0.4, "alpha_0": 0.25, "b": 0.1, "beta": 2.0})
    y1, y2 = sympy.symbols("y1 y2")
    for condition, own, other in (("A1R1", y1, "y2"), ("A2R1", y2, "y1")):
        same(rules[condition, str(own)], 2 - 0.6 * own)
        same(rules[condition, other], sympy.Float(-0.2))
        assert rules[condition, other].is_number
    same(rules["A1R0", "y1"], 0.25 * (y2 - y1))
    same(rules["A2R0", "y2"], 0.25 * (y1 - y2))
    assert rules["A1R0", "y2"] == rules["A2R0", "y1"] == 0


@pytest.mark.parametrize("engine", [None, pytest.param("operon", marks=pytest.mark.slow)])
def test_a_bayesian_update_comes_back(engine):
    """(1 - 2h) beta (x + e k) / (1 + e k x) - beta x with x = L / beta, k = 2 g - 1, e = ±1."""
    if engine:
        pytest.importorskip("pyoperon")
    h, beta, kappa = 0.1, 4.0, 0.4
    rules = rules_of("LS0", {"h": h, "beta": beta}, engine)
    L = sympy.Symbol("L")
    for condition, e in (("A1R0", -1), ("A1R1", 1), ("A2R0", 1), ("A2R1", -1)):
        x = L / beta
        expected = (1 - 2 * h) * beta * (x + e * kappa) / (1 + e * kappa * x) - beta * x
        same(rules[condition, "L"], expected)
        below = sympy.Poly(sympy.fraction(rules[condition, "L"])[1], L)
        ratio = below.coeff_monomial(L) / below.coeff_monomial(1)
        assert float(ratio) == pytest.approx(e * kappa / beta, rel=0.05)


# coordinates


def scores_from(states, logits):
    """One block of as many rows; its last two choices are test."""
    n = len(states) - 1
    split = np.array(["train"] * (n - 2) + ["test"] * 2)
    return scores.Scores(
        logits, states, np.zeros(n, int), np.ones(n, int), split, np.array([0, n + 1]), np.array([0, n])
    )


def test_coordinates_are_logits():
    rng = np.random.default_rng(0)
    state = rng.normal(size=(12, 2))
    one = coordinates(scores_from(state[:, :1], np.column_stack([state[:, 0], -2 * state[:, 0]])), 1)
    assert one.names == ("L",)
    np.testing.assert_allclose(one.x, 3 * state[:, :1])
    values = coordinates(scores_from(state, -4.0 * state), 2)
    assert values.names == ("y1", "y2")
    np.testing.assert_allclose(values.x, -4.0 * state)
    full = coordinates(scores_from(state, state @ [[1.0, -1.0], [2.0, 0.5]] + [0.3, 0.1]), 2)
    assert full.names == ("L", "N")
    # L = 2 h1 + 1.5 h2 + 0.2; turned by 90 degrees: -1.5 h1 + 2 h2
    np.testing.assert_allclose(full.x[:, 0], state @ [2.0, 1.5] + 0.2)
    np.testing.assert_allclose(full.x[:, 1], state @ [-1.5, 2.0], atol=1e-12)


def test_changes_are_those_of_scored_trials_and_test_trials_apart():
    x = np.array([[0.0], [1.0], [3.0], [6.0], [10.0], [15.0]])
    along = scores_from(x, np.zeros((6, 2)))
    along.mask[1] = 0
    along.condition[:] = [1, 1, 1, 0, 1]
    first, second, *_ = changes(TASK, along, Coordinates(("L",), x))
    assert (first.condition, first.target, second.condition) == ("A1R0", "L", "A1R1")
    assert (first.x.size, first.x_test.ravel().tolist(), first.y_test.tolist()) == (0, [6.0], [4.0])
    assert (second.x.ravel().tolist(), second.y.tolist()) == ([0.0, 3.0], [1.0, 3.0])
    assert (second.x_test.ravel().tolist(), second.y_test.tolist()) == ([10.0], [5.0])
    low, high = of_range(along, Coordinates(("L",), x))
    assert (low.tolist(), high.tolist()) == ([-1.5], [4.5]), "0 to 3, and half of it on either side"


# equations as models


def plain(rule, *constants):
    return {"rule": rule.plain(), "constants": list(constants)}


BOUNDS = {"low": [-50.0], "high": [50.0]}


def delta_rule(alpha, beta, start=0.0):
    """MB0s as a formula."""
    rows = [[plain(LINE, constant, -alpha)] for constant in (0.0, 2 * alpha * beta, 0.0, -2 * alpha * beta)]
    return Formula(TASK, {"variables": ["L"], "start": [start], **BOUNDS, "rules": rows})


def natural(model):
    return {name: np.array([value]) for name, value in model.defaults.items()}


def test_a_formula_is_the_model_whose_rules_it_has():
    data = trials_of(0, 3, 20)
    model = delta_rule(0.3, 2.5)
    assert (model.n_dynamical, model.n_parameters, model.family) == (1, 9, "formula")
    other = registry.cognitive(TASK, "MB0s")
    _, expected = run(other, {"alpha": np.array([0.3]), "beta": np.array([2.5])}, data, data.n_trials)
    _, logits = run(model, natural(model), data, data.n_trials)
    np.testing.assert_allclose(logits[..., 0] - logits[..., 1], expected[..., 0] - expected[..., 1], atol=1e-12)


def by_hand(data, start, step):
    """States of one block from a function of state and condition."""
    x, found = np.array(start), []
    for t in range(data.n_trials):
        found.append(x)
        x = step(x, int(data.action[t, 0]), int(data.reward[t, 0]))
    return np.array([*found, x])


def curved():
    """Two variables, a rule with a denominator, one that does nothing, and a narrow range."""
    drift, decay = plain(DRIFT, 0.3), plain(Rational((((1, (0, 1)),),), (0, 0)), -0.5)
    above = Rational((((1, (0, 0)),), ((1, (1, 1)),)), (0, 0), ((1, 0),))
    first, second = plain(above, 1.0, 0.2, 0.4), plain(above, 1.0, 0.1, 0.2)
    rows = [[drift, plain(nothing(2))], [first, decay], [decay, drift], [plain(nothing(2)), second]]
    names = {"variables": ["y1", "y2"], "start": [0.2, -0.1], "low": [-0.3, -0.4], "high": [1.4, 0.9]}
    return Formula(TASK, names | {"rules": rows})


def test_a_formula_of_two_variables_by_hand():
    data, model = trials_of(3, 1, 30), curved()

    def step(x, action, reward):
        a, b = x
        change = {
            (0, 0): (0.3 * (b - a), 0.0),
            (0, 1): ((1 + 0.2 * a * b) / (1 + 0.4 * a), -0.5 * b),
            (1, 0): (-0.5 * b, 0.3 * (b - a)),
            (1, 1): (0.0, (1 + 0.1 * a * b) / (1 + 0.2 * a)),
        }[action, reward]
        return np.clip(x + np.array(change), [-0.3, -0.4], [1.4, 0.9])

    _, logits = run(model, natural(model), data, data.n_trials)
    expected = by_hand(data, [0.2, -0.1], step)
    assert (expected.max(0) == [1.4, 0.9]).all(), "the range is reached"
    np.testing.assert_allclose(logits[0, :, 0], expected, atol=1e-12)


@pytest.mark.parametrize("model", [delta_rule(0.3, 2.5, 0.4), curved()], ids=["one", "two"])
def test_the_compiled_formula_is_the_one_in_numpy(model):
    data = trials_of(5, 4, 25)
    x = np.array([list(model.found.values())]) * [[1.0], [1.1]]
    _, logits = run(model, dict(model.from_real(x)), data, data.n_trials - 1)
    expected = -sequences.log_likelihood(logits, data, model.log_floor)
    own = Compiled(model, data)
    np.testing.assert_allclose(own.nll(x, False), expected, atol=1e-12)
    weights = np.ones((1, 1, data.n_blocks))
    value, slopes = own.training(x[1:], weights, np.array([0]))
    assert value[0] == pytest.approx(expected[1].sum())
    for i in range(model.n_parameters):
        step = 1e-6 * (np.arange(model.n_parameters) == i)
        up, down = (own.training(x[1:] + sign * step, weights, np.array([0]))[0][0] for sign in (1, -1))
        assert slopes[0, i] == pytest.approx((up - down) / 2e-6, rel=1e-4, abs=1e-4)


def test_a_formula_is_kept_where_validation_is_lowest():
    """Starts that are the truth: training moves on, and the point with the lowest validation NLL is kept."""
    data, model = trials_of(7, 6, 30), delta_rule(0.3, 2.5)
    role = np.array(["train", "train", "train", "val", "val", "test"])
    split = {name: (role == name)[None].astype(float) for name in ROLES}
    grid = replicas([split], *fitting.starts(model, {"starts": 2}))
    assert grid.seed.tolist() == [0, 1]
    params, spent, best_at, how, reason = fitting.fit_replicas(model, {}, data, grid, None, ("k",))
    x = np.stack(list(params.values()), axis=1)
    own = Compiled(model, data)

    def nll(points, name):
        return (own.nll(points, True) * split[name]).sum((1, 2))

    found = np.array(list(model.found.values()))
    starts = np.stack([fitting.beside(model, seed, ("k",)) for seed in (0, 1)])
    assert starts[0].tolist() == found.tolist()
    assert (np.abs(starts[1] - found) > 0).all()
    assert (np.abs(starts[1] - found) < 0.5 * np.maximum(np.abs(found), 0.1)).all()
    assert (nll(x, "val") <= nll(starts, "val")).all()
    assert (best_at <= spent).all()
    assert reason == ["", ""]
    assert set(how) <= {"converged", "max_evaluations"}
    # with validation on the training choices it is the minimum, from either start
    same_blocks = {**split, "val": split["train"]}
    grid = replicas([same_blocks], range(2), [0.0])
    params, spent, best_at, *_ = fitting.fit_replicas(model, {}, data, grid, None, ("k",))
    x = np.stack(list(params.values()), axis=1)
    lowest = nll(x, "train")
    assert (best_at > 0).all()
    assert lowest[0] == pytest.approx(lowest[1], rel=1e-3)
    assert (lowest < nll(starts, "train") - 1).all()


# files


IDS = {"dataset": "d", "subject": "s", "model": "MB0s", "dim": 1, "outer": 0}


def fit_of(folder, name="MB0s", values=None, status="ok", outer=0):
    """Selected fit and scores of an outer fold, in files as steps read them."""
    values = values or {"alpha": 0.3, "beta": 2.5}
    from safetensors.numpy import save_file

    save_file({key: np.array([value]) for key, value in values.items()}, folder / "fit.safetensors")
    ids = {**IDS, "model": name, "outer": outer, "n_dynamical": registry.cognitive(TASK, name).n_dynamical}
    choice = {**ids, "dim": ids["n_dynamical"], "status": status, "row": 0, "parameters": "fit.safetensors"}
    write_json(folder / f"selected{outer}.json", choice)
    along = scores_of(name, values, trials_of(1)) if status == "ok" else None
    scores.write(folder / f"scores{outer}.npz", [along])
    return {"selected": [folder / f"selected{outer}.json"], "scored": [folder / f"scores{outer}.npz"]}


CHOICES = {"task": "reversal", "n_actions": 2, "engine": "sparse", "max_complexity": 20, "tolerance": 1e-4}


def test_equations_of_a_fit(tmp_path):
    choose(**fit_of(tmp_path), searched=None, output=tmp_path / "out", root=tmp_path, **CHOICES)
    table = pd.read_parquet(tmp_path / "out/symbolic_regression.parquet")
    best = table[table["selected"]].set_index("condition")
    assert best["expression"].to_dict() == {
        "A1R0": "-0.3*L",
        "A1R1": "1.5 - 0.3*L",
        "A2R0": "-0.3*L",
        "A2R1": "-1.5 - 0.3*L",
    }
    assert best["complexity"].to_list() == [3, 5, 3, 5]
    np.testing.assert_allclose(best["r2_test"], 1.0)
    assert set(best["engine"]) == {"sparse"}
    assert table.groupby("condition")["n_trials"].first().sum() == 6 * 40
    [rules] = json.loads((tmp_path / "out/rules.json").read_text())
    assert rules["start"] == [0.0]
    assert rules["reason"] == ""
    assert [row[0]["constants"] for row in rules["rules"]] == [
        pytest.approx(c) for c in ([-0.3], [1.5, -0.3], [-0.3], [-1.5, -0.3])
    ]
    curves = pd.read_parquet(tmp_path / "out/formula_curves.parquet")
    own = curves[curves["condition"] == "A1R1"]
    np.testing.assert_allclose(own["change"], 1.5 - 0.3 * own["logit"])
    plot_equations(tmp_path / "out", tmp_path / "figure", subject="s", actions=["left", "right"])
    assert (tmp_path / "figure.png").stat().st_size > 20_000


def test_equations_of_an_engine_and_what_it_could_not_do(tmp_path, monkeypatch):
    files = fit_of(tmp_path, "LS0", {"h": 0.1, "beta": 4.0})
    asked = []

    def searched(x, y, **options):
        asked.append((len(y), options))
        return (["X1", "nonsense("], "") if len(asked) == 1 else ([], "the search crashed (signal 11)")

    monkeypatch.setattr(operon, "search", searched)
    given = {"root": tmp_path, "task": "reversal", "n_actions": 2}
    search(**files, output=tmp_path / "operon.json", **given, engine="operon", evaluations=9000, max_complexity=17)
    assert len(asked) == 4
    assert all(n <= 500 and options["evaluations"] == 9000 and options["max_length"] == 17 for n, options in asked)
    assert len({options["seed"] for _, options in asked}) == 4
    choices = CHOICES | {"engine": "operon"}
    choose(**files, searched=tmp_path / "operon.json", output=tmp_path / "out", root=tmp_path, **choices)
    table = pd.read_parquet(tmp_path / "out/symbolic_regression.parquet")
    failed = table[table["reason"] == "the search crashed (signal 11)"]
    assert failed["condition"].tolist() == ["A1R1", "A2R0", "A2R1"]
    assert failed["expression"].isna().all()
    assert table["selected"].sum() == 4, "sparse regression stands"


def test_a_condition_with_few_trials_has_no_equation(tmp_path, monkeypatch):
    monkeypatch.setattr("tinycog.analyses.symbolic_regression.choose.FEWEST", 1000)
    choose(**fit_of(tmp_path), searched=None, output=tmp_path / "out", root=tmp_path, **CHOICES)
    table = pd.read_parquet(tmp_path / "out/symbolic_regression.parquet")
    assert not table["selected"].any()
    assert set(table["reason"]) == {"fewer than 1000 scored training and validation trials"}
    [rules] = json.loads((tmp_path / "out/rules.json").read_text())
    assert rules["reason"].startswith("no equation of L after A1R0: fewer than 1000")
    plot_equations(tmp_path / "out", tmp_path / "figure", subject="s", actions=["left", "right"])


def test_a_fold_without_a_fit_has_no_rows(tmp_path):
    files = fit_of(tmp_path, status="failed")
    choose(**files, searched=None, output=tmp_path / "out", root=tmp_path, **CHOICES)
    assert pd.read_parquet(tmp_path / "out/symbolic_regression.parquet").empty
    assert json.loads((tmp_path / "out/rules.json").read_text()) == []
    plot_equations(tmp_path / "out", tmp_path / "figure", subject="s", actions=["left", "right"])


# in a run


def configured(**changes):
    config = {
        "run": "t",
        "datasets": {"a": {"source": "simulate", "task": "reversal", "n_blocks": 10}},
        "models": {
            "g": {"family": "rnn", "dims": [1, 2, 3]},
            "MB0": {"family": "cognitive"},
            "RC": {"family": "cognitive"},
        },
        "analyses": {"symbolic_regression": {}},
    }
    return checked(config | changes, "t", Config)


def test_models_of_one_and_two_variables_are_covered():
    assert outputs.dims(configured()) == {"g": {"a": [1, 2]}, "MB0": {"a": [2]}}
    some = {"symbolic_regression": {"models": ["MB0"]}}
    assert outputs.dims(configured(analyses=some)) == {"MB0": {"a": [2]}}
    assert outputs.tables(configured(analyses={})) == []
    arms = {"a": {"source": "simulate", "task": "bandit", "n_actions": 3, "n_blocks": 10, "agent": {"model": "MF"}}}
    networks = {"g": {"family": "rnn", "dims": [1, 2]}}
    assert outputs.dims(configured(datasets=arms, models=networks)) == {}
    remembers = {"MBsvlr": {"family": "cognitive"}}
    two_stage = {"a": {"source": "simulate", "task": "two_stage", "n_blocks": 10}}
    assert outputs.dims(configured(datasets=two_stage, models=remembers)) == {}
    fits = [("a", "s", "g", 1, 0), ("a", "s", "g", 3, 0), ("a", "s", "g", 1, 1)]
    assert outputs.figures(configured(), fits) == ["equations__a__s__g__d1", "formulas__a"]


def test_the_name_of_a_model_may_not_be_that_of_equations():
    models = {"g": {"family": "rnn", "dims": [1]}, "g_formula": {"family": "rnn", "dims": [1]}}
    with pytest.raises(InputError, match=r"models\.g_formula: the name is that of the equations of model 'g'"):
        configured(models=models)
    models = {"h": {"family": "rnn", "dims": [1]}, "g_formula": {"family": "rnn", "dims": [1]}}
    configured(models=models)
    configured(models={"g": {"family": "rnn"}, "g_formula": {"family": "rnn"}}, analyses={})


def row(model, outer, test_nll, val_nll=0.5, family="rnn", subject="s", n_test=10, n=1):
    return {
        **{
            "dataset": "d",
            "subject": subject,
            "model": model,
            "dim": 1,
            "outer": outer,
            "inner": 0,
            "seed": 0,
            "l1": 0.0,
        },
        **{"family": family, "n_dynamical": 1, "n_parameters": n, "epochs": 1, "best_epoch": 1, "ended": "converged"},
        **{
            "train_nll": 0.5,
            "val_nll": val_nll,
            "test_nll": test_nll,
            "test_accuracy": 0.5,
            "status": "ok",
            "reason": "",
        },
        **{"n_train": 10, "n_val": 10, "n_test": n_test, "n_unlearnt": 0, "val_target_nll": np.nan},
    }


def test_formulas_stand_beside_the_models_and_decide_nothing():
    own = pd.DataFrame([row("g", 0, 0.4), row("g", 1, 0.6, n_test=30)])
    whole = pd.DataFrame(
        [row("g_formula", 0, 0.3, family="formula", n=7), row("g_formula", 1, 0.5, family="formula", n=8)]
    )
    worse = pd.DataFrame(
        [row("g_formula", 0, 0.1, val_nll=0.9, family="formula")]
    )  # another start, worse in validation
    table = performance(own, own, {"d": 2}, pd.concat([whole, worse])).set_index("model")
    assert table["test_nll"].to_dict() == pytest.approx({"g": 0.55, "g_formula": 0.4})
    assert table["n_outer"].tolist() == [2, 2]
    assert table.loc["g_formula", ["family", "n_parameters"]].tolist() == ["formula", 7]
    for lacking in (whole[:1], pd.concat([whole[:1], pd.DataFrame([row("g_formula", 1, np.inf, family="formula")])])):
        table = performance(own, own, {"d": 2}, lacking)
        assert table["model"].tolist() == ["g"]
        assert table["test_nll"].tolist() == pytest.approx([0.55])
    more = pd.DataFrame([*whole.to_dict("records"), row("g_formula", 2, 9.0, family="formula")])
    assert performance(own, own, {"d": 2}, more)["test_nll"].tolist() == pytest.approx([0.55, 0.4])
    assert performance(own, own, {"d": 2})["model"].tolist() == ["g"]


def test_formulas_of_some_subjects_alone_are_in_no_mean():
    both = pd.DataFrame([row("g", outer, 0.4, subject=subject) for subject in "st" for outer in (0, 1)])
    formulas = both.assign(model="g_formula", family="formula", test_nll=0.2)
    table = performance(both, both, {"d": 2}, formulas)
    group = performance_group(table, {"g_formula"}).set_index("model")
    assert group["test_nll"].to_dict() == pytest.approx({"g": 0.4, "g_formula": 0.2})
    table = performance(both, both, {"d": 2}, formulas[formulas["subject"] == "s"])
    group = performance_group(table, {"g_formula"})
    assert (group["model"].tolist(), group["n_subjects"].tolist()) == (["g"], [2])


def test_the_comparison_by_hand(tmp_path):
    """Best cognitive model by validation: B, which A beats in test. Of three folds one has no equations."""
    folds = range(3)
    selected = [row("g", outer, 0.5 + 0.1 * outer, n_test=10 * (1 + outer)) for outer in folds]
    selected += [row("A", outer, 0.1, val_nll=0.6, family="cognitive") for outer in folds]
    selected += [row("B", outer, 0.4, val_nll=0.55, family="cognitive") for outer in folds]
    selected += [row("C", outer, 0.3, val_nll=0.1, family="cognitive") for outer in (0, 1)]  # lacks a fold of the model
    formulas = pd.DataFrame([row("g_formula", 0, 0.55, n=5), row("g_formula", 1, 0.75, n=8)])
    place = {"dataset": "d", "subject": "s", "model": "g", "dim": 1}
    found = pd.DataFrame([{**place, "outer": outer, "test_nll": 0.6} for outer in (0, 1)])
    why = ["", "", "no equation of L after A1R0: few"]
    reasons = pd.DataFrame([{**place, "outer": outer, "reason": why[outer]} for outer in folds])
    [result] = compared(pd.DataFrame(selected), found, formulas, reasons, "_formula")
    assert (result["formula"], result["classical"], result["n_outer"], result["reason"]) == (
        "g_formula",
        "B",
        2,
        why[2],
    )
    assert result["n_parameters"] == 6.5
    assert result["model_nll"] == pytest.approx((0.5 * 10 + 0.6 * 20) / 30)
    assert result["formula_nll"] == pytest.approx((0.55 * 10 + 0.75 * 20) / 30)
    assert result["found_nll"] == pytest.approx(0.6)
    # differences to the model: 0.05 and 0.15; their SD is 0.05 √2, and the SEM 0.05
    assert result["formula_minus_model"] == pytest.approx(0.1)
    assert result["formula_minus_model_sem"] == pytest.approx(0.05)
    assert result["found_minus_model"] == pytest.approx(0.05)
    assert result["classical_minus_model"] == pytest.approx(-0.15)
    assert result["formula_minus_classical"] == pytest.approx(0.25)
    assert result["formula_minus_classical_sem"] == pytest.approx(0.1)
    pd.DataFrame([result, {**result, "subject": "t", "formula_minus_model_sem": math.nan}]).to_parquet(
        tmp_path / "t.parquet"
    )
    plot_formulas(tmp_path / "t.parquet", tmp_path / "figure", dataset="d")
    assert (tmp_path / "figure.png").stat().st_size > 10_000
    # a cognitive model is no rival of its own equations
    of_b = [frame.assign(model=frame["model"].str.replace("g", "B")) for frame in (found, formulas, reasons)]
    [result] = compared(pd.DataFrame(selected), *of_b, "_formula")
    assert (result["formula"], result["classical"]) == ("B_formula", "A")
    networks = pd.DataFrame([one for one in selected if one["family"] == "rnn"])
    [result] = compared(networks, found, formulas, reasons, "_formula")
    assert result["classical"] == ""
    assert np.isnan(result["classical_nll"])
    assert result["formula_minus_model"] == pytest.approx(0.1)
    [result] = compared(networks, found[:0], formulas[:0], reasons, "_formula")
    assert result["n_outer"] == 0
    plot_formulas_of_none = pd.DataFrame([result])
    plot_formulas_of_none.to_parquet(tmp_path / "none.parquet")
    plot_formulas(tmp_path / "none.parquet", tmp_path / "none", dataset="d")


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_a_variable_that_stands_still_has_no_pole(value):
    x = np.column_stack([np.linspace(0, 1, 60), np.full(60, value)])
    found = sparse.candidates(x, 0.3 - 0.2 * x[:, 0])
    below = {unit for rule, _ in found for unit in rule.denominator}
    assert (0, 1) not in below
    assert all(np.isfinite(start).all() for _, start in found)
