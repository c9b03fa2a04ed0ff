"""C20: with weight decay wedge products of samples are nearly enough: the gap and a bound for it."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex import TrainingProblem, optimum, wedge_dictionary
from exactnet.convex.patterns import activation_patterns
from exactnet.convex.variants import minimum_of
from exactnet.convex.variants.vector_output import extreme_rays
from exactnet.convex.variants.wedge_l2 import wedge_program
from exactnet.exact import Interval, sqrt_enclosure
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.data import FOUR_POINTS, SPACE, TWELVE_DIGITS, Data, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.variants import quotient

CASES: dict[str, tuple[Data, str, str, str]] = {
    "four points, beta = 1/10": (FOUR_POINTS, "1/10", "none", "0.238967477525"),
    "four points, beta = 1/2": (FOUR_POINTS, "1/2", "none", "1.073935688187"),
    "four points, beta = 1": (FOUR_POINTS, "1", "none", "1.91037"),
    "three features, beta = 1/2": (SPACE, "1/2", "none", "1.5148019422"),
    "four points, free bias, beta = 1/10": (FOUR_POINTS, "1/10", "free", "0.1738248627"),
    "four points, free bias, beta = 1/2": (FOUR_POINTS, "1/2", "free", "0.775310080"),
}


def run() -> Finding:
    problems = {name: posed(data, beta, bias=bias) for name, (data, beta, bias, _) in CASES.items()}
    wedges = {
        name: minimum_of(wedge_program(problem, wedge_dictionary(problem, axes=False)))
        for name, problem in problems.items()
    }
    best = {name: optimum(problem, gap=TWELVE_DIGITS) for name, problem in problems.items()}
    ratios = {
        name: quotient(wedges[name].value.interval, Interval(best[name].value.lower, best[name].value.upper))
        for name in CASES
    }
    bound = chamber_bound(problems["four points, beta = 1"])
    planar = [ratios[f"four points, beta = {beta}"] for beta in ("1/10", "1/2", "1")]
    return Finding(
        {
            **{f"wedges, {name}": result.value.interval for name, result in wedges.items()},
            "ratio, four points, beta = 1": ratios["four points, beta = 1"],
            "chamber bound, four points": bound,
            "every planar ratio keeps the bound": all(ratio.certainly_below(bound) for ratio in planar),
            "no ratio is below 1": all(ratio.upper >= 1 for ratio in ratios.values()),
            "some ratios are above 1": sum(ratio.certainly_above(1) for ratio in ratios.values()),
        },
        (*wedges.values(), *best.values()),
    )


def chamber_bound(problem: TrainingProblem) -> Interval:
    """1 / cos(theta / 2) = sqrt(2 / (1 + cos theta)) with the largest angle theta of a planar cell."""
    bounds = []
    for pattern in activation_patterns(problem):
        (a, b), (c, d) = extreme_rays(problem, pattern)
        cosine = sqrt_enclosure(Fraction((a * c + b * d) ** 2, (a * a + b * b) * (c * c + d * d)))
        if a * c + b * d < 0:
            cosine = -cosine
        squares = (2 / (1 + cosine.upper), 2 / (1 + cosine.lower))
        bounds.append(Interval(sqrt_enclosure(squares[0]).lower, sqrt_enclosure(squares[1]).upper))
    return max(bounds, key=lambda bound: bound.upper)


STATEMENT = Statement(
    id="C20",
    title="weight decay: wedge products come near",
    area="convex",
    paper=PAPER,
    place="approximation for the l2 norm",
    statement="With weight decay the Lasso over wedge products of samples is an upper bound of training. In "
    "the plane the quotient is at most 1 / cos(theta / 2), where theta is the largest angle of a cell.",
    expected=(
        *(Digits(f"wedges, {name}", text) for name, (*_, text) in CASES.items()),
        Digits("ratio, four points, beta = 1", "1.00885"),
        Digits("chamber bound, four points", "1.41421", Proof.EXACT),
        Exactly("every planar ratio keeps the bound", True),
        Exactly("no ratio is below 1", True),
        Exactly("some ratios are above 1", 5),
    ),
    origin="interior-point solutions of the Lasso and of training, apart from this package; the bound by "
    "the angle is our own sharpening of the paper's bound by the diameter of the cells; the largest angle "
    "here is a right one, between rays orthogonal to (2, 1) and (-1, 2)",
    method="The columns have irrational lengths; each Lasso is written with the norms of rational vectors "
    "and enclosed by a rational point and a rational dual vector, training by its own certificate. That a "
    "ratio of the first case is 1 is proved to twelve digits only.",
    run=run,
)
