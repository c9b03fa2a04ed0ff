"""Neurons as formulas that name the samples: text, LaTeX, sympy and galgebra.

Names, as in the papers and 1-based: x1..xn are the samples, e1..ed the coordinate axes, and with a
penalised bias z_i = (x_i, 1) and e_{d+1} is the bias axis. `^` is the wedge product and `*` the dual
W -> W I^(-1) of geometric algebra: `*(z_1 ^ .. ^ z_{D-1})` is the generalised cross product c with

    x ^ z_1 ^ .. ^ z_{D-1} = (x . c) I,   that is   x . c = det[x; z_1; ..; z_{D-1}],

a signed volume. (The Hodge star with W ^ *W = |W|^2 I is (-1)^(D-1) times it.) A breakplane through
samples x_i, x_j, .. with a free bias is orthogonal to their differences. `|.|_1` is the norm of what
it divides.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import Any

from exactnet.certificate.types import Neuron
from exactnet.convex.atom import Atom
from exactnet.convex.flats import first_basis, pair_vector, unit_vector
from exactnet.convex.program import Bias, TrainingProblem
from exactnet.errors import ShapeError
from exactnet.exact import (
    common_denominator,
    decimal_text,
    generalised_cross_product,
    primitive,
    rational_text,
)

__all__ = [
    "atom_formula",
    "atom_galgebra",
    "atom_latex",
    "atom_sympy",
    "neuron_formula",
    "tight_samples",
]

IntVector = tuple[int, ...]


def atom_formula(atom: Atom, *, norm: str = "1") -> str:
    """The atom as text, with samples and axes 1-based; `norm` names the norm it is divided by.

    Examples
    --------
    >>> atom_formula(Atom((0, -1, 4), samples=(2,), axes=(0,), sign=-1, bias=Bias.NONE))
    'w = -*(x3 ^ e1) / |.|_1'
    >>> atom_formula(Atom((1, 2, -4), samples=(1, 4), axes=(), sign=1, bias=Bias.FREE))
    'w = -*(x5 - x2) / |.|_1, b = -w.x2 (kink through x2, x5)'
    >>> atom_formula(Atom((1, -3), samples=(2,), axes=(), sign=1, bias=Bias.FREE))
    'w = 1, b = -w.x3 (kink through x3)'
    """
    left, sign, factors = _wedge(atom)
    minus = "-" if sign < 0 else ""
    body = f"{minus}*({' ^ '.join(factors)}) / |.|_{norm}" if factors else f"{minus}1"
    return f"{left} = {body}" + _anchor(atom) + _kink(atom.samples, atom.bias)


def atom_latex(atom: Atom, *, norm: str = "1") -> str:
    r"""The atom as LaTeX, for math mode; `norm` as in :func:`atom_formula`.

    Examples
    --------
    >>> print(atom_latex(Atom((0, -1, 4), samples=(2,), axes=(0,), sign=-1, bias=Bias.NONE)))
    w = -\star\left(x_{3} \wedge e_{1}\right) / \lVert \cdot \rVert_1
    >>> print(atom_latex(Atom((1, 2, -4), samples=(1, 4), axes=(), sign=1, bias=Bias.FREE)))
    w = -\star\left((x_{5} - x_{2})\right) / \lVert \cdot \rVert_1,\quad b = -w^\top x_{2}
    """
    left, sign, factors = _wedge(atom, latex=True)
    minus = "-" if sign < 0 else ""
    product = r" \wedge ".join(factors)
    name = r"\infty" if norm == "inf" else norm
    body = rf"{minus}\star\left({product}\right) / \lVert \cdot \rVert_{name}" if factors else f"{minus}1"
    tail = rf",\quad b = -w^\top x_{{{atom.samples[0] + 1}}}" if atom.bias is Bias.FREE else ""
    return f"{left} = {body}{tail}"


def _wedge(atom: Atom, *, latex: bool = False) -> tuple[str, int, list[str]]:
    """Left side, sign and factors of the wedge product.

    With a free bias, subtracting the first sample's row (x_j, 1) from the other samples' rows and
    expanding along the bias coordinate gives w = (-1)^(d-1) cross(differences, axes).
    """

    def name(letter: str, index: int) -> str:
        return f"{letter}_{{{index + 1}}}" if latex else f"{letter}{index + 1}"

    axes = [name("e", k) for k in atom.axes]
    pairs = [f"{name('e', k)} {'+' if s > 0 else '-'} {name('e', m)}" for k, m, s in atom.pairs]
    # a sum that is not the only factor stands in parentheses
    alone = len(atom.samples) + len(axes) + len(pairs) - (atom.bias is Bias.FREE) == 1
    axes += pairs if alone and not latex else [f"({text})" for text in pairs]
    if atom.bias is Bias.NONE:
        return "w", atom.sign, [name("x", i) for i in atom.samples] + axes
    if atom.bias is Bias.PENALISED:
        return "(w, b)", atom.sign, [name("z", i) for i in atom.samples] + axes
    first, *others = atom.samples
    differences = [f"{name('x', i)} - {name('x', first)}" for i in others]
    factors = differences + axes
    if len(factors) > 1 or latex:
        factors = [f"({text})" for text in differences] + axes
    n_features = len(atom.direction) - 1
    return "w", atom.sign * (-1) ** (n_features - 1), factors


def _anchor(atom: Atom) -> str:
    return f", b = -w.x{atom.samples[0] + 1}" if atom.bias is Bias.FREE else ""


def _kink(samples: Sequence[int], bias: Bias) -> str:
    if bias is Bias.NONE or not samples:
        return ""
    return f" (kink through {_names(samples)})"


def _names(samples: Sequence[int]) -> str:
    return ", ".join(f"x{i + 1}" for i in samples)


def tight_samples(problem: TrainingProblem, u: Sequence[Fraction]) -> IntVector:
    """The samples with z_i . u = 0, exactly; 0-based, rows z_i = 0 left out (they lie on every wall).

    Raises
    ------
    ShapeError : u has not D entries.
    """
    if len(u) != problem.dimension:
        raise ShapeError(
            "the neuron does not fit the problem",
            got=f"{len(u)} homogenised weights",
            expected=f"{problem.dimension}",
        )
    # in integers: fractions would reduce at every product
    rows, _ = problem.integer_rows
    scale = common_denominator(u)
    weights = [int(x * scale) for x in u]
    return tuple(i for i, row in enumerate(rows) if any(row) and sum(map(mul, row, weights)) == 0)


def neuron_formula(problem: TrainingProblem, neuron: Neuron) -> str:
    """Any hidden unit in words: the samples on its kink, and its wedge formula when they determine it.

    The samples with z_i . u = 0 and the penalised axes with u_k = 0 determine u up to scale when their
    rank is D - 1; then u is c > 0 times the dual of their wedge product. Otherwise the weights are
    printed (exactly when short, else cut off, with dots), and what they are orthogonal to.

    Raises
    ------
    ShapeError : u has not D entries.

    Examples
    --------
    >>> from exactnet.convex.program import training_problem
    >>> from exactnet.model import Dataset
    >>> problem = training_problem(Dataset.from_arrays([[2, 1], [0, 1]], [1, 2]), beta=1)
    >>> neuron_formula(problem, Neuron((Fraction(-1), Fraction(2)), Fraction(1)))
    'w = -c *(x1), c > 0'
    >>> neuron_formula(problem, Neuron((Fraction(1), Fraction(1, 3)), Fraction(1)))
    'w = (1, 1/3), orthogonal to no sample'
    """
    u = tuple(Fraction(x) for x in neuron.u)
    tight = tight_samples(problem, u)
    if not any(u):
        return "u = 0 (dead)"
    atom = _as_atom(problem, u, tight)
    if atom is None:
        return _weights_text(problem, u, tight)
    left, sign, factors = _wedge(atom)
    minus = "-" if sign < 0 else ""
    body = f"{minus}c *({' ^ '.join(factors)})" if factors else f"{minus}c"
    text = f"{left} = {body}{_anchor(atom)}, c > 0{_kink(tight, problem.bias)}"
    others = [i for i in tight if i not in atom.samples]
    return (
        text
        if problem.bias is not Bias.NONE or not others
        else f"{text}, also orthogonal to {_names(others)}"
    )


def _as_atom(problem: TrainingProblem, u: Sequence[Fraction], tight: IntVector) -> Atom | None:
    """The dictionary direction that u is a positive multiple of, if there is one."""
    axes = [k for k in problem.penalised if u[k] == 0]
    if len(axes) == len(problem.penalised):
        return None  # no weights, only a free bias
    dimension = problem.dimension
    units = [unit_vector(k, dimension) for k in axes]
    basis, complement = first_basis([primitive(problem.homogenised[i]) for i in tight] + units, dimension)
    if len(complement) != 1:
        return None
    sign = 1 if sum(map(mul, complement[0], u)) > 0 else -1
    samples = tuple(tight[i] for i in basis if i < len(tight))
    chosen = tuple(axes[i - len(tight)] for i in basis if i >= len(tight))
    return Atom(tuple(sign * x for x in complement[0]), samples, chosen, sign, problem.bias)


def _weights_text(problem: TrainingProblem, u: Sequence[Fraction], tight: IntVector) -> str:
    d = problem.n_features
    text = f"w = ({', '.join(map(_number, u[:d]))})"
    if problem.bias is not Bias.NONE:
        return f"{text}, b = {_number(u[d])}" + (_kink(tight, problem.bias) or " (kink through no sample)")
    return f"{text}, orthogonal to {_names(tight) or 'no sample'}"


def _number(q: Fraction) -> str:
    exact = rational_text(q)
    if len(exact) <= len("-123/1234"):
        return exact
    digits, e, exponent = decimal_text(q, digits=6).partition("e")
    return f"{digits}...{e}{exponent}"


def atom_sympy(problem: TrainingProblem, atom: Atom) -> Any:
    """The neuron x -> (w.x + b)_+ as a sympy expression in xi_1..xi_d, built as det / norm.

    The determinant has the rows (xi, 1), the samples (x_i, 1) and the axes (without the ones when there
    is no bias): the signed volume they span.
    """
    import sympy

    members = _members(problem, atom)
    rows = [[sympy.Rational(x.numerator, x.denominator) for x in row] for row in members]
    point = list(sympy.symbols([f"xi_{k + 1}" for k in range(problem.n_features)], real=True))
    if problem.bias is not Bias.NONE:
        point.append(sympy.Integer(1))
    volume = sympy.Matrix([point, *rows]).det()
    normal = generalised_cross_product(members)
    norm = sum(abs(Fraction(normal[k])) for k in problem.penalised)
    return sympy.Max(0, sympy.expand(atom.sign * volume / sympy.Rational(norm.numerator, norm.denominator)))


def _members(problem: TrainingProblem, atom: Atom) -> list[tuple[Fraction, ...]]:
    """The D - 1 rows whose wedge product the atom is the dual of."""
    units = [unit_vector(k, problem.dimension) for k in atom.axes]
    units += [pair_vector(pair, problem.dimension) for pair in atom.pairs]
    return [problem.homogenised[i] for i in atom.samples] + [tuple(map(Fraction, unit)) for unit in units]


def atom_galgebra(problem: TrainingProblem, atom: Atom) -> tuple[Any, Any]:
    """The atom in geometric algebra: (wedge product W, sign times its dual W I^(-1)) as multivectors.

    The second one is a vector of the Euclidean algebra of dimension D, a positive multiple of the
    atom's direction.
    """
    import sympy
    from galgebra.ga import Ga

    dimension = problem.dimension
    # galgebra reads a single name without "*" as the name of a coordinate system
    names = "e*1" if dimension == 1 else " ".join(f"e_{k + 1}" for k in range(dimension))
    algebra = Ga(names, g=[1] * dimension)
    basis = algebra.mv()
    product = algebra.mv(1)
    for row in _members(problem, atom):
        terms = (sympy.Rational(x.numerator, x.denominator) * e for x, e in zip(row, basis, strict=True))
        product = product ^ sum(terms)
    return product, atom.sign * (product * algebra.I().inv())
