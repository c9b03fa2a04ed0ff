"""The training problem, as data: two-layer networks, a convex loss, weight decay.

    minimise over m, u_j, a_j, t:  sum_i loss(f_i, y_i) + beta/2 sum_j ( ||u_j||^2 + a_j^2 ),
                                   f_i = sum_j a_j phi(z_i.u_j) + t

The loss is squared, 1/2 (f - y)^2; hinge, max(0, 1 - y f); logistic, log(1 + exp(-y f)); or l1, |f - y|.
The activation is phi(s) = s for s >= 0 and kappa s below: ReLU (kappa 0), leaky ReLU, |s| (kappa -1).
`z_i` is the *homogenised* row: the sample x_i, or (x_i, 1) when there is a hidden bias. The bias is
`none`; `penalised` (it counts in the norm, no output bias); or `free` (neither the hidden biases nor
the output bias t are penalised). The norm is the l2 norm (standard weight decay), the l1 or the linf norm
of the first-layer weights. Rescaling (u, a) -> (c u, a/c) changes no prediction, hence the optimum is
also that of the same loss with the penalty `beta sum_j ||u_j|| |a_j|` (Pilanci and Ergen 2020,
arXiv 2002.10553). The objective is always the user's own: nothing is rescaled behind the scenes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import mul
from typing import TypeVar

from exactnet.certificate.types import Neuron, ProblemRecord
from exactnet.convex.losses import Loss, loss_enclosure, require_classes, total_loss
from exactnet.convex.objective_text import objective_text
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.exact import Interval, RationalMatrix, common_denominator, rational_text, to_fraction
from exactnet.model import Dataset

__all__ = [
    "Activation",
    "Bias",
    "Loss",
    "Norm",
    "TrainingProblem",
    "TwoLayer",
    "norm_of",
    "objective",
    "objective_enclosure",
    "path_objective",
    "path_penalty",
    "predictions",
    "problem_record",
    "require_fit",
    "training_problem",
]

Row = tuple[Fraction, ...]
E = TypeVar("E", bound=StrEnum)


class Norm(StrEnum):
    """Norm of the first-layer weights in the penalty."""

    L1 = "l1"
    L2 = "l2"
    LINF = "linf"


class Bias(StrEnum):
    """Bias convention; three different problems (see the module docstring)."""

    NONE = "none"
    PENALISED = "penalised"
    FREE = "free"


class Activation(StrEnum):
    """Activation of the hidden units: max(s, 0), s or slope s, |s|."""

    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    ABS = "abs"


@dataclass(frozen=True)
class TrainingProblem:
    """One training problem; build it with :func:`training_problem`."""

    features: RationalMatrix
    targets: Row
    beta: Fraction
    norm: Norm = Norm.L2
    bias: Bias = Bias.NONE
    loss: Loss = Loss.SQUARED
    kappa: Fraction = Fraction(0)

    @property
    def activation(self) -> Activation:
        """What phi is called; its slope below 0 is `kappa`."""
        names = {Fraction(0): Activation.RELU, Fraction(-1): Activation.ABS}
        return names.get(self.kappa, Activation.LEAKY_RELU)

    @property
    def n_samples(self) -> int:
        """Number of samples n."""
        return self.features.shape[0]

    @property
    def n_features(self) -> int:
        """Number of features d, without the bias coordinate."""
        return self.features.shape[1]

    @property
    def dimension(self) -> int:
        """Length D of a homogenised row: d, or d + 1 with a bias."""
        return self.n_features + (self.bias is not Bias.NONE)

    @property
    def penalised(self) -> tuple[int, ...]:
        """Coordinates of u that count in the norm."""
        return tuple(range(self.n_features if self.bias is Bias.FREE else self.dimension))

    @cached_property
    def homogenised(self) -> tuple[Row, ...]:
        """The rows z_i: n tuples of D fractions."""
        tail = () if self.bias is Bias.NONE else (Fraction(1),)
        return tuple(tuple(row) + tail for row in self.features.rows())

    @cached_property
    def integer_rows(self) -> tuple[tuple[tuple[int, ...], ...], int]:
        """The rows z_i as integers over one common denominator: (numerators, denominator)."""
        scale = common_denominator([x for row in self.homogenised for x in row])
        return tuple(tuple(int(x * scale) for x in row) for row in self.homogenised), scale

    @property
    def is_polyhedral(self) -> bool:
        """Whether the penalty is piecewise linear, so that neurons are wedge products of the data.

        With a single penalised coordinate all norms are the same function.
        """
        return self.norm is not Norm.L2 or len(self.penalised) == 1

    @property
    def is_rational(self) -> bool:
        """Whether the optimum is a rational number: a polyhedral penalty, and a loss that is not logistic."""
        return self.is_polyhedral and self.loss.is_rational

    def describe(self) -> str:
        """The objective as text, with the user's beta."""
        return objective_text(self)


