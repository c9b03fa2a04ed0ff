"""Write a network as an ONNX model that other tools read."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from exactnet.exact import to_fraction
from exactnet.io.files import PathName, write_bytes
from exactnet.io.floats import float_layers, is_float32
from exactnet.model import Activation, Network

__all__ = ["save_onnx", "to_onnx"]

# widely read, and the first operator set in which every operator used here knows float64
_OPSET, _IR_VERSION = 13, 7


def save_onnx(network: Network, path: PathName, *, round_to: str | None = None) -> None:
    """Write a `.onnx` file: Gemm nodes and activations, input shape (N, n_inputs).

    Reading it back gives the same layers, except that affine layers without an activation between them
    come back merged.

    Parameters
    ----------
    network : its numbers must be floats (float32 is used if it can hold them all, else float64).
    path : file to write.
    round_to : "float32" or "float64" to store the nearest floats instead; then it is another function.

    Raises
    ------
    InexactInputError : a number that no float64 can hold, and no `round_to`.

    Examples
    --------
    >>> save_onnx(Network.from_arrays([([["1/3"]], [0])]), "unwritten.onnx")
    Traceback (most recent call last):
        ...
    exactnet.errors.InexactInputError: a weight is no floating-point number
      where:    weight of layer 1
      got:      1/3 (= 0.333333333333...)
      expected: numbers that float64 can hold exactly
      do:       round_to="float64" stores the nearest floats: then it is another function
    """
    write_bytes(path, to_onnx(network, round_to=round_to).SerializeToString(deterministic=True))


def to_onnx(network: Network, *, round_to: str | None = None) -> Any:
    """The model of :func:`save_onnx` in memory, an `onnx.ModelProto`.

    Examples
    --------
    >>> model = to_onnx(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]))
    >>> [node.op_type for node in model.graph.node]
    ['Gemm', 'Relu', 'Gemm']
    """
    layers = float_layers(network, round_to=round_to)
    dtype = layers[0][0].dtype
    nodes: list[Any] = []
    tensors: list[Any] = []
    value = "x"
    for k, (weight, bias, slope) in enumerate(layers, start=1):
        tensors += [numpy_helper.from_array(weight, f"W{k}"), numpy_helper.from_array(bias, f"b{k}")]
        nodes.append(helper.make_node("Gemm", [value, f"W{k}", f"b{k}"], [f"z{k}"], f"affine{k}", transB=1))
        value = f"z{k}"
        operator, attributes, arrays = _activation(network.layers[k - 1].activation, slope, dtype)
        if operator:
            names = [f"{operator}{k}_{i}" for i in range(len(arrays))]
            tensors += [numpy_helper.from_array(a, name) for a, name in zip(arrays, names, strict=True)]
            nodes.append(
                helper.make_node(operator, [value, *names], [f"h{k}"], f"activation{k}", **attributes)
            )
            value = f"h{k}"
    nodes[-1].output[0] = "y"
    kind = TensorProto.FLOAT if dtype == np.float32 else TensorProto.DOUBLE
    ends = [
        helper.make_tensor_value_info(name, kind, ["N", width])
        for name, width in (("x", network.n_inputs), ("y", network.n_outputs))
    ]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], initializer=tensors)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", _OPSET)],
        producer_name="exactnet",
        ir_version=_IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _activation(
    kind: Activation, slope: float, dtype: np.dtype[Any]
) -> tuple[str, dict[str, float], list[NDArray[Any]]]:
    """Operator, attributes and further inputs of an activation."""
    match kind:
        case Activation.RELU:
            return "Relu", {}, []
        case Activation.ABS:
            return "Abs", {}, []
        case Activation.HARDTANH:
            return "Clip", {}, [np.array(bound, dtype=dtype) for bound in (-1, 1)]
        case Activation.LEAKY_RELU:
            # LeakyRelu stores its slope as float32; PRelu takes it as a tensor of any float type
            if is_float32(to_fraction(slope)):
                return "LeakyRelu", {"alpha": slope}, []
            return "PRelu", {}, [np.array([slope], dtype=dtype)]
        case Activation.IDENTITY:
            return "", {}, []
