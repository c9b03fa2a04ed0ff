"""Write a network as an ONNX model that other tools read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from exactnet.errors import InvariantError
from exactnet.exact import to_fraction
from exactnet.io.files import PathName, write_bytes
from exactnet.io.floats import FloatLayer, float_layers, is_float32
from exactnet.model import Activation, AffineLayer, Network

__all__ = ["save_onnx", "to_onnx"]

# widely read, and the first operator set in which every operator used here knows float64
_OPSET, _IR_VERSION = 13, 7


def save_onnx(network: Network, path: PathName, *, round_to: str | None = None) -> None:
    """Write a `.onnx` file: Gemm nodes and activations, input shape (N, n_inputs).

    A skip connection is one more Gemm and an Add, a maxout layer one Gemm for each piece and their Max.
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
    stored = float_layers(network, round_to=round_to)
    dtype = stored[0].weight.dtype
    graph = _Graph([], [])
    values = ["x"]
    for k, (layer, arrays) in enumerate(zip(network.layers, stored, strict=True), start=1):
        values.append(_write_layer(graph, layer, arrays, k, values))
    nodes, tensors = graph
    nodes[-1].output[0] = "y"
    kind = TensorProto.FLOAT if dtype == np.float32 else TensorProto.DOUBLE
    ends = [
        helper.make_tensor_value_info(name, kind, ["N", width])
        for name, width in (("x", network.n_inputs), ("y", network.n_outputs))
    ]
    model = helper.make_model(
        helper.make_graph(nodes, "network", ends[:1], ends[1:], initializer=tensors),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        producer_name="exactnet",
        ir_version=_IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


class _Graph(NamedTuple):
    """Nodes in the order of evaluation, and stored tensors."""

    nodes: list[Any]
    tensors: list[Any]

    def add(self, operator: str, inputs: list[str], output: str, name: str, **attributes: float) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name, **attributes))
        return output

    def store(self, array: NDArray[Any], name: str) -> str:
        self.tensors.append(numpy_helper.from_array(array, name))
        return name


def _write_layer(graph: _Graph, layer: AffineLayer, arrays: FloatLayer, k: int, values: list[str]) -> str:
    """The nodes of layer k; `values` are the names of h_0 .. h_(k-1). Returns the name of h_k."""
    if layer.activation is Activation.MAXOUT:
        pieces = [
            _write_affine(
                graph,
                FloatLayer(
                    arrays.weight[t :: layer.pieces],
                    arrays.bias[t :: layer.pieces],
                    0,
                    {source: weight[t :: layer.pieces] for source, weight in arrays.skips.items()},
                ),
                f"{k}_{t}",
                values,
            )
            for t in range(layer.pieces)
        ]
        return graph.add("Max", pieces, f"h{k}", f"activation{k}")
    z = _write_affine(graph, arrays, str(k), values)
    operator, attributes, parameters = _activation(layer.activation, arrays.slope, arrays.weight.dtype)
    if not operator:
        return z
    names = [graph.store(array, f"{operator}{k}_{i}") for i, array in enumerate(parameters)]
    return graph.add(operator, [z, *names], f"h{k}", f"activation{k}", **attributes)


def _write_affine(graph: _Graph, arrays: FloatLayer, name: str, values: list[str]) -> str:
    """weight h + bias and what the skips bring; returns the name of the sum."""
    weight, bias = graph.store(arrays.weight, f"W{name}"), graph.store(arrays.bias, f"b{name}")
    z = graph.add("Gemm", [values[-1], weight, bias], f"z{name}", f"affine{name}", transB=1)
    for source, table in arrays.skips.items():
        skip = graph.store(table, f"S{name}_{source}")
        product = f"s{name}_{source}"
        graph.add("Gemm", [values[source], skip], product, f"skip{name}_{source}", transB=1)
        z = graph.add("Add", [z, product], f"z{name}_{source}", f"add{name}_{source}")
    return z


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
        case Activation.MAXOUT:
            raise InvariantError("maxout is written by its pieces", reproduction="_activation(maxout)")
