"""Lower bounds from dual vectors (FORMAT.md section 4): `dual_bound`, by leaves.

The dual constraint is |sum_i v_i phi(z_i.u)| <= beta ||u|| for all u. On one cell the sum is a linear form
g.u, and h = g + (non-negative multipliers) (forms that are non-negative on the cell) dominates it there; the
dual norm of h is then compared with beta. All of it runs in integers over common denominators.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import ClassVar

from exactnet.checker.cells import Arrangement, Cells
from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.losses import bits_for, dual_value
from exactnet.checker.problem import Problem
from exactnet.checker.rays import check_rays
from exactnet.checker.read import as_list, as_rational, as_rationals, one_of, reject, show
from exactnet.checker.sweep import check_sweep
from exactnet.checker.words import at_least, brief, decimal

__all__ = ["DualBound", "check_dual_bound"]


@dataclass(frozen=True)
class DualBound(Fact):
    """The optimum is at least `value`."""

    rule: ClassVar[str] = "dual_bound"
    problem: Problem
    value: Fraction

    def conclusion(self) -> str:
        """State the bound."""
        return f"the optimum of {self.problem.id} is at least {at_least(self.value)}"

    def about(self) -> str:
        """Describe the problem."""
        return self.problem.about()


def check_dual_bound(record: dict[str, object], name: str, known: Known) -> DualBound:
    """Rule `dual_bound`."""
    problem = look_up(known, record, "problem", Problem)
    v = as_rationals(record["v"], "v", length=len(problem.rows))
    value = as_rational(record["value"], "value")
    level = sum(v, Fraction(0))
    if problem.bias == "free" and level != 0:
        reject(f"the bias is free and the entries of v add up to {brief(level)}, not 0")
    proved = dual_value(problem.loss, v, problem.targets, bits_for(value))
    if value > proved:
        reject(f"value is {brief(value)}, and v proves only {brief(proved)}")
    by = one_of(record["by"], ("leaves", "rays", "sweep"), "by")
    if by == "leaves":
        cells = look_up(known, record, "cells", Cells)
        if cells.arrangement.problem is not problem:
            reject(f"the cells {cells.id} belong to problem {cells.arrangement.problem.id}, not {problem.id}")
        _check_leaves(cells, v, record["bounds"])
    else:
        if record["cells"] is not None or record["bounds"] is not None:
            reject(f"cells and bounds must be null for a bound by {by}")
        if by == "sweep":
            check_sweep(problem, v)
        elif not problem.polyhedral:
            reject("a bound by rays needs the l1 or linf norm or a single penalised coordinate")
        else:
            check_rays(problem, v)
    return DualBound(name, problem, value)


# ------------------------------------------------------------------------------------------ by leaves


def _check_leaves(cells: Cells, v: tuple[Fraction, ...], value: object) -> None:
    entries = as_list(value, "bounds", length=len(cells.leaves))
    scale, at_origin, steps, total = _scaled_sums(cells.arrangement, v)
    test = _ConeTest(cells.arrangement, scale)
    everywhere = (1 << len(cells.arrangement.forms)) - 1
    n_bounds = 4 if cells.mirrored else 2
    previous, g = 0, at_origin
    for i, entry in enumerate(entries):
        if type(entry) is not list or len(entry) != n_bounds:
            reject(f"bounds[{i}] must be a list of {n_bounds} bounds, got {show(entry)}")
        leaf = cells.leaves[i]
        # neighbouring leaves differ in few signs: change g by those only
        flips = previous ^ leaf
        previous = leaf
        while flips:
            bit = flips & -flips
            flips ^= bit
            step = steps[bit.bit_length() - 1]
            if leaf & bit:
                g = [x + y for x, y in zip(g, step, strict=True)]
            else:
                g = [x - y for x, y in zip(g, step, strict=True)]
        minus_g = [-x for x in g]
        test.require(entry[0], g, leaf, i, 0)
        test.require(entry[1], minus_g, leaf, i, 1)
        if cells.mirrored:
            # a row is active on exactly one of a cell and its negative
            mirror_g = [x - y for x, y in zip(total, g, strict=True)]
            test.require(entry[2], mirror_g, everywhere ^ leaf, i, 2)
            test.require(entry[3], [-x for x in mirror_g], everywhere ^ leaf, i, 3)


def _scaled_sums(
    arrangement: Arrangement, v: tuple[Fraction, ...]
) -> tuple[int, list[int], list[list[int]], list[int]]:
    """Prepare g, the sum of v_i z_i over active and of kappa v_i z_i over inactive rows, as integers.

    Returns
    -------
    scale : positive integer that clears all denominators.
    at_origin : scale * g where every form is negative.
    steps : what is added to scale * g when form k turns positive.
    total : scale * (g of a cell + g of its negative) = scale * (1 + kappa) * sum of v_i z_i.
    """
    kappa = arrangement.problem.kappa
    dimension = arrangement.problem.dimension
    n_forms = len(arrangement.forms)
    positive = [[Fraction(0)] * dimension for _ in range(n_forms)]
    negative = [[Fraction(0)] * dimension for _ in range(n_forms)]
    for row, v_i, entry in zip(arrangement.problem.rows, v, arrangement.rows, strict=True):
        if entry is not None:
            k, rho = entry
            active, inactive = (positive, negative) if rho > 0 else (negative, positive)
            active[k] = [x + v_i * z for x, z in zip(active[k], row, strict=True)]
            if kappa:
                inactive[k] = [x + kappa * v_i * z for x, z in zip(inactive[k], row, strict=True)]
    scale = lcm(*(x.denominator for side in (positive, negative) for vector in side for x in vector))
    plus = [[int(x * scale) for x in vector] for vector in positive]
    minus = [[int(x * scale) for x in vector] for vector in negative]
    at_origin = [sum(vector[p] for vector in minus) for p in range(dimension)]
    total = [at_origin[p] + sum(vector[p] for vector in plus) for p in range(dimension)]
    steps = [[x - y for x, y in zip(a, b, strict=True)] for a, b in zip(plus, minus, strict=True)]
    return scale, at_origin, steps, total


_MEASURES = {"l2": "|h|^2 / beta^2", "l1": "max |h| / beta", "linf": "sum |h| / beta"}


class _ConeTest:
    """Tests g.u <= beta ||u|| on one cell after another."""

    def __init__(self, arrangement: Arrangement, scale: int) -> None:
        problem = arrangement.problem
        self.n_forms = len(arrangement.forms)
        self.forms = [[scale * x for x in form] for form in arrangement.forms]
        self.n_penalised = problem.n_penalised
        self.norm = problem.norm
        # ||h|| <= beta becomes ||scaled h|| * denominator(beta) <= numerator(beta) * scale * den
        self.beta_denominator = problem.beta.denominator
        self.limit = problem.beta.numerator * scale

    def require(self, bound: object, g: list[int], cell: int, i: int, which: int) -> None:
        """Reject unless the bound proves g.u <= beta ||u|| on the closed cell (bit k: form k is positive)."""
        if type(bound) is int and bound == 0:
            h, den = g, 1
        elif type(bound) is list:
            h, den = self._combine(bound, g, cell, i, which)
        else:
            reject(f"{_place(i, which)} must be 0 or a list, got {show(bound)}")
        n = self.n_penalised
        if n < len(h):
            if any(h[n:]):
                reject(f"{_place(i, which)}: the unpenalised coordinate of h is not 0")
            h = h[:n]
        limit = self.limit * den
        if self.norm == "l2":
            left = sum([x * x for x in h]) * self.beta_denominator**2
            right = limit * limit
        else:  # the dual norms of l1 and linf
            left = (max(map(abs, h)) if self.norm == "l1" else sum(map(abs, h))) * self.beta_denominator
            right = limit
        if left > right:
            measure = _MEASURES[self.norm]
            ratio = decimal(Fraction(left, right), up=True)
            reject(f"{_place(i, which)}: h is too long, {measure} <= 1 is needed, got {ratio}")

    def _combine(
        self, bound: list[object], g: list[int], cell: int, i: int, which: int
    ) -> tuple[list[int], int]:
        """Return den * scale * h and den."""
        den = bound[0] if bound else None
        if type(den) is not int or den < 1 or len(bound) % 2 == 0 or len(bound) < 3:
            reject(f"{_place(i, which)} must be [den, j, m, ...] with den >= 1, got {show(bound)}")
        h = [den * x for x in g]
        last = -1
        for j, m in zip(bound[1::2], bound[2::2], strict=True):
            if type(j) is not int or not last < j < self.n_forms:
                reject(f"{_place(i, which)}: form {show(j)} does not exist or is not in increasing order")
            if type(m) is not int or m <= 0:
                reject(f"{_place(i, which)}: multiplier {show(m)} of form {j}, not a positive integer")
            last = j
            if not cell >> j & 1:
                m = -m
            h = [x + m * y for x, y in zip(h, self.forms[j], strict=True)]
        return h, den


def _place(i: int, which: int) -> str:
    return f"bounds[{i}][{which}]"
