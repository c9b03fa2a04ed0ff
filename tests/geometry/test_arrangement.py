"""Cells of central arrangements: closed-form counts, brute force over all sign vectors, degenerate rows."""

from itertools import combinations, product
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import LimitReached, ShapeError
from exactnet.exact.lp import LinearSystem, feasible
from exactnet.geometry import central_arrangement, cover_bound, enumerate_cells


def braid(n):
    """Hyperplanes x_i = x_j: rank n - 1 in R^n, so the arrangement has lineality."""
    return [tuple((k == i) - (k == j) for k in range(n)) for i, j in combinations(range(n), 2)]


def type_b(n):
    """Reflection arrangement of type B: x_i = 0, x_i = +-x_j."""
    axes = [tuple(int(k == i) for k in range(n)) for i in range(n)]
    sums = [tuple((k == i) + (k == j) for k in range(n)) for i, j in combinations(range(n), 2)]
    return axes + sums + braid(n)


def type_d(n):
    """Reflection arrangement of type D: x_i = +-x_j."""
    return [form for form in type_b(n) if sum(map(abs, form)) == 2]


def resonance(n):
    """All sums over non-empty subsets of coordinates."""
    return [bits for bits in product((0, 1), repeat=n) if any(bits)]


def threshold(n):
    """Linear threshold functions of n Boolean variables: one form (1, x) a vertex of the cube."""
    return [(1, *bits) for bits in product((-1, 1), repeat=n)]


# counts: Stanley's notes for the reflection arrangements, OEIS A034997 (resonance), A000609 (threshold)
KNOWN = [
    *[pytest.param(braid(n), factorial(n), id=f"braid{n}") for n in (2, 3, 4, 5)],
    *[pytest.param(type_b(n), 2**n * factorial(n), id=f"B{n}") for n in (1, 2, 3, 4)],
    *[pytest.param(type_d(n), 2 ** (n - 1) * factorial(n), id=f"D{n}") for n in (3, 4)],
    *[pytest.param(resonance(n), c, id=f"resonance{n}") for n, c in ((1, 2), (2, 6), (3, 32), (4, 370))],
    *[pytest.param(threshold(n), c, id=f"threshold{n}") for n, c in ((1, 4), (2, 14), (3, 104))],
]


@pytest.mark.parametrize(("forms", "n_cells"), KNOWN)
def test_known_counts(forms, n_cells):
    assert enumerate_cells(central_arrangement(forms)).n_cells == n_cells


@pytest.mark.slow
def test_resonance_5():
    assert enumerate_cells(central_arrangement(resonance(5))).n_cells == 11292


@pytest.mark.parametrize(("n", "d", "n_cells"), [(5, 2, 10), (6, 3, 32), (7, 3, 44), (7, 4, 84), (8, 2, 16)])
def test_general_position_meets_covers_count(n, d, n_cells):
    rows = np.random.default_rng(n * d).integers(-1000, 1001, (n, d)).tolist()
    table = enumerate_cells(central_arrangement(rows))
    assert table.n_cells == n_cells == cover_bound(n, d)


def test_points_with_ones_column():
    rows = [(x, y, 1) for x, y in ((1, 1), (-1, -1), (1, -1), (-1, 1))]
    assert enumerate_cells(central_arrangement(rows)).n_cells == 14


def brute_force(rows):
    """Sign vectors of the distinct forms that an exact linear program calls feasible."""
    forms = central_arrangement(rows).forms
    found = set()
    for signs in product((1, -1), repeat=len(forms)):
        inside = [[-s * x for x in form] for s, form in zip(signs, forms, strict=True)]
        if (
            not forms
            or feasible(LinearSystem(inside, ["<"] * len(forms), [0] * len(forms))).point is not None
        ):
            found.add(signs)
    return found


def listed(table):
    half = {tuple(int(s) for s in row) for row in table.signs}
    return half | ({tuple(-s for s in row) for row in half} if table.has_mirror else set())


rows_with_ties = st.integers(1, 3).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-2, 2)] * d), min_size=1, max_size=6)
)


@settings(max_examples=60, deadline=None)
@given(rows_with_ties)
def test_equals_brute_force_on_small_integer_rows(rows):
    table = enumerate_cells(central_arrangement(rows))
    assert listed(table) == brute_force(rows)
    assert len(listed(table)) == table.n_cells


@settings(max_examples=60, deadline=None)
@given(rows_with_ties)
def test_every_witness_lies_strictly_inside_its_cell(rows):
    table = enumerate_cells(central_arrangement(rows))
    for signs, point in zip(table.signs, table.witnesses, strict=True):
        for s, form in zip(signs, table.arrangement.forms, strict=True):
            assert int(s) * sum(a * b for a, b in zip(form, point, strict=True)) > 0


@settings(max_examples=40, deadline=None)
@given(rows_with_ties, st.randoms(use_true_random=False))
def test_order_scale_and_sign_of_rows_do_not_matter(rows, random):
    factors = [random.choice((-3, 2, 1)) for _ in rows]
    changed = [tuple(c * x for x in row) for c, row in zip(factors, rows, strict=True)]
    random.shuffle(changed)
    same = enumerate_cells(central_arrangement(rows)).n_cells
    assert enumerate_cells(central_arrangement([*changed, (0,) * len(rows[0])])).n_cells == same


@pytest.mark.parametrize(
    ("rows", "n_cells"),
    [
        ([(0, 0)], 1),
        ([(0,)], 1),
        ([(3,)], 2),
        ([(1,), (2,), (-5,)], 2),
        ([(1, 1), (1, 1), (2, 2), (0, 0), (-1, 2)], 4),
        ([(1, 2, 3), (-2, -4, -6)], 2),
        ([(1, 0, 0), (0, 1, 0)], 4),
    ],
)
def test_degenerate_rows(rows, n_cells):
    assert enumerate_cells(central_arrangement(rows)).n_cells == n_cells


def test_zero_rows_have_no_form_and_scales_are_kept():
    arrangement = central_arrangement([(1, 2), (0, 0), (-2, -4)])
    assert arrangement.forms == ((1, 2),)
    assert arrangement.rows == ((0, 1), None, (0, -2))


def test_nearly_parallel_lines_keep_their_thin_cell():
    big = 2**80
    rows = [(1, 0), (big, 1), (big, -1)]
    table = enumerate_cells(central_arrangement(rows))
    assert table.n_cells == 6


def test_limit_is_checked_before_the_work():
    rows = np.random.default_rng(0).integers(-9, 10, (200, 6)).tolist()
    with pytest.raises(LimitReached, match="limit"):
        enumerate_cells(central_arrangement(rows), max_cells=1000)


def test_ragged_rows():
    with pytest.raises(ShapeError):
        central_arrangement([(1, 2), (1,)])


def test_activity_of_opposite_rows():
    table = enumerate_cells(central_arrangement([(1,), (-1,), (0,)]))
    assert table.activity().tolist() == [[True, False, False]]
