"""T25: the functional dimension, its bound, and how often there are hidden symmetries."""

from __future__ import annotations

from exactnet.certificate import Result
from exactnet.certificate.linear import decide_system
from exactnet.exact import Feasibility, LinearSystem, independent_columns, independent_rows
from exactnet.tropical.jacobian import functional_dimension, parameter_jacobian
from paper_repro.anchors import ANCHORS, random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.hidden_symmetries_2306_06179 import PAPER
from paper_repro.registry import Finding, Statement

# widths: the bound, random networks, and how many of them attain it
TABLE = {
    (1, 1, 1): (3, 20, 20),
    (2, 2, 1): (7, 60, 59),
    (2, 4, 1): (13, 60, 60),
    (2, 2, 2, 1): (11, 60, 27),
    (2, 3, 3, 1): (19, 60, 29),
    (2, 4, 4, 1): (29, 60, 23),
    (3, 3, 3, 1): (22, 30, 20),
    (2, 3, 3, 3, 1): (28, 30, 2),
    (2, 6, 6, 1): (55, 20, 3),
    (1, 3, 3, 1): (16, 60, 1),
}
_SHOWN = (2, 2, 2, 1)


def name(widths: tuple[int, ...]) -> str:
    return "-".join(map(str, widths))


def full_rank_minor(seed: int) -> Result[Feasibility]:
    """A certificate that the Jacobian has its rank: a square minor M with an inverse, M X = I."""
    rows = parameter_jacobian(random_integer_network(_SHOWN, seed, size=100))
    chosen = [rows[i] for i in independent_rows(rows)]
    columns = independent_columns(chosen)
    minor = [[row[j] for j in columns] for row in chosen]
    n = len(minor)
    # the entries of X, column by column
    system, right = [], []
    for k in range(n):
        for i in range(n):
            system.append([0] * (k * n) + minor[i] + [0] * ((n - 1 - k) * n))
            right.append(int(i == k))
    return decide_system(LinearSystem(system, ["="] * len(system), right))


def run() -> Finding:
    values: dict[str, str | int] = {}
    attained: list[int] = []
    for widths, (_, n_networks, _) in TABLE.items():
        found = [
            functional_dimension(random_integer_network(widths, seed, size=100)) for seed in range(n_networks)
        ]
        best = [seed for seed, one in enumerate(found) if one.value == one.bound]
        values[name(widths)] = f"{max(one.value for one in found)} of {found[0].bound}, {len(best)} times"
        attained = best if widths == _SHOWN else attained
    values["networks of the table with the known dimension"] = sum(
        functional_dimension(anchor.network()).value == anchor.rank for anchor in ANCHORS
    )
    return Finding(values, tuple(full_rank_minor(seed) for seed in attained[:2]))


STATEMENT = Statement(
    id="T25",
    title="functional dimension and hidden symmetries",
    area="tropical",
    paper=PAPER,
    place="bound on the functional dimension, and experiments",
    statement="The functional dimension is at most the number of parameters minus that of hidden units. "
    "Shapes whose layers are no narrower than the input attain it; the share of random networks that do "
    "falls with depth and rises with the input dimension.",
    expected=(
        *(
            Exactly(name(widths), f"{bound} of {bound}, {n} times", Proof.EXACT)
            for widths, (bound, _, n) in TABLE.items()
        ),
        Exactly("networks of the table with the known dimension", 25, Proof.EXACT),
    ),
    origin="the bound; the shares by an independent program on the same networks",
    method="460 random integer networks: the rank of the exact Jacobian on all regions. For two of them a "
    "minor of full size has an inverse, which the checker multiplies out.",
    run=run,
)
