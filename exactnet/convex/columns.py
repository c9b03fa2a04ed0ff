"""Rational columns as integers over one positive denominator each: what the exact Lasso works on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from exactnet.errors import ShapeError

__all__ = ["ScaledColumns"]

IntVector = tuple[int, ...]


@dataclass(frozen=True)
class ScaledColumns:
    """The columns k_j = numerators[j] / denominators[j] of a matrix.

    Attributes
    ----------
    numerators : p tuples of n integers; denominators : p integers > 0; n_rows : n.
    """

    numerators: tuple[IntVector, ...]
    denominators: IntVector
    n_rows: int

    @staticmethod
    def from_columns(columns: Iterable[Sequence[Fraction | int]], *, n_rows: int) -> ScaledColumns:
        """Bring each column to one denominator.

        Examples
        --------
        >>> ScaledColumns.from_columns([(Fraction(1, 2), Fraction(1, 3))], n_rows=2)
        ScaledColumns(numerators=((3, 2),), denominators=(6,), n_rows=2)
        """
        numerators, denominators = [], []
        for j, column in enumerate(columns):
            if len(column) != n_rows:
                raise ShapeError(
                    "a column does not fit the targets",
                    where=f"column {j}",
                    got=f"{len(column)} entries",
                    expected=f"{n_rows}",
                )
            values = [Fraction(x) for x in column]
            denominator = lcm(*(x.denominator for x in values))
            numerators.append(tuple(x.numerator * (denominator // x.denominator) for x in values))
            denominators.append(denominator)
        return ScaledColumns(tuple(numerators), tuple(denominators), n_rows)

    def __len__(self) -> int:
        return len(self.numerators)

    def column(self, j: int) -> tuple[Fraction, ...]:
        """Column j as n fractions."""
        return tuple(Fraction(x, self.denominators[j]) for x in self.numerators[j])
