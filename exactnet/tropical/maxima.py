"""Two hidden layers for the maximum of five and of six numbers.

With M_ij = max(x_i, x_j), of which a first hidden layer makes all, the identities

    max_n = sum over t of lambda_t * sum over permutations pi of max(sum of M_ij over A_t, sum over B_t)

(all indices moved by pi) write the maximum with two hidden layers, where the pairwise tree needs three. That
two are enough for five numbers is due to Bakaev, Brunck, Hertrich, Stade and Yehudayoff (2025); the
identities below were found by exact linear algebra over the chambers x_pi(1) >= .. >= x_pi(n). They are
proved again, for the networks made of them, on every cell.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, permutations

from exactnet.errors import UnsupportedError
from exactnet.model import AffineLayer, Network, Provenance
from exactnet.tropical.polynomial import TropicalPolynomial

__all__ = ["MAXIMUM_IDENTITIES", "maximum_network", "maximum_polynomial"]

Edge = tuple[int, int]
Edges = tuple[Edge, ...]

# (1 / lambda, A, B), with the indices counted from 0
MAXIMUM_IDENTITIES: dict[int, tuple[tuple[Fraction, Edges, Edges], ...]] = {
    5: (
        (Fraction(1, 120), ((0, 1), (0, 1)), ((0, 2), (0, 2))),
        (Fraction(1, 120), ((0, 1), (0, 1)), ((2, 3), (2, 4))),
        (Fraction(1, 48), ((0, 1), (0, 2)), ((0, 3), (0, 4))),
        (Fraction(-1, 30), ((0, 1), (0, 2)), ((0, 3), (1, 4))),
    ),
    6: (
        (Fraction(-1, 360), ((0, 1), (0, 1)), ((0, 1), (0, 2))),
        (Fraction(1, 360), ((0, 1), (0, 1)), ((0, 1), (2, 3))),
        (Fraction(1, 720), ((0, 1), (0, 1)), ((0, 2), (0, 2))),
        (Fraction(1, 720), ((0, 1), (0, 1)), ((2, 3), (4, 5))),
        (Fraction(1, 360), ((0, 1), (0, 2)), ((0, 3), (4, 5))),
        (Fraction(-1, 180), ((0, 1), (0, 2)), ((1, 3), (4, 5))),
        (Fraction(1, 1440), ((0, 1), (0, 2)), ((3, 4), (3, 5))),
    ),
}


def maximum_polynomial(n: int) -> TropicalPolynomial:
    """max(0, x_1, .., x_(n-1)): the maximum of n numbers of which the last is 0.

    Examples
    --------
    >>> maximum_polynomial(3)
    TropicalPolynomial(max(0, x2, x1))
    """
    terms = {tuple(int(i == k) for i in range(n - 1)): 0 for k in range(n)}
    return TropicalPolynomial.from_integers(terms, n_variables=n - 1)


def maximum_network(n: int) -> Network:
    """max(0, x_1, .., x_(n-1)) for n = 5 or 6, with two hidden layers of ReLU units.

    The first hidden layer has relu(x_i - x_j) for all pairs (x_n = 0), then all relu(x_i), then all
    relu(-x_i). The second has relu(A - B) for all different atoms max(A, B), the pairs again, and two units
    that carry a linear function.

    Raises
    ------
    UnsupportedError : another n.

    Examples
    --------
    >>> net = maximum_network(5)
    >>> net.widths, net([3, -1, "7/2", 0])
    ((4, 18, 207, 1), (Fraction(7, 2),))
    """
    if n not in MAXIMUM_IDENTITIES:
        raise UnsupportedError(
            "no identity with two hidden layers is stored for this many numbers",
            where="maximum_network",
            got=f"n = {n}",
            expected="5 or 6",
            hint="to_network(maximum_polynomial(n)) makes a pairwise tree for every n",
        )
    d, pairs = n - 1, list(combinations(range(n), 2))
    number = {pair: k for k, pair in enumerate(pairs)}
    width = len(pairs) + 2 * d
    atoms = _atoms(n)
    sides = [(_over_units(A, number, d), _over_units(B, number, d)) for A, B in atoms]
    ahead = [[x - y for x, y in zip(up, down, strict=True)] for up, down in sides]
    # max(A, B) = B + relu(A - B): all B together are pairs and a linear function
    rest = [Fraction(0)] * width
    for (_, B), weight in atoms.items():
        for k, value in enumerate(_over_units(B, number, d)):
            rest[k] += weight * value
    linear = [*[Fraction(0)] * len(pairs), *rest[len(pairs) :]]
    carry = [[Fraction(int(k == i)) for k in range(width)] for i in range(len(pairs))]
    second = [*ahead, *carry, linear, [-x for x in linear]]
    output = [*atoms.values(), *rest[: len(pairs)], Fraction(1), Fraction(-1)]
    layers = (
        AffineLayer.from_arrays(_first_layer(pairs, d), [0] * width, activation="relu"),
        AffineLayer.from_arrays(second, [0] * len(second), activation="relu"),
        AffineLayer.from_arrays([output], [0]),
    )
    return Network(layers, Provenance(f"the identity for the maximum of {n} numbers"))


def _first_layer(pairs: list[Edge], d: int) -> list[list[int]]:
    unit = [[int(i == k) for i in range(d)] for k in range(d)] + [[0] * d]
    differences = [[x - y for x, y in zip(unit[i], unit[j], strict=True)] for i, j in pairs]
    return [*differences, *unit[:d], *([-x for x in row] for row in unit[:d])]


def _atoms(n: int) -> dict[tuple[Edges, Edges], Fraction]:
    """The different inner maxima max(A, B), as sorted lists of pairs, with their total weights.

    Of A and B the one that has more often the last number, which is 0, is B: so the rest is short.
    """
    weights: dict[tuple[Edges, Edges], Fraction] = {}
    for weight, *both in MAXIMUM_IDENTITIES[n]:
        for pi in permutations(range(n)):
            atom = sorted((_moved(edges, pi) for edges in both), key=lambda E: (_n_last(E, n), E))
            key = atom[0], atom[1]
            weights[key] = weights.get(key, Fraction(0)) + weight
    return {atom: weight for atom, weight in sorted(weights.items()) if weight}


def _moved(edges: Edges, pi: tuple[int, ...]) -> Edges:
    return tuple(sorted((min(pi[i], pi[j]), max(pi[i], pi[j])) for i, j in edges))


def _n_last(edges: Edges, n: int) -> int:
    return sum(edge.count(n - 1) for edge in edges)


def _over_units(edges: Edges, number: dict[Edge, int], d: int) -> list[int]:
    """The sum of M_ij = relu(x_i - x_j) + x_j over the units of the first hidden layer."""
    row = [0] * (len(number) + 2 * d)
    for i, j in edges:
        row[number[i, j]] += 1
        if j < d:
            row[len(number) + j] += 1
            row[len(number) + d + j] -= 1
    return row
