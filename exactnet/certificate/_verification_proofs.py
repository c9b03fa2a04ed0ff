"""The proofs at the leaves of verification trees: their multipliers, and the functionals they mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from exactnet.certificate._fast_read import Refused
from exactnet.model.property import Case

__all__ = ["CaseRows", "Exact", "Multipliers", "Nodes", "RowProof", "Sum", "read_proof"]

_MOST_LAMBDA, _MOST_BETA, _MOST_DOWN, _ALPHA = 2**16, 2**62, 60, 256
_MOST_EXACT_BITS = 100_000


@dataclass
class Nodes:
    """The flat list of a tree, and the place where the reader is."""

    entries: Sequence[int]
    at: int = 0

    def next(self) -> int:
        """The next integer."""
        if self.at >= len(self.entries):
            raise Refused("the list of nodes ends in the middle of a node")
        self.at += 1
        return self.entries[self.at - 1]

    def below(self, limit: int, what: str) -> int:
        """The next integer, from 0 to limit - 1."""
        value = self.next()
        if not 0 <= value < limit:
            raise Refused(f"nodes[{self.at - 1}]: {what} is not from 0 to {limit - 1}")
        return value

    def ascending(self, count: int, limit: int, what: str) -> Iterator[int]:
        """`count` integers below the limit, strictly ascending; the caller may read between them."""
        last = -1
        for _ in range(count):
            value = self.below(limit, what)
            if value <= last:
                raise Refused(f"nodes[{self.at - 1}]: {what} does not ascend")
            last = value
            yield value


@dataclass(frozen=True)
class RowProof:
    """Row `row` alone, in one of the three modes."""

    row: int
    mode: int


@dataclass(frozen=True)
class Multipliers:
    """lambda a row; the mode; pairs (flat unit, alpha); pairs (position of a split, b), all over 2^down."""

    rows: tuple[int, ...]
    mode: int
    alphas: tuple[tuple[int, int], ...]
    betas: tuple[tuple[int, int], ...]
    down: int


@dataclass(frozen=True)
class Exact:
    """lambda a row; pairs (position of a split, b)."""

    rows: tuple[int, ...]
    betas: tuple[tuple[int, int], ...]


def read_proof(nodes: Nodes, *, n_rows: int, n_units: int, n_splits: int) -> RowProof | Multipliers | Exact:
    """Read the next proof.

    Raises
    ------
    Refused : a number is out of its range.
    """
    code = nodes.next()
    where = nodes.at - 1
    if code >= 0:
        row, mode = divmod(code, 3)
        if row >= n_rows:
            raise Refused(f"nodes[{where}]: the case has only {n_rows} rows")
        return RowProof(row, mode)
    if code not in (-1, -2):
        raise Refused(f"nodes[{where}]: there is no such proof")
    exact = code == -2
    rows = tuple(nodes.next() for _ in range(n_rows))
    most = max(rows, default=0)
    if min(rows, default=0) < 0 or (most.bit_length() > _MOST_EXACT_BITS if exact else most >= _MOST_LAMBDA):
        raise Refused(f"nodes[{where}]: the multiplier of a row is out of range")
    if exact:
        positions = nodes.ascending(nodes.below(n_splits + 1, "a number of splits"), n_splits, "a split")
        betas = tuple((position, nodes.next()) for position in positions)
        if any(b < 0 or b.bit_length() > _MOST_EXACT_BITS for _, b in betas):
            raise Refused(f"nodes[{where}]: the multiplier of a split is out of range")
        return Exact(rows, betas)
    mode = nodes.below(3, "a mode")
    units = nodes.ascending(nodes.below(n_units + 1, "a number of units"), n_units, "a unit")
    alphas = tuple((unit, nodes.below(_ALPHA + 1, "alpha")) for unit in units)
    count = nodes.below(n_splits + 1, "a number of splits")
    down = nodes.below(_MOST_DOWN + 1, "e") if count else 0
    positions = nodes.ascending(count, n_splits, "a split")
    betas = tuple((position, nodes.below(_MOST_BETA, "b")) for position in positions)
    if any(b == 0 for _, b in betas):
        raise Refused(f"nodes[{where}]: the multiplier of a split is 0")
    return Multipliers(rows, mode, alphas, betas, down)


@dataclass(frozen=True)
class Sum:
    """A sum of rows: u.y / q + direct.x / e - bound; `strict` if a strict row is in it."""

    u: tuple[int, ...]
    q: int
    direct: tuple[int, ...]
    e: int
    bound: Fraction
    strict: bool

    def constant(self, grid: int) -> int:
        """floor(-2^grid bound)."""
        return -(self.bound.numerator << grid) // self.bound.denominator

    @property
    def direct_bits(self) -> int:
        """Binary digits of the largest of the direct coefficients, rounded up."""
        return max((-(-abs(x) // self.e) for x in self.direct), default=0).bit_length()


class CaseRows:
    """The rows of a case over integers: outputs over the denominator q, inputs over e."""

    def __init__(self, case: Case, n_outputs: int) -> None:
        self.case = case
        self.n = len(case.rows)
        self.q = math.lcm(*(c.denominator for row in case.rows for _, c in row.outputs))
        self.e = math.lcm(*(c.denominator for row in case.rows for _, c in row.inputs))
        self.n_outputs = n_outputs

    @cached_property
    def single(self) -> list[Sum]:
        """Each row alone."""
        return [self.sum([int(r == k) for r in range(self.n)]) for k in range(self.n)]

    def sum(self, multipliers: Sequence[int]) -> Sum:
        """The sum of the rows with these multipliers; negative ones turn a row around."""
        u, direct = [0] * self.n_outputs, [0] * len(self.case.lower)
        bound, strict = Fraction(0), False
        for times, row in zip(multipliers, self.case.rows, strict=True):
            if times:
                for j, c in row.outputs:
                    u[j] += times * c.numerator * (self.q // c.denominator)
                for i, c in row.inputs:
                    direct[i] += times * c.numerator * (self.e // c.denominator)
                bound += times * row.bound
                strict |= row.strict
        return Sum(tuple(u), self.q, tuple(direct), self.e, bound, strict)
