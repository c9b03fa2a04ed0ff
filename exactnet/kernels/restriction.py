"""Betti numbers of an affine arrangement by deletion and restriction, plain and compiled.

Order the hyperplanes H_1..H_n. Taking them away from the last to the first, the rule
chi(A) = chi(A without H) - chi(A restricted to H) gives

    chi(A, t) = t^d - sum_i chi(A_i, t),    A_i = traces of H_1..H_{i-1} on H_i, each once,

and the same for A_i in one dimension less. With chi = sum_k (-1)^k b_k t^(d-k) the recursion says that b_k
is the number of its nodes of depth k: all non-negative, nothing cancels, and memory is one path of the tree.
In dimension 1 distinct points are counted. The order of the hyperplanes changes no number. A central
arrangement is first cut with an affine hyperplane parallel to one of its own, which divides chi by t - 1.

The compiled twin holds entries of 31 bits and says so when that is not enough.

Examples
--------
>>> betti_numbers([(1, 0, 0), (0, 1, 0), (1, 1, -1)], 2, compiled=False)
(1, 3, 3)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd

import numpy as np

__all__ = ["betti_numbers", "traces"]

Form = tuple[int, ...]

# from about this many hyperplanes in dimension >= 3 on, the twin repays importing numba
_COMPILED_FROM = 24
_SMALL = 2**31 - 1


def betti_numbers(
    forms: Sequence[Form],
    dimension: int,
    *,
    compiled: bool | None = None,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> tuple[int, ...]:
    """(b_0, .., b_d) for distinct hyperplanes a.x + b = 0, given as primitive forms with a first entry > 0.

    Parameters
    ----------
    forms : (a_1..a_d, b), a not zero; no two forms equal.
    compiled : force one of the twins; by default the compiled one for many forms. Both give the same.
    progress : called with the number of hyperplanes done; the last ones take longest.
    """
    if len(forms) > 1 and dimension > 1 and not any(form[-1] for form in forms):
        below = betti_numbers(deconed(forms), dimension - 1, compiled=compiled, progress=progress)
        return tuple(a + b for a, b in zip((*below, 0), (0, *below), strict=True))
    wanted = compiled if compiled is not None else len(forms) >= _COMPILED_FROM and dimension >= 3
    if dimension <= 1 or not wanted:
        return tuple(_betti(list(forms), dimension))
    total = [1] + [0] * dimension
    for i in range(len(forms)):
        for k, value in enumerate(_betti_compiled(traces(forms[:i], forms[i]), dimension - 1)):
            total[k + 1] += value
        if progress:
            progress("hyperplanes", i + 1, len(forms))
    return tuple(total)


def deconed(forms: Sequence[Form]) -> list[Form]:
    """A central arrangement seen on the affine hyperplane f_0 = 1: chi of the cone is (t - 1) times its chi.

    With h = f_0 and a pivot h_p the coordinate x_p is replaced by (w - sum_k h_k x_k) / h_p, and w = 1.

    Examples
    --------
    >>> deconed([(1, 1, 0), (1, 0, 0), (1, -1, 0)])
    [(1, -1), (2, -1)]
    """
    first = forms[0]
    pivot = _pivot(first)
    rest = [k for k in range(len(first) - 1) if k != pivot]
    return [
        _oriented([*[first[pivot] * form[k] - form[pivot] * first[k] for k in rest], form[pivot]])
        for form in forms[1:]
    ]


def _betti_compiled(forms: list[Form], dimension: int) -> list[int]:
    """By the compiled twin where it is there and 31 bits are enough, else by the plain one."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return _betti(forms, dimension)
    from exactnet.kernels._restriction_loops import betti

    if forms and all(abs(value) <= _SMALL for form in forms for value in form):
        out = np.zeros(dimension + 1, dtype=np.int64)
        if betti(np.array(forms, dtype=np.int64), out):
            numbers: list[int] = out.tolist()
            return numbers
    return _betti(forms, dimension)


def _betti(forms: list[Form], dimension: int) -> list[int]:
    if dimension <= 1:
        return [1, len(forms)][: dimension + 1]
    total = [1] + [0] * dimension
    for i in range(len(forms)):
        for k, value in enumerate(_betti(traces(forms[:i], forms[i]), dimension - 1)):
            total[k + 1] += value
    return total


def traces(forms: Sequence[Form], on: Form) -> list[Form]:
    """The distinct hyperplanes that the forms cut out of the hyperplane of `on`, in one coordinate less.

    Examples
    --------
    >>> traces([(1, 0, 0), (1, 1, -1), (0, 2, 3)], (0, 1, 0))
    [(1, 0), (1, -1)]
    """
    pivot = _pivot(on)
    lead = on[pivot]
    rest = (*on[:pivot], *on[pivot + 1 :])
    found: dict[Form, None] = {}
    for form in forms:
        factor = form[pivot]
        others = (*form[:pivot], *form[pivot + 1 :])
        trace = [lead * x - factor * y for x, y in zip(others, rest, strict=True)]
        if any(trace[:-1]):
            found[_oriented(trace)] = None
    return list(found)


def _pivot(form: Form) -> int:
    """A coefficient that is not zero, and small."""
    return min((k for k, value in enumerate(form[:-1]) if value), key=lambda k: abs(form[k]))


def _oriented(form: list[int]) -> Form:
    """Primitive, and the first entry that is not zero positive."""
    first = next(value for value in form if value)
    divisor = gcd(*form) if first > 0 else -gcd(*form)
    return tuple([value // divisor for value in form])
