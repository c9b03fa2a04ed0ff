"""Tropical curves in the plane with weights; in one variable the graph. Colours match `newton_figure`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import UnsupportedError
from exactnet.exact import rational_text
from exactnet.plot.canvas import BLACK, GREY, VERMILION, is_brief, label, new_figure, tidy
from exactnet.plot.newton import draw_newton, term_colours
from exactnet.tropical.hypersurface import TropicalCurve, tropical_curve
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point
from exactnet.tropical.subdivision import DualSubdivision, dual_subdivision

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Window", "curve_figure", "draw_curve", "newton_and_curve_figure"]

Floats = NDArray[np.float64]
Window = tuple[tuple[float, float], tuple[float, float]]

MOST_LABELLED = 16
MOST_DOTS = 300
LEAST_SHARE = 0.08  # of the window, of an edge whose weight is written on it
LETTER = 0.026  # of the window, about as wide as a letter
SHARE_SHOWN = 0.9  # of the vertices: a few far ones must not make the rest a dot


def curve_figure(p: TropicalPolynomial) -> Figure:
    """The curve, its regions in colour; in one variable the graph with its breakpoints.

    Raises
    ------
    UnsupportedError : not one or two variables.
    """
    _require_drawable(p)
    figure = new_figure(5.6, 5.0)
    _draw(figure.subplots(), p)
    return figure


def newton_and_curve_figure(p: TropicalPolynomial) -> Figure:
    """Two panels: the Newton polygon with its dual subdivision, and the curve it is dual to.

    A term and its region have one colour; an edge crosses the dual edge at a right angle.

    Raises
    ------
    UnsupportedError : not one or two variables.
    """
    _require_drawable(p)
    figure = new_figure(10.4, 5.0)
    left, right = figure.subplots(1, 2)
    draw_newton(left, _draw(right, p))
    return figure


def _require_drawable(p: TropicalPolynomial) -> None:
    if p.n_variables not in (1, 2):
        raise UnsupportedError(
            "tropical polynomials are drawn in one or two variables",
            where="polynomial",
            got=f"{p.n_variables} variables",
            hint="restrict it to a plane first: p.compose(matrix, offset)",
        )


def _draw(axes: Axes, p: TropicalPolynomial) -> DualSubdivision:
    if p.n_variables == 1:
        subdivision = dual_subdivision(p)
        _draw_graph(axes, subdivision)
        return subdivision
    curve = tropical_curve(p)
    window = curve_window(curve)
    _draw_regions(axes, curve.subdivision, window)
    draw_curve(axes, curve, window)
    n = len(curve.vertices)
    noun = "vertex" if n == 1 else "vertices"
    n_ends = len(curve.rays) + 2 * len(curve.lines)
    axes.set_title(
        f"tropical curve: {n:,} {noun}, {len(curve.edges):,} bounded edges, {n_ends} ends", fontsize=10
    )
    axes.set(xlabel="x1", ylabel="x2", xlim=window[0], ylim=window[1])
    axes.set_aspect("equal")
    tidy(axes)
    return curve.subdivision


# -- the plane ---------------------------------------------------------------------------------------------


def curve_window(curve: TropicalCurve) -> Window:
    """A square around most vertices."""
    points: Sequence[Point] = curve.vertices or [line.point for line in curve.lines] or [(Fraction(0),) * 2]
    ends = []
    for k in range(2):
        values = sorted(float(point[k]) for point in points)
        cut = int(len(values) * (1 - SHARE_SHOWN) / 2)
        ends.append((values[cut], values[-1 - cut]))
    half = max(high - low for low, high in ends) * 0.5
    reach = half * (1.7 if len(points) <= MOST_LABELLED else 1.35) if half else 1.0
    # far from the origin floats are too coarse for a small window
    reach = max(reach, max(abs(end) for pair in ends for end in pair) * 2.0**-20)
    first, second = (((low + high) / 2 - reach, (low + high) / 2 + reach) for low, high in ends)
    return first, second


def draw_curve(axes: Axes, curve: TropicalCurve, window: Window) -> None:
    """Edges, rays and lines inside a window, wider with the weight; weights other than 1 are written on."""
    reach = 2 * max(high - low for low, high in window) + max(abs(v) for ends in window for v in ends)
    vertices = np.array([[float(v) for v in vertex] for vertex in curve.vertices]).reshape(-1, 2)
    pieces: list[tuple[Floats, Fraction]] = []
    for edge in curve.edges:
        pieces.append((vertices[list(edge.ends)], edge.weight))
    for ray in curve.rays:
        start = vertices[ray.start]
        pieces.append(
            (np.array([start, start + _unit(ray.direction) * (reach + np.abs(start).max())]), ray.weight)
        )
    for line in curve.lines:
        point, along = np.array([float(v) for v in line.point]), _unit(line.direction) * 2 * reach
        pieces.append((np.array([point - along, point + along]), line.weight))
    _draw_segments(axes, pieces, window)
    if len(vertices) <= MOST_DOTS:
        axes.plot(*vertices.T, "o", color=BLACK, markersize=5 if len(vertices) <= 60 else 2.5, zorder=4)


def _draw_segments(axes: Axes, pieces: Sequence[tuple[Floats, Fraction]], window: Window) -> None:
    from matplotlib.collections import LineCollection

    thin = 1.4 if len(pieces) <= 60 else 0.7 if len(pieces) <= 1000 else 0.35
    heaviest = max((weight for _, weight in pieces), default=Fraction(1))
    lightest = min((weight for _, weight in pieces), default=Fraction(1))
    widths = [
        thin * (1 + 2 * float((weight - lightest) / (heaviest - lightest)) if heaviest > lightest else 1)
        for _, weight in pieces
    ]
    axes.add_collection(
        LineCollection([ends for ends, _ in pieces], colors=BLACK, linewidths=widths, zorder=3)
    )
    if len(pieces) > 4 * MOST_LABELLED:
        return
    size = window[0][1] - window[0][0]
    for ends, weight in pieces:
        seen = _clip_segment(ends, window)
        if weight == 1 or not is_brief(weight):
            continue
        if seen is not None and np.abs(seen[1] - seen[0]).max() > LEAST_SHARE * size:
            axes.annotate(
                rational_text(weight),
                tuple(seen.mean(axis=0)),
                ha="center",
                va="center",
                fontsize=8,
                color=VERMILION,
                zorder=5,
                bbox={
                    "boxstyle": "circle,pad=0.15",
                    "facecolor": "white",
                    "edgecolor": GREY,
                    "linewidth": 0.6,
                },
            )


def _draw_regions(axes: Axes, subdivision: DualSubdivision, window: Window) -> None:
    """The regions in the colours of their terms, with the terms written into them when they are few."""
    from matplotlib.collections import PolyCollection

    colours = term_colours(subdivision)
    forms = {k: _form(subdivision.polynomial, k) for k in colours}
    neighbours: dict[int, list[int]] = {k: [] for k in colours}
    for cell in subdivision.cells[1] if subdivision.dimension else ():
        i, j = cell.corners
        neighbours[i].append(j)
        neighbours[j].append(i)
    (x0, x1), (y0, y1) = window
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    polygons = {}
    for k, others in neighbours.items():
        polygon = corners
        for j in others:
            polygon = _clip_polygon(polygon, forms[k] - forms[j])
        if len(polygon) > 2:
            polygons[k] = polygon
    axes.add_collection(
        PolyCollection(
            list(polygons.values()), facecolors=[colours[k] for k in polygons], edgecolors="none", zorder=0
        )
    )
    if len(polygons) <= MOST_LABELLED:
        for k, polygon in polygons.items():
            label = _label(subdivision.polynomial, k)
            middle = polygon.mean(axis=0)
            n_letters = len(re.sub(r"[$_\\\\,]", "", label))
            if _reach(polygon, middle) > LETTER * (x1 - x0) * n_letters / 2:
                axes.annotate(label, tuple(middle), ha="center", va="center", fontsize=9, zorder=2)


def _reach(polygon: Floats, middle: Floats) -> float:
    """How far one can go from a point of a polygon both to the left and to the right."""
    ends = []
    for k in range(len(polygon)):
        (x0, y0), (x1, y1) = polygon[k - 1], polygon[k]
        if (y0 > middle[1]) != (y1 > middle[1]):
            ends.append(x0 + (x1 - x0) * (middle[1] - y0) / (y1 - y0))
    return float(np.abs(np.array(ends) - middle[0]).min()) if ends else 0.0


def _form(p: TropicalPolynomial, k: int) -> Floats:
    e, c = p.terms[k]
    return np.array([v / p.denominator for v in (*e, c)])


def _clip_polygon(polygon: Floats, form: Floats) -> Floats:
    """The part of a convex polygon where a.x + b >= 0 (Sutherland and Hodgman)."""
    values = polygon @ form[:2] + form[2] if len(polygon) else np.zeros(0)
    kept = []
    for k in range(len(polygon)):
        here, there = values[k - 1], values[k]
        if (here >= 0) != (there >= 0):
            kept.append(polygon[k - 1] + (polygon[k] - polygon[k - 1]) * (here / (here - there)))
        if there >= 0:
            kept.append(polygon[k])
    return np.array(kept).reshape(-1, 2)


def _clip_segment(ends: Floats, window: Window) -> Floats | None:
    """The part of a segment inside the window."""
    low, high = 0.0, 1.0
    for k, (first, last) in enumerate(window):
        start, slope = ends[0, k], ends[1, k] - ends[0, k]
        if slope == 0:
            if not first <= start <= last:
                return None
            continue
        near, far = sorted(((first - start) / slope, (last - start) / slope))
        low, high = max(low, near), min(high, far)
    return ends[0] + (ends[1] - ends[0]) * np.array([[low], [high]]) if low < high else None


def _unit(direction: Sequence[int]) -> Floats:
    longest = max(map(abs, direction))
    return np.array([v / longest for v in direction])


def _label(p: TropicalPolynomial, k: int) -> str:
    """The term as text for matplotlib's mathematics."""
    e, c = p.as_fractions()[k]
    text = label(c) if c or not any(e) else ""
    for i, v in enumerate(e, start=1):
        if v:
            size = "" if abs(v) == 1 else label(abs(v)) + r"\,"
            text += f"{'-' if v < 0 else '+' if text else ''}{size}x_{i}"
    return f"${text}$"


