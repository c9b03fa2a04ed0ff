"""Trees of an engine, checked as certificates by the standard-library checker and the compiled one."""

from fractions import Fraction

from exactnet import checker
from exactnet.certificate import (
    Certificate,
    NoCounterexampleRecord,
    ProofTree,
    certificate_text,
    network_record,
)
from exactnet.model import Network, Property
from exactnet.verify.lowered import lowered
from exactnet.verify.proof import property_record
from exactnet.verify.proofs import Limits, Search, Tree, grid_for


def search(network: Network, prop: Property, engine, *, float32: bool = False, seconds: float = 30) -> Search:
    """One engine on all cases of a property, which have the same box."""
    net = lowered(network)
    cases = tuple(range(len(prop.cases)))
    return engine(net, prop, cases, float32=float32, grid=grid_for(net, prop), limits=Limits(seconds))


def verdict(network: Network, prop: Property, tree: Tree, *, float32: bool = False) -> str:
    """The verdict line of the standard-library checker."""
    records = (
        network_record(network),
        property_record(prop),
        NoCounterexampleRecord(
            "claim",
            "network",
            "property",
            "float32" if float32 else "real",
            grid_for(lowered(network), prop),
            (ProofTree(tree.cases, tree.nodes),),
        ),
    )
    text = certificate_text(Certificate("test", records, ("claim",)))
    return checker.check_text(text).line


def grid_violation(network: Network, prop: Property, steps: int = 12) -> tuple[Fraction, ...] | None:
    """Brute force: the first point of a rational grid over the box that satisfies a case."""
    case = prop.cases[0]
    axes = [
        [low + (high - low) * Fraction(k, steps) for k in range(steps + 1)]
        for low, high in zip(case.lower, case.upper, strict=True)
    ]
    points: list[tuple[Fraction, ...]] = [()]
    for axis in axes:
        points = [(*point, value) for point in points for value in axis]
    return next((x for x in points if prop.violated_by(x, tuple(network(x))) is not None), None)
