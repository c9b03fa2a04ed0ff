"""Read an ONNX model as an exact network.

The graph is run once on exact affine forms (`exactnet.io.forms`). The stored weights are dyadic rationals
and are taken as exactly those: the network is the model in real arithmetic, without the rounding that a
float runtime adds. A batch dimension is read as one sample. Branches that meet (Add, Sub, Concat, ...) become
skip connections, a maximum of several values (Max, Min, ReduceMax, ReduceMin, MaxPool) a layer of maxout
units. One operator is not rational, the square root of a batch normalisation: see `onnx_windows`.
"""

from __future__ import annotations

from typing import Any

from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.io.files import PathName
from exactnet.io.form_network import to_network
from exactnet.io.forms import Array, NotInClass, inputs
from exactnet.io.onnx_arithmetic import ARITHMETIC
from exactnet.io.onnx_file import (
    data_input,
    input_shape,
    node_attributes,
    node_label,
    only_output,
    read_model,
    stored_dtype,
)
from exactnet.io.onnx_shapes import SHAPES
from exactnet.io.onnx_tensors import tensor_array
from exactnet.io.onnx_windows import WINDOWS
from exactnet.model import Network, Provenance

__all__ = ["from_onnx", "load_onnx"]

OPERATORS = ARITHMETIC | SHAPES | WINDOWS


def load_onnx(path: PathName) -> Network:
    """Read a `.onnx` file, with its external data if it has any.

    Parameters
    ----------
    path : the file.

    Raises
    ------
    InputError : no such file, or not an ONNX model.
    UnsupportedError : an operator or a graph outside the class; names the node and lists what is supported.
    InexactInputError : NaN or infinity in a weight; names the tensor and the index.
    ShapeError : operands that do not fit.

    Examples
    --------
    >>> import os, tempfile
    >>> from exactnet.io import save_onnx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "model.onnx")
    ...     save_onnx(Network.from_arrays([([[0.5, -1]], [1])]), file)
    ...     load_onnx(file)([1, 2])
    (Fraction(-1, 2),)
    """
    file = read_model(path)
    return from_onnx(file.model, source=file.source, sha256=file.sha256)


def from_onnx(model: Any, *, source: str = "model in memory", sha256: str | None = None) -> Network:
    """The exact network of an `onnx.ModelProto`; errors as for :func:`load_onnx`.

    Parameters
    ----------
    model : one float input and one output; a leading batch dimension of size 1 or without a fixed size.
    source, sha256 : for the provenance.

    Examples
    --------
    >>> from onnx import parser
    >>> model = parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["": 17]>
    ...     tent (float[N, 1] x) => (float[N, 1] y) <float[1, 1] w = {2.0}> {
    ...         z = MatMul(x, w)
    ...         y = Relu(z)
    ...     }''')
    >>> from_onnx(model)
    Network(1 -> 1 relu, from model in memory)
    """
    graph = model.graph
    start, end = data_input(graph, source), only_output(graph, source)
    x = inputs(input_shape(start, source))
    stored = {tensor.name: tensor for tensor in graph.initializer}
    values = _run(graph, {start.name: x}, stored, source)
    dtype = stored_dtype(graph)
    if any(node.op_type == "BatchNormalization" for node in graph.node):
        dtype += ", irrational roots of batch normalisation to 53 bits"
    provenance = Provenance(source, sha256, dtype)
    label = f"output {end!r} of {source}"
    try:
        return to_network(_value(end, values, stored, where=label), like=x, provenance=provenance)
    except NotInClass as reason:
        raise _unsupported(label, got=str(reason)) from None


# -- the graph ------------------------------------------------------------------------------------------


def _run(graph: Any, values: dict[str, Array], stored: dict[str, Any], source: str) -> dict[str, Array]:
    if graph.sparse_initializer:
        raise _unsupported(source, got="sparse initializers", expected="dense weights")
    for k, node in enumerate(graph.node):
        label = node_label(node, k, source)
        results = _evaluate(node, values, stored, label)
        outputs = results if isinstance(results, tuple) else (results,)
        values.update(zip(node.output, outputs, strict=False))
    return values


def _evaluate(
    node: Any, values: dict[str, Array], stored: dict[str, Any], label: str
) -> Array | tuple[Array, ...]:
    operator = OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if operator is None:
        name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        raise _unsupported(label, got=f"the operator {name}", hint=_HINTS.get(node.op_type))
    attributes = node_attributes(node, label)
    unknown = sorted(set(attributes) - operator.attributes)
    if unknown:
        raise _unsupported(
            label,
            got=f"{node.op_type} with the attribute {unknown[0]}",
            hint="convert the model to opset 13 or later",
        )
    if not operator.min_inputs <= len(node.input) <= operator.max_inputs:
        raise InputError(
            "an operator has the wrong number of inputs", where=label, got=f"{len(node.input)} inputs"
        )
    if "num_outputs" in operator.attributes:  # Split: without the attribute, the node has as many as it names
        attributes.setdefault("num_outputs", len(node.output))
    operands = [_value(name, values, stored, where=label) if name else None for name in node.input]
    try:
        return operator.evaluate(attributes, operands)
    except NotInClass as reason:
        raise _unsupported(label, got=f"{node.op_type}: {reason}") from None
    except (ValueError, IndexError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        shapes = ", ".join("none" if array is None else str(array.shape) for array in operands)
        raise ShapeError(
            "the operands of a node do not fit", where=label, got=f"shapes {shapes}: {error}"
        ) from None


def _value(name: str, values: dict[str, Array], stored: dict[str, Any], *, where: str) -> Array:
    """A computed value, or a stored tensor (converted when it is first used)."""
    if name not in values:
        if name not in stored:
            raise InputError(
                "a value is used that no earlier node computes",
                where=where,
                got=repr(name),
                hint="the model file is damaged, or uses a second output of an operator",
            )
        try:
            values[name] = tensor_array(stored[name], name=name)
        except NotInClass as reason:
            raise _unsupported(where, got=str(reason)) from None
    return values[name]


_HINTS = {
    "Softmax": "leave the last softmax out of the export; it keeps the order of the outputs",
    "Sigmoid": "leave a last sigmoid out of the export; it is above 1/2 where its argument is above 0",
}


def _unsupported(
    where: str, *, got: str, expected: str | None = None, hint: str | None = None
) -> UnsupportedError:
    known = "affine maps and piecewise-linear activations, also with branches; operators " + ", ".join(
        sorted(OPERATORS)
    )
    return UnsupportedError(
        "the model is outside the supported class",
        where=where,
        got=got,
        expected=expected or known,
        hint=hint,
    )
