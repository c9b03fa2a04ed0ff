"""Whole models, with ONNX's own reference evaluator as the independent oracle."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from exactnet.errors import InexactInputError, InputError, LimitReached, ShapeError, UnsupportedError
from exactnet.io import from_onnx, load_network
from exactnet.model import Activation, Network

# the oracle runs in float64; the exact value may differ from it by its rounding errors
RELATIVE = Fraction(1, 2**36)


def model(
    nodes: list[Any],
    tensors: dict[str, Any] | None = None,
    *,
    shape: Any = (1, 2),
    output: str = "y",
    opset: int = 17,
    kind: int = TensorProto.FLOAT,
) -> Any:
    initializers = [
        numpy_helper.from_array(np.asarray(value), name) for name, value in (tensors or {}).items()
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info(output, kind, None)],
        initializer=initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def node(kind: str, *inputs: str, to: str = "y", **attributes: Any) -> Any:
    return helper.make_node(kind, list(inputs), [to], **attributes)


def f32(values: Any) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=np.float32)


# -- against the reference evaluator ----------------------------------------------------------------------


def in_float64(model: Any) -> Any:
    """The same model with its float32 weights, input and output widened to float64 (no value changes)."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    for tensor in wide.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(
                numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name)
            )
    for value in [*wide.graph.input, *wide.graph.output]:
        value.type.tensor_type.elem_type = TensorProto.DOUBLE
    return wide


def agrees_with_oracle(path: Path, network: Network, *, n_points: int = 3) -> None:
    wide = in_float64(onnx.load(path))
    stored = {tensor.name for tensor in wide.graph.initializer}
    (start,) = [value for value in wide.graph.input if value.name not in stored]
    shape = [d.dim_value or 1 for d in start.type.tensor_type.shape.dim]
    oracle = ReferenceEvaluator(wide)
    rng = np.random.default_rng(0)
    for _ in range(n_points):
        x = rng.standard_normal(shape)
        (expected,) = oracle.run(None, {start.name: x})
        got = network(x.ravel())
        assert len(got) == expected.size == network.n_outputs
        scale = max(1, *(abs(Fraction(v)) for v in expected.ravel().tolist()))
        for a, b in zip(got, expected.ravel().tolist(), strict=True):
            assert abs(a - Fraction(b)) <= RELATIVE * scale


def test_acasxu_sample(data_folder: Path) -> None:
    files = sorted((data_folder / "vnn" / "acasxu" / "onnx").glob("*.onnx"))
    assert len(files) == 45
    for path in files[::15]:
        network = load_network(path)
        assert network.widths == (5, 50, 50, 50, 50, 50, 50, 5)
        assert network.provenance.stored_dtype == "float32"
        agrees_with_oracle(path, network)


@pytest.mark.slow
def test_acasxu_all(data_folder: Path) -> None:
    for path in sorted((data_folder / "vnn" / "acasxu" / "onnx").glob("*.onnx")):
        agrees_with_oracle(path, load_network(path))


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        ("rl_benchmarks/onnx/cartpole.onnx", (4, 64, 64, 2)),
        ("rl_benchmarks/onnx/lunarlander.onnx", (8, 64, 64, 4)),
        ("rl_benchmarks/onnx/dubinsrejoin.onnx", (8, 256, 256, 8)),
        ("test/test_nano.onnx", (1, 1)),
        ("test/test_tiny.onnx", (1, 1, 1)),
        ("test/test_small.onnx", (1, 2, 2, 1)),
        ("test/test_sat.onnx", (5, 50, 50, 50, 50, 50, 50, 5)),
        ("test/test_unsat.onnx", (5, 50, 50, 50, 50, 50, 50, 5)),
    ],
)
def test_benchmark_networks(data_folder: Path, name: str, widths: tuple[int, ...]) -> None:
    network = load_network(data_folder / "vnn" / name)
    assert network.widths == widths
    agrees_with_oracle(data_folder / "vnn" / name, network)


@pytest.mark.slow
def test_mnist(data_folder: Path) -> None:
    path = data_folder / "vnn" / "mnist_fc" / "onnx" / "mnist-net_256x2.onnx"
    network = load_network(path)
    assert network.widths == (784, 256, 256, 10)
    agrees_with_oracle(path, network, n_points=1)


