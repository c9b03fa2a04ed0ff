"""Decide a property of a network: attack, engine, certificate, checker, and only then a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Certificate, Result, Status, Verdict
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import decimal_text
from exactnet.verify.attack import Attack, Witness, attack, refine
from exactnet.verify.engines import Proof, prove
from exactnet.verify.instance import Instance, NetworkLike, PropertyLike, instance
from exactnet.verify.open_boxes import OpenBox, certified_share, open_boxes
from exactnet.verify.proof import Claim, certificate_of, check, is_partial
from exactnet.verify.proofs import Limits
from exactnet.verify.replay import Replay, float32_replay
from exactnet.verify.resume import Start, continued, load_start

__all__ = ["SEMANTICS", "Run", "Verification", "checked", "searched", "verify", "verify_instance"]

REAL, FLOAT32 = "real", "float32"
SEMANTICS = {REAL: (REAL,), FLOAT32: (FLOAT32,), "both": (REAL, FLOAT32)}

MEANING = {
    REAL: "real arithmetic over the stored weights",
    FLOAT32: "every binary32 execution: any order of summation, with or without fused multiply-add",
}

Progress = Callable[[str, int, int | None], None]


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


@dataclass
class Run:
    """One decision under way: what is settled, and the claims that a checker has to accept."""

    given: Instance
    wanted: tuple[str, ...]
    limits: Limits
    seed: int
    engine: str = "auto"
    start: Start | None = None
    statuses: dict[str, Status] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    witness: Witness | None = None
    reason: str = ""

    def settle(self, status: Status, *semantics: str) -> None:
        """Note what is known in these semantics, where it was asked for."""
        self.statuses.update({name: status for name in semantics if name in self.wanted})

    @property
    def open(self) -> list[str]:
        """The semantics that are not settled, float32 first: its proof covers the real numbers."""
        return [name for name in (FLOAT32, REAL) if name in self.wanted and name not in self.statuses]


def verify(
    network: NetworkLike,
    prop: PropertyLike,
    *,
    semantics: str = "real",
    timeout: float | None = None,
    max_nodes: int | None = None,
    engine: str = "auto",
    resume: str | Path | None = None,
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
            float("inf") if timeout is None else timeout, 2**40 if max_nodes is None else max_nodes
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
    say = progress or _silent
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


# -- the search -----------------------------------------------------------------------------------------


def _silent(phase: str, done: int, total: int | None) -> None:
    """Nobody wants to know."""


def searched(
    given: Instance,
    wanted: tuple[str, ...],
    limits: Limits,
    seed: int,
    *,
    engine: str = "auto",
    start: Start | None = None,
    say: Progress = _silent,
) -> Run:
    """Attack, then let the engines work; no checker has looked at the claims yet."""
    run = Run(given, wanted, limits, seed, engine, start)
    say("attack", 0, None)
    _attack(run)
    while run.open and not (run.proofs and limits.is_over):
        name = run.open[0]
        say(f"search ({name})", 0, None)
        _search(run, name)
    run.settle(Status.UNDECIDED, *run.open)
    return run


def _attack(run: Run) -> None:
    _take(run, attack(run.given.net, run.given.prop, float32=FLOAT32 in run.wanted, seed=run.seed))


def _take(run: Run, found: Attack) -> None:
    """Settle what a violation settles: over the reals, and for binary32 if it outweighs the rounding."""
    if found.float32 is not None:
        run.witness = found.float32
        run.settle(Status.REFUTED, REAL, FLOAT32)
        run.claims = [Claim(FLOAT32 if FLOAT32 in run.wanted else REAL, point=found.float32.point)]
    elif found.real is not None:
        run.witness = found.real
        run.settle(Status.REFUTED, REAL)
        if FLOAT32 in run.wanted:
            # its proof would cover this point too, if it is a binary32 one; only a larger violation helps
            run.settle(Status.UNDECIDED, FLOAT32)
            run.reason = "the violation may be smaller than the rounding of binary32"
        run.claims = [Claim(REAL, point=found.real.point)]


def _search(run: Run, name: str) -> None:
    """Let an engine try to prove the property in one of the semantics."""
    given, left = run.given, run.limits.left
    share = left * 0.6 if name == FLOAT32 and REAL in run.wanted else left
    limits = Limits(share, run.limits.max_nodes, run.limits.should_stop)
    if run.start is not None and run.start.semantics == name:
        proof = continued(given.net, given.prop, run.start, limits=limits, engine=run.engine)
    else:
        proof = prove(given.net, given.prop, float32=name == FLOAT32, limits=limits, engine=run.engine)
    run.proofs.append(proof)
    if proof.witness is not None:
        found = refine(given.net, given.prop, proof.witness, float32=FLOAT32 in run.wanted, seed=run.seed)
        if found.real is not None:
            _take(run, found)
            return
    status = Status.PROVED if proof.is_complete(given.prop) else Status.UNDECIDED
    claim = Claim(name, grid=proof.grid, trees=proof.trees)
    if status is Status.PROVED:
        run.settle(status, name, *([REAL] if name == FLOAT32 else []))
        run.claims = [claim]
    else:
        run.settle(status, name)
        run.reason = proof.reason
        if proof.trees and not any(other.semantics == FLOAT32 for other in run.claims):
            run.claims = [claim]


# -- the proof ------------------------------------------------------------------------------------------


def checked(
    run: Run, folder: str | Path = ".", standard: bool = False
) -> tuple[Certificate | None, Verdict | None]:
    """A certificate that a checker has accepted, and its verdict; what it does not accept is not claimed."""
    title = "A counterexample" if run.witness is not None else "No counterexample"
    while run.claims:
        items = [(run.given.query, claim) for claim in run.claims]
        certificate = certificate_of(run.given.model, items, title=title, folder=folder)
        verdict = check(certificate, folder, standard=standard)
        if verdict.accepted and not (Status.PROVED in run.statuses.values() and is_partial(verdict)):
            return certificate, verdict
        weaker = [claim for claim in run.claims if claim.point is not None and claim.semantics == FLOAT32]
        if weaker:
            # the rounding of binary32 can undo this violation: it stands over the reals
            run.claims = [replace(claim, semantics=REAL) for claim in run.claims]
            run.settle(Status.UNDECIDED, FLOAT32)
            run.reason = "the violation may be smaller than the rounding of binary32"
        elif not _tried_again(run):
            return None, _rejected(run, verdict)
    return None, None


def _tried_again(run: Run) -> bool:
    """After a proof that no checker accepts: from the beginning if it was resumed, then the other engine."""
    names = [claim.semantics for claim in run.claims if claim.point is None]
    if not names or (run.start is None and run.engine == "units"):
        return False
    start = run.start
    if start is None:
        run.engine = "units"
    run.start, run.claims, run.statuses = None, [], {}
    _search(run, names[0])
    run.settle(Status.UNDECIDED, *run.open)
    if start is not None and run.witness is None and Status.PROVED not in run.statuses.values():
        _keep_the_better(run, start)
    return bool(run.claims)


def _keep_the_better(run: Run, start: Start) -> None:
    """What was known before is not given up for less."""
    prop = run.given.prop
    reached = max(
        (certified_share(prop, claim.trees, claim.grid) for claim in run.claims), default=Fraction(0)
    )
    if reached < certified_share(prop, start.trees, start.grid):
        run.claims = [Claim(start.semantics, grid=start.grid, trees=start.trees)]


def _rejected(run: Run, verdict: Verdict) -> Verdict:
    """Nothing is proved or refuted that a checker has not accepted."""
    run.statuses = dict.fromkeys(run.wanted, Status.UNDECIDED)
    run.reason = "float-verified, unchecked: the checker did not accept the certificate"
    run.claims, run.witness = [], None
    return verdict


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
    return f"{value.reason or 'undecided'}; {_reached(value)} ({asked})"


def _rest(value: Verification, told: Sequence[str]) -> str:
    others = [f"{name}: {status.name}" for name, status in value.statuses.items() if name not in told]
    return f"; {', '.join(others)}" if others else ""


def _reached(value: Verification) -> str:
    percent = decimal_text(100 * value.certified, digits=3)
    return f"no violation on {percent} % of the input volume"
