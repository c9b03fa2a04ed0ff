"""Twenty-five small random integer networks with numbers known beforehand, and a few named functions.

The numbers were computed by an independent program in rational arithmetic, before this package existed. They
are what tests and statements of the area "tropical" compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from random import Random

from exactnet.model import Network

__all__ = ["ANCHORS", "ANNULUS", "MEDIAN", "OCTAHEDRON", "TORUS", "Anchor", "random_integer_network"]


@dataclass(frozen=True)
class Anchor:
    """One network of the table and what is known about it.

    Attributes
    ----------
    widths, seed : which network.
    regions : the counts R1, R2, R4, R5, R6.
    n_facets : facets between two cells.
    n_naive : terms of F and G after the recursion that merges equal exponents only.
    n_essential : essential terms of F and G.
    n_convex : pieces of g and h, f = g - h with the least total kink.
    radius : effective radius in the sup norm around the origin.
    rank, bound : functional dimension and its bound.
    betti_above, betti_zero : Betti numbers of {f >= 0} and {f = 0}.
    """

    widths: tuple[int, ...]
    seed: int
    regions: tuple[int, int, int, int, int]
    n_facets: int
    n_naive: tuple[int, int]
    n_essential: tuple[int, int]
    n_convex: tuple[int, int]
    radius: Fraction
    rank: int
    bound: int
    betti_above: tuple[int, ...]
    betti_zero: tuple[int, ...]

    @property
    def name(self) -> str:
        """As in "2-4-1, seed 0"."""
        return f"{'-'.join(map(str, self.widths))}, seed {self.seed}"

    def network(self) -> Network:
        """The network itself."""
        return random_integer_network(self.widths, self.seed)


def random_integer_network(widths: Sequence[int], seed: int, *, size: int = 3) -> Network:
    """Whole numbers from -size to size: of each layer first the weights, row by row, and then the biases.

    Examples
    --------
    >>> first, second = random_integer_network([2, 4, 1], 0).layers
    >>> first.weight, [int(b) for b in first.bias]
    (RationalMatrix([[3, 0], [3, 0], [-3, -1], [1, 0]]), [0, 3, 3, -1])
    >>> second.weight, [int(b) for b in second.bias]
    (RationalMatrix([[0, -1, 1, -2]]), [1])
    """
    random = Random(seed)
    layers = []
    for n, m in pairwise(widths):
        weight = [[random.randint(-size, size) for _ in range(n)] for _ in range(m)]
        layers.append((weight, [random.randint(-size, size) for _ in range(m)]))
    return Network.from_arrays(layers)


_TABLE = """\
2,4,1|0|8|8|6|6|6|10|2/4|2/3|2,3|6|11/13|1,0,0;1,0,0
2,4,1|1|10|10|6|6|6|13|4/2|4/2|4,2|0|11/13|2,0,0;2,0,0
2,4,1|2|10|10|10|10|10|14|2/6|2/6|2,6|2|13/13|1,0,0;1,0,0
2,4,1|3|11|11|7|7|7|16|4/2|4/2|4,2|5/2|11/13|1,0,0;1,0,0
2,4,1|4|7|7|7|7|7|9|2/4|2/4|2,4|5/2|10/13|1,0,0;1,0,0
2,8,1|0|32|32|32|32|32|53|12/16|10/11|10,11|7|25/25|1,0,0;1,0,0
2,8,1|1|29|29|22|22|22|49|8/8|7/7|7,7|6|20/25|1,0,0;1,0,0
2,8,1|2|33|33|27|27|27|56|64/2|21/2|21,2|5|23/25|1,0,0;0,0,0
2,8,1|3|34|32|26|26|26|51|12/8|10/7|10,7|12|23/25|1,0,0;1,0,0
2,8,1|4|29|29|29|27|27|49|8/16|7/11|7,11|11|24/25|1,0,0;1,0,0
3,6,1|0|42|42|42|42|42|96|16/4|15/4|15,4|12|25/25|1,0,0,0;1,0,0,0
3,6,1|1|41|40|26|26|26|89|8/4|8/4|8,4|10/3|22/25|1,0,0,0;1,0,0,0
3,6,1|2|37|37|37|37|37|82|32/2|26/2|26,2|7/2|25/25|1,0,0,0;1,0,0,0
3,6,1|3|42|42|26|26|26|96|8/4|8/4|8,4|5|22/25|1,0,0,0;1,0,0,0
3,6,1|4|41|41|41|41|41|93|4/16|4/15|4,15|19/3|25/25|1,0,0,0;1,0,0,0
2,4,4,1|0|22|22|20|20|20|35|415/66|20/8|18,3|10|24/29|1,0,0;1,0,0
2,4,4,1|1|33|32|29|29|29|51|40/168|13/17|13,14|11/2|28/29|2,0,0;2,0,0
2,4,4,1|2|23|23|23|23|23|37|36/1002|10/18|5,17|17/3|27/29|0,0,0;0,0,0
2,4,4,1|3|49|48|29|29|29|85|80/10|18/6|18,6|53/6|25/29|1,0,0;1,0,0
2,4,4,1|4|14|14|14|14|14|21|240/572|10/10|5,8|5/2|18/29|1,0,0;1,0,0
3,4,4,1|0|62|61|42|42|42|139|512/153|15/20|15,20|49/6|29/33|1,0,0,0;1,0,0,0
3,4,4,1|1|76|76|64|64|64|181|140/144|24/32|24,26|12|33/33|1,0,0,0;1,0,0,0
3,4,4,1|2|58|58|27|27|27|137|2/144|2/27|2,21|4|24/33|0,0,0,0;0,0,0,0
3,4,4,1|3|57|56|53|53|53|130|224/94|26/25|26,17|59/10|33/33|1,0,0,0;1,0,0,0
3,4,4,1|4|65|65|65|65|65|153|2176/1192|27/45|15,30|14|28/33|1,0,0,0;1,0,0,0
"""


def _anchor(line: str) -> Anchor:
    widths, seed, *counts, naive, essential, convex, radius, rank, betti = line.split("|")
    r1, r2, r4, r5, r6, facets = map(int, counts)
    above, zero = (tuple(map(int, part.split(","))) for part in betti.split(";"))
    return Anchor(
        widths=tuple(map(int, widths.split(","))),
        seed=int(seed),
        regions=(r1, r2, r4, r5, r6),
        n_facets=facets,
        n_naive=_two(naive, "/"),
        n_essential=_two(essential, "/"),
        n_convex=_two(convex, ","),
        radius=Fraction(radius),
        rank=_two(rank, "/")[0],
        bound=_two(rank, "/")[1],
        betti_above=above,
        betti_zero=zero,
    )


def _two(text: str, mark: str) -> tuple[int, int]:
    first, second = text.split(mark)
    return int(first), int(second)


ANCHORS = tuple(map(_anchor, _TABLE.splitlines()))

# the middle one of 0, x, y
MEDIAN = Network.from_arrays(
    [
        ([[1, 0], [-1, 0], [0, 1], [0, -1], [1, -1]], [0] * 5),
        ([[0, 0, -1, 1, -1], [1, -1, 0, 0, -1], [-1, 1, 0, 0, 1]], [0, 0, 0]),
        ([[1, 1, -1], [1, 0, 0]], [0, 0]),
        ([[1, -1]], [0]),
    ]
)

# 1 - ||x| + |y| - 2|
ANNULUS = Network.from_arrays(
    [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
        ([[1, 1, 1, 1], [-1, -1, -1, -1]], [-2, 2]),
        ([[-1, -1]], [1]),
    ]
)

_SIX = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]

# 1 - |x| - |y| - |z|
OCTAHEDRON = Network.from_arrays([(_SIX, [0] * 6), ([[-1] * 6], [1])])

# 1 - ||x| + |y| - 3| - |z|
TORUS = Network.from_arrays(
    [
        (_SIX, [0] * 6),
        ([[1, 1, 1, 1, 0, 0], [-1, -1, -1, -1, 0, 0], [0, 0, 0, 0, 1, 1]], [-3, 3, 0]),
        ([[-1, -1, -1]], [1]),
    ]
)
