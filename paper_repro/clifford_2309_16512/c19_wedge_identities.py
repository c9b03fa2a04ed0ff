"""C19: a wedge feature is a determinant, and a distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from exactnet.certificate import Result
from exactnet.convex.variants import ProgramMinimum, group_program, minimum_of
from exactnet.exact import determinant, generalised_cross_product
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.data import FIVE_IN_SPACE, FOUR_POINTS, Data
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

Vector = tuple[Fraction, ...]


@dataclass(frozen=True)
class Feature:
    """A sample x against the span of others, through the origin or through a sample."""

    x: Vector
    spanning: tuple[Vector, ...]

    @property
    def cross(self) -> Vector:
        """The dual of the wedge product of the spanning vectors."""
        return tuple(Fraction(c) for c in generalised_cross_product(self.spanning))

    @property
    def height(self) -> Fraction:
        """x . cross, the feature before it is cut at zero and divided by its norm."""
        return _dot(self.x, self.cross)

    def distance(self) -> Result[ProgramMinimum]:
        """The least 1/2 |x - sum_k t_k z_k|^2."""
        rows = [dict(enumerate(column)) for column in zip(*self.spanning, strict=True)]
        return minimum_of(group_program(len(self.spanning), fit=rows, target=self.x))


def run() -> Finding:
    cases = [*features(FOUR_POINTS), *features(FIVE_IN_SPACE)]
    proofs = [feature.distance() for feature in cases]
    return Finding(
        {
            "half the squared distance is height^2 / 2 |cross|^2": all(
                proof.value.is_exact
                and proof.value.upper == feature.height**2 / (2 * _dot(feature.cross, feature.cross))
                for feature, proof in zip(cases, proofs, strict=True)
            ),
            "the height is the determinant": all(
                feature.height == determinant([feature.x, *feature.spanning]) for feature in cases
            ),
            "cross is orthogonal to what it is made of": all(
                _dot(feature.cross, z) == 0 for feature in cases for z in feature.spanning
            ),
            "features": len(cases),
        },
        tuple(proofs),
    )


def features(data: Data) -> list[Feature]:
    """All samples against the independent (d-1)-subsets of the others, and the same seen from a sample."""
    rows = [tuple(map(Fraction, row)) for row in data[0]]
    found = []
    for i, x in enumerate(rows):
        others = [row for j, row in enumerate(rows) if j != i]
        found += _spans(x, others)
        anchor, rest = others[0], others[1:]
        found += _spans(_minus(x, anchor), [_minus(row, anchor) for row in rest])
    return found


def _spans(x: Vector, others: Sequence[Vector]) -> list[Feature]:
    subsets = [Feature(x, subset) for subset in combinations(others, len(x) - 1)]
    return [feature for feature in subsets if any(feature.cross)]


def _minus(a: Vector, b: Vector) -> Vector:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


STATEMENT = Statement(
    id="C19",
    title="wedge = determinant = signed volume = scaled distance",
    area="convex",
    paper=PAPER,
    place="wedge products and generalised cross products",
    statement="x . cross(z_1, .., z_(d-1)) is the determinant of x, z_1, .., z_(d-1), the signed volume of "
    "their parallelotope; divided by |cross| it is the signed distance of x from the span of the z_k, and "
    "with differences from one sample the distance from an affine hull.",
    expected=(
        Exactly("half the squared distance is height^2 / 2 |cross|^2", True),
        Exactly("the height is the determinant", True, Proof.EXACT),
        Exactly("cross is orthogonal to what it is made of", True, Proof.EXACT),
        Exactly("features", 65, Proof.EXACT),
    ),
    origin="Cramer's rule; 4 (3 + 2) features in the plane and 5 (6 + 3) in space, all of them independent",
    method="Each distance is a least-squares problem, whose minimum the checker proves to be that fraction.",
    run=run,
)
