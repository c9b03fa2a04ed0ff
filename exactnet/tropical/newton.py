"""Newton polytopes, plain and lifted, and the zonotopes of one hidden layer.

The Newton polytope of p is the hull of its exponents, the lifted one the hull of the points (e, c): p(x) is
the support function of the lifted polytope in the direction (x, 1). Its upper vertices are the essential
terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.errors import ShapeError
from exactnet.exact import to_fractions
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point, Polytope

__all__ = ["layer_segments", "lifted_newton_polytope", "newton_polytope", "segment_product", "upper_vertices"]

Segment = tuple[Point, Point]


def newton_polytope(p: TropicalPolynomial) -> Polytope:
    """conv of the exponents.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0, 0): 0, (2, 0): 0, (1, 0): -5, (0, 2): 0})
    >>> newton_polytope(p).n_faces
    (3, 3, 1)
    """
    return Polytope.from_points(e for e, _ in p.as_fractions())


def lifted_newton_polytope(p: TropicalPolynomial) -> Polytope:
    """conv of the points (exponents, coefficient), in one dimension more.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0, (3,): -1})
    >>> lifted = lifted_newton_polytope(p)
    >>> len(lifted.vertices), lifted.support([5, 1]) == p([5])
    (3, True)
    """
    return Polytope.from_points((*e, c) for e, c in p.as_fractions())


def upper_vertices(p: TropicalPolynomial) -> tuple[Point, ...]:
    """The vertices of the lifted Newton polytope that some direction (x, 1) sees alone: the essential terms.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): -1, (2,): 0})
    >>> [tuple(map(str, vertex)) for vertex in upper_vertices(p)], len(lifted_newton_polytope(p).vertices)
    ([('0', '0'), ('2', '0')], 3)
    """
    return tuple((*e, c) for e, c in p.normal_form().as_fractions())


def layer_segments(weight: Sequence[Sequence[object]], bias: Sequence[object]) -> tuple[Segment, ...]:
    """The segments of the units max(<a, x> + b, 0) of a layer, in one dimension more than the inputs.

    With a = a+ - a-, a unit is max(<a+, x> + b, <a-, x>) - <a-, x>, and the first part has the lifted Newton
    polytope [(a-, 0), (a+, b)]. A sum of such parts has a zonotope (Zhang, Naitzat, Lim 2018).

    Raises
    ------
    ShapeError : not one bias a row.

    Examples
    --------
    >>> layer_segments([[1, -2]], [3]) == (((0, 2, 0), (1, 0, 3)),)
    True
    """
    rows = [to_fractions(row, where=f"row {i} of the weight") for i, row in enumerate(weight)]
    shift = to_fractions(bias, where="bias")
    if len(rows) != len(shift):
        raise ShapeError(
            "the bias does not fit the weight",
            where="bias",
            got=f"{len(shift)} entries",
            expected=f"{len(rows)}, one a row",
        )
    zero = Fraction(0)
    return tuple(
        ((*(max(-v, zero) for v in a), zero), (*(max(v, zero) for v in a), b))
        for a, b in zip(rows, shift, strict=True)
    )


def segment_product(segments: Sequence[Segment], n_variables: int) -> TropicalPolynomial:
    """The tropical product of max(u.(x, 1), v.(x, 1)) over segments [u, v], with essential terms only.

    Its lifted Newton polytope has the upper vertices of the zonotope of the segments. Terms that are not
    essential are left out after every factor.

    Examples
    --------
    >>> segment_product(layer_segments([[1], [-1]], [0, 0]), 1)
    TropicalPolynomial(max(0, 2*x1))
    """
    product = TropicalPolynomial.constant(0, n_variables)
    for u, v in segments:
        factor = TropicalPolynomial.affine(u[:-1], u[-1]) + TropicalPolynomial.affine(v[:-1], v[-1])
        product = (product * factor).normal_form()
    return product
