"""Whether a certificate is about this data set and this network: numbers are compared, not names."""

from __future__ import annotations

from collections.abc import Sequence

from exactnet.certificate import network_record, property_fingerprint
from exactnet.certificate.types import (
    EvaluationRecord,
    LayerRecord,
    NetworkRecord,
    PrimalBoundRecord,
    ProblemRecord,
    PropertyRecord,
    Record,
)
from exactnet.convex import Bias, Loss, Norm, TrainingProblem, from_network
from exactnet.errors import InputError
from exactnet.exact import RationalMatrix, rational_text
from exactnet.model import Dataset, Network, Property

__all__ = ["data_difference", "model_difference", "property_difference"]


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
    """The first difference between the networks of a certificate and this one; None when there is none.

    A certificate about regions names its network: each one of them must be this one, number for number. In
    one about a training problem, some network must be this one, neuron by neuron.

    Raises
    ------
    InputError
        The certificate has neither networks nor a training problem.
    """
    networks = [record for record in records if isinstance(record, NetworkRecord)]
    if networks:
        same = network_record(network)
        differences = (_network_difference(proved, same) for proved in networks)
        return next((text for text in differences if text is not None), None)
    problems = {problem.id: _as_problem(problem) for problem in _problems(records)}
    for record in records:
        if isinstance(record, EvaluationRecord | PrimalBoundRecord):
            given = from_network(problems[record.problem], network)
            if (record.neurons, record.t) == (given.neurons, given.t):
                return None
    return "none of the networks in the certificate"


def property_difference(records: Sequence[Record], unsafe: Property) -> str | None:
    """Whether the properties of a certificate are this one, case by case; None when they are.

    Raises
    ------
    InputError
        The certificate has no property.
    """
    properties = [record for record in records if isinstance(record, PropertyRecord)]
    if not properties:
        raise InputError(
            "the certificate is not about a property",
            got=", ".join(sorted({record.rule for record in records})),
            hint="leave out --property",
        )
    for proved in properties:
        if property_fingerprint(proved) != unsafe.fingerprint:
            sizes = len(unsafe.cases), len(proved.cases)
            return f"its {sizes[0]} cases are not the {sizes[1]} of {proved.id} in the certificate"
    return None


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


def _network_difference(proved: NetworkRecord, given: NetworkRecord) -> str | None:
    """Where two networks differ first; as functions they may still agree."""
    sizes = len(given.layers), len(proved.layers)
    if given.n_inputs != proved.n_inputs or sizes[0] != sizes[1]:
        return (
            f"{given.n_inputs} inputs and {sizes[0]} layers, "
            f"not {proved.n_inputs} and {sizes[1]} as {proved.id} in the certificate"
        )
    for k, (left, right) in enumerate(zip(given.layers, proved.layers, strict=True), start=1):
        if left != right:
            return f"layer {k} differs from {proved.id} in the certificate: {_layer_difference(left, right)}"
    return None


def _layer_difference(given: LayerRecord, proved: LayerRecord) -> str:
    for key in ("activation", "pieces", "slope"):
        left, right = getattr(given, key), getattr(proved, key)
        if left != right:
            return f"its {key} is {left}, not {right}"
    shapes = [f"{len(layer.bias)} x {len(layer.weight[0])}" for layer in (given, proved)]
    if shapes[0] != shapes[1]:
        return f"its weight is {shapes[0]}, not {shapes[1]}"
    for u, (row, other) in enumerate(zip(given.weight, proved.weight, strict=True), start=1):
        for j, (x, y) in enumerate(zip(row, other, strict=True), start=1):
            if x != y:
                return f"weight {u}, {j} is {rational_text(x)}, not {rational_text(y)}"
    for u, (x, y) in enumerate(zip(given.bias, proved.bias, strict=True), start=1):
        if x != y:
            return f"bias {u} is {rational_text(x)}, not {rational_text(y)}"
    return "its skips are others"


def _as_problem(record: ProblemRecord) -> TrainingProblem:
    features = RationalMatrix.from_rows(record.features)
    return TrainingProblem(
        features,
        record.targets,
        record.beta,
        Norm(record.norm),
        Bias(record.bias),
        Loss(record.loss),
        record.kappa,
    )
