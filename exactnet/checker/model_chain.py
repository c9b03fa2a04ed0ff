"""What is read from a model file on the way to a chain: tensors, nodes, and the chain so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, NoReturn

from exactnet.checker.protobuf import Message
from exactnet.checker.read import reject, show

__all__ = [
    "ATTRIBUTE_FLOAT",
    "ATTRIBUTE_INT",
    "ATTRIBUTE_INTS",
    "ATTRIBUTE_TEXT",
    "Chain",
    "ChainStep",
    "Node",
    "Shape",
    "Tensor",
    "require_modest",
]

# fields of the message of an attribute
ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_TEXT, ATTRIBUTE_INTS = 2, 3, 4, 8
_MOST_NUMBERS = 10_000_000

Shape = tuple[int, ...]


class Tensor(NamedTuple):
    """A constant: its shape and its numbers in the order of memory; binary32 numbers, or integers."""

    shape: Shape
    numbers: tuple[float, ...] | tuple[int, ...]
    is_float: bool


@dataclass(frozen=True)
class ChainStep:
    """A layer of the chain; the bias is None while an Add may still bring it."""

    weight: list[Sequence[float]]
    bias: Sequence[float] | None = None
    is_relu: bool = False


@dataclass(frozen=True)
class Chain:
    """The value computed last, its shape, and the layers up to it."""

    name: str
    shape: Shape
    layers: tuple[ChainStep, ...] = field(default=())

    def then(self, layer: ChainStep, shape: Shape) -> Chain:
        """With one more layer, and the shape of its value."""
        return replace(self, layers=(*self.layers, layer), shape=shape)

    def last(self, **changes: object) -> Chain:
        """With changes of the last layer."""
        return replace(self, layers=(*self.layers[:-1], replace(self.layers[-1], **changes)))  # type: ignore[arg-type]


class Node(NamedTuple):
    """A node whose data are the value computed before; its other operands are constants, None if left out."""

    attributes: dict[str, Message]
    operands: list[Tensor | None]
    place: int
    where: str

    def integer(self, name: str, default: int) -> int:
        """An attribute that is an integer."""
        return self.attributes[name].integer(ATTRIBUTE_INT) if name in self.attributes else default

    def only(self, *names: str) -> None:
        """Reject attributes with other names."""
        for name in self.attributes:
            if name not in names:
                self.refuse(f"the attribute {show(name)}")

    def sizes(self, name: str, default: list[int]) -> list[int]:
        """An attribute that is as many integers as the default."""
        found = self.attributes[name].integers(ATTRIBUTE_INTS) if name in self.attributes else default
        if len(found) != len(default):
            self.refuse(f"{name} of this length")
        return found

    def refuse(self, what: str) -> NoReturn:
        """Reject the node."""
        reject(f"{self.where}: {what} is not provided for in a chain")

    def floats(self, k: int) -> Tensor:
        """Operand k, which must be a constant of binary32 numbers."""
        found = self.operands[k] if k < len(self.operands) and k != self.place else None
        if found is None or not found.is_float:
            reject(f"{self.where}: operand {k} is not a constant of binary32 numbers")
        return found


def require_modest(n_numbers: int) -> None:
    """Reject a table that would fill the memory."""
    if n_numbers > _MOST_NUMBERS:
        reject(f"a tensor of more than {_MOST_NUMBERS} numbers in the model file")
