"""ONNX files as chains of dot products in binary32, one layer for each (FORMAT.md section 7)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import isfinite, prod
from typing import NamedTuple

from exactnet.checker.model_chain import (
    ATTRIBUTE_FLOAT,
    ATTRIBUTE_INT,
    ATTRIBUTE_INTS,
    Chain,
    ChainStep,
    Node,
    Tensor,
    require_modest,
)
from exactnet.checker.model_operators import OPERATORS
from exactnet.checker.protobuf import Message, read_message
from exactnet.checker.read import reject, show

__all__ = ["ChainLayer", "read_chain"]

# fields of the messages of ONNX
_MODEL_GRAPH, _MODEL_VERSIONS, _MODEL_FUNCTIONS, _VERSION_DOMAIN, _VERSION_NUMBER = 7, 8, 25, 1, 2
_GRAPH_NODE, _GRAPH_INITIALIZER, _GRAPH_INPUT, _GRAPH_OUTPUT, _GRAPH_SPARSE = 1, 5, 11, 12, 15
_NODE_INPUT, _NODE_OUTPUT, _NODE_TYPE, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 4, 5, 7
_ATTRIBUTE_NAME, _ATTRIBUTE_TENSOR, _ATTRIBUTE_FLOATS, _ATTRIBUTE_TYPE, _ATTRIBUTE_REFERENCE = 1, 5, 7, 20, 21
_TENSOR_DIMS, _TENSOR_TYPE, _TENSOR_SEGMENT, _TENSOR_FLOATS, _TENSOR_INTS, _TENSOR_NAME = 1, 2, 3, 4, 7, 8
_TENSOR_RAW, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 9, 13, 14
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENT, _TENSOR_SHAPE, _SHAPE_DIM, _DIM_VALUE = (
    1,
    2,
    1,
    1,
    2,
    1,
    1,
)
_FLOAT, _INT64 = 1, 7
# the types of attributes: a float, an integer, a text, a tensor, floats, integers
_TYPES = {
    **dict.fromkeys(("alpha", "beta", "ratio", "value_float"), 1),
    **dict.fromkeys(("allowzero", "axis", "group", "seed", "transA", "transB", "value_int"), 2),
    "auto_pad": 3,
    "value": 4,
    "value_floats": 6,
    **dict.fromkeys(("axes", "dilations", "kernel_shape", "pads", "strides", "value_ints"), 7),
}
_STANDARD = ("", "ai.onnx")
_OLDEST = 7


class ChainLayer(NamedTuple):
    """z = weight h + bias, then max(0, z) if `is_relu`."""

    weight: list[list[Fraction]]
    bias: list[Fraction]
    is_relu: bool


def read_chain(data: bytes) -> tuple[int, list[ChainLayer]]:
    """The number of inputs and the layers of an ONNX file.

    Raises
    ------
    Rejection
        Not a model, or one that is no such chain.
    """
    graph = _graph(read_message(data))
    initializers = [*map(_tensor, graph.messages(_GRAPH_INITIALIZER))]
    constants = dict(initializers)
    if len(constants) < len(initializers):
        reject("two tensors of the model file have the same name")
    chain = _start(graph, constants)
    n_inputs, used = prod(chain.shape), {chain.name, *constants}
    for number, node in enumerate(graph.messages(_GRAPH_NODE)):
        where = f"node {number} ({show(node.text(_NODE_TYPE))}) of the model file"
        outputs = node.texts(_NODE_OUTPUT)
        if node.text(_NODE_DOMAIN) not in _STANDARD or not outputs or not outputs[0]:
            reject(f"{where} is not of the standard operators")
        for name in filter(None, outputs):
            if name in used:
                reject(f"{where} gives a second value to {show(name)}")
            used.add(name)
        if node.text(_NODE_TYPE) == "Constant":
            constants[outputs[0]] = _constant(node, where)
        else:
            chain = replace(_step(chain, node, constants, where), name=outputs[0])
    ends = [value.text(_VALUE_NAME) for value in graph.messages(_GRAPH_OUTPUT)]
    if ends != [chain.name] or not chain.layers:
        reject("the model file is no chain of layers from its input to its one output")
    return n_inputs, [_exact(layer) for layer in chain.layers]


def _graph(model: Message) -> Message:
    """The graph of a model of standard operators that mean what they mean today."""
    if model.fields.get(_MODEL_FUNCTIONS):
        reject("the model file has functions of its own")
    versions = [
        version.integer(_VERSION_NUMBER)
        for version in model.messages(_MODEL_VERSIONS)
        if version.text(_VERSION_DOMAIN) in _STANDARD
    ]
    if len(versions) != 1 or versions[0] < _OLDEST:
        reject(f"the model file does not use the standard operators of version {_OLDEST} or later")
    graph = model.message(_MODEL_GRAPH)
    if graph.fields.get(_GRAPH_SPARSE):
        reject("the model file has sparse tensors")
    return graph


def _start(graph: Message, constants: Mapping[str, Tensor]) -> Chain:
    values = [value for value in graph.messages(_GRAPH_INPUT) if value.text(_VALUE_NAME) not in constants]
    if len(values) != 1:
        reject(f"the model file has {len(values)} inputs, one is needed")
    tensor = values[0].message(_VALUE_TYPE).message(_TYPE_TENSOR)
    if tensor.integer(_TENSOR_ELEMENT) != _FLOAT:
        reject("the input of the model file is not a binary32 tensor")
    dims = tensor.message(_TENSOR_SHAPE).messages(_SHAPE_DIM)
    shape = tuple(dim.integer(_DIM_VALUE) for dim in dims)
    if len(shape) > 1 and shape[0] <= 0:
        shape = (1, *shape[1:])
    if not shape or min(shape) < 1 or (shape[0] > 1 and max(shape[1:], default=1) > 1):
        reject("the input of the model file is not one sample of a fixed size")
    require_modest(prod(shape))
    return Chain(values[0].text(_VALUE_NAME), shape)


def _exact(layer: ChainStep) -> ChainLayer:
    bias = layer.bias if layer.bias is not None else [0.0] * len(layer.weight)
    # a binary32 number is a rational, and Fraction takes it as it is
    return ChainLayer([[*map(Fraction, row)] for row in layer.weight], [*map(Fraction, bias)], layer.is_relu)


# ------------------------------------------------------------------------------------------- constants


def _tensor(message: Message) -> tuple[str, Tensor]:
    name, shape = message.text(_TENSOR_NAME), tuple(message.integers(_TENSOR_DIMS))
    if any(map(message.fields.get, (_TENSOR_SEGMENT, _TENSOR_EXTERNAL))) or message.integer(_TENSOR_LOCATION):
        reject(f"the tensor {show(name)} does not stand in the model file as a whole")
    if any(n < 0 for n in shape):
        reject(f"the tensor {show(name)} has a negative dimension")
    n, kind, raw = prod(shape), message.integer(_TENSOR_TYPE), message.bytes(_TENSOR_RAW)
    require_modest(n)
    numbers: tuple[float, ...] | tuple[int, ...]
    if kind == _FLOAT:
        numbers = _floats(raw or message.floats(_TENSOR_FLOATS), n, f"the tensor {show(name)}")
    elif kind == _INT64:
        numbers = struct.unpack(f"<{len(raw) // 8}q", raw[: len(raw) // 8 * 8])
        numbers = numbers or tuple(message.integers(_TENSOR_INTS))
        if len(numbers) != n or len(raw) % 8:
            reject(f"the tensor {show(name)} must have {n} integers")
    else:
        # of no use in a chain; whoever takes it is rejected, since there is no number for its shape
        return name, Tensor((), (), False)
    return name, Tensor(shape, numbers, kind == _FLOAT)


def _constant(node: Message, where: str) -> Tensor:
    found = _attributes(node, where)
    if len(found) != 1 or node.texts(_NODE_INPUT):
        reject(f"{where} has not one value")
    ((name, attribute),) = found.items()
    match name:
        case "value":
            return _tensor(attribute.message(_ATTRIBUTE_TENSOR))[1]
        case "value_int":
            return Tensor((), (attribute.integer(ATTRIBUTE_INT),), False)
        case "value_ints":
            integers = attribute.integers(ATTRIBUTE_INTS)
            return Tensor((len(integers),), tuple(integers), False)
        case "value_float":
            return Tensor((), _floats(attribute.float32(ATTRIBUTE_FLOAT), 1, where), True)
        case "value_floats":
            packed = attribute.floats(_ATTRIBUTE_FLOATS)
            return Tensor((len(packed) // 4,), _floats(packed, len(packed) // 4, where), True)
    reject(f"{where} has the value {show(name)}, which is not provided for")


def _floats(packed: bytes, n: int, where: str) -> tuple[float, ...]:
    numbers = struct.unpack(f"<{len(packed) // 4}f", packed[: len(packed) // 4 * 4])
    if len(packed) != 4 * n or not all(map(isfinite, numbers)):
        reject(f"{where} must have {n} finite binary32 numbers")
    return numbers


# ------------------------------------------------------------------------------------------------ nodes


def _step(chain: Chain, message: Message, constants: Mapping[str, Tensor], where: str) -> Chain:
    """The chain behind one more node."""
    handler = OPERATORS.get(message.text(_NODE_TYPE))
    names = message.texts(_NODE_INPUT)
    if handler is None or names.count(chain.name) != 1:
        reject(f"{where} does not belong to a chain")
    place = names.index(chain.name)
    unknown = [name for k, name in enumerate(names) if k != place and name and name not in constants]
    if unknown:
        reject(f"{where} takes {show(unknown[0])}, which is no constant")
    operands = [None if k == place else constants.get(name) for k, name in enumerate(names)]
    return handler(chain, Node(_attributes(message, where), operands, place, where))


def _attributes(node: Message, where: str) -> dict[str, Message]:
    """The attributes of a node by their names; those that are known have the right types."""
    found: dict[str, Message] = {}
    for attribute in node.messages(_NODE_ATTRIBUTE):
        name = attribute.text(_ATTRIBUTE_NAME)
        kind = attribute.integer(_ATTRIBUTE_TYPE)
        if name in found or attribute.fields.get(_ATTRIBUTE_REFERENCE) or kind != _TYPES.get(name, kind):
            reject(f"{where}: the attribute {show(name)} is given twice, or has not its type")
        found[name] = attribute
    return found
