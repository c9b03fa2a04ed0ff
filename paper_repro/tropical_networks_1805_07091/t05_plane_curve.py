"""T05: the plane curve of the paper's first figure."""

from __future__ import annotations

from exactnet.tropical.equality import prove_normal_form
from exactnet.tropical.hypersurface import tropical_curve
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.subdivision import dual_subdivision
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_networks_1805_07091 import PAPER

# max(1 + 2x, 1 + 2y, 2 + x + y, 2 + x, 2 + y, 2)
CONIC = TropicalPolynomial.from_terms({(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2})


def run() -> Finding:
    proved = prove_normal_form(CONIC)
    curve = tropical_curve(CONIC)
    shapes = sorted(
        len(subdivision_cell)
        for subdivision_cell in (cell.terms for cell in dual_subdivision(CONIC).cells[2])
    )
    return Finding(
        {
            "essential terms": proved.value.n_terms,
            "vertices": " ".join(str(tuple(map(str, v))) for v in sorted(curve.vertices)).replace("'", ""),
            "cells of the dual subdivision": " ".join(map(str, shapes)),
            "bounded edges": len(curve.edges),
            "rays": len(curve.rays),
            "all weights are 1": {edge.weight for edge in curve.edges} | {ray.weight for ray in curve.rays}
            == {1},
            "balanced": curve.is_balanced,
        },
        (proved,),
    )


STATEMENT = Statement(
    id="T05",
    title="a tropical conic",
    area="tropical",
    paper=PAPER,
    place="figure of a tropical curve and its dual subdivision",
    statement="max(1 + 2x, 1 + 2y, 2 + x + y, 2 + x, 2 + y, 2) has six essential terms; its curve has three "
    "vertices, two bounded edges and six rays, and the dual subdivision is a square and two triangles.",
    expected=(
        Exactly("essential terms", 6),
        Exactly("vertices", "(0, 0) (0, 1) (1, 0)", Proof.EXACT),
        Exactly("cells of the dual subdivision", "3 3 4", Proof.EXACT),
        Exactly("bounded edges", 2, Proof.EXACT),
        Exactly("rays", 6, Proof.EXACT),
        Exactly("all weights are 1", True, Proof.EXACT),
        Exactly("balanced", True, Proof.EXACT),
    ),
    origin="the figure; recomputed with polymake",
    method="The essential terms have a certificate with a point each; curve and subdivision are read off the "
    "exact convex hull of the lifted exponents.",
    run=run,
)
