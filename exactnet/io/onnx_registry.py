"""What an ONNX operator is to the reader: a function of attributes and exact arrays, kept in a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from exactnet.io.forms import Array, NotInClass, stages_of

__all__ = [
    "Attributes",
    "Inputs",
    "Operator",
    "constant",
    "first",
    "given",
    "integers",
    "number",
    "pair",
    "registrar",
]

Attributes: TypeAlias = Mapping[str, Any]
Inputs: TypeAlias = Sequence[Array | None]
# one output, or all outputs in their order
Handler: TypeAlias = Callable[[Attributes, Inputs], Array | tuple[Array, ...]]


@dataclass(frozen=True)
class Operator:
    """How to evaluate one operator, and what of it is understood."""

    evaluate: Handler
    attributes: frozenset[str]
    min_inputs: int
    max_inputs: int


def registrar(table: dict[str, Operator]) -> Callable[..., Callable[[Handler], Handler]]:
    """A decorator that enters a function in `table`: its operator, its attributes, its numbers of inputs.

    Examples
    --------
    >>> table = {}
    >>> _ = registrar(table)("Identity")(lambda attributes, inputs: first(inputs))
    >>> table["Identity"].max_inputs
    1
    """

    def operator(
        name: str, *attributes: str, n_inputs: int = 1, up_to: int | None = None
    ) -> Callable[[Handler], Handler]:
        def register(evaluate: Handler) -> Handler:
            most = n_inputs if up_to is None else up_to
            table[name] = Operator(evaluate, frozenset(attributes), n_inputs, most)
            return evaluate

        return register

    return operator


def constant(array: Array | None, what: str) -> Array:
    """An input that must not depend on the input of the network."""
    if array is None or stages_of(array):
        raise NotInClass(f"its {what} is not a constant")
    return array


def integers(array: Array | None, what: str) -> list[int]:
    """A constant list of integers, such as a shape."""
    return [int(value) for value in np.atleast_1d(constant(array, what)).tolist()]


def first(inputs: Inputs) -> Array:
    """The first input."""
    array = inputs[0]
    if array is None:
        raise NotInClass("its first input is missing")
    return array


def pair(inputs: Inputs) -> tuple[Array, Array]:
    """The first two inputs."""
    second = inputs[1]
    if second is None:
        raise NotInClass("its second input is missing")
    return first(inputs), second


def given(inputs: Inputs, k: int) -> Array | None:
    """Input k, None if it is left out."""
    return inputs[k] if k < len(inputs) else None


def number(attributes: Attributes, name: str, *, default: float = 0) -> Fraction:
    """A float attribute, exactly (ONNX stores attributes as float32)."""
    value = float(attributes.get(name, default))
    if not math.isfinite(value):
        raise NotInClass(f"its attribute {name} is {value}")
    return Fraction(value)
