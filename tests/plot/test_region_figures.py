"""Region maps show the cells of their certificate: patches, lines and titles are read back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from exactnet.certificate.types import Certificate, LinearSystemRecord
from exactnet.errors import UnsupportedError
from exactnet.geometry import Polyhedron, regions
from exactnet.geometry.named import braid, resonance
from exactnet.model import Network
from exactnet.plot import region_figure, save_figure
from exactnet.plot.regions import region_map

TENT = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
# |x| + |y| - 1: its zero set is the square with corners at distance 1
DIAMOND = Network.from_arrays([([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]), ([[1, 1, 1, 1]], [-1])])
TWO_OUTPUTS = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0])])


def certificate(source: Any, domain: Polyhedron | None = None) -> Certificate:
    found = regions(source, domain=domain).certificate
    assert found is not None
    return found


def test_one_input_shows_the_function_and_its_breakpoints() -> None:
    axes = region_figure(certificate(TENT)).axes[0]
    assert axes.get_title() == "3 activation regions"
    pieces = [line for line in axes.lines if len(set(line.get_xdata())) == 2]
    assert len(pieces) == 3
    for line in pieces:
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
            assert y == pytest.approx(2 * max(x, 0) - 4 * max(x - 1, 0))
    marks = sorted(line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1)
    assert marks == [0, 1]


def test_two_inputs_show_the_zero_set() -> None:
    figure = region_figure(certificate(DIAMOND, Polyhedron.box([-2, -2], [2, 2])))
    axes = figure.axes[0]
    zero = max(axes.collections, key=lambda one: float(np.max(one.get_linewidths(), initial=0)))
    ends = np.concatenate([path.vertices for path in zero.get_paths()])
    assert len(zero.get_paths()) == 4
    assert np.abs(ends).sum(axis=1) == pytest.approx(np.ones(8))


def test_cells_without_a_scalar_output_are_told_apart() -> None:
    figure = region_figure(certificate(TWO_OUTPUTS, Polyhedron.box([-1, -1], [1, 1])))
    colours = figure.axes[0].collections[0].get_facecolor()
    assert len(colours) == 4
    assert len({tuple(colour) for colour in colours}) >= 2


def test_one_far_vertex_of_few_is_left_out() -> None:
    """The nearly parallel lines meet far away; without that vertex the others fill the window."""
    lines = [(1, 0, 0), (0, 1, 0), (1, 1, -1), (1, -1, 2), (1000, 1001, -9000)]
    found = region_map(certificate(lines))
    assert all(-30 <= low < high <= 30 for low, high in found.window)
    assert "in this window" in found.title


def test_a_window_on_an_unbounded_complex_says_what_it_leaves_out() -> None:
    far = [(1, 0, -i) for i in range(20)] + [(1, 0, -(10**6)), (0, 1, 0)]
    found = region_map(certificate(far))
    assert found.window[0][1] < 10**6
    assert found.title == "44 activation regions (42 in this window)"
    assert found.complex.n_cells == 42


@pytest.mark.parametrize("source", [resonance(3), braid(3)])
def test_three_inputs(source: Any, tmp_path: Any) -> None:
    figure = region_figure(certificate(source))
    figure.canvas.draw()
    surface, exploded = (axes for axes in figure.axes if axes.name == "3d")
    found = region_map(certificate(source))
    assert len(exploded.collections[0].get_paths()) > len(surface.collections[0].get_paths())
    assert found.complex.n_cells == {7: 32, 3: 6}[source.n_forms]
    assert save_figure(figure, tmp_path / "space.png").stat().st_size > 1000


@pytest.mark.parametrize("domain", [Polyhedron.box([0, 0], [0, 1]), Polyhedron(((0, 0, -1),), 2)])
def test_an_empty_map_is_drawn_too(domain: Polyhedron) -> None:
    axes = region_figure(certificate(DIAMOND, domain)).axes[0]
    assert axes.get_title() == "0 activation regions"


def test_lines_only_have_a_map(tmp_path: Any) -> None:
    """Parallel lines: every cell contains a line, and there is no vertex at all."""
    figure = region_figure(certificate([(1, 1, 0), (1, 1, -1)]))
    assert figure.axes[0].get_title() == "3 activation regions"


def test_what_has_no_region_map() -> None:
    with pytest.raises(UnsupportedError, match="one, two or three dimensions"):
        region_figure(certificate(braid(4)))
    nothing = Certificate("no regions", (LinearSystemRecord("system", 1, (), (), ()),), ("system",))
    with pytest.raises(UnsupportedError, match="no region map"):
        region_figure(nothing)
