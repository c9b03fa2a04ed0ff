"""Decide a tiny property by trying all activation patterns, each a linear system decided exactly."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise, product

from exactnet.exact import LinearSystem, feasible
from exactnet.model import Network, Property
from exactnet.model.property import Case, Row


def is_violated(network: Network, prop: Property) -> bool:
    """Is there a point of the input set that satisfies a case? For relu and identity layers."""
    return any(_case_holds(network, case) for case in prop.cases)


def _case_holds(network: Network, case: Case) -> bool:
    n = network.n_inputs
    n_units = sum(layer.n_outputs for layer in network.layers if layer.activation == "relu")
    for pattern in product((1, -1), repeat=n_units):
        signs = iter(pattern)
        forms = [([Fraction(int(i == k)) for k in range(n)], Fraction(0)) for i in range(n)]
        rows, rhs, relations = [], [], []
        for layer in network.layers:
            z = [_affine(row, b, forms) for row, b in zip(layer.weight.rows(), layer.bias, strict=True)]
            if layer.activation == "relu":
                forms = []
                for a, d in z:
                    sign = next(signs)
                    rows.append([-sign * c for c in a])
                    rhs.append(sign * d)
                    relations.append("<=")
                    forms.append((a, d) if sign > 0 else ([Fraction(0)] * n, Fraction(0)))
            else:
                forms = z
        for i in range(n):
            for sign, bound in ((1, case.upper[i]), (-1, -case.lower[i])):
                rows.append([Fraction(sign * (i == k)) for k in range(n)])
                rhs.append(bound)
                relations.append("<=")
        for row in case.rows:
            weights = [Fraction(0)] * len(forms)
            for j, c in row.outputs:
                weights[j] = c
            a, d = _affine(weights, Fraction(0), forms)
            for i, c in row.inputs:
                a[i] += c
            rows.append(a)
            rhs.append(row.bound - d)
            relations.append("<" if row.strict else "<=")
        if feasible(LinearSystem(rows, relations, rhs)).point is not None:
            return True
    return False


def _affine(row, bias, forms):
    n = len(forms[0][0])
    a = [sum((w * f[0][k] for w, f in zip(row, forms, strict=True)), Fraction(0)) for k in range(n)]
    return a, sum((w * f[1] for w, f in zip(row, forms, strict=True)), bias)


def random_network(rng: random.Random, widths: list[int], *, small: int = 3) -> Network:
    """Small integer and half-integer weights, many of them zero or repeated: ties are frequent."""
    layers = []
    for n_in, n_out in pairwise(widths):
        weight = [[Fraction(rng.randint(-small, small), 2) for _ in range(n_in)] for _ in range(n_out)]
        if n_out > 1 and rng.random() < 0.3:
            weight[1] = list(weight[0])
        layers.append((weight, [Fraction(rng.randint(-small, small), 2) for _ in range(n_out)]))
    return Network.from_arrays(layers)


def random_property(rng: random.Random, network: Network) -> Property:
    """One to three cases on one or two boxes, rows through values that the network takes."""
    cases = []
    n, m = network.n_inputs, network.n_outputs
    boxes = [_random_box(rng, n) for _ in range(rng.randint(1, 2))]
    for _ in range(rng.randint(1, 3)):
        low, high = rng.choice(boxes)
        inside = [a + (b - a) * Fraction(rng.randint(0, 4), 4) for a, b in zip(low, high, strict=True)]
        y = network(inside)
        rows = []
        for _ in range(rng.randint(1, 2)):
            outputs = {j: rng.randint(-2, 2) for j in range(m)}
            inputs = {i: rng.choice([0, 0, 1, -1]) for i in range(n)}
            value = sum((c * y[j] for j, c in outputs.items()), Fraction(0))
            value += sum((c * inside[i] for i, c in inputs.items()), Fraction(0))
            bound = value + rng.choice([0, 0, -1, -2, Fraction(-1, 3), 1])
            rows.append(Row.from_terms(inputs, outputs, bound, strict=rng.random() < 0.4))
        cases.append(Case(tuple(low), tuple(high), tuple(rows)))
    return Property(n, m, tuple(cases))


def _random_box(rng: random.Random, n: int) -> tuple[list[Fraction], list[Fraction]]:
    low = [Fraction(rng.randint(-4, 2), rng.choice([1, 2, 3])) for _ in range(n)]
    return low, [a + Fraction(rng.randint(0, 4), rng.choice([1, 2, 5])) for a in low]
