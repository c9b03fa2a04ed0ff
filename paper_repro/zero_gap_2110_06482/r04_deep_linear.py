"""R04: deep linear networks: the least weight decay of a product."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex.variants import GroupProgram, group_program, minimum_of
from exactnet.convex.variants.group_program import triangle
from exactnet.exact import Interval
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.zero_gap_2110_06482 import PAPER

SINGULAR = (Fraction(2), Fraction(1))
VALUES = {2: "3.0000000000", 3: "3.8811015780", 4: "4.8284271247"}


def run() -> Finding:
    nuclear = minimum_of(nuclear_norm(SINGULAR))
    closed = {depth: closed_form(depth) for depth in VALUES}
    reached = {depth: factors_cost(depth) for depth in VALUES}
    return Finding(
        {
            "two layers, as a semidefinite programme": nuclear.value.interval,
            **{f"closed form, L = {depth}": value for depth, value in closed.items()},
            "rational factors reach the closed form": all(
                0 <= reached[depth] - closed[depth].lower < Fraction(1, 10**12) for depth in VALUES
            ),
        },
        (nuclear,),
    )


def nuclear_norm(diagonal: tuple[Fraction, ...]) -> GroupProgram:
    """The least 1/2 (tr W_1 + tr W_2) with [[W_1, Y], [Y', W_2]] semidefinite, Y diagonal."""
    k = len(diagonal)
    places = triangle(2 * k)
    variable = {place: j for j, place in enumerate(places)}
    fixed = {(i, k + j): diagonal[i] if i == j else Fraction(0) for i in range(k) for j in range(k)}
    return group_program(
        len(places),
        cost={variable[i, i]: Fraction(1, 2) for i in range(2 * k)},
        equal=[{variable[place]: 1} for place in fixed],
        level=list(fixed.values()),
        semidefinite=[[{variable[place]: 1} for place in places]],
    )


def closed_form(depth: int) -> Interval:
    """(L / 2) sum sigma^(2 / L)."""
    half = Fraction(depth, 2)
    return sum((_root(sigma**2, depth) for sigma in SINGULAR), Interval(0)) * half


def factors_cost(depth: int) -> Fraction:
    """1/2 sum_l |W_l|^2 for diagonal W_l of product diag(2, 1): L - 1 rounded roots, and what is left."""
    total = Fraction(0)
    for sigma in SINGULAR:
        root = _root(sigma, depth).upper
        total += (depth - 1) * root**2 + (sigma / root ** (depth - 1)) ** 2
    return total / 2


def _root(x: Fraction, degree: int) -> Interval:
    """The root of that degree, to 30 decimals, by bisection of integers."""
    scale = 10**30
    goal = x * scale**degree
    low, high = 0, scale * (1 + int(x))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**degree <= goal else (low, middle)
    exact = low**degree == goal
    return Interval(Fraction(low, scale), Fraction(low if exact else high, scale))


STATEMENT = Statement(
    id="R04",
    title="deep linear networks",
    area="convex",
    paper=PAPER,
    place="standard deep linear networks",
    statement="The least 1/2 sum_l |W_l|^2 over products W_1 .. W_L = Y is (L / 2) sum sigma_i(Y)^(2 / L). "
    "For L = 2 this is the nuclear norm, a convex function; for L >= 3 it is not convex, hence a duality "
    "gap.",
    expected=(
        Digits("two layers, as a semidefinite programme", "3.0000000000"),
        *(Digits(f"closed form, L = {depth}", text, Proof.EXACT) for depth, text in VALUES.items()),
        Exactly("rational factors reach the closed form", True, Proof.EXACT),
    ),
    origin="the inequality of arithmetic and geometric means for the singular values; minimisation over "
    "factors in floats, apart from this package",
    method="Y = diag(2, 1). For L = 2 both bounds are certified. For L = 3 and 4 rational factors come as "
    "near to the closed form as one likes, in exact arithmetic; that nothing is below it is the theorem and "
    "has no certificate.",
    run=run,
)
