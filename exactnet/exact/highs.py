"""The float side of a linear program: ask HiGHS which rows are tight. Nothing here is believed by anybody."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactnet.exact.rational import primitive
from exactnet.exact.system import LinearSystem, LpStatus

__all__ = ["Basis", "guess_basis"]

Rationals = tuple[Fraction, ...]

_RANGE = 1e15  # HiGHS takes larger numbers for infinite: then there is no guess


@dataclass(frozen=True)
class Basis:
    """What HiGHS says: how it ended, the tight rows, the variables solved from them, a contradicting row."""

    status: LpStatus
    tight: tuple[int, ...]
    solved: tuple[int, ...]
    contradicting: int | None = None


def guess_basis(system: LinearSystem, costs: Rationals, *, tolerance: float) -> Basis | None:
    """Ask HiGHS; None if it has no usable answer."""
    import highspy

    model = _float_model(system, costs)
    if model is None:
        return None
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("presolve", "off"),
        ("solver", "simplex"),
        ("threads", 1),
        ("primal_feasibility_tolerance", tolerance),
        ("dual_feasibility_tolerance", tolerance),
    ):
        solver.setOptionValue(option, value)
    if solver.passModel(model) == highspy.HighsStatus.kError or solver.run() == highspy.HighsStatus.kError:
        return None
    basis, kind = solver.getBasis(), highspy.HighsModelStatus
    if not basis.valid:
        return None
    basic = highspy.HighsBasisStatus.kBasic
    tight = tuple(i for i, status in enumerate(basis.row_status) if status != basic)
    solved = tuple(j for j, status in enumerate(basis.col_status) if status == basic)
    status = solver.getModelStatus()
    if status == kind.kOptimal:
        return Basis(LpStatus.OPTIMAL, tight, solved)
    if status == kind.kInfeasible:
        return Basis(LpStatus.INFEASIBLE, tight, solved, _contradicting_row(solver, tight))
    if status == kind.kUnbounded:
        return Basis(LpStatus.UNBOUNDED, tight, solved)
    return None


def _contradicting_row(solver: Any, tight: tuple[int, ...]) -> int | None:
    """The row that the dual ray combines with tight rows only: its largest entry outside of them."""
    import numpy as np

    _, has_ray, ray = solver.getDualRay()
    if not has_ray:
        return None
    sizes = np.abs(np.asarray(ray))
    sizes[list(tight)] = 0
    i = int(np.argmax(sizes))
    return i if sizes[i] > 0 else None


def _float_model(system: LinearSystem, costs: Rationals) -> Any:
    """The program in float64, rows, columns and variables scaled by powers of two; None if out of range."""
    import highspy
    import numpy as np

    m, n = len(system.rows), system.n_variables
    if m == 0 or n == 0:
        return None
    try:
        # [a | b] divided by a power of two near the largest |a|; integer division is correctly rounded
        powers = [1 << max(map(int.bit_length, row.a)) for row in system.integer_rows]
        table = np.array(
            [
                [value / p for value in (*row.a, row.b)]
                for row, p in zip(system.integer_rows, powers, strict=True)
            ]
        )
        cost = np.array([value / (max(map(abs, primitive(costs))) or 1) for value in primitive(costs)])
    except OverflowError:
        return None
    matrix, right = table[:, :n], table[:, n]
    column_exponents = np.frexp(np.abs(matrix).max(axis=0))[1]
    matrix, cost = np.ldexp(matrix, -column_exponents), np.ldexp(cost, -column_exponents)
    right = np.ldexp(right, -np.frexp(np.abs(right).max())[1])
    if not (np.isfinite(cost).all() and np.abs(cost).max() < _RANGE):
        return None
    equal = np.array([relation == "=" for relation in system.relations])
    model, infinity = highspy.HighsLp(), highspy.kHighsInf
    model.num_col_, model.num_row_ = n, m
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, np.full(n, -infinity), np.full(n, infinity)
    model.row_lower_, model.row_upper_ = np.where(equal, right, -infinity), right
    rows, columns = np.nonzero(matrix)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=m))))
    model.a_matrix_.index_, model.a_matrix_.value_ = columns, matrix[rows, columns]
    return model
