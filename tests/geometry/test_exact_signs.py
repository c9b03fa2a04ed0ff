"""Exact rays and signs for the questions of the float walk."""

from __future__ import annotations

import pytest

from exactnet.errors import InvariantError
from exactnet.geometry import exact_signs
from exactnet.geometry.exact_signs import ExactSigns
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.kernels.float_cells import Question
from exactnet.model import Network

INFINITY = (0, 0, 1)


def test_a_ray_is_determined_by_more_forms_than_needed() -> None:
    """Three concurrent lines and a repeated one."""
    exact = ExactSigns(arrangement_task([(1, 0, -1), (2, 0, -2), (0, 1, -1), (1, 1, -2)]), [INFINITY])
    for tight in ((1, 3), (1, 2, 3), (1, 2, 3, 4), (3, 4)):
        others = tuple((f, 1) for f in (0,))
        assert exact.ray(Question(0, 1, tight, others), ()) == (1, 1, 1)


def test_the_orientation_comes_from_the_other_forms() -> None:
    exact = ExactSigns(arrangement_task([(1, 0, 0), (0, 1, 0)]), [INFINITY])
    for sign in (1, -1):
        assert exact.ray(Question(0, 1, (0, 1), ((2, sign),)), ()) == (0, sign, 0)
        assert exact.sign(2, (), (0, sign, 0)) == sign
    assert exact.sign(1, (), (0, 1, 0)) == 0


@pytest.mark.parametrize(
    ("tight", "others"),
    [((1,), ((0, 1),)), ((1, 2), ((0, 1),)), ((1, 3), ()), ((1, 3), ((4, 1),))],
    ids=["too few", "dependent", "no orientation", "all zero"],
)
def test_what_is_no_extreme_ray_is_our_bug(
    tight: tuple[int, ...], others: tuple[tuple[int, int], ...]
) -> None:
    exact = ExactSigns(arrangement_task([(1, 0, -1), (2, 0, -2), (0, 1, -1), (1, 1, -2)]), [INFINITY])
    with pytest.raises(InvariantError, match="extreme ray"):
        exact.ray(Question(0, 1, tight, others), ())


def test_forms_of_later_layers_depend_on_the_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact_signs, "_KEPT", 1)
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 2]], [-1])], output_activation="relu")
    exact = ExactSigns(region_task(network), [(0, 1)])
    for _ in range(2):
        assert exact.form(3, (1, -1)) == (1, -1)
        assert exact.form(3, (-1, 1)) == (-2, -1)
        assert exact.form(3, (-1, -1, 1)) == (0, -1)
        assert exact.form(1, ()) == (1, 0)
