"""The second reader of certificates: lines, digests, seal, and the records `network` and `region_tree`.

Written after FORMAT.md sections 1 and 6, apart from `exactnet.checker` and without any of its code, so that
two programs have to make the same mistake before a wrong file passes both.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "HUGE",
    "Layer",
    "Lines",
    "Network",
    "Refused",
    "Tree",
    "fingerprint",
    "numbers_of_any_length",
    "read_lines",
    "read_network",
    "read_tree",
]

# stands in an array of int64 for an integer that does not fit
HUGE = -(2**63)

_MOST_BYTES = 2**31
_MOST_DIGITS = 100_000
_DIGITS = re.compile(rf"[0-9]{{{_MOST_DIGITS + 1}}}")
_NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.:]{0,99}")
_QUOTIENT = re.compile(r"(-?[1-9][0-9]*|0)(/[1-9][0-9]*)?")
_MOST_NUMBERS = 10_000_000
_LAYER_KEYS = "weight bias activation slope pieces skips"
_ACTIVATIONS = ("relu", "leaky_relu", "abs", "hardtanh", "maxout", "identity")

Matrix = tuple[tuple[Fraction, ...], ...]


class Refused(Exception):
    """The certificate proves nothing; the text says why, and `step` in which line."""

    def __init__(self, reason: str, step: int | None = None) -> None:
        super().__init__(reason)
        self.step = step


@contextmanager
def numbers_of_any_length() -> Iterator[None]:
    """Let integers of any length be read and printed."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


@dataclass(frozen=True)
class Lines:
    """The records between header and end, and the ids that the end claims."""

    records: tuple[dict[str, Any], ...]
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Layer:
    """A layer of the record `network`; every row of `weight` has a bias."""

    weight: Matrix
    bias: tuple[Fraction, ...]
    activation: str
    slope: Fraction
    pieces: int
    skips: tuple[tuple[int, Matrix], ...]

    @property
    def n_units(self) -> int:
        """Units, of `pieces` rows each."""
        return len(self.weight) // self.pieces


@dataclass(frozen=True)
class Network:
    """The record `network`."""

    id: str
    n_inputs: int
    layers: tuple[Layer, ...]
    fingerprint: str


@dataclass(frozen=True)
class Tree:
    """The record `region_tree`; `huge` has the integers of `nodes` that stand there as HUGE."""

    id: str
    network: str
    domain: tuple[tuple[int, ...], ...]
    n_cells: int
    nodes: NDArray[np.int64]
    huge: dict[int, int]


# -- lines ---------------------------------------------------------------------------------------------


def read_lines(data: bytes) -> Lines:
    """Read and compare all that concerns the file as a whole.

    Raises
    ------
    Refused : the file is damaged, not sealed as it should be, or a record is not named as it should be.
    """
    lines = _unpacked(data).split(b"\n")
    if lines.pop() or len(lines) < 2:
        raise Refused("the file does not end with a line feed, or has no header and end")
    objects = [_object_of(line, step) for step, line in enumerate(lines)]
    header, end = objects[0], objects[-1]
    _demand_keys(header, "step rule format version title provenance stats", 0)
    _demand_keys(end, "step rule claims digests seal", len(lines) - 1)
    for step, entry in enumerate(objects):
        if not _is_integer(entry.get("step")) or entry["step"] != step:
            raise Refused("a wrong step", step)
    fixed = (header["rule"], header["format"], header["version"], end["rule"])
    if fixed != ("header", "exactnet-certificate", 1, "end") or not _is_integer(header["version"]):
        raise Refused("not the header and end of a certificate of version 1", 0)
    _demand_texts(header)
    claims = _sealed(end, lines)
    names = [_name(record.get("id"), step) for step, record in enumerate(objects[1:-1], start=1)]
    if len(set(names)) < len(names):
        raise Refused("an id is used twice")
    if not set(claims) <= set(names):
        raise Refused("a claim names no record", len(lines) - 1)
    return Lines(tuple(objects[1:-1]), claims)


