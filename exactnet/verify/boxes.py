"""What the questions of this package share: boxes, weights of outputs, numbers in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.errors import InputError, ShapeError
from exactnet.exact import decimal_text, rational_text, to_fractions
from exactnet.model import Network

__all__ = ["Point", "box_of", "short_number", "weights_of"]

Point = tuple[Fraction, ...]


def short_number(q: Fraction) -> str:
    """A fraction if it is short, its first digits otherwise."""
    text = rational_text(q)
    return text if len(text) <= 20 else f"{decimal_text(q, digits=10)}..."


def box_of(network: Network, lower: Sequence[object], upper: Sequence[object]) -> tuple[Point, Point]:
    """The ends of a box as fractions.

    Raises
    ------
    ShapeError : another number of inputs; InputError : an empty box.
    """
    low, high = to_fractions(lower, where="lower"), to_fractions(upper, where="upper")
    if len(low) != network.n_inputs or len(high) != network.n_inputs:
        raise ShapeError(
            "the box does not fit the network",
            where="lower, upper",
            got=f"{len(low)} and {len(high)} numbers",
            expected=f"{network.n_inputs}, the number of inputs",
        )
    for i, (a, b) in enumerate(zip(low, high, strict=True)):
        if a > b:
            raise InputError(
                "the box is empty",
                where=f"input {i}",
                got=f"{short_number(a)} > {short_number(b)}",
                expected="lower <= upper",
            )
    return low, high


def weights_of(network: Network, output: int | Sequence[object]) -> Point:
    """One weight an output, for the index of one of them or for weights.

    Raises
    ------
    InputError : no such output; ShapeError : another number of weights, or zeros only.
    """
    m = network.n_outputs
    if isinstance(output, int):
        if not 0 <= output < m:
            raise InputError("no such output", where="output", got=str(output), expected=f"0 to {m - 1}")
        return tuple(Fraction(int(j == output)) for j in range(m))
    weights = to_fractions(output, where="output")
    if len(weights) != m or not any(weights):
        raise ShapeError(
            "the weights do not fit the outputs",
            where="output",
            got=f"{len(weights)} numbers" if any(weights) or not weights else "zeros only",
            expected=f"{m} numbers, not all zero",
        )
    return weights
