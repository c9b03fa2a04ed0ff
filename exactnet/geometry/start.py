"""Where the walk over the cells of an arrangement begins: distinct forms, a basis, and the first open cells.

Affine arrangements are homogenised: a form (a, b) acts on (x, w), and the plane at infinity w = 0 is one
more form that must not be negative, like the forms of a domain. A central arrangement without a domain is
symmetric about the origin; there the first hyperplane is required to be positive, and every cell found
stands for itself and its opposite.

D independent forms, required ones first, cut the space into 2^D simplicial cones, whose rays are the columns
of an inverse matrix; those on the wrong side of a required form are left out. If the forms have a smaller
rank than the space has coordinates, it is divided by the common kernel first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from operator import mul
from typing import TYPE_CHECKING

from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.exact import RationalMatrix, independent_columns, independent_rows, inverse, primitive
from exactnet.geometry.hyperplanes import Arrangement, arrangement, oriented
from exactnet.geometry.layers import Form
from exactnet.geometry.parts import in_hexadecimal
from exactnet.geometry.task import RegionTask, compose
from exactnet.kernels.integer_cells import OpenCell, open_cell, split_cell

if TYPE_CHECKING:
    from exactnet.geometry.polyhedron import Polyhedron

__all__ = ["Source", "Walk", "prepare"]

Source = Arrangement | RegionTask | Sequence[Sequence[Fraction | int]]
Signs = tuple[int, ...]


@dataclass(frozen=True)
class Walk:
    """An arrangement made ready for `exactnet.kernels.integer_cells`.

    Attributes
    ----------
    forms : as given, one a column of the sign table.
    rows : the distinct forms in D essential coordinates, by name; a name below n_forms is the column
        where the form stands first, the others belong to infinity and the domain.
    columns : for each column the name of its form and the factor +-1 of their signs; name -1 for a column
        whose sign is the same everywhere.
    required : names of the forms that must be positive, or negative, on all cells.
    order : all names, in the order in which the walk splits by them.
    infinity : whether the first name in `order` is the plane at infinity.
    mirrored : whether every cell stands for two.
    lineality : dimension of the common kernel of the linear parts, a factor of every cell.
    is_empty : whether the domain contradicts itself by two opposite forms.
    """

    forms: tuple[Form, ...]
    rows: dict[int, Form]
    columns: tuple[tuple[int, int], ...]
    required: dict[int, int]
    order: tuple[int, ...]
    infinity: bool
    mirrored: bool
    lineality: int
    is_empty: bool

    @property
    def n_columns(self) -> int:
        """Length of a sign vector."""
        return len(self.columns)

    @property
    def n_names(self) -> int:
        """All names are below this number."""
        return max(self.rows, default=-1) + 1

    @property
    def dimension(self) -> int:
        """D, of the cones."""
        return len(next(iter(self.rows.values()))) if self.rows else 0

    @property
    def fingerprint(self) -> str:
        """Says in a saved partial result which arrangement and domain it belongs to."""
        rows = [self.rows[k] for k in sorted(self.rows)]
        text = in_hexadecimal((self.forms, sorted(self.required.items()), rows))
        return hashlib.sha256(text.encode()).hexdigest()

    def start(self) -> Iterator[OpenCell]:
        """The first open cells, made one after the other."""
        return self._cells(self.required)

    def reopen(self, signs: Sequence[Signs]) -> Iterator[OpenCell]:
        """The open cells with these sign vectors, 0 for columns that are not decided.

        Raises
        ------
        ShapeError, InputError : sign vectors that cannot come from this arrangement.
        """
        for vector in signs:
            if len(vector) != self.n_columns:
                raise ShapeError(
                    "an open cell does not fit the arrangement",
                    got=f"{len(vector)} signs",
                    expected=str(self.n_columns),
                )
            required = dict(self.required)
            for (name, factor), sign in zip(self.columns, vector, strict=True):
                if sign not in (-1, 0, 1):
                    raise InputError("not a sign", where="open cells", got=str(sign), expected="-1, 0 or 1")
                if sign and name >= 0 and required.setdefault(name, sign * factor) != sign * factor:
                    raise InputError("an open cell has contradictory signs", where="open cells")
            yield from self._cells(required)

    def signs_of(self, cell: OpenCell) -> Signs:
        """The sign vector of an open cell, 0 for columns that are not decided."""
        names = set(cell.names)
        return tuple(
            factor if name < 0 else 0 if name in names else factor * (1 if cell.decided >> name & 1 else -1)
            for name, factor in self.columns
        )

    def _cells(self, required: dict[int, int]) -> Iterator[OpenCell]:
        if self.is_empty:
            return
        if not self.rows:
            yield OpenCell((), ((),), (0,), 0)
            return
        # required forms first, but infinity before all: it owns slot 0
        order = sorted(self.order, key=lambda name: (name != self.order[0], name not in required))
        chosen = [order[k] for k in independent_rows([self.rows[name] for name in order])]
        basis = [self.rows[name] for name in chosen]
        rays = [primitive(column) for column in inverse(basis).transpose().numerators]
        rest = [name for name in order if name not in set(chosen)]
        values = [[sum(map(mul, self.rows[name], ray)) for name in rest] for ray in rays]
        tight = [(1 << len(chosen)) - 1 ^ (1 << k) for k in range(len(chosen))]
        choices = [(required[name],) if name in required else (1, -1) for name in chosen]
        for signs in product(*choices):
            turned = [[s * value for value in row] for s, row in zip(signs, values, strict=True)]
            decided = sum(1 << name for s, name in zip(signs, chosen, strict=True) if s > 0)
            cell = open_cell(turned, tight=tight, names=rest, decided=decided)
            inside = _inside(cell, required, self.dimension)
            if inside is not None:
                yield inside


def _inside(cell: OpenCell, required: dict[int, int], dimension: int) -> OpenCell | None:
    """The part of the cell where the required forms have their signs, if it has an interior."""
    while True:
        undecided = set(cell.names)
        for name, sign in required.items():
            if name not in undecided and (1 if cell.decided >> name & 1 else -1) != sign:
                return None
        if not cell.names or cell.names[0] not in required:
            return cell
        cell = split_cell(cell, dimension)[0 if required[cell.names[0]] > 0 else 1]


# -- reading the input ---------------------------------------------------------------------------------


def prepare(source: Source, domain: Polyhedron | None = None) -> Walk:
    """Merge repeated forms, add infinity and the domain, divide by the lineality space.

    Raises
    ------
    UnsupportedError : a task with more than one layer.
    ShapeError : the domain lies in another space.

    Examples
    --------
    >>> walk = prepare([(1, 0, 0), (2, 0, 0), (-1, 0, 0), (0, 0, 7), (0, 0, 0)])
    >>> walk.columns
    ((0, 1), (0, 1), (0, -1), (-1, 1), (-1, -1))
    >>> walk.lineality, walk.mirrored, [cell.names for cell in walk.start()]
    (1, True, [()])
    """
    forms, d, inequalities = _read(source, domain)
    is_central = not inequalities and not any(form[-1] for form in forms if any(form[:-1]))
    bounds = [] if is_central else [(0,) * d + (1,), *inequalities]
    rows: dict[int, Form] = {}
    places: dict[Form, tuple[int, int]] = {}

    def place(form: Form, name: int) -> tuple[int, int]:
        """The name under which the hyperplane is known, and the factor of the signs."""
        key = oriented(form)
        factor = 1 if key == form else -1
        owner, first = places.setdefault(key, (name, factor))
        rows.setdefault(owner, form)
        return owner, first * factor

    required: dict[int, int] = {}
    is_empty = False
    for k, form in enumerate(bounds):
        owner, sign = place(form, len(forms) + k)
        is_empty = is_empty or required.setdefault(owner, sign) != sign
    columns = []
    for k, form in enumerate(forms):
        if any(form[:-1]):
            owner, factor = place(form, k)
            columns.append((-1, required[owner] * factor) if owner in required else (owner, factor))
        else:
            columns.append((-1, 1 if form[-1] > 0 else -1))
    # the free forms from small to large: measured to split somewhat better than the order of the input
    free = sorted((name for name in rows if name not in required), key=lambda name: sum(map(abs, rows[name])))
    order = (*required, *free)
    if is_central and free:
        required = {free[0]: 1}
    pivots = independent_columns(
        RationalMatrix.from_integers([rows[name] for name in order], n_columns=d + 1)
    )
    reduced = {name: tuple([row[p] for p in pivots]) for name, row in rows.items()}
    return Walk(
        forms,
        reduced,
        tuple(columns),
        required,
        order,
        infinity=bool(bounds),
        mirrored=is_central and bool(free),
        lineality=d - (len(pivots) - (1 if bounds else 0)),
        is_empty=is_empty,
    )


def _read(source: Source, domain: Polyhedron | None) -> tuple[tuple[Form, ...], int, list[Form]]:
    """Forms, dimension, and the inequalities of the domain (all of them primitive)."""
    inequalities: list[Form] = []
    if isinstance(source, RegionTask):
        if len(source.layers) > 1:
            raise UnsupportedError(
                "these are not the cells of one arrangement",
                where="task",
                got=f"{len(source.layers)} layers",
                expected="one layer",
                hint="use network_cells for networks with several hidden layers",
            )
        forms = compose(source, 0, ()) if source.layers else ()
        d = source.dimension
        inequalities += source.domain
    else:
        given = source if isinstance(source, Arrangement) else arrangement(source)
        forms, d = given.forms, given.dimension
    if domain is not None:
        if domain.dimension != d:
            raise ShapeError(
                "the domain does not fit the arrangement",
                where="domain",
                got=f"a polyhedron in dimension {domain.dimension}",
                expected=f"dimension {d}",
            )
        inequalities += domain.rows
    return forms, d, [primitive(row) for row in inequalities if any(row)]
