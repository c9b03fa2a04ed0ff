from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exactnet.errors import InexactInputError, InputError, MissingExtraError, ShapeError, UnsupportedError
from exactnet.io import from_torch, load_network, to_torch
from exactnet.io.torch import load_pt
from exactnet.model import Activation, Network

STATE = {"0.weight": [[1.0], [-1.0]], "0.bias": [0.0, 0.0], "2.weight": [[1.0, 1.0]]}


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch")


def on_halves(torch: Any, module: Any) -> Any:
    """Weights that are small multiples of 1/2, so that torch computes without rounding in float64."""
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(rng.integers(-6, 7, tuple(parameter.shape)) / 2))
    return module.double().eval()


def agree(torch: Any, module: Any, network: Network) -> None:
    rng = np.random.default_rng(1)
    for _ in range(10):
        x = rng.integers(-8, 9, network.n_inputs) / 4
        expected = module(torch.from_numpy(x)[None, :])[0].tolist()
        assert list(network(x)) == [Fraction(v) for v in expected]


def test_modules_equal_torch(torch: Any) -> None:
    nn = torch.nn
    shared = nn.ReLU()
    for module in (
        nn.Linear(2, 3),
        nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3)),
        nn.Sequential(nn.Linear(2, 4), shared, nn.Linear(4, 4), shared, nn.Linear(4, 1, bias=False), shared),
        nn.Sequential(
            nn.Flatten(), nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(0.25)), nn.Identity(), nn.Linear(3, 2)
        ),
        nn.Sequential(nn.Hardtanh(), nn.Linear(2, 3), nn.Hardtanh(-2.0, 4.0), nn.Linear(3, 2), nn.ReLU6()),
        nn.Sequential(
            nn.Linear(2, 3), nn.Hardtanh(0.0, float("inf")), nn.Linear(3, 2), nn.Dropout(0.5), nn.Linear(2, 2)
        ),
    ):
        on_halves(torch, module)
        agree(torch, module, from_torch(module))


def test_layers_and_exact_values(torch: Any) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    network = from_torch(module)
    assert [layer.activation for layer in network.layers] == [Activation.RELU, Activation.IDENTITY]
    stored = tuple(tuple(Fraction(w) for w in row) for row in module[0].weight.double().tolist())
    assert network.layers[0].weight.rows() == stored
    assert network.provenance.stored_dtype == "float32"
    assert from_torch(module.state_dict()) == network


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_every_float_type_is_exact(torch: Any, name: str) -> None:
    dtype = getattr(torch, name)
    module = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.LeakyReLU(0.1)).to(dtype)
    with torch.no_grad():
        module[0].weight.fill_(0.1)
    layer = from_torch(module).layers[0]
    assert layer.weight.row(0) == (Fraction(torch.tensor(0.1, dtype=dtype).double().item()),)
    # torch computes slopes in the type of the layer, half types in float32
    assert layer.slope == (Fraction(0.1) if name == "float64" else Fraction(float(np.float32(0.1))))
    assert from_torch(module.state_dict()).provenance.stored_dtype == name


def test_slope_is_the_one_torch_uses(torch: Any) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.LeakyReLU(0.1))
    with torch.no_grad():
        module[0].weight.fill_(1.0)
        value = module(torch.tensor([[-1.0]])).item()
    assert from_torch(module)([-1]) == (Fraction(value),)


def test_round_trip(torch: Any) -> None:
    for kind in ("relu", "leaky_relu", "hardtanh"):
        layers = [([[0.5, -2], [1, 3]], [0.25, 0]), ([[1, -1]], [2])]
        network = Network.from_arrays(layers, activation=kind, slope=0.125 if kind == "leaky_relu" else 0)
        module = to_torch(network)
        assert module[0].weight.dtype == torch.float32
        assert not module.training
        assert from_torch(module) == network
        agree(torch, module.double(), network)
    wide = Network.from_arrays([([[0.1]], [0])])
    assert to_torch(wide)[0].weight.dtype == torch.float64
    assert from_torch(to_torch(wide)) == wide


def test_writing_what_torch_cannot_hold(torch: Any) -> None:
    third = Network.from_arrays([([["1/3"]], [0])])
    with pytest.raises(InexactInputError, match="round_to"):
        to_torch(third)
    assert to_torch(third, round_to="float32")[0].weight.item() == float(np.float32(1 / 3))
    with pytest.raises(UnsupportedError, match="save_onnx"):
        to_torch(Network.from_arrays([([[1]], [0])], output_activation="abs"))
    with pytest.raises(UnsupportedError, match="maxout"):
        to_torch(Network.from_arrays([([[1], [2]], [0, 0])], output_activation="maxout", pieces=2))
    with pytest.raises(UnsupportedError, match="no skip connections"):
        to_torch(Network.from_arrays([([[1]], None), ([[1]], None)], skips={(2, 0): [[1]]}))


