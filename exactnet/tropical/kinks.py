"""The kinks of a continuous piecewise affine function: how its gradient jumps across every facet.

Between two neighbouring cells i and j with the common facet {l = 0}, l the primitive integer form that is
positive on j, continuity makes the difference a multiple of l: f_j - f_i = kink * l. The function is convex
exactly when no kink is negative, and its kinks determine it up to an affine function. Around a face of
codimension two the jumps add up to zero; on all of R^d every family of numbers that is *balanced* like this
at all these faces consists of the kinks of some function (Brandenburg, Grillo and Hertrich 2024, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from exactnet.errors import InputError, InvariantError, UnsupportedError
from exactnet.exact import RationalMatrix
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.layers import Form
from exactnet.geometry.task import region_task
from exactnet.model import Network
from exactnet.tropical.balance import solution_basis

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Facet", "KinkedComplex", "kinked_complex"]

Affine = tuple[Fraction, ...]


@dataclass(frozen=True)
class Facet:
    """A facet between two cells.

    Attributes
    ----------
    cells : the indices (i, j) of the cells, i < j.
    form : primitive, zero on the facet and positive on cell j.
    kink : f_j - f_i = kink * form.
    face : the facet is the face `lattice.faces[d-1][face]` of the complex.
    """

    cells: tuple[int, int]
    form: Form
    kink: Fraction
    face: int


@dataclass(frozen=True, repr=False)
class KinkedComplex:
    """The cells of a function on R^d, its affine pieces, and its kinks.

    Attributes
    ----------
    complex : the cells, all activation regions of the network.
    pieces : the affine function f on every cell, coefficients and then the constant.
    facets : all facets between two cells, those without a kink too.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> kinked_complex(tent)
    KinkedComplex(3 cells in R^1, 2 of 2 facets with a kink)
    >>> sorted(facet.kink for facet in kinked_complex(tent).facets)
    [Fraction(-4, 1), Fraction(2, 1)]
    """

    complex: PolyhedralComplex
    pieces: tuple[Affine, ...]
    facets: tuple[Facet, ...]

    @property
    def kinks(self) -> tuple[Fraction, ...]:
        """The kink of every facet."""
        return tuple(facet.kink for facet in self.facets)

    @property
    def balancing(self) -> tuple[dict[int, int], ...]:
        """Two equations a face of codimension two; the kinks of functions are their solutions.

        Each gives the coefficients of the facets that meet in the face, by their numbers in `facets`.
        """
        return tuple(_balancing_equations(self.complex, self.facets))

    @cached_property
    def balanced(self) -> RationalMatrix:
        """A basis of all balanced kinks, one vector a row."""
        return solution_basis(self.balancing, len(self.facets))

    @cached_property
    def basis_functions(self) -> NDArray[np.object_]:
        """For every vector of `balanced` the function with these kinks that is zero on cell 0.

        Integers, shape (n_cells, d + 1, n_vectors); every facet is compared with the form on it.
        """
        shape = (self.complex.n_cells, self.complex.dimension + 1, len(self.balanced.numerators))
        table = np.zeros(shape, dtype=object)
        for n, vector in enumerate(self.balanced.numerators):
            table[:, :, n] = self.function_with(vector)
        return table

    def function_with(self, kinks: Sequence[int]) -> tuple[Form, ...]:
        """The pieces of the function that has these kinks and is zero on cell 0.

        Raises
        ------
        InvariantError : the kinks are not balanced.
        """
        n_entries = self.complex.dimension + 1
        pieces: dict[int, Form] = {0: (0,) * n_entries}
        steps: dict[int, list[tuple[int, int, Form]]] = {}
        for facet, kink in zip(self.facets, kinks, strict=True):
            i, j = facet.cells
            steps.setdefault(i, []).append((j, kink, facet.form))
            steps.setdefault(j, []).append((i, -kink, facet.form))
        waiting = [0]
        while waiting:
            i = waiting.pop()
            for j, kink, form in steps.get(i, ()):
                piece = tuple([a + kink * b for a, b in zip(pieces[i], form, strict=True)])
                if j not in pieces:
                    pieces[j] = piece
                    waiting.append(j)
                elif pieces[j] != piece:
                    raise InvariantError("kinks that are not balanced", reproduction=repr(self.complex.task))
        return tuple(pieces[i] for i in range(self.complex.n_cells))

    def __repr__(self) -> str:
        n_kinks = sum(facet.kink != 0 for facet in self.facets)
        return (
            f"KinkedComplex({self.complex.n_cells} cells in R^{self.complex.dimension}, "
            f"{n_kinks} of {len(self.facets)} facets with a kink)"
        )


def kinked_complex(source: Network | PolyhedralComplex, output: int = 0) -> KinkedComplex:
    """The kinks of one output of a network on all of R^d.

    Parameters
    ----------
    source : a network, or the complete complex of its cells.
    output : which output is f, from 0.

    Raises
    ------
    InputError : no such output.
    UnsupportedError : a complex of a domain that is not the whole space.
    """
    complex_ = polyhedral_complex(region_task(source)) if isinstance(source, Network) else source
    if complex_.task.domain:
        raise UnsupportedError(
            "kinks are compared on the whole space only",
            where="domain",
            got=f"{len(complex_.task.domain)} inequalities",
            expected="a complex of all of R^d",
        )
    n_outputs = len(complex_.cells[0].affine_map[1])
    if not 0 <= output < n_outputs:
        raise InputError("no such output", where="output", got=str(output), expected=f"0 to {n_outputs - 1}")
    pieces = tuple(
        (*matrix.row(output), vector[output])
        for matrix, vector in (cell.affine_map for cell in complex_.cells)
    )
    return KinkedComplex(complex_, pieces, tuple(_facets(complex_, pieces)))


def _facets(complex_: PolyhedralComplex, pieces: Sequence[Affine]) -> Iterator[Facet]:
    lattice, d = complex_.lattice, complex_.dimension
    for i, j, k in complex_.adjacency():
        rays = [lattice.generators[g] for g in lattice.faces[d - 1][k]]
        form = next(w for w in complex_.cells[j].inequalities if not any(evaluate(w, ray) for ray in rays))
        jump = [b - a for a, b in zip(pieces[i], pieces[j], strict=True)]
        pivot = next(t for t, value in enumerate(form) if value)
        kink = jump[pivot] / form[pivot]
        if any(value != kink * entry for value, entry in zip(jump, form, strict=True)):
            raise InvariantError("a function that jumps at a facet", reproduction=repr(complex_.task))
        yield Facet((i, j), form, kink, k)


def _balancing_equations(complex_: PolyhedralComplex, facets: Sequence[Facet]) -> Iterator[dict[int, int]]:
    """Around each face of codimension two, the sum of +-kink * form is the zero form.

    The forms are written in terms of two of them; where only two hyperplanes cross, the equations separate.
    """
    d = complex_.dimension
    if d < 2:
        return
    number = {facet.face: n for n, facet in enumerate(facets)}
    for around in complex_.lattice.owners(d - 2):
        walk = list(_cycle([facets[number[k]] for k in around]))
        first = walk[0][0].form
        p, q, second = _basis_forms([facet.form for facet, _ in walk])
        # Cramer's rule for form = (u first + v second) / determinant
        equations: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for facet, direction in walk:
            form, n = facet.form, number[facet.face]
            u = form[p] * second[q] - form[q] * second[p]
            v = first[p] * form[q] - first[q] * form[p]
            for equation, value in zip(equations, (u, v), strict=True):
                if value:
                    equation[n] = direction * value
        yield from equations


def _cycle(facets: Sequence[Facet]) -> Iterator[tuple[Facet, int]]:
    """The facets in the order of a walk around their common face; +1 when it goes from cell i to cell j."""
    left = list(facets)
    at = left[0].cells[0] if left else 0
    while left:
        n = next(n for n, facet in enumerate(left) if at in facet.cells)
        facet = left.pop(n)
        direction = 1 if facet.cells[0] == at else -1
        at = facet.cells[1] if direction == 1 else facet.cells[0]
        yield facet, direction


def _basis_forms(forms: Sequence[Form]) -> tuple[int, int, Form]:
    """Two coordinates and a form in which the first form and this one are independent."""
    first = forms[0]
    p = next(t for t, value in enumerate(first) if value)
    for form in forms[1:]:
        for q in range(len(first)):
            if first[p] * form[q] != first[q] * form[p]:
                return p, q, form
    raise InvariantError("a face of codimension two inside a facet", reproduction=repr(forms))
