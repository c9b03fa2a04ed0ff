"""F and G of a network over its region map, with their Newton polygons below.

F and G are affine on every cell of the network; a cell has the colour of the term that is largest on it, and
the same colour marks the term in the Newton polygon with its dual subdivision. Drawn from the certificate.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from operator import mul
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Certificate, TropicalFormRecord, TropicalPolynomialRecord
from exactnet.errors import UnsupportedError
from exactnet.plot.canvas import BLACK, GREY, VERMILION, new_figure, tidy
from exactnet.plot.newton import draw_newton, term_colours
from exactnet.plot.regions import RegionMap, polygon_corners, region_map
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.subdivision import dual_subdivision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["tropical_figure"]

Floats = NDArray[np.float64]
Colours = dict[int, str]


def tropical_figure(certificate: Certificate, *, output: int = 0) -> Figure:
    """F and G of one output over the cells of the network.

    Raises
    ------
    UnsupportedError : no record `tropical_form`, or more than two inputs.
    """
    F, G = _polynomials(certificate, output)
    if F.n_variables > 2:
        raise UnsupportedError(
            "F and G are drawn for one or two inputs",
            where="tropical_figure",
            got=f"{F.n_variables} inputs",
            hint="restrict the network to a plane first: exactnet.geometry.slice_network",
        )
    found = region_map(certificate)
    if F.n_variables == 1:
        return _line_figure(found, F, G)
    figure = new_figure(10.4, 9.2)
    grid = figure.subplots(2, 2)
    for k, (name, p) in enumerate((("F", F), ("G", G))):
        subdivision = dual_subdivision(p)
        colours = term_colours(subdivision)
        _draw_cells(grid[0][k], found, p, colours)
        n = len(colours)
        grid[0][k].set_title(
            f"{name}: {n:,} {'piece' if n == 1 else 'pieces'} over {found.title}", fontsize=11
        )
        draw_newton(grid[1][k], subdivision)
        grid[1][k].set_title(f"{name}: {grid[1][k].get_title()}", fontsize=11)
    return figure


def _polynomials(certificate: Certificate, output: int) -> tuple[TropicalPolynomial, TropicalPolynomial]:
    by_id = {record.id: record for record in certificate.records}
    form = next((r for r in certificate.records if isinstance(r, TropicalFormRecord)), None)
    if form is None or not 0 <= output < len(form.numerators):
        raise UnsupportedError(
            "no tropical form belongs to this certificate",
            got=", ".join(sorted({record.rule for record in certificate.records})),
            expected="a record of rule tropical_form, as `exactnet tropical` writes it",
        )
    F, G = (by_id[name] for name in (form.numerators[output], form.denominators[output]))
    return _polynomial(F), _polynomial(G)


def _polynomial(record: object) -> TropicalPolynomial:
    assert isinstance(record, TropicalPolynomialRecord)
    terms = {row[:-1]: row[-1] for row in record.terms}
    return TropicalPolynomial.from_integers(
        terms, n_variables=record.n_variables, denominator=record.denominator
    )


def _largest_term(p: TropicalPolynomial, x: Sequence[Fraction]) -> int:
    """The number of the term that is largest at a point."""
    return max(range(p.n_terms), key=lambda k: sum(map(mul, p.terms[k][0], x)) + p.terms[k][1])


def _middle(vertices: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    return [sum(column, Fraction(0)) / len(vertices) for column in zip(*vertices, strict=True)]


def _draw_cells(axes: Axes, found: RegionMap, p: TropicalPolynomial, colours: Colours) -> None:
    """Cells in the colours of the terms; edges between different terms are the tropical curve of p."""
    from matplotlib.collections import LineCollection, PolyCollection

    cells = found.complex.cells
    owners = [_largest_term(p, _middle(cell.vertices)) for cell in cells]
    polygons = [polygon_corners(cell.vertices) for cell in cells]
    axes.add_collection(PolyCollection(polygons, facecolors=[colours[k] for k in owners], edgecolors="none"))
    generators = found.complex.lattice.generators
    inner: list[list[list[float]]] = []
    curve: list[list[list[float]]] = []
    for i, j, facet in found.complex.adjacency():
        edge = found.complex.lattice.faces[1][facet]
        line = [[x / generators[g][-1] for x in generators[g][:-1]] for g in edge]
        (inner if owners[i] == owners[j] else curve).append(line)
    axes.add_collection(LineCollection(inner, colors=GREY, linewidths=0.4, zorder=2))
    width = 1.6 if len(cells) < 1000 else 0.7
    axes.add_collection(LineCollection(curve, colors=BLACK, linewidths=width, zorder=3))
    axes.set_xlim(*(float(end) for end in found.window[0]))
    axes.set_ylim(*(float(end) for end in found.window[1]))
    axes.set(xlabel="x1", ylabel="x2")
    tidy(axes)


def _line_figure(found: RegionMap, F: TropicalPolynomial, G: TropicalPolynomial) -> Figure:
    """One input: the graphs of f = F - G, F and G, side by side."""
    figure = new_figure(10.4, 3.6)
    panels = figure.subplots(1, 3)
    cells = sorted(sorted(vertex[0] for vertex in cell.vertices) for cell in found.complex.cells)
    points = [cells[0][0], *(cell[-1] for cell in cells)]
    x = [float(point) for point in points]
    values = {"F": F.values([[v] for v in points]), "G": G.values([[v] for v in points])}
    values["f = F - G"] = tuple(a - b for a, b in zip(values["F"], values["G"], strict=True))
    for axes, name in zip(panels, ("f = F - G", "F", "G"), strict=True):
        axes.plot(x, [float(v) for v in values[name]], color=BLACK, linewidth=1.6, zorder=3)
        p = {"F": F, "G": G}.get(name)
        if p is not None:
            _shade(axes, p, points)
        axes.set_title(
            name if p is None else f"{name}: {p.n_terms} term{'s' * (p.n_terms != 1)}", fontsize=11
        )
        axes.set(xlabel="x", xlim=(x[0], x[-1]))
        tidy(axes)
    return figure


def _shade(axes: Axes, p: TropicalPolynomial, points: Sequence[Fraction]) -> None:
    """The pieces in the colours of their terms; the breakpoints of p are marked."""
    colours = term_colours(dual_subdivision(p))
    owners = [_largest_term(p, [(a + b) / 2]) for a, b in pairwise(points)]
    for k, (low, high) in zip(owners, pairwise(points), strict=True):
        axes.axvspan(float(low), float(high), color=colours[k], linewidth=0, zorder=0)
    for k, point in enumerate(points[1:-1]):
        if owners[k] != owners[k + 1]:
            axes.plot(float(point), float(p([point])), "o", color=VERMILION, markersize=4, zorder=4)
