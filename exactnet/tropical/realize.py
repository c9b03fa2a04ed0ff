"""From tropical to network: ReLU networks and maxout networks for a given tropical polynomial or rational.

    max(a, b) = relu(a - b) + relu(b) - relu(-b)

so a maximum of m affine functions takes ceil(log2 m) hidden layers of ReLU units, pair by pair (Arora, Basu,
Mianjy and Mukherjee 2018, theorem 2.1), and one hidden layer of one maxout unit. F and G go side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.errors import InputError
from exactnet.model import AffineLayer, Network, Provenance
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

__all__ = ["to_network"]

Row = tuple[Fraction, ...]


def to_network(f: TropicalPolynomial | TropicalRational, *, activation: str = "relu") -> Network:
    """A network with one output that computes f exactly, everywhere.

    Parameters
    ----------
    f : its terms are taken as they are; take the normal form first for a small network.
    activation : "relu" for a tree of pairwise maxima, "maxout" for one hidden layer.

    Raises
    ------
    InputError : another activation, or no variables.

    Examples
    --------
    >>> p = TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (0, 1): 0})
    >>> to_network(p), to_network(p, activation="maxout")([3, "7/2"])
    (Network(2 -> 3 relu -> 3 relu -> 1, from a tropical rational function), (Fraction(7, 2),))
    """
    rational = TropicalRational.of(f) if isinstance(f, TropicalPolynomial) else f
    if rational.n_variables == 0:
        raise InputError("a network has inputs", where="to_network", got="a polynomial in no variables")
    if activation not in ("relu", "maxout"):
        raise InputError(
            "no such construction", where="activation", got=repr(activation), expected="relu or maxout"
        )
    layers = _maxout_layers(rational) if activation == "maxout" else _relu_layers(rational)
    return Network(tuple(layers), Provenance("a tropical rational function"))


# -- maxout --------------------------------------------------------------------------------------------


def _maxout_layers(f: TropicalRational) -> list[AffineLayer]:
    units = [f.numerator, f.denominator]
    if f.denominator.n_terms == 1:
        ((a, b),) = f.denominator.as_fractions()
        units = [f.numerator * TropicalPolynomial.affine([-v for v in a], -b)]
    pieces = max(2, *(p.n_terms for p in units))
    rows = []
    for p in units:
        terms = p.as_fractions()
        rows += [*terms, *[terms[-1]] * (pieces - len(terms))]
    hidden = AffineLayer.from_arrays(
        [e for e, _ in rows], [c for _, c in rows], activation="maxout", pieces=pieces
    )
    return [hidden, AffineLayer.from_arrays([[1, -1][: len(units)]], [0])]


# -- pairwise maxima -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Value:
    """An affine function of the units of the layer so far."""

    row: Row
    constant: Fraction

    @property
    def is_constant(self) -> bool:
        return not any(self.row)

    def minus(self, other: _Value) -> _Value:
        return _Value(
            tuple(x - y for x, y in zip(self.row, other.row, strict=True)), self.constant - other.constant
        )

    def negative(self) -> _Value:
        return _Value(tuple(-x for x in self.row), -self.constant)


class _Level:
    """The ReLU units of one hidden layer; equal ones are made once."""

    def __init__(self) -> None:
        self.numbers: dict[_Value, int] = {}

    def relu(self, value: _Value) -> int:
        """The number of the unit relu(value)."""
        return self.numbers.setdefault(value, len(self.numbers))

    def carried(self, value: _Value) -> tuple[dict[int, int], Fraction]:
        """The value itself behind this layer: signs of units, and a constant."""
        if value.is_constant:
            return {}, value.constant
        return {self.relu(value): 1, self.relu(value.negative()): -1}, Fraction(0)

    def largest(self, a: _Value, b: _Value) -> tuple[dict[int, int], Fraction]:
        """max(a, b) behind this layer."""
        if a.is_constant:
            a, b = b, a
        difference = a.minus(b)
        if difference.is_constant:
            return self.carried(a if difference.constant > 0 else b)
        units, constant = self.carried(b)
        number = self.relu(difference)
        units[number] = units.get(number, 0) + 1
        return units, constant

    def layer(self, n_inputs: int) -> AffineLayer:
        """All units; one that is never used where there are none."""
        units = list(self.numbers) or [_Value((Fraction(0),) * n_inputs, Fraction(0))]
        return AffineLayer.from_arrays([v.row for v in units], [v.constant for v in units], activation="relu")


def _relu_layers(f: TropicalRational) -> list[AffineLayer]:
    sides = [[_Value(e, c) for e, c in p.as_fractions()] for p in (f.numerator, f.denominator)]
    layers: list[AffineLayer] = []
    width = f.n_variables
    while max(map(len, sides)) > 1:
        level = _Level()
        found = [_paired(level, values) for values in sides]
        layers.append(level.layer(width))
        width = layers[-1].n_outputs
        sides = [[_spread(units, c, width) for units, c in values] for values in found]
    (F,), (G,) = sides
    output = F.minus(G)
    return [*layers, AffineLayer.from_arrays([output.row], [output.constant])]


def _paired(level: _Level, values: Sequence[_Value]) -> list[tuple[dict[int, int], Fraction]]:
    found = [level.largest(a, b) for a, b in zip(values[::2], values[1::2], strict=False)]
    if len(values) % 2:
        found.append(level.carried(values[-1]))
    return found


def _spread(units: dict[int, int], constant: Fraction, width: int) -> _Value:
    return _Value(tuple(Fraction(units.get(k, 0)) for k in range(width)), constant)
