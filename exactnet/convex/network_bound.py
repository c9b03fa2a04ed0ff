"""A proved lower bound of the optimum from a guess of its dual vector: one pricing pass, no solving.

Any vector v, scaled until |sum_i v_i (z_i.u)_+| <= beta ||u|| for all u, bounds the optimum from below (weak
duality); the residual of a good network is a good guess. Three ways to find the factor and to prove it:

* polyhedral penalties: the largest value over all rays of the wedge dictionary, in integers;
* l2 in two or three coordinates: sweeps over all faces in floats, which the checker repeats in integers;
* l2 otherwise: all activation cells, with rational multipliers for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Certificate, check_text
from exactnet.certificate.types import DualBoundRecord, Record
from exactnet.certificate.write import certificate_text
from exactnet.convex.certify import dual_bound_by_leaves, dual_value, on_grid
from exactnet.convex.clifford import feature_columns, wedge_dictionary
from exactnet.convex.engine_choice import suits_sweep
from exactnet.convex.patterns import activation_cells, float_cells
from exactnet.convex.pricing import price
from exactnet.convex.program import Bias, Norm, TrainingProblem, problem_record
from exactnet.errors import UnsupportedError
from exactnet.exact import RationalMatrix, common_denominator, rank
from exactnet.exact.least_squares import IntegerRows
from exactnet.geometry.split_tree import cell_records

__all__ = ["NetworkBound", "bound_from_residuals"]

Floats = NDArray[np.float64]
Rationals = tuple[Fraction, ...]
Progress = Callable[[str, int, int | None], None]

_SHORT = 200  # bits of a denominator that is kept exactly
_ROOMS = (44, 40, 36, 32, 26, 20)  # binary digits of the factor that are risked, in this order


@dataclass(frozen=True)
class NetworkBound:
    """A proved lower bound: `dual` rests on `records` (cells, if any) and the problem's own record.

    `n_patterns` is the number of activation patterns where the proof has counted them, else None.
    """

    dual: DualBoundRecord
    records: tuple[Record, ...]
    n_patterns: int | None


def bound_from_residuals(
    problem: TrainingProblem,
    guesses: Sequence[Rationals],
    *,
    max_cells: int = 200_000,
    progress: Progress | None = None,
) -> NetworkBound:
    """The best proved bound from one of the guessed dual vectors, each priced once.

    Parameters
    ----------
    guesses : vectors of n numbers, for instance y - f(X) of some networks; for a free bias their mean is
        taken off.

    Raises
    ------
    LimitReached : more than `max_cells` rays or cells.
    UnsupportedError : a number that floats cannot hold (l2 norm only).

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> found = bound_from_residuals(problem, [(Fraction(1), Fraction(2))])
    >>> found.dual.value  # from v = (1/20, 1/10); the optimum is 29/100
    Fraction(39, 160)
    """
    centred = [_centred(problem, guess) for guess in guesses]
    if problem.is_polyhedral:
        return _by_rays(problem, centred, max_cells, progress)
    try:
        with np.errstate(all="ignore"):
            vectors = [np.array([float(x) for x in guess]) for guess in centred]
            if suits_sweep(problem) or _suits_anchors(problem):
                return _by_sweep(problem, centred, vectors, progress)
            return _by_leaves(problem, vectors, max_cells, progress)
    except OverflowError:
        raise UnsupportedError(
            "a number is too large for the pricing pass of the l2 norm, which is done in floats",
            where="the data, the targets, beta or the network",
            expected="sizes below 10^300",
            hint="change units: features / s, targets / c and beta / (s c) divide the optimum by c^2",
        ) from None


def _centred(problem: TrainingProblem, v: Rationals) -> Rationals:
    if problem.bias is not Bias.FREE:
        return v
    mean = sum(v, Fraction(0)) / len(v)
    return tuple(x - mean for x in v)


def _by_rays(
    problem: TrainingProblem, guesses: Sequence[Rationals], max_cells: int, progress: Progress | None
) -> NetworkBound:
    """The exact best multiple of a guess; the guess itself may be rounded first."""
    dictionary = wedge_dictionary(problem, max_atoms=max_cells)
    if progress:
        progress("pricing the wedge dictionary", len(dictionary), None)
    columns = feature_columns(problem, dictionary)
    rows = IntegerRows(columns.numerators, n_columns=problem.n_samples)
    best: tuple[Fraction, Rationals] = (Fraction(0), (Fraction(0),) * problem.n_samples)
    for guess in guesses:
        v = guess if common_denominator(guess).bit_length() <= _SHORT else _rounded(problem, guess)
        scale = common_denominator(v)
        products = rows.products([int(x * scale) for x in v])
        pairs = zip(products, columns.denominators, strict=True)
        gamma = max((Fraction(abs(p), d) for p, d in pairs), default=Fraction(0)) / scale
        factor = _best_factor(problem, v, gamma)
        scaled = tuple(factor * x for x in v)
        best = max(best, (dual_value(problem, scaled), scaled))
    value, v = best
    return NetworkBound(DualBoundRecord("dual", "problem", v, "rays", None, None, value), (), None)


def _rounded(problem: TrainingProblem, v: Rationals) -> Rationals:
    """Some sixty binary digits of v, with sum 0 for a free bias."""
    unit = Fraction(2) ** (max(abs(x) for x in v).__ceil__().bit_length() - 64)
    numerators = [round(x / unit) for x in v]
    if problem.bias is Bias.FREE:
        numerators[0] -= sum(numerators)
    return tuple(x * unit for x in numerators)


def _best_factor(problem: TrainingProblem, v: Rationals, gamma: Fraction) -> Fraction:
    """The s in [0, beta / gamma] with the largest s v.y - s^2 |v|^2 / 2."""
    size = sum((x * x for x in v), Fraction(0))
    if size == 0:
        return Fraction(0)
    gain = sum((x * y for x, y in zip(v, problem.targets, strict=True)), Fraction(0))
    best = max(Fraction(0), gain / size)
    return min(best, problem.beta / gamma) if gamma > 0 else best


def _by_leaves(
    problem: TrainingProblem, guesses: Sequence[Floats], max_cells: int, progress: Progress | None
) -> NetworkBound:
    table = activation_cells(problem, max_cells=max_cells, progress=progress)
    cells = float_cells(problem, table)
    beta = float(problem.beta)

    def gamma(v: Floats) -> float:
        return price(problem, cells, v * cells.row_scale, threshold=beta / 2).gamma

    v = max(guesses, key=lambda guess: _approx_bound(problem, guess, gamma(guess)))
    trees, order = cell_records(table, progress=progress)
    dual = dual_bound_by_leaves(problem, table, cells, order, v, progress=progress)
    return NetworkBound(dual, trees, table.n_cells)


def _by_sweep(
    problem: TrainingProblem,
    exact: Sequence[Rationals],
    guesses: Sequence[Floats],
    progress: Progress | None,
) -> NetworkBound:
    """One sweep for each guess; more room below beta until the checker agrees in integers."""
    if progress:
        progress("sweep", len(exact), None)
    gammas = (_anchored_gammas if problem.bias is Bias.FREE else _gammas)(problem, guesses)
    bounds = [_approx_bound(problem, v, gamma) for v, gamma in zip(guesses, gammas, strict=True)]
    best = int(np.argmax(bounds))
    for room in _ROOMS if bounds[best] > 0 else ():
        v = _scaled(problem, exact[best], guesses[best], gammas[best], 1 - 2.0**-room)
        dual = DualBoundRecord("dual", "problem", v, "sweep", None, None, dual_value(problem, v))
        if _is_accepted(problem, dual):
            return NetworkBound(dual, (), None)
    zero = (Fraction(0),) * problem.n_samples
    return NetworkBound(DualBoundRecord("dual", "problem", zero, "sweep", None, None, Fraction(0)), (), None)


def _gammas(problem: TrainingProblem, guesses: Sequence[Floats]) -> list[float]:
    """The largest |sum_i v_i (z_i.u)_+| over unit vectors u, for each v."""
    from exactnet.convex.sweep_plan import sweep_plan

    plan = sweep_plan(problem)
    return [plan.peaks(v, threshold=np.inf).gamma * plan.row_scale for v in guesses]


def _suits_anchors(problem: TrainingProblem) -> bool:
    """Two features with a free bias, samples not on one line: sweeps in the plane around each sample."""
    if problem.norm is not Norm.L2 or problem.bias is not Bias.FREE or problem.n_features != 2:
        return False
    return rank(problem.homogenised) == 3


def _anchored_gammas(problem: TrainingProblem, guesses: Sequence[Floats]) -> list[float]:
    """The same for a free bias.

    For fixed weights the largest value is reached where the neuron vanishes at some sample, or where all
    samples are active.
    """
    points = list(problem.features.rows())
    table = np.array([[float(x) for x in point] for point in points])
    best = [float(np.linalg.norm(v @ table)) for v in guesses]
    for anchor in dict.fromkeys(points):
        shifted = [[x - a for x, a in zip(point, anchor, strict=True)] for point in points]
        around = replace(problem, features=RationalMatrix.from_rows(shifted), bias=Bias.NONE)
        best = [max(pair) for pair in zip(best, _gammas(around, guesses), strict=True)]
    return best


def _scaled(problem: TrainingProblem, exact: Rationals, v: Floats, gamma: float, share: float) -> Rationals:
    """The best multiple of v, on a binary grid; an exact one where beta does not bind."""
    y = np.array([float(target) for target in problem.targets])
    best = float(v @ y) / float(v @ v)
    allowed = float(problem.beta) / gamma * share if gamma > 0 else np.inf
    if best < allowed and common_denominator(exact).bit_length() <= _SHORT:
        factor = _best_factor(problem, exact, Fraction(0))
        return tuple(factor * x for x in exact)
    return on_grid(problem, v * min(best, allowed))


def _is_accepted(problem: TrainingProblem, dual: DualBoundRecord) -> bool:
    """Ask the checker before anything is claimed: floats have proposed the factor."""
    proof = Certificate("a dual bound", (problem_record(problem), dual), ("dual",))
    return check_text(certificate_text(proof)).accepted


def _approx_bound(problem: TrainingProblem, v: Floats, gamma: float) -> float:
    size = float(v @ v)
    gain = float(v @ np.array([float(target) for target in problem.targets]))
    if not size > 0 or not np.isfinite(gamma):
        return 0.0
    s = max(0.0, min(gain / size, float(problem.beta) / gamma if gamma > 0 else np.inf))
    return s * gain - 0.5 * s * s * size
