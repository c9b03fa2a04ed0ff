"""CSV tables of exact numbers: decimal text is read exactly, and an error points at its character.

The dialect is the plain one (RFC 4180): UTF-8, a header line, fields separated by commas, `"` around a
field if wanted (doubled inside), any line end. Blank lines are allowed at the end only; there are no
comment lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from exactnet.errors import InputError, ParseError
from exactnet.exact import RationalMatrix, parse_rational
from exactnet.io.files import MAX_BYTES, FileBytes, PathName, read_bytes
from exactnet.model import Dataset, Provenance

__all__ = ["load_csv", "load_forms", "parse_csv"]

_EXAMPLE = 'a first line such as "x1,x2,y"'


@dataclass(frozen=True)
class _Field:
    """A field and the column of its first character, counted from 1."""

    text: str
    column: int


@dataclass(frozen=True)
class _Line:
    """One line of a file; errors in it are raised from here, so that all look the same."""

    file: str
    number: int
    text: str

    def fail(
        self,
        what: str,
        *,
        column: int,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> NoReturn:
        raise ParseError(
            what,
            file=self.file,
            line=self.number,
            column=column,
            text=self.text,
            got=got,
            expected=expected,
            hint=hint,
        )


def load_csv(path: PathName, *, max_bytes: int = MAX_BYTES) -> Dataset:
    """Read a `.csv` file as a data set.

    Parameters
    ----------
    path : file with a header line, one line a sample. The column named "y" is the target, or else the last
        column; all others are features, in the order of the file. Entries are decimals or quotients
        ("0.1", "-2e-3", "1/3") and are read exactly: "0.1" is 1/10.
    max_bytes : larger files are refused.

    Raises
    ------
    ParseError : names file, line and column, and shows the line with a caret.
    InputError : no such file. LimitReached : larger than `max_bytes`.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "data.csv")
    ...     _ = open(file, "w").write("height,y\\n0.1,1\\n1/3,2\\n")
    ...     data = load_csv(file)
    >>> data.features.column(0), data.targets, data.feature_names
    ((Fraction(1, 10), Fraction(1, 3)), (Fraction(1, 1), Fraction(2, 1)), ('height',))
    """
    return parse_csv(read_bytes(path, what="data set", suffixes=[".csv"], max_bytes=max_bytes))


def parse_csv(file: FileBytes) -> Dataset:
    """The data set in the bytes of a CSV file; see :func:`load_csv`.

    Examples
    --------
    >>> parse_csv(FileBytes("data.csv", b"x1,y\\n0.1,one\\n"))
    Traceback (most recent call last):
        ...
    exactnet.errors.ParseError: an entry is not a number
      where:    data.csv, line 2, column 5
                0.1,one
                    ^
      got:      'one' in column 'y'
      expected: a decimal or a quotient, as in 0.1, -2e-3 or 1/3
    """
    lines = _lines(file)
    header = _header(lines[0])
    if len(lines) == 1:
        lines[0].fail(
            "the table has a header but no rows", column=1, expected="one line a sample below the header"
        )
    rows = [_row(line, header) for line in lines[1:]]
    target = header.index("y") if "y" in header else len(header) - 1
    features = [k for k in range(len(header)) if k != target]
    return Dataset(
        RationalMatrix.from_rows([[row[k] for k in features] for row in rows], where=file.name),
        tuple(row[target] for row in rows),
        tuple(header[k] for k in features),
        header[target],
        Provenance(file.name, file.sha256, "decimal text"),
    )


def load_forms(path: PathName, *, max_bytes: int = MAX_BYTES) -> RationalMatrix:
    """Read affine forms: a `.csv` file with one row (a_1, ..., a_d, b) for each form a.x + b.

    A header line is allowed and not needed. The rows are those of a hyperplane arrangement a.x + b = 0, or of
    a polyhedron a.x + b >= 0; zero and repeated rows are allowed.

    Parameters
    ----------
    path : entries are decimals or quotients and are read exactly.
    max_bytes : larger files are refused.

    Raises
    ------
    ParseError : names file, line and column; fewer than two columns. InputError : no such file.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "lines.csv")
    ...     _ = open(file, "w").write("1,0,-0.5\\n0,1,1/3\\n")
    ...     load_forms(file)
    RationalMatrix([[1, 0, -1/2], [0, 1, 1/3]])
    """
    file = read_bytes(path, what="table of forms", suffixes=[".csv"], max_bytes=max_bytes)
    lines = _lines(file)
    fields = [field.text for field in _fields(lines[0])]
    if len(fields) < 2:
        lines[0].fail(
            "a form has two entries at least",
            column=1,
            got="one column",
            expected="a_1, ..., a_d and the constant b, separated by commas",
        )
    names = [f"{k + 1}" for k in range(len(fields))]
    if not any(map(_is_number, fields)):
        names, lines = fields, lines[1:]
    return RationalMatrix.from_rows(
        [_row(line, names) for line in lines], where=file.name, n_columns=len(names) if not lines else None
    )


def _lines(file: FileBytes) -> list[_Line]:
    """The lines up to the last one that is not blank."""
    text = _decoded(file).removeprefix("\ufeff")
    # only these three end a line; str.splitlines would also cut at form feeds and unusual Unicode characters
    lines = [_Line(file.name, k, line) for k, line in enumerate(re.split("\r\n|\n|\r", text), start=1)]
    while lines and not lines[-1].text.strip():
        lines.pop()
    if not lines:
        raise ParseError(
            "the file is empty",
            file=file.name,
            line=1,
            column=1,
            expected=_EXAMPLE + " and one line a sample",
        )
    for line in lines:
        if not line.text.strip():
            line.fail(
                "a blank line inside the table",
                column=1,
                hint="remove it; blank lines may only stand at the end",
            )
    return lines


def _decoded(file: FileBytes) -> str:
    try:
        return file.content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = file.content[: error.start]
        line = re.split(b"\r\n|\n|\r", before)
        raise ParseError(
            "the file is not UTF-8 text",
            file=file.name,
            line=len(line),
            column=len(line[-1].decode("utf-8")) + 1,
            got=f"the byte 0x{file.content[error.start]:02x}",
            hint="save it as UTF-8"
            + (" (this is UTF-16)" if before in (b"", b"\xff") and _is_utf16(file) else ""),
        ) from None


def _is_utf16(file: FileBytes) -> bool:
    return file.content[:2] in (b"\xff\xfe", b"\xfe\xff")


def _fields(line: _Line) -> list[_Field]:
    """Split a line at its commas, minding quotes."""
    fields, position = [], 0
    text = line.text
    while True:
        quoted = re.compile(r'[ \t]*"').match(text, position)
        if quoted is None:
            end = text.find(",", position)
            end = len(text) if end < 0 else end
            raw = text[position:end]
            fields.append(_Field(raw.strip(), position + len(raw) - len(raw.lstrip()) + 1))
        else:
            closed = re.compile(r'((?:[^"]|"")*)"[ \t]*').match(text, quoted.end())
            if closed is None:
                line.fail(
                    "a quote is opened and not closed",
                    column=quoted.end(),
                    hint='write "" for a quote inside',
                )
            end = closed.end()
            if text[end : end + 1] not in ("", ","):
                line.fail(
                    "text behind a closing quote", column=end + 1, expected="a comma or the end of the line"
                )
            fields.append(_Field(closed[1].replace('""', '"').strip(), quoted.end() + 1))
        if end >= len(text):
            return fields
        position = end + 1


def _header(line: _Line) -> list[str]:
    fields = _fields(line)
    if all(_is_number(field.text) for field in fields):
        line.fail(
            "the first line must name the columns",
            column=1,
            got="numbers only",
            expected=_EXAMPLE,
            hint="put a header above this line",
        )
    if len(fields) == 1:
        other = next((sign for sign in (";", "\t") if sign in line.text), None)
        line.fail(
            "the table has one column",
            column=1,
            expected="at least one feature and the target, separated by commas",
            hint=f"replace the separator {other!r} by a comma" if other else None,
        )
    names = [field.text for field in fields]
    for k, field in enumerate(fields):
        if not field.text:
            line.fail("a column has no name", column=field.column, expected=_EXAMPLE)
        if field.text in names[:k]:
            line.fail(
                "two columns have the same name",
                column=field.column,
                got=repr(field.text),
                expected="different names",
            )
    return names


def _is_number(text: str) -> bool:
    try:
        parse_rational(text)
    except InputError:
        return False
    return True


def _row(line: _Line, header: list[str]) -> list[Fraction]:
    fields = _fields(line)
    if len(fields) != len(header):
        extra = len(fields) > len(header)
        line.fail(
            "a row of another length than the header",
            column=fields[len(header)].column if extra else len(line.text) + 1,
            got=f"{len(fields)} values",
            expected=f"{len(header)} values: " + ", ".join(header[:8]) + (", ..." if len(header) > 8 else ""),
            hint="write decimals with a point; the comma separates values" if extra else None,
        )
    return [_number(field, line, name) for field, name in zip(fields, header, strict=True)]


def _number(field: _Field, line: _Line, name: str) -> Fraction:
    try:
        return parse_rational(field.text)
    except InputError as error:
        shown = field.text if len(field.text) <= 40 else field.text[:40] + "..."
        line.fail(
            _WHAT.get(error.what, error.what),
            column=field.column,
            got=f"{shown!r} in column {name!r}" if shown else f"nothing in column {name!r}",
            expected="a decimal or a quotient, as in 0.1, -2e-3 or 1/3",
            hint=_hint(line, field),
        )


_WHAT = {"not a number": "an entry is not a number", "not a finite number": "an entry is not a finite number"}


def _hint(line: _Line, field: _Field) -> str | None:
    if line.text.lstrip().startswith("#"):
        return "remove the comment line"
    if not field.text or field.text.lower() in ("na", "n/a", "nan", "?", "null", "none"):
        return "fill in the missing value, or remove the row"
    if ";" in field.text:
        return "separate the columns by commas"
    return None
