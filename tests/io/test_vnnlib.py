"""VNN-LIB 1.0 against a second reading of the same text, point by point."""

from __future__ import annotations

import contextlib
import csv
import gzip
import random
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import ExactnetError, InputError, LimitReached, ParseError, UnsupportedError
from exactnet.io import load_chain, load_vnnlib, parse_vnnlib
from exactnet.model import Case, Property, Row
from tests.support.vnnlib_truth import holds

F = Fraction

DECLARED = """; two inputs, two outputs
(declare-const X_0 Real)
(declare-const X_1 Real)
(declare-const Y_0 Real)
(declare-const Y_1 Real)
"""
BOX = "(assert (>= X_0 -1)) (assert (<= X_0 1)) (assert (>= X_1 0)) (assert (<= X_1 0.5))\n"


def values(x: list[Fraction], y: list[Fraction]) -> dict[str, Fraction]:
    return {f"X_{i}": q for i, q in enumerate(x)} | {f"Y_{j}": q for j, q in enumerate(y)}


def agree(text: str, unsafe: Property, x: list[Fraction], y: list[Fraction]) -> bool:
    truth = holds(text, values(x, y))
    assert (unsafe.violated_by(x, y) is not None) == truth, (x, y)
    return truth


# -- random formulas against the second reading ----------------------------------------------------------

numbers = st.sampled_from(["0", "1", "-1", "0.5", "-0.25", "2e0", "1.50", "-5E-1"])
variables = st.sampled_from(["X_0", "X_1", "Y_0", "Y_1"])
terms = st.recursive(
    numbers | variables,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(+ {' '.join(parts)})"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(- {' '.join(parts)})"),
        st.tuples(numbers, inner).map(lambda pair: f"(* {pair[0]} {pair[1]})"),
        st.tuples(inner, numbers).map(lambda pair: f"(* {pair[0]} 2 {pair[1]})"),
    ),
    max_leaves=4,
)
atoms = st.tuples(st.sampled_from(["<=", ">=", "<", ">", "="]), terms, terms).map(
    lambda parts: f"({' '.join(parts)})"
)
formulas = st.recursive(
    atoms,
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)).map(
        lambda pair: f"({pair[0]} {' '.join(pair[1])})"
    ),
    max_leaves=6,
)
coordinates = st.sampled_from([F(k, 4) for k in range(-8, 9)])


@settings(max_examples=60, deadline=None)
@given(st.lists(formulas, min_size=1, max_size=3), st.lists(coordinates, min_size=40, max_size=40))
def test_random_texts_mean_what_they_say(parts: list[str], grid: list[Fraction]) -> None:
    text = DECLARED + BOX + "\n".join(f"(assert {part})" for part in parts)
    unsafe = parse_vnnlib(text)
    for k in range(0, 40, 4):
        agree(text, unsafe, grid[k : k + 2], grid[k + 2 : k + 4])


# -- the benchmark files ---------------------------------------------------------------------------------


def probe(text: str, unsafe: Property, n_points: int) -> None:
    """Points in and around the boxes, on their sides above all."""
    rng = random.Random(text)
    for _ in range(n_points):
        case = rng.choice(unsafe.cases)
        x = [
            rng.choice([low, high, (low + high) / 2])
            for low, high in zip(case.lower, case.upper, strict=True)
        ]
        if rng.random() < 1 / 4:
            x[rng.randrange(len(x))] += rng.choice([F(1, 10**20), -F(1, 10**20)])
        y = [F(rng.randint(-2, 2)) for _ in range(unsafe.n_outputs)]
        agree(text, unsafe, x, y)


@pytest.mark.parametrize("folder", ["acasxu", "rl_benchmarks", "test"])
def test_every_small_benchmark_file_means_what_it_says(data_folder: Path, folder: str) -> None:
    files = sorted((data_folder / "vnn" / folder).rglob("*.vnnlib"))
    assert files
    for file in files:
        probe(file.read_text(), load_vnnlib(file), 8 if folder == "rl_benchmarks" else 100)


def test_images_mean_what_they_say(data_folder: Path) -> None:
    for name in ("prop_0_0.03", "prop_14_0.05"):
        file = data_folder / "vnn/mnist_fc/vnnlib" / f"{name}.vnnlib"
        unsafe = load_vnnlib(file)
        assert (unsafe.n_inputs, unsafe.n_outputs, len(unsafe.cases)) == (784, 10, 9)
        probe(file.read_text(), unsafe, 5)


