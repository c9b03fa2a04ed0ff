from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from exactnet.certificate import Certificate, Result, Status, check_file, parse_certificate
from exactnet.errors import CertificateRejected, InputError
from tests.support.tiny import tiny


def result(certificate: Certificate | None) -> Result[int]:
    return Result(
        value=8,
        status=Status.PROVED,
        certificate=certificate,
        sentence="the problem has 8 activation patterns",
        provenance={"source": "x.csv", "sha256": "ab"},
        stats={"n_cells": 8},
    )


def test_the_answer_in_one_sentence() -> None:
    assert repr(result(None)) == "PROVED: the problem has 8 activation patterns"


def test_the_summary_has_it_all() -> None:
    assert result(tiny("one")).summary() == (
        "PROVED: the problem has 8 activation patterns\n"
        "  status       the claim holds, and the certificate proves it\n"
        "  certificate  9 records, claims arrangement, cells, count, dual, primal, optimum, network, gap\n"
        "  provenance   source: x.csv\n"
        "               sha256: ab\n"
        "  stats        n_cells: 8"
    )
    assert "certificate  " not in result(None).summary()


def test_check_hands_the_text_to_the_checker() -> None:
    verdict = result(tiny("one")).check()
    assert verdict.accepted
    assert verdict.exit_code == 0
    assert str(verdict).startswith("ACCEPTED 9 steps: ")
    assert verdict.require() is verdict


def test_a_wrong_proof_is_found() -> None:
    honest = tiny("plain")
    lie = Certificate("a lie", honest.records[:2] + tiny("one").records[2:4], ("cells",))
    verdict = result(lie).check()
    assert (verdict.accepted, verdict.step, verdict.rule, verdict.exit_code) == (False, 3, "split_tree", 1)
    with pytest.raises(CertificateRejected) as caught:
        verdict.require()
    assert (caught.value.step, caught.value.rule) == (3, "split_tree")
    assert caught.value.reason == verdict.reason
    assert "  where:    step 3 (split_tree)\n" in str(caught.value)


def test_save_and_check_the_file(tmp_path: Path) -> None:
    answer = result(tiny("plain"))
    for name in ("a.jsonl", "a.jsonl.gz"):
        path = answer.save(tmp_path / name)
        assert path == tmp_path / name
        assert check_file(path) == answer.check()
    assert parse_certificate((tmp_path / "a.jsonl").read_text(encoding="utf-8")) == answer.certificate


def test_without_certificate_there_is_nothing_to_check(tmp_path: Path) -> None:
    for action in (result(None).check, lambda: result(None).save(tmp_path / "x")):
        with pytest.raises(InputError, match="this result carries no certificate"):
            action()


def test_results_cross_process_borders() -> None:
    answer = result(tiny("one"))
    assert pickle.loads(pickle.dumps(answer)) == answer


@pytest.mark.parametrize("status", Status)
def test_the_sentence_and_the_code_live_with_the_status(status: Status) -> None:
    assert status.sentence == status.value
    assert status.exit_code in (0, 1, 3)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="the certificate cannot be opened"):
            check_file(path)
