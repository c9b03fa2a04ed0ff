"""VNN-LIB 2.0 for one network with one input tensor and one output tensor.

    (vnnlib-version <2.0>)
    (declare-network f (declare-input X float32 [1,5]) (declare-output Y float32 [1,5]))
    (assert (<= X[0,2] 0.5))

Tensors are flattened in row-major order. Constants and arithmetic are those of the rational numbers, whatever
the declared element type; the semantics of the network is chosen where a property is verified.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.io.assertions import Formula, Linear
from exactnet.io.s_expressions import Group, Node, Source, Word
from exactnet.io.vnnlib_terms import Interface, Reader

__all__ = ["read_commands"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ELEMENT_TYPES = ("Real", "real", "float16", "bfloat16", "float32", "float64", "float", "double")
_RELATIONS = {relation: relation for relation in ("<=", ">=", "<", ">", "!=")} | {"==": "=", "=": "="}
_ONE_NETWORK = "(declare-network f (declare-input X Real [1,2]) (declare-output Y Real [1,2]))"


def read_commands(source: Source, commands: Sequence[Group]) -> tuple[Interface, list[Formula]]:
    """The tensors and the assertions, in their order; `commands[0]` is the version.

    Raises
    ------
    ParseError : text that is no VNN-LIB 2.0. UnsupportedError : several networks, several tensors on a side,
        hidden tensors, or tensors that are not of floats.

    Examples
    --------
    >>> from exactnet.io.s_expressions import read_groups
    >>> text = Source('''(vnnlib-version <2.0>)
    ...     (declare-network f (declare-input X Real [2, 2]) (declare-output Y Real []))
    ...     (assert (< X[1,0] Y))''', "example")
    >>> interface, assertions = read_commands(text, read_groups(text))
    >>> interface.input_name(2), assertions
    ('X[1,0]', [Row(X_2 - Y_0 < 0)])
    """
    networks = [command for command in commands[1:] if command.head == "declare-network"]
    if not networks:
        raise source.error("no network is declared", commands[0], expected=_ONE_NETWORK)
    if len(networks) > 1:
        raise source.unsupported(
            "several networks in one property", networks[1], got=f"{len(networks)}", expected="one network"
        )
    x, y = _tensors(source, networks[0])
    tensors = {x.name: x, y.name: y}
    reader = Reader(source, lambda word: _element(source, word, tensors), _RELATIONS, lambda _: _indices(x))
    assertions: list[Formula] = []
    for command in commands[1:]:
        match command.head:
            case "declare-network":
                if assertions:
                    raise source.error("a declaration behind an assertion", command)
            case "assert":
                assertions.append(reader.assertion(_joined(command)))
            case _:
                raise source.error(
                    "not a command of VNN-LIB 2.0",
                    command,
                    got=command.head[:60] or "a group that begins with no word",
                    expected="one declare-network, then assert",
                )
    return Interface(x.size, y.size, x.label), assertions


@dataclass(frozen=True)
class _Tensor:
    name: str
    shape: tuple[int, ...]
    is_input: bool

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def label(self, k: int) -> str:
        """The name of entry k in row-major order."""
        indices = []
        for n in reversed(self.shape):
            k, index = divmod(k, n)
            indices.append(str(index))
        return self.name + (f"[{','.join(reversed(indices))}]" if indices else "")


def _indices(tensor: _Tensor) -> str:
    return f"entries are named like {tensor.label(0)}, with as many indices as declared, counted from 0"


# -- declarations ---------------------------------------------------------------------------------------


def _tensors(source: Source, network: Group) -> tuple[_Tensor, _Tensor]:
    """The input and the output tensor."""
    if len(network.items) < 2 or not _is_name(network.items[1]):
        raise source.error("a network without a name", network, expected=_ONE_NETWORK)
    found: dict[str, list[_Tensor]] = {"declare-input": [], "declare-output": []}
    for part in network.items[2:]:
        head = part.head if isinstance(part, Group) else ""
        if head in ("declare-hidden", "isomorphic-to", "equal-to"):
            raise source.unsupported(
                f"{head} is not supported", part, got=head, expected="one declare-input, one declare-output"
            )
        if not isinstance(part, Group) or head not in found:
            raise source.error("not a part of a network", part, got=head or None, expected=_ONE_NETWORK)
        if found[head]:
            raise source.unsupported(
                "a network with several inputs or outputs",
                part,
                got=f"a second {head}",
                expected="one tensor",
            )
        if head == "declare-input" and found["declare-output"]:
            raise source.error("an input behind an output", part, expected=_ONE_NETWORK)
        found[head].append(_tensor(source, part, is_input=head == "declare-input"))
    for head, tensors in found.items():
        if not tensors:
            raise source.error(f"a network without {head}", network, expected=_ONE_NETWORK)
    x, y = found["declare-input"][0], found["declare-output"][0]
    if x.name == y.name:
        raise source.error("a variable is declared twice", network, got=x.name)
    return x, y


def _tensor(source: Source, declaration: Group, *, is_input: bool) -> _Tensor:
    """(declare-input NAME TYPE [SHAPE]), perhaps with the name of the ONNX node in quotation marks."""
    items = declaration.items[1:]
    expected = f"({declaration.head} X float32 [1,5])"
    if not 3 <= len(items) <= 4 or not _is_name(items[0]):
        raise source.error("not the declaration of a tensor", declaration, expected=expected)
    name, kind, shape = (item.text if isinstance(item, Word) else "" for item in items[:3])
    if kind not in _ELEMENT_TYPES:
        raise source.unsupported(
            "a type of numbers that is not supported",
            items[1],
            got=kind or "a group",
            expected=", ".join(_ELEMENT_TYPES),
        )
    sizes = _list_of_integers(shape)
    if sizes is None or 0 in sizes:
        raise source.error(
            "not the shape of a tensor", items[2], got=shape, expected="[1,5]; [] for a number"
        )
    if len(items) == 4 and not (isinstance(items[3], Word) and items[3].text.startswith('"')):
        raise source.error("not the name of a node", items[3], expected='a name in quotation marks, "input"')
    return _Tensor(name, sizes, is_input)


def _is_name(node: Node) -> bool:
    return isinstance(node, Word) and _NAME.fullmatch(node.text) is not None


def _list_of_integers(text: str) -> tuple[int, ...] | None:
    """The integers of "[1, 5]"; None for any other text."""
    if not re.fullmatch(r"\[\s*([0-9]{1,9}\s*(,\s*[0-9]{1,9}\s*)*)?\]", text):
        return None
    return tuple(int(digits) for digits in re.findall("[0-9]+", text))


# -- entries of tensors ---------------------------------------------------------------------------------


def _joined(group: Group) -> Group:
    """The same with every name and the brackets behind it as one word."""
    items: list[Node] = []
    for item in group.items:
        last = items[-1] if items else None
        if isinstance(item, Group):
            items.append(_joined(item))
        elif item.text[0] == "[" and isinstance(last, Word) and _is_name(last):
            items[-1] = Word(last.text + item.text, last.position)
        else:
            items.append(item)
    return Group(tuple(items), group.position)


def _element(source: Source, word: Word, tensors: dict[str, _Tensor]) -> Linear | None:
    """The variable that a word such as X[0,2] names; None if it begins with no declared name."""
    name, bracket, rest = word.text.partition("[")
    tensor = tensors.get(name)
    if tensor is None:
        return None
    indices = _list_of_integers(bracket + rest) if bracket else ()
    if indices is None or len(indices) != len(tensor.shape):
        raise source.error(
            "not an entry of the tensor",
            word,
            got=word.text,
            expected=f"{tensor.label(0)} to {tensor.label(tensor.size - 1)}",
        )
    k = 0
    for index, size in zip(indices, tensor.shape, strict=True):
        if index >= size:
            raise source.error(
                "an index beyond the shape of the tensor",
                word,
                got=word.text,
                expected=f"{tensor.label(0)} to {tensor.label(tensor.size - 1)}",
            )
        k = k * size + index
    one = {k: Fraction(1)}
    return Linear(one, {}) if tensor.is_input else Linear({}, one)
