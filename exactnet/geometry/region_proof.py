"""The certificate "these are all activation regions", from a tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from exactnet.certificate.network_records import arrangement_network_record, network_record
from exactnet.certificate.types import (
    Certificate,
    CountRecord,
    FacesRecord,
    NetworkRecord,
    Record,
    RegionCountRecord,
    RegionTreeRecord,
)
from exactnet.errors import InputError
from exactnet.geometry.region_tree import RegionTree
from exactnet.geometry.task import RegionTask
from exactnet.model import Network

__all__ = ["COUNTED", "region_certificate"]

Forms = Sequence[Sequence[Fraction | int]]

# the definitions of a region that the checker counts itself; R2 is what the tree proves
COUNTED = ("R1", "R4", "R5", "R6")

# deletion and restriction visits each cell of the cone once, in plain Python
_MOST_COUNTED = 200_000


def region_certificate(
    source: Network | Forms,
    task: RegionTask,
    tree: RegionTree,
    *,
    faces: tuple[Sequence[int], int] | None = None,
    counts: Mapping[str, int] | None = None,
    title: str = "all activation regions",
    provenance: dict[str, str] | None = None,
    stats: dict[str, str] | None = None,
) -> Certificate:
    """Records `network`, `cells`, and, where they apply, `count`, `faces` and one for each other count.

    Parameters
    ----------
    source : the network, or the forms (a_1..a_d, b) of an arrangement.
    task : its domain goes into the certificate.
    tree : proof of completeness for this task; of a partial tree the certificate says "at least", and only
        records `network` and `cells` are written.
    faces : f-vector (dimensions 0..d) and number of bounded cells, to be proved too.
    counts : numbers of regions by other definitions, to be proved too where the checker can count them:
        R1, R4, R5 and R6 (`COUNTED`); R1 not in a domain that is flat.

    Raises
    ------
    InputError : faces or counts, and a partial tree.

    Examples
    --------
    >>> from exactnet.certificate import certificate_text, check_text
    >>> from exactnet.geometry.region_tree import reference_tree
    >>> from exactnet.geometry.task import arrangement_task
    >>> forms = [(1, 0, 0), (0, 1, 0), (1, 1, -1)]
    >>> task = arrangement_task(forms)
    >>> proof = region_certificate(forms, task, reference_tree(task), faces=((3, 9, 7), 1))
    >>> [record.rule for record in proof.records]
    ['network', 'region_tree', 'count', 'faces']
    >>> check_text(certificate_text(proof)).accepted
    True
    """
    if tree.n_open and (faces is not None or counts):
        raise InputError(
            "faces and other counts need all cells",
            where="tree",
            got=f"a partial tree with {tree.n_open} open nodes",
            hint="leave out faces and counts, or give a complete tree",
        )
    if isinstance(source, Network):
        network = network_record(source)
    else:
        network = arrangement_network_record(source, task.dimension)
    records: list[Record] = [
        network,
        RegionTreeRecord("cells", network.id, task.domain, tree.n_cells, tree.nodes),
    ]
    if not tree.n_open and _countable(network, task) and tree.n_cells <= _MOST_COUNTED:
        records.append(CountRecord("count", "cells"))
    if faces is not None:
        f_vector, n_bounded = faces
        records.append(FacesRecord("faces", "cells", tuple(map(int, f_vector)), int(n_bounded)))
    for definition, n_regions in (counts or {}).items():
        if definition in COUNTED and (definition != "R1" or tree.n_cells or _shows_emptiness(tree)):
            records.append(RegionCountRecord(f"count-{definition}", "cells", definition, int(n_regions)))
    claims = tuple(record.id for record in records[1:])
    return Certificate(title, tuple(records), claims, provenance or {}, stats or {})


def _shows_emptiness(tree: RegionTree) -> bool:
    """Whether the tree is a node of code 4 that names infinity: then the domain has no points at all."""
    return int(tree.nodes[0]) == 4 and int(tree.nodes[2]) == 0


def _countable(network: NetworkRecord, task: RegionTask) -> bool:
    """Whether the switches are the hyperplanes of one arrangement of the whole space."""
    switching = [layer for layer in network.layers if layer.activation != "identity"]
    single = len(switching) <= 1 and all(layer.pieces <= 2 for layer in switching)
    return single and not any(map(any, task.domain))
