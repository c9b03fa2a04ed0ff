"""The ONNX operators that only move, cast or make values.

Each operator is one small function from its attributes and exact input arrays (see `exactnet.io.forms`)
to its output. Meaning and defaults follow the operator pages of onnx.ai, in real arithmetic; attributes
that are not listed here (such as those of very old operator versions) are refused, never ignored.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import onnx

from exactnet.io.forms import Array, Form, NotInClass, as_array
from exactnet.io.onnx_registry import (
    Attributes,
    Inputs,
    Operator,
    constant,
    first,
    given,
    integers,
    registrar,
)
from exactnet.io.onnx_tensors import FLOAT_TYPES, INTEGER_TYPES, tensor_array, type_name

__all__ = ["SHAPES"]

SHAPES: dict[str, Operator] = {}
_operator = registrar(SHAPES)


@_operator("Identity")
def _identity(_: Attributes, inputs: Inputs) -> Array:
    return first(inputs)


@_operator("Dropout", "ratio", "seed", n_inputs=1, up_to=3)
def _dropout(_: Attributes, inputs: Inputs) -> Array:
    training = given(inputs, 2)
    if training is not None and any(integers(training, "training mode")):
        raise NotInClass("it is in training mode, hence random")
    return first(inputs)


@_operator("Cast", "to", "saturate", "round_mode")
def _cast(attributes: Attributes, inputs: Inputs) -> Array:
    return as_array(np.frompyfunc(lambda entry: _cast_entry(entry, attributes["to"]), 1, 1)(first(inputs)))


def _cast_entry(entry: Form | Fraction | int, to: int) -> Form | Fraction | int:
    """A cast is the identity of real numbers; one that would round a constant is refused."""
    if isinstance(entry, Form):
        if to in FLOAT_TYPES:
            return entry
        raise NotInClass(f"it casts to {type_name(to)}")
    if to in INTEGER_TYPES and Fraction(entry).denominator == 1:
        return int(entry)
    if to in FLOAT_TYPES:
        dtype = onnx.helper.tensor_dtype_to_np_dtype(to)
        if Fraction(float(np.asarray(float(entry)).astype(dtype))) == entry:
            return Fraction(entry)
    raise NotInClass(f"it rounds a constant to {type_name(to)}")


@_operator("Constant", "value", "value_float", "value_floats", "value_int", "value_ints", n_inputs=0)
def _constant_node(attributes: Attributes, _: Inputs) -> Array:
    ((name, value),) = attributes.items()
    if name == "value":
        return tensor_array(value, name=value.name or "value")
    make = Fraction if "float" in name else int
    return as_array([make(entry) for entry in value] if name.endswith("s") else make(value))


@_operator("Flatten", "axis")
def _flatten(attributes: Attributes, inputs: Inputs) -> Array:
    x = first(inputs)
    axis = attributes.get("axis", 1)
    if not -x.ndim <= axis <= x.ndim:
        raise ValueError(f"axis {axis} of an array with {x.ndim} dimensions")
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape(int(np.prod(x.shape[:axis], dtype=int)), int(np.prod(x.shape[axis:], dtype=int)))


@_operator("Reshape", "allowzero", n_inputs=2)
def _reshape(attributes: Attributes, inputs: Inputs) -> Array:
    x = first(inputs)
    sizes = integers(inputs[1], "shape")
    if not attributes.get("allowzero", 0):
        sizes = [x.shape[k] if size == 0 else size for k, size in enumerate(sizes)]
    return x.reshape(sizes)


@_operator("Transpose", "perm")
def _transpose(attributes: Attributes, inputs: Inputs) -> Array:
    return first(inputs).transpose(attributes.get("perm"))


@_operator("Squeeze", "axes", n_inputs=1, up_to=2)
def _squeeze(attributes: Attributes, inputs: Inputs) -> Array:
    axes = _axes(attributes, inputs)
    return first(inputs).squeeze(None if axes is None else tuple(axes))


@_operator("Unsqueeze", "axes", n_inputs=1, up_to=2)
def _unsqueeze(attributes: Attributes, inputs: Inputs) -> Array:
    return np.expand_dims(first(inputs), tuple(_axes(attributes, inputs) or ()))


def _axes(attributes: Attributes, inputs: Inputs) -> list[int] | None:
    axes = given(inputs, 1)
    return attributes.get("axes") if axes is None else integers(axes, "list of axes")


@_operator("Concat", "axis", n_inputs=1, up_to=1000)
def _concat(attributes: Attributes, inputs: Inputs) -> Array:
    return np.concatenate([array for array in inputs if array is not None], axis=attributes["axis"])


@_operator("Gather", "axis", n_inputs=2)
def _gather(attributes: Attributes, inputs: Inputs) -> Array:
    indices = constant(inputs[1], "index").astype(np.int64)
    return as_array(np.take(first(inputs), indices, axis=attributes.get("axis", 0)))


@_operator("Shape", "start", "end")
def _shape(attributes: Attributes, inputs: Inputs) -> Array:
    return as_array(list(first(inputs).shape[attributes.get("start", 0) : attributes.get("end")]))
