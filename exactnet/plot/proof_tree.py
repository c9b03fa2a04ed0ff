"""How a property was decided: the boxes of a proof, or where in its box a counterexample lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    NoCounterexampleRecord,
    PropertyFileRecord,
    PropertyRecord,
)
from exactnet.errors import UnsupportedError
from exactnet.model.property import Case, Property, Row
from exactnet.plot.canvas import GREY, ORANGE, SKY, VERMILION, new_figure, tidy
from exactnet.verify.open_boxes import leaves
from exactnet.verify.proofs import Tree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["proof_figure"]

# rectangles drawn on top of one another: more of them are only a blot
MOST_BOXES = 20_000
MOST_INPUTS = 40


class _Piece(NamedTuple):
    """A leaf: its box as shares of the ranges of the inputs, how it was closed, how often it was halved."""

    low: tuple[float, ...]
    high: tuple[float, ...]
    kind: str
    depth: int


KINDS = {"closed": SKY, "closed after splits of units": ORANGE, "open": VERMILION}


def proof_figure(certificate: Certificate, *, folder: str | Path = ".") -> Figure:
    """Draw the claim of a verification certificate.

    A proof is drawn as its boxes over the two inputs that were halved most often (with more of them, boxes
    lie on top of one another), beside the number of boxes for each number of halvings. A counterexample is
    drawn as its place in the range of each input.

    Parameters
    ----------
    certificate : of `exactnet verify`.
    folder : where the certificate is; a property file that it names is found from there.

    Raises
    ------
    UnsupportedError : no such claim in the certificate, or a tree of more than 20,000 leaves.
    """
    for claim in certificate.records:
        if isinstance(claim, NoCounterexampleRecord):
            return _tree_figure(claim, _property(certificate, claim.property, Path(folder)))
        if isinstance(claim, CounterexampleRecord):
            return _point_figure(claim, _property(certificate, claim.property, Path(folder)))
    raise UnsupportedError(
        "there is no proof tree to draw: the certificate is not about a property",
        hint="make one with `exactnet verify`",
    )


def _property(certificate: Certificate, name: str, folder: Path) -> Property:
    record = next(record for record in certificate.records if record.id == name)
    if isinstance(record, PropertyFileRecord):
        from exactnet.io import load_vnnlib

        return load_vnnlib(folder / record.file)
    assert isinstance(record, PropertyRecord)
    cases = tuple(
        Case(lower, upper, tuple(Row(x, y, bound, relation == "<") for x, y, bound, relation in rows))
        for lower, upper, rows in record.cases
    )
    return Property(record.n_inputs, record.n_outputs, cases)


# -- a proof ------------------------------------------------------------------------------------------------


def _pieces(claim: NoCounterexampleRecord, prop: Property) -> Iterator[_Piece]:
    unit = 2.0**-claim.grid
    for part in claim.trees:
        tree = Tree(part.cases, tuple(int(n) for n in part.nodes), 0, True)
        box = prop.cases[part.cases[0]]
        start = [float(x) for x in box.lower]
        width = [float(b - a) or 1.0 for a, b in zip(box.lower, box.upper, strict=True)]
        for leaf in leaves(prop, tree, claim.grid):
            kind = "open" if leaf.is_open else "closed after splits of units" if leaf.is_split else "closed"
            low = tuple((x * unit - a) / w for x, a, w in zip(leaf.low, start, width, strict=True))
            high = tuple((x * unit - a) / w for x, a, w in zip(leaf.high, start, width, strict=True))
            yield _Piece(low, high, kind, sum(map(_halvings, low, high)))


def _tree_figure(claim: NoCounterexampleRecord, prop: Property) -> Figure:
    pieces = []
    for piece in _pieces(claim, prop):
        pieces.append(piece)
        if len(pieces) > MOST_BOXES:
            raise UnsupportedError(
                "the proof has too many leaves to be drawn",
                got=f"more than {MOST_BOXES}",
                expected=f"at most {MOST_BOXES}",
            )
    figure = new_figure(9.5, 4.4)
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    _draw_boxes(left, pieces, prop.n_inputs)
    _draw_depths(right, pieces)
    n_open = sum(piece.kind == "open" for piece in pieces)
    state = f"{n_open} open" if n_open else "all closed"
    verdict = "Undecided" if n_open else "No counterexample"
    figure.suptitle(f"{verdict} ({claim.semantics}): {len(pieces)} leaves, {state}", fontsize=11)
    return figure


def _halvings(low: float, high: float) -> int:
    """How often a range of length 1 was halved; a range that is a point never was."""
    return round(1 / max(high - low, 2.0**-60)).bit_length() - 1 if high > low else 0


def _halved(pieces: list[_Piece], n_inputs: int) -> list[int]:
    """The inputs, those that were halved most often first."""
    count: Counter[int] = Counter()
    for piece in pieces:
        for i, (a, b) in enumerate(zip(piece.low, piece.high, strict=True)):
            count[i] += _halvings(a, b)
    return sorted(range(n_inputs), key=lambda i: (-count[i], i))


def _draw_boxes(axes: Axes, pieces: list[_Piece], n_inputs: int) -> None:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Patch, Rectangle

    order = _halved(pieces, n_inputs)
    i, j = order[0], order[1] if n_inputs > 1 else None
    others = [k for k in order[2:] if any(p.high[k] - p.low[k] < 0.999 for p in pieces)]
    for kind, colour in KINDS.items():
        patches = [
            Rectangle(
                (p.low[i], p.low[j] if j is not None else 0.0),
                p.high[i] - p.low[i],
                p.high[j] - p.low[j] if j is not None else 1.0,
            )
            for p in pieces
            if p.kind == kind
        ]
        face = (colour, 0.12 if others else 0.55)
        axes.add_collection(PatchCollection(patches, facecolor=face, edgecolor=GREY, linewidth=0.4))
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel=f"x{i + 1}, share of its range")
    axes.set_ylabel(f"x{j + 1}, share of its range" if j is not None else "")
    if j is None:
        axes.set_yticks([])
    title = f"also halved, not shown: {', '.join(f'x{k + 1}' for k in others[:6])}" if others else "the boxes"
    axes.set_title(title, fontsize=9)
    used = [kind for kind in KINDS if any(p.kind == kind for p in pieces)]
    handles = [Patch(facecolor=(KINDS[kind], 0.55), edgecolor=GREY, label=kind) for kind in used]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3, frameon=False)
    tidy(axes)


def _draw_depths(axes: Axes, pieces: list[_Piece]) -> None:
    from matplotlib.ticker import MaxNLocator

    depths = range(max(piece.depth for piece in pieces) + 1)
    bottom = [0] * len(depths)
    for kind, colour in KINDS.items():
        count = Counter(piece.depth for piece in pieces if piece.kind == kind)
        heights = [count[depth] for depth in depths]
        axes.bar(list(depths), heights, bottom=bottom, color=colour, width=0.8)
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    axes.set(xlabel="times the box was halved", ylabel="leaves")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    tidy(axes)


# -- a counterexample ---------------------------------------------------------------------------------------


def _point_figure(claim: CounterexampleRecord, prop: Property) -> Figure:
    case = _case_around(claim.point, prop)
    n = min(prop.n_inputs, MOST_INPUTS)
    figure = new_figure(6.5, 1.4 + 0.28 * n)
    axes = figure.add_subplot()
    for i in range(n):
        width = case.upper[i] - case.lower[i]
        share = float((claim.point[i] - case.lower[i]) / width) if width else 0.5
        axes.plot([0, 1], [i, i], color=GREY, linewidth=1)
        axes.plot([share], [i], "o", color=VERMILION)
        axes.text(1.03, i, f"{float(claim.point[i]):.6g}", va="center", fontsize=8)
    axes.set_yticks(range(n), [f"x{i + 1}" for i in range(n)])
    axes.set(xlim=(-0.03, 1.03), ylim=(n - 0.4, -0.6), xlabel="place between the ends of the input set")
    more = f", the first {n} of {prop.n_inputs} inputs" if n < prop.n_inputs else ""
    axes.set_title(f"A counterexample ({claim.semantics}){more}", fontsize=11)
    tidy(axes)
    return figure


def _case_around(point: tuple[Fraction, ...], prop: Property) -> Case:
    """The first case whose box holds the point."""
    for case in prop.cases:
        if all(a <= x <= b for a, x, b in zip(case.lower, point, case.upper, strict=True)):
            return case
    raise UnsupportedError(
        "the counterexample is outside of the input set", hint="the checker rejects this certificate"
    )
