"""Volumes modulo a prime: random zonotopes and joins, and simplices, whose volumes are known."""

from __future__ import annotations

from math import factorial
from random import Random

import pytest

from exactnet.errors import InputError
from exactnet.tropical.lattice_volume import normalized_volume
from exactnet.tropical.parity import face_volumes, first_face_not_divisible, integer_depth_bound
from exactnet.tropical.polytope import Polytope, zonotope


def simplex(d, size=1):
    return Polytope.from_points([[size * int(i == j) for j in range(d)] for i in range(d + 1)])


def random_zonotope(random, d, n):
    def draw():
        return [random.randint(-2, 2) for _ in range(d)]

    return zonotope([(draw(), draw()) for _ in range(n)], [0] * d)


def random_join(random, d):
    return random_zonotope(random, d, 2).join(random_zonotope(random, d, 2))


@pytest.mark.parametrize("d", [2, 3, 4])
def test_faces_of_lattice_zonotopes_are_even(d):
    random = Random(d)
    for _ in range(5):
        assert first_face_not_divisible(random_zonotope(random, d, d + 1), dimension=2) is None


def test_faces_of_joins_are_even_from_dimension_four():
    random = Random(0)
    odd_below = 0
    for _ in range(4):
        join = random_join(random, 4)
        assert first_face_not_divisible(join, dimension=4) is None
        odd_below += first_face_not_divisible(join, dimension=2) is not None
    assert odd_below


@pytest.mark.parametrize(("d", "t"), [(1, 0), (2, 1), (4, 2)])
def test_simplices_are_odd_and_stay_so_beside_the_class(d, t):
    assert integer_depth_bound(simplex(d)).n_hidden_layers == t + 1
    random = Random(d)
    for _ in range(3):
        beside = random_zonotope(random, d, 3) if d > 1 else simplex(1, 2)
        if d == 4:
            beside = random_join(random, 4)
        assert int(normalized_volume(beside + simplex(d))) % 2 == 1


@pytest.mark.parametrize(("p", "d"), [(2, 2), (3, 3), (2, 4)])
def test_volumes_add_modulo_p_in_dimension_a_power_of_p(p, d):
    random = Random(p)
    for _ in range(3):
        a, b = (
            Polytope.from_points([[random.randint(-2, 2) for _ in range(d)] for _ in range(d + 2)])
            for _ in range(2)
        )
        whole, *parts = (int(normalized_volume(q)) if q.dimension == d else 0 for q in (a + b, a, b))
        assert (whole - sum(parts)) % p == 0


def test_doubling_kills_the_obstruction():
    assert normalized_volume(simplex(4, 2)) == 16
    assert integer_depth_bound(simplex(4, 2)) is None
    assert integer_depth_bound(simplex(3), p=3).n_hidden_layers == 2


def test_volumes_of_the_faces_of_a_cube():
    cube = zonotope([((0, 0, 0), (1, 0, 0)), ((0, 0, 0), (0, 1, 0)), ((0, 0, 0), (0, 0, 1))], (0, 0, 0))
    assert [set(level) for level in face_volumes(cube)] == [{1}, {1}, {2}, {factorial(3)}]


def test_flat_polytopes_prove_nothing():
    flat = Polytope.from_points([(0, 0), (1, 1)])
    assert integer_depth_bound(flat) is None


@pytest.mark.parametrize(
    ("polytope", "p"),
    [(simplex(3), 2), (simplex(4), 4), (simplex(2), 3), (simplex(2), 1), (simplex(3), 0), (simplex(4), -2)],
)
def test_other_dimensions(polytope, p):
    with pytest.raises(InputError, match="dimensions p\\^t"):
        integer_depth_bound(polytope, p=p)


def test_no_lattice_polytope():
    with pytest.raises(InputError, match="not a lattice polytope"):
        integer_depth_bound(Polytope.from_points([("1/2", 0), (1, 0), (0, 1)]))
