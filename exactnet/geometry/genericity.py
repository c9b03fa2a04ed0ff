"""Is a network generic, and is it supertransversal? Exactly, with a witness if it is not (Masden 2022).

*Generic layers*: in the input space R^n of a layer, any k <= n of its hyperplanes meet in dimension n - k,
and any n + 1 of them nowhere.

*Supertransversal*: on every face C of the complex of the layers in front, any set of the next layer's units
that vanish together at a point inside C has independent linear parts on C. Equivalently, each set of points
with one sign vector in {-1, 0, +1} has dimension d minus the number of its zeros; so every face has.

It is enough to count the zeros at the vertices. Let v be a vertex of a face A of dimension k, and z the
number of zeros inside A. Near v, A is a pointed cone, so at least k of the switches that are not zero inside
A vanish at v: v has at least z + k zeros. And k >= d - z, since one equation lowers the dimension by at most
one. If v has d zeros only, then z = d - k. The rows of a domain count as switches. If all cells contain the
same lines, the same holds modulo these lines: d less their dimension zeros for the smallest faces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

from exactnet.errors import LimitReached
from exactnet.exact import nullspace, primitive, rank, rational_text
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.layers import Form, identity_map, pre_activation, switch_forms
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import RegionTask

__all__ = [
    "DependentUnits",
    "Genericity",
    "SpecialVertex",
    "check_generic_layers",
    "check_supertransversal",
    "genericity_of",
    "vertex_signs",
]

Signs = tuple[int, ...]


@dataclass(frozen=True)
class DependentUnits:
    """Hyperplanes of one layer that are not in general position.

    Attributes
    ----------
    layer : which layer of the task, from 0.
    switches : the hyperplanes, as switches of the layer, from 0.
    relation : integers m_j, none zero, with sum m_j f_j = 0 for their forms f_j, or for the linear parts.
    linear : whether the relation is one of the linear parts: the hyperplanes meet in too large a dimension,
        or, as parallel ones do, nowhere. False: n + 1 hyperplanes in R^n share a point.
    """

    layer: int
    switches: tuple[int, ...]
    relation: tuple[int, ...]
    linear: bool

    def __str__(self) -> str:
        what = "dependent linear parts" if self.linear else "a common point"
        return f"switches {list(self.switches)} of layer {self.layer} have {what}"


@dataclass(frozen=True)
class SpecialVertex:
    """A vertex (or a point of a smallest face) where too many switches vanish.

    Attributes
    ----------
    point : homogeneous integers (x_1..x_d, w): the point x / w.
    walls, switches : the rows of the domain and the switches that vanish there.
    n_expected : how many would in a supertransversal network.
    """

    point: Form
    walls: tuple[int, ...]
    switches: tuple[int, ...]
    n_expected: int

    def __str__(self) -> str:
        *x, w = self.point
        place = ", ".join(rational_text(Fraction(value, w)) for value in x)
        found = f"switches {list(self.switches)}" + (
            f" and domain rows {list(self.walls)}" * bool(self.walls)
        )
        return f"{found} vanish at ({place}), where {self.n_expected} should"


@dataclass(frozen=True)
class Genericity:
    """The outcome of both tests: a witness of each failure, or None.

    Attributes
    ----------
    layers : hyperplanes of a layer that are not in general position.
    vertex : a vertex where too many switches vanish.
    """

    layers: DependentUnits | None
    vertex: SpecialVertex | None

    @property
    def has_generic_layers(self) -> bool:
        """Whether the hyperplanes of each layer are in general position in its own input space."""
        return self.layers is None

    @property
    def is_supertransversal(self) -> bool:
        """Whether each set of one sign vector has dimension d minus the number of its zeros."""
        return self.vertex is None


def genericity_of(task: RegionTask, *, limit: int = 200_000) -> Genericity:
    """Both tests, exactly.

    Parameters
    ----------
    limit : the largest number of subsets of one layer's hyperplanes to look at.

    Raises
    ------
    LimitReached : a layer has more subsets (its binomial coefficient).

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> genericity_of(arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, -1)]))
    Genericity(layers=None, vertex=None)
    >>> found = genericity_of(arrangement_task([(1, 0, 0), (0, 1, 0), (1, 1, 0)]))
    >>> print(found.layers)
    switches [0, 1, 2] of layer 0 have a common point
    >>> print(found.vertex)
    switches [0, 1, 2] vanish at (0, 0), where 2 should
    """
    return Genericity(check_generic_layers(task, limit=limit), check_supertransversal(task))


def check_generic_layers(task: RegionTask, *, limit: int = 200_000) -> DependentUnits | None:
    """Hyperplanes of one layer that are not in general position, None if there are none.

    Parameters and errors as for `genericity_of`; cost: one rank a subset of n or n + 1 hyperplanes.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> check_generic_layers(arrangement_task([(1, 2, 0), (2, 4, 5)]))
    DependentUnits(layer=0, switches=(0, 1), relation=(-2, 1), linear=True)
    """
    for k, layer in enumerate(task.layers):
        n = layer.n_inputs
        forms = switch_forms(layer, pre_activation(layer, identity_map(n)))
        sizes = [min(n, len(forms)), *([n + 1] if len(forms) > n else [])]
        n_subsets = max((comb(len(forms), size) for size in sizes), default=0)
        if n_subsets > limit:
            raise LimitReached(
                "too many subsets of hyperplanes to test for general position",
                where=f"layer {k} (from 0)",
                got=f"{n_subsets} subsets",
                expected=f"at most {limit}",
                hint="raise limit, or test only for supertransversality",
            )
        for size, width in zip(sizes, (n, n + 1), strict=False):
            rows = [form[:width] for form in forms]
            for subset in combinations(range(len(rows)), size):
                if size and rank([rows[j] for j in subset]) < size:
                    return _relation(k, subset, [rows[j] for j in subset], width == n)
    return None


def _relation(layer: int, subset: tuple[int, ...], rows: list[Form], linear: bool) -> DependentUnits:
    """A relation with the smallest support of a basis of all relations."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    relations = [primitive(row) for row in nullspace(columns).numerators]
    best = min(relations, key=lambda row: sum(map(bool, row)))
    used = [(j, m) for j, m in zip(subset, best, strict=True) if m]
    return DependentUnits(layer, tuple(j for j, _ in used), tuple(m for _, m in used), linear)


