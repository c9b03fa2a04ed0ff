"""Digits on request: a proved enclosure of the weight-decay optimum of relative width 10^-digits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import (
    ArrangementRecord,
    DualBoundRecord,
    EnclosureRecord,
    PrimalBoundRecord,
    PrimalDualRecord,
    ProblemRecord,
    Record,
    SplitTreeRecord,
)
from exactnet.convex.face_optimum import FaceOptimum, cell_prover, face_optimum
from exactnet.convex.face_parts import touched_samples
from exactnet.convex.face_sweep import sweep_prover
from exactnet.convex.formulas import neuron_formula
from exactnet.convex.global_optimum import Optimum
from exactnet.convex.patterns import FloatCells, activation_cells, float_cells
from exactnet.convex.program import Activation, Loss, Norm, TrainingProblem, TwoLayer
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import decimal_text, format_rational, round_down, round_up, sign_matrix
from exactnet.geometry.arrangement import CellTable
from exactnet.geometry.split_tree import cell_records

__all__ = ["FaceSearch", "refine"]

_MOST_LISTED = 4000
_REPLACED = ("dual_bound", "primal_bound", "enclosure", "primal_dual")


def refine(result: Result[Optimum], digits: int, *, max_cells: int = 200_000) -> Result[Optimum]:
    """The optimum of a solved problem to more digits, with a new certificate.

    From the network that was found, the faces of the arrangement on which its neurons lie are read off;
    on them the optimum is computed by Newton's method in as many digits as wanted, and a rational dual
    vector and a rational network prove the enclosure over all cells, as for the first one.

    Parameters
    ----------
    result : of :func:`exactnet.convex.optimum`; squared loss, ReLU, l2 norm, any bias.
    digits : the enclosure gets a relative width of at most 10^-digits.
    max_cells : limit on the number of activation cells.

    Returns
    -------
    A result with status PROVED; the same result when it is exact or already narrow enough. Where the faces
    of an optimum cannot be told (ties between them that no number of digits resolves), the best enclosure
    that is proved comes back with status UNDECIDED and a sentence that says so.

    Raises
    ------
    InputError : digits < 1, or a result without a certificate.
    UnsupportedError : another loss, activation or norm.

    Examples
    --------
    >>> from exactnet.convex import optimum
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> better = refine(optimum(data, beta="1/2"), 40)
    >>> decimal_text(better.value.lower, digits=40)
    '1.073770178482723414722883210545150482286'
    >>> better.check().accepted
    True
    """
    value = result.value
    if digits < 1:
        raise InputError(
            "at least one digit is needed", where="digits", got=str(digits), expected="1 or more"
        )
    if value.is_exact or value.relative_gap * 10**digits <= 1:
        return result
    faces = FaceSearch.of(result, max_cells=max_cells)
    found = faces.search(value.problem, value.network, digits + 1)
    if found is None or found.relative_gap >= value.relative_gap:
        return _undecided(result, digits)
    return faces.written(value.problem, found, digits)


@dataclass(frozen=True)
class FaceSearch:
    """The cells of a solved problem, ready to enclose the optimum of the same data at any beta.

    `result` is where provenance and the records about the cells come from; `order` tells the cell of each
    leaf. The dual vector is proved leaf by leaf when `by_leaves`, otherwise the checker sweeps; then the
    cells are listed only when they are few, to repair a wrong guess of the faces.
    """

    result: Result[Optimum]
    kept: tuple[Record, ...]
    by_leaves: bool
    forms: tuple[tuple[int, ...], ...] = ()
    cells: FloatCells | None = None
    order: tuple[int, ...] = ()

    @staticmethod
    def of(result: Result[Optimum], *, max_cells: int = 200_000) -> FaceSearch:
        """Prepare the cells.

        Raises
        ------
        UnsupportedError, InputError, LimitReached.
        """
        problem = result.value.problem
        _require_supported(problem)
        if result.certificate is None:
            raise InputError("this result carries no certificate", got=result.sentence)
        records = result.certificate.records
        by_leaves = any(isinstance(record, DualBoundRecord) and record.by == "leaves" for record in records)
        if not by_leaves and problem.n_samples ** (problem.dimension - 1) > _MOST_LISTED:
            return FaceSearch(result, tuple(r for r in records if r.rule not in _REPLACED), False)
        table = activation_cells(problem, max_cells=max_cells)
        kept, order = _kept_records(records, table, by_leaves)
        cells = float_cells(problem, table)
        return FaceSearch(result, tuple(kept), by_leaves, table.arrangement.forms, cells, tuple(order))

    def search(self, problem: TrainingProblem, start: TwoLayer, digits: int) -> FaceOptimum | None:
        """The best enclosure found from a start; the data must be those of the solved problem."""
        if self.cells is None:
            prover = sweep_prover(problem)
        else:
            prover = cell_prover(problem, self.forms, self.cells, self.order)
        # overflow in a float guess spoils that guess only
        with np.errstate(all="ignore"):
            return face_optimum(problem, start, prover, digits=digits)

    def written(self, problem: TrainingProblem, found: FaceOptimum, digits: int) -> Result[Optimum]:
        """The result of an enclosure, with its certificate."""
        assert self.result.certificate is not None
        best = _value(self.result.value, problem, found, digits)
        sentence = _sentence(best, digits)
        stats = {**self.result.stats, "digits": digits, "digit_rounds": found.n_rounds}
        certificate = Certificate(
            sentence,
            tuple(self._records(best, found)),
            self.result.certificate.claims,
            dict(self.result.certificate.provenance),
            {name: str(entry) for name, entry in stats.items()},
        )
        reached = best.relative_gap * 10**digits <= 1
        return Result(
            value=best,
            status=Status.PROVED if reached else Status.UNDECIDED,
            certificate=certificate,
            sentence=sentence,
            provenance=self.result.provenance,
            stats=stats,
        )

    def _records(self, best: Optimum, found: FaceOptimum) -> list[Record]:
        stated = next(record for record in self.kept if isinstance(record, ProblemRecord))
        cells = next((record.id for record in self.kept if isinstance(record, SplitTreeRecord)), None)
        records = [
            replace(record, beta=best.problem.beta) if record is stated else record for record in self.kept
        ]
        v, low, high, p = found.dual, found.lower, found.upper, stated.id
        if self.by_leaves:
            records.append(DualBoundRecord("dual", p, v, "leaves", cells, found.bounds, low))
        else:
            records.append(DualBoundRecord("dual", p, v, "sweep", None, None, low))
        records.append(PrimalBoundRecord("primal", p, best.network.neurons, best.network.t, high))
        if low == high:
            return [*records, PrimalDualRecord("optimum", p, "dual", "primal", high)]
        return [*records, EnclosureRecord("optimum", p, "dual", "primal", best.lower, best.upper)]


def _require_supported(problem: TrainingProblem) -> None:
    wanted = (Norm.L2, Loss.SQUARED, Activation.RELU)
    if (problem.norm, problem.loss, problem.activation) != wanted:
        raise UnsupportedError(
            "digits on request need the l2 norm, the squared loss and ReLU",
            got=f"norm {problem.norm}, loss {problem.loss}, activation {problem.activation}",
            expected="norm l2, loss squared, activation relu",
            hint="problems with the l1 or linf norm and a rational loss are solved exactly without digits",
        )


def _kept_records(
    records: tuple[Record, ...], table: CellTable, by_leaves: bool
) -> tuple[list[Record], list[int]]:
    """The records that stay, and the listed cell of each leaf in the order of the certificate's tree."""
    kept = [record for record in records if record.rule not in _REPLACED]
    everything = list(range(len(table.signs)))
    if not by_leaves:
        return kept, everything
    arrangement = next((record for record in kept if isinstance(record, ArrangementRecord)), None)
    tree = next((record for record in kept if isinstance(record, SplitTreeRecord)), None)
    if arrangement is not None and tree is not None and arrangement.forms == table.arrangement.forms:
        order = _leaf_order(tree, table)
        if order is not None:
            return kept, order
    problem = next(record for record in kept if isinstance(record, ProblemRecord))
    written, numbers = cell_records(table, problem=problem.id)
    return [problem, *written], [int(k) for k in numbers]


