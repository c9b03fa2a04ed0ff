"""One-dimensional data and deep narrow networks: dictionaries of ramps, ramps of ramps, and reflections.

m parallel chains of one neuron a layer, biases free, the penalty (beta / L) sum |weight|^L: training equals
the Lasso 1/2 |A z + t 1 - y|^2 + beta |z|_1 (Zeger, Wang, Mishkin, Ergen, Candes and Pilanci 2024, arXiv
2403.01046). The columns of A are the values at the samples of

    L = 2   (s (x - x_j))_+
    L = 3   (s_2 (g(x) - g(x_k)))_+ with g(x) = (s_1 (x - x_j))_+
    L = 4   (s_3 (h(x) - h(x_k)))_+ with h(x) = (s_2 (g(x) - g(x_b)))_+, where g breaks at a sample x_j or at
            the reflection 2 x_b - x_j of one sample about another
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from exactnet.errors import UnsupportedError

__all__ = ["mirror_dictionary"]

Column = tuple[Fraction, ...]
Function = Callable[[Fraction], Fraction]


def mirror_dictionary(samples: Sequence[Fraction | int], depth: int) -> tuple[Column, ...]:
    """The distinct non-zero columns of depth 2, 3 or 4.

    Raises
    ------
    UnsupportedError : another depth.

    Examples
    --------
    >>> [[int(x) for x in column] for column in mirror_dictionary([0, 3], 2)]
    [[0, 3], [3, 0]]
    """
    x = [Fraction(value) for value in samples]
    if depth not in (2, 3, 4):
        raise UnsupportedError(
            "no dictionary of this depth", where="depth", got=str(depth), expected="2, 3 or 4"
        )
    breaks = x if depth < 4 else [*x, *(2 * b - a for a in x for b in x)]
    layers = [_ramp(lambda t: t, sign, b) for b in breaks for sign in (1, -1)]
    for _ in range(depth - 2):
        layers = [_ramp(g, sign, b) for g in layers for b in x for sign in (1, -1)]
    columns = {tuple(f(value) for value in x): None for f in layers}
    return tuple(column for column in columns if any(column))


def _ramp(inner: Function, sign: int, place: Fraction) -> Function:
    """t -> (sign (inner(t) - inner(place)))_+."""
    level = inner(place)
    return lambda t: max(sign * (inner(t) - level), Fraction(0))
