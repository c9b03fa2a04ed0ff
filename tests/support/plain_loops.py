"""The compiled loops of the certified walk once more, as plain Python."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

__all__ = ["LOOPS", "plain_loops"]

# each one after those that it imports
LOOPS = (
    "_float_loops",
    "_float_rungs",
    "_float_split",
    "_float_walk",
    "_float_flat",
    "_float_bases",
    "_float_points",
    "_float_implied",
    "_float_proof",
)


def plain_loops() -> dict[str, ModuleType]:
    """Fresh modules by name, that call each other; the compiled ones stay where they are."""
    import exactnet.kernels as package
    from exactnet.kernels import _wide_loops

    names = [f"exactnet.kernels.{name}" for name in LOOPS]
    for name in names:
        importlib.import_module(name)
    kept = {name: sys.modules.pop(name) for name in names}
    compile_loop = _wide_loops.compile_loop
    _wide_loops.compile_loop = lambda function: function
    try:
        modules = {name.rpartition(".")[2]: importlib.import_module(name) for name in names}
    finally:
        _wide_loops.compile_loop = compile_loop
        sys.modules.update(kept)
        for name, module in zip(LOOPS, kept.values(), strict=True):
            setattr(package, name, module)
    assert not hasattr(modules["_float_loops"].bit_count, "py_func")
    return modules
