"""The figure of F and G: what is drawn agrees with the polynomials."""

from __future__ import annotations

from fractions import Fraction
from operator import mul

import pytest

from exactnet.errors import UnsupportedError
from exactnet.geometry import regions
from exactnet.model import Network
from exactnet.plot import tropical_figure
from exactnet.plot.regions import region_map
from exactnet.tropical import tropical_form
from paper_repro.anchors import random_integer_network


def test_every_cell_belongs_to_one_term_and_the_titles_count_them() -> None:
    result = tropical_form(random_integer_network([2, 4, 4, 1], 1))
    figure = tropical_figure(result.certificate)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == [
        "F: 13 pieces over 32 activation regions",
        "G: 17 pieces over 32 activation regions",
    ]
    assert titles[2].startswith("F: Newton polygon: 13 essential terms")
    for polynomial in (result.value.numerator, result.value.denominator):
        for cell in region_map(result.certificate).complex.cells:
            # the term that is largest in the middle is largest at every corner
            middle = [
                sum(column, Fraction(0)) / len(cell.vertices) for column in zip(*cell.vertices, strict=True)
            ]
            e, c = max(polynomial.as_fractions(), key=lambda t: sum(map(mul, t[0], middle)) + t[1])
            for vertex in cell.vertices:
                assert sum(map(mul, e, vertex), c) == polynomial(vertex)


def test_one_input_shows_three_graphs() -> None:
    result = tropical_form(random_integer_network([1, 4, 3, 1], 1))
    figure = tropical_figure(result.certificate)
    assert [axes.get_title() for axes in figure.axes] == ["f = F - G", "F: 4 terms", "G: 4 terms"]
    x, y = figure.axes[0].lines[0].get_data()
    for a, b in zip(x, y, strict=True):
        exact = result.value.rational([Fraction(float(a)).limit_denominator(10**6)])
        assert abs(float(exact) - b) <= abs(b) / 10**6


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(UnsupportedError, match="no tropical form"):
        tropical_figure(regions(Network.from_arrays([([[1]], [0])], output_activation="relu")).certificate)
    with pytest.raises(UnsupportedError, match="one or two inputs"):
        tropical_figure(tropical_form(random_integer_network([3, 3, 1], 0)).certificate)
    with pytest.raises(UnsupportedError, match="no tropical form"):
        tropical_figure(tropical_form(random_integer_network([2, 3, 1], 0)).certificate, output=1)


def test_degenerate_networks_are_drawn() -> None:
    flat = Network.from_arrays([([[0, 0], [1, 0], [1, 0]], [1, 0, 0]), ([[1, 1, -1]], [0])])
    assert len(tropical_figure(tropical_form(flat).certificate).axes) == 4
