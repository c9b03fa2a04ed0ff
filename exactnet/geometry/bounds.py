"""Published bounds on the number of activation regions (R2) of fully connected ReLU networks.

`widths` lists the number of inputs and then the hidden widths n_1, .., n_L; the output layer does not count.
Upper bounds hold for every choice of the weights; lower bounds are attained by some choice, and random
networks usually stay far below both.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import comb, prod
from typing import NamedTuple

from exactnet.errors import InputError
from exactnet.model import Activation, Network

__all__ = [
    "PublishedBound",
    "maxout_layer_bound",
    "montufar_2017_upper_bound",
    "montufar_lower_bound",
    "product_upper_bound",
    "published_bounds",
    "serra_lower_bound",
    "serra_upper_bound",
    "zaslavsky_bound",
]


class PublishedBound(NamedTuple):
    """A bound by its source.

    Attributes
    ----------
    source : who has published it.
    value : the bound.
    is_upper : True if no weights have more regions; False if some weights have as many.
    """

    source: str
    value: int
    is_upper: bool


def published_bounds(network: Network) -> tuple[PublishedBound, ...]:
    """The bounds for all networks of these widths, sharpest first, upper ones before lower ones.

    The upper bounds hold for R1 to R6, also inside a convex domain: R1 is the largest, and moving all biases
    down a little, those of later layers more, makes every pattern of R1 one of R2. The bounds of Serra et al.
    and the lower ones are for ReLU units only. Layers without activation are no layers here. Empty for a
    network with skip connections, hardtanh or maxout units, or without units at all.

    Examples
    --------
    >>> hat = Network.from_arrays([([[1], [1], [1]], [0, -1, -2]), ([[2, -4, 1]], [0])])
    >>> [bound.source for bound in published_bounds(hat) if bound.is_upper]
    ['Serra 2018', 'Montufar 2017', 'product of layers']
    >>> {bound.value for bound in published_bounds(hat)}
    {4}
    """
    kinds = {layer.activation for layer in network.layers} - {Activation.IDENTITY}
    bent = {Activation.RELU, Activation.LEAKY_RELU, Activation.ABS}
    if not kinds or not kinds <= bent or any(layer.skips for layer in network.layers):
        return ()
    hidden = [layer.n_outputs for layer in network.layers if layer.activation is not Activation.IDENTITY]
    widths = [network.n_inputs, *hidden]
    all_relu = kinds == {Activation.RELU}
    upper = [
        ("Montufar 2017", montufar_2017_upper_bound(widths)),
        ("product of layers", product_upper_bound(widths)),
    ]
    lower = []
    if all_relu:
        upper.insert(0, ("Serra 2018", serra_upper_bound(widths)))
        if min(hidden) >= 3 * network.n_inputs:
            lower.append(("Serra 2018", serra_lower_bound(widths)))
        if min(hidden) >= network.n_inputs:
            lower.append(("Montufar 2014", montufar_lower_bound(widths)))
    return tuple(
        [PublishedBound(source, value, True) for source, value in upper]
        + [PublishedBound(source, value, False) for source, value in lower]
    )


def zaslavsky_bound(n_inputs: int, n_units: int) -> int:
    """sum_{j <= d} C(n, j): one hidden layer; attained in general position (Zaslavsky 1975, Pascanu 2014).

    Examples
    --------
    >>> zaslavsky_bound(8, 16), zaslavsky_bound(2, 3)
    (39203, 7)
    """
    _checked([n_inputs, n_units])
    return sum(comb(n_units, j) for j in range(n_inputs + 1))


def product_upper_bound(widths: Sequence[int]) -> int:
    """prod_l sum_{j <= n_0} C(n_l, j): every layer cuts each region of the layers before at most so often.

    Examples
    --------
    >>> product_upper_bound([2, 16, 16])
    18769
    """
    n_0, *hidden = _checked(widths)
    return prod(zaslavsky_bound(n_0, n) for n in hidden)


def montufar_2017_upper_bound(widths: Sequence[int]) -> int:
    """prod_l sum_{j <= d_l} C(n_l, j) with d_l = min(n_0, .., n_(l-1)) (Montufar 2017).

    Examples
    --------
    >>> montufar_2017_upper_bound([3, 4, 4]), montufar_2017_upper_bound([3, 1, 5])
    (225, 12)
    """
    checked = _checked(widths)
    narrowest = accumulate(checked[:-1], min)
    return prod(zaslavsky_bound(d, n) for d, n in zip(narrowest, checked[1:], strict=True))


def serra_upper_bound(widths: Sequence[int]) -> int:
    """sum over (j_1, .., j_L) of prod_l C(n_l, j_l), j_l <= min(n_0, n_1 - j_1, .., n_l) (Serra et al. 2018).

    From "Bounding and counting linear regions of deep neural networks" (arXiv 1711.02114): a region
    on which j units of a layer are inactive leaves at most n - j dimensions to the layers behind.

    Examples
    --------
    >>> serra_upper_bound([1, 3, 3]), serra_upper_bound([2, 2, 2, 2]), serra_upper_bound([3, 1, 5])
    (16, 30, 7)
    """
    n_0, *hidden = _checked(widths)
    # the state is the dimension that is left; different choices of j meet again in it
    ways = {n_0: 1}
    for n in hidden:
        after: dict[int, int] = {}
        for rank, count in ways.items():
            for j in range(min(rank, n) + 1):
                left = min(rank, n - j)
                after[left] = after.get(left, 0) + count * comb(n, j)
        ways = after
    return sum(ways.values())


def montufar_lower_bound(widths: Sequence[int]) -> int:
    """prod_{l < L} floor(n_l / n_0)^n_0 times sum_{j <= n_0} C(n_L, j) (Montufar et al. 2014).

    Raises
    ------
    InputError : a hidden layer narrower than the input.

    Examples
    --------
    >>> montufar_lower_bound([2, 16, 16]), montufar_lower_bound([4, 16, 16])
    (8768, 644352)
    """
    n_0, *hidden = _checked(widths)
    _need_width(hidden, n_0, n_0)
    return prod(int((n // n_0) ** n_0) for n in hidden[:-1]) * zaslavsky_bound(n_0, hidden[-1])


def serra_lower_bound(widths: Sequence[int]) -> int:
    """prod_{l < L} (floor(n_l / n_0) + 1)^n_0 times sum_{j <= n_0} C(n_L, j), widths >= 3 n_0 (Serra et al.).

    Raises
    ------
    InputError : a hidden layer narrower than three times the input.

    Examples
    --------
    >>> serra_lower_bound([2, 6, 6]), serra_lower_bound([1, 3, 3])
    (352, 16)
    """
    n_0, *hidden = _checked(widths)
    _need_width(hidden, 3 * n_0, n_0)
    return prod(int((n // n_0 + 1) ** n_0) for n in hidden[:-1]) * zaslavsky_bound(n_0, hidden[-1])


def maxout_layer_bound(n_inputs: int, ranks: Sequence[int]) -> int:
    """sum over sets S of at most d units of prod_(i in S) (k_i - 1): one layer of maxout units of ranks k_i.

    From Montufar, Ren and Zhang 2021 (arXiv 2104.08135); attained by units whose k_i - 1 breaks are
    parallel, with directions in general position (:func:`exactnet.tropical.maxout.parallel_units`). Ranks 2
    give `zaslavsky_bound`.

    Raises
    ------
    InputError : no input, or a rank below 1.

    Examples
    --------
    >>> maxout_layer_bound(2, [3, 3, 3]), maxout_layer_bound(2, [2] * 5), maxout_layer_bound(3, [3, 3, 3, 3])
    (19, 16, 65)
    """
    _checked([n_inputs, *ranks, 1])
    # ways[j]: the sum over the sets of j units seen so far
    ways = [1] + [0] * n_inputs
    for rank in ranks:
        ways = [1] + [ways[j] + (rank - 1) * ways[j - 1] for j in range(1, n_inputs + 1)]
    return sum(ways)


def _checked(widths: Sequence[int]) -> list[int]:
    if len(widths) < 2 or any(n < 1 for n in widths):
        raise InputError(
            "not the widths of a network",
            where="widths",
            got=str(list(widths)),
            expected="the number of inputs and at least one hidden width, all at least 1",
        )
    return list(widths)


def _need_width(hidden: Sequence[int], least: int, n_0: int) -> None:
    if min(hidden) < least:
        raise InputError(
            "the bound holds for wider layers only",
            where="widths",
            got=f"a hidden layer of {min(hidden)} units behind {n_0} inputs",
            expected=f"at least {least} units a layer",
        )
