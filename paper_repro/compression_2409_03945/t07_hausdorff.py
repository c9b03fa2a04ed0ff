"""T07: the Hausdorff distance of Newton polytopes bounds the distance of the functions."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from exactnet.certificate import Result
from exactnet.tropical.distance import hausdorff_bound, sup_distance
from exactnet.tropical.polynomial import TropicalPolynomial
from paper_repro.compression_2409_03945 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

_N_PAIRS, _RADIUS = 40, 3


def random_polynomial(random: Random) -> TropicalPolynomial:
    """Four to seven terms in two variables, small numbers."""
    terms: dict[Sequence[object], object] = {
        (random.randint(-3, 3), random.randint(-3, 3)): random.randint(-4, 4)
        for _ in range(random.randint(4, 7))
    }
    return TropicalPolynomial.from_terms(terms)


def run() -> Finding:
    random = Random(7)
    n_violated = n_sharp = 0
    certificates: list[Result[Any]] = []
    for k in range(_N_PAIRS):
        p, q = random_polynomial(random), random_polynomial(random)
        bound, distance = hausdorff_bound(p, q, _RADIUS), sup_distance(p, q, _RADIUS)
        n_violated += distance.value.value > bound.value
        n_sharp += distance.value.value == bound.value
        if k < 10:
            certificates += [bound, distance]
    return Finding(
        {"pairs": _N_PAIRS, "violations": n_violated, "some are sharp": n_sharp > 0}, tuple(certificates)
    )


STATEMENT = Statement(
    id="T07",
    title="a bound by the Hausdorff distance",
    area="tropical",
    paper=PAPER,
    place="bound by the Hausdorff distance, here in its rational form",
    statement="|p(x) - q(x)| <= max(1, r) Haus(P, Q) for all x in the box of radius r, where P and Q are the "
    "lifted Newton polytopes and the distance is the one of the sum of absolute values.",
    expected=(
        Exactly("violations", 0),
        Exactly("pairs", _N_PAIRS, Proof.EXACT),
        Exactly("some are sharp", True, Proof.EXACT),
    ),
    origin="the theorem; norms are dual, so the published Euclidean factor is replaced by max(1, r)",
    method="Random pairs of polynomials; Hausdorff distances and the largest differences are linear "
    "programs, solved exactly. The checker verifies both sides for the first ten pairs.",
    run=run,
)
