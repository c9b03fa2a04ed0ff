"""The integer walk: both twins, the big-integer fallback, 128-bit products, records, budgets."""

import hashlib
from math import comb, gcd
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exactnet.kernels
from exactnet.geometry.named import braid, cyclic, generic, resonance, semiorder, type_b
from exactnet.geometry.start import prepare
from exactnet.kernels import _integer_loops, _restriction_loops, _wide_loops, integer_cells
from exactnet.kernels.integer_cells import OpenCell, advance, as_open_cell, open_cell, split_cell
from exactnet.kernels.restriction import betti_numbers, traces


def walk_all(source, **options):
    walk = prepare(source)
    return advance(
        list(walk.start()),
        dimension=walk.dimension,
        n_forms=walk.n_names,
        infinity=walk.infinity,
        **options,
    )


def rows_of(found):
    return {tuple(row) for row in found.signs.tolist()}


CASES = [braid(4), type_b(3), resonance(4), semiorder(4), cyclic(12, 2), cyclic(9, 3), generic(8, 4, seed=1)]


@pytest.mark.parametrize("source", CASES, ids=lambda a: a.name)
def test_twins_agree(source):
    plain = walk_all(source, with_signs=True, compiled=False)
    fast = walk_all(source, with_signs=True, compiled=True)
    assert plain.n_cells == fast.n_cells == len(rows_of(fast))
    assert rows_of(plain) == rows_of(fast)
    assert plain.n_unbounded == fast.n_unbounded
    counted = walk_all(source, compiled=True)
    assert (counted.n_cells, counted.n_unbounded) == (fast.n_cells, fast.n_unbounded)
    assert counted.signs is None
    assert fast.n_plain == 0


small_forms = st.integers(1, 4).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-3, 3)] * (d + 1)), min_size=1, max_size=9)
)


@settings(max_examples=80, deadline=None)
@given(small_forms)
def test_twins_agree_on_degenerate_forms(forms):
    plain = walk_all(forms, with_signs=True, compiled=False)
    fast = walk_all(forms, with_signs=True, compiled=True)
    assert rows_of(plain) == rows_of(fast)
    assert len(rows_of(fast)) == fast.n_cells == walk_all(forms, compiled=True).n_cells
    assert plain.n_unbounded == fast.n_unbounded == walk_all(forms, compiled=True).n_unbounded


@pytest.mark.parametrize("size", [50, 2**8, 2**13, 2**18, 2**40, 2**70])
def test_every_size_of_entries_gives_the_same_count(size):
    # values are determinants of order 4: 31 bits, then 62 (products of 128), then big integers
    found = walk_all(generic(9, 3, seed=5, size=size), with_signs=True, compiled=True)
    assert found.n_cells == sum(comb(9, i) for i in range(4)) == len(rows_of(found))
    assert found.n_cells - found.n_unbounded == comb(8, 3)
    assert (found.n_plain > 0) == (size > 2**13)


@settings(max_examples=60, deadline=None)
@given(small_forms, st.data())
def test_factors_of_the_forms_do_not_matter(forms, data):
    # long values on degenerate cells: all three kinds of arithmetic meet ties
    walk = prepare(forms)
    options = {"dimension": walk.dimension, "n_forms": walk.n_names, "infinity": walk.infinity}
    bits = data.draw(st.sampled_from([28, 40, 55, 80]))
    factors = {name: data.draw(st.integers(1, 2**bits)) for name in walk.rows}
    scaled = [
        open_cell(
            [[factors[n] * x for n, x in zip(cell.names, ray, strict=True)] for ray in cell.values],
            tight=cell.tight,
            names=cell.names,
            decided=cell.decided,
        )
        for cell in walk.start()
    ]
    found = advance(scaled, with_signs=True, compiled=True, **options)
    assert rows_of(found) == rows_of(walk_all(forms, with_signs=True, compiled=False))
    assert found.n_unbounded == walk_all(forms, compiled=False).n_unbounded


def tangents(n):
    """Tangents of the parabola y = x^2, reversed in turns so that the cell above has n facets."""
    return [(2 * t, -1, -t * t) if t % 2 else (-2 * t, 1, t * t) for t in range(n)]


def test_more_facets_than_slots():
    found = walk_all(tangents(90), with_signs=True, compiled=True)
    assert found.n_cells == 1 + 90 + comb(90, 2) == len(rows_of(found))
    assert found.n_plain > 0
    assert found.n_cells - found.n_unbounded == comb(89, 2)


def test_slots_are_given_up_when_forms_stop_being_facets():
    # parallel cuts: each new line makes the one before redundant, and there are more lines than slots
    strips = [(1, 0, -t) for t in range(100)] + [(0, 1, 0), (1, 1, 0), (1, -1, 1)]
    found = walk_all(strips, compiled=True)
    assert found.n_plain == 0
    assert found.n_cells == walk_all(strips, compiled=False).n_cells


@pytest.mark.parametrize("compiled", [False, True])
def test_a_budget_stops_the_walk_and_it_can_be_continued(compiled):
    walk = prepare(resonance(4))
    options = {"dimension": 4, "n_forms": walk.n_names, "with_signs": True, "compiled": compiled}
    cells, rows, n_rounds = list(walk.start()), set(), 0
    while cells:
        found = advance(cells, budget=10, **options)
        assert found.n_cells <= 17
        assert len(rows & rows_of(found)) == 0
        rows |= rows_of(found)
        cells = list(found.open)
        n_rounds += 1
    assert len(rows) == 185
    assert n_rounds >= 11


