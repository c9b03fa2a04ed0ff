"""Reading the records `property`, `no_counterexample` and `counterexample` (FORMAT.md section 7)."""

from __future__ import annotations

import math
import re
from collections.abc import Container
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from exactnet.certificate._fast_read import Refused
from exactnet.model.property import Case, Property, Row

__all__ = [
    "Claim",
    "TooLong",
    "TreeEntry",
    "is_exact_binary32",
    "property_of_record",
    "read_claim",
    "require_modest",
]

_QUOTIENT = re.compile(r"(-?[1-9][0-9]*|0)(?:/([1-9][0-9]*))?", re.ASCII)
_MOST_BITS, _MOST_POINT_BITS = 4096, 100_000


class TooLong(Exception):
    """Numbers so long that every step would be slow."""


@dataclass(frozen=True)
class TreeEntry:
    """A tree of `no_counterexample`."""

    cases: tuple[int, ...]
    nodes: list[int]


@dataclass(frozen=True)
class Claim:
    """A record with a conclusion; `trees` is None for a counterexample."""

    id: str
    network: str
    prop: str
    semantics: str
    grid: int = 0
    trees: tuple[TreeEntry, ...] | None = None
    point: tuple[Fraction, ...] = ()

    @property
    def float32(self) -> bool:
        """Whether the semantics are those of binary32."""
        return self.semantics == "float32"


def _keys(record: dict[str, Any], keys: str) -> None:
    if set(record) != set(keys.split()):
        raise Refused(f"the keys are not {keys}")


def _list(value: Any, length: int | None = None) -> list[Any]:
    if type(value) is not list or (length is not None and len(value) != length):
        raise Refused("a list is needed" + (f" of {length} entries" if length is not None else ""))
    return value


def _integer(value: Any, least: int) -> int:
    if type(value) is not int or value < least:
        raise Refused(f"an integer of at least {least} is needed")
    return value


def _rational(value: Any) -> Fraction:
    match = _QUOTIENT.fullmatch(value) if type(value) is str else None
    if match is None:
        raise Refused("not a rational number")
    p, q = int(match[1]), int(match[2] or 1)
    if match[2] and (q == 1 or math.gcd(p, q) > 1):
        raise Refused("a rational number that is not in lowest terms")
    return Fraction(p, q)


def property_of_record(record: dict[str, Any]) -> Property:
    """The record `property`.

    Raises
    ------
    Refused : it is not one.
    """
    _keys(record, "step rule id n_inputs n_outputs cases")
    d, m = _integer(record["n_inputs"], 1), _integer(record["n_outputs"], 1)
    return Property(d, m, tuple(_case(value, d, m) for value in _list(record["cases"])))


def _case(value: Any, d: int, m: int) -> Case:
    lower, upper, rows = _list(value, 3)
    low, high = (tuple(map(_rational, _list(side, d))) for side in (lower, upper))
    return Case(low, high, tuple(_row(row, d, m) for row in _list(rows)))


def _row(value: Any, d: int, m: int) -> Row:
    inputs, outputs, bound, relation = _list(value, 4)
    if type(relation) is not str or relation not in ("<=", "<"):
        raise Refused("the relation of a row is <= or <")
    return Row(_terms(inputs, d), _terms(outputs, m), _rational(bound), relation == "<")


def _terms(value: Any, n: int) -> tuple[tuple[int, Fraction], ...]:
    terms = []
    last = -1
    for pair in _list(value):
        index, text = _list(pair, 2)
        i, c = _integer(index, 0), _rational(text)
        if not last < i < n or c == 0:
            raise Refused("the terms of a row are not in order, or one is 0")
        terms.append((i, c))
        last = i
    return tuple(terms)


def read_claim(record: dict[str, Any], networks: Container[str], properties: Any) -> Claim:
    """The records `no_counterexample` and `counterexample`.

    Raises
    ------
    Refused : a key, a type, a number or a reference is wrong.
    """
    is_tree = record["rule"] == "no_counterexample"
    _keys(record, "step rule id network property semantics " + ("grid trees" if is_tree else "point"))
    network, prop, semantics = record["network"], record["property"], record["semantics"]
    if type(network) is not str or network not in networks:
        raise Refused("no network above has this id")
    if type(prop) is not str or prop not in properties:
        raise Refused("no property above has this id")
    if type(semantics) is not str or semantics not in ("real", "float32"):
        raise Refused("there are no such semantics")
    if not is_tree:
        point = tuple(map(_rational, _list(record["point"], properties[prop].n_inputs)))
        if any(_bits(q) > _MOST_POINT_BITS for q in point):
            raise TooLong("the point has too long numbers")
        return Claim(record["id"], network, prop, semantics, point=point)
    grid = _integer(record["grid"], 1)
    if grid > 60:
        raise Refused("the grid is at most 60")
    trees = tuple(_tree(value, properties[prop].cases) for value in _list(record["trees"]))
    named = [case for tree in trees for case in tree.cases]
    if len(set(named)) < len(named):
        raise Refused("a case is in two trees")
    return Claim(record["id"], network, prop, semantics, grid, trees)


def _tree(value: Any, cases: tuple[Case, ...]) -> TreeEntry:
    if type(value) is not dict:
        raise Refused("a tree is an object")
    _keys(value, "cases nodes")
    names = [_integer(case, 0) for case in _list(value["cases"])]
    if not names or names != sorted(set(names)) or names[-1] >= len(cases):
        raise Refused("the cases of a tree ascend, there is at least one, and the property has them")
    first = cases[names[0]]
    if any((cases[k].lower, cases[k].upper) != (first.lower, first.upper) for k in names):
        raise Refused("the cases of a tree have different boxes")
    nodes = _list(value["nodes"])
    if not set(map(type, nodes)) <= {int}:
        raise Refused("nodes are integers")
    return TreeEntry(tuple(names), nodes)


def _bits(q: Fraction) -> int:
    return max(q.numerator.bit_length(), q.denominator.bit_length())


def require_modest(prop: Property) -> None:
    """Leave properties with very long numbers to others.

    Raises
    ------
    TooLong : there is one.
    """
    for case in prop.cases:
        coefficients = [c for row in case.rows for _, c in (*row.inputs, *row.outputs)]
        numbers = [*case.lower, *case.upper, *coefficients, *(row.bound for row in case.rows)]
        if any(_bits(q) > _MOST_BITS for q in numbers):
            raise TooLong("the property has too long numbers")
        if math.lcm(*(c.denominator for c in coefficients)).bit_length() > _MOST_BITS:
            raise TooLong("the rows of a case have too long denominators")


def is_exact_binary32(q: Fraction) -> bool:
    """Whether q is a finite number of binary32.

    Examples
    --------
    >>> [is_exact_binary32(Fraction(x)) for x in ("0.5", "0.1", 2**24 + 1, 2**128 - 2**104, 2**128)]
    [True, False, False, True, False]
    """
    n, one = abs(q.numerator), q.denominator
    if n == 0:
        return True
    if one & (one - 1) or one.bit_length() > 150:
        return False
    digits = n.bit_length() - ((n & -n).bit_length() - 1)
    return digits <= 24 and n.bit_length() - one.bit_length() + 1 <= 128
