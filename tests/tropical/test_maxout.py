"""Layers of maxout units: products, the published bound, and units that attain it."""

from __future__ import annotations

from itertools import combinations
from math import prod
from random import Random

import pytest

from exactnet.errors import InputError
from exactnet.geometry import polyhedral_complex, region_task, zaslavsky_bound
from exactnet.geometry.bounds import maxout_layer_bound
from exactnet.model import Network
from exactnet.tropical import TropicalPolynomial, layer_product, n_layer_regions, parallel_units

# facts A5
CASES = [
    (1, (3, 3, 3), 7),
    (2, (3, 3), 9),
    (2, (4, 3), 12),
    (2, (3, 3, 3), 19),
    (2, (2, 2, 2, 2, 2), 16),
    (3, (3, 3, 3), 27),
    (2, (4, 4, 4), 37),
    (3, (3, 3, 3, 3), 65),
]


@pytest.mark.parametrize(("n", "ranks", "value"), CASES)
def test_the_bound_has_its_published_values_and_is_attained(n, ranks, value) -> None:
    assert maxout_layer_bound(n, ranks) == value
    units = parallel_units(n, ranks)
    assert [unit.n_terms for unit in units] == list(ranks)
    assert n_layer_regions(units) == value


def test_the_bound_is_the_sum_over_sets_of_units() -> None:
    random = Random(1)
    for _ in range(50):
        n, ranks = random.randint(1, 4), [random.randint(1, 5) for _ in range(random.randint(1, 5))]
        sets = (S for k in range(n + 1) for S in combinations(ranks, k))
        assert maxout_layer_bound(n, ranks) == sum(prod(k - 1 for k in S) for S in sets)
    assert maxout_layer_bound(3, [2] * 7) == zaslavsky_bound(3, 7)


def test_random_layers_stay_below_and_their_regions_are_those_of_the_network() -> None:
    random = Random(2)
    for _ in range(25):
        n, m, k = random.randint(1, 3), random.randint(1, 3), random.randint(2, 3)
        weight = [[random.randint(-3, 3) for _ in range(n)] for _ in range(m * k)]
        bias = [random.randint(-3, 3) for _ in range(m * k)]
        units = [
            sum(
                (TropicalPolynomial.affine(weight[i], bias[i]) for i in range(u * k + 1, u * k + k)),
                start=TropicalPolynomial.affine(weight[u * k], bias[u * k]),
            )
            for u in range(m)
        ]
        network = Network.from_arrays([(weight, bias)], output_activation="maxout", pieces=k)
        points = [cell.witness for cell in polyhedral_complex(region_task(network)).cells]
        # cells know the losing pieces too; the regions of the layer are the patterns of winners
        patterns = {network.activation_pattern(x) for x in points}
        assert n_layer_regions(units) == len(patterns) <= maxout_layer_bound(n, [k] * m)
        for x in points:
            assert layer_product(units)(x) == sum(network(x))


def test_errors() -> None:
    with pytest.raises(InputError, match="without units"):
        layer_product([])
    with pytest.raises(InputError):
        maxout_layer_bound(2, [0])
