"""G05: networks that fold the input space attain the lower bound."""

from __future__ import annotations

from fractions import Fraction

from exactnet.geometry import Polyhedron, regions
from exactnet.geometry.bounds import montufar_lower_bound
from exactnet.model import Network
from paper_repro.expectation import Exactly, Proof
from paper_repro.number_of_regions_1402_1869 import PAPER
from paper_repro.registry import Finding, Statement

HALF = Fraction(1, 2)
# three lines that meet pairwise inside the unit square
LINES = ([[1, 1], [1, -2], [3, -1]], [-1, HALF, Fraction(-3, 4)])


def folded_line(depth: int) -> Network:
    """depth - 1 layers fold [0, 1] in two; the last one has three breakpoints inside (0, 1)."""
    fold = [[2, -4]]
    first = ([[1], [1]], [0, -HALF])
    inner = (fold * 2, [0, -HALF])
    last = (fold * 3, [Fraction(-1, 4), -HALF, Fraction(-3, 4)])
    return Network.from_arrays([first, *[inner] * (depth - 2), last, ([[1, 1, 1]], [0])])


def folded_square() -> Network:
    """One layer folds both coordinates of the unit square, the other one draws three lines."""
    fold = ([[1, 0], [1, 0], [0, 1], [0, 1]], [0, -HALF, 0, -HALF])
    lines, constants = LINES
    behind = [[2 * a, -4 * a, 2 * b, -4 * b] for a, b in lines]
    return Network.from_arrays([fold, (behind, constants), ([[1, 1, 1]], [0])])


def run() -> Finding:
    line, square = Polyhedron.box([0], [1]), Polyhedron.box([0, 0], [1, 1])
    results = {
        "1-2-3": regions(folded_line(2), domain=line),
        "1-2-2-3": regions(folded_line(3), domain=line),
        "1-2-2-2-3": regions(folded_line(4), domain=line),
        "2-4-3": regions(folded_square(), domain=square),
    }
    bounds = {name: montufar_lower_bound([int(n) for n in name.split("-")]) for name in results}
    return Finding(
        {
            **{name: result.value.n_cells for name, result in results.items()},
            "the bound is attained": all(results[name].value.n_cells == bounds[name] for name in results),
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="G05",
    title="folding networks attain the lower bound",
    area="geometry",
    paper=PAPER,
    place="lower bound for deep networks",
    statement="Some rectifier network with n_0 inputs and hidden widths n_l >= n_0 has at least "
    "prod_{l < L} floor(n_l/n_0)^n_0 times sum_{j <= n_0} C(n_L, j) regions.",
    expected=(
        Exactly("1-2-3", 8),
        Exactly("1-2-2-3", 16),
        Exactly("1-2-2-2-3", 32),
        Exactly("2-4-3", 28),
        Exactly("the bound is attained", True, Proof.EXACT),
    ),
    origin="the formula of the bound, for widths 1-2-3, 1-2-2-3, 1-2-2-2-3 and 2-4-3",
    method="Explicit networks on the unit cube; each count has a complete split tree.",
    run=run,
)
