from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exactnet.io.form_activations import activate, clip, maximum, maxout
from exactnet.io.form_network import to_network
from exactnet.io.form_products import matmul
from exactnet.io.forms import NotInClass, as_array, inputs, stages_of
from exactnet.model import Activation, Network, Provenance

rationals = st.fractions(min_value=-4, max_value=4, max_denominator=5)
HERE = Provenance("test")


def build(outputs: object, like: object) -> Network:
    return to_network(as_array(outputs), like=as_array(like), provenance=HERE)


@given(rationals, rationals, rationals)
def test_clip_is_min_max(z: Fraction, a: Fraction, b: Fraction) -> None:
    low, high = min(a, b), max(a, b)
    x = inputs((1,))
    if low < high:
        assert build(clip(x, low, high), x)([z]) == (min(max(z, low), high),)
    assert build(clip(x, low, None), x)([z]) == (max(z, low),)
    assert build(clip(x, None, high), x)([z]) == (min(z, high),)
    assert build(clip(x, None, None), x)([z]) == (z,)
    assert build(maximum(x, as_array([a])), x)([z]) == (max(z, a),)


def test_plain_activations_add_no_affine_layer() -> None:
    x = inputs((1, 2))
    for y in (
        clip(x, Fraction(-1), Fraction(1)),
        clip(x, Fraction(0), None),
        maximum(x, as_array([0])),
        activate(x, Activation.RELU),
        activate(x, Activation.RELU).reshape(2),
    ):
        assert len(build(y, x).layers) == 1


def test_an_affine_map_stays_a_layer_even_if_it_is_the_identity() -> None:
    x = inputs((1, 2))
    h = activate(x, Activation.RELU)
    for y in (matmul(h, as_array([[1, 0], [0, 1]])), h + 0, h * 1, h[:, ::-1], h[:, :1], h[:, [0, 0]]):
        kinds = [layer.activation for layer in build(y, x).layers]
        assert kinds == [Activation.RELU, Activation.IDENTITY]


def test_affine_maps_merge_exactly() -> None:
    x = inputs((1, 3))
    rng = np.random.default_rng(0)
    a, b = (
        as_array([[Fraction(int(k), 7) for k in row] for row in rng.integers(-9, 9, shape)])
        for shape in ((3, 4), (4, 2))
    )
    y = matmul(matmul(x, a) + 1, b) / Fraction(3)
    (layer,) = build(y, x).layers
    product = as_array(a @ b / 3)
    assert layer.weight.transpose().rows() == tuple(map(tuple, product.tolist()))
    assert layer.bias == tuple((b.sum(axis=0) / Fraction(3)).tolist())


def test_products_follow_numpy() -> None:
    weights = np.arange(-3, 3)
    for shape, other in (
        ((2,), (2, 3)),
        ((2,), (2,)),
        ((1, 1, 2), (2, 3)),
        ((3, 1), (1, 2)),
        ((2, 3, 1), (1, 2)),
    ):
        constants = np.resize(weights, other)
        x = inputs(shape)
        point = np.arange(1, x.size + 1)
        for left_first in (True, False):
            if left_first:
                y, expected = matmul(x, as_array(constants)), point.reshape(shape) @ constants
            elif len(shape) == len(other) == 2:
                y, expected = matmul(as_array(constants.T), x.T), constants.T @ point.reshape(shape).T
            else:
                continue
            assert y.shape == np.shape(expected)
            assert build(y, x)(point) == tuple(np.ravel(expected).tolist())


def test_constants_are_folded() -> None:
    two = as_array([[2, -1]])
    assert activate(two, Activation.RELU).tolist() == [[2, 0]]
    assert clip(two, Fraction(0), Fraction(1)).tolist() == [[1, 0]]
    assert matmul(two, as_array([[1], [1]])).tolist() == [[1]]
    x = inputs((1, 2))
    assert build(two, x)([5, 7]) == (2, -1)
    assert build(np.concatenate([activate(x, Activation.ABS), two], axis=1), x)([-5, 7]) == (5, 7, 2, -1)


