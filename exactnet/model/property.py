"""A property of a network as exact data: the set of its *unsafe* points, a union of cases.

A case holds at the input x with the output y = f(x) if x is in its closed box and every row holds:

    lower <= x <= upper,        a.x + c.y <= bound   (or < bound, where the row is strict).

The property is refuted by an x of some case, and proved when there is none. This is the reading of a VNN-LIB
file in disjunctive normal form, with every bound on a single input moved to the box.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256

from exactnet.errors import InputError, ShapeError
from exactnet.exact import rational_text, to_fraction, to_fractions
from exactnet.model.provenance import Provenance
from exactnet.model.vector import vector

__all__ = ["Case", "Property", "Row", "Terms"]

Terms = tuple[tuple[int, Fraction], ...]
Vector = tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """sum of inputs * x + sum of outputs * y <= bound, or < bound if strict.

    Parameters
    ----------
    inputs, outputs : pairs (index, coefficient), in ascending order of the indices, no coefficient zero.
    bound : the right-hand side.
    strict : whether equality is left out.

    Raises
    ------
    InputError : indices out of order, repeated or negative, or a zero coefficient.

    Examples
    --------
    >>> Row.from_terms({}, {0: 1, 1: -1}, 0)      # y_0 <= y_1
    Row(Y_0 - Y_1 <= 0)
    """

    inputs: Terms
    outputs: Terms
    bound: Fraction
    strict: bool = False

    def __post_init__(self) -> None:
        for name, terms in (("inputs", self.inputs), ("outputs", self.outputs)):
            indices = [index for index, _ in terms]
            if (
                any(c == 0 for _, c in terms)
                or indices != sorted(set(indices))
                or min(indices, default=0) < 0
            ):
                raise InputError(
                    "the terms of a row are not in order",
                    where=name,
                    got=", ".join(f"({index}, {rational_text(c)})" for index, c in terms),
                    expected="different indices from 0 in ascending order, no coefficient zero",
                    hint="Row.from_terms sorts them",
                )

    @classmethod
    def from_terms(
        cls,
        inputs: Mapping[int, object],
        outputs: Mapping[int, object],
        bound: object,
        *,
        strict: bool = False,
    ) -> Row:
        """Read a row from coefficients under their indices, in any order; zeros are left out.

        Raises
        ------
        InputError, InexactInputError : a coefficient that is no number, or not finite.

        Examples
        --------
        >>> Row.from_terms({1: "1/2", 0: 0}, {2: -1}, "0.25", strict=True)
        Row(1/2*X_1 - Y_2 < 1/4)
        """
        return cls(_terms(inputs), _terms(outputs), to_fraction(bound, where="bound"), strict)

    def slack(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Fraction:
        """bound - value: the row holds where this is at least zero, a strict one where it is above zero.

        Examples
        --------
        >>> Row.from_terms({}, {0: 1, 1: -1}, 0).slack([], [Fraction(2), Fraction(5)])
        Fraction(3, 1)
        """
        value = sum((c * x[i] for i, c in self.inputs), Fraction(0))
        return self.bound - sum((c * y[j] for j, c in self.outputs), value)

    def __repr__(self) -> str:
        names = [(f"X_{i}", c) for i, c in self.inputs] + [(f"Y_{j}", c) for j, c in self.outputs]
        text = ""
        for name, c in names:
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            text += sign + ("" if abs(c) == 1 else rational_text(abs(c)) + "*") + name
        return f"Row({text or '0'} {'<' if self.strict else '<='} {rational_text(self.bound)})"


@dataclass(frozen=True, slots=True)
class Case:
    """One disjunct: a closed box of inputs, and rows that all hold.

    Parameters
    ----------
    lower, upper : the box, one fraction an input.
    rows : inequalities over inputs and outputs.

    Raises
    ------
    ShapeError : bounds of different lengths, none at all, or a row with an input that the box does not have.

    Examples
    --------
    >>> Case((Fraction(0),), (Fraction(1),), ()).is_empty, Case((Fraction(1),), (Fraction(0),), ()).is_empty
    (False, True)
    """

    lower: Vector
    upper: Vector
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        if len(self.lower) != len(self.upper) or not self.lower:
            raise ShapeError(
                "the bounds of a box do not fit",
                where="lower, upper",
                got=f"{len(self.lower)} lower and {len(self.upper)} upper bounds",
                expected="one of each for every input, at least one input",
            )
        most = max((row.inputs[-1][0] for row in self.rows if row.inputs), default=0)
        if most >= len(self.lower):
            raise ShapeError(
                "a row has an input that the box does not have",
                where="rows",
                got=f"input {most}",
                expected=f"inputs 0 to {len(self.lower) - 1}",
            )

    @property
    def is_empty(self) -> bool:
        """Whether the box has no point: some lower bound above its upper bound. Rows are not looked at."""
        return any(low > high for low, high in zip(self.lower, self.upper, strict=True))

    def slacks(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> Vector:
        """bound - value of every row, then x_i - lower_i of every input, then upper_i - x_i.

        Examples
        --------
        >>> Case((Fraction(0),), (Fraction(3),), ()).slacks([Fraction(1)], [])
        (Fraction(1, 1), Fraction(2, 1))
        """
        rows = [row.slack(x, y) for row in self.rows]
        below = [value - low for value, low in zip(x, self.lower, strict=True)]
        above = [high - value for value, high in zip(x, self.upper, strict=True)]
        return (*rows, *below, *above)

    def holds(self, x: Sequence[Fraction], y: Sequence[Fraction]) -> bool:
        """Whether x is in the box and every row holds; a strict row does not hold with equality.

        Examples
        --------
        >>> strict = Row.from_terms({0: 1}, {}, 1, strict=True)
        >>> Case((Fraction(0),), (Fraction(1),), (strict,)).holds([Fraction(1)], [])
        False
        """
        slacks = self.slacks(x, y)
        return min(slacks) >= 0 and all(
            slack > 0 for row, slack in zip(self.rows, slacks, strict=False) if row.strict
        )


@dataclass(frozen=True, repr=False)
class Property:
    """A union of cases over the inputs and outputs of a network: its unsafe points.

    Parameters
    ----------
    n_inputs, n_outputs : of the networks that it speaks about.
    cases : the disjuncts; without any, the property holds vacuously.
    provenance : where it came from; takes no part in equality.

    Raises
    ------
    ShapeError : no input or output, a box of another dimension, or a row with an output that is not there.

    Examples
    --------
    >>> unsafe = Property.from_box([0, 0], [1, 1], [[Row.from_terms({}, {0: 1}, "1/2")]])
    >>> unsafe
    Property(2 inputs, 1 output, 1 case, from cases in memory)
    >>> unsafe.violated_by([0, 1], ["1/4"]), unsafe.margin([0, 1], ["1/4"]), unsafe.violated_by([0, 1], [1])
    (0, Fraction(0, 1), None)
    """

    n_inputs: int
    n_outputs: int
    cases: tuple[Case, ...]
    provenance: Provenance = field(default=Provenance("cases in memory"), compare=False)

    def __post_init__(self) -> None:
        if self.n_inputs < 1 or self.n_outputs < 1:
            raise ShapeError(
                "a property without inputs or outputs",
                where=self.provenance.source,
                got=f"{self.n_inputs} inputs, {self.n_outputs} outputs",
                expected="at least one of each",
            )
        for k, case in enumerate(self.cases):
            where = f"case {k} of {self.provenance.source}"
            if len(case.lower) != self.n_inputs:
                raise ShapeError(
                    "a box of another dimension",
                    where=where,
                    got=f"{len(case.lower)} bounds",
                    expected=f"{self.n_inputs}, the number of inputs",
                )
            most = max((row.outputs[-1][0] for row in case.rows if row.outputs), default=0)
            if most >= self.n_outputs:
                raise ShapeError(
                    "a row has an output that is not there",
                    where=where,
                    got=f"output {most}",
                    expected=f"outputs 0 to {self.n_outputs - 1}",
                )

    @classmethod
    def from_box(
        cls,
        lower: Sequence[object],
        upper: Sequence[object],
        rows_per_case: Sequence[Sequence[Row]],
        *,
        n_outputs: int | None = None,
        provenance: Provenance | None = None,
    ) -> Property:
        """Cases that share one box.

        Parameters
        ----------
        lower, upper : numbers; text is read as decimal or quotient, a float by its exact binary value.
        rows_per_case : for each case its rows.
        n_outputs : if None, as many as the rows name.

        Raises
        ------
        ShapeError, InputError, InexactInputError : as for the parts.
        """
        low, high = _vector(lower, "lower"), _vector(upper, "upper")
        cases = tuple(Case(low, high, tuple(rows)) for rows in rows_per_case)
        if n_outputs is None:
            named = (j for case in cases for row in case.rows for j, _ in row.outputs)
            n_outputs = max(named, default=0) + 1
        return cls(len(low), n_outputs, cases, provenance or Provenance("cases in memory"))

    def slacks(self, case: int, x: Sequence[object], y: Sequence[object]) -> Vector:
        """For case number `case`: see :meth:`Case.slacks`."""
        return self.cases[case].slacks(*self._point(x, y))

    def violated_by(self, x: Sequence[object], y: Sequence[object]) -> int | None:
        """The first case that holds at the inputs x with the outputs y, strictness respected; None if no one.

        Raises
        ------
        ShapeError : wrong numbers of inputs or outputs; InexactInputError : NaN or infinity.
        """
        point = self._point(x, y)
        return next((k for k, case in enumerate(self.cases) if case.holds(*point)), None)

    def margin(self, x: Sequence[object], y: Sequence[object]) -> Fraction:
        """How far (x, y) is inside the unsafe set: the largest over the cases of their smallest slack.

        The slacks are those of all rows (bound - value, rows as they are, not normalised) and of both sides
        of the box. Above zero some case holds, below zero none does; at zero, a case holds unless the row
        that is tight is strict: :meth:`violated_by` decides.

        Raises
        ------
        InputError : a property without cases has no margin.
        """
        if not self.cases:
            raise InputError(
                "a property without cases has no margin",
                where=self.provenance.source,
                hint="it holds for every network; there is nothing to violate",
            )
        point = self._point(x, y)
        return max(min(case.slacks(*point)) for case in self.cases)

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, of the canonical text of the cases: the name of this property in a proof.

        The text is the JSON list, without spaces,
        `[n_inputs,n_outputs,[[lower,upper,[[[[i,"c"],..],[[j,"c"],..],"bound","<="|"<"],..]],..]]`.

        Examples
        --------
        >>> Property.from_box([0], [1], []).fingerprint == sha256(b"[1,1,[]]").hexdigest()
        True
        """
        cases = [
            [_texts(case.lower), _texts(case.upper), [_row(r) for r in case.rows]] for case in self.cases
        ]
        text = json.dumps([self.n_inputs, self.n_outputs, cases], separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    def _point(self, x: Sequence[object], y: Sequence[object]) -> tuple[Vector, Vector]:
        point = _vector(x, "x"), _vector(y, "y")
        for name, given, wanted in zip("xy", point, (self.n_inputs, self.n_outputs), strict=True):
            if len(given) != wanted:
                raise ShapeError(
                    "wrong number of values", where=name, got=f"{len(given)} numbers", expected=str(wanted)
                )
        return point

    def __repr__(self) -> str:
        counts = ((self.n_inputs, "input"), (self.n_outputs, "output"), (len(self.cases), "case"))
        words = ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts)
        return f"Property({words}, from {self.provenance.source})"


def _terms(coefficients: Mapping[int, object]) -> Terms:
    exact = {i: to_fraction(c, where=f"coefficient {i}") for i, c in coefficients.items()}
    return tuple((i, exact[i]) for i in sorted(exact) if exact[i] != 0)


def _vector(values: Sequence[object], where: str) -> Vector:
    return to_fractions(vector(values, where=where), where=where)


def _texts(values: Vector) -> list[str]:
    return [rational_text(q) for q in values]


def _row(row: Row) -> list[object]:
    terms = [[[i, rational_text(c)] for i, c in part] for part in (row.inputs, row.outputs)]
    return [*terms, rational_text(row.bound), "<" if row.strict else "<="]
