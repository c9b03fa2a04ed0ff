"""One cell of a network or an arrangement: its signs, both representations, a point in it, the map on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from exactnet.exact import RationalMatrix, primitive
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import ReferenceCell
from exactnet.geometry.task import RegionTask, affine_map

__all__ = ["Cell", "cell_of"]

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class Cell:
    """A full-dimensional cell.

    Attributes
    ----------
    signs : +1 or -1 for every switch, layer after layer.
    generators : extreme rays of the cone over the cell, primitive integers (x_1..x_d, w); w > 0 is the vertex
        x / w, w = 0 the direction x.
    lineality : a basis of the directions of all lines in the cell.
    walls : the facets: the primitive form that is >= 0 on the cell and 0 on the facet, and the generators on
        the facet as a bit set.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import arrangement_task
    >>> cell = polyhedral_complex(arrangement_task([(2, 0, -1), (0, 1, 0), (1, 1, 9)])).cells[0]
    >>> cell.signs, cell.inequalities, cell.is_bounded
    ((1, 1, 1), ((2, 0, -1), (0, 1, 0)), False)
    >>> cell.vertices, cell.rays, cell.witness
    (((Fraction(1, 2), Fraction(0, 1)),), ((1, 0), (0, 1)), (Fraction(2, 1), Fraction(1, 1)))
    """

    task: RegionTask = field(repr=False)
    signs: tuple[int, ...]
    generators: tuple[Form, ...]
    lineality: tuple[Form, ...]
    walls: tuple[tuple[Form, int], ...] = field(repr=False)

    @property
    def vertices(self) -> tuple[Point, ...]:
        """The vertices; if the cell contains lines, one point of each minimal face."""
        return tuple(tuple([Fraction(x, ray[-1]) for x in ray[:-1]]) for ray in self.generators if ray[-1])

    @property
    def rays(self) -> tuple[Form, ...]:
        """Primitive directions of the unbounded edges, modulo the lineality space."""
        return tuple(ray[:-1] for ray in self.generators if not ray[-1])

    @property
    def is_bounded(self) -> bool:
        """Whether the cell contains no half-line."""
        return not self.lineality and all(ray[-1] for ray in self.generators)

    @property
    def inequalities(self) -> tuple[Form, ...]:
        """The irredundant H-representation: one form a facet, >= 0 on the cell."""
        return tuple(form for form, _ in self.walls)

    @property
    def polyhedron(self) -> Polyhedron:
        """The closed cell as a polyhedron."""
        return Polyhedron(self.inequalities, self.task.dimension)

    @property
    def recession_cone(self) -> Polyhedron:
        """The directions of all half-lines in the cell."""
        return self.polyhedron.recession_cone()

    @cached_property
    def volume(self) -> Fraction:
        """The d-dimensional volume. InputError: the cell is unbounded."""
        from exactnet.geometry.volumes import volume  # cells do not depend on what is measured on them

        return volume(self)

    @cached_property
    def witness(self) -> Point:
        """A rational point of the interior with a denominator as small a power of 16 as its centre allows."""
        vertices = self.vertices
        centre = [sum(column, Fraction(0)) / len(vertices) for column in zip(*vertices, strict=True)]
        for ray in self.rays:
            centre = [x + step for x, step in zip(centre, ray, strict=True)]
        exact = tuple(centre)
        for bits in range(0, 8 * max(x.denominator.bit_length() for x in (*exact, Fraction(1))), 4):
            rounded = tuple(Fraction(round(x * 2**bits), 2**bits) for x in exact)
            if self.has_inside(rounded):
                return rounded
        return exact

    def has_inside(self, point: Point) -> bool:
        """Whether the point lies in the interior."""
        homogeneous = primitive((*point, Fraction(1)))
        return all(evaluate(form, homogeneous) > 0 for form, _ in self.walls)

    @cached_property
    def affine_map(self) -> tuple[RationalMatrix, Point]:
        """The outputs on this cell: matrix A (n_outputs x d) and vector b with f(x) = A x + b."""
        return affine_map(self.task, self.signs)


def cell_of(task: RegionTask, found: ReferenceCell, lineality: tuple[Form, ...]) -> Cell:
    """A cell of the reference engine with its facets: the largest sets of rays on which a form vanishes."""
    on_form: dict[int, int] = {}
    for i, tight in enumerate(found.tight):
        rest = tight >> 1  # bit 0 is infinity, which bounds no cell
        while rest:
            name = (rest & -rest).bit_length()
            on_form[name] = on_form.get(name, 0) | 1 << i
            rest &= rest - 1
    faces = {rays: name for name, rays in sorted(on_form.items(), reverse=True)}
    facets = [(name, rays) for rays, name in faces.items() if not any(rays & r == rays != r for r in faces)]
    walls = tuple((_form_named(task, found, name), rays) for name, rays in sorted(facets))
    return Cell(task, found.signs, found.rays, lineality, walls)


def _form_named(task: RegionTask, found: ReferenceCell, name: int) -> Form:
    """The form behind a name of the tight sets, >= 0 on the cell."""
    if name <= len(task.domain):
        return task.domain[name - 1]
    j = name - 1 - len(task.domain)
    layer = next(k for k in range(len(task.layers)) if j < task.offsets[k + 1])
    form = found.forms[layer][j - task.offsets[layer]]
    return tuple([found.signs[j] * value for value in form])
