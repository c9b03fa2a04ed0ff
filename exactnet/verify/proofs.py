"""What an engine hands over: a tree in the node codes of FORMAT.md, a point that refutes, or why neither."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from exactnet.errors import UnsupportedError
from exactnet.model.property import Property
from exactnet.verify.float_bounds import root_bounds
from exactnet.verify.lowered import ReluNetwork

__all__ = ["GRID", "Limits", "Search", "Tree", "grid_for"]

GRID = 44
# bounds in grid units stay below 2^_ROOM, so that the compiled checker has room for its sums
_ROOM = 58


@dataclass(frozen=True)
class Tree:
    """A tree for some cases of a property, nodes in pre-order as FORMAT.md (section 7) writes them.

    Parameters
    ----------
    cases : numbers of the cases that it refutes; they have the same box.
    nodes : the node stream.
    n_leaves : its leaves, open ones counted.
    is_complete : no leaf is open.
    """

    cases: tuple[int, ...]
    nodes: tuple[int, ...]
    n_leaves: int
    is_complete: bool


@dataclass(frozen=True)
class Limits:
    """When an engine has to give up.

    Parameters
    ----------
    seconds : of wall time, from the making of this object.
    max_nodes : of the tree that is searched.
    should_stop : asked now and then; a true answer ends the search.
    """

    seconds: float = float("inf")
    max_nodes: int = 2**40
    should_stop: Callable[[], bool] | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.started + self.seconds - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether time is up or somebody asked to stop."""
        return self.left <= 0 or (self.should_stop is not None and self.should_stop())


@dataclass(frozen=True)
class Search:
    """How a search ended.

    Parameters
    ----------
    tree : the tree so far; complete when it refutes all cases, None if there is nothing to keep.
    witness : a point that seems to satisfy some case; to be confirmed exactly.
    reason : why the search stopped, in a few words.
    stats : counts for people.
    more : further complete trees, for cases that `tree` leaves out.
    """

    tree: Tree | None
    witness: tuple[Fraction, ...] | None
    reason: str
    stats: Mapping[str, int | float] = field(default_factory=dict)
    more: tuple[Tree, ...] = ()


def grid_for(net: ReluNetwork, prop: Property) -> int:
    """Binary digits after the point for the bounds of a certificate: 44, fewer where numbers are large.

    Raises
    ------
    UnsupportedError : the bounds inside the network exceed 2^57: not one digit is left.
    """
    lower = [min(float(case.lower[i]) for case in prop.cases) for i in range(net.n_inputs)]
    upper = [max(float(case.upper[i]) for case in prop.cases) for i in range(net.n_inputs)]
    bounds = root_bounds(net.floats, np.array(lower), np.array(upper))
    digits = max(0, math.frexp(bounds.largest)[1]) if math.isfinite(bounds.largest) else 2000
    if _ROOM - digits < 1:
        raise UnsupportedError(
            "the values inside the network can be too large for certified bounds",
            got=f"bounds of about 2^{digits}",
            expected=f"less than 2^{_ROOM - 1}",
            hint="scale the layers: relu(c z) = c relu(z) for c > 0",
        )
    return min(GRID, _ROOM - digits)