# -- input and output -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 2), ("N", 2), (None, 2), (1, 1, 2), ("N", 1, 1, 2), (0, 2)])
def test_batch_dimension_is_one_sample(shape: Any) -> None:
    network = from_onnx(
        model([node("Flatten", "x", to="f"), node("MatMul", "f", "w")], {"w": f32([[1], [2]])}, shape=shape)
    )
    assert network.widths == (2, 1)
    assert network([3, 5]) == (13,)


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_vectors_and_columns(shape: Any) -> None:
    network = from_onnx(model([node("MatMul", "w", "x")], {"w": f32([[1, 2], [3, 4], [5, 6]])}, shape=shape))
    assert network([1, 10]) == (21, 43, 65)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 2), "a fixed batch of 4"),
        ((1, "N"), r"shape \[1, \?\]"),
        (("N",), r"shape \[\?\]"),
        ((), r"shape \[\]"),
        (None, r"shape \[\]"),
    ],
)
def test_unclear_input_shapes(shape: Any, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        from_onnx(model([node("Relu", "x")], shape=shape))


def test_weights_listed_as_inputs() -> None:
    old = model([node("MatMul", "x", "w")], {"w": f32([[1], [2]])})
    old.graph.input.insert(0, helper.make_tensor_value_info("w", TensorProto.FLOAT, (2, 1)))
    assert from_onnx(old)([1, 1]) == (3,)


def test_several_inputs_and_outputs() -> None:
    two = model([node("Add", "x", "z")])
    two.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, (1, 2)))
    with pytest.raises(UnsupportedError, match="2 inputs: 'x', 'z'"):
        from_onnx(two)
    del two.graph.input[:]
    with pytest.raises(UnsupportedError, match="0 inputs: none"):
        from_onnx(two)
    out = model([node("Relu", "x")])
    out.graph.output.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 2)))
    with pytest.raises(UnsupportedError, match="2 outputs: 'y', 'x'"):
        from_onnx(out)


def test_integer_input() -> None:
    with pytest.raises(UnsupportedError, match="of type int64"):
        from_onnx(model([node("Identity", "x")], kind=TensorProto.INT64))


def test_degenerate_graphs() -> None:
    identity = from_onnx(model([], output="x"))
    assert identity.widths == (2, 2)
    assert identity([3, 4]) == (3, 4)
    constant = from_onnx(model([], {"c": f32([7])}, output="c"))
    assert constant([3, 4]) == (7,)
    assert from_onnx(model([node("MatMul", "x", "w")], {"w": f32([[0], [0]])}))([1, 2]) == (0,)
    unused = model([node("Relu", "x"), node("MatMul", "x", "w", to="dead")], {"w": f32([[1], [1]])})
    assert len(from_onnx(unused).layers) == 1


# -- exactness --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "kind", "name"),
    [
        (np.float16, TensorProto.FLOAT16, "float16"),
        (np.float32, TensorProto.FLOAT, "float32"),
        (np.float64, TensorProto.DOUBLE, "float64"),
    ],
)
def test_weights_are_their_binary_values(dtype: Any, kind: int, name: str) -> None:
    weights = np.array([[0.1], [6e-8]], dtype=dtype)  # the second is subnormal in float16
    network = from_onnx(model([node("MatMul", "x", "w")], {"w": weights}, kind=kind))
    assert network.layers[0].weight.row(0) == tuple(Fraction(float(w)) for w in weights.ravel())
    assert network.provenance.stored_dtype == name


def test_bfloat16() -> None:
    m = model([node("MatMul", "x", "w")], kind=TensorProto.BFLOAT16)
    # 0.1 in bfloat16 is 0x3dcd, the upper half of a float32
    m.graph.initializer.append(
        TensorProto(name="w", data_type=TensorProto.BFLOAT16, dims=[2, 1], raw_data=b"\xcd\x3d\x80\x3f")
    )
    expected = np.array([0x3DCD0000], dtype=np.uint32).view(np.float32)[0]
    assert from_onnx(m).layers[0].weight.row(0) == (Fraction(float(expected)), 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_nonfinite_weights_are_located(bad: float) -> None:
    with pytest.raises(InexactInputError, match=r"tensor 'w', index \[1, 0\]"):
        from_onnx(model([node("MatMul", "x", "w")], {"w": f32([[1], [bad]])}))


def test_slopes_are_float32() -> None:
    explicit = from_onnx(model([node("LeakyRelu", "x", alpha=0.2)])).layers[0]
    assert (explicit.activation, explicit.slope) == (Activation.LEAKY_RELU, Fraction(float(np.float32(0.2))))
    default = from_onnx(model([node("LeakyRelu", "x")])).layers[0]
    assert default.slope == Fraction(float(np.float32(0.01)))


def test_affine_layers_merge_without_rounding() -> None:
    third, tiny = f32([[1 / 3, 0], [0, 1 / 3]]), f32([[1e-30, 0], [0, 1e30]])
    network = from_onnx(
        model(
            [node("MatMul", "x", "a", to="u"), node("Add", "u", "b", to="v"), node("MatMul", "v", "c")],
            {"a": third, "b": f32([1, 1e-30]), "c": tiny},
        )
    )
    (layer,) = network.layers
    a, c, d = (Fraction(float(v)) for v in (third[0, 0], tiny[0, 0], tiny[1, 1]))
    assert layer.weight.rows() == ((a * c, 0), (0, a * d))
    assert layer.bias == (c, Fraction(float(f32(1e-30))) * d)


# -- refusals ---------------------------------------------------------------------------------------------


def test_unknown_operator_names_node_and_lists_the_known_ones() -> None:
    with pytest.raises(UnsupportedError) as caught:
        from_onnx(model([node("Softmax", "x", name="last")]))
    text = str(caught.value)
    assert "node last (Softmax -> y) of model in memory" in text
    assert "the operator Softmax" in text
    for name in ("Gemm", "MatMul", "Relu", "Reshape"):
        assert name in text
    assert caught.value.exit_code == 4


def test_skip_connections() -> None:
    residual = from_onnx(model([node("Relu", "x", to="h"), node("Add", "x", "h")]))
    assert repr(residual) == "Network(2 -> 2 relu -> 2 + skip 0, from model in memory)"
    assert residual([3, -5]) == (6, -5)
    dense = from_onnx(model([node("Relu", "x", to="h"), node("Concat", "x", "h", axis=1)]))
    assert dense([3, -5]) == (3, -5, 3, 0)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (node("Mul", "x", "x"), "both depend on the input"),
        (node("Div", "x", "zero"), "divides by zero"),
        (node("Div", "one", "x"), "divides by a value"),
        (node("PRelu", "x", "slopes"), "slopes differ"),
        (node("Reshape", "x", "x"), "shape is not a constant"),
        (node("Add", "x", "one", axis=1), "attribute axis"),
        (node("Cast", "x", to="y"), "to"),
        (node("Relu", "x", domain="my.domain"), r"the operator my\.domain\.Relu"),
    ],
)
def test_operators_outside_the_class(bad: Any, message: str) -> None:
    tensors = {"one": f32([1]), "zero": f32([0]), "slopes": f32([0, 1])}
    with pytest.raises((UnsupportedError, ShapeError), match=message):
        from_onnx(model([bad], tensors))


