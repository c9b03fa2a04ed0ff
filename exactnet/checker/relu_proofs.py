"""Proofs at a node: that a case holds at none of its points (FORMAT.md section 7, the codes of a proof)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd

from exactnet.checker.properties import Case
from exactnet.checker.read import reject
from exactnet.checker.relu_bounds import ALPHA_BITS, Bounds, Functional, Multipliers, Propagation, Split

__all__ = ["CaseProofs", "Place", "Stream"]

Vector = tuple[Fraction, ...]

_LAMBDA_BITS, _BETA_BITS, _MOST_E, _EXACT_BITS = 16, 62, 60, 100_000


class Stream:
    """The integers of a tree, one after the other."""

    def __init__(self, values: list[int]) -> None:
        self.values, self.position = values, 0

    def take(self, what: str, *, least: int | None = None, below: int | None = None) -> int:
        """The next integer, from `least` on and `below` that bound, if they are given."""
        if self.position == len(self.values):
            reject(f"the nodes end where {what} should stand")
        value = self.values[self.position]
        self.position += 1
        if (least is not None and value < least) or (below is not None and value >= below):
            at = self.position - 1
            reject(f"{what} is {str(value)[:40]}, out of its range, at position {at} of the nodes")
        return value

    def increasing(self, n: int, what: str, *, below: int) -> Iterator[int]:
        """n integers from 0 to below - 1, strictly increasing; others may be taken in between."""
        last = -1
        for _ in range(n):
            last = self.take(what, least=last + 1, below=below)
            yield last


@dataclass(frozen=True)
class Place:
    """What a proof may use: the exact box of the node, its bounds, and the splits on its path."""

    lower: Vector
    upper: Vector
    bounds: Bounds
    splits: tuple[Split, ...]


class CaseProofs:
    """The proofs about one case."""

    def __init__(self, propagation: Propagation, case: Case) -> None:
        self.propagation, self.case = propagation, case
        self.network, self.q = propagation.network, case.denominator

    @cached_property
    def _singles(self) -> list[Functional]:
        """F with one lambda = 1 and all others 0, for each row."""
        n = len(self.case.rows)
        return [self._functional([int(r == k) for r in range(n)]) for k in range(n)]

    def check(self, stream: Stream, place: Place) -> None:
        """Read a proof, and reject it if it does not show that the case holds nowhere at this place."""
        at = stream.position
        code = stream.take("a proof", least=-2)
        if code == -2:
            lambdas, least = self._exact(stream, place)
        elif code == -1:
            lambdas, least = self._multiplied(stream, place)
        else:
            row, mode = divmod(code, 3)
            if row >= len(self.case.rows):
                reject(
                    f"a proof names row {row}, which the case does not have, at position {at} of the nodes"
                )
            lambdas = [int(r == row) for r in range(len(self.case.rows))]
            least = self.propagation.least(place.bounds, self._singles[row], Multipliers(mode))
        strict = any(c and row.strict for c, row in zip(lambdas, self.case.rows, strict=True))
        if least < 0 or (least == 0 and not strict):
            reject(f"the proof at position {at} of the nodes does not reach its aim, a bound above 0")

    def _functional(self, lambdas: Sequence[int]) -> Functional:
        """F = sum of lambda (a.x + c.y - b), as a backward pass takes it."""
        u = [0] * self.network.n_outputs
        direct = [Fraction(0)] * self.network.n_inputs
        total = Fraction(0)
        for c, row in zip(lambdas, self.case.rows, strict=True):
            total += c * row.bound
            for j, a in row.outputs if c else ():
                u[j] += c * int(a * self.q)
            for i, a in row.inputs if c else ():
                direct[i] += c * a
        # floor(-2^g total)
        constant = (-total.numerator << self.propagation.grid) // total.denominator
        return Functional(u, self.q, constant, direct if any(direct) else None)

    def _multiplied(self, stream: Stream, place: Place) -> tuple[list[int], int]:
        lambdas = [stream.take("lambda", least=0, below=1 << _LAMBDA_BITS) for _ in self.case.rows]
        mode = stream.take("the mode", least=0, below=3)
        n_units = self.network.first_units[-1]
        n_alphas = stream.take("the number of alphas", least=0, below=n_units + 1)
        alphas = {
            unit: stream.take("alpha", least=0, below=(1 << ALPHA_BITS) + 1)
            for unit in stream.increasing(n_alphas, "the number of a unit", below=n_units)
        }
        n_betas = stream.take("the number of splits", least=0, below=len(place.splits) + 1)
        e = stream.take("e", least=0, below=_MOST_E + 1) if n_betas else 0
        betas = [
            (place.splits[k], stream.take("the multiplier of a split", least=1, below=1 << _BETA_BITS))
            for k in stream.increasing(n_betas, "the position of a split", below=len(place.splits))
        ]
        choices = Multipliers(mode, alphas, betas, e)
        return lambdas, self.propagation.least(place.bounds, self._functional(lambdas), choices)

    # ----------------------------------------------------------------------------------------- exact

    def _exact(self, stream: Stream, place: Place) -> tuple[list[int], int]:
        """lambda, and the sign of the least value of F less the splits, with nothing rounded."""
        if self.propagation.float32:
            reject("an exact proof is for the semantics real only")
        most = 1 << _EXACT_BITS
        lambdas = [stream.take("lambda", least=0, below=most) for _ in self.case.rows]
        n_betas = stream.take("the number of splits", least=0, below=len(place.splits) + 1)
        betas = [
            (place.splits[k], stream.take("the multiplier of a split", least=0, below=most))
            for k in stream.increasing(n_betas, "the position of a split", below=len(place.splits))
        ]
        coefficients, least = self._affine(lambdas, betas, place.bounds)
        for c, a, b in zip(coefficients, place.lower, place.upper, strict=True):
            least += c * (a if c >= 0 else b)
        return lambdas, (least > 0) - (least < 0)

    def _affine(
        self, lambdas: Sequence[int], betas: Sequence[tuple[Split, int]], bounds: Bounds
    ) -> tuple[list[Fraction], Fraction]:
        """F less the splits as an affine function of x: its coefficients and its constant."""
        u, q, _, direct = self._functional(lambdas)
        longest = max([abs(x) for x in u] + [b for _, b in betas]).bit_length()
        self.propagation.spend(self.network.work[-1] * (1 + longest // 256))
        constant = -sum((c * row.bound for c, row in zip(lambdas, self.case.rows, strict=True)), Fraction(0))
        for m in range(len(self.network.layers), 0, -1):
            layer = self.network.layers[m - 1]
            low, high = bounds.low[m - 1], bounds.high[m - 1]
            w = []
            for x, a, b, relu in zip(u, low, high, layer.is_relu, strict=True):
                if relu and a < 0 < b:
                    reject("an exact proof needs every unit dead or active")
                w.append(0 if relu and b <= 0 else x)
            for split, b in betas:
                if split.layer == m:
                    w[split.unit] -= split.sign * b * q
            q *= layer.denominator
            constant += Fraction(sum(x * b for x, b in zip(w, layer.bias, strict=True)), q)
            u = [0] * len(layer.weight[0])
            for x, row in zip(w, layer.weight, strict=True):
                if x:
                    u = [y + x * a for y, a in zip(u, row, strict=True)]
            divisor = gcd(q, *u)
            u, q = [y // divisor for y in u], q // divisor
        return [
            Fraction(y, q) + e for y, e in zip(u, direct or [Fraction(0)] * len(u), strict=True)
        ], constant
