"""Certified optima in two and three coordinates without a list of cells.

The float engine (:mod:`exactnet.convex.sweep_generate`) proposes a network and a dual vector. The network is
put exactly onto its rays and walls and its objective evaluated exactly; the dual vector is scaled into the
feasible set, rounded to rationals, and tested on every face in integers by the rule `sweep` of the checker
before it is written. The certificate is short: it holds no cells, because the checker sweeps them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from operator import mul

import numpy as np

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.check import check_text
from exactnet.certificate.types import (
    DualBoundRecord,
    EnclosureRecord,
    Neuron,
    PrimalBoundRecord,
    PrimalDualRecord,
    Record,
)
from exactnet.certificate.write import certificate_text
from exactnet.convex.engine_choice import suits_sweep
from exactnet.convex.formulas import neuron_formula
from exactnet.convex.global_optimum import Optimum
from exactnet.convex.program import TrainingProblem, TwoLayer, objective, problem_record
from exactnet.convex.sweep_blocks import Block
from exactnet.convex.sweep_generate import SweepCandidate, sweep_generation
from exactnet.convex.sweep_plan import SweepPlan, sweep_plan
from exactnet.errors import UnsupportedError
from exactnet.exact import common_denominator, format_rational, round_down, round_up, to_fraction

__all__ = ["sweep_network", "sweep_optimum"]

Progress = Callable[[str, int, int | None], None]
_DEFAULT_GAP = Fraction(1, 10**9)
_MOST_DIGITS = 20
# room for rounding between the dual vector and the constraint, as a power of two
_ROOMS = (48, 45, 42, 36, 30, 24, 18, 12)
_GRID = 60
# the float gap aimed at, as a share of the requested one
_SHARE = 2.0**-10


def sweep_optimum(
    problem: TrainingProblem,
    *,
    gap: object = _DEFAULT_GAP,
    progress: Progress | None = None,
    provenance: Mapping[str, str] | None = None,
) -> Result[Optimum]:
    """The certified optimum of a problem with two or three coordinates, all of them penalised.

    Parameters
    ----------
    problem : ReLU, squared loss, l2 norm, D = 2 or 3, bias none or penalised (:func:`suits_sweep`).
    gap : requested relative width; a wider enclosure comes back with status UNDECIDED.
    progress : called as progress(phase, done, total).

    Returns
    -------
    Result with an :class:`Optimum`; `n_patterns` is counted, not certified.

    Raises
    ------
    UnsupportedError : the problem is of another kind.

    Notes
    -----
    A round costs O(n) in two and O(n^2) in three coordinates, and the proof O(n log n) and O(n^2 log n).

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    >>> result = sweep_optimum(training_problem(data, beta="1/2"), gap="1/1000000000000")
    >>> result.status.name, round(float(result.value.upper), 12), result.check().accepted
    ('PROVED', 1.073770178483, True)
    """
    if not suits_sweep(problem):
        raise UnsupportedError(
            "the sweep engine does not know this kind of problem",
            got=f"{problem.dimension} coordinates, {problem.norm} norm, bias {problem.bias}",
            expected="ReLU, squared loss, l2 norm, 2 or 3 coordinates, all penalised, rows not all parallel",
            hint="use optimum, which chooses the engine",
        )
    requested = to_fraction(gap, where="gap")
    plan = sweep_plan(problem)
    # an overflow in the search spoils a guess, which then fails its proof; it is no news for the user
    with np.errstate(all="ignore"):
        sharp = max(float(requested) * _SHARE, 2.0**-50)
        candidate = sweep_generation(problem, plan, gap=sharp, progress=progress)
    network = sweep_network(problem, plan, candidate)
    upper = objective(problem, network)
    dual = _dual_bound(problem, candidate, progress)
    value, closing = _enclosure(problem, plan, network, dual, upper, requested)
    sentence = _sentence(value, requested)
    stats: dict[str, object] = {"rounds": candidate.n_rounds, "approx_gap": candidate.approx_gap}
    certificate = Certificate(
        title=sentence,
        records=(
            problem_record(problem),
            dual,
            PrimalBoundRecord("primal", "problem", network.neurons, network.t, upper),
            closing,
        ),
        claims=("optimum",),
        provenance=dict(provenance or {"source": "arrays"}),
        stats={name: str(entry) for name, entry in stats.items()},
    )
    status = Status.PROVED if value.relative_gap <= requested else Status.UNDECIDED
    return Result(value, status, certificate, sentence, certificate.provenance, stats)


# ---------------------------------------------------------------------------------------------- dual


def _dual_bound(
    problem: TrainingProblem, candidate: SweepCandidate, progress: Progress | None
) -> DualBoundRecord:
    """The best rational dual vector near the guess that the rule `sweep` accepts."""
    for done, room in enumerate(_ROOMS):
        record = _dual_record(problem, _scaled(problem, candidate, room))
        if progress:
            progress("proof of the lower bound", done, None)
        trial = Certificate("trial", (problem_record(problem), record), ("dual",))
        if check_text(certificate_text(trial)).accepted:
            return record
    # v = 0 proves that the optimum is not negative
    return _dual_record(problem, (Fraction(0),) * problem.n_samples)


def _dual_record(problem: TrainingProblem, v: tuple[Fraction, ...]) -> DualBoundRecord:
    # in integers over one denominator
    v_scale, y_scale = common_denominator(v), common_denominator(problem.targets)
    v_whole = [x.numerator * (v_scale // x.denominator) for x in v]
    y_whole = [y.numerator * (y_scale // y.denominator) for y in problem.targets]
    twice = 2 * v_scale * sum(map(mul, v_whole, y_whole)) - y_scale * sum(map(mul, v_whole, v_whole))
    value = Fraction(twice, 2 * v_scale * v_scale * y_scale)
    return DualBoundRecord("dual", "problem", v, "sweep", None, None, value)


def _scaled(problem: TrainingProblem, candidate: SweepCandidate, room: int) -> tuple[Fraction, ...]:
    """v times the best feasible factor, on a binary grid; the targets themselves if they are feasible."""
    v, beta = candidate.v, float(problem.beta)
    y = np.array([float(t) for t in problem.targets])
    size = float(v @ v)
    if size == 0:
        return (Fraction(0),) * len(v)
    best = float(v @ y) / size
    allowed = beta / candidate.gamma if candidate.gamma > 0 else np.inf
    if allowed > best * (1 + 2.0**-room) and np.allclose(v, y, rtol=2.0**-40, atol=0.0):
        return problem.targets
    scaled = v * min(best, allowed * (1 - 2.0**-room))
    grid = _GRID - int(np.frexp(np.abs(scaled).max())[1])
    whole = [round(x) for x in np.ldexp(scaled, grid).tolist()]
    if grid >= 0:
        return tuple(Fraction(x, 1 << grid) for x in whole)
    return tuple(Fraction(x << -grid) for x in whole)


# -------------------------------------------------------------------------------------------- primal


def sweep_network(problem: TrainingProblem, plan: SweepPlan, candidate: SweepCandidate) -> TwoLayer:
    """The balanced network of a candidate, with rational weights exactly on the walls it belongs to."""
    scale = candidate.target_scale / plan.row_scale
    neurons = []
    for block in candidate.blocks:
        size = float(np.linalg.norm(block.u)) * scale
        root = size**0.5
        if root > 0 and np.isfinite(root):
            neurons.append(Neuron(_on_walls(plan, block, root), Fraction(block.sign * root)))
    return TwoLayer(tuple(neurons))


def _on_walls(plan: SweepPlan, block: Block, length: float) -> tuple[Fraction, ...]:
    """A rational vector of about this length in the direction of the block, on its walls."""
    dimension = len(block.u)
    walls = [plan.walls[k] for k in block.tight]
    direction = block.u / np.linalg.norm(block.u)
    if len(walls) + 1 < dimension:
        exact = [Fraction(float(x * length)) for x in direction]
        if walls:
            (wall,) = walls
            p = max(range(dimension), key=lambda q: abs(wall[q]))
            rest = sum((wall[q] * exact[q] for q in range(dimension) if q != p), Fraction(0))
            exact[p] = -rest / wall[p]
        return tuple(exact)
    ray = (walls[0][1], -walls[0][0]) if dimension == 2 else _cross(walls)
    power = Fraction(2) ** max(map(abs, ray)).bit_length()
    unit = np.array([float(x / power) for x in ray])
    factor = Fraction(length / float(np.linalg.norm(unit))) / power
    if unit @ direction < 0:
        factor = -factor
    return tuple(factor * x for x in ray)


def _cross(walls: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The cross product of two walls that meet in the ray."""
    (a0, a1, a2), (b0, b1, b2) = walls[0], walls[1]
    return (a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0)


