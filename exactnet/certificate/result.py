"""What every question returns: a value, what is known about it, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Generic, TypeVar

from exactnet.certificate.check import Verdict, check_text
from exactnet.certificate.types import Certificate
from exactnet.certificate.write import certificate_text, write_certificate
from exactnet.errors import InputError

__all__ = ["Result", "Status"]

T = TypeVar("T")


class Status(Enum):
    """What is known; the value is the sentence a user reads.

    Examples
    --------
    >>> Status.PROVED.sentence
    'the claim holds, and the certificate proves it'
    >>> [status.exit_code for status in Status]
    [0, 1, 3]
    """

    PROVED = "the claim holds, and the certificate proves it"
    REFUTED = "the claim is false, and the certificate proves that it is"
    UNDECIDED = "the claim is neither proved nor refuted; the certificate proves what was reached"

    @property
    def sentence(self) -> str:
        """The status in words."""
        return self.value

    @property
    def exit_code(self) -> int:
        """The exit code of the command line."""
        return {"PROVED": 0, "REFUTED": 1, "UNDECIDED": 3}[self.name]


@dataclass(frozen=True, repr=False)
class Result(Generic[T]):
    """An answer that carries its own proof.

    Parameters
    ----------
    value : the answer.
    status : what is known about the claim.
    certificate : the proof; None when there is nothing to prove.
    sentence : the answer in one plain line.
    provenance : where the input comes from.
    stats : how the work went; proves nothing.
    """

    value: T
    status: Status
    certificate: Certificate | None
    sentence: str
    provenance: Mapping[str, str] = field(default_factory=dict)
    stats: Mapping[str, object] = field(default_factory=dict)

    def check(self) -> Verdict:
        """Serialise the certificate and have the independent checker read that text.

        Raises
        ------
        InputError
            The result has no certificate.
        """
        return check_text(certificate_text(self._proof()))

    def save(self, path: str | Path) -> Path:
        """Write the certificate to a file (compressed when the name ends in `.gz`); returns the file."""
        return write_certificate(self._proof(), path)

    def summary(self) -> str:
        """The answer, its status, its proof, its origin and its statistics, a line each."""
        lines = [repr(self), f"  status       {self.status.sentence}"]
        if self.certificate is not None:
            claims = ", ".join(self.certificate.claims)
            n_records = len(self.certificate.records)
            lines.append(f"  certificate  {n_records} record{'s' * (n_records != 1)}, claims {claims}")
        for name, entries in (("provenance", self.provenance), ("stats", self.stats)):
            for i, (key, entry) in enumerate(entries.items()):
                lines.append(f"  {name if i == 0 else '':<11}  {key}: {entry}")
        return "\n".join(lines)

    def _proof(self) -> Certificate:
        if self.certificate is None:
            raise InputError("this result carries no certificate", got=self.sentence)
        return self.certificate

    def __repr__(self) -> str:
        return f"{self.status.name}: {self.sentence}"
