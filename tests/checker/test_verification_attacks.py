"""Attacks on verification: models that two programs could read in two ways, and claims that just fail."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from exactnet.certificate import NetworkRecord, PropertyRecord, certificate_text
from exactnet.checker import check_text
from exactnet.checker.model_file import ChainLayer, read_chain
from exactnet.checker.read import Rejection
from exactnet.errors import ExactnetError
from exactnet.io.onnx_chain import chain_from_onnx, load_chain
from exactnet.verify.second_check import check_verification
from tests.checker.verification_cases import (
    case,
    certificate,
    chain,
    layer,
    point_certificate,
    point_verdict,
    prop,
    prove,
    row,
)

HEAD = '<ir_version: 8, opset_import: ["": 13]> attack (float[1, 2] x) => (float[N, M] y)'
W = "float[2, 2] w = {1.0, 2.0, 3.0, 4.0}, float[2] b = {0.5, -1.0}"


def parsed(body: str, tensors: str = W, head: str = HEAD) -> onnx.ModelProto:
    return onnx.parser.parse_model(f"{head} <{tensors}> {{ {body} }}")


def neither_reads(model: onnx.ModelProto) -> None:
    with pytest.raises(Rejection):
        read_chain(model.SerializeToString())
    with pytest.raises(ExactnetError):
        chain_from_onnx(model)


# ------------------------------------------------------------------------------------------- wire types


def varint(n: int) -> bytes:
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def with_node(model: onnx.ModelProto, node: bytes) -> bytes:
    """The file of a model with these bytes in place of its one node."""
    graph = model.graph
    parts = field(1, node)
    parts += b"".join(field(5, tensor.SerializeToString()) for tensor in graph.initializer)
    parts += field(11, graph.input[0].SerializeToString()) + field(12, graph.output[0].SerializeToString())
    empty = onnx.ModelProto()
    empty.CopyFrom(model)
    empty.ClearField("graph")
    return bytes(empty.SerializeToString()) + field(7, parts)


def test_fields_of_the_wrong_wire_type() -> None:
    # protocol buffers skip a field of another wire type; a reader that took it would see another network
    names = "float[2, 2] w = {1.0, 2.0, 3.0, 4.0}, float[2] biasbias = {5.0, 5.0}"
    model = parsed("y = Gemm(x, w)", names)
    node = model.graph.node[0].SerializeToString()
    assert read_chain(with_node(model, node))[1][0].bias == [0, 0]
    hidden_bias = node + varint(1 << 3 | 1) + b"biasbias"
    assert len(onnx.load_model_from_string(with_node(model, hidden_bias)).graph.node[0].input) == 2
    one, twice = b"\x00\x00\x80\x3f", helper.make_attribute("alpha", 2.0).SerializeToString()
    # alpha = 1 in a text field, after a field that says it is 2, and alone
    text = field(1, b"alpha") + field(2, one) + varint(20 << 3) + varint(1)
    for bad in (hidden_bias, node + field(5, text), node + field(5, twice + field(2, one))):
        with pytest.raises(Rejection):
            read_chain(with_node(model, bad))
    with pytest.raises(Rejection):
        read_chain(with_node(model, node) + varint(2**29 << 3) + b"\x01")


@pytest.mark.parametrize("kind", [1, 3, 7])
def test_attributes_of_the_wrong_type(kind: int) -> None:
    # whoever goes by the stated type reads another value than whoever goes by the field
    model = parsed("y = Gemm <transB = 1> (x, w)")
    model.graph.node[0].attribute[0].type = kind
    with pytest.raises(Rejection):
        read_chain(model.SerializeToString())


# -------------------------------------------------------------------------------------- odd but parsable


@pytest.mark.parametrize(
    "body",
    [
        "z = MatMul(x, w) y = Identity(b, z)",
        "z = MatMul(x, w) y = Flatten(z, b)",
        "z = MatMul(x, w) y = Gemm(z, w, b, b)",
        "z = MatMul(x, w) y = Dropout(z, b, b)",
        "k = Constant <value_ints = [1, -2]> () z = MatMul(x, w) y = Reshape(z, k)",
        "k = Constant <value_ints = [1]> () z = MatMul(x, w) y = Unsqueeze(z)",
        # a name that stands for two values
        "z = MatMul(x, w) b = Relu(z) y = Add(b, b)",
        "z = MatMul(x, w) b = Identity(z) c = Identity(b) y = Add(c, b)",
        "z = MatMul(x, w) z = Relu(z) y = Add(z, b)",
        "z = MatMul(x, w) y, y = Dropout(z)",
        "b = Constant <value = float[2] {7.0, 7.0}> () z = MatMul(x, w) y = Add(z, b)",
        "k = Constant <value = float[2] {7.0, 7.0}> (b) z = MatMul(x, w) y = Add(z, k)",
        "k = Constant <value_floats = [7.0, 7.0], value_int = 1> () z = MatMul(x, w) y = Add(z, k)",
        # an attribute of another version of the operator
        "z = MatMul(x, w) d = Dropout <is_test = 1> (z) y = Add(d, b)",
        "z = MatMul(x, w) y = Add <broadcast = 1> (z, b)",
    ],
)
def test_neither_reads_what_is_no_model(body: str) -> None:
    neither_reads(parsed(body))


def test_neither_reads_tensors_of_other_types_or_equal_names() -> None:
    for dtype, values in ((TensorProto.INT32, [0]), (TensorProto.FLOAT16, [0.0])):
        model = parsed("s = Squeeze(x, a) y = MatMul(w, s)", W, HEAD.replace("[1, 2]", "[1, 1, 2]"))
        model.graph.initializer.append(helper.make_tensor("a", dtype, [1], values))
        neither_reads(model)
    for dtype in (np.float64, np.float16):
        model = parsed("z = MatMul(x, w) y = Add(z, d)")
        model.graph.initializer.append(numpy_helper.from_array(np.ones(2, dtype), "d"))
        neither_reads(model)
    model = parsed("z = MatMul(x, w) y = Add(z, b)")
    model.graph.initializer.append(helper.make_tensor("b", TensorProto.FLOAT, [2], [9.0, 9.0]))
    neither_reads(model)


def test_neither_reads_functions_or_old_operators() -> None:
    # a runtime may let a function of the model take the place of the standard operator
    model = parsed("z = MatMul(x, w) y = Relu(z)")
    neg = helper.make_node("Neg", ["a"], ["c"])
    model.functions.append(
        helper.make_function("", "Relu", ["a"], ["c"], [neg], [helper.make_opsetid("", 13)])
    )
    neither_reads(model)
    # before version 7 a Dropout without attributes was the one of the training
    model = parsed("z = MatMul(x, w) y = Dropout(z)")
    model.opset_import[0].version = 6
    neither_reads(model)
    model.opset_import[0].version = 7
    assert len(read_chain(model.SerializeToString())[1]) == len(chain_from_onnx(model).layers) == 1
    del model.opset_import[:]
    neither_reads(model)


def test_tensors_in_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the hash of the model says nothing about the weights beside it, wherever the checker runs
    model = parsed("z = MatMul(x, w) y = Add(z, b)")
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))
    network = chain_from_onnx(model)
    monkeypatch.chdir(tmp_path)
    onnx.save(model, "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    neither_reads(onnx.load("model.onnx", load_external_data=False))
    assert load_chain("model.onnx") == network


def test_a_shape_with_several_open_sizes() -> None:
    neither_reads(parsed("y = Add(x, b)", head=HEAD.replace("float[1, 2]", "float[N, K]")))
    neither_reads(parsed("y = Add(x, b)", head=HEAD.replace("float[1, 2]", "float[3, 2]")))


# ----------------------------------------------------------------------------------------- batched products


def evaluated(layers: list[ChainLayer], x: list[Fraction]) -> list[Fraction]:
    for weight, bias, is_relu in layers:
        rows = zip(weight, bias, strict=True)
        x = [sum((a * v for a, v in zip(row, x, strict=True)), b) for row, b in rows]
        x = [max(v, Fraction(0)) for v in x] if is_relu else x
    return x


@pytest.mark.parametrize(
    ("value", "constant", "is_right"),
    [
        ([2], [2, 3], True),
        ([2], [3, 2], False),
        ([2], [2], True),
        ([2], [2], False),
        ([1, 2], [2], True),
        ([1, 2], [3, 1], False),
        ([1, 2], [1], False),
        ([1, 2, 3], [3, 2], True),
        ([1, 2, 3], [3], True),
        ([1, 2, 3], [4, 2], False),
        ([1, 2, 3], [2], False),
        ([1, 2, 2, 3], [3, 2], True),
        ([1, 2, 2, 3], [3, 2], False),
    ],
)
def test_products_of_all_shapes(value: list[int], constant: list[int], is_right: bool) -> None:
    random = Random(3)
    numbers = [float(random.randint(-3, 3)) for _ in range(int(np.prod(constant)))]
    node = helper.make_node("MatMul", ["x", "w"] if is_right else ["w", "x"], ["y"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, value)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [helper.make_tensor("w", TensorProto.FLOAT, constant, numbers)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    n_inputs, layers = read_chain(model.SerializeToString())
    x = np.array([random.randint(-3, 3) for _ in range(n_inputs)], np.float32)
    found = evaluated(layers, [Fraction(float(v)) for v in x])
    assert found == ReferenceEvaluator(model).run(None, {"x": x.reshape(value)})[0].ravel().tolist()
    assert list(chain_from_onnx(model).layers[0].weight.rows()) == [tuple(row) for row in layers[0].weight]


# ------------------------------------------------------------------------------------------------ claims


def test_multipliers_beyond_the_limit() -> None:
    # the same limit in both checkers; just below it both accept
    shifted = chain(layer([[1]], [5]), layer([[1]], [0], "identity"))
    below = prop(1, case([0], [1], row({0: 1}, 0)))
    for bits, accepted in ((99_999, True), (100_001, False)):
        for nodes in ([3, -2, 2**bits, 0], [1, 1, 0, 3, 0, 3, -2, 0, 1, 0, 2**bits]):
            text = certificate_text(certificate(shifted, below, nodes))
            assert check_text(text).accepted is accepted
            assert check_verification(text).status == ("ACCEPTED" if accepted else "REJECTED")


def test_outputs_with_long_denominators() -> None:
    # 80 layers with denominators of 14000 bits: too much for the one checker, the other one says nothing
    small = Fraction(1, 2**14_000 + 1)
    deep = chain(*[layer([[small]], [0], "identity") for _ in range(80)])
    claim = certificate_text(point_certificate(deep, prop(1, case([0], [1], row({0: 1}, 1))), ["1/2"]))
    assert "denominators" in check_text(claim).reason
    assert check_verification(claim).status == "BEYOND"


IDENTITY = chain(layer([[1]], [0], "identity"))


def shares(
    unsafe: PropertyRecord, nodes: list[int], *, grid: int = 1, network: NetworkRecord = IDENTITY
) -> str:
    """What the conclusion says is left; both checkers say it."""
    text = certificate_text(certificate(network, unsafe, nodes, grid=grid))
    found = check_text(text)
    assert found.accepted, found.line
    assert check_verification(text).line == found.line
    return found.line.split("satisfied nowhere", 1)[1].split(";")[0]


def test_shares_of_boxes_that_are_not_halved() -> None:
    # a box of one grid unit: the middle is its lower end, and one child is all of it, again and again
    unsafe = prop(1, case([0], ["1/2"], row({0: -1}, "-1/1000")))
    for k in (1, 2, 40):
        nodes = [0, 0, 3, -2, 1, 0] * k + [6]
        assert shares(unsafe, nodes) == " but in a share of at most 1 of the box"
    # unequal parts of three units
    low = prop(1, case([0], ["3/2"], row({0: 1}, "1/4")))
    high = prop(1, case([0], ["3/2"], row({0: -1}, "-5/4")))
    assert shares(low, [0, 0, 6, 3, -2, 1, 0]) == " but in a share of at most 0.333333333334 of the box"
    assert shares(high, [0, 0, 3, -2, 1, 0, 6]) == " but in a share of at most 0.666666666667 of the box"
    assert shares(low, [0, 0, 6, 6]) == " but in a share of at most 1 of the box"


def test_shares_of_inputs_with_one_value() -> None:
    # the point is in both children; what is open there is all that there is
    unsafe = prop(1, case(["1/2"], ["1/2"], row({0: -1}, 0)))
    assert shares(unsafe, [0, 0, 6, 6]) == " but in a share of at most 1 of the box"
    assert shares(unsafe, [0, 0, 0, 0, 6, 6, 6], grid=3) == " but in a share of at most 1 of the box"
    third = prop(1, case(["1/3"], ["1/3"], row({0: -1}, 0)))
    assert shares(third, [0, 0, 5, 6]) == " but in a share of at most 1 of the box"
    # a split with one value of the other input: what is open is no more than its box
    square = chain(layer([[1, 1]], ["-1/2"]), layer([[1]], [0], "identity"))
    flat = prop(1, case([0, "1/3"], [1, "1/3"], row({0: -1}, 0)))
    nodes = [0, 0, 1, 1, 0, 6, 0, 1, 6, 6, 6]
    assert shares(flat, nodes, network=square) == " but in a share of at most 1 of the box"


def test_an_open_leaf_of_volume_0_is_open() -> None:
    # grid 1, [0, 1/2]: the first child is a point, and nothing is said about it; [1/3, 1/3]: it has no point
    point = prop(1, case([0], ["1/2"], row({0: -1}, "-3/4")))
    none = prop(1, case(["1/3"], ["1/3"], row({0: -1}, "-3/4")))
    empty = prop(1, case([1], [0], row({0: -1}, -3)))
    for unsafe in (point, none):
        assert shares(unsafe, [0, 0, 6, 3, -2, 1, 0]) == " but in a share of at most 0 of the box"
        assert shares(unsafe, [0, 0, 3, -2, 1, 0, 6]) == " but in a share of at most 1 of the box"
    assert shares(empty, [6]) == " but in a share of at most 0 of the box"


def line(network: NetworkRecord, x: Fraction) -> Fraction:
    h = [x]
    for part in network.layers:
        rows = zip(part.weight, part.bias, strict=True)
        z = [sum((a * v for a, v in zip(r, h, strict=True)), b) for r, b in rows]
        h = [max(v, Fraction(0)) for v in z] if part.activation == "relu" else z
    return h[0]


def least(network: NetworkRecord, lower: Fraction, upper: Fraction) -> tuple[Fraction, Fraction]:
    """The point with the least value on an interval: the function is linear between the kinks."""
    points = [lower, upper]
    for k, part in enumerate(network.layers):
        for weight, bias in zip(part.weight, part.bias, strict=True):
            unit = chain(*network.layers[:k], layer([weight], [bias], "identity"))
            for a, b in pairwise(list(points)):
                za, zb = line(unit, a), line(unit, b)
                if za * zb < 0:
                    points.append(a + (b - a) * za / (za - zb))
            points.sort()
    return min((line(network, x), x) for x in points)


@pytest.mark.parametrize("seed", range(40))
def test_no_proof_below_the_minimum(seed: int) -> None:
    # y <= min + something is reached, however small the something; y < min is not
    random = Random(seed)
    binary = seed % 2 == 0
    one = 2**20 if binary else random.choice([3, 7, 10**9 + 7])

    def number() -> Fraction:
        return Fraction(random.randint(-2 * one, 2 * one), one) * (random.random() < 0.85)

    widths = [1, *(random.randint(1, 3) for _ in range(random.randint(1, 3))), 1]
    layers = [
        layer([[number() for _ in range(n)] for _ in range(m)], [number() for _ in range(m)])
        for n, m in pairwise(widths)
    ]
    network = chain(*layers[:-1], layer(layers[-1].weight, layers[-1].bias, "identity"))
    lower = Fraction(random.randint(-4, 2), 3)
    upper = lower + Fraction(random.randint(0, 5), 2)
    bottom, at = least(network, lower, upper)
    for gap in (Fraction(0), Fraction(1, 2**80), Fraction(1, 2**45), Fraction(1, 2**20)):
        reached = prop(1, case([lower], [upper], row({0: 1}, bottom + gap)))
        assert point_verdict(network, reached, [at]).accepted
        for semantics in ("real", "float32") if binary else ("real",):
            grid = random.choice([1, 8, 30, 60])
            tried = prove(network, reached, semantics=semantics, grid=grid, depth=4, random=random)
            found = check_text(certificate_text(tried))
            assert "is partial" in found.line
            second = check_verification(certificate_text(tried))
            assert second.status == "BEYOND" or second.line == found.line
    strictly = prop(1, case([lower], [upper], row({0: 1}, bottom, "<")))
    assert not point_verdict(network, strictly, [at]).accepted
