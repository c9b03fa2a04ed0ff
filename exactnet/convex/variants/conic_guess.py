"""Float solutions of a programme, primal and dual: Clarabel called directly, and its CVXPY twin.

Both are guesses: what is believed about a programme is what :mod:`exactnet.convex.variants.minimum` proves.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from exactnet.certificate.types import Row
from exactnet.convex.variants.group_program import GroupProgram, order_of, triangle

__all__ = ["ConicGuess", "approx_minima", "approx_minimum", "approx_minimum_cvxpy"]

Floats = NDArray[np.float64]
_GOALS = (2.0**-44, 2.0**-38, 2.0**-32, 2.0**-26)


@dataclass(frozen=True)
class ConicGuess:
    """A float point z, and float dual vectors in the order of the rule `program_optimum`."""

    z: Floats
    v: Floats
    multipliers: Floats
    free: Floats
    pulls: tuple[Floats, ...]
    matrices: tuple[Floats, ...]


def approx_minimum(program: GroupProgram) -> ConicGuess:
    """The first of :func:`approx_minima`."""
    return next(approx_minima(program))


def approx_minima(program: GroupProgram) -> Iterator[ConicGuess]:
    """Solutions by Clarabel, aiming at less and less accuracy: variables (z, residual r, a bound a norm).

    A goal out of reach can end near the optimum or far from it; which one, only a certificate tells.
    """
    import clarabel

    n, n_fit, n_norms = program.n_variables, len(program.fit), len(program.norms)
    width = n + n_fit + n_norms
    quadratic = sparse.diags_array(np.concatenate([np.zeros(n), np.ones(n_fit), np.zeros(n_norms)])).tocsc()
    linear = np.zeros(width)
    for j, x in program.cost:
        linear[j] = float(x)
    linear[n + n_fit :] = [float(norm.weight) for norm in program.norms]
    matrix, rhs, cones = _constraints(program, width, clarabel)
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_ktratio = 2.0**-30
    settings.max_iter = 300
    for goal in _GOALS:
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = goal
        solution = clarabel.DefaultSolver(quadratic, linear, matrix, rhs, cones, settings).solve()
        if np.isfinite(solution.x).all() and np.isfinite(solution.z).all():
            yield _split(program, np.array(solution.x), np.array(solution.z))


def _matrix(rows: list[Row], width: int, sign: float) -> Any:
    places = [(i, j, sign * float(x)) for i, row in enumerate(rows) for j, x in row]
    i, j, x = zip(*places, strict=True) if places else ((), (), ())
    return sparse.coo_array((np.array(x, dtype=float), (i, j)), shape=(len(rows), width))


def _constraints(program: GroupProgram, width: int, clarabel: Any) -> tuple[Any, Floats, list[Any]]:
    """A, b and cones of A x + s = b, s in cones; empty parts are left out."""
    n, n_fit = program.n_variables, len(program.fit)
    parts: list[tuple[Any, list[float], Any]] = []
    if program.fit:
        residual = sparse.coo_array((-np.ones(n_fit), (range(n_fit), range(n, n + n_fit))), (n_fit, width))
        matrix = _matrix(list(program.fit), width, 1.0) + residual
        parts.append((matrix, [float(b) for b in program.target], clarabel.ZeroConeT(n_fit)))
    if program.equal:
        level = [float(b) for b in program.level]
        parts.append((_matrix(list(program.equal), width, 1.0), level, clarabel.ZeroConeT(len(level))))
    if program.at_least:
        least = [-float(b) for b in program.least]
        parts.append(
            (_matrix(list(program.at_least), width, -1.0), least, clarabel.NonnegativeConeT(len(least)))
        )
    for k, norm in enumerate(program.norms):
        bound = sparse.coo_array(([-1.0], ([0], [n + n_fit + k])), (1, width))
        matrix = sparse.vstack([bound, _matrix(list(norm.rows), width, -1.0)])
        parts.append((matrix, [0.0] * (1 + len(norm.rows)), clarabel.SecondOrderConeT(1 + len(norm.rows))))
    for block in program.semidefinite:
        order, scale = _column_major(len(block))
        matrix = sparse.diags_array(scale) @ _matrix([block[i] for i in order], width, -1.0)
        parts.append((matrix, [0.0] * len(block), clarabel.PSDTriangleConeT(order_of(block))))
    whole = sparse.vstack([part[0] for part in parts]).tocsc()
    return whole, np.concatenate([part[1] for part in parts]), [part[2] for part in parts]


def _column_major(n_entries: int) -> tuple[list[int], Floats]:
    """Clarabel's order of an upper triangle, column after column, and factors sqrt(2) off the diagonal."""
    places = triangle(order_of(range(n_entries)))
    order = sorted(range(n_entries), key=lambda i: (places[i][1], places[i][0]))
    scale = [1.0 if places[i][0] == places[i][1] else 2.0**0.5 for i in order]
    return order, np.array(scale)


def _split(program: GroupProgram, x: Floats, dual: Floats) -> ConicGuess:
    """Take Clarabel's dual vector apart; signs by A'y + (gradient) = 0."""
    parts: list[Floats] = []
    start = 0
    sizes = [len(program.fit), len(program.equal), len(program.at_least)]
    sizes += [1 + len(norm.rows) for norm in program.norms] + [len(block) for block in program.semidefinite]
    for size in sizes:
        parts.append(dual[start : start + size])
        start += size
    n_norms = len(program.norms)
    pulls = tuple(-part[1:] for part in parts[3 : 3 + n_norms])
    matrices = []
    for part in parts[3 + n_norms :]:
        order, scale = _column_major(len(part))
        entries = np.zeros(len(part))
        entries[order] = part / scale
        matrices.append(entries)
    return ConicGuess(x[: program.n_variables], -parts[0], parts[2], -parts[1], pulls, tuple(matrices))


def approx_minimum_cvxpy(program: GroupProgram) -> float:
    """The minimum as one reads the programme, through CVXPY with Clarabel."""
    import cvxpy as cp

    z = cp.Variable(program.n_variables)

    def values(rows: tuple[Row, ...]) -> Any:
        return _matrix(list(rows), program.n_variables, 1.0).tocsr() @ z

    objective: Any = values((program.cost,))[0]
    if program.fit:
        objective += cp.sum_squares(values(program.fit) - [float(b) for b in program.target]) / 2
    objective += sum(
        float(norm.weight) * cp.norm(values(norm.rows), 2) for norm in program.norms if norm.rows
    )
    constraints = []
    if program.at_least:
        constraints.append(values(program.at_least) >= [float(b) for b in program.least])
    if program.equal:
        constraints.append(values(program.equal) == [float(b) for b in program.level])
    for block in program.semidefinite:
        k = order_of(block)
        full = cp.Variable((k, k), PSD=True)
        constraints += [
            full[i, j] == values((row,))[0] for (i, j), row in zip(triangle(k), block, strict=True)
        ]
    task = cp.Problem(cp.Minimize(objective), constraints)
    with warnings.catch_warnings():
        # a guess may be inaccurate
        warnings.simplefilter("ignore", UserWarning)
        return float(task.solve(solver=cp.CLARABEL))
