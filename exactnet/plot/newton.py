"""The Newton polygon of a tropical polynomial with its dual subdivision; in one variable the lifted one."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from exactnet.errors import UnsupportedError
from exactnet.exact import rational_text
from exactnet.plot.canvas import BLACK, BLUE, GREY, is_brief, label, new_figure, tidy
from exactnet.plot.region_colours import PASTELS
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.subdivision import DualSubdivision, dual_subdivision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_newton", "newton_figure", "term_colours"]

MOST_LABELLED = 25
MOST_LATTICE_POINTS = 900


def newton_figure(p: TropicalPolynomial) -> Figure:
    """One panel: every essential term is a dot in the colour of its region, with its coefficient.

    Raises
    ------
    UnsupportedError : not one or two variables.
    """
    subdivision = dual_subdivision(p)
    figure = new_figure(5.6, 5.0)
    draw_newton(figure.subplots(), subdivision)
    return figure


def term_colours(subdivision: DualSubdivision) -> dict[int, str]:
    """A pastel for every essential term; neighbouring regions get different ones where eight suffice."""
    neighbours: dict[int, set[int]] = {cell.corners[0]: set() for cell in subdivision.cells[0]}
    for cell in subdivision.cells[1] if subdivision.dimension else ():
        i, j = cell.corners
        neighbours[i].add(j)
        neighbours[j].add(i)
    chosen: dict[int, int] = {}
    for rank, (i, others) in enumerate(sorted(neighbours.items())):
        taken = {chosen[j] for j in others if j in chosen}
        free = [k for k in range(len(PASTELS)) if k not in taken]
        chosen[i] = free[rank % len(free)] if free else rank % len(PASTELS)
    return {i: PASTELS[k] for i, k in chosen.items()}


def draw_newton(axes: Axes, subdivision: DualSubdivision) -> None:
    """Draw into given axes.

    Raises
    ------
    UnsupportedError : not one or two variables.
    """
    match subdivision.polynomial.n_variables:
        case 1:
            _draw_lifted(axes, subdivision)
        case 2:
            _draw_plane(axes, subdivision)
        case n:
            raise UnsupportedError(
                "Newton polygons are drawn for one or two variables", where="polynomial", got=f"{n} variables"
            )
    tidy(axes)


def _draw_plane(axes: Axes, subdivision: DualSubdivision) -> None:
    """Cells as polygons, edges by their lattice length, terms as dots."""
    from matplotlib.collections import LineCollection
    from matplotlib.ticker import MaxNLocator

    _draw_lattice(axes, subdivision)
    edges = subdivision.cells[1] if subdivision.dimension else ()
    ends = [[[float(v) for v in e] for e in subdivision.exponents(cell.corners)] for cell in edges]
    width = 1.3 if len(subdivision.cells[0]) <= 100 else 0.7
    axes.add_collection(LineCollection(ends, colors=BLACK, linewidths=width, zorder=2))
    if len(edges) <= MOST_LABELLED:
        for cell, ((x0, y0), (x1, y1)) in zip(edges, ends, strict=True):
            length = subdivision.volume(cell)
            if length != 1 and is_brief(length):
                _label_edge(axes, ((x0 + x1) / 2, (y0 + y1) / 2), length)
    _draw_terms(axes, subdivision)
    n_terms, n_cells = len(subdivision.cells[0]), len(subdivision.cells[-1]) * (subdivision.dimension == 2)
    terms, polygons = "term" if n_terms == 1 else "terms", "polygon" if n_cells == 1 else "polygons"
    axes.set_title(f"Newton polygon: {n_terms:,} essential {terms}, {n_cells:,} {polygons}", fontsize=10)
    axes.set(xlabel="exponent of x1", ylabel="exponent of x2")
    if subdivision.dimension == 0:
        # a single point has no size to be scaled to
        ((x, y),) = subdivision.exponents(subdivision.cells[0][0].corners)
        axes.set(xlim=(float(x) - 1, float(x) + 1), ylim=(float(y) - 1, float(y) + 1))
        axes.set_aspect("equal")
    else:
        axes.set_aspect("equal", adjustable="datalim")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(0.12)


def _draw_lattice(axes: Axes, subdivision: DualSubdivision) -> None:
    """Integer points in the bounding box, faintly, unless there are very many."""
    exponents = subdivision.exponents(range(subdivision.polynomial.n_terms))
    low, high = ([int(end(e[k] for e in exponents) // 1) for k in range(2)] for end in (min, max))
    sides = [last + 1 - first for first, last in zip(low, high, strict=True)]
    if sides[0] * sides[1] <= MOST_LATTICE_POINTS:
        points = [(low[0] + i, low[1] + j) for i in range(sides[0]) for j in range(sides[1])]
        axes.plot(*zip(*points, strict=True), ".", color="#C9C9C9", markersize=3, zorder=1)


def _label_edge(axes: Axes, middle: tuple[float, float], length: Fraction) -> None:
    axes.annotate(
        rational_text(length),
        middle,
        ha="center",
        va="center",
        fontsize=8,
        zorder=4,
        bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": GREY, "linewidth": 0.6},
    )


def _draw_terms(axes: Axes, subdivision: DualSubdivision) -> None:
    p = subdivision.polynomial
    colours = term_colours(subdivision)
    size = 11 if p.n_terms <= MOST_LABELLED else 6 if p.n_terms <= 200 else 3 if p.n_terms <= 1000 else 1.5
    points = [(float(x), float(y)) for (x, y), _ in p.as_fractions()]
    for colour in sorted({*colours.values(), "white"}):
        own = [points[k] for k in range(p.n_terms) if colours.get(k, "white") == colour]
        axes.plot(
            [x for x, _ in own],
            [y for _, y in own],
            "o",
            markeredgecolor=BLACK,
            markerfacecolor=colour,
            markersize=size / 2 if colour == "white" else size,
            markeredgewidth=min(0.9, size / 6),
            zorder=3,
        )
    if p.n_terms <= MOST_LABELLED:
        for k in colours:
            axes.annotate(
                label(p.as_fractions()[k][1]),
                points[k],
                xytext=(7, 6),
                textcoords="offset points",
                fontsize=9,
                color=BLUE,
                zorder=5,
            )


def _draw_lifted(axes: Axes, subdivision: DualSubdivision) -> None:
    """Points (exponent, coefficient) and the upper hull."""
    p = subdivision.polynomial
    colours = term_colours(subdivision)
    points = [(float(e[0]), float(c)) for e, c in p.as_fractions()]
    upper = sorted(points[k] for k in colours)
    axes.plot(*zip(*upper, strict=True), color=BLACK, linewidth=1.3, zorder=2)
    for k, point in enumerate(points):
        fill = colours.get(k, "white")
        axes.plot(
            *point,
            "o",
            markerfacecolor=fill,
            markeredgecolor=BLACK,
            markersize=8 if k in colours else 4,
            zorder=3,
        )
    axes.set_title(f"lifted Newton polygon: {len(upper)} of {len(points)} terms essential", fontsize=11)
    axes.set(xlabel="exponent", ylabel="coefficient")
    axes.margins(0.12)
