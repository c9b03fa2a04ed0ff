"""Certificates of activation regions for tests, and what is true about them.

The trees come from the reference producer; cells by Fourier-Motzkin elimination on the definition of the
network, faces from the polyhedral complex: neither knows of trees or shares code with the checker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache
from itertools import islice

from exactnet.certificate import (
    Certificate,
    CountRecord,
    FacesRecord,
    LayerRecord,
    NetworkRecord,
    Record,
    RegionCountRecord,
    RegionTreeRecord,
)
from exactnet.errors import UnsupportedError
from exactnet.exact import RationalMatrix
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.definitions import RegionDefinition, count_regions
from exactnet.geometry.patterns import winner_pattern
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.region_proof import COUNTED, region_certificate
from exactnet.geometry.region_tree import reference_tree
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.model import Activation, AffineLayer, Network
from exactnet.model.layer import Skip
from tests.geometry.general_nets import brute_force_patterns


def proof_of(
    network: Network, domain: Polyhedron | None = None, *, faces: bool = True, counts: bool = False
) -> Certificate:
    """The certificate of all activation regions, of all faces, and of the regions by other definitions."""
    task = region_task(network, domain)
    tree = reference_tree(task, pattern=lambda signs: winner_pattern(network, signs))
    found = polyhedral_complex(task) if faces or counts else None
    return region_certificate(
        network,
        task,
        tree,
        faces=(found.f_vector(), found.n_bounded) if found and faces else None,
        counts=other_counts(found, network) if found and counts else None,
    )


def other_counts(found: PolyhedralComplex, network: Network | None) -> dict[str, int]:
    """Regions by the definitions that the checker counts; R1 is left out for a flat domain."""
    counts = {}
    for definition in map(RegionDefinition, COUNTED):
        with suppress(UnsupportedError):
            counts[definition.value] = count_regions(found, definition, network=network)
    return counts


def arrangement_proof(
    forms: Sequence[Sequence[int]], dimension: int, domain: Polyhedron | None = None
) -> Certificate:
    task = arrangement_task(forms, domain, dimension=dimension)
    found = polyhedral_complex(task)
    return region_certificate(forms, task, reference_tree(task), faces=(found.f_vector(), found.n_bounded))


def network_of(record: NetworkRecord) -> Network:
    """The network that a record describes; without layers it is the identity."""
    layers = []
    for layer in record.layers:
        skips = tuple(Skip(source, RationalMatrix.from_rows(matrix)) for source, matrix in layer.skips)
        kind = Activation(layer.activation)
        weight = RationalMatrix.from_rows(layer.weight)
        layers.append(AffineLayer(weight, layer.bias, kind, layer.slope, layer.pieces, skips))
    if not layers:
        layers = [AffineLayer(RationalMatrix.from_rows([[1] * record.n_inputs]), (Fraction(0),))]
    return Network(tuple(layers))


def domain_of(record: RegionTreeRecord, dimension: int) -> Polyhedron | None:
    return Polyhedron(record.domain, dimension) if record.domain else None


def false_region_claims(certificate: Certificate) -> list[str]:
    """The ids of the records that state something false."""
    known = {record.id: record for record in certificate.records}
    return [record.id for record in certificate.records if not _true(record, known)]


def _true(record: Record, known: dict[str, Record]) -> bool:
    if isinstance(record, NetworkRecord):
        return True
    tree = (
        known[record.cells] if isinstance(record, FacesRecord | CountRecord | RegionCountRecord) else record
    )
    assert isinstance(tree, RegionTreeRecord)
    network_record = known[tree.network]
    assert isinstance(network_record, NetworkRecord)
    if isinstance(record, RegionCountRecord):
        counts = _other_truth(network_record.n_inputs, network_record.layers, tree.domain)
        return counts.get(record.definition) == record.n_regions
    n_cells, f_vector, n_bounded = _truth(network_record.n_inputs, network_record.layers, tree.domain)
    if isinstance(record, FacesRecord):
        return (record.f_vector, record.n_bounded) == (f_vector, n_bounded)
    if isinstance(record, RegionTreeRecord) and n_open_nodes(tree.nodes, network_record.n_inputs):
        return tree.n_cells <= n_cells
    return isinstance(record, RegionTreeRecord | CountRecord) and tree.n_cells == n_cells


def n_open_nodes(nodes: Iterable[int], n_inputs: int) -> int:
    """How many nodes of code 5 a tree has, by reading the list from its beginning."""
    rest, found = iter(nodes), 0
    for code in rest:
        found += code == 5
        list(islice(rest, {0: 1, 1: 1, 2: 1, 3: n_inputs + 1}.get(code, 0)))
        if code in (1, 2, 4):
            list(islice(rest, next(rest)))
    return found


@cache
def _truth(
    n_inputs: int, layers: tuple[LayerRecord, ...], rows: tuple[tuple[int, ...], ...]
) -> tuple[int, tuple[int, ...], int]:
    """Number of activation regions, f-vector, number of bounded cells."""
    network = network_of(NetworkRecord("network", n_inputs, layers))
    domain = Polyhedron(rows, n_inputs) if rows else None
    found = polyhedral_complex(region_task(network, domain))
    return len(brute_force_patterns(network, domain)), found.f_vector(), found.n_bounded


@cache
def _other_truth(
    n_inputs: int, layers: tuple[LayerRecord, ...], rows: tuple[tuple[int, ...], ...]
) -> dict[str, int]:
    """The number of regions by each definition that the checker counts."""
    network = network_of(NetworkRecord("network", n_inputs, layers))
    domain = Polyhedron(rows, n_inputs) if rows else None
    return other_counts(polyhedral_complex(region_task(network, domain)), network)
