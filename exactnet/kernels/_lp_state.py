"""The arrays of a :class:`exactnet.kernels.lp_tree.LpTree`, laid out for the compiled loops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.kernels import _lp_layout as layout
from exactnet.kernels.float_cells import INEXACT, FloatLayer, FloatNetwork

__all__ = ["new_plan", "new_state"]

_FEWEST_NODES = 2**14


def new_plan(
    loops: Any,
    network: FloatNetwork,
    *,
    is_homogeneous: bool,
    is_compact: bool,
    is_listing: bool,
    is_proving: bool,
) -> Any:
    """The `Plan` of the loops: what does not change during the walk."""
    layers = network.layers
    sizes = [len(layer.weight) for layer in layers]
    widest = max(sizes)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    weights = np.zeros((len(layers), widest, widest))
    enters = np.zeros((len(layers), widest, widest), dtype=np.int8)
    for k, layer in enumerate(layers[1:], start=1):
        weights[k, : sizes[k], : sizes[k - 1]] = layer.weight
        enters[k, : sizes[k], : sizes[k - 1]] = layer.enters[:, :-1]
    units = _units(loops, layers, offsets.tolist())
    return layout.Plan(
        dimension=network.dimension - is_homogeneous,
        n_rows=len(network.rows),
        is_homogeneous=is_homogeneous,
        is_compact=is_compact,
        is_listing=is_listing,
        is_proving=is_proving,
        layers=np.column_stack([[*sizes, 0], offsets]).astype(np.int64),
        weights=weights,
        enters=enters,
        bias=np.concatenate([layer.bias for layer in layers]),
        units=units,
        slopes=np.array([layer.slope for layer in layers]),
    )


def _units(loops: Any, layers: tuple[FloatLayer, ...], offsets: list[int]) -> NDArray[np.int64]:
    """The rows KIND_OF .. IS_EXACT of `Plan.units`."""
    units = np.zeros((layout.N_COLUMNS, offsets[-1]), dtype=np.int64)
    units[layout.KIND_OF] = layout.NORMAL
    for layer, start, end in zip(layers, offsets, offsets[1:], strict=False):
        units[layout.KIND_OF, [start + unit for unit in layer.silent]] = layout.SILENT
        for copy, original, is_flipped in layer.copies:
            units[layout.KIND_OF, start + copy] = layout.COPY
            units[layout.ORIGINAL, start + copy] = start + original
            units[layout.FLIPPED, start + copy] = is_flipped
        units[layout.KIND_OF, end - int(getattr(layer, "n_passed", 0)) : end] = layout.PASSED
        units[layout.HAS_BIAS, start:end] = layer.enters[:, -1]
        units[layout.IS_EXACT, start:end] = np.array(layer.grids) < INEXACT
    is_switch = units[layout.KIND_OF] != layout.PASSED
    units[layout.SWITCH] = np.where(is_switch, np.cumsum(is_switch) - 1, -1)
    return units


def new_state(loops: Any, network: FloatNetwork, plan: Any, block: int) -> Any:
    """The `State` of the loops, with the rows of the domain and the forms of the first layer."""
    d, n_units, first = plan.dimension, plan.units.shape[1], network.layers[0]
    capacity, n_frames = plan.n_rows + n_units + 1, n_units + 3
    forms = np.zeros((n_units, d + 2))
    known = np.column_stack([first.weight, first.bias])[:, :d]
    forms[: len(known), :d] = known
    forms[: len(known), d] = np.where(plan.units[layout.IS_EXACT, : len(known)], 0.0, layout.EPSILON)
    forms[:, d + 1] = np.abs(forms[:, :d]).max(axis=1, initial=0.0)
    unit_ints = np.zeros((2, n_units), dtype=np.int64)
    unit_ints[layout.ZERO] = plan.units[layout.KIND_OF] == layout.SILENT
    room = 8 * n_units + 4 * d + 16
    n_words = -(-int(plan.units[layout.SWITCH].max(initial=0) + 1) // 64)
    state = layout.State(
        forms=forms,
        inner=np.zeros((n_units, d + 2)),
        unit_ints=unit_ints,
        spans=np.array([[d, -1]] * len(network.layers), dtype=np.int64),
        rows=np.zeros((d, capacity)),
        per_row=np.zeros((5, capacity)),
        row_ints=np.zeros((2, capacity), dtype=np.int64),
        frames=np.zeros((n_frames, 8), dtype=np.int64),
        opens=np.zeros((n_frames, int(plan.layers[:, layout.SIZE].max())), dtype=np.int64),
        signs=np.zeros((n_frames, n_units), dtype=np.int8),
        witness=np.zeros((n_frames, d)),
        vectors=np.zeros((7, d + 2)),
        matrices=np.zeros((5, d + 1, 2 * d + 2)),
        lists=np.zeros((2, d + 2), dtype=np.int64),
        out=np.zeros((block, n_words), dtype=np.int64),
        nodes=np.zeros(max(_FEWEST_NODES, 4 * room) if plan.is_proving else 0, dtype=np.int64),
        counts=np.zeros(layout.N_COUNTS, dtype=np.int64),
    )
    _put_domain(loops, network, plan, state)
    return state


def _put_domain(loops: Any, network: FloatNetwork, plan: Any, state: Any) -> None:
    """The rows of the domain, infinity first, without those that are zero; `root` counts them."""
    d, n = plan.dimension, 0
    for name, (row, grid) in enumerate(zip(network.rows, network.row_grids, strict=True)):
        if not row[:d].any():
            continue
        state.vectors[layout.TARGET, :d] = row[:d]
        error = layout.EPSILON if grid >= INEXACT else 0.0
        tolerance = loops.bound_of(float(np.abs(row[:d]).sum()), error, d)
        loops.put_row(state, d, n, name, error, tolerance, 1.0)
        n += 1
    state.frames[0, layout.N_ROWS] = n
