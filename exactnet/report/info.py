"""What is in a data set, a network or a certificate, and what will work with it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from exactnet.certificate.types import Certificate
from exactnet.convex import Bias
from exactnet.exact import rank
from exactnet.geometry.arrangement import CentralArrangement, central_arrangement, cover_bound
from exactnet.model import Activation, AffineLayer, Dataset, Network
from exactnet.report.numbers import decimal
from exactnet.report.page import Report, Table

__all__ = ["certificate_info", "dataset_info", "network_info"]

# the default limit of `optimum`
MOST_CELLS = 200_000


def dataset_info(dataset: Dataset) -> Report:
    """Size, degenerate rows, and for each bias the number of cells that `optimum` would have to visit."""
    rows = dataset.features.rows()
    plain = central_arrangement(rows)
    facts = {
        "n_samples": dataset.n_samples,
        "n_features": dataset.n_features,
        "rank": rank(dataset.features),
        "n_zero_rows": sum(form is None for form in plain.rows),
        "n_repeated_rows": len(rows) - len(set(rows)),
        "n_parallel_rows": _n_parallel(plain, rows),
        "n_target_values": len(set(dataset.targets)),
    }
    spaces = {"none": plain, "penalised or free": central_arrangement([(*row, Fraction(1)) for row in rows])}
    bounds = {name: cover_bound(len(space.forms), space.rank) for name, space in spaces.items()}
    lines = tuple(
        (name, str(len(spaces[name].forms)), f"{bounds[name]:,}", _outlook(bounds[name])) for name in spaces
    )
    columns = ("bias", "hyperplanes", "cells, at most", "optimum")
    body = (
        Table(("column", "name", "lowest", "highest"), _ranges(dataset), right=("lowest", "highest")),
        "",
        Table(columns, lines, right=columns[1:3]),
    )
    verdict = (
        f"data set: {facts['n_samples']} samples, {facts['n_features']} features (rank {facts['rank']}), "
        f"{facts['n_target_values']} target values; rows: {facts['n_zero_rows']} zero, "
        f"{facts['n_repeated_rows']} repeated, {facts['n_parallel_rows']} parallel to an earlier one"
    )
    cells = {
        "none": bounds["none"],
        "penalised": bounds["penalised or free"],
        "free": bounds["penalised or free"],
    }
    assert set(cells) == {bias.value for bias in Bias}
    return Report(verdict, {"status": "DONE", "kind": "dataset", **facts, "most_cells": cells}, body)


def network_info(network: Network) -> Report:
    """Layers, parameters, and the neurons that cannot matter: those without input or without output."""
    rows = []
    for number, layer in enumerate(network.layers, start=1):
        size = f"{layer.n_inputs} -> {layer.n_outputs}"
        rows.append((str(number), size, layer.kind, str(_n_parameters(layer))))
    n_parameters = sum(map(_n_parameters, network.layers))
    unused = _n_unused(network)
    trainable = _is_two_layer_relu(network)
    fit = "yes" if trainable else "no: it needs one hidden ReLU layer and one output"
    columns = ("layer", "size", "activation", "parameters")
    body = (
        Table(columns, tuple(rows), right=("layer", "parameters")),
        "",
        f"stored as    {network.provenance.stored_dtype or 'exact numbers'}",
        f"without use  {unused} hidden neurons: constant or not connected to the output",
        f"crosscheck   {fit}",
    )
    verdict = (
        f"network: {network.n_inputs} inputs, {network.n_outputs} outputs, {len(network.layers)} layers, "
        f"{n_parameters} parameters"
    )
    payload = {
        "status": "DONE",
        "kind": "network",
        "n_inputs": network.n_inputs,
        "n_outputs": network.n_outputs,
        "widths": [layer.n_outputs for layer in network.layers],
        "activations": [layer.activation.value for layer in network.layers],
        "n_parameters": n_parameters,
        "n_unused_neurons": unused,
        "stored_dtype": network.provenance.stored_dtype,
        "can_crosscheck": trainable,
    }
    return Report(verdict, payload, body)


def certificate_info(certificate: Certificate) -> Report:
    """The records by rule, the claims, the provenance. Nothing is checked here."""
    counts = Counter(record.rule for record in certificate.records)
    rules = {record.id: record.rule for record in certificate.records}
    body: list[str | Table] = [
        Table(
            ("rule", "records"),
            tuple((rule, str(count)) for rule, count in counts.items()),
            right=("records",),
        ),
        "",
        *(f"claim        {claim} ({rules.get(claim, 'missing')})" for claim in certificate.claims),
        *(f"{key:<12} {value}" for key, value in certificate.provenance.items()),
        "next         `exactnet check FILE` decides whether it is a proof",
    ]
    payload = {
        "status": "DONE",
        "kind": "certificate",
        "title": certificate.title,
        "n_records": len(certificate.records),
        "rules": dict(counts),
        "claims": list(certificate.claims),
        "provenance": certificate.provenance,
        "stats": certificate.stats,
    }
    return Report(f"certificate, not checked yet: {certificate.title}", payload, tuple(body))


def _ranges(dataset: Dataset) -> tuple[tuple[str, ...], ...]:
    """One row a column of the table, the target last."""
    columns = [dataset.features.column(k) for k in range(dataset.n_features)]
    named = [
        *zip(dataset.feature_names, columns, strict=True),
        (f"{dataset.target_name} (target)", dataset.targets),
    ]
    return tuple(
        (str(k + 1), name, decimal(min(values), digits=6), decimal(max(values), digits=6))
        for k, (name, values) in enumerate(named)
    )


def _n_parallel(arrangement: CentralArrangement, rows: tuple[tuple[Fraction, ...], ...]) -> int:
    """Rows on a hyperplane that an earlier, different row has already given."""
    n_different = len({row for row in rows if any(row)})
    return n_different - len(arrangement.forms)


def _outlook(bound: int) -> str:
    if bound <= MOST_CELLS:
        return "works"
    return f"may stop at the limit of {MOST_CELLS:,} cells (--max-cells)"


def _n_parameters(layer: AffineLayer) -> int:
    n_rows = layer.weight.shape[0]
    return n_rows * (layer.n_inputs + 1 + sum(skip.weight.shape[1] for skip in layer.skips))


def _n_unused(network: Network) -> int:
    """Hidden neurons with all weights in, or all weights out, zero (not those that merely never fire)."""
    count = 0
    for number, layer in enumerate(network.layers[:-1], start=1):
        into = [layer.weight, *(skip.weight for skip in layer.skips)]
        above = network.layers[number].weight
        out = [above, *(s.weight for later in network.layers for s in later.skips if s.source == number)]
        for k in range(layer.n_outputs):
            rows = range(k * layer.pieces, (k + 1) * layer.pieces)
            is_constant = not any(any(matrix.row(i)) for matrix in into for i in rows)
            count += is_constant or not any(any(matrix.column(k)) for matrix in out)
    return count


def _is_two_layer_relu(network: Network) -> bool:
    kinds = [layer.activation for layer in network.layers]
    has_skips = any(layer.skips for layer in network.layers)
    return kinds == [Activation.RELU, Activation.IDENTITY] and network.n_outputs == 1 and not has_skips
