"""The regularisation path of a training problem: its optimum for every strength of the weight decay.

With a polyhedral penalty the path is that of a Lasso over the wedge dictionary
(:mod:`exactnet.convex.wedge_lasso`): piecewise affine in beta with rational breakpoints, computed and
proved exactly. With the l2 norm it is a curve; :func:`path_points` walks along chosen beta, each optimum
started from its neighbour and certified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from exactnet.certificate import Certificate, Result, Status
from exactnet.certificate.types import (
    DualBoundRecord,
    PrimalBoundRecord,
    PrimalDualRecord,
    Record,
)
from exactnet.convex.clifford import Atom, atom_formula, atom_neuron, feature_columns, wedge_dictionary
from exactnet.convex.lasso_path import LassoPiece, lasso_pieces
from exactnet.convex.program import Bias, Loss, TrainingProblem, TwoLayer, problem_record
from exactnet.errors import InputError, UnsupportedError
from exactnet.exact import rational_text, to_fraction

__all__ = ["RegularisationPath", "path"]


@dataclass(frozen=True)
class RegularisationPath:
    """The optimum of a polyhedral problem for every beta from infinity down to `lowest`.

    Attributes
    ----------
    problem : the training problem; its beta is `lowest`.
    atoms : the wedge dictionary. pieces : see :class:`exactnet.convex.lasso_path.LassoPiece`.
    """

    problem: TrainingProblem
    atoms: tuple[Atom, ...]
    pieces: tuple[LassoPiece, ...]

    @property
    def lowest(self) -> Fraction:
        """The smallest beta of the path."""
        return self.problem.beta

    @property
    def breakpoints(self) -> tuple[Fraction, ...]:
        """The beta > lowest at which the optimal predictions change direction, decreasing.

        The first one is beta_max, from which on the network without neurons is optimal.
        """
        pairs = zip(self.pieces, self.pieces[1:], strict=False)
        return tuple(one.lower for one, next_ in pairs if one.residual != next_.residual)

    def piece_at(self, beta: object) -> LassoPiece:
        """The piece that contains beta; at a breakpoint the one above.

        Raises
        ------
        InputError : beta below the path.
        """
        wanted = to_fraction(beta, where="beta")
        if wanted < self.lowest:
            raise InputError(
                "the path does not reach down to this beta",
                where="beta",
                got=rational_text(wanted),
                expected=f"at least {rational_text(self.lowest)}",
                hint="compute the path of a problem with a smaller beta",
            )
        return next(piece for piece in self.pieces if piece.lower <= wanted)

    def value(self, beta: object) -> Fraction:
        """The optimum at beta, exactly."""
        return self.piece_at(beta).value_at(to_fraction(beta, where="beta"))

    def dual(self, beta: object) -> tuple[Fraction, ...]:
        """The dual vector y - f of the optimum at beta; it is unique."""
        return self.piece_at(beta).residual_at(to_fraction(beta, where="beta"))

    def network(self, beta: object) -> TwoLayer:
        """An optimal network at beta, with ||u_j|| = 1."""
        strength, piece = to_fraction(beta, where="beta"), self.piece_at(beta)
        problem = replace(self.problem, beta=strength)
        coefficients = zip(piece.support, piece.coefficients_at(strength), strict=True)
        neurons = tuple(atom_neuron(problem, self.atoms[j], z) for j, z in coefficients if z)
        return TwoLayer(neurons, piece.intercept_at(strength))

    def formulas(self, beta: object) -> tuple[str, ...]:
        """The wedge product of each neuron of :meth:`network`."""
        strength, piece = to_fraction(beta, where="beta"), self.piece_at(beta)
        coefficients = zip(piece.support, piece.coefficients_at(strength), strict=True)
        return tuple(atom_formula(self.atoms[j]) for j, z in coefficients if z)

    def certificate(self, betas: Sequence[object] | None = None) -> Certificate:
        """A proof of the exact optimum at each of these beta, by default at `lowest` and all breakpoints."""
        chosen = [*self.breakpoints, self.lowest] if betas is None else list(betas)
        records: list[Record] = []
        claims = []
        for k, beta in enumerate(dict.fromkeys(to_fraction(beta, where="beta") for beta in chosen)):
            names = [f"{word}-{k}" for word in ("problem", "dual", "primal", "optimum")]
            problem, network = replace(self.problem, beta=beta), self.network(beta)
            value, dual = self.value(beta), self.dual(beta)
            records += [
                problem_record(problem, id=names[0]),
                DualBoundRecord(names[1], names[0], dual, "rays", None, None, value),
                PrimalBoundRecord(names[2], names[0], network.neurons, network.t, value),
                PrimalDualRecord(names[3], names[0], names[1], names[2], value),
            ]
            claims.append(names[3])
        return Certificate(_sentence(self), tuple(records), tuple(claims), {"source": "arrays"})


def path(
    problem: TrainingProblem, *, max_pieces: int = 10_000, max_atoms: int = 200_000
) -> Result[RegularisationPath]:
    """The whole regularisation path of a polyhedral problem, exactly, down to the problem's beta.

    Parameters
    ----------
    problem : squared loss, with a polyhedral penalty: the l1 or linf norm, or a single penalised coordinate.
    max_pieces, max_atoms : limits; there may be many pieces for tiny beta.

    Returns
    -------
    The path; its certificate proves the exact optimum at every breakpoint and at the lowest beta. Every
    point of the path is optimal by the conditions of Karush, Kuhn and Tucker, checked in integers on whole
    intervals; :meth:`RegularisationPath.certificate` writes the proof for any other beta.

    Raises
    ------
    UnsupportedError, LimitReached.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> data = Dataset.from_arrays([[-1], [0], [1], [2]], [0, 1, 0, 1])
    >>> result = path(training_problem(data, beta="1/20", bias="free"))
    >>> print(*result.value.breakpoints)
    1 2/7 1/4 1/6
    >>> print(result.value.value("1/20"), result.value.value("1/10"))
    7/40 3/10
    >>> result.check().accepted
    True
    """
    if not problem.is_polyhedral or problem.loss is not Loss.SQUARED:
        raise UnsupportedError(
            "an exact path needs a polyhedral penalty and the squared loss",
            where="path",
            got=f"norm {problem.norm}, {len(problem.penalised)} penalised coordinates, {problem.loss} loss",
            expected="norm l1 or linf, or a single penalised coordinate; loss squared",
            hint="for the l2 norm use path_points(problem, betas)",
        )
    atoms = wedge_dictionary(problem, max_atoms=max_atoms)
    pieces = lasso_pieces(
        feature_columns(problem, atoms),
        problem.targets,
        lowest=problem.beta,
        intercept=problem.bias is Bias.FREE,
        max_pieces=max_pieces,
    )
    found = RegularisationPath(problem, atoms, pieces)
    return Result(
        value=found,
        status=Status.PROVED,
        certificate=found.certificate(),
        sentence=_sentence(found),
        provenance={"source": "arrays"},
        stats={"n_atoms": len(atoms), "n_pieces": len(pieces)},
    )


def _sentence(found: RegularisationPath) -> str:
    n = len(found.breakpoints)
    return (
        f"the regularisation path down to beta = {rational_text(found.lowest)} has {n} "
        f"breakpoint{'s' * (n != 1)}, the largest beta_max = {rational_text(found.pieces[0].lower)}"
    )
