"""R08: fewer patterns can only cost more, and two good ones are enough here."""

from __future__ import annotations

from itertools import combinations

from exactnet.convex import activation_patterns
from exactnet.convex.variants.cells import relu_program
from exactnet.exact import Interval
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import Digits, Exactly
from paper_repro.fast_convex_2202_01331 import PAPER
from paper_repro.registry import Finding, Statement
from paper_repro.variants import intervals, minima

# the best and the worst choice of so many patterns
VALUES = {
    1: ("1.63819154", "2.93298374"),
    2: ("1.07377018", "2.72454774"),
    3: ("1.07377018", "2.63159054"),
}


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    patterns = activation_patterns(problem)
    chosen = [subset for size in VALUES for subset in combinations(patterns, size)]
    programs = {" ".join(subset): relu_program(problem, patterns=subset) for subset in chosen}
    results = minima({"all": relu_program(problem), **programs})
    found = intervals(results)
    best, worst = {}, {}
    for size in VALUES:
        group = [found[" ".join(subset)] for subset in chosen if len(subset) == size]
        best[size] = Interval(min(x.lower for x in group), min(x.upper for x in group))
        worst[size] = Interval(max(x.lower for x in group), max(x.upper for x in group))
    return Finding(
        {
            **{f"best of {size}": value for size, value in best.items()},
            **{f"worst of {size}": value for size, value in worst.items()},
            "no choice is below all patterns": all(
                value.upper >= found["all"].lower for value in found.values()
            ),
            "choices": len(chosen),
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="R08",
    title="sampled patterns",
    area="convex",
    paper=PAPER,
    place="programme over a subset of patterns",
    statement="The programme over some of the patterns has a minimum at least as large as the one over all. "
    "For the four points and beta = 1/2, one pattern is not enough, two well-chosen ones are.",
    expected=(
        *(Digits(f"best of {size}", low) for size, (low, _) in VALUES.items()),
        *(Digits(f"worst of {size}", high) for size, (_, high) in VALUES.items()),
        Exactly("no choice is below all patterns", True),
        Exactly("choices", 8 + 28 + 56),
    ),
    origin="interior-point solutions of all these programmes, apart from this package",
    method="Every one of the 92 programmes is enclosed by a rational point and a rational dual vector.",
    run=run,
)
