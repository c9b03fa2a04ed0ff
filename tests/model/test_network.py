import pickle
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.exact import RationalMatrix
from exactnet.model import Activation, AffineLayer, Network, Provenance, Skip

rationals = st.fractions(min_value=-3, max_value=3, max_denominator=6)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """All activations, maxout with up to three pieces, skip connections from anywhere before."""
    widths = draw(st.lists(st.integers(1, 3), min_size=2, max_size=5))
    layers: list[AffineLayer] = []

    def matrix(n_rows: int, n_columns: int) -> RationalMatrix:
        return RationalMatrix.from_rows([[draw(rationals) for _ in range(n_columns)] for _ in range(n_rows)])

    for k, (n_in, n_out) in enumerate(pairwise(widths)):
        kind = draw(st.sampled_from(list(Activation)))
        slope = draw(rationals) if kind is Activation.LEAKY_RELU else Fraction(0)
        pieces = draw(st.integers(2, 3)) if kind is Activation.MAXOUT else 1
        n_rows = n_out * pieces
        sources = [source for source in range(k) if draw(st.booleans())]
        skips = tuple(Skip(source, matrix(n_rows, widths[source])) for source in sources)
        bias = tuple(draw(rationals) for _ in range(n_rows))
        layers.append(AffineLayer(matrix(n_rows, n_in), bias, kind, slope, pieces, skips))
    return Network(tuple(layers))


def plain_forward(network: Network, x: list[Fraction]) -> list[Fraction]:
    """The definition, entry by entry."""
    values = [x]
    for layer in network.layers:
        z = list(layer.bias)
        for matrix, h in [
            (layer.weight, values[-1]),
            *((skip.weight, values[skip.source]) for skip in layer.skips),
        ]:
            for i, row in enumerate(matrix.rows()):
                for w, v in zip(row, h, strict=True):
                    z[i] += w * v
        if layer.activation is Activation.MAXOUT:
            units = [[z[u * layer.pieces + t] for t in range(layer.pieces)] for u in range(layer.n_outputs)]
            values.append([max(unit) for unit in units])
        else:
            values.append([layer.activation.apply(q, slope=layer.slope) for q in z])
    return values[-1]


@given(networks(), st.data())
def test_forward_pass_is_the_definition(network: Network, data: st.DataObject) -> None:
    x = [data.draw(rationals) for _ in range(network.n_inputs)]
    assert list(network(x)) == plain_forward(network, x)
    assert network.layers[-1].post_activation(network.pre_activations(x)[-1]) == network(x)
    assert len(network(x)) == network.n_outputs == network.widths[-1]


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


def test_maxout_is_the_largest_piece_and_the_lowest_winner() -> None:
    median = Network.from_arrays(
        [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], None)], output_activation="maxout", pieces=3
    )
    assert median([1, 5, 3]) == (5,)
    assert median.activation_pattern([1, 5, 3]) == ((1,),)
    assert median.activation_pattern([5, 1, 5]) == median.activation_pattern([0, 0, 0]) == ((0,),)
    assert median.widths == (3, 1)
    assert median.layers[0].weight.shape == (3, 3)


@given(st.lists(rationals, min_size=2, max_size=2))
def test_relu_and_abs_are_maxout_with_two_pieces(x: list[Fraction]) -> None:
    rows, bias = [[1, -2], [3, 1]], ["1/2", -1]
    for kind, second in (("relu", 0), ("abs", -1)):
        doubled = [entry for row in rows for entry in (row, [second * w for w in row])]
        offsets = [Fraction(entry) * factor for entry in bias for factor in (1, second)]
        plain = Network.from_arrays([(rows, bias)], output_activation=kind)
        maxout = Network.from_arrays([(doubled, offsets)], output_activation="maxout", pieces=2)
        assert plain(x) == maxout(x)


