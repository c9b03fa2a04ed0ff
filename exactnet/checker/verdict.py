"""One pass over a certificate, one verdict (FORMAT.md sections 1 and 7)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from exactnet.checker.faces import Faces
from exactnet.checker.facts import Fact, Known
from exactnet.checker.files import Files, Missing, unpacked
from exactnet.checker.read import (
    Rejection,
    as_id,
    as_integer,
    as_list,
    as_text,
    as_text_map,
    one_of,
    parse_line,
    reject,
    require_keys,
    show,
)
from exactnet.checker.region_count import RegionCount
from exactnet.checker.regions import RegionTree
from exactnet.checker.rules import RULES, Rule, rules_with_files, sampled_rules
from exactnet.checker.sampling import Sample
from exactnet.checker.tropical_form import TropicalForm
from exactnet.checker.words import plural

__all__ = ["Verdict", "check_bytes", "check_text"]

_HEADER_KEYS = ("step", "rule", "format", "version", "title", "provenance", "stats")
_END_KEYS = ("step", "rule", "claims", "digests", "seal")


class Verdict(NamedTuple):
    """The outcome; `line` is the verdict line, and the rest says where and why a rejection happened.

    A sample that found no fault is `sampled` and not accepted: it proves nothing. If a file that the
    certificate names cannot be opened, it is `missing`, and neither accepted nor rejected.
    """

    accepted: bool
    line: str
    step: int | None
    rule: str | None
    reason: str
    sampled: bool = False
    missing: bool = False


@dataclass
class _Place:
    """Where in the file the checker is: the step and rule a rejection will name."""

    step: int = 0
    rule: str = "header"


def check_text(text: str, *, sample: int | None = None, seed: int = 0, files: Files | None = None) -> Verdict:
    """Check a certificate given as text; arguments as for :func:`check_bytes`.

    Returns
    -------
    Verdict
        Never raises for a bad certificate: whatever is wrong with it is a rejection.

    Examples
    --------
    >>> check_text("hello").line
    'REJECTED step 0 (end): the last line must end with a line feed; is the file cut off?'
    """
    return check_bytes(text.encode("utf-8", "surrogatepass"), sample=sample, seed=seed, files=files)


def check_bytes(
    data: bytes, *, sample: int | None = None, seed: int = 0, files: Files | None = None
) -> Verdict:
    """Check a certificate given as the bytes of a file, plain or compressed by gzip.

    Parameters
    ----------
    sample : if given, look at this many leaves of each region tree only, and leave out the faces; such a
        look never accepts.
    seed : of the choice of the leaves.
    files : where the files are that the certificate names; if None, in the folder of this process.
    """
    place = _Place()
    rules = RULES if sample is None else sampled_rules(Sample(sample, seed))
    rules = rules_with_files(rules, files or Files())
    with _numbers_of_any_length():
        try:
            known, claims = _check(unpacked(data).split(b"\n"), place, rules)
        except Rejection as rejection:
            reason = str(rejection)
        except Missing as missing:
            reason, where = str(missing), f"step {place.step} ({place.rule})"
            line = f"CANNOT OPEN {where}: {reason}".encode("ascii", "backslashreplace").decode("ascii")
            return Verdict(False, line, place.step, place.rule, reason, missing=True)
        except (MemoryError, RecursionError) as error:
            reason = f"too big for this computer ({type(error).__name__})"
        except Exception as error:  # a hole in a rule must still not become an acceptance or a crash
            reason = f"the checker could not follow this step ({type(error).__name__}: {show(str(error))})"
        else:
            if sample is not None:
                return Verdict(False, _sampled_line(known), None, None, "", sampled=True)
            line = f"ACCEPTED {plural(len(known), 'step')}: {'; '.join(claims)}"
            return Verdict(True, line, None, None, "")
    reason = reason.encode("ascii", "backslashreplace").decode("ascii")
    return Verdict(
        False, f"REJECTED step {place.step} ({place.rule}): {reason}", place.step, place.rule, reason
    )


@contextmanager
def _numbers_of_any_length() -> Iterator[None]:
    """Lift Python's limit on the digits of a decimal number while a certificate is read."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


def _sampled_line(known: Known) -> str:
    """What a sample has looked at; it draws no conclusion."""
    facts = known.values()
    seen = [fact.looked_at for fact in facts if isinstance(fact, RegionTree) and fact.looked_at]
    unseen = [fact.id for fact in facts if isinstance(fact, Faces | RegionCount | TropicalForm)]
    what = f"looked at {' and '.join(seen)}" if seen else "no region tree to look at"
    rest = f", not at {' and '.join(unseen)}" if unseen else ""
    return f"SAMPLED {plural(len(known), 'step')}: {what}{rest}; no fault found, nothing proved"


