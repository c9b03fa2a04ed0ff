"""Stored ONNX tensors as arrays of exact numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from exactnet.errors import InexactInputError, InputError
from exactnet.io.forms import Array, NotInClass, as_array

__all__ = ["FLOAT_TYPES", "INTEGER_TYPES", "stored_array", "tensor_array", "type_name"]

FLOAT_TYPES = frozenset({TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16})
INTEGER_TYPES = frozenset(
    {
        *(TensorProto.INT8, TensorProto.INT16, TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL),
        *(TensorProto.UINT8, TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64),
    }
)


def type_name(data_type: int) -> str:
    """The ONNX name of a tensor type, in lower case: "float", "int64"."""
    if data_type not in TensorProto.DataType.values():
        return f"number {data_type}, which does not exist"
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
    array = stored_array(tensor, name=name)
    make = int if tensor.data_type in INTEGER_TYPES else Fraction
    return as_array([make(value) for value in array.ravel().tolist()], shape=array.shape)


def stored_array(tensor: Any, *, name: str) -> NDArray[Any]:
    """The same as int64 or float64, which hold every stored number exactly (uint64 stays what it is).

    Examples
    --------
    >>> import onnx
    >>> str(stored_array(onnx.helper.make_tensor("w", onnx.TensorProto.FLOAT, [1], [0.5]), name="w").dtype)
    'float64'
    """
    if tensor.data_type not in FLOAT_TYPES | INTEGER_TYPES:
        raise NotInClass(f"the tensor {name!r} has the type {type_name(tensor.data_type)}")
    try:
        array = np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError) as error:
        raise InputError(
            "a stored tensor is damaged",
            where=f"tensor {name!r}",
            got=str(error),
            hint="export the model again",
        ) from None
    if tensor.data_type in INTEGER_TYPES:
        return array if tensor.data_type == TensorProto.UINT64 else array.astype(np.int64)
    floats = array.astype(np.float64)
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
    return floats
