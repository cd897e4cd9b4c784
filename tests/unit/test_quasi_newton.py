"""Many minimisations at once: known minima, and what must not matter."""

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from tinycog.fitting.quasi_newton import _updated, minimise

OPTIONS = {"tolerance": 1e-14, "max_evaluations": 500}
STARTS = np.random.default_rng(0).normal(0, 2, (12, 3))


def rosenbrock(x, rows):
    return rosen(x.T), rosen_der(x.T).T


def test_the_minimum_of_a_quadratic_is_found_exactly():
    matrix = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 4.0]])
    centre = np.arange(36.0).reshape(12, 3)  # each replica has a minimum of its own

    def bowl(x, rows):
        away = x - centre[rows]
        return (away @ matrix * away).sum(1) / 2, away @ matrix

    found = minimise(bowl, STARTS, **OPTIONS)
    np.testing.assert_allclose(found.x, centre, atol=1e-6)
    np.testing.assert_allclose(found.value, 0, atol=1e-12)


@pytest.mark.parametrize(("share_left", "evaluations"), [(1.01, 2), (0.99, 3)])
def test_a_round_bowl_takes_two_steps_unless_the_first_one_leaves_less_than_the_tolerance(share_left, evaluations):
    """f = |x|^2 / 4: the first step, by minus the slope, goes half the way, where f is |x_0|^2 / 16.

    It shows the curvature, with which the next step is expected to lower f by all of that, and does.
    """
    start = np.array([[2.0, -1.0, 0.5]])
    left = (start**2).sum() / 16
    found = minimise(lambda x, rows: ((x**2).sum(1) / 4, x / 2), start, tolerance=share_left * left, max_evaluations=9)
    assert found.evaluations.tolist() == [evaluations]
    np.testing.assert_allclose(found.x, start / 2 if evaluations == 2 else 0 * start, atol=1e-15)
    assert found.converged.tolist() == [True]


def test_the_first_step_changes_no_coordinate_by_more_than_four():
    seen = []

    def steep(x, rows):
        seen.append(x.copy())
        return 50 * (x**2).sum(1), 100 * x

    minimise(steep, np.array([[1.0, 0.5], [0.03, -0.01]]), **OPTIONS)
    np.testing.assert_allclose(seen[1], [[1 - 4, 0.5 - 2], [0.03 - 3, -0.01 + 1]], atol=1e-12)


def test_the_inverse_hessian_is_updated_as_in_the_textbook():
    """(1 - r s y') H (1 - r y s') + r s s', r = 1 / y's; before the first step H is y's / y'y (Nocedal & Wright)."""
    rng = np.random.default_rng(4)
    change, bend = rng.normal(size=(2, 5, 3))
    inverse = rng.normal(size=(5, 3, 3))
    inverse = inverse + inverse.swapaxes(1, 2)
    fresh = np.array([True, False, True, False, False])
    inverse[fresh] = np.eye(3)
    found = _updated(inverse, change, bend, fresh)
    for row in range(5):
        s, y = change[row], bend[row]
        before = y @ s / (y @ y) * np.eye(3) if fresh[row] else inverse[row]
        left = np.eye(3) - np.outer(s, y) / (y @ s)
        np.testing.assert_allclose(found[row], left @ before @ left.T + np.outer(s, s) / (y @ s), rtol=1e-9)


def test_a_curved_valley_is_followed_to_its_end():
    found = minimise(rosenbrock, STARTS, **OPTIONS)
    at_global = found.value < 1e-10  # in three dimensions there is one more minimum, at -1, 1, 1
    np.testing.assert_allclose(found.x[at_global], 1, atol=1e-4)
    assert at_global.sum() >= 10
    assert (abs(rosen_der(found.x.T)) < 1e-4).all()
    assert found.evaluations.max() < 300


def test_a_replica_does_not_depend_on_the_others():
    together = minimise(rosenbrock, STARTS, **OPTIONS)
    for i in range(len(STARTS)):
        alone = minimise(rosenbrock, STARTS[i : i + 1], **OPTIONS)
        np.testing.assert_array_equal(alone.x[0], together.x[i])
        assert alone.evaluations[0] == together.evaluations[i]


def test_a_jump_of_the_slope_is_no_obstacle():
    def ridge(x, rows):
        return abs(x).sum(1) + (x**2).sum(1), np.sign(x) + 2 * x

    found = minimise(ridge, STARTS, **OPTIONS)
    assert (found.value < 1e-3 * ridge(STARTS, None)[0]).all()


def test_where_nothing_can_be_minimised_replicas_stay():
    """Not a number everywhere, flat, or at the minimum; the rest go on."""

    def mixed(x, rows):
        value, slope = (x**2).sum(1), 2 * x
        value = np.where(rows == 0, np.nan, value)
        return np.where(rows == 1, 5.0, value), np.where((rows == 1)[:, None], 0.0, slope)

    starts = STARTS[:4].copy()
    starts[2] = 0.0
    found = minimise(mixed, starts, **OPTIONS)
    np.testing.assert_array_equal(found.x[:3], starts[:3])
    assert found.evaluations[:3].tolist() == [1, 1, 1]
    assert found.value[3] < 1e-12


def test_steps_into_what_is_no_number_are_taken_back():
    def well(x, rows):
        with np.errstate(invalid="ignore"):
            return np.log(x[:, 0]) ** 2, 2 * np.log(x) / x

    found = minimise(well, np.array([[0.1], [6.0]]), **OPTIONS)
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


@pytest.mark.parametrize("most", [1, 2, 7])
def test_evaluations_are_limited(most):
    found = minimise(rosenbrock, STARTS, tolerance=1e-14, max_evaluations=most)
    assert (found.evaluations <= max(most, 2)).all()
    assert (found.value <= rosen(STARTS.T)).all()
    assert not found.converged.any()


def test_a_replica_converges_with_its_last_evaluation_or_before():
    free = minimise(rosenbrock, STARTS, **OPTIONS)
    assert free.converged.all()
    limit = int(free.evaluations[0])  # one ends there, others before or after
    found = minimise(rosenbrock, STARTS, **OPTIONS | {"max_evaluations": limit})
    assert 0 < (free.evaluations > limit).sum() < len(STARTS) - 1
    np.testing.assert_array_equal(found.converged, free.evaluations <= limit)
