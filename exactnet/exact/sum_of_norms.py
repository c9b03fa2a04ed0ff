"""Newton's method in many digits for least squares plus a sum of norms.

    minimise  1/2 || A x - b ||^2 + weight * sum_k || N_k x_k ||,      x = (x_1, ..., x_K)

Where no N_k x_k vanishes the function is smooth, and Newton's method doubles the number of good digits a
step. Gradients are formed from exact integers and only then rounded, so that they are right to the
requested bits even where A x - b is a small difference of large numbers. Nothing here is a proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from flint import arb, arb_mat, ctx, fmpz_mat

from exactnet.errors import ShapeError

__all__ = ["SumOfNorms"]

IntVector = tuple[int, ...]
Rationals = Sequence[Fraction]


class SumOfNorms:
    """The function above as data.

    Parameters
    ----------
    columns : the columns of `scale` A, integer vectors of length n, one for each unknown.
    scale : positive integer.
    target : b, n rationals.
    weight : > 0.
    norms : for each block k its matrix N_k as integer rows of length len(x_k), none for a block without
        penalty; the lengths of the blocks are given by `sizes`.

    Raises
    ------
    ShapeError : the sizes do not add up to the number of columns.

    Examples
    --------
    >>> one = Fraction(1)
    >>> f = SumOfNorms([(1, 0), (0, 1)], 1, [Fraction(3), Fraction(4)], one, [((1, 0), (0, 1))], [2])
    >>> x = [Fraction(2), Fraction(3)]
    >>> for _ in range(7):
    ...     x = [a + b for a, b in zip(x, f.newton_step(x, bits=200), strict=True)]
    >>> abs(x[0] - Fraction(12, 5)) < Fraction(1, 10**50)  # (3, 4) shortened by 1
    True
    >>> f.value(x, bits=200) - Fraction(9, 2) < Fraction(1, 10**50)
    True
    """

    def __init__(
        self,
        columns: Sequence[Sequence[int]],
        scale: int,
        target: Rationals,
        weight: Fraction,
        norms: Sequence[Sequence[IntVector]],
        sizes: Sequence[int],
    ) -> None:
        if sum(sizes) != len(columns) or len(norms) != len(sizes):
            raise ShapeError(
                "the blocks do not fit the columns",
                got=f"{len(columns)} columns, blocks of {list(sizes)}",
                expected="one column for each unknown, one norm for each block",
            )
        self.n_unknowns = len(columns)
        self.scale = scale
        self.target_scale = lcm(*(x.denominator for x in target))
        self.target = fmpz_mat(len(target), 1, [int(x * self.target_scale) for x in target])
        self.columns = fmpz_mat(len(columns), len(target), [x for column in columns for x in column])
        self.gram = self.columns * self.columns.transpose()
        self.weight = weight
        self.norms = [[tuple(row) for row in rows] for rows in norms]
        self.starts = [sum(sizes[:k]) for k in range(len(sizes))]
        self.sizes = list(sizes)

    def newton_step(self, x: Rationals, *, bits: int, ridge: int | None = None) -> tuple[Fraction, ...]:
        """The Newton step at x, to about `bits` bits of each entry; the entries are dyadic.

        Parameters
        ----------
        ridge : add 2^-ridge times the largest diagonal entry to the diagonal of the Hessian.

        Raises
        ------
        ZeroDivisionError : the Hessian is singular as far as these bits can tell.
        """
        with ctx.workprec(bits + 32):
            gradient, parts = self._gradient(x)
            hessian = self._hessian(parts)
            if ridge is not None:
                largest = max(abs(_fraction(hessian[i, i])) for i in range(self.n_unknowns))
                extra = _arb(largest / 2**ridge)
                for i in range(self.n_unknowns):
                    hessian[i, i] = hessian[i, i] + extra
            step = hessian.solve(gradient, algorithm="approx")
            found = [step[i, 0] for i in range(self.n_unknowns)]
            if not all(entry.is_finite() for entry in found):
                raise ZeroDivisionError("the Hessian is singular")
            return tuple(-_fraction(entry) for entry in found)

    def value(self, x: Rationals, *, bits: int) -> Fraction:
        """The function at x, to about `bits` bits."""
        numerators, scale = self._integers(x)
        fit = self.columns.transpose() * fmpz_mat(self.n_unknowns, 1, numerators)
        left = fit * self.target_scale - self.target * (self.scale * scale)
        square = Fraction(
            int((left.transpose() * left)[0, 0]), 2 * (self.scale * scale * self.target_scale) ** 2
        )
        with ctx.workprec(bits + 32):
            total = arb(0)
            for k, rows in enumerate(self.norms):
                part = self._part(rows, k, numerators)
                total += _arb(Fraction(sum(y * y for y in part), scale * scale)).sqrt() if part else 0
            return square + self.weight * _fraction(total)

    def _integers(self, x: Rationals) -> tuple[list[int], int]:
        scale = lcm(*(value.denominator for value in x))
        return [int(value * scale) for value in x], scale

    def _part(self, rows: Sequence[IntVector], k: int, numerators: Sequence[int]) -> list[int]:
        """N_k x_k times the common denominator."""
        x_k = numerators[self.starts[k] : self.starts[k] + self.sizes[k]]
        return [sum(a * b for a, b in zip(row, x_k, strict=True)) for row in rows]

    def _gradient(self, x: Rationals) -> tuple[Any, list[tuple[Any, Any]]]:
        """The gradient, and for each block (length r, N_k'N_k x_k) as balls."""
        numerators, scale = self._integers(x)
        exact = self.gram * fmpz_mat(self.n_unknowns, 1, numerators) * self.target_scale
        exact -= self.columns * self.target * (self.scale * scale)
        divisor = self.scale**2 * scale * self.target_scale
        gradient = arb_mat(self.n_unknowns, 1, [_arb(Fraction(int(g), divisor)) for g in exact.entries()])
        parts = []
        for k, rows in enumerate(self.norms):
            y = self._part(rows, k, numerators)
            length = _arb(Fraction(sum(v * v for v in y), scale * scale)).sqrt()
            pulled = [
                _arb(Fraction(sum(row[i] * v for row, v in zip(rows, y, strict=True)), scale))
                for i in range(self.sizes[k])
            ]
            parts.append((length, pulled))
            if rows:
                for i, value in enumerate(pulled):
                    place = self.starts[k] + i
                    gradient[place, 0] = gradient[place, 0] + _arb(self.weight) * value / length
        return gradient, parts

    def _hessian(self, parts: Sequence[tuple[Any, Any]]) -> Any:
        """A'A plus weight (N'N / r - (N'Nx)(N'Nx)' / r^3) on each block."""
        hessian = arb_mat(self.gram) / _arb(Fraction(self.scale**2))
        for k, rows in enumerate(self.norms):
            length, pulled = parts[k]
            for i in range(self.sizes[k] if rows else 0):
                for j in range(self.sizes[k]):
                    product = sum(row[i] * row[j] for row in rows)
                    curve = product / length - pulled[i] * pulled[j] / length**3
                    a, b = self.starts[k] + i, self.starts[k] + j
                    hessian[a, b] = hessian[a, b] + _arb(self.weight) * curve
        return hessian


def _arb(value: Fraction) -> Any:
    return arb(value.numerator) / value.denominator


def _fraction(value: Any) -> Fraction:
    """The midpoint of a ball, exactly."""
    mantissa, exponent = value.mid().man_exp()
    m, e = int(mantissa), int(exponent)
    return Fraction(m << e) if e >= 0 else Fraction(m, 1 << -e)