@given(networks(), st.data())
def test_a_network_with_skips_equals_one_that_carries_all_values(
    network: Network, data: st.DataObject
) -> None:
    """Values that are needed later pass a layer as z = relu(z) - relu(-z) beside it: no skips are left."""
    x = [data.draw(rationals) for _ in range(network.n_inputs)]
    values = x
    places = {0: range(len(x))}
    for k, layer in enumerate(network.layers, start=1):
        row_length = len(values)
        rows = []
        for i in range(layer.weight.shape[0]):
            row = [Fraction(0)] * row_length
            for matrix, source in [(layer.weight, k - 1), *((s.weight, s.source) for s in layer.skips)]:
                for place, w in zip(places[source], matrix.row(i), strict=True):
                    row[place] += w
            rows.append(row)
        plain = AffineLayer(
            RationalMatrix.from_rows(rows), layer.bias, layer.activation, layer.slope, layer.pieces
        )
        carry = Network.from_arrays(
            [
                (
                    [
                        [sign * int(i == j) for j in range(row_length)]
                        for i in range(row_length)
                        for sign in (1, -1)
                    ],
                    None,
                ),
                (
                    [
                        [int(j == 2 * i) - int(j == 2 * i + 1) for j in range(2 * row_length)]
                        for i in range(row_length)
                    ],
                    None,
                ),
            ]
        )
        values = [*carry(values), *Network((plain,))(values)]
        places[k] = range(row_length, len(values))
    assert tuple(values[place] for place in places[len(network.layers)]) == network(x)


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
    assert repr(network.layers[1]) == "AffineLayer(50 -> 2 identity)"
    network = Network.from_arrays(
        [(np.ones((6, 2)), None), (np.ones((6, 2)), None), ([[1, 1]], None)],
        activation="maxout",
        pieces=3,
        skips={(3, 0): [[1, 0]], (3, 1): [[1, 2]], (2, 0): np.ones((6, 2))},
    )
    assert repr(network) == (
        "Network(2 -> 2 maxout(3) -> 2 maxout(3) + skip 0 -> 1 + skip 0, 1, from arrays in memory)"
    )
    assert repr(network.layers[2]) == "AffineLayer(2 -> 1 identity + skip 0, 1)"


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


def test_skips_that_do_not_fit() -> None:
    one = [([[1]], None)] * 3

    def build(skips: dict[tuple[int, int], object]) -> Network:
        return Network.from_arrays(one, skips=skips)

    assert build({(3, 1): [[2]], (3, 0): [["1/2"]]})([2]) == (2 + 4 + 1,)
    for skips, message in (
        ({(1, 0): [[1]]}, "none: layer 1 has the inputs only"),
        ({(2, 1): [[1]]}, "belongs into the weight"),
        ({(3, 3): [[1]]}, "0 .the inputs. to 1"),
        ({(3, 4): [[1]]}, "leaves out at least one layer"),
        ({(4, 0): [[1]]}, "layer that does not exist"),
        ({(3, -1): [[1]]}, "not in order"),
    ):
        with pytest.raises(InputError, match=message):
            build(skips)
    with pytest.raises(ShapeError, match="does not fit its source"):
        build({(3, 0): [[1, 2]]})
    with pytest.raises(ShapeError, match="skip from 0 to layer 3"):
        build({(3, 0): 7})
    with pytest.raises(ShapeError, match="skip connection does not fit its layer"):
        build({(3, 0): [[1], [2]]})
    with pytest.raises(InexactInputError, match=r"skip from 0 to layer 3, row 0, column 0"):
        build({(3, 0): [[float("inf")]]})
    weight = RationalMatrix.from_rows([[1]])
    for sources in ((1, 0), (0, 0), (-1,)):
        with pytest.raises(InputError, match="not in order"):
            AffineLayer(weight, (Fraction(0),), skips=tuple(Skip(source, weight) for source in sources))


def test_pieces_that_do_not_fit() -> None:
    weight = RationalMatrix.from_rows([[1], [2], [3]])
    bias = (Fraction(0),) * 3
    for kind, pieces in (("maxout", 1), ("relu", 2), ("maxout", 0), ("identity", 0)):
        with pytest.raises(InputError, match="at least two pieces"):
            AffineLayer.from_arrays(weight, bias, activation=kind, pieces=pieces)
    with pytest.raises(ShapeError, match="do not make whole units"):
        AffineLayer.from_arrays(weight, bias, activation="maxout", pieces=2)
    assert AffineLayer.from_arrays(weight, activation="maxout", pieces=3).n_outputs == 1


@pytest.mark.parametrize("x", [[1], [1, 2, 3], 5, "12", np.ones((1, 2)), [[1, 2]]])
def test_wrong_inputs(x: object) -> None:
    network = Network.from_arrays([([[1, 2]], [0])])
    with pytest.raises(ShapeError):
        network(x)  # type: ignore[arg-type]


def test_a_string_activation_becomes_a_member() -> None:
    layer = AffineLayer(RationalMatrix.from_rows([[1]]), (Fraction(0),), "relu")  # type: ignore[arg-type]
    assert layer.activation is Activation.RELU
