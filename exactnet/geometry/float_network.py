"""A region task in float64: the numbers for :mod:`exactnet.kernels.float_cells`, with proved errors.

Positive factors change no sign. So every form is made primitive, its coordinates are scaled by powers of two
that are the same for all forms, and the form by another one until no entry exceeds 1. The factor that a unit
has lost is given to the weights behind it, which are balanced in turn: the weights of a unit, each times the
largest slope in front of it, and the bias then sum to at most 1, hence no composed form ever exceeds 1. All
this is done in integers; only the results are rounded, each correctly. So neither weights like 1e300 nor ones
like 1e-300 overflow or lose digits.

A hardtanh unit is the sum of its two switches, relu(z + 1) - relu(z - 1) - 1, so that every layer becomes one
of switches with slope 1 above the breakpoint and one common slope below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from operator import mul
from statistics import median_low
from typing import NamedTuple

import numpy as np

from exactnet.exact import common_denominator, independent_rows, inverse, primitive, rank, sign_matrix
from exactnet.geometry.layers import Form, TaskLayer
from exactnet.geometry.polyhedron import cone_over
from exactnet.geometry.task import RegionTask, compose
from exactnet.kernels.float_cells import EPSILON, INEXACT, FloatLayer, FloatNetwork, StartCell
from exactnet.model import Activation

__all__ = ["FloatTask", "fits_floats", "float_task", "narrowed", "ray_floats", "start_cells"]

_LARGEST_GRID = 53
# columns closer to the others than this stay as they are: small integers shall stay small
_UNEVEN = 8
# a weight that underflows is off by 2^-1000 at most: times a slope of this size, times 2^20 units, that stays
# below the FLOOR = 2^-900 of the bounds in float_cells
_LARGEST_SLOPE = 2**60


@dataclass(frozen=True)
class FloatTask:
    """A task of full rank (:func:`exactnet.geometry.reduction.reduce_task`) and its float64 image.

    Attributes
    ----------
    task : the exact task; it has at least one switch.
    rows : infinity and the domain, exactly; in the network they come before all units.
    network : the image.
    exponents : coordinate k of a form has been multiplied by 2^exponents[k], that of a point divided by it.
    """

    task: RegionTask
    rows: tuple[Form, ...]
    network: FloatNetwork
    exponents: tuple[int, ...]


def fits_floats(task: RegionTask) -> bool:
    """Whether the slopes stay inside the range of float64 (weights always do) and every unit switches."""
    if any(layer.n_passed for layer in task.layers):
        return False
    slopes = [abs(layer.slope) for layer in task.layers if layer.slope]
    return all(Fraction(1, _LARGEST_SLOPE) <= slope <= _LARGEST_SLOPE for slope in slopes)


def float_task(task: RegionTask) -> FloatTask:
    """Balance and round a task.

    Examples
    --------
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> tent = Network.from_arrays([([[4], [1e300]], [0, -1e300]), ([[2, -3e-300]], [5])],
    ...                            output_activation="relu")
    >>> first, second = float_task(region_task(tent)).network.layers
    >>> first.weight.tolist(), first.grids
    ([[0.5], [0.5]], (1, 1))
    >>> second.weight.shape, bool(abs(second.weight).sum() + second.bias.sum() <= 1)
    ((1, 2), True)
    """
    rows = ((0,) * task.dimension + (1,), *task.domain)
    forms = compose(task, 0, ())
    exponents = _column_exponents([*task.domain, *forms], task.dimension + 1)
    bounds = [_form_unit(row, exponents) for row in rows]
    units = [_form_unit(form, exponents) for form in forms]
    grids = [_grid(_entry_grids(unit)) for unit in units]
    layers = [_float_layer(units, grids, task.layers[0])]
    scales = _lost_factors(*_switch_rows(task.layers[0]), units)
    for before, layer in zip(task.layers, task.layers[1:], strict=False):
        behind, denominator = _rows_behind(layer, before, scales, exponents[-1])
        units = [_balanced_unit(primitive(row), _slope(before)) for row in behind]
        grids = [_composed_grid(unit, layers[-1].grids, _slope(before)) for unit in units]
        layers.append(_float_layer(units, grids, layer))
        scales = _lost_factors(behind, denominator, units)
    network = FloatNetwork(
        dimension=task.dimension + 1,
        rows=np.array([_values(unit) for unit in bounds]),
        row_grids=tuple(_grid(_entry_grids(unit)) for unit in bounds),
        layers=tuple(layers),
    )
    return FloatTask(task, rows, network, exponents)


def narrowed(prepared: FloatTask, task: RegionTask) -> FloatTask:
    """The image of the same task on a part of its domain: only the rows of the domain are new.

    Examples
    --------
    >>> from exactnet.geometry.polyhedron import Polyhedron
    >>> from exactnet.geometry.task import arrangement_task
    >>> whole = float_task(arrangement_task([(1, 0), (1, -1)]))
    >>> narrowed(whole, arrangement_task([(1, 0), (1, -1)], Polyhedron.box([0], [2]))).network.rows.tolist()
    [[0.0, 0.5], [0.5, 0.0], [-0.25, 0.5]]
    """
    rows = ((0,) * task.dimension + (1,), *task.domain)
    bounds = [_form_unit(row, prepared.exponents) for row in rows]
    network = replace(
        prepared.network,
        rows=np.array([_values(unit) for unit in bounds]),
        row_grids=tuple(_grid(_entry_grids(unit)) for unit in bounds),
    )
    return FloatTask(task, rows, network, prepared.exponents)


# -- balancing -----------------------------------------------------------------------------------------


class _Unit(NamedTuple):
    """The numbers row_k 2^(exponents_k - scale), at most 1 in magnitude."""

    row: Form
    exponents: Sequence[int]
    scale: int


def _values(unit: _Unit) -> list[float]:
    """The numbers in float64; the quotient of two Python integers is correctly rounded."""
    lowest = min(0, unit.scale, *unit.exponents)
    below = 1 << (unit.scale - lowest)
    return [(value << (e - lowest)) / below for value, e in zip(unit.row, unit.exponents, strict=True)]


def _entry_grids(unit: _Unit) -> list[int]:
    """For each number the smallest p >= 0 for which it is a multiple of 2^-p."""
    return [
        max(0, unit.scale - e - _trailing_zeros(value)) if value else 0
        for value, e in zip(unit.row, unit.exponents, strict=True)
    ]


def _grid(grids: Sequence[int]) -> int:
    """The common grid, if float64 can hold all multiples up to 1."""
    finest = max(grids, default=0)
    return finest if finest <= _LARGEST_GRID else INEXACT


def _form_unit(form: Form, exponents: Sequence[int]) -> _Unit:
    """A form or a ray with its largest entry in [1/2, 1]."""
    sizes = [value.bit_length() + e for value, e in zip(form, exponents, strict=True) if value]
    return _Unit(form, exponents, max(sizes, default=0))


def _balanced_unit(row: Form, slope: Fraction) -> _Unit:
    """Weights and bias of a unit, scaled so that what they compose does not exceed 1."""
    total = sum(map(abs, row[:-1])) * max(Fraction(1), abs(slope)) + abs(row[-1])
    return _Unit(row, (0,) * len(row), (total.numerator // total.denominator).bit_length())


def _composed_grid(unit: _Unit, grids: Sequence[int], slope: Fraction) -> int:
    """The grid of everything this unit can be composed to."""
    entries = _entry_grids(unit)
    power = _trailing_zeros(slope.denominator)
    of_slope = power if slope.denominator == 1 << power else INEXACT
    behind = [entry + grid + of_slope for v, entry, grid in zip(unit.row, entries, grids, strict=False) if v]
    return _grid([*behind, entries[-1]])


def _lost_factors(rows: Sequence[Form], denominator: int, units: Sequence[_Unit]) -> list[Fraction]:
    """The positive numbers that turn balanced units back into the rows, which are over the denominator."""
    factors = []
    for row, unit in zip(rows, units, strict=True):
        k = next((k for k, value in enumerate(unit.row) if value), None)
        ratio = Fraction(1) if k is None else Fraction(row[k], unit.row[k] * denominator)
        factors.append(ratio * Fraction(2) ** unit.scale)
    return factors


def _switch_rows(layer: TaskLayer) -> tuple[list[Form], int]:
    """(weight, bias) of the switches of a layer as integers over a positive denominator."""
    rows, denominator = layer.integer_rows
    points = layer.activation.breakpoints
    return [(*row[:-1], row[-1] - point * denominator) for row in rows for point in points], denominator


def _rows_behind(
    layer: TaskLayer, before: TaskLayer, scales: Sequence[Fraction], bias_exponent: int
) -> tuple[list[Form], int]:
    """The same for inputs that are the balanced switches of the layer before."""
    rows, denominator = _switch_rows(layer)
    common = common_denominator(scales)
    factors = [scale.numerator * (common // scale.denominator) << max(0, -bias_exponent) for scale in scales]
    behind = []
    for *weights, bias in rows:
        if before.activation is Activation.HARDTANH:
            bias -= sum(weights)
            weights = [value for weight in weights for value in (weight, -weight)]
        behind.append((*map(mul, weights, factors), bias * common << max(0, bias_exponent)))
    return behind, denominator * common << max(0, -bias_exponent)


def _float_layer(units: Sequence[_Unit], grids: Sequence[int], layer: TaskLayer) -> FloatLayer:
    table = np.array([_values(unit) for unit in units])
    copies: list[tuple[int, int, bool]] = []
    first: dict[Form, int] = {}
    for j, unit in enumerate(units):
        opposite = tuple(-value for value in unit.row)
        if unit.row in first:
            copies.append((j, first[unit.row], False))
        elif opposite in first:
            copies.append((j, first[opposite], True))
        elif any(unit.row):
            first[unit.row] = j
    return FloatLayer(
        weight=np.ascontiguousarray(table[:, :-1]),
        bias=np.ascontiguousarray(table[:, -1]),
        enters=np.array([[bool(value) for value in unit.row] for unit in units]),
        slope=float(_slope(layer)),
        grids=tuple(grids),
        copies=tuple(copies),
        silent=tuple(j for j, unit in enumerate(units) if not any(unit.row)),
    )


def _slope(layer: TaskLayer) -> Fraction:
    """The slope of a switch below its breakpoint."""
    if layer.activation is Activation.ABS:
        return Fraction(-1)
    return layer.slope if layer.activation is Activation.LEAKY_RELU else Fraction(0)


def _column_exponents(rows: Sequence[Form], d: int) -> tuple[int, ...]:
    """Powers of two that bring columns of very different size together."""
    sizes: list[list[int]] = [[] for _ in range(d)]
    for row in rows:
        largest = max(map(int.bit_length, row))
        for k, value in enumerate(row):
            if value:
                sizes[k].append(value.bit_length() - largest)
    middles = [median_low(column) if column else 0 for column in sizes]
    return tuple(-middle if abs(middle) >= _UNEVEN else 0 for middle in middles)


def _trailing_zeros(value: int) -> int:
    return (value & -value).bit_length() - 1


# -- where the walk starts -----------------------------------------------------------------------------


def ray_floats(ray: Form, exponents: Sequence[int]) -> tuple[list[float], float, int]:
    """A ray in the coordinates of the network: entries up to 1, their absolute error, and its grid.

    Examples
    --------
    >>> ray_floats((3, -8, 1), (0, 1, 0))
    ([0.375, -0.5, 0.125], 0.0, 3)
    >>> ray_floats((3**40, 1), (0, 0))[1:] == (EPSILON, INEXACT)
    True
    """
    unit = _form_unit(ray, [-e for e in exponents])
    grid = _grid(_entry_grids(unit))
    return _values(unit), EPSILON if grid == INEXACT else 0.0, grid


def start_cells(prepared: FloatTask) -> Iterator[StartCell]:
    """Pointed cones with disjoint interiors that cover the domain; none if it has no interior.

    The lines in the domain are cut by as many independent switches of the first layer, k of them, with all
    2^k choices of sign: each of these switches grows along one line of the dual basis only.
    """
    task, n_rows = prepared.task, len(prepared.rows)
    generators = cone_over(task.domain, task.dimension)
    lines = [(*line, 0) for line in generators.lineality]
    if rank([*generators.cone.rays, *lines]) <= task.dimension:
        return
    forms = compose(task, 0, ())
    chosen, axes = _dual_lines(forms, lines)
    rays = [_projected(ray, [forms[j] for j in chosen], axes) for ray in generators.cone.rays]
    on_rows, on_chosen = (1 << n_rows) - 1, (1 << len(chosen)) - 1
    tight = [bits | on_chosen << n_rows for bits in generators.cone.tight]
    tight += [on_rows | (on_chosen ^ (1 << i)) << n_rows for i in range(len(chosen))]
    everything = [*rays, *axes]
    floats = [ray_floats(ray, prepared.exponents) for ray in everything]
    signs = sign_matrix(forms, everything)
    first = prepared.network.layers[0]
    signs[:, [*first.silent, *(copy for copy, _, _ in first.copies)]] = 0
    for choice in product((1, -1), repeat=len(chosen)):
        turn = np.array([1] * len(rays) + list(choice), dtype=np.int8)[:, None]
        yield StartCell(
            rays=np.array([values for values, _, _ in floats]) * turn,
            errors=np.array([error for _, error, _ in floats]),
            grids=[grid for _, _, grid in floats],
            at_infinity=[ray[-1] == 0 for ray in everything],
            tight=tight,
            slots=[(k, 1) for k in range(n_rows)]
            + [(n_rows + j, sign) for j, sign in zip(chosen, choice, strict=True)],
            signs=signs * turn,
        )


def _dual_lines(forms: Sequence[Form], lines: Sequence[Form]) -> tuple[tuple[int, ...], list[Form]]:
    """Independent forms on the span of the lines, and its basis on which each but one of them vanishes."""
    if not lines:
        return (), []
    values = [[sum(map(mul, form, line)) for line in lines] for form in forms]
    chosen = tuple(independent_rows(values))
    dual = inverse([values[j] for j in chosen])
    columns = list(zip(*lines, strict=True))
    axes = [
        primitive([sum(map(mul, dual.column(i), entries)) for entries in columns]) for i in range(len(lines))
    ]
    return chosen, axes


def _projected(ray: Form, forms: Sequence[Form], axes: Sequence[Form]) -> Form:
    """The ray moved along the axes until all forms vanish on it."""
    moved: tuple[Fraction | int, ...] = ray
    for form, axis in zip(forms, axes, strict=True):
        step = Fraction(sum(map(mul, form, ray)), sum(map(mul, form, axis)))
        moved = tuple(x - step * y for x, y in zip(moved, axis, strict=True))
    return primitive(moved)
