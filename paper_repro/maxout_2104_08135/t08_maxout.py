"""T08: the sharp bound for a layer of maxout units."""

from __future__ import annotations

from exactnet.geometry.bounds import maxout_layer_bound
from exactnet.tropical.equality import prove_normal_form
from exactnet.tropical.maxout import layer_product, parallel_units
from paper_repro.expectation import Exactly, Proof
from paper_repro.maxout_2104_08135 import PAPER
from paper_repro.registry import Finding, Statement

# inputs and ranks, and the number of regions
LAYERS = {
    (1, (3, 3, 3)): 7,
    (2, (3, 3)): 9,
    (2, (4, 3)): 12,
    (2, (3, 3, 3)): 19,
    (2, (2, 2, 2, 2, 2)): 16,
    (3, (3, 3, 3)): 27,
    (2, (4, 4, 4)): 37,
    (3, (3, 3, 3, 3)): 65,
}


def name(n_inputs: int, ranks: tuple[int, ...]) -> str:
    return f"{n_inputs} input{'s' * (n_inputs > 1)}, ranks {', '.join(map(str, ranks))}"


def run() -> Finding:
    values = {}
    certificates = []
    for n_inputs, ranks in LAYERS:
        proved = prove_normal_form(layer_product(parallel_units(n_inputs, ranks)))
        values[name(n_inputs, ranks)] = proved.value.n_terms
        values[f"{name(n_inputs, ranks)}: bound"] = maxout_layer_bound(n_inputs, ranks)
        certificates.append(proved)
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T08",
    title="regions of maxout layers",
    area="tropical",
    paper=PAPER,
    place="sharp bound for one layer",
    statement="A layer of maxout units of ranks k_i on R^n has at most sum over sets S of at most n units of "
    "the product of the k_i - 1, i in S, regions, and the bound is attained.",
    expected=(
        *(Exactly(name(*layer), n) for layer, n in LAYERS.items()),
        *(Exactly(f"{name(*layer)}: bound", n, Proof.EXACT) for layer, n in LAYERS.items()),
    ),
    origin="the formula; hill climbing by an independent program attained the first six",
    method="Units that break on parallel hyperplanes in general directions; the product of the polynomials "
    "has as many essential terms, each with a point where it alone is largest.",
    run=run,
)
