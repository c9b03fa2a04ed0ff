"""Models as chains of float32 dot products: the layers by their definition, the function by `from_onnx`."""

from __future__ import annotations

import contextlib
import random
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from exactnet.certificate import network_fingerprint
from exactnet.certificate.network_records import network_record
from exactnet.errors import ExactnetError, InexactInputError, InputError, ShapeError, UnsupportedError
from exactnet.io import from_onnx, is_float32_executable, load_chain, load_network, save_onnx
from exactnet.io.floats import is_float32
from exactnet.io.onnx_chain import chain_from_onnx
from exactnet.model import Activation, AffineLayer, Network

F = Fraction


def parsed(text: str, *, shape: str = "1, 2", out: str = "1, 2") -> Any:
    """A model of float32 from the lines of its graph; W, V, B, C, Z, S are stored."""
    return onnx.parser.parse_model(
        f"""<ir_version: 8, opset_import: ["": 17]>
        g (float[{shape}] x) => (float[{out}] y)
        <float[2, 2] W = {{1.0, 2.0, 3.0, 4.0}}, float[2] B = {{0.5, -0.5}}, float[1, 2] C = {{-1.0, 1.0}},
         float[2] V = {{5.0, 7.0}}, float[2] Z = {{0.0, -0.0}}, float[1] S = {{2.0}},
         int64[2] R = {{2, 1}}> {{
        {text}
        }}"""
    )


def layers(text: str, **shapes: str) -> list[tuple[object, object, str]]:
    """(weight, bias, activation) of the chain, which computes what the merged network does."""
    model = parsed(text, **shapes)
    chain, merged = chain_from_onnx(model), from_onnx(model)
    for k in range(-3, 4):
        x = [F(k, 2), F(1 - k * k, 3)][: chain.n_inputs]
        assert chain(x) == merged(x)
    return [(layer.weight.rows(), layer.bias, str(layer.activation)) for layer in chain.layers]


