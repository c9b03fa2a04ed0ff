"""Arrangements with names: reflection arrangements, deformations of the braid arrangement, and others.

Their characteristic polynomials are known in closed form or tabulated, which makes them tests and
benchmarks. Sources: Stanley, *An introduction to hyperplane arrangements* (2007); Brysiewicz, Eble and
Kuehne, *Computing characteristic polynomials of hyperplane arrangements with symmetries* (2021).

All functions return an `Arrangement` whose forms are (a_1..a_d, b), meaning a.x + b = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, product
from random import Random

from exactnet.errors import InputError
from exactnet.exact import generalised_cross_product
from exactnet.geometry.hyperplanes import Arrangement, arrangement, central

__all__ = [
    "boolean",
    "boxed_threshold",
    "braid",
    "catalan",
    "cyclic",
    "demicube",
    "discriminantal",
    "generic",
    "graphical",
    "linial",
    "named_arrangement",
    "resonance",
    "semiorder",
    "shi",
    "threshold",
    "threshold_graphs",
    "type_b",
    "type_d",
    "type_e",
    "type_f4",
]

Row = tuple[int, ...]


def _unit(n: int, entries: dict[int, int], constant: int = 0) -> Row:
    """The form with few entries."""
    row = [0] * n + [constant]
    for k, value in entries.items():
        row[k] = value
    return tuple(row)


def _need(condition: bool, what: str, got: object) -> None:
    if not condition:
        raise InputError("no such arrangement", where="named arrangement", got=str(got), expected=what)


def _differences(n: int, constants: Iterable[int], name: str) -> Arrangement:
    """x_i - x_j = c for all i < j and all given c."""
    _need(n >= 1, "n >= 1", n)
    pairs = list(combinations(range(n), 2))
    rows = [_unit(n, {i: 1, j: -1}, -c) for c in constants for i, j in pairs]
    return arrangement(rows, dimension=n, name=name)


# -- reflection arrangements ---------------------------------------------------------------------------


def boolean(n: int) -> Arrangement:
    """The coordinate hyperplanes x_i = 0: 2^n cells.

    Examples
    --------
    >>> boolean(2).forms
    ((1, 0, 0), (0, 1, 0))
    """
    _need(n >= 0, "n >= 0", n)
    return arrangement([_unit(n, {i: 1}) for i in range(n)], dimension=n, name=f"boolean {n}")


def braid(n: int) -> Arrangement:
    """x_i = x_j, type A_{n-1}: n! cells, chi = t (t-1) .. (t-n+1).

    Examples
    --------
    >>> braid(3).forms
    ((1, -1, 0, 0), (1, 0, -1, 0), (0, 1, -1, 0))
    """
    return _differences(n, (0,), f"braid {n}")


def type_b(n: int) -> Arrangement:
    """x_i = 0 and x_i = +-x_j: 2^n n! cells, chi = (t-1)(t-3) .. (t-2n+1).

    Examples
    --------
    >>> type_b(2).forms
    ((1, 0, 0), (0, 1, 0), (1, 1, 0), (1, -1, 0))
    """
    return arrangement([*boolean(n).forms, *type_d(n).forms], dimension=n, name=f"B{n}")


def type_d(n: int) -> Arrangement:
    """x_i = +-x_j: 2^(n-1) n! cells.

    Examples
    --------
    >>> type_d(2).forms
    ((1, 1, 0), (1, -1, 0))
    """
    _need(n >= 1, "n >= 1", n)
    pairs = list(combinations(range(n), 2))
    rows = [_unit(n, {i: 1, j: s}) for s in (1, -1) for i, j in pairs]
    return arrangement(rows, dimension=n, name=f"D{n}")


def type_f4() -> Arrangement:
    """The 24 reflections of the 24-cell: 1152 cells, exponents 1, 5, 7, 11."""
    halves = [(1, *signs) for signs in product((1, -1), repeat=3)]
    return arrangement([*type_b(4).forms, *[(*row, 0) for row in halves]], dimension=4, name="F4")


def type_e(n: int) -> Arrangement:
    """E6, E7 or E8 inside R^8: 36, 63 or 120 hyperplanes of rank n (E6, E7: not essential).

    Examples
    --------
    >>> type_e(6).n_forms, type_e(7).n_forms, type_e(8).n_forms
    (36, 63, 120)
    """
    _need(n in (6, 7, 8), "n = 6, 7 or 8", n)
    halves = [(1, *signs) for signs in product((1, -1), repeat=7) if signs.count(-1) % 2 == 0]
    rows = [form[:-1] for form in type_d(8).forms] + halves
    # E7 is orthogonal to one root, E6 to a second one that has an angle of 60 degrees with the first
    for root in ((1, 1, 0, 0, 0, 0, 0, 0), (0, 1, 1, 0, 0, 0, 0, 0))[: 8 - n]:
        rows = [row for row in rows if sum(a * b for a, b in zip(row, root, strict=True)) == 0]
    return central(rows, name=f"E{n}")


# -- deformations of the braid arrangement -------------------------------------------------------------


def shi(n: int) -> Arrangement:
    """x_i - x_j = 0, 1 for i < j: (n+1)^(n-1) cells, chi = t (t-n)^(n-1)."""
    return _differences(n, (0, 1), f"Shi {n}")


def catalan(n: int) -> Arrangement:
    """x_i - x_j = -1, 0, 1: n! C_n cells with the Catalan number C_n."""
    return _differences(n, (-1, 0, 1), f"Catalan {n}")


def linial(n: int) -> Arrangement:
    """x_i - x_j = 1 for i < j: 2, 7, 36, 246, .. cells (alternating trees, OEIS A007889)."""
    return _differences(n, (1,), f"Linial {n}")


def semiorder(n: int) -> Arrangement:
    """x_i - x_j = +-1: labelled semiorders, 3, 19, 183, 2371, .. (OEIS A006531)."""
    return _differences(n, (-1, 1), f"semiorder {n}")


def graphical(edges: Sequence[tuple[int, int]], *, n_vertices: int | None = None) -> Arrangement:
    """x_i = x_j for every edge of a graph on vertices 0, 1, ..: the cells are its acyclic orientations.

    The characteristic polynomial is the chromatic polynomial.

    Examples
    --------
    >>> graphical([(0, 1), (1, 2)]).forms
    ((1, -1, 0, 0), (0, 1, -1, 0))
    """
    n = n_vertices if n_vertices is not None else 1 + max((max(edge) for edge in edges), default=-1)
    for i, j in edges:
        _need(i != j and 0 <= i < n and 0 <= j < n, f"edges between different vertices below {n}", (i, j))
    return arrangement([_unit(n, {i: 1, j: -1}) for i, j in edges], dimension=n, name="graphical")


# -- sums, cubes, thresholds ---------------------------------------------------------------------------


def resonance(n: int) -> Arrangement:
    """sum_{i in S} x_i = 0 for all non-empty S, the all-subsets arrangement: OEIS A034997.

    Examples
    --------
    >>> resonance(2).forms
    ((0, 1, 0), (1, 0, 0), (1, 1, 0))
    """
    _need(n >= 1, "n >= 1", n)
    return central([row for row in product((0, 1), repeat=n) if any(row)], name=f"resonance {n}")


def threshold(n: int) -> Arrangement:
    """x_0 +- x_1 .. +- x_n = 0: the cells are the threshold functions of n variables, OEIS A000609.

    Examples
    --------
    >>> threshold(1).forms
    ((1, -1, 0), (1, 1, 0))
    """
    _need(n >= 0, "n >= 0", n)
    return central([(1, *row) for row in product((-1, 1), repeat=n)], name=f"threshold {n}")


def demicube(n: int) -> Arrangement:
    """(1, x) for the 0/1 vectors x with an even number of ones."""
    _need(n >= 1, "n >= 1", n)
    return central(
        [(1, *row) for row in product((0, 1), repeat=n) if sum(row) % 2 == 0], name=f"demicube {n}"
    )


def threshold_graphs(n: int) -> Arrangement:
    """x_i + x_j = 0 for i < j: labelled threshold graphs, OEIS A005840."""
    _need(n >= 1, "n >= 1", n)
    rows = [_unit(n, {i: 1, j: 1}) for i, j in combinations(range(n), 2)]
    return arrangement(rows, dimension=n, name=f"threshold graphs {n}")


def boxed_threshold(n: int) -> Arrangement:
    """x_i + x_j = 1, x_i = 0, x_i = 1: OEIS A341769."""
    _need(n >= 1, "n >= 1", n)
    sums = [_unit(n, {i: 1, j: 1}, -1) for i, j in combinations(range(n), 2)]
    walls = [_unit(n, {i: 1}, -c) for c in (0, 1) for i in range(n)]
    return arrangement([*sums, *walls], dimension=n, name=f"boxed threshold {n}")


# -- general position ----------------------------------------------------------------------------------


def cyclic(n_forms: int, dimension: int) -> Arrangement:
    """x_1 + s x_2 + .. + s^(d-1) x_d + s^d = 0 for n whole numbers s: in general position, by Vandermonde.

    Examples
    --------
    >>> cyclic(3, 2).forms
    ((1, -1, 1), (1, 0, 0), (1, 1, 1))
    """
    _need(n_forms >= 0 and dimension >= 1, "n_forms >= 0, dimension >= 1", (n_forms, dimension))
    numbers = range(-(n_forms // 2), n_forms - n_forms // 2)
    rows = [tuple(s**k for k in range(dimension + 1)) for s in numbers]
    return arrangement(rows, dimension=dimension, name=f"cyclic ({n_forms}, {dimension})")


def generic(n_forms: int, dimension: int, *, seed: int = 0, size: int = 100) -> Arrangement:
    """Random whole numbers up to `size`; almost surely in general position, which is not checked here.

    The count of the cells says whether it is: sum_{i <= d} C(n, i) exactly then.

    Examples
    --------
    >>> generic(2, 1, seed=1, size=9).dimension
    1
    """
    _need(n_forms >= 0 and dimension >= 1, "n_forms >= 0, dimension >= 1", (n_forms, dimension))
    random = Random(seed)
    rows = [tuple(random.randint(-size, size) for _ in range(dimension + 1)) for _ in range(n_forms)]
    return arrangement(
        rows, dimension=dimension, name=f"generic ({n_forms}, {dimension}) to {size}, seed {seed}"
    )


def discriminantal(dimension: int, n_points: int, *, seed: int = 0, size: int = 100) -> Arrangement:
    """All affine hyperplanes through d of n random points with whole coordinates: (4, 6) has 600 cells."""
    _need(n_points >= dimension >= 1, "n_points >= dimension >= 1", (dimension, n_points))
    random = Random(seed)
    points = [(*[random.randint(-size, size) for _ in range(dimension)], 1) for _ in range(n_points)]
    forms = [generalised_cross_product(subset) for subset in combinations(points, dimension)]
    return arrangement(forms, dimension=dimension, name=f"discriminantal ({dimension}, {n_points})")


_BY_NAME: dict[str, tuple[Callable[..., Arrangement], int]] = {
    "boolean": (boolean, 1),
    "boxed_threshold": (boxed_threshold, 1),
    "braid": (braid, 1),
    "catalan": (catalan, 1),
    "cyclic": (cyclic, 2),
    "demicube": (demicube, 1),
    "discriminantal": (discriminantal, 2),
    "generic": (generic, 2),
    "linial": (linial, 1),
    "resonance": (resonance, 1),
    "semiorder": (semiorder, 1),
    "shi": (shi, 1),
    "threshold": (threshold, 1),
    "threshold_graphs": (threshold_graphs, 1),
    "type_b": (type_b, 1),
    "type_d": (type_d, 1),
    "type_e": (type_e, 1),
    "type_f4": (type_f4, 0),
}


def named_arrangement(text: str) -> Arrangement:
    """The arrangement that "NAME:n" or "NAME:n,d" stands for.

    Raises
    ------
    InputError : no such name, or not as many whole numbers as it takes.

    Examples
    --------
    >>> named_arrangement("braid:4") == braid(4), named_arrangement("cyclic:5,2").n_forms
    (True, 5)
    """
    name, _, tail = text.partition(":")
    numbers = [part.strip() for part in tail.split(",") if part.strip()]
    known = ", ".join(_BY_NAME)
    if name not in _BY_NAME:
        raise InputError("no arrangement has this name", where=text, got=name, expected=f"one of {known}")
    make, n_arguments = _BY_NAME[name]
    if len(numbers) != n_arguments or not all(part.lstrip("-").isdecimal() for part in numbers):
        raise InputError(
            "wrong numbers behind the name",
            where=text,
            got=tail or "nothing",
            expected=f"{n_arguments} whole number{'s' * (n_arguments != 1)}, as in braid:4 or cyclic:5,2",
        )
    return make(*map(int, numbers))
