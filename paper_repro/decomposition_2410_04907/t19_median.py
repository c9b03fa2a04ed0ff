"""T19: the median as a difference of two maxima of three."""

from __future__ import annotations

from exactnet.tropical.convert import tropical_form
from exactnet.tropical.dc import fewest_pieces, least_kink
from exactnet.tropical.polynomial import TropicalPolynomial
from paper_repro.anchors import MEDIAN
from paper_repro.decomposition_2410_04907 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

G = TropicalPolynomial.from_terms({(0, 0): 0, (-1, 0): 0, (0, -1): 0})
H = TropicalPolynomial.from_terms({(-1, 0): 0, (0, -1): 0, (-1, -1): 0})


def run() -> Finding:
    best, form = least_kink(MEDIAN), tropical_form(MEDIAN, proof=True)
    pairs = [one.n_pieces for one in fewest_pieces(MEDIAN)]
    return Finding(
        {
            "pieces of g and h": "{} - {}".format(*best.value.n_pieces),
            "terms of F and G": f"{form.value.numerator.n_terms} - {form.value.denominator.n_terms}",
            "g = max(0, -x, -y) and h = max(-x, -y, -x - y)": (best.value.g, best.value.h) == (G, H),
            "fewest pieces on these cells": " ".join(f"{n} - {m}" for n, m in pairs),
        },
        (best, form),
    )


STATEMENT = Statement(
    id="T19",
    title="the median as a difference of convex functions",
    area="tropical",
    paper=PAPER,
    place="decomposition polyhedra",
    statement="The decompositions f = g - h into convex functions on the cells of f are a polyhedron, and "
    "those with the fewest pieces are among its vertices. For the median of 0, x, y there is one with 3 and "
    "3 pieces, where the recursion of the network gives 6 and 6.",
    expected=(
        Exactly("pieces of g and h", "3 - 3"),
        Exactly("terms of F and G", "6 - 6"),
        Exactly("g = max(0, -x, -y) and h = max(-x, -y, -x - y)", True),
        Exactly("fewest pieces on these cells", "3 - 3", Proof.EXACT),
    ),
    origin="by hand: the middle one of three numbers is max(0, -x, -y) - max(-x, -y, -x - y)",
    method="A linear program with certificate for the least kink; the checker verifies that g - h is the "
    "network, through its tropical form F - G and F + h = g + G. All vertices are listed in exact "
    "arithmetic.",
    run=run,
)
