"""The columns of the anchor table that do not belong to F and G: facets, kinks, radius, rank, topology."""

from __future__ import annotations

from exactnet.geometry import betti_numbers, level_sets, polyhedral_complex, region_task
from exactnet.tropical import effective_radius, functional_dimension, kinked_complex, least_kink
from paper_repro.anchors import Anchor

__all__ = ["wrong_columns"]


def wrong_columns(anchor: Anchor) -> list[str]:
    """What differs from the table: facets, pieces of g - h, radius, functional dimension, Betti numbers."""
    network = anchor.network()
    complex_ = polyhedral_complex(region_task(network))
    kinked = kinked_complex(complex_)
    dimension = functional_dimension(network, complex_=complex_)
    sets = level_sets(network)
    columns = {
        "facets": (len(kinked.facets), anchor.n_facets),
        "pieces of g - h": (least_kink(kinked).value.n_pieces, anchor.n_convex),
        "effective radius": (effective_radius(complex_).value.value, anchor.radius),
        "functional dimension": (
            (dimension.value, dimension.bound),
            (anchor.rank, anchor.bound),
        ),
        "Betti numbers": (
            (betti_numbers(sets.at_least), betti_numbers(sets.zero)),
            (anchor.betti_above, anchor.betti_zero),
        ),
    }
    return [
        f"the anchor {anchor.name} DIFFERS: {name} {found}, known {known}"
        for name, (found, known) in columns.items()
        if found != known
    ]
