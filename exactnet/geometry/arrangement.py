"""Central hyperplane arrangements {u : h_k.u = 0} with rational normals, and all their cells, exactly.

A *form* is a primitive integer normal; parallel rows of the data share one form, zero rows have none.
Every full-dimensional cell of an essential central arrangement is a pointed cone, so it has an extreme
ray, and the cells around a ray r are those of the local arrangement of the forms that vanish on r, in
one dimension less. That gives all cells from all rays, ties included:

* rays: the generalised cross products of (r-1)-subsets of forms;
* signs of all forms on all rays, decided exactly;
* the cells around each ray by recursion on the dimension; in general position 2^(r-1) sign choices.

Completeness is not taken from this argument alone: :mod:`exactnet.geometry.split_tree` proves it again
with Farkas multipliers, and a count by deletion and restriction is a second, independent proof.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, product
from math import comb, gcd

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InvariantError, LimitReached, ShapeError
from exactnet.exact import (
    RationalMatrix,
    generalised_cross_product,
    independent_columns,
    primitive,
    sign_matrix,
)

__all__ = ["CellTable", "CentralArrangement", "central_arrangement", "cover_bound", "enumerate_cells"]

Form = tuple[int, ...]
Signs = NDArray[np.int8]
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class CentralArrangement:
    """Distinct central hyperplanes and how the rows of the data map onto them.

    `rows[i]` is None for a zero row, else (k, rho): row i equals rho * forms[k], rho != 0.
    """

    forms: tuple[Form, ...]
    dimension: int
    rows: tuple[tuple[int, Fraction] | None, ...]

    @cached_property
    def pivots(self) -> tuple[int, ...]:
        """Coordinates on which the forms keep their rank: the quotient by the lineality space."""
        if not self.forms:
            return ()
        return tuple(independent_columns(RationalMatrix.from_rows(self.forms)))

    @property
    def rank(self) -> int:
        """Rank of the forms."""
        return len(self.pivots)


def central_arrangement(
    rows: Sequence[Sequence[Fraction | int]], *, dimension: int | None = None
) -> CentralArrangement:
    """Merge parallel and opposite rows into distinct hyperplanes; zero rows bound nothing.

    Examples
    --------
    >>> central_arrangement([(1, 1), (2, 2), (0, 0), (-1, -1)]).forms
    ((1, 1),)
    """
    d = dimension if dimension is not None else (len(rows[0]) if rows else 0)
    index: dict[Form, int] = {}
    placed: list[tuple[int, Fraction] | None] = []
    for i, row in enumerate(rows):
        if len(row) != d:
            raise ShapeError("rows of different length", where=f"row {i}", got=str(len(row)), expected=str(d))
        form = _oriented(primitive(row))
        if not any(form):
            placed.append(None)
            continue
        k = index.setdefault(form, len(index))
        lead = next(j for j, value in enumerate(form) if value)
        placed.append((k, Fraction(row[lead]) / form[lead]))
    return CentralArrangement(tuple(index), d, tuple(placed))


def _oriented(form: Form) -> Form:
    """One of the two opposite normals: the one whose first non-zero entry is positive."""
    lead = next((value for value in form if value), 1)
    return form if lead > 0 else tuple(-value for value in form)


def cover_bound(n_forms: int, rank: int) -> int:
    """Cover's bound 2 sum_{k<r} C(n-1, k) on the number of cells, attained in general position."""
    if n_forms == 0:
        return 1
    return 2 * sum(comb(n_forms - 1, k) for k in range(rank))


