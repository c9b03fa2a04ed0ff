"""The dual constraint proved cell by cell for a dual vector of any precision, or the faces that break it.

On a cell, s sum_i v_i (z_i.u)_+ is a linear form h.u, and its largest value over the unit ball and the cell
is the length of the projection of h on the cell (Moreau: h + A'lambda for the lambda >= 0 that makes it
shortest). Far below beta, float multipliers with few digits prove the bound. Close to beta the projection
is computed in rationals on its face, named by the support of float multipliers or else searched for: the
bound is then as sharp as the dual vector, and where it fails the face and the direction are the neuron
that is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import gcd, lcm
from operator import mul

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate.types import Bound
from exactnet.convex.patterns import FloatCells, Floats
from exactnet.convex.program import TrainingProblem
from exactnet.exact import RationalMatrix, common_denominator, solve
from exactnet.kernels.cone import project_cones

__all__ = ["FaceProof", "Violation", "prove_faces"]

Progress = Callable[[str, int, int | None], None]
IntVector = tuple[int, ...]

# below this share of beta float multipliers will do
_CLEAR = 1 - 2.0**-16
_BITS = 30
# relative excess over beta that floats tell from rounding
_SEEN = 2.0**-30
_MOST_SUPPORTS = 2000


@dataclass(frozen=True)
class Violation:
    """A `direction` u where sign * sum v_i (z_i.u)_+ is too large; it lies on the walls of its face exactly.

    `excess` is value^2 / (beta ||u||)^2 - 1 > 0.
    """

    sign: int
    direction: tuple[Fraction, ...]
    excess: Fraction


@dataclass(frozen=True)
class FaceProof:
    """`bounds` of every leaf in order, each (+, -) or (+, -, mirror +, mirror -); None with violations."""

    bounds: tuple[tuple[Bound, ...], ...] | None
    violations: tuple[Violation, ...]


@dataclass(frozen=True)
class _Data:
    """v_i z_i = products[i] / scale."""

    products: tuple[IntVector, ...]
    scale: int
    beta: Fraction
    n_penalised: int
    forms: tuple[IntVector, ...]
    lengths: Floats


def prove_faces(
    problem: TrainingProblem,
    forms: tuple[IntVector, ...],
    cells: FloatCells,
    order: Sequence[int],
    v: Sequence[Fraction],
    *,
    progress: Progress | None = None,
) -> FaceProof:
    """Bounds of all leaves, or the violations.

    Parameters
    ----------
    forms : the forms of the arrangement; cells : the float view of its cells.
    order : the cell of each leaf.
    v : the dual vector, any rationals (they add up to 0 for a free bias).

    Returns
    -------
    FaceProof; `bounds` is None when there is a violation or a bound that was not found.
    """
    rows = [[a * z for z in row] for a, row in zip(v, problem.homogenised, strict=True)]
    scale = common_denominator([x for row in rows for x in row])
    products = tuple(tuple(int(x * scale) for x in row) for row in rows)
    lengths = np.array([np.linalg.norm([float(x) for x in form]) for form in forms])
    data = _Data(products, scale, problem.beta, len(problem.penalised), forms, lengths)
    n_copies = len(cells.active) // cells.n_listed
    visited = [
        (int(leaf) + copy * cells.n_listed) % len(cells.active) for leaf in order for copy in range(n_copies)
    ]
    sums = _sums(data, cells, visited)
    guesses = _float_multipliers(data, cells, visited, sums)
    tasks = [(place, column) for place in range(len(visited)) for column in (0, 1)]
    # where floats see violations, only those are worth exact work; if they are none, everything is done
    seen = np.argwhere(guesses[1] > float(data.beta) * (1 + _SEEN))
    for chosen in ([(int(a), int(b)) for a, b in seen], tasks):
        bounds, violations = _prove_tasks(data, cells, visited, sums, guesses, chosen, progress)
        if violations:
            return FaceProof(None, tuple(sorted(violations, key=lambda one: -one.excess)))
    if None in bounds:
        return FaceProof(None, ())
    proved = [bound for bound in bounds if bound is not None]
    size = 2 * n_copies
    return FaceProof(tuple(tuple(proved[k : k + size]) for k in range(0, len(proved), size)), ())


def _prove_tasks(
    data: _Data,
    cells: FloatCells,
    visited: Sequence[int],
    sums: Sequence[IntVector],
    guesses: tuple[dict[tuple[int, int], Floats], Floats],
    tasks: Sequence[tuple[int, int]],
    progress: Progress | None,
) -> tuple[list[Bound | None], list[Violation]]:
    """Bounds (None where none was found) and violations of (place, sign column) tasks."""
    multipliers, values = guesses
    bounds: list[Bound | None] = []
    violations: list[Violation] = []
    for done, (place, column) in enumerate(tasks):
        sign = 1 if column == 0 else -1
        h = [sign * x for x in sums[place]]
        lam = multipliers.get((place, column))
        found = _bound(data, cells, visited[place], sign, h, lam, values[place, column])
        if isinstance(found, Violation):
            violations.append(found)
        else:
            bounds.append(found)
        if progress and done % 400 == 399:
            progress("proof of the lower bound", done + 1, len(tasks))
    return bounds, violations


def _sums(data: _Data, cells: FloatCells, visited: Sequence[int]) -> list[IntVector]:
    """sum of v_i z_i over the active rows of each cell, times the scale; neighbours differ in few rows."""
    n_copies = len(cells.active) // cells.n_listed
    total = tuple(map(sum, zip(*data.products, strict=True)))
    g = [0] * len(total)
    before = np.zeros(cells.active.shape[1], dtype=bool)
    found: list[IntVector] = []
    for cell in visited[::n_copies]:
        active = cells.active[cell]
        for i in np.flatnonzero(active != before):
            if active[i]:
                g = [x + y for x, y in zip(g, data.products[i], strict=True)]
            else:
                g = [x - y for x, y in zip(g, data.products[i], strict=True)]
        before = active
        found.append(tuple(g))
        if n_copies == 2:  # a row that is not zero is active on exactly one of a cell and its mirror
            found.append(tuple(x - y for x, y in zip(total, g, strict=True)))
    return found


def _float_multipliers(
    data: _Data, cells: FloatCells, visited: Sequence[int], sums: Sequence[IntVector]
) -> tuple[dict[tuple[int, int], Floats], Floats]:
    """Multipliers of the cells that need some, and float values of all."""
    p, limit = data.n_penalised, float(data.beta)
    floats = np.array([[x / data.scale for x in g] for g in sums])
    values = np.repeat(np.linalg.norm(floats[:, :p], axis=1)[:, None], 2, axis=1)
    if p < floats.shape[1]:
        wanted = np.argwhere(np.ones_like(values, dtype=bool))
    else:
        wanted = np.argwhere(values > limit * (1 - 2.0**-40))
    signs = np.where(wanted[:, 1] == 0, 1.0, -1.0)
    index = np.array([visited[place] for place in wanted[:, 0]], dtype=np.int64)
    lam, rest = project_cones(
        cells.normals,
        cells.starts,
        cells.members,
        cells.signs,
        index,
        floats[wanted[:, 0]] * signs[:, None],
        p,
    )
    values[wanted[:, 0], wanted[:, 1]] = np.linalg.norm(rest[:, :p], axis=1)
    return {(int(a), int(b)): lam[k] for k, (a, b) in enumerate(wanted)}, values


def _bound(
    data: _Data, cells: FloatCells, cell: int, sign: int, h: list[int], lam: Floats | None, value: float
) -> Bound | Violation | None:
    if _holds(data, h, 1):
        return 0
    facets = [int(k) for k in cells.facets(cell)]
    signs = cells.signs[cell]
    if lam is not None and value < _CLEAR * float(data.beta):
        rounded = {
            k: round(float(lam[j]) / float(data.lengths[k]) * 2**_BITS)
            for j, k in enumerate(facets)
            if lam[j] > 0
        }
        rounded = {k: m for k, m in rounded.items() if m > 0}
        den, rounded = _levelled(data, signs, h, 2**_BITS, rounded)
        if _holds(data, _combined(data, signs, h, den, rounded), den):
            return _written(den, rounded)
    for support in _supports(facets, lam, data.n_penalised):
        found = _project(data, signs, h, support)
        if found is None:
            continue
        den, multipliers, tail = found
        total = _combined(data, signs, h, den, multipliers)
        if _holds(data, total, den):
            return _written(den, multipliers)
        direction = (*(Fraction(x, data.scale * den) for x in total[: data.n_penalised]), *tail)
        if len(direction) == len(h) and _inside(data, signs, facets, direction):
            # this is the projection: no other support gives a shorter vector
            return _violation(data, sign, direction)
    return None


def _supports(facets: Sequence[int], lam: Floats | None, p: int) -> Iterator[IntVector]:
    """Candidate supports: what the floats say, then all small subsets."""
    first: IntVector = ()
    if lam is not None:
        first = tuple(k for j, k in enumerate(facets) if lam[j] > 0)
        yield first
    n_tried = 0
    for size in range(min(len(facets), p) + 1):
        for support in combinations(facets, size):
            if support != first:
                yield support
            n_tried += 1
            if n_tried >= _MOST_SUPPORTS:
                return


def _project(
    data: _Data, signs: NDArray[np.int8], h: list[int], support: IntVector
) -> tuple[int, dict[int, int], tuple[Fraction, ...]] | None:
    """Multipliers of the projection of h / scale on the span of the support's walls, as integers.

    The unpenalised coordinates of r = h + A'lambda are to vanish: these equations have multipliers mu, the
    third answer, and (r_p, mu) is the direction on the walls that attains the value. Without walls there is
    no mu.
    """
    p, free = data.n_penalised, range(data.n_penalised, len(h))
    walls = [[int(signs[k]) * x for x in data.forms[k]] for k in support]
    n, m = len(walls), len(h) - p
    if n == 0:
        return None if any(h[p:]) else (1, {}, ())
    system = [[sum(map(mul, a[:p], b[:p])) for b in walls] + [a[q] for q in free] for a in walls]
    system += [[b[q] for b in walls] + [0] * m for q in free]
    right = [Fraction(-sum(map(mul, a[:p], h[:p])), data.scale) for a in walls]
    right += [Fraction(-h[q], data.scale) for q in free]
    found = solve(RationalMatrix.from_rows(system), right)
    if found is None or any(x < 0 for x in found[:n]):
        return None
    den = lcm(*(x.denominator for x in found[:n]))
    return den, {k: int(x * den) for k, x in zip(support, found, strict=False) if x}, tuple(found[n:])


def _combined(
    data: _Data, signs: NDArray[np.int8], h: list[int], den: int, multipliers: dict[int, int]
) -> list[int]:
    """(h / scale + sum m/den sigma form) * scale * den."""
    total = [x * den for x in h]
    for k, m in multipliers.items():
        factor = m * int(signs[k]) * data.scale
        total = [x + factor * y for x, y in zip(total, data.forms[k], strict=True)]
    return total


def _levelled(
    data: _Data, signs: NDArray[np.int8], h: list[int], den: int, multipliers: dict[int, int]
) -> tuple[int, dict[int, int]]:
    """Make the unpenalised coordinate of h + A'lambda vanish exactly by changing one multiplier."""
    if data.n_penalised == len(h):
        return den, multipliers
    error = _combined(data, signs, h, den, multipliers)[-1]
    usable = [k for k in multipliers if data.forms[k][-1]]
    if not error or not usable:
        return den, multipliers
    k = max(usable, key=lambda k: multipliers[k])
    slope = int(signs[k]) * data.scale * data.forms[k][-1]
    changed = {j: m * abs(slope) for j, m in multipliers.items()}
    changed[k] -= error if slope > 0 else -error
    return (den * abs(slope), changed) if changed[k] > 0 else (den, multipliers)


def _holds(data: _Data, total: Sequence[int], den: int) -> bool:
    p = data.n_penalised
    if any(total[p:]):
        return False
    limit = data.beta.numerator * data.scale * den
    return sum(x * x for x in total[:p]) * data.beta.denominator**2 <= limit * limit


def _inside(
    data: _Data, signs: NDArray[np.int8], facets: Sequence[int], direction: Sequence[Fraction]
) -> bool:
    return all(int(signs[k]) * sum(map(mul, data.forms[k], direction), Fraction(0)) >= 0 for k in facets)


def _violation(data: _Data, sign: int, direction: tuple[Fraction, ...]) -> Violation:
    square = sum((x * x for x in direction[: data.n_penalised]), Fraction(0))
    return Violation(sign, direction, square / data.beta**2 - 1)


def _written(den: int, multipliers: dict[int, int]) -> Bound:
    shared = gcd(den, *multipliers.values())
    if not multipliers:
        return 0
    return (den // shared, *(x for k in sorted(multipliers) for x in (k, multipliers[k] // shared)))
