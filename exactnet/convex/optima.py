"""All optimal networks of a polyhedral training problem: a polytope, its vertices, and the smallest width.

The optimal fit f* and the dual vector v* = y - f* are unique (the squared loss is strictly convex). A neuron
u with output sign s can be part of an optimal network only if it is *tight*, s v*.(Zu)_+ = beta ||u||, and
every combination of tight neurons that has the fit f* is optimal (Pilanci and Ergen 2020; Mishkin and
Pilanci 2023, arXiv 2306.00119). For the l1 and linf norms both sides are linear on the cones of the
arrangement of the samples and the pieces of the norm: a neuron inside a cone is tight exactly if the rays of
the smallest face around it are, and then it does the same, at the same penalty, as these rays together. So

    P = { (c, t) : c >= 0, sum_k c_k s_k (Z r_k)_+ / ||r_k|| + t 1 = f* }   over the tight rays r_k

describes all optimal networks, up to merging neurons that share a closed cone. Everything is rational.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import Neuron, PrimalBoundRecord
from exactnet.convex.atom import Atom
from exactnet.convex.clifford import atom_neuron, feature_columns, wedge_dictionary
from exactnet.convex.global_optimum import Optimum, optimum
from exactnet.convex.program import Activation, Bias, Loss, Norm, TrainingProblem, TwoLayer, predictions
from exactnet.errors import LimitReached, UnsupportedError
from exactnet.exact import (
    LinearSystem,
    RationalMatrix,
    common_denominator,
    format_rational,
    independent_rows,
    nullspace,
    primitive,
    rank,
    sign_matrix,
    solve,
    solve_lp,
)
from exactnet.exact.least_squares import IntegerRows
from exactnet.geometry.polyhedron import Polyhedron

__all__ = ["OptimalSet", "optimal_set"]

Rationals = tuple[Fraction, ...]
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class OptimalSet:
    """The optimal networks of one problem, in terms of unit neurons along the tight rays.

    Attributes
    ----------
    optimum : the optimum and one network that reaches it.
    fit : f*, what every optimal network predicts on the samples.
    tight : the tight atoms; `signs` the output sign of each (an optimal network cannot use the other one).
    usable : positions in `tight` of the atoms that some optimal network uses.
    dimension : of the polytope P; 0 when the optimal amounts of the rays are unique.
    vertices : the vertices of P, the amounts of all tight atoms; each has independent features, hence at
        most n of them (Caratheodory). intercepts : the output bias t of each.
    networks : the vertices as networks, neurons in a common cone merged.
    minimal_width : the smallest number of neurons of an optimal network (m*).
    """

    problem: TrainingProblem
    optimum: Optimum
    fit: Rationals
    tight: tuple[Atom, ...]
    signs: tuple[int, ...]
    usable: tuple[int, ...]
    dimension: int
    vertices: tuple[Rationals, ...]
    intercepts: Rationals
    networks: tuple[TwoLayer, ...]

    @property
    def minimal_width(self) -> int:
        """m*: below this width the optimum is not reached, from it on it is."""
        return min(len(network.neurons) for network in self.networks)

    @property
    def smallest(self) -> TwoLayer:
        """An optimal network of the minimal width."""
        return min(self.networks, key=lambda network: len(network.neurons))

    @property
    def largest_support(self) -> int:
        """The largest number of rays that a vertex uses."""
        return max(sum(map(bool, vertex)) for vertex in self.vertices)


def optimal_set(
    problem: TrainingProblem,
    *,
    max_dimension: int = 8,
    max_cells: int = 200_000,
    progress: Progress | None = None,
) -> Result[OptimalSet]:
    """All optimal networks of a polyhedral problem (norm l1 or linf, or one penalised coordinate), exactly.

    Parameters
    ----------
    max_dimension : the vertices of a polytope of a larger dimension are not listed.

    Returns
    -------
    Result whose certificate proves the optimum, and that each vertex network and the smallest one reach
    it. That there are no other vertices, the dimension and the minimal width are computed in exact
    arithmetic, but are not part of the certificate.

    Raises
    ------
    UnsupportedError : the l2 norm of several coordinates, whose tight neurons are irrational; another loss
        than the squared one; another activation than the ReLU.
    LimitReached : the dimension is above `max_dimension`, or there are more than `max_cells` cells.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[0], [1], [2], [3]], [0, 0, 1, 3])
    >>> found = optimal_set(training_problem(data, beta="1/2", bias="free")).value
    >>> found.optimum.upper, found.dimension, len(found.vertices), found.minimal_width
    (Fraction(37, 48), 1, 2, 1)
    """
    _require_scope(problem)
    result = optimum(problem, max_cells=max_cells, progress=progress)
    best = result.value
    fit = predictions(problem, best.network)
    tight, signs, columns = _tight(problem, best.dual)
    intercept = problem.bias is Bias.FREE
    if progress:
        progress("polytope of the optima", len(tight), None)
    usable = _usable(columns, fit, intercept=intercept)
    points = _vertices([columns[k] for k in usable], fit, intercept=intercept, max_dimension=max_dimension)
    vertices, intercepts = [], []
    for point in points:
        amounts = dict(zip(usable, point, strict=False))
        vertices.append(tuple(amounts.get(k, Fraction(0)) for k in range(len(tight))))
        intercepts.append(point[-1] if intercept else Fraction(0))
    together = _share_a_cone(problem, tight, signs)
    networks = tuple(
        _network(problem, tight, signs, vertex, t, together)
        for vertex, t in zip(vertices, intercepts, strict=True)
    )
    found = OptimalSet(
        problem,
        best,
        fit,
        tight,
        signs,
        usable,
        _dimension([columns[k] for k in usable], len(fit), intercept=intercept),
        tuple(vertices),
        tuple(intercepts),
        networks,
    )
    return _result(found, result)


def _require_scope(problem: TrainingProblem) -> None:
    relu = problem.loss is Loss.SQUARED and problem.activation is Activation.RELU
    if not relu or not problem.is_polyhedral:
        raise UnsupportedError(
            "the set of optima is known exactly for polyhedral ReLU problems with the squared loss",
            got=f"norm {problem.norm}, loss {problem.loss}, activation {problem.activation}",
            expected="norm l1 or linf or a single penalised coordinate, loss squared, activation relu",
            hint="exactnet.convex.approx_optimal_set looks at the l2 norm in floating point",
        )


def _tight(
    problem: TrainingProblem, v: Rationals
) -> tuple[tuple[Atom, ...], tuple[int, ...], list[Rationals]]:
    """Atoms with |k.v| = beta, the signs of k.v, and the signed columns; all exact."""
    dictionary = wedge_dictionary(problem)
    columns = feature_columns(problem, dictionary)
    scale = common_denominator(v)
    rows = IntegerRows(columns.numerators, n_columns=problem.n_samples)
    products = rows.products([int(x * scale) for x in v])
    tight, signs, signed = [], [], []
    for j, (product, denominator) in enumerate(zip(products, columns.denominators, strict=True)):
        if abs(product) * problem.beta.denominator == problem.beta.numerator * denominator * scale:
            sign = 1 if product > 0 else -1
            tight.append(dictionary[j])
            signs.append(sign)
            signed.append(tuple(sign * x for x in columns.column(j)))
    return tuple(tight), tuple(signs), signed


def _equations(
    columns: Sequence[Rationals], fit: Rationals, *, intercept: bool
) -> tuple[list[Rationals], Rationals]:
    """Independent rows of sum_k c_k column_k + t = fit."""
    tail = (Fraction(1),) if intercept else ()
    rows = [(*(column[i] for column in columns), *tail) for i in range(len(fit))]
    if not rows[0]:
        return [], ()
    kept = independent_rows(RationalMatrix.from_rows(rows))
    return [rows[i] for i in kept], tuple(fit[i] for i in kept)


def _usable(columns: Sequence[Rationals], fit: Rationals, *, intercept: bool) -> tuple[int, ...]:
    """The columns that some solution uses: one linear programme for all of them.

    Maximise sum w over 0 <= w <= 1, w <= c, (c, t, h) on the cone over P, h >= 1: at the maximum w_k = 1
    for every usable k, because solutions can be added up.
    """
    m = len(columns)
    if not m:
        return ()
    equations, right = _equations(columns, fit, intercept=intercept)
    n_t = int(intercept)
    # variables: c (m), t, h, w (m)
    zero, one = Fraction(0), Fraction(1)
    rows: list[Rationals] = [
        (*row, -value, *([zero] * m)) for row, value in zip(equations, right, strict=True)
    ]
    relations, rhs = ["="] * len(rows), [zero] * len(rows)
    width = 2 * m + n_t + 1

    def unit(*entries: tuple[int, Fraction]) -> Rationals:
        row = [zero] * width
        for place, value in entries:
            row[place] = value
        return tuple(row)

    first_w, h = m + n_t + 1, m + n_t
    for k in range(m):
        rows += [
            unit((k, -one)),
            unit((first_w + k, one), (k, -one)),
            unit((first_w + k, one)),
            unit((first_w + k, -one)),
        ]
        rhs += [zero, zero, one, zero]
    rows.append(unit((h, -one)))
    rhs.append(-one)
    relations += ["<="] * (4 * m + 1)
    outcome = solve_lp(LinearSystem(rows, relations, rhs), unit(*((first_w + k, -one) for k in range(m))))
    point = outcome.point
    assert point is not None  # the network that is at hand is a solution, and sum w <= m
    return tuple(k for k in range(m) if point[k] > 0)


def _dimension(columns: Sequence[Rationals], n: int, *, intercept: bool) -> int:
    """Of P: all usable amounts can be positive at once, so only the equations bind."""
    ones = [(Fraction(1),) * n] if intercept else []
    vectors = [*columns, *ones]
    return len(vectors) - rank(RationalMatrix.from_rows(vectors)) if vectors else 0


def _vertices(
    columns: Sequence[Rationals], fit: Rationals, *, intercept: bool, max_dimension: int
) -> list[Rationals]:
    """The vertices (c, t) of P over the usable columns, by double description in its affine hull."""
    equations, right = _equations(columns, fit, intercept=intercept)
    if not equations:
        return [()]
    matrix = RationalMatrix.from_rows(equations)
    origin = solve(matrix, right)
    assert origin is not None
    directions = list(nullspace(matrix).rows())
    if not directions:
        return [origin]
    if len(directions) > max_dimension:
        raise LimitReached(
            "the polytope of the optima is too large to list its vertices",
            where=f"{len(columns)} usable neurons",
            got=f"dimension {len(directions)}",
            expected=f"at most max_dimension = {max_dimension}",
            hint="raise max_dimension, or look at a smaller or less symmetric problem",
        )
    forms = tuple(
        primitive((*(direction[k] for direction in directions), origin[k])) for k in range(len(columns))
    )
    found = Polyhedron(forms, len(directions)).vertices
    return [
        tuple(
            x + sum((w * d[k] for w, d in zip(vertex, directions, strict=True)), Fraction(0))
            for k, x in enumerate(origin)
        )
        for vertex in found
    ]


def _share_a_cone(problem: TrainingProblem, atoms: Sequence[Atom], signs: Sequence[int]) -> NDArray[np.bool_]:
    """Pairs of tight rays of one output sign in a common closed cone: they merge to one neuron.

    Rays lie in a common cone exactly if no hyperplane parts two of them, so that pairs are enough.
    """
    if not atoms:
        return np.zeros((0, 0), dtype=np.bool_)
    members = [*(primitive(row) for row in problem.homogenised), *_norm_pieces(problem)]
    sides = sign_matrix([atom.direction for atom in atoms], members).T.astype(np.int8)
    same = np.equal.outer(np.array(signs), np.array(signs))
    parted = np.array([[bool((one * other < 0).any()) for other in sides] for one in sides])
    shared: NDArray[np.bool_] = same & ~parted
    return shared


def _norm_pieces(problem: TrainingProblem) -> list[tuple[int, ...]]:
    """Hyperplanes at which the norm changes its linear piece."""
    axes = [tuple(int(k == j) for j in range(problem.dimension)) for k in problem.penalised]
    if problem.norm is not Norm.LINF or len(axes) == 1:
        return axes
    return [
        tuple(a + sign * b for a, b in zip(one, other, strict=True))
        for one, other in combinations(axes, 2)
        for sign in (1, -1)
    ]


def _network(
    problem: TrainingProblem,
    atoms: Sequence[Atom],
    signs: Sequence[int],
    amounts: Rationals,
    t: Fraction,
    together: NDArray[np.bool_],
) -> TwoLayer:
    """The network of a vertex with as few neurons as possible: rays of one cone become one neuron."""
    support = [k for k, amount in enumerate(amounts) if amount]
    neurons = []
    for group in _fewest_groups(support, together):
        total = [Fraction(0)] * problem.dimension
        for k in group:
            unit = atom_neuron(problem, atoms[k], Fraction(1))
            total = [x + amounts[k] * u for x, u in zip(total, unit.u, strict=True)]
        size = sum((amounts[k] for k in group), Fraction(0))
        neurons.append(Neuron(tuple(x / size for x in total), signs[group[0]] * size))
    return TwoLayer(tuple(neurons), t)


def _fewest_groups(support: Sequence[int], together: NDArray[np.bool_]) -> list[list[int]]:
    """A partition into the fewest sets whose members are pairwise together: branch and bound."""
    best = [[k] for k in support]

    def place(position: int, groups: list[list[int]]) -> None:
        nonlocal best
        if len(groups) >= len(best):
            return
        if position == len(support):
            best = [list(group) for group in groups]
            return
        k = support[position]
        for group in groups:
            if all(together[k, j] for j in group):
                group.append(k)
                place(position + 1, groups)
                group.pop()
        place(position + 1, [*groups, [k]])

    place(0, [])
    return best


def _result(found: OptimalSet, solved: Result[Optimum]) -> Result[OptimalSet]:
    assert solved.certificate is not None
    value = found.optimum.upper
    added = tuple(
        PrimalBoundRecord(f"vertex-{k}", "problem", network.neurons, network.t, value)
        for k, network in enumerate(found.networks)
    )
    widths = sorted({len(network.neurons) for network in found.networks})
    n = len(found.networks)
    which = f"each of {n} vertex networks" if n > 1 else "one network"
    sizes = f"{widths[0]} neurons" if len(widths) == 1 else f"{widths[0]} to {widths[-1]} neurons"
    sentence = f"the global optimum {format_rational(value)} is reached by {which}, of {sizes}"
    certificate = Certificate(
        title=sentence,
        records=(*solved.certificate.records, *added),
        claims=(*solved.certificate.claims, *(record.id for record in added)),
        provenance=dict(solved.certificate.provenance),
        stats={"dimension": str(found.dimension), "n_tight": str(len(found.tight))},
    )
    stats: dict[str, object] = dict(certificate.stats)
    return Result(found, Status.PROVED, certificate, sentence, certificate.provenance, stats)
