"""A few data sets, degenerate ones among them, and their whole certificates."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from exactnet.certificate import Certificate
from tests.support.small_certificates import neuron, whole_certificate

DATA: dict[str, tuple[list[list[int | str]], list[int | str]]] = {
    "plain": ([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"]),
    # a zero row, duplicates, multiples, opposites
    "degenerate": ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2], [-1, -1]], [1, 2, 1, 3, -1, "1/3"]),
    "line": ([[-1], [0], [1], [2]], [0, 1, 0, 1]),
    "rank one": ([[1, 2], [2, 4], ["-1/3", "-2/3"]], [1, -1, 2]),
    "one": ([[1]], [1]),
    "nothing": ([[0, 0]], [1]),
    "cube": ([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], [1, -1, 2, 0]),
}
SETTINGS = [(norm, bias) for norm in ("l1", "l2", "linf") for bias in ("none", "penalised", "free")]
LOSSES = ("squared", "hinge", "logistic", "l1")


@cache
def tiny(
    data: str = "plain",
    *,
    norm: str = "l2",
    bias: str = "none",
    mirror: bool = True,
    by: str = "leaves",
    loss: str = "squared",
    kappa: str = "0",
) -> Certificate:
    """A whole certificate of one of the data sets; hinge and logistic take the signs of the targets."""
    features, targets = DATA[data]
    if loss in ("hinge", "logistic"):
        targets = [1 if Fraction(y) > 0 else -1 for y in targets]
    dimension = len(features[0]) + (bias != "none")
    neurons = [
        neuron(["1/2", "-1/3", "1", "1/5"][:dimension], "2/3"),
        neuron([-1, 2, 3, -2][:dimension], "-1/7"),
    ]
    return whole_certificate(
        features,
        targets,
        norm=norm,
        bias=bias,
        mirror=mirror,
        by=by,
        neurons=neurons,
        loss=loss,
        kappa=kappa,
    )