# ------------------------------------------------------------------------------------------- closing


def _enclosure(
    problem: TrainingProblem,
    plan: SweepPlan,
    network: TwoLayer,
    dual: DualBoundRecord,
    upper: Fraction,
    requested: Fraction,
) -> tuple[Optimum, Record]:
    """The value and the record that puts the two bounds together."""
    closing: Record
    if dual.value == upper:
        low = high = upper
        closing = PrimalDualRecord("optimum", "problem", "dual", "primal", upper)
    else:
        low, high = _rounded_outward(dual.value, upper, requested)
        closing = EnclosureRecord("optimum", "problem", "dual", "primal", low, high)
    formulas = tuple(neuron_formula(problem, neuron) for neuron in network.neurons)
    best = Optimum(problem, low, high, plan.n_cells, network, dual.v, formulas, dual.value, upper)
    return best, closing


def _rounded_outward(lower: Fraction, upper: Fraction, requested: Fraction) -> tuple[Fraction, Fraction]:
    """The interval with as few digits as half the requested relative width allows."""
    for share in (Fraction(1, 2), Fraction(1)):
        for digits in range(1, _MOST_DIGITS + 1):
            low, high = round_down(lower, digits=digits), round_up(upper, digits=digits)
            if high - low <= share * requested * high:
                return low, high
    return round_down(lower, digits=_MOST_DIGITS), round_up(upper, digits=_MOST_DIGITS)


def _sentence(value: Optimum, requested: Fraction) -> str:
    if value.is_exact:
        return f"the global optimum is exactly {format_rational(value.upper)}"
    ends = f"[{format_rational(value.lower)}, {format_rational(value.upper)}]"
    text = f"the global optimum lies in {ends}, relative width {float(value.relative_gap):.1e}"
    if value.relative_gap > requested:
        text += f" (wider than the requested {float(requested):.1e})"
    return text
