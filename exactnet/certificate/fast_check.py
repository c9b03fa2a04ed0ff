"""A second checker for the records `network`, `region_tree`, `count`, compiled, independent of the first.

It shares nothing with :mod:`exactnet.checker` but the page FORMAT.md, and nothing with the engine that
writes the trees. The walk over the nodes runs in float64 with proved error bounds
(:mod:`exactnet.certificate._fast_forms` derives them line by line); a sign is believed only outside its
bound, and whatever the bounds leave open is decided in integers. So a tree is accepted here exactly if its
nodes are right, and two programs would have to be wrong in the same place for a false claim to pass both.

Records of other rules (`faces`, those about training problems) are outside, and so are networks of more than
60 inputs or with numbers of very many digits: a certificate with one of them is handed to
:mod:`exactnet.checker` as a whole, and the verdict says so.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exactnet import checker
from exactnet.certificate._fast_count import check_count, is_countable
from exactnet.certificate._fast_exact import ExactForms, is_combination
from exactnet.certificate._fast_read import (
    Network,
    Refused,
    Tree,
    fingerprint,
    numbers_of_any_length,
    read_lines,
    read_network,
    read_tree,
)
from exactnet.certificate._fast_rows import fits

__all__ = ["FastVerdict", "fast_check"]


Signs = NDArray[np.int64]

_COUNT = "deletion and restriction"
_TREES = {"exactly": "complete region tree", "at least": "partial region tree"}


@dataclass(frozen=True)
class FastVerdict:
    """What the second checker says.

    Attributes
    ----------
    accepted, line, reason : as in the verdict of the first checker; its reasons have other words.
    n_leaves : cells of all region trees.
    n_exact : questions that floats left open, decided in integers of any size.
    handed_on : some record is outside, and this is the verdict of the first checker alone.
    """

    accepted: bool
    line: str
    reason: str = ""
    n_leaves: int = 0
    n_exact: int = 0
    handed_on: bool = False

    def __str__(self) -> str:
        return self.line


def fast_check(data: bytes | str) -> FastVerdict:
    """Check a certificate of region trees; what it accepts, the first checker accepts, and conversely.

    Parameters
    ----------
    data : the text of a certificate, or the bytes of a file, plain or compressed by gzip.

    Returns
    -------
    FastVerdict
        A bad certificate is a rejection, never an exception. Cost: reading, and a few microseconds a node.

    Examples
    --------
    >>> fast_check("hello").line
    'REJECTED step 0 (end): the file does not end with a line feed, or has no header and end'
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    place: list[int | str] = [0, "end"]
    with numbers_of_any_length():
        try:
            return _check(raw, place)
        except Refused as error:
            step = place[0] if error.step is None else error.step
            reason = str(error)
        except (MemoryError, RecursionError) as error:
            step, reason = place[0], f"too big for this computer ({type(error).__name__})"
        except Exception as error:  # a mistake in here must not become an acceptance or a crash
            step, reason = place[0], f"the checker could not follow this step ({type(error).__name__})"
    return FastVerdict(False, f"REJECTED step {step} ({place[1]}): {reason}", reason)


def _check(raw: bytes, place: list[int | str]) -> FastVerdict:
    lines = read_lines(raw)
    networks: dict[str, Network] = {}
    trees: dict[str, Tree] = {}
    partial: set[str] = set()
    n_leaves = n_exact = 0
    if not all(record.get("rule") in ("network", "region_tree", "count") for record in lines.records):
        return _handed_on(raw)
    counts: dict[str, Tree] = {}
    for step, record in enumerate(lines.records, start=1):
        place[:] = [step, record["rule"]]
        if record["rule"] == "network":
            networks[record["id"]] = network = read_network(record)
            if not fits(network):
                return _handed_on(raw)
            continue
        if record["rule"] == "count":
            if not is_countable(record, trees):
                return _handed_on(raw)
            tree = counts[record["id"]] = trees[record["cells"]]
            if tree.id in partial:
                raise Refused(f"{tree.id} leaves nodes open: nothing is known about all regions")
            check_count(networks[tree.network], tree)
            continue
        tree = read_tree(record, networks)
        found = check_tree(networks[tree.network], tree)
        trees[tree.id] = tree
        n_leaves, n_exact = n_leaves + found[0], n_exact + found[1]
        if found[2]:
            partial.add(tree.id)
    place[:] = [len(lines.records) + 1, "end"]
    conclusions = _conclusions(lines.claims, networks, trees, counts, partial=partial)
    n = len(lines.records)
    line = f"ACCEPTED {n} step{'s' * (n != 1)}: {'; '.join(conclusions)}"
    return FastVerdict(True, line, "", n_leaves, n_exact)


def _handed_on(raw: bytes) -> FastVerdict:
    verdict = checker.check_bytes(raw)
    return FastVerdict(verdict.accepted, verdict.line, verdict.reason, handed_on=True)


# -- one tree ------------------------------------------------------------------------------------------


