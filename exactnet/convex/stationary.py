"""Stationary networks as optima of smaller programmes: what the network's own patterns could do at best.

Every Clarke stationary point of the training objective is a global optimum of the convex programme that has
only the activation patterns of its neurons (Wang, Lacotte and Pilanci 2020, arXiv 2006.05900; Mishkin and
Pilanci 2023, arXiv 2306.00119), with the patterns taken strictly: 1[z_i.u > 0]. So the programme restricted
to these patterns tells how much of a network's excess is a matter of training longer, and how much is
beyond the reach of the patterns it has settled on.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import EvaluationRecord
from exactnet.convex.program import (
    Activation,
    Loss,
    TrainingProblem,
    TwoLayer,
    objective,
    problem_record,
    require_fit,
)
from exactnet.errors import UnsupportedError
from exactnet.exact import Interval, decimal_text, primitive, round_up, sign_matrix

__all__ = ["RestrictedOptimum", "restricted_optimum", "strict_patterns"]


@dataclass(frozen=True)
class RestrictedOptimum:
    """The best objective with the patterns of a network, in [lower, upper], and the network's own.

    `patterns` are the strict patterns of its neurons, bit i = sample i strictly active, without the
    pattern that is nowhere active.
    """

    patterns: tuple[str, ...]
    objective: Fraction
    lower: Fraction
    upper: Fraction

    @property
    def excess(self) -> Interval:
        """What training longer with the same patterns can gain: 0 is in it for a stationary network."""
        return Interval(self.objective - self.upper, self.objective - self.lower)


def strict_patterns(problem: TrainingProblem, network: TwoLayer) -> tuple[str, ...]:
    """The distinct patterns 1[z_i.u > 0] of the neurons that are active somewhere; exact.

    Examples
    --------
    >>> from exactnet.certificate import Neuron
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[1, 0], [0, 1], [-1, 0]], [1, 1, 1]), beta=1)
    >>> neurons = [Neuron((Fraction(p), Fraction(q)), Fraction(1)) for p, q in ((1, 0), (2, 3), (0, -1))]
    >>> strict_patterns(problem, TwoLayer(tuple(neurons)))
    ('100', '110')
    """
    require_fit(problem, network)
    directions = [primitive(neuron.u) for neuron in network.neurons if neuron.a]
    if not directions:
        return ()
    active = sign_matrix(directions, [primitive(row) for row in problem.homogenised]) > 0
    found = {"".join("01"[int(bit)] for bit in column) for column in active.T}
    return tuple(sorted(pattern for pattern in found if "1" in pattern))


def restricted_optimum(problem: TrainingProblem, network: TwoLayer) -> Result[RestrictedOptimum]:
    """The certified optimum over networks of any width whose neurons have patterns of this network.

    Returns
    -------
    Result with status PROVED; the certificate has the evaluation of the network and the enclosure of the
    restricted programme. That the programme belongs to these data is plain from its numbers; the checker
    does not compare the two.

    Raises
    ------
    UnsupportedError : another loss than the squared one, activation than the ReLU, norm than l2, or a free
        bias.

    Examples
    --------
    >>> from exactnet.certificate import Neuron
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[-1], [1]], [1, 2]), beta="1/10")
    >>> one_sided = TwoLayer((Neuron((Fraction(1),), Fraction(1)),))
    >>> result = restricted_optimum(problem, one_sided)  # 1/2 for the left sample, 39/200 for the right one
    >>> result.value.patterns, abs(float(result.value.upper) - 0.695) < 1e-9, result.check().accepted
    (('01',), True, True)
    """
    if problem.loss is not Loss.SQUARED or problem.activation is not Activation.RELU:
        raise UnsupportedError(
            "restricted programmes are written for ReLU networks and the squared loss",
            got=f"loss {problem.loss}, activation {problem.activation}",
            expected="loss squared, activation relu",
        )
    from exactnet.convex.variants.cells import relu_program
    from exactnet.convex.variants.minimum import minimum_of

    patterns = strict_patterns(problem, network)
    value = objective(problem, network)
    # no pattern: the programme of a network that is nowhere active
    nowhere = "0" * problem.n_samples
    solved = minimum_of(relu_program(problem, patterns=patterns or (nowhere,)))
    found = RestrictedOptimum(patterns, value, solved.value.lower, solved.value.upper)
    low, high = found.excess.lower, found.excess.upper
    sentence = (
        f"the objective exceeds the best with the same {len(patterns)} patterns by at most "
        f"{decimal_text(round_up(high, digits=4), digits=4)}"
    )
    if low > 0:
        sentence += ", and not by 0: the network is not stationary, or on a wall"
    assert solved.certificate is not None
    evaluation = EvaluationRecord("network", "problem", network.neurons, network.t, value)
    certificate = Certificate(
        title=sentence,
        records=(problem_record(problem), evaluation, *solved.certificate.records),
        claims=("network", *solved.certificate.claims),
    )
    return Result(found, Status.PROVED, certificate, sentence)
