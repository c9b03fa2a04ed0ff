"""What a checked record is worth: a fact that later records may build on and that a verdict may quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar

from exactnet.checker.read import as_id, reject, show

__all__ = ["Fact", "Known", "look_up"]


@dataclass(frozen=True)
class Fact:
    """A record that passed its check."""

    rule: ClassVar[str]
    id: str

    def conclusion(self) -> str | None:
        """The proved statement in words, or None for a record that only states data."""
        return None

    def about(self) -> str | None:
        """What the conclusion speaks about: the data it names by an id only."""
        return None


Known = dict[str, Fact]

AnyFact = TypeVar("AnyFact", bound=Fact)


def look_up(known: Known, record: dict[str, object], key: str, kind: type[AnyFact]) -> AnyFact:
    """The fact above this line that `record[key]` names, of the kind the rule needs."""
    name = as_id(record[key], key)
    fact = known.get(name)
    if fact is None:
        reject(f"{key} names {show(name)}, and no record above has this id")
    if not isinstance(fact, kind):
        reject(f"{key} names {show(name)}, which is of rule {fact.rule}")
    return fact
