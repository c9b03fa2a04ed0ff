"""Lists of instances: the table, the answers, resuming, errors that do not stop the others."""

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.checker import Files, check_bytes
from exactnet.errors import InputError
from exactnet.io import save_onnx
from exactnet.model import Network
from exactnet.verify import parse_witness, read_jobs, run_jobs
from exactnet.verify.batch import TABLE, read_table

SIZE = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])


def write_list(folder: Path) -> Path:
    (folder / "onnx").mkdir()
    (folder / "vnnlib").mkdir()
    save_onnx(SIZE, folder / "onnx" / "size.onnx")
    head = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (and (>= X_0 -1) (<= X_0 1)))"
    for name, bound in (("safe", 2), ("unsafe", "0.5")):
        (folder / "vnnlib" / f"{name}.vnnlib").write_text(f"{head}(assert (>= Y_0 {bound}))")
    (folder / "vnnlib" / "broken.vnnlib").write_text("(assert")
    lines = [f"onnx/size.onnx,vnnlib/{name}.vnnlib,10" for name in ("safe", "unsafe", "broken", "safe")]
    (folder / "instances.csv").write_text("\n".join(lines) + "\n")
    return folder / "instances.csv"


def test_a_list_from_end_to_end(tmp_path: Path) -> None:
    jobs = read_jobs(write_list(tmp_path))
    names = ["size__safe", "size__unsafe", "size__broken", "size__safe-2"]
    assert [job.name for job in jobs] == names
    out = tmp_path / "out"
    seen = []
    lines = run_jobs(jobs, out, semantics="both", progress=lambda *state: seen.append(state))
    assert [line.status for line in lines] == ["PROVED", "REFUTED", "ERROR", "PROVED"]
    assert [line.name for line in lines] == names
    assert seen[-1] == ("instances", 4, 4)
    assert "not closed" in lines[2].note
    assert (lines[0].real, lines[0].float32) == ("PROVED", "PROVED")
    assert (out / "size__safe.txt").read_text() == "unsat\n"
    assert (out / "size__broken.txt").read_text() == "error\n"
    answer = parse_witness((out / "size__unsafe.txt").read_text())
    assert SIZE(answer.inputs)[0] >= Fraction(1, 2)
    assert answer.outputs == SIZE(answer.inputs)
    for line in lines:
        if line.is_decided:
            data = (out / line.certificate).read_bytes()
            assert len(data) == line.n_bytes
            assert check_bytes(data, files=Files(str(out))).accepted
    assert read_table(out / TABLE) == lines


def test_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = read_jobs(write_list(tmp_path))
    out = tmp_path / "out"
    lines = run_jobs(jobs, out)
    # a line that was being written when the power went, and one without an answer
    text = (out / TABLE).read_text().splitlines()
    (out / TABLE).write_text("\n".join([text[0], text[1], text[2], text[3], text[4][:30]]))
    done = []
    names = run_jobs.__globals__
    real = names["_run_job"]
    monkeypatch.setitem(names, "_run_job", lambda job, *rest: done.append(job.name) or real(job, *rest))
    again = run_jobs(jobs, out, resume=True)
    assert done == ["size__broken", "size__safe-2"]
    assert [line.status for line in again] == [line.status for line in lines]
    done.clear()
    run_jobs(jobs, out, resume=True, semantics="both")
    assert len(done) == 4
    done.clear()
    run_jobs(jobs, out, semantics="both")
    assert len(done) == 4


def test_two_processes_give_the_same_answers(tmp_path: Path) -> None:
    jobs = read_jobs(write_list(tmp_path))
    alone = run_jobs(jobs, tmp_path / "one")
    together = run_jobs(jobs, tmp_path / "two", n_jobs=2)
    assert [line.status for line in together] == [line.status for line in alone]
    for job in jobs:
        name = f"{job.name}.txt"
        assert (tmp_path / "one" / name).read_text() == (tmp_path / "two" / name).read_text()


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "a.onnx\n", "a.onnx,b.vnnlib,soon\n", "a.onnx,b.vnnlib,-1\n", ",b.vnnlib,1\n", "a,b,nan\n"],
)
def test_a_bad_list_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "l.csv").write_text(text)
    with pytest.raises(InputError, match="instance list"):
        read_jobs(tmp_path / "l.csv")


def test_timeouts_of_the_list_and_of_the_call(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("a.onnx,b.vnnlib,116\nc.onnx,d.vnnlib\n\n")
    assert [job.timeout for job in read_jobs(tmp_path / "l.csv")] == [116, None]
    assert [job.timeout for job in read_jobs(tmp_path / "l.csv", timeout=5)] == [5, 5]


def test_instances_of_the_benchmarks(data_folder: Path, tmp_path: Path) -> None:
    with (data_folder / "vnn" / "ground_truth.csv").open() as stream:
        truth = {
            (line["benchmark"], line["onnx"], line["vnnlib"]): line["verdict"]
            for line in csv.DictReader(stream)
        }
    for benchmark, step in (("acasxu", 23), ("rl_benchmarks", 37)):
        jobs = read_jobs(data_folder / "vnn" / benchmark / "instances.csv", timeout=20)[::step]
        for line in run_jobs(jobs, tmp_path / benchmark, semantics="both"):
            answer = {"unsat": "PROVED", "sat": "REFUTED"}[truth[benchmark, line.onnx, line.vnnlib]]
            assert (line.real, line.float32) == (answer, answer), line
