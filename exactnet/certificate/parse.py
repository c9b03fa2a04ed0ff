"""Read the text of a certificate back into records (the inverse of `write.py`; it proves nothing)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from functools import partial
from typing import NoReturn, TypeVar

from exactnet.certificate.types import (
    RECORDS,
    Certificate,
    IndexedPoint,
    IndexedRow,
    LayerRecord,
    Neuron,
    ProofTree,
    PropertyCase,
    PropertyRow,
    Record,
    Row,
    Skip,
    WeightedNorm,
)
from exactnet.certificate.write import FORMAT, VERSION, any_length, digest, seal
from exactnet.errors import ParseError

__all__ = ["parse_certificate"]

T = TypeVar("T")

_RATIONAL = re.compile(r"-?[0-9]+(/[1-9][0-9]*)?", re.ASCII)
# a line of a certificate can be megabytes long; a message shows only short ones
_SHORT = 160


def parse_certificate(text: str, *, file: str = "certificate") -> Certificate:
    """Read a certificate into typed records.

    This is for people and figures; whether the proof is right is the checker's business. Only the digests
    are compared, so that a damaged file is not taken for what was once written.

    Parameters
    ----------
    text : the whole text.
    file : name for error messages.

    Raises
    ------
    ParseError
        Not a certificate, cut off, changed, of another version; names file, line and column.

    Examples
    --------
    >>> from exactnet.certificate.types import LinearSystemRecord, WitnessRecord
    >>> from exactnet.certificate.write import certificate_text
    >>> system = LinearSystemRecord("s", 1, ((Fraction(2),),), ("<=",), (Fraction(1, 3),))
    >>> certificate = Certificate("x", (system, WitnessRecord("w", "s", (Fraction(0),))), ("w",))
    >>> parse_certificate(certificate_text(certificate)) == certificate
    True
    """
    lines = text.split("\n")
    if lines[-1]:
        _fail(file, lines, len(lines) - 1, "the certificate is cut off: its last line has no end")
    del lines[-1]
    with any_length():
        title, provenance, stats = _at(file, lines, 0, _header)
        claims = _at(file, lines, len(lines) - 1, partial(_end, lines))
        records = tuple(_at(file, lines, number, _record) for number in range(1, len(lines) - 1))
    return Certificate(title, records, claims, provenance, stats)


class _Unexpected(Exception):
    """What was found does not belong there."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


def _fail(file: str, lines: list[str], number: int, what: str, column: int = 1) -> NoReturn:
    text = lines[number] if number < len(lines) else ""
    raise ParseError(
        what,
        file=file,
        line=number + 1,
        column=column,
        text=text if len(text) <= _SHORT else "",
        hint="give a certificate as Result.save writes it; write it again if it was changed",
    )


def _at(file: str, lines: list[str], number: int, read: Callable[[dict[str, object]], T]) -> T:
    """Read line `number` with `read`; whatever is wrong becomes a ParseError with its place."""
    line = lines[number] if number < len(lines) else ""
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        _fail(file, lines, number, f"not a line of a certificate: {error.msg}", error.colno)
    except RecursionError:
        _fail(file, lines, number, "not a line of a certificate: nested too deeply")
    try:
        return read(_object(value))
    except _Unexpected as error:
        _fail(file, lines, number if error.line is None else error.line, str(error))


def _header(header: dict[str, object]) -> tuple[str, dict[str, str], dict[str, str]]:
    if header.get("rule") != "header" or header.get("format") != FORMAT:
        raise _Unexpected("this is not the header of a certificate")
    if header.get("version") != VERSION:
        raise _Unexpected(
            f"the certificate has version {header.get('version')!r}, this exactnet reads {VERSION}"
        )
    return (
        _string(header.get("title")),
        _strings_by_name(header.get("provenance")),
        _strings_by_name(header.get("stats")),
    )


def _end(lines: list[str], end: dict[str, object]) -> tuple[str, ...]:
    """Compare the digests; returns the claims."""
    if end.get("rule") != "end":
        raise _Unexpected("the certificate is cut off: its last line is not the end")
    claims = _each(_string, end.get("claims"))
    digests = _each(_string, end.get("digests"))
    if len(digests) != len(lines) - 1 or seal(claims, digests) != end.get("seal"):
        raise _Unexpected("the end was changed after it was written: its seal does not fit")
    for number, expected in enumerate(digests):
        if digest(lines[number]) != expected:
            raise _Unexpected("this line was changed after it was written: its digest does not fit", number)
    return claims


def _record(value: dict[str, object]) -> Record:
    rule = value.get("rule")
    kind = RECORDS.get(rule) if isinstance(rule, str) else None
    if kind is None:
        raise _Unexpected(f"no record has the rule {rule!r}")
    decoded = {}
    for field in fields(kind):
        if field.name not in value:
            raise _Unexpected(f"the record has no key {field.name!r}")
        try:
            decoded[field.name] = DECODERS[str(field.type)](value[field.name])
        except _Unexpected as error:
            raise _Unexpected(f"{field.name}: {error}") from error
    return kind(**decoded)  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------- fields


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _Unexpected(f"an object is needed, got a {type(value).__name__}")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _Unexpected(f"a list is needed, got a {type(value).__name__}")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise _Unexpected(f"a string is needed, got a {type(value).__name__}")
    return value


