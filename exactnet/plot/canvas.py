"""The look shared by all figures: colours, sizes, numbers, saving; no pyplot, no global state."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from exactnet.exact import decimal_text, rational_text, round_up

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLACK",
    "BLUE",
    "GREY",
    "ORANGE",
    "SKY",
    "VERMILION",
    "interval_text",
    "is_brief",
    "label",
    "new_figure",
    "save_figure",
    "short",
    "small",
    "tidy",
]

# Okabe and Ito's palette: told apart by every kind of colour vision
BLACK, GREY, BLUE, SKY, ORANGE, VERMILION = "#000000", "#767676", "#0072B2", "#56B4E9", "#E69F00", "#D55E00"

DOTS_PER_INCH = 150
DIGITS = 8
LONGEST_LABEL = 8


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of that many inches, laid out so that nothing overlaps."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes) -> None:
    """Remove the frame lines that carry no information."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure; the ending (.png, .pdf, .svg) chooses the format. Returns the path."""
    target = Path(path)
    figure.savefig(target, dpi=DOTS_PER_INCH)
    return target


def short(value: Fraction) -> str:
    """The first digits of a value for a label; "..." says that more follow."""
    text = decimal_text(value, digits=DIGITS)
    if Fraction(text) != value:
        return f"{text}..."
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def is_brief(value: Fraction) -> bool:
    """Whether the exact value fits into a label; those of trained networks have dozens of digits."""
    return len(rational_text(value)) <= LONGEST_LABEL


def label(value: Fraction) -> str:
    """The exact value if it is brief, else three digits."""
    return rational_text(value) if is_brief(value) else decimal_text(value, digits=3)


def small(value: Fraction) -> str:
    """An upper bound of a small value, two digits, rounded up."""
    return decimal_text(round_up(value, digits=2), digits=2)


def interval_text(lower: Fraction, upper: Fraction) -> str:
    """The optimum for a title: its first digits, and how well it is known."""
    if lower == upper:
        return f"{short(lower)}, known exactly"
    return f"{short(lower)}, known to within {small(upper - lower)}"
