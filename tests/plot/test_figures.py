"""Figures show what the certificate says: marks, lines and titles are read back from the drawn objects."""

from __future__ import annotations

import importlib.util
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from exactnet.certificate.types import Certificate, LinearSystemRecord
from exactnet.errors import UnsupportedError
from exactnet.plot import data_space_figure, fit_figure, gap_figure, save_figure


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _load("hand_made")
neuron, hand_made = made.neuron, made.hand_made

PLANE = [["0", "0"], ["1", "0"], ["0", "1"], ["1", "1"], ["1", "1"]]
PLANE_TARGETS = [-1, 1, 1, -1, -1]
DIAGONAL = neuron(1, 1, "-1/2", a=2)


def _texts(figure: Any) -> str:
    """Everything written on a figure, as one string."""
    from matplotlib.text import Text

    figure.canvas.draw()
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def _line(axes: Any, label: str) -> Any:
    return next(line for line in axes.lines if line.get_label() == label)


def _compared() -> Certificate:
    others = [
        ("seed_0", [DIAGONAL], "3/2", "1/2", "1/2"),
        ("seed_1", [DIAGONAL], "1", 0, 0),
        ("seed_2", [DIAGONAL], "5/4", 0, "1/4"),
    ]
    return hand_made(PLANE, PLANE_TARGETS, [DIAGONAL], others=others)


def test_gap_figure_tells_positive_open_and_zero_gaps_apart() -> None:
    figure = gap_figure(_compared())
    axes = figure.axes[0]
    assert list(_line(axes, "gap proved positive").get_xdata()) == [0.5]
    assert list(_line(axes, "at most this; may be zero").get_xdata()) == [0.25]
    assert len(_line(axes, "proved zero: a global optimum").get_xdata()) == 1
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["seed_1", "seed_2", "seed_0"]
    assert axes.get_xscale() == "log"


def test_gap_figure_names_the_optimum_and_the_width_of_its_enclosure() -> None:
    certificate = hand_made(
        PLANE,
        PLANE_TARGETS,
        [DIAGONAL],
        lower="1",
        upper="1025/1024",
        others=[("a", [DIAGONAL], 2, "1/10", "1/10")],
    )
    figure = gap_figure(certificate)
    assert list(_line(figure.axes[0], "width of the enclosure").get_xdata()) == [1 / 1024, 1 / 1024]
    assert "optimum 1, known to within 0.00098" in _texts(figure)
    assert "optimum 1, known exactly" in _texts(gap_figure(_compared()))


def test_gap_figure_with_only_zero_gaps_or_a_zero_optimum() -> None:
    zero = hand_made([["1"]], [0], [], lower=0, upper=0, others=[("only", [], 0, 0, 0)])
    figure = gap_figure(zero)
    assert "optimum 0, known exactly" in _texts(figure)


def test_gap_figure_drops_names_when_there_are_too_many() -> None:
    others = [(f"seed_{k}", [DIAGONAL], 2, 1, 1) for k in range(60)]
    figure = gap_figure(hand_made(PLANE, PLANE_TARGETS, [DIAGONAL], others=others))
    assert "60 networks, smallest gap first" in _texts(figure)


def test_map_has_the_same_window_in_both_panels_and_one_kink_line() -> None:
    figure = data_space_figure(_compared(), names=("length", "width"))
    trained, exact = figure.axes[:2]
    assert trained.get_xlim() == exact.get_xlim()
    assert trained.get_ylim() == exact.get_ylim()
    text = _texts(figure)
    for part in ("length", "width", "seed_1", "a global optimum", "known exactly", "kink line"):
        assert part in text


def test_the_decision_boundary_is_where_the_function_vanishes() -> None:
    # f = (x1 - 1/4)_+ - (-x1 + 1/4)_+ = x1 - 1/4
    pair = [neuron(1, 0, "-1/4", a=1), neuron(-1, 0, "1/4", a=-1)]
    figure = data_space_figure(hand_made(PLANE, PLANE_TARGETS, pair))
    from matplotlib.contour import ContourSet

    boundary = next(item for item in figure.axes[0].get_children() if isinstance(item, ContourSet))
    vertices = np.concatenate([path.vertices for path in boundary.get_paths()])
    assert np.allclose(vertices[:, 0], 0.25)


