import pickle
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.exact import RationalMatrix
from exactnet.model import Activation, AffineLayer, Network, Provenance

rationals = st.fractions(min_value=-3, max_value=3, max_denominator=6)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    layers = []
    for n_in, n_out in pairwise(widths):
        rows = [[draw(rationals) for _ in range(n_in)] for _ in range(n_out)]
        kind = draw(st.sampled_from(list(Activation)))
        slope = draw(rationals) if kind is Activation.LEAKY_RELU else Fraction(0)
        bias = tuple(draw(rationals) for _ in range(n_out))
        layers.append(AffineLayer(RationalMatrix.from_rows(rows), bias, kind, slope))
    return Network(tuple(layers))


def plain_forward(network: Network, x: list[Fraction]) -> list[Fraction]:
    """The definition, entry by entry."""
    h = x
    for layer in network.layers:
        z = [
            sum((w * v for w, v in zip(row, h, strict=True)), b)
            for row, b in zip(layer.weight.rows(), layer.bias, strict=True)
        ]
        h = [layer.activation.apply(q, slope=layer.slope) for q in z]
    return h


@given(networks(), st.data())
def test_forward_pass_is_the_definition(network: Network, data: st.DataObject) -> None:
    x = [data.draw(rationals) for _ in range(network.n_inputs)]
    assert list(network(x)) == plain_forward(network, x)
    last = network.layers[-1]
    values = tuple(last.activation.apply(z, slope=last.slope) for z in network.pre_activations(x)[-1])
    assert values == network(x)


@given(networks(), st.data())
def test_one_pattern_is_one_affine_map(network: Network, data: st.DataObject) -> None:
    x = [data.draw(rationals) for _ in range(network.n_inputs)]
    y = [data.draw(rationals) for _ in range(network.n_inputs)]
    middle = [(a + b) / 2 for a, b in zip(x, y, strict=True)]
    if network.activation_pattern(x) == network.activation_pattern(y) == network.activation_pattern(middle):
        means = [(a + b) / 2 for a, b in zip(network(x), network(y), strict=True)]
        assert list(network(middle)) == means


def test_xor_network() -> None:
    xor = Network.from_arrays([([[1, 1], [1, 1]], [0, -1]), ([[1, -2]], [0])])
    assert [xor(x)[0] for x in product((0, 1), repeat=2)] == [0, 1, 1, 0]
    assert xor.activation_pattern([0, 1]) == ((1, 0), ())
    assert xor.widths == (2, 2, 1)


def test_no_rounding_over_many_layers() -> None:
    # the tent map is chaotic: in float64 every orbit is at 0 after about 53 steps
    tent = ([[2, -4]], [0])
    first = ([[1], [1]], [0, Fraction(-1, 2)])
    layers = [AffineLayer(RationalMatrix.from_rows([[1]]), (Fraction(0),))]
    for _ in range(80):
        for weight, bias in (first, tent):
            kind = Activation.RELU if weight is first[0] else Activation.IDENTITY
            layers.append(AffineLayer(RationalMatrix.from_rows(weight), tuple(map(Fraction, bias)), kind))
    assert Network(tuple(layers))(["2/5"]) == (Fraction(2, 5),)  # 2/5 -> 4/5 -> 2/5


def test_floats_enter_by_their_binary_value() -> None:
    network = Network.from_arrays([(np.array([[0.1]], dtype=np.float32), np.array([0.1]))])
    assert network.layers[0].weight.row(0) == (Fraction(13421773, 134217728),)
    assert network.layers[0].bias == (Fraction(3602879701896397, 36028797018963968),)
    assert network.provenance.stored_dtype == "float32 + float64"
    assert network([0.5]) == network(["1/2"]) == network([Fraction(1, 2)]) == network(np.array([0.5]))


def test_from_arrays_arguments() -> None:
    network = Network.from_arrays(
        [([[1]], None), ([[1]], None)], activation="leaky_relu", slope="1/10", output_activation="abs"
    )
    assert [layer.activation for layer in network.layers] == [Activation.LEAKY_RELU, Activation.ABS]
    assert [layer.slope for layer in network.layers] == [Fraction(1, 10), 0]
    assert network([-1]) == (Fraction(1, 10),)


def test_equality_and_pickle_ignore_the_origin() -> None:
    a = Network.from_arrays([([[1, 2]], [3])])
    b = Network.from_arrays([([["1", "2"]], [3.0])], provenance=Provenance("elsewhere"))
    assert a == b == pickle.loads(pickle.dumps(a))
    assert hash(a) == hash(b)
    assert a != Network.from_arrays([([[1, 2]], [4])])


def test_repr_is_short() -> None:
    network = Network.from_arrays([(np.ones((50, 5)), None), (np.ones((2, 50)), None)])
    assert repr(network) == "Network(5 -> 50 relu -> 2, from arrays in memory)"
    assert repr(network.layers[0]) == "AffineLayer(5 -> 50 relu)"


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "a network without layers"),
        ([([[1, 2]], [0]), ([[1, 2]], [0])], "two layers do not fit"),
        ([([[1, 2]], [0, 0])], "weight and bias of a layer do not fit"),
        ([([[1, 2], [3]], [0, 0])], "rows of different length"),
        ([([], [])], "a layer without units"),
        ([([[]], [0])], "a layer without units"),
        ([([[1]], [[0]])], "not a list of numbers"),
        ([(np.ones((1, 1)), np.ones((1, 1)))], "not a list of numbers"),
        ([(np.ones(2), None)], "not a table"),
        ([(1, None)], "the weight is not a table"),
    ],
)
def test_wrong_shapes(layers: list[tuple[object, object]], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        Network.from_arrays(layers)


def test_wrong_numbers_are_located() -> None:
    with pytest.raises(InexactInputError, match=r"weight of layer 2, row 0, column 1"):
        Network.from_arrays([([[1], [1]], [0, 0]), ([[1, float("nan")]], [0])])
    with pytest.raises(InexactInputError, match=r"bias of layer 1, entry 0"):
        Network.from_arrays([([[1]], [np.float32("inf")])])
    with pytest.raises(InputError, match="only leaky_relu has a slope"):
        AffineLayer(RationalMatrix.from_rows([[1]]), (Fraction(0),), Activation.RELU, Fraction(1, 2))
    with pytest.raises(InputError, match="unknown activation"):
        Network.from_arrays([([[1]], [0])], output_activation="tanh")


@pytest.mark.parametrize("x", [[1], [1, 2, 3], 5, "12", np.ones((1, 2)), [[1, 2]]])
def test_wrong_inputs(x: object) -> None:
    network = Network.from_arrays([([[1, 2]], [0])])
    with pytest.raises(ShapeError):
        network(x)  # type: ignore[arg-type]


def test_a_string_activation_becomes_a_member() -> None:
    layer = AffineLayer(RationalMatrix.from_rows([[1]]), (Fraction(0),), "relu")  # type: ignore[arg-type]
    assert layer.activation is Activation.RELU
