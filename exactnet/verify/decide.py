"""Decide a property of a network: attack, engine, certificate, checker, and only then a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Result, Status, Verdict
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import decimal_text
from exactnet.verify.attack import Witness
from exactnet.verify.instance import Instance, NetworkLike, PropertyLike, instance
from exactnet.verify.open_boxes import OpenBox, certified_share, open_boxes
from exactnet.verify.proofs import Limits
from exactnet.verify.replay import Replay, float32_replay
from exactnet.verify.resume import Start, load_start
from exactnet.verify.run import FLOAT32, REAL, Progress, Run, checked, searched, silent

__all__ = ["SEMANTICS", "Verification", "verify", "verify_instance"]

SEMANTICS = {REAL: (REAL,), FLOAT32: (FLOAT32,), "both": (REAL, FLOAT32)}


@dataclass(frozen=True)
class Verification:
    """What is known about a property of a network.

    Attributes
    ----------
    statuses : for each semantics that was asked for, whether the property holds there.
    witness : a violation with its exact margin; a binary32 point where one was found.
    n_leaves : of the trees of the certificate.
    certified : the share of the input volume on which no violation is proved; 0 for a violated property.
    open_boxes : where nothing is known yet.
    is_vacuous : the input set is empty.
    reason : why it is undecided; "" if it is not.
    checker : the line of the checker that accepted the certificate, or rejected it.
    replay : what one binary32 execution computes at a binary32 witness.
    """

    statuses: Mapping[str, Status]
    witness: Witness | None
    n_leaves: int
    certified: Fraction
    open_boxes: tuple[OpenBox, ...]
    is_vacuous: bool
    reason: str
    checker: str
    replay: Replay | None = None

    @property
    def status(self) -> Status:
        """REFUTED in one of the semantics is REFUTED; PROVED is proved in all of them."""
        found = set(self.statuses.values())
        if Status.REFUTED in found:
            return Status.REFUTED
        return Status.PROVED if found == {Status.PROVED} else Status.UNDECIDED


def verify(
    network: NetworkLike,
    prop: PropertyLike,
    *,
    semantics: str = "real",
    timeout: float | None = None,
    max_nodes: int | None = None,
    engine: str = "auto",
    resume: str | Path | None = None,
    should_stop: Callable[[], bool] | None = None,
    seed: int = 0,
    folder: str | Path = ".",
    standard_checker: bool = False,
    progress: Progress | None = None,
) -> Result[Verification]:
    """Decide whether no point of the input set satisfies the assertions.

    Parameters
    ----------
    network, prop : objects, or the files of them (ONNX and VNN-LIB, for example).
    semantics : "real", the stored weights in exact arithmetic; "float32", every binary32 input and every
        order of summation, with or without fused multiply-add, without overflow; or "both".
    timeout : seconds for the search.
    max_nodes : of the tree of one box.
    engine : "inputs" halves inputs, "units" splits units, "auto" chooses by the number of inputs.
    resume : the file of a certificate that is not complete: go on from there.
    should_stop : asked now and then; a true answer is a limit that is met.
    seed : of the attack.
    folder : where the certificate will be saved; names of files in it are relative to this folder.
    standard_checker : have the checker of the standard library decide; by default the compiled one does.
    progress : called with (phase, done, total).

    Returns
    -------
    Result
        PROVED: there is no such point, and a checker has accepted the proof in this run. REFUTED: there is
        one, and `value.witness` is one. UNDECIDED: a limit was met; the certificate, if there is one, proves
        what was reached.

    Raises
    ------
    ShapeError : network and property do not fit. UnsupportedError : float32 for a network that binary32
        arithmetic cannot run. What the readers raise.

    Examples
    --------
    >>> from exactnet.model import Network, Property
    >>> from exactnet.model.property import Row
    >>> size = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> def above(t, strict):
    ...     return Property.from_box([-1], [1], [[Row.from_terms({}, {0: -1}, -t, strict=strict)]])
    >>> verify(size, above(1, strict=True))
    PROVED: no point of the input set satisfies the assertions (real)
    >>> verify(size, above(1, strict=False))
    REFUTED: a point of the input set satisfies the assertions, with margin 0 (real)
    """
    if semantics not in SEMANTICS:
        raise InputError(
            "unknown semantics", where="semantics", got=repr(semantics), expected=", ".join(SEMANTICS)
        )
    given = instance(network, prop)
    return verify_instance(
        given,
        semantics=semantics,
        limits=Limits(
            float("inf") if timeout is None else timeout,
            2**40 if max_nodes is None else max_nodes,
            should_stop,
        ),
        engine=engine,
        start=None if resume is None else load_start(resume, given),
        seed=seed,
        folder=folder,
        standard_checker=standard_checker,
        progress=progress,
    )


def verify_instance(
    given: Instance,
    *,
    semantics: str,
    limits: Limits,
    engine: str = "auto",
    start: Start | None = None,
    seed: int = 0,
    folder: str | Path = ".",
    standard_checker: bool = False,
    progress: Progress | None = None,
) -> Result[Verification]:
    """The same for an instance that has been read, with limits that are already running."""
    say = progress or silent
    wanted = SEMANTICS[semantics]
    if FLOAT32 in wanted and not given.model.is_float32:
        raise _not_executable(given)
    started = time.process_time()
    run = searched(given, wanted, limits, seed, engine=engine, start=start, say=say)
    found = time.process_time()
    say("checking the certificate", 0, None)
    certificate, verdict = checked(run, folder, standard_checker)
    stats: dict[str, object] = {
        "search_seconds": round(found - started, 4),
        "check_seconds": round(time.process_time() - found, 4),
        "n_nodes": sum(proof.n_nodes for proof in run.proofs),
        "grid": next((claim.grid for claim in run.claims if claim.point is None), None),
    }
    value = _verification(run, verdict)
    return Result(value, value.status, certificate, _sentence(value), given.provenance, stats)


def _not_executable(given: Instance) -> UnsupportedError:
    return UnsupportedError(
        "binary32 arithmetic cannot run this network as it is",
        where=given.provenance["network"],
        got="other operators or activations, skip connections, or weights that are no binary32 numbers",
        expected="a chain of dot products, relu or nothing behind each, whose weights are binary32 numbers",
        hint="ask for the real semantics",
    )


def _verification(run: Run, verdict: Verdict | None) -> Verification:
    prop = run.given.prop
    claims = [claim for claim in run.claims if claim.point is None]
    statuses = {name: run.statuses[name] for name in run.wanted}
    undecided = Status.UNDECIDED in statuses.values()
    boxes = tuple(
        box for claim in claims for tree in claim.trees for box in open_boxes(prop, tree, claim.grid)
    )
    return Verification(
        statuses,
        run.witness,
        sum(tree.n_leaves for claim in claims for tree in claim.trees),
        max((certified_share(prop, claim.trees, claim.grid) for claim in claims), default=Fraction(0)),
        boxes,
        all(case.is_empty for case in prop.cases),
        run.reason if undecided else "",
        "not asked" if verdict is None else verdict.line,
        _replayed(run),
    )


def _replayed(run: Run) -> Replay | None:
    if run.witness is None or not run.witness.is_float32 or not run.given.model.is_float32:
        return None
    return float32_replay(run.given.net, run.given.prop, run.witness.point)


def _sentence(value: Verification) -> str:
    asked = " and ".join(value.statuses)
    if value.is_vacuous and value.status is Status.PROVED:
        return f"nothing can violate the property: its input set is empty ({asked})"
    if value.status is Status.PROVED:
        return f"no point of the input set satisfies the assertions ({asked})"
    if value.witness is not None and value.status is Status.REFUTED:
        refuted = [name for name, status in value.statuses.items() if status is Status.REFUTED]
        margin = decimal_text(value.witness.margin, digits=4)
        text = f"a point of the input set satisfies the assertions, with margin {margin}"
        return f"{text} ({' and '.join(refuted)}{_rest(value, refuted)})"
    proved = [name for name, status in value.statuses.items() if status is Status.PROVED]
    if proved:
        return f"{value.reason or 'undecided'} ({' and '.join(proved)}: PROVED{_rest(value, proved)})"
    return f"{value.reason or 'undecided'}; {_reached(value)} ({asked})"


def _rest(value: Verification, told: Sequence[str]) -> str:
    others = [f"{name}: {status.name}" for name, status in value.statuses.items() if name not in told]
    return f"; {', '.join(others)}" if others else ""


def _reached(value: Verification) -> str:
    percent = decimal_text(100 * value.certified, digits=3)
    return f"no violation on {percent} % of the input volume"
