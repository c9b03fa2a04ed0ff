"""Losses: duality, the best constant, exact against float, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.convex.float_losses import approx_curvature, approx_dual, approx_loss, approx_slope, dual_box
from exactnet.convex.losses import (
    Loss,
    constant_fit,
    dual_lower_bound,
    loss_enclosure,
    require_classes,
    total_loss,
)
from exactnet.errors import InputError, InvariantError, UnsupportedError

SMALL = st.fractions(min_value=-3, max_value=3, max_denominator=7)


@st.composite
def targets_of(draw, loss):
    label = st.sampled_from([Fraction(1), Fraction(-1)])
    return draw(st.lists(label if loss.classifies else SMALL, min_size=1, max_size=7))


@pytest.mark.parametrize("loss", list(Loss))
@given(st.data())
def test_the_best_constant_has_a_dual_of_its_value(loss, data):
    """Equal primal and dual values prove that t is best and v optimal, whatever the derivation."""
    y = data.draw(targets_of(loss))
    for intercept in (False, True):
        t, v = constant_fit(loss, y, intercept=intercept)
        assert intercept or t == 0
        assert not intercept or sum(v) == 0
        if loss is Loss.LOGISTIC and intercept and len(set(y)) == 1:
            continue  # no constant is best
        upper = loss_enclosure(loss, [t] * len(y), y).upper
        gap = upper - dual_lower_bound(loss, v, y)
        assert gap == 0 if loss.is_rational else 0 <= gap < Fraction(1, 2**150)


@given(st.sampled_from(list(Loss)), st.lists(SMALL, min_size=1, max_size=4), st.data())
def test_weak_duality(loss, fits, data):
    y = [data.draw(st.sampled_from([1, -1]) if loss.classifies else SMALL) for _ in fits]
    v = [data.draw(SMALL) for _ in fits]
    try:
        bound = dual_lower_bound(loss, v, y)
    except InvariantError:
        return
    product = sum(a * f for a, f in zip(v, fits, strict=True))
    assert loss_enclosure(loss, fits, [Fraction(t) for t in y]).upper + product >= bound


@given(st.sampled_from(list(Loss)), st.lists(SMALL, min_size=1, max_size=5), st.data())
def test_floats_agree_with_fractions(loss, fits, data):
    y = [data.draw(st.sampled_from([1, -1]) if loss.classifies else SMALL) for _ in fits]
    f, targets = (np.array([float(x) for x in values]) for values in (fits, y))
    exact = loss_enclosure(loss, fits, [Fraction(t) for t in y])
    assert approx_loss(loss, f, targets) == pytest.approx(float(exact.upper), rel=1e-12, abs=1e-12)
    v = approx_slope(loss, f, targets)
    low, high = dual_box(loss, targets)
    assert (low <= v).all()
    assert (v <= high).all()
    # Fenchel-Young with equality at a slope
    assert approx_dual(loss, v, targets) - float(v @ f) == pytest.approx(float(exact.upper), abs=1e-9)


@pytest.mark.parametrize("loss", [Loss.SQUARED, Loss.LOGISTIC])
def test_slopes_and_curvatures_are_derivatives(loss):
    f, y, h = np.linspace(-3, 3, 13), np.where(np.arange(13) % 2, 1.0, -1.0), 1e-5
    for k in range(len(f)):
        one, target = f[k : k + 1], y[k : k + 1]
        slope = (approx_loss(loss, one + h, target) - approx_loss(loss, one - h, target)) / (2 * h)
        assert -approx_slope(loss, one, target)[0] == pytest.approx(slope, abs=1e-8)
        change = (approx_slope(loss, one - h, target) - approx_slope(loss, one + h, target)) / (2 * h)
        assert approx_curvature(loss, one, target)[0] == pytest.approx(change[0], abs=1e-8)


def test_large_margins_do_not_overflow():
    f, y = np.array([1e4, -1e4]), np.array([1.0, 1.0])
    assert approx_loss(Loss.LOGISTIC, f, y) == 1e4
    assert approx_slope(Loss.LOGISTIC, f, y).tolist() == [0.0, 1.0]
    assert approx_curvature(Loss.LOGISTIC, f, y).tolist() == [0.0, 0.0]


def test_a_logistic_loss_is_no_fraction():
    with pytest.raises(UnsupportedError, match="no rational number"):
        total_loss(Loss.LOGISTIC, [Fraction(0)], [Fraction(1)])


def test_classes_are_one_and_minus_one():
    require_classes(Loss.L1, [Fraction(5)])
    with pytest.raises(InputError, match=r"target of sample 2[\s\S]*got: +0[\s\S]*1 or -1"):
        require_classes(Loss.HINGE, [Fraction(1), Fraction(0)])
