"""T11: support functions of zonotopes as tropical polynomials."""

from __future__ import annotations

from exactnet.tropical.convert import tropical_form
from exactnet.tropical.newton import newton_polytope
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.understanding_depth_1611_01491 import PAPER
from paper_repro.understanding_depth_1611_01491.g08_zonotopes import ZONOTOPES, support_function


def run() -> Finding:
    values: dict[str, int] = {}
    certificates = []
    for name, (generators, *_) in ZONOTOPES.items():
        form = tropical_form(support_function(generators), proof=True)
        values[name] = form.value.numerator.n_terms
        values[f"vertices of the zonotope, {name}"] = len(newton_polytope(form.value.numerator).vertices)
        values[f"terms of G, {name}"] = form.value.denominator.n_terms
        certificates.append(form)
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T11",
    title="support functions of zonotopes",
    area="tropical",
    paper=PAPER,
    place="construction from zonotopes",
    statement="sum_j |<b_j, x>| for m generators in general position in R^n has 2 sum_{j < n} C(m-1, j) "
    "affine pieces, the vertices of the zonotope.",
    expected=(
        *(Exactly(name, pieces) for name, (_, pieces, _, _) in ZONOTOPES.items()),
        *(
            Exactly(f"vertices of the zonotope, {name}", n, Proof.EXACT)
            for name, (_, n, _, _) in ZONOTOPES.items()
        ),
        *(Exactly(f"terms of G, {name}", 1) for name in ZONOTOPES),
    ),
    origin="the formula",
    method="The tropical form F - G of the network: G is affine, and the essential terms of F are the "
    "pieces; the checker verifies both. The Newton polytope of F is hulled exactly.",
    run=run,
)
