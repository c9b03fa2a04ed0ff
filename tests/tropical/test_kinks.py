"""Kinks against those that a network of one layer is made of, and functions recovered from their kinks."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, InvariantError, UnsupportedError
from exactnet.geometry import Polyhedron, polyhedral_complex, region_task
from exactnet.model import Network
from exactnet.tropical.kinks import kinked_complex
from paper_repro.anchors import MEDIAN, random_integer_network

entries = st.integers(-2, 2)


@st.composite
def hinged(draw, d=2):
    """Forms that may be zero, parallel or repeated, output weights, and the network."""
    m = draw(st.integers(1, 4))
    forms = [[draw(entries) for _ in range(d + 1)] for _ in range(m)]
    weights = [draw(entries) for _ in range(m)]
    hidden = ([form[:-1] for form in forms], [form[-1] for form in forms])
    return forms, weights, Network.from_arrays([hidden, ([weights], [draw(entries)])])


def normalised(form):
    """The primitive form with its sign fixed, and the factor that was taken out, positive."""
    from math import gcd

    g = gcd(*form)
    first = next(x for x in form if x)
    return tuple(x // (g if first > 0 else -g) for x in form), g


@given(hinged())
@settings(max_examples=60, deadline=None)
def test_kinks_of_one_layer_are_the_sums_of_the_hinges(case):
    forms, weights, network = case
    expected: dict = {}
    for form, weight in zip(forms, weights, strict=True):
        if any(form[:-1]):
            key, factor = normalised(form)
            expected[key] = expected.get(key, 0) + factor * weight
    for facet in kinked_complex(network).facets:
        assert facet.kink == expected[normalised(facet.form)[0]]


@given(st.integers(0, 200), st.sampled_from([(2, 3, 3, 1), (1, 4, 3, 1), (3, 3, 2, 1)]))
@settings(max_examples=25, deadline=None)
def test_the_function_is_recovered_from_its_kinks(seed, widths):
    kinked = kinked_complex(random_integer_network(widths, seed, size=2))
    if any(kink.denominator != 1 for kink in kinked.kinks):
        return
    again = kinked.function_with([int(kink) for kink in kinked.kinks])
    start = kinked.pieces[0]
    assert [tuple(a - b for a, b in zip(p, start, strict=True)) for p in kinked.pieces] == list(again)


def test_balanced_kinks_are_those_of_the_hyperplanes_when_lines_are_in_general_position():
    """Two lines that cross leave one kink a line; three forms through a point leave three degrees more."""
    cross = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    assert kinked_complex(cross).balanced.shape == (2, 4)
    star = Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, 0]), ([[1, 1, 1]], [0])])
    # six rays from a point: functions linear on each of six cones, modulo linear ones
    assert kinked_complex(star).balanced.shape == (6 - 2, 6)


def test_kinks_that_are_not_balanced_have_no_function():
    cross = kinked_complex(Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])]))
    with pytest.raises(InvariantError):
        cross.function_with([1, 0, 0, 0])


def test_only_whole_spaces_and_existing_outputs():
    boxed = polyhedral_complex(region_task(MEDIAN, Polyhedron.box([0, 0], [1, 1])))
    with pytest.raises(UnsupportedError, match="whole space"):
        kinked_complex(boxed)
    with pytest.raises(InputError, match="no such output"):
        kinked_complex(MEDIAN, 1)


def test_an_affine_function_has_no_kink():
    kinked = kinked_complex(Network.from_arrays([([[1, 2]], [3])]))
    assert kinked.facets == ()
    assert kinked.function_with([]) == ((0, 0, 0),)


def test_dead_and_repeated_units():
    dead = Network.from_arrays([([[0, 0], [1, 0], [2, 0], [-1, 0]], [-1, 0, 0, 0]), ([[5, 1, 1, 3]], [0])])
    kinked = kinked_complex(dead)
    assert [facet.kink for facet in kinked.facets] == [Fraction(6)]
