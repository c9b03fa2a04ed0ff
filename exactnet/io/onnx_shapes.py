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
    number,
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


@_operator("Slice", "starts", "ends", "axes", n_inputs=1, up_to=5)
def _slice(attributes: Attributes, inputs: Inputs) -> Array:
    x = first(inputs)
    starts, ends = (_given_list(attributes, inputs, k, name) for k, name in ((1, "starts"), (2, "ends")))
    if starts is None or ends is None:
        raise NotInClass("its starts or ends are missing")
    axes = _given_list(attributes, inputs, 3, "axes") or list(range(len(starts)))
    steps = _given_list(attributes, inputs, 4, "steps") or [1] * len(starts)
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        index[axis] = slice(start, end, step)
    return x[tuple(index)]


@_operator("Split", "axis", "split", "num_outputs", n_inputs=1, up_to=2)
def _split(attributes: Attributes, inputs: Inputs) -> tuple[Array, ...]:
    x, axis, n_parts = first(inputs), attributes.get("axis", 0), attributes["num_outputs"]
    sizes = _given_list(attributes, inputs, 1, "split")
    if sizes is None:  # equal parts, the last one smaller if they do not come out even
        part = -(-x.shape[axis] // n_parts)
        sizes = [*[part] * (n_parts - 1), x.shape[axis] - part * (n_parts - 1)]
    if len(sizes) < n_parts or sum(sizes) != x.shape[axis] or min(sizes) < 0:
        raise ValueError(f"parts of sizes {sizes} of {x.shape[axis]} entries")
    ends = np.cumsum(sizes)[:-1].tolist()
    return tuple(np.split(x, ends, axis=axis))


@_operator("Pad", "mode", "pads", "value", n_inputs=1, up_to=4)
def _pad(attributes: Attributes, inputs: Inputs) -> Array:
    x = first(inputs)
    pads = _given_list(attributes, inputs, 1, "pads")
    axes = _given_list(attributes, inputs, 3, "axes") or list(range(x.ndim))
    if pads is None or len(pads) != 2 * len(axes) or min(pads, default=0) < 0:
        raise NotInClass(f"its pads are {pads}")
    widths = [(0, 0)] * x.ndim
    for k, axis in enumerate(axes):
        widths[axis] = (pads[k], pads[len(axes) + k])
    mode = bytes(attributes.get("mode", b"constant")).decode()
    if mode not in ("constant", "edge", "reflect", "wrap"):
        raise NotInClass(f"its mode is {mode}")
    # positions are padded, and then looked up: this works for every mode and every kind of entry
    positions = np.arange(x.size).reshape(x.shape)
    if mode != "constant":
        return x.ravel()[np.pad(positions, widths, mode=mode)]  # type: ignore[call-overload]
    with_value = np.append(x.ravel(), as_array([_pad_value(attributes, inputs)]))
    return with_value[np.pad(positions, widths, constant_values=x.size)]


def _pad_value(attributes: Attributes, inputs: Inputs) -> Fraction | int:
    value = given(inputs, 2)
    if value is None:
        return number(attributes, "value")
    entry: Fraction | int = constant(value, "value").item()
    return entry


@_operator("Expand", n_inputs=2)
def _expand(_: Attributes, inputs: Inputs) -> Array:
    x = first(inputs)
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(integers(inputs[1], "shape"))))


@_operator("Tile", n_inputs=2)
def _tile(_: Attributes, inputs: Inputs) -> Array:
    return np.tile(first(inputs), integers(inputs[1], "repeats"))


@_operator("ConstantOfShape", "value")
def _constant_of_shape(attributes: Attributes, inputs: Inputs) -> Array:
    shape = tuple(integers(inputs[0], "shape"))
    value = attributes.get("value")
    entry = Fraction(0) if value is None else tensor_array(value, name="value").item()
    return as_array([entry] * int(np.prod(shape, dtype=int)), shape=shape)


def _given_list(attributes: Attributes, inputs: Inputs, k: int, name: str) -> list[int] | None:
    """Integers that are input k in new versions of an operator, and an attribute in old ones."""
    array = given(inputs, k)
    if array is not None:
        return integers(array, f"list of {name}")
    return list(attributes[name]) if name in attributes else None
