"""A layer of maxout units: each is a tropical polynomial, the regions of the layer are those of the product.

A layer of units p_1, .., p_m has as many regions as the tropical product p_1 (.) .. (.) p_m has essential
terms: the upper vertices of the Minkowski sum of the lifted Newton polytopes (Montufar, Ren and Zhang
2021).
"""

from __future__ import annotations

from collections.abc import Sequence

from exactnet.errors import InputError
from exactnet.geometry.bounds import maxout_layer_bound
from exactnet.tropical.polynomial import TropicalPolynomial

__all__ = ["layer_product", "n_layer_regions", "parallel_units"]


def layer_product(units: Sequence[TropicalPolynomial]) -> TropicalPolynomial:
    """The tropical product of all units, with essential terms only; they are pruned after every factor.

    Raises
    ------
    InputError : no units.

    Examples
    --------
    >>> layer_product(parallel_units(1, [3, 3])).n_terms
    5
    """
    if not units:
        raise InputError("a layer without units", where="units", expected="at least one")
    product = units[0].normal_form()
    for unit in units[1:]:
        product = (product * unit).normal_form()
    return product


def n_layer_regions(units: Sequence[TropicalPolynomial]) -> int:
    """The number of regions of a layer: sets of points where every unit has one affine form.

    Examples
    --------
    >>> n_layer_regions(parallel_units(2, [4, 3])), maxout_layer_bound(2, [4, 3])
    (12, 12)
    """
    return layer_product(units).n_terms


def parallel_units(n_inputs: int, ranks: Sequence[int]) -> tuple[TropicalPolynomial, ...]:
    """Units of these ranks that attain `maxout_layer_bound`.

    Unit i is max over j < k_i of j <a_i, x> - (b_i1 + .. + b_ij), with breaks on the parallel hyperplanes
    <a_i, x> = b_ij for increasing b_ij. The directions a_i = (1, s, s^2, ..) with different s are in general
    position. The b_ij are different powers of a number so large that no n+1 hyperplanes of different
    directions meet: the determinant that would have to vanish is a combination of such powers with small
    coefficients.

    Examples
    --------
    >>> parallel_units(1, [3])
    (TropicalPolynomial(max(0, -1 + x1, -3 + 2*x1)),)
    """
    maxout_layer_bound(n_inputs, ranks)
    # the coefficients are minors of the directions: at most n! times the product of their largest entries
    largest = 1
    for k in range(n_inputs):
        largest *= (k + 1) * max(len(ranks), 1) ** k
    base, power = 2 * largest, 0
    units = []
    for i, rank in enumerate(ranks, start=1):
        terms: dict[Sequence[object], object] = {(0,) * n_inputs: 0}
        total = 0
        for j in range(1, rank):
            total += base**power
            power += 1
            terms[tuple(j * i**k for k in range(n_inputs))] = -total
        units.append(TropicalPolynomial.from_terms(terms, n_inputs))
    return tuple(units)
