"""The search kernel: bounds hold and agree with NumPy, and the compiled twin writes the plain one's tree."""

import hashlib
import importlib
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from exactnet.kernels.crown import CrownSearch, Stop
from exactnet.model import Network
from exactnet.verify.float_bounds import root_bounds
from exactnet.verify.lowered import lowered


def random_layers(seed: int, sizes: list[int]) -> list[tuple[list[list[int]], list[int]]]:
    r = random.Random(seed)
    return [
        ([[r.randint(-3, 3) for _ in range(m)] for _ in range(n)], [r.randint(-2, 2) for _ in range(n)])
        for m, n in pairwise(sizes)
    ]


def search_for(seed: int, sizes: list[int], bound: float, **options: object) -> CrownSearch:
    """Refute y_0 >= bound on the box [-1, 1]^d, in grid units of 1/1024."""
    layers = lowered(Network.from_arrays(random_layers(seed, sizes))).floats
    row = np.zeros((1, sizes[-1]))
    row[0, 0] = -1.0
    return CrownSearch(
        [layer.weight for layer in layers],
        [layer.bias for layer in layers],
        [layer.is_relu for layer in layers],
        [row],
        [np.zeros((1, sizes[0]))],
        [np.array([-bound])],
        np.full(sizes[0], -1024),
        np.full(sizes[0], 1024),
        unit=2.0**-10,
        **options,
    )


@pytest.mark.parametrize("seed", range(20))
def test_root_bounds_agree_with_numpy_and_hold(seed: int) -> None:
    sizes = [2, 4, 3, 2]
    net = lowered(Network.from_arrays(random_layers(seed, sizes)))
    search = search_for(seed, sizes, 10.0**6)
    search.run(1)
    lower, upper = search.unit_bounds
    plain = root_bounds(net.floats, -np.ones(2), np.ones(2))
    np.testing.assert_allclose(lower, np.concatenate([b.lower for b in plain.layers]), atol=1e-9)
    np.testing.assert_allclose(upper, np.concatenate([b.upper for b in plain.layers]), atol=1e-9)
    rng = np.random.default_rng(seed)
    for x in rng.uniform(-1, 1, (200, 2)):
        h, before = x, 0
        for layer in net.floats:
            z = layer.weight @ h + layer.bias
            here = slice(before, before + len(z))
            assert (z >= lower[here] - 1e-9).all()
            assert (z <= upper[here] + 1e-9).all()
            h, before = np.where(layer.is_relu, np.maximum(z, 0), z), before + len(z)


@pytest.mark.parametrize("seed", range(10))
def test_maximum_is_bracketed(seed: int) -> None:
    # a bound above the largest value is proved, one below the largest sample is met by a candidate
    sizes = [2, 5, 4, 1]
    net = lowered(Network.from_arrays(random_layers(seed, sizes)))
    h = np.random.default_rng(0).uniform(-1, 1, (4000, 2)).T
    for layer in net.floats:
        h = layer.weight @ h + layer.bias[:, None]
        h = np.where(layer.is_relu[:, None], np.maximum(h, 0), h)
    top = float(h[0].max())
    slope = float(np.prod([np.abs(layer.weight).sum(axis=1).max() for layer in net.floats]))
    assert search_for(seed, sizes, top + slope).run(10**5) is Stop.FINISHED
    assert search_for(seed, sizes, top - 0.01).run(10**5) is Stop.CANDIDATE


def test_a_search_goes_on_where_it_stopped() -> None:
    whole = search_for(3, [2, 6, 5, 1], 1000.0, max_steps=0)
    whole.run(10**6)
    parts = search_for(3, [2, 6, 5, 1], 1000.0, max_steps=0)
    n = 1
    while parts.run(n) is Stop.NODES:
        n += 1
    assert parts.nodes.tolist() == whole.nodes.tolist()


@pytest.mark.parametrize("sizes", [[1, 1, 1], [1, 3, 1], [3, 1, 1], [2, 1, 1, 2]])
def test_narrow_networks(sizes: list[int]) -> None:
    for seed in range(10):
        assert search_for(seed, sizes, 10.0**4).run(10**4) is Stop.FINISHED


def test_plain_twin_writes_the_same_tree() -> None:
    program = (
        "from tests.kernels.test_crown import search_for\n"
        "s = search_for(5, [2, 4, 3, 1], 9.0)\n"
        "print(int(s.run(40)), s.nodes.tolist())\n"
    )
    outputs = [
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
            cwd=Path(__file__).parents[2],
        ).stdout
        for environment in (_environment(), _environment() | {"NUMBA_DISABLE_JIT": "1"})
    ]
    assert outputs[0] == outputs[1]


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ) | {"PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.mark.parametrize("name", ["_crown_bounds", "_crown_rows", "_crown_search"])
def test_compiled_copies_are_renewed(name: str) -> None:
    module = importlib.import_module(f"exactnet.kernels.{name}")
    for called, digest in module.COMPILED_WITH.items():
        text = (Path(module.__file__).parent / called).read_bytes().replace(b"\r\n", b"\n")
        assert hashlib.sha256(text).hexdigest()[:16] == digest, f"update COMPILED_WITH in {name}"
