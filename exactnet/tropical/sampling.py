"""Terms found at points: proved lower bounds for polynomials and networks that are too large to be expanded.

Where one term of p is the only largest one, it is essential, so every such term found is a proof that p has
it (the sampler of Charisopoulos and Maragos). For a network the terms of a numerator F are found without F
itself, by going backwards through the layers at a point (Trimmel, Petzka, Sminchisescu 2021, "TropEx").

The backward pass keeps a row of coefficients of the units of a layer. Switching units are convex functions,
so with coefficients >= 0 the row is a maximum of affine functions and the active pieces at the point pick
one of them. An affine layer can make coefficients negative; then an amount K that suffices for all points
is added for every point. Starting from the output gives F, starting from nothing and adding the same
amounts gives G: both are convex, depend on the network and not on the points, and F - G is the output. They
have other terms than the F and G of the forward recursion of Zhang, Naitzat and Lim.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import (
    Certificate,
    EssentialTermsRecord,
    LinearSystemRecord,
    Record,
    Result,
    Status,
    WitnessRecord,
)
from exactnet.errors import InputError, ShapeError
from exactnet.exact import common_denominator, to_fractions
from exactnet.geometry.layers import TaskLayer
from exactnet.geometry.task import RegionTask, compose, region_task, signs_at
from exactnet.model import Activation, Network
from exactnet.tropical.equality import prove_normal_form
from exactnet.tropical.form_proof import polynomial_record
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.polytope import Point

__all__ = ["SampledTerms", "generic_signs", "sampled_essential", "sampled_terms"]

Integers = NDArray[np.object_]
Signs = tuple[int, ...]

# of all systems of a certificate together
MOST_ROWS = 100_000


@dataclass(frozen=True)
class SampledTerms:
    """Essential terms of F and G, with F - G the output of a network; lower bounds for the numbers of terms.

    Attributes
    ----------
    numerator, denominator : the terms found, as polynomials: at most F and G everywhere, and equal to F and
        G at the points.
    witnesses : for each term of the numerator, in their order, a point where it was found.
    n_patterns : different activation patterns at the points.
    n_tied : points with a switch that is zero there. They stand for a point nearby, moved by (t, t^2, ..)
        with a small t > 0.
    """

    numerator: TropicalPolynomial
    denominator: TropicalPolynomial
    witnesses: tuple[Point, ...]
    n_patterns: int
    n_tied: int


def sampled_essential(
    p: TropicalPolynomial, points: Iterable[Sequence[object]], *, most_rows: int = MOST_ROWS
) -> Result[TropicalPolynomial]:
    """The terms of p that are the only largest one at some of the points: all essential.

    Parameters
    ----------
    most_rows : a certificate has for each term found one row a term of p; without one if there were more
        rows.

    Returns
    -------
    Result
        PROVED: for each term found a point where it is larger than all others. UNDECIDED without a
        certificate.

    Raises
    ------
    InputError : no such point; ShapeError : a point of another length.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0,): 0, (1,): 0, (2,): 0, (3,): -9})
    >>> found = sampled_essential(p, [[-1], [0], [1], [9]])
    >>> found, found.value, found.check().accepted
    (PROVED: at least 2 of 4 terms are essential, TropicalPolynomial(max(0, 2*x1)), True)
    """
    forms = np.array([(*e, c) for e, c in p.terms], dtype=object)
    found: dict[int, Point] = {}
    n_points = 0
    for i, x in enumerate(points):
        point = to_fractions(x, where=f"point {i}")
        if len(point) != p.n_variables:
            raise _wrong_length(i, len(point), p.n_variables)
        q = common_denominator(point)
        scaled = np.array([*(v.numerator * (q // v.denominator) for v in point), q], dtype=object)
        values = forms @ scaled
        largest = np.flatnonzero(values == values.max())
        if len(largest) == 1:
            found.setdefault(int(largest[0]), point)
        n_points += 1
    if not found:
        raise InputError(
            "no term was alone the largest", where="points", got=f"{n_points} points", hint="take more points"
        )
    terms = dict(p.terms[k] for k in sorted(found))
    value = TropicalPolynomial.from_integers(terms, n_variables=p.n_variables, denominator=p.denominator)
    sentence = f"at least {len(found)} of {p.n_terms} terms are essential"
    if len(found) * p.n_terms > most_rows:
        return Result(value, Status.UNDECIDED, None, sentence)
    if p.n_variables == 0:
        # one number, and no system to be solved
        return prove_normal_form(p)
    records = [record for k in sorted(found) for record in _alone(p, k, found[k])]
    claims = tuple(record.id for record in records if isinstance(record, WitnessRecord))
    return Result(value, Status.PROVED, Certificate(sentence, tuple(records), claims), sentence)


def _alone(p: TropicalPolynomial, k: int, x: Point) -> tuple[Record, Record]:
    """The system "term k is larger than all others", and a point that solves it."""
    e, c = p.terms[k]
    others = [term for i, term in enumerate(p.terms) if i != k]
    rows = tuple(tuple([Fraction(u - v) for u, v in zip(d, e, strict=True)]) for d, _ in others)
    rhs = tuple(Fraction(c - b) for _, b in others)
    system = LinearSystemRecord(f"term{k}-alone", p.n_variables, rows, ("<",) * len(rows), rhs)
    return system, WitnessRecord(f"term{k}", system.id, x)


def sampled_terms(
    network: Network, points: Iterable[Sequence[object]], *, output: int = 0
) -> Result[SampledTerms]:
    """Essential terms of a numerator F and a denominator G of one output, at the given points.

    Cost: one exact forward and one backward pass a point, linear in the number of weights.

    Returns
    -------
    Result
        PROVED: the certificate has a point for each term where it is larger than all others that were
        found. (That they are terms of F and G is the backward pass, which is exact, and which the
        certificate does not repeat.)

    Raises
    ------
    InputError : no points, or no such output; ShapeError : points of another length.

    Examples
    --------
    >>> absolute = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, -1]], [0])])
    >>> found = sampled_terms(absolute, [[1], [-1], [0]])
    >>> found
    PROVED: F has at least 2 essential terms and G at least 2, found at 3 points
    >>> found.value.numerator, found.value.denominator, found.value.n_tied
    (TropicalPolynomial(max(0, x1)), TropicalPolynomial(max(-x1, 0)), 1)
    """
    if not 0 <= output < network.n_outputs:
        raise InputError(
            "no such output", where="output", got=f"{output}", expected=f"0 to {network.n_outputs - 1}"
        )
    task = region_task(network)
    backward = _Backward(task, output)
    at_pattern: dict[Signs, tuple[Point, Point]] = {}
    top: dict[Point, Point] = {}
    bottom: dict[Point, Point] = {}
    n_tied = n_points = 0
    for i, x in enumerate(points):
        point = to_fractions(x, where=f"point {i}")
        if len(point) != task.dimension:
            raise _wrong_length(i, len(point), task.dimension)
        signs, tied = generic_signs(task, point)
        n_tied, n_points = n_tied + tied, n_points + 1
        if signs not in at_pattern:
            at_pattern[signs] = backward.rows(signs)
        of_F, of_G = at_pattern[signs]
        top.setdefault(of_F, point)
        bottom.setdefault(of_G, point)
    if not top:
        raise InputError("no points", where="points", expected="at least one")
    both = (_polynomial(top), top), (_polynomial(bottom), bottom)
    numerator, denominator = both[0][0], both[1][0]
    witnesses = tuple(tuple(found[(*e, c)] for e, c in p.as_fractions()) for p, found in both)
    value = SampledTerms(numerator, denominator, witnesses[0], len(at_pattern), n_tied)
    sentence = (
        f"F has at least {numerator.n_terms} essential term{'s' * (numerator.n_terms != 1)} and G at least "
        f"{denominator.n_terms}, found at {n_points} point{'s' * (n_points != 1)}"
    )
    return Result(value, Status.PROVED, _proof(value, witnesses, sentence), sentence)


def _proof(value: SampledTerms, points: Sequence[Sequence[Point]], title: str) -> Certificate:
    """All terms of both polynomials are essential, by the points where they were found or others nearby."""
    records: list[Record] = []
    for name, part, found in zip("FG", (value.numerator, value.denominator), points, strict=True):
        forms = np.array([(*e, c) for e, c in part.terms], dtype=object)
        essential = tuple((k, _strict_point(forms, k, x)) for k, x in enumerate(found))
        records += [polynomial_record(part, name), EssentialTermsRecord(f"terms-{name}", name, essential, ())]
    return Certificate(title, tuple(records), ("terms-F", "terms-G"))


def _strict_point(forms: Integers, k: int, x: Point) -> Point:
    """x, or x + (t, t^2, ..) with a small t if x was a tie: form k is larger than all others."""
    t = Fraction(0)
    while True:
        moved = tuple(v + t ** (i + 1) for i, v in enumerate(x))
        q = common_denominator(moved)
        values = forms @ np.array([*(v.numerator * (q // v.denominator) for v in moved), q], dtype=object)
        if np.count_nonzero(values >= values[k]) == 1:
            return moved
        t = t / 16 or Fraction(1, 16)


def generic_signs(task: RegionTask, x: Point) -> tuple[Signs, bool]:
    """The signs of all switches at x + (t, t^2, ..) for small t > 0, and whether one is 0 at x itself.

    These are the signs of a cell of full dimension; a switch that is zero on a whole cell counts as -1.

    Examples
    --------
    >>> ramp = Network.from_arrays([([[1], [-1], [0]], [0, 0, 0]), ([[1, 1, 1]], [0])])
    >>> generic_signs(region_task(ramp), (Fraction(0),)), generic_signs(region_task(ramp), (Fraction(1),))
    (((1, -1, -1), True), ((1, -1, -1), True))
    """
    signs = signs_at(task, x)
    if 0 not in signs:
        return signs, False
    found: list[int] = []
    homogeneous = (*x, Fraction(1))
    for k in range(len(task.layers)):
        for form in compose(task, k, found):
            value = sum((a * v for a, v in zip(form, homogeneous, strict=True)), Fraction(0))
            candidates: tuple[Fraction | int, ...] = (value, *form[:-1])
            first = next((v for v in candidates if v), -1)
            found.append(1 if first > 0 else -1)
    return tuple(found), True


def _polynomial(rows: Iterable[Point]) -> TropicalPolynomial:
    terms: dict[Sequence[object], object] = {row[:-1]: row[-1] for row in rows}
    return TropicalPolynomial.from_terms(terms)


def _wrong_length(i: int, got: int, expected: int) -> ShapeError:
    return ShapeError(
        "a point with another number of entries",
        where=f"point {i}",
        got=f"{got}",
        expected=f"{expected}",
    )


class _Backward:
    """The backward pass for one output f = F - G, and the amounts that keep all coefficients >= 0.

    Coefficients are integers over a denominator that depends on the layer only. `highs` bounds the
    coefficients of both functions over all patterns.
    """

    def __init__(self, task: RegionTask, output: int) -> None:
        self.task = task
        self.start, self.constant, self.denominator = _readout(task, output)
        self.weights = [_weights(layer) for layer in task.layers]
        self.lifts: list[Integers] = []
        self.highs: list[Integers] = []
        zero = 0 * self.start
        # one row for F, one for G
        low = high = np.stack([self.start, zero])
        for layer, (weight, _, denominator) in reversed(list(zip(task.layers, self.weights, strict=True))):
            lift = np.maximum(-low.min(axis=0), 0)
            lift[layer.n_switching :] = 0
            low, high = low + lift, high + lift
            self.lifts.append(lift)
            self.highs.append(high.max(axis=0))
            low, high = _range(layer, low, high, self.highs[-1])
            one, other = low[:, :, None] * weight, high[:, :, None] * weight
            low, high = np.minimum(one, other).sum(axis=1), np.maximum(one, other).sum(axis=1)
            self.denominator *= denominator * layer.slope.denominator

    def rows(self, signs: Signs) -> tuple[Point, Point]:
        """The affine functions (a_1..a_d, b) of F and of G on the cell with these signs."""
        return self._row(signs, self.start, self.constant), self._row(signs, 0 * self.start, 0)

    def _row(self, signs: Signs, row: Integers, constant: int) -> Point:
        offsets = self.task.offsets
        for step, k in enumerate(reversed(range(len(self.task.layers)))):
            layer, (weight, bias, denominator) = self.task.layers[k], self.weights[k]
            here = signs[offsets[k] : offsets[k + 1]]
            row, more = _active(layer, row + self.lifts[step], self.highs[step], here)
            constant = (constant * layer.slope.denominator + more) * denominator + row @ bias
            row = row @ weight
        return tuple(Fraction(v, self.denominator) for v in (*row, constant))


def _readout(task: RegionTask, output: int) -> tuple[Integers, int, int]:
    if task.readout is None:
        units = task.layers[-1].n_units if task.layers else task.dimension
        return np.array([int(i == output) for i in range(units)], dtype=object), 0, 1
    rows, denominator = task.readout.integer_rows
    return np.array(rows[output][:-1], dtype=object), rows[output][-1], denominator


def _weights(layer: TaskLayer) -> tuple[Integers, Integers, int]:
    rows, denominator = layer.integer_rows
    table = np.array(rows, dtype=object).reshape(len(rows), layer.n_inputs + 1)
    return table[:, :-1], table[:, -1], denominator


def _active(layer: TaskLayer, row: Integers, high: Integers, signs: Signs) -> tuple[Integers, int]:
    """From coefficients c of the units to those of their arguments z, times the denominator of the slope.

    An activation that is not convex is made so with the bound `high` of c: hardtanh becomes
    c hardtanh(z) + high max(z - 1, 0), and a leaky relu of slope s > 1 becomes c leaky(z) + high (s - 1)
    max(-z, 0).
    """
    n, constant = layer.n_switching, 0
    p, q = layer.slope.numerator, layer.slope.denominator
    found = row * q
    match layer.activation:
        case Activation.RELU:
            found[:n] = [c if s > 0 else 0 for c, s in zip(row[:n], signs, strict=True)]
        case Activation.ABS:
            found[:n] = [c if s > 0 else -c for c, s in zip(row[:n], signs, strict=True)]
        case Activation.LEAKY_RELU:
            below = row * p - high * max(p - q, 0)
            found[:n] = [a if s > 0 else b for a, b, s in zip(found[:n], below[:n], signs, strict=True)]
        case Activation.HARDTANH:
            for i, (lower, upper) in enumerate(zip(signs[::2], signs[1::2], strict=True)):
                if lower < 0:
                    found[i], constant = 0, constant - row[i]
                elif upper > 0:
                    found[i], constant = high[i], constant + row[i] - high[i]
    return found, constant


def _range(layer: TaskLayer, low: Integers, high: Integers, bound: Integers) -> tuple[Integers, Integers]:
    """Bounds of what `_active` returns for coefficients between low and high; a row for F, one for G."""
    n = layer.n_switching
    p, q = layer.slope.numerator, layer.slope.denominator
    lowest, highest = low * q, high * q
    match layer.activation:
        case Activation.RELU:
            lowest[:, :n] = 0
        case Activation.HARDTANH:
            lowest[:, :n], highest[:, :n] = 0, bound[:n]
        case Activation.ABS:
            lowest[:, :n] = -high[:, :n]
        case Activation.LEAKY_RELU:
            extra = bound[:n] * max(p - q, 0)
            ends = low[:, :n] * p - extra, high[:, :n] * p - extra
            lowest[:, :n] = np.minimum(lowest[:, :n], np.minimum(*ends))
            highest[:, :n] = np.maximum(highest[:, :n], np.maximum(*ends))
    return lowest, highest
