"""The spiral of the notebooks, its pair features, and the Lasso over all of them, enclosed.

Points are rounded to nine decimals and taken as exact from then on. A feature of samples i != j is

    along           (x - x_j).(x_i - x_j) / |x_i - x_j|, cut at zero
    perpendicular   the same with x_i - x_j turned by a right angle, both signs, one for each pair

The Lasso  sum_i (f_i - y_i)^2 + beta |z|_1  has no 1/2 and a free constant; it is twice the Lasso of this
package with beta / 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import cos, isqrt, pi, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Result
from exactnet.convex.variants import ProgramMinimum, minimum_of
from exactnet.convex.variants.builder import ProgramBuilder
from exactnet.errors import InvariantError
from exactnet.exact import Interval
from exactnet.exact.least_squares import IntegerRows

__all__ = ["Dictionary", "dictionary", "enclosed_lasso", "spiral"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
_UNIT = 10**9  # points are integers over this
_ROUNDS, _STEPS = 20, 60


def spiral() -> tuple[Integers, Integers]:
    """The 160 points, times 10^9, and their labels +-1: two arms of 80 points each."""
    points, labels = [], []
    for i in range(80):
        phi, r = i * pi / 16, 6.5 * (104 - i) / 104
        for s in (1, -1):
            x, y = (2 * (r * turn * s / 13 + 0.5) - 1 for turn in (cos(phi), sin(phi)))
            points.append((round(x * _UNIT), round(y * _UNIT)))
            labels.append(s)
    return np.array(points, dtype=np.int64), np.array(labels, dtype=np.int64)


@dataclass(frozen=True)
class Dictionary:
    """Column j is rows[j] / (10^9 |weights[j]|), where weights[j] is its integer direction."""

    rows: Integers
    weights: Integers

    def unit_columns(self) -> Floats:
        """The columns as floats."""
        lengths = np.sqrt((self.weights.astype(np.float64) ** 2).sum(axis=1))
        columns: Floats = self.rows / lengths[:, None] / _UNIT
        return columns


def dictionary(points: Integers, *, perpendicular: bool) -> Dictionary:
    """The features of all pairs. All numbers stay under 2^63: points lie in the unit disk."""
    rows, weights = [], []
    for j, anchor in enumerate(points):
        away = points - anchor
        for i in range(len(points)):
            if i == j or (perpendicular and i > j):
                continue
            d = away[i]
            for turned in ((-d[1], d[0]), (d[1], -d[0])) if perpendicular else ((d[0], d[1]),):
                w = np.array(turned, dtype=np.int64)
                rows.append(np.maximum(away @ w, 0))
                weights.append(w)
    return Dictionary(np.array(rows), np.array(weights))


def enclosed_lasso(
    whole: Dictionary, labels: Integers, *, beta: Fraction
) -> tuple[Interval, Result[ProgramMinimum]]:
    """The minimum over all columns, and the certificate of its upper end: the Lasso over the useful columns.

    The dual vector of that certificate is tested against every column here, in integers, and shortened until
    it is feasible; its value is the lower end.
    """
    chosen = _useful_columns(whole, labels.astype(np.float64), float(beta) / 2)
    small = Dictionary(whole.rows[chosen], whole.weights[chosen])
    best = minimum_of(_program(small, labels, beta / 2))
    v = best.value.dual.v
    if sum(v) != 0:
        raise InvariantError("the dual vector does not respect the constant", reproduction=str(sum(v)))
    largest = _largest_square(whole, v)
    # a lower bound of (beta / 2) / largest price
    factor = min(Fraction(1), Fraction(isqrt(int((beta / 2) ** 2 / largest * 10**40)), 10**20))
    square = sum((x * x for x in v), Fraction(0))
    lower = factor * sum(x * int(y) for x, y in zip(v, labels, strict=True)) - factor**2 * square / 2
    return Interval(2 * lower, 2 * best.value.upper), best


def _useful_columns(whole: Dictionary, y: Floats, bound: float) -> NDArray[np.intp]:
    """Columns that support the float dual: a rough solution over all columns, a sharp one over the likely."""
    # centred columns and labels keep the dual vector orthogonal to the constant
    columns = whole.unit_columns()
    columns -= columns.mean(axis=1, keepdims=True)
    y = y - y.mean()
    used = np.flatnonzero(np.abs(columns @ _float_dual(columns, y, bound, gap=2.0**-13)) > 0.97 * bound)
    for _ in range(_ROUNDS):
        v = _float_dual(columns[used], y, bound, gap=2.0**-43)
        prices = np.abs(columns @ v)
        prices[used] = 0
        entering = np.flatnonzero(prices > bound * (1 + 2.0**-34))
        if len(entering) == 0:
            break
        used = np.union1d(used, entering)
    return used[np.abs(columns[used] @ v) > bound * (1 - 2.0**-16)]


def _float_dual(columns: Floats, y: Floats, bound: float, *, gap: float) -> Floats:
    """The minimiser v of 1/2 |v - y|^2 over |columns v| <= bound, by Mehrotra's interior-point method.

    Far more columns than samples: each step solves one system of the size of v.
    """
    n, m = len(y), len(columns)
    v, slack = np.zeros(n), np.full((2, m), bound)
    prices = np.full((2, m), (y @ y) / (20 * m * bound))
    for _ in range(_STEPS):
        rest = v - y + columns.T @ (prices[0] - prices[1])
        mean = float((prices * slack).mean())
        if mean * 2 * m < gap:
            break
        weights = prices / slack
        system = (columns * weights.sum(axis=0)[:, None]).T @ columns
        system += np.eye(n) * (1 + np.trace(system) / n * 2.0**-50)

        push = -prices
        dv, ds = _direction(system, columns, rest, push)
        dp = push - weights * ds
        t = min(_step(slack, ds), _step(prices, dp))
        predicted = float(((slack + t * ds) * (prices + t * dp)).mean())
        push = (mean * (predicted / mean) ** 3 - ds * dp) / slack - prices
        dv, ds = _direction(system, columns, rest, push)
        dp = push - weights * ds
        t = min(_step(slack, ds), _step(prices, dp))
        v, slack, prices = v + t * dv, slack + t * ds, prices + t * dp
    return v


def _direction(system: Floats, columns: Floats, rest: Floats, push: Floats) -> tuple[Floats, Floats]:
    """The Newton directions of v and of the slacks."""
    dv: Floats = np.linalg.solve(system, -rest - columns.T @ (push[0] - push[1]))
    image = columns @ dv
    return dv, np.array([-image, image])


def _step(x: Floats, dx: Floats) -> float:
    """The largest step, up to 1, that keeps x positive."""
    falling = dx < 0
    return float(min(1.0, 0.99 * np.min(-x[falling] / dx[falling]))) if falling.any() else 1.0


def _program(small: Dictionary, labels: Integers, beta: Fraction) -> Any:
    builder = ProgramBuilder([Fraction(int(y)) for y in labels])
    for row, weight in zip(small.rows.tolist(), small.weights.tolist(), strict=True):
        (z,) = builder.variables(1)
        for i, height in enumerate(row):
            if height:
                builder.predict(i, {z: Fraction(height, _UNIT**2)})
        builder.penalise(beta, [{z: Fraction(w, _UNIT)} for w in weight if w])
    (t,) = builder.variables(1)
    for i in range(len(labels)):
        builder.predict(i, {t: Fraction(1)})
    return builder.build()


def _largest_square(whole: Dictionary, v: tuple[Fraction, ...]) -> Fraction:
    """The largest square of a price k_j.v over all columns, exactly."""
    scale = max(x.denominator for x in v)
    while any((x * scale).denominator > 1 for x in v):
        scale *= max((x * scale).denominator for x in v)
    integers = [int(x * scale) for x in v]
    largest = Fraction(0)
    for start in range(0, len(whole.rows), 2000):
        rows = whole.rows[start : start + 2000].tolist()
        prices = IntegerRows(rows, n_columns=len(v)).products(integers)
        for price, (a, b) in zip(prices, whole.weights[start : start + 2000].tolist(), strict=True):
            square = a * a + b * b
            if price * price * largest.denominator > largest.numerator * square:
                largest = Fraction(price * price, square)
    return largest / (scale * _UNIT) ** 2
