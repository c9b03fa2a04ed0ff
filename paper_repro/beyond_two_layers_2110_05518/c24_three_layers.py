"""C24: three-layer parallel networks with the path penalty."""

from __future__ import annotations

from exactnet.convex import optimum
from exactnet.convex.variants import minimum_of
from exactnet.convex.variants.parallel import three_layer_program
from exactnet.exact import Interval
from paper_repro.beyond_two_layers_2110_05518 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, Data, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement

THREE_POINTS: Data = (FOUR_POINTS[0][:3], FOUR_POINTS[1][:3])


def run() -> Finding:
    problem = posed(THREE_POINTS, "1/2")
    program, n_groups = three_layer_program(problem, n_units=2)
    deep, shallow = minimum_of(program), optimum(problem, gap=TWELVE_DIGITS)
    two_layers = Interval(shallow.value.lower, shallow.value.upper)
    return Finding(
        {
            "three layers": deep.value.interval,
            "two layers": two_layers,
            "three layers are cheaper": deep.value.interval.certainly_below(two_layers),
            "groups": n_groups,
        },
        (deep, shallow),
    )


STATEMENT = Statement(
    id="C24",
    title="three-layer parallel networks",
    area="convex",
    paper=PAPER,
    place="convex programme of three-layer networks",
    statement="Training sub-networks ((X W_k)_+ w_k)_+ a_k in parallel, with the path norm as penalty, is a "
    "convex programme with one group for each choice of first-layer patterns, inner signs and second-layer "
    "pattern. For three points, two units and beta = 1/2 its optimum is 0.7599777660.",
    expected=(
        Digits("three layers", "0.7599777660"),
        Digits("two layers", "1.0418203767"),
        Exactly("three layers are cheaper", True),
        Exactly("groups", 150, Proof.EXACT),
    ),
    origin="an interior-point solution of the programme and training from many starts, apart from this "
    "package; 150 groups by counting full-dimensional cones, each unordered pair of signed patterns once",
    method="The first three of the four points. The programme is enclosed by a rational point and a rational "
    "dual vector; that training equals it is derived on paper and confirmed by training in floats only.",
    run=run,
)
