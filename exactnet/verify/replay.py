"""One binary32 execution of a network, beside what is known about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactnet.model import Property
from exactnet.verify.lowered import ReluNetwork

__all__ = ["Replay", "float32_replay"]


@dataclass(frozen=True)
class Replay:
    """What NumPy computes in binary32 at a point, in the order of summation that it happens to use.

    Attributes
    ----------
    outputs : the computed numbers.
    is_violated : whether some case of the property holds with these outputs, evaluated exactly.
    """

    outputs: tuple[Fraction, ...]
    is_violated: bool


def float32_replay(net: ReluNetwork, prop: Property, point: Sequence[Fraction]) -> Replay | None:
    """Run a network of relu and identity layers in binary32; None if a result is not finite.

    Parameters
    ----------
    net : its numbers are binary32 numbers, and so are those of the point.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.verify.lowered import lowered
    >>> net = lowered(Network.from_arrays([([[1, 1]], [0])]))
    >>> above = Property.from_box([0, 0], [1, 1], [[]])
    >>> float32_replay(net, above, (Fraction(1), Fraction(1, 2**30))).outputs
    (Fraction(1, 1),)
    """
    h = np.array([float(q) for q in point], dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in net.floats:
            z = layer.weight.astype(np.float32) @ h + layer.bias.astype(np.float32)
            h = np.where(layer.is_relu, np.maximum(z, np.float32(0)), z)
    if not np.isfinite(h).all():
        return None
    outputs = tuple(Fraction(float(value)) for value in h)
    return Replay(outputs, prop.violated_by(point, outputs) is not None)
