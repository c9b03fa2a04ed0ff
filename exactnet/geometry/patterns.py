"""Activation patterns of networks with maxout, and the cells of a task that make one activation region.

The task of a network compares the pieces of a maxout unit one after the other
(:mod:`exactnet.geometry.lowering`), hence its sign vectors know more than the winner: which piece was in
front before. An activation region of the network is one winner for every maxout unit and one sign for every
other switch; it is convex, and the union of the cells with that pattern. Only maxout units with three or more
pieces ever have regions of several cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import ShapeError
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["activation_regions", "has_tournaments", "winner_pattern", "winner_table"]


def has_tournaments(network: Network) -> bool:
    """Whether several cells may have one pattern: some maxout unit has three or more pieces.

    Examples
    --------
    >>> has_tournaments(Network.from_arrays([([[1]], [0])], output_activation="relu"))
    False
    """
    return any(layer.pieces > 2 for layer in network.layers)


def winner_pattern(network: Network, signs: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The activation pattern behind a sign vector: for every layer the winners, or the signs of its switches.

    Parameters
    ----------
    signs : +1 or -1 for every switch of `region_task(network)`, layer after layer.

    Returns
    -------
    For maxout the index of the winning piece of each unit, as :meth:`Network.activation_pattern` has it
    inside the cell; for hardtanh two signs a unit, at -1 and at 1; for identity an empty tuple.

    Raises
    ------
    ShapeError : not one sign a switch.

    Examples
    --------
    >>> layers = [([[0], [1], [2]], [0, 0, -1]), ([[1]], [0])]
    >>> convex = Network.from_arrays(layers, activation="maxout", pieces=3)
    >>> winner_pattern(convex, (1, -1)), winner_pattern(convex, (1, 1)), winner_pattern(convex, (-1, 1))
    (((1,), ()), ((2,), ()), ((2,), ()))
    """
    table = winner_table(network, np.array([signs], dtype=np.int8).reshape(1, len(signs)))
    row = iter(table[0].tolist())
    return tuple(tuple([next(row) for _ in range(_n_columns(layer))]) for layer in network.layers)


def winner_table(network: Network, signs: NDArray[np.int8]) -> NDArray[np.int32]:
    """The patterns of many sign vectors, one row each; entries as for :func:`winner_pattern`.

    Parameters
    ----------
    signs : (n_cells x n_switches).

    Raises
    ------
    ShapeError : another number of columns.

    Examples
    --------
    >>> convex = Network.from_arrays([([[0], [1], [2]], [0, 0, -1])], output_activation="maxout", pieces=3)
    >>> winner_table(convex, np.array([[1, -1], [1, 1], [-1, 1]], dtype=np.int8)).tolist()
    [[1], [2], [2]]
    """
    sizes = [_n_switches(layer) for layer in network.layers]
    if signs.ndim != 2 or signs.shape[1] != sum(sizes):
        raise ShapeError(
            "the signs do not fit the network",
            where="signs",
            got=f"an array of shape {signs.shape}",
            expected=f"{sum(sizes)} signs a cell, one a switch",
        )
    columns: list[NDArray[np.int32]] = [np.zeros((len(signs), 0), dtype=np.int32)]
    start = 0
    for layer, size in zip(network.layers, sizes, strict=True):
        here = signs[:, start : start + size]
        is_maxout = layer.activation is Activation.MAXOUT
        columns.append(_winners(layer, here) if is_maxout else here.astype(np.int32))
        start += size
    return np.concatenate(columns, axis=1)


def activation_regions(network: Network, signs: Iterable[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The cells of every activation region: indices into `signs`, in the order of their first cells.

    Parameters
    ----------
    signs : sign vectors of cells of `region_task(network)`, for instance `cell.signs` of all cells.

    Returns
    -------
    One tuple of ascending indices a region; the number of regions is its length. Cost: one sort.

    Examples
    --------
    >>> from exactnet.geometry.reference import reference_cells
    >>> from exactnet.geometry.task import region_task
    >>> layers = [([[1, 0], [0, 1], [0, 0]], None)]
    >>> largest = Network.from_arrays(layers, output_activation="maxout", pieces=3)
    >>> cells = [cell.signs for cell in reference_cells(region_task(largest))]
    >>> cells
    [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    >>> activation_regions(largest, cells)
    ((0, 2), (1,), (3,))
    """
    rows = [tuple(row) for row in signs]
    n_switches = sum(map(_n_switches, network.layers))
    shape = (len(rows), len(rows[0]) if rows else n_switches)
    table = winner_table(network, np.array(rows, dtype=np.int8).reshape(shape))
    regions: dict[bytes, list[int]] = {}
    for i, row in enumerate(table):
        regions.setdefault(row.tobytes(), []).append(i)
    return tuple(map(tuple, regions.values()))


def _n_switches(layer: AffineLayer) -> int:
    """Switches of a layer in the task of its network."""
    if layer.activation is Activation.MAXOUT:
        return layer.n_outputs * (layer.pieces - 1)
    return layer.n_outputs * len(layer.activation.breakpoints)


def _n_columns(layer: AffineLayer) -> int:
    return layer.n_outputs if layer.activation is Activation.MAXOUT else _n_switches(layer)


def _winners(layer: AffineLayer, signs: NDArray[np.int8]) -> NDArray[np.int32]:
    """The last stage that a new piece has won, for each unit; 0 if there is none."""
    stages = signs.reshape(len(signs), layer.pieces - 1, layer.n_outputs)
    winners = np.zeros((len(signs), layer.n_outputs), dtype=np.int32)
    for t in range(1, layer.pieces):
        winners[stages[:, t - 1] > 0] = t
    return winners
