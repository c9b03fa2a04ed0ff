"""The table of rules: which keys a record has, and which function checks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exactnet.checker.bounds import check_dual_bound
from exactnet.checker.cells import check_arrangement, check_split_tree
from exactnet.checker.count import check_count
from exactnet.checker.facts import Fact, Known
from exactnet.checker.linear import check_farkas, check_linear_optimum, check_linear_system, check_witness
from exactnet.checker.optimum import (
    check_enclosure,
    check_evaluation,
    check_gap,
    check_primal_bound,
    check_primal_dual,
)
from exactnet.checker.problem import check_problem

__all__ = ["RULES", "Rule"]


class Rule(NamedTuple):
    """A rule of FORMAT.md."""

    keys: tuple[str, ...]
    check: Callable[[dict[str, object], str, Known], Fact]


RULES: dict[str, Rule] = {
    "problem": Rule(("features", "targets", "beta", "norm", "bias", "loss"), check_problem),
    "arrangement": Rule(("problem", "forms", "rows"), check_arrangement),
    "split_tree": Rule(("arrangement", "n_cells", "nodes"), check_split_tree),
    "count": Rule(("cells",), check_count),
    "dual_bound": Rule(("problem", "v", "by", "cells", "bounds", "value"), check_dual_bound),
    "primal_bound": Rule(("problem", "neurons", "t", "value"), check_primal_bound),
    "enclosure": Rule(("problem", "dual", "primal", "lower", "upper"), check_enclosure),
    "primal_dual": Rule(("problem", "dual", "primal", "value"), check_primal_dual),
    "evaluation": Rule(("problem", "neurons", "t", "objective"), check_evaluation),
    "gap": Rule(("evaluation", "optimum", "lower", "upper"), check_gap),
    "linear_system": Rule(("n_variables", "rows", "relations", "rhs"), check_linear_system),
    "witness": Rule(("system", "point"), check_witness),
    "farkas": Rule(("system", "multipliers"), check_farkas),
    "linear_optimum": Rule(("system", "objective", "point", "multipliers", "value"), check_linear_optimum),
}
