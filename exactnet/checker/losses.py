"""The losses of the training problem and their dual values (FORMAT.md section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.checker.logarithms import entropy_at_least, softplus_bounds
from exactnet.checker.read import reject
from exactnet.checker.words import brief

__all__ = ["CLASSIFYING", "LOSSES", "bits_for", "dual_value", "loss_bounds"]

LOSSES = ("squared", "hinge", "logistic", "l1")
CLASSIFYING = ("hinge", "logistic")  # their targets are 1 and -1
_MOST_BITS = 4096
_ZERO = Fraction(0)


def bits_for(value: Fraction) -> int:
    """The binary digits of logarithms when `value` is to be compared with a sum of them."""
    return min(_MOST_BITS, 64 + value.denominator.bit_length())


def dual_value(loss: str, v: Sequence[Fraction], targets: Sequence[Fraction], bits: int) -> Fraction:
    """The sum of min over f of loss(f, y_i) + v_i f, or a lower bound of it; reject where it is -infinity."""
    if loss == "squared":
        return sum((x * y - x * x / 2 for x, y in zip(v, targets, strict=True)), _ZERO)
    if loss == "l1":
        for i, x in enumerate(v):
            if abs(x) > 1:
                reject(f"|v[{i}]| = {brief(abs(x))} is more than 1, the slope of the l1 loss")
        return sum((x * y for x, y in zip(v, targets, strict=True)), _ZERO)
    shares = [x * y for x, y in zip(v, targets, strict=True)]
    for i, share in enumerate(shares):
        if not 0 <= share <= 1:
            reject(f"v[{i}] y[{i}] = {brief(share)} is not between 0 and 1, as the {loss} loss needs")
    if loss == "hinge":
        return sum(shares, _ZERO)
    return sum((entropy_at_least(share, bits) for share in shares), _ZERO)


def loss_bounds(
    loss: str, fits: Sequence[Fraction], targets: Sequence[Fraction], bits: int
) -> tuple[Fraction, Fraction]:
    """Bounds of the loss of predictions; equal except for the logistic loss."""
    pairs = list(zip(fits, targets, strict=True))
    if loss == "logistic":
        bounds = [softplus_bounds(-y * f, bits) for f, y in pairs]
        return sum((low for low, _ in bounds), _ZERO), sum((high for _, high in bounds), _ZERO)
    if loss == "squared":
        total = sum(((f - y) ** 2 for f, y in pairs), _ZERO) / 2
    elif loss == "l1":
        total = sum((abs(f - y) for f, y in pairs), _ZERO)
    else:
        total = sum((max(_ZERO, 1 - y * f) for f, y in pairs), _ZERO)
    return total, total
