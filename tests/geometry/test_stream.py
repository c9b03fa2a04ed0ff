"""Counting and streaming cells: against linear programs, the reference, closed forms, and themselves."""

import threading
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, LimitReached, ShapeError, UnsupportedError
from exactnet.geometry import named, stream
from exactnet.geometry.characteristic import characteristic_polynomial
from exactnet.geometry.hyperplanes import arrangement
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.stream import count_cells, sign_table, stream_cells
from exactnet.geometry.task import arrangement_task, region_task
from exactnet.model import Network
from tests.support.lp_cells import lp_cells


def listed(source, **options):
    """All sign vectors in the order of the stream."""
    rows = []
    found = stream_cells(source, lambda table: rows.extend(map(tuple, table.unpack().tolist())), **options)
    assert found.n_cells == len(rows) == len(set(rows))
    assert found.is_complete
    return rows


small_forms = st.integers(1, 3).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-2, 2)] * (d + 1)), min_size=1, max_size=6)
)


@settings(max_examples=60, deadline=None)
@given(small_forms)
def test_equals_linear_programming(forms):
    assert set(listed(forms)) == set(lp_cells(forms, len(forms[0]) - 1))


@settings(max_examples=60, deadline=None)
@given(small_forms, st.integers(-2, 1), st.integers(0, 2))
def test_equals_linear_programming_inside_a_box(forms, low, width):
    d = len(forms[0]) - 1
    box = Polyhedron.box([low] * d, [low + width] * d)
    expected = set(lp_cells(forms, d, box.rows)) if width else set()
    assert set(listed(forms, domain=box)) == expected
    assert count_cells(forms, domain=box).n_bounded == len(expected)


@settings(max_examples=60, deadline=None)
@given(small_forms, st.booleans())
def test_equals_the_reference(forms, compiled):
    expected = {cell.signs for cell in reference_cells(arrangement_task(forms))}
    assert set(listed(forms, compiled=compiled)) == expected
    assert count_cells(forms, compiled=compiled).n_cells == len(expected)


@settings(max_examples=40, deadline=None)
@given(small_forms, st.randoms(use_true_random=False))
def test_scale_and_order_of_forms_do_not_matter(forms, random):
    order = list(range(len(forms)))
    random.shuffle(order)
    factors = [random.choice((-3, 1, 2)) for _ in forms]
    changed = [tuple(factors[k] * x for x in forms[k]) for k in order]
    expected = {
        tuple((1 if factors[k] > 0 else -1) * signs[k] if any(forms[k]) else -1 for k in order)
        for signs in listed(forms)
    }
    assert set(listed(changed)) == expected


FAMILIES = [
    named.boolean(6),
    named.braid(6),
    named.type_b(4),
    named.type_d(4),
    named.type_f4(),
    named.type_e(6),
    named.shi(5),
    named.catalan(4),
    named.linial(6),
    named.semiorder(5),
    named.resonance(5),
    named.threshold(4),
    named.demicube(5),
    named.threshold_graphs(6),
    named.boxed_threshold(5),
    named.discriminantal(4, 6),
    named.cyclic(30, 3),
    named.generic(40, 2),
    named.generic(14, 5, seed=3, size=9),
]


@pytest.mark.parametrize("source", FAMILIES, ids=lambda a: a.name)
def test_counts_agree_with_the_characteristic_polynomial(source):
    chi, found = characteristic_polynomial(source), count_cells(source)
    assert found.n_cells == chi.n_cells
    assert found.n_relatively_bounded == chi.n_relatively_bounded
    assert found.n_bounded == chi.n_bounded
    assert found.lineality == source.dimension - source.rank


