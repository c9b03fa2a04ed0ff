"""Follow a computation symbolically: every entry of an array is an exact affine form of one layer's outputs.

A model file is run once, on *forms* instead of numbers. Shape operations (reshape, transpose, gather) and
sums, differences and products with constants then are what NumPy does with any array of objects, and
consecutive affine maps merge by themselves, in rationals. An activation closes a layer: its forms become
the rows of an `AffineLayer`, and its outputs are the coordinates of a new *stage*.

Arrays have dtype object; their entries are `int` (integer tensors), `Fraction` (constants) or `Form`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exactnet.exact import RationalMatrix
from exactnet.model import Activation, AffineLayer, Network, Provenance

__all__ = [
    "Array",
    "Form",
    "NotInClass",
    "Stage",
    "activate",
    "affine_rows",
    "as_array",
    "clip",
    "entries",
    "inputs",
    "maximum",
    "stage_of",
    "to_network",
]

Array: TypeAlias = NDArray[np.object_]
Number: TypeAlias = Fraction | int

ZERO, ONE = Fraction(0), Fraction(1)


class NotInClass(Exception):
    """The computation leaves the chains of affine maps and activations; says how."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The outputs of `layer` (of the input, if None), whose inputs are the outputs of `before`."""

    width: int
    layer: AffineLayer | None = None
    before: Stage | None = None

    def layers(self) -> tuple[AffineLayer, ...]:
        """All layers up to here, first one first."""
        found: list[AffineLayer] = []
        stage: Stage | None = self
        while stage is not None and stage.layer is not None:
            found.append(stage.layer)
            stage = stage.before
        return tuple(reversed(found))


