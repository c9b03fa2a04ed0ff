"""Networks against the optimum (FORMAT.md section 4), everything but the dual bound."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from exactnet.checker.bounds import DualBound
from exactnet.checker.facts import Fact, Known, look_up
from exactnet.checker.losses import bits_for
from exactnet.checker.problem import Problem, objective, read_network
from exactnet.checker.read import as_rational, reject
from exactnet.checker.words import at_least, at_most, brief, equals

__all__ = [
    "Enclosure",
    "Evaluation",
    "Gap",
    "PrimalBound",
    "PrimalDual",
    "check_enclosure",
    "check_evaluation",
    "check_gap",
    "check_primal_bound",
    "check_primal_dual",
]

# a logistic objective is irrational: its record names a number that is at most this far away
_NEAR = Fraction(1, 2**60)


@dataclass(frozen=True)
class PrimalBound(Fact):
    """The optimum is at most `value`."""

    rule: ClassVar[str] = "primal_bound"
    problem: Problem
    value: Fraction

    def conclusion(self) -> str:
        """State the bound."""
        return f"the optimum of {self.problem.id} is at most {at_most(self.value)}"

    def about(self) -> str:
        """Describe the problem."""
        return self.problem.about()


@dataclass(frozen=True)
class Enclosure(Fact):
    """lower <= optimum <= upper."""

    rule: ClassVar[str] = "enclosure"
    problem: Problem
    lower: Fraction
    upper: Fraction

    def conclusion(self) -> str:
        """State the interval."""
        return (
            f"the optimum of {self.problem.id} is at least {at_least(self.lower)} "
            f"and at most {at_most(self.upper)}"
        )

    def about(self) -> str:
        """Describe the problem."""
        return self.problem.about()


class PrimalDual(Enclosure):
    """The optimum equals lower = upper."""

    rule: ClassVar[str] = "primal_dual"

    def conclusion(self) -> str:
        """State the value."""
        return f"the optimum of {self.problem.id} is {equals(self.lower)}"


@dataclass(frozen=True)
class Evaluation(Fact):
    """lower <= objective of the network of this record <= upper."""

    rule: ClassVar[str] = "evaluation"
    problem: Problem
    lower: Fraction
    upper: Fraction

    def conclusion(self) -> str:
        """State the value."""
        if self.lower == self.upper:
            return f"network {self.id} has the objective {equals(self.upper)} in {self.problem.id}"
        return (
            f"network {self.id} has an objective of at least {at_least(self.lower)} "
            f"and at most {at_most(self.upper)} in {self.problem.id}"
        )

    def about(self) -> str:
        """Describe the problem."""
        return self.problem.about()


@dataclass(frozen=True)
class Gap(Fact):
    """lower <= objective of the network - optimum <= upper."""

    rule: ClassVar[str] = "gap"
    evaluation: Evaluation
    lower: Fraction
    upper: Fraction

    def conclusion(self) -> str:
        """State the distance."""
        return (
            f"the objective of network {self.evaluation.id} exceeds the optimum of "
            f"{self.evaluation.problem.id} by at least {at_least(self.lower)} "
            f"and at most {at_most(self.upper)}"
        )

    def about(self) -> str:
        """Describe the problem."""
        return self.evaluation.about()


def check_primal_bound(record: dict[str, object], name: str, known: Known) -> PrimalBound:
    """Rule `primal_bound`."""
    problem = look_up(known, record, "problem", Problem)
    network = read_network(record, problem)
    value = as_rational(record["value"], "value")
    _, reached = objective(problem, network, product_penalty=problem.polyhedral, bits=bits_for(value))
    if reached > value:
        reject(f"value is {brief(value)}, and the network reaches only {brief(reached)}")
    return PrimalBound(name, problem, value)


def check_evaluation(record: dict[str, object], name: str, known: Known) -> Evaluation:
    """Rule `evaluation`."""
    problem = look_up(known, record, "problem", Problem)
    network = read_network(record, problem)
    stated = as_rational(record["objective"], "objective")
    low, high = objective(problem, network, product_penalty=False, bits=bits_for(_NEAR))
    if problem.loss != "logistic":
        if low != stated:
            reject(f"objective is {brief(stated)}, and the network has {brief(low)}")
        return Evaluation(name, problem, stated, stated)
    lower, upper = stated - _NEAR, stated + _NEAR
    if not (lower <= low and high <= upper):
        reject(f"objective is {brief(stated)}, and the network has about {brief(high)}")
    return Evaluation(name, problem, lower, upper)


def _bounds(record: dict[str, object], known: Known) -> tuple[Problem, DualBound, PrimalBound]:
    """The keys `problem`, `dual` and `primal` of a record."""
    problem = look_up(known, record, "problem", Problem)
    dual = look_up(known, record, "dual", DualBound)
    primal = look_up(known, record, "primal", PrimalBound)
    for bound in (dual, primal):
        if bound.problem is not problem:
            reject(f"the {bound.rule} {bound.id} belongs to problem {bound.problem.id}, not {problem.id}")
    return problem, dual, primal


def check_enclosure(record: dict[str, object], name: str, known: Known) -> Enclosure:
    """Rule `enclosure`."""
    problem, dual, primal = _bounds(record, known)
    lower, upper = as_rational(record["lower"], "lower"), as_rational(record["upper"], "upper")
    if lower > dual.value:
        reject(f"lower is {brief(lower)}, and {dual.id} proves only {brief(dual.value)}")
    if upper < primal.value:
        reject(f"upper is {brief(upper)}, and {primal.id} proves only {brief(primal.value)}")
    return Enclosure(name, problem, lower, upper)


def check_primal_dual(record: dict[str, object], name: str, known: Known) -> PrimalDual:
    """Rule `primal_dual`."""
    problem, dual, primal = _bounds(record, known)
    value = as_rational(record["value"], "value")
    if not dual.value == primal.value == value:
        ends = f"{dual.id} has {brief(dual.value)} and {primal.id} has {brief(primal.value)}"
        reject(f"value is {brief(value)}, {ends}")
    return PrimalDual(name, problem, value, value)


def check_gap(record: dict[str, object], name: str, known: Known) -> Gap:
    """Rule `gap`."""
    evaluation = look_up(known, record, "evaluation", Evaluation)
    optimum = look_up(known, record, "optimum", Enclosure)
    if optimum.problem is not evaluation.problem:
        homes = f"{optimum.problem.id} and {evaluation.problem.id}"
        reject(f"{optimum.id} and {evaluation.id} belong to different problems, {homes}")
    lower, upper = as_rational(record["lower"], "lower"), as_rational(record["upper"], "upper")
    proved_lower = max(Fraction(0), evaluation.lower - optimum.upper)
    proved_upper = evaluation.upper - optimum.lower
    if not 0 <= lower <= proved_lower:
        reject(f"lower is {brief(lower)}, and must be between 0 and {brief(proved_lower)}")
    if upper < proved_upper:
        reject(f"upper is {brief(upper)}, and must be at least {brief(proved_upper)}")
    return Gap(name, evaluation, lower, upper)
