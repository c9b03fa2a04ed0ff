"""An ONNX file as a model: its bytes and external data, its one input, and how its weights are stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import onnx
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_model, uses_external_data

from exactnet.errors import InputError, UnsupportedError
from exactnet.io.files import FileBytes, PathName, read_bytes, unpacked
from exactnet.io.onnx_tensors import FLOAT_TYPES, type_name

__all__ = [
    "ModelFile",
    "data_input",
    "input_shape",
    "node_label",
    "only_output",
    "read_model",
    "stored_dtype",
]


@dataclass(frozen=True)
class ModelFile:
    """A model, the names of its files, and one hash over them."""

    model: Any
    source: str
    sha256: str


def read_model(path: PathName) -> ModelFile:
    """Read a `.onnx` file, with its external data if it has any; the file may be gzip-compressed.

    Raises
    ------
    InputError : no such file, not an ONNX model, or external data that are missing or do not fit.
    """
    file = read_bytes(path, what="network", suffixes=[".onnx", ".gz"])
    content = unpacked(file)
    try:
        model = onnx.load_model_from_string(content)
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
    return ModelFile(model, " + ".join(part.name for part in parts), digest)


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


def stored_dtype(graph: Any) -> str:
    """The float types of the stored tensors, joined by " + "."""
    names = {type_name(t.data_type) for t in _tensors(graph) if t.data_type in FLOAT_TYPES}
    standard = {"float": "float32", "double": "float64"}
    return " + ".join(sorted(standard.get(name, name) for name in names)) or "none"


def data_input(graph: Any, source: str) -> Any:
    """The one input that is not a stored weight (old files list the weights as inputs, too)."""
    stored = {tensor.name for tensor in graph.initializer}
    data = [value for value in graph.input if value.name not in stored]
    if len(data) != 1:
        names = ", ".join(repr(value.name) for value in data) or "none"
        raise _outside(source, got=f"{len(data)} inputs: {names}", expected="one input")
    kind = data[0].type.tensor_type.elem_type
    if kind not in FLOAT_TYPES:
        raise _outside(
            source, got=f"input {data[0].name!r} of type {type_name(kind)}", expected="an input of floats"
        )
    return data[0]


def input_shape(value: Any, source: str) -> tuple[int, ...]:
    """The shape of one sample: a leading size that is not fixed counts as 1."""
    sizes = [d.dim_value if d.HasField("dim_value") else 0 for d in value.type.tensor_type.shape.dim]
    shown = "[" + ", ".join(str(n) if n > 0 else "?" for n in sizes) + "]"
    if len(sizes) > 1 and sizes[0] <= 0:
        sizes[0] = 1
    if not sizes or min(sizes) <= 0:
        raise _outside(
            source,
            got=f"input {value.name!r} of shape {shown}",
            expected="a fixed size of every dimension but the first",
            hint="export the model with a fixed input shape",
        )
    if sizes[0] > 1 and any(n > 1 for n in sizes[1:]):
        raise _outside(
            source,
            got=f"input {value.name!r} of shape {shown}, a fixed batch of {sizes[0]}",
            expected="one sample: a first dimension of 1, or without a fixed size",
            hint="export the model with batch size 1",
        )
    return tuple(sizes)


def only_output(graph: Any, source: str) -> str:
    """The name of the one output."""
    if len(graph.output) != 1:
        names = ", ".join(repr(value.name) for value in graph.output)
        raise _outside(source, got=f"{len(graph.output)} outputs: {names}", expected="one output")
    return str(graph.output[0].name)


def node_label(node: Any, number: int, source: str) -> str:
    """How messages call a node."""
    outputs = ", ".join(map(str, node.output))  # a name that is no UTF-8 comes as bytes
    return f"node {node.name or number} ({node.op_type} -> {outputs}) of {source}"


def node_attributes(node: Any, label: str) -> dict[str, Any]:
    """The attributes of a node under their names.

    Raises
    ------
    InputError : an attribute without a value, or a node without an output: a damaged file.
    """
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    empty = sorted(str(name) for name, value in attributes.items() if value is None)
    if empty or not node.output:
        raise InputError(
            "a damaged node",
            where=label,
            got=f"the attribute {empty[0]} without a value" if empty else "no output",
            hint="export the model again",
        )
    return attributes


def _outside(where: str, *, got: str, expected: str, hint: str | None = None) -> UnsupportedError:
    return UnsupportedError(
        "the model is outside the supported class", where=where, got=got, expected=expected, hint=hint
    )