def _integer(value: object) -> int:
    if type(value) is not int:
        raise _Unexpected(f"an integer is needed, got a {type(value).__name__}")
    return value


def _rational(value: object) -> Fraction:
    text = _string(value)
    if not _RATIONAL.fullmatch(text):
        raise _Unexpected(f"a rational is needed, got {text[:40]!r}")
    return Fraction(text)


def _strings_by_name(value: object) -> dict[str, str]:
    return {key: _string(entry) for key, entry in _object(value).items()}


def _each(decode: Callable[[object], T], value: object) -> tuple[T, ...]:
    return tuple(decode(entry) for entry in _list(value))


def _optional(decode: Callable[[object], T], value: object) -> T | None:
    return None if value is None else decode(value)


def _scaled_form(value: object) -> tuple[int, Fraction]:
    form, scale = _pair(value)
    return _integer(form), _rational(scale)


def _pair(value: object) -> list[object]:
    return _exactly(2, value)


def _exactly(length: int, value: object) -> list[object]:
    entries = _list(value)
    if len(entries) != length:
        raise _Unexpected(f"a list of {length} entries is needed, got {len(entries)}")
    return entries


def _neuron(value: object) -> Neuron:
    entry = _object(value)
    return Neuron(_each(_rational, entry.get("u")), _rational(entry.get("a")))


def _tuples(value: object) -> tuple[object, ...]:
    """Lists in lists as tuples in tuples (nodes and bounds)."""
    return tuple(_tuples(entry) if type(entry) is list else entry for entry in _list(value))


_rationals = partial(_each, _rational)
_matrix = partial(_each, _rationals)


def _layer(value: object) -> LayerRecord:
    entry = _object(value)
    return LayerRecord(
        _matrix(entry.get("weight")),
        _rationals(entry.get("bias")),
        _string(entry.get("activation")),
        _rational(entry.get("slope")),
        _integer(entry.get("pieces")),
        _each(_skip, entry.get("skips")),
    )


def _row(value: object) -> Row:
    return _each(_scaled_form, value)


def _indexed_row(value: object) -> IndexedRow:
    number, row = _pair(value)
    return _integer(number), _row(row)


def _indexed_point(value: object) -> IndexedPoint:
    number, point = _pair(value)
    return _integer(number), _rationals(point)


def _norm(value: object) -> WeightedNorm:
    entry = _object(value)
    return WeightedNorm(_rational(entry.get("weight")), _each(_row, entry.get("rows")))


def _case(value: object) -> PropertyCase:
    lower, upper, rows = _exactly(3, value)
    return _rationals(lower), _rationals(upper), _each(_property_row, rows)


def _property_row(value: object) -> PropertyRow:
    inputs, outputs, bound, relation = _exactly(4, value)
    return _row(inputs), _row(outputs), _rational(bound), _string(relation)


def _proof_tree(value: object) -> ProofTree:
    entry = _object(value)
    return ProofTree(_integers(entry.get("cases")), _integers(entry.get("nodes")))


def _skip(value: object) -> Skip:
    source, weight = _pair(value)
    return _integer(source), _matrix(weight)


def _integers(value: object) -> tuple[int, ...]:
    """A list of up to millions of integers, all tested at once."""
    entries = _list(value)
    if not set(map(type, entries)) <= {int}:
        raise _Unexpected("a list of integers is needed")
    return tuple(entries)  # type: ignore[arg-type]


# how each declared field type is read; the keys are those of `write.ENCODERS`
DECODERS: dict[str, Callable[[object], object]] = {
    "str": _string,
    "str | None": partial(_optional, _string),
    "int": _integer,
    "Fraction": _rational,
    "Rationals": _rationals,
    "tuple[str, ...]": partial(_each, _string),
    "tuple[Rationals, ...]": _matrix,
    "tuple[int, ...]": _integers,
    "Integers": _integers,
    "tuple[tuple[int, ...], ...]": partial(_each, partial(_each, _integer)),
    "tuple[tuple[int, Fraction] | None, ...]": partial(_each, partial(_optional, _scaled_form)),
    "tuple[Node, ...]": _tuples,
    "tuple[tuple[Bound, ...], ...] | None": partial(_optional, _tuples),
    "tuple[Neuron, ...]": partial(_each, _neuron),
    "tuple[LayerRecord, ...]": partial(_each, _layer),
    "Row": _row,
    "tuple[Row, ...]": partial(_each, _row),
    "tuple[tuple[Row, ...], ...]": partial(_each, partial(_each, _row)),
    "tuple[IndexedRow, ...]": partial(_each, _indexed_row),
    "tuple[IndexedPoint, ...]": partial(_each, _indexed_point),
    "tuple[WeightedNorm, ...]": partial(_each, _norm),
    "tuple[PropertyCase, ...]": partial(_each, _case),
    "tuple[ProofTree, ...]": partial(_each, _proof_tree),
}
