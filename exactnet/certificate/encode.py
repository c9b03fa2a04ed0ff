"""How each type of field of a record is written: a wrong type is found here, not by who reads the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from functools import partial

import numpy as np

from exactnet.certificate.types import LayerRecord, Neuron, ProofTree, Record, WeightedNorm
from exactnet.errors import InputError

__all__ = [
    "ENCODERS",
    "json_line",
    "layer_object",
    "record_object",
    "string",
    "strings_by_name",
    "wrong_type",
]


def json_line(value: object) -> str:
    """One line of JSON without spaces."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            "a certificate holds strings, integers and rationals only",
            got=str(error),
            hint="convert numbers to int or Fraction before they enter a record",
        ) from error


def record_object(record: Record, step: int) -> dict[str, object]:
    """The JSON object of a record, encoded field by field."""
    written: dict[str, object] = {"step": step, "rule": record.rule}
    for field in fields(record):
        encode = ENCODERS[str(field.type)]
        written[field.name] = encode(getattr(record, field.name), f"record {record.id!r}, {field.name}")
    return written


def wrong_type(value: object, where: str, expected: str) -> InputError:
    """The error for a field whose value is none of its type."""
    return InputError(
        "a field of a certificate has the wrong type", where=where, got=repr(value), expected=expected
    )