ID = ((1, 0), (0, 1))
ROWS = ((1, 3), (2, 4))  # x W
COLUMNS = ((1, 2), (3, 4))  # W x
HALF = (F(1, 2), F(-1, 2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = MatMul(x, W)", [(ROWS, (0, 0), "identity")]),
        ("h = MatMul(x, W) y = Add(h, B)", [(ROWS, HALF, "identity")]),
        ("h = MatMul(x, W) y = Add(B, h)", [(ROWS, HALF, "identity")]),
        ("h = MatMul(x, W) y = Sub(h, B)", [(ROWS, (F(-1, 2), F(1, 2)), "identity")]),
        ("h = MatMul(x, W) y = Add(h, S)", [(ROWS, (2, 2), "identity")]),
        ("h = MatMul(x, W) i = Add(h, B) y = Relu(i)", [(ROWS, HALF, "relu")]),
        ("h = MatMul(x, W) y = Relu(h)", [(ROWS, (0, 0), "relu")]),
        ("y = Gemm(x, W, B)", [(ROWS, HALF, "identity")]),
        ("y = Gemm(x, W, C)", [(ROWS, (-1, 1), "identity")]),
        ("y = Gemm <transB = 1> (x, W)", [(COLUMNS, (0, 0), "identity")]),
        ("h = Gemm(x, W) y = Add(h, B)", [(ROWS, HALF, "identity")]),
        # a second bias is another rounding: a layer of its own
        ("h = Gemm(x, W, B) y = Add(h, C)", [(ROWS, HALF, "identity"), (ID, (-1, 1), "identity")]),
        (
            "h = MatMul(x, W) i = Add(h, B) y = Add(i, C)",
            [(ROWS, HALF, "identity"), (ID, (-1, 1), "identity")],
        ),
        ("h = MatMul(x, W) i = Relu(h) y = Add(i, C)", [(ROWS, (0, 0), "relu"), (ID, (-1, 1), "identity")]),
        (
            "h = Sub(x, B) y = MatMul(h, W)",
            [(ID, (F(-1, 2), F(1, 2)), "identity"), (ROWS, (0, 0), "identity")],
        ),
        ("h = Add(x, B) y = Relu(h)", [(ID, HALF, "relu")]),
        # zeros are nothing, before, between and behind
        ("h = Sub(x, Z) i = MatMul(h, W) j = Add(i, Z) y = Add(j, B)", [(ROWS, HALF, "identity")]),
        ("h = MatMul(x, W) i = Relu(h) y = Add(Z, i)", [(ROWS, (0, 0), "relu")]),
        # nothing is merged
        ("h = MatMul(x, W) y = MatMul(h, W)", [(ROWS, (0, 0), "identity")] * 2),
        # what only moves numbers
        ("h = Flatten(x) i = Identity(h) j = Dropout(i) y = MatMul(j, W)", [(ROWS, (0, 0), "identity")]),
        ("h = MatMul(x, W) i = Flatten <axis = 0> (h) j = Add(i, B) y = Relu(j)", [(ROWS, HALF, "relu")]),
        ("h = Flatten <axis = -1> (x) y = Gemm(h, W, B)", [(ROWS, HALF, "identity")]),
        ("h = Reshape(x, R) y = MatMul(W, h)", [(COLUMNS, (0, 0), "identity")]),
        ("h = Squeeze(x) i = MatMul(W, h) y = Add(i, B)", [(COLUMNS, HALF, "identity")]),
        ("h = Squeeze(x) y = MatMul(h, W)", [(ROWS, (0, 0), "identity")]),
        ("h = Squeeze(x) y = MatMul(h, V)", [(((5, 7),), (0,), "identity")]),
        ("y = MatMul(x, V)", [(((5, 7),), (0,), "identity")]),
        (
            "K = Constant <value = float[2] {0.5, -0.5}> () h = MatMul(x, W) y = Add(h, K)",
            [(ROWS, HALF, "identity")],
        ),
        ("K = Constant <value_float = 2.0> () h = MatMul(x, W) y = Add(h, K)", [(ROWS, (2, 2), "identity")]),
        (
            "K = Constant <value_ints = [2, 1]> () h = Reshape(x, K) y = MatMul(W, h)",
            [(COLUMNS, (0, 0), "identity")],
        ),
        (
            "K = Constant <value_ints = [0]> () h = Squeeze(x, K) y = MatMul(h, W)",
            [(ROWS, (0, 0), "identity")],
        ),
        (
            "K = Constant <value_ints = [0]> () h = Unsqueeze(x, K) y = MatMul(h, W)",
            [(ROWS, (0, 0), "identity")],
        ),
    ],
)
def test_layers(text: str, expected: list[tuple[object, object, str]]) -> None:
    assert layers(text) == expected


def test_rows_of_a_batch_are_blocks_of_a_layer() -> None:
    ((weight, bias, _),) = layers("h = Reshape(x, R) y = MatMul(h, C)")
    assert (weight, bias) == (((-1, 0), (1, 0), (0, -1), (0, 1)), (0, 0, 0, 0))


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("y = Relu(x)", "Relu does not follow a layer"),
        ("h = MatMul(x, W) i = Relu(h) y = Relu(i)", "Relu does not follow a layer"),
        ("y = Flatten(x)", "a model without a layer"),
        ("y = Add(x, Z)", "a model without a layer"),
        ("y = Mul(x, B)", "the operator Mul"),
        ("h = MatMul(x, W) y = LeakyRelu(h)", "the operator LeakyRelu"),
        ("h = MatMul(x, W) y = Add(h, x)", "it reads 'x', which is neither"),
        ("h = MatMul(x, W) y = Add(h, h)", "the value computed before it is its input [0, 1]"),
        ("h = MatMul(x, W) i = Relu(h) y = Relu(h)", "the value computed before it is its input nowhere"),
        ("h = MatMul(x, W) y = MatMul(x, W)", "the value computed before it is its input nowhere"),
        ("y = MatMul(x, W) h = Relu(y)", "the chain ends with 'h'"),
        ("y = Sub(B, x)", "it subtracts from a constant"),
        ("y = Gemm <alpha = 2.0> (x, W, B)", "its attribute alpha is 2.0"),
        ("y = Gemm <beta = 0.5> (x, W, B)", "its attribute beta is 0.5"),
        ("y = Gemm <transA = 1> (x, W)", "its attribute transA is 1"),
        ("y = Gemm(W, x)", "the value computed before it is its input [1]"),
        ("h = Squeeze(x) y = Gemm(h, W)", "it is no product"),
        ("y = Add(x, W)", "it repeats the value"),
        ("y = Add(x, R)", "its other operand is not a float32 constant"),
        ("y = MatMul(x, R)", "its other operand is not a constant float32 matrix"),
        ("y = Reshape <allowzero = 1> (x, R)", "its attribute allowzero is 1"),
    ],
)
def test_what_is_no_chain_is_refused_with_the_node(text: str, got: str) -> None:
    with pytest.raises(UnsupportedError, match="no chain of float32 dot products") as caught:
        chain_from_onnx(parsed(text), source="m.onnx")
    assert got in (caught.value.got or "")
    assert "m.onnx" in (caught.value.where or "")


