"""Networks with maxout and skip connections, and all their activation regions by brute force.

Nothing here uses tasks: affine forms are pushed through the definition of a network, and every pattern of
winners and signs is decided for itself by Fourier-Motzkin elimination.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from random import Random

from hypothesis import strategies as st

from exactnet.exact import primitive
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import Activation, AffineLayer, Network
from tests.geometry.nets import _has_point

Affine = tuple[Fraction, ...]  # a_1..a_d, b
Pattern = tuple[tuple[int, ...], ...]
# what a unit may do: its part of the pattern, forms that are positive then, its value
Option = tuple[tuple[int, ...], list[Affine], Affine]

KINDS = ("relu", "leaky_relu", "abs", "hardtanh", "maxout", "identity")


@st.composite
def general_networks(
    draw: st.DrawFn,
    *,
    n_inputs: int = 2,
    depth: int = 3,
    width: int = 2,
    kinds: Sequence[str] = KINDS,
) -> Network:
    """Every layer has its own activation, and skips from anywhere; zero, equal and dead units occur often."""
    # one seed instead of many small choices, which would mostly be the simplest ones
    random = Random(draw(st.integers(0, 2**32)))
    widths = [random.randint(1, n_inputs)]
    layers: list[AffineLayer] = []

    def matrix(n_rows: int, n_columns: int) -> list[list[int]]:
        return [[random.randint(-1, 1) for _ in range(n_columns)] for _ in range(n_rows)]

    for k in range(1, random.randint(1, depth) + 1):
        kind = random.choice(kinds)
        pieces = random.randint(2, 3) if kind == "maxout" else 1
        n_rows = random.randint(1, width) * pieces
        sources = [source for source in range(k - 1) if random.random() < 0.6]
        layer = AffineLayer.from_arrays(
            matrix(n_rows, widths[-1]),
            [random.randint(-1, 1) for _ in range(n_rows)],
            activation=kind,
            slope=random.choice(["1/2", -1, 3]) if kind == "leaky_relu" else 0,
            pieces=pieces,
            skips={source: matrix(n_rows, widths[source]) for source in sources},
        )
        layers.append(layer)
        widths.append(layer.n_outputs)
    return Network(tuple(layers))


def brute_force_patterns(network: Network, domain: Polyhedron | None = None) -> set[Pattern]:
    """All patterns of full-dimensional activation regions; the format is that of `winner_pattern`."""
    d = network.n_inputs
    rows: list[tuple[int, ...]] = [] if domain is None else list(domain.rows)
    if any(row[-1] < 0 for row in rows if not any(row[:-1])):
        return set()
    inside = [row for row in rows if any(row[:-1])]
    inputs = [tuple(Fraction(int(i == j)) for j in range(d + 1)) for i in range(d)]
    states: list[tuple[Pattern, list[tuple[int, ...]], list[list[Affine]]]] = []
    if _has_point(inside, d):
        states.append(((), inside, [inputs]))
    for layer in network.layers:
        longer = []
        for pattern, known, values in states:
            units = _options(layer, _pre_activations(layer, values, d))
            for choice in product(*units):
                positive = [primitive(form) for _, forms, _ in choice for form in forms]
                if _has_point(known + positive, d):
                    here = tuple(sign for signs, _, _ in choice for sign in signs)
                    after = [*values, [value for _, _, value in choice]]
                    longer.append(((*pattern, here), known + positive, after))
        states = longer
    return {pattern for pattern, _, _ in states}


def _pre_activations(layer: AffineLayer, values: list[list[Affine]], d: int) -> list[Affine]:
    z = [[*[Fraction(0)] * d, b] for b in layer.bias]
    for matrix, h in [(layer.weight, values[-1]), *((s.weight, values[s.source]) for s in layer.skips)]:
        for i, row in enumerate(matrix.rows()):
            for w, form in zip(row, h, strict=True):
                z[i] = [x + w * y for x, y in zip(z[i], form, strict=True)]
    return [tuple(form) for form in z]


def _options(layer: AffineLayer, z: list[Affine]) -> Iterator[list[Option]]:
    if layer.activation is Activation.MAXOUT:
        for u in range(layer.n_outputs):
            yield _winners(z[u * layer.pieces : (u + 1) * layer.pieces])
        return
    for form in z:
        yield _pieces(layer, form)


def _winners(pieces: list[Affine]) -> list[Option]:
    found: list[Option] = []
    for t, piece in enumerate(pieces):
        ahead = [_minus(piece, other) for other in pieces]
        if all(any(form) for form in ahead[:t]):  # of equal pieces the lowest wins
            found.append(((t,), [form for form in ahead if any(form)], piece))
    return found


def _pieces(layer: AffineLayer, z: Affine) -> list[Option]:
    one = (*[Fraction(0)] * (len(z) - 1), Fraction(1))
    match layer.activation:
        case Activation.IDENTITY:
            return [((), [], z)]
        case Activation.HARDTANH:
            low, high = _minus(z, _times(one, -1)), _minus(z, one)
            return (
                [((1, 1), forms, one) for forms in _strict((low, 1), (high, 1))]
                + [((1, -1), forms, z) for forms in _strict((low, 1), (high, -1))]
                + [((-1, -1), forms, _times(one, -1)) for forms in _strict((low, -1), (high, -1))]
            )
        case Activation.RELU:
            below = _times(z, 0)
        case Activation.ABS:
            below = _times(z, -1)
        case _:
            below = _times(z, layer.slope)
    above: list[Option] = [((1,), forms, z) for forms in _strict((z, 1))]
    return above + [((-1,), forms, below) for forms in _strict((z, -1))]


def _strict(*signed: tuple[Affine, int]) -> list[list[Affine]]:
    """The forms that must be positive; nothing at all if the zero form should be."""
    if any(sign > 0 and not any(form) for form, sign in signed):
        return []
    return [[_times(form, sign) for form, sign in signed if any(form)]]


def _times(form: Affine, factor: Fraction | int) -> Affine:
    return tuple(factor * x for x in form)


def _minus(a: Affine, b: Affine) -> Affine:
    return tuple(x - y for x, y in zip(a, b, strict=True))
