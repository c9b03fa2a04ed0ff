"""Go on from a proof that is not complete: closed leaves stay, an engine works on the boxes of the open ones.

A tree for the box of an open leaf takes the place of the leaf. Its bounds were guessed for that box alone;
inside the large tree they come from the nodes above: nearly always the proofs hold there too. The checker
decides; where it does not agree, the work starts from the beginning.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from exactnet.certificate import NoCounterexampleRecord, parse_certificate, property_fingerprint
from exactnet.certificate.types import NetworkFileRecord, NetworkRecord, PropertyFileRecord, PropertyRecord
from exactnet.certificate.write import network_fingerprint
from exactnet.errors import InputError
from exactnet.io.files import PathName, read_bytes
from exactnet.model.property import Case, Property
from exactnet.verify.engines import Engine, Proof, engine_for, prove
from exactnet.verify.input_split import prove_by_input_splitting
from exactnet.verify.instance import Instance
from exactnet.verify.lowered import ReluNetwork
from exactnet.verify.open_boxes import Leaf, leaves
from exactnet.verify.proofs import Limits, Tree

__all__ = ["Start", "continued", "load_start"]

# above this a float bound is written down: the bounds inside the large tree differ a little
_MARGIN = 2.0**-14


@dataclass(frozen=True)
class Start:
    """The trees of an unfinished proof, in one of the semantics."""

    semantics: str
    grid: int
    trees: tuple[Tree, ...]


def load_start(path: PathName, given: Instance) -> Start | None:
    """The unfinished proof in the file of a certificate about this network and this property.

    Returns
    -------
    Start : None if nothing in it can be continued.

    Raises
    ------
    InputError : no such file, or it is about something else; ParseError : no certificate.
    """
    content = read_bytes(path, what="certificate", suffixes=[".jsonl", ".gz"]).content
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    certificate = parse_certificate(content.decode("utf-8", "replace"), file=str(path))
    for record in certificate.records:
        if _differs(record, given):
            raise InputError(
                "the certificate is about something else",
                where=str(path),
                got=f"another {record.rule.partition('_')[0]}",
                expected="the network and the property of this run",
                hint="start without it",
            )
    for record in certificate.records:
        if isinstance(record, NoCounterexampleRecord):
            trees = tuple(
                _tree(tree.cases, tuple(tree.nodes), given.prop, record.grid) for tree in record.trees
            )
            return Start(record.semantics, record.grid, trees)
    return None


def _differs(record: object, given: Instance) -> bool:
    match record:
        case NetworkFileRecord():
            return record.fingerprint != given.model.fingerprint
        case NetworkRecord():
            return network_fingerprint(record) != given.model.fingerprint
        case PropertyFileRecord():
            return record.fingerprint != given.prop.fingerprint
        case PropertyRecord():
            return property_fingerprint(record) != given.prop.fingerprint
    return False


def _tree(cases: tuple[int, ...], nodes: tuple[int, ...], prop: Property, grid: int) -> Tree:
    found = Tree(cases, nodes, 0, False)
    are_open = [leaf.is_open for leaf in leaves(prop, found, grid)]
    return Tree(cases, nodes, len(are_open), not any(are_open))


def continued(
    net: ReluNetwork, prop: Property, start: Start, *, limits: Limits, engine: str = "auto"
) -> Proof:
    """Close what a start leaves open; what it has no tree for is searched as usual."""
    trees: list[Tree] = []
    n_nodes, reason = 0, "refuted"
    for tree in start.trees:
        open_leaves = [leaf for leaf in leaves(prop, tree, start.grid) if leaf.is_open]
        if any(leaf.is_split for leaf in open_leaves):
            continue  # the tree is done again from its root
        closed: dict[int, Tree] = {}
        for leaf in open_leaves:
            found = _engine(net, engine)(
                net,
                _on_the_box(prop, leaf, start.grid),
                leaf.cases,
                float32=start.semantics == "float32",
                grid=start.grid,
                limits=limits,
            )
            n_nodes += int(found.stats.get("n_nodes", 0))
            if found.witness is not None:
                return Proof(start.grid, tuple(trees), found.witness, found.reason, n_nodes)
            if found.tree is not None and found.tree.cases == leaf.cases:
                closed[leaf.position] = found.tree
            if found.tree is None or not found.tree.is_complete:
                reason = found.reason
        trees.append(_spliced(tree, closed, prop, start.grid))
    rest = _without(prop, {case for tree in trees for case in tree.cases})
    if rest.cases:
        others = prove(net, prop, float32=start.semantics == "float32", limits=limits, engine=engine)
        return Proof(others.grid, others.trees, others.witness, others.reason, n_nodes + others.n_nodes)
    return Proof(start.grid, tuple(trees), None, reason, n_nodes)


def _engine(net: ReluNetwork, name: str) -> Engine:
    engine = engine_for(net, name)
    return partial(engine, margin=_MARGIN) if engine is prove_by_input_splitting else engine


def _on_the_box(prop: Property, leaf: Leaf, grid: int) -> Property:
    """The property with the box of the leaf for its open cases; the numbers of the cases stay."""
    unit = 2**grid
    cases = list(prop.cases)
    for k in leaf.cases:
        case = prop.cases[k]
        lower = tuple(max(Fraction(a, unit), b) for a, b in zip(leaf.low, case.lower, strict=True))
        upper = tuple(min(Fraction(a, unit), b) for a, b in zip(leaf.high, case.upper, strict=True))
        cases[k] = Case(lower, upper, case.rows)
    return Property(prop.n_inputs, prop.n_outputs, tuple(cases))


def _spliced(tree: Tree, closed: dict[int, Tree], prop: Property, grid: int) -> Tree:
    """The tree with others in the places of its open leaves."""
    nodes: list[int] = []
    end = 0
    for position in sorted(closed):
        nodes += [*tree.nodes[end:position], *closed[position].nodes]
        end = position + 1
    nodes += tree.nodes[end:]
    return _tree(tree.cases, tuple(nodes), prop, grid)


def _without(prop: Property, done: set[int]) -> Property:
    left = tuple(case for k, case in enumerate(prop.cases) if k not in done)
    return Property(prop.n_inputs, prop.n_outputs, left)
