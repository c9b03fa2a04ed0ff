"""The largest value of a sum of kinks on the unit circle or sphere, face by face, in floats.

F(u) = linear.u + sum_k c_k |f_k.u| is what a dual vector does to all neurons u at once. One pass over the
faces of the arrangement of the f_k finds max |F| and the local maxima of F and -F: O(m) for m walls in the
plane, O(m^2) in space. These are guesses; who needs a proof checks in integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CELL", "FACE", "RAY", "CircleOrder", "Peaks", "circle_order", "plane_peaks", "space_peaks"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL, FACE, RAY = 0, 1, 2
_ROOM = 1 << 14


@dataclass(frozen=True)
class Peaks:
    """Local maxima of |F| above a threshold, the largest first, and gamma = max |F|.

    `signs[i]` F(`points[i]`) = `values[i]`; `kinds[i]` is CELL, FACE or RAY; `places[i]` is the number of the
    ray (plane) or (circle, first place of the ray on it) (space).
    """

    gamma: float
    values: Floats
    points: Floats
    signs: Ints
    kinds: Ints
    places: Ints


@dataclass(frozen=True)
class CircleOrder:
    """The rays on every great circle: walls, their signs, and 1 in `ends` behind the last wall of a ray."""

    order: NDArray[np.int32]
    orient: NDArray[np.int8]
    ends: NDArray[np.int8]


def plane_peaks(forms: Floats, c: Floats, linear: Floats, *, threshold: float) -> Peaks:
    """Peaks on the circle; the unit forms (m x 2) are sorted by the angle of (f_y, -f_x) in [0, pi).

    Examples
    --------
    >>> peaks = plane_peaks(np.array([[-1.0, 0.0]]), np.array([0.5]), np.array([0.5, 0.0]), threshold=0.1)
    >>> peaks.gamma, peaks.points[0, 0].item()  # F(u) is the positive part of u_x
    (1.0, 1.0)
    """
    from exactnet.kernels._sweep_loops import plane_peaks as loop

    room = 4 * len(forms) + 8
    values, points, names = np.empty(room), np.empty((room, 2)), np.empty((room, 4), np.int64)
    gamma, n = loop(forms, c, linear, threshold, values, points, names)
    return _sorted(gamma, values[:n], points[:n], names[:n], names[:n, 1:2])


def circle_order(forms: Floats) -> tuple[NDArray[np.int32], NDArray[np.int8], Floats]:
    """Rays of every great circle by angle: walls (m x m-1), signs, and the sine of the angle to the next."""
    from exactnet.kernels._sweep_loops import circle_order as loop

    m = len(forms)
    order, orient = np.empty((m, m - 1), np.int32), np.empty((m, m - 1), np.int8)
    gaps = np.empty((m, m - 1))
    loop(forms, order, orient, gaps)
    return order, orient, gaps


def space_peaks(forms: Floats, c: Floats, linear: Floats, circles: CircleOrder, *, threshold: float) -> Peaks:
    """Peaks on the sphere for unit forms (m x 3)."""
    from exactnet.kernels._sweep_loops import space_peaks as loop

    if len(forms) < 2:
        return _hemispheres(forms, c, linear, threshold)
    values, points, names = np.empty(_ROOM), np.empty((_ROOM, 3)), np.empty((_ROOM, 4), np.int64)
    gamma, n = loop(
        forms,
        c,
        linear,
        circles.order,
        circles.orient,
        circles.ends,
        threshold,
        values,
        points,
        names,
    )
    return _sorted(gamma, values[:n], points[:n], names[:n], names[:n, 1::2])


def _hemispheres(forms: Floats, c: Floats, linear: Floats, threshold: float) -> Peaks:
    """At most one wall: four candidates, +-h on either side."""
    values, points, names = [], [], []
    for side in (1.0, -1.0) if len(forms) else (0.0,):
        h = linear + side * (c[0] * forms[0] if len(forms) else 0.0 * linear)
        size = float(np.linalg.norm(h))
        for sign in (1, -1):
            if size > 0 and (not len(forms) or sign * side * float(forms[0] @ h) >= 0):
                values.append(size)
                points.append(sign * h / size)
                names.append((CELL, 0, sign, 0))
    gamma = max(values, default=0.0)
    keep = np.array(values) > threshold if values else np.zeros(0, bool)
    table = np.array(names, np.int64).reshape(-1, 4)[keep]
    return _sorted(
        gamma, np.array(values)[keep], np.array(points).reshape(-1, 3)[keep], table, table[:, 1::2]
    )


def _sorted(gamma: float, values: Floats, points: Floats, names: Ints, places: Ints) -> Peaks:
    by_size = np.argsort(-values, kind="stable")
    return Peaks(
        float(gamma),
        values[by_size],
        points[by_size],
        names[by_size, 2],
        names[by_size, 0],
        places[by_size],
    )
