"""Counted regions with their certificates, and the small networks that several statements are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random

from exactnet.certificate import Result
from exactnet.geometry import Regions
from exactnet.model import Network

__all__ = ["Counts", "counts", "random_network", "sawtooth"]

Counts = Mapping[str, Result[Regions]]


def counts(results: Counts) -> dict[str, int]:
    """The number of regions of each result.

    Examples
    --------
    >>> from exactnet.geometry import regions
    >>> counts({"tent": regions(sawtooth(1))})
    {'tent': 3}
    """
    return {name: result.value.n_cells for name, result in results.items()}


def sawtooth(depth: int) -> Network:
    """The tent map T(x) = 2 relu(x) - 4 relu(x - 1/2), composed with itself; integer weights.

    Each hidden layer holds 2x and 2x - 1 of the value before it.

    Examples
    --------
    >>> [str(sawtooth(2)([x])[0]) for x in ("1/4", "1/2", "3/8")]
    ['1', '0', '1/2']
    """
    first = ([[2], [2]], [0, -1])
    inner = ([[2, -4], [2, -4]], [0, -1])
    return Network.from_arrays([first, *[inner] * (depth - 1), ([[1, -2]], [0])])


def random_network(widths: Sequence[int], seed: int, *, size: int = 20) -> Network:
    """Whole numbers up to `size` as weights and biases; one output.

    Examples
    --------
    >>> random_network([2, 3], seed=1)
    Network(2 -> 3 relu -> 1, from arrays in memory)
    """
    random = Random(seed)

    def draw() -> Fraction:
        return Fraction(random.randint(-size, size))

    sizes = [*widths, 1]
    layers = [
        ([[draw() for _ in range(n)] for _ in range(m)], [draw() for _ in range(m)])
        for n, m in pairwise(sizes)
    ]
    return Network.from_arrays(layers)
