"""Other systems that enumerate the regions of networks, each used only if it is installed."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from exactnet.model import Activation, Network
from tests.benchmarks.timing import cpu_seconds


@dataclass(frozen=True)
class Peer:
    """A system by its module; `count` gives its number of regions in R^d."""

    module: str
    count: Callable[[Network], int] | None

    def report(self, network: Network, n_cells: int, our_rate: float) -> str:
        """Its count, verdict, speed and the ratio to ours; or why there is none."""
        if find_spec(self.module) is None:
            return f"{self.module}: not installed"
        if self.count is None:
            return f"{self.module}: installed, but nothing here knows how to call it"
        start = cpu_seconds()
        try:
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                found = self.count(network)
        except Exception as error:
            return f"{self.module}: refused with {type(error).__name__}: {str(error).splitlines()[0][:70]}"
        rate = found / (cpu_seconds() - start)
        verdict = "equal" if found == n_cells else "DIFFERENT"
        return f"{self.module}: {found} {verdict}, {rate:.0f}/s, we are {our_rate / rate:.0f} times as fast"


def _relucent(network: Network) -> int:
    """One worker, its own verification included; it chooses the start itself."""
    import relucent

    complex_ = relucent.Complex(_torch_module(network))
    complex_.bfs(nworkers=1, verbose=0)
    return len(complex_)


def _torch_module(network: Network) -> Any:
    import torch
    from torch import nn

    modules: list[Any] = []
    for layer in network.layers:
        n_out, n_in = layer.weight.shape
        linear = nn.Linear(n_in, n_out).double()
        rows = [[float(x) for x in layer.weight.row(i)] for i in range(n_out)]
        linear.weight.data = torch.tensor(rows, dtype=torch.float64)
        linear.bias.data = torch.tensor([float(b) for b in layer.bias], dtype=torch.float64)
        modules.append(linear)
        if layer.activation is Activation.RELU:
            modules.append(nn.ReLU())
    return nn.Sequential(*modules)


PEERS = (Peer("relucent", _relucent), Peer("canonicalpoly", None), Peer("parx", None))
