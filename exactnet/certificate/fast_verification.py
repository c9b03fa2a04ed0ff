"""A second checker for verification certificates, compiled, independent of the first.

It shares nothing with :mod:`exactnet.checker` but the page FORMAT.md (section 7), and trusts no engine. The
bounds of every node are the same integers that the first checker finds, computed in words of 64 and sums of
128 bits, each of them bounded before it is formed; what does not fit ends with the status BEYOND, which says
nothing. So both checkers accept the same certificates, and two programs would have to be wrong in the same
place for a false claim to pass both.

Files that a certificate names are read by functions that the caller hands in, since the readers of
exactnet.io are in a higher layer: :func:`exactnet.verify.second_check.check_verification` has them.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from exactnet.certificate._fast_read import Refused, numbers_of_any_length, read_lines
from exactnet.certificate._fast_read import _unpacked as unpacked
from exactnet.certificate._verification_network import NetworkFacts, facts_of_network, facts_of_record
from exactnet.certificate._verification_read import (
    Claim,
    TooLong,
    is_exact_binary32,
    property_of_record,
    read_claim,
    require_modest,
)
from exactnet.certificate._verification_words import Conclusion, property_about, sentence
from exactnet.model import Network
from exactnet.model.property import Case, Property

__all__ = [
    "ACCEPTED",
    "BEYOND",
    "MISSING",
    "REJECTED",
    "Conclusion",
    "Files",
    "SecondVerdict",
    "second_check",
]

ACCEPTED, REJECTED, BEYOND, MISSING = "ACCEPTED", "REJECTED", "BEYOND", "MISSING"

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_POINT_GRID = 44
_MOST_BITS = 1_000_000
_MOST_BYTES = 2**31
_RULES = ("network", "network_file", "property", "property_file", "no_counterexample", "counterexample")


@dataclass(frozen=True)
class Files:
    """How the files that a certificate names are found and read.

    Attributes
    ----------
    folder : that of the certificate.
    network, property : places to look at in place of those that the certificate names.
    read_network, read_property : from the bytes of a file, unpacked; they may raise any exception.
    """

    folder: Path
    read_network: Callable[[bytes], Network]
    read_property: Callable[[bytes], Property]
    network: Path | None = None
    property: Path | None = None


@dataclass(frozen=True)
class SecondVerdict:
    """What the second checker says.

    Attributes
    ----------
    status : ACCEPTED; REJECTED; BEYOND, some number or record is outside of what the compiled loops can do,
        and nothing is said; MISSING, a file that the certificate names cannot be opened.
    line : the verdict in one line.
    reason : why it is not accepted.
    conclusions : of the claims, if it is.
    """

    status: str
    line: str
    reason: str = ""
    conclusions: tuple[Conclusion, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the certificate is right."""
        return self.status == ACCEPTED

    @property
    def is_complete(self) -> bool:
        """Whether it is right, and no claim is partial."""
        return self.accepted and all(conclusion.is_complete for conclusion in self.conclusions)

    def __str__(self) -> str:
        return self.line


class _Beyond(Exception):
    pass


class _Missing(Exception):
    pass


