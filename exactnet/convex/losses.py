"""The losses: values, dual values, slopes, and the best network without neurons.

With v a dual vector (v_i is minus a slope of the loss at f_i), the dual value of a sample is
D(v) = min over f of loss(f, y) + v f:

    squared   1/2 (f - y)^2           v y - v^2 / 2
    l1        |f - y|                 v y           if |v| <= 1
    hinge     max(0, 1 - y f)         v y           if 0 <= v y <= 1
    logistic  log(1 + exp(-y f))      H(v y)        if 0 <= v y <= 1, H(s) = -s log s - (1-s) log(1-s)

Targets of hinge and logistic are 1 and -1.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from exactnet.errors import InputError, InvariantError, UnsupportedError
from exactnet.exact import Interval, rational_text
from exactnet.exact.logarithm import entropy_enclosure, softplus_enclosure

__all__ = ["Loss", "constant_fit", "dual_lower_bound", "loss_enclosure", "require_classes", "total_loss"]

Rationals = Sequence[Fraction]
_ZERO = Fraction(0)
_BITS = 192  # of the irrational losses; more than any float search can use


class Loss(StrEnum):
    """Loss of one prediction."""

    SQUARED = "squared"
    HINGE = "hinge"
    LOGISTIC = "logistic"
    L1 = "l1"

    @property
    def classifies(self) -> bool:
        """Whether the targets must be 1 and -1."""
        return self in (Loss.HINGE, Loss.LOGISTIC)

    @property
    def is_rational(self) -> bool:
        """Whether rational predictions have a rational loss."""
        return self is not Loss.LOGISTIC

    @property
    def is_piecewise_linear(self) -> bool:
        """Hinge and l1: with a polyhedral penalty, training is a linear programme."""
        return self in (Loss.HINGE, Loss.L1)


def require_classes(loss: Loss, targets: Rationals) -> None:
    """Raise InputError unless the targets suit the loss."""
    strange = next((i for i, y in enumerate(targets) if abs(y) != 1), None)
    if loss.classifies and strange is not None:
        raise InputError(
            f"the {loss} loss is for classes 1 and -1",
            where=f"target of sample {strange + 1}",
            got=rational_text(targets[strange]),
            expected="1 or -1",
            hint="name the classes 1 and -1, or choose the loss squared or l1",
        )


def total_loss(loss: Loss, fits: Rationals, targets: Rationals) -> Fraction:
    """The loss of predictions, summed over the samples.

    Raises
    ------
    UnsupportedError : the logistic loss, whose values are irrational (:func:`loss_enclosure` bounds them).
    """
    pairs = list(zip(fits, targets, strict=True))
    if loss is Loss.SQUARED:
        return sum(((f - y) ** 2 for f, y in pairs), _ZERO) / 2
    if loss is Loss.L1:
        return sum((abs(f - y) for f, y in pairs), _ZERO)
    if loss is Loss.HINGE:
        return sum((max(_ZERO, 1 - y * f) for f, y in pairs), _ZERO)
    raise UnsupportedError(
        "a logistic loss is no rational number",
        expected="loss squared, hinge or l1",
        hint="objective_enclosure gives rational bounds",
    )


def loss_enclosure(loss: Loss, fits: Rationals, targets: Rationals, *, bits: int = _BITS) -> Interval:
    """Rational bounds of the loss; a point unless the loss is logistic.

    Examples
    --------
    >>> loss_enclosure(Loss.HINGE, [Fraction(1, 2), Fraction(3)], [Fraction(1), Fraction(1)])
    Interval(1/2, 1/2)
    """
    if loss.is_rational:
        return Interval(total_loss(loss, fits, targets))
    total = Interval(0)
    for f, y in zip(fits, targets, strict=True):
        total = total + softplus_enclosure(-y * f, bits=bits)
    return total


def dual_lower_bound(loss: Loss, v: Rationals, targets: Rationals, *, bits: int = _BITS) -> Fraction:
    """The sum of the dual values D(v_i), for the logistic loss a lower bound on a binary grid.

    The bound leaves more room than the checker's own logarithms need.

    Raises
    ------
    InvariantError : v is outside the domain of the dual.

    Examples
    --------
    >>> dual_lower_bound(Loss.SQUARED, [Fraction(1)], [Fraction(2)])
    Fraction(3, 2)
    """
    shares = [a * y for a, y in zip(v, targets, strict=True)]
    inside = {
        Loss.SQUARED: True,
        Loss.L1: all(abs(a) <= 1 for a in v),
        Loss.HINGE: all(0 <= s <= 1 for s in shares),
        Loss.LOGISTIC: all(0 <= s <= 1 for s in shares),
    }[loss]
    if not inside:
        raise InvariantError("a dual vector left the domain of its loss", reproduction=f"{loss}, {v!r}")
    if loss is Loss.SQUARED:
        return sum((s - a * a / 2 for s, a in zip(shares, v, strict=True)), _ZERO)
    if loss.is_piecewise_linear:
        return sum(shares, _ZERO)
    total = sum((entropy_enclosure(s, bits=bits + 32).lower for s in shares), _ZERO)
    grid = 1 << bits
    return max(_ZERO, Fraction((total * grid).__floor__() - len(shares) - 1, grid))


def constant_fit(loss: Loss, targets: Rationals, *, intercept: bool) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The best network without neurons: its constant t, and a dual vector with the same value.

    Without intercept t = 0. With one, t minimises the loss and the entries of v add up to 0; for the
    logistic loss t is a rational near the irrational logarithm (n_+ / n_-), and v belongs to the latter.

    Examples
    --------
    >>> constant_fit(Loss.L1, [Fraction(y) for y in (0, 1, 5)], intercept=True)
    (Fraction(1, 1), (Fraction(-1, 1), Fraction(0, 1), Fraction(1, 1)))
    """
    if loss is Loss.SQUARED:
        t = sum(targets, _ZERO) / len(targets) if intercept else _ZERO
        return t, tuple(y - t for y in targets)
    if loss is Loss.L1:
        return _median_fit(targets) if intercept else (_ZERO, tuple(_sign(y) for y in targets))
    n_positive = sum(y > 0 for y in targets)
    n_negative = len(targets) - n_positive
    if loss is Loss.HINGE:
        if not intercept:
            return _ZERO, tuple(targets)
        larger = 1 if n_positive >= n_negative else -1
        share = Fraction(min(n_positive, n_negative), max(n_positive, n_negative))
        return Fraction(larger), tuple(y * share if y == larger else y for y in targets)
    if not intercept:
        return _ZERO, tuple(y / 2 for y in targets)
    return _log_odds(n_positive, n_negative), tuple(
        y * Fraction(n_negative if y > 0 else n_positive, len(targets)) for y in targets
    )


def _sign(y: Fraction) -> Fraction:
    return Fraction((y > 0) - (y < 0))


def _median_fit(targets: Rationals) -> tuple[Fraction, tuple[Fraction, ...]]:
    """t is the lower median; the samples at t share what is missing to a sum of 0."""
    t = sorted(targets)[(len(targets) - 1) // 2]
    signs = [_sign(y - t) for y in targets]
    share = -sum(signs, _ZERO) / sum(s == 0 for s in signs)
    return t, tuple(s if s else share for s in signs)


def _log_odds(n_positive: int, n_negative: int) -> Fraction:
    """log(n_+ / n_-) on a binary grid; +-200 when one class is missing and no t is best."""
    from exactnet.exact.logarithm import log_enclosure

    if n_positive == 0 or n_negative == 0:
        return Fraction(200 if n_positive else -200)
    return log_enclosure(Fraction(n_positive, n_negative), bits=160).lower
