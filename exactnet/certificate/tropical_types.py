"""The records of tropical polynomials and forms (FORMAT.md section 6).

The field names are the JSON keys of the format, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from exactnet.certificate.base import Rationals, Record, Row

__all__ = [
    "DifferentPolynomialsRecord",
    "EssentialTermsRecord",
    "IndexedPoint",
    "IndexedRow",
    "SamePolynomialRecord",
    "TropicalFormRecord",
    "TropicalPolynomialRecord",
]

# the number of a term, and multipliers of other terms, or a point
IndexedRow: TypeAlias = tuple[int, Row]
IndexedPoint: TypeAlias = tuple[int, Rationals]


@dataclass(frozen=True)
class TropicalPolynomialRecord(Record):
    """max over terms (e_1..e_n, c) of (e.x + c) / denominator; exponents strictly ascending."""

    rule: ClassVar[str] = "tropical_polynomial"
    n_variables: int
    denominator: int
    terms: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class SamePolynomialRecord(Record):
    """Two tropical products of polynomials are the same function."""

    rule: ClassVar[str] = "same_polynomial"
    left: tuple[str, ...]
    right: tuple[str, ...]
    left_under: tuple[IndexedRow, ...] = ()
    right_under: tuple[IndexedRow, ...] = ()


@dataclass(frozen=True)
class DifferentPolynomialsRecord(Record):
    """Two tropical products of polynomials differ at a point."""

    rule: ClassVar[str] = "different_polynomials"
    left: tuple[str, ...]
    right: tuple[str, ...]
    point: Rationals


@dataclass(frozen=True)
class EssentialTermsRecord(Record):
    """Which terms of a polynomial are essential: a point for each of them, multipliers for all others."""

    rule: ClassVar[str] = "essential_terms"
    polynomial: str
    essential: tuple[IndexedPoint, ...]
    under: tuple[IndexedRow, ...] = ()


@dataclass(frozen=True)
class TropicalFormRecord(Record):
    """The outputs of a network are F - G, with exactly these essential terms."""

    rule: ClassVar[str] = "tropical_form"
    cells: str
    numerators: tuple[str, ...]
    denominators: tuple[str, ...]
