"""T20: for one hidden layer the recursion is minimal already."""

from __future__ import annotations

from exactnet.tropical.convert import tropical_form
from exactnet.tropical.dc import least_kink, vertex_decompositions
from paper_repro.anchors import ANCHORS
from paper_repro.decomposition_2410_04907 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

SHALLOW = tuple(anchor for anchor in ANCHORS if len(anchor.widths) == 3)
DEEP = tuple(anchor for anchor in ANCHORS if len(anchor.widths) > 3)


def run() -> Finding:
    results = {anchor: least_kink(anchor.network()) for anchor in ANCHORS}
    forms = {anchor: tropical_form(anchor.network(), proof=False).value for anchor in ANCHORS}
    sizes = {anchor: (form.numerator.n_terms, form.denominator.n_terms) for anchor, form in forms.items()}
    return Finding(
        {
            "one hidden layer": len(SHALLOW),
            "there as many pieces as terms": sum(results[a].value.n_pieces == sizes[a] for a in SHALLOW),
            "there a single vertex": sum(len(vertex_decompositions(a.network())) == 1 for a in SHALLOW),
            "two hidden layers": len(DEEP),
            "there the known numbers of pieces": sum(results[a].value.n_pieces == a.n_convex for a in DEEP),
            "there fewer than terms": sum(results[a].value.n_pieces != sizes[a] for a in DEEP),
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="T20",
    title="minimal decompositions of one hidden layer",
    area="tropical",
    paper=PAPER,
    place="hyperplane functions",
    statement="A function that bends along hyperplanes has one minimal decomposition, g with the positive "
    "and h with the negative kinks, which the recursion of a network with one hidden layer gives. Deeper "
    "networks have smaller ones than their recursion.",
    expected=(
        Exactly("there as many pieces as terms", 15),
        Exactly("one hidden layer", 15, Proof.EXACT),
        Exactly("there a single vertex", 15, Proof.EXACT),
        Exactly("two hidden layers", 10, Proof.EXACT),
        Exactly("there the known numbers of pieces", 10),
        Exactly("there fewer than terms", 8, Proof.EXACT),
    ),
    origin="the theorem; the numbers of pieces by an independent program",
    method="25 random integer networks. The least kink is a certified linear program; the checker verifies "
    "that g - h is the network.",
    run=run,
)
