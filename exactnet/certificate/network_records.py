"""Networks and arrangements as the record `network` of a certificate (FORMAT.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.certificate.base import Rationals
from exactnet.certificate.types import LayerRecord, NetworkRecord
from exactnet.exact import RationalMatrix, to_fractions
from exactnet.model import AffineLayer, Network

__all__ = ["arrangement_network_record", "network_record"]


def network_record(network: Network, *, name: str = "network") -> NetworkRecord:
    """The record of a network, number for number.

    Examples
    --------
    >>> record = network_record(Network.from_arrays([([[1], ["1/2"]], [0, -1]), ([[2, -4]], [0])]))
    >>> record.n_inputs, record.layers[0].activation, record.layers[0].bias
    (1, 'relu', (Fraction(0, 1), Fraction(-1, 1)))
    """
    return NetworkRecord(name, network.n_inputs, tuple(map(_layer_record, network.layers)))


def arrangement_network_record(
    forms: Sequence[Sequence[Fraction | int]], dimension: int, *, name: str = "network"
) -> NetworkRecord:
    """The record of an arrangement: one relu layer whose units are the forms (a_1..a_d, b).

    Without forms it is the network without layers: one region.

    Examples
    --------
    >>> arrangement_network_record([(1, 2, 3)], 2).layers[0].weight
    ((Fraction(1, 1), Fraction(2, 1)),)
    """
    rows = [to_fractions(form, where="forms") for form in forms]
    if not rows:
        return NetworkRecord(name, dimension, ())
    weight, bias = tuple(row[:-1] for row in rows), tuple(row[-1] for row in rows)
    return NetworkRecord(name, dimension, (LayerRecord(weight, bias, "relu"),))


def _layer_record(layer: AffineLayer) -> LayerRecord:
    skips = tuple((skip.source, _rows(skip.weight)) for skip in getattr(layer, "skips", ()))
    return LayerRecord(
        _rows(layer.weight),
        tuple(layer.bias),
        str(layer.activation),
        layer.slope,
        getattr(layer, "pieces", 1),
        skips,
    )


def _rows(matrix: RationalMatrix) -> tuple[Rationals, ...]:
    return tuple(tuple(row) for row in matrix.rows())
