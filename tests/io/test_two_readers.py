"""The readers of the checker share no code with those of the package: on every file they read the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.checker.model_file import read_chain
from exactnet.checker.property_file import read_cases
from exactnet.checker.read import Rejection
from exactnet.errors import ExactnetError
from exactnet.io import load_chain, load_vnnlib, parse_vnnlib
from exactnet.io.onnx_chain import chain_from_onnx
from exactnet.model import Activation, Network, Property
from tests.io.test_onnx_chain import parsed
from tests.io.test_vnnlib import BOX, DECLARED, FAULTS, formulas

Plain = tuple[int, int, list[tuple[object, ...]]]


def plain(unsafe: Property) -> Plain:
    return unsafe.n_inputs, unsafe.n_outputs, [_case(case) for case in unsafe.cases]


def plain_of_checker(text: bytes) -> Plain:
    n_inputs, n_outputs, cases = read_cases(text)
    return n_inputs, n_outputs, [_case(case) for case in cases]


def _case(case: object) -> tuple[object, ...]:
    rows = [(row.inputs, row.outputs, row.bound, row.strict) for row in case.rows]  # type: ignore[attr-defined]
    return case.lower, case.upper, rows  # type: ignore[attr-defined]


def same_chain(network: Network, content: bytes) -> None:
    n_inputs, layers = read_chain(content)
    assert n_inputs == network.n_inputs
    assert len(layers) == len(network.layers)
    for ours, theirs in zip(network.layers, layers, strict=True):
        assert [list(row) for row in ours.weight.rows()] == theirs.weight
        assert list(ours.bias) == theirs.bias
        assert (ours.activation is Activation.RELU) == theirs.is_relu


@pytest.mark.parametrize("folder", ["acasxu", "rl_benchmarks", "test"])
def test_benchmark_properties(data_folder: Path, folder: str) -> None:
    for file in sorted((data_folder / "vnn" / folder).rglob("*.vnnlib")):
        assert plain(load_vnnlib(file)) == plain_of_checker(file.read_bytes()), file.name


@pytest.mark.parametrize("name", ["prop_0_0.03", "prop_14_0.05"])
def test_image_properties(data_folder: Path, name: str) -> None:
    file = data_folder / f"vnn/mnist_fc/vnnlib/{name}.vnnlib"
    assert plain(load_vnnlib(file)) == plain_of_checker(file.read_bytes())


@pytest.mark.parametrize("pattern", ["acasxu/onnx/*_1_*.onnx", "rl_benchmarks/onnx/*.onnx", "test/*.onnx"])
def test_benchmark_networks(data_folder: Path, pattern: str) -> None:
    for file in sorted((data_folder / "vnn").glob(pattern)):
        same_chain(load_chain(file), file.read_bytes())


@settings(max_examples=80, deadline=None)
@given(st.lists(formulas, min_size=1, max_size=3))
def test_random_properties(parts: list[str]) -> None:
    text = DECLARED + BOX + "\n".join(f"(assert {part})" for part in parts)
    assert plain(parse_vnnlib(text)) == plain_of_checker(text.encode())


@pytest.mark.parametrize("text", [fault[0] for fault in FAULTS])
def test_neither_reads_a_faulty_property(text: str) -> None:
    with pytest.raises(ExactnetError):
        parse_vnnlib(text)
    with pytest.raises(Rejection):
        read_cases(text.encode())


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="() \n;<=+-*.019eXY_assertdclnou", max_size=40), st.integers(0, 300))
def test_damaged_properties_are_read_alike_or_not_at_all(noise: str, place: int) -> None:
    text = DECLARED + BOX + "(assert (or (and (<= Y_0 Y_1) (< X_0 0.5)) (>= Y_1 (+ 1 X_1))))"
    cut = place % (len(text) + 1)
    for damaged in (text[:cut] + noise + text[cut:], text[:cut] + noise):
        try:
            ours = plain(parse_vnnlib(damaged))
        except ExactnetError:
            with pytest.raises(Rejection):
                read_cases(damaged.encode())
        else:
            assert ours == plain_of_checker(damaged.encode())


CHAINS = [
    "h = MatMul(x, W) i = Add(B, h) y = Relu(i)",
    "h = MatMul(x, W) y = Sub(h, B)",
    "h = MatMul(x, W) y = Add(h, S)",
    "y = Gemm(x, W, C)",
    "h = Gemm <transB = 1> (x, W) y = Add(h, B)",
    "h = Gemm(x, W, B) y = Add(h, C)",
    "h = MatMul(x, W) i = Relu(h) y = Add(i, C)",
    "h = Sub(x, B) y = MatMul(h, W)",
    "h = Sub(x, Z) i = MatMul(h, W) j = Add(i, Z) y = Add(j, B)",
    "h = MatMul(x, W) y = MatMul(h, W)",
    "h = Flatten(x) i = Identity(h) j = Dropout(i) y = MatMul(j, W)",
    "h = MatMul(x, W) i = Flatten <axis = 0> (h) j = Add(i, B) y = Relu(j)",
    "h = Reshape(x, R) y = MatMul(W, h)",
    "h = Squeeze(x) i = MatMul(W, h) y = Add(i, B)",
    "K = Constant <value = float[2] {0.5, -0.5}> () h = MatMul(x, W) y = Add(h, K)",
]


@pytest.mark.parametrize("text", CHAINS)
def test_chains(text: str) -> None:
    model = parsed(text)
    same_chain(chain_from_onnx(model), model.SerializeToString())


@pytest.mark.parametrize(
    "text",
    [
        "y = Relu(x)",
        "y = Flatten(x)",
        "y = Mul(x, B)",
        "h = MatMul(x, W) y = Add(h, h)",
        "h = MatMul(x, W) y = MatMul(x, W)",
        "y = Sub(B, x)",
        "y = Gemm <alpha = 2.0> (x, W, B)",
        "y = Gemm <transA = 1> (x, W)",
        "y = Add(x, W)",
        "y = MatMul(W, x)",
    ],
)
def test_neither_reads_what_is_no_chain(text: str) -> None:
    model = parsed(text)
    with pytest.raises(ExactnetError):
        chain_from_onnx(model)
    with pytest.raises(Rejection):
        read_chain(model.SerializeToString())
