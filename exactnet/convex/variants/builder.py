"""A programme under construction: variables first, then what each of them predicts, costs and must obey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from exactnet.certificate.types import WeightedNorm
from exactnet.convex.variants.group_program import GroupProgram, group_program, weighted_norm

__all__ = ["ProgramBuilder", "combination"]

Entries = dict[int, Fraction]


def combination(variables: Sequence[int], coefficients: Sequence[Fraction]) -> Entries:
    """The row with these coefficients.

    Examples
    --------
    >>> combination(range(3, 5), (Fraction(1), Fraction(2)))
    {3: Fraction(1, 1), 4: Fraction(2, 1)}
    """
    return dict(zip(variables, coefficients, strict=True))


class ProgramBuilder:
    """Collects the rows of a programme that fits `targets`.

    Examples
    --------
    >>> builder = ProgramBuilder([Fraction(2)])
    >>> (z,) = builder.variables(1)
    >>> builder.predict(0, {z: Fraction(1)})
    >>> builder.penalise(Fraction(1, 2), [{z: Fraction(1)}])
    >>> builder.build().n_variables
    1
    """

    def __init__(self, targets: Sequence[Fraction]) -> None:
        self._targets = tuple(targets)
        self._fit: list[Entries] = [{} for _ in self._targets]
        self._cost: Entries = {}
        self._norms: list[WeightedNorm] = []
        self._at_least: list[Entries] = []
        self._equal: list[Entries] = []
        self._level: list[Fraction] = []
        self._semidefinite: list[list[Entries]] = []
        self._n_variables = 0

    def variables(self, count: int) -> range:
        """New variables."""
        start = self._n_variables
        self._n_variables += count
        return range(start, self._n_variables)

    def predict(self, i: int, entries: Mapping[int, Fraction]) -> None:
        """Add a linear function to the prediction of sample i."""
        _add(self._fit[i], entries)

    def charge(self, entries: Mapping[int, Fraction]) -> None:
        """Add a linear cost."""
        _add(self._cost, entries)

    def penalise(self, weight: Fraction, rows: Sequence[Entries]) -> None:
        """Add weight |rows z|."""
        self._norms.append(weighted_norm(weight, rows))

    def require(self, entries: Entries) -> None:
        """Demand entries . z >= 0."""
        self._at_least.append(entries)

    def equate(self, entries: Entries, level: Fraction = Fraction(0)) -> None:
        """Demand entries . z = level."""
        self._equal.append(entries)
        self._level.append(level)

    def semidefinite(self, rows: Sequence[Entries]) -> None:
        """Demand that the symmetric matrix with this upper triangle is positive semidefinite."""
        self._semidefinite.append(list(rows))

    def build(self) -> GroupProgram:
        """The programme."""
        return group_program(
            self._n_variables,
            fit=self._fit,
            target=self._targets,
            cost=self._cost,
            norms=self._norms,
            at_least=self._at_least,
            equal=self._equal,
            level=self._level,
            semidefinite=self._semidefinite,
        )


def _add(total: Entries, entries: Mapping[int, Fraction]) -> None:
    for j, x in entries.items():
        total[j] = total.get(j, Fraction(0)) + x
