"""Integer solutions of sparse homogeneous equations, most of which say that two unknowns are proportional.

Around a face of codimension two where two hyperplanes cross, the kinks on both sides of the crossing are
equal. So most balancing equations have two terms. These are used up first, by putting proportional unknowns
into one class; what is left is small, and goes to exact dense elimination.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from exactnet.exact import RationalMatrix, nullspace, primitive

__all__ = ["solution_basis"]

Equation = Mapping[int, int]


def solution_basis(equations: Iterable[Equation], n_unknowns: int) -> RationalMatrix:
    """A basis of all solutions, one primitive integer vector a row.

    Parameters
    ----------
    equations : each the coefficients of some unknowns; their combination is zero.
    n_unknowns : the unknowns are numbered from 0.

    Examples
    --------
    >>> solution_basis([{0: 1, 1: -2}, {1: 1, 2: 1, 3: 1}, {3: 5}], 4)
    RationalMatrix([[-2, -1, 1, 0]])
    """
    classes = _Classes(n_unknowns)
    left = [dict(equation) for equation in equations]
    while True:
        reduced = [classes.substituted(equation) for equation in left]
        left = [equation for equation in reduced if len(equation) > 2]
        if len(left) == len([equation for equation in reduced if equation]):
            break
        for equation in reduced:
            if 0 < len(equation) < 3:
                classes.relate(equation)
    roots = sorted({root for root, ratio in map(classes.root, range(n_unknowns)) if ratio})
    place = {root: k for k, root in enumerate(roots)}
    distinct = {tuple(sorted(equation.items())) for equation in left}
    rows = [[dict(equation).get(root, 0) for root in roots] for equation in sorted(distinct)]
    basis = []
    for vector in (
        nullspace(RationalMatrix.from_integers(rows, n_columns=len(roots))).numerators if roots else ()
    ):
        values = (classes.root(i) for i in range(n_unknowns))
        basis.append(primitive([ratio * vector[place[root]] if ratio else 0 for root, ratio in values]))
    return RationalMatrix.from_integers(basis, n_columns=n_unknowns)


class _Classes:
    """Unknowns that are multiples of one of them, their root; a ratio 0 says that the unknown is zero."""

    def __init__(self, n: int) -> None:
        self.parent = list(range(n))
        self.ratio = [Fraction(1)] * n

    def root(self, i: int) -> tuple[int, Fraction]:
        """The root r of unknown i, and the ratio x_i / x_r."""
        path = []
        while self.parent[i] != i:
            path.append(i)
            i = self.parent[i]
        whole = self.ratio[i]  # 0 if the class is zero
        for j in reversed(path):
            whole *= self.ratio[j]
            self.parent[j], self.ratio[j] = i, whole
        return i, whole

    def substituted(self, equation: Equation) -> dict[int, int]:
        """The same equation in terms of roots, primitive, without zero coefficients."""
        total: dict[int, Fraction] = {}
        for i, coefficient in equation.items():
            root, ratio = self.root(i)
            total[root] = total.get(root, Fraction(0)) + coefficient * ratio
        kept = {root: value for root, value in total.items() if value}
        return dict(zip(kept, primitive(list(kept.values())), strict=True))

    def relate(self, equation: Equation) -> None:
        """Use an equation of one or two unknowns up."""
        current = self.substituted(equation)
        if len(current) == 1:
            (i,) = current
            self.ratio[i] = Fraction(0)
        elif len(current) == 2:
            (i, a), (j, b) = current.items()
            self.parent[i], self.ratio[i] = j, Fraction(-b, a)
