"""Verification by definition: pieces of activations one by one, exact linear programs, single roundings.

Nothing here knows of certificates, bounds or lowering.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from random import Random

from exactnet.certificate import LayerRecord, NetworkRecord, PropertyCase, PropertyRecord, PropertyRow
from exactnet.exact import LinearSystem, feasible

Affine = tuple[Fraction, ...]  # a_1..a_d, b
Constraint = tuple[Affine, str]  # the affine form is <= 0, or < 0
ZERO, ONE = Fraction(0), Fraction(1)


def satisfiable(network: NetworkRecord, prop: PropertyRecord) -> bool:
    """Whether some input satisfies the property, over the rationals."""
    return any(_case_holds_somewhere(network, case) for case in prop.cases)


def _case_holds_somewhere(network: NetworkRecord, case: PropertyCase) -> bool:
    d = network.n_inputs
    inputs = [tuple(Fraction(int(p == q)) for q in range(d + 1)) for p in range(d)]
    lower, upper, rows = case
    box = [(_plus(_times(x, -ONE), a), "<=") for x, a in zip(inputs, lower, strict=True)]
    box += [(_plus(x, -b), "<=") for x, b in zip(inputs, upper, strict=True)]
    for constraints, outputs in _pieces(network, [inputs], box):
        unsafe = [(_row_form(row, inputs, outputs), row[3]) for row in rows]
        if _has_point([*constraints, *unsafe], d):
            return True
    return False


def _row_form(row: PropertyRow, inputs: Sequence[Affine], outputs: Sequence[Affine]) -> Affine:
    total: Affine = (ZERO,) * len(inputs[0])
    for i, a in row[0]:
        total = _add(total, _times(inputs[i], a))
    for j, c in row[1]:
        total = _add(total, _times(outputs[j], c))
    return _plus(total, -row[2])


def _pieces(
    network: NetworkRecord, values: list[list[Affine]], constraints: list[Constraint]
) -> Iterator[tuple[list[Constraint], list[Affine]]]:
    """All linear pieces that have points: their constraints and the outputs on them."""
    if len(values) > len(network.layers):
        yield constraints, values[-1]
        return
    layer = network.layers[len(values) - 1]
    z = _pre_activation(layer, values)
    n_units = len(z) // layer.pieces
    for chosen, units in _choices(layer, z, n_units, constraints):
        yield from _pieces(network, [*values, units], chosen)


def _choices(
    layer: LayerRecord, z: list[Affine], n_units: int, constraints: list[Constraint]
) -> Iterator[tuple[list[Constraint], list[Affine]]]:
    found: list[tuple[list[Constraint], list[Affine]]] = [(constraints, [])]
    for u in range(n_units):
        options = _options(layer, z[u * layer.pieces : (u + 1) * layer.pieces])
        found = [
            ([*known, *more], [*units, value])
            for known, units in found
            for more, value in options
            if _has_point([*known, *more], len(value) - 1)
        ]
    yield from found


def _options(layer: LayerRecord, z: list[Affine]) -> list[tuple[list[Constraint], Affine]]:
    one, zero = z[0], (ZERO,) * len(z[0])
    at_most, at_least = [(one, "<=")], [(_times(one, -ONE), "<=")]
    match layer.activation:
        case "identity":
            return [([], one)]
        case "relu":
            return [(at_least, one), (at_most, zero)]
        case "leaky_relu":
            return [(at_least, one), (at_most, _times(one, layer.slope))]
        case "abs":
            return [(at_least, one), (at_most, _times(one, -ONE))]
        case "hardtanh":
            low, high = (_plus(one, ONE), "<="), (_plus(_times(one, -ONE), ONE), "<=")
            middle = [(_plus(one, -ONE), "<="), (_plus(_times(one, -ONE), -ONE), "<=")]
            return [([low], _plus(zero, -ONE)), (middle, one), ([high], _plus(zero, ONE))]
        case _:
            return [([(_add(other, _times(piece, -ONE)), "<=") for other in z], piece) for piece in z]


def _pre_activation(layer: LayerRecord, values: list[list[Affine]]) -> list[Affine]:
    rows = []
    for u, b in enumerate(layer.bias):
        total = _plus((ZERO,) * len(values[0][0]), b)
        for weight, source in [(layer.weight, values[-1]), *((w, values[s]) for s, w in layer.skips)]:
            for a, value in zip(weight[u], source, strict=True):
                total = _add(total, _times(value, a))
        rows.append(total)
    return rows


def _add(a: Affine, b: Affine) -> Affine:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _times(a: Affine, factor: Fraction) -> Affine:
    return tuple(factor * x for x in a)


def _plus(a: Affine, constant: Fraction) -> Affine:
    return (*a[:-1], a[-1] + constant)


def _has_point(constraints: Sequence[Constraint], d: int) -> bool:
    rows, relations, rhs = [], [], []
    for form, relation in constraints:
        if not any(form[:-1]):
            if form[-1] > 0 or (form[-1] == 0 and relation == "<"):
                return False
            continue
        rows.append(form[:-1])
        relations.append(relation)
        rhs.append(-form[-1])
    return not rows or feasible(LinearSystem(rows, relations, rhs)).point is not None


def values_at(network: NetworkRecord, x: Sequence[Fraction]) -> list[list[Fraction]]:
    """The inputs and the outputs of every layer, over the rationals."""
    values = [list(x)]
    for layer in network.layers:
        z = [q[-1] for q in _pre_activation(layer, [[(*(), q) for q in value] for value in values])]
        values.append([_activated(layer, z[k : k + layer.pieces]) for k in range(0, len(z), layer.pieces)])
    return values


def _activated(layer: LayerRecord, z: Sequence[Fraction]) -> Fraction:
    slopes = {"relu": ZERO, "leaky_relu": layer.slope, "abs": -ONE, "identity": ONE}
    if layer.activation in slopes:
        return z[0] if z[0] >= 0 else slopes[layer.activation] * z[0]
    return max(-ONE, min(ONE, z[0])) if layer.activation == "hardtanh" else max(z)


# -------------------------------------------------------------------------------------------- binary32


def rounded(q: Fraction, *, flush: bool = False) -> Fraction:
    """The binary32 number nearest to q, ties to even; subnormal ones become 0 with `flush`.

    Examples
    --------
    >>> rounded(Fraction(1, 3)) == Fraction(11184811, 2**25)
    True
    >>> rounded(Fraction(2**24 + 1)), rounded(Fraction(1, 2**140), flush=True)
    (Fraction(16777216, 1), Fraction(0, 1))
    """
    if q == 0:
        return q
    exponent = abs(q.numerator).bit_length() - q.denominator.bit_length()
    if abs(q) < Fraction(2) ** exponent:
        exponent -= 1
    step = Fraction(2) ** max(exponent - 23, -149)
    quotient = q / step
    below = floor(quotient)
    rest = quotient - below
    up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2 == 1)
    found = (below + up) * step
    return ZERO if flush and abs(found) < Fraction(1, 2**126) else found


def evaluated(network: NetworkRecord, x: Sequence[Fraction], random: Random) -> list[list[Fraction]]:
    """The computed z of every layer: sums in a random tree, random fusions, flushing or not."""
    found, h = [], list(x)
    for layer in network.layers:
        flush = random.random() < 0.5
        z = [_dot(row, h, b, random, flush=flush) for row, b in zip(layer.weight, layer.bias, strict=True)]
        found.append(z)
        h = [max(q, ZERO) for q in z] if layer.activation == "relu" else z
    return found


def _dot(
    row: Sequence[Fraction], h: Sequence[Fraction], b: Fraction, random: Random, *, flush: bool
) -> Fraction:
    def taken(q: Fraction) -> Fraction:
        return ZERO if flush and abs(q) < Fraction(1, 2**126) else q

    terms: list[tuple[Fraction, ...]] = [(a, q) for a, q in zip(row, h, strict=True)] + [(b,)]
    random.shuffle(terms)
    while len(terms) > 1:
        first, second = terms.pop(random.randrange(len(terms))), terms.pop(random.randrange(len(terms)))
        # an operand that is still a product is rounded first, but for one that is fused
        fused = random.random() < 0.5
        left = [taken(q) for q in first]
        right = [taken(q) for q in second]
        product = left[0] * left[1] if len(left) == 2 else left[0]
        if len(left) == 2 and not fused:
            product = rounded(product, flush=flush)
        other = rounded(right[0] * right[1], flush=flush) if len(right) == 2 else right[0]
        terms.insert(random.randrange(len(terms) + 1), (rounded(product + taken(other), flush=flush),))
    last = [taken(q) for q in terms[0]]
    return rounded(last[0] * last[1], flush=flush) if len(last) == 2 else last[0]