# Katz et al., Reluplex (2017), appendix; the negations written out by hand: cases, rows of each, boxes
ACAS = {1: (1, 1, 1), 2: (1, 4, 1), 3: (1, 4, 1), 4: (1, 4, 1), 5: (4, 1, 1), 6: (8, 1, 2), 7: (2, 3, 1)} | {
    8: (3, 2, 1),
    9: (4, 1, 1),
    10: (4, 1, 1),
}


@pytest.mark.parametrize("number", sorted(ACAS))
def test_acas_properties_have_the_cases_of_their_definitions(data_folder: Path, number: int) -> None:
    unsafe = load_vnnlib(data_folder / f"vnn/acasxu/vnnlib/prop_{number}.vnnlib")
    n_cases, n_rows, n_boxes = ACAS[number]
    assert (unsafe.n_inputs, unsafe.n_outputs, len(unsafe.cases)) == (5, 5, n_cases)
    assert {len(case.rows) for case in unsafe.cases} == {n_rows}
    assert len({(case.lower, case.upper) for case in unsafe.cases}) == n_boxes
    assert not any(case.is_empty for case in unsafe.cases)


def test_an_acas_property_word_for_word(data_folder: Path) -> None:
    unsafe = load_vnnlib(data_folder / "vnn/test/test_prop.vnnlib")
    (case,) = unsafe.cases
    assert case.lower[0] == F("-0.30353115613746867")
    assert case.upper[0] == F("-0.29855281193475053")
    assert [repr(row) for row in case.rows] == [f"Row(Y_0 - Y_{j} <= 0)" for j in (1, 2, 3, 4)]


