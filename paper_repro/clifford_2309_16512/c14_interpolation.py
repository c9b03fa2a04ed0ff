"""C14: the cheapest interpolation of one feature costs the variation of the slopes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from exactnet.certificate import minimum
from exactnet.exact import LinearSystem
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.clifford_2309_16512.ramps import ramps
from paper_repro.data import BOUNCE, STAIRS, ZSHAPE, Data, posed
from paper_repro.expectation import Exactly
from paper_repro.registry import Finding, Statement

CASES: dict[str, tuple[Data, Fraction]] = {
    "z shape": (ZSHAPE, Fraction(3, 2)),
    "bounce": (BOUNCE, Fraction(4)),
    "stairs": (STAIRS, Fraction(2)),
}


def run() -> Finding:
    ramp_lps, slope_lps = {}, {}
    for name, (data, _) in CASES.items():
        problem = posed(data, 1, bias="free")
        samples = [row[0] for row in problem.features.rows()]
        ramp_lps[name] = minimum(*cheapest_ramps(ramps(problem), problem.targets))
        slope_lps[name] = minimum(*variation(slopes(samples, problem.targets)))
    return Finding(
        {
            **{f"ramps, {name}": _value(lp.value.value) for name, lp in ramp_lps.items()},
            **{f"slopes, {name}": _value(lp.value.value) for name, lp in slope_lps.items()},
        },
        (*ramp_lps.values(), *slope_lps.values()),
    )


def _value(value: Fraction | None) -> Fraction | str:
    return "no minimum" if value is None else value


def slopes(samples: Sequence[Fraction], targets: Sequence[Fraction]) -> list[Fraction]:
    """Slopes of the line through the points, which come in increasing order."""
    points = list(zip(samples, targets, strict=True))
    return [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(points)]


def cheapest_ramps(
    columns: Sequence[Sequence[Fraction]], targets: Sequence[Fraction]
) -> tuple[LinearSystem, list[int]]:
    """Minimise sum(p + q) over K (p - q) + t 1 = y with p, q >= 0."""
    p = len(columns)
    rows = [[Fraction(-(i == j)) for j in range(2 * p + 1)] for i in range(2 * p)]
    rows += [[*(c[i] for c in columns), *(-c[i] for c in columns), Fraction(1)] for i in range(len(targets))]
    relations = ["<="] * (2 * p) + ["="] * len(targets)
    rhs = [Fraction(0)] * (2 * p) + list(targets)
    return LinearSystem(rows, relations, rhs), [1] * (2 * p) + [0]


def variation(steps: Sequence[Fraction]) -> tuple[LinearSystem, list[int]]:
    """Minimise max(|s_1 - a| + total variation + |b - s_last|, |a + b|) over a, b, as a linear programme.

    Variables a, b, p >= |s_1 - a|, q >= |b - s_last|, m >= p + q + variation, m >= |a + b|.
    """
    total = sum((abs(y - x) for x, y in pairwise(steps)), Fraction(0))
    first, last = steps[0], steps[-1]
    rows = [
        ([-1, 0, -1, 0, 0], -first),
        ([1, 0, -1, 0, 0], first),
        ([0, 1, 0, -1, 0], last),
        ([0, -1, 0, -1, 0], -last),
        ([0, 0, 1, 1, -1], -total),
        ([1, 1, 0, 0, -1], Fraction(0)),
        ([-1, -1, 0, 0, -1], Fraction(0)),
    ]
    return LinearSystem([row for row, _ in rows], ["<="] * 7, [b for _, b in rows]), [0, 0, 0, 0, 1]


STATEMENT = Statement(
    id="C14",
    title="one feature: the cheapest interpolation",
    area="convex",
    paper=PAPER,
    place="one-dimensional data, no regularisation",
    statement="Among the sums of ramps at samples and a constant that interpolate the data, with slopes "
    "s_1, s_2, .. of the line through the points, the least l1 norm is the minimum over a and b of max(|s_1 "
    "- a| + sum |s_(k+1) - s_k| + |b - s_last|, |a + b|).",
    expected=(
        *(Exactly(f"ramps, {name}", value) for name, (_, value) in CASES.items()),
        *(Exactly(f"slopes, {name}", value) for name, (_, value) in CASES.items()),
    ),
    origin="the formula is our own, tried on random data apart from this package; the values follow from it "
    "by hand, the samples are those of the notebooks of arXiv 2403.01046",
    method="Both sides are linear programmes, and the checker proves both minima by multipliers.",
    run=run,
)
