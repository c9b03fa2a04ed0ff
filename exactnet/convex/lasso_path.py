"""The whole path of the Lasso, exactly: minimise 1/2 ||Kz + t 1 - y||^2 + beta ||z||_1 for every beta.

For a fixed support and fixed signs the stationary point is affine in beta, and it is the minimiser exactly
where the KKT conditions hold: s_j z_j >= 0 on the support, |k_j . r| <= beta everywhere. These are linear
inequalities in beta, so each piece comes with an interval on which it is *proved*, end points included;
the path is complete when the intervals of consecutive pieces meet (Osborne, Presnell and Turlach 2000;
Efron et al. 2004, where the data are in general position).

At the end of a piece the columns that reach |k_j . r| = beta enter and the coefficients that reach 0
leave. Ties (repeated, collinear or simultaneous columns) can make that rule fail. Then the exact solver
is asked a little below the end, nearer and nearer, until its piece reaches up to the end: there are
finitely many pieces, so it will.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from operator import mul

from exactnet.convex.columns import ScaledColumns
from exactnet.convex.lasso import solve_lasso
from exactnet.errors import InvariantError, LimitReached
from exactnet.exact.least_squares import IntegerRows, solve_gram

__all__ = ["LassoPiece", "lasso_pieces"]

IntVector = tuple[int, ...]
Rationals = tuple[Fraction, ...]
Signs = dict[int, int]

_MOST_HALVINGS = 2000


@dataclass(frozen=True)
class LassoPiece:
    """The minimiser for lower <= beta <= upper (None: no upper end), affine in beta.

    Attributes
    ----------
    support, signs : columns with coefficients, and their signs.
    coefficients : pairs (c0, c1), z_j = c0 + c1 beta; intercept : such a pair.
    residual : r = r0 + beta r1 = y - Kz - t 1, as (r0, r1).
    """

    lower: Fraction
    upper: Fraction | None
    support: IntVector
    signs: IntVector
    coefficients: tuple[tuple[Fraction, Fraction], ...]
    intercept: tuple[Fraction, Fraction]
    residual: tuple[Rationals, Rationals]

    def coefficients_at(self, beta: Fraction) -> Rationals:
        """z on the support."""
        return tuple(c0 + beta * c1 for c0, c1 in self.coefficients)

    def intercept_at(self, beta: Fraction) -> Fraction:
        """t (0 without intercept)."""
        return self.intercept[0] + beta * self.intercept[1]

    def residual_at(self, beta: Fraction) -> Rationals:
        """y - Kz - t 1, the dual solution."""
        return tuple(a + beta * b for a, b in zip(*self.residual, strict=True))

    def value_at(self, beta: Fraction) -> Fraction:
        """The minimum, a polynomial of degree 2 on the piece."""
        penalty = beta * sum(map(abs, self.coefficients_at(beta)), Fraction(0))
        return sum((x * x for x in self.residual_at(beta)), Fraction(0)) / 2 + penalty


def lasso_pieces(
    columns: ScaledColumns,
    targets: Sequence[Fraction],
    *,
    lowest: Fraction,
    intercept: bool,
    max_pieces: int = 10_000,
) -> tuple[LassoPiece, ...]:
    """All pieces from beta = infinity down to `lowest` >= 0, each one proved on its interval.

    The first piece is z = 0, down to max |k_j . (y - t)|. Neighbours may have the same fit: where the
    minimiser is not unique its support may change on the way.

    Raises
    ------
    LimitReached : more than `max_pieces`; `partial` holds those found.

    Examples
    --------
    >>> ramps = [(0, 1, 2, 3), (0, 0, 1, 2), (0, 0, 0, 1), (3, 2, 1, 0), (2, 1, 0, 0), (1, 0, 0, 0)]
    >>> columns = ScaledColumns.from_columns(ramps, n_rows=4)
    >>> y = [Fraction(x) for x in (0, 1, 0, 1)]
    >>> for piece in lasso_pieces(columns, y, lowest=Fraction(0), intercept=True):
    ...     print(piece.lower, piece.upper, piece.support, piece.value_at(piece.lower))
    1 None () 1/2
    2/7 1 (0,) 22/49
    1/4 2/7 (0, 2, 5) 7/16
    1/6 1/4 (2, 5) 7/18
    0 1/6 (1, 2, 5) 0
    """
    walk = _Walk(columns, tuple(targets), intercept)
    pieces = [walk.first()]
    while pieces[-1].lower > lowest:
        if len(pieces) >= max_pieces:
            raise LimitReached(
                "the path has more pieces than allowed",
                where=f"beta = {float(pieces[-1].lower):.3g}",
                got=f"{len(pieces)} pieces",
                expected=f"at most max_pieces = {max_pieces}",
                hint="raise max_pieces or the lowest beta",
                partial=tuple(pieces),
            )
        pieces.append(walk.after(pieces[-1]))
    return tuple(pieces)


class _Walk:
    """The data in integers: k_q = C_q / weight_q, y = self.y / scale_y, both centred with an intercept."""

    def __init__(self, columns: ScaledColumns, targets: Rationals, intercept: bool) -> None:
        self.columns, self.targets, self.intercept = columns, targets, intercept
        self.n = len(targets)
        self.scale_y = lcm(*(x.denominator for x in targets))
        self.y = tuple(int(x * self.scale_y) for x in targets)
        if intercept:
            self.y, self.scale_y = self._centred(self.y), self.scale_y * self.n
        self.rows = IntegerRows(columns.numerators, n_columns=self.n)

    def first(self) -> LassoPiece:
        """The empty piece; it ends where the first column becomes tight."""
        piece = self._piece({})
        assert piece is not None
        return piece

    def after(self, piece: LassoPiece) -> LassoPiece:
        """The piece that begins where this one ends."""
        end = piece.lower
        found = self._contiguous(self._piece(self._exchanged(piece)), end)
        step = end / 2**10
        for _ in range(_MOST_HALVINGS):
            if found is not None:
                return found
            # not a round number: at special betas the support may be right at that point only
            found = self._contiguous(self._solved(piece, end - step), end)
            step *= Fraction(13, 27)
        raise InvariantError(
            "no piece of the path was found below a breakpoint", reproduction=f"beta={end}, {self.columns!r}"
        )

    def _contiguous(self, piece: LassoPiece | None, end: Fraction) -> LassoPiece | None:
        if piece is None or piece.lower >= end or piece.upper is None or piece.upper < end:
            return None
        return LassoPiece(
            piece.lower,
            end,
            piece.support,
            piece.signs,
            piece.coefficients,
            piece.intercept,
            piece.residual,
        )

    def _exchanged(self, piece: LassoPiece) -> Signs:
        """Drop what is 0 at the end of the piece, add what is tight there."""
        end = piece.lower
        signs = {
            q: s for q, s, z in zip(piece.support, piece.signs, piece.coefficients_at(end), strict=True) if z
        }
        r = piece.residual_at(end)
        scale = lcm(*(x.denominator for x in r))
        prices = self.rows.products([int(x * scale) for x in r])
        left = {q for q in piece.support if q not in signs}
        b, db = end.numerator * scale, end.denominator
        for j, (price, denominator) in enumerate(zip(prices, self.columns.denominators, strict=True)):
            if abs(price) * db == b * denominator and j not in signs and j not in left:
                signs[j] = 1 if price > 0 else -1
        return signs

    def _solved(self, piece: LassoPiece, beta: Fraction) -> LassoPiece | None:
        start = dict(zip(piece.support, piece.coefficients_at(piece.lower), strict=True))
        solution = solve_lasso(self.columns, self.targets, beta=beta, intercept=self.intercept, start=start)
        pairs = zip(solution.support, solution.coefficients, strict=True)
        return self._piece({q: 1 if z > 0 else -1 for q, z in pairs})

    def _piece(self, signs: Signs) -> LassoPiece | None:
        """The affine solution with this support and the interval of its proof; None if there is none."""
        support = sorted(signs)
        vectors = [self._vector(q) for q in support]
        weights = [self._weight(q) for q in support]
        # w = z / weight solves C'C w = C'y - beta signs weight
        at_zero = solve_gram(vectors, [sum(map(mul, vector, self.y)) for vector in vectors])
        along = solve_gram(vectors, [signs[q] * weight for q, weight in zip(support, weights, strict=True)])
        if at_zero is None or along is None:
            return None
        w0 = [Fraction(x, at_zero[1] * self.scale_y) for x in at_zero[0]]
        w1 = [Fraction(-x, along[1]) for x in along[0]]
        r0 = self._rest([Fraction(x, self.scale_y) for x in self.y], vectors, w0)
        r1 = self._rest([Fraction(0)] * self.n, vectors, w1)
        limits = self._limits(r0, r1, [(signs[q], a, b) for q, a, b in zip(support, w0, w1, strict=True)])
        if limits is None:
            return None
        pairs = tuple((a * weight, b * weight) for a, b, weight in zip(w0, w1, weights, strict=True))
        return LassoPiece(
            limits[0],
            limits[1],
            tuple(support),
            tuple(signs[q] for q in support),
            pairs,
            self._intercept(support, pairs, r0, r1),
            (tuple(r0), tuple(r1)),
        )

    def _limits(
        self, r0: Sequence[Fraction], r1: Sequence[Fraction], active: Sequence[tuple[int, Fraction, Fraction]]
    ) -> tuple[Fraction, Fraction | None] | None:
        """All beta >= 0 with s w >= 0 on the support and |k_j . r| <= beta for every column."""
        bounds = _HalfLines()
        for s, w0, w1 in active:
            shared = lcm(w0.denominator, w1.denominator)
            bounds.add(-s * int(w0 * shared), -s * int(w1 * shared))
        scale = lcm(*(x.denominator for x in (*r0, *r1)))
        p0 = self.rows.products([int(x * scale) for x in r0])
        p1 = self.rows.products([int(x * scale) for x in r1])
        for a, b, denominator in zip(p0, p1, self.columns.denominators, strict=True):
            bounds.add(a, b - scale * denominator)
            bounds.add(-a, -b - scale * denominator)
        return bounds.interval()

    def _rest(
        self, y: Sequence[Fraction], vectors: Sequence[IntVector], w: Sequence[Fraction]
    ) -> list[Fraction]:
        """y - sum w C."""
        scale = lcm(*(x.denominator for x in (*y, *w)))
        total = [int(x * scale) for x in y]
        for value, vector in zip(w, vectors, strict=True):
            factor = int(value * scale)
            total = [x - factor * c for x, c in zip(total, vector, strict=True)]
        return [Fraction(x, scale) for x in total]

    def _intercept(
        self,
        support: Sequence[int],
        pairs: Sequence[tuple[Fraction, Fraction]],
        r0: Sequence[Fraction],
        r1: Sequence[Fraction],
    ) -> tuple[Fraction, Fraction]:
        """From the first row: t = y - Kz - r."""
        if not self.intercept:
            return Fraction(0), Fraction(0)
        first = [Fraction(self.columns.numerators[q][0], self.columns.denominators[q]) for q in support]
        fit0 = sum((k * a for k, (a, _) in zip(first, pairs, strict=True)), Fraction(0))
        fit1 = sum((k * b for k, (_, b) in zip(first, pairs, strict=True)), Fraction(0))
        return self.targets[0] - fit0 - r0[0], -fit1 - r1[0]

    def _vector(self, q: int) -> IntVector:
        numerators = self.columns.numerators[q]
        return self._centred(numerators) if self.intercept else numerators

    def _weight(self, q: int) -> int:
        return self.columns.denominators[q] * (self.n if self.intercept else 1)

    def _centred(self, vector: IntVector) -> IntVector:
        total = sum(vector)
        return tuple(self.n * x - total for x in vector)


class _HalfLines:
    """The intersection of beta >= 0 with half-lines a + b beta <= 0, in integers."""

    def __init__(self) -> None:
        self.lower = (0, 1)
        self.upper: tuple[int, int] | None = None
        self.is_empty = False

    def add(self, a: int, b: int) -> None:
        """Intersect with a + b beta <= 0."""
        if b == 0:
            self.is_empty |= a > 0
        elif b > 0:  # beta <= -a / b
            if self.upper is None or -a * self.upper[1] < self.upper[0] * b:
                self.upper = (-a, b)
        elif a * self.lower[1] > self.lower[0] * -b:  # beta >= a / -b
            self.lower = (a, -b)

    def interval(self) -> tuple[Fraction, Fraction | None] | None:
        """(lower, upper), upper None when there is none; None when empty."""
        lower = Fraction(*self.lower)
        upper = None if self.upper is None else Fraction(*self.upper)
        if self.is_empty or (upper is not None and upper < lower):
            return None
        return lower, upper
