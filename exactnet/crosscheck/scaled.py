"""The training problem in floating point, in units in which every problem has size one.

Gradient methods need step sizes and starting weights that fit the data. Instead of tuning them to each
data set, the data are divided by powers of four: the rows by s near ||Z||_F, the targets by c near
||y||_2. With the weights counted in units of k = sqrt(c/s),

    objective(k u', k a') = c^2 ( 1/2 ||f'(u', a') - y/c||^2 + beta/(s c) / 2 sum_j (||u'_j||^2 + a'_j^2) ),

an identity, not an approximation: s, c and k are powers of two, so the change of units is exact even
in floating point, and the objective that is minimised is the user's own. A free bias is not penalised,
hence its units may be chosen separately (tau below); the same holds for the output bias t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from exactnet.certificate.types import Neuron
from exactnet.convex.program import Bias, Loss, Norm, TrainingProblem, TwoLayer
from exactnet.errors import InputError, UnsupportedError

__all__ = ["Floats", "Scaled", "scale", "to_two_layer"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaled:
    """A training problem in normalised units, and the units.

    Attributes
    ----------
    Z : (n, D) homogenised rows; y : (n,) targets; beta : weight decay, all in normalised units.
    l1 : whether the penalty uses the l1 norm. penalised : (D,) mask of ones and zeros.
    tau : what the output bias is multiplied by; 0 when there is none.
    unit_u : D exact factors from normalised to stated weights; unit_a, unit_t, unit_loss likewise.
    """

    Z: Floats
    y: Floats
    beta: float
    l1: bool
    penalised: Floats
    tau: float
    unit_u: tuple[Fraction, ...]
    unit_a: Fraction
    unit_t: Fraction
    unit_loss: Fraction

    @property
    def n_samples(self) -> int:
        """Number of samples n."""
        return int(self.Z.shape[0])

    @property
    def dimension(self) -> int:
        """Length D of a homogenised row."""
        return int(self.Z.shape[1])

    def stated(self, loss: float) -> float:
        """A normalised objective value in the units of the stated problem; inf beyond float64."""
        try:
            return float(Fraction(loss) * self.unit_loss)
        except OverflowError:
            return math.inf


def scale(problem: TrainingProblem) -> Scaled:
    """Normalise a training problem (see the module docstring).

    Raises
    ------
    InputError : the numbers of the problem differ so much in size that floats cannot hold them.
    UnsupportedError : another loss, activation or norm, for which training is not offered.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[-400], [400]], [100, 200])
    >>> scaled = scale(training_problem(data, beta=1000))
    >>> scaled.Z.tolist(), scaled.y.tolist(), scaled.beta
    ([[-0.390625], [0.390625]], [0.390625, 0.78125], 0.003814697265625)
    """
    _require_trainable(problem)
    rows = problem.homogenised
    free = problem.bias is Bias.FREE
    sized = [row[: problem.n_features] for row in rows] if free else list(rows)
    s_log = _quarter_log(sum((x * x for row in sized for x in row), Fraction(0)))
    c_log = _quarter_log(sum((y * y for y in problem.targets), Fraction(0)))
    tau_log = _quarter_log(Fraction(1, problem.n_samples))
    s, c, tau = (Fraction(4) ** e for e in (s_log, c_log, tau_log))
    k = Fraction(2) ** (c_log - s_log)

    column_units = [Fraction(1) / s] * problem.dimension
    unit_u = [k] * problem.dimension
    if free:
        column_units[-1], unit_u[-1] = tau, s * k * tau
    mask = np.zeros(problem.dimension)
    mask[list(problem.penalised)] = 1.0
    return Scaled(
        Z=np.array(
            [[_to_float(x * q, "a sample") for x, q in zip(r, column_units, strict=True)] for r in rows]
        ),
        y=np.array([_to_float(y / c, "a target") for y in problem.targets]),
        beta=_to_float(problem.beta / (s * c), "beta"),
        l1=problem.norm is Norm.L1,
        penalised=mask,
        tau=float(tau) if free else 0.0,
        unit_u=tuple(unit_u),
        unit_a=k,
        unit_t=c * tau,
        unit_loss=c * c,
    )


def _require_trainable(problem: TrainingProblem) -> None:
    if problem.loss is not Loss.SQUARED or problem.kappa != 0 or problem.norm is Norm.LINF:
        raise UnsupportedError(
            "training is offered for the plain problem only",
            got=f"loss {problem.loss}, activation {problem.activation}, norm {problem.norm}",
            expected="loss squared, activation relu, norm l1 or l2",
            hint="train elsewhere and compare the stored network",
        )


def to_two_layer(scaled: Scaled, U: npt.NDArray[Any], a: npt.NDArray[Any], t: float) -> TwoLayer:
    """The network whose weights are exactly these floats, in the units of the stated problem.

    Parameters
    ----------
    U : (m, D), a : (m,), t : finite floats in normalised units.
    """
    neurons = tuple(
        Neuron(
            tuple(Fraction(x) * unit for x, unit in zip(row, scaled.unit_u, strict=True)),
            Fraction(output) * scaled.unit_a,
        )
        for row, output in zip(_as_floats(U), _as_floats(a), strict=True)
    )
    return TwoLayer(neurons, Fraction(float(t)) * scaled.unit_t if scaled.tau else Fraction(0))


def _as_floats(array: npt.NDArray[Any]) -> Sequence[Any]:
    # tolist gives Python floats, whose Fraction is their exact binary value
    return list(np.asarray(array, dtype=np.float64).tolist())


def _quarter_log(squares: Fraction) -> int:
    """The e for which 4^e is closest, up to a factor of two or so, to the square root; 0 for zero."""
    if squares == 0:
        return 0
    bits = squares.numerator.bit_length() - squares.denominator.bit_length()
    return (bits + 2) // 4


def _to_float(value: Fraction, name: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise InputError(
            "the numbers of the training problem differ too much in size for gradient training",
            where=f"{name}, after dividing by the size of the data",
            got="a number beyond the range of float64",
            hint="the exact optimum does not need floats: use `optimum`",
        ) from None
