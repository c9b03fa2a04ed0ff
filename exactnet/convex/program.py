"""The training problem, as data: two-layer ReLU networks, squared loss, weight decay.

    minimise over m, u_j, a_j, t:  1/2 sum_i ( sum_j a_j (z_i.u_j)_+ + t - y_i )^2
                                   + beta/2 sum_j ( ||u_j||^2 + a_j^2 )

`z_i` is the *homogenised* row: the sample x_i, or (x_i, 1) when there is a hidden bias. The bias is
`none`; `penalised` (it counts in the norm, no output bias); or `free` (neither the hidden biases nor
the output bias t are penalised). The norm is the l2 norm (standard weight decay) or the l1 norm of
the first-layer weights. Rescaling (u, a) -> (c u, a/c) changes no prediction, hence the optimum is
also that of the same loss with the penalty `beta sum_j ||u_j|| |a_j|` (Pilanci and Ergen 2020,
arXiv 2002.10553). The objective is always the user's own: nothing is rescaled behind the scenes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import mul
from typing import TypeVar

from exactnet.certificate.types import Neuron, ProblemRecord
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.exact import RationalMatrix, common_denominator, rational_text, to_fraction
from exactnet.model import AffineLayer, Dataset, Network

__all__ = [
    "Bias",
    "Norm",
    "TrainingProblem",
    "TwoLayer",
    "from_network",
    "objective",
    "path_objective",
    "predictions",
    "problem_record",
    "to_network",
    "training_problem",
]

Row = tuple[Fraction, ...]
E = TypeVar("E", bound=StrEnum)


class Norm(StrEnum):
    """Norm of the first-layer weights in the penalty."""

    L1 = "l1"
    L2 = "l2"


class Bias(StrEnum):
    """Bias convention; three different problems (see the module docstring)."""

    NONE = "none"
    PENALISED = "penalised"
    FREE = "free"


@dataclass(frozen=True)
class TrainingProblem:
    """One training problem; build it with :func:`training_problem`."""

    features: RationalMatrix
    targets: Row
    beta: Fraction
    norm: Norm = Norm.L2
    bias: Bias = Bias.NONE

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
        """Whether the penalty is piecewise linear, so that the optimum is rational.

        With a single penalised coordinate the l1 and the l2 norm are the same function.
        """
        return self.norm is Norm.L1 or len(self.penalised) == 1

    def describe(self) -> str:
        """The objective as text, with the user's beta."""
        half = "1" if self.norm is Norm.L1 else "2"
        inner = "x_i.w_j" if self.bias is Bias.NONE else "x_i.w_j + b_j"
        tail = " + t" if self.bias is Bias.FREE else ""
        weights = "(w_j, b_j)" if self.bias is Bias.PENALISED else "w_j"
        return (
            f"1/2 sum_i ( sum_j a_j ({inner})_+{tail} - y_i )^2"
            f" + ({rational_text(self.beta)})/2 sum_j ( ||{weights}||_{half}^2 + a_j^2 )"
        )


@dataclass(frozen=True)
class TwoLayer:
    """A two-layer network in homogenised coordinates: f(x) = sum_j a_j (z.u_j)_+ + t."""

    neurons: tuple[Neuron, ...]
    t: Fraction = Fraction(0)


