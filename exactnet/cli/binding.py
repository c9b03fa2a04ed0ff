"""Whether a certificate is about this data set and this network: numbers are compared, not names."""

from __future__ import annotations

from collections.abc import Sequence

from exactnet.certificate.types import EvaluationRecord, PrimalBoundRecord, ProblemRecord, Record
from exactnet.convex import Bias, Norm, TrainingProblem, from_network
from exactnet.errors import InputError
from exactnet.exact import RationalMatrix, rational_text
from exactnet.model import Dataset, Network

__all__ = ["data_difference", "model_difference"]


def data_difference(records: Sequence[Record], dataset: Dataset) -> str | None:
    """The first difference between the problems of a certificate and a data set; None when there is none.

    Raises
    ------
    InputError
        The certificate has no training problem.
    """
    differences = (_problem_difference(problem, dataset) for problem in _problems(records))
    return next((text for text in differences if text is not None), None)


def model_difference(records: Sequence[Record], network: Network) -> str | None:
    """None when some network of the certificate equals this one, neuron by neuron; else what was looked for.

    Raises
    ------
    InputError
        The certificate has no training problem.
    """
    problems = {problem.id: _as_problem(problem) for problem in _problems(records)}
    for record in records:
        if isinstance(record, EvaluationRecord | PrimalBoundRecord):
            given = from_network(problems[record.problem], network)
            if (record.neurons, record.t) == (given.neurons, given.t):
                return None
    return "none of the networks in the certificate"


def _problems(records: Sequence[Record]) -> list[ProblemRecord]:
    problems = [record for record in records if isinstance(record, ProblemRecord)]
    if not problems:
        raise InputError(
            "the certificate is not about a training problem",
            got=", ".join(sorted({record.rule for record in records})),
            hint="leave out --data and --model",
        )
    return problems


def _problem_difference(problem: ProblemRecord, dataset: Dataset) -> str | None:
    proved = len(problem.features), len(problem.features[0])
    if proved != (dataset.n_samples, dataset.n_features):
        return (
            f"{dataset.n_samples} samples of {dataset.n_features} features, "
            f"not the {proved[0]} of {proved[1]} in the certificate"
        )
    for i, row in enumerate(dataset.features.rows()):
        given, expected = (*row, dataset.targets[i]), (*problem.features[i], problem.targets[i])
        for k, (left, right) in enumerate(zip(given, expected, strict=True)):
            if left != right:
                left_text, right_text = rational_text(left), rational_text(right)
                return (
                    f"sample {i + 1}, column {k + 1} is {left_text}, not {right_text} as in the certificate"
                )
    return None


def _as_problem(record: ProblemRecord) -> TrainingProblem:
    features = RationalMatrix.from_rows(record.features)
    return TrainingProblem(features, record.targets, record.beta, Norm(record.norm), Bias(record.bias))
