"""The unit that is split: where only one unit matters, it is that one."""

from __future__ import annotations

import numpy as np
import pytest

from exactnet.model import Network
from exactnet.model.property import Case, Row
from exactnet.verify.lowered import lowered
from exactnet.verify.relu_ascent import Batch, ascend, case_rows
from exactnet.verify.relu_branch import chosen_splits, is_refined_next
from exactnet.verify.relu_float import root_task
from exactnet.verify.relu_tree import Node


def _chosen(network: Network, case: Case):
    net = lowered(network)
    task = root_task(net, case.lower, case.upper, float32=False, grid=44)
    node = Node(task.bounds, (), (0,))
    rows = case_rows(case, net.n_inputs, net.n_outputs)
    batch = Batch(task.net, [node.known], [node.signs(task.net)], [rows])
    found = ascend(batch, batch.first_guess(), 20)
    return chosen_splits(task.net, [node], [rows], batch, found)[0]


@pytest.mark.parametrize("k", range(4))
def test_the_only_unit_with_a_weight_is_split(k: int) -> None:
    weights = [int(j == k) for j in range(4)]
    network = Network.from_arrays(
        [(np.array([[1, 1], [1, -1], [-1, 1], [2, 1]]), [0] * 4), ([[-w for w in weights]], [0])]
    )
    case = Case((-1, -1), (1, 1), (Row.from_terms({0: 1}, {0: 1}, -2),))
    assert _chosen(network, case) == (0, k)


def test_a_network_without_unstable_units_has_no_split() -> None:
    network = Network.from_arrays([([[1]], [2]), ([[1]], [0])])
    assert _chosen(network, Case((-1,), (1,), (Row.from_terms({}, {0: 1}, 2),))) is None


def test_a_refinement_waits_for_splits_that_it_can_use() -> None:
    network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [-3]), ([[1]], [0])])
    net = lowered(network)
    task = root_task(net, (-1,), (1,), float32=False, grid=44)
    root = Node(task.bounds, (), (0,))
    assert not is_refined_next(root)
    root.divide((0, 0), (None, None), is_early=True)
    # |x| - 3 < 0 on [-1, 1]: the unit behind is dead, so there is nothing to gain
    assert not any(is_refined_next(child) for child in root.children)
    wider = root_task(net, (-4,), (4,), float32=False, grid=44)
    root = Node(wider.bounds, (), (0,))
    root.divide((0, 0), (None, None), is_early=True)
    assert all(is_refined_next(child) for child in root.children)
    root.children[0].refined = True
    assert not is_refined_next(root.children[0])
