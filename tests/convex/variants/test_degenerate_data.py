"""Ties, repeated, opposite, collinear and zero samples, tiny and huge beta: still narrow, still accepted."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from exactnet.convex import TrainingProblem, training_problem
from exactnet.convex.variants import GroupProgram, minimum_of
from exactnet.convex.variants.cells import gated_program, normalised_program, relu_program, skip_program
from exactnet.convex.variants.conic_guess import approx_minimum_cvxpy
from exactnet.convex.variants.convolution import patches, pooled_program
from exactnet.convex.variants.parallel import three_layer_program
from exactnet.convex.variants.polynomial import polynomial_program
from exactnet.convex.variants.vector_output import nuclear_program, planar_program
from exactnet.model import Dataset

F = Fraction
FOUR = ([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
REPEATED = ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2]], [1, 2, 1, 3, -1])
XOR = ([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1])
SPACE = ([[-1, 3, 0], [-4, 2, 2], [3, -3, -4], [3, -4, 0], [-4, -2, 0], [-1, -1, -4]], [-3, -3, -3, 1, 0, 1])
LINE = ([[1, 2], [2, 4]], [1, -2])


def posed(data: Any, beta: str) -> TrainingProblem:
    return training_problem(Dataset.from_arrays(*data), beta=beta)


def outputs(*rows: tuple[int, int]) -> list[list[Fraction]]:
    return [[F(x) for x in row] for row in rows]


PROGRAMS: dict[str, Callable[[], GroupProgram]] = {
    "planar, repeated": lambda: planar_program(
        posed(REPEATED, "3/10"), outputs((1, 0), (2, 1), (1, -1), (3, 0), (-1, 1))
    ),
    "planar, opposite": lambda: planar_program(posed(XOR, "1/10"), outputs((1, 0), (1, 1), (0, 1), (1, -1))),
    "nuclear, space": lambda: nuclear_program(
        posed(SPACE, "1/2"), outputs((1, 0), (0, 1), (1, 1), (-1, 2), (0, 0), (3, 1))
    ),
    "polynomial, repeated": lambda: polynomial_program(posed(REPEATED, "1/2"), (1, 1, 0)),
    "polynomial, space": lambda: polynomial_program(posed(SPACE, "1/2"), ("1/10", 1, 1)),
    "gated, tiny beta": lambda: gated_program(posed(SPACE, "1/10000")),
    "ReLU, tiny beta": lambda: relu_program(posed(FOUR, "1/10000")),
    "normalised, repeated": lambda: normalised_program(posed(REPEATED, "1/10")),
    "skip, repeated": lambda: skip_program(posed(REPEATED, "1/2"), weight=F(1, 10)),
    "pooled, zero signal": lambda: pooled_program(
        patches([[F(0)] * 3, [F(1), F(0), F(1)], [F(1)] * 3], 2), [F(1), F(-1), F(2)], beta="1/5"
    ),
    "three layers, two samples": lambda: three_layer_program(posed(([[1, 2], [-1, 1]], [1, -2]), "1/5"))[0],
    "three layers, collinear": lambda: three_layer_program(posed(LINE, "1/5"))[0],
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_narrow_and_in_agreement_with_the_twin(name: str) -> None:
    program = PROGRAMS[name]()
    result = minimum_of(program)
    assert result.check().accepted
    assert result.value.interval.width <= F(1, 10**9)
    assert float(result.value.upper) == pytest.approx(approx_minimum_cvxpy(program), abs=1e-6)


@pytest.mark.parametrize("build", [relu_program, gated_program, normalised_program])
def test_a_huge_beta_leaves_the_zero_network(build: Callable[[TrainingProblem], GroupProgram]) -> None:
    value = minimum_of(build(posed(FOUR, "10"))).value
    assert value.upper == F(25, 8)
    assert F(25, 8) - value.lower < F(1, 10**12)


def test_xor_falls_apart_into_four_samples() -> None:
    """Each sample has its own cell; with normalised units its problem is 1/2 (f - 1)^2 + beta |f|."""
    value = minimum_of(normalised_program(posed(XOR, "1/10"))).value
    assert value.lower <= 4 * (F(1, 10) - F(1, 200)) <= value.upper
