"""The arrays of a :class:`exactnet.kernels.float_cells.FloatWalk`, laid out for the compiled loops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels.float_cells import FloatNetwork, StartCell

__all__ = ["new_plan", "new_state", "write_start_cell"]

_WORD = 63
_ROOM = 1024  # rays to begin with; the walk asks for more


def new_plan(loops: Any, network: FloatNetwork, *, is_listing: bool) -> Any:
    """The `Plan` of the loops: what does not change during the walk."""
    layers = network.layers
    sizes = [len(layer.weight) for layer in layers]
    n_units, n_layers, widest = sum(sizes), len(layers), max(sizes)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    n_words = -(-widest // _WORD)
    table = np.zeros((n_layers + 1, 4), dtype=np.int64)
    weights = np.zeros((n_layers, widest, widest))
    units = np.zeros(n_units, dtype=np.int64)
    inputs = np.zeros((n_units, n_words), dtype=np.int64)
    below = np.zeros((n_layers, n_words), dtype=np.int64)
    hidden = np.zeros((n_layers, n_words), dtype=np.int64)
    copies: list[tuple[int, int, bool]] = []
    originals = np.zeros(0, dtype=np.int64)
    for k, layer in enumerate(layers):
        table[k] = sizes[k], offsets[k], len(copies), -(-sizes[k] // _WORD)
        here = slice(offsets[k], offsets[k + 1])
        if k:
            weights[k, : sizes[k - 1], : sizes[k]] = layer.weight.T
            used = np.zeros((sizes[k], sizes[k - 1]), dtype=bool)
            unit, source = np.nonzero(layer.enters[:, :-1])
            used[unit, originals[source]] = True
            inputs[here] = _packed(used, n_words)
            units[here] = ~layer.enters[:, -1]
        originals = np.arange(sizes[k])
        counts_below = np.full((1, sizes[k]), layer.slope != 0)
        for copy, original, flipped in layer.copies:
            originals[copy] = original
            counts_below[0, original] |= flipped
        below[k] = _packed(counts_below, n_words)[0]
        is_hidden = np.zeros((1, sizes[k]), dtype=bool)
        is_hidden[0, [*layer.silent, *(copy for copy, _, _ in layer.copies)]] = True
        hidden[k] = _packed(is_hidden, n_words)[0]
        copies += layer.copies
    table[n_layers] = 0, n_units, len(copies), 0
    return loops.Plan(
        dimension=network.dimension,
        n_rows=len(network.rows),
        tight_words=-(-(len(network.rows) + n_units) // _WORD),
        unit_words=n_words,
        is_listing=is_listing,
        layers=table,
        weights=weights,
        bias=np.concatenate([layer.bias for layer in layers]),
        slopes=np.array([layer.slope for layer in layers]),
        no_bias=units,
        inputs=inputs,
        below=below,
        hidden=hidden,
        copies=np.array(copies, dtype=np.int64).reshape(-1, 3),
    )


def new_state(loops: Any, network: FloatNetwork, plan: Any, block: int) -> Any:
    """The `State` of the loops, with the forms that are known from the start."""
    d, n_layers, first = network.dimension, len(network.layers), network.layers[0]
    n_units = int(plan.layers[n_layers, loops.OFFSET])
    n_forms = plan.n_rows + n_units
    grids = np.array([*network.row_grids, *(grid for layer in network.layers for grid in layer.grids)])
    known = np.concatenate([network.rows, np.column_stack([first.weight, first.bias])])
    forms = np.zeros((n_forms, d + 3))
    forms[: len(known), :d] = known
    forms[: len(known), d] = np.where(grids[: len(known)] < loops.FAR, 0.0, loops.EPSILON)
    for form in range(len(known)):
        loops.bound_form(forms, form, d)
    n_words = plan.unit_words
    return loops.State(
        rays=np.zeros((_ROOM, d + 3)),
        ray_ints=np.zeros((_ROOM, loops.TIGHT + plan.tight_words + 3 * n_words), dtype=np.int64),
        members=np.zeros(4 * _ROOM, dtype=np.int64),
        sides=np.zeros(_ROOM, dtype=np.int64),
        pairs=np.zeros((_ROOM, 2), dtype=np.int64),
        order=np.zeros(n_forms, dtype=np.int64),
        forms=forms,
        form_grids=grids.astype(np.int64),
        frames=np.zeros((n_units + n_layers + 2, 8), dtype=np.int64),
        slots=np.zeros((n_forms, 2), dtype=np.int64),
        pattern=np.zeros((n_layers, n_words), dtype=np.int64),
        negative=np.zeros((n_layers, n_words), dtype=np.int64),
        questions=np.zeros((_ROOM, 2), dtype=np.int64),
        out=np.zeros((block, -(-n_units // 64)), dtype=np.int64),
        counts=np.zeros(loops.N_COUNTS, dtype=np.int64),
        composed=np.zeros((d + 4, int(plan.layers[:, loops.SIZE].max()))),
        square=np.zeros((n_forms + 2, 2 * d)),
    )


def write_start_cell(loops: Any, plan: Any, state: Any, cell: StartCell) -> None:
    """Make a start cell the only frame of the stack."""
    n_rays, d = cell.rays.shape
    state.rays[:n_rays, :d] = cell.rays
    state.rays[:n_rays, d] = cell.errors
    ints = state.ray_ints[:n_rays]
    ints[:] = 0
    ints[:, loops.AT_INFINITY] = cell.at_infinity
    ints[:, loops.GRID] = cell.grids
    for ray, bits in enumerate(cell.tight):
        for w in range(plan.tight_words):
            ints[ray, loops.TIGHT + w] = bits >> (_WORD * w) & (2**_WORD - 1)
    above = loops.TIGHT + plan.tight_words
    ints[:, above : above + plan.unit_words] = _packed(cell.signs > 0, plan.unit_words)
    ints[:, above + plan.unit_words : above + 2 * plan.unit_words] = _packed(cell.signs < 0, plan.unit_words)
    state.members[:n_rays] = np.arange(n_rays)
    state.slots[: len(cell.slots)] = cell.slots
    frame = state.frames[0]
    frame[:] = 0
    frame[[loops.COUNT, loops.RAY_TOP, loops.MEMBER_TOP]] = n_rays
    frame[loops.N_SLOTS] = len(cell.slots)
    frame[loops.IS_SIMPLE] = all(bits.bit_count() == d - 1 for bits in cell.tight)
    state.counts[loops.N_FRAMES] = 1
    state.counts[loops.N_RAYS] += n_rays


def _packed(bits: NDArray[np.bool_], n_words: int) -> NDArray[np.int64]:
    """Rows of bits as rows of words of 63 bits."""
    words = np.zeros((len(bits), n_words), dtype=np.int64)
    powers = np.int64(1) << np.arange(_WORD)
    for w in range(-(-bits.shape[1] // _WORD)):
        part = bits[:, _WORD * w : _WORD * (w + 1)]
        words[:, w] = part.astype(np.int64) @ powers[: part.shape[1]]
    return words
