"""The cases of a property that share a box, and the network, in float64 arrays: scores and gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from exactnet.model.property import Case, Property
from exactnet.verify.lowered import FloatLayer, ReluNetwork

__all__ = ["FloatCases", "Floats", "float_cases"]

Floats = NDArray[np.float64]

# relative rounding error of binary32
UNIT = 0.5**24


@dataclass(frozen=True)
class FloatCases:
    """Cases with one box, in floats.

    Attributes
    ----------
    layers : of the network.
    lower, upper : the box.
    cases : their indices in the property.
    starts : the first row of each case in the arrays below.
    inputs, outputs, bounds : the rows `inputs x + outputs y <= bounds` of all cases, one after the other;
        a case without rows has one that always holds.
    """

    layers: tuple[FloatLayer, ...]
    lower: Floats
    upper: Floats
    cases: tuple[int, ...]
    starts: NDArray[np.intp]
    inputs: Floats
    outputs: Floats
    bounds: Floats
    all_have_rows: bool

    @cached_property
    def width(self) -> Floats:
        """The sides of the box."""
        return self.upper - self.lower

    @cached_property
    def scale(self) -> float:
        """A size that values of the rows have in the middle of the box."""
        x = (self.lower + self.upper)[None] / 2
        y = self.values(x)
        sizes = np.abs(x) @ np.abs(self.inputs).T + np.abs(y) @ np.abs(self.outputs).T + np.abs(self.bounds)
        return float(sizes.max())

    @cached_property
    def _row_case(self) -> NDArray[np.intp]:
        counts = np.diff(np.append(self.starts, len(self.bounds)))
        return np.repeat(np.arange(len(self.starts)), counts)

    def clip(self, points: Floats) -> Floats:
        """The nearest points of the box."""
        return np.clip(points, self.lower, self.upper)

    def values(self, points: Floats) -> Floats:
        """The outputs, one row a point."""
        h = points
        for layer in self.layers:
            z = h @ layer.weight.T + layer.bias
            h = np.where(layer.is_relu, np.maximum(z, 0.0), z)
        return h

    def row_values(self, points: Floats, outputs: Floats) -> Floats:
        """Value minus bound of every row at every point: at most 0 where the row holds."""
        return points @ self.inputs.T + outputs @ self.outputs.T - self.bounds

    def case_scores(self, points: Floats) -> Floats:
        """The largest row value of every case at every point: at most 0 where the case holds."""
        return np.maximum.reduceat(self.row_values(points, self.values(points)), self.starts, axis=1)

    def gradients(self, points: Floats, cases: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """The score of one case (by its place here) at each point, and the gradient of its worst row."""
        h, live = points, []
        for layer in self.layers:
            z = h @ layer.weight.T + layer.bias
            live.append((z > 0) | ~layer.is_relu)
            h = np.where(live[-1], z, 0.0)
        rows = self.row_values(points, h)
        rows = np.where(self._row_case == cases[:, None], rows, -np.inf)
        worst = rows.argmax(axis=1)
        back = self.outputs[worst]
        for layer, alive in zip(reversed(self.layers), reversed(live), strict=True):
            back = np.where(alive, back, 0.0) @ layer.weight
        return rows.max(axis=1), back + self.inputs[worst]

    def rows_with_noise(self, x: Floats) -> tuple[Floats, Floats]:
        """Value minus bound of every row at one point, and how far rounding to binary32 may move it.

        The second is the first-order bound: the rounding of each unit times the slope of the row in it.
        """
        h, kept = x, []
        for layer in self.layers:
            magnitude = np.abs(layer.weight) @ np.abs(h) + np.abs(layer.bias)
            terms = np.count_nonzero(layer.weight, axis=1) + 2
            z = layer.weight @ h + layer.bias
            alive = (z > 0) | ~layer.is_relu
            kept.append((alive, UNIT * terms * magnitude))
            h = np.where(alive, z, 0.0)
        back, noise = self.outputs, np.zeros(len(self.bounds))
        for layer, (alive, rounding) in zip(reversed(self.layers), reversed(kept), strict=True):
            back = np.where(alive, back, 0.0)
            noise += np.abs(back) @ rounding
            back = back @ layer.weight
        return self.row_values(x[None], h[None])[0], noise


def float_cases(net: ReluNetwork, prop: Property) -> Iterator[FloatCases]:
    """The cases grouped by their boxes, in the order of the first case of each; empty boxes are left out."""
    groups: dict[tuple[object, object], list[int]] = {}
    for i, case in enumerate(prop.cases):
        if not case.is_empty:
            groups.setdefault((case.lower, case.upper), []).append(i)
    for indices in groups.values():
        yield _group(net, [prop.cases[i] for i in indices], tuple(indices))


def _group(net: ReluNetwork, cases: Sequence[Case], indices: tuple[int, ...]) -> FloatCases:
    counts = [max(1, len(case.rows)) for case in cases]
    starts = np.cumsum([0, *counts[:-1]])
    inputs = np.zeros((sum(counts), net.n_inputs))
    outputs = np.zeros((sum(counts), net.n_outputs))
    bounds = np.ones(sum(counts))
    for first, case in zip(starts, cases, strict=True):
        for r, row in enumerate(case.rows, start=int(first)):
            for i, a in row.inputs:
                inputs[r, i] = a
            for j, c in row.outputs:
                outputs[r, j] = c
            bounds[r] = row.bound
    return FloatCases(
        net.floats,
        np.array([float(q) for q in cases[0].lower]),
        np.array([float(q) for q in cases[0].upper]),
        indices,
        starts.astype(np.intp),
        inputs,
        outputs,
        bounds,
        all(case.rows for case in cases),
    )
