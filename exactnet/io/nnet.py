"""Read a network in the .nnet format (Julian and Kochenderfer, Stanford): decimal text, relu in between.

    // comments
    number of layers, inputs, outputs, largest layer size,
    inputs, units of layer 1, ..., units of the last layer,
    a flag without a meaning,
    smallest inputs,
    largest inputs,
    means of the inputs, then one of the outputs,
    ranges of the inputs, then one of the outputs,
    for each layer its weight, a line a unit, then its bias, a line a unit

The stored weights take normalised inputs, (x - mean) / range, and give normalised outputs. Properties of the
verification competition speak about those; `physical=True` folds the normalisation into the first and the
last layer. Tools that run .nnet files also clip x to the smallest and largest inputs; that is not part of the
network here, and makes no difference between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from exactnet.errors import InputError, ParseError
from exactnet.exact import RationalMatrix, parse_rational
from exactnet.io.files import PathName, read_bytes, unpacked
from exactnet.model import Activation, AffineLayer, Network, Provenance

__all__ = ["NnetFile", "load_nnet", "parse_nnet", "read_nnet"]

Vector = tuple[Fraction, ...]

_MOST_UNITS = 1_000_000
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class NnetFile:
    """What a .nnet file says.

    Attributes
    ----------
    network : on normalised inputs and outputs, the stored weights as the decimals they are.
    lower, upper : smallest and largest inputs, before normalisation.
    means, ranges : one an input, then one for all outputs.
    """

    network: Network
    lower: Vector
    upper: Vector
    means: Vector
    ranges: Vector

    @property
    def physical(self) -> Network:
        """The network on inputs and outputs in their own units: the normalisation is folded in.

        Examples
        --------
        >>> file = parse_nnet("1,1,1,1,\\n1,1,\\n0,\\n0,\\n9,\\n3,10,\\n2,4,\\n5,\\n1,\\n")
        >>> file.network([1]), file.physical([5])
        ((Fraction(6, 1),), (Fraction(34, 1),))
        """
        first, *rest = self.network.layers
        n = self.network.n_inputs
        scaled = [[w / r for w, r in zip(row, self.ranges[:n], strict=True)] for row in first.weight.rows()]
        moved = [
            b - sum((w * m for w, m in zip(row, self.means[:n], strict=True)), Fraction(0))
            for row, b in zip(scaled, first.bias, strict=True)
        ]
        layers = [AffineLayer(RationalMatrix.from_rows(scaled), tuple(moved), first.activation), *rest]
        last, mean, size = layers[-1], self.means[n], self.ranges[n]
        layers[-1] = AffineLayer(
            RationalMatrix.from_rows([[w * size for w in row] for row in last.weight.rows()]),
            tuple(b * size + mean for b in last.bias),
            last.activation,
        )
        return Network(tuple(layers), self.network.provenance)


def load_nnet(path: PathName, *, physical: bool = False) -> Network:
    """Read a `.nnet` file; its decimals are read as the rational numbers they say.

    Parameters
    ----------
    path : the file.
    physical : fold the normalisation of inputs and outputs into the network; without it, the network takes
        normalised inputs, as the properties of the verification competition do.

    Raises
    ------
    InputError : no such file, or no text. ParseError : text that is no .nnet; points at it.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = os.path.join(folder, "tiny.nnet")
    ...     with open(file, "w") as out:
    ...         _ = out.write("// tiny\\n1,1,1,1,\\n1,1,\\n0,\\n0,\\n9,\\n3,10,\\n2,4,\\n0.1,\\n1,\\n")
    ...     load_nnet(file)([1])
    (Fraction(11, 10),)
    """
    file = read_nnet(path)
    return file.physical if physical else file.network


def read_nnet(path: PathName) -> NnetFile:
    """All that a `.nnet` file says; errors as for :func:`load_nnet`."""
    file = read_bytes(path, what="network", suffixes=[".nnet"])
    try:
        text = unpacked(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "the network file is not a text",
            where=f"{file.name}, byte {error.start} (from 0)",
            expected="UTF-8",
        ) from None
    return _read(text, Provenance(file.name, file.sha256, "decimal text"))


def parse_nnet(text: str, *, name: str = "text in memory") -> NnetFile:
    """The same for a text; `name` is what messages call it.

    Examples
    --------
    >>> parse_nnet("1,1,1,1,\\n1,1,\\n0,\\n0,\\n9,\\n3,10,\\n2,4,\\n5,\\none,\\n", name="t.nnet")
    Traceback (most recent call last):
        ...
    exactnet.errors.ParseError: not a number
      where:    t.nnet, line 9, column 1
                one,
                ^
      got:      'one'
      do:       this line is bias 0 of layer 1
    """
    return _read(text, Provenance(name, stored_dtype="decimal text"))


def _read(text: str, provenance: Provenance) -> NnetFile:
    lines = _Lines(text, provenance.source)
    n_layers, n_inputs, n_outputs, _ = lines.integers(4, "the number of layers, of inputs and of outputs")
    sizes = lines.integers(n_layers + 1, "the sizes of the layers")
    if (sizes[0], sizes[-1]) != (n_inputs, n_outputs):
        raise lines.error(
            "the sizes of the layers contradict the first line",
            got=f"{sizes[0]} inputs and {sizes[-1]} outputs",
            expected=f"{n_inputs} and {n_outputs}",
        )
    lines.skip("a flag without a meaning")
    lower = lines.numbers(n_inputs, "the smallest inputs")
    upper = lines.numbers(n_inputs, "the largest inputs")
    means = lines.numbers(n_inputs + 1, "the means of the inputs and of the outputs")
    ranges = lines.numbers(n_inputs + 1, "the ranges of the inputs and of the outputs")
    if 0 in ranges:
        raise lines.error("a range is zero", expected="ranges to divide by")
    layers = []
    for k, (width, before) in enumerate(zip(sizes[1:], sizes, strict=False), start=1):
        weight = [lines.numbers(before, f"row {i} of the weight of layer {k}") for i in range(width)]
        bias = tuple(lines.numbers(1, f"bias {i} of layer {k}")[0] for i in range(width))
        activation = Activation.IDENTITY if k == n_layers else Activation.RELU
        layers.append(AffineLayer(RationalMatrix.from_rows(weight), bias, activation))
    lines.require_end()
    return NnetFile(Network(tuple(layers), provenance), lower, upper, means, ranges)


class _Lines:
    """The lines of a text one after the other, without comments and empty ones."""

    def __init__(self, text: str, name: str) -> None:
        self._lines = text.splitlines()
        self._name = name
        self._number = 0  # of the line last taken, from 1
        self._left = self._wanted()

    def _wanted(self) -> Iterator[int]:
        for number, line in enumerate(self._lines, start=1):
            if line.strip() and not line.lstrip().startswith("//"):
                yield number

    def skip(self, meaning: str) -> None:
        """Take a line and look no further."""
        self._number = next(self._left, 0)
        if not self._number:
            raise self.error("the text ends too early", at_end=True, expected=meaning)

    def numbers(self, n: int, meaning: str) -> Vector:
        """The n numbers of the next line, with commas between them."""
        self.skip(meaning)
        line = self._lines[self._number - 1]
        parts = line.split(",")
        if not parts[-1].strip():
            parts.pop()
        if len(parts) != n:
            raise self.error(
                "a line has the wrong number of entries",
                got=f"{len(parts)}",
                expected=f"{n}",
                hint=f"this line is {meaning}",
            )
        column, found = 1, []
        for part in parts:
            digits = part.strip()
            if not _NUMBER.fullmatch(digits):
                start = column + len(part) - len(part.lstrip())
                raise self.error(
                    "not a number", column=start, got=repr(digits), hint=f"this line is {meaning}"
                )
            found.append(parse_rational(digits, where=f"{self._name}, line {self._number}, column {column}"))
            column += len(part) + 1
        return tuple(found)

    def integers(self, n: int, meaning: str) -> tuple[int, ...]:
        """The same for positive integers."""
        found = self.numbers(n, meaning)
        if any(q.denominator != 1 or not 0 < q <= _MOST_UNITS for q in found):
            raise self.error(
                "not a list of sizes",
                expected=f"integers from 1 to {_MOST_UNITS}",
                hint=f"this line is {meaning}",
            )
        return tuple(int(q) for q in found)

    def require_end(self) -> None:
        """Nothing may follow."""
        self._number = next(self._left, 0)
        if self._number:
            raise self.error("text behind the last layer", hint="the sizes of the layers do not fit the file")

    def error(
        self,
        what: str,
        *,
        column: int = 1,
        at_end: bool = False,
        got: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
    ) -> ParseError:
        """The error that points at the line last taken, or behind the last one."""
        number = len(self._lines) + 1 if at_end else self._number
        line = "" if at_end else self._lines[number - 1]
        shown = line if len(line) <= 160 else ""
        return ParseError(
            what,
            file=self._name,
            line=number,
            column=column,
            text=shown,
            got=got,
            expected=expected,
            hint=hint,
        )
