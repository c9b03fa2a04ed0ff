"""Every example runs, prints a table or writes a figure, and stays short."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("[0-9][0-9]_*.py"))

# What each example must show. 2161/1575: KKT conditions of data set A in exact arithmetic. 19/50: the XOR
# samples decouple (|z.u| <= |u|_1 on each), so the optimum is 4 (beta - beta^2 / 2) with beta = 1/10. 600:
# the cells of the network for the maximum of five numbers, counted by an independent program.
SHOWN = {
    "01_optimum": ["2161/1575", "ACCEPTED"],
    "02_train_and_compare": ["PROVED", "ACCEPTED", "gap.png", "functions.png"],
    "03_read_and_check": ["ACCEPTED", "REJECTED", "primal_dual"],
    "04_wedge_neurons": ["PROVED", "19/50", "z1 ^ z2"],
    "05_regions": ["PROVED", "ACCEPTED", "f-vector", "regions.png"],
    "06_audit": ["PROVED", "ACCEPTED", "1.676557", "1.375163", "1.073770", "2161/1575"],
    "07_tropical": ["PROVED", "ACCEPTED", "the same function", "on 600 cells", "tropical.png"],
    "08_verify": ["y >  9/8  PROVED", "y >= 9/8  REFUTED", "ACCEPTED", "is not valid"],
}


def test_every_example_is_listed() -> None:
    assert [path.stem for path in EXAMPLES] == list(SHOWN)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path: Path, tmp_path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 60
    done = subprocess.run(
        [sys.executable, str(path), str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    for text in SHOWN[path.stem]:
        assert text in done.stdout
    for figure in tmp_path.glob("*.png"):
        assert figure.stat().st_size > 5000
