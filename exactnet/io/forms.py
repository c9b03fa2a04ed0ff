"""Follow a computation symbolically: every entry of an array is an exact affine form of outputs of layers.

A model file is run once, on *forms* instead of numbers. Shape operations (reshape, transpose, gather) and
sums, differences and products with constants then are what NumPy does with any array of objects, and
consecutive affine maps merge by themselves, in rationals. An activation closes a layer: its forms become
the rows of a layer, and its outputs are the coordinates of a new *stage*. A form may depend on several
stages: where branches meet, or a skip connection ends.

Arrays have dtype object; their entries are `int` (integer tensors), `Fraction` (constants) or `Form`. See
:mod:`exactnet.io.form_activations` for activations and :mod:`exactnet.io.form_network` for the network at
the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exactnet.exact import RationalMatrix
from exactnet.model import Activation

__all__ = [
    "Array",
    "Form",
    "NotInClass",
    "Stage",
    "affine_rows",
    "as_array",
    "coordinates",
    "entries",
    "inputs",
    "stages_of",
]

Array: TypeAlias = NDArray[np.object_]
Number: TypeAlias = Fraction | int

ZERO, ONE = Fraction(0), Fraction(1)

_numbers = count()


class NotInClass(Exception):
    """The computation leaves affine maps and activations; says how."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The inputs of the model, or the outputs of some units with one activation, compared by identity.

    Attributes
    ----------
    width : number of outputs.
    sources : the stages that the units read, each with the weight (a row a unit, or a row a piece).
    bias, activation, slope, pieces : as in :class:`exactnet.model.AffineLayer`.
    number : stages that are made later have larger ones.
    """

    width: int
    sources: tuple[tuple[Stage, RationalMatrix], ...] = ()
    bias: tuple[Fraction, ...] = ()
    activation: Activation = Activation.IDENTITY
    slope: Fraction = ZERO
    pieces: int = 1
    number: int = field(default_factory=_numbers.__next__)


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """sum over stages of terms[stage][k] * (output k of the stage) + constant; zeros may be missing.

    `untouched` marks an output of a stage that no arithmetic has been applied to, not even times 1.
    """

    terms: dict[Stage, dict[int, Fraction]]
    constant: Fraction = ZERO
    untouched: bool = False

    def __add__(self, other: Form | Number) -> Form:
        if not isinstance(other, Form):
            return Form(self.terms, self.constant + other)
        terms = dict(self.terms)
        for stage, added in other.terms.items():
            merged = dict(terms.get(stage, {}))
            for k, c in added.items():
                merged[k] = merged.get(k, ZERO) + c
            terms[stage] = merged
        return Form(terms, self.constant + other.constant)

    def __mul__(self, other: Form | Number) -> Form:
        if isinstance(other, Form):
            raise NotInClass("it multiplies two values that both depend on the input")
        terms = {stage: {k: c * other for k, c in part.items()} for stage, part in self.terms.items()}
        return Form(terms, self.constant * other)

    def __truediv__(self, other: Form | Number) -> Form:
        if isinstance(other, Form):
            raise NotInClass("it divides by a value that depends on the input")
        return self * (ONE / other)

    def __rtruediv__(self, other: Number) -> Form:
        raise NotInClass("it divides by a value that depends on the input")

    def __neg__(self) -> Form:
        return self * -1

    def __sub__(self, other: Form | Number) -> Form:
        return self + -other

    def __rsub__(self, other: Number) -> Form:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__


def as_array(values: Any, *, shape: tuple[int, ...] | None = None) -> Array:
    """An object array of the given entries (a flat sequence if a shape is given, else as nested).

    Examples
    --------
    >>> as_array([1, 2, 3, 4], shape=(2, 2)).shape
    (2, 2)
    """
    array = np.asarray(values, dtype=object)
    return array if shape is None else array.reshape(shape)


def entries(array: Array) -> list[Any]:
    """All entries in row-major order.

    Examples
    --------
    >>> entries(as_array([[1, 2], [3, 4]]))
    [1, 2, 3, 4]
    """
    return list(array.ravel().tolist())


def inputs(shape: tuple[int, ...]) -> Array:
    """The forms of an input tensor: entry k in row-major order is input k.

    Examples
    --------
    >>> from exactnet.io.form_network import to_network
    >>> from exactnet.model import Provenance
    >>> x = inputs((1, 2))
    >>> to_network(2 * x + 1, like=x, provenance=Provenance("example"))(["1/2", 0])
    (Fraction(2, 1), Fraction(1, 1))
    """
    return coordinates(Stage(int(np.prod(shape, dtype=int))), shape)


def coordinates(stage: Stage, shape: tuple[int, ...]) -> Array:
    """The outputs of a stage as forms, in row-major order.

    Examples
    --------
    >>> coordinates(Stage(2), (2,))[1].untouched
    True
    """
    array = np.empty(stage.width, dtype=object)
    array[:] = [Form({stage: {k: ONE}}, untouched=True) for k in range(stage.width)]
    return array.reshape(shape)


def stages_of(array: Array) -> tuple[Stage, ...]:
    """The stages that the entries depend on, in the order they were made; none if all are constants.

    Examples
    --------
    >>> stages_of(as_array([1, 2])), [stage.width for stage in stages_of(inputs((2, 3)))]
    ((), [6])
    """
    found = {stage for entry in entries(array) if isinstance(entry, Form) for stage in entry.terms}
    return tuple(sorted(found, key=lambda stage: stage.number))


def affine_rows(
    array: Array, stages: Sequence[Stage]
) -> tuple[tuple[RationalMatrix, ...], tuple[Fraction, ...]]:
    """For each stage the coefficients of all entries (array.size x stage.width); and their constants.

    Examples
    --------
    >>> x = inputs((2,))
    >>> affine_rows(as_array(2 * x + 1), stages_of(x))
    ((RationalMatrix([[2, 0], [0, 2]]),), (Fraction(1, 1), Fraction(1, 1)))
    """
    listed = entries(array)
    matrices = []
    for stage in stages:
        rows = [[ZERO] * stage.width for _ in listed]
        for row, entry in zip(rows, listed, strict=True):
            if isinstance(entry, Form):
                for k, c in entry.terms.get(stage, {}).items():
                    row[k] = c
        matrices.append(RationalMatrix.from_rows(rows, n_columns=stage.width))
    constants = tuple(entry.constant if isinstance(entry, Form) else Fraction(entry) for entry in listed)
    return tuple(matrices), constants