@dataclass(frozen=True, eq=False, slots=True)
class Form:
    """sum of terms[k] * (output k of the stage) + constant; zero coefficients may be missing.

    `untouched` marks an output of the stage that no arithmetic has been applied to, not even times 1.
    """

    stage: Stage
    terms: dict[int, Fraction]
    constant: Fraction = ZERO
    untouched: bool = False

    def __add__(self, other: Form | Number) -> Form:
        if not isinstance(other, Form):
            return Form(self.stage, self.terms, self.constant + other)
        if other.stage is not self.stage:
            raise NotInClass("it combines the outputs of different layers (a skip connection)")
        terms = dict(self.terms)
        for k, c in other.terms.items():
            terms[k] = terms.get(k, ZERO) + c
        return Form(self.stage, terms, self.constant + other.constant)

    def __mul__(self, other: Form | Number) -> Form:
        if isinstance(other, Form):
            raise NotInClass("it multiplies two values that both depend on the input")
        return Form(self.stage, {k: c * other for k, c in self.terms.items()}, self.constant * other)

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
    >>> x = inputs((1, 2))
    >>> to_network(2 * x + 1, like=x, provenance=Provenance("example"))(["1/2", 0])
    (Fraction(2, 1), Fraction(1, 1))
    """
    return _coordinates(Stage(int(np.prod(shape, dtype=int))), shape)


def _coordinates(stage: Stage, shape: tuple[int, ...]) -> Array:
    array = np.empty(stage.width, dtype=object)
    array[:] = [Form(stage, {k: ONE}, untouched=True) for k in range(stage.width)]
    return array.reshape(shape)


def stage_of(array: Array) -> Stage | None:
    """The stage that the entries depend on, None if all are constants."""
    stages = {id(entry.stage): entry.stage for entry in entries(array) if isinstance(entry, Form)}
    if len(stages) > 1:
        raise NotInClass("it combines the outputs of different layers (a skip connection)")
    return next(iter(stages.values()), None)


def activate(array: Array, activation: Activation, *, slope: Fraction = ZERO) -> Array:
    """Apply an activation to every entry; closes a layer, unless all entries are constants.

    Examples
    --------
    >>> x = inputs((1,))
    >>> to_network(activate(x, Activation.ABS), like=x, provenance=Provenance("example"))([-3])
    (Fraction(3, 1),)
    """
    stage = stage_of(array)
    if stage is None:
        values = [activation.apply(Fraction(q), slope=slope) for q in entries(array)]
        return as_array(values, shape=array.shape)
    layer = AffineLayer(*affine_rows(array, stage), activation, slope)
    return _coordinates(Stage(array.size, layer, stage), array.shape)


def clip(array: Array, low: Fraction | None, high: Fraction | None) -> Array:
    """min(max(entry, low), high) through relu or hardtanh; a missing bound is None.

    With m the middle and r the half-width of [low, high], this is m + r hardtanh((z - m) / r).

    Examples
    --------
    >>> x = inputs((1,))
    >>> net = to_network(clip(x, Fraction(0), Fraction(6)), like=x, provenance=Provenance("relu6"))
    >>> net([-1]), net([2]), net([9])
    ((Fraction(0, 1),), (Fraction(2, 1),), (Fraction(6, 1),))
    """
    if low is not None and high is not None:
        if low >= high:
            raise NotInClass("its lower bound is not below its upper bound")
        if low == -1 and high == 1:
            return activate(array, Activation.HARDTANH)
        middle, radius = (low + high) / 2, (high - low) / 2
        return as_array(middle + radius * activate(as_array((array - middle) / radius), Activation.HARDTANH))
    if low is not None:
        return maximum(array, as_array(low))
    if high is not None:
        return as_array(-maximum(as_array(-array), as_array(-high)))
    return array


def maximum(array: Array, bound: Array) -> Array:
    """max(entry, c) = c + relu(entry - c) for constants c; a bound of zeros is relu itself.

    Examples
    --------
    >>> maximum(as_array([1, 5]), as_array([3]))
    array([Fraction(3, 1), Fraction(5, 1)], dtype=object)
    """
    raised = activate(
        as_array(array - bound) if any(entries(bound)) else np.broadcast_arrays(array, bound)[0],
        Activation.RELU,
    )
    return as_array(bound + raised) if any(entries(bound)) else raised


def affine_rows(array: Array, stage: Stage) -> tuple[RationalMatrix, tuple[Fraction, ...]]:
    """The entries as rows of a matrix over the stage (array.size x stage.width), and their constants.

    Examples
    --------
    >>> x = inputs((2,))
    >>> affine_rows(as_array(2 * x + 1), x[0].stage)
    (RationalMatrix([[2, 0], [0, 2]]), (Fraction(1, 1), Fraction(1, 1)))
    """
    rows, constants = [], []
    for entry in entries(array):
        row = [ZERO] * stage.width
        if isinstance(entry, Form):
            for k, c in entry.terms.items():
                row[k] = c
        rows.append(row)
        constants.append(entry.constant if isinstance(entry, Form) else Fraction(entry))
    return RationalMatrix.from_rows(rows, n_columns=stage.width), tuple(constants)


def to_network(outputs: Array, *, like: Array, provenance: Provenance) -> Network:
    """The network from the forms `like` (made by `inputs`) to `outputs`, both in row-major order."""
    start = stage_of(like)
    end = stage_of(outputs) or start
    if start is None or end is None:
        raise NotInClass("its input is a constant")
    layers = end.layers()
    if not layers or not _is_the_stage_itself(outputs, end):
        layers = (*layers, AffineLayer(*affine_rows(outputs, end)))
    return Network(layers, provenance)


def _is_the_stage_itself(array: Array, stage: Stage) -> bool:
    """Whether the entries are the outputs of the stage, in order and untouched: then no affine map follows.

    An affine map that happens to be the identity stays a layer: the reader's layers are the file's layers.
    """
    return array.size == stage.width and all(
        isinstance(entry, Form) and entry.untouched and i in entry.terms
        for i, entry in enumerate(entries(array))
    )
