"""Trees that show that a property has no counterexample (FORMAT.md section 7, `no_counterexample`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import ClassVar, NamedTuple

from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.network import NetworkData
from exactnet.checker.properties import Case, PropertyData
from exactnet.checker.read import as_integer, as_list, as_object, one_of, reject, require_keys
from exactnet.checker.relu_bounds import Propagation, Split
from exactnet.checker.relu_network import lowered, require_float32
from exactnet.checker.relu_proofs import CaseProofs, Place, Stream
from exactnet.checker.words import decimal, plural

__all__ = [
    "VERIFICATION_KEYS",
    "arithmetic",
    "check_no_counterexample",
    "grid_box",
    "of_one_kind",
]

_SEMANTICS = ("real", "float32")
VERIFICATION_KEYS = ("network", "property", "semantics", "grid", "trees")

Ints = list[int]
Vector = tuple[Fraction, ...]

_BISECTION, _SPLIT, _REFINE, _CLOSED, _CLOSE_SOME, _EMPTY, _OPEN = range(7)
_MOST_BITS = 4096
_MOST_DEPTH = 10_000


class TreeShape(NamedTuple):
    """What a checked tree shows: its cases hold nowhere, but for a share `open_share` of the box at most."""

    cases: tuple[int, ...]
    n_leaves: int
    n_open: int
    open_share: Fraction


@dataclass(frozen=True)
class NoCounterexample(Fact):
    """Cases that hold nowhere, or nowhere outside of some open boxes."""

    rule: ClassVar[str] = "no_counterexample"
    network: NetworkData
    prop: PropertyData
    semantics: str
    trees: tuple[TreeShape, ...]

    @property
    def is_partial(self) -> bool:
        """Whether something is left open."""
        n_cases = sum(len(tree.cases) for tree in self.trees)
        return n_cases < len(self.prop.cases) or any(tree.n_open for tree in self.trees)

    def conclusion(self) -> str:
        """Say what was proved."""
        network, prop = self.network.id, self.prop.id
        if self.is_partial:
            return f"{self.id} is partial: {self._parts()}"
        if all(case.is_empty for case in self.prop.cases):
            why = "every case has an empty box" if self.prop.cases else "there is no case"
            return f"no input of {network} satisfies {prop}, vacuously: {why}"
        n_leaves = sum(tree.n_leaves for tree in self.trees)
        return (
            f"no input of {network} satisfies {prop}, {arithmetic(self.semantics)} "
            f"({plural(len(self.prop.cases), 'case')}, {plural(n_leaves, 'leaf', 'leaves')})"
        )

    def _parts(self) -> str:
        parts = [_part(tree) for tree in self.trees] or ["nothing is proved"]
        text = f"{self.network.id} and {self.prop.id}, {arithmetic(self.semantics)}: {', '.join(parts)}"
        missing = len(self.prop.cases) - sum(len(tree.cases) for tree in self.trees)
        return text + (f", nothing about {plural(missing, 'other case')}" if missing else "")

    def about(self) -> str:
        """Describe the network and the property."""
        return f"{self.network.about()}; {self.prop.about()}"


def arithmetic(semantics: str) -> str:
    """The semantics in words."""
    if semantics == "real":
        return "in real arithmetic"
    return "in binary32 with sums in any order, and in real arithmetic"


def _part(tree: TreeShape) -> str:
    cases = f"case{'s' if len(tree.cases) > 1 else ''} {' '.join(map(str, tree.cases[:20]))}"
    more = "" if len(tree.cases) <= 20 else f" and {len(tree.cases) - 20} more"
    if not tree.n_open:
        return f"{cases}{more} satisfied nowhere"
    share = decimal(tree.open_share, up=True)
    return f"{cases}{more} satisfied nowhere but in a share of at most {share} of the box"


# --------------------------------------------------------------------------------------------- record


def check_no_counterexample(record: dict[str, object], name: str, known: Known) -> NoCounterexample:
    """Rule `no_counterexample`."""
    network, prop, semantics = of_one_kind(record, known)
    grid = as_integer(record["grid"], "grid", least=1)
    if grid > 60:
        reject(f"grid must be at most 60, got {grid}")
    propagation = Propagation(lowered(network), grid, float32=semantics == "float32")
    used: set[int] = set()
    trees = []
    for k, value in enumerate(as_list(record["trees"], "trees")):
        cases, nodes = _read_tree(value, f"trees[{k}]", prop)
        if used & set(cases):
            reject(f"trees[{k}] has a case that another tree has")
        used |= set(cases)
        trees.append(_Tree(propagation, prop, cases, nodes).walk())
    return NoCounterexample(name, network, prop, semantics, tuple(trees))


def of_one_kind(record: dict[str, object], known: Known) -> tuple[NetworkData, PropertyData, str]:
    """The network, the property and the semantics of a record, which have to fit."""
    network = look_up(known, record, "network", NetworkData)
    prop = look_up(known, record, "property", PropertyData)
    semantics = one_of(record["semantics"], _SEMANTICS, "semantics")
    n_outputs = network.layers[-1].n_units if network.layers else network.n_inputs
    if (network.n_inputs, n_outputs) != (prop.n_inputs, prop.n_outputs):
        reject(
            f"the network has {network.n_inputs} inputs and {n_outputs} outputs, "
            f"the property {prop.n_inputs} and {prop.n_outputs}"
        )
    if semantics == "float32":
        require_float32(network)
    for case in prop.cases:
        _require_modest(case)
    return network, prop, semantics


def _require_modest(case: Case) -> None:
    """Reject numbers that would make every step slow."""
    coefficients = [q for row in case.rows for _, q in (*row.inputs, *row.outputs)]
    for q in (*case.lower, *case.upper, *coefficients, *(row.bound for row in case.rows)):
        if max(q.numerator.bit_length(), q.denominator.bit_length()) > _MOST_BITS:
            reject(f"the property has numbers of more than {_MOST_BITS} bits")
    if case.denominator.bit_length() > _MOST_BITS:
        reject(f"the rows of a case have a common denominator of more than {_MOST_BITS} bits")


def _read_tree(value: object, where: str, prop: PropertyData) -> tuple[tuple[int, ...], Ints]:
    entry = as_object(value, where)
    require_keys(entry, ("cases", "nodes"), where)
    cases = [as_integer(c, f"{where}.cases", least=0) for c in as_list(entry["cases"], f"{where}.cases")]
    if not cases or sorted(set(cases)) != cases or cases[-1] >= len(prop.cases):
        reject(f"{where}.cases must be numbers of cases, at least one, strictly increasing")
    first = prop.cases[cases[0]]
    if any(prop.cases[c][:2] != first[:2] for c in cases):
        reject(f"{where}.cases have different boxes")
    nodes = as_list(entry["nodes"], f"{where}.nodes")
    if not set(map(type, nodes)) <= {int}:
        reject(f"{where}.nodes must be integers")
    return tuple(cases), nodes  # type: ignore[return-value]


def grid_box(lower: Vector, upper: Vector, grid: int) -> tuple[Ints, Ints]:
    """The smallest box of grid units around a box of rationals."""
    return (
        [(q.numerator << grid) // q.denominator for q in lower],
        [-((-q.numerator << grid) // q.denominator) for q in upper],
    )


# ----------------------------------------------------------------------------------------------- tree


@dataclass(frozen=True)
class _Node(Place):
    """A node: its box as rationals and, in the bounds, on the grid; its splits and open cases."""

    cases: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the bounds or the exact box show that the node has no points."""
        return self.bounds.is_empty or any(a > b for a, b in zip(self.lower, self.upper, strict=True))


