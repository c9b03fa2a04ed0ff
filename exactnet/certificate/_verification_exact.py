"""Proofs without rounding: evaluation at a point, and affine functions on nodes where no unit is open."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.certificate._plain_bounds import ACTIVE, Chain

__all__ = ["evaluate", "exact_minimum"]


def evaluate(chain: Chain, x: Sequence[Fraction]) -> list[Fraction]:
    """The outputs of the network at x.

    Examples
    --------
    >>> from exactnet.certificate._plain_bounds import ChainLayer
    >>> evaluate(Chain(1, (ChainLayer(((2,), (-2,)), (1, 1), 3, (True, False)),)), [Fraction(-1)])
    [Fraction(0, 1), Fraction(1, 1)]
    """
    h = list(x)
    for layer in chain.layers:
        z = [
            (sum((a * v for a, v in zip(row, h, strict=True) if a and v), Fraction(b))) / layer.denominator
            for row, b in zip(layer.weight, layer.bias, strict=True)
        ]
        h = [max(v, Fraction(0)) if relu else v for v, relu in zip(z, layer.relu, strict=True)]
    return h


def exact_minimum(
    chain: Chain,
    states: Sequence[Sequence[int]],
    box: Sequence[tuple[Fraction, Fraction]],
    functional: tuple[Sequence[Fraction], Sequence[Fraction], Fraction],
    forces: Sequence[tuple[int, int, int]],
) -> Fraction:
    """The minimum over a box of outputs.h + inputs.x + constant + forces.z, with the units as the states say.

    Parameters
    ----------
    states : of each unit of each layer, none of them unstable.
    functional : outputs, inputs, constant.
    forces : triples (layer, unit, times): that many times z of that unit is added.
    """
    outputs, inputs, constant = functional
    # the functional is sum u h / q + constant; u and q are integers
    q = 1
    for c in outputs:
        q = q * c.denominator // _gcd(q, c.denominator)
    u = [int(c * q) for c in outputs]
    for m in range(len(chain.layers), 0, -1):
        layer = chain.layers[m - 1]
        w = [x if state == ACTIVE else 0 for x, state in zip(u, states[m - 1], strict=True)]
        for at, unit, times in forces:
            if at == m:
                w[unit] += times * q
        q *= layer.denominator
        constant += Fraction(sum(x * b for x, b in zip(w, layer.bias, strict=True)), q)
        u = [0] * len(layer.weight[0])
        for x, row in zip(w, layer.weight, strict=True):
            if x:
                u = [total + x * a for total, a in zip(u, row, strict=True)]
    for x, e, (low, high) in zip(u, inputs, box, strict=True):
        slope = Fraction(x, q) + e
        constant += slope * (low if slope >= 0 else high)
    return constant


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a