def test_known_witnesses_are_unsafe_with_the_margin_that_was_published(data_folder: Path) -> None:
    folder = data_folder / "vnn/acasxu"
    with open(data_folder / "vnn/witnesses_acasxu.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 47
    for row in rows[::6]:
        unsafe = load_vnnlib(folder / row["vnnlib"])
        x = [F(part) for part in row["exact_rational_input"].split()]
        y = load_chain(folder / row["onnx"])(x)
        case = unsafe.violated_by(x, y)
        assert case is not None
        worst = max(-row_.slack(x, y) for row_ in unsafe.cases[case].rows)
        assert f"{float(worst):.6e}" == row["exact_margin_max_row_leq_0"]


# -- the text --------------------------------------------------------------------------------------------


def test_decimals_are_exact_and_strictness_is_kept() -> None:
    unsafe = parse_vnnlib(DECLARED + BOX + "(assert (< Y_0 0.1)) (assert (<= Y_1 1e-3)) (assert (> X_0 .25))")
    (case,) = unsafe.cases
    assert case == Case(
        (F(1, 4), F(0)),
        (F(1), F(1, 2)),
        (
            Row.from_terms({}, {0: 1}, "0.1", strict=True),
            Row.from_terms({}, {1: 1}, "0.001"),
            Row.from_terms({0: -1}, {}, "-0.25", strict=True),
        ),
    )


def test_rows_may_mix_inputs_and_outputs() -> None:
    unsafe = parse_vnnlib(DECLARED + BOX + "(assert (>= (- Y_0 (* 2 X_1)) (+ X_0 1.5)))")
    assert unsafe.cases[0].rows == (Row.from_terms({0: 1, 1: 2}, {0: -1}, "-1.5"),)


def test_declarations_may_stand_in_any_order() -> None:
    text = "(declare-const Y_0 Real)(declare-const X_1 Real)(declare-const X_0 Real)" + BOX
    unsafe = parse_vnnlib(text)
    assert (unsafe.n_inputs, unsafe.n_outputs, unsafe.cases[0].rows) == (2, 1, ())


def test_an_empty_input_set_is_read_as_it_is() -> None:
    unsafe = parse_vnnlib(DECLARED + BOX + "(assert (>= X_1 0.6))")
    assert [case.is_empty for case in unsafe.cases] == [True]
    assert parse_vnnlib(DECLARED + "(assert (< 1 1))").cases == ()


def test_files_plain_compressed_and_with_a_mark(tmp_path: Path) -> None:
    text = DECLARED + BOX
    for name, content in {
        "p.vnnlib": text.encode(),
        "p.vnnlib.gz": gzip.compress(text.encode()),
        "mark.vnnlib": b"\xef\xbb\xbf" + text.encode(),
        "dos.vnnlib": text.replace("\n", "\r\n").encode(),
    }.items():
        (tmp_path / name).write_bytes(content)
        unsafe = load_vnnlib(tmp_path / name)
        assert unsafe == parse_vnnlib(text)
        assert unsafe.provenance.source == str(tmp_path / name)
        assert len(unsafe.provenance.sha256 or "") == 64


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the property file does not exist"):
        load_vnnlib(tmp_path / "none.vnnlib")
    bad = tmp_path / "p.vnnlib"
    bad.write_bytes(b"(assert \xff)")
    with pytest.raises(InputError, match=r"not a text\n.*byte 8 \(from 0\)\n.*0xff"):
        load_vnnlib(bad)
    packed = gzip.compress(DECLARED.encode() * 100)
    for content in (packed[:-20], packed[:20], packed[:30] + b"\0\0\0" + packed[33:], b"\x1f\x8b"):
        bad.write_bytes(content)
        with pytest.raises(InputError, match="damaged"):
            load_vnnlib(bad)
    bad.write_bytes(packed)
    with pytest.raises(LimitReached, match="too large"):
        load_vnnlib(bad, max_bytes=1000)


def test_ten_thousand_cases_are_the_most() -> None:
    ten = "(assert (or " + " ".join(f"(<= Y_0 {k})" for k in range(10)) + "))"
    assert len(parse_vnnlib(DECLARED + BOX + ten * 4).cases) == 10_000
    with pytest.raises(UnsupportedError, match="too many cases") as caught:
        parse_vnnlib(DECLARED + BOX + ten * 4 + "(assert (or (<= Y_1 0) (<= Y_1 1)))")
    assert "20000 combinations" in str(caught.value)
    with pytest.raises(UnsupportedError, match="1" + "0" * 30 + " combinations"):
        parse_vnnlib(DECLARED + BOX + ten * 30)


FAULTS = [
    ("", ParseError, "an empty property", 1, 1),
    ("; nothing", ParseError, "an empty property", 1, 1),
    (BOX, ParseError, "neither a number nor a declared variable", 1, 13),
    ("(declare-const X_0 Real)\n(assert (<= X_0 1))", ParseError, "no outputs are declared", 1, 1),
    ("(declare-const Y_0 Real)", ParseError, "no inputs are declared", 1, 1),
    ("(declare-const X_1 Real)(declare-const Y_0 Real)", ParseError, "without a gap", 1, 1),
    (DECLARED + "(declare-const X_0 Real)", ParseError, "declared twice", 6, 16),
    (DECLARED + "(declare-const Z_0 Real)", ParseError, "not the name of an input", 6, 16),
    (DECLARED + "(declare-const X_01 Real)", ParseError, "not the name of an input", 6, 16),
    (DECLARED + "(declare-const X_2)", ParseError, "not a declaration", 6, 1),
    (DECLARED + "(declare-const (X_2) Real)", ParseError, "not the name of an input", 6, 16),
    (DECLARED + "(declare-const X_2 Int)", UnsupportedError, "a type that is not supported", 6, 20),
    (DECLARED + "(check-sat)", UnsupportedError, "a command that is not supported", 6, 1),
    (DECLARED + "()", ParseError, "not a command", 6, 1),
    (DECLARED + "((assert))", ParseError, "not a command", 6, 1),
    (DECLARED + "(declare-network f)", ParseError, "a declaration of version 2.0", 6, 1),
    (DECLARED + "(vnnlib-version <2.0>)", ParseError, "a declaration of version 2.0", 6, 1),
    ("(vnnlib-version <3.0>)", UnsupportedError, "an unknown version", 1, 1),
    ("(vnnlib-version 2.0)", UnsupportedError, "an unknown version", 1, 1),
    ("(vnnlib-version)", UnsupportedError, "an unknown version", 1, 1),
    (DECLARED + "(assert)", ParseError, "an assertion is one formula", 6, 1),
    (DECLARED + "(assert (<= Y_0 1) (<= Y_1 1))", ParseError, "an assertion is one formula", 6, 1),
    (DECLARED + "(assert X_0)", ParseError, "not a formula", 6, 9),
    (DECLARED + "(assert (+ X_0 1))", ParseError, "not a formula", 6, 9),
    (DECLARED + "(assert ())", ParseError, "not a formula", 6, 9),
    (DECLARED + "(assert (not (<= X_0 1)))", UnsupportedError, "a part of logic", 6, 9),
    (DECLARED + "(assert true)", UnsupportedError, "a part of logic", 6, 9),
    (DECLARED + "(assert (or))", ParseError, "an empty \\(or\\)", 6, 9),
    (DECLARED + "(assert (and (or (and))))", ParseError, "an empty \\(and\\)", 6, 18),
    (DECLARED + "(assert (!= X_0 1))", ParseError, "not a formula", 6, 9),
    (DECLARED + "(assert (<= X_0))", ParseError, "a comparison has two sides", 6, 9),
    (DECLARED + "(assert (<= 0 X_0 1))", ParseError, "a comparison has two sides", 6, 9),
    (DECLARED + "(assert (<= X_2 1))", ParseError, "neither a number nor", 6, 13),
    (DECLARED + "(assert (<= X_0[0] 1))", ParseError, "a comparison has two sides", 6, 9),
    (DECLARED + "(assert (<= X_0 1/3))", ParseError, "neither a number nor", 6, 17),
    (DECLARED + "(assert (<= X_0 nan))", ParseError, "neither a number nor", 6, 17),
    (DECLARED + "(assert (<= X_0 inf))", ParseError, "neither a number nor", 6, 17),
    (DECLARED + "(assert (<= X_0 1e999999))", ParseError, "the exponent is too large", 6, 17),
    (DECLARED + "(assert (<= X_0 1e9999999999))", ParseError, "not a number", 6, 17),
    (DECLARED + "(assert (<= (* X_0 Y_0) 1))", UnsupportedError, "a product of two terms", 6, 13),
    (DECLARED + "(assert (<= (/ X_0 2) 1))", UnsupportedError, "arithmetic that is not supported", 6, 13),
    (DECLARED + "(assert (<= (max X_0 2) 1))", UnsupportedError, "arithmetic that is not supported", 6, 13),
    (DECLARED + "(assert (<= (X_0) 1))", ParseError, "not a term", 6, 13),
    (DECLARED + "(assert (<= () 1))", ParseError, "not a term", 6, 13),
    (DECLARED + "(assert (<= (+) 1))", ParseError, "a sum or product of nothing", 6, 13),
    (DECLARED + "(assert (<= (<= X_0 1) 1))", ParseError, "not a term", 6, 13),
]


@pytest.mark.parametrize(("text", "kind", "what", "line", "column"), FAULTS)
def test_faults_are_named_and_pointed_at(
    text: str, kind: type[ExactnetError], what: str, line: int, column: int
) -> None:
    with pytest.raises(kind, match=what) as caught:
        parse_vnnlib(text, name="p.vnnlib")
    assert f"p.vnnlib, line {line}, column {column}" in (caught.value.where or "")
    if text.strip() and text.splitlines()[line - 1]:
        assert (caught.value.where or "").endswith("^")


def test_an_unbounded_input_is_named() -> None:
    with pytest.raises(InputError, match="unbounded input set") as caught:
        parse_vnnlib(DECLARED + "(assert (or (<= Y_0 1)))" + BOX.replace("(assert (<= X_1 0.5))", ""))
    assert caught.value.got == "no upper bound for X_1"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='()[] \n;"|<=+-*.019eXY_assertdclnou', max_size=80), st.integers(0, 300))
def test_damaged_texts_end_in_an_error_of_ours_or_in_a_property(noise: str, place: int) -> None:
    text = DECLARED + BOX + "(assert (or (and (<= Y_0 Y_1) (< X_0 0.5)) (>= Y_1 (+ 1 X_1))))"
    cut = place % (len(text) + 1)
    for damaged in (text[:cut] + noise + text[cut:], text[:cut] + noise, noise):
        with contextlib.suppress(ExactnetError):
            assert isinstance(parse_vnnlib(damaged), Property)
