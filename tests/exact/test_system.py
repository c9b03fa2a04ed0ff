"""Linear systems and the checks of certificates: what is false is refused."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest

from exactnet.errors import InputError, ShapeError
from exactnet.exact import LinearSystem, RationalMatrix, is_farkas, is_optimum, is_ray, is_solution


def test_the_fields_are_those_of_the_certificate() -> None:
    system = LinearSystem([[1, "1/2"], [0.25, 0]], ["<=", "="], ["1/3", 2])
    assert system.rows == ((1, Fraction(1, 2)), (Fraction(1, 4), 0))
    assert system.relations == ("<=", "=")
    assert system.rhs == (Fraction(1, 3), 2)
    assert system.n_variables == 2
    assert [row[:2] for row in system.integer_rows] == [((6, 3), 2), ((1, 0), 8)]
    same = LinearSystem(RationalMatrix.from_rows(system.rows), system.relations, system.rhs)
    assert same == system
    assert hash(same) == hash(system)
    assert pickle.loads(pickle.dumps(system)) == system


def test_wrong_input() -> None:
    with pytest.raises(ShapeError, match="2 rows, 1 relations, 2 right-hand sides"):
        LinearSystem([[1], [2]], ["<="], [1, 2])
    with pytest.raises(InputError, match="negating the row"):
        LinearSystem([[1]], [">="], [1])
    with pytest.raises(ShapeError):
        LinearSystem([[1]], ["<="], [1], n_variables=2)
    with pytest.raises(InputError, match="right-hand side"):
        LinearSystem([[1]], ["<="], [None])


SYSTEM = LinearSystem([[1, 0], [-1, 0], [0, 1]], ["<=", "<=", "="], [1, 0, 2])


@pytest.mark.parametrize(
    ("point", "answer"),
    [([0, 2], True), ([1, 2], True), ([2, 2], False), ([-1, 2], False), ([0, 1], False), ([0, 3], False)],
)
def test_solutions(point: list[int], answer: bool) -> None:
    assert is_solution(SYSTEM, point) is answer


def test_contradictions() -> None:
    strict = LinearSystem([[1], [-1]], ["<", "<="], [0, 0])
    closed = LinearSystem([[1], [-1]], ["<=", "<="], [0, 0])
    assert is_farkas(strict, [2, 2])
    assert not is_farkas(strict, [0, 0])
    assert not is_farkas(strict, [-1, -1])
    assert not is_farkas(strict, [1, 2])
    assert not is_farkas(strict, [1])
    assert not is_farkas(closed, [1, 1])
    equations = LinearSystem([[1], [1]], ["=", "="], [0, 1])
    assert is_farkas(equations, [1, -1])
    assert not is_farkas(equations, [-1, 1])


def test_optima_and_rays() -> None:
    assert is_optimum(SYSTEM, [-1, 3], [1, 2], [1, 0, -3])
    assert not is_optimum(SYSTEM, [-1, 3], [0, 2], [1, 0, -3])  # not a minimiser
    assert not is_optimum(SYSTEM, [-1, 3], [2, 2], [1, 0, -3])  # not a solution
    assert not is_optimum(SYSTEM, [1, 3], [1, 2], [-1, 0, -3])  # wrong sign
    assert not is_optimum(LinearSystem([[1]], ["<"], [0]), [-1], [0], [1])
    open_above = LinearSystem([[-1, 0], [0, 1]], ["<=", "="], [0, 2])
    assert is_ray(open_above, [-1, 0], [1, 0])
    assert not is_ray(open_above, [-1, 0], [-1, 0])
    assert not is_ray(open_above, [-1, 0], [1, 1])
    assert not is_ray(open_above, [0, 1], [1, 0])