def second_check(data: bytes | str, *, files: Files | None = None) -> SecondVerdict:
    """Check a verification certificate.

    Parameters
    ----------
    data : the text of a certificate, or the bytes of a file, plain or compressed by gzip.
    files : for certificates that name files.

    Returns
    -------
    SecondVerdict
        A bad certificate is a rejection, never an exception.

    Examples
    --------
    >>> second_check("hello").line
    'REJECTED step 0 (end): the file does not end with a line feed, or has no header and end'
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    place: list[int | str] = [0, "end"]
    with numbers_of_any_length():
        try:
            return _Check(files, place).run(raw)
        except Refused as error:
            step = place[0] if error.step is None else error.step
            status, reason = REJECTED, f"step {step} ({place[1]}): {error}"
        except (_Beyond, TooLong) as error:
            status, reason = BEYOND, f"step {place[0]} ({place[1]}): {error}"
        except _Missing as error:
            status, reason = MISSING, str(error)
        except (MemoryError, RecursionError) as error:
            status, reason = BEYOND, f"step {place[0]} ({place[1]}): too big ({type(error).__name__})"
        except Exception as error:  # a mistake in here must not become an acceptance or a crash
            reason = f"step {place[0]} ({place[1]}): could not be followed ({type(error).__name__})"
            status = REJECTED
    return SecondVerdict(status, f"{status} {reason}", reason)


class _Check:
    """One run over the records of a certificate."""

    def __init__(self, files: Files | None, place: list[int | str]) -> None:
        self.files, self.place = files, place
        self.networks: dict[str, NetworkFacts] = {}
        self.properties: dict[str, Property] = {}
        self.about: dict[str, str] = {}
        self.found: dict[str, tuple[Claim, Conclusion]] = {}

    def run(self, raw: bytes) -> SecondVerdict:
        lines = read_lines(raw)
        if not all(record.get("rule") in _RULES for record in lines.records):
            raise _Beyond("a record of another rule")
        for step, record in enumerate(lines.records, start=1):
            self.place[:] = [step, record["rule"]]
            self._record(record)
        self.place[:] = [len(lines.records) + 1, "end"]
        sentences: list[str] = []
        about: dict[str, None] = {}
        for name in lines.claims:
            if name not in self.found:
                raise Refused(f"claims names {name}, which has no conclusion")
            claim, conclusion = self.found[name]
            sentences.append(sentence(claim, conclusion, self.properties[claim.prop]))
            about[f"{self.about[claim.network]}; {self.about[claim.prop]}"] = None
        n = len(lines.records)
        line = f"ACCEPTED {n} step{'s' * (n != 1)}: {'; '.join([*sentences, *about])}"
        return SecondVerdict(ACCEPTED, line, "", tuple(self.found[name][1] for name in lines.claims))

    def _record(self, record: dict[str, Any]) -> None:
        name, rule = record["id"], record["rule"]
        if rule == "network":
            facts = facts_of_record(record)
            self.networks[name], self.about[name] = facts, facts.about(name)
        elif rule == "network_file":
            self.networks[name], self.about[name] = self._network_file(name, record)
        elif rule == "property":
            prop, sha256 = property_of_record(record), ""
            self.properties[name], self.about[name] = prop, property_about(name, prop, sha256)
        elif rule == "property_file":
            prop, sha256 = self._property_file(record)
            self.properties[name], self.about[name] = prop, property_about(name, prop, sha256)
        else:
            claim = read_claim(record, self.networks, self.properties)
            network, prop = self.networks[claim.network], self.properties[claim.prop]
            _demand_fit(claim, network, prop)
            check = _check_trees if claim.trees is not None else _check_point
            self.found[name] = claim, check(claim, network, prop)

    def _network_file(self, name: str, record: dict[str, Any]) -> tuple[NetworkFacts, str]:
        content, sha256 = self._content(record, "onnx", "model")
        assert self.files is not None
        facts = _network_facts(self.files.read_network, content)
        _demand_same(record, facts.fingerprint)
        return facts, facts.about(name, sha256)

    def _property_file(self, record: dict[str, Any]) -> tuple[Property, str]:
        content, sha256 = self._content(record, "vnnlib", "property")
        assert self.files is not None
        prop = _read(self.files.read_property, content)
        _demand_same(record, prop.fingerprint)
        return prop, sha256

    def _content(self, record: dict[str, Any], form: str, option: str) -> tuple[bytes, str]:
        """The bytes of the file that a record names, and their digest."""
        if set(record) != {"step", "rule", "id", "file", "form", "sha256", "fingerprint"}:
            raise Refused("the keys are not step rule id file form sha256 fingerprint")
        if record["form"] != form or type(record["file"]) is not str:
            raise Refused("not a file of a form that is known")
        for key in ("sha256", "fingerprint"):
            if type(record[key]) is not str or not _HASH.fullmatch(record[key]):
                raise Refused(f"{key} is no SHA-256")
        if self.files is None:
            raise _Beyond("files are not read here")
        other = self.files.network if option == "model" else self.files.property
        content = _bytes_of(other or self.files.folder / record["file"], option)
        if hashlib.sha256(content).hexdigest() != record["sha256"]:
            raise Refused(f"the file of {record['id']} has another SHA-256")
        return unpacked(content), record["sha256"]


def _bytes_of(path: Path, option: str) -> bytes:
    where = f"{str(path)[:200]!a} (--{option} PATH says where it is)"
    try:
        # not a device or a pipe, which might never end
        if not path.is_file():
            raise _Missing(f"there is no file {where}")
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _Missing(f"cannot open the file {where}: {error}") from error
    if len(content) > _MOST_BYTES:
        raise Refused("a file is too long")
    return content


@lru_cache(maxsize=64)
def _network_facts(reader: Callable[[bytes], Network], content: bytes) -> NetworkFacts:
    """The network of a file; kept, because many certificates are about the same one."""
    return facts_of_network(_read(reader, content))


def _read(reader: Callable[[bytes], Any], content: bytes) -> Any:
    try:
        return reader(content)
    except Exception as error:
        reason = str(error).split("\n")[0]
        raise Refused(f"the file cannot be read ({type(error).__name__}: {reason})") from error


def _demand_same(record: dict[str, Any], digest: str) -> None:
    if digest != record["fingerprint"]:
        raise Refused(f"what the file says has the fingerprint {digest}, not the stated one")


def _demand_fit(claim: Claim, network: NetworkFacts, prop: Property) -> None:
    if (network.n_inputs, network.n_outputs) != (prop.n_inputs, prop.n_outputs):
        raise Refused("network and property have other numbers of inputs or outputs")
    if claim.float32 and network.not_float32:
        raise Refused(f"float32 semantics say nothing about {claim.network}: {network.not_float32}")
    require_modest(prop)


# -- claims --------------------------------------------------------------------------------------------


def _check_trees(claim: Claim, network: NetworkFacts, prop: Property) -> Conclusion:
    try:
        from exactnet.certificate._verification_walk import Bounder, check_tree
        from exactnet.certificate._wide_tables import TooWide
    except ImportError as error:
        raise _Beyond(f"the compiled loops are not there ({error})") from error
    try:
        bounder = Bounder(network.chain, claim.grid, float32=claim.float32)
        trees = [check_tree(bounder, prop.cases, tree.cases, tree.nodes) for tree in claim.trees or ()]
    except TooWide as error:
        raise _Beyond(str(error)) from error
    n_cases = sum(len(tree.cases) for tree in claim.trees or ())
    return Conclusion(
        claim.id,
        claim.semantics,
        is_complete=n_cases == len(prop.cases) and not any(tree.n_open for tree in trees),
        n_leaves=sum(tree.n_leaves for tree in trees),
        open_shares=tuple(tree.open_share if tree.n_open else None for tree in trees),
    )


def _check_point(claim: Claim, network: NetworkFacts, prop: Property) -> Conclusion:
    from exactnet.certificate._verification_exact import evaluate

    parts = [math.lcm(*(q.denominator for q in claim.point)), *(x.denominator for x in network.chain.layers)]
    if sum(part.bit_length() for part in parts) > _MOST_BITS:
        raise _Beyond("the outputs at the point have too long denominators")
    outputs = evaluate(network.chain, claim.point)
    holds = _holds_with_noise(claim, network, prop) if claim.float32 else _holds(claim, prop, outputs)
    if holds is None:
        noise = " with all the noise of float32" if claim.float32 else ""
        raise Refused(f"no case holds at this point{noise}")
    slacks = [row.slack(claim.point, outputs) for row in prop.cases[holds].rows]
    return Conclusion(claim.id, claim.semantics, holds, min(slacks, default=None))


def _holds(claim: Claim, prop: Property, outputs: Sequence[Fraction]) -> int | None:
    for k, case in enumerate(prop.cases):
        rows = ((row.slack(claim.point, outputs), row.strict) for row in case.rows)
        if _is_inside(case, claim.point) and all(s > 0 or (s == 0 and not strict) for s, strict in rows):
            return k
    return None


def _is_inside(case: Case, x: Sequence[Fraction]) -> bool:
    return all(low <= q <= high for low, q, high in zip(case.lower, x, case.upper, strict=True))


def _holds_with_noise(claim: Claim, network: NetworkFacts, prop: Property) -> int | None:
    try:
        from exactnet.certificate._verification_proofs import CaseRows
        from exactnet.certificate._verification_walk import Bounder
        from exactnet.certificate._wide_tables import TooWide
    except ImportError as error:
        raise _Beyond(f"the compiled loops are not there ({error})") from error
    if not all(map(is_exact_binary32, claim.point)):
        raise Refused("the point has a number that is not in binary32")
    try:
        bounder = Bounder(network.chain, _POINT_GRID, float32=True)
        node = bounder.root(claim.point, claim.point, ())
        for k, case in enumerate(prop.cases):
            if not _is_inside(case, claim.point):
                continue
            rows = CaseRows(case, network.n_outputs)
            turned = (rows.sum([-int(r == i) for r in range(rows.n)]) for i in range(rows.n))
            values = ((bounder.bound(node, row, 0), row.strict) for row in turned)
            if all(value > 0 or (value == 0 and not strict) for value, strict in values):
                return k
    except TooWide as error:
        raise _Beyond(str(error)) from error
    return None
