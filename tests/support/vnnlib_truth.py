"""A second reading of VNN-LIB, sharing nothing with the library: is the text true at a point?"""

from __future__ import annotations

import operator
import re
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import Any

RELATIONS = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}


def trees(text: str) -> list[Any]:
    """The text as nested lists of words; X[0, 1] is one word without spaces."""
    text = re.sub(r";[^\n]*", "", text)
    text = re.sub(r"\s*\[([^\]]*)\]", lambda found: "[" + found[1].replace(" ", "") + "]", text)
    stack: list[list[Any]] = [[]]
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word)
    (top,) = stack
    return top


def holds(text: str, values: dict[str, Fraction]) -> bool:
    """Whether all assertions are true where the variables have these values."""
    return all(truth(tree[1], values) for tree in trees(text) if tree[0] == "assert")


def truth(tree: list[Any], values: dict[str, Fraction]) -> bool:
    head, *rest = tree
    if head == "and":
        return all(truth(part, values) for part in rest)
    if head == "or":
        return any(truth(part, values) for part in rest)
    left, right = (number(part, values) for part in rest)
    return bool(RELATIONS[head](left, right))


def number(tree: Any, values: dict[str, Fraction]) -> Fraction:
    if isinstance(tree, str):
        return values[tree] if tree in values else Fraction(Decimal(tree))
    head, *rest = tree
    operands = [number(part, values) for part in rest]
    match head:
        case "+":
            return sum(operands, Fraction(0))
        case "*":
            return reduce(operator.mul, operands)
        case _:
            return -operands[0] if len(operands) == 1 else reduce(operator.sub, operands)
