"""The .nnet reader, against a float evaluation written from the description of the format."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from exactnet.errors import InputError, ParseError
from exactnet.io import load_network, load_nnet
from exactnet.io.nnet import parse_nnet, read_nnet
from exactnet.model import Activation

F = Fraction


def written(sizes: list[int], seed: int, *, comma: str = ",") -> tuple[str, dict[str, list[list[str]]]]:
    """A random file as text, and its numbers."""
    rng = random.Random(seed)

    def number() -> str:
        return rng.choice(["0", "-0.5", "1e-2", f"{rng.uniform(-2, 2):.7e}", f"{rng.randint(-3, 3)}."])

    def line(values: list[str]) -> str:
        return ",".join(values) + comma

    n = sizes[0]
    header = [str(len(sizes) - 1), str(n), str(sizes[-1]), str(max(sizes))]
    norms = [[number() for _ in range(n)] for _ in range(2)]
    means, ranges = [number() for _ in range(n + 1)], [f"{rng.randint(1, 9)}.25" for _ in range(n + 1)]
    lines = ["// a comment, with commas", "//", line(header), line([str(s) for s in sizes]), line(["0"])]
    lines += [line(values) for values in (*norms, means, ranges)]
    layers = []
    for before, width in pairwise(sizes):
        weight = [[number() for _ in range(before)] for _ in range(width)]
        bias = [[number()] for _ in range(width)]
        lines += [line(row) for row in (*weight, *bias)]
        layers += [weight, bias]
    return "\n".join(lines) + "\n", {"norm": [means, ranges], "layers": layers}  # type: ignore[dict-item]


def evaluated(
    numbers: dict[str, list[list[str]]], x: list[Fraction], exact: Callable[[str], Fraction]
) -> object:
    """Outputs in their own units for inputs in theirs, step by step."""
    means, ranges = ([exact(text) for text in row] for row in numbers["norm"])
    h = [(q - m) / r for q, m, r in zip(x, means, ranges, strict=False)]
    layers = numbers["layers"]
    for k in range(0, len(layers), 2):
        h = [
            sum((exact(w) * v for w, v in zip(row, h, strict=True)), exact(bias[0]))
            for row, bias in zip(layers[k], layers[k + 1], strict=True)
        ]
        if k < len(layers) - 2:
            h = [max(v, F(0)) for v in h]
    return tuple(v * ranges[-1] + means[-1] for v in h)


@pytest.mark.parametrize("sizes", [[1, 1], [3, 1, 2], [2, 4, 3, 1], [1, 1, 1, 1]])
def test_both_networks_are_those_of_the_description(sizes: list[int]) -> None:
    rng = random.Random(len(sizes))
    for seed in range(5):
        text, numbers = written(sizes, seed, comma=rng.choice([",", "", ", "]))
        file = parse_nnet(text)
        assert file.network.widths == tuple(sizes)
        for _ in range(5):
            x = [F(rng.randint(-20, 20), 7) for _ in range(sizes[0])]
            expected = evaluated(numbers, x, F)
            normalised = [(q - m) / r for q, m, r in zip(x, file.means, file.ranges, strict=False)]
            y = tuple(v * file.ranges[-1] + file.means[-1] for v in file.network(normalised))
            assert y == expected == file.physical(x)


def test_decimals_are_exact_and_relu_is_in_between(tmp_path: Path) -> None:
    path = tmp_path / "tiny.NNET"
    path.write_text("// x\n2,1,1,1,\n1,1,1,\n0,\n-1,\n2.5,\n0.1,0.3,\n2,4,\n\n0.1,\n1e-3,\n-3,\n0.7,\n")
    network = load_network(path)
    assert network == load_nnet(path)
    assert network([1]) == (F("-3") * F("0.101") + F("0.7"),)
    assert [layer.activation for layer in network.layers] == [Activation.RELU, Activation.IDENTITY]
    assert network.provenance.stored_dtype == "decimal text"
    assert len(network.provenance.sha256 or "") == 64
    file = read_nnet(path)
    assert (file.lower, file.upper, file.means, file.ranges) == (
        (-1,),
        (F(5, 2),),
        (F("0.1"), F("0.3")),
        (2, 4),
    )
    assert load_nnet(path, physical=True)([1])[0] == 4 * network([F("0.45")])[0] + F("0.3")


GOOD = ["1,2,1,2,", "2,1,", "0,", "0,0,", "1,1,", "0,0,0,", "1,1,1,", "1,2,", "3,"]


def changed(number: int, line: str | None) -> str:
    lines = list(GOOD)
    if line is None:
        del lines[number - 1]
    else:
        lines[number - 1] = line
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "what", "line", "column"),
    [
        ("", "the text ends too early", 1, 1),
        ("// only\n", "the text ends too early", 2, 1),
        (changed(9, None), "the text ends too early", 9, 1),
        (changed(1, "1,2,1,"), "wrong number of entries", 1, 1),
        (changed(1, "0,2,1,2,"), "not a list of sizes", 1, 1),
        (changed(1, "1.5,2,1,2,"), "not a list of sizes", 1, 1),
        (changed(1, "1,9999999,1,2,"), "not a list of sizes", 1, 1),
        (changed(2, "2,1,1,"), "wrong number of entries", 2, 1),
        (changed(2, "3,1,"), "contradict the first line", 2, 1),
        (changed(2, "2,2,"), "contradict the first line", 2, 1),
        (changed(4, "0,"), "wrong number of entries", 4, 1),
        (changed(6, "0,0,nan,"), "not a number", 6, 5),
        (changed(7, "1,0,1,"), "a range is zero", 7, 1),
        (changed(8, "1, two,"), "not a number", 8, 4),
        (changed(8, "1,,"), "not a number", 8, 3),
        (changed(8, "1,1/2"), "not a number", 8, 3),
        (changed(8, "1,2,3"), "wrong number of entries", 8, 1),
        ("\n".join([*GOOD, "// end", "4,"]), "text behind the last layer", 11, 1),
    ],
)
def test_faults_are_pointed_at(text: str, what: str, line: int, column: int) -> None:
    assert parse_nnet("\n".join(GOOD)).network([1, 1]) == (6,)
    with pytest.raises(ParseError, match=what) as caught:
        parse_nnet(text, name="t.nnet")
    assert (caught.value.line, caught.value.column) == (line, column)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_nnet(tmp_path / "none.nnet")
    (tmp_path / "bad.nnet").write_bytes(b"\xff\xfe1,2")
    with pytest.raises(InputError, match="not a text"):
        load_nnet(tmp_path / "bad.nnet")
