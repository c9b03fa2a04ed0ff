"""What the compiled checker of verification certificates concludes, as data and in words."""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate._verification_read import Claim
from exactnet.model.property import Property

__all__ = ["Conclusion", "property_about", "sentence"]

_DIGITS, _LONGEST, _MOST_NAMED = 12, 60, 20


@dataclass(frozen=True)
class Conclusion:
    """What the checker found out about a record.

    Attributes
    ----------
    refuted_at : the case that holds at the point of a `counterexample`; None for trees.
    margin : the smallest slack of its rows there; None if it has none.
    is_complete : nothing is left open; always true for a `counterexample`.
    n_leaves, open_shares : of trees: leaves of all, and the open share of the box of each, None if nothing
        is open: a share can be 0 of a leaf with few points.
    """

    id: str
    semantics: str
    refuted_at: int | None = None
    margin: Fraction | None = None
    is_complete: bool = True
    n_leaves: int = 0
    open_shares: tuple[Fraction | None, ...] = ()


def property_about(name: str, prop: Property, sha256: str) -> str:
    """Describe a property, perhaps read from a file with this digest."""
    text = (
        f"{name} is the property with {_count(prop.n_inputs, 'input')}, {_count(prop.n_outputs, 'output')} "
        f"and {_count(len(prop.cases), 'case')}, fingerprint {prop.fingerprint}"
    )
    return f"{text}, read from the file with SHA-256 {sha256}" if sha256 else text


def sentence(claim: Claim, found: Conclusion, prop: Property) -> str:
    """The conclusion of a claim."""
    how = "in real arithmetic"
    if claim.float32:
        how = "in binary32 with sums in any order, and in real arithmetic"
    if found.refuted_at is not None:
        slack = "without rows" if found.margin is None else f"smallest slack {_value(found.margin)}"
        where = f"the input {claim.id} of {claim.network} satisfies {claim.prop}, {how}"
        return f"{where}: case {found.refuted_at}, {slack}"
    if not found.is_complete:
        return f"{claim.id} is partial: {claim.network} and {claim.prop}, {how}: {_parts(claim, found, prop)}"
    start = f"no input of {claim.network} satisfies {claim.prop}"
    if all(case.is_empty for case in prop.cases):
        return f"{start}, vacuously: {'every case has an empty box' if prop.cases else 'there is no case'}"
    return f"{start}, {how} ({_count(len(prop.cases), 'case')}, {_count(found.n_leaves, 'leaf', 'leaves')})"


def _parts(claim: Claim, found: Conclusion, prop: Property) -> str:
    parts = []
    for tree, share in zip(claim.trees or (), found.open_shares, strict=True):
        names = " ".join(map(str, tree.cases[:_MOST_NAMED]))
        more = len(tree.cases) - _MOST_NAMED
        text = f"case{'s' * (len(tree.cases) > 1)} {names}{f' and {more} more' if more > 0 else ''}"
        if share is None:
            parts.append(f"{text} satisfied nowhere")
            continue
        most = _rounded(share, decimal.ROUND_CEILING)[0]
        parts.append(f"{text} satisfied nowhere but in a share of at most {most} of the box")
    text = ", ".join(parts) or "nothing is proved"
    missing = len(prop.cases) - sum(len(tree.cases) for tree in claim.trees or ())
    return f"{text}, nothing about {_count(missing, 'other case')}" if missing else text


def _count(n: int, one: str, more: str = "") -> str:
    return f"{n} {one if n == 1 else more or one + 's'}"


def _rounded(q: Fraction, rounding: str) -> tuple[str, bool]:
    """Twelve significant digits, and whether they are all.

    Examples
    --------
    >>> _rounded(Fraction(2, 3), decimal.ROUND_CEILING), _rounded(Fraction(1, 2**60), decimal.ROUND_DOWN)
    (('0.666666666667', False), ('8.67361737988e-19', False))
    """
    context = decimal.Context(_DIGITS, rounding, decimal.MIN_EMIN, decimal.MAX_EMAX, traps=[])
    value = context.divide(decimal.Decimal(q.numerator), decimal.Decimal(q.denominator))
    exact = not context.flags[decimal.Inexact]
    value = value.normalize(context)
    e = value.adjusted()
    if -6 <= e <= 14:
        return f"{value:f}", exact
    return f"{value.scaleb(-e, context):f}e{e}", exact


def _value(q: Fraction) -> str:
    """A rational, and if it is no integer its decimals, cut off."""
    text = str(q)
    digits, exact = _rounded(q, decimal.ROUND_DOWN)
    digits += "" if exact else "..."
    if len(text) > _LONGEST:
        return f"{digits} (a fraction of {len(text)} characters)"
    return text if q.denominator == 1 else f"{text} (= {digits})"
