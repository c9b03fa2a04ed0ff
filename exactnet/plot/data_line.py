"""One feature: the graphs of the trained network and of the optimum, with their kinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from exactnet.certificate.types import Neuron
from exactnet.plot.canvas import BLACK, BLUE, GREY, ORANGE, new_figure, tidy
from exactnet.plot.panels import Panel, approx_features, approx_outputs, approx_targets, shown, window
from exactnet.plot.records import Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["graph_figure"]

# the optimum is a thin line over the wide trained one: where they agree, both stay visible
STYLES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": "solid", "linewidth": 1.8, "zorder": 3},
    {"color": ORANGE, "linestyle": "solid", "linewidth": 5.0, "zorder": 2},
)


def graph_figure(found: Findings, name: str) -> Figure:
    """The graphs of the networks over the only feature, a tick at each kink."""
    figure = new_figure(7.0, 4.6)
    axes = figure.add_subplot()
    x, y = approx_features(found)[:, 0], approx_targets(found)
    for panel, style in zip(reversed(shown(found)), STYLES, strict=False):
        _draw_graph(axes, found, panel, window(x), style)
    axes.plot(x, y, "o", color=BLACK, label=f"{len(x)} samples")
    axes.plot([], [], "|", color=GREY, markersize=10, label="kink of a neuron")
    axes.set_xlabel(name)
    axes.set_ylabel("target and network output")
    tidy(axes)
    figure.legend(loc="outside lower center", frameon=False, fontsize=9)
    figure.suptitle(
        "The trained function and the global optimum" if found.best else "The global optimum", fontsize=11
    )
    return figure


def _draw_graph(
    axes: Axes, found: Findings, panel: Panel, ends: tuple[float, float], style: dict[str, Any]
) -> None:
    kinks = _kink_points(panel.neurons, ends)
    # between its kinks the function is affine: these points are the whole graph
    at = np.array(sorted({*ends, *kinks}))
    values = approx_outputs(found, panel, at[:, None])
    axes.plot(at, values, alpha=0.9, label=panel.title.replace("\n", ": "), **style)
    inner = np.isin(at, kinks)
    axes.plot(at[inner], values[inner], "|", color=style["color"], markersize=14, markeredgewidth=1.5)


def _kink_points(neurons: tuple[Neuron, ...], ends: tuple[float, float]) -> list[float]:
    """Where w x + b = 0, inside the window; without a bias that is the origin."""
    points = set()
    for neuron in neurons:
        w, b = neuron.u[0], neuron.u[1] if len(neuron.u) > 1 else 0
        if w and neuron.a and ends[0] < -b / w < ends[1]:
            points.add(float(-b / w))
    return sorted(points)
