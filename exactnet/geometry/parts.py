"""Parts of a task: what an enumeration has left to do, small enough to be sent and stored.

A part is a partial sign vector, one entry a switch and 0 where nothing is decided: all cells that agree with
it. It must come from a tree of splits that goes through the layers one after the other. Then it is convex:
the same task on the smaller domain that its decided switches bound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from operator import mul
from typing import Any, TypeAlias

from exactnet.errors import InputError, ShapeError
from exactnet.geometry.layers import Form
from exactnet.geometry.polyhedron import Generators, cone_over
from exactnet.geometry.task import RegionTask, compose

__all__ = [
    "Part",
    "fingerprint",
    "in_hexadecimal",
    "part_of_path",
    "require_fingerprint",
    "restricted",
    "without_covered",
]

Part: TypeAlias = tuple[int, ...]


def part_of_path(path: Iterable[tuple[int, int]], *, n_rows: int, n_switches: int) -> Part:
    """The partial sign vector of (form, sign) pairs, where `n_rows` forms are numbered before the switches.

    Examples
    --------
    >>> part_of_path([(0, 1), (3, -1)], n_rows=1, n_switches=4)
    (0, 0, -1, 0)
    """
    signs = [0] * n_switches
    for form, sign in path:
        if form >= n_rows:
            signs[form - n_rows] = sign
    return tuple(signs)


def without_covered(parts: Iterable[Part]) -> list[Part]:
    """Those that are not inside another one; equal ones once.

    Examples
    --------
    >>> without_covered([(1, 0, 0), (1, -1, 0), (-1, 0, 0), (-1, 0, 0)])
    [(1, 0, 0), (-1, 0, 0)]
    """
    distinct = list(dict.fromkeys(parts))
    return [p for p in distinct if not any(other != p and _agrees(p, other) for other in distinct)]


def _agrees(part: Part, wider: Part) -> bool:
    return all(w in (0, p) for p, w in zip(part, wider, strict=True))


def restricted(task: RegionTask, part: Sequence[int]) -> RegionTask:
    """The task on the part of its domain where the decided switches have their signs.

    Cost: one exact double description for each layer that has decided switches.

    Raises
    ------
    ShapeError, InputError : signs that cannot come from a walk over this task.

    Examples
    --------
    >>> from exactnet.geometry.task import region_task
    >>> from exactnet.model import Network
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [-1])], output_activation="relu")
    >>> restricted(region_task(tent), (1, -1, 0)).domain, restricted(region_task(tent), (1, -1, 1)).domain
    (((1, 0), (-1, 1)), ((-1, 1), (2, -1)))
    """
    if len(part) != task.n_switches:
        raise ShapeError(
            "an open part does not fit the task",
            got=f"{len(part)} signs",
            expected=str(task.n_switches),
        )
    if not set(part) <= {-1, 0, 1}:
        raise InputError("not a sign", where="open parts", got=str(set(part)), expected="-1, 0 or 1")
    domain = task.domain
    before: tuple[int, ...] = ()
    for k in range(len(task.layers)):
        start, end = task.offsets[k : k + 2]
        here, behind = part[start:end], part[end:]
        forms = compose(task, k, before)
        added = [tuple([s * x for x in f]) for f, s in zip(forms, here, strict=True) if s and any(f[:-1])]
        if added:
            wider = tuple(dict.fromkeys([*domain, *added]))
            generators = cone_over(wider, task.dimension)
            domain = _facets(wider, generators, len(task.domain))
        elif any(behind):
            generators = cone_over(domain, task.dimension)
        if not any(behind):
            break
        before += tuple(_side(form, generators) for form in forms)
    return replace(task, domain=domain, readout=None)


def _facets(rows: Sequence[Form], generators: Generators, n_kept: int) -> tuple[Form, ...]:
    """The first rows, and those others that vanish on enough rays to bound a facet."""
    cone, needed = generators.cone, generators.cone.dimension - 1
    on_row = [sum(tight >> (k + 1) & 1 for tight in cone.tight) for k in range(len(rows))]
    return tuple(row for k, row in enumerate(rows) if k < n_kept or on_row[k] >= needed)


def _side(form: Form, generators: Generators) -> int:
    """The sign of a form on a part that it does not cut."""
    values = [sum(map(mul, form, ray)) for ray in generators.cone.rays]
    is_cut = min(values, default=0) < 0 < max(values, default=0)
    if is_cut or any(sum(map(mul, form, line)) for line in generators.lineality):
        raise InputError(
            "an open part has signs behind a layer that is not decided",
            where="open parts",
            got=f"the form {form} takes both signs",
            expected="parts of a result for this task",
        )
    return 1 if max(values, default=0) > 0 else -1


def fingerprint(task: RegionTask) -> str:
    """A digest of domain and layers, independent of process and machine; the readout does not matter.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> one, other = arrangement_task([(1, 0)]), arrangement_task([(1, -1)])
    >>> fingerprint(one) == fingerprint(arrangement_task([(1, 0)])), fingerprint(one) == fingerprint(other)
    (True, False)
    """
    digest = hashlib.sha256(in_hexadecimal((task.dimension, task.domain)).encode())
    for layer in task.layers:
        others = [str(getattr(layer, f.name)) for f in fields(layer) if f.name not in ("weight", "bias")]
        digest.update(f"{in_hexadecimal(layer.integer_rows)} {others}".encode())
    return digest.hexdigest()


def in_hexadecimal(value: int | Iterable[Any]) -> str:
    """Nested integers as a text; Python limits the length of decimal numbers.

    Examples
    --------
    >>> in_hexadecimal((17, [(1, -2)]))
    '(0x11,((0x1,-0x2)))'
    """
    return hex(value) if isinstance(value, int) else f"({','.join(map(in_hexadecimal, value))})"


def require_fingerprint(given: str, task: RegionTask, *, where: str) -> str:
    """The fingerprint of a task, which a stored result must have.

    Raises
    ------
    InputError : it has another one.
    """
    digest = fingerprint(task)
    if given != digest:
        raise InputError(
            "the partial result belongs to another network or domain",
            where=where,
            got=given[:12] or "no fingerprint",
            expected=digest[:12],
            hint="resume with the task that was interrupted",
        )
    return digest
