"""Linear programs go on from parts that any engine has left: same cells, same order, same bounded ones."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InvariantError, LimitReached
from exactnet.exact import SignTable
from exactnet.geometry.engine_steps import Engine
from exactnet.geometry.lp_exact import ExactRegions
from exactnet.geometry.lp_steps import lp_steps
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.stream import sign_table
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, SMALL, differences, domains, networks

Rows = list[list[int]]
THIRD = float(Fraction(1, 3))  # not a third: an entry that is no small whole number in float64


def rows_of(table: SignTable) -> Rows:
    rows: Rows = table.unpack().tolist()
    return rows


def in_two_goes(task: RegionTask, first: Engine, max_cells: int) -> NetworkCells:
    """Some cells by one engine, the rest by linear programs."""
    try:
        return network_cells(task, engine=first, max_cells=max_cells)
    except LimitReached as stopped:
        partial = stopped.partial
    assert isinstance(partial, NetworkCells)
    return network_cells(task, engine="lp", resume=partial)


def check_resumption(task: RegionTask) -> None:
    judge = network_cells(task, engine="reference")
    engines: tuple[Engine, ...] = ("lp", "reference", "float64")
    for first in engines:
        for max_cells in range(1, judge.n_cells, max(1, judge.n_cells // 6)):
            found = in_two_goes(task, first, max_cells)
            assert rows_of(found.signs) == rows_of(judge.signs), (first, max_cells)
            assert found.n_relatively_bounded == judge.n_relatively_bounded, (first, max_cells)


def test_a_unit_that_cancels_is_zero_after_a_resumption_too() -> None:
    """Two equal units, subtracted in both orders: both differences are zero everywhere, and inactive."""
    r, q, p = [0.1, 0.7, 0.3], [-1.3, 0.4, 0.2], [0.6, 1.1, -0.9]
    network = Network.from_arrays(
        [
            ([r[:2], r[:2], q[:2], p[:2]], [r[2], r[2], q[2], p[2]]),
            ([[1, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 0.3, 0.7], [0.1, 0.2, 0.9, -0.6]], [0, 0, -0.37, 0.21]),
        ],
        output_activation="relu",
    )
    task = region_task(network)
    judge = network_cells(task, engine="reference")
    for max_cells in range(1, judge.n_cells):
        assert rows_of(in_two_goes(task, "lp", max_cells).signs) == rows_of(judge.signs)
    assert rows_of(network_cells(task, engine="lp", jobs=2).signs) == rows_of(judge.signs)


def test_a_part_may_be_bounded_by_a_copy() -> None:
    """The second form, twice the first, is decided; the first one is still open."""
    forms = [
        [THIRD, 0, 0, 0],
        [2 * THIRD, 0, 0, 0],
        [0, 0.1, 0, 0],
        [0, -0.1, 0, 0],
        [0, 1, THIRD, 1],
        [1, THIRD, THIRD, -1],
        [1, 0, 1, 1],
    ]
    task = arrangement_task([[Fraction(x) for x in form] for form in forms])
    judge = network_cells(task, engine="reference")
    for part in (
        (1, 1, 0, 0, 0, 0, 0),
        (0, 1, 0, 0, 0, 0, 0),
        (-1, -1, 0, 0, 0, 0, 0),
        (0, 0, 0, -1, 0, 0, 0),
    ):
        steps = list(lp_steps(task, part, is_listing=True, limit=10**6))
        found = [row for step in steps for row in rows_of(sign_table(step.words, task.n_switches))]
        inside = [
            row for row in rows_of(judge.signs) if all(s in (0, t) for s, t in zip(part, row, strict=True))
        ]
        assert found == inside
        assert len(found) > 10


@given(networks(largest=(2, 3, 3, 2), entries=SMALL, activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=12)
def test_networks(network: Network, data: st.DataObject) -> None:
    check_resumption(region_task(network, data.draw(domains(network.n_inputs))))


@given(
    st.lists(st.sampled_from([0, 1, -1, 2, 0.1, THIRD]), min_size=4, max_size=4),
    st.lists(st.sampled_from([1, -1, 2, THIRD, -0.1]), min_size=3, max_size=3),
    st.integers(0, 3),
)
@settings(deadline=None, max_examples=15)
def test_arrangements_with_multiples(form: list[float], factors: list[float], place: int) -> None:
    rows = [[Fraction(factor) * Fraction(x) for x in form] for factor in factors]
    others = [[Fraction(x) for x in row] for row in [(1, 0, THIRD, 0), (0, 1, 0.1, -1), (1, 1, 1, 1)]]
    check_resumption(arrangement_task([*rows[:place], *others, *rows[place:]]))


def test_lines_in_every_cell() -> None:
    check_resumption(arrangement_task(differences(3, [0, 1])))


def test_a_row_without_a_sign_is_our_bug() -> None:
    exact = ExactRegions(arrangement_task([(1, 0), (1, -1)]))
    with pytest.raises(InvariantError, match="no sign"):
        exact.row(1, (0, 1))
