"""Sweeps of the circle and the sphere against samples, direct evaluation and their plain twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.kernels import _sweep_loops as loops
from exactnet.kernels.sweep import CircleOrder, Peaks, circle_order, plane_peaks, space_peaks


def value(forms, c, linear, u):
    return float(linear @ u + c @ np.abs(forms @ u))


def plane_instance(seed, m):
    random = np.random.default_rng(seed)
    forms = random.standard_normal((m, 2))
    forms /= np.linalg.norm(forms, axis=1, keepdims=True)
    forms = np.where(forms[:, :1] > 0, -forms, forms)
    forms = forms[np.argsort(np.arctan2(-forms[:, 0], forms[:, 1]))]
    return forms, random.standard_normal(m), random.standard_normal(2)


def space_instance(seed, m):
    random = np.random.default_rng(seed)
    forms = random.standard_normal((m, 3))
    forms /= np.linalg.norm(forms, axis=1, keepdims=True)
    return forms, random.standard_normal(m), random.standard_normal(3)


def sphere_peaks(forms, c, linear, threshold) -> Peaks:
    if len(forms) < 2:
        empty = np.zeros((len(forms), 0), np.int8)
        return space_peaks(
            forms, c, linear, CircleOrder(empty.astype(np.int32), empty, empty), threshold=threshold
        )
    order, orient, gaps = circle_order(forms)
    assert (gaps[:, :-1] > 0).all()
    circles = CircleOrder(order, orient, np.ones_like(orient))
    return space_peaks(forms, c, linear, circles, threshold=threshold)


def require_truth(peaks, forms, c, linear, directions):
    """Every peak has its value, and no direction has a larger one than gamma."""
    for sign, point, reached in zip(peaks.signs, peaks.points, peaks.values, strict=True):
        assert np.linalg.norm(point) == pytest.approx(1, abs=1e-12)
        assert sign * value(forms, c, linear, point) == pytest.approx(reached, abs=1e-10)
    sampled = np.abs(directions @ linear + np.abs(directions @ forms.T) @ c).max()
    assert sampled <= peaks.gamma * (1 + 1e-12)
    assert sampled >= peaks.gamma * 0.99
    if len(peaks.values):
        assert peaks.values[0] == pytest.approx(peaks.gamma, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 12))
def test_the_circle(seed, m):
    forms, c, linear = plane_instance(seed, m)
    angles = np.linspace(0, 2 * np.pi, 5001)
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    peaks = plane_peaks(forms, c, linear, threshold=0.01)
    require_truth(peaks, forms, c, linear, directions)
    # local maxima: no better point nearby
    for sign, point, reached in zip(peaks.signs, peaks.points, peaks.values, strict=True):
        for turn in (1e-6, -1e-6):
            near = point + turn * np.array([-point[1], point[0]])
            near /= np.linalg.norm(near)
            assert sign * value(forms, c, linear, near) <= reached + 1e-14


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 9))
def test_the_sphere(seed, m):
    forms, c, linear = space_instance(seed, m)
    random = np.random.default_rng(seed + 1)
    directions = random.standard_normal((40_000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    peaks = sphere_peaks(forms, c, linear, 0.01)
    require_truth(peaks, forms, c, linear, directions)
    for sign, point, reached in zip(peaks.signs, peaks.points, peaks.values, strict=True):
        near = point + 1e-6 * random.standard_normal((20, 3))
        near /= np.linalg.norm(near, axis=1, keepdims=True)
        assert max(sign * value(forms, c, linear, u) for u in near) <= reached + 1e-13


def test_nothing_above_the_threshold_is_no_peak():
    forms, c, linear = plane_instance(3, 5)
    gamma = plane_peaks(forms, c, linear, threshold=0.0).gamma
    assert not len(plane_peaks(forms, c, linear, threshold=2 * gamma).values)
    forms, c, linear = space_instance(3, 5)
    gamma = sphere_peaks(forms, c, linear, 0.0).gamma
    assert not len(sphere_peaks(forms, c, linear, 2 * gamma).values)


def test_the_plain_twins():
    """The loops as plain Python give the same numbers."""
    forms, c, linear = plane_instance(7, 6)
    tables = [[np.zeros(40), np.zeros((40, 2)), np.zeros((40, 4), np.int64)] for _ in range(2)]
    compiled = loops.plane_peaks(forms, c, linear, 0.1, *tables[0])
    plain = getattr(loops.plane_peaks, "py_func", loops.plane_peaks)(forms, c, linear, 0.1, *tables[1])
    assert compiled == plain
    assert all(np.allclose(a, b, rtol=0, atol=1e-14) for a, b in zip(*tables, strict=True))
    forms, c, linear = space_instance(7, 6)
    order, orient, _ = circle_order(forms)
    tables = [[np.zeros(90), np.zeros((90, 3)), np.zeros((90, 4), np.int64)] for _ in range(2)]
    rest = (forms, c, linear, order, orient, np.ones_like(orient), 0.1)
    compiled = loops.space_peaks(*rest, *tables[0])
    plain = getattr(loops.space_peaks, "py_func", loops.space_peaks)(*rest, *tables[1])
    assert compiled == pytest.approx(plain, rel=1e-14)
    assert all(np.allclose(a, b, rtol=0, atol=1e-12) for a, b in zip(*tables, strict=True))


def test_long_sums_do_not_drift():
    """10,000 walls: gamma equals a direct evaluation in long doubles."""
    forms, c, linear = plane_instance(11, 10_000)
    peaks = plane_peaks(forms, c, linear, threshold=0.0)
    u = peaks.points[0].astype(np.longdouble)
    direct = linear.astype(np.longdouble) @ u + c.astype(np.longdouble) @ np.abs(
        forms.astype(np.longdouble) @ u
    )
    assert abs(float(direct)) == pytest.approx(peaks.gamma, rel=1e-14)
