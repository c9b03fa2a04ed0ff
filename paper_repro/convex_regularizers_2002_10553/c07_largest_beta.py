"""C07: from which weight decay on the zero network is optimal."""

from __future__ import annotations

from fractions import Fraction

from exactnet.certificate import Neuron
from exactnet.convex import TrainingProblem, TwoLayer, optimum
from exactnet.exact import norm_enclosure, sqrt_enclosure
from paper_repro.certificates import evaluated
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.plane import Vector, angles, dot, gradient, maximum
from paper_repro.registry import Finding, Statement

ABOVE, BELOW = Fraction("3.80788655294"), Fraction("3.80788655293")


def run() -> Finding:
    above, below = posed(FOUR_POINTS, ABOVE), posed(FOUR_POINTS, BELOW)
    square, u = steepest(above)
    zero = optimum(above)
    compared = evaluated(below, {"zero": TwoLayer(()), "other": one_neuron(below, u)})
    return Finding(
        {
            "smallest beta of the zero network": sqrt_enclosure(square),
            "its square": square,
            "optimum just above": zero.value.upper,
            "it is exact, and reached without neurons": zero.value.is_exact
            and not zero.value.network.neurons,
            "zero network just below": compared.value["zero"],
            "another network is better there": compared.value["other"] < compared.value["zero"],
        },
        (zero, compared),
    )


def steepest(problem: TrainingProblem) -> tuple[Fraction, Vector]:
    """The square of max |y'(Xu)_+| over ||u|| <= 1, and a direction u that reaches it."""
    candidates = []
    for angle in angles(problem):
        g = gradient(problem, angle, problem.targets)
        candidates += [maximum(angle, g), maximum(angle, tuple(-x for x in g))]
    return max(candidates)


def one_neuron(problem: TrainingProblem, u: Vector) -> TwoLayer:
    """The best network with one neuron of direction u, up to the rounding of square roots to 40 digits.

    With phi = (Xu)_+ and p = |a| c for the neuron (c u, a), the objective of balanced weights is
    1/2 ||y||^2 - p (|y.phi| - beta ||u||) + p^2/2 ||phi||^2.
    """
    phi = [max(dot(row, u), Fraction(0)) for row in problem.homogenised]
    slope, length = dot(problem.targets, phi), norm_enclosure(u, norm="l2", digits=40).midpoint
    p = (abs(slope) - problem.beta * length) / dot(phi, phi)
    c = sqrt_enclosure(p / length, digits=40).midpoint
    return TwoLayer((Neuron(tuple(c * x for x in u), (p if slope > 0 else -p) / c),))


STATEMENT = Statement(
    id="C07",
    title="the largest useful weight decay",
    area="convex",
    paper=PAPER,
    place="semi-infinite dual, optimality condition",
    statement="The zero network is optimal exactly when beta is at least the maximum of |y.(Xu)_+| over unit "
    "vectors u.",
    expected=(
        Digits("smallest beta of the zero network", "3.807886552932", Proof.EXACT),
        Exactly("its square", Fraction(29, 2), Proof.EXACT),
        Exactly("optimum just above", Fraction(25, 8)),
        Exactly("it is exact, and reached without neurons", True, Proof.EXACT),
        Exactly("zero network just below", Fraction(25, 8)),
        Exactly("another network is better there", True),
    ),
    origin="3.807886552932 by a float search over all directions, apart from this package; 29/2 by hand: it "
    "is the squared length of 2 (-1,-1) + 1/2 (1,-3), where samples 3 and 4 are active; 25/8 = 1/2 ||y||^2",
    method="Four points. The maximum is taken over both signs and every angular cell, where it is reached at "
    "the gradient or on a ray, so its square is rational. At 3.80788655294 the certificate proves that the "
    "optimum is that of the zero network; at 3.80788655293 it evaluates a network that is better.",
    run=run,
)
