"""Points that satisfy a property (FORMAT.md section 7, `counterexample`)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from operator import mul
from typing import ClassVar

from exactnet.checker.facts import Fact, Known
from exactnet.checker.network import NetworkData
from exactnet.checker.properties import Case, PropertyData, Row
from exactnet.checker.read import as_rationals, reject
from exactnet.checker.relu_bounds import Functional, Multipliers, Propagation
from exactnet.checker.relu_network import ReluNetwork, is_binary32, lowered
from exactnet.checker.verification import arithmetic, grid_box, of_one_kind
from exactnet.checker.words import equals

__all__ = ["COUNTEREXAMPLE_KEYS", "check_counterexample"]

COUNTEREXAMPLE_KEYS = ("network", "property", "semantics", "point")

Vector = tuple[Fraction, ...]

_GRID = 44
_MOST_BITS = 100_000


@dataclass(frozen=True)
class Counterexample(Fact):
    """A point at which a case holds."""

    rule: ClassVar[str] = "counterexample"
    network: NetworkData
    prop: PropertyData
    semantics: str
    case: int
    margin: Fraction | None

    def conclusion(self) -> str:
        """Say what holds at the point, and by how much."""
        margin = "without rows" if self.margin is None else f"smallest slack {equals(self.margin)}"
        return (
            f"the input {self.id} of {self.network.id} satisfies {self.prop.id}, "
            f"{arithmetic(self.semantics)}: case {self.case}, {margin}"
        )

    def about(self) -> str:
        """Describe the network and the property."""
        return f"{self.network.about()}; {self.prop.about()}"


def check_counterexample(record: dict[str, object], name: str, known: Known) -> Counterexample:
    """Rule `counterexample`."""
    network, prop, semantics = of_one_kind(record, known)
    point = as_rationals(record["point"], "point", length=prop.n_inputs)
    if any(max(q.numerator.bit_length(), q.denominator.bit_length()) > _MOST_BITS for q in point):
        reject(f"point has numbers of more than {_MOST_BITS} bits")
    relu_network = lowered(network)
    outputs = _values(relu_network, point)
    if semantics == "real":
        holds = [case.contains(point) and _all_hold(case, point, outputs) for case in prop.cases]
    else:
        holds = _hold_with_noise(relu_network, prop, point)
    if not any(holds):
        reject(f"no case holds at this point, {arithmetic(semantics)}")
    found = holds.index(True)
    slacks = [row.slack(point, outputs) for row in prop.cases[found].rows]
    return Counterexample(name, network, prop, semantics, found, min(slacks, default=None))


def _all_hold(case: Case, x: Vector, y: Vector) -> bool:
    return all(_is_enough(row, row.slack(x, y)) for row in case.rows)


def _is_enough(row: Row, slack: Fraction | int) -> bool:
    return slack > 0 or (slack == 0 and not row.strict)


def _values(network: ReluNetwork, point: Vector) -> Vector:
    """The outputs over the rationals; as integers over one denominator, layer by layer."""
    one = lcm(*(q.denominator for q in point))
    h = [int(q * one) for q in point]
    for layer in network.layers:
        z = [sum(map(mul, row, h)) + b * one for row, b in zip(layer.weight, layer.bias, strict=True)]
        h = [max(x, 0) if relu else x for x, relu in zip(z, layer.is_relu, strict=True)]
        one *= layer.denominator
        if one.bit_length() > _MOST_BITS * 10:
            reject(f"the outputs have denominators of more than {_MOST_BITS * 10} bits")
    return tuple(Fraction(x, one) for x in h)


def _hold_with_noise(network: ReluNetwork, prop: PropertyData, point: Vector) -> list[bool]:
    """For each case whether it holds for every evaluation in binary32."""
    for i, q in enumerate(point):
        if not is_binary32(q):
            reject(f"point[{i}] is no binary32 number")
    propagation = Propagation(network, _GRID, float32=True)
    bounds = propagation.root(*grid_box(point, point, _GRID))
    holds = []
    for case in prop.cases:
        den = case.denominator
        holds.append(
            case.contains(point)
            and all(
                _is_enough(row, propagation.least(bounds, _slack(row, den, network), Multipliers()))
                for row in case.rows
            )
        )
    return holds


def _slack(row: Row, q: int, network: ReluNetwork) -> Functional:
    """b - a.x - c.y."""
    u = [0] * network.n_outputs
    direct = [Fraction(0)] * network.n_inputs
    for j, c in row.outputs:
        u[j] = -int(c * q)
    for i, a in row.inputs:
        direct[i] = -a
    constant = (row.bound.numerator << _GRID) // row.bound.denominator
    return Functional(u, q, constant, direct if row.inputs else None)
