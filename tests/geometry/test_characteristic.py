"""Characteristic polynomials: closed forms, tables, Zaslavsky, deletion and restriction by hand."""

from fractions import Fraction
from itertools import product
from math import comb, factorial, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.geometry import named
from exactnet.geometry.characteristic import characteristic_polynomial, f_vector, n_generic_cells
from exactnet.geometry.hyperplanes import arrangement
from exactnet.geometry.stream import count_cells


def chi_of(source):
    return characteristic_polynomial(source)


def from_roots(*roots):
    """The coefficients of prod (t - root), highest first."""
    coefficients = [1]
    for root in roots:
        longer = [*coefficients, 0]
        for k, value in enumerate(coefficients):
            longer[k + 1] -= root * value
        coefficients = longer
    return tuple(coefficients)


# -- products of linear factors (Stanley's notes) ------------------------------------------------------

FACTORED = [
    *[(named.boolean(n), [1] * n) for n in (0, 1, 2, 4)],
    *[(named.braid(n), range(n)) for n in (1, 2, 3, 4, 5, 6)],
    *[(named.type_b(n), range(1, 2 * n, 2)) for n in (1, 2, 3, 4, 5)],
    *[(named.type_d(n), [*range(1, 2 * n - 2, 2), n - 1]) for n in (2, 3, 4, 5)],
    (named.type_f4(), (1, 5, 7, 11)),
    (named.type_e(6), (1, 4, 5, 7, 8, 11, 0, 0)),
    (named.type_e(7), (1, 5, 7, 9, 11, 13, 17, 0)),
    *[(named.shi(n), [0] + [n] * (n - 1)) for n in (2, 3, 4, 5)],
    *[(named.catalan(n), [0, *range(n + 1, 2 * n)]) for n in (2, 3, 4, 5)],
]


@pytest.mark.parametrize(("source", "roots"), FACTORED, ids=lambda value: getattr(value, "name", None))
def test_factored_polynomials(source, roots):
    chi = chi_of(source)
    assert chi.coefficients == from_roots(*roots)
    assert chi.n_cells == prod(1 + root for root in roots)
    assert all(chi(root) == 0 for root in roots)


def test_orders_of_reflection_groups():
    assert [chi_of(named.type_b(n)).n_cells for n in (3, 4, 5)] == [48, 384, 3840]
    assert [chi_of(named.type_d(n)).n_cells for n in (4, 5)] == [192, 1920]
    assert chi_of(named.type_f4()).n_cells == 1152
    assert chi_of(named.type_e(6)).n_cells == 51840
    assert chi_of(named.type_e(7)).n_cells == 2903040


# -- deformations of the braid arrangement: cells and relatively bounded cells -------------------------

DEFORMATIONS = [
    (named.shi, (2, 3, 4, 5), (3, 16, 125, 1296), (1, 4, 27, 256)),
    (named.catalan, (2, 3, 4, 5), (4, 30, 336, 5040), (2, 12, 120, 1680)),
    (named.linial, (2, 3, 4, 5, 6), (2, 7, 36, 246, 2104), (0, 1, 4, 26, 212)),
    (named.semiorder, (2, 3, 4, 5), (3, 19, 183, 2371), (1, 7, 61, 751)),
]


@pytest.mark.parametrize(("family", "ns", "cells", "bounded"), DEFORMATIONS)
def test_deformations(family, ns, cells, bounded):
    chis = [chi_of(family(n)) for n in ns]
    assert tuple(chi.n_cells for chi in chis) == cells
    assert tuple(chi.n_relatively_bounded for chi in chis) == bounded
    assert all(chi.n_bounded == 0 for chi in chis)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_linial_closed_form(n):
    chi = chi_of(named.linial(n))
    for t in range(-3, 9):
        closed = Fraction(t, 2**n) * sum(comb(n, k) * (t - k) ** (n - 1) for k in range(n + 1))
        assert chi(t) == closed


def test_linial_5():
    assert chi_of(named.linial(5)).coefficients == (1, -10, 45, -100, 90, 0)


# -- tables (OEIS A344494, A034997, A000609, A005840, A341769) -----------------------------------------

