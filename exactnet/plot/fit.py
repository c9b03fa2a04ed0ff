"""Any number of features: target and output of every sample, for the optimum and the best other network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from exactnet.certificate.types import Certificate
from exactnet.plot.canvas import BLACK, BLUE, ORANGE, new_figure, tidy
from exactnet.plot.panels import approx_features, approx_outputs, approx_targets, shown
from exactnet.plot.records import findings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["fit_figure"]

STYLES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "marker": "o", "markersize": 4.0, "zorder": 3},
    {"markerfacecolor": "none", "markeredgecolor": ORANGE, "marker": "s", "markersize": 7.0, "zorder": 2},
)


def fit_figure(certificate: Certificate) -> Figure:
    """Samples in the order of target and fitted value; one mark a network, a short line for the target.

    Parameters
    ----------
    certificate : with bounds on a training optimum.

    Raises
    ------
    UnsupportedError
        The certificate has no such bounds.
    """
    found = findings(certificate)
    panels = shown(found)
    points, targets = approx_features(found), approx_targets(found)
    order = np.lexsort((approx_outputs(found, panels[-1], points), targets))
    across = np.arange(1, len(targets) + 1)
    figure = new_figure(7.5, 4.6)
    axes = figure.add_subplot()
    axes.hlines(targets[order], across - 0.5, across + 0.5, color=BLACK, linewidth=2, label="target")
    for panel, style in zip(reversed(panels), STYLES, strict=False):
        fitted = approx_outputs(found, panel, points)[order]
        axes.plot(across, fitted, linestyle="none", label=panel.title.replace("\n", ": "), **style)
    axes.set_xlabel("sample, in the order of target and fitted value")
    axes.set_ylabel("target and network output")
    tidy(axes)
    figure.legend(loc="outside lower center", frameon=False, fontsize=9)
    figure.suptitle(f"Fit of {len(targets)} samples with {found.n_features} features", fontsize=11)
    return figure
