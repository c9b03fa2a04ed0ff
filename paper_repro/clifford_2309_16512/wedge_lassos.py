"""Training with the l1 norm against the Lasso over wedge products, for several problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exactnet.certificate import Result
from exactnet.convex import Optimum, TrainingProblem, optimum
from exactnet.convex.clifford import feature_columns, wedge_dictionary
from exactnet.convex.program import Bias
from exactnet.convex.variants import ProgramMinimum
from exactnet.convex.variants.minimum import minimum_of
from exactnet.convex.variants.threshold import column_lasso
from paper_repro.expectation import Value

__all__ = ["Comparison", "compare", "findings"]


@dataclass(frozen=True)
class Comparison:
    """The optimum of training, the Lasso over all atoms, and the Lasso over atoms of samples alone."""

    trained: Result[Optimum]
    lasso: Result[ProgramMinimum]
    samples_only: Result[ProgramMinimum]
    n_atoms: int

    @property
    def certificates(self) -> tuple[Result[Any], ...]:
        """The proofs of all three."""
        return self.trained, self.lasso, self.samples_only


def compare(problem: TrainingProblem) -> Comparison:
    """Solve all three exactly.

    Examples
    --------
    >>> from paper_repro.data import ZIGZAG, posed
    >>> compare(posed(ZIGZAG, "1/20", norm="l1", bias="free")).lasso.value.upper
    Fraction(7, 40)
    """
    atoms = wedge_dictionary(problem)
    return Comparison(optimum(problem), _lasso(problem, axes=True), _lasso(problem, axes=False), len(atoms))


def _lasso(problem: TrainingProblem, *, axes: bool) -> Result[ProgramMinimum]:
    atoms = wedge_dictionary(problem, axes=axes)
    columns = feature_columns(problem, atoms)
    listed = [columns.column(k) for k in range(len(atoms))]
    free = problem.bias is Bias.FREE
    return minimum_of(column_lasso(listed, problem.targets, beta=problem.beta, intercept=free))


def findings(comparisons: Mapping[str, Comparison]) -> dict[str, Value]:
    """What the scripts measure of each."""
    values: dict[str, Value] = {}
    for name, one in comparisons.items():
        values |= {
            f"training, {name}": one.trained.value.upper if one.trained.value.is_exact else "not exact",
            f"Lasso, {name}": one.lasso.value.upper if one.lasso.value.is_exact else "not exact",
            f"samples alone, {name}": one.samples_only.value.interval,
            f"atoms, {name}": one.n_atoms,
        }
    return values
