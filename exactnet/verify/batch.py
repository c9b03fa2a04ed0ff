"""Many instances at once, as a verification competition lists them: certificates, answers and a table.

One process works through the instances of a network, so that each file is read once and compiled loops are
loaded once. The table grows line by line: a run that is stopped can go on where it was.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from exactnet.certificate import Result, Status, write_certificate
from exactnet.errors import ExactnetError, InputError
from exactnet.exact import rational_text
from exactnet.io.files import PathName, read_bytes
from exactnet.verify.decide import Verification, verify_instance
from exactnet.verify.instance import instance
from exactnet.verify.proofs import Limits
from exactnet.verify.resume import load_start
from exactnet.verify.witness_text import competition_text

__all__ = ["TABLE", "Job", "Outcome", "competition_answer", "read_jobs", "read_table", "run_jobs"]

TABLE = "results.csv"
_CHUNK = 8

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Job:
    """One line of an instance list.

    Attributes
    ----------
    name : of its certificate and its answer, without a suffix; no other job has it.
    model, prop : the files, as the list names them.
    folder : in which the list stands.
    timeout : seconds; None for no limit.
    """

    name: str
    model: str
    prop: str
    folder: str
    timeout: float | None


@dataclass(frozen=True)
class Outcome:
    """One line of the table, all of it text or numbers.

    Attributes
    ----------
    status : PROVED, REFUTED, UNDECIDED, or ERROR.
    real, float32 : the same for each semantics; "" where it was not asked for.
    margin : exact, of a counterexample.
    certificate, n_bytes : the file, and its size.
    seconds : wall time of the whole instance; `search_seconds` and `check_seconds` are CPU time.
    note : why it is undecided, or the error.
    """

    name: str
    onnx: str
    vnnlib: str
    semantics: str
    status: str
    real: str = ""
    float32: str = ""
    n_leaves: int = 0
    n_nodes: int = 0
    margin: str = ""
    certificate: str = ""
    n_bytes: int = 0
    seconds: float = 0.0
    search_seconds: float = 0.0
    check_seconds: float = 0.0
    certified: str = ""
    note: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether the answer is PROVED or REFUTED."""
        return self.status in ("PROVED", "REFUTED")


def read_jobs(path: PathName, *, timeout: float | None = None) -> tuple[Job, ...]:
    """The jobs of an instance list: lines `network,property,seconds`, paths relative to the list.

    Parameters
    ----------
    timeout : the most seconds for an instance; None for those of the list.

    Raises
    ------
    InputError : no such file, an empty list, or a line without two paths and a number of seconds.
    """
    file = read_bytes(path, what="instance list", suffixes=[".csv"])
    folder = str(Path(path).parent)
    jobs: list[Job] = []
    used: set[str] = set()
    for number, line in enumerate(csv.reader(file.content.decode("utf-8-sig").splitlines()), start=1):
        if not any(cell.strip() for cell in line):
            continue
        model, prop, seconds = _cells(line, f"{file.name}, line {number}")
        limit = seconds if timeout is None else timeout if seconds is None else min(seconds, timeout)
        jobs.append(Job(_name(model, prop, used), model, prop, folder, limit))
    if not jobs:
        raise InputError("the instance list is empty", where=file.name, expected="network,property,seconds")
    return tuple(jobs)


def _cells(line: Sequence[str], where: str) -> tuple[str, str, float | None]:
    cells = [cell.strip() for cell in line]
    try:
        if len(cells) not in (2, 3) or not all(cells):
            raise ValueError
        seconds = float(cells[2]) if len(cells) == 3 else None
        if seconds is not None and not seconds >= 0:
            raise ValueError
    except ValueError:
        raise InputError(
            "not a line of an instance list",
            where=where,
            got=",".join(line)[:100],
            expected="network,property,seconds",
        ) from None
    return cells[0], cells[1], seconds


def _name(model: str, prop: str, used: set[str]) -> str:
    """Both stems; with a number behind them when they are taken."""
    stem = f"{_stem(model)}__{_stem(prop)}"
    name, k = stem, 2
    while name in used:
        name, k = f"{stem}-{k}", k + 1
    used.add(name)
    return name


def _stem(path: str) -> str:
    name = Path(path).name
    for suffix in (".gz", ".onnx", ".vnnlib", ".nnet", ".npz"):
        name = name.removesuffix(suffix)
    return "".join(c if c.isalnum() or c in "._-" else "-" for c in name)


# -- one job --------------------------------------------------------------------------------------------


def _run_job(job: Job, out: Path, semantics: str, seed: int, standard_checker: bool, resume: bool) -> Outcome:
    started = time.monotonic()
    line = Outcome(job.name, job.model, job.prop, semantics, "ERROR")
    folder = Path(job.folder)
    try:
        given = instance(folder / job.model, folder / job.prop)
        limits = Limits(float("inf") if job.timeout is None else job.timeout)
        partial = out / f"{job.name}.partial.jsonl.gz"
        result = verify_instance(
            given,
            semantics=semantics,
            limits=limits,
            start=load_start(partial, given) if resume and partial.exists() else None,
            seed=seed,
            folder=out,
            standard_checker=standard_checker,
        )
        partial.unlink(missing_ok=True)
        line = _line(line, result, out)
    except ExactnetError as error:
        (out / f"{job.name}.txt").write_text("error\n")
        line = replace(line, note=" ".join(str(error).split()))
    return replace(line, seconds=round(time.monotonic() - started, 4))