def test_open_cells_can_be_read():
    walk = prepare(resonance(4))
    found = advance(list(walk.start()), dimension=4, n_forms=15, budget=20, compiled=True)
    assert found.open
    for item in found.open:
        cell = as_open_cell(item, 15)
        assert isinstance(cell, OpenCell)
        for j in range(len(cell.names)):
            column = [ray[j] for ray in cell.values]
            assert min(column) < 0 < max(column)
        again = advance([cell], dimension=4, n_forms=15, with_signs=True, compiled=False)
        assert rows_of(again) == rows_of(
            advance([item], dimension=4, n_forms=15, with_signs=True, compiled=True)
        )


def test_without_numba_the_plain_twin_does_the_work(monkeypatch):
    monkeypatch.setattr(integer_cells, "_loops", lambda: None)
    assert walk_all(resonance(4)).n_cells == 185
    assert walk_all(resonance(4), compiled=True).n_cells == 185


def test_small_walks_never_wait_for_the_compiler(monkeypatch):
    def fail():
        raise AssertionError("numba was asked for")

    monkeypatch.setattr(integer_cells, "_loops", fail)
    assert walk_all(braid(4)).n_cells == 12


@pytest.mark.parametrize("compiled", [False, True])
def test_forms_that_are_multiples_of_each_other(compiled):
    columns = [(1, 2, -3, 0), (-1, -2, 3, 1), (0, 0, 0, -1)]
    for n_names in (1, 2, 3, 4):
        cell = open_cell([ray[:n_names] for ray in columns], tight=(6, 5, 3), names=range(n_names))
        found = advance([cell], dimension=3, n_forms=4, with_signs=True, compiled=compiled)
        expected = {(s, s, not s, t) for s in (True, False) for t in (True, False)}
        rows = {tuple(bool(row[0] >> j & 1) for j in range(n_names)) for row in rows_of(found)}
        assert rows <= {signs[:n_names] for signs in expected}
        assert len(rows) == found.n_cells == (4 if n_names == 4 else 2)


def test_a_form_that_vanishes_on_a_cell_is_not_positive():
    cell = open_cell([(0, 1), (0, -1)], tight=(2, 1), names=(0, 1))
    assert (cell.names, cell.decided) == ((1,), 0)


def test_a_split_in_one_dimension_more_than_the_edge():
    cell = open_cell([(1, 1), (-1, 1), (0, -1)], tight=(6, 5, 3), names=(0, 1))
    positive, negative = split_cell(cell, 3)
    assert len(positive.values) == len(negative.values) == 3
    assert positive.decided == 1


# -- 128-bit products ----------------------------------------------------------------------------------

magnitudes = st.sampled_from([2, 30, 31, 32, 45, 61]).flatmap(
    lambda bits: st.integers(-(2**bits) + 1, 2**bits - 1)
)


@settings(max_examples=300, deadline=None)
@given(magnitudes, magnitudes, magnitudes, magnitudes)
def test_wide_combination_is_exact(a, x, b, y):
    sign, high, low = _wide_loops.wide_combination(abs(a), x, abs(b), y)
    assert sign * (int(high) * 2**64 + int(low)) == abs(a) * x + abs(b) * y


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(magnitudes, magnitudes), min_size=1, max_size=5), magnitudes, magnitudes, magnitudes
)
def test_wide_ray_is_exact_or_refused(pairs, a, b, common):
    shift = max(0, max(abs(a), abs(b), 1).bit_length() + abs(common).bit_length() - 62)
    common = max(1, abs(common) >> shift)
    a, b = abs(a) * common, abs(b) * common  # a common factor that has to be divided out
    k = len(pairs)
    cells = np.array([x for x, _ in pairs] + [y for _, y in pairs] + [0] * k)
    size = _wide_loops.wide_ray(cells, a, 0, b, k, 2 * k, k)
    exact = [a * x + b * y for x, y in pairs]
    divisor = gcd(*exact) or 1
    expected = [value // divisor for value in exact]
    largest = max(map(abs, expected))
    if largest < 2**62:
        assert size == largest
        assert cells[2 * k :].tolist() == expected
    else:
        assert size == -1


def test_compiled_copies_are_renewed_when_a_called_file_changes():
    folder = Path(exactnet.kernels.__file__).parent
    for module in (_integer_loops, _restriction_loops):
        for name, digest in module.COMPILED_WITH.items():
            text = (folder / name).read_bytes().replace(b"\r\n", b"\n")
            assert hashlib.sha256(text).hexdigest()[:16] == digest, (
                f"update COMPILED_WITH in {module.__name__}"
            )


# -- restrictions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", CASES, ids=lambda a: a.name)
def test_betti_numbers_of_both_twins(source):
    plain = betti_numbers(source.hyperplanes, source.dimension, compiled=False)
    assert betti_numbers(source.hyperplanes, source.dimension, compiled=True) == plain


def test_betti_numbers_beyond_31_bits():
    source = generic(8, 3, seed=2, size=2**40)
    assert betti_numbers(source.hyperplanes, 3, compiled=True) == (1, 8, 28, 56)


def test_traces_merge_and_drop_parallels():
    assert traces([(1, 0, 0, 0), (1, 0, 1, 0), (0, 0, 1, 5)], (0, 0, 1, 0)) == [(1, 0, 0)]
