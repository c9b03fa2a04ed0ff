"""T21: Hoffman constants, and the radius that sees all pieces."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.tropical.hoffman import hoffman_constant
from exactnet.tropical.radius import effective_radius
from paper_repro.anchors import ANCHORS
from paper_repro.expectation import Exactly
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_expressivity_2405_20174 import PAPER

_UNIT = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
MATRICES: dict[str, tuple[Sequence[Sequence[int]], Fraction]] = {
    "I": (_UNIT, Fraction(1)),
    "I and -1": ([*_UNIT, [-1, -1, -1]], Fraction(3)),
    "I and -I": ([*_UNIT, *[[-a for a in row] for row in _UNIT]], Fraction(1)),
    "3 x 2, a line": ([[1, 0], [-1, 0], [0, 1]], Fraction(1)),
    "3 x 2": ([[1, 2], [3, 4], [5, 7]], Fraction(1, 3)),
    "4 x 2": ([[1, 1], [1, -1], [-2, 1], [0, 3]], Fraction(3)),
    "5 x 3": ([[3, 1, 0], [1, -2, 1], [0, 1, 4], [-1, -1, -1], [2, 0, -3]], Fraction(17, 3)),
}


def run() -> Finding:
    constants = {name: hoffman_constant(matrix) for name, (matrix, _) in MATRICES.items()}
    radii = {anchor: effective_radius(anchor.network()) for anchor in ANCHORS}
    values: dict[str, Fraction | int] = {name: result.value.value for name, result in constants.items()}
    values["networks with the known radius"] = sum(
        result.value.value == anchor.radius for anchor, result in radii.items()
    )
    return Finding(values, (*constants.values(), *radii.values()))


STATEMENT = Statement(
    id="T21",
    title="Hoffman constants and effective radii",
    area="tropical",
    paper=PAPER,
    place="Hoffman constants; effective radius",
    statement="The Hoffman constant of a matrix is the largest 1 / min |A_J^T v|_1 over bases J of its "
    "rows. It bounds the radius of the ball that meets all linear pieces; that radius itself is one linear "
    "program a cell.",
    expected=(
        *(Exactly(name, value) for name, (_, value) in MATRICES.items()),
        Exactly("networks with the known radius", 25),
    ),
    origin="unit tests of the authors' software for the first three; an independent program for the others",
    method="The certificate of a constant has one linear minimum a basis; that of a radius the minima of the "
    "farthest piece, and a point near enough in each other one.",
    run=run,
)