@dataclass(frozen=True)
class CellTable:
    """All full-dimensional cells of a central arrangement, one of each opposite pair.

    `signs` (n_listed x n_forms, int8, entries +-1), `witnesses` an integer interior point of each
    listed cell. With at least one form every listed cell has sign +1 on form 0 and stands for itself
    and its negative. `rays` are the extreme rays of the quotient by the lineality space, lifted to
    integer vectors; `incidence` lists (cell, ray, sign) triples: sign * ray is an extreme ray of the cell.
    """

    arrangement: CentralArrangement
    signs: Signs
    witnesses: tuple[Form, ...]
    rays: tuple[Form, ...]
    incidence: NDArray[np.int64]

    @property
    def has_mirror(self) -> bool:
        """Whether each listed cell stands for two."""
        return bool(self.arrangement.forms)

    @property
    def n_cells(self) -> int:
        """Number of full-dimensional cells, opposite ones counted."""
        return len(self.signs) * (2 if self.has_mirror else 1)

    def activity(self) -> NDArray[np.bool_]:
        """Activation patterns of the data rows on the listed cells (n_listed x n_rows); zero rows inactive.

        The mirror cell has the complementary pattern on the non-zero rows.
        """
        active = np.zeros((len(self.signs), len(self.arrangement.rows)), dtype=bool)
        for i, place in enumerate(self.arrangement.rows):
            if place is not None:
                k, rho = place
                active[:, i] = self.signs[:, k] == (1 if rho > 0 else -1)
        return active


def enumerate_cells(
    arrangement: CentralArrangement, *, max_cells: int = 200_000, progress: Progress | None = None
) -> CellTable:
    """All full-dimensional cells, each with an integer interior point.

    Cost: O(C(n, r-1) (n + 2^(r-1))) for n distinct forms of rank r in general position.

    Raises
    ------
    LimitReached : Cover's bound on the number of cells exceeds `max_cells` (checked before any work).

    Examples
    --------
    >>> enumerate_cells(central_arrangement([(1, 1), (-1, -1), (1, -1), (-1, 1)])).n_cells
    4
    """
    forms, rank = arrangement.forms, arrangement.rank
    bound = cover_bound(len(forms), rank)
    if bound > max_cells:
        raise LimitReached(
            "the arrangement may have more cells than the limit",
            where=f"{len(forms)} distinct hyperplanes of rank {rank}",
            got=f"up to {bound} cells",
            expected=f"at most {max_cells}",
            hint="raise the limit (max_cells), or use fewer samples or features",
        )
    if not forms:
        return CellTable(
            arrangement,
            np.ones((1, 0), dtype=np.int8),
            ((0,) * arrangement.dimension,),
            (),
            np.empty((0, 3), np.int64),
        )
    reduced = tuple(tuple(form[p] for p in arrangement.pivots) for form in forms)
    rays = _rays(reduced, rank)
    if progress:
        progress("rays", len(rays), None)
    signs, incidence = _cells_around_rays(reduced, rays)
    witnesses = _witnesses(reduced, signs, rays, incidence)
    if progress:
        progress("cells", 2 * len(signs), None)
    return CellTable(
        arrangement,
        signs,
        tuple(_lift(w, arrangement) for w in witnesses),
        tuple(_lift(r, arrangement) for r in rays),
        incidence,
    )


def _lift(point: Form, arrangement: CentralArrangement) -> Form:
    full = [0] * arrangement.dimension
    for p, value in zip(arrangement.pivots, point, strict=True):
        full[p] = value
    return tuple(full)


