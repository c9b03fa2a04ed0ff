"""Is a function a network with one hidden layer? Decided on its kinks, with the network or an obstruction.

f(x) = a.x + b + sum_k kink_k relu(l_k(x)) bends along whole hyperplanes, by the same amount everywhere. And
conversely: if f has, on every hyperplane H that carries a kink, the same kink on all of H, then f minus
the sum of kink * relu(l) over these hyperplanes has no kink left, so it is affine. Hence

* f has one hidden layer exactly when no hyperplane carries two different kinks, where the interior of a cell
  that the hyperplane crosses counts as kink 0;
* the number of hyperplanes with a kink is then the least number of ReLU units, beside an affine function.

The statement about one output; several outputs share their hyperplanes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Result, Status
from exactnet.errors import InvariantError
from exactnet.exact import rational_text
from exactnet.geometry.complex import PolyhedralComplex
from exactnet.geometry.double_description import evaluate
from exactnet.geometry.enumeration import regions
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import AffineLayer, Network
from exactnet.tropical.agreement import same_function
from exactnet.tropical.convert import part_of
from exactnet.tropical.kinks import Facet, KinkedComplex, kinked_complex

__all__ = ["Obstruction", "OneHiddenLayer", "one_hidden_layer"]

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class OneHiddenLayer:
    """f(x) = a.x + b + sum kink * relu(form(x)).

    Attributes
    ----------
    hinges : pairs of a primitive form, the first non-zero coefficient positive, and the kink along it.
    affine : a and then b.
    """

    hinges: tuple[tuple[Form, Fraction], ...]
    affine: tuple[Fraction, ...]

    @property
    def n_units(self) -> int:
        """The least number of ReLU units beside an affine function."""
        return len(self.hinges)

    def network(self) -> Network:
        """The network: a ReLU unit a hinge, and the affine function as a skip connection."""
        d = len(self.affine) - 1
        forms = [form for form, _ in self.hinges] or [(0,) * (d + 1)]
        kinks = [kink for _, kink in self.hinges] or [Fraction(0)]
        hidden = AffineLayer.from_arrays(
            [form[:-1] for form in forms], [form[-1] for form in forms], activation="relu"
        )
        output = AffineLayer.from_arrays([kinks], [self.affine[-1]], skips={0: [self.affine[:-1]]})
        return Network((hidden, output))


@dataclass(frozen=True)
class Obstruction:
    """Two points of one hyperplane at which f bends differently: no network with one hidden layer does.

    Attributes
    ----------
    form : the hyperplane.
    points, kinks : at each point f bends by kink * relu(form) along the hyperplane, and not otherwise; 0 is
        a point around which f is affine.
    """

    form: Form
    points: tuple[Point, Point]
    kinks: tuple[Fraction, Fraction]

    def __str__(self) -> str:
        (p, q), (a, b) = self.points, self.kinks
        return (
            f"along {_text(self.form)} = 0 it bends by {rational_text(a)} at {_point(p)} "
            f"and by {rational_text(b)} at {_point(q)}"
        )


def one_hidden_layer(
    source: Network | PolyhedralComplex | KinkedComplex, *, output: int = 0, proof: bool = True
) -> Result[OneHiddenLayer | Obstruction]:
    """Whether one output of a network is a network with one hidden layer.

    PROVED with that network. For a network as source the certificate shows that both are the same function;
    it does not go into minimality, which the module argues. REFUTED with two points; the certificate then
    lists the cells of the function, and the kinks are compared in exact arithmetic.

    Parameters
    ----------
    source : a network, the complete complex of its cells, or its kinks; without a network there is no
        certificate.
    output : which output is f, from 0.
    proof : False leaves the certificate out.

    Raises
    ------
    InputError : no such output. UnsupportedError : a domain that is not the whole space.

    Examples
    --------
    >>> folded = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [-1]), ([[2]], [0])])
    >>> one_hidden_layer(folded)
    PROVED: one hidden layer with 2 units
    >>> layers = [([[1, -1], [0, 1], [0, -1]], [0, 0, 0]), ([[1, 1, -1]], [0]), ([[1]], [0])]
    >>> one_hidden_layer(Network.from_arrays(layers))  # max(0, x, y)
    REFUTED: no network with one hidden layer: along x2 = 0 it bends by 1 at (-1, 0) and by 0 at (1, 0)
    """
    kinked = source if isinstance(source, KinkedComplex) else kinked_complex(source, output)
    network = source if proof and isinstance(source, Network) else None
    obstruction, hinges = _sorted_by_hyperplane(kinked)
    if obstruction is not None:
        sentence = f"no network with one hidden layer: {obstruction}"
        certificate = regions(network).certificate if network else None
        return Result(obstruction, Status.REFUTED, certificate, sentence)
    found = OneHiddenLayer(hinges, _remainder(kinked, hinges))
    sentence = f"one hidden layer with {found.n_units} unit{'s' * (found.n_units != 1)}"
    if network is None:
        return Result(found, Status.PROVED, None, sentence)
    last = len(network.layers)
    chosen = network if network.n_outputs == 1 else part_of(network, last, unit=output)
    shown = same_function(chosen, found.network(), proof=True)
    if not shown.value:
        raise InvariantError("a one-hidden-layer form that differs", reproduction=repr(network))
    return Result(found, Status.PROVED, shown.certificate, sentence)


# -- hyperplanes ----------------------------------------------------------------------------------------


def _sorted_by_hyperplane(
    kinked: KinkedComplex,
) -> tuple[Obstruction | None, tuple[tuple[Form, Fraction], ...]]:
    """The first hyperplane with two kinks, or all hyperplanes with their kinks."""
    on: dict[Form, list[Facet]] = defaultdict(list)
    for facet in kinked.facets:
        on[_oriented(facet.form)].append(facet)
    hinges = []
    for form, facets in sorted(on.items()):
        bent = next((facet for facet in facets if facet.kink), None)
        if bent is None:
            continue
        other = next((facet for facet in facets if facet.kink != bent.kink), None)
        if other is not None:
            points = (_inside(kinked, bent), _inside(kinked, other))
            return Obstruction(form, points, (bent.kink, other.kink)), ()
        crossed = _crossed(kinked, form)
        if crossed is not None:
            return Obstruction(form, (_inside(kinked, bent), crossed), (bent.kink, Fraction(0))), ()
        hinges.append((form, bent.kink))
    return None, tuple(hinges)


def _oriented(form: Form) -> Form:
    first = next((value for value in form if value), 1)
    return form if first > 0 else tuple([-value for value in form])


def _inside(kinked: KinkedComplex, facet: Facet) -> Point:
    """A point of the relative interior of a facet."""
    lattice, d = kinked.complex.lattice, kinked.complex.dimension
    rays = [lattice.generators[g] for g in lattice.faces[d - 1][facet.face]]
    total = [sum(column) for column in zip(*rays, strict=True)]
    return tuple(Fraction(value, total[-1]) for value in total[:-1])


def _crossed(kinked: KinkedComplex, form: Form) -> Point | None:
    """A point of the hyperplane inside a cell, if it crosses one."""
    for cell in kinked.complex.cells:
        values = [evaluate(form, ray) for ray in cell.generators]
        bent_lines = any(evaluate(form, (*line, 0)) for line in cell.lineality)
        if bent_lines or (min(values) < 0 < max(values)):
            minus = tuple([-value for value in form])
            return Polyhedron((*cell.inequalities, form, minus), len(form) - 1).witness
    return None


def _remainder(kinked: KinkedComplex, hinges: tuple[tuple[Form, Fraction], ...]) -> tuple[Fraction, ...]:
    """f minus its hinges on the first cell, where every hinge has one sign."""
    cell, piece = kinked.complex.cells[0], list(kinked.pieces[0])
    inside = [sum(column) for column in zip(*cell.generators, strict=True)]
    for form, kink in hinges:
        if evaluate(form, tuple(inside)) > 0:
            piece = [a - kink * b for a, b in zip(piece, form, strict=True)]
    return tuple(piece)


def _text(form: Form) -> str:
    terms = [f"{value}*x{i}" for i, value in enumerate(form[:-1], start=1) if value]
    text = " + ".join([*terms, *([str(form[-1])] if form[-1] else [])])
    return f" {text}".replace("+ -", "- ").replace(" 1*", " ").replace(" -1*", " -").strip()


def _point(point: Point) -> str:
    return "(" + ", ".join(map(rational_text, point)) + ")"
