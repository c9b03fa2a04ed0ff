"""Cells of the data's hyperplane arrangement, and the proof of completeness (FORMAT.md section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul
from typing import ClassVar

from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.problem import Problem
from exactnet.checker.read import as_integer, as_list, as_rational, reject, show
from exactnet.checker.words import brief, plural

__all__ = ["Arrangement", "Cells", "Form", "check_arrangement", "check_split_tree", "direction"]

Form = tuple[int, ...]


@dataclass(frozen=True)
class Arrangement(Fact):
    """The distinct hyperplanes forms[k].u = 0.

    rows[i] is (k, rho) with z_i = rho forms[k], or None for a zero row.
    """

    rule: ClassVar[str] = "arrangement"
    problem: Problem
    forms: tuple[Form, ...]
    rows: tuple[tuple[int, Fraction] | None, ...]

    def conclusion(self) -> str:
        """State the bijection."""
        return (
            f"the activation patterns of {self.problem.id} off the walls are the cells of {self.id} "
            f"[{plural(len(self.forms), 'hyperplane')} in dimension {self.problem.dimension}]"
        )

    def about(self) -> str:
        """Describe the problem."""
        return self.problem.about()


@dataclass(frozen=True)
class Cells(Fact):
    """All cells: `leaves[i]` has bit k set when form k is positive there; mirrored leaves stand for two."""

    rule: ClassVar[str] = "split_tree"
    arrangement: Arrangement
    n_cells: int
    leaves: tuple[int, ...]
    mirrored: bool

    def conclusion(self) -> str:
        """State the count."""
        return (
            f"{self.arrangement.problem.id} has exactly "
            f"{plural(self.n_cells, 'activation pattern')} off the walls (complete split tree)"
        )

    def about(self) -> str:
        """Describe the problem."""
        return self.arrangement.about()


def direction(vector: Form) -> Form:
    """The coprime multiple whose first non-zero entry is positive: equal for parallel vectors only."""
    divisor = gcd(*vector)
    if next(x for x in vector if x) < 0:
        divisor = -divisor
    return tuple(x // divisor for x in vector)


# --------------------------------------------------------------------------------------- arrangement


def check_arrangement(record: dict[str, object], name: str, known: Known) -> Arrangement:
    """Rule `arrangement`."""
    problem = look_up(known, record, "problem", Problem)
    forms = _read_forms(record["forms"], problem.dimension)
    entries = as_list(record["rows"], "rows", length=len(problem.rows))
    rows = tuple(_read_row(entry, i, problem.rows[i], forms) for i, entry in enumerate(entries))
    unused = set(range(len(forms))) - {row[0] for row in rows if row is not None}
    if unused:
        reject(f"forms[{min(unused)}] belongs to no row")
    return Arrangement(name, problem, forms, rows)


def _read_forms(value: object, dimension: int) -> tuple[Form, ...]:
    forms: list[Form] = []
    seen: dict[Form, int] = {}
    for k, entry in enumerate(as_list(value, "forms")):
        numbers = as_list(entry, f"forms[{k}]", length=dimension)
        form = tuple(as_integer(x, f"forms[{k}][{p}]") for p, x in enumerate(numbers))
        if not any(form):
            reject(f"forms[{k}] is zero")
        first = seen.setdefault(direction(form), k)
        if first != k:
            reject(f"forms[{first}] and forms[{k}] are parallel")
        forms.append(form)
    return tuple(forms)


def _read_row(
    value: object, i: int, row: tuple[Fraction, ...], forms: tuple[Form, ...]
) -> tuple[int, Fraction] | None:
    if value is None:
        if any(row):
            reject(f"rows[{i}] is null, and row {i} of the data is not zero")
        return None
    entry = as_list(value, f"rows[{i}]", length=2)
    k = as_integer(entry[0], f"rows[{i}][0]", least=0)
    if k >= len(forms):
        reject(f"rows[{i}] names form {show(k)} of {len(forms)}")
    rho = as_rational(entry[1], f"rows[{i}][1]")
    if rho == 0 or any(rho * x != z for x, z in zip(forms[k], row, strict=True)):
        reject(f"row {i} of the data is not {brief(rho)} times forms[{k}]")
    return k, rho


# ---------------------------------------------------------------------------------------- split tree


def check_split_tree(record: dict[str, object], name: str, known: Known) -> Cells:
    """Rule `split_tree`."""
    arrangement = look_up(known, record, "arrangement", Arrangement)
    stated = as_integer(record["n_cells"], "n_cells", least=1)
    walk = _Walk(arrangement.forms, arrangement.problem.dimension)
    for i, node in enumerate(as_list(record["nodes"], "nodes")):
        if walk.done:
            reject(f"nodes[{i}] comes after the end of the tree")
        try:
            walk.step(i, node)
        except _BadNode as error:
            reject(f"nodes[{i}]: {error}")
    if not walk.done:
        reject("the tree ends before its last leaf")
    n_cells = len(walk.leaves) * (2 if walk.mirrored else 1)
    if n_cells != stated:
        reject(f"n_cells is {show(stated)}, and the tree has {plural(n_cells, 'cell')}")
    return Cells(name, arrangement, n_cells, tuple(walk.leaves), walk.mirrored)


class _BadNode(Exception):
    """What is wrong with the node at hand."""


class _Walk:
    """Walks the tree in pre-order without recursion: a tree may be as deep as the list of forms is long."""

    def __init__(self, forms: tuple[Form, ...], dimension: int) -> None:
        self.forms = forms
        self.columns = tuple(tuple(form[p] for form in forms) for p in range(dimension))
        self.sigma = [0] * len(forms)  # the sign of each form on the path, 0 while unresolved
        self.positive = 0  # the same as bits, positive forms only
        self.path: list[int] = []  # the forms in the order they were resolved
        self.open: list[int] = []  # lengths of the path at the splits whose second child is still to come
        self.leaves: list[int] = []
        self.mirrored = False
        self.done = False
        self.root_splits = False

    def step(self, i: int, node: object) -> None:
        """Take node number i."""
        kind = node[0] if type(node) is list and node else None
        if type(node) is not list or type(kind) is not str:
            raise _BadNode(f"not a node: {show(node)}")
        if kind == "farkas" and len(node) == 5:
            k, s = self._farkas(node)
            self._resolve(k, s)
        elif kind == "split" and len(node) == 2:
            self.root_splits = self.root_splits or i == 0
            k = self._unresolved(node[1])
            self.open.append(len(self.path))
            self._resolve(k, 1)
        elif kind == "cell" and len(node) == 2:
            self._cell(node[1])
            self.leaves.append(self.positive)
            self._close()
        elif kind == "mirror" and len(node) == 1:
            # the path is the root's second branch and nothing else
            if not (self.root_splits and len(self.path) == 1 and self.sigma[self.path[0]] == -1):
                raise _BadNode("a mirror may only be the second child of a split at the root")
            self.mirrored = True
            self._close()
        else:
            raise _BadNode(f"no node of kind {show(kind)} has {plural(len(node), 'entry', 'entries')}")

    def _resolve(self, k: int, s: int) -> None:
        self.path.append(k)
        self.sigma[k] = s
        if s > 0:
            self.positive |= 1 << k

    def _close(self) -> None:
        """Leave a finished branch: go to the second child of the last open split."""
        if not self.open:
            self.done = True
            return
        length = self.open.pop()
        for k in self.path[length:]:
            self.sigma[k] = 0
            self.positive &= ~(1 << k)
        k = self.path[length]
        del self.path[length:]
        self._resolve(k, -1)

    def _unresolved(self, k: object) -> int:
        if type(k) is not int or not 0 <= k < len(self.sigma):
            raise _BadNode(f"no form has the number {show(k)}")
        if self.sigma[k]:
            raise _BadNode(f"form {k} is already resolved on this path")
        return k

    def _farkas(self, node: list[object]) -> tuple[int, int]:
        """Check c s forms[k] = sum m sigma_j forms[j]; returns (k, s)."""
        k = self._unresolved(node[1])
        s, c, pairs = node[2], node[3], node[4]
        if type(s) is not int or (s != 1 and s != -1):
            raise _BadNode(f"the sign must be 1 or -1, got {show(s)}")
        if type(c) is not int or c <= 0:
            raise _BadNode(f"the scale c must be a positive integer, got {show(c)}")
        if type(pairs) is not list:
            raise _BadNode(f"the multipliers must be a list, got {show(pairs)}")
        sigma, forms = self.sigma, self.forms
        factor = c * s
        total = [-factor * x for x in forms[k]]
        last = -1
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                raise _BadNode(f"not a pair [j, m]: {show(pair)}")
            j, m = pair
            if type(j) is not int or not last < j < len(sigma) or not sigma[j]:
                raise _BadNode(
                    f"multiplier for form {show(j)}: not a resolved form, or not in increasing order"
                )
            if type(m) is not int or m <= 0:
                raise _BadNode(f"the multiplier of form {j} must be a positive integer, got {show(m)}")
            last = j
            if sigma[j] < 0:
                m = -m
            total = [t + m * x for t, x in zip(total, forms[j], strict=True)]
        if any(total):
            raise _BadNode(f"the multipliers do not combine to {show(factor)} times form {k}")
        return k, s

    def _cell(self, point: object) -> None:
        """Check that the integer point lies in the cell of this path."""
        if len(self.path) != len(self.forms):
            raise _BadNode(f"{plural(len(self.forms) - len(self.path), 'form')} unresolved at a cell")
        if type(point) is not list or len(point) != len(self.columns):
            raise _BadNode(
                f"the point must be a list of {plural(len(self.columns), 'integer')}, got {show(point)}"
            )
        values = [0] * len(self.forms)
        for x, column in zip(point, self.columns, strict=True):
            if type(x) is not int:
                raise _BadNode(f"the point must be integers, got {show(x)}")
            values = [value + x * entry for value, entry in zip(values, column, strict=True)]
        if values and min(map(mul, values, self.sigma)) <= 0:
            k = next(k for k, value in enumerate(values) if value * self.sigma[k] <= 0)
            sign = "positive" if self.sigma[k] > 0 else "negative"
            raise _BadNode(f"the point is not in the cell: form {k} is {show(values[k])} there, not {sign}")
