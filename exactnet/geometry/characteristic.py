"""The characteristic polynomial of an arrangement, and the counts that Zaslavsky reads off it.

For an arrangement A in R^d the polynomial is chi(t) = sum over the flats X of mu(X) t^dim(X), mu being the
Moebius function of the intersections ordered by reverse inclusion; its coefficients alternate in sign, and
their magnitudes are the Betti numbers b_k of the complement over the complex numbers. Zaslavsky (1975):

    number of cells = |chi(-1)| = b_0 + .. + b_d,        number of relatively bounded cells = |chi(1)|.

The coefficients are whole numbers from exact arithmetic (:mod:`exactnet.kernels.restriction`), and no cell is
enumerated: a count by a different argument than the walk of :mod:`exactnet.geometry.stream`.

Examples
--------
>>> from exactnet.geometry.named import shi
>>> chi = characteristic_polynomial(shi(3))
>>> print(chi)
t^3 - 6t^2 + 9t
>>> chi.n_cells, chi.n_relatively_bounded, chi(3)
(16, 4, 0)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from exactnet.exact import independent_columns, primitive
from exactnet.geometry.hyperplanes import Arrangement, arrangement, oriented
from exactnet.geometry.layers import Form
from exactnet.kernels.restriction import betti_numbers, traces

__all__ = ["CharacteristicPolynomial", "characteristic_polynomial", "f_vector", "n_generic_cells"]


@dataclass(frozen=True)
class CharacteristicPolynomial:
    """chi(t) = sum_k (-1)^k betti[k] t^(d-k), for an arrangement of the given rank in R^d.

    `betti` has d + 1 entries and is zero behind the rank.
    """

    betti: tuple[int, ...]

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.betti) - 1

    @property
    def rank(self) -> int:
        """The codimension of the smallest flats."""
        return max(k for k, value in enumerate(self.betti) if value)

    @property
    def coefficients(self) -> tuple[int, ...]:
        """From the one of t^d, which is 1, down to the constant."""
        return tuple(-value if k % 2 else value for k, value in enumerate(self.betti))

    @property
    def n_cells(self) -> int:
        """Number of full-dimensional cells, |chi(-1)|."""
        return sum(self.betti)

    @property
    def n_relatively_bounded(self) -> int:
        """Number of cells that are bounded up to the lineality space, |chi(1)|."""
        return abs(self(1))

    @property
    def n_bounded(self) -> int:
        """Number of bounded cells: none if the arrangement does not have full rank."""
        return self.n_relatively_bounded if self.rank == self.dimension else 0

    def __call__(self, t: int) -> int:
        """The value at a whole number; for a large prime power the points of F_t^d off the hyperplanes."""
        value = 0
        for coefficient in self.coefficients:
            value = value * t + coefficient
        return value

    def __str__(self) -> str:
        text = ""
        for k, value in enumerate(self.betti):
            if value:
                sign = ("-" if k % 2 else "") if k == 0 else (" - " if k % 2 else " + ")
                text += sign + _monomial(value, self.dimension - k)
        return text


def _monomial(value: int, power: int) -> str:
    if power == 0:
        return str(value)
    return ("" if value == 1 else str(value)) + ("t" if power == 1 else f"t^{power}")


def characteristic_polynomial(
    source: Arrangement | Sequence[Sequence[Fraction | int]],
    *,
    compiled: bool | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> CharacteristicPolynomial:
    """The characteristic polynomial of an arrangement, central or affine, essential or not.

    Parameters
    ----------
    source : an `Arrangement`, or forms (a_1..a_d, b). Zero and constant forms are no hyperplanes, and
        repeated ones count once.
    compiled : force the plain or the compiled twin of the loop; both give the same.

    Examples
    --------
    >>> characteristic_polynomial([(-1, 1, -1), (1, 0, 0), (1, 1, -1), (0, 1, 0)]).coefficients
    (1, -4, 5)
    >>> print(characteristic_polynomial([(0, 0, 1), (0, 0, 0)]))
    t^2
    """
    given = source if isinstance(source, Arrangement) else arrangement(source)
    forms, d = given.hyperplanes, given.dimension
    # on as many coordinates as the rank the traces are the same, and the recursion is shorter
    kept = independent_columns([form[:-1] for form in forms]) if forms else ()
    if len(kept) < d:
        forms = tuple(oriented(primitive([form[k] for k in (*kept, d)])) for form in forms)
    betti = betti_numbers(forms, len(kept), compiled=compiled, progress=progress)
    return CharacteristicPolynomial(betti + (0,) * (d - len(kept)))


def n_generic_cells(n_forms: int, dimension: int) -> int:
    """sum_{i <= d} C(n, i): the number of cells of n hyperplanes in general position, and the most possible.

    Examples
    --------
    >>> n_generic_cells(16, 8)
    39203
    """
    return sum(comb(n_forms, i) for i in range(dimension + 1))


# -- faces ---------------------------------------------------------------------------------------------


def f_vector(source: Arrangement | Sequence[Sequence[Fraction | int]]) -> tuple[int, ...]:
    """How many faces of each dimension 0..d the arrangement cuts R^d into.

    The faces of dimension k are the cells of the restrictions to the flats of dimension k: sums of Whitney
    numbers of the first kind. Every flat is visited, so this is for arrangements with few of them.

    Examples
    --------
    >>> f_vector([(1, 0, 0), (0, 1, 0), (1, 1, -1)])
    (3, 9, 7)
    """
    given = source if isinstance(source, Arrangement) else arrangement(source)
    counts = [0] * (given.dimension + 1)
    # a flat is known by the hyperplanes that contain it; their traces go on with the groups that coincide
    level: dict[int, dict[Form, int]] = {0: {form: 1 << j for j, form in enumerate(given.hyperplanes)}}
    for dimension in range(given.dimension, -1, -1):
        below: dict[int, dict[Form, int]] = {}
        for through, groups in level.items():
            counts[dimension] += sum(betti_numbers(list(groups), dimension, compiled=False))
            for form, group in groups.items():
                if through | group not in below:
                    below[through | group] = _restricted(groups, form)
        level = below
    return tuple(counts)


def _restricted(groups: dict[Form, int], on: Form) -> dict[Form, int]:
    """The traces on one hyperplane, each with the set of all hyperplanes that leave it."""
    found: dict[Form, int] = {}
    for form, group in groups.items():
        if form != on:
            for trace in traces([form], on):
                found[trace] = found.get(trace, 0) | group
    return found
