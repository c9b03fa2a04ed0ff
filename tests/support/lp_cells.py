"""The naive enumerator: a tree of sign choices, one exact linear program a node; oracle and yardstick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exactnet.exact import LinearSystem, feasible
from exactnet.geometry.task import RegionTask, compose

Form = tuple[int, ...]


def lp_cells(
    forms: Sequence[Form], dimension: int, inequalities: Sequence[Form] = ()
) -> Iterator[tuple[int, ...]]:
    """Sign vectors of all full-dimensional cells inside the inequalities; zero forms have sign -1."""
    stack: list[tuple[int, ...]] = [()]
    while stack:
        signs = stack.pop()
        if not _has_interior(forms, signs, inequalities, dimension):
            continue
        if len(signs) == len(forms):
            yield signs
        elif any(forms[len(signs)]):
            stack += [(*signs, -1), (*signs, 1)]
        else:
            stack.append((*signs, -1))


def _has_interior(
    forms: Sequence[Form], signs: Sequence[int], inequalities: Sequence[Form], dimension: int
) -> bool:
    rows = [[-s * x for x in form] for s, form in zip(signs, forms, strict=False) if any(form)]
    rows += [[-x for x in form] for form in inequalities if any(form)]
    if not rows:
        return True
    system = LinearSystem([row[:-1] for row in rows], ["<"] * len(rows), [-row[-1] for row in rows])
    if dimension == 0:
        return all(row[-1] < 0 for row in rows)
    return feasible(system).point is not None


def lp_network_cells(task: RegionTask) -> Iterator[tuple[int, ...]]:
    """The same for all layers of a task: forms are composed anew at every node."""
    bounds = list(task.domain)
    stack: list[tuple[tuple[int, ...], list[Form]]] = [((), bounds)]
    while stack:
        signs, rows = stack.pop()
        if not _has_interior(rows, (1,) * len(rows), (), task.dimension):
            continue
        if len(signs) == task.n_switches:
            yield signs
            continue
        layer = next(k for k in range(len(task.layers)) if len(signs) < task.offsets[k + 1])
        form = compose(task, layer, signs)[len(signs) - task.offsets[layer]]
        stack.append(((*signs, -1), [*rows, tuple([-x for x in form])] if any(form) else rows))
        if any(form):
            stack.append(((*signs, 1), [*rows, form]))
