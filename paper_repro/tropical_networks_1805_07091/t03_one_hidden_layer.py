"""T03: one hidden layer makes a zonotope, with as many upper vertices as regions."""

from __future__ import annotations

from math import comb

from exactnet.certificate import Result
from exactnet.model import Network
from exactnet.tropical.convert import TropicalForm, tropical_form
from paper_repro.anchors import random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.tropical_networks_1805_07091 import PAPER

# units and inputs, and the largest number of regions
SIZES = {(4, 2): 11, (8, 2): 37, (6, 3): 42}


def positive(n_inputs: int, n_units: int, seed: int) -> Network:
    """A random hidden layer, and the sum of its units: all of F, and G is affine."""
    (hidden, _) = random_integer_network([n_inputs, n_units, 1], seed, size=97).layers
    return Network.from_arrays([(hidden.weight.rows(), hidden.bias), ([[1] * n_units], [0])])


def run() -> Finding:
    values: dict[str, int | bool] = {}
    certificates = []
    for (m, n), most in SIZES.items():
        forms: list[Result[TropicalForm]] = [
            tropical_form(positive(n, m, seed), proof=True) for seed in range(10)
        ]
        best = max(forms, key=lambda form: form.value.numerator.n_terms)
        values[f"{m} units, {n} inputs"] = best.value.numerator.n_terms
        values[f"{m} units, {n} inputs, never more"] = all(
            form.value.numerator.n_terms <= most for form in forms
        )
        values[f"{m} units, {n} inputs, the formula"] = sum(comb(m, j) for j in range(n + 1))
        certificates.append(best)
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T03",
    title="one hidden layer and zonotopes",
    area="tropical",
    paper=PAPER,
    place="zonotopes of one hidden layer",
    statement="The essential terms of m units max(<a, x> + b, 0) added up are the upper vertices of a "
    "zonotope of m segments in dimension n + 1: at most sum_{j <= n} C(m, j), which is attained.",
    expected=(
        *(Exactly(f"{m} units, {n} inputs", most) for (m, n), most in SIZES.items()),
        *(Exactly(f"{m} units, {n} inputs, the formula", k, Proof.EXACT) for (m, n), k in SIZES.items()),
        *(Exactly(f"{m} units, {n} inputs, never more", True, Proof.EXACT) for m, n in SIZES),
    ),
    origin="the formula",
    method="The largest of ten random layers a size, with its tropical form; the others are only counted.",
    run=run,
)
