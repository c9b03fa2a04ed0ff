"""The rules for tropical polynomials and forms: each condition, and the mutation law.

What is true is decided by linear programmes term by term, and for networks by the expanded recursion: neither
shares code with the checker, with the hull, or with the extraction from cells.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import (
    Certificate,
    DifferentPolynomialsRecord,
    EssentialTermsRecord,
    NetworkRecord,
    RegionTreeRecord,
    SamePolynomialRecord,
    TropicalFormRecord,
    TropicalPolynomialRecord,
    certificate_text,
    parse_certificate,
)
from exactnet.certificate.fast_check import fast_check
from exactnet.checker import check_bytes, check_text
from exactnet.model import AffineLayer, Network
from exactnet.tropical import (
    TropicalPolynomial,
    TropicalRational,
    prove_normal_form,
    recursion,
    tropical_form,
)
from exactnet.tropical.normal_form import essential_terms_by_lp
from paper_repro.anchors import random_integer_network
from tests.checker.region_cases import network_of
from tests.checker.test_mutation import changed, get, places, put
from tests.support.sealing import Line, opened, rejects, seal_records

P = TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (2, 0): 0, (0, 1): 1, ("1/2", "1/2"): 0})
Q = TropicalPolynomial.from_terms({(0,): 0, (1,): "1/3", (2,): 0})


def _mixed() -> Network:
    return Network(
        (
            AffineLayer.from_arrays([[1], [2], [0]], [0, -1, 1], activation="maxout", pieces=3),
            AffineLayer.from_arrays([[1], [-1]], [-1, 0], activation="leaky_relu", slope="1/3"),
            AffineLayer.from_arrays([[1, -1], [1, 1]], [0, 0], activation="hardtanh", skips={0: [[1], [0]]}),
        )
    )


CERTIFICATES: list[Certificate] = [
    prove_normal_form(P).certificate,
    P.equals(P.normal_form()).certificate,
    Q.equals(Q**2).certificate,
    TropicalRational(Q, Q).equals(TropicalRational(Q * Q, (Q * Q).normal_form())).certificate,
    tropical_form(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])).certificate,
    tropical_form(random_integer_network([2, 3, 2, 1], 2)).certificate,
    tropical_form(_mixed()).certificate,
    tropical_form(Network.from_arrays([([[1, 2], [3, 4]], ["1/2", 0])])).certificate,
]
TEXTS = [certificate_text(certificate) for certificate in CERTIFICATES]


# -- what is true --------------------------------------------------------------------------------------


def polynomial(record: TropicalPolynomialRecord) -> TropicalPolynomial:
    den = record.denominator
    terms = {tuple(Fraction(v, den) for v in row[:-1]): Fraction(row[-1], den) for row in record.terms}
    return TropicalPolynomial.from_terms(terms, record.n_variables)


def product(known: dict[str, Any], names: Sequence[str]) -> TropicalPolynomial:
    factors = [polynomial(known[name]) for name in names]
    found = factors[0]
    for p in factors[1:]:
        found = found * p
    return found


@cache
def outputs(n_inputs: int, layers: Any) -> tuple[tuple[TropicalPolynomial, TropicalPolynomial], ...]:
    network = network_of(NetworkRecord("n", n_inputs, layers))
    return tuple(
        (essential_terms_by_lp(f.numerator), essential_terms_by_lp(f.denominator))
        for f in recursion(network, prune=False)
    )


def is_true(record: Any, known: dict[str, Any]) -> bool:
    match record:
        case SamePolynomialRecord():
            sides = [essential_terms_by_lp(product(known, names)) for names in (record.left, record.right)]
            return sides[0] == sides[1]
        case DifferentPolynomialsRecord():
            return product(known, record.left)(record.point) != product(known, record.right)(record.point)
        case EssentialTermsRecord():
            p = polynomial(known[record.polynomial])
            return len(record.essential) == essential_terms_by_lp(p).n_terms
        case TropicalFormRecord():
            tree = known[record.cells]
            network = known[tree.network]
            stated = [
                (polynomial(known[F]), polynomial(known[G]))
                for F, G in zip(record.numerators, record.denominators, strict=True)
            ]
            return stated == list(outputs(network.n_inputs, network.layers))
    return isinstance(record, TropicalPolynomialRecord | NetworkRecord | RegionTreeRecord)


def judge(records: list[Line], claims: list[str]) -> bool:
    """Whether a resealed certificate is accepted; if so, all that it states is true."""
    text = seal_records(records, claims)
    found = check_text(text)
    assert "could not follow" not in found.reason, found.line
    if found.accepted:
        certificate = parse_certificate(text)
        known = {record.id: record for record in certificate.records}
        assert [record.id for record in certificate.records if not is_true(record, known)] == [], found.line
    return found.accepted


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_every_number_moved(certificate) -> None:
    originals = opened(certificate)
    assert judge(originals, list(certificate.claims))
    verdicts = []
    for i, record in enumerate(originals):
        if record["rule"] in ("network", "region_tree"):
            continue
        for path in places(record):
            value = get(record, path)
            others: list[Any] = []
            if type(value) is int and path[0] != "step":
                others = [value + 1, value - 1, -value, 0]
            elif (
                type(value) is str
                and path[0] not in ("id", "rule")
                and value not in {r["id"] for r in originals}
            ):
                others = ["0", "1", str(Fraction(value) + 1), str(-Fraction(value)), str(Fraction(value) / 2)]
            for other in dict.fromkeys(others):
                if other != value:
                    records = copy.deepcopy(originals)
                    put(records[i], path, other)
                    verdicts.append(judge(records, list(certificate.claims)))
    # other points and other multipliers are as good; other terms mostly are not
    assert verdicts.count(False) > 0.2 * len(verdicts)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CERTIFICATES), st.data())
def test_no_false_claim_after_any_change(certificate, data) -> None:
    records = opened(certificate)
    i = data.draw(st.integers(0, len(records) - 1))
    path = data.draw(st.sampled_from([p for p in places(records[i]) if p[0] not in ("step", "nodes")]))
    put(records[i], path, changed(get(records[i], path), data, [record["id"] for record in records]))
    text = seal_records(records, list(certificate.claims))
    found = check_text(text)
    assert "could not follow" not in found.reason, found.line
    if found.accepted:
        judge(records, list(certificate.claims))


def test_each_weight_of_the_network_counts() -> None:
    certificate = CERTIFICATES[5]
    originals = opened(certificate)
    for path in places(originals[0]):
        if path[0] == "layers" and type(get(originals[0], path)) is str and path[2] in ("weight", "bias"):
            records = copy.deepcopy(originals)
            put(records[0], path, str(Fraction(get(originals[0], path)) + 7))
            judge(records, list(certificate.claims))


# -- each condition ------------------------------------------------------------------------------------


def test_polynomials_are_read_strictly() -> None:
    proof = CERTIFICATES[0]
    assert rejects(proof, "p", lambda r: r.update(terms=[]), "at least one term")
    assert rejects(proof, "p", lambda r: r["terms"].reverse(), "do not come after")
    assert rejects(proof, "p", lambda r: r["terms"].insert(0, r["terms"][0]), "do not come after")
    assert rejects(proof, "p", lambda r: r["terms"][0].append(0), "length 3")
    assert rejects(proof, "p", lambda r: r.update(denominator=0), "at least 1")
    assert rejects(proof, "p", lambda r: r.update(n_variables=-1), "at least 0")
    assert rejects(proof, "p", lambda r: r["terms"][0].__setitem__(0, True), "integer")


def test_essential_terms() -> None:
    proof, name = CERTIFICATES[0], "normal-form"
    assert rejects(proof, name, lambda r: r["essential"].pop(), "not the number of a term")
    assert rejects(proof, name, lambda r: r["under"].pop(), "name every term once")
    assert rejects(proof, name, lambda r: r["essential"][0].__setitem__(1, ["100", "0"]), "as large as term")
    assert rejects(proof, name, lambda r: r["essential"].reverse(), "increasing order")
    assert rejects(proof, name, lambda r: r["under"][0][1][0].__setitem__(1, "-1"), "not positive")
    assert rejects(proof, name, lambda r: r["under"][0][1][0].__setitem__(1, "1/3"), "their sum is not 1")
    assert rejects(proof, name, lambda r: r["under"][0][1].reverse(), "increasing order")

    def above(record: Line) -> None:
        record["terms"][1][-1] += 10

    assert not check_text(seal_records(_edited(proof, "p", above), [name])).accepted


def _edited(certificate: Certificate, name: str, edit: Any) -> list[Line]:
    records = opened(certificate)
    edit(next(record for record in records if record["id"] == name))
    return records


def test_equality_needs_both_sides() -> None:
    proof = CERTIFICATES[1]
    assert rejects(proof, "same", lambda r: r.update(left_under=[]), "does not list term")
    assert rejects(proof, "same", lambda r: r.update(left=[]), "names no polynomial")
    assert rejects(proof, "same", lambda r: r.update(right=["p", "p"]), "combine to the exponents")
    assert rejects(proof, "same", lambda r: r["left_under"][0].__setitem__(0, 99), "not the number of a term")
    assert rejects(CERTIFICATES[2], "different", lambda r: r.update(point=["-1"]), "the same value")
    assert rejects(CERTIFICATES[2], "different", lambda r: r.update(point=["0", "0"]), "length 1")


def test_polynomials_in_other_variables_do_not_mix() -> None:
    p = {"rule": "tropical_polynomial", "id": "p", "n_variables": 1, "denominator": 1, "terms": [[0, 0]]}
    q = {"rule": "tropical_polynomial", "id": "q", "n_variables": 2, "denominator": 1, "terms": [[0, 0, 0]]}
    same = {
        "rule": "same_polynomial",
        "id": "s",
        "left": ["p"],
        "right": ["q"],
        "left_under": [],
        "right_under": [],
    }
    assert "different variables" in check_text(seal_records([p, q, same], ["s"])).reason
    assert "has no conclusion" in check_text(seal_records([p], ["p"])).reason


def test_the_terms_of_a_form_are_exactly_those_of_the_cells() -> None:
    proof = CERTIFICATES[5]
    records = opened(proof)
    F = next(record for record in records if record["id"] == "F")
    for change in (
        lambda t: t.pop(),
        lambda t: t.append([t[-1][0] + 1, 0, 0]),
        lambda t: t[0].__setitem__(-1, 9**9),
    ):
        edited = copy.deepcopy(records)
        change(next(record for record in edited if record["id"] == "F")["terms"])
        verdict = check_text(seal_records(edited, ["form"]))
        assert (verdict.accepted, verdict.rule) == (False, "tropical_form")
        assert "of the cells" in verdict.reason
    assert rejects(proof, "form", lambda r: r.update(numerators=["G"], denominators=["F"]), "of the cells")
    assert rejects(proof, "form", lambda r: r.update(numerators=["F", "F"]), "length 1")
    # twice the numbers over twice the denominator: the same polynomial
    F["terms"] = [[2 * x for x in row] for row in F["terms"]]
    F["denominator"] *= 2
    assert check_text(seal_records(records, ["form"])).accepted


def test_a_form_needs_all_cells_of_the_whole_space() -> None:
    proof = CERTIFICATES[4]
    records = opened(proof)
    tree = next(record for record in records if record["rule"] == "region_tree")
    partial = copy.deepcopy(records)
    next(r for r in partial if r["id"] == "cells").update(nodes=[5], n_cells=0)
    assert "leaves 1 node open" in check_text(seal_records(partial, ["form"])).reason
    tree["domain"] = [[1, 5]]
    assert check_text(seal_records(records, ["form"])).rule in ("region_tree", "tropical_form")
    tree["domain"] = [[0, 0]]
    # a zero row says nothing: but the numbers of the forms move by one
    assert check_text(seal_records(records, ["form"])).rule in (None, "region_tree")


def test_variables_and_inputs_agree() -> None:
    proof = CERTIFICATES[4]
    records = opened(proof)
    F = next(record for record in records if record["id"] == "F")
    F["n_variables"] = 2
    F["terms"] = [[*row[:-1], 0, row[-1]] for row in F["terms"]]
    assert "has 2 variables" in check_text(seal_records(records, ["form"])).reason


def test_a_sample_reads_the_form_only() -> None:
    verdict = check_bytes(TEXTS[5].encode(), sample=2)
    assert verdict.sampled
    assert "not at form" in verdict.line


@pytest.mark.parametrize("text", TEXTS)
def test_the_compiled_checker_hands_these_on(text) -> None:
    found = fast_check(text)
    assert (found.accepted, found.handed_on, found.line) == (True, True, check_text(text).line)


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_text_and_back(certificate) -> None:
    assert parse_certificate(certificate_text(certificate)) == certificate


def test_the_conclusions_in_words() -> None:
    lines = [check_text(text).line.partition(": ")[2] for text in TEXTS]
    assert lines[0].startswith(
        "p has exactly 3 essential terms; p is the tropical polynomial with 2 variables"
    )
    assert lines[1].startswith("p and q are the same function; ")
    assert lines[2].startswith("p and q differ at the point of different; ")
    assert lines[3].startswith(
        "the tropical product of F1 and G2 and the tropical product of F2 and G1 are the"
    )
    assert lines[4].startswith(
        "network is F - G on the whole space, of 2 terms and 1 term, all of them essential"
    )
    assert "output 1 of network is F-1 - G-1 on the whole space" in lines[6]


def test_long_numbers_at_essential_points_count_as_many_words(monkeypatch) -> None:
    """Numerators, denominators and terms: all of them make the products long."""
    from exactnet.checker import tropical

    long = 10**400
    for terms, point in (
        ([[0, 0], [1, 0]], str(long)),
        ([[0, 0], [1, 0]], f"1/{long}"),
        ([[0, 0], [long, 0]], "1"),
    ):
        polynomial = {
            "rule": "tropical_polynomial",
            "id": "p",
            "n_variables": 1,
            "denominator": 1,
            "terms": terms,
        }
        essential = [[0, ["-1"]], [1, [point]]]
        record = {
            "rule": "essential_terms",
            "id": "e",
            "polynomial": "p",
            "essential": essential,
            "under": [],
        }
        text = seal_records([{"step": k, **r} for k, r in enumerate((polynomial, record), start=1)], ["e"])
        monkeypatch.setattr(tropical, "_MOST_WORK", 100)
        assert check_text(text).accepted
        monkeypatch.setattr(tropical, "_MOST_WORK", 8)
        assert "products at the points" in check_text(text).reason