RESONANCE = {
    1: (1, 1),
    2: (1, 3, 2),
    3: (1, 7, 15, 9),
    4: (1, 15, 80, 170, 104),
    5: (1, 31, 375, 2130, 5270, 3485),
    6: (1, 63, 1652, 22435, 159460, 510524, 371909),
}
THRESHOLD = {
    2: (1, 4, 6, 3),
    3: (1, 8, 28, 44, 23),
    4: (1, 16, 120, 460, 820, 465),
    5: (1, 32, 496, 4240, 19660, 43014, 27129),
}


@pytest.mark.parametrize("n", RESONANCE)
def test_resonance_rows(n):
    chi = chi_of(named.resonance(n))
    assert chi.betti == RESONANCE[n]
    assert chi.n_cells == (2, 6, 32, 370, 11292, 1066044)[n - 1]


@pytest.mark.parametrize("n", THRESHOLD)
def test_threshold_rows(n):
    chi = chi_of(named.threshold(n))
    assert chi.betti == THRESHOLD[n]
    assert chi.n_cells == {2: 14, 3: 104, 4: 1882, 5: 94572}[n]


def test_threshold_6():
    chi = chi_of(named.threshold(6))
    assert chi.betti == (1, 64, 2016, 36848, 400400, 2453248, 7111650, 5023907)
    assert chi.n_cells == 15028134


@pytest.mark.slow
def test_resonance_7():
    chi = chi_of(named.resonance(7))
    assert chi.betti == (1, 127, 7035, 215439, 3831835, 37769977, 169824305, 135677633)
    assert chi.n_cells == 347326352


def test_threshold_graphs_and_boxed_threshold():
    assert [chi_of(named.threshold_graphs(n)).n_cells for n in range(3, 8)] == [8, 46, 332, 2874, 29024]
    assert [chi_of(named.boxed_threshold(n)).n_cells for n in range(1, 6)] == [3, 12, 64, 436, 3624]


PETERSEN = (
    [(i, (i + 1) % 5) for i in range(5)]
    + [(i, i + 5) for i in range(5)]
    + [(5 + i, 5 + (i + 2) % 5) for i in range(5)]
)


def test_graphs():
    for n in range(3, 8):
        assert chi_of(named.graphical([(i, (i + 1) % n) for i in range(n)])).n_cells == 2**n - 2
    chi = chi_of(named.graphical(PETERSEN))
    assert chi.n_cells == 16680
    assert chi.coefficients == (1, -15, 105, -455, 1353, -2861, 4275, -4305, 2606, -704, 0)
    # the chromatic polynomial: not 2-colourable, 120 colourings with 3 colours
    assert (chi(2), chi(3)) == (0, 120)


def test_other_tables():
    assert chi_of(named.demicube(5)).coefficients == (1, -16, 120, -500, 1160, -1362, 597)
    assert chi_of(named.demicube(5)).n_cells == 3756
    assert chi_of(named.discriminantal(4, 6)).n_cells == 600
    toy = chi_of([(-1, 1, -1), (1, 0, 0), (1, 1, -1), (0, 1, 0)])
    assert (toy.betti, toy.n_cells, toy.n_bounded) == ((1, 4, 5), 10, 2)


# -- general position ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(0, 2), (1, 1), (5, 1), (3, 5), (9, 2), (8, 3), (10, 4), (12, 3)])
@pytest.mark.parametrize("family", [named.cyclic, named.generic])
def test_general_position(n, d, family):
    chi = chi_of(family(n, d))
    assert chi.betti == tuple(comb(n, k) for k in range(d + 1))
    assert chi.n_cells == n_generic_cells(n, d)
    assert chi.n_relatively_bounded == (comb(n - 1, d) if n > d else 1 if n == 0 else 0)


def test_generic_central():
    rows = [(*form[:-1], 0) for form in named.cyclic(9, 4).forms]
    assert chi_of(rows).n_cells == 2 * sum(comb(8, i) for i in range(4))


# -- degenerate input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forms", "betti"),
    [
        ([(0, 0, 0)], (1, 0, 0)),
        ([(0, 0, 3), (0, 0, -3)], (1, 0, 0)),
        ([(1, 2), (2, 4), (-1, -2), (0, 0)], (1, 1)),
        ([(1, 0), (1, -1), (1, -2)], (1, 3)),
        ([(1, 0, 0), (1, 0, -1), (1, 0, -2)], (1, 3, 0)),
        ([(1, 1, 0), (-1, -1, 0), (1, 1, 1)], (1, 2, 0)),
        ([(5,)], (1,)),
    ],
)
def test_degenerate_forms(forms, betti):
    chi = chi_of(forms)
    assert chi.betti == betti
    assert chi.n_cells == sum(betti)
    assert count_cells(forms).n_cells == sum(betti)