# -- the line ----------------------------------------------------------------------------------------------


def _draw_graph(axes: Axes, subdivision: DualSubdivision) -> None:
    """The graph of p over the line; each breakpoint is marked with its weight, the jump of the slope."""
    p = subdivision.polynomial
    breaks = sorted((cell.vertices[0][0], subdivision.volume(cell)) for cell in subdivision.cells[-1])
    breaks = breaks if subdivision.dimension else []
    points = [float(x) for x, _ in breaks] or [0.0]
    pad = (points[-1] - points[0]) * 0.35 or 1.0
    ends = [points[0] - pad, *(points if breaks else []), points[-1] + pad]
    axes.plot(ends, p.approx_values(np.array(ends)[:, None]), color=BLACK, linewidth=1.6, zorder=3)
    colours = term_colours(subdivision)
    order = sorted(colours, key=lambda k: p.terms[k][0])
    for k, (low, high) in zip(order, pairwise(ends), strict=True):
        axes.axvspan(low, high, color=colours[k], linewidth=0, zorder=0)
    for x, weight in breaks:
        axes.plot(float(x), float(p([x])), "o", color=BLACK, markersize=5, zorder=4)
        if len(breaks) <= MOST_LABELLED:
            axes.annotate(
                label(weight),
                (float(x), float(p([x]))),
                xytext=(5, -11),
                textcoords="offset points",
                fontsize=8,
                color=VERMILION,
            )
    noun = "breakpoint" if len(breaks) == 1 else "breakpoints"
    axes.set_title(f"tropical polynomial: {len(breaks)} {noun}", fontsize=11)
    axes.set(xlabel="x", ylabel="p(x)", xlim=(ends[0], ends[-1]))
    tidy(axes)
