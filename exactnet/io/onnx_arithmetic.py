"""The ONNX operators that compute: affine maps and piecewise-linear activations.

Each operator is one small function from its attributes and exact input arrays (see `exactnet.io.forms`)
to its output. Meaning and defaults follow the operator pages of onnx.ai, in real arithmetic; attributes
that are not listed here (such as those of very old operator versions) are refused, never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import reduce

import numpy as np

from exactnet.io.form_activations import activate, clip, maximum, maxout
from exactnet.io.form_products import matmul
from exactnet.io.forms import Array, Form, NotInClass, as_array, entries, stages_of
from exactnet.io.onnx_registry import (
    Attributes,
    Inputs,
    Operator,
    constant,
    first,
    given,
    integers,
    number,
    pair,
    registrar,
)
from exactnet.model import Activation

__all__ = ["ARITHMETIC"]

ARITHMETIC: dict[str, Operator] = {}
_operator = registrar(ARITHMETIC)


# -- affine ---------------------------------------------------------------------------------------------


@_operator("Add", n_inputs=2)
def _add(_: Attributes, inputs: Inputs) -> Array:
    a, b = pair(inputs)
    return as_array(a + b)


@_operator("Sub", n_inputs=2)
def _sub(_: Attributes, inputs: Inputs) -> Array:
    a, b = pair(inputs)
    return as_array(a - b)


@_operator("Mul", n_inputs=2)
def _mul(_: Attributes, inputs: Inputs) -> Array:
    a, b = pair(inputs)
    return as_array(a * b)


@_operator("Div", n_inputs=2)
def _div(_: Attributes, inputs: Inputs) -> Array:
    return as_array(np.frompyfunc(_quotient, 2, 1)(*pair(inputs)))


def _quotient(a: Form | Fraction | int, b: Form | Fraction | int) -> Form | Fraction | int:
    if not isinstance(b, Form) and b == 0:
        raise NotInClass("it divides by zero")
    if isinstance(a, int) and isinstance(b, int):
        if a % b:
            raise NotInClass("it divides integers with a remainder")
        return a // b
    return a / b if isinstance(a, Form | Fraction) else Fraction(a) / b


@_operator("Sum", n_inputs=1, up_to=1000)
def _sum(_: Attributes, inputs: Inputs) -> Array:
    return as_array(reduce(lambda a, b: a + b, [array for array in inputs if array is not None]))


@_operator("Neg")
def _neg(_: Attributes, inputs: Inputs) -> Array:
    return as_array(-first(inputs))


@_operator("MatMul", n_inputs=2)
def _matmul(_: Attributes, inputs: Inputs) -> Array:
    return matmul(*pair(inputs))


@_operator("Gemm", "alpha", "beta", "transA", "transB", n_inputs=2, up_to=3)
def _gemm(attributes: Attributes, inputs: Inputs) -> Array:
    a, b = pair(inputs)
    a = a.T if attributes.get("transA", 0) else a
    b = b.T if attributes.get("transB", 0) else b
    product = _scaled(matmul(a, b), number(attributes, "alpha", default=1))
    c = given(inputs, 2)
    return product if c is None else as_array(product + _scaled(c, number(attributes, "beta", default=1)))


def _scaled(array: Array, factor: Fraction) -> Array:
    return array if factor == 1 else as_array(array * factor)


# -- activations ----------------------------------------------------------------------------------------


@_operator("Relu")
def _relu(_: Attributes, inputs: Inputs) -> Array:
    return activate(first(inputs), Activation.RELU)


@_operator("Abs")
def _abs(_: Attributes, inputs: Inputs) -> Array:
    return activate(first(inputs), Activation.ABS)


@_operator("LeakyRelu", "alpha")
def _leaky_relu(attributes: Attributes, inputs: Inputs) -> Array:
    # attributes are stored as float32; the default of the standard is that of the text 0.01
    slope = number(attributes, "alpha", default=float(np.float32("0.01")))
    return activate(first(inputs), Activation.LEAKY_RELU, slope=slope)


@_operator("PRelu", n_inputs=2)
def _prelu(_: Attributes, inputs: Inputs) -> Array:
    x, slopes = pair(inputs)
    different = set(entries(constant(slopes, "slope")))
    if len(different) != 1:
        raise NotInClass("its slopes differ from unit to unit")
    return activate(x, Activation.LEAKY_RELU, slope=different.pop())


@_operator("Clip", "min", "max", n_inputs=1, up_to=3)
def _clip(attributes: Attributes, inputs: Inputs) -> Array:
    bounds: list[Fraction | None] = []
    for k, name in ((1, "min"), (2, "max")):
        bound = given(inputs, k)
        if bound is not None:
            bounds.append(Fraction(constant(bound, name + " bound").item()))
        else:
            bounds.append(number(attributes, name) if name in attributes else None)
    return clip(first(inputs), bounds[0], bounds[1])


@_operator("Max", n_inputs=1, up_to=1000)
def _max(_: Attributes, inputs: Inputs) -> Array:
    return _largest([array for array in inputs if array is not None])


@_operator("Min", n_inputs=1, up_to=1000)
def _min(_: Attributes, inputs: Inputs) -> Array:
    return as_array(-_largest([as_array(-array) for array in inputs if array is not None]))


def _largest(arrays: Sequence[Array]) -> Array:
    """Entry by entry; of one value and constants it is relu, of several values maxout."""
    values = [array for array in arrays if stages_of(array)]
    constants = [array for array in arrays if not stages_of(array)]
    if len(values) <= 1:
        return reduce(maximum, [*values, *constants])
    bounds = [reduce(maximum, constants)] if constants else []
    return maxout(np.stack(np.broadcast_arrays(*values, *bounds), axis=-1))


@_operator("ReduceMax", "axes", "keepdims", "noop_with_empty_axes", n_inputs=1, up_to=2)
def _reduce_max(attributes: Attributes, inputs: Inputs) -> Array:
    return _reduced(first(inputs), attributes, inputs)


@_operator("ReduceMin", "axes", "keepdims", "noop_with_empty_axes", n_inputs=1, up_to=2)
def _reduce_min(attributes: Attributes, inputs: Inputs) -> Array:
    return as_array(-_reduced(as_array(-first(inputs)), attributes, inputs))


@_operator("ReduceSum", "axes", "keepdims", "noop_with_empty_axes", n_inputs=1, up_to=2)
def _reduce_sum(attributes: Attributes, inputs: Inputs) -> Array:
    return _reduced(first(inputs), attributes, inputs, _total)


@_operator("ReduceMean", "axes", "keepdims", "noop_with_empty_axes", n_inputs=1, up_to=2)
def _reduce_mean(attributes: Attributes, inputs: Inputs) -> Array:
    return _reduced(
        first(inputs), attributes, inputs, lambda rows: as_array(_total(rows) * Fraction(1, rows.shape[-1]))
    )


def _total(rows: Array) -> Array:
    """The sums along the last axis."""
    return matmul(rows, as_array([Fraction(1)] * rows.shape[-1]))


def _reduced(
    x: Array, attributes: Attributes, inputs: Inputs, reduce_rows: Callable[[Array], Array] = maxout
) -> Array:
    """What `reduce_rows` makes of the entries along some axes, all of them if none are given."""
    given_axes = given(inputs, 1)
    axes = attributes.get("axes", []) if given_axes is None else integers(given_axes, "list of axes")
    if not axes and attributes.get("noop_with_empty_axes", 0):
        return x
    along = sorted({axis % x.ndim for axis in axes} or range(x.ndim))
    kept = [k for k in range(x.ndim) if k not in along]
    shape = [x.shape[k] for k in kept]
    found = as_array(reduce_rows(x.transpose([*kept, *along]).reshape([*shape, -1])))
    if attributes.get("keepdims", 1):
        return found.reshape([1 if k in along else x.shape[k] for k in range(x.ndim)])
    return found
