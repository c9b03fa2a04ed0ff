"""Points that satisfy a property: exactly, and for every evaluation in binary32."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from tests.checker.verification_cases import (
    ABSOLUTE,
    case,
    chain,
    layer,
    point_verdict,
    prop,
    random_chain,
    random_property,
    row,
)
from tests.support.verification_oracle import evaluated, rounded, values_at

AT_LEAST_ONE = prop(1, case([-1], [1], row({0: -1}, -1)))
ABOVE_ONE = prop(1, case([-1], [1], row({0: -1}, -1, "<")))


def test_the_boundary_counts_if_it_is_not_strict() -> None:
    found = point_verdict(ABSOLUTE, AT_LEAST_ONE, [-1])
    assert found.accepted
    assert "the input x of n satisfies p, in real arithmetic: case 0, smallest slack 0;" in found.line
    assert not point_verdict(ABSOLUTE, ABOVE_ONE, [-1]).accepted
    # at the boundary a rounding can go either way
    assert not point_verdict(ABSOLUTE, AT_LEAST_ONE, [-1], "float32").accepted


def test_the_box_is_closed_and_exact() -> None:
    unsafe = prop(1, case([0], ["1/3"], row({0: -1}, 0)))
    assert point_verdict(ABSOLUTE, unsafe, ["1/3"]).accepted
    assert not point_verdict(ABSOLUTE, unsafe, [Fraction(1, 3) + Fraction(1, 10**30)]).accepted
    assert not point_verdict(ABSOLUTE, unsafe, [Fraction(-1, 10**30)]).accepted


def test_the_first_case_that_holds_is_named() -> None:
    unsafe = prop(
        1,
        case([-1], [0], row({0: -1}, 0)),
        case([0], [2], row({0: -1}, "-3/2")),
        case([0], [2], row({0: -1}, -1), row({0: 1}, 5, "<=", {0: 1})),
    )
    assert "case 2, smallest slack 1/4 (= 0.25)" in point_verdict(ABSOLUTE, unsafe, ["5/4"]).line
    assert "case 1, smallest slack 0;" in point_verdict(ABSOLUTE, unsafe, ["3/2"]).line


def test_binary32_points_with_room_for_the_noise() -> None:
    unsafe = prop(1, case([-1], [1], row({0: -1}, "-1/2")))
    found = point_verdict(ABSOLUTE, unsafe, ["3/4"], "float32")
    assert found.accepted
    assert "in binary32 with sums in any order, and in real arithmetic: case 0" in found.line
    assert "no binary32 number" in point_verdict(ABSOLUTE, unsafe, ["2/3"], "float32").reason
    assert not point_verdict(ABSOLUTE, unsafe, ["1/2"], "float32").accepted


def test_a_case_without_rows_is_a_box() -> None:
    free = prop(1, case([-1], [1]))
    assert "case 0, without rows" in point_verdict(ABSOLUTE, free, [0]).line
    assert not point_verdict(ABSOLUTE, free, [2]).accepted
    assert not point_verdict(ABSOLUTE, prop(1, n_inputs=1), [0]).accepted


@pytest.mark.parametrize("activation", ["abs", "leaky_relu", "hardtanh"])
def test_other_activations_are_for_the_reals(activation: str) -> None:
    network = chain(layer([[1]], [0], activation))
    unsafe = prop(1, case([-1], [1], row({0: 1}, 1)))
    assert point_verdict(network, unsafe, ["1/3"]).accepted
    assert "float32" in point_verdict(network, unsafe, ["1/2"], "float32").reason


@pytest.mark.parametrize("block", range(4))
def test_random_points(block: int) -> None:
    accepted = 0
    for seed in range(60 * block, 60 * block + 60):
        random = Random(seed)
        network = random_chain(random, binary=True)
        unsafe = random_property(random, network)
        lower, upper, _ = unsafe.cases[0]
        x = [
            rounded(a + (b - a) * Fraction(random.randint(0, 8), 8))
            for a, b in zip(lower, upper, strict=True)
        ]
        y = values_at(network, x)[-1]
        exact = [holds(rows, low, high, x, y) for low, high, rows in unsafe.cases]
        assert point_verdict(network, unsafe, x).accepted == any(exact), seed
        if point_verdict(network, unsafe, x, "float32").accepted:
            accepted += 1
            for _ in range(10):
                z = evaluated(network, x, random)[-1]
                y = [max(q, Fraction(0)) for q in z] if network.layers[-1].activation == "relu" else z
                assert any(holds(rows, low, high, x, y) for low, high, rows in unsafe.cases), seed
    assert accepted > 3


def holds(rows, lower, upper, x, y) -> bool:  # type: ignore[no-untyped-def]
    """The definition of a case."""
    if not all(a <= q <= b for a, q, b in zip(lower, x, upper, strict=True)):
        return False
    for inputs, outputs, bound, relation in rows:
        value = sum(c * x[i] for i, c in inputs) + sum(c * y[j] for j, c in outputs)
        if value > bound or (value == bound and relation == "<"):
            return False
    return True
