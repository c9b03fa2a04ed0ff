"""All vertices of a pointed polyhedron with many degenerate ones: double description with bit sets.

Like :mod:`exactnet.geometry.double_description`, but two rays are tested for adjacency by intersecting, for
all forms that vanish on both, the sets of rays on which the form vanishes: they are adjacent exactly if the
two are all that is left (Fukuda and Prodon 1996, proposition 7). With thousands of rays and few forms this is
much less work than to compare with every ray.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from operator import mul

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import LimitReached
from exactnet.exact import independent_rows
from exactnet.geometry.double_description import simplicial_cone
from exactnet.geometry.layers import Form

__all__ = ["vertices_of"]


def vertices_of(forms: Sequence[Form], dimension: int, *, max_rays: int) -> tuple[tuple[Fraction, ...], ...]:
    """The vertices of {t : form.(t, 1) >= 0 for all forms}, which may not contain a line.

    Parameters
    ----------
    forms : integers, dimension + 1 each.
    max_rays : of every cone on the way.

    Raises
    ------
    LimitReached : more rays.

    Examples
    --------
    >>> [tuple(map(str, v)) for v in vertices_of([(1, 0, 0), (0, 1, 0), (-2, -1, 3)], 2, max_rays=10)]
    [('0', '0'), ('3/2', '0'), ('0', '3')]
    """
    if not dimension:
        return ((),)
    rows = [(0,) * dimension + (1,), *dict.fromkeys(map(tuple, forms))]
    basis = independent_rows(rows)
    start = simplicial_cone([rows[k] for k in basis], basis)
    tight = np.array([[bits >> k & 1 for k in range(len(rows))] for bits in start.tight], dtype=bool)
    cone = _Cone(list(start.rays), tight)
    for k in (k for k in range(len(rows)) if k not in basis):
        cone = cone.cut(rows[k], k)
        if len(cone.rays) > max_rays:
            raise LimitReached(
                "a polyhedron with too many vertices",
                where="double description",
                got=f"{len(cone.rays)} rays after {k} of {len(rows)} rows",
                expected=f"at most {max_rays}",
                hint="raise the limit",
            )
    found = [tuple([Fraction(x, ray[-1]) for x in ray[:-1]]) for ray in cone.rays if ray[-1]]
    return tuple(found)


@dataclass(frozen=True)
class _Cone:
    """A pointed cone by its extreme rays; `tight` says which of all forms are zero on which ray."""

    rays: list[Form]
    tight: NDArray[np.bool_]

    def cut(self, form: Form, k: int) -> _Cone:
        """The part where the form, which has number k, is not negative."""
        values = [sum(map(mul, form, ray)) for ray in self.rays]
        above = [i for i, value in enumerate(values) if value > 0]
        below = [i for i, value in enumerate(values) if value < 0]
        zero = [i for i, value in enumerate(values) if value == 0]
        rays, rows = [self.rays[i] for i in (*above, *zero)], [self.tight[above], self.tight[zero].copy()]
        rows[1][:, k] = True
        for i, j in self._edges(above, below):
            rays.append(_between(self.rays[i], values[i], self.rays[j], -values[j]))
            common = self.tight[i] & self.tight[j]
            common[k] = True
            rows.append(common[None, :])
        return _Cone(rays, np.concatenate(rows))

    def _edges(self, above: Sequence[int], below: Sequence[int]) -> Iterator[tuple[int, int]]:
        """The adjacent pairs of a ray above and a ray below."""
        if not above or not below:
            return
        needed = len(self.rays[0]) - 2
        # column f: the rays on which form f is zero, as one integer
        packed = np.packbits(self.tight, axis=0, bitorder="little").T
        columns = [int.from_bytes(column.tobytes(), "little") for column in packed]
        lower = self.tight[below].astype(np.int64).T
        for i in above:
            own = self.tight[i]
            for n in np.flatnonzero(own.astype(np.int64) @ lower >= needed).tolist():
                j = below[n]
                rest = -1
                for f in np.flatnonzero(own & self.tight[j]).tolist():
                    rest &= columns[f]
                # without any common form (needed = 0) the two rays are the whole cone
                if rest == 1 << i | 1 << j or (rest == -1 and len(self.rays) == 2):
                    yield i, j


def _between(p: Form, above: int, q: Form, below: int) -> Form:
    """The primitive ray below * p + above * q, on which the form vanishes."""
    entries = [below * x + above * y for x, y in zip(p, q, strict=True)]
    divisor = gcd(*entries)
    return tuple([value // divisor for value in entries])
