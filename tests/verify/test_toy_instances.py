"""The five smoke instances of the competition, in both semantics, with certificates."""

from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.io import load_chain, load_vnnlib
from exactnet.verify import verify

# the names of the last two are their verdicts; the others follow from a grid and a Lipschitz bound below
EXPECTED = {
    ("test_nano", "test_nano"): "PROVED",
    ("test_tiny", "test_tiny"): "PROVED",
    ("test_small", "test_small"): "PROVED",
    ("test_sat", "test_prop"): "REFUTED",
    ("test_unsat", "test_prop"): "PROVED",
}


@pytest.mark.parametrize("semantics", ["real", "both"])
@pytest.mark.parametrize("names", EXPECTED, ids=lambda names: names[0])
def test_the_verdict_is_the_known_one(data_folder: Path, names: tuple[str, str], semantics: str) -> None:
    folder = data_folder / "vnn" / "test"
    result = verify(folder / f"{names[0]}.onnx", folder / f"{names[1]}.vnnlib", semantics=semantics)
    assert result.status.name == EXPECTED[names]
    assert result.value.checker.startswith("ACCEPTED")


@pytest.mark.parametrize("name", ["test_nano", "test_tiny", "test_small"])
def test_one_input_by_brute_force(data_folder: Path, name: str) -> None:
    folder = data_folder / "vnn" / "test"
    network, prop = load_chain(folder / f"{name}.onnx"), load_vnnlib(folder / f"{name}.vnnlib")
    slope = Fraction(1)
    for layer in network.layers:
        slope *= max(sum(map(abs, row)) for row in layer.weight.rows())
    (case,) = prop.cases
    (row,) = case.rows
    ((_, c),) = row.outputs
    step = Fraction(1, 100)
    points = [case.lower[0] + k * step for k in range(int((case.upper[0] - case.lower[0]) / step) + 1)]
    nearest = min(c * network([x])[0] - row.bound for x in points)
    assert nearest > abs(c) * slope * step