def test_text_and_attributes():
    chi = chi_of(named.braid(3))
    assert str(chi) == "t^3 - 3t^2 + 2t"
    assert (chi.dimension, chi.rank) == (3, 2)
    assert str(chi_of(arrangement([], dimension=1))) == "t"
    assert str(chi_of([(1, -2)])) == "t - 1"


def by_deletion_and_restriction(forms):
    """Coefficients by the two-term rule over fractions, with nothing shared but the idea."""
    d = len(forms[0]) - 1 if forms else 0
    planes = {}
    for form in forms:
        lead = next((Fraction(x) for x in form[:-1] if x), None)
        if lead is not None:
            planes[tuple(x / lead for x in form)] = None
    return _chi(list(planes), d)


def _chi(planes, d):
    if not planes:
        return [1] + [0] * d
    *others, last = planes
    pivot = next(k for k in range(d) if last[k])
    cut = {}
    for plane in others:
        trace = [x - plane[pivot] / last[pivot] * y for x, y in zip(plane, last, strict=True)]
        del trace[pivot]
        lead = next((x for x in trace[:-1] if x), None)
        if lead is not None:
            cut[tuple(x / lead for x in trace)] = None
    return [a - b for a, b in zip(_chi(others, d), [0, *_chi(list(cut), d - 1)], strict=True)]


small_forms = st.integers(1, 3).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-2, 2)] * (d + 1)), min_size=1, max_size=7)
)


@settings(max_examples=120, deadline=None)
@given(small_forms)
def test_equals_deletion_and_restriction(forms):
    assert list(chi_of(forms).coefficients) == by_deletion_and_restriction(forms)
    assert characteristic_polynomial(forms, compiled=True) == characteristic_polynomial(forms, compiled=False)


@settings(max_examples=60, deadline=None)
@given(small_forms)
def test_zaslavsky_equals_enumeration(forms):
    chi, found = chi_of(forms), count_cells(forms)
    assert chi.n_cells == found.n_cells
    assert chi.n_relatively_bounded == found.n_relatively_bounded
    assert chi.n_bounded == found.n_bounded


planar_forms = st.lists(
    st.tuples(*[st.integers(-2, 2)] * 3).filter(lambda form: any(form[:-1])), min_size=1, max_size=7
)


@settings(max_examples=40, deadline=None)
@given(planar_forms)
def test_points_over_a_finite_field(forms):
    # Athanasiadis 1996: for large primes q, chi(q) counts the points of the plane over F_q off all lines
    q = 61
    off = sum(all((a * x + b * y + c) % q for a, b, c in forms) for x, y in product(range(q), repeat=2))
    assert chi_of(forms)(q) == off


# -- faces ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "d"), [(1, 1), (4, 1), (5, 2), (6, 3), (3, 3)])
def test_f_vector_in_general_position(n, d):
    closed = tuple(sum(comb(n, i) * comb(i, d - k) for i in range(d - k, d + 1)) for k in range(d + 1))
    assert f_vector(named.cyclic(n, d)) == closed


def test_f_vector_of_the_braid_arrangement_counts_ordered_partitions():
    # faces of dimension k: ordered partitions into k blocks, k! S(n, k)
    assert f_vector(named.braid(4)) == (0, 1, 14, 36, 24)
    assert sum(f_vector(named.braid(3))) == 13
    assert f_vector(named.boolean(3)) == tuple(comb(3, k) * 2**k for k in range(4))
    assert f_vector(named.type_b(3))[-1] == 2**3 * factorial(3)


@settings(max_examples=40, deadline=None)
@given(small_forms)
def test_euler_relation_of_faces(forms):
    counts = f_vector(forms)
    assert counts[-1] == chi_of(forms).n_cells
    assert sum((-1) ** k * count for k, count in enumerate(counts)) == (-1) ** (len(counts) - 1)


def test_progress_is_reported():
    calls = []
    characteristic_polynomial(named.resonance(4), compiled=True, progress=lambda *call: calls.append(call))
    assert calls[-1] == ("hyperplanes", 14, 14)  # the first one is put at infinity
