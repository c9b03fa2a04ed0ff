"""Cones with lines: cut by enough forms, they are the simplicial cones between these forms."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError
from exactnet.exact import rank
from exactnet.geometry.double_description import Cone, evaluate, simplicial_cone
from exactnet.geometry.lines import Lines, cone_with_lines, split_by_line, vanishes_on

ENTRIES = st.integers(-3, 3)


def _rays(cone: Cone) -> set[tuple[tuple[int, ...], int]]:
    return set(zip(cone.rays, cone.tight, strict=True))


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 4), st.data())
def test_one_form_after_the_other_gives_the_simplicial_cones(size: int, data: st.DataObject) -> None:
    infinity = (0,) * (size - 1) + (1,)
    others = [tuple(data.draw(ENTRIES) for _ in range(size)) for _ in range(size - 1)]
    forms = [infinity, *others]
    assume(rank(forms) == size)
    n_start = data.draw(st.integers(1, size))
    signs = (1, *(data.draw(st.sampled_from([1, -1])) for _ in range(n_start - 1)))
    parts: list[tuple[Cone, Lines, tuple[int, ...]]] = [
        (*cone_with_lines(forms[:n_start], range(n_start), signs), signs)
    ]
    for name in range(n_start, size):
        longer: list[tuple[Cone, Lines, tuple[int, ...]]] = []
        for cone, lines, before in parts:
            assert cone.dimension + len(lines) == size
            assert all(vanishes_on(lines, form) for form in forms[:name])
            assert not vanishes_on(lines, forms[name])
            positive, negative, left = split_by_line(cone, lines, forms[name], name)
            longer += [(positive, left, (*before, 1)), (negative, left, (*before, -1))]
        parts = longer
    assert {choice for _, _, choice in parts} == {
        (*signs, *rest) for rest in product((1, -1), repeat=size - n_start)
    }
    for cone, lines, choice in parts:
        assert lines == ()
        assert _rays(cone) == _rays(simplicial_cone(forms, range(size), choice))


def test_the_rays_lie_on_the_forms_of_their_tight_sets() -> None:
    forms = [(0, 0, 0, 1), (1, 1, 0, 0), (0, 1, 0, 2), (2, 0, 3, -1)]
    cone, lines = cone_with_lines(forms[:2], (0, 1), (1, -1))
    assert len(lines) == 2
    for name in (2, 3):
        cone, _, lines = split_by_line(cone, lines, forms[name], name)
    for ray, tight in zip(cone.rays, cone.tight, strict=True):
        assert [evaluate(form, ray) == 0 for form in forms] == [bool(tight >> name & 1) for name in range(4)]


def test_dependent_forms_are_refused() -> None:
    with pytest.raises(InputError):
        cone_with_lines([(0, 0, 1), (0, 0, 2)], (0, 1), (1, 1))
