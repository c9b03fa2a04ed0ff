"""What a statement should give, and whether a measured value gives it.

An expectation is data: the script of a statement measures, the registry compares. `by` says what the
comparison rests on, so that nobody takes a float for a proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from exactnet.exact import Interval, format_rational, rational_text

__all__ = ["AtMost", "Digits", "Exactly", "Expectation", "Near", "Proof", "Value"]

Value = Fraction | int | bool | str | float | Interval


class Proof(StrEnum):
    """What a measured value rests on."""

    CERTIFICATE = "certificate"
    EXACT = "exact arithmetic"
    FLOAT = "floating point"


@dataclass(frozen=True)
class Exactly:
    """The value itself: a rational, a count, a yes or no, or a text.

    Examples
    --------
    >>> expected = Exactly("optimum", Fraction(7, 40))
    >>> expected.agrees(Fraction(7, 40)), expected.agrees(0.175), expected.text
    (True, False, '7/40')
    """

    name: str
    value: Fraction | int | bool | str
    by: Proof = Proof.CERTIFICATE

    @property
    def text(self) -> str:
        """The expected value as a person writes it."""
        return _plain(self.value)

    def agrees(self, measured: Value) -> bool:
        """Whether the measured value is exact and equal."""
        if isinstance(measured, float | Interval) or isinstance(measured, bool) != isinstance(
            self.value, bool
        ):
            return False
        return measured == self.value

    def show(self, measured: Value) -> str:
        """The measured value as text."""
        return _plain(measured)


@dataclass(frozen=True)
class Digits:
    """A number known by its printed digits; the measured enclosure must be as narrow as the last of them.

    Examples
    --------
    >>> expected = Digits("root of 2", "1.4142")
    >>> expected.agrees(Interval("1.41421", "1.41422")), expected.agrees(Interval(1, 2))
    (True, False)
    """

    name: str
    text: str
    by: Proof = Proof.CERTIFICATE

    def agrees(self, measured: Value) -> bool:
        """Whether the enclosure meets the numbers that print like this, and is no wider than they are."""
        if not isinstance(measured, Interval):
            return False
        unit = _unit(self.text)
        low, high = Fraction(self.text) - unit / 2, Fraction(self.text) + unit / 2
        return measured.lower <= high and measured.upper >= low and measured.width <= unit

    def show(self, measured: Value) -> str:
        """When it agrees, what follows about the enclosed number, the same on every machine."""
        if not self.agrees(measured):
            return _plain(measured)
        # the enclosure meets text +- half a unit and is at most a unit wide
        n_decimals = len(self.text.partition(".")[2])
        return f"{self.text} (within 2e-{n_decimals})" if n_decimals else f"{self.text} (within 2)"


@dataclass(frozen=True)
class AtMost:
    """An upper bound of something that differs from machine to machine, such as the width of an enclosure.

    Examples
    --------
    >>> AtMost("gap", Fraction(1, 10**9)).text
    'at most 10^-9'
    """

    name: str
    bound: Fraction
    by: Proof = Proof.CERTIFICATE

    @property
    def text(self) -> str:
        """The bound in words."""
        exponent = len(str(self.bound.denominator)) - 1
        power = self.bound == Fraction(1, 10**exponent) and exponent > 1
        return f"at most {f'10^-{exponent}' if power else rational_text(self.bound)}"

    def agrees(self, measured: Value) -> bool:
        """Whether the exact measured value keeps the bound."""
        return isinstance(measured, Fraction | int) and measured <= self.bound

    def show(self, measured: Value) -> str:
        """The bound when it holds (the value itself is an accident), else the value."""
        return self.text if self.agrees(measured) else _plain(measured)


@dataclass(frozen=True)
class Near:
    """A float that should print like this, up to one unit of its last digit: evidence, never a proof.

    Examples
    --------
    >>> Near("smallest value of 40 starts", "1.676557").agrees(1.6765566)
    True
    """

    name: str
    text: str

    @property
    def by(self) -> Proof:
        """Always floating point."""
        return Proof.FLOAT

    def agrees(self, measured: Value) -> bool:
        """Whether the float is within one unit of the last printed digit."""
        if not isinstance(measured, float) or measured != measured:
            return False
        return abs(Fraction(measured) - Fraction(self.text)) <= _unit(self.text)

    def show(self, measured: Value) -> str:
        """The expected digits when they agree (further ones differ from machine to machine)."""
        return f"about {self.text}" if self.agrees(measured) else f"about {measured}"


Expectation = Exactly | Digits | AtMost | Near


def _unit(text: str) -> Fraction:
    """One unit of the last printed decimal.

    Examples
    --------
    >>> _unit("1.25"), _unit("3")
    (Fraction(1, 100), Fraction(1, 1))
    """
    return Fraction(1, 10 ** len(text.partition(".")[2]))


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Interval):
        return f"in [{format_rational(value.lower)}, {format_rational(value.upper)}]"
    return rational_text(value) if isinstance(value, Fraction) else str(value)
