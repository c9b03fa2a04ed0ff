"""Certificates as text and back: the only serialiser (format: `exactnet/checker/FORMAT.md`).

The declared type of a record's field decides how it is written, so that a Fraction that happens to be
an integer is still written as a rational, and a wrong type is found here and not by the reader of the file.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from exactnet.certificate.types import (
    Certificate,
    LayerRecord,
    NetworkRecord,
    Neuron,
    ProblemRecord,
    Record,
    WeightedNorm,
)
from exactnet.errors import InputError

__all__ = [
    "FORMAT",
    "VERSION",
    "any_length",
    "certificate_text",
    "digest",
    "network_fingerprint",
    "problem_fingerprint",
    "seal",
    "write_certificate",
]

FORMAT = "exactnet-certificate"
VERSION = 1


def certificate_text(certificate: Certificate) -> str:
    """Write a certificate as JSON lines with digests and seal.

    Returns
    -------
    str
        One line for the header, one a record, one for the end; the checker reads exactly this text.

    Raises
    ------
    InputError
        A field has the wrong type, an id is used twice or not allowed, or a claim names no record.

    Examples
    --------
    >>> from exactnet.certificate.types import LinearSystemRecord, WitnessRecord
    >>> system = LinearSystemRecord("s", 1, ((Fraction(2),),), ("<=",), (Fraction(1, 3),))
    >>> text = certificate_text(Certificate("x", (system, WitnessRecord("w", "s", (Fraction(0),))), ("w",)))
    >>> print(text.splitlines()[1])
    {"step":1,"rule":"linear_system","id":"s","n_variables":1,"rows":[["2"]],"relations":["<="],"rhs":["1/3"]}
    """
    _require_names(certificate)
    header = {
        "step": 0,
        "rule": "header",
        "format": FORMAT,
        "version": VERSION,
        "title": _string(certificate.title, "title"),
        "provenance": _strings_by_name(certificate.provenance, "provenance"),
        "stats": _strings_by_name(certificate.stats, "stats"),
    }
    with any_length():
        lines = [_line(header)]
        lines += [_line(_record(record, step)) for step, record in enumerate(certificate.records, start=1)]
    digests = [digest(line) for line in lines]
    end = {
        "step": len(lines),
        "rule": "end",
        "claims": list(certificate.claims),
        "digests": digests,
        "seal": seal(certificate.claims, digests),
    }
    return "\n".join([*lines, _line(end), ""])


def write_certificate(certificate: Certificate, path: str | Path) -> Path:
    """Write a certificate to a file, compressed when the name ends in `.gz`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        As :func:`certificate_text`, or when the file cannot be written.
    """
    path = Path(path)
    data = certificate_text(certificate).encode("utf-8")
    try:
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)
    except OSError as error:
        raise InputError(
            "the certificate cannot be written",
            where=str(path),
            got=error.strerror or type(error).__name__,
            hint="choose a file in an existing folder that you may write to",
        ) from error
    return path


def problem_fingerprint(record: ProblemRecord) -> str:
    """The fingerprint by which the checker names a training problem (FORMAT.md section 7).

    Examples
    --------
    >>> one = Fraction(1)
    >>> problem_fingerprint(ProblemRecord("p", ((one,),), (one,), one, "l2", "none"))
    'b0ad68c7f84b09a7907d2a1331f6b26b69e0cfd0ff2cc1ce382c2d3fb91033c3'
    """
    with any_length():
        content = _record(record, 0)
        parts = [content[key] for key in ("features", "targets", "beta", "norm", "bias", "loss", "kappa")]
        return hashlib.sha256(_line(parts).encode()).hexdigest()


def network_fingerprint(record: NetworkRecord) -> str:
    """The fingerprint by which the checker names a network (FORMAT.md section 7).

    Examples
    --------
    >>> network_fingerprint(NetworkRecord("n", 1, ()))[:16]
    '1788f993b4772e35'
    """
    with any_length():
        layers = [list(_layer(layer, "layers").values()) for layer in record.layers]
        return hashlib.sha256(_line([record.n_inputs, layers]).encode()).hexdigest()


def digest(line: str) -> str:
    """The digest of one line, without its line feed."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()[:16]


def seal(claims: Sequence[str], digests: Sequence[str]) -> str:
    """The seal of the end line."""
    return hashlib.sha256(("\n".join(claims) + "\n" + "\n".join(digests)).encode("utf-8")).hexdigest()[:32]


