"""Are two networks equal on a box, and how steep is one there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from exactnet.certificate import Result, Status
from exactnet.exact import to_fraction
from exactnet.model import Property
from exactnet.model.property import Case, Row
from exactnet.verify.boxes import box_of, short_number
from exactnet.verify.decide import Verification, verify
from exactnet.verify.instance import NetworkLike, model_of
from exactnet.verify.stacked import difference

if TYPE_CHECKING:
    from exactnet.geometry.lipschitz import LipschitzConstant

__all__ = ["equivalent", "local_lipschitz"]


def equivalent(
    network: NetworkLike,
    other: NetworkLike,
    lower: Sequence[object],
    upper: Sequence[object],
    *,
    tolerance: object = 0,
    timeout: float | None = None,
    seed: int = 0,
) -> Result[Verification]:
    """Do two networks differ by at most a tolerance on a box, in every output? Exactly, with proof.

    Returns
    -------
    Result
        PROVED: they do; the certificate is about the network of their differences. REFUTED: `value.witness`
        is a point where they do not.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> size = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> same = Network.from_arrays([([[1]], [0])], output_activation="abs")
    >>> equivalent(size, same, [-1], [1])
    PROVED: the outputs of the networks are equal on the box
    """
    first, second = model_of(network).network, model_of(other).network
    low, high = box_of(first, lower, upper)
    allowed = to_fraction(tolerance, where="tolerance")
    rows = [
        (Row.from_terms({}, {j: sign}, -allowed, strict=True),)
        for j in range(first.n_outputs)
        for sign in (1, -1)
    ]
    cases = tuple(Case(low, high, row) for row in rows)
    result = verify(
        difference(first, second),
        Property(first.n_inputs, first.n_outputs, cases),
        timeout=timeout,
        engine="units",  # networks that are equal tie everywhere: halving the inputs would never end
        seed=seed,
    )
    words = "are equal" if allowed == 0 else f"differ by at most {short_number(allowed)}"
    if result.status is Status.PROVED:
        return replace(result, sentence=f"the outputs of the networks {words} on the box")
    if result.status is Status.REFUTED and result.value.witness is not None:
        gap = max(map(abs, result.value.witness.outputs))
        return replace(result, sentence=f"an output differs by {short_number(gap)} at a point of the box")
    return result


def local_lipschitz(
    network: NetworkLike, lower: Sequence[object], upper: Sequence[object], norm: str = "linf"
) -> LipschitzConstant:
    """The smallest Lipschitz constant of a network on a box, exactly, from the cells of the network there.

    Parameters
    ----------
    norm : "l1", "l2" or "linf", for inputs and outputs alike.

    Examples
    --------
    >>> from exactnet.model import Network
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> local_lipschitz(tent, [-1], ["1/2"]).value, local_lipschitz(tent, [-2], [-1]).value
    (Interval(2, 2), Interval(0, 0))
    """
    from exactnet.geometry.complex import polyhedral_complex
    from exactnet.geometry.lipschitz import lipschitz_constant
    from exactnet.geometry.polyhedron import Polyhedron
    from exactnet.geometry.task import region_task

    model = model_of(network).network
    low, high = box_of(model, lower, upper)
    return lipschitz_constant(polyhedral_complex(region_task(model, Polyhedron.box(low, high))), norm)
