"""What the figures over the data share: which networks are shown, their titles, the data as floats."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Neuron
from exactnet.plot.canvas import interval_text, short, small
from exactnet.plot.records import Findings, Measured

__all__ = [
    "Floats",
    "Panel",
    "approx_features",
    "approx_outputs",
    "approx_targets",
    "homogenise",
    "shown",
    "window",
]

MARGIN = 0.12

Floats = NDArray[np.float64]


class Panel(NamedTuple):
    """One network to draw, with its title."""

    title: str
    neurons: tuple[Neuron, ...]
    t: Fraction


def shown(found: Findings) -> list[Panel]:
    """The best compared network, if there is one, then the optimum, so that the eye ends on the optimum."""
    panels = [Panel(f"global optimum\n{interval_text(found.lower, found.upper)}", found.neurons, found.t)]
    if found.best is not None:
        panels.insert(0, Panel(_trained_title(found.best), found.best.neurons, found.best.t))
    return panels


def _trained_title(best: Measured) -> str:
    gap = f"gap at most {small(best.gap_upper)}" if best.gap_upper else "a global optimum"
    return f"best compared network ({best.label})\nobjective {short(best.objective)}, {gap}"


def approx_features(found: Findings) -> Floats:
    """The features as floats, n x d."""
    return np.array([[float(value) for value in row] for row in found.problem.features])


def approx_targets(found: Findings) -> Floats:
    """The targets as floats, n."""
    return np.array([float(value) for value in found.problem.targets])


def homogenise(found: Findings, points: Floats) -> Floats:
    """The points (k x d) with a last column of ones when the problem has a hidden bias."""
    if found.problem.bias == "none":
        return points
    return np.column_stack([points, np.ones(len(points))])


def window(values: Floats) -> tuple[float, float]:
    """The range of an axis: the values and a margin."""
    low, high = float(values.min()), float(values.max())
    pad = MARGIN * (high - low) or 1.0
    return low - pad, high + pad


def approx_outputs(found: Findings, panel: Panel, points: Floats) -> Floats:
    """Float outputs of a network at k points (k x d), for drawing only."""
    rows = homogenise(found, points)
    outputs = np.full(len(rows), float(panel.t))
    for neuron in panel.neurons:
        outputs += float(neuron.a) * np.maximum(rows @ np.array([float(value) for value in neuron.u]), 0.0)
    return outputs
