"""What all records of certificates share: the base class and the types of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Integers", "Rationals", "Record", "Row"]

Rationals = tuple[Fraction, ...]

# a long list of integers: a tuple, or an array of int64, which is smaller
Integers: TypeAlias = tuple[int, ...] | NDArray[np.int64]

# a linear function of variables: (variable, coefficient), increasing, none of them 0
Row: TypeAlias = tuple[tuple[int, Fraction], ...]


@dataclass(frozen=True)
class Record:
    """One step of a proof; `id` is unique in its certificate."""

    rule: ClassVar[str]
    id: str
