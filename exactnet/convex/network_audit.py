"""Is this network globally optimal, and if not, by how much is it off? A proved answer without solving.

From above, the optimum is at most the objective of the network itself, and of the same neurons balanced and
refitted. From below, the residual y - f(X), scaled until it is dual feasible, is a dual vector: one pricing
pass gives the factor (Pilanci and Ergen 2020, arXiv 2002.10553, the dual behind Theorem 1). At a global
optimum both bounds meet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import (
    DualBoundRecord,
    EnclosureRecord,
    EvaluationRecord,
    GapRecord,
    PrimalBoundRecord,
    PrimalDualRecord,
    Record,
)
from exactnet.convex.architecture import from_network
from exactnet.convex.global_optimum import optimum
from exactnet.convex.network_bound import bound_from_residuals
from exactnet.convex.program import (
    Activation,
    Loss,
    TrainingProblem,
    TwoLayer,
    objective,
    path_objective,
    predictions,
    problem_record,
    training_problem,
)
from exactnet.convex.refit import refitted
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import decimal_text, format_rational, round_down, round_up
from exactnet.model import Dataset, Network

__all__ = ["Audit", "audit"]

Progress = Callable[[str, int, int | None], None]

_DIGITS = 20  # of the ends of the reported interval


@dataclass(frozen=True)
class Audit:
    """How far one network is from the global optimum of its training problem.

    Attributes
    ----------
    network : in homogenised coordinates, as given.
    objective : its stated objective, exactly.
    lower, upper : the global optimum lies in [lower, upper], proved.
    refit : the objective of the network's own neurons, balanced and with refitted output weights (or the
        network's own objective if that is smaller); for the l1 and linf norm its infimum over rescalings.
    n_patterns : number of activation patterns where the proof has counted them, else None.
    refined : whether the optimum was computed instead of bounded by one pricing pass.
    """

    problem: TrainingProblem
    network: TwoLayer
    objective: Fraction
    lower: Fraction
    upper: Fraction
    refit: Fraction
    n_patterns: int | None
    refined: bool

    @property
    def gap_lower(self) -> Fraction:
        """The objective exceeds the optimum by at least this."""
        return max(Fraction(0), self.objective - self.upper)

    @property
    def gap_upper(self) -> Fraction:
        """The objective exceeds the optimum by at most this."""
        return self.objective - self.lower

    @property
    def relative_gap(self) -> Fraction | None:
        """An upper bound of (objective - optimum) / optimum; None when the optimum may be 0."""
        if self.lower > 0:
            return self.gap_upper / self.lower
        return Fraction(0) if self.gap_upper == 0 else None

    @property
    def is_optimal(self) -> bool | None:
        """Whether the network is globally optimal: True or False if that is proved, None if it is open."""
        if self.gap_upper == 0:
            return True
        return False if self.gap_lower > 0 else None


def audit(
    network: Network | TwoLayer,
    data: Dataset | TrainingProblem,
    *,
    beta: object = None,
    norm: str = "l2",
    bias: str = "none",
    refine: bool = False,
    gap: object = Fraction(1, 10**9),
    max_cells: int = 200_000,
    progress: Progress | None = None,
) -> Result[Audit]:
    """How far a network is from the global optimum of its training problem, with a proof.

    Parameters
    ----------
    network : one hidden ReLU layer and one output, trained here or elsewhere; its weights are taken as
        the exact numbers they are.
    data : the data set it was trained on, or the training problem (then beta, norm, bias stay unused).
    beta, norm, bias : the objective it was trained for, as in :func:`exactnet.convex.training_problem`.
    refine : compute the optimum too, to the relative width `gap`. Without it nothing is solved: one
        pricing pass with the network's own residual gives a bound that is sharp for good networks.
    max_cells : limit on the number of activation cells, or of rays for the l1 and linf norm.

    Returns
    -------
    Result with status PROVED (UNDECIDED only when `refine` does not reach `gap`); the certificate holds
    the problem, the bounds, the exact evaluation of the network, and its gap.

    Raises
    ------
    UnsupportedError : another loss than the squared one, another activation than the ReLU, or a network
        that is no candidate.
    InputError, ShapeError, LimitReached.

    Examples
    --------
    >>> from exactnet.certificate import Neuron
    >>> data = Dataset.from_arrays([[-1], [1]], [1, 2])
    >>> good = TwoLayer((Neuron((Fraction(-1),), Fraction(9, 10)), Neuron((Fraction(1),), Fraction(19, 10))))
    >>> result = audit(good, data, beta="1/10")
    >>> print(result)
    PROVED: not optimal: the objective exceeds the global optimum by exactly 41/1000 (= 0.041)
    >>> result.check().accepted  # (u, a) is not balanced; with |u| = |a| the same function is optimal
    True
    """
    problem = _problem(data, beta, norm, bias)
    _require_scope(problem)
    given = from_network(problem, network) if isinstance(network, Network) else network
    value = objective(problem, given)
    if refine:
        proof, status = _solved(problem, gap, max_cells, progress)
        better = given
    else:
        better = _better(problem, given, value)
        proof, status = _bounded(problem, given, better, max_cells, progress), Status.PROVED
    found = Audit(
        problem,
        given,
        value,
        proof.interval[0],
        proof.interval[1],
        _reached(problem, better),
        proof.n_patterns,
        refine,
    )
    return _result(found, proof, status, data, network)


def _problem(data: Dataset | TrainingProblem, beta: object, norm: str, bias: str) -> TrainingProblem:
    if isinstance(data, TrainingProblem):
        return data
    if beta is None:
        raise InputError("the strength of the weight decay is missing", where="beta", expected="a number > 0")
    return training_problem(data, beta=beta, norm=norm, bias=bias)


def _require_scope(problem: TrainingProblem) -> None:
    if problem.loss is not Loss.SQUARED or problem.activation is not Activation.RELU:
        raise UnsupportedError(
            "an audit is about ReLU networks with the squared loss",
            got=f"loss {problem.loss}, activation {problem.activation}",
            expected="loss squared, activation relu",
            hint="exactnet.convex.optimum gives the optimum of this problem; compare the objectives",
        )


def _reached(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """What the checker's rule `primal_bound` computes for a network."""
    return path_objective(problem, network) if problem.is_polyhedral else objective(problem, network)