def test_operands_that_do_not_fit() -> None:
    for text in ("y = MatMul(W, x)", "h = Reshape(x, R) y = Gemm(h, W)", "y = Flatten <axis = 3> (x)"):
        with pytest.raises(ShapeError, match="the operands of a node do not fit"):
            chain_from_onnx(parsed(text))
    with pytest.raises(ShapeError, match=r"shapes \(1, 2\), \(2,\)"):
        chain_from_onnx(parsed("K = Constant <value_ints = [3, 1]> () h = Reshape(x, K) y = MatMul(h, W)"))


def stored(array: Any, *, kind: int = TensorProto.FLOAT) -> Any:
    """x W for a 1 x 1 tensor W."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "W"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", kind, (1, 1))],
        [helper.make_tensor_value_info("y", kind, None)],
        initializer=[numpy_helper.from_array(array, "W")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_stored_numbers_must_be_finite_float32() -> None:
    with pytest.raises(UnsupportedError, match="an input of type double"):
        chain_from_onnx(stored(np.ones((1, 1)), kind=TensorProto.DOUBLE))
    for array, name in ((np.ones((1, 1)), "double"), (np.ones((1, 1), dtype=np.float16), "float16")):
        with pytest.raises(UnsupportedError, match=f"the tensor 'W' has the type {name}"):
            chain_from_onnx(stored(array))
    with pytest.raises(InexactInputError, match=r"tensor 'W', index \[0, 0\]"):
        chain_from_onnx(stored(np.array([[np.nan]], dtype=np.float32)))
    damaged = stored(np.ones((1, 1), dtype=np.float32))
    damaged.graph.initializer[0].raw_data = b"12345"
    with pytest.raises(InputError, match="a stored tensor is damaged"):
        chain_from_onnx(damaged)
    with pytest.raises(InputError, match="a stored tensor is damaged"):
        from_onnx(damaged)


def test_the_smallest_and_the_largest_numbers_are_exact() -> None:
    for value in (2.0**-149, -(2.0**-126), float(np.finfo(np.float32).max), 1 + 2.0**-23):
        network = chain_from_onnx(stored(np.array([[value]], dtype=np.float32)))
        assert network([1]) == (F(value),)
        assert is_float32_executable(network)


def test_the_float32_test_agrees_with_numpy_on_every_kind_of_number() -> None:
    rng = random.Random(7)
    numbers = [F(rng.randint(-(2**30), 2**30)) * F(2) ** rng.randint(-180, 120) for _ in range(300)]
    numbers += [F(float(np.float32(rng.uniform(-9, 9)))) for _ in range(50)]
    numbers += [
        F(1, 3),
        F(0),
        F(2) ** 128,
        F(2) ** 127,
        F(2) ** -149,
        F(2) ** -150,
        F(2**24 - 1) * F(2) ** 104,
    ]
    found = set()
    for q in numbers:
        weight, bias = (Network.from_arrays([([[q, 1]], [0])]), Network.from_arrays([([[1, 1]], [q])]))
        assert is_float32_executable(weight) == is_float32_executable(bias) == is_float32(q)
        found.add(is_float32(q))
    assert found == {True, False}


def test_other_activations_and_skips_do_not_run_as_float32_chains() -> None:
    assert is_float32_executable(Network.from_arrays([([[1]], None)] * 2))
    assert not is_float32_executable(Network.from_arrays([([[1]], None)] * 2, activation="abs"))
    assert not is_float32_executable(Network.from_arrays([([[1]], None)] * 2, skips={(2, 0): [[1]]}))
    leaky = AffineLayer.from_arrays([[1]], activation="leaky_relu", slope="1/2")
    assert not is_float32_executable(Network((leaky,)))


def test_a_written_network_comes_back_layer_by_layer(tmp_path: Path) -> None:
    network = Network.from_arrays(
        [([[0.5, 1], [2, 3]], [1, 0]), ([[1, -1]], [0.25])], output_activation="relu"
    )
    save_onnx(network, tmp_path / "m.onnx")
    chain = load_chain(tmp_path / "m.onnx")
    assert chain == network
    assert chain.provenance.source == str(tmp_path / "m.onnx")
    assert chain.provenance.sha256 == sha256((tmp_path / "m.onnx").read_bytes()).hexdigest()
    with pytest.raises(InputError, match="does not exist"):
        load_chain(tmp_path / "none.onnx")


@pytest.mark.parametrize("pattern", ["acasxu/onnx/*_1_*.onnx", "rl_benchmarks/onnx/*.onnx", "test/*.onnx"])
def test_benchmark_networks(data_folder: Path, pattern: str) -> None:
    files = sorted((data_folder / "vnn").glob(pattern))
    assert files
    for file in files:
        chain, merged = load_chain(file), load_network(file)
        assert is_float32_executable(chain)
        rng = random.Random(file.name)
        for _ in range(3):
            x = [F(rng.randint(-64, 64), 64) for _ in range(chain.n_inputs)]
            assert chain(x) == merged(x)


def test_acas_networks_have_seven_layers_and_a_fingerprint_of_their_own(data_folder: Path) -> None:
    folder = data_folder / "vnn/acasxu/onnx"
    prints = set()
    for name in ("1_1", "2_9", "5_3"):
        chain = load_chain(folder / f"ACASXU_run2a_{name}_batch_2000.onnx")
        assert chain.widths == (5, *[50] * 6, 5)
        assert [layer.activation for layer in chain.layers] == [Activation.RELU] * 6 + [Activation.IDENTITY]
        prints.add(network_fingerprint(network_record(chain)))
    assert len(prints) == 3


def test_a_large_network_with_images(data_folder: Path) -> None:
    chain = load_chain(data_folder / "vnn/mnist_fc/onnx/mnist-net_256x2.onnx")
    assert chain.widths == (784, 256, 256, 10)
    model = onnx.load(data_folder / "vnn/mnist_fc/onnx/mnist-net_256x2.onnx")
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    names = [(f"layers.{k}.weight", f"layers.{k}.bias") for k in (0, 2, 4)]
    for layer, (weight, bias) in zip(chain.layers, names, strict=True):
        assert layer.weight.row(3) == tuple(F(float(v)) for v in arrays[weight][3])
        assert layer.bias == tuple(F(float(v)) for v in arrays[bias])


def test_nothing_but_errors_of_ours_on_damaged_models() -> None:
    whole = parsed("h = MatMul(x, W) i = Add(h, B) y = Relu(i)").SerializeToString()
    rng = random.Random(5)
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        try:
            model = onnx.load_model_from_string(bytes(content))
        except Exception:
            continue
        for read in (chain_from_onnx, from_onnx):
            with contextlib.suppress(ExactnetError):
                assert read(model).n_inputs >= 1
