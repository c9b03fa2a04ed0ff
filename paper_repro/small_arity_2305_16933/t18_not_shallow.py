"""T18: which functions have one hidden layer."""

from __future__ import annotations

from typing import Any

from exactnet.certificate import Result
from exactnet.geometry import regions
from exactnet.model import Network
from exactnet.tropical.shallow import Obstruction, OneHiddenLayer, one_hidden_layer
from paper_repro.anchors import MEDIAN, random_integer_network
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.small_arity_2305_16933 import PAPER

MAXIMUM = Network.from_arrays([([[1, -1], [0, 1], [0, -1]], [0, 0, 0]), ([[1, 1, -1]], [0]), ([[1]], [0])])
FOLDED = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [-1]), ([[2]], [0])])

# units of one hidden layer; None if there is no such network
FUNCTIONS: dict[str, tuple[Network, int | None]] = {
    "max(0, x, y)": (MAXIMUM, None),
    "median of 0, x, y": (MEDIAN, None),
    "2 relu(|x| - 1)": (FOLDED, 2),
    **{
        f"2-4-1, seed {seed}": (random_integer_network([2, 4, 1], seed), n)
        for seed, n in enumerate((3, 3, 4))
    },
    **{
        f"3-6-1, seed {seed}": (random_integer_network([3, 6, 1], seed), n)
        for seed, n in enumerate((6, 5, 6))
    },
    **{f"2-4-4-1, seed {seed}": (random_integer_network([2, 4, 4, 1], seed), None) for seed in range(3)},
}


def text(found: OneHiddenLayer | Obstruction | int | None) -> str:
    if isinstance(found, OneHiddenLayer):
        return text(found.n_units)
    return f"{found} units" if isinstance(found, int) else "no"


def run() -> Finding:
    results = {name: one_hidden_layer(network) for name, (network, _) in FUNCTIONS.items()}
    values = {name: text(result.value) for name, result in results.items()}
    certificates: list[Result[Any]] = [
        results[name] if n is not None else regions(network) for name, (network, n) in FUNCTIONS.items()
    ]
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="T18",
    title="one hidden layer or not",
    area="tropical",
    paper=PAPER,
    place="maxima of n + 1 affine functions; the procedure is ours",
    statement="A function on R^n has one hidden layer exactly if it bends by the same amount along the "
    "whole of each hyperplane; max(0, x, y) and the median of 0, x, y have none.",
    expected=tuple(
        Exactly(name, text(n), Proof.EXACT if n is None else Proof.CERTIFICATE)
        for name, (_, n) in FUNCTIONS.items()
    ),
    origin="the theorem for max(0, x, y); an independent program for the others",
    method="Where there is one, the checker verifies on all regions of the difference that it is the same "
    "function. Where there is none, two points of a hyperplane with different kinks are found in exact "
    "arithmetic; the certificate lists the regions.",
    run=run,
)
