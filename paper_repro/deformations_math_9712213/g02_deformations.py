"""G02: Shi, Catalan, Linial and semiorder arrangements."""

from __future__ import annotations

from exactnet.geometry import characteristic_polynomial, regions
from exactnet.geometry.named import braid, catalan, linial, semiorder, shi, type_b
from paper_repro.deformations_math_9712213 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

FAMILIES = {
    "braid": (braid, {3: 6, 4: 24, 5: 120}),
    "type B": (type_b, {3: 48, 4: 384}),
    "Shi": (shi, {3: 16, 4: 125}),
    "Catalan": (catalan, {3: 30, 4: 336}),
    "Linial": (linial, {3: 7, 4: 36, 5: 246}),
    "semiorder": (semiorder, {3: 19, 4: 183}),
}


def run() -> Finding:
    named = {f"{name}, n = {n}": make(n) for name, (make, values) in FAMILIES.items() for n in values}
    results = {name: regions(source) for name, source in named.items()}
    polynomials = {name: characteristic_polynomial(source) for name, source in named.items()}
    return Finding(
        {
            **{name: result.value.n_cells for name, result in results.items()},
            "chi of Shi, n = 3": str(polynomials["Shi, n = 3"]),
            "chi of Linial, n = 5": str(polynomials["Linial, n = 5"]),
            "|chi(-1)| is the count everywhere": all(
                polynomials[name].n_cells == results[name].value.n_cells for name in named
            ),
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="G02",
    title="deformations of the braid arrangement",
    area="geometry",
    paper=PAPER,
    place="introduction",
    statement="The Shi arrangement has (n+1)^(n-1) regions, the Catalan arrangement n! times a Catalan "
    "number, the Linial arrangement as many as there are alternating trees on n + 1 vertices.",
    expected=(
        *(
            Exactly(f"{name}, n = {n}", count)
            for name, (_, values) in FAMILIES.items()
            for n, count in values.items()
        ),
        Exactly("chi of Shi, n = 3", "t^3 - 6t^2 + 9t", Proof.EXACT),
        Exactly("chi of Linial, n = 5", "t^5 - 10t^4 + 45t^3 - 100t^2 + 90t", Proof.EXACT),
        Exactly("|chi(-1)| is the count everywhere", True, Proof.EXACT),
    ),
    origin="the closed forms; OEIS A007889 (Linial), A006531 (semiorders)",
    method="Each count has a complete split tree and is recounted by the checker by deletion and "
    "restriction; the characteristic polynomial is a third, separate computation.",
    run=run,
)
