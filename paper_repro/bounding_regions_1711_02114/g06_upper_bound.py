"""G06: the upper bound, attained in one dimension and never exceeded."""

from __future__ import annotations

from fractions import Fraction

from exactnet.geometry import regions
from exactnet.geometry.bounds import montufar_2017_upper_bound, serra_upper_bound
from exactnet.model import Network
from paper_repro.bounding_regions_1711_02114 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.region_counts import random_network
from paper_repro.registry import Finding, Statement

FORMULA = {(3, 4, 4): 161, (2, 2, 2, 2): 30, (4, 2, 4): 22, (3, 1, 5): 7, (2, 6, 6): 484}
RANDOM = ((2, 4, 4), (3, 4, 4), (2, 2, 2, 2), (4, 2, 4), (3, 1, 5))
N_SEEDS = 4


def zigzag() -> Network:
    """1-8-8 with 9 pieces in the first layer, each of which crosses the 8 levels of the second.

    The slopes of the first layer are -1/2, 1, -1, 1, -1, 1, -1, 3/2, -1/2 between the breakpoints 1, .., 8:
    six units open to the right, two to the left.
    """
    first = ([[1]] * 6 + [[-1]] * 2, [-1, -2, -3, -4, -5, -6, 7, 8])
    # jumps of the slope at 1, .., 8; a unit that is open to the left counts before its breakpoint
    jumps = [Fraction(3, 2), -2, 2, -2, 2, -2, Fraction(5, 2), -2]
    # at x = 1 the left units give 6 * 5/2 - 7 * 2 = 1: shift the wave so that it runs from 0 to 1
    levels = [-1 - Fraction(k, 9) for k in range(1, 9)]
    return Network.from_arrays([first, ([jumps] * 8, levels), ([[1] * 8], [0])])


def run() -> Finding:
    attained = regions(zigzag())
    networks = {
        widths: [regions(random_network(widths, seed)) for seed in range(N_SEEDS)] for widths in RANDOM
    }
    return Finding(
        {
            "1-8-8": attained.value.n_cells,
            "the bound of 1-8-8": serra_upper_bound([1, 8, 8]),
            **{_name(widths): serra_upper_bound(widths) for widths in FORMULA},
            "never above the bound of 2017": all(
                serra_upper_bound(widths) <= montufar_2017_upper_bound(widths) for widths in FORMULA
            ),
            "no random network exceeds it": all(
                result.value.n_cells <= serra_upper_bound(widths)
                for widths, results in networks.items()
                for result in results
            ),
        },
        (attained, *(result for results in networks.values() for result in results)),
    )


def _name(widths: tuple[int, ...]) -> str:
    return "bound of " + "-".join(map(str, widths))


STATEMENT = Statement(
    id="G06",
    title="the best upper bound",
    area="geometry",
    paper=PAPER,
    place="upper bound for deep networks, and one input",
    statement="A rectifier network has at most sum over (j_1, .., j_L) of prod_l C(n_l, j_l) regions, where "
    "j_l <= min(n_0, n_1 - j_1, .., n_(l-1) - j_(l-1), n_l); with one input this is attained.",
    expected=(
        Exactly("1-8-8", 81),
        Exactly("the bound of 1-8-8", 81, Proof.EXACT),
        *(Exactly(_name(widths), value, Proof.EXACT) for widths, value in FORMULA.items()),
        Exactly("never above the bound of 2017", True, Proof.EXACT),
        Exactly("no random network exceeds it", True),
    ),
    origin="the formula, evaluated independently; 81 = (8 + 1)^2 by hand",
    method="An explicit zigzag network attains the bound, twenty random integer networks stay below; each "
    "count has a complete split tree.",
    run=run,
)
