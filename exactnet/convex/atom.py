"""One neuron of the wedge dictionary, with the samples and axes it is the wedge product of."""

from __future__ import annotations

from dataclasses import dataclass

from exactnet.convex.program import Bias

__all__ = ["Atom"]

IntVector = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Atom:
    """One neuron of the dictionary, a direction in homogenised coordinates.

    Attributes
    ----------
    direction : primitive integer vector u of length D (weights, then the bias if there is one).
    samples, axes : 0-based indices of samples and coordinate axes with
        `direction = sign * primitive(cross product of (z_i for i in samples, e_k for k in axes))`;
        of all such explanations the one with most samples and lowest indices.
    pairs : further factors (k, l, s), the vectors e_k + s e_l; for the linf norm, instead of axes.
    sign : +1 or -1; both belong to the dictionary.
    bias : the bias convention, which says how the direction splits into weights and bias.
    """

    direction: IntVector
    samples: IntVector
    axes: IntVector
    sign: int
    bias: Bias
    pairs: tuple[tuple[int, int, int], ...] = ()
