"""Every operator against ONNX's reference evaluator, on small integers and halves where float64 is exact."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from exactnet.errors import UnsupportedError
from exactnet.io import from_onnx
from exactnet.io.onnx import OPERATORS
from exactnet.io.onnx_windows import WINDOWS

Nodes = list[tuple[str, list[str], dict[str, Any]]]

W = np.array([[1, -2, 0.5], [3, 0, -1]])
V = np.array([[2, 1], [-1, 0.5], [0, 4]])
INT = np.int64

QUARTER = numpy_helper.from_array(np.array([0.25]))
# operator -> chains of nodes; each node reads "x" or "h" (the node before it) and named constants
CASES: dict[str, list[Nodes]] = {
    "Abs": [[("Abs", ["x"], {})]],
    "Add": [[("Add", ["x", "row"], {})], [("Add", ["row", "x"], {})], [("Add", ["x", "x"], {})]],
    "Cast": [
        [("Cast", ["x"], {"to": TensorProto.DOUBLE})],
        [
            ("Cast", ["row"], {"to": TensorProto.FLOAT}),
            ("Cast", ["h"], {"to": TensorProto.DOUBLE}),
            ("Add", ["x", "h"], {}),
        ],
    ],
    "Clip": [
        [("Clip", ["x", "minus", "one"], {})],
        [("Clip", ["x", "zero", "six"], {})],
        [("Clip", ["x", "zero"], {})],
        [("Clip", ["x", "", "one"], {})],
        [("Clip", ["x"], {})],
    ],
    "Concat": [[("Concat", ["x", "x"], {"axis": 1})], [("Concat", ["row", "x"], {"axis": -1})]],
    "Constant": [
        [
            ("Constant", [], {"value_float": 0.5}),
            ("Cast", ["h"], {"to": TensorProto.DOUBLE}),
            ("Add", ["x", "h"], {}),
        ],
        [("Constant", [], {"value_ints": [2, 1]}), ("Reshape", ["x", "h"], {})],
    ],
    "Div": [[("Div", ["x", "row"], {})], [("Div", ["x", "half"], {})]],
    "Dropout": [[("Dropout", ["x"], {})], [("Dropout", ["x", "half"], {})]],
    "Flatten": [
        [("Flatten", ["x"], {})],
        [("Flatten", ["x"], {"axis": 0})],
        [("Flatten", ["x"], {"axis": -1})],
    ],
    "Gather": [[("Gather", ["x", "ids"], {"axis": 1})], [("Gather", ["x", "id0"], {"axis": 0})]],
    "Gemm": [
        [("Gemm", ["x", "W", "three"], {})],
        [("Gemm", ["x", "V", "three"], {"transB": 1, "alpha": 0.5, "beta": -2.0})],
        [("Gemm", ["x", "W"], {})],
        [("Gemm", ["W", "x"], {"transA": 1, "transB": 1})],
        [("Gemm", ["V", "x", "one"], {"transB": 1})],
    ],
    "Identity": [[("Identity", ["x"], {})]],
    "LeakyRelu": [
        [("LeakyRelu", ["x"], {"alpha": 0.25})],
        [("LeakyRelu", ["x"], {"alpha": -0.5}), ("MatMul", ["h", "W"], {})],
    ],
    "MatMul": [
        [("MatMul", ["x", "W"], {})],
        [("Transpose", ["x"], {}), ("MatMul", ["V", "h"], {})],
        [("MatMul", ["x", "W"], {}), ("MatMul", ["h", "V"], {}), ("Relu", ["h"], {})],
        [("MatMul", ["W", "V"], {}), ("MatMul", ["x", "h"], {})],
    ],
    "Max": [
        [("Max", ["x", "row"], {})],
        [("Max", ["zero", "x"], {})],
        [("Max", ["x", "zero", "row"], {})],
        [("Max", ["x"], {})],
        [("Max", ["x", "x"], {})],
        [("Neg", ["x"], {}), ("Max", ["h", "x"], {})],
        [("MatMul", ["x", "W"], {}), ("Max", ["h", "three", "h", "half"], {})],
        [("Relu", ["x"], {}), ("MatMul", ["h", "square"], {}), ("Max", ["row", "h", "x"], {})],
        [("Transpose", ["x"], {}), ("Max", ["x", "h"], {}), ("MatMul", ["h", "W"], {})],
    ],
    "Min": [
        [("Min", ["x", "row"], {})],
        [("Min", ["six", "x"], {})],
        [("Abs", ["x"], {}), ("Min", ["h", "x", "half"], {})],
    ],
    "Mul": [[("Mul", ["x", "row"], {})], [("Mul", ["half", "x"], {})]],
    "Neg": [[("Neg", ["x"], {})]],
    "PRelu": [[("PRelu", ["x", "half"], {})]],
    "ReduceMax": [
        [("ReduceMax", ["x"], {})],
        [("ReduceMax", ["x"], {"axes": [1]})],
        [("ReduceMax", ["x"], {"axes": [-1], "keepdims": 0})],
        [("ReduceMax", ["x"], {"axes": [0]}), ("Relu", ["h"], {})],
        [("MatMul", ["V", "square"], {}), ("Mul", ["h", "x"], {}), ("ReduceMax", ["h"], {"axes": [0]})],
        [
            ("Gemm", ["x", "W", "three"], {}),
            ("Reshape", ["h", "thirds"], {}),
            ("ReduceMax", ["h"], {"axes": [2], "keepdims": 0}),
        ],
    ],
    "ConstantOfShape": [
        [("Shape", ["x"], {}), ("ConstantOfShape", ["h"], {"value": QUARTER}), ("Add", ["h", "x"], {})],
        [("ConstantOfShape", ["flat1"], {"value": QUARTER}), ("Add", ["x", "h"], {})],
        [
            ("ConstantOfShape", ["flat1"], {}),
            ("Cast", ["h"], {"to": TensorProto.DOUBLE}),
            ("Add", ["x", "h"], {}),
        ],
    ],
    "Expand": [
        [("Expand", ["x", "threes"], {}), ("Add", ["h", "column"], {})],
        [("Relu", ["x"], {}), ("Expand", ["h", "id1"], {})],
    ],
    "Pad": [
        [("Pad", ["x", "around", "half"], {})],
        [("Pad", ["x", "around"], {"mode": "constant"}), ("MatMul", ["h", "thirty"], {})],
        [("Pad", ["x", "around"], {"mode": "edge"})],
        [("Pad", ["x", "ahead"], {"mode": "reflect"})],
    ],
    "ReduceMean": [
        [("ReduceMean", ["x"], {})],
        [("ReduceMean", ["x"], {"axes": [0], "keepdims": 0}), ("Relu", ["h"], {})],
    ],
    "ReduceSum": [
        [("ReduceSum", ["x"], {})],
        [("ReduceSum", ["x", "id1"], {"keepdims": 0})],
        [("ReduceSum", ["x"], {"noop_with_empty_axes": 1})],
        [("Relu", ["x"], {}), ("Mul", ["h", "row"], {}), ("ReduceSum", ["h", "flat"], {})],
    ],
    "Slice": [
        [("Slice", ["x", "id1", "far", "flat"], {})],
        [("Slice", ["x", "flat", "back", "id1", "flat"], {})],
        [("MatMul", ["x", "W"], {}), ("Slice", ["h", "id0", "far", "id1", "twos"], {})],
        [("Slice", ["x", "id0", "far"], {}), ("Relu", ["h"], {})],
    ],
    "Split": [
        [("Split", ["x", "ones"], {"axis": 1}), ("Neg", ["h"], {})],
        [("Split", ["x"], {"axis": -1})],
    ],
    "Tile": [[("Tile", ["x", "threes"], {})], [("Relu", ["x"], {}), ("Tile", ["h", "ones"], {})]],
    "ReduceMin": [[("ReduceMin", ["x"], {})], [("ReduceMin", ["x"], {"axes": [1], "keepdims": 0})]],
    "Relu": [
        [("Relu", ["x"], {})],
        [("Relu", ["x"], {}), ("MatMul", ["h", "W"], {}), ("Relu", ["h"], {}), ("MatMul", ["h", "V"], {})],
    ],
    "Reshape": [[("Reshape", ["x", "flat"], {})], [("Reshape", ["x", "keep"], {})]],
    "Shape": [
        [
            ("Shape", ["x"], {}),
            ("Gather", ["h", "id0"], {}),
            ("Concat", ["h", "flat"], {"axis": 0}),
            ("Reshape", ["x", "h"], {}),
        ],
        [("Shape", ["x"], {"start": 1}), ("Reshape", ["x", "h"], {})],
    ],
    "Squeeze": [[("Squeeze", ["x"], {})], [("Squeeze", ["x", "id0"], {})]],
    "Sub": [[("Sub", ["x", "row"], {})], [("Sub", ["row", "x"], {})], [("Sub", ["x", "x"], {})]],
    "Sum": [[("Sum", ["x", "row", "x"], {})], [("Sum", ["x"], {})]],
    "Transpose": [[("Transpose", ["x"], {})], [("Transpose", ["x"], {"perm": [1, 0]})]],
    "Unsqueeze": [[("Unsqueeze", ["x", "id0"], {})]],
}

CONSTANTS = {
    "W": W,
    "V": V,
    "row": np.array([[0.5, -2.0]]),
    "square": np.array([[0.0, 1.0], [-1.0, 2.0]]),
    "thirds": np.array([1, 1, 3], dtype=INT),
    "three": np.array([1.0, 2.0, -1.0]),
    "half": np.array(0.5),
    "zero": np.array(0.0),
    "one": np.array(1.0),
    "minus": np.array(-1.0),
    "six": np.array(6.0),
    "ids": np.array([1, 0, -1], dtype=INT),
    "id0": np.array([0], dtype=INT),
    "flat": np.array([-1], dtype=INT),
    "keep": np.array([0, -1, 1], dtype=INT),
    "id1": np.array([1], dtype=INT),
    "flat1": np.array([1, 2], dtype=INT),
    "threes": np.array([3, 1], dtype=INT),
    "twos": np.array([2], dtype=INT),
    "ones": np.array([1, 1], dtype=INT),
    "far": np.array([2**62], dtype=INT),
    "back": np.array([-(2**62)], dtype=INT),
    "around": np.array([1, 0, 0, 2], dtype=INT),
    "ahead": np.array([0, 1, 0, 1], dtype=INT),
    "column": np.array([[0.5], [-1.0], [2.0]]),
    "thirty": np.array([[1.0], [-2.0], [0.5], [3.0]]),
}

POINTS = [(0, 0), (1, -1), (-3, 2), (0.5, 7), (-0.25, -8)]


def chain(nodes: Nodes) -> Any:
    """The model of a chain of nodes, in float64; the constants it uses are initializers."""
    made, before = [], ""
    for k, (kind, names, attributes) in enumerate(nodes):
        inputs = [before if name == "h" else name for name in names]
        before = "y" if k == len(nodes) - 1 else f"h{k}"
        made.append(helper.make_node(kind, inputs, [before], **attributes))
    used = {name for _, names, _ in nodes for name in names} & set(CONSTANTS)
    graph = helper.make_graph(
        made,
        "chain",
        [helper.make_tensor_value_info("x", TensorProto.DOUBLE, (1, 2))],
        [helper.make_tensor_value_info("y", TensorProto.DOUBLE, None)],
        initializer=[numpy_helper.from_array(CONSTANTS[name], name) for name in sorted(used)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_every_operator_has_a_case() -> None:
    # those of windows and images have a file of their own
    assert set(CASES) == set(OPERATORS) - set(WINDOWS)


@pytest.mark.parametrize("operator", sorted(CASES))
def test_operator_equals_the_reference(operator: str) -> None:
    for nodes in CASES[operator]:
        model = chain(nodes)
        network, oracle = from_onnx(model), ReferenceEvaluator(model)
        for point in POINTS:
            (expected,) = oracle.run(None, {"x": np.array([point], dtype=float)})
            assert list(network(point)) == [Fraction(v) for v in np.ravel(expected).tolist()], (nodes, point)


def test_random_chains_equal_the_reference() -> None:
    rng = np.random.default_rng(1)
    steps: Nodes = [
        *[
            ("Add", ["h", "row"], {}),
            ("Sub", ["row", "h"], {}),
            ("Mul", ["h", "half"], {}),
            ("Neg", ["h"], {}),
        ],
        *[
            ("Relu", ["h"], {}),
            ("Abs", ["h"], {}),
            ("LeakyRelu", ["h"], {"alpha": 0.5}),
            ("Clip", ["h", "minus", "six"], {}),
        ],
        *[
            ("Max", ["h", "row"], {}),
            ("Min", ["half", "h"], {}),
            ("Identity", ["h"], {}),
            ("Gemm", ["h", "W", "three"], {}),
        ],
    ]
    for _ in range(60):
        nodes: Nodes = [("Identity", ["x"], {})]
        for k in rng.integers(len(steps), size=6):
            nodes.append(steps[k])
            if steps[k][0] == "Gemm":  # back to two units
                nodes.append(("MatMul", ["h", "V"], {}))
        model = chain(nodes)
        network, oracle = from_onnx(model), ReferenceEvaluator(model)
        for point in POINTS:
            (expected,) = oracle.run(None, {"x": np.array([point], dtype=float)})
            assert list(network(point)) == [Fraction(v) for v in np.ravel(expected).tolist()]


def test_random_graphs_equal_the_reference() -> None:
    """Every node may read any two values before it: branches, skips and maxima of everything."""
    rng = np.random.default_rng(2)
    kinds = ["Add", "Sub", "Max", "Min", "Relu", "Abs", "Clip", "MatMul"]
    for _ in range(80):
        names, made = ["x"], []
        for k in range(7):
            kind, output = kinds[rng.integers(len(kinds))], "y" if k == 6 else f"h{k}"
            first, second = (names[i] for i in rng.integers(max(0, len(names) - 3), len(names), size=2))
            operands = {
                "Relu": [first],
                "Abs": [first],
                "Clip": [first, "minus", "one"],
                "MatMul": [first, "square"],
            }
            made.append(helper.make_node(kind, operands.get(kind, [first, second]), [output]))
            names.append(output)
        model = chain([("Clip", ["x", "minus", "one"], {}), ("MatMul", ["h", "square"], {})])
        del model.graph.node[:]
        model.graph.node.extend(made)
        network, oracle = from_onnx(model), ReferenceEvaluator(model)
        for point in POINTS:
            (expected,) = oracle.run(None, {"x": np.array([point], dtype=float)})
            assert list(network(point)) == [Fraction(v) for v in np.ravel(expected).tolist()]


def test_old_attribute_forms() -> None:
    def old(kind: str, opset: int, **attributes: Any) -> Any:
        model = chain([(kind, ["x"], attributes)])
        model.opset_import[0].version = opset
        return from_onnx(model)

    assert old("Clip", 6, min=0.0, max=6.0)([-1, 9]) == (0, 6)
    assert old("Unsqueeze", 11, axes=[0])([3, 4]) == (3, 4)
    assert old("Squeeze", 11, axes=[0])([3, 4]) == (3, 4)
    assert old("ReduceMax", 11, axes=[1])([3, 4]) == (4,)
    for attributes in ({"min": float("nan")}, {"max": float("inf")}):
        with pytest.raises(UnsupportedError, match="its attribute"):
            old("Clip", 6, **attributes)


def test_casts_never_round_silently() -> None:
    tenth = numpy_helper.from_array(np.array([0.1]), "tenth")
    for to, fits in ((TensorProto.DOUBLE, True), (TensorProto.FLOAT, False), (TensorProto.INT64, False)):
        model = chain([("Cast", ["tenth"], {"to": to}), ("Add", ["x", "h"], {})])
        model.graph.initializer.append(tenth)
        if fits:
            assert from_onnx(model)([0, 0]) == (Fraction(0.1), Fraction(0.1))
        else:
            with pytest.raises(UnsupportedError, match="rounds a constant"):
                from_onnx(model)
    with pytest.raises(UnsupportedError, match="casts to int64"):
        from_onnx(chain([("Cast", ["x"], {"to": TensorProto.INT64})]))


def test_new_reductions_take_their_axes_as_an_input() -> None:
    def new(*names: str, **attributes: Any) -> Any:
        model = chain([("ReduceMax", list(names), attributes)])
        model.opset_import[0].version = 18
        return from_onnx(model)

    assert new("x", "id0")([3, 4]) == (3, 4)
    assert new("x", keepdims=0)([3, 4]) == (4,)
    assert new("x", noop_with_empty_axes=1)([3, 4]) == (3, 4)


def test_dropout_in_training_mode_is_refused() -> None:
    model = chain([("Dropout", ["x", "half", "yes"], {})])
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    with pytest.raises(UnsupportedError, match="training mode"):
        from_onnx(model)


def test_constant_tensors() -> None:
    value = numpy_helper.from_array(np.array([2.0, 3.0], dtype=np.float32), "c")
    network = from_onnx(chain([("Constant", [], {"value": value}), ("Mul", ["x", "h"], {})]))
    assert network([1, 1]) == (2, 3)
    assert network.provenance.stored_dtype == "float32"
    floats = from_onnx(chain([("Constant", [], {"value_floats": [0.5, 1.0]}), ("Mul", ["x", "h"], {})]))
    assert floats([1, 1]) == (Fraction(1, 2), 1)
    with pytest.raises(UnsupportedError, match="attribute value_string"):
        from_onnx(chain([("Constant", [], {"value_string": "a"}), ("Mul", ["x", "h"], {})]))
