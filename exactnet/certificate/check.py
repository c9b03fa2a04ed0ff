"""Hand the text of a certificate to the independent checker, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exactnet import checker
from exactnet.checker import Files
from exactnet.errors import CertificateRejected, InputError

__all__ = ["Files", "Verdict", "check_file", "check_text"]


@dataclass(frozen=True)
class Verdict:
    """What the checker says; `step`, `rule` and `reason` are set when it rejects.

    A look at a sample that found no fault is `sampled`, and not accepted. When a file that the certificate
    names cannot be opened, it is `missing`, and neither accepted nor rejected.
    """

    accepted: bool
    line: str
    step: int | None = None
    rule: str | None = None
    reason: str = ""
    sampled: bool = False
    missing: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of `python -m exactnet.checker`."""
        if self.sampled or self.missing:
            return 3 if self.sampled else InputError.exit_code
        return 0 if self.accepted else CertificateRejected.exit_code

    def require(self) -> Verdict:
        """Return itself when accepted.

        Raises
        ------
        CertificateRejected
            Names the step, the rule and the reason.
        """
        if not self.accepted:
            raise CertificateRejected(self.reason, step=self.step, rule=self.rule)
        return self

    def __str__(self) -> str:
        return self.line


def check_text(text: str, *, files: Files | None = None) -> Verdict:
    """Check the text of a certificate.

    Parameters
    ----------
    files : where the files are that the certificate names; if None, in the folder of this process.

    Returns
    -------
    Verdict
        A bad certificate is a rejection, never an exception.

    Examples
    --------
    >>> check_text("").accepted
    False
    """
    return Verdict(*checker.check_text(text, files=files))


def check_file(path: str | Path, *, files: Files | None = None) -> Verdict:
    """Check a certificate file, plain or gzip-compressed.

    Parameters
    ----------
    files : where the files are that it names; if None, where it says, relative to its own folder.

    Raises
    ------
    InputError
        The file cannot be opened; whatever its contents are, they are accepted or rejected.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(
            "the certificate cannot be opened",
            where=str(path),
            got=error.strerror or type(error).__name__,
            hint="give the file that Result.save has written",
        ) from error
    return Verdict(*checker.check_bytes(data, files=files or Files(str(Path(path).parent))))
