"""Whether a piecewise affine function given by cases is the maximum of its pieces: decided exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from exactnet.errors import InputError
from exactnet.exact import LinearSystem, feasible, rational_text
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point

__all__ = ["Condition", "Piece", "maximum_of_pieces"]

Condition = tuple[Fraction, ...]
"""A row (a_1..a_d, b), for a.x + b >= 0."""


class Piece(NamedTuple):
    """<slopes, x> + constant, used where all conditions hold and no earlier piece is used."""

    slopes: tuple[Fraction, ...]
    constant: Fraction
    conditions: tuple[Condition, ...]


def maximum_of_pieces(pieces: Sequence[Piece], *, where: str = "pieces") -> TropicalPolynomial:
    """The maximum of all pieces, if it is the function that the cases define, up to the sides of the pieces.

    On the region where piece i is largest, any other piece may be used only on a set without interior.

    Raises
    ------
    InputError : the function is another one, or is not defined everywhere; names a point.

    Examples
    --------
    >>> zero, one = Fraction(0), Fraction(1)
    >>> maximum_of_pieces([Piece((one,), zero, ((one, zero),)), Piece((zero,), zero, ())])
    TropicalPolynomial(max(0, x1))
    >>> maximum_of_pieces([Piece((one,), zero, ((one, zero),)), Piece((-one,), one, ())])
    Traceback (most recent call last):
        ...
    exactnet.errors.InputError: the function is not the maximum of its pieces
      where:    pieces, at x = (1/4)
      got:      1/4
      expected: 3/4
    """
    parts = [TropicalPolynomial.affine(piece.slopes, piece.constant) for piece in pieces]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    normal = total.normal_form().as_fractions()
    for e, c in normal:
        region = [(*(a - b for a, b in zip(e, f, strict=True)), c - d) for f, d in normal if (f, d) != (e, c)]
        _check_region(region, (e, c), pieces, total, where)
    return total


def _check_region(
    region: list[Condition],
    term: tuple[tuple[Fraction, ...], Fraction],
    pieces: Sequence[Piece],
    total: TropicalPolynomial,
    where: str,
) -> None:
    """Follow the cases on the region of one term; `left` are the parts that no case so far has taken."""
    n = total.n_variables
    left = [region]
    for piece in pieces:
        if (piece.slopes, piece.constant) != term:
            for part in left:
                x = _inner_point([*part, *piece.conditions], n)
                if x is not None:
                    value = sum((a * v for a, v in zip(piece.slopes, x, strict=True)), piece.constant)
                    raise _no_maximum(where, x, rational_text(value), total)
            continue
        cut = []
        for part in left:
            for k, row in enumerate(piece.conditions):
                beyond = [*part, *piece.conditions[:k], tuple(-v for v in row)]
                if _inner_point(beyond, n) is not None:
                    cut.append(beyond)
        left = cut
    for part in left:
        x = _inner_point(part, n)
        if x is not None:
            raise _no_maximum(where, x, "no case holds", total)


def _inner_point(rows: Sequence[Condition], n: int) -> Point | None:
    """A point where all rows are positive."""
    if n == 0:
        return () if all(row[-1] > 0 for row in rows) else None
    if not rows:
        return (Fraction(0),) * n
    left, right = [[-a for a in row[:-1]] for row in rows], [row[-1] for row in rows]
    system = LinearSystem(left, ["<"] * len(rows), right)
    return feasible(system).point


def _no_maximum(where: str, x: Point, got: str, total: TropicalPolynomial) -> InputError:
    return InputError(
        "the function is not the maximum of its pieces",
        where=f"{where}, at x = ({', '.join(map(rational_text, x))})",
        got=got,
        expected=rational_text(total(x)),
    )
