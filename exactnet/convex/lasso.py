"""The exact Lasso: a rational minimiser of 1/2 ||Kz + t 1 - y||^2 + beta ||z||_1, by an active set.

Optimality (KKT) with the residual r = y - Kz - t 1, in rationals and without a tolerance:
k_j . r = beta sign(z_j) where z_j != 0, |k_j . r| <= beta everywhere, and sum r = 0 with an intercept.
Floats may propose a start (:mod:`exactnet.convex.lasso_guess`); every decision is made in integers.

Why it stops. A *state* is a set of linearly independent columns with signs, and the coefficients on it.
(1) `_descend` moves to the minimiser over the state's columns and signs, dropping coefficients that
vanish; (2) `_enter` picks a column with |k_j . r| > beta. If it is independent of the state, it joins
with coefficient 0, and the next descent moves it off 0 in the direction of -gradient. If it is a
combination of the state's columns, the objective falls linearly along the null direction until a
coefficient vanishes, which leaves. Both change the objective strictly: all other coefficients are
non-zero, so every step has positive length (no degenerate pivots, whatever the ties in the data).
After (1) the objective is a function of the columns and signs alone, there are finitely many, and the
value strictly falls: no state comes twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from operator import mul

from exactnet.convex.columns import ScaledColumns
from exactnet.convex.lasso_guess import approx_lasso
from exactnet.errors import InputError, InvariantError, ShapeError
from exactnet.exact import to_fraction
from exactnet.exact.least_squares import IntegerRows, solve_gram

__all__ = ["LassoSolution", "solve_lasso"]

IntVector = tuple[int, ...]
Rationals = tuple[Fraction, ...]


@dataclass(frozen=True)
class LassoSolution:
    """A minimiser whose active columns (with the constant, if there is an intercept) are independent.

    Attributes
    ----------
    support : the columns with non-zero coefficient, increasing; coefficients : theirs, in that order.
    intercept : t (0 without intercept).
    residual : r = y - Kz - t 1, n fractions; it is the same for every minimiser, and the dual solution.
    value : the minimum.
    tight : all columns with |k_j . r| = beta, increasing; more of them than `support` means that the
        minimiser may not be unique.
    n_pivots : columns entered on the way from the start to the optimum.
    """

    support: IntVector
    coefficients: Rationals
    intercept: Fraction
    residual: Rationals
    value: Fraction
    tight: IntVector
    n_pivots: int


def solve_lasso(
    columns: ScaledColumns | Sequence[Sequence[Fraction | int]],
    targets: Sequence[Fraction | int],
    *,
    beta: Fraction | int | str,
    intercept: bool,
    start: Mapping[int, Fraction] | None = None,
    float_guess: bool = True,
) -> LassoSolution:
    """Minimise 1/2 ||Kz + t 1 - y||^2 + beta ||z||_1 exactly (t = 0 unless `intercept`).

    Zero, repeated, opposite and collinear columns are welcome, also columns collinear with the
    constant; for beta at or above max |k_j . y| the answer is z = 0.

    Parameters
    ----------
    columns : p columns of length n.
    targets : y, n numbers, n >= 1.
    beta : > 0.
    intercept : whether the unpenalised constant t is there.
    start : coefficients to start from, such as the solution at a neighbouring beta.
    float_guess : without `start`, whether a float method may propose one (the minimum is the same).

    Raises
    ------
    ShapeError : a column of another length than the targets.
    InputError : beta <= 0, or no targets.

    Examples
    --------
    >>> ramps = [(0, 1, 2, 3), (0, 0, 1, 2), (0, 0, 0, 1), (3, 2, 1, 0), (2, 1, 0, 0), (1, 0, 0, 0)]
    >>> solution = solve_lasso(ramps, (0, 1, 0, 1), beta="1/20", intercept=True)
    >>> print(solution.value, solution.support, *solution.coefficients)
    7/40 (1, 2, 5) -7/10 3/2 -4/5
    """
    strength = to_fraction(beta, where="beta")
    if strength <= 0:
        raise InputError("the penalty must be positive", where="beta", got=str(strength), expected="> 0")
    if not targets:
        raise InputError("no targets", where="targets", got="0 rows", expected="at least one")
    y = tuple(Fraction(x) for x in targets)
    if not isinstance(columns, ScaledColumns):
        columns = ScaledColumns.from_columns(columns, n_rows=len(y))
    if columns.n_rows != len(y):
        raise ShapeError(
            "columns and targets differ in length",
            got=f"columns of {columns.n_rows} entries",
            expected=f"{len(y)}, one for each target",
        )
    engine = _ActiveSet(columns, y, strength, intercept)
    if start is None and float_guess:
        start = approx_lasso(columns.numerators, columns.denominators, y, strength, intercept=intercept)
    return engine.run(start or {})


class _ActiveSet:
    """The state of one run: `self.w` maps active columns to w_q = z_q / weight_q, see `_vector`.

    With an intercept, t is minimised out: columns and targets are projected orthogonally to the
    constant. Everything is scaled to integers: k_q = C_q / weight_q with C_q = `_vector(q)`, and
    y = self.y / self.scale_y; then Kz = sum_q w_q C_q with the penalty beta sum_q weight_q |w_q|.
    """

    def __init__(self, columns: ScaledColumns, y: Rationals, beta: Fraction, intercept: bool) -> None:
        self.columns, self.targets, self.beta, self.intercept = columns, y, beta, intercept
        self.scale_y = lcm(*(x.denominator for x in y))
        self.y = tuple(int(x * self.scale_y) for x in y)
        if intercept:
            self.y, self.scale_y = _centred(self.y), self.scale_y * len(y)
        self.rows = IntegerRows(columns.numerators, n_columns=len(y))
        self.vectors: dict[int, IntVector] = {}
        self.w: dict[int, Fraction] = {}
        self.signs: dict[int, int] = {}

    def run(self, start: Mapping[int, Fraction]) -> LassoSolution:
        self._begin(start)
        n_pivots = 0
        while True:
            self._descend()
            residual, scale = self._residual()
            prices = self.rows.products(residual)
            entering = self._most_violated(prices, scale)
            if entering is None:
                return self._solution(residual, scale, prices, n_pivots)
            self._enter(entering, 1 if prices[entering] > 0 else -1)
            n_pivots += 1

    def _vector(self, q: int) -> IntVector:
        """C_q: the integer numerators of column q, centred when there is an intercept."""
        if q not in self.vectors:
            numerators = self.columns.numerators[q]
            self.vectors[q] = _centred(numerators) if self.intercept else numerators
        return self.vectors[q]

    def _weight(self, q: int) -> int:
        return self.columns.denominators[q] * (self.columns.n_rows if self.intercept else 1)

    def _begin(self, start: Mapping[int, Fraction]) -> None:
        """Take over the largest coefficients of a start whose columns are independent."""
        chosen = sorted((q for q in start if start[q]), key=lambda q: (-abs(start[q]), q))
        if not self._independent(chosen):
            kept: list[int] = []
            for q in chosen:
                if self._independent([*kept, q]):
                    kept.append(q)
            chosen = kept
        self.w = {q: Fraction(start[q]) / self._weight(q) for q in chosen}
        self.signs = {q: 1 if w > 0 else -1 for q, w in self.w.items()}

    def _independent(self, chosen: Sequence[int]) -> bool:
        return solve_gram([self._vector(q) for q in chosen], [0] * len(chosen)) is not None

    def _descend(self) -> None:
        """Minimise over the active columns and signs; coefficients that reach zero leave."""
        while True:
            goal = self._face_minimum()
            blocking = [q for q in goal if goal[q] * self.signs[q] <= 0]
            if not blocking:
                self.w = goal
                return
            # never 0/0: a column that has just entered has w = 0, but its goal has its own sign
            step = min(self.w[q] / (self.w[q] - goal[q]) for q in blocking)
            self.w = {q: w + step * (goal[q] - w) for q, w in self.w.items()}
            self._drop_zeros()

    def _face_minimum(self) -> dict[int, Fraction]:
        """Solve C'C w = C'y - beta sign weight: the minimiser of the active quadratic."""
        active = list(self.w)
        vectors = [self._vector(q) for q in active]
        b, db = self.beta.numerator, self.beta.denominator
        rhs = [
            db * sum(map(mul, vector, self.y)) - b * self.scale_y * self.signs[q] * self._weight(q)
            for q, vector in zip(active, vectors, strict=True)
        ]
        numerators, denominator = _solve_independent(vectors, rhs)
        scale = denominator * self.scale_y * db
        return {q: Fraction(x, scale) for q, x in zip(active, numerators, strict=True)}

    def _residual(self) -> tuple[IntVector, int]:
        """r = y - Kz (centred) as integers over one denominator > 0."""
        scale = lcm(self.scale_y, *(w.denominator for w in self.w.values()))
        total = [x * (scale // self.scale_y) for x in self.y]
        for q, w in self.w.items():
            factor = w.numerator * (scale // w.denominator)
            total = [x - factor * c for x, c in zip(total, self._vector(q), strict=True)]
        return tuple(total), scale

    def _most_violated(self, prices: Sequence[int], scale: int) -> int | None:
        """The column with the largest |k_j . r| > beta, or None: then the state is optimal.

        With an intercept sum r = 0, so that k_j . r does not need the centred column.
        """
        b, db = self.beta.numerator * scale, self.beta.denominator
        best: int | None = None
        for j, (price, denominator) in enumerate(zip(prices, self.columns.denominators, strict=True)):
            size = abs(price)
            if size * db > b * denominator and (
                best is None or size * self.columns.denominators[best] > abs(prices[best]) * denominator
            ):
                best = j
        return best

    def _enter(self, j: int, sign: int) -> None:
        active = list(self.w)
        vectors, entering = [self._vector(q) for q in active], self._vector(j)
        rhs = [sum(map(mul, vector, entering)) for vector in vectors]
        combination, denominator = _solve_independent(vectors, rhs)
        if _combine(combination, vectors, len(entering)) != tuple(denominator * x for x in entering):
            self.w[j], self.signs[j] = Fraction(0), sign
            return
        # C_j = sum_q c_q C_q: move w_j by sign * step, w_q by -sign * step * c_q; the fit stays
        rates = {q: Fraction(-sign * c, denominator) for q, c in zip(active, combination, strict=True)}
        step = min(-self.w[q] / rate for q, rate in rates.items() if rate * self.signs[q] < 0)
        self.w = {q: w + step * rates[q] for q, w in self.w.items()}
        self._drop_zeros()
        self.w[j], self.signs[j] = sign * step, sign

    def _drop_zeros(self) -> None:
        self.w = {q: w for q, w in self.w.items() if w}
        self.signs = {q: self.signs[q] for q in self.w}

    def _solution(
        self, residual: IntVector, scale: int, prices: Sequence[int], n_pivots: int
    ) -> LassoSolution:
        support = tuple(sorted(self.w))
        coefficients = tuple(self.w[q] * self._weight(q) for q in support)
        r = tuple(Fraction(x, scale) for x in residual)
        t = Fraction(0)
        if self.intercept:  # r = y - Kz - t in every row; the first one tells t
            fit = (self.w[q] * self.columns.numerators[q][0] * self.columns.n_rows for q in support)
            t = self.targets[0] - sum(fit) - r[0]
        loss = Fraction(sum(map(mul, residual, residual)), 2 * scale * scale)
        b, db = self.beta.numerator * scale, self.beta.denominator
        tight = tuple(
            j
            for j, (p, d) in enumerate(zip(prices, self.columns.denominators, strict=True))
            if abs(p) * db == b * d
        )
        value = loss + self.beta * sum(map(abs, coefficients))
        return LassoSolution(support, coefficients, t, r, value, tight, n_pivots)


def _centred(vector: Sequence[int]) -> IntVector:
    """n times the projection of an integer vector orthogonal to the constant."""
    n, total = len(vector), sum(vector)
    return tuple(n * x - total for x in vector)


def _solve_independent(vectors: Sequence[IntVector], rhs: Sequence[int]) -> tuple[IntVector, int]:
    solved = solve_gram(vectors, rhs)
    if solved is None:
        raise InvariantError("active columns became dependent", reproduction=f"columns {vectors!r}")
    return solved


def _combine(coefficients: Sequence[int], vectors: Sequence[IntVector], length: int) -> IntVector:
    total = [0] * length
    for c, vector in zip(coefficients, vectors, strict=True):
        total = [x + c * v for x, v in zip(total, vector, strict=True)]
    return tuple(total)
