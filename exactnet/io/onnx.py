"""Read an ONNX model as an exact network.

The graph is run once on exact affine forms (`exactnet.io.forms`). The stored weights are dyadic rationals
and are taken as exactly those: the network is the model in real arithmetic, without the rounding that a
float runtime adds. A batch dimension is read as one sample. Branches that meet (Add, Sub, Concat, ...) become
skip connections, a maximum of several values (Max, Min, ReduceMax, ReduceMin) a layer of maxout units.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import onnx
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_model, uses_external_data

from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.io.files import FileBytes, PathName, read_bytes
from exactnet.io.form_network import to_network
from exactnet.io.forms import Array, NotInClass, inputs
from exactnet.io.onnx_arithmetic import ARITHMETIC
from exactnet.io.onnx_shapes import SHAPES
from exactnet.io.onnx_tensors import FLOAT_TYPES, tensor_array, type_name
from exactnet.model import Network, Provenance

__all__ = ["from_onnx", "load_onnx"]

OPERATORS = ARITHMETIC | SHAPES


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
    file = read_bytes(path, what="network", suffixes=[".onnx"])
    try:
        model = onnx.load_model_from_string(file.content)
    except Exception:  # the type of the error depends on the version of protobuf
        raise _not_onnx(file.name) from None
    if not model.HasField("graph") or not model.ir_version or not model.opset_import:
        raise _not_onnx(file.name)
    parts = _external_files(model, file)
    if len(parts) > 1:
        try:
            load_external_data_for_model(model, str(Path(path).parent))
        except Exception as error:
            raise InputError(
                "the external data do not fit the model", where=file.name, got=str(error)
            ) from None
    digest = sha256(b"".join(part.content for part in parts)).hexdigest()
    return from_onnx(model, source=" + ".join(part.name for part in parts), sha256=digest)


def from_onnx(model: Any, *, source: str = "model in memory", sha256: str | None = None) -> Network:
    """The exact network of an `onnx.ModelProto`; errors as for :func:`load_onnx`.

    Parameters
    ----------
    model : one float input and one output; a leading batch dimension of size 1 or without a fixed size.
    source, sha256 : for the provenance.

    Examples
    --------
    >>> model = onnx.parser.parse_model('''
    ...     <ir_version: 8, opset_import: ["": 17]>
    ...     tent (float[N, 1] x) => (float[N, 1] y) <float[1, 1] w = {2.0}> {
    ...         z = MatMul(x, w)
    ...         y = Relu(z)
    ...     }''')
    >>> from_onnx(model)
    Network(1 -> 1 relu, from model in memory)
    """
    graph = model.graph
    start = _data_input(graph, source)
    x = inputs(_input_shape(start, source))
    if len(graph.output) != 1:
        names = ", ".join(repr(value.name) for value in graph.output)
        raise _unsupported(source, got=f"{len(graph.output)} outputs: {names}", expected="one output")
    stored = {tensor.name: tensor for tensor in graph.initializer}
    values = _run(graph, {start.name: x}, stored, source)
    provenance = Provenance(source, sha256, _stored_dtype(graph))
    end = graph.output[0].name
    label = f"output {end!r} of {source}"
    try:
        return to_network(_value(end, values, stored, where=label), like=x, provenance=provenance)
    except NotInClass as reason:
        raise _unsupported(label, got=str(reason)) from None


# -- the file -------------------------------------------------------------------------------------------


def _not_onnx(name: str) -> InputError:
    return InputError(
        "the file is not an ONNX model",
        where=name,
        got="bytes that do not decode, or a model without a graph",
        hint="export the model again; a file from Git LFS may be a text pointer to the real file",
    )


def _external_files(model: Any, file: FileBytes) -> list[FileBytes]:
    """The model file, followed by the files its tensors are stored in, each once."""
    infos = [ExternalDataInfo(tensor) for tensor in _tensors(model.graph) if uses_external_data(tensor)]
    folder = Path(file.name).parent
    names = dict.fromkeys(str(info.location) for info in infos)
    for name in names:
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise InputError(
                "external data outside the folder of the model",
                where=file.name,
                got=repr(name),
                expected="a file beside the model",
            )
    return [file, *(read_bytes(folder / name, what="external data") for name in names)]


def _tensors(graph: Any) -> Iterator[Any]:
    """Every stored tensor: initializers and the values of Constant nodes."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t


