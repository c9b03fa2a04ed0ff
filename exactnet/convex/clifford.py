"""The wedge-product dictionary: all directions an optimal neuron needs when the penalty is polyhedral.

Source: Pilanci, "From Complexity to Clarity" (arXiv 2309.16512): optimal neurons are Hodge duals of wedge
products of samples. In homogenised coordinates (see :mod:`exactnet.convex.program`) let G be the rows
z_1..z_n together with the coordinate vectors e_k of the penalised coordinates. With the l1 norm both the
dual constraint and the norm are linear on every cone of the arrangement of G, so its rays are enough. (For
the linf norm the vectors e_k +- e_l take the place of the e_k: the vertices of a cell cut off by the unit
cube lie on samples and have several coordinates of the largest size.) A ray is orthogonal to D-1
independent members of G: it is their generalised cross product, the dual of their wedge product. The
coordinate vectors are needed ("samples at infinity"): without them the programme is only an upper bound.

Each ray is found once (:mod:`exactnet.convex.flats`), explained by samples before axes; zero, duplicate
and parallel rows need no special care.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from math import comb

from exactnet.certificate.types import Neuron
from exactnet.convex.atom import Atom
from exactnet.convex.columns import ScaledColumns
from exactnet.convex.flats import flats, pair_vector, unit_vector
from exactnet.convex.formulas import atom_formula, atom_latex
from exactnet.convex.program import Norm, TrainingProblem
from exactnet.errors import LimitReached, UnsupportedError
from exactnet.exact import common_denominator, primitive
from exactnet.exact.least_squares import inner_products

__all__ = [
    "Atom",
    "atom_formula",
    "atom_latex",
    "atom_neuron",
    "feature_column",
    "feature_columns",
    "wedge_dictionary",
]

IntVector = tuple[int, ...]


def wedge_dictionary(
    problem: TrainingProblem, *, axes: bool = True, max_atoms: int = 200_000
) -> tuple[Atom, ...]:
    """All atoms of the problem, both signs of every ray, each direction once.

    For a polyhedral problem (l1 or linf norm, or one penalised coordinate) the optimum equals that of the
    Lasso over :func:`feature_columns` of these atoms, with an unpenalised constant for the bias `free`.
    Generic size: 2 C(n+d, D-1), minus the two intercept directions (0,...,0,+-1) for the bias `free`.

    Parameters
    ----------
    problem : n samples, d features, any bias convention; the norm l2 is treated as l1.
    axes : False leaves the coordinate vectors out: the Lasso is then only an upper bound.
    max_atoms : stop before more atoms than this are built (or more flats than this are visited).

    Raises
    ------
    LimitReached : the dictionary is larger than `max_atoms`; `partial` holds the atoms so far.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[0], [3]], [1, 2])
    >>> for atom in wedge_dictionary(training_problem(data, beta=1, norm="l1", bias="free")):
    ...     print(atom.direction, atom.samples, atom.axes)
    (1, 0) (0,) ()
    (-1, 0) (0,) ()
    (1, -3) (1,) ()
    (-1, 3) (1,) ()
    """
    members = [primitive(row) for row in problem.homogenised]
    pairs = _pairs(problem) if axes else []
    if axes and not pairs:
        members += [unit_vector(k, problem.dimension) for k in problem.penalised]
    members += [pair_vector(pair, problem.dimension) for pair in pairs]
    atoms: list[Atom] = []
    n = problem.n_samples
    for n_flats, (basis, complement) in enumerate(flats(members, problem.dimension)):
        ray = complement[0] if len(complement) == 1 else None  # else a flat on the way to a ray
        # the direction without weights is the intercept: no norm to divide by, and no neuron
        is_neuron = ray is not None and any(ray[k] for k in problem.penalised)
        if n_flats > max_atoms or (is_neuron and len(atoms) + 2 > max_atoms):
            raise _limit(problem, max_atoms, n_members=len(members), partial=tuple(atoms))
        if ray is None or not is_neuron:
            continue
        samples = tuple(i for i in basis if i < n)
        others = [i - n for i in basis if i >= n]
        chosen = () if pairs else tuple(problem.penalised[i] for i in others)
        twos = tuple(pairs[i] for i in others) if pairs else ()
        atoms.append(Atom(ray, samples, chosen, 1, problem.bias, twos))
        atoms.append(Atom(tuple(-x for x in ray), samples, chosen, -1, problem.bias, twos))
    return tuple(atoms)


def _pairs(problem: TrainingProblem) -> list[tuple[int, int, int]]:
    """The pairs (k, l, +-1) of penalised coordinates, for the linf norm only."""
    if problem.norm is not Norm.LINF:
        return []
    return [(k, m, sign) for k, m in combinations(problem.penalised, 2) for sign in (1, -1)]


def _limit(
    problem: TrainingProblem, max_atoms: int, *, n_members: int, partial: tuple[Atom, ...]
) -> LimitReached:
    generic = 2 * comb(n_members, problem.dimension - 1)
    return LimitReached(
        "the wedge dictionary is too large",
        where=f"{problem.n_samples} samples, {problem.n_features} features, bias {problem.bias}",
        got=f"{len(partial):,} atoms so far, of up to {generic:,} (the number in general position)",
        expected=f"at most {max_atoms:,} atoms, and as many flats on the way to them",
        hint="raise max_atoms (an atom takes about 0.5 kB, and its column 40 bytes a sample),"
        " or use fewer samples or features",
        partial=partial,
    )


def feature_columns(
    problem: TrainingProblem, atoms: Sequence[Atom], *, max_entries: int = 20_000_000
) -> ScaledColumns:
    """The columns phi(Z u) / ||u|| of atoms, norm over the penalised coordinates, as scaled integers.

    One integer matrix product, much faster than :func:`feature_column` for each atom.

    Raises
    ------
    UnsupportedError : the l2 norm with more than one penalised coordinate (the norms are irrational).
    LimitReached : more than `max_entries` numbers (about 50 bytes each).

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[0], [3]], [1, 2]), beta=1, bias="free")
    >>> feature_columns(problem, wedge_dictionary(problem)).numerators
    ((0, 3), (0, 0), (0, 0), (3, 0))
    """
    _require_rational_norm(problem)
    if len(atoms) * problem.n_samples > max_entries:
        raise LimitReached(
            "the feature matrix is too large",
            where=f"{len(atoms):,} atoms, {problem.n_samples:,} samples",
            got=f"{len(atoms) * problem.n_samples:,} entries",
            expected=f"at most max_entries = {max_entries:,}",
            hint="raise max_entries (about 50 bytes an entry), or use fewer samples",
        )
    scale = common_denominator(x for row in problem.homogenised for x in row)
    rows = [tuple(int(x * scale) for x in row) for row in problem.homogenised]
    values = inner_products([atom.direction for atom in atoms], rows)
    below, whole = problem.kappa.numerator, problem.kappa.denominator
    if problem.kappa:
        columns = tuple([tuple([whole * x if x > 0 else below * x for x in row]) for row in values])
    else:
        columns = tuple([tuple([x if x > 0 else 0 for x in row]) for row in values])
    return ScaledColumns(
        columns,
        tuple(scale * whole * _norm(problem, atom) for atom in atoms),
        problem.n_samples,
    )


def feature_column(problem: TrainingProblem, atom: Atom) -> tuple[Fraction, ...]:
    """The column phi(Z u) / ||u|| of one atom, n fractions (see :func:`feature_columns`)."""
    return feature_columns(problem, (atom,)).column(0)


def atom_neuron(problem: TrainingProblem, atom: Atom, coefficient: Fraction) -> Neuron:
    """The neuron that adds `coefficient` times the atom's column: ||u|| = 1 and a = coefficient.

    Raises
    ------
    UnsupportedError : as :func:`feature_columns`.
    """
    _require_rational_norm(problem)
    norm = _norm(problem, atom)
    return Neuron(tuple(Fraction(x, norm) for x in atom.direction), coefficient)


def _norm(problem: TrainingProblem, atom: Atom) -> int:
    sizes = [abs(atom.direction[k]) for k in problem.penalised]
    return max(sizes) if problem.norm is Norm.LINF else sum(sizes)


def _require_rational_norm(problem: TrainingProblem) -> None:
    if not problem.is_polyhedral:
        raise UnsupportedError(
            "wedge features with the l2 norm are irrational",
            where=f"{len(problem.penalised)} penalised coordinates, norm l2",
            expected="norm l1 or linf, or a single penalised coordinate",
            hint="the wedge dictionary is exact for the l1 and linf norms; use norm='l1'",
        )
