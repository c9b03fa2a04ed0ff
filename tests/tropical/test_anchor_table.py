"""The other columns of the table of anchors: regions by all definitions, and Betti numbers."""

from __future__ import annotations

import pytest

from exactnet.geometry import betti_numbers, count_regions, level_sets, polyhedral_complex, region_task
from exactnet.geometry.definitions import RegionDefinition
from paper_repro.anchors import ANCHORS, ANNULUS, OCTAHEDRON, TORUS


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor.name)
def test_regions_and_facets(anchor):
    complex_ = polyhedral_complex(region_task(anchor.network()))
    counted = tuple(
        count_regions(complex_, RegionDefinition(name)) for name in ("R1", "R2", "R4", "R5", "R6")
    )
    assert counted == anchor.regions
    assert len(complex_.adjacency()) == anchor.n_facets


@pytest.mark.parametrize("anchor", ANCHORS, ids=lambda anchor: anchor.name)
def test_betti_numbers(anchor):
    sets = level_sets(anchor.network())
    assert betti_numbers(sets.at_least) == anchor.betti_above
    assert betti_numbers(sets.zero) == anchor.betti_zero


@pytest.mark.parametrize(
    ("network", "above", "zero", "below"),
    [
        (ANNULUS, (1, 1, 0), (2, 2, 0), (2, 1, 0)),
        (OCTAHEDRON, (1, 0, 0, 0), (1, 0, 1, 0), (1, 0, 1, 0)),
        (TORUS, (1, 1, 0, 0), (1, 2, 1, 0), (1, 1, 1, 0)),
    ],
)
def test_named_shapes(network, above, zero, below):
    sets = level_sets(network)
    assert tuple(map(betti_numbers, (sets.at_least, sets.zero, sets.at_most))) == (above, zero, below)