def test_operands_that_do_not_fit() -> None:
    for bad in (
        node("MatMul", "x", "w"),
        node("Add", "x", "w"),
        node("Reshape", "x", "s"),
        node("Flatten", "x", axis=5),
    ):
        with pytest.raises(ShapeError, match="the operands of a node do not fit"):
            from_onnx(model([bad], {"w": f32([1, 2, 3]), "s": np.array([3])}))


def test_damaged_graphs() -> None:
    with pytest.raises(InputError, match="no earlier node computes"):
        from_onnx(model([node("Relu", "missing")]))
    with pytest.raises(InputError, match="no earlier node computes"):
        from_onnx(model([], output="missing"))
    with pytest.raises(InputError, match="wrong number of inputs"):
        from_onnx(model([node("Relu", "x", "x")]))
    with pytest.raises(UnsupportedError, match="first input is missing"):
        from_onnx(model([node("Relu", "")]))
    text = helper.make_tensor("t", TensorProto.STRING, [1], [b"a"])
    with_text = model([node("Add", "x", "t")])
    with_text.graph.initializer.append(text)
    with pytest.raises(UnsupportedError, match="type string"):
        from_onnx(with_text)


# -- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"not a model", b"version https://git-lfs.github.com/spec/v1\n", b"\x08"]
)
def test_files_that_are_no_models(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(InputError, match="not an ONNX model"):
        load_network(path)


def test_truncated_file(tmp_path: Path) -> None:
    content = model([node("MatMul", "x", "w")], {"w": f32([[1], [2]])}).SerializeToString()
    path = tmp_path / "m.onnx"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises((InputError, UnsupportedError, LimitReached)):
            load_network(path)


def test_external_data(tmp_path: Path) -> None:
    import hashlib

    weights = np.arange(600, dtype=np.float32).reshape(2, 300)
    path = tmp_path / "m.onnx"
    onnx.save_model(
        model([node("MatMul", "x", "w")], {"w": weights}),
        path,
        save_as_external_data=True,
        location="m.data",
        size_threshold=0,
    )
    network = load_network(path)
    assert network([1, 1]) == tuple(weights.sum(axis=0).tolist())
    together = path.read_bytes() + (tmp_path / "m.data").read_bytes()
    assert network.provenance.sha256 == hashlib.sha256(together).hexdigest()
    assert network.provenance.source == f"{path} + {tmp_path / 'm.data'}"
    (tmp_path / "m.data").write_bytes(b"short")
    with pytest.raises(InputError):
        load_network(path)
    (tmp_path / "m.data").unlink()
    with pytest.raises(InputError, match="external data file does not exist"):
        load_network(path)


def test_external_data_must_stay_in_the_folder(tmp_path: Path) -> None:
    outside = model([node("MatMul", "x", "w")])
    tensor = TensorProto(
        name="w", data_type=TensorProto.FLOAT, dims=[2, 1], data_location=TensorProto.EXTERNAL
    )
    tensor.external_data.add(key="location", value="../secret")
    outside.graph.initializer.append(tensor)
    (tmp_path / "m.onnx").write_bytes(outside.SerializeToString())
    with pytest.raises(InputError, match="outside the folder"):
        load_network(tmp_path / "m.onnx")


def test_hash_is_of_the_file(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "m.onnx"
    path.write_bytes(model([node("Relu", "x")]).SerializeToString())
    provenance = load_network(path).provenance
    assert provenance.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert provenance.source == str(path)