@dataclass(frozen=True)
class TwoLayer:
    """A two-layer network in homogenised coordinates: f(x) = sum_j a_j phi(z.u_j) + t."""

    neurons: tuple[Neuron, ...]
    t: Fraction = Fraction(0)


def training_problem(
    dataset: Dataset,
    *,
    beta: object,
    norm: str | Norm = Norm.L2,
    bias: str | Bias = Bias.NONE,
    loss: str | Loss = Loss.SQUARED,
    activation: str | Activation = Activation.RELU,
    slope: object = None,
) -> TrainingProblem:
    """The training problem of a data set.

    Parameters
    ----------
    dataset : n samples, d features, one target each.
    beta : strength of the weight decay, anything that has an exact value ("1/2", 0.5, Fraction), > 0.
    norm : "l2", "l1" or "linf".
    bias : "none", "penalised" or "free".
    loss : "squared", "hinge", "logistic" or "l1"; hinge and logistic need targets 1 and -1.
    activation : "relu", "abs" or "leaky_relu".
    slope : of leaky_relu below 0, exact; it has no default.

    Raises
    ------
    InputError : beta <= 0, a word that does not exist, targets other than 1 and -1 for a loss that needs
        them, a slope without leaky_relu or leaky_relu without a slope.

    Examples
    --------
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> problem.describe()
    '1/2 sum_i ( sum_j a_j (x_i.w_j)_+ - y_i )^2 + (1/10)/2 sum_j ( ||w_j||_2^2 + a_j^2 )'
    """
    strength = to_fraction(beta, where="beta")
    if strength <= 0:
        raise InputError(
            "the weight decay must be positive",
            where="beta",
            got=rational_text(strength),
            expected="a number > 0",
            hint="without weight decay the smallest network that fits the data exactly is another problem: "
            'exactnet.convex.interpolation(dataset, norm="l1")',
        )
    kind = _member(Loss, loss, "loss")
    targets = tuple(dataset.targets)
    require_classes(kind, targets)
    return TrainingProblem(
        dataset.features,
        targets,
        strength,
        _member(Norm, norm, "norm"),
        _member(Bias, bias, "bias"),
        kind,
        _kappa(_member(Activation, activation, "activation"), slope),
    )


def _kappa(activation: Activation, slope: object) -> Fraction:
    """The slope of the activation below 0."""
    if activation is Activation.LEAKY_RELU:
        if slope is None:
            raise InputError(
                "leaky_relu needs its slope below 0",
                where="slope",
                expected="a number such as 1/100",
                hint="pass slope (--slope)",
            )
        return to_fraction(slope, where="slope")
    if slope is not None:
        raise InputError(
            f"{activation} has no slope to choose",
            where="slope",
            got=str(slope),
            expected="no slope",
            hint="use the activation leaky_relu",
        )
    return Fraction(-1 if activation is Activation.ABS else 0)


def _member(kind: type[E], value: object, where: str) -> E:
    try:
        return kind(str(value))
    except ValueError:
        names = ", ".join(member.value for member in kind)
        raise InputError(
            f"unknown {where}", where=where, got=repr(value), expected=f"one of {names}"
        ) from None


