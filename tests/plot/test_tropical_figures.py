"""Newton polygons and tropical curves: dots, segments, colours and titles are read back."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from exactnet.errors import UnsupportedError
from exactnet.plot import curve_figure, newton_and_curve_figure, newton_figure, save_figure
from exactnet.plot.newton import term_colours
from exactnet.plot.tropical_curve import curve_window
from exactnet.tropical import TropicalPolynomial, dual_subdivision, tropical_curve

CONIC = TropicalPolynomial.from_terms({(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2})
WEIGHTED = TropicalPolynomial.from_terms({(0, 0): 0, (3, 0): 0, (0, 3): 0, (1, 1): -1})


def dots(axes) -> dict[tuple[float, float], str]:
    return {
        (float(x), float(y)): to_hex(line.get_markerfacecolor())
        for line in axes.lines
        if line.get_marker() == "o"
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }


def test_a_newton_polygon_shows_terms_edges_and_coefficients() -> None:
    axes = newton_figure(CONIC).axes[0]
    assert axes.get_title() == "Newton polygon: 6 essential terms, 3 polygons"
    assert set(dots(axes)) == {(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 2)}
    assert len(axes.collections[0].get_segments()) == 8
    assert sorted(text.get_text() for text in axes.texts) == ["1", "1", "2", "2", "2", "2"]


def test_neighbouring_terms_have_different_colours_and_regions_those_of_their_terms() -> None:
    subdivision = dual_subdivision(CONIC)
    colours = term_colours(subdivision)
    for cell in subdivision.cells[1]:
        i, j = cell.corners
        assert colours[i] != colours[j]
    figure = newton_and_curve_figure(CONIC)
    left, right = figure.axes
    regions = right.collections[0]
    shown = {to_hex(colour) for colour in regions.get_facecolor()}
    assert shown == set(dots(left).values())
    # every region's middle is in the region of the term of its colour
    by_colour = {colours[k].lower(): e for k, (e, _) in enumerate(CONIC.as_fractions())}
    for path, colour in zip(regions.get_paths(), regions.get_facecolor(), strict=True):
        x, y = path.vertices[:-1].mean(axis=0)
        values = {e: float(e[0]) * x + float(e[1]) * y + float(c) for e, c in CONIC.as_fractions()}
        assert max(values, key=values.__getitem__) == by_colour[to_hex(colour)]


def test_a_curve_shows_its_vertices_and_weights() -> None:
    axes = curve_figure(CONIC).axes[0]
    assert axes.get_title() == "tropical curve: 3 vertices, 2 bounded edges, 6 ends"
    assert len(axes.collections[1].get_segments()) == 8
    heavy = curve_figure(WEIGHTED).axes[0]
    assert [text.get_text() for text in heavy.texts].count("3") == 3


def test_a_window_shows_nearly_all_vertices() -> None:
    terms = {(k, j): -(k**2) - (2 * j) ** 2 for k in range(9) for j in range(9)}
    curve = tropical_curve(TropicalPolynomial.from_terms(terms))
    (x0, x1), (y0, y1) = curve_window(curve)
    inside = [x0 <= x <= x1 and y0 <= y <= y1 for x, y in curve.vertices]
    assert sum(inside) >= 0.85 * len(inside)


def test_one_variable_shows_the_lifted_polygon_and_the_graph() -> None:
    p = TropicalPolynomial.from_terms({(0,): 0, (1,): -1, (2,): 0, (5,): -6})
    left, right = newton_and_curve_figure(p).axes
    assert left.get_title() == "lifted Newton polygon: 3 of 4 terms essential"
    assert right.get_title() == "tropical polynomial: 2 breakpoints"
    graph = max(right.lines, key=lambda line: len(line.get_xdata()))
    for x, y in zip(graph.get_xdata(), graph.get_ydata(), strict=True):
        assert y == pytest.approx(max(0, 2 * x, 5 * x - 6))


@pytest.mark.parametrize(
    "p",
    [
        TropicalPolynomial.affine([1, 2], 3),
        TropicalPolynomial.affine([1], 3),
        TropicalPolynomial.from_terms({(0, 0): 0, (1, 2): 0, (2, 4): -1}),
        TropicalPolynomial.from_terms({(0, 0): 0, (10**30, 0): 1, (0, 10**30): 10**29}),
        TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 10**20, (0, 1): 0}),
    ],
)
def test_degenerate_polynomials_are_drawn(p, tmp_path) -> None:
    for draw in (newton_figure, curve_figure, newton_and_curve_figure):
        figure = draw(p)
        assert isinstance(figure, Figure)
        assert save_figure(figure, tmp_path / "figure.png").stat().st_size > 0


def test_three_variables_are_refused() -> None:
    space = TropicalPolynomial.affine([1, 2, 3])
    for draw in (newton_figure, curve_figure, newton_and_curve_figure):
        with pytest.raises(UnsupportedError, match="one or two variables"):
            draw(space)


def test_many_terms_stay_quick_to_draw() -> None:
    random = np.random.default_rng(0)
    terms = {tuple(map(int, e)): -int(e @ e) for e in random.integers(-25, 26, (500, 2))}
    figure = newton_and_curve_figure(TropicalPolynomial.from_terms(terms))
    assert not figure.axes[0].texts


def test_numbers_of_trained_networks_leave_room_for_the_figure() -> None:
    """Floats have dozens of digits as fractions: labels have three, and lattice lengths are left out."""
    p = TropicalPolynomial.from_terms({(0.1, 0.7): 0.3, (1.9, 0.2): -0.1, (0.4, 1.3): 1e-9, (0, 0): 1 / 3})
    figure = newton_and_curve_figure(p)
    newton = [text.get_text() for text in figure.axes[0].texts]
    assert sorted(newton) == ["-0.100", "0.299", "0.333", "1.00e-9"]
    assert max(len(text.get_text()) for axes in figure.axes for text in axes.texts) <= 40
    line = newton_and_curve_figure(TropicalPolynomial.from_terms({(0,): 0.1, (0.3,): 0, (0.7,): -1.1}))
    assert max(len(text.get_text()) for axes in line.axes for text in axes.texts) <= 12
