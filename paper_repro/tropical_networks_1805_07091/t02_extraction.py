"""T02: the affine functions met on the cells are the essential terms of F and G."""

from __future__ import annotations

from exactnet.tropical.convert import tropical_form
from exactnet.tropical.layer_recursion import recursion
from paper_repro.anchors import ANCHORS
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_networks_1805_07091 import PAPER


def run() -> Finding:
    forms = {anchor: tropical_form(anchor.network(), proof=True) for anchor in ANCHORS}
    n_equal = n_known = 0
    for anchor, result in forms.items():
        form = result.value
        n_equal += recursion(anchor.network())[0] == form.rational
        n_known += (form.numerator.n_terms, form.denominator.n_terms) == anchor.n_essential
    return Finding(
        {"networks with the known numbers of terms": n_known, "extraction equals pruned recursion": n_equal},
        tuple(forms.values()),
    )


STATEMENT = Statement(
    id="T02",
    title="F and G from the activation regions",
    area="tropical",
    paper=PAPER,
    place="recursion for the layers; the lemma is ours",
    statement="F and G of the recursion are affine on every activation region, and the affine functions met "
    "there are exactly their essential terms: no term is expanded and none is tested for redundancy.",
    expected=(
        Exactly("networks with the known numbers of terms", 25),
        Exactly("extraction equals pruned recursion", 25, Proof.EXACT),
    ),
    origin="the numbers of terms by an independent program, which prunes with linear programs",
    method="25 random integer networks of five shapes. The checker goes through the regions and compares the "
    "sets of terms; the recursion, pruned by a convex hull after every layer, gives the same dictionaries.",
    run=run,
)
