"""A report: one verdict line, some text and tables below it, and the same content as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Report", "Table"]


@dataclass(frozen=True)
class Table:
    """A plain text table; the columns named in `right` are aligned to the right.

    Examples
    --------
    >>> print(Table(("sample", "target"), (("1", "2"), ("10", "-1/2")), right=("sample",)).text())
    sample  target
         1  2
        10  -1/2
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()

    def text(self) -> str:
        """The table as lines of equal columns, no trailing blanks."""
        lines = (self.columns, *self.rows)
        widths = [max(len(line[k]) for line in lines) for k in range(len(self.columns))]
        return "\n".join(self._line(line, widths) for line in lines)

    def _line(self, cells: Sequence[str], widths: Sequence[int]) -> str:
        parts = (
            cell.rjust(width) if name in self.right else cell.ljust(width)
            for name, cell, width in zip(self.columns, cells, widths, strict=True)
        )
        return "  ".join(parts).rstrip()


@dataclass(frozen=True)
class Report:
    """What a verb answers.

    Attributes
    ----------
    verdict : the one line that matters, in plain language.
    body : lines and tables for a reader who wants more.
    payload : the same content for a program, JSON types only; rationals as "p/q".
    """

    verdict: str
    payload: Mapping[str, object]
    body: tuple[str | Table, ...] = field(default=())

    def text(self, *, quiet: bool = False) -> str:
        """The report as plain text; only the verdict line when `quiet`.

        Examples
        --------
        >>> print(Report("ACCEPTED", {}, ("two steps",)).text())
        ACCEPTED
        two steps
        """
        if quiet:
            return self.verdict
        return "\n".join(
            [self.verdict, *(part if isinstance(part, str) else part.text() for part in self.body)]
        )
