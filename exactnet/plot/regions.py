"""Region maps: the cells of a network or an arrangement in one, two or three dimensions.

Everything is drawn from the certificate alone: the cells are enumerated again, exactly, inside the window of
the figure, and only their corners become floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Certificate, NetworkRecord, RegionTreeRecord
from exactnet.errors import UnsupportedError
from exactnet.geometry import PolyhedralComplex, Polyhedron, RegionTask, polyhedral_complex
from exactnet.geometry.recorded import recorded_task
from exactnet.plot.canvas import BLACK, new_figure, tidy
from exactnet.plot.region_colours import LAYER_COLOURS, layer_of_facets, neighbour_colours, output_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["RegionMap", "polygon_corners", "region_figure", "region_map"]

Floats = NDArray[np.float64]

MOST_LABELLED = 60
SHARE_SHOWN = 0.9  # of the vertices: a few far ones must not make the rest a dot
FARTHEST = 10  # times the width of the middle half of the vertices
MARGIN = Fraction(1, 8)


class RegionMap(NamedTuple):
    """What is drawn: the cells inside the window, and what is known about all of them."""

    title: str
    window: tuple[tuple[Fraction, Fraction], ...]
    complex: PolyhedralComplex
    has_scalar_output: bool


def region_figure(certificate: Certificate) -> Figure:
    """The region map of a certificate with a `region_tree`.

    Raises
    ------
    UnsupportedError : no such record, or more than three inputs.
    """
    found = region_map(certificate)
    d = len(found.window)
    if d == 1:
        return _line_figure(found)
    if d == 2:
        return _plane_figure(found)
    from exactnet.plot.region_space import space_figure

    return space_figure(found)


def region_map(certificate: Certificate) -> RegionMap:
    """The cells of a certificate inside a window that shows nearly all of their vertices.

    Raises
    ------
    UnsupportedError : no `region_tree`, or a space that cannot be drawn.
    """
    trees = [record for record in certificate.records if isinstance(record, RegionTreeRecord)]
    if not trees:
        raise UnsupportedError(
            "no region map belongs to this certificate",
            got=", ".join(sorted({record.rule for record in certificate.records})),
            expected="a record of rule region_tree, as `exactnet regions` writes it",
        )
    tree = trees[-1]
    network = next(
        record
        for record in certificate.records
        if isinstance(record, NetworkRecord) and record.id == tree.network
    )
    if network.n_inputs > 3:
        raise UnsupportedError(
            "regions can be drawn in one, two or three dimensions",
            where="the inputs of the network",
            got=f"{network.n_inputs} inputs",
            hint="draw a slice: restrict the network to a plane first (exactnet.geometry.slices)",
        )
    task = recorded_task(network, tree)
    everything = polyhedral_complex(task)
    window = _window(everything)
    low, high = zip(*window, strict=True)
    rows = (*task.domain, *Polyhedron.box(low, high).rows)
    inside = polyhedral_complex(RegionTask(task.dimension, rows, task.layers, task.readout))
    shown = "" if inside.n_cells == tree.n_cells else f" ({inside.n_cells:,} in this window)"
    noun = "region" if tree.n_cells == 1 else "regions"
    title = f"{tree.n_cells:,} activation {noun}{shown}"
    readout = task.readout is not None and task.readout.n_units == 1
    return RegionMap(title, window, inside, readout)


def _window(everything: PolyhedralComplex) -> tuple[tuple[Fraction, Fraction], ...]:
    """A box around most vertices, with short ends; the unit box around the origin if there are none."""
    d = everything.dimension
    vertices = {vertex for cell in everything.cells for vertex in cell.vertices}
    ends = []
    bounded = bool(everything.cells) and all(cell.is_bounded for cell in everything.cells)
    for k in range(d):
        values = sorted(vertex[k] for vertex in vertices) or [Fraction(0)]
        if bounded:
            ends.append((values[0], values[-1]))
            continue
        low, high = _near(values)
        pad = (high - low) * MARGIN or Fraction(1)
        ends.append((_short(low - pad, high - low + pad), _short(high + pad, high - low + pad)))
    return tuple((low, high) if low < high else (low - 1, high + 1) for low, high in ends)


def _near(values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """The ends of most values: not the outermost ones of many, nor those very far from the middle half."""
    cut = int(len(values) * (1 - SHARE_SHOWN) / 2)
    kept = values[cut : len(values) - cut]
    quarter = len(kept) // 4
    first, third = kept[quarter], kept[-1 - quarter]
    reach = FARTHEST * (third - first)
    near = [v for v in kept if first - reach <= v <= third + reach] if reach else kept
    return near[0], near[-1]


def _short(value: Fraction, size: Fraction) -> Fraction:
    """A nearby number with few digits; the window needs no more."""
    step = Fraction(1, 64) * Fraction(2) ** (int(size).bit_length())
    return round(value / step) * step


# -- drawing -------------------------------------------------------------------------------------------


def _outputs(found: RegionMap, i: int, corners: Floats) -> Floats:
    """The scalar output at corners of cell i (n x d), as floats."""
    matrix, vector = found.complex.cells[i].affine_map
    slopes = np.array([float(value) for value in matrix.row(0)])
    values: Floats = corners @ slopes + float(vector[0])
    return values


def _line_figure(found: RegionMap) -> Figure:
    """One input: the output as a function, or the points alone; the breakpoints are marked."""
    figure = new_figure(6.4, 3.6)
    axes = figure.subplots()
    colours = neighbour_colours(found.complex)
    for i, cell in enumerate(found.complex.cells):
        low, high = sorted(float(vertex[0]) for vertex in cell.vertices)
        axes.axvspan(low, high, color=colours[i], linewidth=0)
        if found.has_scalar_output:
            ends = np.array([[low], [high]])
            axes.plot(ends[:, 0], _outputs(found, i, ends), color=BLACK, linewidth=1.6)
    for facet, layer in layer_of_facets(found.complex).items():
        (point,) = found.complex.lattice.faces[0][facet]
        x, w = found.complex.lattice.generators[point]
        axes.axvline(x / w, color=_layer_colour(layer), linewidth=0.9)
    _finish(axes, found, ylabel="output" if found.has_scalar_output else "")
    if not found.has_scalar_output:
        axes.set_yticks([])
    return figure


def _plane_figure(found: RegionMap) -> Figure:
    """Two inputs: cells in colour, the lines of each layer, the zero set of a scalar output."""
    figure = new_figure(7.2, 6.0)
    axes = figure.subplots()
    polygons = [polygon_corners(cell.vertices) for cell in found.complex.cells]
    if found.has_scalar_output and polygons:
        _shade_outputs(figure, axes, found, polygons)
    else:
        from matplotlib.collections import PolyCollection

        colours = neighbour_colours(found.complex)
        axes.add_collection(PolyCollection(polygons, facecolors=colours, edgecolors="none"))
    _draw_lines(axes, found)
    _finish(axes, found, ylabel="x2")
    axes.set_ylim(*(float(end) for end in found.window[1]))
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def polygon_corners(vertices: tuple[tuple[Fraction, ...], ...]) -> Floats:
    """The corners of a convex polygon in order."""
    points = np.array([[float(value) for value in vertex] for vertex in vertices])
    across = points - points.mean(axis=0)
    return points[np.argsort(np.arctan2(across[:, 1], across[:, 0]))]


def _shade_outputs(figure: Figure, axes: Axes, found: RegionMap, polygons: list[Floats]) -> None:
    """Shade by the output, which is affine on every polygon, and draw where it is zero."""
    points, triangles, values = [], [], []
    zero: list[Floats] = []
    start = 0
    for i, corners in enumerate(polygons):
        heights = _outputs(found, i, corners)
        points.append(corners)
        values.append(heights)
        n = len(corners)
        triangles += [[start, start + k, start + k + 1] for k in range(1, n - 1)]
        start += n
        crossing = _zero_segment(corners, heights)
        if crossing is not None:
            zero.append(crossing)
    every, heights = np.concatenate(points), np.concatenate(values)
    reach = float(np.quantile(np.abs(heights), 0.98)) or 1.0
    shade = axes.tripcolor(
        every[:, 0],
        every[:, 1],
        np.array(triangles),
        heights,
        shading="gouraud",
        cmap=output_colours(),
        vmin=-reach,
        vmax=reach,
    )
    figure.colorbar(shade, ax=axes, label="network output", extend="both")
    if zero:
        from matplotlib.collections import LineCollection

        axes.add_collection(LineCollection(zero, colors=BLACK, linewidths=2.4, zorder=4))
        axes.plot([], [], color=BLACK, linewidth=2.4, label="output 0")


def _zero_segment(corners: Floats, heights: Floats) -> Floats | None:
    """Where an affine function with these heights at the corners of a convex polygon vanishes inside it."""
    ends = []
    for k in range(len(corners)):
        a, b = heights[k], heights[(k + 1) % len(corners)]
        if (a > 0) != (b > 0):
            ends.append(corners[k] + (corners[(k + 1) % len(corners)] - corners[k]) * (a / (a - b)))
    return np.array(ends) if len(ends) == 2 else None


def _draw_lines(axes: Axes, found: RegionMap) -> None:
    """The edges between cells, one colour a layer."""
    from matplotlib.collections import LineCollection

    generators = found.complex.lattice.generators
    layers = layer_of_facets(found.complex)
    width = 0.9 if found.complex.n_cells < 1000 else 0.4
    for layer in sorted(set(layers.values()), reverse=True):
        edges = [found.complex.lattice.faces[1][k] for k, own in layers.items() if own == layer]
        lines = [[[x / generators[g][-1] for x in generators[g][:-1]] for g in edge] for edge in edges]
        colour = _layer_colour(layer)
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=width, zorder=3))
    if len(found.complex.task.layers) > 1:
        for layer in sorted(set(layers.values())):
            axes.plot([], [], color=_layer_colour(layer), linewidth=1.4, label=f"units of layer {layer + 1}")


def _layer_colour(layer: int) -> str:
    return LAYER_COLOURS[layer % len(LAYER_COLOURS)]


def _finish(axes: Axes, found: RegionMap, *, ylabel: str) -> None:
    axes.set_xlim(*(float(end) for end in found.window[0]))
    axes.set(xlabel="x1" if len(found.window) > 1 else "x", ylabel=ylabel)
    axes.set_title(found.title, fontsize=11)
    tidy(axes)