def _stored_dtype(graph: Any) -> str:
    names = {type_name(t.data_type) for t in _tensors(graph) if t.data_type in FLOAT_TYPES}
    standard = {"float": "float32", "double": "float64"}
    return " + ".join(sorted(standard.get(name, name) for name in names)) or "none"


# -- the input ------------------------------------------------------------------------------------------


def _data_input(graph: Any, source: str) -> Any:
    """The one input that is not a stored weight (old files list the weights as inputs, too)."""
    stored = {tensor.name for tensor in graph.initializer}
    data = [value for value in graph.input if value.name not in stored]
    if len(data) != 1:
        names = ", ".join(repr(value.name) for value in data) or "none"
        raise _unsupported(source, got=f"{len(data)} inputs: {names}", expected="one input")
    kind = data[0].type.tensor_type.elem_type
    if kind not in FLOAT_TYPES:
        raise _unsupported(
            source, got=f"input {data[0].name!r} of type {type_name(kind)}", expected="an input of floats"
        )
    return data[0]


def _input_shape(value: Any, source: str) -> tuple[int, ...]:
    """The shape of one sample: a leading size that is not fixed counts as 1."""
    sizes = [d.dim_value if d.HasField("dim_value") else 0 for d in value.type.tensor_type.shape.dim]
    shown = "[" + ", ".join(str(n) if n > 0 else "?" for n in sizes) + "]"
    if len(sizes) > 1 and sizes[0] <= 0:
        sizes[0] = 1
    if not sizes or min(sizes) <= 0:
        raise _unsupported(
            source,
            got=f"input {value.name!r} of shape {shown}",
            expected="a fixed size of every dimension but the first",
            hint="export the model with a fixed input shape",
        )
    if sizes[0] > 1 and any(n > 1 for n in sizes[1:]):
        raise _unsupported(
            source,
            got=f"input {value.name!r} of shape {shown}, a fixed batch of {sizes[0]}",
            expected="one sample: a first dimension of 1, or without a fixed size",
            hint="export the model with batch size 1",
        )
    return tuple(sizes)


# -- the graph ------------------------------------------------------------------------------------------


def _run(graph: Any, values: dict[str, Array], stored: dict[str, Any], source: str) -> dict[str, Array]:
    if graph.sparse_initializer:
        raise _unsupported(source, got="sparse initializers", expected="dense weights")
    for k, node in enumerate(graph.node):
        label = f"node {node.name or k} ({node.op_type} -> {', '.join(node.output)}) of {source}"
        values[node.output[0]] = _evaluate(node, values, stored, label)
    return values


def _evaluate(node: Any, values: dict[str, Array], stored: dict[str, Any], label: str) -> Array:
    operator = OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if operator is None:
        name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
        raise _unsupported(label, got=f"the operator {name}", hint=_HINTS.get(node.op_type))
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
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
    operands = [_value(name, values, stored, where=label) if name else None for name in node.input]
    try:
        return operator.evaluate(attributes, operands)
    except NotInClass as reason:
        raise _unsupported(label, got=f"{node.op_type}: {reason}") from None
    except (ValueError, IndexError, KeyError) as error:
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
    "BatchNormalization": "it takes a square root, which is not rational: fold it into the layer before it",
    "Softmax": "leave the last softmax out of the export; it keeps the order of the outputs",
    "Sigmoid": "leave a last sigmoid out of the export; it is above 1/2 where its argument is above 0",
    "Conv": "write small convolutions as dense layers",
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
