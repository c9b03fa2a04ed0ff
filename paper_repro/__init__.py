"""Statements of papers, recomputed: one folder a paper, one small script a statement.

A script module holds a `STATEMENT` (see :mod:`paper_repro.registry`); putting it into the folder of its paper
registers it. `statements()` lists them, `run()` runs them, `python -m paper_repro.index` rewrites the table
`INDEX.md`, and `exactnet reproduce` does all of it from the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paper_repro.registry import Outcome, Statement

__all__ = ["run", "statements"]

Progress = Callable[[str, int, int | None], None]


def statements(*, area: str | None = None, paper: str | None = None) -> tuple[Statement, ...]:
    """The registered statements, sorted by id.

    Parameters
    ----------
    area : only those of one area, such as "convex"; all when None.
    paper : only those of one paper, by its arXiv number; all when None.

    Raises
    ------
    InputError : no statement belongs to the area or the paper.
    InvariantError : two statements share an id.

    Examples
    --------
    >>> [statement.id for statement in statements()][:3]
    ['C01', 'C02', 'C03']
    >>> [statement.id for statement in statements(paper="2202.01331")]
    ['C10', 'C11', 'R08']
    """
    from exactnet.errors import InputError, InvariantError

    found = sorted(_registered(), key=lambda statement: statement.id)
    for one, next_one in pairwise(found):
        if one.id == next_one.id:
            raise InvariantError(
                "two statements share an id", reproduction=f"{one.id}: {one.title}, {next_one.title}"
            )
    for name, wanted, known in (
        ("area", area, {statement.area for statement in found}),
        ("paper", paper, {statement.paper.arxiv for statement in found}),
    ):
        if wanted is not None and wanted not in known:
            raise InputError(
                f"no statement belongs to this {name}",
                where=name,
                got=repr(wanted),
                expected=", ".join(sorted(known)),
            )
    chosen = (statement for statement in found if area in (None, statement.area))
    chosen = (statement for statement in chosen if paper in (None, statement.paper.arxiv))
    return tuple(chosen)


def run(
    ids: Sequence[str] | None = None,
    *,
    area: str | None = None,
    paper: str | None = None,
    progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Run statements and compare what they measure with what is expected.

    Parameters
    ----------
    ids : which ones; all when None or empty.
    area : only those of one area.
    paper : only those of one paper, by its arXiv number.
    progress : called as progress("statements", done, total).

    Raises
    ------
    InputError : an id, an area or a paper that does not exist, or that has nothing to do with the others.

    Examples
    --------
    >>> run(["C13"])[0].verdict
    'PROVED, reproduced exactly: without the constant: 571/3200; ACCEPTED (4 certificates)'
    """
    from exactnet.errors import InputError
    from paper_repro.registry import reproduce

    known = statements(area=area, paper=paper)
    limits = [text for text in (area and f"area {area}", paper and f"paper {paper}") if text]
    unknown = [id_ for id_ in ids or () if id_ not in {statement.id for statement in known}]
    if unknown:
        raise InputError(
            "no such statement" + (f" in the {' and the '.join(limits)}" if limits else ""),
            where="id",
            got=", ".join(unknown),
            expected=", ".join(statement.id for statement in known),
        )
    chosen = [statement for statement in known if not ids or statement.id in ids]
    outcomes = []
    for done, statement in enumerate(chosen):
        if progress:
            progress("statements", done, len(chosen))
        outcomes.append(reproduce(statement))
    return tuple(outcomes)


def _registered() -> list[Statement]:
    """The `STATEMENT` of every module in every folder of this package."""
    found: list[Statement] = []
    for folder in iter_modules(__path__, f"{__name__}."):
        if folder.ispkg:
            package = import_module(folder.name)
            modules = [
                import_module(module.name) for module in iter_modules(package.__path__, f"{folder.name}.")
            ]
            found += [module.STATEMENT for module in modules if hasattr(module, "STATEMENT")]
    return found
