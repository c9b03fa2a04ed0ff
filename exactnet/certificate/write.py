"""Certificates as text and back: the only serialiser (format: `exactnet/checker/FORMAT.md`).

The declared type of a record's field decides how it is written, so that a Fraction that happens to be
an integer is still written as a rational, and a wrong type is found here and not by the reader of the file.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from exactnet.certificate.encode import (
    json_line,
    layer_object,
    record_object,
    string,
    strings_by_name,
    wrong_type,
)
from exactnet.certificate.types import Certificate, NetworkRecord, ProblemRecord, PropertyRecord
from exactnet.errors import InputError

__all__ = [
    "FORMAT",
    "VERSION",
    "any_length",
    "certificate_text",
    "digest",
    "network_fingerprint",
    "problem_fingerprint",
    "property_fingerprint",
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
    >>> from fractions import Fraction
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
        "title": string(certificate.title, "title"),
        "provenance": strings_by_name(certificate.provenance, "provenance"),
        "stats": strings_by_name(certificate.stats, "stats"),
    }
    with any_length():
        lines = [json_line(header)]
        lines += [
            json_line(record_object(record, step)) for step, record in enumerate(certificate.records, start=1)
        ]
    digests = [digest(line) for line in lines]
    end = {
        "step": len(lines),
        "rule": "end",
        "claims": list(certificate.claims),
        "digests": digests,
        "seal": seal(certificate.claims, digests),
    }
    return "\n".join([*lines, json_line(end), ""])


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
    """The fingerprint by which the checker names a training problem (FORMAT.md section 8).

    Examples
    --------
    >>> from fractions import Fraction
    >>> one = Fraction(1)
    >>> problem_fingerprint(ProblemRecord("p", ((one,),), (one,), one, "l2", "none"))
    'b0ad68c7f84b09a7907d2a1331f6b26b69e0cfd0ff2cc1ce382c2d3fb91033c3'
    """
    with any_length():
        content = record_object(record, 0)
        parts = [content[key] for key in ("features", "targets", "beta", "norm", "bias", "loss", "kappa")]
        return hashlib.sha256(json_line(parts).encode()).hexdigest()


def network_fingerprint(record: NetworkRecord) -> str:
    """The fingerprint by which the checker names a network (FORMAT.md section 8).

    Examples
    --------
    >>> network_fingerprint(NetworkRecord("n", 1, ()))[:16]
    '1788f993b4772e35'
    """
    with any_length():
        layers = [list(layer_object(layer, "layers").values()) for layer in record.layers]
        return hashlib.sha256(json_line([record.n_inputs, layers]).encode()).hexdigest()


def property_fingerprint(record: PropertyRecord) -> str:
    """The fingerprint by which the checker names a property (FORMAT.md section 8).

    Examples
    --------
    >>> property_fingerprint(PropertyRecord("p", 1, 1, ()))[:16]
    'ce13688a66d83b9a'
    """
    with any_length():
        content = record_object(record, 0)
        return hashlib.sha256(
            json_line([content[key] for key in ("n_inputs", "n_outputs", "cases")]).encode()
        ).hexdigest()


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


def _require_names(certificate: Certificate) -> None:
    """Find a bad id or claim before the checker does."""
    ids = [record.id for record in certificate.records]
    for name in ids:
        usable = type(name) is str and name.isascii() and 0 < len(name) <= 100
        if not usable or not name[0].isalnum() or not all(c.isalnum() or c in "_.:-" for c in name):
            raise wrong_type(name, "the id of a record", "1 to 100 letters, digits, _ . : or -")
    twice = [name for name, count in Counter(ids).items() if count > 1]
    if twice:
        raise InputError(f"two records have the id {twice[0]!r}", hint="give each record its own id")
    if not certificate.claims or len(set(certificate.claims)) < len(certificate.claims):
        raise InputError("claims must name at least one record, and none twice", got=repr(certificate.claims))
    for claim in certificate.claims:
        if claim not in ids:
            raise InputError(f"claims names {claim!r}, and no record has this id", got=f"ids {ids}")
