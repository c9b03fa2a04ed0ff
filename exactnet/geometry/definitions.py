"""The six meanings of "number of linear regions", each counted exactly on a complete complex.

Stargalla, Hertrich and Reichman (2025) list them; R6 <= R5 <= R4 <= R3 <= R2 <= R1, and every inequality is
strict for some network. R1 and R2 belong to the network, R3 to R6 to the function that it computes.

f is the function of the task: the outputs of the network, all of them together. An arrangement of forms
a_i.x + b_i stands for the network x -> (max(0, a_i.x + b_i))_i.

A pattern is one sign for every switch. The switches of a maxout unit with three or more pieces know more
than the winner; for the patterns of such a network give the network to the functions below.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from exactnet.errors import LimitReached, UnsupportedError
from exactnet.exact import RationalMatrix, primitive
from exactnet.geometry.cell import Cell
from exactnet.geometry.coarsening import coarse_partition, n_polyhedra_needed
from exactnet.geometry.double_description import Cone, cut, evaluate
from exactnet.geometry.layers import Form
from exactnet.geometry.patterns import activation_regions, has_tournaments, winner_pattern
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import compose
from exactnet.model import Network

if TYPE_CHECKING:
    from exactnet.geometry.complex import PolyhedralComplex

__all__ = ["Region", "RegionCount", "RegionDefinition", "bound_regions", "count_regions", "regions_of"]

Indices = tuple[int, ...]
_Faces = list[tuple[int, int]]
AffineMap = tuple[RationalMatrix, tuple[Fraction, ...]]


class RegionDefinition(StrEnum):
    """What counts as one region; `text` says it in a sentence.

    Examples
    --------
    >>> RegionDefinition.R6.text
    'One affine function that f equals on a full-dimensional set, connected or not.'
    """

    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"
    R6 = "R6"

    @property
    def text(self) -> str:
        """One sentence: what one region is."""
        return _TEXTS[self]


_TEXTS = {
    RegionDefinition.R1: "A non-empty set of points with one activation pattern (a switch is on if its value "
    "is positive), of any dimension.",
    RegionDefinition.R2: "A full-dimensional set of points with one activation pattern.",
    RegionDefinition.R3: "A full-dimensional polyhedron of a polyhedral complex on whose polyhedra f is "
    "affine, in a complex with as few of them as possible.",
    RegionDefinition.R4: "A maximal open connected set on which f is affine.",
    RegionDefinition.R5: "A maximal closed connected set on which f is affine and that has interior points.",
    RegionDefinition.R6: "One affine function that f equals on a full-dimensional set, connected or not.",
}


@dataclass(frozen=True)
class Region:
    """One region of a complex.

    Attributes
    ----------
    cells : the cells whose union it is, up to sets without interior; none for a pattern of R1 that holds on
        no full-dimensional set.
    faces : for R1 only, the pairs (k, i): the pattern holds inside the faces `lattice.faces[k][i]`.
    """

    definition: RegionDefinition
    cells: Indices
    faces: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class RegionCount:
    """A proved interval for a number of regions; only R3 can leave it open.

    Examples
    --------
    >>> RegionCount(RegionDefinition.R3, 3, 4).value is None, RegionCount(RegionDefinition.R6, 3, 3).value
    (True, 3)
    """

    definition: RegionDefinition
    lower: int
    upper: int

    @property
    def value(self) -> int | None:
        """The number, if the ends agree."""
        return self.lower if self.lower == self.upper else None


def count_regions(
    complex_: PolyhedralComplex, definition: RegionDefinition, *, network: Network | None = None
) -> int:
    """The number of regions of a complete complex (all cells of its task).

    Cost: R2 one step a cell, R4 and R6 one affine map a cell, R1 all faces. R5 looks at all cells once for
    every affine function that occurs in several places; the rest is R4. For R3 see `bound_regions`.

    Parameters
    ----------
    network : the network of the task, needed for R1 and R2 if it has maxout units with three or more pieces.

    Raises
    ------
    LimitReached : R3 is not determined by the bounds at hand; `partial` is the RegionCount.
    UnsupportedError : R1 in a domain that is not empty but has no interior.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> layers = [([[1], [1], [1]], [0, -2, -1]), ([[1, 1, -2]], [0])]
    >>> trapezoid = polyhedral_complex(region_task(Network.from_arrays(layers)))
    >>> [count_regions(trapezoid, definition) for definition in RegionDefinition]
    [4, 4, 4, 4, 4, 3]
    """
    count = bound_regions(complex_, definition, network=network)
    if count.value is None:
        raise LimitReached(
            "the smallest number of polyhedra is only known within bounds",
            where="definition R3",
            got=f"between {count.lower} and {count.upper}",
            expected="equal bounds",
            hint="use bound_regions, or another definition",
            partial=count,
        )
    return count.value


def bound_regions(
    complex_: PolyhedralComplex,
    definition: RegionDefinition,
    *,
    network: Network | None = None,
    max_cells: int = 200,
) -> RegionCount:
    """Proved bounds for the number of regions, equal for every definition but R3.

    R3 is at least R4, because each polyhedron lies in one region of R4. A region that is not convex needs
    two polyhedra, and as many as it has points no two of which see each other inside it. R3 is at most the
    number of polyhedra left when cells are joined greedily, each step checked to keep a complex. No search
    over all complexes is made, so the interval can stay open although it is small.

    Parameters
    ----------
    max_cells : in complexes with more cells R3 is bounded by R4 and R2 alone.
    """
    definition = RegionDefinition(definition)
    if definition is not RegionDefinition.R3:
        n = len(regions_of(complex_, definition, network=network))
        return RegionCount(definition, n, n)
    groups = _open_groups(complex_)
    lower, upper = len(groups), len(_full_patterns(complex_, network))
    if complex_.n_cells <= max_cells and lower < upper:
        lower = sum(n_polyhedra_needed(complex_, group) for group in groups)
        upper = upper if lower == upper else min(upper, len(coarse_partition(complex_, groups)))
    return RegionCount(definition, lower, upper)


def regions_of(
    complex_: PolyhedralComplex, definition: RegionDefinition, *, network: Network | None = None
) -> tuple[Region, ...]:
    """The regions of a complete complex; for R3 the polyhedra of the best complex found.

    Parameters and errors are those of `count_regions`.

    Examples
    --------
    >>> from exactnet.geometry.complex import polyhedral_complex
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> layers = [([[1], [1], [1]], [0, -2, -1]), ([[1, 1, -2]], [0])]
    >>> trapezoid = polyhedral_complex(region_task(Network.from_arrays(layers)))
    >>> sorted(len(region.cells) for region in regions_of(trapezoid, RegionDefinition.R6))
    [1, 1, 2]
    """
    definition = RegionDefinition(definition)
    match definition:
        case RegionDefinition.R1:
            return _patterns(complex_, network)
        case RegionDefinition.R2:
            groups: Iterable[Indices] = _full_patterns(complex_, network)
        case RegionDefinition.R3:
            groups = coarse_partition(complex_, _open_groups(complex_))
        case RegionDefinition.R4:
            groups = _open_groups(complex_)
        case RegionDefinition.R5:
            groups = _closed_regions(complex_)
        case RegionDefinition.R6:
            groups = _by_key(_map_numbers(complex_))
    return tuple(Region(definition, group) for group in groups)


# -- R1: patterns on faces of all dimensions ------------------------------------------------------------


def _full_patterns(complex_: PolyhedralComplex, network: Network | None) -> Sequence[Indices]:
    """The cells of every full-dimensional activation region: one, but for tournaments of maxout units."""
    if network is None or not has_tournaments(network):
        return [(i,) for i in range(complex_.n_cells)]
    return activation_regions(network, [cell.signs for cell in complex_.cells])


def _patterns(complex_: PolyhedralComplex, network: Network | None) -> tuple[Region, ...]:
    """Faces by pattern (a bit set of switches); every point lies inside exactly one face."""
    task, d = complex_.task, complex_.dimension
    if not complex_.cells and not Polyhedron(task.domain, d).is_empty:
        raise UnsupportedError(
            "patterns are read from the faces of full-dimensional cells, and there are none",
            where="definition R1",
            got="a domain without interior",
            expected="a full-dimensional domain",
            hint="restrict the task to the affine hull of the domain first: geometry.slices",
        )
    faces: dict[int, _Faces] = defaultdict(list)
    seen: set[tuple[int, int]] = set()
    for i, cell in enumerate(complex_.cells):
        on = _switched_on(cell)
        stack = [(d, i)]
        while stack:
            k, j = stack.pop()
            pattern = 0
            for g in complex_.lattice.faces[k][j]:
                pattern |= on[complex_.lattice.generators[g]]
            faces[pattern].append((k, j))
            below = {(k - 1, facet) for facet in complex_.lattice.boundaries[k][j]} - seen
            seen |= below
            stack += below
    if network is not None and has_tournaments(network):
        faces = _by_winners(network, faces, task.n_switches)
    return tuple(
        Region(RegionDefinition.R1, tuple(sorted(j for k, j in found if k == d)), tuple(sorted(found)))
        for found in faces.values()
    )


def _by_winners(network: Network, faces: dict[int, _Faces], n_switches: int) -> dict[int, _Faces]:
    """The same faces by the winners of maxout units; a switch that is zero lets no new piece win."""
    numbers: dict[object, int] = {}
    merged: dict[int, _Faces] = defaultdict(list)
    for pattern, found in faces.items():
        signs = [1 if pattern >> j & 1 else -1 for j in range(n_switches)]
        merged[numbers.setdefault(winner_pattern(network, signs), len(numbers))] += found
    return merged


def _switched_on(cell: Cell) -> dict[Form, int]:
    """For each generator of a cell the switches that are positive there, seen from the cell.

    A form that is >= 0 on the cell is positive inside a face exactly when it is on one of its generators.
    """
    forms = [form for k in range(len(cell.task.layers)) for form in compose(cell.task, k, cell.signs)]
    positive = [(1 << j, form) for j, (s, form) in enumerate(zip(cell.signs, forms, strict=True)) if s > 0]
    return {ray: sum(bit for bit, form in positive if evaluate(form, ray)) for ray in cell.generators}


# -- R4 and R6: cells by their affine function ----------------------------------------------------------


def _map_numbers(complex_: PolyhedralComplex) -> list[int]:
    """The same number for the same affine function, counted in the order of the cells."""
    numbers: dict[object, int] = {}
    return [numbers.setdefault(cell.affine_map, len(numbers)) for cell in complex_.cells]


def _open_groups(complex_: PolyhedralComplex) -> list[Indices]:
    """Cells with equal functions, joined across common facets.

    An open connected set stays connected without the faces of codimension two, so nothing else joins.
    """
    numbers = _map_numbers(complex_)
    union = _Union(complex_.n_cells)
    for i, j, _ in complex_.adjacency():
        if numbers[i] == numbers[j]:
            union.join(i, j)
    return _by_key(union.root(i) for i in range(complex_.n_cells))


def _by_key(keys: Iterable[int]) -> list[Indices]:
    groups: dict[int, list[int]] = defaultdict(list)
    for i, key in enumerate(keys):
        groups[key].append(i)
    return [tuple(group) for group in groups.values()]


class _Union:
    """Disjoint sets of 0..n-1 that can be joined."""

    def __init__(self, n: int) -> None:
        self.parent = list(range(n))

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i: int, j: int) -> None:
        self.parent[self.root(j)] = self.root(i)


# -- R5: components of the sets {f = g} -----------------------------------------------------------------


def _closed_regions(complex_: PolyhedralComplex) -> list[Indices]:
    """R4, joined further through every point where f equals the same affine function g.

    Two regions of g can be connected through lower-dimensional sets {f = g} inside cells with other
    functions. In every cell that set is a polyhedron; two of these meet exactly when they have a vertex in
    common, because the meeting is a face of both.
    """
    groups, numbers = _open_groups(complex_), _map_numbers(complex_)
    n_places = Counter(numbers[group[0]] for group in groups)
    regions = [group for group in groups if n_places[numbers[group[0]]] == 1]
    for number in (number for number, n in n_places.items() if n > 1):
        union = _Union(complex_.n_cells)
        at_vertex: dict[Form, int] = {}
        example = complex_.cells[numbers.index(number)]
        for i, cell in enumerate(complex_.cells):
            for vertex in _vertices_where_equal(cell, example):
                union.join(at_vertex.setdefault(vertex, i), i)
        full = [i for i, own in enumerate(numbers) if own == number]
        parts = _by_key(union.root(i) for i in full)
        regions += [tuple(full[i] for i in part) for part in parts]
    return sorted(regions)


def _vertices_where_equal(cell: Cell, other: Cell) -> list[Form]:
    """Vertices (homogeneous) of the part of a cell where f equals the function of the other cell."""
    rays = cell.generators
    tight = [
        sum((1 << k + 1 for k, (_, on) in enumerate(cell.walls) if on >> i & 1), int(not ray[-1]))
        for i, ray in enumerate(rays)
    ]
    # along the lines in the cells f has one derivative everywhere, so the cone without them decides
    cone = Cone(cell.task.dimension + 1 - len(cell.lineality), rays, tuple(tight))
    name = len(cell.walls) + 1
    for form in _differences(cell.affine_map, other.affine_map):
        if any(form):
            cone = cut(cut(cone, form, name), tuple([-value for value in form]), name)
            name += 1
    return [ray for ray in cone.rays if ray[-1]]


def _differences(first: AffineMap, second: AffineMap) -> list[Form]:
    """One form an output: it vanishes where the two affine functions agree in that output."""
    (A, a), (B, b) = first, second
    return [
        primitive((*row, constant - other)) for row, constant, other in zip((A - B).rows(), a, b, strict=True)
    ]