def _check(lines: list[bytes], place: _Place, rules: dict[str, Rule]) -> tuple[Known, list[str]]:
    """Check all lines; returns the facts and the conclusions of the claims."""
    last = lines.pop()
    if last:
        place.step, place.rule = len(lines), "end"
        reject("the last line must end with a line feed; is the file cut off?")
    if len(lines) < 2:
        reject("a certificate has at least a header and an end")
    claims = _check_end(lines, place)
    place.step, place.rule = 0, "header"
    _check_header(_read(lines[0]))
    known: Known = {}
    for step in range(1, len(lines) - 1):
        place.step, place.rule = step, "unreadable"
        fact = _check_record(_read(lines[step]), step, known, place, rules)
        known[fact.id] = fact
    place.step, place.rule = len(lines) - 1, "end"
    conclusions = [_conclusion(claim, known) for claim in claims]
    subjects = [known[claim].about() for claim in claims]
    return known, conclusions + [text for text in dict.fromkeys(subjects) if text is not None]


def _read(line: bytes) -> dict[str, object]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        reject(f"not UTF-8 at byte {error.start} of the line")
    return parse_line(text)


def _check_end(lines: list[bytes], place: _Place) -> list[str]:
    """Check the last line and the digests of all others; returns the claims."""
    place.step, place.rule = len(lines) - 1, "end"
    end = _read(lines[-1])
    if end.get("rule") != "end":
        reject("the last line must have the rule end; is the file cut off?")
    require_keys(end, _END_KEYS, "the end")
    _check_step(end, len(lines) - 1)
    claims = [as_id(claim, f"claims[{i}]") for i, claim in enumerate(as_list(end["claims"], "claims"))]
    if not claims or len(set(claims)) < len(claims):
        reject("claims must name at least one record, and none twice")
    digests = as_list(end["digests"], "digests", length=len(lines) - 1)
    for i, digest in enumerate(digests):
        if digest != hashlib.sha256(lines[i]).hexdigest()[:16]:
            place.step, place.rule = i, _rule_of(lines[i])
            reject(
                "the line does not have the digest that the end states; it was changed after it was written"
            )
    sealed = "\n".join(claims) + "\n" + "\n".join(map(str, digests))
    if end["seal"] != hashlib.sha256(sealed.encode()).hexdigest()[:32]:
        reject("the seal does not match the claims and digests")
    return claims


def _rule_of(line: bytes) -> str:
    """The rule of a line, for a message."""
    try:
        rule = _read(line).get("rule")
    except Rejection:
        return "unreadable"
    return rule if isinstance(rule, str) and rule in (*RULES, "header", "end") else "unreadable"


def _check_step(record: dict[str, object], step: int) -> None:
    if as_integer(record.get("step"), "step") != step:
        reject(f"step is {show(record['step'])} on line {step}")


def _check_header(header: dict[str, object]) -> None:
    require_keys(header, _HEADER_KEYS, "the header")
    _check_step(header, 0)
    one_of(header["rule"], ("header",), "rule")
    one_of(header["format"], ("exactnet-certificate",), "format")
    if as_integer(header["version"], "version") != 1:
        reject(f"version is {show(header['version'])}, and this checker knows version 1")
    as_text(header["title"], "title")
    as_text_map(header["provenance"], "provenance")
    as_text_map(header["stats"], "stats")


def _check_record(
    record: dict[str, object], step: int, known: Known, place: _Place, rules: dict[str, Rule]
) -> Fact:
    name = one_of(record.get("rule"), tuple(rules), "rule")
    place.rule = name
    rule = rules[name]
    require_keys(record, ("step", "rule", "id", *rule.keys), "the record")
    _check_step(record, step)
    identifier = as_id(record["id"], "id")
    if identifier in known:
        reject(f"the id {identifier} is used twice")
    return rule.check(record, identifier, known)


def _conclusion(claim: str, known: Known) -> str:
    fact = known.get(claim)
    if fact is None:
        reject(f"claims names {claim}, and no record has this id")
    conclusion = fact.conclusion()
    if conclusion is None:
        reject(f"claims names {claim}, of rule {fact.rule}, which has no conclusion")
    return conclusion
