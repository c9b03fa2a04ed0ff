"""A decision under way: attack, let the engines work, have a checker read the claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from exactnet.certificate import Certificate, Status, Verdict
from exactnet.verify.attack import Attack, Witness, attack, refine
from exactnet.verify.engines import Proof, prove
from exactnet.verify.instance import Instance
from exactnet.verify.open_boxes import certified_share
from exactnet.verify.proof import Claim, certificate_of, check, is_partial
from exactnet.verify.proofs import Limits
from exactnet.verify.resume import Start, continued

__all__ = ["FLOAT32", "REAL", "Progress", "Run", "checked", "searched", "silent"]

REAL, FLOAT32 = "real", "float32"

Progress = Callable[[str, int, int | None], None]


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


# -- the search -----------------------------------------------------------------------------------------


def silent(phase: str, done: int, total: int | None) -> None:
    """Nobody wants to know."""


def searched(
    given: Instance,
    wanted: tuple[str, ...],
    limits: Limits,
    seed: int,
    *,
    engine: str = "auto",
    start: Start | None = None,
    say: Progress = silent,
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
