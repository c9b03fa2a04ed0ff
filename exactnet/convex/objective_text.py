"""The objective of a training problem in words and signs, as the user stated it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exactnet.exact import rational_text

if TYPE_CHECKING:
    from exactnet.convex.program import TrainingProblem

__all__ = ["objective_text"]


def objective_text(problem: TrainingProblem) -> str:
    """Loss plus penalty, with the numbers of the problem (see `TrainingProblem.describe`)."""
    name = str(problem.norm).removeprefix("l")
    inner = "x_i.w_j" if problem.bias == "none" else "x_i.w_j + b_j"
    unit, note = {
        "relu": (f"({inner})_+", ""),
        "abs": (f"|{inner}|", ""),
        "leaky_relu": (
            f"phi({inner})",
            f", phi(s) = s for s >= 0, ({rational_text(problem.kappa)}) s for s < 0",
        ),
    }[str(problem.activation)]
    f = f"sum_j a_j {unit}" + (" + t" if problem.bias == "free" else "")
    fit = {
        "squared": f"1/2 sum_i ( {f} - y_i )^2",
        "l1": f"sum_i | {f} - y_i |",
        "hinge": f"sum_i max( 0, 1 - y_i ( {f} ) )",
        "logistic": f"sum_i log( 1 + exp( -y_i ( {f} ) ) )",
    }[str(problem.loss)]
    weights = "(w_j, b_j)" if problem.bias == "penalised" else "w_j"
    penalty = f"({rational_text(problem.beta)})/2 sum_j ( ||{weights}||_{name}^2 + a_j^2 )"
    return f"{fit} + {penalty}{note}"
