"""Hyperplane arrangements and their cells, exactly and with proofs of completeness."""

from exactnet.geometry.arrangement import (
    CellTable,
    CentralArrangement,
    central_arrangement,
    cover_bound,
    enumerate_cells,
)
from exactnet.geometry.split_tree import cell_records, split_tree

__all__ = [
    "CellTable",
    "CentralArrangement",
    "cell_records",
    "central_arrangement",
    "cover_bound",
    "enumerate_cells",
    "split_tree",
]
