"""Verification on ACAS Xu: search, certificates and both checkers, beside Marabou and nnenum.

`python -m tests.benchmarks.bench_verify [--marabou PYTHON] [--nnenum PYTHON] [--seconds S] [--standard]
[--all]`. Times are CPU seconds. A whole process of ours (imports, reading, search, certificate, compiled
check) stands beside a whole process of Marabou, and of nnenum where a Python that can import it is named.
nnenum is not on the package index; without it the column has published measurements from another machine,
less its start-up of 1.1 s, beside our search, certificate and check without start-up.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.timing import cpu_seconds

DATA = Path(os.environ.get("EXACTNET_DATA", Path(__file__).parents[3] / "shared" / "data")) / "vnn" / "acasxu"

# network, property, and nnenum and Marabou as measured elsewhere (CPU seconds; None: no answer in 150 s)
TABLE: tuple[tuple[str, int, float | None, float | None], ...] = (
    ("1_1", 1, 1.95, 1.8),
    ("4_9", 1, 19.9, None),
    ("2_2", 2, 1.1, 4.7),
    ("3_3", 2, 42.6, None),
    ("4_2", 2, 54.1, None),
    ("1_1", 3, 2.9, None),
    ("3_6", 3, 1.5, 0.44),
    ("1_1", 4, 1.7, 42.0),
    ("1_1", 5, 6.7, None),
    ("1_1", 6, 28.3, None),
    ("3_3", 9, 16.1, None),
    ("4_5", 10, 3.0, 100.6),
    ("2_9", 8, None, None),
    ("1_9", 7, None, None),
)

START_UP = 1.1  # of nnenum, in these measurements

MARABOU = """
import sys
from maraboupy import Marabou
net = Marabou.read_onnx(sys.argv[1])
code, values, stats = net.solve(propertyFilename=sys.argv[2], verbose=False,
                                options=Marabou.createOptions(verbosity=0, timeoutInSeconds=int(sys.argv[3])))
