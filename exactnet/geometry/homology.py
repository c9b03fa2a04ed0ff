"""Homology of a chain complex: over the integers with torsion, and Betti numbers over Q and the fields F_p.

One Smith normal form a boundary map answers for all coefficients: the rank over Q is the number of invariant
factors, the rank over F_p the number of those that p does not divide, and those above 1 are the torsion
(Munkres, Elements of Algebraic Topology, 1984, section 11). Over F_2 plain elimination is faster.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

from exactnet.errors import InputError
from exactnet.geometry.chains import ChainComplex
from exactnet.geometry.smith import invariant_factors, rank_mod_2

__all__ = ["HomologyGroup", "chain_betti_numbers", "integer_homology"]


@dataclass(frozen=True, repr=False)
class HomologyGroup:
    """A finitely generated abelian group Z^rank + Z/t_1 + Z/t_2 + .., each t dividing the next.

    Examples
    --------
    >>> HomologyGroup(2, (2, 4)), HomologyGroup(0)
    (Z^2 + Z/2 + Z/4, 0)
    """

    rank: int
    torsion: tuple[int, ...] = ()

    def __repr__(self) -> str:
        free = [] if not self.rank else ["Z" if self.rank == 1 else f"Z^{self.rank}"]
        return " + ".join([*free, *(f"Z/{t}" for t in self.torsion)]) or "0"


def integer_homology(chains: ChainComplex) -> tuple[HomologyGroup, ...]:
    """H_0, H_1, .. over the integers, one a degree.

    Examples
    --------
    The Klein bottle: two edges, one square that runs a, b, a, -b.

    >>> integer_homology(ChainComplex.from_matrices([[[0, 0]], [[2], [0]]]))
    (Z, Z + Z/2, 0)
    """
    factors = [invariant_factors(columns) for columns in chains.boundaries] + [()]
    return tuple(
        HomologyGroup(n - len(factors[k]) - len(factors[k + 1]), tuple(f for f in factors[k + 1] if f > 1))
        for k, n in enumerate(chains.ranks)
    )


def chain_betti_numbers(chains: ChainComplex, field: int = 2) -> tuple[int, ...]:
    """Dimensions of the homology over a field, one a degree.

    Parameters
    ----------
    field : its characteristic: a prime p for F_p, 0 for Q.

    Raises
    ------
    InputError : neither 0 nor a prime.

    Examples
    --------
    >>> plane = ChainComplex.from_matrices([[[0]], [[2]]])
    >>> [chain_betti_numbers(plane, p) for p in (2, 3, 0)]
    [(1, 1, 1), (1, 0, 0), (1, 0, 0)]
    """
    if field != 0 and not _is_prime(field):
        raise InputError(
            "no field has this characteristic", where="field", got=str(field), expected="0 or a prime"
        )
    if field == 2:
        ranks = [rank_mod_2(columns) for columns in chains.boundaries]
    else:
        factors = map(invariant_factors, chains.boundaries)
        ranks = [sum(1 for f in found if not field or f % field) for found in factors]
    ranks.append(0)
    return tuple(n - ranks[k] - ranks[k + 1] for k, n in enumerate(chains.ranks))


def _is_prime(p: int) -> bool:
    return p > 1 and all(p % q for q in range(2, isqrt(p) + 1))