def training_problem(
    dataset: Dataset,
    *,
    beta: object,
    norm: str | Norm = Norm.L2,
    bias: str | Bias = Bias.NONE,
) -> TrainingProblem:
    """The training problem of a data set.

    Parameters
    ----------
    dataset : n samples, d features, one target each.
    beta : strength of the weight decay, anything that has an exact value ("1/2", 0.5, Fraction), > 0.
    norm : "l2" or "l1".
    bias : "none", "penalised" or "free".

    Raises
    ------
    InputError : beta <= 0, or a norm or bias that does not exist.

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
            hint="without weight decay the optimum is in general not attained; choose a small beta instead",
        )
    return TrainingProblem(
        dataset.features,
        tuple(dataset.targets),
        strength,
        _member(Norm, norm, "norm"),
        _member(Bias, bias, "bias"),
    )


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
    _require_fit(problem, network)
    rows, row_scale = problem.integer_rows
    # integers over one denominator a neuron: fractions would reduce at every addition
    parts = []
    for neuron in network.neurons:
        scale = common_denominator(neuron.u)
        u = [int(x * scale) for x in neuron.u]
        heights = [sum(map(mul, row, u)) for row in rows]
        parts.append((neuron.a.numerator, neuron.a.denominator * scale * row_scale, heights))
    shared = lcm(network.t.denominator, *(den for _, den, _ in parts))
    totals = [network.t.numerator * (shared // network.t.denominator)] * len(rows)
    for a, den, heights in parts:
        factor = a * (shared // den)
        totals = [t + factor * h if h > 0 else t for t, h in zip(totals, heights, strict=True)]
    return tuple(Fraction(total, shared) for total in totals)


def _loss(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    fits = predictions(problem, network)
    return sum(((f - y) ** 2 for f, y in zip(fits, problem.targets, strict=True)), Fraction(0)) / 2


def objective(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """The stated objective of a network, exactly: loss plus beta/2 sum(||u||^2 + a^2).

    Examples
    --------
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> objective(problem, TwoLayer(()))
    Fraction(5, 2)
    """
    loss = _loss(problem, network)
    penalty = Fraction(0)
    for neuron in network.neurons:
        weights = [neuron.u[k] for k in problem.penalised]
        if problem.norm is Norm.L1:
            squared = sum((abs(w) for w in weights), Fraction(0)) ** 2
        else:
            squared = sum((w * w for w in weights), Fraction(0))
        penalty += squared + neuron.a**2
    return loss + problem.beta / 2 * penalty


def path_objective(problem: TrainingProblem, network: TwoLayer) -> Fraction:
    """Loss plus beta sum ||u||_1 |a|: the infimum of the objective over all rescalings of the neurons.

    Rational, hence only for polyhedral problems (norm l1, or a single penalised coordinate).
    """
    if not problem.is_polyhedral:
        raise UnsupportedError("the l2 path norm is irrational in general", expected="a polyhedral problem")
    loss = _loss(problem, network)
    penalty = sum(
        (sum(abs(n.u[k]) for k in problem.penalised) * abs(n.a) for n in network.neurons), Fraction(0)
    )
    return loss + problem.beta * penalty


def _require_fit(problem: TrainingProblem, network: TwoLayer) -> None:
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


def to_network(problem: TrainingProblem, network: TwoLayer) -> Network:
    """The same function as a :class:`Network` of two affine layers (a zero network keeps one dead unit)."""
    neurons = network.neurons or (Neuron((Fraction(0),) * problem.dimension, Fraction(0)),)
    d = problem.n_features
    hidden = [neuron.u[:d] for neuron in neurons]
    biases = [neuron.u[d] if len(neuron.u) > d else Fraction(0) for neuron in neurons]
    return Network.from_arrays([(hidden, biases), ([[neuron.a for neuron in neurons]], [network.t])])


def from_network(problem: TrainingProblem, network: Network) -> TwoLayer:
    """A two-layer ReLU network with one output as a candidate for `problem`.

    Raises
    ------
    UnsupportedError : other depth, activation or output count.
    InputError : a bias where the problem has none; ShapeError : wrong feature count.
    """
    hidden, output = _two_layers(network)
    if hidden.weight.shape[1] != problem.n_features:
        raise ShapeError(
            "the network and the data have different feature counts",
            got=f"the network takes {hidden.weight.shape[1]} inputs",
            expected=f"{problem.n_features} features as in the data",
        )
    if problem.bias is Bias.NONE and any(hidden.bias):
        raise InputError(
            "the network has hidden biases, the problem has none",
            where="first layer",
            expected="zero biases",
            hint="state the bias convention of your training: 'penalised' or 'free'",
        )
    tails = [() if problem.bias is Bias.NONE else (b,) for b in hidden.bias]
    neurons = tuple(
        Neuron(tuple(row) + tail, a)
        for row, tail, a in zip(hidden.weight.rows(), tails, output.weight.row(0), strict=True)
    )
    candidate = TwoLayer(neurons, output.bias[0])
    _require_fit(problem, candidate)
    return candidate


def _two_layers(network: Network) -> tuple[AffineLayer, AffineLayer]:
    kinds = [str(layer.activation) for layer in network.layers]
    if kinds != ["relu", "identity"] or network.n_outputs != 1:
        raise UnsupportedError(
            "the exact optimum is known for two-layer ReLU networks with one output",
            got=f"{len(kinds)} layers ({', '.join(kinds)}), {network.n_outputs} outputs",
            expected="one hidden ReLU layer and one linear output",
            hint="reduce the network to that class, or analyse it with the other verbs",
        )
    return network.layers[0], network.layers[1]


def problem_record(problem: TrainingProblem, *, id: str = "problem") -> ProblemRecord:
    """The certificate record that states this problem."""
    return ProblemRecord(
        id,
        tuple(tuple(row) for row in problem.features.rows()),
        problem.targets,
        problem.beta,
        str(problem.norm),
        str(problem.bias),
    )
