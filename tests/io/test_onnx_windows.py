"""Convolutions, poolings and batch normalisation, with ONNX's own reference evaluator as the oracle."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from exactnet.errors import ShapeError, UnsupportedError
from exactnet.io import from_onnx
from exactnet.io.forms import NotInClass
from exactnet.io.onnx_chain import chain_from_onnx
from exactnet.io.onnx_windows import WINDOWS, nearest_root
from exactnet.io.windows import windows
from exactnet.model import Activation, Network

# the numbers below have few bits: the oracle's sums and products in float64 are exact, its averages are not
RELATIVE = Fraction(1, 2**44)

Tables = dict[str, Any]


def model(
    nodes: list[tuple[str, list[str], dict[str, Any]]],
    shape: tuple[int, ...],
    tables: Tables,
    *,
    kind: int = TensorProto.DOUBLE,
    opset: int = 17,
) -> Any:
    """A chain of nodes; "h" is the value computed before."""
    dtype = np.float32 if kind == TensorProto.FLOAT else np.float64
    made, before = [], "x"
    for k, (operator, names, attributes) in enumerate(nodes):
        out = "y" if k == len(nodes) - 1 else f"h{k}"
        made.append(
            helper.make_node(operator, [before if n == "h" else n for n in names], [out], **attributes)
        )
        before = out
    stored = [
        numpy_helper.from_array(
            np.asarray(table) if np.asarray(table).dtype == np.int64 else dtype(table), name
        )
        for name, table in tables.items()
    ]
    graph = helper.make_graph(
        made,
        "g",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", kind, None)],
        initializer=stored,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def few_bits(rng: np.random.Generator, *shape: int) -> Any:
    return rng.integers(-16, 17, size=shape) / 8


def agree(made: Any, network: Network, shape: tuple[int, ...], rng: np.random.Generator) -> None:
    oracle = ReferenceEvaluator(made)
    for _ in range(3):
        x = few_bits(rng, *shape)
        (expected,) = oracle.run(None, {"x": x})
        y = network(x.ravel().tolist())
        assert len(y) == expected.size
        for value, float_value in zip(y, expected.ravel().tolist(), strict=True):
            assert abs(value - Fraction(float_value)) <= RELATIVE * max(1, abs(value))


CONVOLUTIONS: list[tuple[tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ((1, 1, 4), (1, 1, 2), {}),
    ((1, 2, 5), (3, 2, 3), {"pads": [1, 1]}),
    ((1, 1, 3, 3), (2, 1, 2, 2), {}),
    ((1, 2, 4, 3), (3, 2, 3, 2), {"pads": [1, 0, 2, 1], "strides": [2, 1]}),
    ((1, 2, 5, 5), (2, 2, 2, 2), {"dilations": [2, 3]}),
    ((1, 4, 3, 3), (6, 2, 2, 2), {"group": 2}),
    ((1, 3, 3, 3), (3, 1, 3, 3), {"group": 3, "pads": [1, 1, 1, 1]}),
    ((1, 1, 5, 4), (1, 1, 3, 3), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    ((1, 1, 5, 4), (1, 1, 2, 2), {"auto_pad": "SAME_LOWER"}),
    ((1, 1, 5, 4), (2, 1, 2, 2), {"auto_pad": "VALID", "strides": [3, 1]}),
    ((1, 2, 2, 2), (2, 2, 1, 1), {"kernel_shape": [1, 1]}),
    ((1, 1, 2, 2, 2), (1, 1, 2, 1, 2), {}),
    ((1, 1, 1, 1), (1, 1, 3, 3), {"pads": [1, 1, 1, 1]}),
]


@pytest.mark.parametrize(("shape", "kernel", "attributes"), CONVOLUTIONS)
@pytest.mark.parametrize("has_bias", [False, True])
def test_convolutions(
    shape: tuple[int, ...], kernel: tuple[int, ...], attributes: dict[str, Any], has_bias: bool
) -> None:
    rng = np.random.default_rng(len(shape) + kernel[0])
    tables = {"w": few_bits(rng, *kernel)} | ({"b": few_bits(rng, kernel[0])} if has_bias else {})
    nodes = [("Conv", ["x", *tables], attributes), ("Relu", ["h"], {})]
    made = model(nodes, shape, tables)
    agree(made, from_onnx(made), shape, rng)
    single = model(nodes, shape, tables, kind=TensorProto.FLOAT)
    chain = chain_from_onnx(single)
    assert [layer.activation for layer in chain.layers] == [Activation.RELU]
    assert chain == from_onnx(single)


def test_two_convolutions_and_a_dense_layer() -> None:
    rng = np.random.default_rng(0)
    tables = {
        "v": few_bits(rng, 2, 1, 3, 3),
        "w": few_bits(rng, 1, 2, 2, 2),
        "c": few_bits(rng, 2),
        "m": few_bits(rng, 4, 3),
        "b": few_bits(rng, 3),
    }
    nodes: list[tuple[str, list[str], dict[str, Any]]] = [
        ("Conv", ["x", "v", "c"], {}),
        ("Relu", ["h"], {}),
        ("Conv", ["h", "w"], {}),
        ("Relu", ["h"], {}),
        ("Flatten", ["h"], {}),
        ("Gemm", ["h", "m", "b"], {}),
    ]
    made = model(nodes, (1, 1, 5, 5), tables)
    agree(made, from_onnx(made), (1, 1, 5, 5), rng)
    single = model(nodes, (1, 1, 5, 5), tables, kind=TensorProto.FLOAT)
    assert chain_from_onnx(single) == from_onnx(single)
    assert chain_from_onnx(single).widths == (25, 18, 4, 3)


POOLINGS: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
    ("MaxPool", (1, 1, 4), {"kernel_shape": [2]}),
    ("MaxPool", (1, 2, 4, 4), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("MaxPool", (1, 1, 4, 3), {"kernel_shape": [3, 2], "pads": [1, 1, 1, 0]}),
    ("MaxPool", (1, 1, 5, 5), {"kernel_shape": [2, 2], "dilations": [2, 1]}),
    ("MaxPool", (1, 1, 5, 5), {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
    ("MaxPool", (1, 1, 3, 3), {"kernel_shape": [1, 1]}),
    ("MaxPool", (1, 1, 3, 4), {"kernel_shape": [2, 2], "auto_pad": "SAME_UPPER"}),
    ("AveragePool", (1, 1, 4), {"kernel_shape": [2]}),
    ("AveragePool", (1, 2, 4, 4), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("AveragePool", (1, 1, 3, 3), {"kernel_shape": [2, 3], "pads": [1, 1, 0, 1]}),
    ("AveragePool", (1, 1, 3, 3), {"kernel_shape": [2, 3], "pads": [1, 1, 0, 1], "count_include_pad": 1}),
    ("AveragePool", (1, 1, 4, 4), {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}),
    ("GlobalAveragePool", (1, 2, 2, 3), {}),
    ("GlobalMaxPool", (1, 2, 3, 2), {}),
]


@pytest.mark.parametrize(("operator", "shape", "attributes"), POOLINGS)
@pytest.mark.parametrize("before", [[], [("Abs", ["x"], {})]])
def test_poolings(operator: str, shape: tuple[int, ...], attributes: dict[str, Any], before: Any) -> None:
    made = model([*before, (operator, ["h"], attributes)], shape, {})
    agree(made, from_onnx(made), shape, np.random.default_rng(3))


def test_the_maximum_of_windows_is_a_maxout_layer() -> None:
    network = from_onnx(model([("MaxPool", ["x"], {"kernel_shape": [3]})], (1, 1, 5), {}))
    assert repr(network) == "Network(5 -> 3 maxout(3), from model in memory)"


@pytest.mark.parametrize("shape", [(1, 2), (1, 2, 3), (1, 2, 2, 2)])
@pytest.mark.parametrize("epsilon", [{}, {"epsilon": 0.5}])
def test_batch_normalisation_is_within_its_rounded_root(
    shape: tuple[int, ...], epsilon: dict[str, float]
) -> None:
    rng = np.random.default_rng(4)
    tables = {name: few_bits(rng, 2) for name in ("s", "b", "m")} | {"v": np.abs(few_bits(rng, 2)) + 0.125}
    made = model([("BatchNormalization", ["x", "s", "b", "m", "v"], epsilon)], shape, tables, opset=15)
    network = from_onnx(made)
    agree(made, network, shape, rng)
    assert "roots of batch normalisation to 53 bits" in (network.provenance.stored_dtype or "")


def test_batch_normalisation_with_rational_roots_is_exact_and_folds_into_the_convolution() -> None:
    tables = {
        "w": [[[2.0, 1.0]]],
        "s": [3.0],
        "b": [0.5],
        "m": [-1.0],
        "v": [2.0],
    }
    nodes: list[tuple[str, list[str], dict[str, Any]]] = [
        ("Conv", ["x", "w"], {}),
        ("BatchNormalization", ["h", "s", "b", "m", "v"], {"epsilon": 0.25}),
        ("Relu", ["h"], {}),
    ]
    network = from_onnx(model(nodes, (1, 1, 2), tables))
    # sqrt(2 + 1/4) = 3/2: 2 (2 x + y + 1) + 1/2
    assert repr(network.layers) == "(AffineLayer(2 -> 1 relu),)"
    assert (network.layers[0].weight.rows(), network.layers[0].bias) == (((4, 2),), (Fraction(5, 2),))


@settings(max_examples=200, deadline=None)
@given(st.fractions(min_value=Fraction(1, 10**30), max_value=10**30))
def test_the_nearest_root_is_nearest(q: Fraction) -> None:
    root = nearest_root(q)
    if root * root == q:
        return
    odd = root.numerator
    assert odd.bit_length() <= 53
    assert root.denominator & (root.denominator - 1) == 0
    unit = Fraction(2) ** (math.frexp(float(root))[1] - 53)
    assert (root - unit / 2) ** 2 < q < (root + unit / 2) ** 2


def test_the_nearest_root_of_squares_is_exact_and_agrees_with_ieee() -> None:
    for q in (Fraction(1, 9), Fraction(10**40), Fraction(49, 4), Fraction(1)):
        assert nearest_root(q) ** 2 == q
    for k in (2, 3, 5, 6, 7, 8, 10, 1023, 2**40 + 1):
        assert nearest_root(Fraction(k)) == Fraction(math.sqrt(k))


def refused(
    operator: str, shape: tuple[int, ...], attributes: dict[str, Any], tables: Tables | None = None
) -> str:
    with pytest.raises((UnsupportedError, ShapeError)) as caught:
        from_onnx(model([(operator, ["x", *(tables or {})], attributes)], shape, tables or {}))
    return caught.value.got or ""


def test_what_is_refused() -> None:
    kernel = {"w": [[[1.0, 1.0]]]}
    assert "larger than" in refused("Conv", (1, 1, 1), {}, kernel)
    assert "groups" in refused("Conv", (1, 2, 4), {}, kernel)
    assert "groups" in refused("Conv", (1, 1, 4, 1), {}, kernel)
    assert "kernel_shape" in refused("Conv", (1, 1, 4), {"kernel_shape": [3]}, kernel)
    assert "pads" in refused("Conv", (1, 1, 4), {"pads": [-1, 0]}, kernel)
    assert "strides" in refused("Conv", (1, 1, 4), {"strides": [0]}, kernel)
    assert "auto_pad" in refused("Conv", (1, 1, 4), {"auto_pad": "SAME"}, kernel)
    assert "lies in the padding" in refused("MaxPool", (1, 1, 2), {"kernel_shape": [1], "pads": [1, 0]})
    assert "lies in the padding" in refused("AveragePool", (1, 1, 2), {"kernel_shape": [1], "pads": [1, 0]})
    ceil = {"kernel_shape": [1], "strides": [2], "ceil_mode": 1, "pads": [0, 1]}
    assert "begins behind" in refused("MaxPool", (1, 1, 2), ceil | {"strides": [4]})
    beyond = {"kernel_shape": [2], "strides": [2], "ceil_mode": 1, "count_include_pad": 1}
    assert "beyond the padding" in refused("AveragePool", (1, 1, 3), beyond)
    assert "one sample" in refused("GlobalMaxPool", (1, 3), {})
    tables = {"s": [1.0], "b": [0.0], "m": [0.0], "v": [-1.0]}
    assert "variance" in refused("BatchNormalization", (1, 1, 2), {}, tables)
    assert "training" in refused("BatchNormalization", (1, 1, 2), {"training_mode": 1}, tables)
    assert set(WINDOWS) == {
        *("AveragePool", "BatchNormalization", "Conv", "GlobalAveragePool", "GlobalMaxPool", "MaxPool")
    }


def test_places_of_windows_by_hand() -> None:
    flat = windows([2, 3], [2, 2], {})
    assert (flat.shape, flat.positions.tolist()) == ((1, 2), [[0, 1, 3, 4], [1, 2, 4, 5]])
    padded = windows([2, 2], [2, 2], {"pads": [1, 0, 0, 0]})
    assert padded.positions.tolist() == [[-1, -1, 0, 1], [0, 1, 2, 3]]
    assert windows([3], [2], {"strides": [2], "ceil_mode": 1}).is_beyond
    assert not windows([4], [2], {"strides": [2], "ceil_mode": 1}).is_beyond
    with pytest.raises(NotInClass, match="do not fit"):
        windows([3, 3], [2], {})
