"""Audits of counterexamples: exact, no tolerance."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.certificate import Status
from exactnet.errors import ShapeError
from exactnet.model import Network, Property
from exactnet.model.property import Case, Row
from exactnet.verify import Judgement, PrintedWitness, audit_witness

SIZE = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
ROW = Row.from_terms({}, {0: -1}, -1)
LARGE = Property.from_box([-1], [1], [[ROW]])


@pytest.mark.parametrize(
    ("x", "judgement", "margin"),
    [
        ("1", Judgement.AS_PRINTED, 0),
        ("-1", Judgement.AS_PRINTED, 0),
        ("1.0000001", Judgement.AFTER_CLIPPING, Fraction(-1, 10**7)),
        ("7", Judgement.AFTER_CLIPPING, -6),
        ("0.9999999", Judgement.NOT_AT_ALL, Fraction(-1, 10**7)),
    ],
)
def test_a_tie_is_decided_without_a_tolerance(x: str, judgement: Judgement, margin: Fraction) -> None:
    result = audit_witness(SIZE, LARGE, [x])
    assert result.value.judgement is judgement
    assert result.value.margin == margin
    assert (result.status is Status.PROVED) == (judgement is Judgement.AS_PRINTED)
    if result.value.valid is not None:
        assert result.certificate is not None
        assert result.check().accepted
    else:
        assert result.certificate is None


def test_a_strict_boundary_is_not_reached() -> None:
    strict = Property.from_box([-1], [1], [[Row.from_terms({}, {0: -1}, -1, strict=True)]])
    result = audit_witness(SIZE, strict, [1])
    assert result.value.judgement is Judgement.NOT_AT_ALL
    assert "strict" in result.sentence


def test_the_nearest_box_in_which_it_helps() -> None:
    far = Row.from_terms({}, {0: -1}, -5)
    cases = [Case((Fraction(a),), (Fraction(b),), (row,)) for a, b, row in ((0, 1, far), (4, 9, far))]
    result = audit_witness(SIZE, Property(1, 1, tuple(cases)), [2])
    # clipped to [0, 1] the value is 1, and to [4, 9] it is 4: below 5
    assert result.value.judgement is Judgement.NOT_AT_ALL
    result = audit_witness(SIZE, Property(1, 1, tuple(cases)), [10])
    assert result.value.judgement is Judgement.AFTER_CLIPPING
    assert (result.value.outside, result.value.valid.point) == (1, (Fraction(9),))


def test_printed_outputs_are_compared() -> None:
    result = audit_witness(SIZE, LARGE, PrintedWitness((Fraction(1),), (Fraction("1.25"),)))
    assert result.value.output_error == Fraction(1, 4)


def test_sizes_and_vacuous_properties() -> None:
    with pytest.raises(ShapeError, match="another number of inputs"):
        audit_witness(SIZE, LARGE, [1, 2])
    with pytest.raises(ShapeError, match="another number of outputs"):
        audit_witness(SIZE, LARGE, PrintedWitness((Fraction(1),), (Fraction(1),) * 2))
    nothing = audit_witness(SIZE, Property(1, 1, ()), [1])
    assert (nothing.value.judgement, nothing.value.margin) == (Judgement.NOT_AT_ALL, None)


def test_the_published_witnesses_of_acas_xu_are_valid(data_folder: Path) -> None:
    folder = data_folder / "vnn"
    with (folder / "witnesses_acasxu.csv").open() as stream:
        lines = list(csv.DictReader(stream))[::8]
    for line in lines:
        x = [Fraction(q) for q in line["exact_rational_input"].split()]
        result = audit_witness(
            folder / "acasxu" / line["onnx"], folder / "acasxu" / line["vnnlib"], x, folder=folder
        )
        assert result.value.judgement is Judgement.AS_PRINTED
        # the table has the largest value of the rows, to seven digits
        told = float(line["exact_margin_max_row_leq_0"])
        assert float(-result.value.valid.margin) == pytest.approx(told, rel=2.0**-15)