def _leaf_order(tree: SplitTreeRecord, table: CellTable) -> list[int] | None:
    """Which listed cell each leaf of the tree is, told by its interior point."""
    points = [node[1] for node in tree.nodes if node[0] == "cell"]
    if not table.arrangement.forms:
        return [0]
    signs = sign_matrix(table.arrangement.forms, points)  # type: ignore[arg-type]
    listed = {table.signs[k].tobytes(): k for k in range(len(table.signs))}
    order = [listed.get(np.ascontiguousarray(row, dtype=np.int8).tobytes()) for row in signs]
    return None if None in order else [k for k in order if k is not None]


def _value(template: Optimum, problem: TrainingProblem, found: FaceOptimum, digits: int) -> Optimum:
    low, high = found.lower, found.upper
    if low != high:
        low, high = _rounded_outward(low, high, digits)
    return replace(
        template,
        problem=problem,
        lower=low,
        upper=high,
        network=found.network,
        dual=found.dual,
        formulas=tuple(neuron_formula(problem, neuron) for neuron in found.network.neurons),
        dual_value=found.lower,
        primal_value=found.upper,
    )


def _rounded_outward(lower: Fraction, upper: Fraction, digits: int) -> tuple[Fraction, Fraction]:
    """Ends of two digits more than requested; they widen the interval by 2 * 10^-(digits + 1) at most."""
    return round_down(lower, digits=digits + 2), round_up(upper, digits=digits + 2)


def _sentence(value: Optimum, digits: int) -> str:
    if value.is_exact:
        return f"the global optimum is exactly {format_rational(value.upper)}"
    ends = ", ".join(decimal_text(end, digits=digits + 2) for end in (value.lower, value.upper))
    width = decimal_text(round_up(value.relative_gap, digits=2), digits=2)
    text = f"the global optimum lies in [{ends}], relative width {width}"
    return text if value.relative_gap * 10**digits <= 1 else text + _excuse(value, digits)


def _excuse(value: Optimum, digits: int) -> str:
    samples = touched_samples(value.problem, value.network)
    names = ", ".join(map(str, samples[:10])) + (", ..." if len(samples) > 10 else "")
    ties = f"; neurons touch the walls of samples {names}" if samples else ""
    return f" ({digits} digits were requested; the faces of the optimum stay undecided{ties})"


def _undecided(result: Result[Optimum], digits: int) -> Result[Optimum]:
    text = result.sentence + _excuse(result.value, digits)
    certificate = None if result.certificate is None else replace(result.certificate, title=text)
    return Result(
        value=result.value,
        status=Status.UNDECIDED,
        certificate=certificate,
        sentence=text,
        provenance=result.provenance,
        stats=dict(result.stats),
    )
