from fractions import Fraction
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from exactnet.errors import InexactInputError, InputError
from exactnet.exact import RationalMatrix
from exactnet.io import from_onnx, load_network, save_onnx, to_onnx
from exactnet.model import Activation, AffineLayer, Network, Skip

singles = st.floats(-8, 8, width=32).map(Fraction)
doubles = st.floats(-8, 8).map(Fraction)
BENT = [kind for kind in Activation if kind is not Activation.IDENTITY]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Networks without an inner identity, in float32 or float64; maxout and skip connections, too."""
    numbers = draw(st.sampled_from([singles, doubles]))
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    layers = []

    def matrix(n_rows: int, n_columns: int) -> RationalMatrix:
        return RationalMatrix.from_rows([[draw(numbers) for _ in range(n_columns)] for _ in range(n_rows)])

    for k in range(1, len(widths)):
        last = k == len(widths) - 1
        kind = draw(st.sampled_from([*BENT, Activation.IDENTITY] if last else BENT))
        pieces = draw(st.integers(2, 3)) if kind is Activation.MAXOUT else 1
        n_rows = widths[k] * pieces
        slope = draw(numbers) if kind is Activation.LEAKY_RELU else Fraction(0)
        skips = [
            Skip(source, matrix(n_rows, widths[source])) for source in range(k - 1) if draw(st.booleans())
        ]
        bias = tuple(draw(numbers) for _ in range(n_rows))
        layers.append(AffineLayer(matrix(n_rows, widths[k - 1]), bias, kind, slope, pieces, tuple(skips)))
    return Network(tuple(layers))


@given(networks())
def test_round_trip_is_exact(network: Network) -> None:
    model = onnx.load_model_from_string(to_onnx(network).SerializeToString())
    assert from_onnx(model) == network


@given(networks(), st.data())
def test_the_reference_evaluator_reads_the_same_function(network: Network, data: st.DataObject) -> None:
    model = to_onnx(network)
    wide = model.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.DOUBLE
    x = [data.draw(st.integers(-4, 4)) for _ in range(network.n_inputs)]
    batch = np.array([x, x], dtype=np.float64 if wide else np.float32)
    (got,) = ReferenceEvaluator(model).run(None, {"x": batch})
    assert got.shape == (2, network.n_outputs)
    scale = 1 + max(abs(z) for row in network.pre_activations(x) for z in row)
    for value, exact in zip(got[1].tolist(), network(x), strict=True):
        assert abs(Fraction(value) - exact) <= scale**4 / 2**12


def test_file_round_trip(tmp_path: Path) -> None:
    network = Network.from_arrays([(np.float32([[0.1, 2], [3, -4]]), [0.5, 1]), ([[1, -1]], [0.25])])
    save_onnx(network, tmp_path / "m.onnx")
    back = load_network(tmp_path / "m.onnx")
    assert back == network
    assert back.provenance.stored_dtype == "float32"
    first = (tmp_path / "m.onnx").read_bytes()
    save_onnx(back, tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_bytes() == first


def test_float64_is_used_only_if_needed() -> None:
    tenth = Network.from_arrays([([[0.1]], [0])])
    assert from_onnx(to_onnx(tenth)).provenance.stored_dtype == "float64"
    quarter = Network.from_arrays([([[0.25]], [0])])
    assert from_onnx(to_onnx(quarter)).provenance.stored_dtype == "float32"


def test_rounding_is_only_on_request() -> None:
    third = Network.from_arrays([([["1/3"]], [0])])
    with pytest.raises(InexactInputError, match='round_to="float64"'):
        to_onnx(third)
    for round_to, dtype in (("float32", np.float32), ("float64", np.float64)):
        stored = from_onnx(to_onnx(third, round_to=round_to)).layers[0].weight.row(0)
        assert stored == (Fraction(float(dtype(1 / 3))),)
    with pytest.raises(InputError, match="unknown float type"):
        to_onnx(third, round_to="float16")


def test_inner_affine_layers_come_back_merged() -> None:
    network = Network.from_arrays([([[2]], [1]), ([[3]], [1])], activation="identity")
    back = from_onnx(to_onnx(network))
    assert len(back.layers) == 1
    assert back([5]) == network([5])


def test_skips_and_maxout_are_plain_operators() -> None:
    network = Network.from_arrays(
        [([[1], [2]], None), ([[1], [1]], None), ([[1]], None)],
        activation="maxout",
        pieces=2,
        skips={(2, 0): [[0], [1]], (3, 1): [[3]]},
    )
    model = to_onnx(network)
    assert [node.op_type for node in model.graph.node] == (
        ["Gemm", "Gemm", "Max"] + ["Gemm", "Gemm", "Add"] * 2 + ["Max"] + ["Gemm", "Gemm", "Add"]
    )
    (value,) = ReferenceEvaluator(model).run(None, {"x": np.array([[-3], [5]], dtype=np.float32)})
    assert [Fraction(float(y)) for (y,) in value] == [*network([-3]), *network([5])]


def test_a_number_of_a_skip_is_never_rounded_silently() -> None:
    network = Network.from_arrays([([[1]], None), ([[1]], None)], skips={(2, 0): [["1/3"]]})
    with pytest.raises(InexactInputError, match="skip from 0 of layer 2"):
        to_onnx(network)
    assert from_onnx(to_onnx(network, round_to="float32")).layers[1].skips[0].weight.row(0) == (
        Fraction(float(np.float32(1 / 3))),
    )


def test_unwritable_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        save_onnx(Network.from_arrays([([[1]], [0])]), tmp_path / "missing" / "m.onnx")
