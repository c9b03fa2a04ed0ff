"""C01: how many activation patterns a data set has."""

from __future__ import annotations

from math import comb

from exactnet.convex import TrainingProblem, activation_patterns
from exactnet.exact import RationalMatrix, rank
from paper_repro.certificates import counted_patterns
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import FOUR_POINTS, XOR, Data, posed
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

# (n, d) of data in general position, and the count of the formula
GENERAL = {(5, 2): 10, (6, 3): 32, (7, 3): 44, (7, 4): 84, (8, 2): 16, (20, 3): 382}
PATTERNS_OF_FOUR_POINTS = "0011 0100 0110 0111 1000 1001 1011 1100"


def formula(n: int, r: int) -> int:
    """2 sum_{k < r} C(n-1, k): the number of patterns of n samples of rank r in general position."""
    return 2 * sum(comb(n - 1, k) for k in range(r))


def moment_curve(n: int, d: int, *, first_power: int = 0) -> Data:
    """n samples (t^p, ..., t^(p+d-1)), t = 1..n: every d of them are independent (Vandermonde)."""
    rows = [[t**power for power in range(first_power, first_power + d)] for t in range(1, n + 1)]
    return rows, [0] * n


def problems() -> dict[str, TrainingProblem]:
    """The data sets, by the names of the expected counts."""
    named = {
        "XOR": posed(XOR, 1),
        "XOR with a column of ones": posed(XOR, 1, bias="penalised"),
        "four points": posed(FOUR_POINTS, 1),
        "n = 5, d = 2 with a column of ones": posed(moment_curve(5, 2, first_power=1), 1, bias="penalised"),
    }
    return named | {f"n = {n}, d = {d}": posed(moment_curve(n, d), 1) for n, d in GENERAL}


def run() -> Finding:
    data = problems()
    results = {name: counted_patterns(problem) for name, problem in data.items()}
    values = {name: result.value for name, result in results.items()}
    formulas = {
        name: formula(problem.n_samples, rank(RationalMatrix.from_rows(problem.homogenised)))
        for name, problem in data.items()
    }
    return Finding(
        {
            **values,
            "patterns of the four points": " ".join(activation_patterns(data["four points"])),
            "formula attained, except by XOR": [name for name in values if values[name] != formulas[name]]
            == ["XOR"],
            "formula is an upper bound for XOR": values["XOR"] < formulas["XOR"],
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="C01",
    title="number of activation patterns",
    area="convex",
    paper=PAPER,
    place="number of hyperplane arrangements",
    statement="n samples of rank r have at most 2 (C(n-1,0) + ... + C(n-1,r-1)) activation patterns, "
    "and exactly so many in general position.",
    expected=(
        Exactly("XOR", 4),
        Exactly("XOR with a column of ones", 14),
        Exactly("four points", 8),
        *(Exactly(f"n = {n}, d = {d}", count) for (n, d), count in GENERAL.items()),
        Exactly("n = 5, d = 2 with a column of ones", 22),
        Exactly("patterns of the four points", PATTERNS_OF_FOUR_POINTS, Proof.EXACT),
        Exactly("formula attained, except by XOR", True, Proof.EXACT),
        Exactly("formula is an upper bound for XOR", True, Proof.EXACT),
    ),
    origin="the formula (Cover 1965, as used in the paper); XOR by hand: two lines bound four cells",
    method="Each count has a complete split tree, every cell with an interior point and every missing one "
    "with Farkas multipliers, and an independent recount by deletion and restriction.",
    run=run,
)
