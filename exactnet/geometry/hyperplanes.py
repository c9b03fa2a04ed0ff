"""An affine hyperplane arrangement as data: integer forms, in the order in which they were given.

A form (a_1..a_d, b) stands for the hyperplane a.x + b = 0. Zero, constant, repeated, opposite and parallel
forms are allowed everywhere; `hyperplanes` lists what is left of them as a set of hyperplanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, primitive, rank, to_fractions
from exactnet.geometry.layers import Form

__all__ = ["Arrangement", "arrangement", "central", "oriented"]


@dataclass(frozen=True)
class Arrangement:
    """Primitive integer forms with d + 1 entries; made by `arrangement`, `central` or a named family.

    Examples
    --------
    >>> lines = arrangement([(1, 0, 0), (2, 0, -1), (0, 0, 5), (-1, 0, 0)])
    >>> lines.n_forms, lines.hyperplanes
    (4, ((1, 0, 0), (2, 0, -1)))
    >>> lines.is_central, lines.rank
    (False, 1)
    """

    forms: tuple[Form, ...]
    dimension: int
    name: str = ""

    @property
    def n_forms(self) -> int:
        """How many forms were given, zero and repeated ones included."""
        return len(self.forms)

    @cached_property
    def is_central(self) -> bool:
        """Whether no form has a constant: all hyperplanes contain the origin."""
        return not any(form[-1] for form in self.forms)

    @cached_property
    def hyperplanes(self) -> tuple[Form, ...]:
        """Each hyperplane once, by the form whose first entry that is not zero is positive."""
        return tuple(dict.fromkeys(oriented(form) for form in self.forms if any(form[:-1])))

    @cached_property
    def rank(self) -> int:
        """Rank of the linear parts; d - rank is the dimension of the lineality space of every cell."""
        rows = [form[:-1] for form in self.hyperplanes]
        return rank(RationalMatrix.from_integers(rows, n_columns=self.dimension)) if rows else 0


def oriented(form: Sequence[int]) -> Form:
    """The one of two opposite forms whose first entry that is not zero is positive."""
    lead = next((value for value in form if value), 1)
    return tuple(form) if lead > 0 else tuple([-value for value in form])


def arrangement(
    forms: Sequence[Sequence[Fraction | int]], *, dimension: int | None = None, name: str = ""
) -> Arrangement:
    """Read affine forms (a_1..a_d, b) with exact entries of any kind; floats count by their binary value.

    Parameters
    ----------
    dimension : d; needed if there are no forms.

    Raises
    ------
    ShapeError : forms of different length, or not of length d + 1.
    InputError : no way to know d.

    Examples
    --------
    >>> arrangement([(1, 0, "-1/2"), (2, 4, 6)]).forms
    ((2, 0, -1), (1, 2, 3))
    """
    if dimension is None:
        if not len(forms):
            raise InputError(
                "the dimension of an empty arrangement is not known",
                where="arrangement",
                expected="forms, or the argument dimension",
            )
        dimension = len(forms[0]) - 1
    read = []
    for i, form in enumerate(forms):
        values = to_fractions(form, where=f"form {i} (from 0)")
        if len(values) != dimension + 1:
            raise ShapeError(
                "a form does not fit the space",
                where=f"form {i} (from 0)",
                got=f"{len(values)} entries",
                expected=f"{dimension + 1}: {dimension} coefficients and the constant",
            )
        read.append(primitive(values))
    return Arrangement(tuple(read), dimension, name)


def central(
    normals: Sequence[Sequence[Fraction | int]], *, dimension: int | None = None, name: str = ""
) -> Arrangement:
    """Hyperplanes a.x = 0 through the origin, given by their normals.

    Examples
    --------
    >>> central([(1, -1), (2, 4)]).forms
    ((1, -1, 0), (1, 2, 0))
    """
    return arrangement([(*normal, 0) for normal in normals], dimension=dimension, name=name)