def predictions(problem: TrainingProblem, network: TwoLayer) -> Row:
    """Exact outputs f(x_i) on the samples, n fractions. Cost O(n m D)."""
    require_fit(problem, network)
    rows, row_scale = problem.integer_rows
    # integers over one denominator a neuron: fractions would reduce at every addition
    parts = []
    below, whole = problem.kappa.numerator, problem.kappa.denominator
    for neuron in network.neurons:
        scale = common_denominator(neuron.u) * whole
        u = [int(x * scale) // whole for x in neuron.u]
        heights = [sum(map(mul, row, u)) for row in rows]
        heights = [whole * h if h > 0 else below * h for h in heights]
        parts.append((neuron.a.numerator, neuron.a.denominator * scale * row_scale, heights))
    shared = lcm(network.t.denominator, *(den for _, den, _ in parts))
    totals = [network.t.numerator * (shared // network.t.denominator)] * len(rows)
    for a, den, heights in parts:
        factor = a * (shared // den)
        totals = [t + factor * h for t, h in zip(totals, heights, strict=True)]
    return tuple(Fraction(total, shared) for total in totals)


def norm_of(problem: TrainingProblem, u: Sequence[Fraction]) -> Fraction:
    """||u|| over the penalised coordinates, for a polyhedral problem.

    Raises
    ------
    UnsupportedError : the l2 norm of several coordinates, which is irrational.
    """
    if not problem.is_polyhedral:
        raise UnsupportedError("the l2 norm is irrational in general", expected="a polyhedral problem")
    sizes = [abs(u[k]) for k in problem.penalised]
    return max(sizes) if problem.norm is Norm.LINF else sum(sizes, Fraction(0))


def _penalty(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """beta/2 sum(||u||^2 + a^2)."""
    total = Fraction(0)
    for neuron in network.neurons:
        if problem.norm is Norm.L2:
            squared = sum((neuron.u[k] ** 2 for k in problem.penalised), Fraction(0))
        else:
            squared = norm_of(problem, neuron.u) ** 2
        total += squared + neuron.a**2
    return problem.beta / 2 * total


def objective(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """The stated objective of a network, exactly: loss plus beta/2 sum(||u||^2 + a^2).

    Raises
    ------
    UnsupportedError : the logistic loss (see :func:`objective_enclosure`).

    Examples
    --------
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> objective(problem, TwoLayer(()))
    Fraction(5, 2)
    """
    loss = total_loss(problem.loss, predictions(problem, network), problem.targets)
    return loss + _penalty(problem, network)


def objective_enclosure(problem: TrainingProblem, network: TwoLayer, *, path: bool = False) -> Interval:
    """Rational bounds of the objective, for every loss; a point unless the loss is logistic.

    Parameters
    ----------
    path : charge beta ||u|| |a| a neuron as in :func:`path_objective`.

    Examples
    --------
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[-1], [1]], [1, -1])
    >>> bounds = objective_enclosure(training_problem(data, beta=1, loss="logistic"), TwoLayer(()))
    >>> Fraction("1.38629436111") < bounds.lower < bounds.upper < Fraction("1.38629436112")  # 2 log 2
    True
    """
    loss = loss_enclosure(problem.loss, predictions(problem, network), problem.targets)
    return loss + (path_penalty(problem, network) if path else _penalty(problem, network))


def path_penalty(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """beta sum ||u|| |a|, for polyhedral problems."""
    return problem.beta * sum((norm_of(problem, n.u) * abs(n.a) for n in network.neurons), Fraction(0))


def path_objective(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """Loss plus beta sum ||u|| |a|: the infimum of the objective over all rescalings of the neurons.

    Rational, hence only for polyhedral problems (norm l1 or linf, or a single penalised coordinate).
    """
    penalty = path_penalty(problem, network)
    return total_loss(problem.loss, predictions(problem, network), problem.targets) + penalty


def require_fit(problem: TrainingProblem, network: TwoLayer) -> None:
    """Raise unless the network has the problem's dimension and an output bias only where it may.

    Raises
    ------
    ShapeError, InputError.
    """
    for j, neuron in enumerate(network.neurons):
        if len(neuron.u) != problem.dimension:
            raise ShapeError(
                "the network does not fit the problem",
                where=f"neuron {j}",
                got=f"{len(neuron.u)} homogenised weights",
                expected=f"{problem.dimension}",
            )
    if network.t != 0 and problem.bias is not Bias.FREE:
        raise InputError(
            "the network has an output bias, the problem has none",
            got=f"t = {rational_text(network.t)}",
            expected="t = 0",
            hint="use bias 'free'",
        )


def problem_record(problem: TrainingProblem, *, id: str = "problem") -> ProblemRecord:
    """The certificate record that states this problem."""
    return ProblemRecord(
        id,
        tuple(tuple(row) for row in problem.features.rows()),
        problem.targets,
        problem.beta,
        str(problem.norm),
        str(problem.bias),
        str(problem.loss),
        problem.kappa,
    )
