"""T29: permuted and rescaled units make the same function, a changed bias does not."""

from __future__ import annotations

from dataclasses import replace

from exactnet.geometry import polyhedral_complex, region_task, regions
from exactnet.model import AffineLayer, Network
from exactnet.tropical.agreement import difference_network, same_function
from exactnet.tropical.convert import tropical_form
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.reverse_engineering_1910_00744 import PAPER

ORIGINAL = random_integer_network([2, 4, 3, 1], 3)


def moved(network: Network) -> Network:
    """The first hidden layer permuted by (2, 0, 3, 1), its units scaled by 2, 3, 1, 5."""
    first, second, last = network.layers
    order, scales = (2, 0, 3, 1), (2, 3, 1, 5)
    weight = [[s * a for a in first.weight.row(i)] for i, s in zip(order, scales, strict=True)]
    bias = [s * first.bias[i] for i, s in zip(order, scales, strict=True)]
    behind = [[row[i] / s for i, s in zip(order, scales, strict=True)] for row in second.weight.rows()]
    return Network(
        (
            AffineLayer.from_arrays(weight, bias, activation="relu"),
            AffineLayer.from_arrays(behind, second.bias, activation="relu"),
            last,
        )
    )


def with_another_bias(network: Network) -> Network:
    """The first bias of the second hidden layer, one more."""
    first, second, last = network.layers
    bias = (second.bias[0] + 1, *second.bias[1:])
    return Network((first, replace(second, bias=bias), last))


def n_different(network: Network) -> int:
    """The cells on which a difference is not zero."""
    cells = polyhedral_complex(region_task(network)).cells
    return sum(any(cell.affine_map[0].row(0)) or any(cell.affine_map[1]) for cell in cells)


def run() -> Finding:
    same, changed = moved(ORIGINAL), with_another_bias(ORIGINAL)
    form = tropical_form(ORIGINAL, proof=True)
    f, g, h = (tropical_form(network, proof=False).value.rational for network in (ORIGINAL, same, changed))
    equal, unequal = same_function(ORIGINAL, same), same_function(ORIGINAL, changed)
    joint = {"same": difference_network(ORIGINAL, same), "changed": difference_network(ORIGINAL, changed)}
    cells = {name: regions(network) for name, network in joint.items()}
    return Finding(
        {
            "permuted and rescaled: the same function": bool(equal.value),
            "another bias: the same function": bool(unequal.value),
            "joint regions, permuted and rescaled": cells["same"].value.n_cells,
            "where they differ": n_different(joint["same"]),
            "joint regions, another bias": cells["changed"].value.n_cells,
            "where those differ": n_different(joint["changed"]),
            "the same terms on both sides": f.equals(g).value and not f.equals(h).value,
            "terms of F and G": f"{f.numerator.n_terms} {f.denominator.n_terms}",
        },
        (form, equal, replace(unequal, status=equal.status), *cells.values()),
    )


STATEMENT = Statement(
    id="T29",
    title="networks up to permutation and scaling",
    area="tropical",
    paper=PAPER,
    place="isomorphisms of networks",
    statement="Permuting the units of a layer and scaling them by positive numbers, undone in the next "
    "layer, does not change the function. Two networks f = F - G and g = F' - G' are the same function "
    "exactly if F + G' and F' + G have the same essential terms, or if the difference is zero on all joint "
    "regions.",
    expected=(
        Exactly("permuted and rescaled: the same function", True),
        Exactly("another bias: the same function", False),
        Exactly("joint regions, permuted and rescaled", 19),
        Exactly("joint regions, another bias", 23),
        Exactly("terms of F and G", "7 12"),
        Exactly("the same terms on both sides", True, Proof.EXACT),
        Exactly("where they differ", 0, Proof.EXACT),
        Exactly("where those differ", 19, Proof.EXACT),
    ),
    origin="an independent program",
    method="One random network 2-4-3-1, a permuted and rescaled copy, and one with another bias. The "
    "checker verifies the tropical form of the network, that of the two differences, which is zero or not "
    "at a point, and the joint regions.",
    run=run,
)