@pytest.mark.parametrize(
    ("source", "n_cells"),
    [
        (named.resonance(6), 1066044),
        (named.type_e(7), 2903040),
        pytest.param(named.threshold(6), 15028134, marks=pytest.mark.slow),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_large_counts(source, n_cells):
    assert count_cells(source, jobs=2).n_cells == n_cells


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_cells():
    import resource

    count_cells(named.resonance(5), compiled=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    n_rows = 0

    def consume(table):
        nonlocal n_rows
        n_rows += len(table)

    stream_cells(named.type_e(7), consume, jobs=2)
    assert n_rows == 2903040  # 23 MB a sign plane, if they were kept
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 60_000


# -- degenerate input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forms", "rows"),
    [
        ([(0, 0, 0)], [(-1,)]),
        ([(0, 0, 3), (0, 0, -2)], [(1, -1)]),
        ([(1, 0), (1, 0), (-2, 0)], [(1, 1, -1), (-1, -1, 1)]),
        ([(1, 0), (1, -1), (0, 5)], [(1, 1, 1), (1, -1, 1), (-1, -1, 1)]),
        ([(0, 1, 0), (0, 2, -2)], [(1, 1), (1, -1), (-1, -1)]),
        ([(7,)], [(1,)]),
        ([(0,)], [(-1,)]),
        ([(0, 0), (1, 0)], [(-1, 1), (-1, -1)]),
    ],
)
@pytest.mark.parametrize("compiled", [False, True])
def test_degenerate_forms(forms, rows, compiled):
    assert sorted(listed(forms, compiled=compiled)) == sorted(rows)


def test_no_forms():
    assert listed(arrangement([], dimension=3)) == [()]
    assert listed(arrangement([], dimension=0)) == [()]
    found = count_cells(arrangement([], dimension=3))
    assert (found.n_cells, found.n_relatively_bounded, found.n_bounded, found.lineality) == (1, 1, 0, 3)
    assert count_cells(arrangement([], dimension=0)).n_bounded == 1


@pytest.mark.parametrize(
    "rows",
    [
        [(1, 0), (-1, -1)],  # x >= 0 and x <= -1
        [(1, 0), (-1, 0)],  # x = 0
        [(0, -1)],
        [(1, 0), (-1, 0), (1, 1)],
    ],
)
def test_a_domain_without_interior_has_no_cells(rows):
    domain = Polyhedron(tuple(rows), 1)
    found = count_cells([(1, -3)], domain=domain)
    assert (found.n_cells, found.is_complete) == (0, True)
    assert listed([(1, -3)], domain=domain) == []


def test_forms_that_bound_the_domain_have_one_sign():
    box = Polyhedron.box([0], [2])
    assert sorted(listed([(1, 0), (-1, 2), (1, -2), (1, -1)], domain=box)) == [(1, 1, -1, -1), (1, 1, -1, 1)]


def test_many_forms_and_repeated_ones_behind_a_word():
    rows = [(1, -t) for t in range(70)]
    repeated = [*rows, *[tuple(-x for x in row) for row in rows], (0, 0), (0, 1)]
    table = np.array(listed(repeated, compiled=True))
    assert len(table) == 71
    assert (table[:, 70:140] == -table[:, :70]).all()
    assert (table[:, 140] == -1).all()
    assert (table[:, 141] == 1).all()
    # trailing columns that need a word without forms of their own
    constant = [(1, 0)] + [(0, 1)] * 70
    assert sorted(listed(constant)) == [(-1, *[1] * 70), (1, *[1] * 70)]


def test_opposite_cells_are_both_listed():
    rows = set(listed(named.resonance(4)))
    assert len(rows) == 370
    assert rows == {tuple(-s for s in signs) for signs in rows}


# -- tasks, domains, errors ----------------------------------------------------------------------------


def test_a_task_of_one_layer():
    network = Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, 1, 1]], [0])])
    task = region_task(network, Polyhedron.box([0, 0], [1, 1]))
    assert set(listed(task)) == {cell.signs for cell in reference_cells(task)} == {(1, 1, 1), (1, 1, -1)}
    assert count_cells(region_task(network)).n_cells == 7


def test_a_task_of_two_layers_is_refused():
    network = Network.from_arrays([([[1]], [0]), ([[1]], [0]), ([[1]], [0])])
    with pytest.raises(UnsupportedError, match="not the cells of one arrangement"):
        count_cells(region_task(network))


def test_what_does_not_fit():
    with pytest.raises(ShapeError, match="domain does not fit"):
        count_cells([(1, 0, 0)], domain=Polyhedron.box([0], [1]))
    with pytest.raises(InputError, match="workers"):
        count_cells([(1, 0, 0)], jobs=0)


# -- rounds: workers, limits, interruption, resumption -------------------------------------------------


@pytest.fixture
def small_rounds(monkeypatch):
    """Rounds so small that little arrangements need many of them."""
    monkeypatch.setattr(stream, "_CELLS", 40)
    monkeypatch.setattr(stream, "_ROWS", 40)
    monkeypatch.setattr(stream, "_TASKS", 8)
    monkeypatch.setattr(stream, "_STARTS", 3)


