"""T17: volumes in dimension p^t add up modulo p."""

from __future__ import annotations

from random import Random

from exactnet.tropical.polytope import Polytope
from paper_repro.expectation import Exactly, Proof
from paper_repro.polytopes import added_up, random_polytope, whole_volume
from paper_repro.rational_depth_2502_06283 import PAPER
from paper_repro.registry import Finding, Statement

# prime, dimension, and how many pairs
CASES = ((2, 2, 20), (2, 4, 6), (3, 3, 12))


def defect(a: Polytope, b: Polytope) -> int:
    """Vol(A + B) - Vol(A) - Vol(B)."""
    return whole_volume(a + b) - whole_volume(a) - whole_volume(b)


def run() -> Finding:
    random = Random(17)
    n_violated, shown = 0, []
    for p, d, n_pairs in CASES:
        pairs = [(random_polytope(random, d), random_polytope(random, d)) for _ in range(n_pairs)]
        n_violated += sum(defect(a, b) % p != 0 for a, b in pairs)
        shown += [added_up(body, p) for body in (*pairs[0], pairs[0][0] + pairs[0][1])]
    control = [(random_polytope(random, 3), random_polytope(random, 3)) for _ in range(20)]
    n_control = sum(defect(a, b) % 2 != 0 for a, b in control)
    return Finding(
        {
            "pairs that violate it": n_violated,
            "pairs": sum(n for _, _, n in CASES),
            "the control, mod 2 in dimension 3, fails": n_control > 0,
        },
        tuple(shown),
    )


STATEMENT = Statement(
    id="T17",
    title="volumes modulo a prime",
    area="tropical",
    paper=PAPER,
    place="mixed volumes modulo p",
    statement="For lattice polytopes in dimension p^t the normalized volume satisfies "
    "Vol(A + B) = Vol(A) + Vol(B) modulo p; in other dimensions it need not.",
    expected=(
        Exactly("pairs that violate it", 0, Proof.EXACT),
        Exactly("pairs", 38, Proof.EXACT),
        Exactly("the control, mod 2 in dimension 3, fails", True, Proof.EXACT),
    ),
    origin="the theorem",
    method="Random pairs of lattice polytopes in dimensions 2, 4 (p = 2) and 3 (p = 3), exact hulls and "
    "triangulations. Of one pair each the checker adds up the volumes of the simplices, with quotient and "
    "remainder modulo p.",
    run=run,
)
