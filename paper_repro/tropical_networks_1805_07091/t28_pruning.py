"""T28: how many of the terms of the recursion are needed."""

from __future__ import annotations

from exactnet.tropical.equality import prove_normal_form
from exactnet.tropical.layer_recursion import recursion
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import Exactly
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_networks_1805_07091 import PAPER

# shape and seed; terms of F and G of the recursion, and essential ones
NETWORKS = {
    ((2, 4, 4, 1), 0): ((415, 20), (66, 8)),
    ((3, 4, 4, 1), 0): ((512, 15), (153, 20)),
    ((2, 6, 6, 1), 0): ((7242, 61), (1014, 22)),
}


def name(widths: tuple[int, ...], seed: int, letter: str) -> str:
    return f"{letter} of {'-'.join(map(str, widths))}, seed {seed}"


def run() -> Finding:
    values: dict[str, int] = {}
    certificates = []
    for widths, seed in NETWORKS:
        (f,) = recursion(random_integer_network(widths, seed), prune=False)
        for letter, p in (("F", f.numerator), ("G", f.denominator)):
            proved = prove_normal_form(p)
            values[f"terms of {name(widths, seed, letter)}"] = p.n_terms
            values[f"essential terms of {name(widths, seed, letter)}"] = proved.value.n_terms
            certificates.append(proved)
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T28",
    title="essential terms of the recursion",
    area="tropical",
    paper=PAPER,
    place="recursion for the layers",
    statement="The recursion without pruning makes many more terms than matter: those that are largest alone "
    "somewhere are vertices of a convex hull.",
    expected=tuple(
        Exactly(f"{kind}terms of {name(*key, letter)}", n)
        for kind, k in (("essential ", 1), ("", 0))
        for key, sizes in NETWORKS.items()
        for letter, pair in zip("FG", sizes, strict=True)
        for n in pair[k : k + 1]
    ),
    origin="polymake's hypersurface regions (20, 8, 15, 61), and an independent program",
    method="For every essential term the checker gets a point where it alone is largest, and for every other "
    "one a convex combination that covers it.",
    run=run,
)
