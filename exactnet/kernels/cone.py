"""Projection onto polyhedral cones in a few dimensions: the hot loop of pricing, plain and compiled.

For a cone {u : A u >= 0} and a vector g find lambda >= 0 that minimises ||g + A' lambda|| over the
penalised coordinates, the unpenalised ones being zero. The minimum is the largest g.u over the cone and
the unit ball, and lambda is its proof. Floats only: callers check exactly.

The method is the active-set method for non-negative least squares of Lawson and Hanson with small dense
solves; unpenalised coordinates enter first with a large weight, to find the support, and then as equations.
The plain twin is SciPy's solver, task by task; both give the same minimum, the multipliers may differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["project_cone", "project_cones"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STIFF = 2.0**17
# below this many tasks SciPy is done before numba has been imported
_COMPILED_FROM = 4000


def project_cone(cone: Floats, g: Floats, n_penalised: int) -> tuple[Floats, Floats]:
    """One task, plain: multipliers (n_facets,) and remainder (D,) for facet normals `cone` (n_facets x D).

    Examples
    --------
    >>> lam, rest = project_cone(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([-2.0, 3.0]), 2)
    >>> lam.tolist(), rest.tolist()
    ([2.0, 0.0], [0.0, 3.0])
    """
    from scipy.optimize import nnls

    if not len(cone):
        return np.zeros(0), g
    weight = np.where(np.arange(len(g)) < n_penalised, 1.0, _STIFF)
    try:
        lam, _ = nnls((cone * weight).T, -g * weight)
    except RuntimeError:  # iteration limit of the active-set method: lambda = 0 is always admissible
        return np.zeros(len(cone)), g
    if n_penalised < len(g):
        lam = _refine(cone, g, lam, n_penalised)
    return lam, g + lam @ cone


def _refine(cone: Floats, g: Floats, lam: Floats, p: int) -> Floats:
    """Go on from the support of `lam` with the last coordinates as equations instead of a weight.

    With r = g + cone' lambda and mu the multipliers of the equations, lambda is optimal when (r_p, mu)
    lies in the cone; a facet it violates enters the support.
    """
    best, passive = lam, lam > 0
    target = lam.copy()
    tolerance = 2.0**-44 * float(np.linalg.norm(g))
    for _ in range(4 * (len(g) + 2)):
        support = np.flatnonzero(passive)
        if not len(support):
            if abs(g[p]) > tolerance:
                return best
            entering = _separating(cone, g, p)
            if not len(entering):
                return np.zeros(len(cone))
            passive[entering] = True
            continue
        a, c = cone[support, :p], cone[support, p:]
        k, m = len(support), len(g) - p
        system = np.block([[a @ a.T, c], [c.T, np.zeros((m, m))]])
        rhs = np.concatenate([-a @ g[:p], -g[p:]])
        solution = np.linalg.lstsq(system, rhs, rcond=None)[0]
        if (solution[:k] < 0).any():
            current = target[support]
            falling = solution[:k] < 0
            ratios = np.where(falling, current / np.where(falling, current - solution[:k], 1.0), np.inf)
            leave = int(np.argmin(ratios))
            target[support] = np.maximum(current + ratios[leave] * (solution[:k] - current), 0.0)
            target[support[leave]] = 0.0
            passive[support[leave]] = False
            continue
        target[:] = 0.0
        target[support] = solution[:k]
        best = target.copy()
        u = np.concatenate([g[:p] + best @ cone[:, :p], solution[k:]])
        slopes = np.where(passive, -np.inf, -(cone @ u))
        enter = int(np.argmax(slopes))
        if slopes[enter] <= tolerance:
            return best
        passive[enter] = True
    return best


def _separating(cone: Floats, g: Floats, p: int) -> list[int]:
    """Facets that keep (g_p, mu) out of the cone for every mu; empty when some mu is inside."""
    slopes, last = cone[:, :p] @ g[:p], cone[:, p]
    flat = np.flatnonzero((last == 0) & (slopes < 0))
    if len(flat):
        return [int(flat[0])]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = -slopes / last
    lows, highs = np.where(last > 0, ends, -np.inf), np.where(last < 0, ends, np.inf)
    below, above = int(np.argmax(lows)), int(np.argmin(highs))
    return [] if lows[below] <= highs[above] else [below, above]


def project_cones(
    normals: Floats,
    starts: Ints,
    members: Ints,
    signs: NDArray[np.int8],
    cells: Ints,
    gradients: Floats,
    n_penalised: int,
    *,
    compiled: bool | None = None,
) -> tuple[Floats, Floats]:
    """Multipliers and remainders of many tasks.

    Parameters
    ----------
    normals : (n_forms, D) unit normals; the first `n_penalised` coordinates are the penalised ones, at most
        one is not.
    starts, members : facet lists; listed cell c is bounded by members[starts[c]:starts[c + 1]].
    signs : (n_cells, n_forms) sign of each form on each cell.
    cells : (m,) the cell of each task; its facet list is that of `cells[i] % (len(starts) - 1)`.
    gradients : (m, D) the vectors g.
    compiled : force one of the twins; by default the compiled one for many tasks.

    Returns
    -------
    multipliers : (m, widest facet list), in facet order, zero-padded.
    rest : (m, D).
    """
    if n_penalised < gradients.shape[1]:
        # the unpenalised coordinate has a scale of its own: bring it to the size of the others
        size = float(np.median(np.abs(normals[:, n_penalised]))) or 1.0
        unit = np.where(np.arange(gradients.shape[1]) < n_penalised, 1.0, 1.0 / size)
        normals, gradients = normals * unit, gradients * unit
    width = int(np.diff(starts).max(initial=0))
    lam = np.zeros((len(cells), width))
    rest = gradients.copy()
    redo = np.ones(len(cells), dtype=bool)
    if compiled if compiled is not None else len(cells) >= _COMPILED_FROM:
        from exactnet.kernels._cone_loops import project_all

        done = np.zeros(len(cells), dtype=bool)
        project_all(normals, starts, members, signs, cells, gradients, n_penalised, lam, rest, done)
        redo = ~done
    n_listed = len(starts) - 1
    for i in np.flatnonzero(redo):
        listed = cells[i] % n_listed
        facets = members[starts[listed] : starts[listed + 1]]
        cone = normals[facets] * signs[cells[i], facets][:, None]
        found, rest[i] = project_cone(cone, gradients[i], n_penalised)
        lam[i] = 0.0
        lam[i, : len(found)] = found
    if n_penalised < gradients.shape[1]:
        rest[:, n_penalised:] /= unit[n_penalised:]
    return lam, rest
