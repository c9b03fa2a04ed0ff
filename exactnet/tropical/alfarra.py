"""Decision boundaries of two-class networks without biases, by zonotopes (Alfarra et al. 2020, theorem 2).

For x -> B max(A x, 0) with two outputs f_k = H_k - Q_k, the boundary {f_1 = f_2} lies in the hypersurface of
R = (H_1 (.) Q_2) (+) (H_2 (.) Q_1). The Newton polytope of R is the hull of two zonotopes; Z_1 has for each
hidden unit j the segment (B_1j+ + B_2j-) [A_j+, A_j-] and the shift (B_1- + B_2+) A-, and Z_2 the same with
the outputs exchanged. Pruning a unit takes one segment out of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.errors import InputError, ShapeError
from exactnet.model import Activation, Network
from exactnet.tropical.newton import segment_product
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point, Polytope, zonotope
from exactnet.tropical.rational import TropicalRational

__all__ = ["BoundaryZonotopes", "boundary_zonotopes", "two_class_forms"]

Rows = tuple[tuple[Fraction, ...], ...]
_ZERO = Fraction(0)


@dataclass(frozen=True)
class BoundaryZonotopes:
    """The segments and shifts of Z_1 and Z_2, in the space of the inputs.

    Attributes
    ----------
    segments : for k = 0, 1 one pair of end points a hidden unit.
    shifts : for k = 0, 1.
    """

    segments: tuple[tuple[tuple[Point, Point], ...], tuple[tuple[Point, Point], ...]]
    shifts: tuple[Point, Point]

    def zonotope(self, k: int) -> Polytope:
        """Z_1 for k = 0, Z_2 for k = 1."""
        return zonotope(self.segments[k], self.shifts[k])

    def hull(self) -> Polytope:
        """conv(Z_1 u Z_2), the Newton polytope of R."""
        return self.zonotope(0).join(self.zonotope(1))

    def polynomial(self, k: int) -> TropicalPolynomial:
        """H_1 (.) Q_2 for k = 0, H_2 (.) Q_1 for k = 1, as the tropical product of the segments."""
        lifted = tuple(((*u, _ZERO), (*v, _ZERO)) for u, v in self.segments[k])
        shift = TropicalPolynomial.affine(self.shifts[k])
        return segment_product(lifted, len(self.shifts[k])) * shift


def boundary_zonotopes(network: Network) -> BoundaryZonotopes:
    """The two zonotopes of a network with one hidden relu layer, two outputs and no biases.

    Raises
    ------
    InputError : biases that are not zero, or another activation.
    ShapeError : another number of layers or outputs.

    Examples
    --------
    >>> network = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0])])
    >>> found = boundary_zonotopes(network)
    >>> found.polynomial(0), found.hull().n_faces
    (TropicalPolynomial(max(0, x1)), (3, 3, 1))
    """
    A, B = _weights(network)
    positive = [tuple(max(v, _ZERO) for v in row) for row in A]
    negative = [tuple(max(-v, _ZERO) for v in row) for row in A]
    first, second = (_half(B[k], B[1 - k], positive, negative) for k in (0, 1))
    return BoundaryZonotopes((first[0], second[0]), (first[1], second[1]))


def two_class_forms(
    first: TropicalRational, second: TropicalRational
) -> tuple[TropicalPolynomial, TropicalPolynomial, TropicalPolynomial]:
    """H_1 (.) Q_2, H_2 (.) Q_1 and their tropical sum R, of two outputs H_k - Q_k; essential terms only.

    Examples
    --------
    >>> x, zero = TropicalPolynomial.variable(0, 1), TropicalPolynomial.constant(0, 1)
    >>> two_class_forms(TropicalRational(x + zero, x), TropicalRational.of(zero))
    (TropicalPolynomial(max(0, x1)), TropicalPolynomial(max(x1)), TropicalPolynomial(max(0, x1)))
    """
    left = (first.numerator * second.denominator).normal_form()
    right = (second.numerator * first.denominator).normal_form()
    return left, right, (left + right).normal_form()


def _half(
    own: Sequence[Fraction], other: Sequence[Fraction], positive: Sequence[Point], negative: Sequence[Point]
) -> tuple[tuple[tuple[Point, Point], ...], Point]:
    """Segments and shift of one zonotope, from the output rows of its own class and of the other one."""
    segments, shift = [], [_ZERO] * len(positive[0])
    for b, c, p, q in zip(own, other, positive, negative, strict=True):
        size = max(b, _ZERO) + max(-c, _ZERO)
        segments.append((tuple(size * v for v in p), tuple(size * v for v in q)))
        rest = max(-b, _ZERO) + max(c, _ZERO)
        shift = [s + rest * v for s, v in zip(shift, q, strict=True)]
    return tuple(segments), tuple(shift)


def _weights(network: Network) -> tuple[Rows, Rows]:
    if len(network.layers) != 2 or network.n_outputs != 2:
        raise ShapeError(
            "the formula is for one hidden layer and two outputs",
            where="network",
            got=f"{len(network.layers) - 1} hidden layers, {network.n_outputs} outputs",
            expected="1 hidden layer, 2 outputs",
        )
    hidden, last = network.layers
    if hidden.activation is not Activation.RELU or last.activation is not Activation.IDENTITY:
        raise InputError(
            "the formula is for a relu layer and an affine output",
            where="network",
            got=f"{hidden.activation}, then {last.activation}",
            expected="relu, then identity",
        )
    if any(hidden.bias) or any(last.bias) or any(layer.skips for layer in network.layers):
        raise InputError(
            "the formula is for networks without biases and skips",
            where="network",
            expected="biases that are all zero",
            hint="make the bias the weight of one more input",
        )
    return tuple(hidden.weight.rows()), tuple(last.weight.rows())
