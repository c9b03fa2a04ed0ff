"""Programmes of any kind: the certified interval holds the value that CVXPY finds, and the checker agrees."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex.variants import group_program, minimum_of, program_value, weighted_norm
from exactnet.convex.variants.conic_guess import approx_minimum, approx_minimum_cvxpy
from exactnet.convex.variants.exact_dual import feasible_dual, missing
from exactnet.convex.variants.exact_point import blocks_of_variables, is_semidefinite, project
from exactnet.convex.variants.group_program import GroupProgram, order_of, triangle
from exactnet.errors import ShapeError

F = Fraction
WIDTH = F(1, 10**8)
small = st.integers(-3, 3)


def holds(program: GroupProgram, width: Fraction = WIDTH) -> None:
    """Certified, narrow, accepted, and in agreement with the CVXPY twin."""
    result = minimum_of(program)
    value = result.value
    assert result.check().accepted
    assert value.lower <= value.upper <= value.lower + width * max(F(1), abs(value.upper))
    assert float(value.upper) == pytest.approx(approx_minimum_cvxpy(program), abs=1e-5, rel=1e-5)


@st.composite
def lasso_like(draw: st.DrawFn) -> GroupProgram:
    """Norms over consecutive blocks that cover all variables, data of any rank."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    n, m = sum(sizes), draw(st.integers(1, 4))
    fit = [dict(enumerate(draw(st.lists(small, min_size=n, max_size=n)))) for _ in range(m)]
    target = draw(st.lists(small, min_size=m, max_size=m))
    starts = np.cumsum([0, *sizes[:-1]])
    weight = draw(st.sampled_from([F(1, 10), F(1), F(7, 2)]))
    norms = [
        weighted_norm(weight, [{int(j): 1} for j in range(start, start + size)])
        for start, size in zip(starts, sizes, strict=True)
    ]
    cones = draw(st.booleans())
    at_least = [{j: draw(small) or 1 for j in range(n)}] if cones and len(sizes) == 1 else []
    return group_program(n, fit=fit, target=target, norms=norms, at_least=at_least)


@settings(max_examples=40, deadline=None)
@given(lasso_like())
def test_random_group_lassos(program: GroupProgram) -> None:
    holds(program)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_random_quadratics_over_the_orthant_are_exact(data: st.DataObject) -> None:
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    fit = [dict(enumerate(data.draw(st.lists(small, min_size=n, max_size=n)))) for _ in range(m)]
    target = data.draw(st.lists(small, min_size=m, max_size=m))
    program = group_program(n, fit=fit, target=target, at_least=[{j: 1} for j in range(n)])
    result = minimum_of(program)
    assert result.check().accepted
    assert result.value.is_exact
    assert float(result.value.upper) == pytest.approx(approx_minimum_cvxpy(program), abs=1e-6)


def test_a_linear_programme() -> None:
    # the diet of two foods: x + 2y over 3x + y >= 3, x + 3y >= 2, x, y >= 0, at x = 7/8, y = 3/8
    program = group_program(
        2, cost={0: 1, 1: 2}, at_least=[{0: 3, 1: 1}, {0: 1, 1: 3}, {0: 1}, {1: 1}], least=[3, 2, 0, 0]
    )
    result = minimum_of(program)
    assert result.value.upper == result.value.lower == F(13, 8)
    assert result.check().accepted


def test_an_absolute_value_with_an_equation() -> None:
    program = group_program(
        2, norms=[weighted_norm(1, [{0: 1}]), weighted_norm(2, [{1: 1}])], equal=[{0: 1, 1: 1}], level=[3]
    )
    assert minimum_of(program).value.lower == 3


def test_an_unpenalised_variable_without_curvature() -> None:
    """An intercept beside norms: the dual vector must add up to zero exactly."""
    program = group_program(
        3,
        fit=[{0: 1, 1: 2, 2: 1}, {0: -1, 1: 1, 2: 1}, {0: 3, 2: 1}],
        target=[1, 5, -2],
        norms=[weighted_norm("1/3", [{0: 1}, {1: 1}])],
    )
    result = minimum_of(program)
    assert sum(result.value.dual.v) == 0
    holds(program, F(1, 10**12))


def test_a_semidefinite_programme() -> None:
    # the nuclear norm of [[1, 2], [2, -1]], whose singular values are sqrt(5) twice
    places = triangle(4)
    index = {place: j for j, place in enumerate(places)}
    entries = {(0, 2): 1, (0, 3): 2, (1, 2): 2, (1, 3): -1}
    program = group_program(
        10,
        cost={index[i, i]: F(1, 2) for i in range(4)},
        equal=[{index[place]: 1} for place in entries],
        level=list(entries.values()),
        semidefinite=[[{index[place]: 1} for place in places]],
    )
    value = minimum_of(program).value
    assert value.lower**2 <= 20 <= value.upper**2
    holds(program, F(1, 10**7))


def test_dual_vectors_satisfy_the_equation_exactly() -> None:
    program = group_program(
        2,
        fit=[{0: 1, 1: F(1, 3)}],
        target=[2],
        norms=[weighted_norm(1, [{0: 1}, {1: 1}])],
        at_least=[{0: 1, 1: -1}],
    )
    assert not any(missing(program, feasible_dual(program, approx_minimum(program))))


def test_blocks_follow_norms_and_constraints_only() -> None:
    program = group_program(
        5,
        fit=[dict.fromkeys(range(5), 1)],
        target=[1],
        norms=[weighted_norm(1, [{0: 1}, {2: 1}])],
        equal=[{3: 1, 4: 1}],
    )
    assert sorted(map(tuple, blocks_of_variables(program))) == [(0, 2), (1,), (3, 4)]


def test_the_objective_of_a_point() -> None:
    program = group_program(2, cost={0: -1}, norms=[weighted_norm(2, [{0: 1}, {1: 1}])])
    assert program_value(program, (F(3), F(4))).midpoint == 7


def test_shapes_are_checked() -> None:
    with pytest.raises(ShapeError, match="right side"):
        group_program(1, fit=[{0: 1}], target=[])
    with pytest.raises(ShapeError, match="does not exist"):
        group_program(1, cost={1: 1})


def test_projection_is_exact() -> None:
    point = project(2, [((0, F(1)), (1, F(3)))], [F(1, 7)], np.array([0.3, 0.2]))
    assert point is not None
    assert point[0] + 3 * point[1] == F(1, 7)
    assert project(1, [((0, F(1)),), ((0, F(1)),)], [F(0), F(1)], np.array([0.0])) is None


def test_semidefinite_matrices() -> None:
    assert order_of([1] * 6) == 3
    assert is_semidefinite([F(x) for x in (2, -1, 0, 2, -1, 2)])
    assert not is_semidefinite([F(x) for x in (1, 1, 1, 1, 0, 1)])
