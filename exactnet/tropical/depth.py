"""Does the maximum of n numbers have two hidden layers? Decided inside a symmetric family of formulas.

Write M_ij = max(x_i, x_j), which one hidden layer computes. The family, with k edges a side, is

    max(x_1, .., x_n)  =  sum_t lambda_t sum_pi max( sum_A M_(pi i)(pi j), sum_B M_(pi i)(pi j) )

over pairs t = (A, B) of edge sets (one pair an orbit, see :mod:`exactnet.tropical.orbits`), (i, j) running
through A and B, and pi over all permutations. Both sides are symmetric, so it is enough to compare them on
the chamber x_1 >= .. >= x_n. There M_ij is the coordinate of the smaller index, and each inner maximum is
v.x + relu(d.x) with integer vectors v and d, the entries of d summing to zero. The partial sums of d decide
whether relu(d.x) is linear on the chamber (they have one sign); otherwise it is a *hinge*, a kink inside the
chamber. Hinges along different hyperplanes are independent modulo linear functions. Hence the formula holds
if and only if its linear part is x_1 and the coefficients of every hinge cancel: a linear system for
lambda, whose solution, or whose Farkas multipliers, are the proof. A family without solution says nothing
about other formulas. (Bakaev, Brunck, Hertrich, Stade and Yehudayoff 2025 have the first formula for n = 5.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import accumulate, permutations
from math import gcd

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import (
    Certificate,
    FarkasRecord,
    LinearSystemRecord,
    Record,
    Result,
    Status,
    WitnessRecord,
)
from exactnet.errors import InputError, InvariantError, UnsupportedError
from exactnet.exact import RationalMatrix, rank, solve, to_fractions
from exactnet.tropical.modular import solution
from exactnet.tropical.orbits import Edge, Pair, pairs_of_edge_sets

__all__ = ["ChamberSystem", "MaximumFormula", "chamber_system", "maximum_in_two_layers", "verify_formula"]

Term = tuple[Fraction, Pair]
Hinge = tuple[int, ...]


@dataclass(frozen=True)
class MaximumFormula:
    """sum of lambda * sum over all permutations of max(sum over A, sum over B), for every term.

    Examples
    --------
    >>> four = MaximumFormula(4, ((Fraction(1, 24), (((0, 1),), ((2, 3),))),))
    >>> four([3, "1/2", 7, -2]), four.n_atoms
    (Fraction(7, 1), 3)
    """

    n: int
    terms: tuple[Term, ...]

    def __call__(self, x: Sequence[object]) -> Fraction:
        """The value at n numbers, by its definition: n! inner maxima a term."""
        point = to_fractions(x, where="x")
        total = Fraction(0)
        for factor, pair in self.terms:
            for pi in permutations(range(self.n)):
                total += factor * max(sum(max(point[pi[i]], point[pi[j]]) for i, j in side) for side in pair)
        return total

    @cached_property
    def atoms(self) -> dict[Pair, Fraction]:
        """The different inner maxima, renamed and sorted, with their coefficients."""
        found: dict[Pair, Fraction] = {}
        for factor, pair in self.terms:
            for pi in permutations(range(self.n)):
                sides = [tuple(sorted(tuple(sorted((pi[i], pi[j]))) for i, j in side)) for side in pair]
                atom: Pair = tuple(sorted(sides))  # type: ignore[assignment]
                found[atom] = found.get(atom, Fraction(0)) + factor
        return {atom: factor for atom, factor in found.items() if factor}

    @property
    def n_atoms(self) -> int:
        """The number of different inner maxima: units of the second hidden layer, beside passed ones."""
        return len(self.atoms)


@dataclass(frozen=True, repr=False)
class ChamberSystem:
    """The formulas of one family on the chamber x_1 >= .. >= x_n.

    Attributes
    ----------
    n, k, loops : the family.
    pairs : the terms.
    hinges : the directions d, primitive, first non-zero entry positive, of the kinks inside the chamber.
    columns : one a term: its linear part (n entries), then the coefficient of every hinge.
    """

    n: int
    k: int
    loops: bool
    pairs: tuple[Pair, ...] = field(repr=False)
    hinges: tuple[Hinge, ...]
    columns: tuple[tuple[int, ...], ...] = field(repr=False)

    @property
    def target(self) -> tuple[int, ...]:
        """The linear part x_1 and no hinge."""
        return (1, *[0] * (self.n - 1 + len(self.hinges)))

    @cached_property
    def distinct(self) -> dict[tuple[int, ...], int]:
        """The different columns, each with the first term that has it."""
        found: dict[tuple[int, ...], int] = {}
        for t, column in enumerate(self.columns):
            found.setdefault(column, t)
        return found

    @property
    def augmented_rank(self) -> int:
        """The rank of the system with its right-hand side."""
        return rank([*self.distinct, self.target])

    def __repr__(self) -> str:
        edges = "with loops" if self.loops else "without loops"
        return (
            f"ChamberSystem(max of {self.n}, {self.k} edges a side {edges}: {len(self.pairs)} terms, "
            f"{len(self.hinges)} hinges)"
        )


def chamber_system(n: int, k: int, *, loops: bool = False) -> ChamberSystem:
    """The linear system of a family.

    Raises
    ------
    InputError : n < 2, or k < 1.

    Examples
    --------
    >>> chamber_system(5, 2)
    ChamberSystem(max of 5, 2 edges a side without loops: 27 terms, 5 hinges)
    """
    if n < 2 or k < 1:
        raise InputError(
            "no such family", where="chamber_system", got=f"n = {n}, k = {k}", expected="n >= 2 and k >= 1"
        )
    return _chamber_system(n, k, loops)


@lru_cache(maxsize=8)
def _chamber_system(n: int, k: int, loops: bool) -> ChamberSystem:
    pairs = pairs_of_edge_sets(n, k, loops=loops)
    restricted = _restricted(n, pairs)
    hinges = tuple(sorted({hinge for _, kinks in restricted for hinge in kinks}))
    columns = tuple((*linear, *[kinks.get(hinge, 0) for hinge in hinges]) for linear, kinks in restricted)
    return ChamberSystem(n, k, loops, pairs, hinges, columns)


def maximum_in_two_layers(n: int, k: int, *, loops: bool = False) -> Result[MaximumFormula | None]:
    """Whether the family has a formula for the maximum of n numbers: PROVED with it, or REFUTED.

    A formula is a network with two hidden layers. The certificate is the linear system of the module with a
    solution, or with Farkas multipliers.

    Parameters
    ----------
    n : how many numbers. With k = 3, n = 7 takes two seconds, n = 8 ten.
    k : edges a side; loops : whether x_i itself counts as an edge.

    Raises
    ------
    InputError : no such family.

    Examples
    --------
    >>> maximum_in_two_layers(4, 1).value.terms
    ((Fraction(1, 24), (((0, 1),), ((2, 3),))),)
    >>> maximum_in_two_layers(5, 1, loops=True)
    REFUTED: no formula for the maximum of 5 with 1 edge a side
    """
    system = chamber_system(n, k, loops=loops)
    columns = list(system.distinct)
    matrix = RationalMatrix.from_integers(columns, n_columns=len(system.target)).transpose()
    found = solution(matrix, system.target)
    edges = f"{k} edge{'s' * (k != 1)} a side"
    if found is None:
        none = _farkas(columns, system.target)
        sentence = f"no formula for the maximum of {n} with {edges}"
        return _proof(matrix, system.target, None, none, sentence)
    chosen = zip(found, (system.pairs[t] for t in system.distinct.values()), strict=True)
    formula = MaximumFormula(n, tuple((factor, pair) for factor, pair in chosen if factor))
    sentence = f"the maximum of {n} numbers has two hidden layers: {len(formula.terms)} terms with {edges}"
    return _proof(matrix, system.target, formula, WitnessRecord("answer", "system", found), sentence)


def verify_formula(formula: MaximumFormula) -> Result[bool]:
    """Whether a formula is the maximum, everywhere: its restriction to the chamber is compared with x_1.

    The certificate is the linear system of its own terms, with its coefficients as solution.

    Raises
    ------
    InputError : no term, sides with different numbers of edges, or an edge of other numbers.

    Examples
    --------
    >>> verify_formula(MaximumFormula(4, ((Fraction(1, 12), (((0, 1),), ((2, 3),))),)))
    REFUTED: 1 term: not the maximum of 4 numbers
    """
    if not formula.terms:
        raise InputError("a formula without terms", where="terms", expected="at least one")
    for t, (_, pair) in enumerate(formula.terms):
        _require_a_pair(formula.n, pair, f"term {t}")
    restricted = _restricted(formula.n, [pair for _, pair in formula.terms])
    hinges = sorted({hinge for _, kinks in restricted for hinge in kinks})
    columns = [(*linear, *[kinks.get(hinge, 0) for hinge in hinges]) for linear, kinks in restricted]
    target = (1, *[0] * (formula.n - 1 + len(hinges)))
    factors = tuple(factor for factor, _ in formula.terms)
    matrix = RationalMatrix.from_integers(columns, n_columns=len(target)).transpose()
    holds = matrix @ factors == tuple(map(Fraction, target))
    what = f"{len(factors)} term{'s' * (len(factors) != 1)}"
    sentence = f"{what}: {'' if holds else 'not '}the maximum of {formula.n} numbers"
    if not holds:
        return Result(False, Status.REFUTED, None, sentence)
    proved = _proof(matrix, target, None, WitnessRecord("answer", "system", factors), sentence)
    return Result(True, Status.PROVED, proved.certificate, sentence)


def _require_a_pair(n: int, pair: Pair, where: str) -> None:
    """Sides with equally many edges: else a hinge may open where all numbers are negative."""
    left, right = pair
    if len(left) != len(right):
        raise InputError(
            "a term whose sides have different numbers of edges",
            where=where,
            got=f"{len(left)} and {len(right)} edges",
            expected="as many on both sides",
        )
    if any(not 0 <= i < n for side in pair for edge in side for i in edge):
        raise InputError(
            "an edge of numbers that there are not", where=where, got=f"{pair}", expected=f"0 to {n - 1}"
        )


# -- the chamber ----------------------------------------------------------------------------------------


def _restricted(n: int, pairs: Sequence[Pair]) -> list[tuple[tuple[int, ...], dict[Hinge, int]]]:
    """For every term its linear part on the chamber and its hinges, summed over all permutations."""
    k = max((len(side) for pair in pairs for side in pair), default=0)
    chamber = _Chamber(n, k)
    return [chamber.term(pair) for pair in pairs]


class _Chamber:
    """Sums of unit vectors over all permutations, each vector written as one integer in base 2 k + 1.

    On the chamber M_ij is the coordinate of the smaller index. So the permutation pi turns the sum of M_ij
    over an edge set into a vector with the entry 1 at min(pi i, pi j) for every edge.
    """

    def __init__(self, n: int, k: int) -> None:
        self.n, self.k, self.base = n, k, 2 * k + 1
        if self.base**n >= 2**62:
            raise UnsupportedError(
                "too many edges for this many numbers",
                where="chamber",
                got=f"{k} edges a side, {n} numbers",
                expected="(2 k + 1)^n below 2^62",
            )
        self.renamings = np.array(list(permutations(range(n))), dtype=np.int64)
        self.powers = np.array([self.base**i for i in range(n)], dtype=np.int64)
        self.codes: dict[Edge, NDArray[np.int64]] = {}

    def term(self, pair: Pair) -> tuple[tuple[int, ...], dict[Hinge, int]]:
        """The linear part of the sum of max(v_A.x, v_B.x), and its hinges with their coefficients."""
        v_a, v_b = (
            sum((self._code(edge) for edge in side), np.zeros(len(self.renamings), dtype=np.int64))
            for side in pair
        )
        linear = [0] * self.n
        for vector, count in self._counted(v_b):
            linear = [a + count * x for a, x in zip(linear, vector, strict=True)]
        hinges: dict[Hinge, int] = {}
        for direction, count in self._counted(v_a - v_b):
            partial = list(accumulate(direction))
            if max(partial) <= 0:
                continue
            if min(partial) >= 0:
                linear = [a + count * x for a, x in zip(linear, direction, strict=True)]
                continue
            divisor = gcd(*direction)
            primitive = tuple([x // divisor for x in direction])
            if next(x for x in primitive if x) < 0:
                # relu(-y) = relu(y) - y
                linear = [a + count * x for a, x in zip(linear, direction, strict=True)]
                primitive = tuple([-x for x in primitive])
            hinges[primitive] = hinges.get(primitive, 0) + count * divisor
        return tuple(linear), hinges

    def _code(self, edge: Edge) -> NDArray[np.int64]:
        if edge not in self.codes:
            i, j = edge
            self.codes[edge] = self.powers[np.minimum(self.renamings[:, i], self.renamings[:, j])]
        return self.codes[edge]

    def _counted(self, codes: NDArray[np.int64]) -> Iterator[tuple[list[int], int]]:
        """The different vectors, with entries from -k to k, and how many permutations give each."""
        shift = self.k * int(self.powers.sum())
        different, counts = np.unique(codes, return_counts=True)
        for code, count in zip((different + shift).tolist(), counts.tolist(), strict=True):
            vector = []
            for _ in range(self.n):
                code, digit = divmod(code, self.base)
                vector.append(digit - self.k)
            yield vector, count


# -- proofs ---------------------------------------------------------------------------------------------


def _farkas(columns: Sequence[Sequence[int]], target: Sequence[int]) -> FarkasRecord:
    """Multipliers y with y.column = 0 for every column and y.target = -1."""
    y = solve([*columns, target], [0] * len(columns) + [-1])
    if y is None:
        raise InvariantError(
            "a linear system that neither can nor cannot be solved", reproduction=repr(columns)
        )
    return FarkasRecord("answer", "system", y)


def _proof(
    matrix: RationalMatrix,
    target: Sequence[int],
    value: MaximumFormula | None,
    answer: WitnessRecord | FarkasRecord,
    sentence: str,
) -> Result[MaximumFormula | None]:
    n_rows, n_columns = matrix.shape
    system: Record = LinearSystemRecord(
        "system", n_columns, matrix.rows(), ("=",) * n_rows, tuple(map(Fraction, target))
    )
    certificate = Certificate(sentence, (system, answer), ("answer",))
    status = Status.PROVED if isinstance(answer, WitnessRecord) else Status.REFUTED
    return Result(value, status, certificate, sentence)