def test_branches_become_skips() -> None:
    x = inputs((1, 2))
    h = activate(x, Activation.RELU)
    for y, expected in (
        (x + h, (2 * 3, -5)),
        (h - x, (0, 5)),
        (np.concatenate([x, h], axis=1), (3, -5, 3, 0)),
        (matmul(x + h, as_array([[1, 2], [0, 1]])), (6, 7)),
        (activate(np.concatenate([x - h, 2 * h], axis=1), Activation.ABS), (0, 5, 6, 0)),
        ((x + h)[:, :1] + x[:, 1:], (1,)),
    ):
        network = build(y, x)
        assert network([3, -5]) == expected
        assert [skip.source for skip in network.layers[-1].skips] == [0]


def test_parallel_branches_are_one_layer() -> None:
    x = inputs((1, 2))
    a, b = activate(x + 1, Activation.RELU), activate(x[:, :1] * 2, Activation.RELU)
    c = activate(x, Activation.ABS)
    assert repr(build(np.concatenate([a, b], axis=1), x)) == "Network(2 -> 3 relu, from test)"
    assert build(np.concatenate([a, b], axis=1), x)([1, -3]) == (2, 0, 2)
    # in another order an affine layer follows
    assert repr(build(np.concatenate([b, a], axis=1), x)) == "Network(2 -> 3 relu -> 3, from test)"
    # different activations are different layers; the second one reads the inputs past the first
    both = build(np.concatenate([a, c], axis=1), x)
    assert repr(both) == "Network(2 -> 2 relu -> 2 abs + skip 0 -> 4 + skip 1, from test)"
    assert both([1, -3]) == (2, 0, 1, 3)
    # what nothing depends on is left out
    assert repr(build(c, x)) == "Network(2 -> 2 abs, from test)"
    assert len(stages_of(np.concatenate([a, b, c, x], axis=1))) == 4


def test_a_dependence_stays_even_if_its_weights_are_zero() -> None:
    x = inputs((1, 2))
    h = activate(x, Activation.RELU)
    zero = as_array([[0], [0]])
    network = build(activate(matmul(h, zero) + x[:, :1], Activation.ABS), x)
    assert repr(network) == "Network(2 -> 2 relu -> 1 abs + skip 0, from test)"
    assert network([-7, 0]) == (7,)


@given(st.lists(rationals, min_size=3, max_size=3))
def test_maxout_is_the_largest(z: list[Fraction]) -> None:
    x = inputs((3,))
    assert build(maxout(x), x)(z) == (max(z),)
    assert build(maxout(np.stack([x, 2 * x, as_array([1, 1, 1])], axis=-1)), x)(z) == tuple(
        max(q, 2 * q, Fraction(1)) for q in z
    )
    assert maxout(as_array([[1, 3], [2, 0]])).tolist() == [3, 2]
    assert build(maxout(x.reshape(3, 1)), x)(z) == tuple(z)


def test_leaving_the_class() -> None:
    x = inputs((1, 2))
    h = activate(x, Activation.RELU)
    empty = as_array([], shape=(1, 0))
    for leave in (
        lambda: x * x,
        lambda: 1 / x,
        lambda: x / x,
        lambda: matmul(x, x.T),
        lambda: h * x,
        lambda: matmul(h, x.T),
        lambda: maxout(empty),
        lambda: clip(x, Fraction(1), Fraction(1)),
        lambda: build(two := as_array([1]), two),
    ):
        with pytest.raises(NotInClass):
            leave()


def test_sizes_that_do_not_fit() -> None:
    x = inputs((1, 2))
    for a, b in ((x, as_array([[1]])), (as_array(2), x), (x, as_array(2))):
        with pytest.raises(ValueError):
            matmul(a, b)
