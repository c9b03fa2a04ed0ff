"""Two features: maps of the trained network and of the optimum, side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from exactnet.certificate.types import Neuron
from exactnet.plot.canvas import BLACK, BLUE, GREY, SKY, new_figure
from exactnet.plot.panels import Floats, Panel, approx_features, approx_outputs, approx_targets, shown, window
from exactnet.plot.records import Findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["map_figure"]

GRID = 301
MARK_AREA = 26.0
FAINTEST = 0.1

Line = tuple[Fraction, Fraction, Fraction]

Windows = tuple[tuple[float, float], tuple[float, float]]


def map_figure(found: Findings, names: tuple[str, ...]) -> Figure:
    """One map a network: shade, decision boundary, kink lines, samples; the same axes and colours in each."""
    panels = shown(found)
    figure = new_figure(5.0 * len(panels) + 0.6, 5.2)
    grid_axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    points, targets = approx_features(found), approx_targets(found)
    windows = window(points[:, 0]), window(points[:, 1])
    reach = float(np.abs(targets).max()) or 1.0
    shade: Any = None
    for axes, panel in zip(grid_axes, panels, strict=True):
        shade = _draw_values(axes, _grid_values(found, panel, windows), windows, reach)
        _draw_kinks(axes, panel.neurons)
        _draw_samples(axes, points, targets, reach)
        axes.set(xlim=windows[0], ylim=windows[1], xlabel=names[0])
        axes.set_title(panel.title, fontsize=10)
        axes.tick_params(labelsize=9)
    grid_axes[0].set_ylabel(names[1])
    figure.colorbar(shade, ax=list(grid_axes), label="network output; samples: target", extend="both")
    handles, labels = grid_axes[-1].get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=2 * len(panels), frameon=False, fontsize=9
    )
    return figure


def _grid_values(found: Findings, panel: Panel, windows: Windows) -> Floats:
    across, up = (np.linspace(*ends, GRID) for ends in windows)
    points = np.column_stack([axis.ravel() for axis in np.meshgrid(across, up)])
    return approx_outputs(found, panel, points).reshape(GRID, GRID)


def _colours() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("targets", [BLUE, SKY, "#ffffff", "#F3C975", "#B87700"])


def _draw_values(axes: Axes, values: Floats, windows: Windows, reach: float) -> Any:
    """Shade the output and draw the decision boundary where it changes sign."""
    across, up = (np.linspace(*ends, GRID) for ends in windows)
    shade = axes.imshow(
        values,
        extent=(*windows[0], *windows[1]),
        origin="lower",
        aspect="auto",
        cmap=_colours(),
        vmin=-reach,
        vmax=reach,
        alpha=0.55,
    )
    if values.min() < 0 < values.max():
        axes.contour(across, up, values, levels=[0.0], colors=BLACK, linewidths=2)
        axes.plot([], [], color=BLACK, linewidth=2, label="decision boundary f = 0")
    return shade


def _draw_kinks(axes: Axes, neurons: tuple[Neuron, ...]) -> None:
    """The line u.z = 0 of every neuron that takes part; the smaller its part, the fainter the line."""
    parts: defaultdict[Line, float] = defaultdict(float)
    for neuron in neurons:
        if neuron.a and any(neuron.u[:2]):
            parts[_line(neuron)] += float(abs(neuron.a) * sum(map(abs, neuron.u)))
    for (w1, w2, b), part in parts.items():
        opacity = FAINTEST + (0.7 - FAINTEST) * (part / max(parts.values())) ** 0.5
        look: dict[str, Any] = {"color": BLACK, "linestyle": "dashed", "linewidth": 1.1, "alpha": opacity}
        if w2:
            axes.axline((0.0, float(-b / w2)), slope=float(-w1 / w2), **look)
        else:
            axes.axvline(float(-b / w1), **look)
    if parts:
        axes.plot([], [], color=GREY, linestyle="dashed", label="kink line of a neuron (faint: small)")


def _line(neuron: Neuron) -> Line:
    """The kink line w1 x1 + w2 x2 + b = 0, scaled so that neurons sharing a line draw it once."""
    w1, w2, b = (*neuron.u, Fraction(0))[:3]
    lead = w1 or w2
    return w1 / lead, w2 / lead, b / lead


def _draw_samples(axes: Axes, points: Floats, targets: Floats, reach: float) -> None:
    """Samples coloured by target; two-valued targets get two shapes; repeated samples a larger mark."""
    values = sorted(set(targets.tolist()))
    shapes = dict(zip(values, "o^", strict=False)) if len(values) == 2 else dict.fromkeys(values, "o")
    counts = Counter(
        (*point, target) for point, target in zip(points.tolist(), targets.tolist(), strict=True)
    )
    note = " (larger: repeated)" if max(counts.values()) > 1 else ""
    look: dict[str, Any] = {"edgecolors": BLACK, "linewidths": 0.8, "zorder": 3}
    colours = _colours()((np.array([key[2] for key in counts]) / reach + 1) / 2)
    for ((x, y, target), count), colour in zip(counts.items(), colours, strict=True):
        axes.scatter([x], [y], s=MARK_AREA * count, color=[colour], marker=shapes[target], **look)
    for value, shape in shapes.items() if len(values) == 2 else [(0.0, "o")]:
        label = f"target {value:g}{note}" if len(values) == 2 else f"samples{note}"
        colour = _colours()((value / reach + 1) / 2)
        axes.scatter([], [], s=MARK_AREA, color=[colour], marker=shape, label=label, **look)
