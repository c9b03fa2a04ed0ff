"""Count the regions of a network or an arrangement, with the proof that none is missing.

The cells are enumerated (:mod:`exactnet.geometry.network_cells`, :mod:`exactnet.geometry.stream`), a split
tree with a witness for every cell and a Farkas basis for every missing one becomes the certificate, and where
faces are asked for, the checker recounts them on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from exactnet.certificate import Result, Status
from exactnet.errors import InputError, InvariantError, LimitReached
from exactnet.geometry.characteristic import characteristic_polynomial
from exactnet.geometry.complex import PolyhedralComplex, polyhedral_complex
from exactnet.geometry.hyperplanes import Arrangement, arrangement
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.patterns import has_tournaments, winner_pattern
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import RegionTree, partial_tree, reference_tree
from exactnet.geometry.stream import CellCount, count_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network

if TYPE_CHECKING:
    from exactnet.geometry.engine_steps import Engine
    from exactnet.geometry.polyhedron import Polyhedron

__all__ = ["MOST_PROVED", "Partial", "Regions", "Source", "at_least", "complete_tree", "regions", "task_of"]

Source = Network | Arrangement | Sequence[Sequence[Fraction | int]]
Partial = NetworkCells | CellCount
Progress = Callable[[str, int, int | None], None]

# a tree for more cells than this is written only on request: a certificate of some hundred bytes a cell
MOST_PROVED = 200_000


@dataclass(frozen=True)
class Regions:
    """How many regions there are.

    Attributes
    ----------
    definition : "R1" to "R6" (Stargalla, Hertrich and Reichman 2025); R2 is one region a cell, except for
        maxout units with three or more pieces, whose regions can consist of several cells.
    n_regions : the count; None for R3 when only bounds are known.
    at_least, at_most : both equal to `n_regions`, or the bounds.
    n_cells, n_bounded : the cells, and the bounded ones among them.
    dimension, lineality : of the space, and of the lines that all cells contain.
    f_vector : faces of each dimension 0..d, if asked for.
    betti : Betti numbers, if asked for; `betti_of` says of what.
    signs_decided : how many signs each rung of the ladder has decided, and the engine.
    """

    definition: str
    n_regions: int | None
    at_least: int
    at_most: int
    n_cells: int
    n_bounded: int
    dimension: int
    lineality: int
    f_vector: tuple[int, ...] | None = None
    betti: tuple[int, ...] | None = None
    betti_of: str = ""
    signs_decided: dict[str, int | str] = field(default_factory=dict)


def regions(
    source: Source,
    *,
    domain: Polyhedron | None = None,
    definition: str = "R2",
    faces: bool = False,
    betti: bool = False,
    proof: bool | None = None,
    max_cells: int | None = None,
    resume: Partial | None = None,
    jobs: int = 1,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Result[Regions]:
    """Count the regions of a network or of a hyperplane arrangement, with a certificate.

    Parameters
    ----------
    source : a `Network`, an `Arrangement`, or forms (a_1..a_d, b) with exact entries.
    domain : a polyhedron in the input space; None is all of R^d. Without interior it has no regions.
    definition : "R1" to "R6"; all but R2 list the whole complex, in plain integers.
    faces : count the faces of every dimension too.
    betti : Betti numbers too: of the complement of an arrangement over the complex numbers, or of the
        decision boundary of a network (the zero set, if it has one output).
    proof : False counts only; by default a certificate is written up to `MOST_PROVED` cells.
    max_cells : stop above; the error carries a partial count that `resume` takes.
    jobs : workers for the count; the result does not depend on it.
    engine : "float64", "lp" or "reference"; chosen by the task if None.

    Returns
    -------
    Result
        PROVED when the certificate proves the count. UNDECIDED without a certificate, and for R3: the
        certificate then proves the cells, from which the count or its bounds were computed.

    Raises
    ------
    LimitReached : above `max_cells`, or on Ctrl-C, with what was found. InputError : a definition that does
        not exist, or one that needs a function. ShapeError : a domain in another space.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> result = regions(tent, faces=True)
    >>> result
    PROVED: 3 activation regions (R2), 1 bounded
    >>> result.value.f_vector, result.check().accepted
    ((2, 3), True)
    """
    wanted = _definition(definition)
    network = source if isinstance(source, Network) else None
    task, lines = task_of(source, domain)
    if lines is not None and wanted not in ("R1", "R2"):
        raise InputError(
            "this definition speaks of a function",
            where="definition",
            got=f"{wanted} for a hyperplane arrangement",
            expected="R2, the cells, or R1, the sign patterns",
        )
    only_count = proof is False and network is None
    counted = _count(source, task, domain, max_cells, resume, jobs, engine, progress, only_count=only_count)
    found = _found(wanted, counted, task)
    if faces or wanted != "R2" or (network is not None and has_tournaments(network)):
        found = _with_complex(found, polyhedral_complex(task), network, faces=faces)
    if betti:
        found = _with_betti(found, network, lines, domain)
    if proof is False or (proof is None and found.n_cells > MOST_PROVED):
        return Result(found, Status.UNDECIDED, None, _sentence(found), stats=found.signs_decided)
    tree = complete_tree(task, network, engine=engine, progress=progress)
    if wanted == "R2":
        _agree("the tree", tree.n_cells, "the enumeration", found.at_least)
    certificate = region_certificate(
        network if network is not None else lines.forms if lines is not None else (),
        task,
        tree,
        faces=None if found.f_vector is None else (found.f_vector, found.n_bounded),
        counts=None if found.n_regions is None else {wanted: found.n_regions},
        title=_sentence(found),
        provenance=None if network is None else network.provenance.as_strings(),
        stats={name: str(value) for name, value in found.signs_decided.items()},
    )
    proved = wanted == "R2" or any(record.rule == "region_count" for record in certificate.records)
    status = Status.PROVED if proved else Status.UNDECIDED
    sentence = _sentence(found) if proved else f"{_sentence(found)}; {_UNCERTIFIED}"
    return Result(found, status, certificate, sentence, certificate.provenance, found.signs_decided)


def at_least(source: Source, n_cells: int, *, domain: Polyhedron | None = None) -> Result[int]:
    """A certificate for a lower bound: a point in each of so many cells, and nothing about the others.

    Parameters
    ----------
    n_cells : how many cells to show; fewer, if there are fewer. Cost: some milliseconds a cell, in integers.

    Examples
    --------
    >>> result = at_least([(1, 0, 0), (0, 1, 0), (1, 1, -1)], 3)
    >>> result
    UNDECIDED: at least 3 activation regions (R2)
    >>> result.check().accepted
    True
    """
    task, lines = task_of(source, domain)
    network = source if isinstance(source, Network) else None
    found: object
    try:
        found = network_cells(task, max_cells=n_cells)
    except LimitReached as stopped:
        found = stopped.partial
    assert isinstance(found, NetworkCells)
    signs = [tuple(row) for row in found.signs.unpack().tolist()]
    winners = network if network is not None and has_tournaments(network) else None
    tree = partial_tree(task, signs, pattern=None if winners is None else partial(winner_pattern, winners))
    sentence = f"at least {tree.n_cells:,} activation {'region' if tree.n_cells == 1 else 'regions'} (R2)"
    forms = network if network is not None else lines.forms if lines is not None else ()
    certificate = region_certificate(forms, task, tree, title=sentence)
    return Result(tree.n_cells, Status.UNDECIDED, certificate, sentence)


def task_of(source: Source, domain: Polyhedron | None = None) -> tuple[RegionTask, Arrangement | None]:
    """The task of a network or an arrangement, and the arrangement if it is one.

    Examples
    --------
    >>> task_of([(1, 0), (2, 1)])[0].n_switches
    2
    """
    if isinstance(source, Network):
        return region_task(source, domain), None
    lines = source if isinstance(source, Arrangement) else arrangement(source)
    return arrangement_task(lines.forms, domain, dimension=lines.dimension), lines


# -- the parts -----------------------------------------------------------------------------------------


def _definition(name: str) -> str:
    from exactnet.geometry.definitions import RegionDefinition

    if name not in list(RegionDefinition):
        texts = "; ".join(f"{one.value}: {one.text}" for one in RegionDefinition)
        raise InputError("no such definition of a region", where="definition", got=repr(name), expected=texts)
    return str(name)


def _count(
    source: Source,
    task: RegionTask,
    domain: Polyhedron | None,
    max_cells: int | None,
    resume: Partial | None,
    jobs: int,
    engine: Engine | None,
    progress: Progress | None,
    *,
    only_count: bool,
) -> Partial:
    """All cells, counted; an arrangement without a proof goes to the exact 64-bit engine."""
    if isinstance(resume, CellCount) or (resume is None and only_count and engine is None):
        lines = arrangement_of(source)
        if lines is None:
            raise InputError(
                "the partial result belongs to an arrangement", where="resume", got="a network to count"
            )
        stopped = resume if isinstance(resume, CellCount) else None
        return count_cells(
            lines, domain=domain, jobs=jobs, max_cells=max_cells, resume=stopped, progress=progress
        )
    return network_cells(
        task,
        count_only=True,
        jobs=jobs,
        max_cells=max_cells,
        resume=resume,
        progress=progress,
        engine=engine,
    )


def arrangement_of(source: Source) -> Arrangement | None:
    """The arrangement, if the source is one."""
    if isinstance(source, Network):
        return None
    return source if isinstance(source, Arrangement) else arrangement(source)


def _found(definition: str, counted: Partial, task: RegionTask) -> Regions:
    if isinstance(counted, CellCount):
        decided: dict[str, int | str] = {"engine": "int64", "n_plain": counted.n_plain}
    else:
        decided = dict(counted.stats)
    n = counted.n_cells
    return Regions(
        definition, n, n, n, n, counted.n_bounded, task.dimension, counted.lineality, signs_decided=decided
    )


def _with_complex(
    found: Regions, complex_: PolyhedralComplex, network: Network | None, *, faces: bool
) -> Regions:
    """The count by a definition that looks at the whole complex, and its faces."""
    from exactnet.geometry.definitions import RegionDefinition, bound_regions

    _agree("the complex", complex_.n_cells, "the enumeration", found.n_cells)
    counted = bound_regions(complex_, RegionDefinition(found.definition), network=network)
    return replace(
        found,
        n_regions=counted.value,
        at_least=counted.lower,
        at_most=counted.upper,
        f_vector=complex_.f_vector() if faces else None,
    )


def _with_betti(
    found: Regions, network: Network | None, lines: Arrangement | None, domain: Polyhedron | None
) -> Regions:
    if network is None and lines is not None:
        if domain is not None:
            raise InputError(
                "the complement of an arrangement has no domain",
                where="betti",
                got="a domain",
                hint="leave out the domain, or the Betti numbers",
            )
        betti = characteristic_polynomial(lines).betti
        # Zaslavsky: they add up to the number of cells, which was found in another way
        _agree("the characteristic polynomial", sum(betti), "the enumeration", found.n_cells)
        return replace(found, betti=betti, betti_of="the complement over the complex numbers")
    from exactnet.geometry.boundary import decision_boundary
    from exactnet.geometry.topology import betti_numbers

    assert network is not None
    boundary = decision_boundary(network, domain=domain)
    name = "the zero set of the output" if network.n_outputs == 1 else "the decision boundary"
    return replace(found, betti=betti_numbers(boundary, field=0), betti_of=f"{name}, over Q")


def complete_tree(
    task: RegionTask,
    network: Network | None = None,
    *,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> RegionTree:
    """The split tree of all cells, by the engine that suits the task.

    Parameters
    ----------
    network : the network of the task, if it is one: its maxout units decide what a pattern is.

    Examples
    --------
    >>> complete_tree(task_of([(1, 0), (1, -1)])[0]).n_cells
    3
    """
    from exactnet.geometry.lp_cells import lp_tree_proof, prefers_lp
    from exactnet.geometry.network_proof import network_tree

    if network is not None and has_tournaments(network):
        return reference_tree(task, pattern=lambda signs: winner_pattern(network, signs))
    if engine == "reference":
        return reference_tree(task)
    if engine == "lp" or (engine is None and prefers_lp(task)):
        return lp_tree_proof(task)
    return network_tree(task, progress=progress)


def _agree(one: str, count: int, other: str, expected: int) -> None:
    if count != expected:
        raise InvariantError(
            f"two counts of the same cells differ: {one} has {count}, {other} {expected}",
            reproduction="the input of this command",
        )


# R3, and R1 of a domain that is flat
_UNCERTIFIED = "the cells are proved, the count by this definition is computed but not certified"


def _sentence(found: Regions) -> str:
    name = {"R1": "activation patterns", "R2": "activation regions"}.get(found.definition, "linear regions")
    if found.n_regions is None:
        return f"between {found.at_least:,} and {found.at_most:,} {name} ({found.definition})"
    name = name[:-1] if found.n_regions == 1 else name
    tail = f", {found.n_bounded:,} bounded" if found.definition == "R2" else f"; {found.n_cells:,} cells"
    return f"{found.n_regions:,} {name} ({found.definition}){tail}"
