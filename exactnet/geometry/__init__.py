"""Hyperplane arrangements, polyhedra and the polyhedral complexes of ReLU networks, exactly.

Start with `regions`: counts with certificates. Below it, room by room:

* what is enumerated: `hyperplanes`, `named` arrangements, `task` (with `lowering` of maxout and skips, and
  `reduction` to essential coordinates), `polyhedron`, `slices`;
* the engines: `reference` in plain integers, `network_cells` in certified float64, `lp_cells` by linear
  programs, `stream` in exact 64-bit integers for arrangements, `characteristic` without listing any cell;
* the proofs: `region_tree`, `network_proof`, `region_proof`, and `split_tree` for the arrangements of data;
* what cells make: `complex`, `faces`, `definitions` of a region, `boundary`, `topology`, `morse`,
  `genericity`;
* what they measure: `volumes`, `integral`, `extrema`, `lipschitz`, `measure`; and published `bounds`.

Names are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exactnet.geometry.arrangement import (
        CellTable,
        CentralArrangement,
        central_arrangement,
        cover_bound,
        enumerate_cells,
    )
    from exactnet.geometry.boundary import (
        decision_boundary,
        decision_region,
        level_set,
        level_sets,
        sublevel_set,
        superlevel_set,
    )
    from exactnet.geometry.bounds import serra_upper_bound, zaslavsky_bound
    from exactnet.geometry.characteristic import characteristic_polynomial
    from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
    from exactnet.geometry.definitions import RegionDefinition, bound_regions, count_regions, regions_of
    from exactnet.geometry.enumeration import Regions, regions
    from exactnet.geometry.extrema import maximum, minimum
    from exactnet.geometry.genericity import genericity_of
    from exactnet.geometry.hyperplanes import Arrangement, central
    from exactnet.geometry.integral import integrate, mean_outputs
    from exactnet.geometry.lipschitz import lipschitz_constant
    from exactnet.geometry.measure import affine_radius, largest_ball
    from exactnet.geometry.morse import morse_data
    from exactnet.geometry.named import named_arrangement
    from exactnet.geometry.network_cells import NetworkCells
    from exactnet.geometry.polyhedron import Polyhedron
    from exactnet.geometry.reference import reference_cells
    from exactnet.geometry.slices import AffineSlice, input_rank, plane_through, slice_network
    from exactnet.geometry.split_tree import cell_records
    from exactnet.geometry.stream import CellCount, count_cells, stream_cells
    from exactnet.geometry.task import RegionTask, arrangement_task, region_task
    from exactnet.geometry.topology import betti_numbers, euler_characteristic, homology_groups
    from exactnet.geometry.volumes import volume

__all__ = [
    "AffineSlice",
    "Arrangement",
    "CellCount",
    "CellTable",
    "CentralArrangement",
    "NetworkCells",
    "PolyhedralComplex",
    "Polyhedron",
    "RegionDefinition",
    "RegionTask",
    "Regions",
    "affine_radius",
    "arrangement_task",
    "betti_numbers",
    "bound_regions",
    "cell_records",
    "central",
    "central_arrangement",
    "characteristic_polynomial",
    "count_cells",
    "count_regions",
    "cover_bound",
    "decision_boundary",
    "decision_region",
    "enumerate_cells",
    "euler_characteristic",
    "genericity_of",
    "homology_groups",
    "input_rank",
    "integrate",
    "largest_ball",
    "level_set",
    "level_sets",
    "lipschitz_constant",
    "maximum",
    "mean_outputs",
    "minimum",
    "morse_data",
    "named_arrangement",
    "plane_through",
    "polyhedral_complex",
    "reference_cells",
    "region_task",
    "regions",
    "regions_of",
    "serra_upper_bound",
    "slice_network",
    "stream_cells",
    "sublevel_set",
    "superlevel_set",
    "volume",
    "zaslavsky_bound",
]

_HOMES = {
    "AffineSlice": "slices",
    "Arrangement": "hyperplanes",
    "CellCount": "stream",
    "CellTable": "arrangement",
    "CentralArrangement": "arrangement",
    "NetworkCells": "network_cells",
    "PolyhedralComplex": "complex",
    "Polyhedron": "polyhedron",
    "RegionDefinition": "definitions",
    "RegionTask": "task",
    "Regions": "enumeration",
    "affine_radius": "measure",
    "arrangement_task": "task",
    "betti_numbers": "topology",
    "bound_regions": "definitions",
    "cell_records": "split_tree",
    "central": "hyperplanes",
    "central_arrangement": "arrangement",
    "characteristic_polynomial": "characteristic",
    "count_cells": "stream",
    "count_regions": "definitions",
    "cover_bound": "arrangement",
    "decision_boundary": "boundary",
    "decision_region": "boundary",
    "enumerate_cells": "arrangement",
    "euler_characteristic": "topology",
    "genericity_of": "genericity",
    "homology_groups": "topology",
    "input_rank": "slices",
    "integrate": "integral",
    "largest_ball": "measure",
    "level_set": "boundary",
    "level_sets": "boundary",
    "lipschitz_constant": "lipschitz",
    "maximum": "extrema",
    "mean_outputs": "integral",
    "minimum": "extrema",
    "morse_data": "morse",
    "named_arrangement": "named",
    "plane_through": "slices",
    "polyhedral_complex": "complex",
    "reference_cells": "reference",
    "region_task": "task",
    "regions": "enumeration",
    "regions_of": "definitions",
    "serra_upper_bound": "bounds",
    "slice_network": "slices",
    "stream_cells": "stream",
    "sublevel_set": "boundary",
    "superlevel_set": "boundary",
    "volume": "volumes",
    "zaslavsky_bound": "bounds",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'exactnet.geometry' has no attribute {name!r}")
    value = getattr(import_module(f"exactnet.geometry.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