def check_tree(network: Network, tree: Tree) -> tuple[int, int, int]:
    """Walk through a tree; returns the cells, the questions decided exactly, the leaves left open.

    Raises
    ------
    Refused : a node is wrong, or the count.
    """
    from exactnet.certificate import _fast_walk as w  # compiles, or reads what was compiled
    from exactnet.certificate._fast_tables import make_tables, make_work

    T = make_tables(network, len(tree.domain))
    K = make_work(T, tree)
    state = np.zeros(w.N_STATE, dtype=np.int64)
    state[w.STAGE] = state[w.GRANTED] = -1
    state[w.FIXED] = 1 + sum(any(row) for row in tree.domain)
    questions = _Questions(network, tree)
    patterns: set[bytes] = set()
    while True:
        status = w.walk(tree.nodes, state, T, K)
        if status == w.FLUSH or status == w.DONE:
            patterns.update(row.tobytes() for row in K.patterns[: state[w.PATTERNS]])
            state[w.PATTERNS] = 0
            if status == w.DONE:
                break
        elif status == w.BAD:
            raise Refused(f"nodes[{state[w.POS]}]: {w.REASONS[state[w.AUX]]}")
        elif status == w.ASK_ZERO:
            stage = int(state[w.AUX])
            first = int(T.facts[1] + T.stages[stage, 1])
            for j in range(first, first + int(T.stages[stage, 2])):
                if K.zero[j] == 2:
                    K.zero[j] = questions.is_zero(j, K.sigma)
            state[w.GRANTED] = stage
        else:
            at = int(state[w.POS])
            walls = K.walls[: state[w.WALLS]].tolist()
            questions.node(at, K.sigma, walls if status == w.ASK_POINT else None)
            state[w.GRANTED] = at + len(T.stages)
    n_leaves, n_open = int(state[w.LEAVES]), int(state[w.UNSAID])
    n_cells = len(patterns) if T.facts[5] else n_leaves
    if n_cells != tree.n_cells:
        raise Refused(f"n_cells is {str(tree.n_cells)[:40]}, and the tree has {n_cells} patterns")
    return n_leaves, questions.n_asked, n_open


class _Questions:
    """Answers in integers what the compiled walk asks."""

    def __init__(self, network: Network, tree: Tree) -> None:
        self.tree = tree
        self.base = 1 + len(tree.domain)
        self.forms = ExactForms(network, tree)
        self.n_asked = 0

    def is_zero(self, j: int, sigma: Signs) -> bool:
        self.n_asked += 1
        return not any(self.forms.at(sigma[self.base :]).form(j))

    def node(self, at: int, sigma: Signs, walls: Sequence[int] | None) -> None:
        """Decide the node at this position; `walls` are the forms of the splits, for a cell.

        Raises
        ------
        Refused : it is wrong.
        """
        self.n_asked += 1
        forms = self.forms.at(sigma[self.base :])
        code = self._integer(at)
        if code == 3:
            self._point(at + 1, sigma, [*range(self.base), *(walls or ())])
            return
        head = 2 if code == 4 else 3
        names = [self._integer(at + head + b) for b in range(self._integer(at + head - 1))]
        if code == 4:
            target, sign = names.pop(), 0
            sign = -int(sigma[target])
        else:
            target, sign = self.base + self._integer(at + 1), 3 - 2 * code
        goal = tuple(sign * x for x in forms.form(target))
        signs = [int(sigma[j]) for j in names]
        if not is_combination([forms.form(j) for j in names], signs, goal, strict=code == 4):
            raise Refused(f"nodes[{at}]: the forms do not combine as they should")

    def _point(self, at: int, sigma: Signs, names: Sequence[int]) -> None:
        point = [self._integer(at + k) for k in range(self.forms.D)]
        for j in names:
            form = self.forms.form(j)
            value = sum(a * x for a, x in zip(form, point, strict=True))
            # rows of zeros say nothing; switches whose form is zero are never split
            if any(form) and value * int(sigma[j]) <= 0:
                raise Refused(f"nodes[{at - 1}]: the point is not in the cell")

    def _integer(self, at: int) -> int:
        return self.tree.huge.get(at, int(self.tree.nodes[at]))


# -- conclusions ---------------------------------------------------------------------------------------


def _conclusions(
    claims: Sequence[str],
    networks: dict[str, Network],
    trees: dict[str, Tree],
    counts: dict[str, Tree],
    *,
    partial: Container[str],
) -> list[str]:
    """What the claims say, and then the data that they speak about (FORMAT.md section 8)."""
    found: list[str] = []
    about: dict[str, None] = {}
    for claim in claims:
        if claim not in trees and claim not in counts:
            raise Refused(f"claims names {claim}, which has no conclusion")
        number = "at least" if claim in partial else "exactly"
        tree, how = (trees[claim], _TREES[number]) if claim in trees else (counts[claim], _COUNT)
        where = f" in the domain of {claim}" if tree.domain and claim in trees else ""
        n = tree.n_cells
        found.append(f"{tree.network} has {number} {n} activation region{'s' * (n != 1)}{where} ({how})")
        about[_description(networks[tree.network], tree)] = None
    return [*found, *about]


def _description(network: Network, tree: Tree) -> str:
    layers = ", ".join(f"{layer.n_units} {layer.activation}" for layer in network.layers)
    d, m = network.n_inputs, len(tree.domain)
    text = (
        f"{network.id} is the network with {d} input{'s' * (d != 1)} and "
        f"{f'layers {layers}' if layers else 'no layers'}, fingerprint {network.fingerprint}"
    )
    if not m:
        return text
    return (
        f"{text}; the domain of {tree.id} has {m} row{'s' * (m != 1)}, "
        f"fingerprint {fingerprint([list(row) for row in tree.domain])}"
    )
