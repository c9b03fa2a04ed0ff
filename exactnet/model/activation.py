"""The piecewise-linear functions that may follow an affine map."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction

from exactnet.errors import InputError

__all__ = ["Activation", "activation_named"]


class Activation(StrEnum):
    """A piecewise-linear function of one variable, applied to every coordinate of a layer; or maxout.

    hardtanh is max(-1, min(1, z)); leaky_relu is z for z >= 0 and slope * z below. maxout takes the largest
    of several coordinates: it belongs to a layer (:class:`exactnet.model.layer.AffineLayer`), has no
    breakpoints, and neither `apply` nor `piece`.
    """

    RELU = "relu"
    LEAKY_RELU = "leaky_relu"
    ABS = "abs"
    HARDTANH = "hardtanh"
    MAXOUT = "maxout"
    IDENTITY = "identity"

    def apply(self, z: Fraction, *, slope: Fraction = Fraction(0)) -> Fraction:
        """The value at one pre-activation z; `slope` is that of leaky_relu for z < 0.

        Examples
        --------
        >>> Activation.LEAKY_RELU.apply(Fraction(-3), slope=Fraction(1, 10))
        Fraction(-3, 10)
        """
        match self:
            case Activation.RELU:
                return max(z, Fraction(0))
            case Activation.LEAKY_RELU:
                return z if z >= 0 else slope * z
            case Activation.ABS:
                return abs(z)
            case Activation.HARDTANH:
                return min(max(z, Fraction(-1)), Fraction(1))
            case Activation.IDENTITY:
                return z
            case Activation.MAXOUT:
                raise _several_variables("apply")

    @property
    def breakpoints(self) -> tuple[int, ...]:
        """The points where the slope changes, in ascending order.

        Examples
        --------
        >>> Activation.RELU.breakpoints, Activation.HARDTANH.breakpoints, Activation.IDENTITY.breakpoints
        ((0,), (-1, 1), ())
        """
        if self in (Activation.IDENTITY, Activation.MAXOUT):
            return ()
        return (-1, 1) if self is Activation.HARDTANH else (0,)

    def piece(self, z: Fraction) -> int:
        """Which linear piece z lies on, as a sign: the sum of the signs of z minus each breakpoint.

        With the one breakpoint 0 this is the sign of z: -1, 0 (on the breakpoint) or +1. hardtanh has
        two breakpoints, hence five values: -2 (below -1), -1 (on -1), 0 (between), 1 (on 1), 2 (above 1).

        Examples
        --------
        >>> [Activation.HARDTANH.piece(Fraction(z)) for z in (-3, -1, 0, 1, 3)]
        [-2, -1, 0, 1, 2]
        """
        if self is Activation.MAXOUT:
            raise _several_variables("piece")
        return sum((z > point) - (z < point) for point in self.breakpoints)


def _several_variables(method: str) -> InputError:
    return InputError(
        "maxout is not a function of one variable",
        where=f"Activation.{method}",
        got="maxout",
        expected="relu, leaky_relu, abs, hardtanh or identity",
        hint="AffineLayer.post_activation and AffineLayer.pattern know all activations",
    )


def activation_named(name: str) -> Activation:
    """The activation of that name.

    Raises
    ------
    InputError : there is none; lists those that exist.

    Examples
    --------
    >>> activation_named("relu")
    <Activation.RELU: 'relu'>
    """
    try:
        return Activation(name)
    except ValueError:
        raise InputError(
            "unknown activation",
            where="activation",
            got=repr(name),
            expected="one of " + ", ".join(member.value for member in Activation),
        ) from None
