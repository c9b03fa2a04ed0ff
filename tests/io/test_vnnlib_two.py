"""VNN-LIB 2.0, after the grammar of the standard; meaning against a second reading of the same text."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest

from exactnet.errors import ExactnetError, InputError, ParseError, UnsupportedError
from exactnet.io import parse_vnnlib
from tests.support.vnnlib_truth import holds

F = Fraction
VERSION = "(vnnlib-version <2.0>)\n"
NETWORK = "(declare-network f (declare-input X float32 [1,2]) (declare-output Y float32 [1,2]))\n"
BOX = "(assert (and (>= X[0,0] -1) (<= X[0,0] 1.0) (>= X[0,1] 0) (<= X[0,1] 0.5)))\n"


def test_the_meaning_is_that_of_the_text_at_every_point_of_a_grid() -> None:
    text = (
        VERSION
        + NETWORK
        + BOX
        + """
        (assert (or (and (== Y[0,0] Y[0, 1]) (!= X[0,0] 0.5)) (> (- Y [0,1] X[0,1] 1) (* 2 X[0,0] 0.5))))
        (assert (< (- Y[0,0]) 1.0))
        """
    )
    unsafe = parse_vnnlib(text)
    assert len(unsafe.cases) == 3
    found = set()
    for a, b, c, d in product([F(k, 2) for k in range(-3, 4)], repeat=4):
        truth = holds(text, {"X[0,0]": a, "X[0,1]": b, "Y[0,0]": c, "Y[0,1]": d})
        assert (unsafe.violated_by([a, b], [c, d]) is not None) == truth
        found.add(truth)
    assert found == {True, False}


def test_both_versions_of_one_property_are_equal() -> None:
    old = "".join(f"(declare-const {v} Real)" for v in ("X_0", "X_1", "Y_0", "Y_1"))
    assertions = BOX + "(assert (or (<= Y[0,0] Y[0,1]) (>= Y[0,1] (+ X[0,0] 3))))"
    translated = assertions.replace("[0,", "_").replace("]", "")
    new, old_one = parse_vnnlib(VERSION + NETWORK + assertions), parse_vnnlib(old + translated)
    assert (new, new.fingerprint) == (old_one, old_one.fingerprint)


def test_tensors_are_flattened_in_row_major_order() -> None:
    network = "(declare-network f (declare-input in_1 Real [2,1,3]) (declare-output out real []))"
    bounds = "".join(
        f"(assert (<= 0 in_1[{i},0,{k}])) (assert (<= in_1[{i},0,{k}] {3 * i + k + 1}))"
        for i, k in product(range(2), range(3))
    )
    unsafe = parse_vnnlib(VERSION + network + bounds + "(assert (< out 0))")
    assert (unsafe.n_inputs, unsafe.n_outputs) == (6, 1)
    assert unsafe.cases[0].upper == (1, 2, 3, 4, 5, 6)
    with pytest.raises(InputError, match=r"no upper bound for in_1\[1,0,1\]"):
        parse_vnnlib(VERSION + network + bounds.replace("(assert (<= in_1[1,0,1] 5))", ""))


@pytest.mark.parametrize(
    "network",
    [
        '(declare-network f (declare-input X Real [1, 2] "in:0") (declare-output Y Real [1,2] "out"))',
        "(declare-network\nf ; comment\n (declare-input X real [1,2])\n(declare-output Y bfloat16 [1,2]) )",
        "(declare-network f (declare-input X float64 [ 1 ,2 ])(declare-output Y float16 [1,2]))",
    ],
)
def test_other_ways_to_write_the_declaration(network: str) -> None:
    assert parse_vnnlib(VERSION + network + BOX) == parse_vnnlib(VERSION + NETWORK + BOX)


X, Y = "(declare-input X Real [1,2])", "(declare-output Y Real [1,2])"
FAULTS = [
    ("", ParseError, "no network is declared", 1, 1),
    (BOX, ParseError, "no network is declared", 1, 1),
    (f"(declare-network {X} {Y})", ParseError, "a network without a name", 2, 1),
    ("(declare-network)", ParseError, "a network without a name", 2, 1),
    ("(declare-network 2f)", ParseError, "a network without a name", 2, 1),
    (f"(declare-network f {X})", ParseError, "a network without declare-output", 2, 1),
    (f"(declare-network f {Y})", ParseError, "a network without declare-input", 2, 1),
    (f"(declare-network f {Y} {X})", ParseError, "an input behind an output", 2, 50),
    (f"(declare-network f word {X} {Y})", ParseError, "not a part of a network", 2, 20),
    (f"(declare-network f (declare-const X Real) {X} {Y})", ParseError, "not a part of a network", 2, 20),
    (f"(declare-network f {X} {Y})\n(declare-network g {X} {Y})", UnsupportedError, "several networks", 3, 1),
    (f"(declare-network f {X} {X} {Y})", UnsupportedError, "several inputs or outputs", 2, 49),
    (f"(declare-network f {X} {Y} {Y})", UnsupportedError, "several inputs or outputs", 2, 79),
    (
        f'(declare-network f {X} (declare-hidden H Real [1] "h") {Y})',
        UnsupportedError,
        "declare-hidden is not supported",
        2,
        49,
    ),
    (f"(declare-network f (equal-to g) {X} {Y})", UnsupportedError, "equal-to is not supported", 2, 20),
    (f"(declare-network f {X} {Y.replace('Y', 'X')})", ParseError, "declared twice", 2, 1),
    (
        f"(declare-network f (declare-input X int8 [1]) {Y})",
        UnsupportedError,
        "a type of numbers that is not supported",
        2,
        37,
    ),
    (f"(declare-network f (declare-input X Real) {Y})", ParseError, "not the declaration of a tensor", 2, 20),
    (f"(declare-network f (declare-input X Real 2) {Y})", ParseError, "not the shape of a tensor", 2, 42),
    (f"(declare-network f (declare-input X Real [1 2]) {Y})", ParseError, "not the shape", 2, 42),
    (f"(declare-network f (declare-input X Real [0]) {Y})", ParseError, "not the shape", 2, 42),
    (f"(declare-network f (declare-input X Real [-1]) {Y})", ParseError, "not the shape", 2, 42),
    (f"(declare-network f (declare-input X Real [1] in) {Y})", ParseError, "not the name of a node", 2, 46),
    (NETWORK + "(declare-const X_0 Real)", ParseError, "not a command of VNN-LIB 2.0", 3, 1),
    (NETWORK + "()", ParseError, "not a command of VNN-LIB 2.0", 3, 1),
    (BOX.replace("X[0", "Z[0").strip() + NETWORK, ParseError, "neither a number nor a declared", 2, 18),
    (NETWORK + "(assert (<= X 1))", ParseError, "not an entry of the tensor", 3, 13),
    (NETWORK + "(assert (<= X[] 1))", ParseError, "not an entry of the tensor", 3, 13),
    (NETWORK + "(assert (<= X[0] 1))", ParseError, "not an entry of the tensor", 3, 13),
    (NETWORK + "(assert (<= X[0,0,0] 1))", ParseError, "not an entry of the tensor", 3, 13),
    (NETWORK + "(assert (<= X[0,-1] 1))", ParseError, "not an entry of the tensor", 3, 13),
    (NETWORK + "(assert (<= X[0,2] 1))", ParseError, "an index beyond the shape", 3, 13),
    (NETWORK + "(assert (<= X_0 1))", ParseError, "neither a number nor a declared variable", 3, 13),
    (NETWORK + "(assert (<= [0,1] 1))", ParseError, "neither a number nor a declared variable", 3, 13),
    (NETWORK + "(assert (<= (* X[0,0] Y[0,0]) 1))", UnsupportedError, "a product of two terms", 3, 13),
    (NETWORK + "(assert (=> (<= X[0,0] 1) (<= X[0,0] 2)))", UnsupportedError, "a part of logic", 3, 9),
]


@pytest.mark.parametrize(("text", "kind", "what", "line", "column"), FAULTS)
def test_faults_are_named_and_pointed_at(
    text: str, kind: type[ExactnetError], what: str, line: int, column: int
) -> None:
    with pytest.raises(kind, match=what) as caught:
        parse_vnnlib(VERSION + text, name="p.vnnlib")
    assert f"p.vnnlib, line {line}, column {column}" in (caught.value.where or "")


def test_declarations_stand_before_assertions() -> None:
    with pytest.raises(ParseError, match="a declaration behind an assertion"):
        parse_vnnlib(VERSION + "(assert (<= 0 1))" + NETWORK)
