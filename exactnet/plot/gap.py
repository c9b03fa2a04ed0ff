"""The certified gap of every compared network: how far each is above the global optimum, on a log scale."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from exactnet.certificate.types import Certificate
from exactnet.errors import UnsupportedError
from exactnet.plot.canvas import BLUE, GREY, ORANGE, VERMILION, interval_text, new_figure, short, tidy
from exactnet.plot.records import Findings, Measured, findings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["gap_figure"]

# more names than this on one axis cannot be read
MOST_LABELS = 40
# a width of the enclosure further than this factor below the gaps is not drawn
NEAR = 1000


def gap_figure(certificate: Certificate) -> Figure:
    """One row a network, sorted by its certified gap (objective minus optimum).

    A filled dot is a gap proved to be positive, its line the interval that was proved. A hollow arrow
    is a gap that may be zero: only an upper bound is known, since the gap is below the width of the
    enclosure of the optimum. A square on the left edge is a gap proved to be zero.

    Parameters
    ----------
    certificate : of a comparison: gap records against one optimum.

    Raises
    ------
    UnsupportedError
        The certificate compares no networks.
    """
    found = findings(certificate)
    if not found.networks:
        raise UnsupportedError(
            "there is no gap to draw: the certificate compares no networks",
            hint="make one with `exactnet crosscheck`",
        )
    networks = sorted(found.networks, key=lambda network: (network.gap_upper, network.label))
    figure = new_figure(7.5, 2.2 + 0.24 * min(len(networks), MOST_LABELS))
    axes = figure.add_subplot()
    _draw_rows(axes, networks, ends=_range(found))
    _draw_resolution(axes, found)
    _label(axes, found, networks)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    figure.suptitle(
        f"Trained networks above the global optimum\noptimum {interval_text(found.lower, found.upper)}",
        fontsize=11,
    )
    return figure


def _range(found: Findings) -> tuple[float, float]:
    """The ends of the log axis: room around every positive end of a gap, two decades at least."""
    ends = [float(end) for network in found.networks for end in (network.gap_lower, network.gap_upper)]
    positive = [end for end in ends if end > 0] or [1.0]
    low, high = min(positive), max(positive)
    width = float(found.upper - found.lower)
    if low / NEAR < width < low:
        low = width
    return min(low / 3, high / 100), high * 2


def _draw_rows(axes: Axes, networks: list[Measured], *, ends: tuple[float, float]) -> None:
    """One mark a network, by what is proved about its gap."""
    lows = [float(network.gap_lower) for network in networks]
    highs = [float(network.gap_upper) for network in networks]
    proved = [row for row, network in enumerate(networks) if network.gap_lower > 0]
    zero = [row for row, network in enumerate(networks) if network.gap_upper == 0]
    rest = [row for row in range(len(networks)) if row not in proved and row not in zero]
    if proved:
        at = [highs[row] for row in proved]
        axes.hlines(proved, [lows[row] for row in proved], at, color=BLUE, linewidth=2.5)
        axes.plot(at, proved, "o", color=BLUE, label="gap proved positive")
    if rest:
        at = [highs[row] for row in rest]
        axes.hlines(rest, ends[0], at, color=ORANGE, linewidth=1.2, linestyle="dotted")
        axes.plot(at, rest, "<", markerfacecolor="white", color=ORANGE, label="at most this; may be zero")
    if zero:
        edge = [ends[0]] * len(zero)
        axes.plot(edge, zero, "s", color=VERMILION, clip_on=False, label="proved zero: a global optimum")
    axes.set_xscale("log")
    axes.set_xlim(*ends)


def _draw_resolution(axes: Axes, found: Findings) -> None:
    """The width of the enclosure, where it is near the gaps; else the title says it."""
    width, left = float(found.upper - found.lower), _range(found)[0]
    if width > left:
        axes.axvline(width, color=GREY, linestyle="dashed", linewidth=1, label="width of the enclosure")


def _label(axes: Axes, found: Findings, networks: list[Measured]) -> None:
    if len(networks) <= MOST_LABELS:
        axes.set_yticks(range(len(networks)), [network.label for network in networks])
    else:
        axes.set_yticks([])
        axes.set_ylabel(f"{len(networks)} networks, smallest gap first")
    axes.set_ylim(len(networks) - 0.3, -0.7)
    axes.set_xlabel(f"objective minus optimum (best network: objective {short(_best(found).objective)})")
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    tidy(axes)
    if found.upper > 0:
        scale = float(found.upper)
        top = axes.secondary_xaxis("top", functions=(partial(_times, 1 / scale), partial(_times, scale)))
        top.set_xlabel("divided by the optimum", fontsize=9)
        top.tick_params(labelsize=9)


def _times(scale: float, values: Any) -> Any:
    return values * scale


def _best(found: Findings) -> Measured:
    assert found.best is not None
    return found.best
