"""Interpolation: the smallest network that fits the data exactly, the limit of training for beta to 0.

    minimise over m, u_j, a_j, t:  sum_j ||u_j|| |a_j|   subject to   f(x_i) = y_i for all i

For a polyhedral norm the neurons may be taken from the wedge dictionary (:mod:`exactnet.convex.clifford`),
so that this is the linear programme min ||z||_1 subject to Kz + t 1 = y, with a rational optimum. In one
dimension it is the total variation of slopes (Savarese et al. 2019; see the paper statements).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import FarkasRecord, LinearOptimumRecord, LinearSystemRecord, Record
from exactnet.convex.clifford import feature_columns, wedge_dictionary
from exactnet.convex.column_program import interpolate_columns
from exactnet.convex.columns import ScaledColumns
from exactnet.convex.program import Bias, TrainingProblem, TwoLayer, predictions, training_problem
from exactnet.convex.wedge_lasso import formulas_of, neurons_of
from exactnet.errors import InvariantError, UnsupportedError
from exactnet.exact import format_rational
from exactnet.model import Dataset

__all__ = ["Interpolation", "interpolation"]

_ZERO = Fraction(0)


@dataclass(frozen=True)
class Interpolation:
    """The smallest interpolating network.

    Attributes
    ----------
    cost : sum_j ||u_j|| |a_j|. network : reaches it, with ||u_j|| = 1; its predictions are the targets.
    dual : v with v.y = cost and |v.phi(Zu)| <= ||u|| for all u. formulas : the wedge products.
    """

    cost: Fraction
    network: TwoLayer
    dual: tuple[Fraction, ...]
    formulas: tuple[str, ...]
    n_atoms: int


def interpolation(
    dataset: Dataset,
    *,
    norm: str = "l1",
    bias: str = "none",
    activation: str = "relu",
    slope: object = None,
    max_atoms: int = 20_000,
) -> Result[Interpolation | None]:
    """The smallest sum of ||u|| |a| of a two-layer network with f(x_i) = y_i, exactly.

    PROVED with the network; the certificate shows the dual programme, maximise v.y over all v with
    |k.v| <= 1 for the columns k of the dictionary (and sum v = 0 for a free bias), solved to optimality.
    REFUTED when no network of the class interpolates, such as for one sample with two targets; the
    certificate shows that no combination of the columns does.

    Parameters
    ----------
    norm : "l1" or "linf" (or "l2" where a single coordinate is penalised).
    bias, activation, slope : as in :func:`exactnet.convex.training_problem`.
    max_atoms : limit on the dictionary, whose columns all stand in the certificate.

    Raises
    ------
    UnsupportedError : the l2 norm of several coordinates; LimitReached : a larger dictionary.

    Examples
    --------
    >>> data = Dataset.from_arrays([[0], [2], [6], [7]], [0, 0, 3, 3])
    >>> interpolation(data, bias="free").value.cost
    Fraction(3, 2)
    """
    # beta and the loss play no part here
    problem = training_problem(dataset, beta=1, norm=norm, bias=bias, activation=activation, slope=slope)
    if not problem.is_polyhedral:
        raise UnsupportedError(
            "the smallest interpolating network is known for polyhedral norms only",
            where="norm",
            got=f"{problem.norm} of {len(problem.penalised)} coordinates",
            expected="l1 or linf, or a single penalised coordinate",
            hint="choose norm='l1', or train with a small beta",
        )
    dictionary = wedge_dictionary(problem, max_atoms=max_atoms)
    columns = feature_columns(problem, dictionary)
    intercept = problem.bias is Bias.FREE
    found = interpolate_columns(columns, problem.targets, intercept=intercept)
    if isinstance(found, tuple):
        return _impossible(problem, columns, found, dataset)
    coefficients = dict(zip(found.support, found.coefficients, strict=True))
    network = TwoLayer(neurons_of(problem, dictionary, coefficients), found.intercept)
    if predictions(problem, network) != problem.targets:
        raise InvariantError("the network does not interpolate", reproduction=repr(problem))
    formulas = formulas_of(problem, [dictionary[j] for j in coefficients])
    value = Interpolation(found.value, network, found.v, formulas, len(dictionary))
    records = _optimum_records(problem, columns, value, coefficients)
    sentence = (
        f"the smallest network that fits the data exactly has sum ||u|| |a| = {format_rational(found.value)}"
    )
    return _result(value, Status.PROVED, sentence, records, dataset)


def _optimum_records(
    problem: TrainingProblem, columns: ScaledColumns, value: Interpolation, coefficients: dict[int, Fraction]
) -> tuple[Record, ...]:
    """minimise -y.v over |k_j.v| <= 1; the multipliers are the parts of z."""
    rows: list[tuple[Fraction, ...]] = []
    multipliers: list[Fraction] = []
    for j in range(len(columns)):
        column = columns.column(j)
        z = coefficients.get(j, _ZERO)
        rows += [column, tuple(-x for x in column)]
        multipliers += [max(z, _ZERO), max(-z, _ZERO)]
    relations = ["<="] * len(rows)
    rhs = [Fraction(1)] * len(rows)
    if problem.bias is Bias.FREE:
        rows.append((Fraction(1),) * problem.n_samples)
        relations.append("=")
        rhs.append(_ZERO)
        multipliers.append(value.network.t)
    system = LinearSystemRecord("dual", problem.n_samples, tuple(rows), tuple(relations), tuple(rhs))
    costs = tuple(-y for y in problem.targets)
    answer = LinearOptimumRecord("optimum", "dual", costs, value.dual, tuple(multipliers), -value.cost)
    return system, answer


def _impossible(
    problem: TrainingProblem, columns: ScaledColumns, r: tuple[Fraction, ...], dataset: Dataset
) -> Result[Interpolation | None]:
    """The system Kz + t 1 = y has no solution: r combines its rows to 0 = -y.r < 0."""
    listed = [columns.column(j) for j in range(len(columns))]
    if problem.bias is Bias.FREE:
        listed.append((Fraction(1),) * problem.n_samples)
    listed = listed or [(_ZERO,) * problem.n_samples]
    rows = tuple(zip(*listed, strict=True))
    system = LinearSystemRecord("fit", len(listed), rows, ("=",) * len(rows), problem.targets)
    sign = -1 if sum((x * y for x, y in zip(r, problem.targets, strict=True)), _ZERO) > 0 else 1
    records = (system, FarkasRecord("optimum", "fit", tuple(sign * x for x in r)))
    sentence = "no two-layer network of this class fits the data exactly"
    return _result(None, Status.REFUTED, sentence, records, dataset)


def _result(
    value: Interpolation | None,
    status: Status,
    sentence: str,
    records: tuple[Record, ...],
    dataset: Dataset,
) -> Result[Interpolation | None]:
    provenance = dataset.provenance.as_strings()
    certificate = Certificate(sentence, records, ("optimum",), provenance, {})
    return Result(value, status, certificate, sentence, provenance, {})
