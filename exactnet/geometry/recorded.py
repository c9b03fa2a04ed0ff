"""From the records of a certificate back to the network and the task they are about."""

from __future__ import annotations

from exactnet.certificate.types import LayerRecord, NetworkRecord, RegionTreeRecord
from exactnet.exact import RationalMatrix
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import RegionTask, region_task
from exactnet.model import Activation, AffineLayer, Network, Provenance, Skip

__all__ = ["recorded_network", "recorded_task"]


def recorded_network(record: NetworkRecord) -> Network:
    """The network of a record.

    Examples
    --------
    >>> from exactnet.certificate.network_records import network_record
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> recorded_network(network_record(tent)) == tent
    True
    """
    return Network(tuple(map(_layer, record.layers)), Provenance("a certificate"))


def recorded_task(network: NetworkRecord, tree: RegionTreeRecord) -> RegionTask:
    """What was enumerated: the network on the domain of a region tree."""
    domain = Polyhedron(tree.domain, network.n_inputs) if tree.domain else None
    return region_task(recorded_network(network), domain)


def _layer(layer: LayerRecord) -> AffineLayer:
    return AffineLayer(
        RationalMatrix.from_rows(layer.weight),
        layer.bias,
        Activation(layer.activation),
        layer.slope,
        layer.pieces,
        tuple(Skip(source, RationalMatrix.from_rows(weight)) for source, weight in layer.skips),
    )
