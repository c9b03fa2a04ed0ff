"""The sentence of a comparison, and its rows as plain data. Bounds are rounded outward."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from exactnet.exact import decimal_text, format_rational, rational_text, round_down, round_up

if TYPE_CHECKING:
    from exactnet.crosscheck.comparison import Comparison, NetworkReport

__all__ = ["comparison_rows", "comparison_sentence"]

Gap = tuple[Fraction, Fraction, Fraction | None]  # at least, at most, relative at most

# a network this close, relatively, counts as having reached the optimum in the sentence
REACHED, _REACHED_TEXT = Fraction(1, 10**6), "1e-6"
_RELATIVE_DIGITS, _DIGITS = 2, 4
_LONGEST_FRACTION = 40


def comparison_sentence(gaps: Sequence[Gap], *, n_trained: int) -> str:
    """The verdict on all networks in one line.

    Parameters
    ----------
    gaps : (at least, at most, relative at most) of each network.
    n_trained : how many of them were trained here.

    Examples
    --------
    >>> third = Fraction(1, 3)
    >>> comparison_sentence([(third, third + Fraction(1, 100), third)], n_trained=0)
    "the network's objective exceeds the global optimum by at least 0.3333 and at most 0.3434"
    >>> near = (Fraction(0), Fraction(1, 10**8), Fraction(1, 10**8))
    >>> best, reached = comparison_sentence([near, (third, third, third)], n_trained=2).split("; ")
    >>> best
    'best of 2 trained networks is certified within 1.0e-8 (relative) of the global optimum'
    >>> reached
    '1 of 2 reach relative gap 1e-6'
    """
    least, most, relative = min(gaps, key=lambda gap: gap[1])
    if len(gaps) == 1:
        return _one(least, most)
    who = f"best of {len(gaps)} {'trained ' if n_trained == len(gaps) else ''}networks"
    if most == 0:
        verdict = f"{who} is a global optimum, exactly"
    elif relative is None:
        verdict = f"{who} is certified within {_at_most(most)} of the global optimum"
    else:
        share = _at_most(relative, digits=_RELATIVE_DIGITS)
        verdict = f"{who} is certified within {share} (relative) of the global optimum"
    n_reached = sum(gap[2] is not None and gap[2] <= REACHED for gap in gaps)
    return f"{verdict}; {n_reached} of {len(gaps)} reach relative gap {_REACHED_TEXT}"


def _one(least: Fraction, most: Fraction) -> str:
    if most == 0:
        return "the network is a global optimum, exactly"
    who = "the network's objective exceeds the global optimum by"
    if least == most and len(rational_text(most)) <= _LONGEST_FRACTION:
        return f"{who} exactly {format_rational(most)}"
    if least == 0:
        return f"{who} at most {_at_most(most)}"
    return f"{who} at least {_at_least(least)} and at most {_at_most(most)}"


def _at_most(q: Fraction, *, digits: int = _DIGITS) -> str:
    return decimal_text(round_up(q, digits=digits), digits=digits)


def _at_least(q: Fraction, *, digits: int = _DIGITS) -> str:
    return decimal_text(round_down(q, digits=digits), digits=digits)


def comparison_rows(comparison: Comparison) -> list[dict[str, str | int | float | None]]:
    """One row a network, in the order given, as plain data: exact numbers as "p/q", `approx_` as floats.

    Keys: label, objective, approx_objective, gap_lower, gap_upper, approx_gap_upper, relative_gap (an upper
    bound; None when the optimum may be 0), n_neurons, n_dead, n_on_walls, n_duplicates, n_mergeable (the
    last two: how many neurons would go).
    """
    return [_row(report) for report in comparison.reports]


def _row(report: NetworkReport) -> dict[str, str | int | float | None]:
    relative = report.relative_gap
    return {
        "label": report.label,
        "objective": rational_text(report.objective),
        "approx_objective": float(report.objective),
        "gap_lower": rational_text(report.gap_lower),
        "gap_upper": rational_text(report.gap_upper),
        "approx_gap_upper": float(report.gap_upper),
        "relative_gap": None if relative is None else rational_text(relative),
        "n_neurons": len(report.network.neurons),
        "n_dead": len(report.dead),
        "n_on_walls": len(report.on_walls),
        "n_duplicates": _n_spare(report.duplicates),
        "n_mergeable": _n_spare(report.mergeable),
    }


def _n_spare(groups: tuple[tuple[int, ...], ...]) -> int:
    return sum(len(group) - 1 for group in groups)