def test_building_draws_nothing_from_the_generator(torch: Any) -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    to_torch(Network.from_arrays([([[1]], [0])]))
    assert torch.equal(before, torch.get_rng_state())


def test_modules_outside_the_class(torch: Any) -> None:
    nn = torch.nn

    class Own(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(1, 1)

    class Changed(nn.Linear):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return -super().forward(x)

    hooked = nn.Linear(1, 1)
    hooked.register_forward_hook(lambda module, args, output: -output)
    for module, message in (
        (Own(), "no Linear layer"),
        (nn.Sequential(nn.Linear(1, 1), nn.Sigmoid()), r"Sequential\.1 \(Sigmoid\)"),
        (nn.Sequential(nn.Linear(1, 1), Own()), "Own"),
        (nn.Sequential(nn.Linear(1, 1), Changed(1, 1)), "Changed"),
        (nn.Sequential(nn.ReLU()), "no Linear layer"),
        (nn.Sequential(nn.Linear(1, 1), hooked), "a hook"),
        (nn.Sequential(nn.Linear(1, 2), nn.Linear(3, 1)), "takes 3 inputs, the layer before it gives 2"),
        (nn.Sequential(nn.Flatten(0), nn.Linear(1, 1)), "Flatten"),
        (nn.utils.parametrizations.weight_norm(nn.Linear(1, 1)), "Linear"),
    ):
        with pytest.raises(UnsupportedError, match=message):
            from_torch(module)


def test_nonfinite_weights(torch: Any) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 1))
    with torch.no_grad():
        module[0].weight[0, 1] = float("nan")
    with pytest.raises(InexactInputError, match=r"weight of Sequential\.0 \(Linear\), row 0, column 1"):
        from_torch(module)
    with pytest.raises(InexactInputError, match="weight of layer 1, row 0, column 1"):
        from_torch(module.state_dict())


# -- state dicts: no torch needed -------------------------------------------------------------------------


def test_state_dict_of_plain_numbers() -> None:
    network = from_torch(STATE)
    assert network([-3]) == (3,)
    assert network.provenance.stored_dtype == "python numbers"
    leaky = from_torch(STATE, activation="leaky_relu", slope="1/10")
    assert leaky([-3]) == (Fraction(27, 10),)
    assert from_torch({"weight": [[2.0]], "bias": [1.0]})([1]) == (3,)


def test_wrong_state_dicts() -> None:
    for state, message in (
        ({}, r"\(none\)"),
        ({**STATE, "1.running_mean": [0.0]}, "1.running_mean"),
        ({"state_dict": STATE}, "not a checkpoint around it"),
        (
            {"conv.weight": np.zeros((1, 1, 3, 3))},
            r"conv\.weight of .* shape \(1, 1, 3, 3\)|not that of a linear layer",
        ),
        ({"0.bias": [1.0]}, "0.bias"),
    ):
        with pytest.raises(UnsupportedError, match=message):
            from_torch(state)
    with pytest.raises(ShapeError, match="two layers do not fit"):
        from_torch({"0.weight": [[1.0]], "1.weight": [[1.0, 1.0]]})


def test_torch_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "m.pt").write_bytes(b"")
    for use in (
        lambda: to_torch(Network.from_arrays([([[1]], [0])])),
        lambda: load_network(tmp_path / "m.pt"),
        lambda: from_torch(object()),
    ):
        with pytest.raises(MissingExtraError, match=r'pip install "exactnet\[torch\]"'):
            use()


# -- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_state_dict_file(torch: Any, tmp_path: Path, suffix: str) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    path = tmp_path / f"m{suffix}"
    torch.save(module.state_dict(), path)
    network = load_network(path)
    assert network == from_torch(module)
    assert network.provenance.source == str(path)
    assert len(network.provenance.sha256 or "") == 64


def test_other_pt_files(torch: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    torch.save(torch.nn.Linear(1, 1), path)
    with pytest.raises(UnsupportedError, match="not a plain state dict"):
        load_pt(path)
    torch.save(torch.zeros(2), path)
    with pytest.raises(UnsupportedError, match="a Tensor"):
        load_pt(path)
    torch.save({"model": {"weight": torch.zeros(1, 1)}, "epoch": 3}, path)
    with pytest.raises(UnsupportedError, match="model, epoch"):
        load_pt(path)
    for content in (b"", b"garbage", b"PK\x03\x04broken"):
        path.write_bytes(content)
        with pytest.raises(UnsupportedError, match="not a plain state dict"):
            load_pt(path)
    with pytest.raises(InputError, match="does not exist"):
        load_pt(tmp_path / "other.pt")