def string(value: object, where: str) -> str:
    """A string that UTF-8 can write."""
    if type(value) is not str:
        raise wrong_type(value, where, "a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise wrong_type(value, where, "a string that can be written as UTF-8") from error
    return value


def strings_by_name(value: dict[str, str], where: str) -> dict[str, str]:
    """Strings by strings."""
    return {string(key, where): string(entry, f"{where}[{key!r}]") for key, entry in value.items()}


def _integer(value: object, where: str) -> int:
    if type(value) is not int:
        raise wrong_type(value, where, "an int")
    return value


def _rational(value: object, where: str) -> str:
    # a bool is an int to Python and a float would be an unnoticed rounding
    if type(value) is not int and not isinstance(value, Fraction):
        raise wrong_type(value, where, "a Fraction")
    return str(value)


Encoder = Callable[[object, str], object]


def _each(encode: Encoder, value: object, where: str) -> list[object]:
    if not isinstance(value, tuple):
        raise wrong_type(value, where, "a tuple")
    return [encode(entry, f"{where}[{i}]") for i, entry in enumerate(value)]


def _optional(encode: Encoder, value: object, where: str) -> object:
    return None if value is None else encode(value, where)


def _scaled_form(value: object, where: str) -> object:
    if not (isinstance(value, tuple) and len(value) == 2):
        raise wrong_type(value, where, "a pair (form, scale)")
    return [_integer(value[0], where), _rational(value[1], where)]


def _neuron(value: object, where: str) -> object:
    if not isinstance(value, Neuron):
        raise wrong_type(value, where, "a Neuron")
    return {"u": _each(_rational, value.u, f"{where}.u"), "a": _rational(value.a, f"{where}.a")}


def _as_it_is(value: object, where: str) -> object:
    """Trees and bounds: hundreds of thousands of small tuples of integers, which JSON writes as lists."""
    if not isinstance(value, tuple):
        raise wrong_type(value, where, "a tuple")
    return value


_rationals: Encoder = partial(_each, _rational)
_matrix: Encoder = partial(_each, _rationals)


def layer_object(value: object, where: str) -> dict[str, object]:
    """A layer of a network, its keys in the order of its fingerprint."""
    if not isinstance(value, LayerRecord):
        raise wrong_type(value, where, "a LayerRecord")
    return {
        "weight": _matrix(value.weight, f"{where}.weight"),
        "bias": _rationals(value.bias, f"{where}.bias"),
        "activation": string(value.activation, f"{where}.activation"),
        "slope": _rational(value.slope, f"{where}.slope"),
        "pieces": _integer(value.pieces, f"{where}.pieces"),
        "skips": _each(_skip, value.skips, f"{where}.skips"),
    }


def _row(value: object, where: str) -> object:
    """A sparse linear function."""
    return _each(_scaled_form, value, where)


def _indexed_row(value: object, where: str) -> object:
    """The number of a term and multipliers of other terms."""
    if not (isinstance(value, tuple) and len(value) == 2):
        raise wrong_type(value, where, "a pair (term, multipliers)")
    return [_integer(value[0], where), _row(value[1], where)]


def _indexed_point(value: object, where: str) -> object:
    """The number of a term and a point."""
    if not (isinstance(value, tuple) and len(value) == 2):
        raise wrong_type(value, where, "a pair (term, point)")
    return [_integer(value[0], where), _rationals(value[1], where)]


def _norm(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, WeightedNorm):
        raise wrong_type(value, where, "a WeightedNorm")
    weight = _rational(value.weight, f"{where}.weight")
    return {"weight": weight, "rows": _each(_row, value.rows, f"{where}.rows")}


def _case(value: object, where: str) -> object:
    """A case of a property: its box and its rows."""
    if not (isinstance(value, tuple) and len(value) == 3):
        raise wrong_type(value, where, "a triple (lower, upper, rows)")
    lower, upper, rows = value
    return [_rationals(lower, where), _rationals(upper, where), _each(_property_row, rows, where)]


def _property_row(value: object, where: str) -> object:
    if not (isinstance(value, tuple) and len(value) == 4):
        raise wrong_type(value, where, "a row (inputs, outputs, bound, relation)")
    inputs, outputs, bound, relation = value
    return [_row(inputs, where), _row(outputs, where), _rational(bound, where), string(relation, where)]


def _proof_tree(value: object, where: str) -> object:
    if not isinstance(value, ProofTree):
        raise wrong_type(value, where, "a ProofTree")
    return {
        "cases": _integers(value.cases, f"{where}.cases"),
        "nodes": _integers(value.nodes, f"{where}.nodes"),
    }


def _skip(value: object, where: str) -> object:
    if not (isinstance(value, tuple) and len(value) == 2):
        raise wrong_type(value, where, "a pair (source, weight)")
    return [_integer(value[0], where), _matrix(value[1], where)]


def _integers(value: object, where: str) -> object:
    """A list of up to millions of integers, all tested at once."""
    if isinstance(value, np.ndarray) and value.dtype == np.int64 and value.ndim == 1:
        return value.tolist()
    kinds = set(map(type, value)) if isinstance(value, tuple) else {type(value)}
    if not isinstance(value, tuple) or not kinds <= {int}:
        # the list may be millions long: name the types only
        raise InputError(
            "a field of a certificate has the wrong type",
            where=where,
            got=", ".join(sorted(kind.__name__ for kind in kinds)),
            expected="a tuple of int, or a one-dimensional array of int64",
        )
    return value


# how each declared field type is written
ENCODERS: dict[str, Encoder] = {
    "str": string,
    "str | None": partial(_optional, string),
    "int": _integer,
    "Fraction": _rational,
    "Rationals": _rationals,
    "tuple[str, ...]": partial(_each, string),
    "tuple[Rationals, ...]": _matrix,
    "tuple[int, ...]": _integers,
    "Integers": _integers,
    "tuple[tuple[int, ...], ...]": partial(_each, partial(_each, _integer)),
    "tuple[tuple[int, Fraction] | None, ...]": partial(_each, partial(_optional, _scaled_form)),
    "tuple[Node, ...]": _as_it_is,
    "tuple[tuple[Bound, ...], ...] | None": partial(_optional, _as_it_is),
    "tuple[Neuron, ...]": partial(_each, _neuron),
    "tuple[LayerRecord, ...]": partial(_each, layer_object),
    "Row": _row,
    "tuple[Row, ...]": partial(_each, _row),
    "tuple[tuple[Row, ...], ...]": partial(_each, partial(_each, _row)),
    "tuple[IndexedRow, ...]": partial(_each, _indexed_row),
    "tuple[IndexedPoint, ...]": partial(_each, _indexed_point),
    "tuple[WeightedNorm, ...]": partial(_each, _norm),
    "tuple[PropertyCase, ...]": partial(_each, _case),
    "tuple[ProofTree, ...]": partial(_each, _proof_tree),
}
