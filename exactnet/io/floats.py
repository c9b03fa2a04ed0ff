"""Exact numbers as stored floats: unchanged, or rounded on request; never rounded silently."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InexactInputError, InputError
from exactnet.exact import RationalMatrix, format_rational
from exactnet.model import Network

__all__ = ["FloatLayer", "float_layers", "is_float32", "nearest_float"]


class FloatLayer(NamedTuple):
    """Weight, bias and slope of a layer, and the weights of its skips under their sources."""

    weight: NDArray[Any]
    bias: NDArray[Any]
    slope: float
    skips: dict[int, NDArray[Any]]


def float_layers(network: Network, *, round_to: str | None = None) -> list[FloatLayer]:
    """Every layer in one float type.

    Parameters
    ----------
    network : its numbers must be floats already, unless `round_to` is given.
    round_to : None: float32 if every number is one, else float64. "float32" or "float64": the nearest
        float of that type (ties to even); the result then is another function.

    Raises
    ------
    InexactInputError : a number that is no float64 and no `round_to`, or one beyond the float's range.

    Examples
    --------
    >>> [layer] = float_layers(Network.from_arrays([([[0.5, 3]], [0.1])]))
    >>> str(layer.weight.dtype), layer.bias.tolist()
    ('float64', [0.1])
    """
    dtype = round_to or _smallest_type(network)
    if dtype not in ("float32", "float64"):
        raise InputError(
            "unknown float type", where="round_to", got=repr(dtype), expected="'float32' or 'float64'"
        )
    return [
        FloatLayer(
            _table(layer.weight, dtype),
            _array(layer.bias, dtype),
            float(_array([layer.slope], dtype)[0]),
            {skip.source: _table(skip.weight, dtype) for skip in layer.skips},
        )
        for layer in network.layers
    ]


def _smallest_type(network: Network) -> str:
    fits32 = True
    for k, layer in enumerate(network.layers):
        for part, values in (
            ("weight", [q for row in layer.weight.rows() for q in row]),
            ("bias", layer.bias),
            ("slope", [layer.slope]),
            *(
                (f"skip from {skip.source}", [q for row in skip.weight.rows() for q in row])
                for skip in layer.skips
            ),
        ):
            fits32 = fits32 and all(map(is_float32, values))
            if not fits32:
                _require_float64(values, f"{part} of layer {k + 1}")
    return "float32" if fits32 else "float64"


def _require_float64(values: Sequence[Fraction], where: str) -> None:
    for q in values:
        if not _is_float64(q):
            raise InexactInputError(
                "a weight is no floating-point number",
                where=where,
                got=format_rational(q),
                expected="numbers that float64 can hold exactly",
                hint='round_to="float64" stores the nearest floats: then it is another function',
            )


def _is_float64(q: Fraction) -> bool:
    try:
        return Fraction(q.numerator / q.denominator) == q
    except OverflowError:
        return False


def is_float32(q: Fraction) -> bool:
    """Whether float32 can hold q exactly.

    Examples
    --------
    >>> is_float32(Fraction(3, 4)), is_float32(Fraction(1, 10)), is_float32(Fraction(1, 2**149))
    (True, False, True)
    """
    if not _is_float64(q):
        return False
    with np.errstate(over="ignore"):
        single = float(np.float32(q.numerator / q.denominator))
    return math.isfinite(single) and Fraction(single) == q


def nearest_float(q: Fraction, dtype: str) -> float:
    """The float of that type nearest to q, ties to even.

    Raises
    ------
    InexactInputError : beyond the range of the type.

    Examples
    --------
    >>> nearest_float(Fraction(1, 3), "float32")
    0.3333333432674408
    """
    try:
        double = q.numerator / q.denominator  # Python rounds this quotient correctly
    except OverflowError:
        raise _too_large(q, dtype) from None
    if dtype == "float64":
        return double
    with np.errstate(over="ignore"):
        guess = np.float32(double)
        around = [
            np.nextafter(guess, np.float32(-math.inf)),
            guess,
            np.nextafter(guess, np.float32(math.inf)),
        ]
    if not np.isfinite(guess):
        raise _too_large(q, dtype)
    # rounding twice can miss by one step when the double lies in the middle of two singles
    finite = [value for value in around if np.isfinite(value)]
    return float(min(finite, key=lambda v: (abs(Fraction(float(v)) - q), int(v.view(np.uint32)) % 2)))


def _table(matrix: RationalMatrix, dtype: str) -> NDArray[Any]:
    return _array((q for row in matrix.rows() for q in row), dtype).reshape(matrix.shape)


def _array(values: Iterable[Fraction], dtype: str) -> NDArray[Any]:
    return np.array([nearest_float(q, dtype) for q in values], dtype=dtype)


def _too_large(q: Fraction, dtype: str) -> InexactInputError:
    return InexactInputError(
        f"a weight is beyond the range of {dtype}",
        got=format_rational(q, digits=4)[-60:],
        expected="a smaller number",
    )
