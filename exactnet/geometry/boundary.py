"""Level sets, sub- and superlevel sets and decision boundaries of networks as exact polyhedral complexes.

The affine functions of the outputs whose signs matter (f_i - c, or the differences f_i - f_j) become one more
layer of switches behind the network. On every face of the complex refined in this way each function has one
sign on the whole relative interior, so each of the sets is the union of the faces with certain signs. The
pieces are those of the network: a line of the boundary that crosses two activation regions is two faces.

A function may be zero on a full-dimensional cell. Then that cell, and not only its boundary, belongs to the
level set, and its dimension is d there (`PolyhedralSet.flat_cells`); nothing is assumed about genericity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import NamedTuple, Self

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, to_fraction
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.face_set import FacePoset, FaceSet, poset_of
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import compose, region_task
from exactnet.model import Activation, AffineLayer, Network

__all__ = [
    "LevelSets",
    "PolyhedralSet",
    "RefinedComplex",
    "decision_boundary",
    "decision_region",
    "face_owners",
    "level_set",
    "level_sets",
    "refined_complex",
    "sublevel_set",
    "superlevel_set",
]

Signs = tuple[int, ...]
Point = tuple[Fraction, ...]


@dataclass(frozen=True, repr=False)
class PolyhedralSet(FaceSet):
    """A set of faces of a polyhedral complex, with their coordinates.

    Examples
    --------
    >>> cross = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, -1]], [0])], activation="abs")
    >>> found = level_set(cross)
    >>> found, found.vertices, found.n_components
    (PolyhedralSet(dimension 1, 5 faces), ((Fraction(0, 1), Fraction(0, 1)),), 1)
    >>> found.polyhedron(1, found.members[1][0]).rays
    ((1, 1),)
    """

    complex: PolyhedralComplex = field(repr=False)

    @property
    def vertices(self) -> tuple[Point, ...]:
        """The vertices; if all faces contain lines, one point of each smallest face."""
        generators, points = self.complex.lattice.generators, []
        for i in self.members[self.poset.lowest]:
            for g in self.complex.lattice.faces[self.poset.lowest][i]:
                *x, w = generators[g]
                if w:
                    points.append(tuple([Fraction(value, w) for value in x]))
        return tuple(points)

    @property
    def flat_cells(self) -> tuple[int, ...]:
        """The full-dimensional faces: cells of the complex that lie in the set with their interior."""
        return self.members[-1]

    def generators(self, k: int, i: int) -> tuple[Form, ...]:
        """Face i of dimension k: homogeneous integers (x_1..x_d, w), w > 0 a vertex, w = 0 a ray."""
        lattice = self.complex.lattice
        return tuple(lattice.generators[g] for g in lattice.faces[k][i])

    def polyhedron(self, k: int, i: int) -> Polyhedron:
        """Face i of dimension k, closed, by the inequalities of a cell above it and equations."""
        found = self.generators(k, i)
        rows: list[Form] = []
        for row in self.complex.cells[self._owners[k][i]].inequalities:
            rows.append(row)
            if not any(evaluate(row, ray) for ray in found):
                rows.append(tuple(-value for value in row))
        return Polyhedron(tuple(rows), self.complex.dimension)

    @cached_property
    def _owners(self) -> tuple[tuple[int, ...], ...]:
        return face_owners(self.poset)

    def _with(self, members: tuple[tuple[int, ...], ...]) -> Self:
        return type(self)(self.poset, members, self.complex)


@dataclass(frozen=True, repr=False)
class RefinedComplex:
    """The complex of a network, cut along the zero sets of some affine functions of its outputs.

    Attributes
    ----------
    complex : the refined complex; the functions are the last switches of its task.
    signs : signs[k][i] are the signs (-1, 0, +1) of the functions inside face i of dimension k.
    """

    complex: PolyhedralComplex
    signs: tuple[tuple[Signs, ...], ...]

    @cached_property
    def poset(self) -> FacePoset:
        """The incidences of all faces."""
        return poset_of(self.complex)

    def where(self, keep: Callable[[Signs], bool]) -> PolyhedralSet:
        """The faces whose signs satisfy the condition."""
        members = tuple(tuple(i for i, signs in enumerate(level) if keep(signs)) for level in self.signs)
        return PolyhedralSet(self.poset, members, self.complex)

    def __repr__(self) -> str:
        n_functions = len(self.signs[-1][0]) if self.signs[-1] else 0
        return f"RefinedComplex({self.complex!r}, {n_functions} functions)"


def refined_complex(
    network: Network, functions: Sequence[Sequence[object]], *, domain: Polyhedron | None = None
) -> RefinedComplex:
    """Cut the complex of a network along the zero sets of functions of its outputs.

    Parameters
    ----------
    functions : rows (a_1..a_n, b), n the number of outputs: the function a.f + b.
    domain : a polyhedron; None is all of R^d.

    Raises
    ------
    ShapeError : rows that do not have n+1 entries, or no row.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> refined_complex(tent, [(1, -1)]).signs[0]
    ((1,), (0,), (0,), (-1,))
    """
    rows = RationalMatrix.from_rows(functions, where="functions", n_columns=network.n_outputs + 1)
    if not rows.numerators:
        raise ShapeError("no function to cut along", where="functions", got="no row", expected="one or more")
    n = network.n_outputs
    weight = RationalMatrix.from_integers([row[:n] for row in rows.numerators], rows.denominator, n_columns=n)
    switches = AffineLayer(weight, rows.column(n), Activation.RELU)
    task = region_task(Network((*network.layers, switches), network.provenance), domain)
    found = polyhedral_complex(task)
    last, n_functions = len(task.layers) - 1, len(rows.numerators)
    forms = [compose(task, last, cell.signs)[-n_functions:] for cell in found.cells]
    lattice = found.lattice
    owners = face_owners(poset_of(found))
    signs = tuple(
        tuple(
            tuple(_sign(form, [lattice.generators[g] for g in face]) for form in forms[owner])
            for face, owner in zip(level, level_owners, strict=True)
        )
        for level, level_owners in zip(lattice.faces, owners, strict=True)
    )
    return RefinedComplex(found, signs)


def face_owners(poset: FacePoset) -> tuple[tuple[int, ...], ...]:
    """For each face of each dimension one cell that it is a face of."""
    owners: list[tuple[int, ...]] = [tuple(range(len(poset.boundaries[-1])))]
    for k in range(poset.dimension - 1, -1, -1):
        owners.append(tuple(owners[-1][above[0]] for above in poset.cofaces[k]))
    return tuple(owners[::-1])


def _sign(form: Form, generators: Sequence[Form]) -> int:
    """The sign inside a face on which the form does not take both signs."""
    values = (evaluate(form, ray) for ray in generators)
    return next(((value > 0) - (value < 0) for value in values if value), 0)


# -- one output ------------------------------------------------------------------------------------------


class LevelSets(NamedTuple):
    """What a level c of one output f cuts R^d, or the domain, into; all sets belong to one complex."""

    refined: RefinedComplex

    @property
    def zero(self) -> PolyhedralSet:
        """{f = c}, closed."""
        return self.refined.where(lambda signs: signs[0] == 0)

    @property
    def at_most(self) -> PolyhedralSet:
        """{f <= c}, closed."""
        return self.refined.where(lambda signs: signs[0] <= 0)

    @property
    def at_least(self) -> PolyhedralSet:
        """{f >= c}, closed."""
        return self.refined.where(lambda signs: signs[0] >= 0)

    @property
    def below(self) -> PolyhedralSet:
        """{f < c}, open in R^d."""
        return self.refined.where(lambda signs: signs[0] < 0)

    @property
    def above(self) -> PolyhedralSet:
        """{f > c}, open in R^d."""
        return self.refined.where(lambda signs: signs[0] > 0)


def level_sets(
    network: Network, c: object = 0, *, output: int = 0, domain: Polyhedron | None = None
) -> LevelSets:
    """The complex of a network cut along {f = c}, with the sets on both sides.

    Parameters
    ----------
    c : the level, an exact number.
    output : which output is f, from 0.
    domain : a polyhedron; None is all of R^d.

    Raises
    ------
    InputError : no such output.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> sets = level_sets(tent, "1/2")
    >>> sets.zero.vertices, sets.above.n_components, sets.at_most.n_components
    (((Fraction(7, 4),), (Fraction(1, 4),)), 1, 2)
    """
    _require_output(network, output)
    row = [Fraction(int(k == output)) for k in range(network.n_outputs)]
    return LevelSets(refined_complex(network, [(*row, -to_fraction(c, where="c"))], domain=domain))


def level_set(
    network: Network, c: object = 0, *, output: int = 0, domain: Polyhedron | None = None
) -> PolyhedralSet:
    """{f = c} for one output f; arguments and errors as for `level_sets`.

    Examples
    --------
    >>> relu = Network.from_arrays([([[1]], [0]), ([[1]], [0])])
    >>> flat = level_set(relu)
    >>> flat.dimension, len(flat.flat_cells), flat.f_vector()
    (1, 1, (1, 1))
    """
    return level_sets(network, c, output=output, domain=domain).zero


def sublevel_set(
    network: Network, c: object = 0, *, output: int = 0, domain: Polyhedron | None = None
) -> PolyhedralSet:
    """{f <= c} for one output f; arguments and errors as for `level_sets`."""
    return level_sets(network, c, output=output, domain=domain).at_most


def superlevel_set(
    network: Network, c: object = 0, *, output: int = 0, domain: Polyhedron | None = None
) -> PolyhedralSet:
    """{f >= c} for one output f; arguments and errors as for `level_sets`."""
    return level_sets(network, c, output=output, domain=domain).at_least


# -- classifiers -----------------------------------------------------------------------------------------


def decision_boundary(
    network: Network, *, classes: tuple[int, int] | None = None, domain: Polyhedron | None = None
) -> PolyhedralSet:
    """Where a classifier that takes the largest output is undecided.

    Parameters
    ----------
    classes : two outputs i, j: the set {f_i = f_j >= all others}. None: the union over all pairs, where the
        largest value is attained twice. A single output f decides by its sign: its boundary is {f = 0}.
    domain : a polyhedron; None is all of R^d.

    Raises
    ------
    InputError : no such outputs, or i = j.

    Examples
    --------
    Three classes that meet in one point:

    >>> three = Network.from_arrays([([[1, 0], [0, 1], [-1, -1]], [0, 0, 0])])
    >>> decision_boundary(three).f_vector(), decision_boundary(three, classes=(0, 1)).f_vector()
    ((1, 3, 0), (1, 1, 0))
    """
    n = network.n_outputs
    if n == 1 and classes is None:
        return level_set(network, domain=domain)
    if classes is not None:
        i, j = classes
        _require_output(network, i)
        _require_output(network, j)
        if i == j:
            raise InputError(
                "a boundary needs two classes", where="classes", got=str(classes), expected="i != j"
            )
        others = [j, *(k for k in range(n) if k not in classes)]
        refined = refined_complex(network, [_difference(n, i, k) for k in others], domain=domain)
        return refined.where(lambda signs: signs[0] == 0 and min(signs) >= 0)
    pairs = list(combinations(range(n), 2))
    refined = refined_complex(network, [_difference(n, i, j) for i, j in pairs], domain=domain)

    def tied(signs: Signs) -> bool:
        beaten = {j if sign > 0 else i for (i, j), sign in zip(pairs, signs, strict=True) if sign}
        return n - len(beaten) >= 2

    return refined.where(tied)


def decision_region(network: Network, label: int, *, domain: Polyhedron | None = None) -> PolyhedralSet:
    """{f_i >= all other outputs} for the class i = `label` of a classifier with two or more outputs, closed.

    Raises
    ------
    InputError : no such output; ShapeError : a single output (use `superlevel_set`).

    Examples
    --------
    >>> three = Network.from_arrays([([[1, 0], [0, 1], [-1, -1]], [0, 0, 0])])
    >>> decision_region(three, 2).f_vector()
    (1, 2, 1)
    """
    _require_output(network, label)
    n = network.n_outputs
    if n == 1:
        raise ShapeError(
            "a single output has no other outputs to be compared with",
            where="decision_region",
            got="1 output",
            expected="two or more",
            hint="use superlevel_set or sublevel_set",
        )
    rows = [_difference(n, label, k) for k in range(n) if k != label]
    return refined_complex(network, rows, domain=domain).where(lambda signs: min(signs) >= 0)


def _difference(n: int, i: int, j: int) -> list[int]:
    """f_i - f_j as a row."""
    return [(k == i) - (k == j) for k in range(n)] + [0]


def _require_output(network: Network, output: int) -> None:
    if not 0 <= output < network.n_outputs:
        raise InputError(
            "no such output",
            where="output",
            got=str(output),
            expected=f"0 to {network.n_outputs - 1}",
        )
