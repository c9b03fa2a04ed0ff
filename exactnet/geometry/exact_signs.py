"""Exact answers to the signs that float64 leaves open in :mod:`exactnet.kernels.float_cells`.

A ray is the generalised cross product of D - 1 independent forms among those that vanish on it; all of these
are composed exactly for the cell at hand, in integers. Forms are kept by the signs of the layers before them,
because the walk is depth first and asks about one neighbourhood for a while.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from operator import mul

from exactnet.errors import InvariantError
from exactnet.exact import generalised_cross_product, independent_rows, primitive
from exactnet.geometry.float_network import ray_floats
from exactnet.geometry.layers import Form
from exactnet.geometry.task import RegionTask, compose
from exactnet.kernels.float_cells import FloatWalk, Question

__all__ = ["ExactSigns", "answer_questions"]

_KEPT = 512


class ExactSigns:
    """Answers for one task; the forms `rows` are numbered before the switches of all layers.

    Examples
    --------
    >>> from exactnet.geometry.task import arrangement_task
    >>> exact = ExactSigns(arrangement_task([(1, 0, -1), (0, 1, -1), (1, -1, 0)]), [(0, 0, 1)])
    >>> corner = exact.ray(Question(ray=0, form=3, tight=(1, 2), others=((0, 1),)), ())
    >>> corner, exact.sign(3, (), corner)
    ((1, 1, 1), 0)
    """

    def __init__(self, task: RegionTask, rows: Sequence[Form]) -> None:
        self._task = task
        self._rows = tuple(rows)
        self._layers = [k for k, layer in enumerate(task.layers) for _ in range(layer.n_switches)]
        self._kept: OrderedDict[tuple[int, ...], tuple[Form, ...]] = OrderedDict()

    def form(self, number: int, pattern: Sequence[int]) -> Form:
        """A form on the cell with this pattern in the layers before."""
        unit = number - len(self._rows)
        if unit < 0:
            return self._rows[number]
        layer = self._layers[unit]
        start = self._task.offsets[layer]
        before = tuple(pattern[:start])
        forms = self._kept.get(before)
        if forms is None:
            forms = self._kept[before] = compose(self._task, layer, before)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(before)
        return forms[unit - start]

    def ray(self, question: Question, pattern: Sequence[int]) -> Form:
        """The primitive integer ray that a question is about.

        Raises
        ------
        InvariantError : the tight forms do not determine one ray of the cell.
        """
        size = self._task.dimension
        rows = [self.form(number, pattern) for number in question.tight]
        ray: tuple[int, ...] = (0,)
        if len(rows) == size:
            ray = generalised_cross_product(rows)
        elif len(rows) > size:
            chosen = independent_rows(rows)
            if len(chosen) == size:
                ray = generalised_cross_product([rows[k] for k in chosen])
        for number, sign in question.others:
            value = sum(map(mul, self.form(number, pattern), ray))
            if any(ray) and value:
                return primitive([value * sign * x for x in ray])
        raise InvariantError(
            "tight forms do not determine an extreme ray", reproduction=f"{question!r}, pattern={pattern!r}"
        )

    def sign(self, number: int, pattern: Sequence[int], ray: Form) -> int:
        """The sign of a form on a ray."""
        value: int = sum(map(mul, self.form(number, pattern), ray))
        return (value > 0) - (value < 0)


def answer_questions(walk: FloatWalk, exact: ExactSigns, exponents: Sequence[int]) -> int:
    """Answer all open questions of a walk; the exact rays go back into it. Returns how many there were.

    Parameters
    ----------
    exponents : those of the :class:`exactnet.geometry.float_network.FloatTask`.
    """
    questions, pattern = walk.questions(), walk.pattern()
    rays: dict[int, Form] = {}
    for question in questions:
        if question.ray not in rays:
            ray = rays[question.ray] = exact.ray(question, pattern)
            walk.replace_ray(question.ray, *ray_floats(ray, exponents))
        walk.answer(question, exact.sign(question.form, pattern, rays[question.ray]))
    walk.go_on()
    return len(questions)
