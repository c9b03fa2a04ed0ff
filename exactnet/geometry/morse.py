"""Piecewise-linear Morse theory of one output f of a network on R^d.

The sets on which something can happen are the connected components K of the faces on which f is constant:
single vertices, if no edge is flat, and flat components otherwise. All of them are listed, each with its
*local homology*, the dimensions c_0, .., c_d of the cohomology of ({f <= a}, {f < a}) near K, a = f(K):

* all c_j zero: K is *regular*; crossing the value a there changes no homology;
* a single c_k = 1: nothing but one cell of dimension k is attached, K is critical of index k. For a vertex
  this means that its lower link has the homology of the sphere S^(k-1) (Grigsby, Lindsey and Masden 2022);
* anything else: degenerate, like a saddle with three valleys, which attaches two cells.

How it is computed. Near a face A of K, the set {f >= a} consists of the faces G >= A with f >= a on G and of
parts of faces that take both signs; the latter are closed half-spaces, whose Borel-Moore homology is zero. By
duality in R^d the stalk at A of the cohomology of ({f <= a}, {f < a}) is the Borel-Moore homology of the
former, in degree d - j. So the local cohomology is that of the double complex

    C^j = sum of Z(A, G) over bounded A in K and G >= A with f >= a on G,  j = dim A + d - dim G,

with the coboundary in A and the boundary in G. Unbounded faces A are left out: the cohomology of the bounded
part and of the whole of K agree, because an unbounded pointed face has no cohomology relative to its boundary
(see :mod:`exactnet.geometry.topology`). Dimensions count modulo the lines that all cells contain. Since all
faces have vertices modulo these lines, the topology of {f <= t} changes at values of vertices only, and

    sum over all K and j of (-1)^j c_j  =  1 - chi({f <= t})   for t below the values of all vertices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from exactnet.errors import InputError, UnsupportedError
from exactnet.geometry.boundary import PolyhedralSet, face_owners
from exactnet.geometry.chains import ChainComplex
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.face_set import FacePoset, poset_of
from exactnet.geometry.homology import chain_betti_numbers
from exactnet.geometry.layers import Form
from exactnet.geometry.smith import Column
from exactnet.geometry.task import region_task
from exactnet.model import Network

__all__ = ["CriticalSet", "MorseData", "morse_data"]

Face = tuple[int, int]
Affine = tuple[Fraction, ...]


@dataclass(frozen=True, repr=False)
class CriticalSet:
    """A connected component of the faces on which f is constant, regular or critical.

    Attributes
    ----------
    value : f on it.
    faces : the faces, closed.
    local_homology : c_0, .., c_d over the field that was asked for; see the module.
    """

    value: Fraction
    faces: PolyhedralSet
    local_homology: tuple[int, ...]

    @property
    def is_flat(self) -> bool:
        """Whether it is more than one smallest face (a vertex, if no cell contains a line)."""
        return sum(self.faces.f_vector()) > 1

    @property
    def is_regular(self) -> bool:
        """Whether passing it changes no homology."""
        return not any(self.local_homology)

    @property
    def index(self) -> int | None:
        """The index of a non-degenerate critical set; None if it is regular or degenerate."""
        return self.local_homology.index(1) if sum(self.local_homology) == 1 else None

    @property
    def lower_link_betti_numbers(self) -> tuple[int, ...]:
        """Betti numbers b_0, .., b_(d-1) of the directions in which f decreases at a vertex.

        For a vertex c_j is the reduced Betti number of degree j-1. Without such directions, all are zero.

        Raises
        ------
        UnsupportedError : a flat set, whose own topology counts, too.
        """
        if self.is_flat:
            raise UnsupportedError(
                "a flat set has no lower link in this sense",
                where="lower_link_betti_numbers",
                got=repr(self),
                expected="a single vertex",
                hint="use local_homology",
            )
        has_lower = not self.local_homology[0]
        return (self.local_homology[1] + has_lower, *self.local_homology[2:])

    @property
    def index_sum(self) -> int:
        """The alternating sum of the local homology: what the set adds to the Euler characteristic."""
        return sum((-1) ** j * n for j, n in enumerate(self.local_homology))

    def __repr__(self) -> str:
        kind = "regular" if self.is_regular else "degenerate" if self.index is None else f"index {self.index}"
        place = "flat" if self.is_flat else str(tuple(map(str, self.faces.vertices[0])))
        return f"CriticalSet({place}, value {self.value}, {kind})"


@dataclass(frozen=True, repr=False)
class MorseData:
    """All components of the faces on which one output is constant.

    Attributes
    ----------
    complex : the activation regions of the network.
    sets : by ascending value.
    """

    complex: PolyhedralComplex = field(repr=False)
    sets: tuple[CriticalSet, ...]

    @property
    def critical(self) -> tuple[CriticalSet, ...]:
        """Those that are not regular."""
        return tuple(found for found in self.sets if not found.is_regular)

    @property
    def flat(self) -> tuple[CriticalSet, ...]:
        """Those that are more than a vertex."""
        return tuple(found for found in self.sets if found.is_flat)

    @property
    def is_morse(self) -> bool:
        """Whether no edge is flat and each critical vertex has an index (in the homological sense).

        In dimension d <= 3 a vertex with the local homology of index k is also combinatorially like the
        quadratic form of that index; above, the lower link may be knotted.
        """
        return not self.flat and all(found.index is not None for found in self.critical)

    @property
    def index_sum(self) -> int:
        """The sum of all indices with signs: 1 - chi({f <= t}) for t below the values of all vertices."""
        return sum(found.index_sum for found in self.sets)

    def __repr__(self) -> str:
        return f"MorseData({len(self.sets)} sets, {len(self.critical)} critical, {len(self.flat)} flat)"


def morse_data(network: Network, *, output: int = 0, field: int = 2) -> MorseData:
    """Regular and critical sets of one output of a network on R^d.

    Parameters
    ----------
    output : which output is f, from 0.
    field : characteristic of the coefficients of the local homology: a prime, or 0 for Q.

    Raises
    ------
    InputError : no such output, or no such field.

    Examples
    --------
    The saddle |x| - |y|:

    >>> saddle = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, -1]], [0])], activation="abs")
    >>> morse_data(saddle).sets
    (CriticalSet(('0', '0'), value 0, index 1),)
    """
    if not 0 <= output < network.n_outputs:
        raise InputError(
            "no such output", where="output", got=str(output), expected=f"0 to {network.n_outputs - 1}"
        )
    return _morse_data(_Heights(polyhedral_complex(region_task(network)), output), field)


class _Heights:
    """The function f on all faces: values at vertices, slopes along rays."""

    def __init__(self, complex: PolyhedralComplex, output: int) -> None:
        self.complex = complex
        self.poset: FacePoset = poset_of(complex)
        self.maps: list[Affine] = []
        for cell in complex.cells:
            matrix, vector = cell.affine_map
            self.maps.append((*matrix.row(output), vector[output]))
        self.owners = face_owners(self.poset)

    @cached_property
    def ranges(self) -> tuple[tuple[tuple[Fraction | None, Fraction | None], ...], ...]:
        """Minimum and maximum of f on each face; None for minus and plus infinity."""
        lattice = self.complex.lattice
        return tuple(
            tuple(
                self._range(self.owners[k][i], [lattice.generators[g] for g in face])
                for i, face in enumerate(level)
            )
            for k, level in enumerate(lattice.faces)
        )

    def _range(self, owner: int, generators: Sequence[Form]) -> tuple[Fraction | None, Fraction | None]:
        form = self.maps[owner]
        lines = self.complex.cells[owner].lineality
        if any(_slope(form, line) for line in lines):
            return None, None
        values = [_slope(form, ray) / ray[-1] for ray in generators if ray[-1]]
        slopes = [_slope(form, ray) for ray in generators if not ray[-1]]
        lowest = None if any(slope < 0 for slope in slopes) else min(values)
        highest = None if any(slope > 0 for slope in slopes) else max(values)
        return lowest, highest

    def flat_faces(self) -> PolyhedralSet:
        """The faces on which f is constant."""
        members = tuple(
            tuple(i for i, (low, high) in enumerate(level) if low is not None and low == high)
            for level in self.ranges
        )
        return PolyhedralSet(self.poset, members, self.complex)


def _slope(form: Affine, vector: Form) -> Fraction:
    """The value of an affine function at a homogeneous point, or its slope along a direction."""
    return sum((a * x for a, x in zip(form, vector, strict=False)), Fraction(0))


def _morse_data(heights: _Heights, field: int) -> MorseData:
    sets = []
    for faces in heights.flat_faces().components():
        k = heights.poset.lowest
        value = heights.ranges[k][faces.members[k][0]][0]
        assert value is not None  # f is constant there
        chains = _local_chains(heights, faces, value)
        # degree n of the chains is the cohomological degree d - lowest - n
        betti = chain_betti_numbers(chains, field)[::-1] + (0,) * k
        sets.append(CriticalSet(value, faces, betti))
    return MorseData(heights.complex, tuple(sorted(sets, key=lambda found: found.value)))


def _local_chains(heights: _Heights, faces: PolyhedralSet, value: Fraction) -> ChainComplex:
    """The double complex of the module, by descending degree j."""
    poset = heights.poset
    top = poset.dimension - poset.lowest
    places: list[dict[tuple[Face, Face], int]] = [{} for _ in range(top + 1)]
    upper: dict[Face, set[Face]] = {}
    for k, level in enumerate(faces.bounded_part().members):
        for i in level:
            upper[k, i] = set(_upper_star(heights, (k, i), value))
            for above in sorted(upper[k, i]):
                level_of = places[above[0] - k]
                level_of[(k, i), above] = len(level_of)
    columns = tuple(
        tuple(_boundary(poset, upper, pair, places[n - 1]) if n else () for pair in place)
        for n, place in enumerate(places)
    )
    return ChainComplex(columns)


def _upper_star(heights: _Heights, face: Face, value: Fraction) -> Iterator[Face]:
    """The face and all faces above it on which f is at least the value."""
    seen, waiting = {face}, [face]
    while waiting:
        k, i = waiting.pop()
        yield k, i
        for j in heights.poset.cofaces[k][i]:
            low = heights.ranges[k + 1][j][0]
            if (k + 1, j) not in seen and low is not None and low >= value:
                seen.add((k + 1, j))
                waiting.append((k + 1, j))


def _boundary(
    poset: FacePoset,
    upper: dict[Face, set[Face]],
    pair: tuple[Face, Face],
    place: dict[tuple[Face, Face], int],
) -> Column:
    """The coboundary in A plus (-1)^dim A times the boundary in G of the generator (A, G)."""
    (k, i), (n, j) = pair
    terms = []
    for facet, value in poset.chains.boundaries[n][j]:
        if (n - 1, facet) in upper[k, i]:
            terms.append((place[(k, i), (n - 1, facet)], (-1) ** k * value))
    for coface in poset.cofaces[k][i]:
        if (n, j) in upper.get((k + 1, coface), ()):
            value = dict(poset.chains.boundaries[k + 1][coface])[i]
            terms.append((place[(k + 1, coface), (n, j)], value))
    return tuple(sorted(terms))