def _line(line: Outcome, result: Result[Verification], out: Path) -> Outcome:
    found = result.value
    (out / f"{line.name}.txt").write_text(competition_answer(result))
    certificate, n_bytes = "", 0
    if result.certificate is not None:
        kind = "cert" if result.status is not Status.UNDECIDED else "partial"
        path = write_certificate(result.certificate, out / f"{line.name}.{kind}.jsonl.gz")
        certificate, n_bytes = path.name, path.stat().st_size
    statuses = {name: status.name for name, status in found.statuses.items()}
    return replace(
        line,
        status=result.status.name,
        real=statuses.get("real", ""),
        float32=statuses.get("float32", ""),
        n_leaves=found.n_leaves,
        n_nodes=int(str(result.stats["n_nodes"])),
        margin="" if found.witness is None else rational_text(found.witness.margin),
        certificate=certificate,
        n_bytes=n_bytes,
        search_seconds=float(str(result.stats["search_seconds"])),
        check_seconds=float(str(result.stats["check_seconds"])),
        certified=rational_text(found.certified),
        note=found.reason,
    )


def competition_answer(result: Result[Verification]) -> str:
    """The text of a competition's result file: the answer, and behind `sat` the counterexample.

    Examples
    --------
    >>> from exactnet.model import Network, Property
    >>> from exactnet.verify.decide import verify
    >>> always = Property.from_box([0], [1], [[]])
    >>> print(competition_answer(verify(Network.from_arrays([([[1]], [0])]), always)), end="")
    sat
    ((X_0 0.5)
    (Y_0 0.5))
    """
    found = result.value
    if found.status is Status.PROVED:
        return "unsat\n"
    if found.status is Status.REFUTED and found.witness is not None:
        return f"sat\n{competition_text(found.witness.point, found.witness.outputs)}\n"
    return "timeout\n" if "limit" in found.reason or "time" in found.reason else "unknown\n"


# -- all jobs -------------------------------------------------------------------------------------------


def run_jobs(
    jobs: Sequence[Job],
    out: PathName,
    *,
    semantics: str = "real",
    n_jobs: int = 1,
    seed: int = 0,
    resume: bool = False,
    standard_checker: bool = False,
    progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Decide all jobs; certificates, answers and the table go to the folder `out`, which is made if need be.

    Parameters
    ----------
    n_jobs : worker processes.
    resume : keep the lines of the table that are decided in these semantics, and go on with the others, from
        their unfinished proofs where there are any.
    progress : called with (phase, done, total).

    Returns
    -------
    tuple : one line a job, in the order of the jobs.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / TABLE
    known = {line.name: line for line in read_table(table)} if resume and table.exists() else {}
    done = {
        job.name: known[job.name]
        for job in jobs
        if job.name in known and known[job.name].is_decided and known[job.name].semantics == semantics
    }
    _write_table(table, list(done.values()))
    todo = [job for job in jobs if job.name not in done]
    say = progress or (lambda phase, n, total: None)
    for line in _lines(todo, folder, n_jobs, (semantics, seed, standard_checker, resume)):
        done[line.name] = line
        with table.open("a", newline="") as stream:
            csv.writer(stream).writerow(asdict(line).values())
        say("instances", len(done), len(jobs))
    ordered = tuple(done[job.name] for job in jobs)
    _write_table(table, ordered)
    return ordered


Settings = tuple[str, int, bool, bool]


def _lines(jobs: Sequence[Job], out: Path, n_jobs: int, settings: Settings) -> Iterator[Outcome]:
    """The outcomes as they come; parts of the list with one network go to one process."""
    if n_jobs == 1:
        for part in _parts(jobs):
            for job in part:
                yield _run_job(job, out, *settings)
        return
    from joblib import Parallel, delayed

    work = (delayed(_run_part)(part, out, settings) for part in _parts(jobs))
    for lines in Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)(work):
        yield from lines


def _run_part(part: Sequence[Job], out: Path, settings: Settings) -> list[Outcome]:
    return [_run_job(job, out, *settings) for job in part]


def _parts(jobs: Sequence[Job]) -> list[list[Job]]:
    """Jobs by their networks, at most eight together."""
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.model, []).append(job)
    return [group[k : k + _CHUNK] for group in groups.values() for k in range(0, len(group), _CHUNK)]


_KINDS = {"int": int, "float": float, "str": str}


def read_table(path: PathName) -> tuple[Outcome, ...]:
    """The lines of a table; a last line that was cut off is left out."""
    lines = []
    columns = fields(Outcome)
    with Path(path).open(newline="") as stream:
        for cells in list(csv.reader(stream))[1:]:
            if len(cells) == len(columns):
                try:
                    values = [_KINDS[str(c.type)](cell) for c, cell in zip(columns, cells, strict=True)]
                except ValueError:
                    continue
                lines.append(Outcome(*values))
    return tuple(lines)


def _write_table(path: Path, lines: Sequence[Outcome]) -> None:
    beside = path.with_suffix(".tmp")
    with beside.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([column.name for column in fields(Outcome)])
        writer.writerows(asdict(line).values() for line in lines)
    beside.replace(path)
