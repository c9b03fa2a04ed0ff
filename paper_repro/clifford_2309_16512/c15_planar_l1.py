"""C15: for the l1 norm the optimum is a Lasso over wedge products of samples and coordinate vectors."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from exactnet.certificate import Result
from exactnet.convex import optimum
from exactnet.convex.clifford import feature_columns, wedge_dictionary
from paper_repro.certificates import lasso_minimum
from paper_repro.clifford_2309_16512 import PAPER
from paper_repro.clifford_2309_16512.cell_programmes import dual_on_every_cell
from paper_repro.data import FOUR_POINTS, posed
from paper_repro.expectation import Exactly, Proof
from paper_repro.registry import Finding, Statement

CASES = {"1/2": Fraction(2161, 1575), "1/10": Fraction(614627, 1960000)}


def run() -> Finding:
    values: dict[str, Fraction | int | bool] = {}
    certificates: list[Result[Any]] = []
    for beta in CASES:
        problem = posed(FOUR_POINTS, beta, norm="l1")
        atoms = wedge_dictionary(problem)
        columns = feature_columns(problem, atoms)
        lasso = lasso_minimum(
            [columns.column(k) for k in range(len(atoms))],
            problem.targets,
            beta=problem.beta,
            intercept=False,
        )
        trained = optimum(problem)
        cells = dual_on_every_cell(problem, lasso.value.residual)
        values |= {
            f"training, beta = {beta}": trained.value.upper,
            f"Lasso over the dictionary, beta = {beta}": lasso.value.value,
            f"programme over the cells, at least, beta = {beta}": cells.value,
            f"atoms, beta = {beta}": len(atoms),
        }
        certificates += [trained, lasso, cells]
    return Finding(values, tuple(certificates))


STATEMENT = Statement(
    id="C15",
    title="l1 norm in the plane: wedge products",
    area="convex",
    paper=PAPER,
    place="closed form for the l1 norm, two features without bias",
    statement="With the l1 norm of the first-layer weights, training has the optimum of a Lasso whose "
    "columns are the duals of wedge products of samples and coordinate vectors; it is a fraction.",
    expected=(
        *(Exactly(f"training, beta = {beta}", value) for beta, value in CASES.items()),
        *(
            Exactly(f"Lasso over the dictionary, beta = {beta}", value, Proof.EXACT)
            for beta, value in CASES.items()
        ),
        *(
            Exactly(f"programme over the cells, at least, beta = {beta}", value, Proof.EXACT)
            for beta, value in CASES.items()
        ),
        *(Exactly(f"atoms, beta = {beta}", 12, Proof.EXACT) for beta in CASES),
    ),
    origin="KKT conditions in exact arithmetic and an interior-point solution of the programme with l1 "
    "norms, both apart from this package; 12 = 2 C(4 + 2, 1) atoms. That the coordinate vectors are included "
    "is our reading: see C16",
    method="Four points. The optimum of training is certified by a dual vector that the checker tests on all "
    "rays. Apart from rays, a linear programme for each of the 8 cells and both signs certifies the same "
    "dual vector for the programme with one pair of vectors a cell.",
    run=run,
)