def _unpacked(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(data)).read(_MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused("the compressed data are damaged") from error
    if len(unpacked) > _MOST_BYTES:
        raise Refused("the file is too long when unpacked")
    return unpacked


def _object_of(line: bytes, step: int) -> dict[str, Any]:
    def no_number(text: str) -> NoReturn:
        raise Refused(f"the number {text[:40]!a} is not allowed", step)

    def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) != len(pairs):
            raise Refused("a key is given twice", step)
        return entries

    try:
        text = line.decode("utf-8")
        if _DIGITS.search(text):
            raise Refused("a number is too long", step)
        value = json.loads(
            text, object_pairs_hook=without_repeats, parse_float=no_number, parse_constant=no_number
        )
    except (ValueError, RecursionError) as error:
        raise Refused("not a line of JSON", step) from error
    if type(value) is not dict:
        raise Refused("not a JSON object", step)
    return value


def _demand_keys(entries: dict[str, Any], keys: str, step: int) -> None:
    if set(entries) != set(keys.split()):
        raise Refused(f"the keys are not {keys}", step)


def _demand_texts(header: dict[str, Any]) -> None:
    texts = [header["title"]]
    for key in ("provenance", "stats"):
        if type(header[key]) is not dict:
            raise Refused(f"{key} is no object", 0)
        texts += [*header[key].keys(), *header[key].values()]
    for text in texts:
        if type(text) is not str or any(0xD800 <= ord(c) < 0xE000 for c in text):
            raise Refused("the header has something that is not a text", 0)


def _sealed(end: dict[str, Any], lines: Sequence[bytes]) -> tuple[str, ...]:
    """Compare digests and seal; the claims."""
    step = len(lines) - 1
    if type(end["claims"]) is not list or type(end["digests"]) is not list:
        raise Refused("claims and digests are lists", step)
    claims = tuple(_name(claim, step) for claim in end["claims"])
    if not claims or len(set(claims)) != len(claims):
        raise Refused("claims name at least one record, none twice", step)
    digests = [hashlib.sha256(line).hexdigest()[:16] for line in lines[:-1]]
    if end["digests"] != digests:
        raise Refused("the digests are not those of the lines", step)
    content = "".join(f"{claim}\n" for claim in claims) + "\n".join(digests)
    if end["seal"] != hashlib.sha256(content.encode()).hexdigest()[:32]:
        raise Refused("the seal is not that of the claims and digests", step)
    return claims


# -- records -------------------------------------------------------------------------------------------


def read_network(record: dict[str, Any]) -> Network:
    """The record `network`; its fingerprint is the digest of its contents (FORMAT.md).

    Raises
    ------
    Refused : a key, a type, a number or a shape is wrong.
    """
    step = record["step"]
    _demand_keys(record, "step rule id n_inputs layers", step)
    d = record["n_inputs"]
    if not _is_integer(d) or d < 1:
        raise Refused("n_inputs is a positive integer", step)
    widths = [d]
    layers: list[Layer] = []
    for entry in _list(record["layers"], step):
        layer = _layer(entry, widths, step)
        layers.append(layer)
        widths.append(layer.n_units)
    if (1 + sum(len(layer.weight) for layer in layers)) * (d + 1) > _MOST_NUMBERS:
        raise Refused(f"more than {_MOST_NUMBERS} numbers in the composed maps", step)
    content = [d, [[entry[key] for key in _LAYER_KEYS.split()] for entry in record["layers"]]]
    return Network(record["id"], d, tuple(layers), fingerprint(content))


