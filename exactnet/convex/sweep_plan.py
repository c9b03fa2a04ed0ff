"""The walls of a problem in two or three coordinates: rows merged and rays sorted exactly.

Parallel rows share a wall; zero rows have none. In the plane the walls are numbered by the angle of their
rays; in space the rays of every great circle are sorted by floats, and by integers wherever two come close,
so that ties are ties and never a matter of rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np
from numpy.typing import NDArray

from exactnet.convex.program import TrainingProblem
from exactnet.kernels.sweep import CircleOrder, Peaks, circle_order, plane_peaks, space_peaks

__all__ = ["SweepPlan", "sweep_plan"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
IntVector = tuple[int, ...]

_NEAR = 2.0**-30


@dataclass(frozen=True)
class SweepPlan:
    """Data of the sweeps in scaled units.

    Attributes
    ----------
    rows : n x D, the homogenised rows divided by `row_scale`.
    walls : primitive integer forms, one a line of rows. forms : the same as unit vectors (m x D).
    wall_of, side_of : row i is a multiple of wall `wall_of[i]` with the sign `side_of[i]` (0 for a zero row).
    lengths : length of each scaled row. circles : the sorted rays (space only).
    n_cells : number of full-dimensional cells of the walls.
    """

    rows: Floats
    row_scale: float
    walls: tuple[IntVector, ...]
    forms: Floats
    wall_of: Ints
    side_of: NDArray[np.int8]
    lengths: Floats
    circles: CircleOrder | None
    n_cells: int

    def peaks(self, v: Floats, *, threshold: float) -> Peaks:
        """The largest |sum_i v_i (z_i.u)_+| over unit vectors, and the local maxima above the threshold."""
        weights = self.lengths * v
        c: Floats = np.bincount(self.wall_of, weights=weights, minlength=len(self.walls)) / 2
        linear = 0.5 * (v @ self.rows)
        if self.circles is None:
            return plane_peaks(self.forms, c, linear, threshold=threshold)
        return space_peaks(self.forms, c, linear, self.circles, threshold=threshold)

    def tight(self, kind: int, place: Sequence[int]) -> tuple[int, ...]:
        """The walls through a peak, from its kind and place."""
        if kind == 0:
            return ()
        k = int(place[0])
        if kind == 1 or self.circles is None:
            return (k,)
        start = end = int(place[1])
        while not self.circles.ends[k, end]:
            end += 1
        return tuple(sorted((k, *(int(j) for j in self.circles.order[k, start : end + 1]))))


def sweep_plan(problem: TrainingProblem) -> SweepPlan:
    """Merge and sort. Cost O(n log n) in two coordinates, O(n^2 log n) in three.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[1, 1], [2, 2], [0, 0], [-1, -1], [1, 0]], [1, 2, 3, 4, 5])
    >>> plan = sweep_plan(training_problem(data, beta=1))
    >>> plan.walls, plan.wall_of.tolist(), plan.side_of.tolist(), plan.n_cells
    (((-1, 0), (-1, -1)), [1, 1, 1, 1, 0], [-1, -1, 0, 1, -1], 4)
    """
    integers, denominator = problem.integer_rows
    dimension = problem.dimension
    numbers: dict[IntVector, int] = {}
    wall_of, side_of = np.zeros(len(integers), np.int64), np.zeros(len(integers), np.int8)
    for i, row in enumerate(integers):
        if any(row):
            wall, side_of[i] = _line(row)
            wall_of[i] = numbers.setdefault(wall, len(numbers))
    walls = list(numbers)
    largest = max((abs(x) for row in integers for x in row), default=0) or 1
    rows = np.array([[x / largest for x in row] for row in integers]).reshape(len(integers), dimension)
    if dimension == 2:
        place, flips = _plane_order(walls)
        walls = [tuple(flips[k] * x for x in walls[k]) for k in place]
        rank = np.empty(len(place), np.int64)
        rank[place] = np.arange(len(place))
        if len(place):
            side_of = (side_of * np.array(flips, np.int8)[wall_of]).astype(np.int8)
            wall_of = rank[wall_of]
    forms = _units(walls, dimension)
    circles, n_cells = None, max(1, 2 * len(walls))
    if dimension == 3:
        circles, n_cells = _circles(walls, forms)
    scale = float(Fraction(largest, denominator))
    return SweepPlan(
        rows,
        scale,
        tuple(walls),
        forms,
        wall_of,
        side_of,
        np.linalg.norm(rows, axis=1),
        circles,
        n_cells,
    )


def _line(row: IntVector) -> tuple[IntVector, int]:
    """The primitive vector with first non-zero entry positive, and the sign of the row against it."""
    divisor = gcd(*row)
    sign = 1 if next(x for x in row if x) > 0 else -1
    return tuple(sign * x // divisor for x in row), sign


def _units(walls: Sequence[IntVector], dimension: int) -> Floats:
    forms = np.array([[x / max(map(abs, wall)) for x in wall] for wall in walls]).reshape(-1, dimension)
    units: Floats = forms / np.linalg.norm(forms, axis=1, keepdims=True)
    return units


def _plane_order(forms: Sequence[tuple[int, ...]]) -> tuple[list[int], list[int]]:
    """Forms by the exact angle of their rays (b, -a) in [0, pi), and the signs that bring them there."""
    flips = [-1 if a > 0 or (a == 0 and b < 0) else 1 for a, b in forms]
    heights = [abs(a) for a, _ in forms]
    # slopes b / a differ by at least 1 / (a a') or are equal
    bits = 2 * max((a.bit_length() for a in heights), default=0) + 1
    keys = [
        (-flip * b << bits) // a if a else 0 for flip, a, (_, b) in zip(flips, heights, forms, strict=True)
    ]
    flat = [k for k, a in enumerate(heights) if a == 0]
    return flat + sorted((k for k, a in enumerate(heights) if a), key=keys.__getitem__), flips


def _circles(walls: Sequence[IntVector], forms: Floats) -> tuple[CircleOrder | None, int]:
    """The rays of every circle with exact ties, and the number of cells by Euler's formula."""
    m = len(walls)
    if m < 2:
        empty = np.zeros((m, 0), np.int8)
        return CircleOrder(empty.astype(np.int32), empty, empty), m + 1
    order, orient, gaps = circle_order(forms)
    ends = np.ones((m, m - 1), np.int8)
    for k in np.flatnonzero((np.abs(gaps) < _NEAR).any(axis=1)) if m > 2 else ():
        order[k], orient[k], ends[k] = _exact_circle(walls, forms, int(k))
    sizes = np.diff(np.flatnonzero(np.append(1, ends.ravel())), prepend=0)[1:]
    # a line that is the meet of s circles lies on each of them
    n_lines = round(float((1.0 / (sizes + 1)).sum()))
    n_arcs = 2 * int(ends.sum())
    return CircleOrder(order, orient, ends), 2 - 2 * n_lines + n_arcs


def _exact_circle(
    walls: Sequence[IntVector], forms: Floats, k: int
) -> tuple[NDArray[np.int32], NDArray[np.int8], NDArray[np.int8]]:
    """One circle in integers, in the coordinates that the float loop uses; each ray's walls by number."""
    p = int(np.argmax(np.abs(forms[k])))
    q, r = (p + 1) % 3, (p + 2) % 3
    wall = walls[k] if walls[k][p] > 0 else tuple(-x for x in walls[k])
    others = [j for j in range(len(walls)) if j != k]
    plane = [
        (walls[j][q] * wall[p] - walls[j][p] * wall[q], walls[j][r] * wall[p] - walls[j][p] * wall[r])
        for j in others
    ]
    place, flips = _plane_order(plane)
    turned = [(flips[i] * plane[i][0], flips[i] * plane[i][1]) for i in place]
    ends = [
        int(i + 1 == len(place) or turned[i][0] * turned[i + 1][1] != turned[i][1] * turned[i + 1][0])
        for i in range(len(place))
    ]
    order = np.array([others[i] for i in place], np.int32)
    orient = np.array([flips[i] for i in place], np.int8)
    return order, orient, np.array(ends, np.int8)
