"""All activation regions of a network: the walk through the tree that proves it (FORMAT.md section 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from typing import ClassVar

from exactnet.checker.elimination import combination
from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.network import (
    AffineMap,
    Form,
    NetworkData,
    State,
    first_state,
    next_state,
    output_map,
)
from exactnet.checker.read import as_integer, as_list, reject, show
from exactnet.checker.sampling import Sample, Shape
from exactnet.checker.words import plural

__all__ = ["RegionTree", "Walk", "check_region_tree", "has_tournaments", "pattern_of"]

# a hostile file could keep the checker busy for ever: multiplications for all nodes of a tree
_MOST_WORK = 10**11


@dataclass(frozen=True)
class RegionTree(Fact):
    """All activation regions of a network in a domain, or some of them.

    `looked_at` says which part of the tree a sample saw; `n_open` is the number of leaves that claim nothing.
    """

    rule: ClassVar[str] = "region_tree"
    network: NetworkData
    domain: tuple[Form, ...]
    n_cells: int
    nodes: list[int]
    looked_at: str | None = None
    n_open: int = 0

    def conclusion(self) -> str:
        """State the count."""
        where = f" in the domain of {self.id}" if self.domain else ""
        number, tree = ("at least", "partial") if self.n_open else ("exactly", "complete")
        return (
            f"{self.network.id} has {number} {plural(self.n_cells, 'activation region')}{where} "
            f"({tree} region tree)"
        )

    def require_complete(self) -> None:
        """Reject what is said about all regions, where the tree leaves some open."""
        if self.n_open:
            reject(f"{self.id} leaves {plural(self.n_open, 'node')} open: nothing is known about all regions")

    def about(self) -> str:
        """Describe the network and the domain."""
        if not self.domain:
            return self.network.about()
        text = json.dumps([list(row) for row in self.domain], separators=(",", ":"))
        return (
            f"{self.network.about()}; the domain of {self.id} has {plural(len(self.domain), 'row')}, "
            f"fingerprint {hashlib.sha256(text.encode()).hexdigest()}"
        )


def check_region_tree(
    record: dict[str, object], name: str, known: Known, *, sample: Sample | None = None
) -> RegionTree:
    """Rule `region_tree`; of a sample only the paths to some leaves."""
    network = look_up(known, record, "network", NetworkData)
    domain = _read_domain(record["domain"], network.n_inputs)
    stated = as_integer(record["n_cells"], "n_cells", least=0)
    nodes: list[int] = []
    for i, x in enumerate(as_list(record["nodes"], "nodes")):
        if type(x) is not int:
            reject(f"nodes[{i}] must be an integer, got {show(x)}")
        nodes.append(x)
    shape = Shape(nodes, network.n_inputs, sample) if sample else None
    patterns: set[tuple[int, ...]] | None = set() if has_tournaments(network) else None
    walk = Walk(network, domain, nodes, shape=shape)
    n_leaves = 0
    for _ in walk.leaves():
        n_leaves += 1
        if patterns is not None:
            patterns.add(pattern_of(network, walk.sigma))
    if shape:
        # patterns that two leaves share can only be counted by looking at all of them
        if stated > shape.n_cells or (patterns is None and stated < shape.n_cells):
            reject(f"n_cells is {show(stated)}, and the tree has {plural(shape.n_cells, 'leaf', 'leaves')}")
        return RegionTree(name, network, domain, stated, nodes, shape.looked_at(name), shape.n_open)
    n_cells = n_leaves if patterns is None else len(patterns)
    if n_cells != stated:
        reject(f"n_cells is {show(stated)}, and the tree has {plural(n_cells, 'cell')}")
    return RegionTree(name, network, domain, n_cells, nodes, n_open=walk.n_open)


def _read_domain(value: object, n_inputs: int) -> tuple[Form, ...]:
    rows = [
        as_list(row, f"domain[{i}]", length=n_inputs + 1) for i, row in enumerate(as_list(value, "domain"))
    ]
    return tuple(
        tuple([as_integer(x, f"domain[{i}][{p}]") for p, x in enumerate(row)]) for i, row in enumerate(rows)
    )


def has_tournaments(network: NetworkData) -> bool:
    """Whether two leaves can have the same pattern: some unit has three pieces or more."""
    return any(layer.pieces > 2 for layer in network.layers)


def pattern_of(network: NetworkData, sigma: Sequence[int]) -> tuple[int, ...]:
    """The sign of every switch; for a maxout unit the last piece that took over, its largest."""
    found: list[int] = []
    for stage in network.stages:
        signs = sigma[stage.first : stage.first + stage.n_switches]
        if network.layers[stage.layer].activation != "maxout":
            found += signs
        elif stage.step == 1:
            found += [1 if s > 0 else 0 for s in signs]
        else:
            start = len(found) - len(signs)
            found[start:] = [stage.step if s > 0 else k for s, k in zip(signs, found[start:], strict=True)]
    return tuple(found)


class Walk:
    """Walks a tree in pre-order without recursion, and checks every node.

    Attributes
    ----------
    sigma : at a leaf, the sign of every switch.
    path : at a leaf, vectors that are >= 0 on its region and imply all others: infinity, the rows of the
        domain that are not zero, the forms of the splits from the root on, each with its sign.
    kept : at a leaf, how many of the first vectors of the path have not changed since the last leaf.
    n_open : how many leaves without a claim the walk has met.
    """

    def __init__(
        self,
        network: NetworkData,
        domain: Sequence[Form],
        nodes: Sequence[int],
        *,
        shape: Shape | None = None,
        trusted: bool = False,
    ) -> None:
        self.network = network
        self.nodes = nodes
        self.shape = shape
        self.trusted = trusted  # the nodes have been checked before: only follow them
        self.at = 0
        self.first = 1 + len(domain)  # the form number of switch 0
        # the resolved forms, with the sign that makes them >= 0; zero forms and open ones are None
        self.signed: list[Form | None] = [
            row if any(row) else None for row in [(0,) * network.n_inputs + (1,), *domain]
        ]
        self.path: list[Form] = [row for row in self.signed if row is not None]
        self.signed += [None] * network.n_switches
        self.sigma = [0] * network.n_switches
        self.kept = 0
        self.n_open = 0
        self._work = 0
        self._trail: list[int] = []  # the switches of nodes above, in their order
        self._open: list[tuple[int, int, Form]] = []  # splits whose second child is still to come
        # a stage that the path has reached, with the length of the trail then and when it is complete
        self._stages: list[tuple[State, int, int]] = []
        self._enter(first_state(network))

    def leaves(self) -> Iterator[int]:
        """Stop at every leaf that is a cell; yields the position of its node."""
        done = False
        while not done:
            if self.shape and (after := self.shape.skip(self.at)) is not None:
                self.at = after
                done = self._close()
                continue
            i = self.at
            code = self._take(1)[0]
            if code == 0:
                self._split()
            elif code == 1 or code == 2:
                self._implied(1 if code == 1 else -1, i)
            elif code == 3:
                self._cell(i)
                yield i
                self.kept = len(self.path)
                done = self._close()
            elif code == 4:
                self._empty(i)
                done = self._close()
            elif code == 5:
                self.n_open += 1
                done = self._close()
            else:
                reject(f"nodes[{i}]: no node has the code {show(code)}")
        if self.at != len(self.nodes):
            reject(f"nodes[{self.at}] comes after the end of the tree")

    def output(self) -> AffineMap:
        """At a leaf, the function of the network on its region, in lowest terms."""
        self.spend(self.network.work(len(self.network.stages)))
        if not self._stages:
            return output_map(self.network, None, ())
        state = self._stages[-1][0]
        stage = self.network.stages[state.number]
        return output_map(self.network, state, self.sigma[stage.first : stage.first + stage.n_switches])

    def _take(self, count: int) -> Sequence[int]:
        """The next integers of the list."""
        found = self.nodes[self.at : self.at + count]
        if len(found) < count:
            reject("the tree ends before its last leaf")
        self.at += count
        return found

    # -- where the walk is

    def _enter(self, state: State | None) -> None:
        """Go on to a stage; its zero forms have the sign -1 at once."""
        while state is not None:
            stage = self.network.stages[state.number]
            self.spend(self.network.work(state.number))
            n_open = 0
            for i, form in enumerate(state.forms, start=stage.first):
                self.sigma[i] = -1 if form is None else 0
                n_open += form is not None
            self._stages.append((state, len(self._trail), len(self._trail) + n_open))
            state = self._following() if n_open == 0 else None

    def _following(self) -> State | None:
        """The stage behind the one that is complete."""
        state = self._stages[-1][0]
        stage = self.network.stages[state.number]
        return next_state(self.network, state, self.sigma[stage.first : stage.first + stage.n_switches])

    def _form(self) -> tuple[int, Form]:
        """Read the number of a switch that is open on this path, and return it with its form."""
        i = self._take(1)[0]
        if self._stages:
            state, _, complete = self._stages[-1]
            stage = self.network.stages[state.number]
            k = i - stage.first
            if 0 <= k < stage.n_switches and self.sigma[i] == 0 and len(self._trail) < complete:
                form = state.forms[k]
                if form is not None:
                    return i, form
        reject(f"nodes[{self.at - 1}]: switch {show(i)} is not an open switch of the current stage")

    def _resolve(self, i: int, sign: int, signed: Form) -> None:
        self.sigma[i] = sign
        self.signed[self.first + i] = signed
        self._trail.append(i)
        if len(self._trail) == self._stages[-1][2]:
            self._enter(self._following())

    def _close(self) -> bool:
        """Leave a finished branch for the second child of the last open split; True if there is none."""
        if not self._open:
            return True
        length, n_path, form = self._open.pop()
        while self._stages[-1][1] > length:
            self._stages.pop()
        for i in self._trail[length:]:
            self.sigma[i] = 0
            self.signed[self.first + i] = None
        i = self._trail[length]
        del self._trail[length:], self.path[n_path:]
        self.kept = min(self.kept, n_path)
        signed = tuple([-x for x in form])
        self.path.append(signed)
        self._resolve(i, -1, signed)
        return False

    # -- the nodes

    def _split(self) -> None:
        i, form = self._form()
        self._open.append((len(self._trail), len(self.path), form))
        self.path.append(form)
        self._resolve(i, 1, form)

    def _implied(self, sign: int, at: int) -> None:
        """Check that the form with this sign is a non-negative combination of the resolved forms named."""
        i, form = self._form()
        vectors = self._named(at)
        target = form if sign > 0 else tuple([-x for x in form])
        if not self.trusted:
            found = self._combination(vectors, target)
            if found is None:
                reject(f"nodes[{at}]: the forms are dependent, or do not combine to the form of switch {i}")
            if min(found[1]) < 0:
                reject(f"nodes[{at}]: a multiplier is negative")
        self._resolve(i, sign, target)

    def _combination(self, vectors: list[Form], target: Form) -> tuple[int, list[int]] | None:
        self.spend(len(vectors) ** 2 * len(target))
        return combination(vectors, target)

    def spend(self, n_multiplications: int) -> None:
        """Count work that is about to be done, and reject what would take for ever."""
        self._work += n_multiplications
        if self._work > _MOST_WORK:
            reject(f"more than {_MOST_WORK} multiplications for the nodes of the tree")

    def _named(self, at: int) -> list[Form]:
        """Read k and k numbers of forms: the signed forms."""
        names = self._take(max(self._take(1)[0], 0))
        vectors: list[Form] = []
        last = -1
        for j in names:
            vector = self.signed[j] if last < j < len(self.signed) else None
            if vector is None:
                reject(f"nodes[{at}]: form {show(j)} is not resolved, is zero, or not in increasing order")
            vectors.append(vector)
            last = j
        if not vectors:
            reject(f"nodes[{at}]: no forms are named")
        return vectors

    def _require_complete(self, at: int) -> None:
        if self._stages:
            state, _, complete = self._stages[-1]
            missing = complete - len(self._trail)
            if missing or state.number + 1 < len(self.network.stages):
                reject(f"nodes[{at}]: {plural(missing, 'switch', 'switches')} of the stage open at a cell")

    def _cell(self, at: int) -> None:
        """Check that the point lies in the region: where the path is > 0, so is all that it implies."""
        self._require_complete(at)
        point = self._take(self.network.n_inputs + 1)
        if self.trusted:
            return
        if point[-1] <= 0:
            reject(f"nodes[{at}]: w must be positive, got {show(point[-1])}")
        self.spend(len(self.path) * len(point))
        for vector in self.path:
            if sum(map(mul, vector, point)) <= 0:
                reject(f"nodes[{at}]: the point is not inside: {self._place(vector)} is not positive there")

    def _place(self, vector: Form) -> str:
        j = next(j for j, other in enumerate(self.signed) if other is vector)
        if j >= self.first:
            i = j - self.first
            return f"switch {i} with the sign {self.sigma[i]}"
        return f"row {j - 1} of the domain" if j else "infinity"

    def _empty(self, at: int) -> None:
        """Check that the signed forms have one linear relation, with positive coefficients only."""
        vectors = self._named(at)
        if self.trusted:
            return
        found = None
        if len(vectors) > 1:
            found = self._combination(vectors[:-1], tuple([-x for x in vectors[-1]]))
        if found is None or min(found[1]) <= 0:
            reject(f"nodes[{at}]: the forms have no single relation with positive coefficients")
