"""One float32 operator after the other, each as a layer of its own or nothing at all: see `onnx_chain`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.io.forms import NotInClass
from exactnet.io.windows import WINDOW_ATTRIBUTES, windows

__all__ = ["CHAIN_OPERATORS", "Affine", "Attributes", "Chain", "Table"]

# float64 arrays that hold float32 numbers exactly, or integers
Table = NDArray[Any]
Attributes = Mapping[str, Any]


@dataclass(frozen=True)
class Affine:
    """weight h + bias on flattened arrays, perhaps with relu; the bias is None while it may still come."""

    weight: Table
    bias: Table | None = None
    is_relu: bool = False


@dataclass(frozen=True)
class Chain:
    """The value computed last: its name, its shape, and the layers up to it."""

    name: str
    shape: tuple[int, ...]
    layers: tuple[Affine, ...] = ()

    @property
    def size(self) -> int:
        """How many numbers the value has."""
        return int(np.prod(self.shape, dtype=int))

    def then(self, layer: Affine, shape: tuple[int, ...]) -> Chain:
        """With one more layer."""
        return replace(self, layers=(*self.layers, layer), shape=shape)

    def last(self, layer: Affine) -> Chain:
        """With another last layer."""
        return replace(self, layers=(*self.layers[:-1], layer))


Operands = list[Table | None]
Handler = Callable[[Chain, Attributes, Operands], Chain]


def _refuse(attributes: Attributes, **defaults: Any) -> None:
    """Attributes that are not named, or that are to have one value and have another."""
    for name, value in attributes.items():
        if name not in defaults or (defaults[name] is not None and value != defaults[name]):
            raise NotInClass(f"its attribute {name} is {value}")


def _nothing(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes)
    return chain


def _dropout(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, ratio=None, seed=None)
    if len(operands) > 2:
        raise NotInClass("it has a training mode, in which it is random")
    return chain


def _flatten(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, axis=None)
    axis = attributes.get("axis", 1)
    if not -len(chain.shape) <= axis <= len(chain.shape):
        raise ValueError(f"axis {axis}")
    rows = int(np.prod(chain.shape[: axis + len(chain.shape) if axis < 0 else axis], dtype=int))
    return replace(chain, shape=(rows, chain.size // rows))


def _reshape(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, allowzero=0)
    if operands[0] is not None or len(operands) != 2 or operands[1] is None:
        raise NotInClass("its shape is not a constant")
    sizes = [chain.shape[k] if n == 0 else n for k, n in enumerate(operands[1].ravel().tolist())]
    if min(sizes, default=0) < -1:  # numpy takes every negative size for an open one
        raise ValueError(f"a size of {min(sizes)}")
    return replace(chain, shape=np.broadcast_to(0, chain.shape).reshape(sizes).shape)


def _squeeze(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, axes=None)
    axes = _axes(attributes, operands)
    return replace(chain, shape=np.broadcast_to(0, chain.shape).squeeze(axes).shape)


def _unsqueeze(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, axes=None)
    axes = _axes(attributes, operands)
    if axes is None:
        raise NotInClass("its axes are not given")
    return replace(chain, shape=np.expand_dims(np.broadcast_to(0, chain.shape), axes).shape)


def _axes(attributes: Attributes, operands: Operands) -> tuple[int, ...] | None:
    if len(operands) > 1 and operands[1] is not None:
        return tuple(operands[1].ravel().tolist())
    return tuple(attributes["axes"]) if "axes" in attributes else None


def _relu(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes)
    if not chain.layers or chain.layers[-1].is_relu:
        raise NotInClass("Relu does not follow a layer")
    return chain.last(replace(chain.layers[-1], is_relu=True))


def _add(chain: Chain, attributes: Attributes, operands: Operands, *, sign: float = 1) -> Chain:
    _refuse(attributes)
    constant = operands[0] if operands[0] is not None else operands[1]
    if constant is None or constant.dtype != np.float64:
        raise NotInClass("its other operand is not a float32 constant")
    if np.broadcast_shapes(chain.shape, constant.shape) != chain.shape:
        raise NotInClass("it repeats the value computed before it")
    if not constant.any():
        return chain
    bias = sign * np.broadcast_to(constant, chain.shape).ravel()
    last = chain.layers[-1] if chain.layers else None
    if last is not None and last.bias is None and not last.is_relu:
        return chain.last(replace(last, bias=bias))
    return chain.then(Affine(np.eye(chain.size), bias), chain.shape)


def _sub(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    if operands[0] is not None:
        raise NotInClass("it subtracts from a constant")
    return _add(chain, attributes, operands, sign=-1)


def _matmul(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes)
    weight = operands[0] if operands[0] is not None else operands[1]
    if weight is None or weight.dtype != np.float64 or weight.ndim > 2:
        raise NotInClass("its other operand is not a constant float32 matrix or vector")
    # the columns of the layer are the images of the unit vectors, sums with at most one term that is not 0
    units = np.eye(chain.size).reshape(chain.size, *chain.shape)
    images = [np.matmul(unit, weight) if operands[0] is None else np.matmul(weight, unit) for unit in units]
    return chain.then(Affine(np.stack([image.ravel() for image in images], axis=1)), images[0].shape)


def _gemm(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, alpha=1.0, beta=1.0, transA=0, transB=None)
    if operands[0] is not None or operands[1] is None or len(chain.shape) != 2:
        raise NotInClass("it is no product of the value computed before with a constant matrix")
    matrix = operands[1].T if attributes.get("transB", 0) else operands[1]
    product = _matmul(chain, {}, [None, matrix])
    if len(operands) < 3 or operands[2] is None:
        return product
    if np.broadcast_shapes(product.shape, operands[2].shape) != product.shape:
        raise ValueError(f"a bias of shape {operands[2].shape}")
    bias = np.broadcast_to(operands[2], product.shape).ravel()
    return product.last(replace(product.layers[-1], bias=bias))


def _conv(chain: Chain, attributes: Attributes, operands: Operands) -> Chain:
    _refuse(attributes, group=None, **dict.fromkeys(WINDOW_ATTRIBUTES))
    kernel, group = operands[1], attributes.get("group", 1)
    bias = operands[2] if len(operands) > 2 else None
    if operands[0] is not None or kernel is None or kernel.dtype != np.float64:
        raise NotInClass("its kernel is not a float32 constant")
    n_out, n_in, *size = kernel.shape
    if list(attributes.get("kernel_shape", size)) != size:
        raise ValueError(f"kernel_shape {list(attributes['kernel_shape'])}")
    if len(chain.shape) != kernel.ndim or chain.shape[:2] != (1, n_in * group) or n_out % group:
        raise ValueError(f"{group} groups")
    found = windows(chain.shape[2:], size, attributes)
    pixels = int(np.prod(chain.shape[2:], dtype=int))
    weight = np.zeros((n_out, len(found.positions), n_in * group, pixels))
    places, taps = np.nonzero(found.positions >= 0)
    under = found.positions[places, taps]
    flat = kernel.reshape(n_out, n_in, -1)
    for o in range(n_out):
        for i in range(n_in):
            weight[o, places, o // (n_out // group) * n_in + i, under] = flat[o, i, taps]
    layer = Affine(weight.reshape(n_out * len(found.positions), -1))
    if bias is not None:
        if bias.shape != (n_out,):
            raise ValueError(f"a bias of shape {bias.shape}")
        layer = replace(layer, bias=np.repeat(bias, len(found.positions)))
    return chain.then(layer, (1, n_out, *found.shape))


CHAIN_OPERATORS: dict[str, Handler] = {
    "Add": _add,
    "Conv": _conv,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "Identity": _nothing,
    "MatMul": _matmul,
    "Relu": _relu,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Sub": _sub,
    "Unsqueeze": _unsqueeze,
}
