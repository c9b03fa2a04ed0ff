"""Three inputs: the cells on the surface of the window, and the cells pulled apart when there are few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exactnet.plot.canvas import new_figure
from exactnet.plot.region_colours import neighbour_colours, output_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from exactnet.plot.regions import RegionMap

__all__ = ["space_figure"]

Floats = NDArray[np.float64]

MOST_EXPLODED = 400
APART = 0.45  # how far a cell moves from the centre, relative to its distance
VIEW = {"elev": 24, "azim": -58}


def space_figure(found: RegionMap) -> Figure:
    """Left the surface of the window; right, if there are at most 400 cells, all of them pulled apart."""
    exploded = found.complex.n_cells <= MOST_EXPLODED
    figure = new_figure(11.5 if exploded else 7.0, 6.2)
    corners = _corners(found)
    owners = found.complex.lattice.owners(2)
    surface = [k for k, own in enumerate(owners) if len(own) == 1]
    first: Any = figure.add_subplot(1, 2 if exploded else 1, 1, projection="3d")
    shade = _draw(first, found, [(k, owners[k][0]) for k in surface], corners, apart=0.0)
    first.set_title(f"{found.title}\non the surface of the window", fontsize=11)
    axes = [first]
    if exploded:
        second: Any = figure.add_subplot(1, 2, 2, projection="3d")
        pieces = [(k, own) for k, several in enumerate(owners) for own in several]
        _draw(second, found, pieces, corners, apart=APART)
        second.set_title("the same cells, pulled apart", fontsize=11)
        axes.append(second)
    for one in axes:
        _frame(one, found, apart=0.0 if one is first else APART)
    if shade is not None:
        figure.colorbar(shade, ax=axes, label="network output", shrink=0.6, extend="both")
    return figure


def _corners(found: RegionMap) -> Floats:
    """All vertices as floats; inside a window there are no rays."""
    return np.array([[x / g[-1] for x in g[:-1]] for g in found.complex.lattice.generators])


def _draw(
    axes: Axes, found: RegionMap, pieces: list[tuple[int, int]], corners: Floats, *, apart: float
) -> Any:
    """Draw 2-faces, each as part of one cell; returns what a colour bar needs, if colours are outputs."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    middle = np.array([float(low + high) / 2 for low, high in found.window])
    cells = found.complex.cells
    centres = {i: np.mean([corners[g] for g in found.complex.lattice.faces[3][i]], axis=0) for _, i in pieces}
    polygons = []
    for k, i in pieces:
        flat = _in_order(corners[list(found.complex.lattice.faces[2][k])])
        polygons.append(flat + apart * (centres[i] - middle))
    shade = None
    if found.has_scalar_output:
        heights = [
            _output_at(cells[i].affine_map, polygon.mean(axis=0) - apart * (centres[i] - middle))
            for (_, i), polygon in zip(pieces, polygons, strict=True)
        ]
        reach = float(np.quantile(np.abs(heights), 0.98)) or 1.0
        shade = ScalarMappable(Normalize(-reach, reach), output_colours())
        colours: Any = shade.to_rgba(np.array(heights))
    else:
        palette = neighbour_colours(found.complex)
        colours = [palette[i] for _, i in pieces]
    width = 0.5 if len(polygons) < 2000 else 0.2
    axes.add_collection(
        Poly3DCollection(polygons, facecolors=colours, edgecolors="#333333", linewidths=width)
    )
    return shade


def _output_at(affine: Any, point: Floats) -> float:
    matrix, vector = affine
    return float(np.dot([float(value) for value in matrix.row(0)], point)) + float(vector[0])


def _in_order(points: Floats) -> Floats:
    """The corners of a flat convex polygon in space, in order around its centre."""
    across = points - points.mean(axis=0)
    _, _, basis = np.linalg.svd(across, full_matrices=False)
    return points[np.argsort(np.arctan2(across @ basis[1], across @ basis[0]))]


def _frame(axes: Any, found: RegionMap, *, apart: float) -> None:
    for name, (low, high) in zip("xyz", found.window, strict=True):
        pad = float(high - low) * apart / 2
        getattr(axes, f"set_{name}lim")(float(low) - pad, float(high) + pad)
    axes.set(xlabel="x1", ylabel="x2", zlabel="x3")
    axes.view_init(**VIEW)
    axes.tick_params(labelsize=8)
    axes.set_box_aspect((1, 1, 1), zoom=0.85)  # else labels are cut off