def check_supertransversal(task: RegionTask) -> SpecialVertex | None:
    """A vertex where more switches vanish than should, None if the network is supertransversal.

    Cost: that of the cells, one after the other, up to the first such vertex.

    Examples
    --------
    A dead second layer: its unit is zero wherever the first one is not active.

    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> dead = Network.from_arrays([([[1]], [0]), ([[1]], [0]), ([[1]], [0])])
    >>> print(check_supertransversal(region_task(dead)))
    switches [0, 1] vanish at (0), where 1 should
    """
    n_walls = len(task.domain)
    n_expected = task.dimension - len(reduce_task(task).lineality)
    for point, signs in vertex_signs(task):
        if signs.count(0) != n_expected:
            zeros = [j for j, sign in enumerate(signs) if not sign]
            walls = tuple(j for j in zeros if j < n_walls)
            switches = tuple(j - n_walls for j in zeros if j >= n_walls)
            return SpecialVertex(point, walls, switches, n_expected)
    return None


def vertex_signs(task: RegionTask) -> Iterator[tuple[Form, Signs]]:
    """Every vertex once, with the signs (-1, 0, +1) of the rows of the domain and then of all switches.

    If all cells contain lines: one point of each smallest face.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> sorted(vertex_signs(arrangement_task([(1, 0), (1, -1)])))
    [((0, 1), (0, -1)), ((1, 1), (1, 0))]
    """
    seen: set[Form] = set()
    for cell in reference_cells(task):
        fresh = [ray for ray in cell.rays if ray[-1] and ray not in seen]
        seen.update(fresh)
        forms = (*task.domain, *(form for layer in cell.forms for form in layer))
        for point in fresh:
            values = (evaluate(form, point) for form in forms)
            yield point, tuple((value > 0) - (value < 0) for value in values)
