"""Small networks and arrangements for tests, and all their cells by brute force over sign patterns."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product

from hypothesis import strategies as st

from exactnet.geometry.complex import PolyhedralComplex
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.task import RegionTask, compose
from exactnet.model import Network
from tests.support.oracles import feasible

ACTIVATIONS = ("relu", "leaky_relu", "abs", "hardtanh", "identity")
TERNARY = st.integers(-1, 1)
SMALL = st.sampled_from([Fraction(-2), Fraction(-1), Fraction(0), Fraction(1), Fraction(1, 2), Fraction(3)])

Rows = list[list[int]]


@st.composite
def networks(
    draw: st.DrawFn,
    *,
    largest: Sequence[int] = (2, 3, 2),
    entries: st.SearchStrategy[object] = TERNARY,
    activations: Sequence[str] = ("relu",),
) -> Network:
    """Fully connected, degenerate on purpose: repeated, parallel and dead units; widths 1 up to `largest`."""
    widths = [draw(st.integers(1, width)) for width in largest] + [1]
    kind = draw(st.sampled_from(activations))
    layers = [
        (
            [[draw(entries) for _ in range(n_in)] for _ in range(n_out)],
            [draw(entries) for _ in range(n_out)],
        )
        for n_in, n_out in pairwise(widths)
    ]
    return Network.from_arrays(layers, activation=kind, slope=draw(st.sampled_from(["1/2", -1, 0, 3])))


@st.composite
def forms_in(draw: st.DrawFn, dimension: int, *, most: int = 6, size: int = 2) -> Rows:
    """Up to `most` integer rows of d+1 entries; zeros, repetitions and parallels occur often."""
    entry = st.integers(-size, size)
    return draw(
        st.lists(st.lists(entry, min_size=dimension + 1, max_size=dimension + 1), min_size=0, max_size=most)
    )


def domains(dimension: int) -> st.SearchStrategy[Polyhedron | None]:
    """The whole space, boxes (also flat ones), polyhedra (also empty ones)."""
    corner = st.tuples(st.integers(-2, 2), st.integers(0, 2))
    box = st.lists(corner, min_size=dimension, max_size=dimension).map(
        lambda sides: Polyhedron.box([low for low, _ in sides], [low + length for low, length in sides])
    )
    general = forms_in(dimension, most=4).map(lambda rows: Polyhedron(tuple(map(tuple, rows)), dimension))
    return st.one_of(st.none(), box, general)


def brute_force_cells(task: RegionTask) -> set[tuple[int, ...]]:
    """Every sign vector whose open cell has a point: Fourier-Motzkin on all of them, layer after layer.

    A switch that is zero on the whole cell has sign -1 and bounds nothing.
    """
    inside = [[*row] for row in task.domain if any(row[:-1])]
    if any(row[-1] < 0 for row in task.domain if not any(row[:-1])):
        return set()
    found = {(): inside} if _has_point(inside, task.dimension) else {}
    for k, layer in enumerate(task.layers):
        longer = {}
        for signs, rows in found.items():
            forms = compose(task, k, signs)
            for choice in product((1, -1), repeat=layer.n_switches):
                if any(s > 0 and not any(form) for s, form in zip(choice, forms, strict=True)):
                    continue
                strict = [[s * x for x in form] for s, form in zip(choice, forms, strict=True) if any(form)]
                if _has_point(rows + strict, task.dimension):
                    longer[(*signs, *choice)] = rows + strict
        found = longer
    return set(found)


def _has_point(rows: Sequence[Sequence[int]], dimension: int) -> bool:
    """Is a.x + b > 0 for all rows solvable?"""
    distinct = {tuple(row) for row in rows}
    return feasible(
        [[-x for x in row[:-1]] for row in distinct] or [[0] * dimension],
        ["<"] * len(distinct) or ["<="],
        [row[-1] for row in distinct] or [0],
    )


def vandermonde(n: int, dimension: int) -> Rows:
    """n forms in R^d in general position."""
    return [[t**k for k in range(dimension + 1)] for t in range(1, n + 1)]


def differences(n: int, constants: Sequence[int]) -> Rows:
    """The hyperplanes x_i - x_j = c for i < j and every c: braid (0), Shi (0, 1), Linial (1), ..."""
    rows = []
    for i, j in combinations(range(n), 2):
        for c in constants:
            row = [0] * n + [-c]
            row[i], row[j] = 1, -1
            rows.append(row)
    return rows


def zigzag(pieces: int, depth: int) -> Network:
    """A 1-D network whose layers fold (0, 1) `pieces` times each (Montufar et al. 2014); pieces even."""
    readout = [pieces] + [(-1) ** k * 2 * pieces for k in range(1, pieces)]
    first = ([[1]] * pieces, [Fraction(-k, pieces) for k in range(pieces)])
    inner = ([readout] * pieces, first[1])
    return Network.from_arrays([first] + [inner] * (depth - 1) + [([readout], [0])])


def unit_box(d: int) -> Polyhedron:
    """[-1, 1]^d."""
    return Polyhedron.box([-1] * d, [1] * d)


def check_facets(found: PolyhedralComplex) -> None:
    """Inner facets have two cells, with different signs; the other facets lie on the domain."""
    d, lattice = found.dimension, found.lattice
    shared = {facet: (i, j) for i, j, facet in found.adjacency()}
    assert all(found.cells[i].signs != found.cells[j].signs for i, j in shared.values())
    for facet, owners in enumerate(lattice.owners(d - 1)):
        generators = [lattice.generators[g] for g in lattice.faces[d - 1][facet]]
        on_domain = any(all(evaluate(row, ray) == 0 for ray in generators) for row in found.task.domain)
        assert on_domain == (len(owners) == 1)
        assert (facet in shared) == (len(owners) == 2)
