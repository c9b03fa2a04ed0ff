"""The report of a training optimum: what is proved, the network that reaches it, where the proof is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Result, Status, Verdict
from exactnet.convex import Bias, Optimum
from exactnet.exact import rational_text
from exactnet.report.numbers import at_most, decimal, interval, number
from exactnet.report.page import Report, Table
from exactnet.report.verdict import verdict_summary

__all__ = ["enclosure_payload", "enclosure_sentence", "optimum_payload", "optimum_report"]

# more weight columns than this do not fit on a line
MOST_COLUMNS = 6


def optimum_report(result: Result[Optimum], *, names: Sequence[str], path: Path, verdict: Verdict) -> Report:
    """What `exactnet optimum` prints.

    Parameters
    ----------
    result : of :func:`exactnet.convex.optimum`.
    names : the feature names, d of them.
    path : the certificate file.
    verdict : what the checker says about that file.
    """
    found = result.value
    problem = found.problem
    data = f"{problem.n_samples} samples, {problem.n_features} features"
    body: list[str | Table] = [
        f"objective    {problem.describe()}",
        f"data         {data}: {found.n_patterns} activation patterns, {_how_sure(result)}",
        f"optimum      {enclosure_sentence(found)}",
        f"network      {_network_sentence(found)}",
    ]
    if found.network.neurons:
        body += ["", neuron_table(found, names), ""]
    body += [f"certificate  {path}", f"checker      {verdict_summary(verdict)}"]
    short = ", wider than requested" if result.status is Status.UNDECIDED else ""
    headline = f"{result.status.name}: the global optimum {_headline(found)}{short}"
    return Report(headline, optimum_payload(result, names=names, path=path), tuple(body))


def _how_sure(result: Result[Optimum]) -> str:
    """Whether the certificate lists the patterns; a sweep passes over them without a list."""
    records = () if result.certificate is None else result.certificate.records
    listed = any(record.rule == "split_tree" for record in records)
    return "proved to be all" if listed else "passed over without a list"


def enclosure_sentence(found: Optimum) -> str:
    """The value of the optimum as far as it is proved."""
    if found.is_exact:
        return f"{number(found.upper)}, exactly"
    return f"{interval(found.lower, found.upper)}, relative width at most {at_most(found.relative_gap)}"


def optimum_payload(result: Result[Optimum], *, names: Sequence[str], path: Path) -> dict[str, object]:
    """The JSON answer of `exactnet optimum`; rationals as "p/q"."""
    found = result.value
    return {
        "status": result.status.name,
        **enclosure_payload(found),
        "n_neurons": len(found.network.neurons),
        "features": list(names),
        "neurons": [_neuron_payload(found, j) for j in range(len(found.network.neurons))],
        "output_bias": rational_text(found.network.t),
        "certificate": str(path),
    }


def enclosure_payload(found: Optimum) -> dict[str, object]:
    """What every answer about an optimum says: the problem and the interval."""
    return {
        "lower": rational_text(found.lower),
        "upper": rational_text(found.upper),
        "exact": rational_text(found.upper) if found.is_exact else None,
        "relative_gap": at_most(found.relative_gap, digits=6),
        "objective": found.problem.describe(),
        "n_samples": found.problem.n_samples,
        "n_features": found.problem.n_features,
        "n_patterns": found.n_patterns,
    }


def neuron_table(found: Optimum, names: Sequence[str]) -> Table:
    """One row a neuron: output weight, first-layer weights, formula."""
    columns = [*names, *(["bias"] if found.problem.bias is not Bias.NONE else [])]
    shown = columns if len(columns) <= MOST_COLUMNS else [*columns[: MOST_COLUMNS - 1], "..."]
    rows = []
    for j, (neuron, formula) in enumerate(zip(found.network.neurons, found.formulas, strict=True)):
        weights = [decimal(weight, digits=6) for weight in neuron.u]
        cut = weights if len(weights) <= MOST_COLUMNS else [*weights[: MOST_COLUMNS - 1], "..."]
        rows.append((str(j + 1), decimal(neuron.a, digits=6), *cut, formula))
    return Table(("neuron", "a", *shown, "formula"), tuple(rows), right=("neuron", "a", *shown))


def _headline(found: Optimum) -> str:
    if found.is_exact:
        return f"is exactly {number(found.upper)}"
    return f"lies in {interval(found.lower, found.upper)}"


def _network_sentence(found: Optimum) -> str:
    n_neurons = len(found.network.neurons)
    bias = f", output bias {decimal(found.network.t)}" if found.problem.bias is Bias.FREE else ""
    if n_neurons == 0:
        return f"no neurons{bias}: the constant function is optimal"
    return f"{n_neurons} {'neuron' if n_neurons == 1 else 'neurons'}{bias}; weights cut to 6 digits here"


def _neuron_payload(found: Optimum, j: int) -> dict[str, object]:
    neuron = found.network.neurons[j]
    has_bias = found.problem.bias is not Bias.NONE
    weights = neuron.u[:-1] if has_bias else neuron.u
    return {
        "formula": found.formulas[j],
        "weights": [rational_text(weight) for weight in weights],
        "bias": rational_text(neuron.u[-1] if has_bias else Fraction(0)),
        "output_weight": rational_text(neuron.a),
    }
