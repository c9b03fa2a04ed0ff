"""Stored ONNX tensors as arrays of exact numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from onnx import TensorProto, numpy_helper

from exactnet.errors import InexactInputError
from exactnet.io.forms import Array, NotInClass, as_array

__all__ = ["FLOAT_TYPES", "INTEGER_TYPES", "tensor_array", "type_name"]

FLOAT_TYPES = frozenset({TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16})
INTEGER_TYPES = frozenset(
    {
        *(TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL),
        *(TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64),
    }
)


def type_name(data_type: int) -> str:
    """The ONNX name of a tensor type, in lower case: "float", "int64"."""
    return str(TensorProto.DataType.Name(data_type)).lower()


def tensor_array(tensor: Any, *, name: str) -> Array:
    """A stored tensor as exact numbers: fractions for floats of any width, integers for integers.

    Raises
    ------
    InexactInputError : NaN or infinity; names the tensor and the index.
    NotInClass : strings, complex numbers and other types without a place in a network.

    Examples
    --------
    >>> import onnx
    >>> tensor_array(onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT16, [1], [0.1]), name="w")
    array([Fraction(819, 8192)], dtype=object)
    """
    if tensor.data_type in INTEGER_TYPES:
        integers = numpy_helper.to_array(tensor)
        return as_array([int(value) for value in integers.flat], shape=integers.shape)
    if tensor.data_type not in FLOAT_TYPES:
        raise NotInClass(f"the tensor {name!r} has the type {type_name(tensor.data_type)}")
    # every float type in the list is a subset of float64, so this conversion is exact
    floats = np.asarray(numpy_helper.to_array(tensor)).astype(np.float64)
    finite = np.isfinite(floats)
    if not finite.all():
        index = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise InexactInputError(
            "a weight is not a finite number",
            where=f"tensor {name!r}, index {list(index)}",
            got=str(floats[index]),
            expected="finite numbers",
            hint="the training probably diverged; export a finite model",
        )
    return as_array([Fraction(value) for value in floats.ravel().tolist()], shape=floats.shape)