def _rays(forms: Sequence[Form], rank: int) -> tuple[Form, ...]:
    """All one-dimensional flats, one orientation each, as primitive integer vectors."""
    found: dict[Form, None] = {}
    for subset in combinations(forms, rank - 1):
        ray = generalised_cross_product(subset) if rank > 1 else (1,)
        shared = gcd(*ray)
        if shared:
            found.setdefault(_oriented(tuple(value // shared for value in ray)))
    return tuple(found)


def _cells_around_rays(forms: Sequence[Form], rays: Sequence[Form]) -> tuple[Signs, NDArray[np.int64]]:
    """Distinct sign vectors (form 0 positive) of all cells around `rays`, and the incidences."""
    table = sign_matrix(forms, rays)
    rank = len(forms[0])
    n_zero = (table == 0).sum(axis=1)
    blocks: list[Signs] = []
    owners: list[NDArray[np.int64]] = []
    simple = np.flatnonzero(n_zero == rank - 1)
    if len(simple):
        base = table[simple]
        columns = np.nonzero(base == 0)[1].reshape(len(simple), rank - 1)
        for choice in product((1, -1), repeat=rank - 1):
            block = base.copy()
            np.put_along_axis(block, columns, np.array(choice, dtype=np.int8)[None, :], axis=1)
            blocks.append(block)
            owners.append(simple)
    for i in map(int, np.flatnonzero(n_zero != rank - 1)):
        zeros = np.flatnonzero(table[i] == 0)
        local = _local_sign_vectors([forms[int(k)] for k in zeros], rays[i])
        block = np.repeat(table[i][None, :], len(local), axis=0)
        block[:, zeros] = local
        blocks.append(block)
        owners.append(np.full(len(local), i, dtype=np.int64))
    candidates = np.concatenate(blocks)
    owner = np.concatenate(owners)
    orientation = candidates[:, 0].astype(np.int64)
    candidates = candidates * candidates[:, :1]
    first, inverse = _distinct(candidates)
    incidence = np.stack([inverse, owner, orientation], axis=1)
    return candidates[first], incidence[np.argsort(inverse, kind="stable")]


def _distinct(signs: Signs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of distinct rows and the map onto them."""
    packed = np.ascontiguousarray(np.packbits(signs > 0, axis=1))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), inverse.astype(np.int64)


def _local_sign_vectors(forms: Sequence[Form], ray: Form) -> Signs:
    """Sign vectors of all cells of the forms that vanish on `ray` (an arrangement of one rank less)."""
    # a form that vanishes on the ray is determined by its values off one coordinate where the ray is non-zero
    drop = next(k for k, value in enumerate(ray) if value)
    reduced = [tuple(value for k, value in enumerate(form) if k != drop) for form in forms]
    if len(reduced[0]) == 1:
        column = np.array([[1 if form[0] > 0 else -1 for form in reduced]], dtype=np.int8)
        return np.concatenate([column, -column])
    half, _ = _cells_around_rays(reduced, _rays(reduced, len(reduced[0])))
    return np.concatenate([half, -half])


def _witnesses(
    forms: Sequence[Form], signs: Signs, rays: Sequence[Form], incidence: NDArray[np.int64]
) -> tuple[Form, ...]:
    """An integer interior point of each cell: a positive combination of its extreme rays, kept small."""
    n_cells, rank = len(signs), len(forms[0])
    directions = np.array([_direction(ray) for ray in rays])
    centres = np.zeros((n_cells, rank))
    np.add.at(centres, incidence[:, 0], directions[incidence[:, 1]] * incidence[:, 2:3])
    # rays of a nearly flat cone can cancel in floats: such a cell gets its witness from integers below
    largest = np.abs(centres).max(axis=1, keepdims=True)
    centres /= np.where(largest > 0, largest, 1.0)
    points: list[Form | None] = [None] * n_cells
    open_cells = np.arange(n_cells)
    for bits in (6, 12, 24, 48):
        rounded = np.rint(centres[open_cells] * 2.0**bits).astype(np.int64)
        good = (sign_matrix(forms, rounded) == signs[open_cells]).all(axis=1)
        for cell, point in zip(open_cells[good], rounded[good].tolist(), strict=True):
            points[cell] = primitive(point)
        open_cells = open_cells[~good]
        if not len(open_cells):
            break
    if len(open_cells):
        _exact_witnesses(forms, signs, rays, incidence, open_cells, points)
    return tuple(point for point in points if point is not None)


def _direction(ray: Form) -> list[float]:
    norm = max(map(abs, ray))
    scaled = [value / norm for value in ray]
    length = sum(value * value for value in scaled) ** 0.5
    return [value / length for value in scaled]


def _exact_witnesses(
    forms: Sequence[Form],
    signs: Signs,
    rays: Sequence[Form],
    incidence: NDArray[np.int64],
    cells: NDArray[np.int64],
    points: list[Form | None],
) -> None:
    """Cells too thin for floats: the exact sum of their rays, weighted to comparable length."""
    starts = np.searchsorted(incidence[:, 0], np.arange(len(signs) + 1))
    for cell in cells:
        total = [0] * len(forms[0])
        for _, ray, sign in incidence[starts[cell] : starts[cell + 1]]:
            total = [t + int(sign) * value for t, value in zip(total, rays[ray], strict=True)]
        point = primitive(total)
        if (sign_matrix(forms, [point])[0] != signs[cell]).any():
            raise InvariantError(
                "a cell does not contain the sum of its rays", reproduction=f"forms={forms!r}"
            )
        points[cell] = point
