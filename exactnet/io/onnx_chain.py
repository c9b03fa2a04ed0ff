"""Read an ONNX model as the chain of its float32 dot products: one layer for each, none merged.

`load_network` reads a model as a function and merges affine maps that follow one another. What a runtime
rounds is another matter: each dot product with its bias is one step with one rounding bound, so that here
every one of them is a layer of its own. The rules, in the order of the nodes:

* MatMul, Gemm and Conv with constant weights are a layer; the bias is that of Gemm or Conv, or the constant
  that the next Add or Sub brings; zero if there is none;
* Add or Sub of a constant anywhere else is a layer with the identity matrix; of zeros it is nothing;
* Relu behind a layer is the activation of that layer;
* Flatten, Reshape, Squeeze, Unsqueeze, Identity and Dropout change no number and are left out.

Everything else is refused, as are stored weights of other types than float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto

from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.exact import RationalMatrix
from exactnet.io.files import PathName
from exactnet.io.floats import is_float32
from exactnet.io.forms import NotInClass
from exactnet.io.onnx_chain_operators import CHAIN_OPERATORS, Affine, Chain, Table
from exactnet.io.onnx_file import (
    data_input,
    input_shape,
    node_attributes,
    node_label,
    only_output,
    read_model,
)
from exactnet.io.onnx_tensors import stored_array, type_name
from exactnet.model import Activation, AffineLayer, Network, Provenance

__all__ = ["chain_from_onnx", "is_float32_executable", "load_chain"]

# of the standard operators; and how many operands they have, if not one
OLDEST = 7
MOST_OPERANDS = {"Add": 2, "Conv": 3, "Dropout": 3, "Gemm": 3, "MatMul": 2, "Reshape": 2, "Sub": 2}
MOST_OPERANDS |= {"Squeeze": 2, "Unsqueeze": 2}

KNOWN = "MatMul, Gemm, Conv, Add and Sub with float32 constants, Relu, and operators that change no number"


def load_chain(path: PathName) -> Network:
    """Read a `.onnx` file as the chain of its float32 dot products.

    Parameters
    ----------
    path : the file.

    Returns
    -------
    Network : each layer ends with relu or identity, has no skips, and its numbers are float32 numbers.

    Raises
    ------
    InputError : no such file, or not an ONNX model.
    UnsupportedError : a graph that is no such chain; names the node. `load_network` reads more.
    InexactInputError : NaN or infinity in a weight. ShapeError : operands that do not fit.

    Examples
    --------
    >>> import os, tempfile
    >>> from exactnet.io import save_onnx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "model.onnx")
    ...     save_onnx(Network.from_arrays([([[0.5, -1]], [1]), ([[2]], None)]), file)
    ...     network = load_chain(file)
    >>> network([1, 1]), network.layers
    ((Fraction(1, 1),), (AffineLayer(2 -> 1 relu), AffineLayer(1 -> 1 identity)))
    """
    file = read_model(path)
    return chain_from_onnx(file.model, source=file.source, sha256=file.sha256)


def chain_from_onnx(model: Any, *, source: str = "model in memory", sha256: str | None = None) -> Network:
    """The chain of an `onnx.ModelProto`; errors as for :func:`load_chain`.

    Examples
    --------
    >>> model = onnx.parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["": 17]>
    ...     shifted (float[N, 1] x) => (float[N, 1] y) <float[1] c = {0.5}, float[1, 1] w = {2.0}> {
    ...         s = Sub(x, c)
    ...         z = MatMul(s, w)
    ...         y = Relu(z)
    ...     }''')
    >>> chain_from_onnx(model).layers
    (AffineLayer(1 -> 1 identity), AffineLayer(1 -> 1 relu))
    """
    graph = model.graph
    _demand_standard(model, source)
    start, end = data_input(graph, source), only_output(graph, source)
    if start.type.tensor_type.elem_type != TensorProto.FLOAT:
        raise _outside(source, f"an input of type {type_name(start.type.tensor_type.elem_type)}")
    stored = {tensor.name: tensor for tensor in graph.initializer}
    if len(stored) < len(graph.initializer):
        raise _outside(source, "two tensors of the same name")
    chain = Chain(start.name, input_shape(start, source))
    _demand_values(graph, {start.name, *stored}, source)
    for number, node in enumerate(graph.node):
        label = node_label(node, number, source)
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx"):
            if len(node_attributes(node, label)) != 1 or len(node.attribute) != 1 or node.input:
                raise _outside(label, "not one value")
            stored[node.output[0]] = node
            continue
        chain = _step(chain, node, stored, label)
    if chain.name != end:
        raise _outside(f"output {end!r} of {source}", f"the chain ends with {chain.name!r}")
    if not chain.layers:
        raise _outside(source, "a model without a layer")
    return Network(tuple(map(_layer, chain.layers)), Provenance(source, sha256, "float32"))


def is_float32_executable(network: Network) -> bool:
    """Whether every layer is a dot product with relu or nothing behind it, in float32 numbers.

    Examples
    --------
    >>> is_float32_executable(Network.from_arrays([([[0.5]], [1])]))
    True
    >>> is_float32_executable(Network.from_arrays([([["1/3"]], [1])]))
    False
    """
    return all(
        layer.activation in (Activation.RELU, Activation.IDENTITY)
        and not layer.skips
        and all(map(is_float32, layer.bias))
        and _holds_float32(layer.weight)
        for layer in network.layers
    )


def _holds_float32(matrix: RationalMatrix) -> bool:
    exponent = matrix.denominator.bit_length() - 1
    if matrix.denominator != 1 << exponent:
        return False
    return all(_is_float32(n, exponent) for row in matrix.numerators for n in row)


def _is_float32(n: int, exponent: int) -> bool:
    """Whether n / 2**exponent has at most 24 bits between 2**127 and 2**-149."""
    first = n.bit_length() - 1
    last = (n & -n).bit_length() - 1
    return n == 0 or (first - last < 24 and first - exponent < 128 and last - exponent >= -149)


def _demand_standard(model: Any, source: str) -> None:
    """Operators that mean what the standard says today: Dropout was random before version 7."""
    versions = [entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")]
    if model.functions:
        raise _outside(source, "functions of its own, which may stand for any operator")
    if len(versions) != 1 or versions[0] < OLDEST:
        raise _outside(source, f"operators of the versions {versions}; at least {OLDEST} is needed")


def _demand_values(graph: Any, used: set[str], source: str) -> None:
    """Each name stands for one value, and each node has one to give."""
    for number, node in enumerate(graph.node):
        if not node.output or not node.output[0]:
            raise _outside(node_label(node, number, source), "a node without an output")
        for name in filter(None, node.output):
            if name in used:
                raise _outside(node_label(node, number, source), f"a second value of {name!r}")
            used.add(name)


# -- the chain ------------------------------------------------------------------------------------------


def _layer(affine: Affine) -> AffineLayer:
    bias = affine.bias if affine.bias is not None else np.zeros(len(affine.weight))
    return AffineLayer(
        RationalMatrix.from_rows(affine.weight),
        tuple(Fraction(value) for value in bias.tolist()),
        Activation.RELU if affine.is_relu else Activation.IDENTITY,
    )


def _step(chain: Chain, node: Any, stored: Mapping[str, Any], label: str) -> Chain:
    """The chain behind one more node."""
    handler = CHAIN_OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if handler is None:
        raise _outside(label, f"the operator {node.op_type}")
    places = [k for k, name in enumerate(node.input) if name == chain.name]
    if len(places) != 1 or (places != [0] and node.op_type not in ("Add", "MatMul", "Sub")):
        raise _outside(label, f"the value computed before it is its input {places or 'nowhere'}")
    if len(node.input) > MOST_OPERANDS.get(node.op_type, 1):
        raise _outside(label, f"{len(node.input)} operands")
    if len({attribute.name for attribute in node.attribute}) < len(node.attribute):
        raise _outside(label, "an attribute that is given twice")
    attributes = node_attributes(node, label)
    operands: list[Table | None] = []
    try:
        operands = [None if k in places else _constant(name, stored) for k, name in enumerate(node.input)]
        after = handler(chain, attributes, operands)
    except NotInClass as reason:
        raise _outside(label, str(reason)) from None
    except (ValueError, IndexError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        shapes = [chain.shape if array is None else array.shape for array in operands]
        raise ShapeError(
            "the operands of a node do not fit",
            where=label,
            got=f"shapes {', '.join(map(str, shapes))}: {error}",
        ) from None
    return replace(after, name=node.output[0])


def _constant(name: str, stored: Mapping[str, Any]) -> Table | None:
    """A stored tensor; None for an input that is left out."""
    if not name:
        return None
    found = stored.get(name)
    if found is None:
        raise NotInClass(f"it reads {name!r}, which is neither a constant nor the value computed before")
    if isinstance(found, onnx.NodeProto):
        if len(found.attribute) != 1:
            raise NotInClass(f"the constant {name!r} has {len(found.attribute)} values")
        (attribute,) = found.attribute
        if attribute.name != "value":
            return np.asarray(_plain_constant(attribute))
        if attribute.type != onnx.AttributeProto.TENSOR:
            raise NotInClass(f"the value of the constant {name!r} is no tensor")
        found = attribute.t
    if found.data_location != TensorProto.DEFAULT or found.external_data or found.HasField("segment"):
        # what stands in other files has no part in a hash of this one; `read_model` takes it in beforehand
        raise NotInClass(f"the tensor {name!r} does not stand in the model as a whole")
    if found.data_type not in (TensorProto.FLOAT, TensorProto.INT64):
        raise NotInClass(f"the tensor {name!r} has the type {type_name(found.data_type)}")
    return stored_array(found, name=name)


def _plain_constant(attribute: Any) -> Any:
    value = onnx.helper.get_attribute_value(attribute)
    if attribute.name.startswith("value_int"):
        return np.asarray(value, dtype=np.int64)
    if attribute.name.startswith("value_float"):
        return np.asarray(value, dtype=np.float64)
    raise NotInClass(f"it reads a constant given as {attribute.name}")


def _outside(where: str, got: str) -> UnsupportedError:
    return UnsupportedError(
        "the model is no chain of float32 dot products",
        where=where,
        got=got,
        expected=KNOWN,
        hint="load_network reads more models, for real arithmetic",
    )
