"""Messages of protocol buffers: a list of numbered fields, nothing else (for ONNX files).

Only what a model file needs: varints, 64-bit and 32-bit numbers, and bytes. A message inside a message is
bytes until somebody reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from exactnet.checker.read import reject

__all__ = ["Message", "packed_varints", "read_message", "signed"]

# bytes, also under a name that no method has
Data: TypeAlias = bytes
Fields: TypeAlias = dict[int, list[int | Data]]

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MOST_FIELDS = 2**29


class _Fixed(bytes):
    """A number of 32 or 64 bits as it stands: no text, no message, and not skipped as others do."""


class Message(NamedTuple):
    """The fields of a message: for each number the values, integers or bytes, in their order."""

    fields: Fields

    def all_bytes(self, number: int) -> list[Data]:
        """The values of a repeated field of bytes, texts or messages."""
        return [_as_bytes(value) for value in self.fields.get(number, [])]

    def messages(self, number: int) -> list[Message]:
        """The values of a repeated field of messages."""
        return [read_message(value) for value in self.all_bytes(number)]

    def message(self, number: int) -> Message:
        """The one value of a field of messages; an empty message if there is none."""
        return read_message(self.bytes(number))

    def texts(self, number: int) -> list[str]:
        """The values of a repeated field of texts."""
        return [_text(value) for value in self.all_bytes(number)]

    def text(self, number: int) -> str:
        """The one value of a field of texts, "" if there is none."""
        return _text(self.bytes(number))

    def bytes(self, number: int) -> Data:
        """The one value of a field of bytes, b"" if there is none."""
        return _as_bytes(self._one(number, b""))

    def floats(self, number: int) -> Data:
        """A repeated field of 32-bit numbers, packed or not, one behind the other."""
        values = self.fields.get(number, [])
        if any(isinstance(value, int) or (type(value) is _Fixed and len(value) != 4) for value in values):
            reject("a field of the model file has the wrong type")
        return b"".join(value for value in values if isinstance(value, bytes))

    def float32(self, number: int) -> Data:
        """The one value of a field of 32-bit numbers, b"" if there is none."""
        value = self._one(number, _Fixed(b""))
        if type(value) is not _Fixed or len(value) not in (0, 4):
            reject("a field of the model file has the wrong type")
        return value

    def integer(self, number: int, default: int = 0) -> int:
        """The one value of a field of integers with signs."""
        value = self._one(number, default)
        if not isinstance(value, int):
            reject("a field of the model file has the wrong type")
        return signed(value)

    def integers(self, number: int) -> list[int]:
        """A repeated field of integers with signs, packed or not."""
        found: list[int] = []
        for value in self.fields.get(number, []):
            found += [signed(value)] if isinstance(value, int) else packed_varints(_as_bytes(value))
        return found

    def _one(self, number: int, default: int | Data) -> int | Data:
        values = self.fields.get(number, [])
        if len(values) > 1:
            reject(f"field {number} of a message in the model file is given twice")
        return values[0] if values else default


def read_message(data: bytes) -> Message:
    """The fields of a message.

    Raises
    ------
    Rejection
        Not a message.

    Examples
    --------
    >>> read_message(bytes([8, 150, 1, 18, 2, 104, 105])).fields
    {1: [150], 2: [b'hi']}
    """
    fields: Fields = {}
    for number, value in _fields(data):
        fields.setdefault(number, []).append(value)
    return Message(fields)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    position, end = 0, len(data)
    while position < end:
        key, position = _varint(data, position)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if not 0 < number < _MOST_FIELDS:
            reject(f"a message in the model file has a field with the number {number}")
        if kind == _VARINT:
            value, position = _varint(data, position)
            yield number, value
            continue
        if kind == _BYTES:
            length, position = _varint(data, position)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            reject(f"a field of the model file has the unknown kind {kind}")
        if position + length > end:
            reject("a message in the model file is cut off")
        value = data[position : position + length]
        yield number, value if kind == _BYTES else _Fixed(value)
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position == len(data) or shift > 63:
            reject("a number in the model file is cut off, or too long")
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & (2**64 - 1), position
        shift += 7


def packed_varints(data: bytes) -> list[int]:
    """Integers with signs, one behind the other.

    Examples
    --------
    >>> packed_varints(bytes([1, 172, 2]) + bytes([255] * 9 + [1]))
    [1, 300, -1]
    """
    found, position = [], 0
    while position < len(data):
        value, position = _varint(data, position)
        found.append(signed(value))
    return found


def signed(value: int) -> int:
    """The integer from -2^63 to 2^63 - 1 with these 64 bits."""
    return value - 2**64 if value >= 2**63 else value


def _as_bytes(value: int | bytes) -> bytes:
    if type(value) is not bytes:
        reject("a field of the model file has the wrong type")
    return value


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        reject("a name in the model file is not UTF-8")
