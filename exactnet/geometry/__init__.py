"""Hyperplane arrangements, polyhedra and the polyhedral complexes of ReLU networks, exactly.

`arrangement` lists the cells of central arrangements with all their rays, `split_tree` proves such a list
complete; `task` states what is enumerated in general, `reference` enumerates it in plain integers, and
`complex` has the cells, faces and neighbours of a network's activation regions. `named` constructs the
arrangements of the literature, `stream` counts or streams their cells in compiled integers, and
`characteristic` counts them without listing them.
"""

from exactnet.geometry.arrangement import (
    CellTable,
    CentralArrangement,
    central_arrangement,
    cover_bound,
    enumerate_cells,
)
from exactnet.geometry.characteristic import characteristic_polynomial
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.split_tree import cell_records, split_tree
from exactnet.geometry.stream import count_cells, stream_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task

__all__ = [
    "CellTable",
    "CentralArrangement",
    "PolyhedralComplex",
    "Polyhedron",
    "RegionTask",
    "arrangement_task",
    "cell_records",
    "central_arrangement",
    "characteristic_polynomial",
    "count_cells",
    "cover_bound",
    "enumerate_cells",
    "polyhedral_complex",
    "reference_cells",
    "region_task",
    "split_tree",
    "stream_cells",
]
