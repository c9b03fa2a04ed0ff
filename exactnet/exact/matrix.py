"""`RationalMatrix`: integer numerators over one common denominator.

One denominator for the whole matrix keeps the inner loops in integers, which is many times faster than
a matrix of fractions, and gives each matrix exactly one representation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, overload

from exactnet.errors import ShapeError
from exactnet.exact._flint import IntegerRows, integer_matrix, integer_rows
from exactnet.exact.rational import to_fraction
from exactnet.exact.text import rational_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["RationalMatrix"]

# products of fewer multiplications than this are faster without the way to FLINT and back
_SMALL_PRODUCT = 60


@dataclass(frozen=True, slots=True, repr=False)
class RationalMatrix:
    """An immutable, hashable, picklable matrix of rationals; make one with `from_rows`.

    Attributes
    ----------
    numerators : integers, row by row.
    denominator : positive, and coprime to the numerators taken together; so equal matrices have equal fields.
    n_columns : kept apart, because a matrix may have no rows.

    Examples
    --------
    >>> A = RationalMatrix.from_rows([[1, "1/2"], [0.25, 3]])
    >>> A.numerators, A.denominator
    (((4, 2), (1, 12)), 4)
    >>> A @ A.transpose() == (A @ A.transpose()).transpose()
    True
    >>> A @ [2, 4]
    (Fraction(4, 1), Fraction(25, 2))
    """

    numerators: IntegerRows
    denominator: int
    n_columns: int

    # -- making ---------------------------------------------------------------------------------------

    @classmethod
    def from_rows(cls, rows: Any, *, where: str = "matrix", n_columns: int | None = None) -> RationalMatrix:
        """Read rows of numbers exactly (floats by their binary value, text as decimals).

        Parameters
        ----------
        rows : a sequence of rows, a 2-d array (NumPy, pandas, torch), or a RationalMatrix.
        where : what the matrix is, for error messages.
        n_columns : needed if there are no rows; checked otherwise.

        Raises
        ------
        ShapeError : rows of different length, not two-dimensional.
        InexactInputError : NaN or an infinity; names row and column, counted from 0.
        InputError : an entry that is not a number.
        """
        if isinstance(rows, RationalMatrix):
            _require_columns(rows.n_columns, n_columns, where)
            return rows
        listed = _listed(rows, where)
        if n_columns is None:
            n_columns = _shape_columns(rows, listed)
        for i, row in enumerate(listed):
            if len(row) != n_columns:
                raise ShapeError(
                    "rows of different length",
                    where=f"{where}, row {i} (from 0)",
                    got=f"{len(row)} values",
                    expected=f"{n_columns} values",
                    hint="make every row the same length",
                )
        ratios = [_row_ratios(row, i, where) for i, row in enumerate(listed)]
        denominator = math.lcm(*{d for row in ratios for _, d in row})
        # every ratio is in lowest terms, hence no prime divides the lcm and all scaled numerators
        numerators = tuple(tuple([n * (denominator // d) for n, d in row]) for row in ratios)
        return cls(numerators, denominator, n_columns)

    @classmethod
    def from_integers(
        cls, rows: Iterable[Sequence[int]], denominator: int = 1, *, n_columns: int
    ) -> RationalMatrix:
        """Python integers over a non-zero denominator, brought to lowest terms.

        Examples
        --------
        >>> RationalMatrix.from_integers([[2, 4]], -6, n_columns=2)
        RationalMatrix([[-1/3, -2/3]])
        """
        numerators = tuple(map(tuple, rows))
        divisor = math.gcd(denominator, *(value for row in numerators for value in row))
        divisor = divisor if denominator > 0 else -divisor
        if divisor != 1:
            numerators = tuple(tuple([value // divisor for value in row]) for row in numerators)
        return cls(numerators, denominator // divisor, n_columns)

    @classmethod
    def identity(cls, n: int) -> RationalMatrix:
        """The n x n identity."""
        return cls(tuple(tuple(int(i == j) for j in range(n)) for i in range(n)), 1, n)

    # -- reading --------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """(number of rows, number of columns)."""
        return len(self.numerators), self.n_columns

    def rows(self) -> tuple[tuple[Fraction, ...], ...]:
        """All entries."""
        return tuple(self.row(i) for i in range(len(self.numerators)))

    def row(self, i: int) -> tuple[Fraction, ...]:
        """Row i."""
        return tuple([Fraction(value, self.denominator) for value in self.numerators[i]])

    def column(self, j: int) -> tuple[Fraction, ...]:
        """Column j."""
        return tuple([Fraction(row[j], self.denominator) for row in self.numerators])

    def approx_array(self) -> NDArray[np.float64]:
        """The entries, each correctly rounded to float64 (beyond its range: an infinity)."""
        import numpy as np

        array = np.empty(self.shape)
        for i, row in enumerate(self.numerators):
            try:
                # the quotient of two Python integers is correctly rounded, also into the subnormals
                array[i] = [value / self.denominator for value in row]
            except OverflowError:
                array[i] = [_rounded_quotient(value, self.denominator) for value in row]
        return array

    def __repr__(self) -> str:
        n_rows, n_columns = self.shape
        if n_rows * n_columns > 36:
            return f"RationalMatrix({n_rows} x {n_columns})"
        body = ", ".join("[" + ", ".join(map(rational_text, self.row(i))) + "]" for i in range(n_rows))
        return f"RationalMatrix([{body}])"

    # -- arithmetic -----------------------------------------------------------------------------------

    def transpose(self) -> RationalMatrix:
        """Rows and columns exchanged."""
        columns = tuple(zip(*self.numerators, strict=True)) if self.numerators else ((),) * self.n_columns
        return RationalMatrix(columns, self.denominator, len(self.numerators))

    @overload
    def __matmul__(self, other: RationalMatrix) -> RationalMatrix: ...
    @overload
    def __matmul__(self, other: Sequence[Fraction | int]) -> tuple[Fraction, ...]: ...
    def __matmul__(
        self, other: RationalMatrix | Sequence[Fraction | int]
    ) -> RationalMatrix | tuple[Fraction, ...]:
        """Matrix times matrix, or matrix times a vector given as a sequence of rationals."""
        if not isinstance(other, RationalMatrix):
            vector = RationalMatrix.from_rows([other], where="vector").transpose()
            return (self @ vector).column(0)
        (n_rows, inner), (n_inner, n_columns) = self.shape, other.shape
        if inner != n_inner:
            raise ShapeError(
                "the sizes of a product do not fit",
                where="@",
                got=f"{n_rows} x {inner} times {n_inner} x {n_columns}",
                expected="as many columns on the left as rows on the right",
                hint="transpose one side, or check the number of features",
            )
        if n_rows * inner * n_columns <= _SMALL_PRODUCT:
            columns = other.transpose().numerators
            product = tuple(
                tuple([sum([a * b for a, b in zip(row, column, strict=True)]) for column in columns])
                for row in self.numerators
            )
        else:
            left = integer_matrix(self.numerators, n_rows, inner)
            product = integer_rows(left * integer_matrix(other.numerators, n_inner, n_columns))
        return RationalMatrix.from_integers(
            product, self.denominator * other.denominator, n_columns=n_columns
        )

    def __add__(self, other: RationalMatrix) -> RationalMatrix:
        if not isinstance(other, RationalMatrix):
            return NotImplemented
        if self.shape != other.shape:
            raise ShapeError(
                "the sizes of a sum differ",
                where="+",
                got=f"{self.shape[0]} x {self.shape[1]} and {other.shape[0]} x {other.shape[1]}",
                expected="two matrices of the same shape",
            )
        denominator = math.lcm(self.denominator, other.denominator)
        p, q = denominator // self.denominator, denominator // other.denominator
        rows = [
            [p * a + q * b for a, b in zip(left, right, strict=True)]
            for left, right in zip(self.numerators, other.numerators, strict=True)
        ]
        return RationalMatrix.from_integers(rows, denominator, n_columns=self.n_columns)

    def __mul__(self, scalar: Fraction | int) -> RationalMatrix:
        factor = to_fraction(scalar, where="scalar")
        rows = [[factor.numerator * value for value in row] for row in self.numerators]
        return RationalMatrix.from_integers(
            rows, self.denominator * factor.denominator, n_columns=self.n_columns
        )

    __rmul__ = __mul__

    def __neg__(self) -> RationalMatrix:
        return self * -1

    def __sub__(self, other: RationalMatrix) -> RationalMatrix:
        return self + other * -1 if isinstance(other, RationalMatrix) else NotImplemented


# -- reading rows -----------------------------------------------------------------------------------------


def _listed(rows: Any, where: str) -> list[Sequence[object]]:
    """Rows as a list of lists; arrays give their exact entries through `tolist`."""
    if hasattr(rows, "to_numpy"):  # a pandas table iterates over its column names
        rows = rows.to_numpy()
    if getattr(rows, "ndim", 2) != 2:
        raise ShapeError(
            "not a table",
            where=where,
            got=f"an array of shape {tuple(rows.shape)}",
            expected="two dimensions: samples x features",
            hint="use X.reshape(-1, 1) for a single feature",
        )
    if hasattr(rows, "tolist"):
        rows = rows.tolist()
    listed: list[Sequence[object]] = []
    for i, row in enumerate(rows):
        entries = row.tolist() if hasattr(row, "tolist") else row
        if isinstance(entries, str) or not isinstance(entries, Iterable):
            raise ShapeError(
                "not a table",
                where=f"{where}, row {i} (from 0)",
                got=repr(row)[:60],
                expected="a row of numbers",
                hint="write one feature as [[1], [2], [3]]",
            )
        listed.append(entries if isinstance(entries, list | tuple) else list(entries))
    return listed


def _row_ratios(row: Sequence[object], i: int, where: str) -> list[tuple[int, int]]:
    ratios = []
    for j, value in enumerate(row):
        kind = type(value)
        if kind is int or kind is Fraction:
            ratios.append((value.numerator, value.denominator))  # type: ignore[attr-defined]
        elif kind is float and math.isfinite(value):  # type: ignore[arg-type]
            ratios.append(value.as_integer_ratio())  # type: ignore[attr-defined]
        else:
            q = to_fraction(value, where=f"{where}, row {i}, column {j} (from 0)")
            ratios.append((q.numerator, q.denominator))
    return ratios


def _shape_columns(rows: Any, listed: list[Sequence[object]]) -> int:
    if listed:
        return len(listed[0])
    shape = getattr(rows, "shape", None)
    return int(shape[1]) if shape is not None else 0


def _require_columns(got: int, expected: int | None, where: str) -> None:
    if expected is not None and got != expected:
        raise ShapeError(
            "wrong number of columns", where=where, got=f"{got} columns", expected=f"{expected} columns"
        )


def _rounded_quotient(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf
