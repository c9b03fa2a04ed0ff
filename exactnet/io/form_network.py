"""From forms to a network: stages become layers, in an order in which each reads earlier ones only.

Stages that read equally deep, with the same activation, make one layer: parallel branches stay side by side.
What a layer reads from another layer than the one before it becomes a skip connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.exact import RationalMatrix
from exactnet.io.forms import ZERO, Array, Form, NotInClass, Stage, affine_rows, entries, stages_of
from exactnet.model import AffineLayer, Network, Provenance, Skip

__all__ = ["to_network"]


def to_network(outputs: Array, *, like: Array, provenance: Provenance) -> Network:
    """The network from the forms `like` (made by `inputs`) to `outputs`, both in row-major order.

    Stages that the outputs do not depend on are left out.

    Raises
    ------
    NotInClass : `like` is a constant.

    Examples
    --------
    >>> from exactnet.io.form_activations import activate
    >>> from exactnet.io.forms import inputs
    >>> from exactnet.model import Activation
    >>> x = inputs((1,))
    >>> y = x + activate(2 * x, Activation.RELU)
    >>> residual = to_network(y, like=x, provenance=Provenance("example"))
    >>> residual, residual([3])
    (Network(1 -> 1 relu -> 1 + skip 0, from example), (Fraction(9, 1),))
    """
    start = stages_of(like)
    if len(start) != 1:
        raise NotInClass("its input is a constant")
    ends = stages_of(outputs)
    groups = _groups(ends)
    plan = _Plan({start[0]: (0, 0)}, [start[0].width])
    layers = []
    for group in groups:
        parts = [(stage.sources, len(stage.bias)) for stage in group]
        weight, skips = plan.weights(parts)
        bias = tuple(b for stage in group for b in stage.bias)
        first = group[0]
        layers.append(AffineLayer(weight, bias, first.activation, first.slope, first.pieces, skips))
        plan.append(group)
    if not layers or not _are_the_last_units(outputs, plan):
        weights, constants = affine_rows(outputs, ends)
        weight, skips = plan.weights([(tuple(zip(ends, weights, strict=True)), len(constants))])
        layers.append(AffineLayer(weight, constants, skips=skips))
    return Network(tuple(layers), provenance)


def _groups(ends: Iterable[Stage]) -> list[list[Stage]]:
    """All stages that the ends depend on but the inputs; those of one layer together, first layer first."""
    depths: dict[Stage, int] = {}
    stack = list(ends)
    found: set[Stage] = set()
    while stack:
        stage = stack.pop()
        if stage not in found:
            found.add(stage)
            stack += [source for source, _ in stage.sources]
    # sources are older than what reads them
    groups: dict[tuple[object, ...], list[Stage]] = {}
    for stage in sorted(found, key=lambda stage: stage.number):
        if stage.sources:
            depths[stage] = 1 + max(depths.get(source, 0) for source, _ in stage.sources)
            key = (depths[stage], stage.activation, stage.slope, stage.pieces)
            groups.setdefault(key, []).append(stage)
    return sorted(groups.values(), key=lambda group: (depths[group[0]], group[0].number))


@dataclass(frozen=True)
class _Plan:
    """Where the outputs of each stage are: the layer (0: the inputs) and the first unit; widths of layers."""

    places: dict[Stage, tuple[int, int]]
    widths: list[int]

    def append(self, group: Sequence[Stage]) -> None:
        """The next layer consists of these stages."""
        width = 0
        for stage in group:
            self.places[stage] = (len(self.widths), width)
            width += stage.width
        self.widths.append(width)

    def weights(
        self, parts: Sequence[tuple[tuple[tuple[Stage, RationalMatrix], ...], int]]
    ) -> tuple[RationalMatrix, tuple[Skip, ...]]:
        """Weight and skips of a layer of these parts, each given by its sources and number of rows."""
        n_rows = sum(size for _, size in parts)
        blocks: dict[int, list[tuple[int, int, RationalMatrix]]] = {len(self.widths) - 1: []}
        row = 0
        for sources, size in parts:
            for stage, matrix in sources:
                layer, column = self.places[stage]
                blocks.setdefault(layer, []).append((row, column, matrix))
            row += size
        joined = {k: _joined(blocks[k], (n_rows, self.widths[k])) for k in sorted(blocks)}
        last = joined.pop(len(self.widths) - 1)
        return last, tuple(Skip(k, matrix) for k, matrix in joined.items())


def _joined(blocks: Sequence[tuple[int, int, RationalMatrix]], shape: tuple[int, int]) -> RationalMatrix:
    """One matrix with the blocks at their (first row, first column), zero elsewhere."""
    if len(blocks) == 1 and blocks[0][2].shape == shape:
        return blocks[0][2]
    rows: list[list[Fraction]] = [[ZERO] * shape[1] for _ in range(shape[0])]
    for top, left, matrix in blocks:
        for i, row in enumerate(matrix.rows()):
            rows[top + i][left : left + matrix.n_columns] = row
    return RationalMatrix.from_rows(rows, n_columns=shape[1])


def _are_the_last_units(array: Array, plan: _Plan) -> bool:
    """Whether the entries are the units of the last layer, in order and untouched: then nothing follows.

    An affine map that happens to be the identity stays a layer: the reader's layers are the file's layers.
    """
    last = len(plan.widths) - 1
    return array.size == plan.widths[last] and all(
        isinstance(entry, Form) and entry.untouched and _place(entry, plan) == (last, i)
        for i, entry in enumerate(entries(array))
    )


def _place(untouched: Form, plan: _Plan) -> tuple[int, int]:
    ((stage, part),) = untouched.terms.items()
    layer, first = plan.places[stage]
    return layer, first + next(iter(part))
