"""Which inputs a convolution or a pooling looks at: for every place of its window the positions under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.io.forms import NotInClass

__all__ = ["WINDOW_ATTRIBUTES", "Windows", "windows"]

WINDOW_ATTRIBUTES = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")


@dataclass(frozen=True)
class Windows:
    """All places of a window over an array.

    Attributes
    ----------
    shape : of the places.
    positions : (number of places x size of the window) flat positions in the array; -1: in the padding.
    is_beyond : whether some window reaches over the end of the padded array, as it can where the number of
        places is rounded up.
    """

    shape: tuple[int, ...]
    positions: NDArray[np.int64]
    is_beyond: bool


def windows(size: Sequence[int], kernel: Sequence[int], attributes: Mapping[str, Any]) -> Windows:
    """The places of a window, by the attributes of the ONNX operators Conv, MaxPool and AveragePool.

    Parameters
    ----------
    size : of the array, without batch and channels.
    kernel : size of the window.
    attributes : auto_pad, ceil_mode, dilations, pads, strides; the other ones are not looked at.

    Raises
    ------
    NotInClass : lists that do not fit the array, negative padding, a window with no place.

    Examples
    --------
    >>> windows([4], [2], {"strides": [2]}).positions.tolist()
    [[0, 1], [2, 3]]
    >>> windows([3], [3], {"pads": [1, 1]}).positions.tolist()
    [[-1, 0, 1], [0, 1, 2], [1, 2, -1]]
    """
    n = len(size)
    strides, dilations = _list(attributes, "strides", n), _list(attributes, "dilations", n)
    pads = list(attributes.get("pads", [0] * (2 * n)))
    mode = attributes.get("auto_pad", b"NOTSET")
    mode = mode.decode() if isinstance(mode, bytes) else str(mode)
    if len(kernel) != n or len(pads) != 2 * n or min(pads, default=0) < 0:
        raise NotInClass(f"its window {list(kernel)} or its pads {pads} do not fit {n} dimensions")
    axes = []
    for k in range(n):
        span = (kernel[k] - 1) * dilations[k] + 1
        before, after = _padding(mode, size[k], span, strides[k], (pads[k], pads[n + k]))
        free = size[k] + before + after - span
        if free < 0:
            raise NotInClass("its window is larger than the padded array")
        places = free // strides[k] + 1
        if attributes.get("ceil_mode", 0) and free % strides[k]:
            places += 1
            if (places - 1) * strides[k] >= size[k] + before:
                raise NotInClass("a window begins behind the array, where versions of the operator differ")
        axes.append(_axis(size[k], kernel[k], (strides[k], dilations[k]), (before, after), places))
    shape = tuple(len(axis[0]) for axis in axes)
    is_beyond = any(axis[1] for axis in axes)
    return Windows(shape, _product([axis[0] for axis in axes], size), is_beyond)


def _list(attributes: Mapping[str, Any], name: str, n: int) -> list[int]:
    values = list(attributes.get(name, [1] * n))
    if len(values) != n or min(values, default=1) < 1:
        raise NotInClass(f"its {name} {values} do not fit {n} dimensions")
    return values


def _padding(mode: str, size: int, span: int, stride: int, given: tuple[int, int]) -> tuple[int, int]:
    """Zeros before and behind the array along one dimension."""
    if mode == "NOTSET":
        return given
    if mode == "VALID":
        return 0, 0
    if mode not in ("SAME_UPPER", "SAME_LOWER"):
        raise NotInClass(f"its auto_pad is {mode}")
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    half = total // 2
    return (half, total - half) if mode == "SAME_UPPER" else (total - half, half)


def _axis(
    size: int, kernel: int, steps: tuple[int, int], pads: tuple[int, int], places: int
) -> tuple[NDArray[np.int64], bool]:
    """(places x kernel) positions along one dimension, -1 outside; and whether one is beyond the padding."""
    stride, dilation = steps
    starts = np.arange(places, dtype=np.int64) * stride - pads[0]
    positions = starts[:, np.newaxis] + np.arange(kernel, dtype=np.int64) * dilation
    is_beyond = bool(positions[-1, -1] >= size + pads[1])
    return np.where((positions >= 0) & (positions < size), positions, -1), is_beyond


def _product(axes: Sequence[NDArray[np.int64]], size: Sequence[int]) -> NDArray[np.int64]:
    """The positions in the flat array from those along each dimension."""
    flat = np.zeros((1, 1), dtype=np.int64)
    for axis, n in zip(axes, size, strict=True):
        # all pairs of a place before with a place here, and of an entry of the window with an entry here
        before, here = flat[:, np.newaxis, :, np.newaxis], axis[np.newaxis, :, np.newaxis, :]
        joined = np.where((before < 0) | (here < 0), -1, before * n + here)
        flat = joined.reshape(flat.shape[0] * axis.shape[0], flat.shape[1] * axis.shape[1])
    return flat