def _better(problem: TrainingProblem, given: TwoLayer, value: Fraction) -> TwoLayer:
    """The refitted network, unless the given one is as good."""
    candidate = refitted(problem, given)
    own = path_objective(problem, given) if problem.is_polyhedral else value
    return given if candidate is None or _reached(problem, candidate) >= own else candidate


@dataclass(frozen=True)
class _Proof:
    """Records up to a statement about the optimum, `target`, which the gap refers to."""

    records: tuple[Record, ...]
    claims: tuple[str, ...]
    target: str
    interval: tuple[Fraction, Fraction]
    n_patterns: int | None


def _bounded(
    problem: TrainingProblem, given: TwoLayer, better: TwoLayer, max_cells: int, progress: Progress | None
) -> _Proof:
    """Bounds from the network itself: nothing is solved."""
    networks = [given] if better is given else [better, given]
    residuals = [
        tuple(y - f for y, f in zip(problem.targets, predictions(problem, network), strict=True))
        for network in networks
    ]
    bound = bound_from_residuals(problem, residuals, max_cells=max_cells, progress=progress)
    upper = _reached(problem, better)
    primal = PrimalBoundRecord("primal", "problem", better.neurons, better.t, upper)
    statement = _statement(bound.dual, primal)
    return _Proof(
        (problem_record(problem), *bound.records, bound.dual, primal, statement),
        (statement.id, *(["cells"] if bound.n_patterns is not None else [])),
        statement.id,
        _ends(statement),
        bound.n_patterns,
    )


