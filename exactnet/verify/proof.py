"""From what an engine has found to a certificate that a checker has accepted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from exactnet import checker
from exactnet.certificate import (
    Certificate,
    CounterexampleRecord,
    NetworkFileRecord,
    NoCounterexampleRecord,
    ProofTree,
    PropertyFileRecord,
    PropertyRecord,
    Record,
    Verdict,
    certificate_text,
    network_record,
)
from exactnet.certificate.fast_verification import ACCEPTED, REJECTED
from exactnet.model import Property
from exactnet.verify.instance import Model, Query
from exactnet.verify.proofs import Tree
from exactnet.verify.second_check import check_verification

__all__ = ["Claim", "certificate_of", "check", "is_partial", "property_record"]


@dataclass(frozen=True)
class Claim:
    """What a certificate is to say about an instance.

    Attributes
    ----------
    semantics : "real" or "float32".
    point : of a counterexample; None for a claim that there is none.
    grid, trees : of a claim that there is no counterexample.
    """

    semantics: str
    point: tuple[Fraction, ...] | None = None
    grid: int = 1
    trees: tuple[Tree, ...] = ()


def certificate_of(
    model: Model, items: Sequence[tuple[Query, Claim]], *, title: str, folder: str | Path
) -> Certificate:
    """The certificate of claims about a network and its properties.

    Parameters
    ----------
    items : each claim with the property that it is about.
    folder : where it will be saved; files that it names are relative to this folder.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> half = Model(Network.from_arrays([([["1/2"]], [0])]))
    >>> always = Query(Property.from_box([0], [1], [[]]))
    >>> proof = certificate_of(half, [(always, Claim("real", point=(Fraction(1),)))], title="x", folder=".")
    >>> [record.rule for record in proof.records], check(proof, ".").accepted
    (['network', 'property', 'counterexample'], True)
    """
    records: list[Record] = [_network(model, Path(folder))]
    queries: list[Query] = []
    for query, _ in items:
        if not any(query is known for known in queries):
            queries.append(query)
    names = _numbered("property", len(queries))
    records += [_property(query, name, Path(folder)) for query, name in zip(queries, names, strict=True)]
    claims = _numbered("claim", len(items))
    for (query, claim), name in zip(items, claims, strict=True):
        about = next(p for known, p in zip(queries, names, strict=True) if known is query)
        records.append(_claim_record(claim, name, about))
    return Certificate(title, tuple(records), tuple(claims))


def _numbered(word: str, n: int) -> list[str]:
    return [word] if n == 1 else [f"{word}{k}" for k in range(1, n + 1)]


def _claim_record(claim: Claim, name: str, about: str) -> Record:
    if claim.point is not None:
        return CounterexampleRecord(name, "network", about, claim.semantics, claim.point)
    trees = tuple(ProofTree(tree.cases, tree.nodes) for tree in claim.trees)
    return NoCounterexampleRecord(name, "network", about, claim.semantics, claim.grid, trees)


def _network(model: Model, folder: Path) -> Record:
    digest = model.network.provenance.sha256
    if model.file is None or digest is None:
        return network_record(model.network)
    return NetworkFileRecord("network", _relative(model.file, folder), "onnx", digest, model.fingerprint)


def _property(query: Query, name: str, folder: Path) -> Record:
    digest = query.prop.provenance.sha256
    if query.file is None or digest is None:
        return property_record(query.prop, name=name)
    file = _relative(query.file, folder)
    return PropertyFileRecord(name, file, "vnnlib", digest, query.prop.fingerprint)


def _relative(file: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # another drive
        return file.resolve().as_posix()


def property_record(prop: Property, *, name: str = "property") -> PropertyRecord:
    """The record of a property, number for number.

    Examples
    --------
    >>> property_record(Property.from_box([0], ["1/2"], [[]])).cases
    (((Fraction(0, 1),), (Fraction(1, 2),), ()),)
    """
    cases = tuple(
        (
            case.lower,
            case.upper,
            tuple((row.inputs, row.outputs, row.bound, "<" if row.strict else "<=") for row in case.rows),
        )
        for case in prop.cases
    )
    return PropertyRecord(name, prop.n_inputs, prop.n_outputs, cases)


def check(certificate: Certificate, folder: str | Path, *, standard: bool = False) -> Verdict:
    """Have a checker read the text of the certificate: the compiled one, and if that gives up the other one.

    Parameters
    ----------
    certificate : as it will be saved in `folder`.
    standard : ask the checker of the standard library at once.
    """
    data = certificate_text(certificate).encode()
    if not standard:
        second = check_verification(data, folder=folder)
        if second.status in (ACCEPTED, REJECTED):
            return Verdict(second.accepted, second.line, reason=second.reason)
    found = checker.check_bytes(data, files=checker.Files(str(folder)))
    return Verdict(found.accepted, found.line, found.step, found.rule, found.reason)


def is_partial(verdict: Verdict) -> bool:
    """Whether the checker that accepted says that something was left open.

    Examples
    --------
    >>> is_partial(Verdict(True, "ACCEPTED 3 steps: claim is partial: network and property"))
    True
    """
    return " is partial:" in verdict.line