@pytest.mark.usefixtures("small_rounds")
@pytest.mark.parametrize("source", [named.resonance(5), named.cyclic(20, 3), named.boxed_threshold(4)])
def test_the_number_of_workers_changes_nothing(source):
    one = listed(source)
    assert listed(source, jobs=2) == one
    assert listed(source, jobs=3) == one
    assert count_cells(source, jobs=3) == count_cells(source)


@pytest.mark.usefixtures("small_rounds")
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("source", [named.resonance(4), named.cyclic(12, 3), named.semiorder(4)])
def test_a_limit_gives_a_lower_bound_and_a_way_to_go_on(source, compiled):
    whole = count_cells(source)
    rows = []

    def consume(table):
        rows.extend(map(tuple, table.unpack().tolist()))

    partial = None
    for limit in (60, 150):
        with pytest.raises(LimitReached, match="resume") as stopped:
            stream_cells(source, consume, max_cells=limit, resume=partial, compiled=compiled)
        assert partial is None or stopped.value.partial.n_cells > partial.n_cells
        partial = stopped.value.partial
        assert partial.n_cells == len(rows) >= limit
        assert partial.open
        assert not partial.is_complete
    found = stream_cells(source, consume, resume=partial, compiled=compiled)
    assert found.is_complete
    assert count_cells(source, resume=found) == found
    assert (found.n_cells, found.n_relatively_bounded) == (whole.n_cells, whole.n_relatively_bounded)
    assert len(rows) == len(set(rows)) == whole.n_cells


def test_open_parts_and_found_cells_cover_everything():
    source = named.resonance(4)
    found = []
    with pytest.raises(LimitReached) as stopped:
        stream_cells(source, lambda t: found.extend(map(tuple, t.unpack().tolist())), max_cells=100)
    rest = set(listed(source)) - set(found)
    parts = stopped.value.partial.open
    assert stopped.value.partial.is_mirrored
    for signs in rest:
        both = (signs, tuple(-s for s in signs))
        assert (
            sum(all(o in (0, s) for o, s in zip(part, v, strict=True)) for part in parts for v in both) == 1
        )


@pytest.mark.usefixtures("small_rounds")
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_loses_nothing(jobs):
    source = named.resonance(5)
    rows, n_calls = [], 0

    def consume(table):
        nonlocal n_calls
        n_calls += 1
        if n_calls == 5:
            raise KeyboardInterrupt
        rows.extend(map(tuple, table.unpack().tolist()))

    with pytest.raises(LimitReached, match="interrupted") as stopped:
        stream_cells(source, consume, jobs=jobs)
    partial = stopped.value.partial
    assert partial.n_cells == len(rows)
    found = stream_cells(source, consume, resume=partial, jobs=jobs)
    assert found.n_cells == len(rows) == len(set(rows)) == 11292
    assert threading.active_count() < 20


def test_a_partial_result_belongs_to_its_arrangement():
    with pytest.raises(LimitReached) as stopped:
        count_cells(named.resonance(4), max_cells=1)
    with pytest.raises(InputError, match="another arrangement"):
        count_cells(named.resonance(5), resume=stopped.value.partial)
    with pytest.raises(InputError, match="another arrangement"):
        count_cells(named.resonance(4), resume=stopped.value.partial, domain=Polyhedron.box([0] * 4, [1] * 4))


def test_a_limit_that_is_not_met_is_no_limit():
    assert count_cells(named.braid(4), max_cells=24).n_cells == 24
    with pytest.raises(LimitReached):
        count_cells(named.braid(4), max_cells=0)


def test_progress():
    calls = []
    count_cells(named.resonance(5), progress=lambda *call: calls.append(call))
    assert calls[-1] == ("cells", 11292, None)
    assert [call[1] for call in calls] == sorted(call[1] for call in calls)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 130), st.integers(0, 5), st.randoms(use_true_random=False))
def test_sign_tables_have_no_zeros_and_no_stray_bits(n_columns, n_rows, random):
    n_words = -(-n_columns // 64)
    words = np.array(
        [[random.getrandbits(64) for _ in range(n_words)] for _ in range(n_rows)], dtype=np.uint64
    ).reshape(n_rows, n_words)
    table = sign_table(words, n_columns)
    signs = table.unpack()
    assert signs.shape == (n_rows, n_columns)
    assert (signs != 0).all()
    for row, column in product(range(n_rows), range(n_columns)):
        assert (signs[row, column] == 1) == bool(int(words[row, column // 64]) >> (column % 64) & 1)
