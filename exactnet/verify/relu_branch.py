"""Which relu unit to split: the units whose relaxation costs most are tried, and the best trial is taken.

A unit is scored by what its relaxation takes from the bound, measured along the minimiser (averaged over an
ascent) and by its intercept (Bunel et al. 2020, BaBSR); the bounds of both children of the best few decide
(De Palma et al. 2021, filtered smart branching).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from exactnet.verify.relu_ascent import Ascent, Batch, CaseRows, ascend, sweep
from exactnet.verify.relu_float import LiveNetwork, refined
from exactnet.verify.relu_tree import Node
from exactnet.verify.relu_units import Array

__all__ = ["chosen_splits", "is_refined_next"]

_TRIED = 6
_BOUNDS_A_LEAF = 64
_BOUNDS_A_TRIAL = 256
_STEPS = 4
_LEAST_GAIN = 2.0**-20


def is_refined_next(node: Node) -> bool:
    """Whether a node that could not be closed has its bounds refined before it is split.

    A refinement at every k-th level of a binary tree happens about once for 2^k leaves: k is such that
    all refinements together compute no more than `_BOUNDS_A_LEAF` bounds a leaf.
    """
    if not node.waiting or node.refined:
        return False
    n_bounds = 2 * node.known.n_open(min(layer for layer, _, _ in node.splits) + 1)
    return 0 < n_bounds <= _BOUNDS_A_LEAF << node.waiting


def chosen_splits(
    net: LiveNetwork, nodes: list[Node], rows: list[CaseRows], batch: Batch, found: Ascent
) -> list[tuple[int, int] | None]:
    """The unit to split at each node, None where no unit is unstable.

    Parameters
    ----------
    nodes, rows : P nodes, and for each the rows of its hardest case.
    batch, found : the pairs of both, and the ascent there.
    """
    options = _candidates(batch, found)
    trials = [_Trial(p, *unit, sign) for p, some in enumerate(options) for unit in some for sign in (1, -1)]
    if not trials:
        return [None] * len(nodes)
    values = _tried(net, nodes, rows, found, trials)
    result: list[tuple[int, int] | None] = []
    at = 0
    for p, some in enumerate(options):
        both = values[at : at + 2 * len(some)].reshape(-1, 2)
        at += 2 * len(some)
        result.append(some[_best(both, min(float(found.value[p]), 0.0))] if some else None)
    return result


class _Trial(NamedTuple):
    """A child of node p that is tried: layer, live unit and sign."""

    p: int
    layer: int
    unit: int
    sign: int


def _candidates(batch: Batch, found: Ascent) -> list[list[tuple[int, int]]]:
    """For each pair the unstable units with the best scores, by each of the two scores in turn."""
    swept = sweep(batch, found.guess)
    unstable = np.concatenate([lines.unstable for lines in batch.lines], axis=1)
    gap = np.concatenate(found.gap, axis=1)
    drop = np.concatenate(
        [np.abs(v) * lines.intercept for v, lines in zip(swept.multipliers, batch.lines, strict=True)], axis=1
    )
    places = [(m, i) for m, layer in enumerate(batch.net.layers) for i in range(len(layer.bias))]
    result = []
    for p in range(batch.n_pairs):
        chosen: list[int] = []
        for score in (gap[p], drop[p]):
            order = np.argsort(-np.where(unstable[p], score, -1.0), kind="stable")[:_TRIED].tolist()
            chosen += [i for i in order if unstable[p, i] and i not in chosen]
        result.append([places[i] for i in chosen])
    return result


def _tried(
    net: LiveNetwork, nodes: list[Node], rows: list[CaseRows], found: Ascent, trials: list[_Trial]
) -> Array:
    """The bounds of these children after a few steps, infinity where a child is empty."""
    bounds, signs = [], []
    for trial in trials:
        node = nodes[trial.p]
        child = node.known.split(trial.layer, trial.unit, trial.sign)
        if 0 < 2 * node.known.n_open(trial.layer + 1) <= _BOUNDS_A_TRIAL:
            child = refined(net, child)
        marked = node.signs(net)
        marked[trial.layer][trial.unit] = trial.sign
        bounds.append(child)
        signs.append(marked)
    batch = Batch(net, bounds, signs, [rows[trial.p] for trial in trials])
    start = batch.resumed([found.guess.take(np.array([trial.p])) for trial in trials])
    value = ascend(batch, start, _STEPS).value
    return np.where([child.is_empty for child in bounds], np.inf, value)


def _best(both: Array, parent: float) -> int:
    """The row with the largest product of the gains of its two children; what is above 0 is enough."""
    gains = np.maximum(np.minimum(both, 0.0) - parent, 0.0) + _LEAST_GAIN * max(-parent, _LEAST_GAIN)
    return int(np.argmax(gains[:, 0] * gains[:, 1]))
