"""Formulas for the maximum: evaluated at points, and the table of an independent derivation."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest

from exactnet.certificate import FarkasRecord, WitnessRecord
from exactnet.errors import InputError, UnsupportedError
from exactnet.tropical.depth import (
    MaximumFormula,
    chamber_system,
    maximum_in_two_layers,
    verify_formula,
)

# n, k, loops, hinges, distinct columns, rank with the right-hand side, whether there is a formula
TABLE = [
    (4, 1, True, 0, 3, 3, True),
    (5, 1, True, 0, 3, 4, False),
    (5, 2, False, 5, 18, 8, True),
    (6, 2, False, 15, 24, 13, True),
    (7, 2, False, 35, 26, 16, False),
]


@pytest.mark.parametrize(("n", "k", "loops", "n_hinges", "n_columns", "rank", "exists"), TABLE)
def test_the_table(n, k, loops, n_hinges, n_columns, rank, exists):
    system = chamber_system(n, k, loops=loops)
    assert (len(system.hinges), len(system.distinct), system.augmented_rank) == (n_hinges, n_columns, rank)
    result = maximum_in_two_layers(n, k, loops=loops)
    assert result.status.name == ("PROVED" if exists else "REFUTED")
    assert result.check().accepted
    kind = WitnessRecord if exists else FarkasRecord
    assert isinstance(result.certificate.records[-1], kind)


@pytest.mark.slow
def test_seven_numbers_need_three_edges():
    system = chamber_system(7, 3)
    assert (len(system.hinges), len(system.distinct), system.augmented_rank) == (245, 444, 119)
    result = maximum_in_two_layers(7, 3)
    assert len(result.value.terms) == 52
    assert result.check().accepted
    assert verify_formula(result.value).status.name == "PROVED"


@pytest.mark.slow
def test_eight_numbers_have_two_hidden_layers_too():
    """Found by Ruess and others (2026); fewer than (8 - 1) / 2 edges, rounded down, cannot be enough."""
    assert maximum_in_two_layers(8, 2).status.name == "REFUTED"
    result = maximum_in_two_layers(8, 3)
    assert result.status.name == "PROVED"
    assert result.check().accepted


@pytest.mark.parametrize(("n", "k"), [(3, 1), (4, 1), (5, 2), (6, 2)])
def test_a_formula_is_the_maximum_at_points_with_and_without_ties(n, k):
    formula = maximum_in_two_layers(n, k).value
    random = Random(n)
    for _ in range(4):
        x = [Fraction(random.randint(-9, 9), random.randint(1, 4)) for _ in range(n)]
        assert formula(x) == max(x)
    assert formula([1] * n) == 1
    assert formula([0] * (n - 1) + [1]) == 1


def test_the_published_formula_of_five():
    """1/120 (2M01, 2M02) + 1/120 (2M01, M23+M24) + 1/48 (M01+M02, M03+M04) - 1/30 (M01+M02, M03+M14)."""
    terms = (
        (Fraction(1, 120), (((0, 1), (0, 1)), ((0, 2), (0, 2)))),
        (Fraction(1, 120), (((0, 1), (0, 1)), ((2, 3), (2, 4)))),
        (Fraction(1, 48), (((0, 1), (0, 2)), ((0, 3), (0, 4)))),
        (Fraction(-1, 30), (((0, 1), (0, 2)), ((0, 3), (1, 4)))),
    )
    formula = MaximumFormula(5, terms)
    assert verify_formula(formula).check().accepted
    assert maximum_in_two_layers(5, 2).value == formula
    assert formula.n_atoms == 30 + 30 + 15 + 120
    wrong = MaximumFormula(5, (*terms[:3], (Fraction(-1, 31), terms[3][1])))
    assert verify_formula(wrong).status.name == "REFUTED"


def test_atoms_add_up_to_the_formula():
    formula = maximum_in_two_layers(5, 2).value
    x = [Fraction(3), Fraction(-1), Fraction(1, 2), Fraction(7), Fraction(2)]
    total = sum(
        factor * max(sum(max(x[i], x[j]) for i, j in side) for side in atom)
        for atom, factor in formula.atoms.items()
    )
    assert total == 7


@pytest.mark.parametrize(("n", "k"), [(1, 1), (5, 0)])
def test_no_such_family(n, k):
    with pytest.raises(InputError, match="no such family"):
        chamber_system(n, k)


def test_too_many_edges_for_the_arithmetic():
    with pytest.raises(UnsupportedError, match="too many edges"):
        verify_formula(MaximumFormula(3, ((Fraction(1), (((0, 1),) * 10**7, ((0, 2),) * 10**7)),)))


def test_a_formula_without_terms():
    with pytest.raises(InputError, match="without terms"):
        verify_formula(MaximumFormula(3, ()))


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ((((0, 1),), ()), "1 and 0 edges"),
        ((((0, 2),), ((0, 1),)), "0 to 1"),
        ((((0, -1),), ((0, 1),)), "0 to 1"),
    ],
)
def test_terms_that_the_chamber_cannot_compare(pair, message):
    """max(M_01, 0) has the linear part x_1 on the chamber where x_2 >= 0 only: it is not the maximum."""
    formula = MaximumFormula(2, ((Fraction(1, 2), pair),))
    with pytest.raises(InputError, match=message):
        verify_formula(formula)
