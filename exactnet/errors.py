"""The errors a user can meet, in four parts: what, where, got against expected, what to do next.

The exit code of the command line belongs to the class (`exit_code`), so that the text, the class and
the code of one failure can never drift apart.

Examples
--------
>>> raise ShapeError("feature count differs", where="row 3", got="2 values", expected="3 values",
...                  hint="make every row the same length")
Traceback (most recent call last):
    ...
exactnet.errors.ShapeError: feature count differs
  where:    row 3
  got:      2 values
  expected: 3 values
  do:       make every row the same length
"""

from __future__ import annotations

__all__ = [
    "CertificateRejected",
    "ExactnetError",
    "InexactInputError",
    "InputError",
    "InvariantError",
    "LimitReached",
    "MissingExtraError",
    "ParseError",
    "ShapeError",
    "UnsupportedError",
]


class ExactnetError(Exception):
    """Base of every error exactnet raises on purpose.

    Parameters
    ----------
    what : one sentence, what is wrong.
    where : file, line, layer, row, argument.
    got, expected : the two sides of the comparison that failed.
    hint : what the user can do next.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.what, self.where, self.got, self.expected, self.hint = what, where, got, expected, hint
        parts = (("where", where), ("got", got), ("expected", expected), ("do", hint))
        lines = [what] + [f"  {name + ':':<9} {text}" for name, text in parts if text is not None]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild across process borders (joblib workers) without losing the parts."""
        return _rebuild, (type(self), self.__dict__.copy(), self.args)


def _rebuild(cls: type[ExactnetError], state: dict[str, object], args: tuple[object, ...]) -> ExactnetError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    error.args = args
    return error


class InputError(ExactnetError, ValueError):
    """The input is wrong: nothing was computed."""


class ShapeError(InputError):
    """Sizes do not fit together."""


class InexactInputError(InputError):
    """NaN, infinity, or a value that has no exact meaning."""


class ParseError(InputError):
    """Text that cannot be read: names file, line and column, and shows the line with a caret."""

    def __init__(
        self,
        what: str,
        *,
        file: str,
        line: int,
        column: int,
        text: str = "",
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.file, self.line, self.column, self.text = file, line, column, text
        where = f"{file}, line {line}, column {column}"
        if text:
            # a tab must stay a tab or the caret slides away from the character it names
            pad = "".join("\t" if character == "\t" else " " for character in text[: column - 1])
            where += f"\n            {text}\n            {pad}^"
        super().__init__(what, where=where, got=got, expected=expected, hint=hint)


class UnsupportedError(ExactnetError):
    """Valid input outside the supported class; says what is supported."""

    exit_code = 4


class MissingExtraError(ExactnetError):
    """An optional package is needed; the hint is the install command."""

    def __init__(self, package: str, *, extra: str, purpose: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(
            f"{purpose} needs the package {package}, which is not installed",
            hint=f'pip install "exactnet[{extra}]"',
        )


class LimitReached(ExactnetError):
    """A stated limit was met before the work was done; `partial` keeps what there is."""

    exit_code = 3

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
        partial: object = None,
    ) -> None:
        self.partial = partial
        super().__init__(what, where=where, got=got, expected=expected, hint=hint)


class CertificateRejected(ExactnetError):
    """The independent checker refused a certificate; names the step and the rule."""

    exit_code = 1

    def __init__(self, reason: str, *, step: int | None = None, rule: str | None = None) -> None:
        self.step, self.rule, self.reason = step, rule, reason
        where = None if step is None else f"step {step}" + (f" ({rule})" if rule else "")
        super().__init__(
            f"the certificate was rejected: {reason}",
            where=where,
            hint="do not use this answer; recompute it, and report it if exactnet itself wrote the file",
        )


class InvariantError(ExactnetError):
    """Our own bug: something that a theorem guarantees did not hold."""

    exit_code = 70

    def __init__(self, what: str, *, reproduction: str) -> None:
        super().__init__(
            what,
            got=reproduction,
            hint="this is a bug in exactnet; please report it with the lines above",
        )