def fingerprint(content: object) -> str:
    """The SHA-256 of data that a conclusion speaks about (FORMAT.md section 8)."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _layer(entry: Any, widths: Sequence[int], step: int) -> Layer:
    if type(entry) is not dict:
        raise Refused("a layer is an object", step)
    _demand_keys(entry, _LAYER_KEYS, step)
    weight = _matrix(entry["weight"], widths[-1], step)
    bias = tuple(_rational(x, step) for x in _list(entry["bias"], step))
    activation, pieces = entry["activation"], entry["pieces"]
    slope = _rational(entry["slope"], step)
    if type(activation) is not str or activation not in _ACTIVATIONS:
        raise Refused("no such activation", step)
    if slope and activation != "leaky_relu":
        raise Refused("only leaky_relu has a slope", step)
    if not _is_integer(pieces) or pieces < 1 or (pieces > 1) != (activation == "maxout"):
        raise Refused("pieces are 1, and at least 2 for maxout", step)
    if not weight or len(weight) % pieces or len(bias) != len(weight):
        raise Refused("the rows of a layer do not fit", step)
    skips: list[tuple[int, Matrix]] = []
    last = -1
    for skip in _list(entry["skips"], step):
        source, matrix = skip if type(skip) is list and len(skip) == 2 else (-1, [])
        # the layer at hand has the number len(widths)
        if not _is_integer(source) or not last < source <= len(widths) - 2:
            raise Refused("the source of a skip connection", step)
        skips.append((source, _matrix(matrix, widths[source], step)))
        if len(skips[-1][1]) != len(weight):
            raise Refused("the rows of a skip connection do not fit", step)
        last = source
    return Layer(weight, bias, activation, slope, pieces, tuple(skips))


def read_tree(record: dict[str, Any], networks: dict[str, Network]) -> Tree:
    """The record `region_tree`.

    Raises
    ------
    Refused : a key, a type or a shape is wrong, or there is no such network above.
    """
    step = record["step"]
    _demand_keys(record, "step rule id network domain n_cells nodes", step)
    name, n_cells = _name(record["network"], step), record["n_cells"]
    if name not in networks:
        raise Refused("no network above has this id", step)
    width = networks[name].n_inputs + 1
    domain = tuple(tuple(_integers(row, step)) for row in _list(record["domain"], step))
    if any(len(row) != width for row in domain):
        raise Refused(f"the rows of the domain have {width} entries", step)
    if not _is_integer(n_cells) or n_cells < 0:
        raise Refused("n_cells is an integer, not negative", step)
    nodes = _integers(record["nodes"], step)
    huge: dict[int, int] = {}
    try:
        array = np.array(nodes, dtype=np.int64)
    except OverflowError:
        huge = {at: x for at, x in enumerate(nodes) if not HUGE < x < -HUGE}
        array = np.array([HUGE if at in huge else x for at, x in enumerate(nodes)], dtype=np.int64)
    if not huge and array.size and int(array.min()) == HUGE:
        huge = {int(at): HUGE for at in np.flatnonzero(array == HUGE)}
    return Tree(record["id"], name, domain, n_cells, array, huge)


# -- values --------------------------------------------------------------------------------------------


def _is_integer(value: object) -> bool:
    return type(value) is int


def _list(value: Any, step: int) -> list[Any]:
    if type(value) is not list:
        raise Refused("a list is needed", step)
    return value


def _integers(value: Any, step: int) -> list[int]:
    if not set(map(type, _list(value, step))) <= {int}:
        raise Refused("a list of integers is needed", step)
    entries: list[int] = value
    return entries


def _name(value: Any, step: int) -> str:
    if type(value) is not str or not _NAME.fullmatch(value):
        raise Refused("not an id", step)
    return value


def _rational(value: Any, step: int) -> Fraction:
    match = _QUOTIENT.fullmatch(value) if type(value) is str else None
    if match is None:
        raise Refused("not a rational number", step)
    p, q = int(match[1]), int(match[2][1:]) if match[2] else 1
    if match[2] and (q == 1 or gcd(p, q) > 1):
        raise Refused("a rational number that is not in lowest terms", step)
    return Fraction(p, q)


def _matrix(value: Any, n_columns: int, step: int) -> Matrix:
    rows = tuple(tuple(_rational(x, step) for x in _list(row, step)) for row in _list(value, step))
    if any(len(row) != n_columns for row in rows):
        raise Refused(f"a matrix of {n_columns} columns is needed", step)
    return rows
