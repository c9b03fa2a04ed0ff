"""Named arrangements: the forms they consist of, their ranks, and what is refused."""

from itertools import combinations, product
from math import comb

import pytest

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.exact import determinant
from exactnet.geometry import hyperplanes, named
from exactnet.geometry.hyperplanes import arrangement, central


@pytest.mark.parametrize(
    ("made", "n_forms", "rank", "is_central"),
    [
        (named.boolean(4), 4, 4, True),
        (named.braid(5), 10, 4, True),
        (named.type_b(4), 16, 4, True),
        (named.type_d(4), 12, 4, True),
        (named.type_f4(), 24, 4, True),
        (named.type_e(6), 36, 6, True),
        (named.type_e(7), 63, 7, True),
        (named.type_e(8), 120, 8, True),
        (named.shi(4), 12, 3, False),
        (named.catalan(4), 18, 3, False),
        (named.linial(4), 6, 3, False),
        (named.semiorder(4), 12, 3, False),
        (named.resonance(4), 15, 4, True),
        (named.threshold(3), 8, 4, True),
        (named.demicube(4), 8, 5, True),
        (named.threshold_graphs(4), 6, 4, True),
        (named.boxed_threshold(3), 9, 3, False),
        (named.graphical([(0, 1), (1, 2), (0, 2)]), 3, 2, True),
        (named.graphical([(0, 1)], n_vertices=5), 1, 1, True),
        (named.cyclic(7, 3), 7, 3, False),
        (named.generic(7, 3), 7, 3, False),
        (named.discriminantal(3, 5), comb(5, 3), 3, False),
        (named.boolean(0), 0, 0, True),
        (named.braid(1), 0, 0, True),
        (named.type_b(1), 1, 1, True),
        (named.type_d(1), 0, 0, True),
        (named.threshold(0), 1, 1, True),
        (named.cyclic(0, 2), 0, 0, True),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_sizes_and_ranks(made, n_forms, rank, is_central):
    assert made.n_forms == len(made.hyperplanes) == n_forms
    assert made.rank == rank
    assert made.is_central == is_central
    assert made.name


def test_the_roots_of_e8_have_the_inner_products_of_e8():
    roots = [form[:-1] for form in named.type_e(8).forms]
    longest = {
        sum(x * x for x in root) * (1 if max(map(abs, root)) == 1 and 0 in root else 0) for root in roots
    }
    assert longest == {0, 2}
    for a, b in combinations(roots, 2):
        a_half, b_half = 0 not in a, 0 not in b
        scaled = sum(x * y for x, y in zip(a, b, strict=True)) / ((2 if a_half else 1) * (2 if b_half else 1))
        assert scaled in (-1, 0, 1)


def test_cyclic_is_in_general_position():
    forms = named.cyclic(8, 3).forms
    assert all(determinant(rows) for rows in combinations(forms, 4))
    assert all(determinant([row[:-1] for row in rows]) for rows in combinations(forms, 3))


def test_generic_depends_on_the_seed_only():
    assert named.generic(5, 3, seed=4) == named.generic(5, 3, seed=4)
    assert named.generic(5, 3, seed=4) != named.generic(5, 3, seed=5)


def test_shi_is_half_of_catalan():
    assert set(named.shi(4).hyperplanes) < set(named.catalan(4).hyperplanes)
    assert set(named.linial(4).hyperplanes) == set(named.shi(4).hyperplanes) - set(named.braid(4).hyperplanes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: named.braid(0),
        lambda: named.boolean(-1),
        lambda: named.type_e(5),
        lambda: named.resonance(0),
        lambda: named.graphical([(1, 1)]),
        lambda: named.graphical([(0, 5)], n_vertices=3),
        lambda: named.cyclic(3, 0),
        lambda: named.discriminantal(4, 3),
    ],
)
def test_what_is_no_arrangement(make):
    with pytest.raises(InputError, match="no such arrangement"):
        make()


def test_forms_are_read_exactly():
    assert arrangement([(0.5, "1/3", 0)]).forms == ((3, 2, 0),)
    assert central([(0.1, 1)]).forms[0][1] == 36028797018963968
    with pytest.raises(InexactInputError):
        arrangement([(float("nan"), 1)])


def test_ragged_and_empty_forms():
    with pytest.raises(ShapeError, match="does not fit"):
        arrangement([(1, 2, 3), (1, 2)])
    with pytest.raises(ShapeError):
        arrangement([(1, 2, 3)], dimension=3)
    with pytest.raises(InputError, match="not known"):
        arrangement([])
    assert arrangement([], dimension=2).hyperplanes == ()


def test_hyperplanes_are_distinct_whatever_the_scale():
    rows = [tuple(s * x for x in (1, -2, 3)) for s in (1, -1, 5)] + [(0, 0, 1), (0, 0, 0), (0, 1, 0)]
    assert arrangement(rows).hyperplanes == ((1, -2, 3), (0, 1, 0))
    assert arrangement(rows).rank == 2


def test_orientation():
    for form in product((-1, 0, 1), repeat=3):
        up = hyperplanes.oriented(form)
        assert up in (form, tuple(-x for x in form))
        assert next((x for x in up if x), 1) == 1
