"""Judge anybody's counterexample exactly: valid as printed, after clipping to the box, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import numpy as np

from exactnet.certificate import Result, Status
from exactnet.errors import ShapeError
from exactnet.exact import decimal_text, to_fractions
from exactnet.model.property import Property
from exactnet.verify.attack import Witness, confirm
from exactnet.verify.instance import Instance, NetworkLike, PropertyLike, instance
from exactnet.verify.proof import Claim, certificate_of
from exactnet.verify.witness_text import PrintedWitness

__all__ = ["Judgement", "WitnessAudit", "audit_witness"]

Point = tuple[Fraction, ...]


class Judgement(StrEnum):
    """What a printed counterexample is worth."""

    AS_PRINTED = "valid as printed"
    AFTER_CLIPPING = "valid after clipping"
    NOT_AT_ALL = "not valid"


@dataclass(frozen=True)
class WitnessAudit:
    """What exact evaluation says about a counterexample.

    Attributes
    ----------
    judgement : valid as printed, after clipping to the box of a case, or not at all.
    margin : of the printed point: the largest over the cases of their smallest slack, box sides included;
        negative where no case holds. None for a property without cases.
    outputs : the exact outputs at the printed point.
    outside : how far the printed point is outside the nearest box (largest coordinate); 0 inside.
    valid : the printed or the clipped point with its exact margin; None when there is none.
    output_error : the largest difference between the exact outputs and the printed ones; None without them.
    is_float32 : every printed input is a binary32 number.
    """

    judgement: Judgement
    margin: Fraction | None
    outputs: Point
    outside: Fraction
    valid: Witness | None
    output_error: Fraction | None
    is_float32: bool


def audit_witness(
    network: NetworkLike,
    prop: PropertyLike,
    x: Sequence[object] | PrintedWitness,
    *,
    folder: str | Path = ".",
) -> Result[WitnessAudit]:
    """Judge a counterexample by exact evaluation.

    Parameters
    ----------
    network, prop : objects, or the files of them.
    x : the point, or what :func:`load_witness` has read.
    folder : where the certificate will be saved; names of files in it are relative to this folder.

    Returns
    -------
    Result
        PROVED: it is a counterexample as printed. REFUTED: it is not; if a point of the box next to it is,
        the certificate shows that one.

    Raises
    ------
    ShapeError : another number of inputs or outputs.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> from exactnet.model.property import Property, Row
    >>> net = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> large = Property.from_box([-1], [1], [[Row.from_terms({}, {0: -1}, -1)]])
    >>> for x in ("1", "1.001", "0.999"):
    ...     audit_witness(net, large, [x])
    PROVED: the point is a counterexample as printed, with margin 0
    REFUTED: the point is 0.0010 outside the box; clipped to the box it is a counterexample, with margin 0
    REFUTED: the point is not a counterexample: it misses the assertions by 0.0010
    """
    given = instance(network, prop)
    printed = x if isinstance(x, PrintedWitness) else PrintedWitness(to_fractions(x, where="the point"))
    audit = _audit(given, printed)
    certificate = None
    if audit.valid is not None:
        claim = Claim("real", point=audit.valid.point)
        certificate = certificate_of(
            given.model, [(given.query, claim)], title="A counterexample", folder=folder
        )
    status = Status.PROVED if audit.judgement is Judgement.AS_PRINTED else Status.REFUTED
    return Result(audit, status, certificate, _sentence(audit), given.provenance)


def _audit(given: Instance, printed: PrintedWitness) -> WitnessAudit:
    prop, x = given.prop, printed.inputs
    for what, numbers, wanted in (
        ("inputs", x, prop.n_inputs),
        ("outputs", printed.outputs, prop.n_outputs if printed.outputs else 0),
    ):
        if len(numbers) != wanted:
            raise ShapeError(
                f"the counterexample has another number of {what}",
                where="the point",
                got=f"{len(numbers)} numbers",
                expected=f"{wanted}, the {what} of the property",
            )
    outputs = given.net.values(x)
    shown = confirm(given.net, prop, x)
    clipped = None if shown is not None else _clipped(given, x)
    judgement = (
        Judgement.AS_PRINTED if shown else Judgement.AFTER_CLIPPING if clipped else Judgement.NOT_AT_ALL
    )
    return WitnessAudit(
        judgement,
        prop.margin(x, outputs) if prop.cases else None,
        outputs,
        min((_outside(prop, k, x) for k in range(len(prop.cases))), default=Fraction(0)),
        shown or clipped,
        max((abs(a - b) for a, b in zip(outputs, printed.outputs, strict=False)), default=None),
        all(_is_float32(q) for q in x),
    )


def _clipped(given: Instance, x: Point) -> Witness | None:
    """The nearest of the boxes in which the clipped point is a counterexample."""
    prop = given.prop
    boxes = {
        (case.lower, case.upper): k for k, case in reversed(list(enumerate(prop.cases))) if not case.is_empty
    }
    for k in sorted(boxes.values(), key=lambda k: (_outside(prop, k, x), k)):
        case = prop.cases[k]
        inside = tuple(min(max(q, low), high) for q, low, high in zip(x, case.lower, case.upper, strict=True))
        found = confirm(given.net, prop, inside)
        if found is not None:
            return found
    return None


def _outside(prop: Property, k: int, x: Point) -> Fraction:
    case = prop.cases[k]
    return max(
        max(low - q, q - high, Fraction(0)) for q, low, high in zip(x, case.lower, case.upper, strict=True)
    )


def _is_float32(q: Fraction) -> bool:
    with np.errstate(over="ignore"):
        near = np.float32(float(q)) if abs(q) < 2**129 else np.float32(np.inf)
    return bool(np.isfinite(near)) and Fraction(float(near)) == q


def _sentence(audit: WitnessAudit) -> str:
    if audit.judgement is Judgement.AS_PRINTED and audit.valid is not None:
        return f"the point is a counterexample as printed, with margin {_short(audit.valid.margin)}"
    if audit.valid is not None:
        return (
            f"the point is {_short(audit.outside)} outside the box; "
            f"clipped to the box it is a counterexample, with margin {_short(audit.valid.margin)}"
        )
    if audit.margin is None:
        return "the point is not a counterexample: nothing is unsafe in a property without cases"
    if audit.outside > 0:
        return (
            f"the point is not a counterexample: it is {_short(audit.outside)} outside the box, "
            "and clipped to the box it is none"
        )
    by = (
        f"by {_short(-audit.margin)}"
        if audit.margin < 0
        else "by a strict inequality that holds with equality"
    )
    return f"the point is not a counterexample: it misses the assertions {by}"


def _short(q: Fraction) -> str:
    return decimal_text(q, digits=2)