@contextmanager
def any_length() -> Iterator[None]:
    """Lift Python's limit on the digits of a decimal number, for the time of a conversion."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


# -------------------------------------------------------------------------------------------- fields


def _line(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            "a certificate holds strings, integers and rationals only",
            got=str(error),
            hint="convert numbers to int or Fraction before they enter a record",
        ) from error


def _record(record: Record, step: int) -> dict[str, object]:
    written: dict[str, object] = {"step": step, "rule": record.rule}
    for field in fields(record):
        encode = ENCODERS[str(field.type)]
        written[field.name] = encode(getattr(record, field.name), f"record {record.id!r}, {field.name}")
    return written


def _wrong(value: object, where: str, expected: str) -> InputError:
    return InputError(
        "a field of a certificate has the wrong type", where=where, got=repr(value), expected=expected
    )


def _string(value: object, where: str) -> str:
    if type(value) is not str:
        raise _wrong(value, where, "a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _wrong(value, where, "a string that can be written as UTF-8") from error
    return value


def _strings_by_name(value: dict[str, str], where: str) -> dict[str, str]:
    return {_string(key, where): _string(entry, f"{where}[{key!r}]") for key, entry in value.items()}


def _integer(value: object, where: str) -> int:
    if type(value) is not int:
        raise _wrong(value, where, "an int")
    return value


def _rational(value: object, where: str) -> str:
    # a bool is an int to Python and a float would be an unnoticed rounding
    if type(value) is not int and not isinstance(value, Fraction):
        raise _wrong(value, where, "a Fraction")
    return str(value)


Encoder = Callable[[object, str], object]


def _each(encode: Encoder, value: object, where: str) -> list[object]:
    if not isinstance(value, tuple):
        raise _wrong(value, where, "a tuple")
    return [encode(entry, f"{where}[{i}]") for i, entry in enumerate(value)]


def _optional(encode: Encoder, value: object, where: str) -> object:
    return None if value is None else encode(value, where)


def _scaled_form(value: object, where: str) -> object:
    if not (isinstance(value, tuple) and len(value) == 2):
        raise _wrong(value, where, "a pair (form, scale)")
    return [_integer(value[0], where), _rational(value[1], where)]


def _neuron(value: object, where: str) -> object:
    if not isinstance(value, Neuron):
        raise _wrong(value, where, "a Neuron")
    return {"u": _each(_rational, value.u, f"{where}.u"), "a": _rational(value.a, f"{where}.a")}


def _as_it_is(value: object, where: str) -> object:
    """Trees and bounds: hundreds of thousands of small tuples of integers, which JSON writes as lists."""
    if not isinstance(value, tuple):
        raise _wrong(value, where, "a tuple")
    return value


_rationals: Encoder = partial(_each, _rational)
_matrix: Encoder = partial(_each, _rationals)


def _layer(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, LayerRecord):
        raise _wrong(value, where, "a LayerRecord")
    return {
        "weight": _matrix(value.weight, f"{where}.weight"),
        "bias": _rationals(value.bias, f"{where}.bias"),
        "activation": _string(value.activation, f"{where}.activation"),
        "slope": _rational(value.slope, f"{where}.slope"),
        "pieces": _integer(value.pieces, f"{where}.pieces"),
        "skips": _each(_skip, value.skips, f"{where}.skips"),
    }


def _row(value: object, where: str) -> object:
    """A sparse linear function."""
    return _each(_scaled_form, value, where)


def _norm(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, WeightedNorm):
        raise _wrong(value, where, "a WeightedNorm")
    weight = _rational(value.weight, f"{where}.weight")
    return {"weight": weight, "rows": _each(_row, value.rows, f"{where}.rows")}


def _skip(value: object, where: str) -> object:
    if not (isinstance(value, tuple) and len(value) == 2):
        raise _wrong(value, where, "a pair (source, weight)")
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
    "tuple[Node, ...]": _as_it_is,
    "tuple[tuple[Bound, ...], ...] | None": partial(_optional, _as_it_is),
    "tuple[Neuron, ...]": partial(_each, _neuron),
    "tuple[LayerRecord, ...]": partial(_each, _layer),
    "Row": _row,
    "tuple[Row, ...]": partial(_each, _row),
    "tuple[tuple[Row, ...], ...]": partial(_each, partial(_each, _row)),
    "tuple[WeightedNorm, ...]": partial(_each, _norm),
}


def _require_names(certificate: Certificate) -> None:
    """Find a bad id or claim before the checker does."""
    ids = [record.id for record in certificate.records]
    for name in ids:
        usable = type(name) is str and name.isascii() and 0 < len(name) <= 100
        if not usable or not name[0].isalnum() or not all(c.isalnum() or c in "_.:-" for c in name):
            raise _wrong(name, "the id of a record", "1 to 100 letters, digits, _ . : or -")
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise InputError(f"two records have the id {twice[0]!r}", hint="give each record its own id")
    if not certificate.claims or len(set(certificate.claims)) < len(certificate.claims):
        raise InputError("claims must name at least one record, and none twice", got=repr(certificate.claims))
    for claim in certificate.claims:
        if claim not in ids:
            raise InputError(f"claims names {claim!r}, and no record has this id", got=f"ids {ids}")
