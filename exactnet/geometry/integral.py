"""Exact integrals over bounded polytopes: of polynomials of degree two, and of networks.

A network is affine on each cell of its complex, so the moments of the cells up to order two are enough. The
denominators of the results can have many thousands of digits: that is their size, not an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from operator import mul
from typing import TYPE_CHECKING

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, to_fraction, to_fractions
from exactnet.geometry.volumes import Body, dimension_of, first_moments, second_moments

if TYPE_CHECKING:
    from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["inner_products", "integrate", "integrate_quadratic", "mean_outputs"]

Vector = tuple[Fraction, ...]


def integrate(complex_: PolyhedralComplex) -> Vector:
    """The integral of every output of a network over the bounded domain of its complete complex.

    Cost: one determinant a simplex of a triangulation of all cells.

    Raises
    ------
    InputError : the domain is unbounded.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> tent = Network.from_arrays([([[1], [1]], ["0", "-1/2"]), ([[2, -4]], [0])])
    >>> unit = polyhedral_complex(region_task(tent, Polyhedron.box([0], [1])))
    >>> integrate(unit), inner_products(unit)
    ((Fraction(1, 2),), RationalMatrix([[1/3]]))
    """
    return _integrals(complex_)[0]


def mean_outputs(complex_: PolyhedralComplex) -> Vector:
    """The mean of every output over the bounded domain of a complete complex.

    Raises
    ------
    InputError : the domain is unbounded or has no interior.
    """
    integrals, total = _integrals(complex_)
    if not total:
        raise InputError(
            "a domain without interior has no mean value", where="mean_outputs", expected="volume > 0"
        )
    return tuple(value / total for value in integrals)


def inner_products(complex_: PolyhedralComplex) -> RationalMatrix:
    """The matrix of the integrals of f_i f_j over the bounded domain of a complete complex.

    With two networks side by side as two outputs it gives their exact distance in L2: the integral of
    (f_1 - f_2)^2 is G_11 - 2 G_12 + G_22.

    Raises
    ------
    InputError : the domain is unbounded.
    """
    n = _n_outputs(complex_)
    parts: list[list[Fraction]] = [[] for _ in range(n * n)]
    for cell in complex_.cells:
        matrix, constants = cell.affine_map
        f = RationalMatrix.from_rows(
            [(*row, constant) for row, constant in zip(matrix.rows(), constants, strict=True)]
        )
        products = f @ second_moments(cell) @ f.transpose()
        for part, value in zip(parts, chain(*products.rows()), strict=True):
            part.append(value)
    totals = [_total(part) for part in parts]
    return RationalMatrix.from_rows([totals[i * n : (i + 1) * n] for i in range(n)])


def integrate_quadratic(
    body: Body,
    Q: object | None = None,
    c: Sequence[object] | None = None,
    constant: object = 0,
) -> Fraction:
    """The integral of x.Q x + c.x + constant over a bounded cell or polyhedron.

    Parameters
    ----------
    Q : d x d matrix, None for 0.
    c : d numbers, None for 0.

    Raises
    ------
    InputError : the body is unbounded; ShapeError : Q or c of another size.

    Examples
    --------
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> unit = Polyhedron.box([0, 0], [1, 1])
    >>> integrate_quadratic(unit, [[1, 0], [0, 0]]), integrate_quadratic(unit, [[0, 1], [0, 0]], [1, 0], 2)
    (Fraction(1, 3), Fraction(11, 4))
    """
    d = dimension_of(body)
    linear = to_fractions(c if c is not None else [0] * d, where="c")
    offset = to_fraction(constant, where="constant")
    quadratic = RationalMatrix.from_rows(Q if Q is not None else [[0] * d] * d, where="Q")
    if len(linear) != d or quadratic.shape != (d, d):
        raise ShapeError(
            "the polynomial does not fit the space",
            where="integrate_quadratic",
            got=f"a {quadratic.shape[0]} x {quadratic.shape[1]} matrix and {len(linear)} coefficients",
            expected=f"{d} x {d} and {d}",
        )
    moments = second_moments(body).rows()
    total = sum(map(mul, (*linear, offset), moments[d]), Fraction(0))
    for q, products in zip(quadratic.rows(), moments, strict=False):
        total += sum(map(mul, q, products), Fraction(0))
    return total


def _integrals(complex_: PolyhedralComplex) -> tuple[Vector, Fraction]:
    """The integrals of all outputs, and the volume of the domain."""
    parts: list[list[Fraction]] = [[] for _ in range(_n_outputs(complex_) + 1)]
    for cell in complex_.cells:
        matrix, constants = cell.affine_map
        size, moments = first_moments(cell)
        for part, linear, constant in zip(parts, matrix @ moments, constants, strict=False):
            part.append(linear + constant * size)
        parts[-1].append(size)
    *sums, total = map(_total, parts)
    return tuple(sums), total


def _n_outputs(complex_: PolyhedralComplex) -> int:
    layers = (*complex_.task.layers, *filter(None, [complex_.task.readout]))
    return layers[-1].n_units if layers else complex_.dimension


def _total(values: Sequence[Fraction]) -> Fraction:
    """The sum, by halves: the long numbers are then few."""
    if len(values) < 3:
        return sum(values, Fraction(0))
    middle = len(values) // 2
    return _total(values[:middle]) + _total(values[middle:])