class _Tree:
    """One walk through a tree, in the order of its nodes."""

    def __init__(
        self, propagation: Propagation, prop: PropertyData, cases: tuple[int, ...], nodes: Ints
    ) -> None:
        self.propagation, self.stream, self.cases = propagation, Stream(nodes), cases
        self.box = prop.cases[cases[0]][:2]
        self.proofs = {c: CaseProofs(propagation, prop.cases[c]) for c in cases}
        self.n_leaves = self.n_open = 0
        # nodes that are still to be made, and the shares of nodes whose children are to be joined
        self.waiting: list[Callable[[], _Node] | Fraction] = [self._root]
        self.shares: list[Fraction] = []

    def walk(self) -> TreeShape:
        """Check all nodes."""
        while self.waiting:
            if len(self.waiting) > _MOST_DEPTH:
                reject(f"the tree has more than {_MOST_DEPTH} nodes waiting at a time")
            task = self.waiting.pop()
            if callable(task):
                self._check(task())
                continue
            both = self.shares.pop() + self.shares.pop()
            self.shares.append(min(both, task))
        if self.stream.position != len(self.stream.values):
            reject("the nodes go on behind the last leaf")
        return TreeShape(self.cases, self.n_leaves, self.n_open, self.shares[0])

    def _root(self) -> _Node:
        lower, upper = self.box
        bounds = self.propagation.root(*grid_box(lower, upper, self.propagation.grid))
        return _Node(lower, upper, bounds, (), self.cases)

    def _share(self, node: _Node) -> Fraction:
        """What the exact box of a node has of the volume of the root, without inputs that are fixed there."""
        share = Fraction(1)
        for a, b, low, high in zip(node.lower, node.upper, *self.box, strict=True):
            if a > b:
                return Fraction(0)
            if low < high and (a, b) != (low, high):
                share *= (b - a) / (high - low)
        return share

    def _check(self, node: _Node) -> None:
        """The codes of a node, up to its leaf or its children."""
        while True:
            at = self.stream.position
            match self.stream.take("a node", least=0, below=7):
                case 0:
                    return self._bisect(node)
                case 1:
                    return self._split(node)
                case 2:
                    bounds = self.propagation.refined(node.bounds, node.bounds.lo, node.bounds.hi)
                    node = replace(node, bounds=bounds)
                case 3:
                    self._close(node, node.cases)
                    return self._leaf(Fraction(0))
                case 4:
                    node = self._close_some(node)
                case 5:
                    if not node.is_empty:
                        reject(f"the node at position {at} of the nodes is not shown to be empty")
                    return self._leaf(Fraction(0))
                case _:
                    self.n_open += 1
                    return self._leaf(self._share(node))

    def _leaf(self, open_share: Fraction) -> None:
        self.n_leaves += 1
        self.shares.append(open_share)

    def _close(self, node: _Node, cases: Sequence[int]) -> None:
        for c in cases:
            self.proofs[c].check(self.stream, node)

    def _close_some(self, node: _Node) -> _Node:
        """The node with fewer open cases."""
        n, below = self.stream.take("the number of cases", least=1, below=len(node.cases)), self.cases[-1] + 1
        closed = list(self.stream.increasing(n, "the number of a case", below=below))
        rest = set(node.cases).difference(closed)
        if len(rest) + n != len(node.cases):
            reject(f"a case that is not open is closed before position {self.stream.position} of the nodes")
        self._close(node, closed)
        return replace(node, cases=tuple(c for c in node.cases if c in rest))

    def _bisect(self, node: _Node) -> None:
        i = self.stream.take("the number of an input", least=0, below=len(node.lower))
        parent = replace(node, bounds=node.bounds.without_views())
        lower, upper = partial(self._half, parent, i, upper=False), partial(self._half, parent, i, upper=True)
        self.waiting += [self._share(node), upper, lower]

    def _half(self, parent: _Node, i: int, *, upper: bool) -> _Node:
        lo, hi = list(parent.bounds.lo), list(parent.bounds.hi)
        middle = (lo[i] + hi[i]) >> 1
        cut = Fraction(middle, 1 << self.propagation.grid)
        lowest, highest = list(parent.lower), list(parent.upper)
        if upper:
            lo[i], lowest[i] = middle, max(lowest[i], cut)
        else:
            hi[i], highest[i] = middle, min(highest[i], cut)
        bounds = self.propagation.refined(parent.bounds, lo, hi)
        return _Node(tuple(lowest), tuple(highest), bounds, parent.splits, parent.cases)

    def _split(self, node: _Node) -> None:
        layers = self.propagation.network.layers
        m = self.stream.take("the number of a layer", least=1, below=len(layers) + 1)
        unit = self.stream.take("the number of a unit", least=0, below=len(layers[m - 1].bias))
        if not layers[m - 1].is_relu[unit]:
            reject(f"unit {unit} of layer {m} is split, and is no relu unit")
        first, second = Split(m, unit, 1), Split(m, unit, -1)
        later = replace(node, bounds=node.bounds.without_views())
        share = self._share(node)
        self.waiting += [share, partial(self._side, later, second), partial(self._side, node, first)]

    def _side(self, parent: _Node, split: Split) -> _Node:
        bounds = self.propagation.split(parent.bounds, split)
        return replace(parent, bounds=bounds, splits=(*parent.splits, split))
