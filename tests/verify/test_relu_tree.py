"""The node stream of a search, written by hand."""

from __future__ import annotations

import numpy as np

from exactnet.verify.relu_float import LiveLayer, LiveNetwork
from exactnet.verify.relu_tree import Node, stream
from exactnet.verify.relu_units import Bounds, Units


def _network() -> LiveNetwork:
    yes = np.array([True, True])
    first = LiveLayer(np.eye(2), np.zeros(2), yes, np.array([1, 4]), 0, np.zeros(2))
    last = LiveLayer(np.ones((1, 2)), np.zeros(1), ~yes[:1], np.array([0]), 5, np.zeros(1))
    return LiveNetwork((first, last), -np.ones(2), np.ones(2), 2.0**-44, False)


def _bounds() -> Bounds:
    no, yes, zero, one = np.zeros(2, dtype=bool), np.ones(2, dtype=bool), np.zeros(2), np.ones(2)
    units = Units(-one, one, zero, zero, -one, yes, no, yes)
    last = Units(zero[:1], 2 * one[:1], zero[:1], zero[:1], zero[:1], yes[:1], no[:1], no[:1])
    return Bounds((units, last))


def test_a_tree_with_every_kind_of_node() -> None:
    net = _network()
    root = Node(_bounds(), (), (2, 5, 7))
    root.close({5: (0,)})
    assert root.open == (2, 7)
    root.divide((0, 1), (None, None), is_early=True)
    first, second = root.children
    assert first.splits == ((0, 1, 1),)
    assert [s.tolist() for s in second.signs(net)] == [[0, -1], [0]]
    assert (first.waiting, second.waiting) == (1, 1)
    first.refined = True
    first.close({2: (-1, 1, 0, 0, 0), 7: (4,)})
    second.refined = second.empty = True
    second.open = ()
    stream_of_all = (4, 1, 5, 0, 1, 1, 4, 2, 3, -1, 1, 0, 0, 0, 4, 2, 5)
    assert stream(root, (2, 5, 7), net) == (stream_of_all, 2, True)
    assert stream(root, (5,), net) == ((3, 0), 1, True)
    assert stream(root, (2,), net) == ((1, 1, 4, 2, 3, -1, 1, 0, 0, 0, 2, 5), 2, True)


def test_what_is_not_closed_is_an_open_leaf() -> None:
    net = _network()
    root = Node(_bounds(), (), (0, 1))
    assert stream(root, (0, 1), net) == ((6,), 1, False)
    root.divide((0, 0), (None, None), is_early=False)
    root.children[0].close({0: (1,), 1: (2,)})
    root.children[1].close({1: (2,)})
    assert stream(root, (0, 1), net) == ((1, 1, 1, 3, 1, 2, 4, 1, 1, 2, 6), 2, False)
    assert stream(root, (1,), net) == ((1, 1, 1, 3, 2, 3, 2), 2, True)
