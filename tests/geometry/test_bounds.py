"""Region-count formulas against the tables of the literature, and against counted networks."""

from __future__ import annotations

import random
from itertools import pairwise, product
from math import comb, prod

import pytest

from exactnet.errors import InputError
from exactnet.geometry.bounds import (
    montufar_2017_upper_bound,
    montufar_lower_bound,
    product_upper_bound,
    published_bounds,
    serra_lower_bound,
    serra_upper_bound,
    zaslavsky_bound,
)
from exactnet.geometry.enumeration import regions
from exactnet.geometry.network_cells import network_cells
from exactnet.geometry.task import region_task
from exactnet.model import Network

# widths: Montufar 2014 below, Serra below, Serra above, Montufar 2017 above, product above (fact sheets)
TABLE = {
    (2, 4): (11, None, 11, 11, 11),
    (2, 8): (37, 37, 37, 37, 37),
    (3, 6): (42, None, 42, 42, 42),
    (2, 4, 4): (44, None, 121, 121, 121),
    (3, 4, 4): (15, None, 161, 225, 225),
    (1, 2, 2): (6, None, 9, 9, 9),
    (1, 3, 3): (12, 16, 16, 16, 16),
    (2, 6, 6): (198, 352, 484, 484, 484),
    (2, 2, 2, 2): (4, None, 30, 64, 64),
    (4, 2, 4): (None, None, 22, 44, 64),
    (3, 1, 5): (None, None, 7, 12, 52),
}


@pytest.mark.parametrize("widths", TABLE)
def test_the_table_of_the_fact_sheets(widths: tuple[int, ...]) -> None:
    below, serra_below, serra, montufar, plain = TABLE[widths]
    if below is not None:
        assert montufar_lower_bound(widths) == below
    if serra_below is not None:
        assert serra_lower_bound(widths) == serra_below
    assert serra_upper_bound(widths) == serra
    assert montufar_2017_upper_bound(widths) == montufar
    assert product_upper_bound(widths) == plain


def test_the_benchmark_architectures() -> None:
    upper = {(2, 16, 16): 18769, (2, 32, 32): 279841, (2, 64, 64): 4330561, (3, 16, 16): 485809}
    upper |= {(4, 16, 16): 6335289, (5, 12, 12): 2515396}
    assert {widths: serra_upper_bound(widths) for widths in upper} == upper
    lower = {(2, 32, 32): 135424, (2, 64, 64): 2130944, (3, 16, 16): 87125, (5, 12, 12): 50752}
    assert {widths: montufar_lower_bound(widths) for widths in lower} == lower


@pytest.mark.parametrize("widths", [(2, 3), (3, 2, 4), (2, 3, 1, 3), (1, 4, 2, 3)])
def test_serra_by_the_formula_as_printed(widths: tuple[int, ...]) -> None:
    n_0, *hidden = widths
    total = 0
    for js in product(*(range(n + 1) for n in hidden)):
        limits = [
            min([n_0, *(hidden[k] - js[k] for k in range(level)), hidden[level]]) for level in range(len(js))
        ]
        if all(j <= limit for j, limit in zip(js, limits, strict=True)):
            total += prod(comb(n, j) for n, j in zip(hidden, js, strict=True))
    assert serra_upper_bound(widths) == total


def test_no_random_network_exceeds_an_upper_bound() -> None:
    source = random.Random(5)
    for widths in [(1, 3, 3), (2, 4), (2, 3, 3), (3, 2, 3), (2, 2, 2, 2)]:
        for _ in range(20):
            arrays = [
                (
                    [[source.randint(-9, 9) for _ in range(n)] for _ in range(m)],
                    [source.randint(-9, 9) for _ in range(m)],
                )
                for n, m in pairwise(widths)
            ]
            network = Network.from_arrays([*arrays, ([[1] * widths[-1]], [0])])
            count = network_cells(region_task(network), count_only=True).n_cells
            assert count <= serra_upper_bound(widths) <= montufar_2017_upper_bound(widths)
            assert montufar_2017_upper_bound(widths) <= product_upper_bound(widths)


def test_one_layer_in_general_position_attains_the_bound() -> None:
    for n, d in [(1, 1), (5, 1), (6, 2), (5, 3), (3, 4)]:
        rows = [[t**k for k in range(d)] for t in range(1, n + 1)]
        network = Network.from_arrays([(rows, [t**d for t in range(1, n + 1)]), ([[1] * n], [0])])
        assert network_cells(region_task(network), count_only=True).n_cells == zaslavsky_bound(d, n)


@pytest.mark.parametrize("widths", [(), (2,), (0, 3), (2, 0), (2, -1)])
def test_nonsense_is_refused(widths: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="not the widths"):
        serra_upper_bound(widths)


def test_narrow_layers_have_no_lower_bound() -> None:
    with pytest.raises(InputError, match="at least 3 units"):
        montufar_lower_bound([3, 2, 4])
    with pytest.raises(InputError, match="at least 6 units"):
        serra_lower_bound([2, 4, 4])


def test_bounds_of_a_network_are_those_of_its_bent_layers() -> None:
    layers = [([[1, 0]] * 4, [0] * 4), ([[1] * 4] * 4, [0] * 4), ([[1] * 4], [0])]
    relu = published_bounds(Network.from_arrays(layers))
    assert [bound.value for bound in relu if bound.is_upper] == list(TABLE[2, 4, 4][2:])
    assert [bound.value for bound in relu if not bound.is_upper] == [44]
    bent = published_bounds(Network.from_arrays(layers, activation="abs"))
    assert [(bound.source, bound.value) for bound in bent] == [
        ("Montufar 2017", 121),
        ("product of layers", 121),
    ]
    assert published_bounds(Network.from_arrays(layers, activation="hardtanh")) == ()
    assert published_bounds(Network.from_arrays(layers, activation="identity")) == ()


def test_upper_bounds_hold_for_patterns_on_faces_too() -> None:
    # three lines through one point; R1 has no more patterns than lines in general position have cells
    network = Network.from_arrays([([[1, 0], [0, 1], [1, -1]], [0] * 3), ([[1, 1, 1]], [0])])
    n_patterns = regions(network, definition="R1", proof=False).value.n_regions
    bounds = [bound.value for bound in published_bounds(network) if bound.is_upper]
    assert n_patterns is not None
    assert 6 <= n_patterns <= min(bounds) == 7
