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
from exactnet.convex.engine_choice import most_patterns, suits_sweep
from exactnet.convex.formulas import neuron_formula
from exactnet.convex.generate import column_generation
from exactnet.convex.losses import Loss, constant_fit
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.program import (
    Bias,
    TrainingProblem,
    TwoLayer,
    objective,
    objective_enclosure,
    path_objective,
    problem_record,
    training_problem,
)
from exactnet.convex.recover import recover_network, snap_to_walls
from exactnet.convex.wedge_lasso import wedge_optimum
from exactnet.convex.wedge_logistic import approx_wedge_optimum
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
    loss: str = "squared",
    activation: str = "relu",
    slope: object = None,
    gap: object = _DEFAULT_GAP,
    digits: int | None = None,
    engine: str | None = None,
    max_cells: int = 200_000,
    progress: Progress | None = None,
) -> Result[Optimum]:
    """The global optimum of two-layer training, with a proof.

    For the l1 and linf norms, and in one dimension without a penalised bias, the optimum is rational and
    comes back exactly (first-layer neurons are wedge products of samples and coordinate vectors). For the
    l2 norm it is algebraic, for the logistic loss transcendental: an enclosure with rational ends.

    Parameters
    ----------
    data : a data set (n samples, d features), or a training problem (then the next six stay unused).
    beta : strength of the weight decay, exact ("1/2", Fraction(1, 2), 0.5).
    norm, bias, loss, activation, slope : as in :func:`exactnet.convex.training_problem`.
    gap : requested relative width; the enclosure is rounded outward to about this width, and a proved
        enclosure that is wider is returned with status UNDECIDED.
    digits : narrow the enclosure to a relative width of 10^-digits (ReLU, squared loss, l2 norm; an exact
        optimum has all digits already).
    engine : "cells" lists all activation cells; "sweep" passes over them without a list, in two and three
        coordinates (ReLU, squared loss, l2 norm). By default sweeps do what would be many cells.
    max_cells : limit on the number of activation cells.
    progress : called as progress(phase, done, total).

    Returns
    -------
    Result whose value is an :class:`Optimum`, and whose certificate proves the enclosure and, with the
    engine "cells", the number of activation patterns.

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
        problem = training_problem(
            data, beta=beta, norm=norm, bias=bias, loss=loss, activation=activation, slope=slope
        )
    _require_attained(problem)
    if _sweeps(problem, engine):
        from exactnet.convex.sweep import sweep_optimum

        result = sweep_optimum(problem, gap=gap, progress=progress, provenance=_provenance(data))
    else:
        result = _by_cells(data, problem, to_fraction(gap, where="gap"), max_cells, progress)
    if digits is None:
        return result
    from exactnet.convex.digits import refine

    return refine(result, digits, max_cells=max_cells)


# up to this many patterns their list costs little, and is a part of the proof
_FEW_PATTERNS = 1000


def _sweeps(problem: TrainingProblem, engine: str | None) -> bool:
    """Whether the sweep engine does this problem.

    Raises
    ------
    InputError : no such engine.
    """
    if engine not in (None, "cells", "sweep"):
        raise InputError("no such engine", where="engine", got=repr(engine), expected='"cells" or "sweep"')
    if engine is not None:
        return engine == "sweep"
    if not suits_sweep(problem):
        return False
    return most_patterns(problem) > _FEW_PATTERNS


def _by_cells(
    data: Dataset | TrainingProblem,
    problem: TrainingProblem,
    requested: Fraction,
    max_cells: int,
    progress: Progress | None,
) -> Result[Optimum]:
    """The optimum and the list of all activation cells."""
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
    """Polyhedral penalty: a programme over the wedge dictionary; the checker tests all rays itself."""
    if not problem.loss.is_rational:
        _require_float_range(problem)
    dictionary = wedge_dictionary(problem)
    if progress:
        progress("wedge dictionary", len(dictionary), None)
    solve = wedge_optimum if problem.is_rational else approx_wedge_optimum
    network, dual, formulas = solve(problem, dictionary)
    upper, lower = _reached(problem, network), dual_value(problem, dual)
    cells, _ = cell_records(table, progress=progress)
    records: list[Record] = [
        problem_record(problem),
        *cells,
        DualBoundRecord("dual", "problem", dual, "rays", None, None, lower),
        PrimalBoundRecord("primal", "problem", network.neurons, network.t, upper),
    ]
    low, high = _conclude(records, lower, upper, requested)
    best = Optimum(problem, low, high, table.n_cells, network, dual, formulas, lower, upper)
    return best, records, {"n_atoms": len(dictionary)}


def _conclude(
    records: list[Record], lower: Fraction, upper: Fraction, requested: Fraction
) -> tuple[Fraction, Fraction]:
    """Append the last record: an equality if the bounds meet, else the enclosure, rounded outward."""
    if lower == upper:
        records.append(PrimalDualRecord("optimum", "problem", "dual", "primal", upper))
        return upper, upper
    low, high = _rounded_outward(lower, upper, requested)
    records.append(EnclosureRecord("optimum", "problem", "dual", "primal", low, high))
    return low, high


def _reached(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """What the checker grants to a network: its objective, for the logistic loss rounded up to a grid."""
    if problem.loss.is_rational:
        return (path_objective if problem.is_polyhedral else objective)(problem, network)
    grid = 2**192  # coarser than the logarithms of the checker will be
    upper = objective_enclosure(problem, network, path=problem.is_polyhedral).upper
    return Fraction((upper * grid).__ceil__() + 1, grid)


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
    if not network.neurons:
        constant, _ = constant_fit(problem.loss, problem.targets, intercept=problem.bias is Bias.FREE)
        network = TwoLayer((), constant)
    upper = _reached(problem, network)
    trees, order = cell_records(table, progress=progress)
    with np.errstate(all="ignore"):
        dual = dual_bound_by_leaves(problem, table, cells, order, candidate.v, progress=progress)
    records: list[Record] = [
        problem_record(problem),
        *trees,
        dual,
        PrimalBoundRecord("primal", "problem", network.neurons, network.t, upper),
    ]
    low, high = _conclude(records, dual.value, upper, requested)
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


def _require_attained(problem: TrainingProblem) -> None:
    """With one class, a free bias and the logistic loss, t goes to infinity."""
    if problem.loss is Loss.LOGISTIC and problem.bias is Bias.FREE and len(set(problem.targets)) == 1:
        raise UnsupportedError(
            "the infimum is 0 and no network reaches it: the output bias goes to infinity",
            where="logistic loss with a free bias",
            got=f"{problem.n_samples} targets of one class",
            expected="samples of both classes",
            hint="use the bias none or penalised, or the hinge loss",
        )


# floats of this size can be multiplied a few times without leaving their range
_RANGE = 2**250


def _require_float_range(problem: TrainingProblem) -> None:
    """The search for an enclosure is done in floats; the proof is not."""
    named = [("the features", x) for row in problem.homogenised for x in row]
    named += [("the targets", y) for y in problem.targets] + [("beta", problem.beta)]
    for name, value in named:
        if value and not Fraction(1, _RANGE) <= abs(value) <= _RANGE:
            raise UnsupportedError(
                "a number is too far from 1 for the search of an enclosure, which starts in floats",
                where=name,
                got=f"about 2^{value.numerator.bit_length() - value.denominator.bit_length()}",
                expected="zero, or a size between 2^-250 and 2^250",
                hint="change units: features / s, targets / c and beta / (s c) divide the optimum by c^2 "
                "(squared loss)",
            )


def _best_network(problem: TrainingProblem, network: TwoLayer) -> TwoLayer:
    """The snapped network unless snapping costs accuracy: an exact comparison of objectives."""
    snapped = snap_to_walls(problem, network)
    before, after = _reached(problem, network), _reached(problem, snapped)
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
