"""Rational bounds from float guesses: a dual vector that is feasible on every cell, proved cell by cell.

The float residual v is scaled into the dual feasible set with a hair of room, rounded to rationals, and
for every cell and sign a proof `s g.u <= beta ||u||` is written down: either ||g|| <= beta, or rational
multipliers lambda >= 0 with ||s g + sum lambda_j sigma_j form_j|| <= beta. Each proof is checked here in
integers before it is written; one that fails is retried with more digits, then with more room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd, log2, sqrt

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Bound, DualBoundRecord
from exactnet.convex.losses import Loss, constant_fit, dual_lower_bound
from exactnet.convex.patterns import FloatCells, Floats
from exactnet.convex.pricing import Prices, price
from exactnet.convex.program import Bias, TrainingProblem
from exactnet.errors import InvariantError
from exactnet.exact import common_denominator
from exactnet.geometry.arrangement import CellTable

__all__ = ["dual_bound_by_leaves", "dual_value"]

Progress = Callable[[str, int, int | None], None]


def dual_value(problem: TrainingProblem, v: Sequence[Fraction]) -> Fraction:
    """A lower bound of the optimum when v is dual feasible (weak duality): v.y - 1/2 v.v if squared."""
    return dual_lower_bound(problem.loss, v, problem.targets)


def dual_bound_by_leaves(
    problem: TrainingProblem,
    table: CellTable,
    cells: FloatCells,
    order: NDArray[np.int64],
    v: Floats,
    *,
    progress: Progress | None = None,
) -> DualBoundRecord:
    """The certificate record of the best rational dual bound near v.

    Parameters
    ----------
    order : listed cell of each leaf of the split tree, in leaf order.
    v : float residual y - f of a (nearly) optimal network; for other losses minus their slopes there.
    """
    prices = price(problem, cells, v * cells.row_scale, threshold=0.9 * float(problem.beta))
    gamma = prices.gamma
    beta = float(problem.beta)
    for room in (42, 36, 33, 31, 28, 24, 18, 12):
        rational = _scaled_residual(problem, v, gamma, beta, room)
        bounds = _prove_all(problem, table, cells, order, rational, progress)
        if bounds is not None:
            value = dual_value(problem, rational)
            return DualBoundRecord("dual", "problem", rational, "leaves", "cells", bounds, value)
    # v = 0 is feasible without multipliers and proves that the optimum is not negative
    zero = (Fraction(0),) * problem.n_samples
    bounds = _prove_all(problem, table, cells, order, zero, progress)
    if bounds is None:
        raise InvariantError("v = 0 is not dual feasible", reproduction=f"problem={problem!r}")
    return DualBoundRecord("dual", "problem", zero, "leaves", "cells", bounds, Fraction(0))


def _scaled_residual(
    problem: TrainingProblem, v: Floats, gamma: float, beta: float, room: int
) -> tuple[Fraction, ...]:
    """v times the best feasible factor, on a binary grid, with sum 0 for a free bias."""
    y = np.array([float(t) for t in problem.targets])
    size = float(v @ v)
    if size == 0:
        return (Fraction(0),) * len(v)
    # the other losses bound v itself
    best = float(v @ y) / size if problem.loss is Loss.SQUARED else 1.0
    allowed = beta / gamma if gamma > 0 else best
    # when the constraint is slack, v itself (exactly) is the best multiple: zero gap for the zero network
    if allowed > best * (1 + 2.0**-room):
        exact = _exact_without_neurons(problem, v)
        if exact is not None:
            return exact
    factor = min(best, allowed * (1 - 2.0**-room))
    return on_grid(problem, v * factor)


def on_grid(problem: TrainingProblem, v: Floats) -> tuple[Fraction, ...]:
    """Rationals near v in the domain of the loss, on a binary grid, with sum 0 for a free bias."""
    grid = 60 - int(np.frexp(np.abs(v).max())[1])
    numerators = [round(Fraction(float(x)) * _power(grid)) for x in v]
    if problem.loss is Loss.SQUARED:
        if problem.bias is Bias.FREE:
            largest = max(range(len(numerators)), key=lambda i: abs(numerators[i]))
            numerators[largest] -= sum(numerators)
        return tuple(Fraction(x) / _power(grid) for x in numerators)
    one = int(_power(max(grid, 0)))
    ends = [(-one, one)] * len(v)
    if problem.loss.classifies:
        ends = [(min(0, int(y) * one), max(0, int(y) * one)) for y in problem.targets]
    numerators = [min(max(x, low), high) for x, (low, high) in zip(numerators, ends, strict=True)]
    excess = sum(numerators) if problem.bias is Bias.FREE else 0
    for i in sorted(range(len(v)), key=lambda i: max(ends[i][0] - numerators[i], numerators[i] - ends[i][1])):
        low, high = ends[i]
        moved = min(max(numerators[i] - excess, low), high)
        excess -= numerators[i] - moved
        numerators[i] = moved
    return tuple(Fraction(x, one) for x in numerators)


def _power(exponent: int) -> Fraction:
    return Fraction(2) ** exponent


def _exact_without_neurons(problem: TrainingProblem, v: Floats) -> tuple[Fraction, ...] | None:
    """The dual vector of the best network without neurons, if v is its float image."""
    _, exact = constant_fit(problem.loss, problem.targets, intercept=problem.bias is Bias.FREE)
    image = np.array([float(r) for r in exact])
    close = bool(np.abs(image - v).max() <= np.abs(image).max() * 2.0**-40)
    return exact if close else None


@dataclass(frozen=True)
class _Exact:
    """The data of the proofs as integers, beta = beta_num / beta_den.

    An active row adds v_i z_i = products[i] / scale, an inactive one kappa v_i z_i = inactive[i] / scale
    (`inactive` is empty for kappa = 0).
    """

    products: tuple[tuple[int, ...], ...]
    inactive: tuple[tuple[int, ...], ...]
    scale: int
    beta_num: int
    beta_den: int
    n_penalised: int
    forms: tuple[tuple[int, ...], ...]
    lengths: tuple[float, ...]


def _exact_data(problem: TrainingProblem, table: CellTable, v: Sequence[Fraction]) -> _Exact:
    rows = [[a * z for z in row] for a, row in zip(v, problem.homogenised, strict=True)]
    kappa = problem.kappa
    scale = common_denominator([x for row in rows for x in row]) * kappa.denominator
    forms = table.arrangement.forms
    products = tuple(tuple(int(x * scale) for x in row) for row in rows)
    return _Exact(
        products,
        tuple(tuple(x * kappa.numerator // kappa.denominator for x in row) for row in products)
        if kappa
        else (),
        scale,
        problem.beta.numerator,
        problem.beta.denominator,
        len(problem.penalised),
        forms,
        tuple(_length(form) for form in forms),
    )


def _length(form: Sequence[int]) -> float:
    top = max(map(abs, form))
    return top * sqrt(sum((x / top) ** 2 for x in form))


def _prove_all(
    problem: TrainingProblem,
    table: CellTable,
    cells: FloatCells,
    order: NDArray[np.int64],
    v: tuple[Fraction, ...],
    progress: Progress | None,
) -> tuple[tuple[Bound, ...], ...] | None:
    """Bounds of every leaf, mirror and sign; None when one cannot be proved with this v."""
    exact = _exact_data(problem, table, v)
    # the float multipliers of this very v, in the user's units
    floats = np.array([float(a) for a in v]) * cells.row_scale
    prices = price(problem, cells, floats, threshold=_NEARLY * float(problem.beta))
    guesses = _guesses(prices, len(cells.active))
    n_copies = len(cells.active) // cells.n_listed
    bounds: list[tuple[Bound, ...]] = []
    for done, leaf in enumerate(order):
        entry: list[Bound] = []
        for cell in range(int(leaf), int(leaf) + n_copies * cells.n_listed, cells.n_listed):
            g = _gradient(exact, cells.active[cell])
            for column, sign in ((0, 1), (1, -1)):
                h = g if sign > 0 else [-x for x in g]
                task = int(guesses[cell, column])
                lam = prices.multipliers[task] if task >= 0 else None
                bound = _prove(exact, cells, cell, h, lam, prices.high[cell, column])
                if bound is None:
                    return None
                entry.append(bound)
        bounds.append(tuple(entry))
        if progress and done % 200 == 199:
            progress("proof of the lower bound", done + 1, len(order))
    return tuple(bounds)


# cells with a plain bound under this share of beta need no multipliers, whatever the rounding
_NEARLY = 1 - 2.0**-20


def _guesses(prices: Prices, n_cells: int) -> NDArray[np.int64]:
    """Index of the projection of each (cell, column), -1 where there is none."""
    index = np.full((n_cells, 2), -1, dtype=np.int64)
    index[prices.tasks[:, 0], prices.tasks[:, 1]] = np.arange(len(prices.tasks))
    return index


def _gradient(exact: _Exact, active: NDArray[np.bool_]) -> list[int]:
    chosen = [exact.products[i] for i in np.flatnonzero(active)]
    if exact.inactive:
        chosen += [exact.inactive[i] for i in np.flatnonzero(~active)]
    return [sum(column) for column in zip(*chosen, strict=True)] if chosen else [0] * len(exact.products[0])


def _prove(
    exact: _Exact, cells: FloatCells, cell: int, h: list[int], lam: Floats | None, approx_value: float
) -> Bound | None:
    """One bound: no multipliers if possible, else float ones, rounded as coarsely as the slack allows."""
    if _holds(exact, h, 1):
        return 0
    if lam is None:
        return None
    facets = cells.facets(cell)
    weights = {
        int(facets[j]): float(lam[j]) / exact.lengths[facets[j]] for j in np.flatnonzero(lam[: len(facets)])
    }
    signs = cells.signs[cell]
    slack = exact.beta_num / exact.beta_den - approx_value
    digits = _digits(exact, weights, slack)
    for extra in (0, 2, 8, 30):
        den, rounded = _rounded(weights, digits + extra)
        den, rounded = _repair(exact, facets, signs, h, den, rounded)
        if _holds(exact, _combined(exact, signs, h, den, rounded), den):
            return (den, *(x for k in sorted(rounded) for x in (k, rounded[k])))
    return None


def _digits(exact: _Exact, weights: dict[int, float], slack: float) -> int:
    """Binary digits after the point so that rounding moves the vector by less than the slack."""
    reach = sum(exact.lengths[k] for k in weights)
    if not weights or reach == 0:
        return 0
    return max(-200, ceil(log2(reach / slack))) if slack > 0 else 64


def _rounded(weights: dict[int, float], bits: int) -> tuple[int, dict[int, int]]:
    """Weights as integers over one denominator; negative `bits` round to multiples of a power of two."""
    unit = Fraction(1, 2**bits) if bits >= 0 else Fraction(2**-bits)
    den = unit.denominator
    rounded = {k: round(Fraction(w) / unit) * unit.numerator for k, w in weights.items()}
    return den, {k: m for k, m in rounded.items() if m > 0}


def _combined(
    exact: _Exact, signs: NDArray[np.int8], h: list[int], den: int, weights: dict[int, int]
) -> list[int]:
    """(h / scale + sum m/den sigma form) * scale * den, in integers."""
    total = [x * den for x in h]
    for k, m in weights.items():
        factor = m * int(signs[k]) * exact.scale
        total = [x + factor * c for x, c in zip(total, exact.forms[k], strict=True)]
    return total


def _repair(
    exact: _Exact,
    facets: NDArray[np.int64],
    signs: NDArray[np.int8],
    h: list[int],
    den: int,
    weights: dict[int, int],
) -> tuple[int, dict[int, int]]:
    """Make the last, unpenalised coordinate vanish exactly by adjusting one multiplier."""
    last = len(h) - 1
    if exact.n_penalised > last:
        return den, weights
    error = Fraction(_combined(exact, signs, h, den, weights)[last], exact.scale * den)
    if error == 0:
        return den, weights
    usable = [int(k) for k in (*weights, *facets) if exact.forms[k][last]]
    for k in sorted(usable, key=lambda k: -weights.get(k, 0)):
        adjusted = Fraction(weights.get(k, 0), den) - error / (int(signs[k]) * exact.forms[k][last])
        if adjusted >= 0:
            shared = den * adjusted.denominator // gcd(den, adjusted.denominator)
            scaled = {j: m * (shared // den) for j, m in weights.items()}
            scaled[k] = int(adjusted * shared)
            return shared, {j: m for j, m in scaled.items() if m}
    return den, weights


def _holds(exact: _Exact, total: Sequence[int], den: int) -> bool:
    """||total / (scale den)|| <= beta over the penalised coordinates, and zero elsewhere; integers only."""
    p = exact.n_penalised
    if any(total[p:]):
        return False
    square = sum(x * x for x in total[:p])
    return square * exact.beta_den**2 <= (exact.beta_num * exact.scale * den) ** 2
