"""Hoffman constants, and how far one has to go to see every linear piece.

All norms are sup norms. The *Hoffman constant* H(A) is the smallest number with

    dist(u, {x : A x <= b})  <=  H(A) |(A u - b)_+|     for all u, and all b with a solution.

It is the largest of the numbers 1 / min{ |A_J^T v|_1 : v >= 0, sum v = 1 } over row sets J for which A_J has
full row rank (Pena, Vera and Zuluaga 2021); a larger J has a larger number, so the bases of the row space are
enough. By duality the number of J is the minimum of |x| over A_J x >= 1, one small linear program.

For a tropical polynomial with terms a_i.x + b_i the region of term i is {x : (A - 1 a_i) x <= b_i - b}, and
H(p) is the largest H(A - 1 a_i). It bounds the radius of the smallest ball that meets all regions (Lezeau,
Walker, Cao, Bhatia and Monod 2024); `effective_radius` computes that radius itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

from exactnet.certificate import Certificate, LinearOptimumRecord, Record, Result, Status
from exactnet.errors import LimitReached
from exactnet.exact import LinearSystem, RationalMatrix, format_rational, rank
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational
from exactnet.tropical.sup_norm import box_rows, proved_minimum

__all__ = ["HoffmanConstant", "hoffman_constant", "polynomial_hoffman_constant"]

_MOST_ROW_SETS = 100_000


@dataclass(frozen=True)
class HoffmanConstant:
    """The constant, and where it is attained.

    Attributes
    ----------
    value : the constant; 0 for a matrix without a non-zero row.
    rows : the row set J.
    point : x with A_J x >= 1 and |x| = value.
    """

    value: Fraction
    rows: tuple[int, ...]
    point: tuple[Fraction, ...]


def hoffman_constant(A: object, *, max_row_sets: int = _MOST_ROW_SETS) -> Result[HoffmanConstant]:
    """The Hoffman constant of a matrix, sup norms on both sides, by one linear program a basis.

    The certificate holds every one of these minima; that the constant is the largest of them is the theorem.

    Parameters
    ----------
    A : a matrix (m x n) with exact entries.
    max_row_sets : C(m, rank A) may not be larger.

    Raises
    ------
    LimitReached : more row sets.

    Examples
    --------
    >>> hoffman_constant([[1, 1], [1, -1], [-2, 1], [0, 3]])
    PROVED: the Hoffman constant is 3
    >>> hoffman_constant([[1, 1], [1, -1], [-2, 1], [0, 3]]).value.rows
    (1, 2)
    """
    matrix = RationalMatrix.from_rows(A, where="A")
    best = HoffmanConstant(Fraction(0), (), (Fraction(0),) * matrix.n_columns)
    records: list[Record] = []
    for rows in _bases(matrix, max_row_sets):
        system, objective = _program(matrix, rows)
        value, point, proof = proved_minimum("rows-" + "-".join(map(str, rows)), system, objective)
        records += proof
        if value > best.value:
            best = HoffmanConstant(value, rows, point[:-1])
    sentence = f"the Hoffman constant is {format_rational(best.value)}"
    if not records:
        records += proved_minimum("nothing", LinearSystem([], [], [], n_variables=1), [Fraction(0)])[2]
    claims = tuple(record.id for record in records if isinstance(record, LinearOptimumRecord))
    return Result(best, Status.PROVED, Certificate(sentence, tuple(records), claims), sentence)


def polynomial_hoffman_constant(
    f: TropicalPolynomial | TropicalRational, *, max_row_sets: int = _MOST_ROW_SETS
) -> Fraction:
    """The largest Hoffman constant of the inequalities of a region: of one polynomial, or of a pair p / q.

    For a quotient the inequalities of a term of p and of a term of q stand together; all pairs count, those
    whose regions do not meet too, so this is an upper bound of the constant of the pairs that do.

    Raises
    ------
    LimitReached : some matrix has more row sets.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (0, 1): 0})
    >>> polynomial_hoffman_constant(p)
    Fraction(1, 1)
    """
    if isinstance(f, TropicalPolynomial):
        blocks = [[_differences(f, i)] for i in range(f.n_terms)]
    else:
        pairs = ((i, j) for i in range(f.numerator.n_terms) for j in range(f.denominator.n_terms))
        blocks = [[_differences(f.numerator, i), _differences(f.denominator, j)] for i, j in pairs]
    found = Fraction(0)
    for parts in blocks:
        rows = [row for part in parts for row in part if any(row)]
        if rows:
            found = max(found, hoffman_constant(rows, max_row_sets=max_row_sets).value.value)
    return found


def _differences(p: TropicalPolynomial, i: int) -> list[tuple[Fraction, ...]]:
    terms = [e for e, _ in p.as_fractions()]
    return [tuple([a - b for a, b in zip(e, terms[i], strict=True)]) for e in terms]


def _bases(matrix: RationalMatrix, limit: int) -> Iterable[tuple[int, ...]]:
    """The row sets that are bases of the row space."""
    r = rank(matrix)
    n_sets = comb(matrix.shape[0], r)
    if n_sets > limit:
        raise LimitReached(
            "too many row sets",
            where="hoffman_constant",
            got=f"{n_sets} sets of {r} of {matrix.shape[0]} rows",
            expected=f"at most {limit}",
            hint="raise max_row_sets, or use effective_radius",
        )
    rows = matrix.numerators
    if not r:
        return ()
    return (J for J in combinations(range(len(rows)), r) if rank([rows[j] for j in J]) == r)


def _program(matrix: RationalMatrix, rows: Sequence[int]) -> tuple[LinearSystem, list[Fraction]]:
    """Minimise t over A_J x >= 1, -t <= x_i <= t."""
    n = matrix.n_columns
    left: list[tuple[Fraction, ...]] = [(*[-a for a in matrix.row(j)], Fraction(0)) for j in rows]
    left += box_rows(n)
    right = [Fraction(-1)] * len(rows) + [Fraction(0)] * (2 * n)
    return LinearSystem(left, ["<="] * len(left), right), [Fraction(0)] * n + [Fraction(1)]
