"""What is known in float64 about the units at a node of a tree, and the lines that bound their values.

The numbers stand for integers that the checkers compute (FORMAT.md section 7), and are a little weaker. Where
a bound is so near to 0 that the checkers may see another sign, the lines hold whatever they see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Bounds", "Flags", "Lines", "Units"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SLOPES = 2.0**20
# the format rounds slopes down: from a quotient that is nearly a multiple of 2^-20, to the lower one
_BORDER = math.ldexp(1.0, -9)


class Lines(NamedTuple):
    """Lines around the values of the units of a layer, arrays of one shape.

    Attributes
    ----------
    unstable : units whose lower slope can be chosen; the upper line has `slope` and `intercept`.
    fixed : the lower slope of the others, 0 or 1; their lower line has the constant `base`.
    near_dead, near_active : units that the checkers may call unstable, and that are taken for dead or active.
    """

    unstable: Flags
    fixed: Array
    base: Array
    slope: Array
    intercept: Array
    near_dead: Flags
    near_active: Flags

    def take(self, which: NDArray[np.int64]) -> Lines:
        """Those of some of the units, or of the nodes."""
        return Lines(
            self.unstable[which],
            self.fixed[which],
            self.base[which],
            self.slope[which],
            self.intercept[which],
            self.near_dead[which],
            self.near_active[which],
        )


@dataclass(frozen=True)
class Units:
    """The units of one layer, or of this layer at several nodes; arrays of one shape.

    Parameters
    ----------
    lower, upper : of the pre-activations.
    noise : the noise terms.
    near : how far the bounds of the checkers may be from these.
    under : what a backward pass alone gives as the lower bound.
    rising : U + L >= 0 in the last refinement, which is how the format picks its lower slopes.
    doubtful : whether the checkers may see that otherwise.
    is_relu : the others are linear.
    """

    lower: Array
    upper: Array
    noise: Array
    near: Array
    under: Array
    rising: Flags
    doubtful: Flags
    is_relu: Flags

    def take(self, which: NDArray[np.int64]) -> Units:
        """Some of the units, or of the nodes."""
        return Units(*(getattr(self, field.name)[which] for field in fields(self)))

    @classmethod
    def stacked(cls, parts: Sequence[Units]) -> Units:
        """The same layer at several nodes: arrays (nodes x units)."""
        return cls(*(np.stack([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    @property
    def is_open(self) -> Flags:
        """Relu units that are not dead or active for sure."""
        return self.is_relu & (self.lower < 0) & (self.upper > 0)

    @property
    def ranges(self) -> tuple[Array, Array]:
        """Least and largest values of the units."""
        return (
            np.where(self.is_relu, np.maximum(self.lower, 0.0), self.lower),
            np.where(self.is_relu, np.maximum(self.upper, 0.0), self.upper),
        )

    def lines(self) -> Lines:
        """The lines around the values.

        An upper line has its slope in multiples of 2^-20, as in the format. A unit that may be dead, unstable
        or active for the checkers is only taken to lie between the backward bounds of its pre-activation:
        a backward pass of a sum is at least the sum of those of its terms, so that no choice of theirs is
        worse.
        """
        L, U = self.lower, self.upper
        is_open, low, high = self.is_open, self.lower < -self.near, self.upper > self.near
        unstable = is_open & low & high
        near_dead, near_active = is_open & ~high, is_open & high & ~low
        width = np.where(is_open, U - L, 1.0)
        steps = np.floor(np.where(is_open, U / width, 0.0) * _SLOPES - _BORDER)
        part = np.where(is_open & high, np.maximum(steps, 0.0) / _SLOPES, 0.0)
        dead = self.is_relu & (U <= 0)
        return Lines(
            unstable,
            np.where(unstable | near_dead | dead, 0.0, 1.0),
            np.where(near_dead & ~low, np.minimum(self.under, 0.0), 0.0),
            np.where(is_open, part, np.where(dead, 0.0, 1.0)),
            np.where(is_open, np.maximum(-part * L, (1.0 - part) * U), 0.0),
            near_dead,
            near_active,
        )


@dataclass(frozen=True)
class Bounds:
    """What is known at one node, layer by layer."""

    layers: tuple[Units, ...]

    @property
    def is_empty(self) -> bool:
        """Whether some unit has no value left."""
        return any(bool(np.any(units.lower > units.upper)) for units in self.layers)

    def n_open(self, first: int) -> int:
        """Number of open units in the layers from this one on."""
        return sum(int(np.count_nonzero(units.is_open)) for units in self.layers[first:])

    def split(self, layer: int, unit: int, sign: int) -> Bounds:
        """Bounds under z >= 0 (sign 1) or z <= 0 (sign -1) for one unit; layer and unit count from 0.

        Examples
        --------
        >>> import numpy as np
        >>> one, no = np.ones(1), np.zeros(1, dtype=bool)
        >>> bounds = Bounds((Units(-one, one, 0 * one, 0 * one, -one, ~no, no, ~no),))
        >>> bounds.split(0, 0, 1).layers[0].lower.tolist(), bounds.layers[0].lower.tolist()
        ([0.0], [-1.0])
        """
        units = self.layers[layer]
        if sign > 0:
            lower = units.lower.copy()
            lower[unit] = max(lower[unit], 0.0)
            units = replace(units, lower=lower)
        else:
            upper = units.upper.copy()
            upper[unit] = min(upper[unit], 0.0)
            units = replace(units, upper=upper)
        return Bounds((*self.layers[:layer], units, *self.layers[layer + 1 :]))
