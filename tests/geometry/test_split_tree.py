"""The proof of completeness: accepted by the independent checker, and impossible for an incomplete list."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Certificate, certificate_text, check_text
from exactnet.certificate.types import ProblemRecord
from exactnet.errors import InvariantError
from exactnet.geometry import cell_records, central_arrangement, enumerate_cells
from exactnet.geometry.split_tree import split_tree


def certificate(rows):
    exact = tuple(tuple(Fraction(x) for x in row) for row in rows)
    problem = ProblemRecord("problem", exact, (Fraction(0),) * len(rows), Fraction(1), "l2", "none")
    table = enumerate_cells(central_arrangement(exact))
    records, order = cell_records(table)
    assert sorted(order.tolist()) == list(range(len(table.signs)))
    return Certificate("all cells", (problem, *records), ("cells", "count"))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda d: st.lists(st.tuples(*[st.integers(-3, 3)] * d), min_size=1, max_size=9)
    )
)
def test_checker_accepts_on_rows_with_ties(rows):
    verdict = check_text(certificate_text(certificate(rows)))
    assert verdict.accepted, verdict.line


@pytest.mark.parametrize(("n", "d"), [(12, 2), (15, 3), (10, 4)])
def test_checker_accepts_on_float_rows(n, d):
    rows = [[Fraction(float(x)) for x in row] for row in np.random.default_rng(1).standard_normal((n, d))]
    verdict = check_text(certificate_text(certificate(rows)))
    assert verdict.accepted, verdict.line


def test_an_incomplete_list_has_no_proof():
    table = enumerate_cells(central_arrangement([(1, 0), (0, 1), (1, 1), (1, -1)]))
    for missing in range(len(table.signs)):
        keep = [c for c in range(len(table.signs)) if c != missing]
        damaged = replace(table, signs=table.signs[keep], witnesses=tuple(table.witnesses[c] for c in keep))
        with pytest.raises(InvariantError, match="incomplete"):
            split_tree(damaged)
