"""Exact Lipschitz constants of networks: the largest operator norm of the affine maps on the cells.

On a convex full-dimensional domain a continuous piecewise affine function f satisfies
||f(x) - f(y)|| <= L ||x - y|| with L the largest operator norm of its matrices, and with no smaller L,
because it is attained inside a cell. The norms l1 and linf give rational numbers (largest column and row
sums). The l2 norm is the root of the largest eigenvalue of an integer matrix, over a denominator: that
eigenvalue is an integer or irrational, and is located between neighbouring integers as the largest root of
the characteristic polynomial, which has real roots only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import TYPE_CHECKING

from exactnet.errors import InputError
from exactnet.exact import Interval, RationalMatrix, sqrt_enclosure
from exactnet.geometry.cell import Point

if TYPE_CHECKING:
    from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["LipschitzConstant", "lipschitz_constant", "operator_norm"]


@dataclass(frozen=True)
class LipschitzConstant:
    """The smallest Lipschitz constant with respect to one norm on both sides, and where it is attained.

    Attributes
    ----------
    value : a point for l1 and linf, and for l2 if the number is rational; otherwise an enclosure.
    squared : the same for the square, which for l2 and one output is always a point.
    cell : index of a cell where it is attained; with an enclosure, of one whose norm lies in it.
    witness : a point inside that cell.
    """

    norm: str
    value: Interval
    squared: Interval
    cell: int
    witness: Point


def lipschitz_constant(
    complex_: PolyhedralComplex, norm: str = "l2", *, digits: int = 30
) -> LipschitzConstant:
    """The Lipschitz constant of f on the domain of a complete complex.

    Parameters
    ----------
    norm : "l1", "l2" or "linf", for inputs and outputs alike.
    digits : of the enclosure.

    Raises
    ------
    InputError : no cell (empty or flat domain), another norm.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> network = Network.from_arrays([([[3, 4], [1, 0]], [0, 0]), ([[1, -1]], [0])])
    >>> found = lipschitz_constant(polyhedral_complex(region_task(network)))
    >>> found.value, found.squared, lipschitz_constant(polyhedral_complex(region_task(network)), "linf").value
    (Interval(5, 5), Interval(25, 25), Interval(7, 7))
    """
    if not complex_.cells:
        raise InputError(
            "there is no cell to take a norm on",
            where="domain",
            got="a domain without interior",
            expected="a full-dimensional domain",
            hint="restrict the network to the affine hull of the domain: geometry.slices",
        )
    at: dict[RationalMatrix, int] = {}
    for i, cell in enumerate(complex_.cells):
        at.setdefault(cell.affine_map[0], i)
    # the order by the Frobenius norm only saves work: a good bound first, then one comparison a matrix
    matrices = sorted(at, key=_frobenius, reverse=True)
    best = matrices[0]
    squared = _squared_norm(best, norm, digits)
    for matrix in matrices[1:]:
        if not _norm_at_most(matrix, norm, squared.upper):
            best, squared = matrix, _squared_norm(matrix, norm, digits)
    i = at[best]
    return LipschitzConstant(norm, _root(squared, digits), squared, i, complex_.cells[i].witness)


def operator_norm(matrix: RationalMatrix, norm: str = "l2", *, digits: int = 30) -> Interval:
    """The operator norm with respect to l1, l2 or linf on both sides; exact for l1 and linf.

    Examples
    --------
    >>> A = RationalMatrix.from_rows([[1, 1], [0, 1]])
    >>> operator_norm(A, "l1"), operator_norm(A, "linf"), operator_norm(A, "l2", digits=4)
    (Interval(2, 2), Interval(2, 2), Interval(809/500, 1619/1000))
    """
    return _root(_squared_norm(matrix, norm, digits), digits)


def _root(squared: Interval, digits: int) -> Interval:
    return Interval(
        sqrt_enclosure(squared.lower, digits=digits).lower, sqrt_enclosure(squared.upper, digits=digits).upper
    )


def _squared_norm(matrix: RationalMatrix, norm: str, digits: int) -> Interval:
    if norm == "l2":
        gram, scale = _gram(matrix)
        return _largest_root(_characteristic(gram), digits) * scale
    return Interval(_largest_sum(matrix, norm) ** 2)


def _norm_at_most(matrix: RationalMatrix, norm: str, squared: Fraction) -> bool:
    if norm == "l2":
        gram, scale = _gram(matrix)
        return _all_roots_at_most(_characteristic(gram), squared / scale)
    return _largest_sum(matrix, norm) ** 2 <= squared


def _largest_sum(matrix: RationalMatrix, norm: str) -> Fraction:
    """The largest column sum (l1) or row sum (linf) of absolute values."""
    if norm not in ("l1", "linf"):
        raise InputError("unknown norm", where="norm", got=repr(norm), expected='"l1", "l2" or "linf"')
    rows = matrix.numerators if norm == "linf" else matrix.transpose().numerators
    return Fraction(max((sum(map(abs, row)) for row in rows), default=0), matrix.denominator)


# -- the largest eigenvalue -----------------------------------------------------------------------------


def _frobenius(matrix: RationalMatrix) -> Fraction:
    return Fraction(sum(x * x for row in matrix.numerators for x in row), matrix.denominator**2)


def _gram(matrix: RationalMatrix) -> tuple[list[list[int]], Fraction]:
    """N N^T or N^T N (the smaller) of the integers N = denominator * matrix, and 1 / denominator^2."""
    n_rows, n_columns = matrix.shape
    rows = matrix.numerators if n_rows <= n_columns else matrix.transpose().numerators
    gram = [[sum(map(mul, row, other)) for other in rows] for row in rows]
    return gram, Fraction(1, matrix.denominator**2)


def _characteristic(matrix: Sequence[Sequence[int]]) -> list[int]:
    """det(t I - M) from the leading coefficient down (Faddeev and LeVerrier); all divisions are exact.

    Examples
    --------
    >>> _characteristic([[2, 1], [1, 2]])
    [1, -4, 3]
    """
    n = len(matrix)
    coefficients = [1]
    power = [[int(i == j) for j in range(n)] for i in range(n)]
    for k in range(1, n + 1):
        columns = list(zip(*power, strict=True))
        power = [[sum(map(mul, row, column)) for column in columns] for row in matrix]
        coefficients.append(-sum(power[i][i] for i in range(n)) // k)
        for i in range(n):
            power[i][i] += coefficients[-1]
    return coefficients


def _largest_root(polynomial: Sequence[int], digits: int) -> Interval:
    """The largest root of a monic integer polynomial whose roots are all real and >= 0."""
    least = _least_bound(polynomial)
    if _taylor(polynomial, least)[0] == 0:
        return Interval(least)  # rational roots of a monic integer polynomial are integers
    scale = 10 ** max(0, digits + 2 - len(str(least)))
    finer = [c * scale**j for j, c in enumerate(polynomial)]  # its roots are `scale` times as large
    upper = _least_bound(finer)
    return Interval(Fraction(upper - 1, scale), Fraction(upper, scale))


def _least_bound(polynomial: Sequence[int]) -> int:
    """The smallest integer t >= 0 that no root exceeds; all roots are real and >= 0, so they sum to -c_1."""
    low, high = -1, -polynomial[1]
    while high - low > 1:
        middle = (low + high) // 2
        if _all_roots_at_most(polynomial, Fraction(middle)):
            high = middle
        else:
            low = middle
    return high


def _all_roots_at_most(polynomial: Sequence[int], t: Fraction) -> bool:
    """For real-rooted monic polynomials: no derivative is negative at t.

    If all roots are <= t, so are those of all derivatives (Gauss and Lucas). If no derivative is negative,
    Taylor's formula is positive beyond t.
    """
    p, q = t.numerator, t.denominator
    scaled = [c * q**j for j, c in enumerate(polynomial)]
    return min(_taylor(scaled, p)) >= 0


def _taylor(polynomial: Sequence[int], t: int) -> list[int]:
    """The coefficients at t: value, first derivative, half the second, ..."""
    rest = list(polynomial)
    values = []
    while rest:
        for j in range(1, len(rest)):
            rest[j] += t * rest[j - 1]
        values.append(rest.pop())
    return values
