"""Piecewise linear losses over a dictionary: exact linear programmes by cutting planes on the dual.

    minimise  loss( K z + t 1, y ) + beta ||z||_1      (loss hinge or l1; t = 0 unless there is an intercept)

has the dual: maximise v.y subject to |k_j.v| <= beta for every column, v in the box of the loss (0 <= v_i y_i
<= 1, or |v_i| <= 1), and sum v = 0 with an intercept. A float solution of the whole programme names the
columns that matter; the programme over these is solved exactly, all columns are priced exactly, and those
that are violated join. The multipliers of the last programme are the coefficients z.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactnet.convex.columns import ScaledColumns
from exactnet.convex.losses import Loss
from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, LpOutcome, LpStatus, common_denominator, solve_lp
from exactnet.exact.least_squares import IntegerRows

__all__ = ["ColumnSolution", "interpolate_columns", "solve_columns"]

Rationals = tuple[Fraction, ...]


@dataclass(frozen=True)
class ColumnSolution:
    """A vertex of the dual and its multipliers.

    Attributes
    ----------
    support : columns with a non-zero coefficient, increasing; coefficients : theirs.
    intercept : t. v : the dual vector. value : the optimum. n_rounds : exact programmes solved.
    """

    support: tuple[int, ...]
    coefficients: Rationals
    intercept: Fraction
    v: Rationals
    value: Fraction
    n_rounds: int


def solve_columns(
    columns: ScaledColumns, targets: Sequence[Fraction], *, beta: Fraction, intercept: bool, loss: Loss
) -> ColumnSolution:
    """Minimise loss(Kz + t 1, y) + beta ||z||_1 exactly, for the losses hinge and l1.

    Examples
    --------
    >>> columns = ScaledColumns.from_columns([(Fraction(1), Fraction(2))], n_rows=2)
    >>> y = [Fraction(1), Fraction(3)]
    >>> solution = solve_columns(columns, y, beta=Fraction(1), intercept=False, loss=Loss.L1)
    >>> print(solution.value, *solution.coefficients)
    2 3/2
    """
    y = [Fraction(t) for t in targets]
    found = _cutting_planes(columns, y, beta, intercept, [_box(t, loss) for t in y])
    if not isinstance(found, ColumnSolution):
        raise InvariantError("a bounded dual is unbounded", reproduction=f"{columns!r}, {targets!r}")
    return found


def interpolate_columns(
    columns: ScaledColumns, targets: Sequence[Fraction], *, intercept: bool
) -> ColumnSolution | Rationals:
    """Minimise ||z||_1 subject to Kz + t 1 = y exactly, or a vector r that shows that there is no solution.

    In the latter case k_j.r = 0 for every column, sum r = 0 with an intercept, and y.r > 0.

    Examples
    --------
    >>> columns = ScaledColumns.from_columns([(1, 2), (1, 0)], n_rows=2)
    >>> interpolate_columns(columns, [Fraction(3), Fraction(1)], intercept=False).value
    Fraction(3, 1)
    >>> r = interpolate_columns(columns, [Fraction(3), Fraction(1)], intercept=True)
    >>> r.value, r.intercept
    (Fraction(2, 1), Fraction(1, 1))
    """
    y = [Fraction(t) for t in targets]
    return _cutting_planes(columns, y, Fraction(1), intercept, None)


Boxes = Sequence[tuple[int, int]] | None  # the intervals of v, if there are any


def _cutting_planes(
    columns: ScaledColumns, y: Sequence[Fraction], beta: Fraction, intercept: bool, boxes: Boxes
) -> ColumnSolution | Rationals:
    """The optimum, or a direction in which the dual is unbounded."""
    rows = IntegerRows(columns.numerators, n_columns=columns.n_rows)
    chosen = _guess(columns, y, beta, intercept, boxes)
    n_rounds = 0
    while True:
        n_rounds += 1
        order = sorted(chosen)
        outcome = _restricted(columns, order, y, beta, intercept, boxes)
        v = outcome.ray if outcome.status is LpStatus.UNBOUNDED else outcome.point
        if v is None:
            raise InvariantError("v = 0 is not dual feasible", reproduction=f"{columns!r}, {y!r}")
        scale = common_denominator(v)
        prices = rows.products([int(x * scale) for x in v])
        limit = Fraction(0) if outcome.status is LpStatus.UNBOUNDED else beta * scale
        fresh = [j for j in _violated(columns, prices, limit) if j not in chosen]
        if not fresh:
            if outcome.status is LpStatus.UNBOUNDED:
                return v
            return _solution(columns, order, outcome, intercept, n_rounds)
        chosen.update(fresh[: 2 * columns.n_rows])


def _solution(
    columns: ScaledColumns, chosen: Sequence[int], outcome: LpOutcome, intercept: bool, n_rounds: int
) -> ColumnSolution:
    m, v, value = outcome.multipliers, outcome.point, outcome.value
    if m is None or v is None or value is None:
        raise InvariantError("an optimum without proof", reproduction=repr(outcome))
    weights = {j: (m[2 * k] - m[2 * k + 1]) * columns.denominators[j] for k, j in enumerate(chosen)}
    support = tuple(j for j in chosen if weights[j])
    t = m[-1] if intercept else Fraction(0)
    return ColumnSolution(support, tuple(weights[j] for j in support), t, v, -value, n_rounds)


def _violated(columns: ScaledColumns, prices: Sequence[int], limit: Fraction) -> list[int]:
    """Columns with |k_j.v| > beta, the worst first."""
    b, db = limit.numerator, limit.denominator
    found = [
        (Fraction(abs(p), den), j)
        for j, (p, den) in enumerate(zip(prices, columns.denominators, strict=True))
        if abs(p) * db > b * den
    ]
    return [j for _, j in sorted(found, key=lambda entry: (-entry[0], entry[1]))]


def _box(y: Fraction, loss: Loss) -> tuple[int, int]:
    """Ends of the interval of v_i."""
    return (-1, 1) if loss is Loss.L1 else (min(0, int(y)), max(0, int(y)))


def _restricted(
    columns: ScaledColumns,
    chosen: Sequence[int],
    y: Sequence[Fraction],
    beta: Fraction,
    intercept: bool,
    boxes: Boxes,
) -> LpOutcome:
    """The dual over some columns, as minimise -y.v; two rows a column come first, the intercept last."""
    n = columns.n_rows
    rows: list[Sequence[int]] = []
    rhs: list[Fraction | int] = []
    for j in chosen:
        row = columns.numerators[j]
        rows += [row, [-x for x in row]]
        rhs += [beta * columns.denominators[j]] * 2
    for i, (low, high) in enumerate(boxes or ()):
        unit = [int(i == k) for k in range(n)]
        rows += [unit, [-x for x in unit]]
        rhs += [high, -low]
    relations = ["<="] * len(rows)
    if intercept:
        rows.append([1] * n)
        rhs.append(0)
        relations.append("=")
    return solve_lp(LinearSystem(rows, relations, rhs, n_variables=n), [-t for t in y])


def _guess(
    columns: ScaledColumns, y: Sequence[Fraction], beta: Fraction, intercept: bool, boxes: Boxes
) -> set[int]:
    """Columns that are tight at a float optimum; the choice decides the time only."""
    from scipy.optimize import linprog

    if not len(columns):
        return set()
    try:
        K = np.array(
            [[x / d for x in row] for row, d in zip(columns.numerators, columns.denominators, strict=True)]
        )
        costs, limit = np.array([-float(t) for t in y]), float(beta)
    except OverflowError:
        return set(range(min(len(columns), 2 * columns.n_rows)))
    found = linprog(
        costs,
        A_ub=np.vstack([K, -K]),
        b_ub=np.full(2 * len(K), limit),
        A_eq=np.ones((1, len(y))) if intercept else None,
        b_eq=np.zeros(1) if intercept else None,
        bounds=boxes or (None, None),
        method="highs",
    )
    if found.x is None:
        return set(range(min(len(columns), 2 * columns.n_rows)))
    sizes = np.abs(K @ found.x)
    tight = np.flatnonzero(sizes >= limit * (1 - 2.0**-20))
    return {int(j) for j in tight[np.argsort(-sizes[tight])][: 6 * columns.n_rows]}
