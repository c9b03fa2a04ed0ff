"""G08: support functions of zonotopes, composed with a ramp, have many pieces."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

from exactnet.geometry import regions
from exactnet.model import Network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.understanding_depth_1611_01491 import PAPER

# generators in general position: (dimension, number) -> the generators, pieces of the support function, of
# the composition by activation regions, and by maximal open sets on which it is affine
ZONOTOPES: dict[str, tuple[Sequence[Sequence[int]], int, int, int]] = {
    "3 generators in the plane": ([[1, 0], [0, 1], [1, 1]], 6, 18, 13),
    "4 generators in the plane": ([[1, 0], [0, 1], [1, 1], [1, -2]], 8, 24, 17),
    "4 generators in space": ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], 14, 42, 29),
}


def support_function(generators: Sequence[Sequence[int]]) -> Network:
    """sum_j |<b_j, x>| as a network of units relu(<b_j, x>) and relu(-<b_j, x>)."""
    rows = [list(b) for b in generators] + [[-x for x in b] for b in generators]
    return Network.from_arrays([(rows, [0] * len(rows)), ([[1] * len(rows)], [0])])


def composed(generators: Sequence[Sequence[int]]) -> Network:
    """The same behind h(z) = relu(z - 1) - 2 relu(z - 2), three pieces on z >= 0."""
    rows = [list(b) for b in generators] + [[-x for x in b] for b in generators]
    ramp = ([[1] * len(rows)] * 2, [-1, -2])
    return Network.from_arrays([(rows, [0] * len(rows)), ramp, ([[1, -2]], [0])])


def run() -> Finding:
    values: dict[str, int] = {}
    certificates = []
    for name, (generators, *_) in ZONOTOPES.items():
        pieces, behind = regions(support_function(generators)), regions(composed(generators))
        open_sets = regions(composed(generators), definition="R4", proof=False).value.n_regions
        values[name] = pieces.value.n_cells
        values[f"{name}, composed"] = behind.value.n_cells
        values[f"{name}, composed, open sets"] = -1 if open_sets is None else open_sets
        certificates += [pieces, behind]
    values["2 sum_{j < n} C(m - 1, j) for n = 3, m = 4"] = 2 * sum(comb(3, j) for j in range(3))
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="G08",
    title="pieces from zonotopes",
    area="geometry",
    paper=PAPER,
    place="construction from zonotopes",
    statement="The support function of a zonotope with m generators in general position in R^n has "
    "2 sum_{j < n} C(m-1, j) pieces, and composing it with a ramp of k pieces multiplies the activation "
    "regions by k; the constant pieces around the origin merge, so that the maximal affine sets are fewer.",
    expected=(
        *(Exactly(name, pieces) for name, (_, pieces, _, _) in ZONOTOPES.items()),
        *(Exactly(f"{name}, composed", cells) for name, (_, _, cells, _) in ZONOTOPES.items()),
        *(
            Exactly(f"{name}, composed, open sets", merged, Proof.EXACT)
            for name, (_, _, _, merged) in ZONOTOPES.items()
        ),
        Exactly("2 sum_{j < n} C(m - 1, j) for n = 3, m = 4", 14, Proof.EXACT),
    ),
    origin="the formula; the merged counts were computed independently before",
    method="Activation regions have complete split trees; the merged sets are read off the same cells.",
    run=run,
)
