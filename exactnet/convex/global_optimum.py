"""The certified global optimum of a training problem: the one call most users make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import (
    DualBoundRecord,
    EnclosureRecord,
    PrimalBoundRecord,
    PrimalDualRecord,
    Record,
)
from exactnet.convex.certify import dual_bound_by_leaves, dual_value
from exactnet.convex.clifford import wedge_dictionary
from exactnet.convex.formulas import neuron_formula
from exactnet.convex.generate import column_generation
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.program import (
    TrainingProblem,
    TwoLayer,
    objective,
    path_objective,
    problem_record,
    training_problem,
)
from exactnet.convex.recover import recover_network, snap_to_walls
from exactnet.convex.wedge_lasso import wedge_optimum
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import format_rational, round_down, round_up, to_fraction
from exactnet.geometry.arrangement import CellTable
from exactnet.geometry.split_tree import cell_records
from exactnet.model import Dataset

__all__ = ["Optimum", "optimum"]

Progress = Callable[[str, int, int | None], None]
_DEFAULT_GAP = Fraction(1, 10**9)


@dataclass(frozen=True)
class Optimum:
    """A certified enclosure of the global optimum.

    Attributes
    ----------
    lower, upper : lower <= optimum <= upper, equal when the optimum is known exactly; otherwise rounded
        outward to the fewest decimal digits that keep half the requested gap.
    dual_value, primal_value : the exact ends of the proof itself; they lie in [lower, upper], often much
        closer together.
    network : reaches `primal_value`. dual : the vector that proves `dual_value`.
    formulas : formulas[j] says in words where neuron j comes from.
    """

    problem: TrainingProblem
    lower: Fraction
    upper: Fraction
    n_patterns: int
    network: TwoLayer
    dual: tuple[Fraction, ...]
    formulas: tuple[str, ...]
    dual_value: Fraction
    primal_value: Fraction

    @property
    def is_exact(self) -> bool:
        """Whether the optimum is known as one rational number."""
        return self.lower == self.upper

    @property
    def relative_gap(self) -> Fraction:
        """(upper - lower) / upper, 0 for an exact optimum."""
        return (self.upper - self.lower) / self.upper if self.upper else Fraction(0)


def optimum(
    data: Dataset | TrainingProblem,
    *,
    beta: object = None,
    norm: str = "l2",
    bias: str = "none",
    gap: object = _DEFAULT_GAP,
    max_cells: int = 200_000,
    progress: Progress | None = None,
) -> Result[Optimum]:
    """The global optimum of two-layer ReLU training, with a proof.

    For the l1 norm, and in one dimension without a penalised bias, the optimum is rational and comes back
    exactly (first-layer neurons are wedge products of samples and coordinate vectors). For the l2 norm it
    is algebraic and comes back as an enclosure with rational ends.

    Parameters
    ----------
    data : a data set (n samples, d features), or a training problem (then beta, norm, bias stay unused).
    beta : strength of the weight decay, exact ("1/2", Fraction(1, 2), 0.5).
    gap : requested relative width; the enclosure is rounded outward to about this width, and a proved
        enclosure that is wider is returned with status UNDECIDED.
    max_cells : limit on the number of activation cells.
    progress : called as progress(phase, done, total).

    Returns
    -------
    Result whose value is an :class:`Optimum`, and whose certificate proves the enclosure and the number
    of activation patterns.

    Raises
    ------
    InputError, LimitReached.

    References
    ----------
    Pilanci and Ergen 2020 (2002.10553), Theorem 1; Pilanci 2023 (2309.16512).

    Examples
    --------
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> optimum(data, beta="1/2", norm="l1").value.upper
    Fraction(2161, 1575)
    """
    if isinstance(data, TrainingProblem):
        problem = data
    elif beta is None:
        raise InputError("the strength of the weight decay is missing", where="beta", expected="a number > 0")
    else:
        problem = training_problem(data, beta=beta, norm=norm, bias=bias)
    requested = to_fraction(gap, where="gap")
    table = activation_cells(problem, max_cells=max_cells, progress=progress)
    solve = _polyhedral if problem.is_polyhedral else _conic
    value, records, stats = solve(problem, table, requested, progress)
    certificate = Certificate(
        title=_sentence(value, requested),
        records=tuple(records),
        claims=("optimum", "cells"),
        provenance=_provenance(data),
        stats={name: str(entry) for name, entry in stats.items()},
    )
    status = Status.PROVED if value.relative_gap <= requested else Status.UNDECIDED
    return Result(
        value=value,
        status=status,
        certificate=certificate,
        sentence=_sentence(value, requested),
        provenance=certificate.provenance,
        stats=stats,
    )


def _polyhedral(
    problem: TrainingProblem, table: CellTable, requested: Fraction, progress: Progress | None
) -> tuple[Optimum, list[Record], dict[str, object]]:
    """Rational optimum: exact Lasso over the wedge dictionary; the checker tests all rays itself."""
    dictionary = wedge_dictionary(problem)
    if progress:
        progress("wedge dictionary", len(dictionary), None)
    network, dual, formulas = wedge_optimum(problem, dictionary)
    value = path_objective(problem, network)
    cells, _ = cell_records(table, progress=progress)
    records: list[Record] = [
        problem_record(problem),
        *cells,
        DualBoundRecord("dual", "problem", dual, "rays", None, None, dual_value(problem, dual)),
        PrimalBoundRecord("primal", "problem", network.neurons, network.t, value),
        PrimalDualRecord("optimum", "problem", "dual", "primal", value),
    ]
    best = Optimum(problem, value, value, table.n_cells, network, dual, formulas, value, value)
    return best, records, {"n_atoms": len(dictionary)}


def _conic(
    problem: TrainingProblem, table: CellTable, requested: Fraction, progress: Progress | None
) -> tuple[Optimum, list[Record], dict[str, object]]:
    """Enclosure: column generation proposes, rational bounds over all cells decide."""
    _require_float_range(problem)
    cells = float_cells(problem, table)
    # an overflow in the search spoils a guess, which then fails its proof; it is no news for the user
    with np.errstate(all="ignore"):
        candidate = column_generation(problem, cells, progress=progress)
    network = _best_network(problem, recover_network(problem, candidate))
    upper = objective(problem, network)
    trees, order = cell_records(table, progress=progress)
    with np.errstate(all="ignore"):
        dual = dual_bound_by_leaves(problem, table, cells, order, candidate.v, progress=progress)
    records: list[Record] = [
        problem_record(problem),
        *trees,
        dual,
        PrimalBoundRecord("primal", "problem", network.neurons, network.t, upper),
    ]
    if dual.value == upper:
        low = high = upper
        records.append(PrimalDualRecord("optimum", "problem", "dual", "primal", upper))
    else:
        low, high = _rounded_outward(dual.value, upper, requested)
        records.append(EnclosureRecord("optimum", "problem", "dual", "primal", low, high))
    formulas = tuple(neuron_formula(problem, neuron) for neuron in network.neurons)
    best = Optimum(problem, low, high, table.n_cells, network, dual.v, formulas, dual.value, upper)
    return best, records, {"rounds": candidate.n_rounds, "approx_gap": candidate.approx_gap}


_MOST_DIGITS = 20


def _rounded_outward(lower: Fraction, upper: Fraction, requested: Fraction) -> tuple[Fraction, Fraction]:
    """The interval with as few digits as half the requested relative width allows: numbers one can read."""
    for share in (Fraction(1, 2), Fraction(1)):
        for digits in range(1, _MOST_DIGITS + 1):
            low, high = round_down(lower, digits=digits), round_up(upper, digits=digits)
            if high - low <= share * requested * high:
                return low, high
    return round_down(lower, digits=_MOST_DIGITS), round_up(upper, digits=_MOST_DIGITS)


# floats of this size can be multiplied a few times without leaving their range
_RANGE = 2**250


def _require_float_range(problem: TrainingProblem) -> None:
    """The search for the l2 optimum is done in floats; the proof is not."""
    named = [("the features", x) for row in problem.homogenised for x in row]
    named += [("the targets", y) for y in problem.targets] + [("beta", problem.beta)]
    for name, value in named:
        if value and not Fraction(1, _RANGE) <= abs(value) <= _RANGE:
            raise UnsupportedError(
                "a number is too far from 1 for the search with the l2 norm, which starts in floats",
                where=name,
                got=f"about 2^{value.numerator.bit_length() - value.denominator.bit_length()}",
                expected="zero, or a size between 2^-250 and 2^250",
                hint="change units: features / s, targets / c and beta / (s c) divide the optimum by c^2",
            )


def _best_network(problem: TrainingProblem, network: TwoLayer) -> TwoLayer:
    """The snapped network unless snapping costs accuracy: an exact comparison of objectives."""
    snapped = snap_to_walls(problem, network)
    before, after = objective(problem, network), objective(problem, snapped)
    return snapped if after <= before * (1 + Fraction(1, 10**12)) else network


def _sentence(value: Optimum, requested: Fraction) -> str:
    if value.is_exact:
        return f"the global optimum is exactly {format_rational(value.upper)}"
    ends = f"[{format_rational(value.lower)}, {format_rational(value.upper)}]"
    text = f"the global optimum lies in {ends}, relative width {float(value.relative_gap):.1e}"
    if value.relative_gap > requested:
        text += f" (wider than the requested {float(requested):.1e})"
    return text


def _provenance(data: Dataset | TrainingProblem) -> dict[str, str]:
    if isinstance(data, TrainingProblem):
        return {"source": "arrays"}
    return data.provenance.as_strings()
