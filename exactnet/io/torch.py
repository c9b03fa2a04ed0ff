"""PyTorch modules and state dicts as exact networks, and back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from exactnet.errors import MissingExtraError, UnsupportedError
from exactnet.exact import RationalMatrix
from exactnet.io.files import PathName, read_bytes
from exactnet.io.floats import float_layers
from exactnet.io.form_activations import activate, clip
from exactnet.io.form_network import to_network
from exactnet.io.form_products import matmul
from exactnet.io.forms import Array, NotInClass, as_array, inputs
from exactnet.model import Activation, Network, Provenance

__all__ = ["from_torch", "load_pt", "to_torch"]

_SUPPORTED = (
    "Sequential of Linear, ReLU, LeakyReLU, ReLU6, Hardtanh, Identity, Dropout and Flatten, "
    "or the state dict of such linear layers with relu between them"
)


def from_torch(
    module: Any,
    *,
    activation: str = "relu",
    slope: object = 0,
    source: str | None = None,
    sha256: str | None = None,
) -> Network:
    """The exact network of a PyTorch module or state dict.

    Parameters
    ----------
    module : a `torch.nn.Sequential` (nested ones too) or `Linear`; or a state dict: weights and biases
        of linear layers in the order of their evaluation, which then have `activation` between them
        (a state dict does not say). Dropout is taken in evaluation mode.
    activation, slope : between the layers of a state dict; unused for a module.
    source, sha256 : for the provenance.

    Raises
    ------
    UnsupportedError : another module, a hook on a module, or a state dict of other layers.
    InexactInputError : NaN or infinity in a weight. MissingExtraError : a module without torch installed.

    Notes
    -----
    torch applies a slope or a bound such as 0.01 in the number type of the layer, hence for float32
    layers as the float32 nearest to it; this is the value used here.

    Examples
    --------
    >>> state = {"0.weight": [[1.0], [-1.0]], "0.bias": [0.0, 0.0], "2.weight": [[1.0, 1.0]]}
    >>> from_torch(state)([-3])
    (Fraction(3, 1),)
    """
    if isinstance(module, Mapping):
        origin = Provenance(source or "state dict in memory", sha256, _state_types(module))
        pairs = _state_layers(module, origin.source)
        return Network.from_arrays(pairs, activation=activation, slope=slope, provenance=origin)
    torch = _torch("reading a PyTorch module")
    steps = list(_flat(module, torch, type(module).__name__))
    first = next((step for step, _ in steps if type(step) is torch.nn.Linear), None)
    if first is None:
        raise _unsupported(type(module).__name__, got="no Linear layer")
    dtype = str(first.weight.dtype).removeprefix("torch.")
    x = value = inputs((1, first.in_features))
    for step, where in steps:
        try:
            value = _apply(step, value, torch, dtype, where)
        except NotInClass as reason:
            raise _unsupported(where, got=str(reason)) from None
    return to_network(value, like=x, provenance=Provenance(source or "torch module in memory", sha256, dtype))


def load_pt(path: PathName) -> Network:
    """Read a `.pt` or `.pth` file that holds a state dict (`torch.save(model.state_dict(), path)`).

    Only tensors are read (`weights_only=True`), never pickled code.

    Raises
    ------
    InputError : no such file. UnsupportedError : a pickled module, or other contents.
    MissingExtraError : torch is not installed.

    Examples
    --------
    With torch installed (the tests run this)::

        torch.save(torch.nn.Sequential(torch.nn.Linear(2, 1)).state_dict(), "model.pt")
        load_pt("model.pt")  # Network(2 -> 1, from model.pt)
    """
    file = read_bytes(path, what="network", suffixes=[".pt", ".pth"])
    torch = _torch("reading a .pt file")
    try:
        state = torch.load(io.BytesIO(file.content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for damaged or refused files
        raise UnsupportedError(
            "the file is not a plain state dict",
            where=file.name,
            got=(str(error).splitlines() or [type(error).__name__])[0][:100],
            expected="what torch.save(model.state_dict(), path) writes",
            hint="save the state dict, or export the model to ONNX",
        ) from None
    if not isinstance(state, Mapping):
        raise _unsupported(file.name, got=f"a {type(state).__name__}")
    return from_torch(state, source=file.name, sha256=file.sha256)


def to_torch(network: Network, *, round_to: str | None = None) -> Any:
    """The network as a `torch.nn.Sequential`, in evaluation mode.

    Parameters
    ----------
    network : its numbers must be floats (float32 is used if it can hold them all, else float64).
    round_to : "float32" or "float64" to use the nearest floats instead; then it is another function.

    Raises
    ------
    InexactInputError : a number that no float64 can hold, and no `round_to`.
    UnsupportedError : an activation without a torch module (abs, maxout), or a skip connection.
    MissingExtraError : torch is not installed.

    Examples
    --------
    With torch installed (the tests run this)::

        to_torch(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]))
        # Sequential of Linear(1, 2), ReLU(), Linear(2, 1), in float64 or float32 as the weights need
    """
    torch = _torch("writing a PyTorch module")
    modules: list[Any] = []
    stored = float_layers(network, round_to=round_to)
    for k, (layer, (weight, bias, slope, _)) in enumerate(zip(network.layers, stored, strict=True), start=1):
        if layer.skips:
            raise UnsupportedError(
                "a torch Sequential has no skip connections",
                where=f"layer {k}",
                got=f"a skip from {layer.skips[0].source}",
                expected="a chain of layers",
                hint="write ONNX instead: save_onnx",
            )
        # meta: no storage and no draw from the random generator; the weights follow
        linear = torch.nn.Linear(layer.n_inputs, layer.weight.shape[0], device="meta")
        linear.weight = torch.nn.Parameter(torch.from_numpy(weight))
        linear.bias = torch.nn.Parameter(torch.from_numpy(bias))
        modules.append(linear)
        match layer.activation:
            case Activation.RELU:
                modules.append(torch.nn.ReLU())
            case Activation.LEAKY_RELU:
                modules.append(torch.nn.LeakyReLU(slope))
            case Activation.HARDTANH:
                modules.append(torch.nn.Hardtanh())
            case Activation.ABS | Activation.MAXOUT:
                raise UnsupportedError(
                    "torch has no module for this activation",
                    where=f"layer {k}",
                    got=str(layer.activation),
                    expected="relu, leaky_relu, hardtanh",
                    hint="write ONNX instead: save_onnx",
                )
    return torch.nn.Sequential(*modules).eval()


# -- modules --------------------------------------------------------------------------------------------


def _torch(purpose: str) -> ModuleType:
    try:
        import torch
    except ImportError:
        raise MissingExtraError("torch", extra="torch", purpose=purpose) from None
    return torch  # type: ignore[no-any-return]


def _flat(module: Any, torch: ModuleType, where: str) -> Iterator[tuple[Any, str]]:
    """The modules of nested Sequentials in order, with their paths."""
    if getattr(module, "_forward_hooks", None) or getattr(module, "_forward_pre_hooks", None):
        raise _unsupported(
            where,
            got="a hook (as of pruning or weight normalisation)",
            hint="make the hook permanent or remove it",
        )
    if type(module) is torch.nn.Sequential:
        # not named_children(): it leaves out the second use of a module that is used twice
        for name, child in enumerate(module):
            yield from _flat(child, torch, f"{where}.{name}")
    else:
        yield module, f"{where} ({type(module).__name__})" if "." in where else where


def _apply(step: Any, value: Array, torch: ModuleType, dtype: str, where: str) -> Array:
    nn, kind = torch.nn, type(step)
    if kind is nn.Linear:
        return _linear(step, value, where)
    if kind is nn.ReLU:
        return activate(value, Activation.RELU)
    if kind is nn.LeakyReLU:
        return activate(value, Activation.LEAKY_RELU, slope=_scalar(step.negative_slope, dtype))
    if kind in (nn.Hardtanh, nn.ReLU6):
        return clip(value, _bound(step.min_val, dtype), _bound(step.max_val, dtype))
    if kind in (nn.Identity, nn.Dropout):
        return value
    if kind is nn.Flatten and (step.start_dim, step.end_dim) == (1, -1):
        return value  # one sample is one row here, whatever its shape was
    raise _unsupported(where, got=kind.__name__)


def _linear(step: Any, value: Array, where: str) -> Array:
    if step.in_features != value.shape[1]:
        raise NotInClass(f"it takes {step.in_features} inputs, the layer before it gives {value.shape[1]}")
    weight = RationalMatrix.from_rows(_exact(step.weight), where=f"weight of {where}")
    product = matmul(value, as_array(weight.transpose().rows()))
    if step.bias is None:
        return product
    bias = RationalMatrix.from_rows([_exact(step.bias)], where=f"bias of {where}")
    return as_array(product + as_array(bias.rows()))


def _exact(tensor: Any) -> Any:
    """A tensor as Python numbers (every float type of torch is a subset of float64); others as they are."""
    if not hasattr(tensor, "detach"):
        return tensor
    values = tensor.detach().cpu()
    return values.double().tolist() if values.is_floating_point() else values.tolist()


def _scalar(value: float, dtype: str) -> Fraction:
    """A slope or bound as torch applies it in a layer of that type."""
    return Fraction(float(value) if dtype == "float64" else float(np.float32(value)))


def _bound(value: float, dtype: str) -> Fraction | None:
    """A bound of a clipping module, None if it is infinite."""
    return None if np.isinf(value) else _scalar(value, dtype)


# -- state dicts ----------------------------------------------------------------------------------------


def _state_types(state: Mapping[Any, Any]) -> str:
    names = {
        str(getattr(value, "dtype", "python numbers")).removeprefix("torch.") for value in state.values()
    }
    return " + ".join(sorted(names))


def _state_layers(state: Mapping[Any, Any], source: str) -> list[tuple[Any, Any]]:
    """Pairs (weight, bias or None) in the order of the state dict, which must hold nothing else."""
    weights = [str(key) for key in state if str(key).rpartition(".")[2] == "weight"]
    pairs = {key: key.removesuffix("weight") + "bias" for key in weights}
    unknown = [str(key) for key in state if key not in pairs and key not in pairs.values()]
    if unknown or not pairs:
        raise _unsupported(
            source,
            got="the entries " + (", ".join(unknown[:5]) or "(none)"),
            hint="pass the state dict itself, not a checkpoint around it; export other layers to ONNX",
        )
    for key in weights:
        shape = getattr(state[key], "shape", (0, 0))
        if len(shape) != 2:
            raise _unsupported(
                f"{key} of {source}", got=f"a tensor of shape {tuple(shape)}, not that of a linear layer"
            )
    return [(_exact(state[weight]), _exact(state.get(bias))) for weight, bias in pairs.items()]


def _unsupported(where: str, *, got: str, hint: str | None = None) -> UnsupportedError:
    return UnsupportedError(
        "the PyTorch model is outside the supported class",
        where=where,
        got=got,
        expected=_SUPPORTED,
        hint=hint or "export the model to ONNX: torch.onnx.export",
    )