def _statement(dual: DualBoundRecord, primal: PrimalBoundRecord) -> EnclosureRecord | PrimalDualRecord:
    """Equality if the bounds meet, else an interval with ends of few digits."""
    if dual.value == primal.value:
        return PrimalDualRecord("optimum", dual.problem, dual.id, primal.id, dual.value)
    low, high = round_down(dual.value, digits=_DIGITS), round_up(primal.value, digits=_DIGITS)
    return EnclosureRecord("optimum", dual.problem, dual.id, primal.id, low, high)


def _ends(statement: Record) -> tuple[Fraction, Fraction]:
    if isinstance(statement, PrimalDualRecord):
        return statement.value, statement.value
    assert isinstance(statement, EnclosureRecord)
    return statement.lower, statement.upper


def _solved(
    problem: TrainingProblem, gap: object, max_cells: int, progress: Progress | None
) -> tuple[_Proof, Status]:
    """The optimum itself, with the sharpest interval that its proof supports."""
    best = optimum(problem, gap=gap, max_cells=max_cells, progress=progress)
    assert best.certificate is not None
    records, claims = best.certificate.records, best.certificate.claims
    statement = next(r for r in reversed(records) if isinstance(r, EnclosureRecord | PrimalDualRecord))
    if isinstance(statement, EnclosureRecord):
        dual = next(r for r in records if isinstance(r, DualBoundRecord) and r.id == statement.dual)
        primal = next(r for r in records if isinstance(r, PrimalBoundRecord) and r.id == statement.primal)
        low, high = round_down(dual.value, digits=_DIGITS), round_up(primal.value, digits=_DIGITS)
        if (low, high) != (statement.lower, statement.upper):
            statement = EnclosureRecord("bounds", statement.problem, dual.id, primal.id, low, high)
            records, claims = (*records, statement), (*claims, "bounds")
    # a sweep counts the patterns, but does not prove their number
    n_patterns = best.value.n_patterns if "cells" in claims else None
    proof = _Proof(records, claims, statement.id, _ends(statement), n_patterns)
    return proof, best.status


def _result(
    found: Audit, proof: _Proof, status: Status, data: Dataset | TrainingProblem, network: Network | TwoLayer
) -> Result[Audit]:
    given = found.network
    sentence = _sentence(found)
    provenance = {} if isinstance(data, TrainingProblem) else dict(data.provenance.as_strings())
    if isinstance(network, Network):
        provenance["network"] = str(network.provenance.source)
    stats: dict[str, object] = {"n_neurons": len(given.neurons), "refined": "yes" if found.refined else "no"}
    certificate = Certificate(
        title=sentence,
        records=(
            *proof.records,
            EvaluationRecord("network", "problem", given.neurons, given.t, found.objective),
            GapRecord("gap", "network", proof.target, found.gap_lower, found.gap_upper),
        ),
        claims=(*proof.claims, "network", "gap"),
        provenance=provenance,
        stats={name: str(entry) for name, entry in stats.items()},
    )
    return Result(found, status, certificate, sentence, provenance, stats)


def _sentence(found: Audit) -> str:
    low, high = found.gap_lower, found.gap_upper
    if high == 0:
        return f"globally optimal: the objective is the global optimum {format_rational(found.objective)}"
    if low == high:
        return f"not optimal: the objective exceeds the global optimum by exactly {format_rational(high)}"
    most = decimal_text(round_up(high, digits=4), digits=4)
    share = found.relative_gap
    relative = "" if share is None else f" (relative: {decimal_text(round_up(share, digits=2), digits=2)})"
    if low > 0:
        least = decimal_text(round_down(low, digits=4), digits=4)
        return f"not optimal: the objective exceeds the global optimum by {least} to {most}{relative}"
    return f"the objective exceeds the global optimum by at most {most}{relative}"
