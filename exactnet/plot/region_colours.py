"""Colours of the cells in a region map: the output where there is one, else neighbours kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from exactnet.geometry import PolyhedralComplex

__all__ = ["LAYER_COLOURS", "PASTELS", "layer_of_facets", "neighbour_colours", "output_colours"]

# bent hyperplanes, first layer first; deeper ones repeat
LAYER_COLOURS = ("#222222", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
# lines must stay readable on top of them
MID_BLUE, PALE_BLUE, PALE_ORANGE, MID_ORANGE = "#4095C5", "#80C7EE", "#F6D797", "#CA9940"
PASTELS = ("#DCE9F5", "#FBE3C8", "#DDEFD9", "#F3DCE9", "#FFF6C9", "#E4E1F2", "#D8F0EE", "#F0E2D6")


def neighbour_colours(complex_: PolyhedralComplex) -> list[str]:
    """A pastel for every cell, different from its neighbours' where eight suffice."""
    neighbours: list[list[int]] = [[] for _ in complex_.cells]
    for i, j, _ in complex_.adjacency():
        neighbours[i].append(j)
        neighbours[j].append(i)
    chosen = [-1] * len(neighbours)
    for i, others in enumerate(neighbours):
        taken = {chosen[j] for j in others}
        free = [k for k in range(len(PASTELS)) if k not in taken]
        # spread the palette instead of using its first colours only
        chosen[i] = free[i % len(free)] if free else i % len(PASTELS)
    return [PASTELS[k] for k in chosen]


def output_colours() -> Any:
    """The colour map of a scalar output, white at zero."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(
        "outputs", [MID_BLUE, PALE_BLUE, "#ffffff", PALE_ORANGE, MID_ORANGE]
    )


def layer_of_facets(complex_: PolyhedralComplex) -> dict[int, int]:
    """For each facet between two cells the layer of the switch that changes there, counted from 0.

    Where units of several layers change on one facet, the first layer counts: the others bend because of it.
    """
    ends: Sequence[int] = complex_.task.offsets[1:]
    layers = {}
    signs = np.array([cell.signs for cell in complex_.cells], dtype=np.int8)
    for i, j, facet in complex_.adjacency():
        first = int(np.argmax(signs[i] != signs[j]))
        layers[facet] = next(k for k, end in enumerate(ends) if first < end)
    return layers
