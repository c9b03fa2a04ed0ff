"""Seal records into the text of a certificate, and cut a text open again: the adversary's tools.

Written from FORMAT.md, independent of exactnet.certificate.write.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

from exactnet.certificate import Certificate, certificate_text
from exactnet.checker import Verdict, check_text

Line = dict[str, Any]
HEADER: Line = {
    "step": 0,
    "rule": "header",
    "format": "exactnet-certificate",
    "version": 1,
    "title": "a test",
    "provenance": {},
    "stats": {},
}


def seal_lines(lines: list[str], claims: list[Any]) -> str:
    """Add the end with right digests and seal, whatever the lines and claims are."""
    digests = [hashlib.sha256(line.encode()).hexdigest()[:16] for line in lines]
    text = "\n".join(map(str, claims)) + "\n" + "\n".join(digests)
    seal = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
    end = {"step": len(lines), "rule": "end", "claims": claims, "digests": digests, "seal": seal}
    return "\n".join([*lines, json.dumps(end), ""])


def seal_records(records: list[Line], claims: list[Any], header: Line | None = None) -> str:
    """The text of a certificate with these records; steps are numbered here."""
    lines = [header or HEADER, *({**record, "step": step} for step, record in enumerate(records, start=1))]
    return seal_lines([json.dumps(line) for line in lines], claims)


def opened(certificate: Certificate) -> list[Line]:
    """The records of a certificate as JSON objects."""
    return [json.loads(line) for line in certificate_text(certificate).split("\n")[1:-2]]


def check_edited(certificate: Certificate, name: str, edit: Callable[[Line], object]) -> Verdict:
    """Edit the record with this id in place, reseal and check."""
    records = copy.deepcopy(opened(certificate))
    edit(next(record for record in records if record["id"] == name))
    return check_text(seal_records(records, list(certificate.claims)))


def rejects(certificate: Certificate, name: str, edit: Callable[[Line], object], match: str) -> bool:
    """Is the edited certificate rejected at this very record, for this reason?"""
    verdict = check_edited(certificate, name, edit)
    step = 1 + [record.id for record in certificate.records].index(name)
    assert not verdict.accepted, verdict.line
    assert (verdict.step, match in verdict.reason) == (step, True), verdict.line
    return True
