"""T16: volumes of lattice zonotopes and joins are even, those of simplices are odd."""

from __future__ import annotations

from random import Random

from exactnet.tropical.lattice_volume import normalized_volume
from exactnet.tropical.parity import first_face_not_divisible, integer_depth_bound
from exactnet.tropical.polytope import Polytope
from paper_repro.expectation import Exactly, Proof
from paper_repro.lattice_polytopes_2302_12553 import PAPER
from paper_repro.polytopes import added_up, random_join, random_zonotope, unit_simplex
from paper_repro.registry import Finding, Statement


def all_even(polytopes: list[Polytope], dimension: int) -> bool:
    return all(first_face_not_divisible(one, dimension=dimension) is None for one in polytopes)


def run() -> Finding:
    random = Random(16)
    zonotopes = {d: [random_zonotope(random, d, d + 1) for _ in range(8)] for d in (2, 3, 4)}
    joins = [random_join(random, 4) for _ in range(5)]
    sums = [joins[k] + random_join(random, 4) for k in range(2)]
    beside = [zonotopes[2][0] + unit_simplex(2), joins[0] + unit_simplex(4)]
    bounds = {d: integer_depth_bound(unit_simplex(d)) for d in (2, 4)}
    values: dict[str, int | bool] = {
        "faces of zonotopes are even": all(all_even(found, 2) for found in zonotopes.values()),
        "faces of joins and their sums are even from dimension 4": all_even(joins + sums, 4),
        "some faces of joins in dimensions 2 and 3 are odd": not all_even(joins, 2),
        "volume of twice the simplex in dimension 4": int(normalized_volume(unit_simplex(4) * 2)),
        "zonotope and triangle: volume modulo 2": int(normalized_volume(beside[0])) % 2,
        "join and simplex: volume modulo 2": int(normalized_volume(beside[1])) % 2,
    }
    for d, bound in bounds.items():
        values[f"hidden layers for the maximum of {d + 1}"] = 0 if bound is None else bound.n_hidden_layers
    shown = [zonotopes[4][0], joins[0], beside[1], unit_simplex(4)]
    return Finding(values, tuple(added_up(polytope, 2) for polytope in shown))


STATEMENT = Statement(
    id="T16",
    title="the parity of volumes",
    area="tropical",
    paper=PAPER,
    place="invariant for the lower bound",
    statement="Every face of dimension at least 2^k of a lattice polytope that k hidden layers with integer "
    "weights make has even normalized volume. The simplex of dimension 2^k is odd, also beside such a "
    "polytope, so the maximum of 2^k + 1 numbers needs k + 1 hidden layers with integer weights.",
    expected=(
        Exactly("hidden layers for the maximum of 5", 3, Proof.EXACT),
        Exactly("hidden layers for the maximum of 3", 2, Proof.EXACT),
        Exactly("faces of zonotopes are even", True, Proof.EXACT),
        Exactly("faces of joins and their sums are even from dimension 4", True, Proof.EXACT),
        Exactly("some faces of joins in dimensions 2 and 3 are odd", True, Proof.EXACT),
        Exactly("zonotope and triangle: volume modulo 2", 1, Proof.EXACT),
        Exactly("join and simplex: volume modulo 2", 1, Proof.EXACT),
        Exactly("volume of twice the simplex in dimension 4", 16, Proof.EXACT),
    ),
    origin="the theorem; 16 is 2^4",
    method="Random zonotopes in dimensions 2 to 4, joins of two zonotopes, and their sums, with exact hulls "
    "and triangulations. Of four polytopes the checker adds up the volumes of the simplices, with the "
    "quotient and the remainder modulo 2.",
    run=run,
)