print(code)
"""


def files(net: str, number: int) -> tuple[Path, Path]:
    """The network and the property of an instance."""
    return DATA / "onnx" / f"ACASXU_run2a_{net}_batch_2000.onnx", DATA / "vnnlib" / f"prop_{number}.vnnlib"


def child(command: Sequence[str], seconds: float) -> tuple[float, str]:
    """CPU seconds and the last line of output of a command; empty after a time-out."""
    start = cpu_seconds()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return cpu_seconds() - start, ""
    lines = done.stdout.strip().splitlines()
    return cpu_seconds() - start, lines[-1] if lines else ""


def ours(network: str, prop: str, folder: Path, *, standard: bool) -> dict[str, object]:
    """Verdict, times and size of `exactnet verify` as a whole process, perhaps with the other checker."""
    certificate = folder / "proof.cert"
    command = [sys.executable, "-m", "exactnet.cli", "verify", network, prop, "--semantics", "both"]
    seconds, line = child([*command, "--out", str(certificate), "--json"], 600)
    answer = json.loads(line) if line else {"status": "no answer"}
    row: dict[str, object] = {"status": answer["status"], "seconds": seconds, "work": warm(network, prop)}
    if certificate.is_file():
        row["bytes"] = certificate.stat().st_size
    if certificate.is_file() and standard:
        plain = [sys.executable, "-m", "exactnet.checker", str(certificate)]
        row["standard"], verdict = child(plain, 900)
        row["accepted"] = verdict.startswith("ACCEPTED")
    return row


def warm(network: str, prop: str) -> float:
    """The same in this process, where everything has been imported and compiled: the work alone."""
    from exactnet.verify import verify

    start = cpu_seconds()
    verify(network, prop, semantics="both")
    return cpu_seconds() - start


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--marabou", metavar="PYTHON", default=sys.executable, help="a Python with maraboupy")
    parser.add_argument("--nnenum", metavar="PYTHON", help="a Python with nnenum, from its source")
    parser.add_argument("--seconds", type=float, default=30, help="time-out of a peer")
    parser.add_argument("--standard", action="store_true", help="time the standard-library checker, too")
    parser.add_argument("--all", action="store_true", help="all 186 instances, without peers")
    options = parser.parse_args(arguments)
    if not DATA.is_dir():
        raise SystemExit(f"no benchmark data at {DATA}; set EXACTNET_DATA")
    if options.all:
        every_instance()
        return
    peer = child([options.marabou, "-c", "import maraboupy; print('here')"], 60)[1] == "here"
    where = "measured now" if options.nnenum else "published, elsewhere"
    print(f"Marabou: {'measured now' if peer else 'not installed'}; nnenum: {where}")
    print(
        "net, prop  verdict   process s  search+check s  bytes | Marabou s (ratio) | nnenum search s (ratio)"
    )
    ratios: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        warm(*(str(path) for path in files("1_1", 3)))
        for net, number, nnenum, _ in TABLE:
            network, prop = (str(path) for path in files(net, number))
            row = ours(network, prop, Path(name), standard=options.standard)
            took, work = float(str(row["seconds"])), float(str(row["work"]))
            other = marabou(options, network, prop, took) if peer else "-"
            there = "no answer"
            if options.nnenum:
                nnenum, there = measured_nnenum(options, network, prop, Path(name))
                if nnenum is not None:
                    ratios.append((nnenum, took))
                    there += f" ({nnenum / took:.1f}x)"
            elif nnenum is not None:
                ratios.append((nnenum - START_UP, work))
                there = f"{nnenum - START_UP:.1f} ({(nnenum - START_UP) / work:.0f}x)"
            print(
                f"{net}, {number:<5} {row['status']:<9} {took:8.2f} {work:13.2f} {row.get('bytes', 0):10}"
                f" | {other:<17} | {there}"
            )
            if options.standard:
                accepted = row.get("accepted")
                print(f"           standard-library check {row.get('standard', 0.0):.1f} s: {accepted}")
    theirs, mine = (sum(column) for column in zip(*ratios, strict=True)) if ratios else (0.0, 1.0)
    print(f"together: nnenum {theirs:.0f} s; search, proof and check here {mine:.1f} s: {theirs / mine:.0f}x")


def marabou(options: argparse.Namespace, network: str, prop: str, took: float) -> str:
    """Marabou on one instance."""
    command = [options.marabou, "-c", MARABOU, network, prop, str(int(options.seconds))]
    seconds, verdict = child(command, options.seconds + 20)
    answered = verdict in ("sat", "unsat")
    return f"{'' if answered else '> '}{seconds:.1f} ({seconds / took:.1f}x)"


def measured_nnenum(
    options: argparse.Namespace, network: str, prop: str, folder: Path
) -> tuple[float | None, str]:
    """nnenum on one instance, one process: seconds if it answered, and what to print."""
    answer = folder / "nnenum.txt"
    answer.unlink(missing_ok=True)
    command = [options.nnenum, "-m", "nnenum.nnenum", network, prop, str(options.seconds), str(answer), "1"]
    seconds, _ = child(command, options.seconds + 20)
    verdict = answer.read_text().split()[:1] if answer.is_file() else []
    if verdict in (["sat"], ["unsat"]):
        return seconds, f"{verdict[0]} {seconds:.1f}"
    return None, f"> {seconds:.1f}"


def every_instance() -> None:
    """The batch verb on all of ACAS Xu, one process: search with certificates, and the checks."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "exactnet.cli", "verify", "--batch", str(DATA / "instances.csv")]
        seconds, line = child([*command, "--semantics", "both", "--out", name], 3600)
        sizes = sorted(path.stat().st_size for path in Path(name).rglob("*.cert*"))
        n_instances = sum(1 for _ in csv.reader((DATA / "instances.csv").open()))
        print(line)
        print(f"{n_instances} instances, {seconds:.1f} CPU seconds in all; {len(sizes)} certificates")
        if sizes:
            median = sizes[len(sizes) // 2]
            print(f"bytes: median {median}, largest {sizes[-1]}, together {sum(sizes)}")


if __name__ == "__main__":
    main(sys.argv[1:])