def test_repeated_samples_get_a_larger_mark_and_are_drawn_once() -> None:
    axes = data_space_figure(hand_made(PLANE, PLANE_TARGETS, [DIAGONAL])).axes[0]
    areas = sorted(float(mark.get_sizes()[0]) for mark in axes.collections if len(mark.get_offsets()) == 1)
    assert len(areas) == 4
    assert areas[-1] == 2 * areas[0]


def test_graph_of_one_feature_has_a_vertex_at_every_kink() -> None:
    certificate = hand_made([["-1"], ["0"], ["2"]], [1, 0, 1], [neuron(1, "-1/2", a=2), neuron(-1, 0, a=1)])
    axes = data_space_figure(certificate, names=("x",)).axes[0]
    graph = max(axes.lines, key=lambda line: len(line.get_xdata()))
    at = dict(zip(graph.get_xdata(), graph.get_ydata(), strict=True))
    assert at[0.5] == 0
    assert at[0.0] == 0
    assert len(at) == 4
    assert axes.get_xlabel() == "x"


def test_graph_without_bias_has_its_kink_at_the_origin() -> None:
    certificate = hand_made([["-1"], ["1"]], [1, 2], [neuron(1, a=1)], bias="none")
    axes = data_space_figure(certificate).axes[0]
    assert 0.0 in axes.lines[0].get_xdata()


@pytest.mark.parametrize(
    ("features", "targets", "neurons"),
    [
        pytest.param([["1", "1"]], [0], [], id="one sample, zero network, zero target"),
        pytest.param([["1", "1"], ["1", "1"]], [2, 2], [neuron(0, 0, 1, a=2)], id="only a bias"),
        pytest.param([["0", "0"], ["0", "0"]], [1, 2], [DIAGONAL, DIAGONAL], id="zero rows, a neuron twice"),
        pytest.param([["1"]], [3], [neuron(0, 0, a=0)], id="one point, a dead neuron"),
        pytest.param([["1"], ["1"]], [1, 5], [neuron("1/3", "-1/7", a=0)], id="two targets at one point"),
    ],
)
def test_degenerate_data_are_drawn(tmp_path: Path, features: Any, targets: Any, neurons: Any) -> None:
    certificate = hand_made(features, targets, neurons)
    for number, figure in enumerate([data_space_figure(certificate), fit_figure(certificate)]):
        assert save_figure(figure, tmp_path / f"{number}.png").stat().st_size > 5000


def test_fit_shows_every_sample_of_data_with_many_features() -> None:
    certificate = hand_made([["1", "2", "3"], ["0", "0", "1"]], [1, 2], [neuron(0, 0, 1, 0, a=1)])
    figure = fit_figure(certificate)
    marks = max(figure.axes[0].lines, key=lambda line: len(line.get_xdata()))
    assert sorted(marks.get_ydata()) == [1.0, 3.0]


def test_errors_say_what_is_supported() -> None:
    wide = hand_made([["1", "2", "3"]], [1], [neuron(1, 1, 1, 1, a=1)])
    with pytest.raises(UnsupportedError, match="3 features"):
        data_space_figure(wide)
    with pytest.raises(UnsupportedError, match="compares no networks"):
        gap_figure(wide)
    system = LinearSystemRecord("system", 1, ((Fraction(1),),), ("<=",), (Fraction(0),))
    with pytest.raises(UnsupportedError, match="no figure belongs"):
        fit_figure(Certificate("a linear system", (system,), ("system",)))


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_the_ending_of_the_path_chooses_the_format(tmp_path: Path, ending: str) -> None:
    path = save_figure(gap_figure(_compared()), tmp_path / f"figure.{ending}")
    assert path.read_bytes()[:4] in (b"\x89PNG", b"%PDF", b"<?xm")
