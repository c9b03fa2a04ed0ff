import re
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate.types import Neuron
from exactnet.convex.clifford import atom_formula, atom_latex, wedge_dictionary
from exactnet.convex.formulas import atom_galgebra, atom_sympy, neuron_formula, tight_samples
from exactnet.convex.program import training_problem
from exactnet.errors import ShapeError
from exactnet.exact import generalised_cross_product
from exactnet.model import Dataset

F = Fraction
BIASES = ("none", "penalised", "free")


def make(X, *, bias="none", norm="l1"):
    return training_problem(Dataset.from_arrays(X, [1] * len(X)), beta=1, norm=norm, bias=bias)


def neuron(*u):
    return Neuron(tuple(map(F, u)), F(1))


@st.composite
def problems(draw, *, max_features=3):
    d, n = draw(st.integers(1, max_features)), draw(st.integers(1, 4))
    rows = [[draw(st.integers(-2, 2)) for _ in range(d)] for _ in range(n)]
    return make(rows, bias=draw(st.sampled_from(BIASES)))


NAMES, NOTES = re.compile(r"[xze]\d+"), re.compile(r" \(kink .*|, also .*")
FORMULA = re.compile(
    r"(?:w|\(w, b\)) = (-?)(?:1|c|(?:c )?\*\((.*?)\)(?: / \|\.\|_1)?)"
    r"(?:, b = -w\.(x\d+))?(?:, c > 0)?(?: \(kink .*\)|, also .*)?"
)


# -- text --------------------------------------------------------------------------------------------------


def evaluate(text, problem):
    """Read a formula as a person would: build the vector from the samples it names."""
    d = problem.n_features
    rows = {f"x{i + 1}": row for i, row in enumerate(problem.features.rows())}
    rows |= {f"z{i + 1}": row for i, row in enumerate(problem.homogenised)}
    length = problem.dimension if text.startswith("(w, b)") else d
    rows |= {f"e{k + 1}": tuple(F(i == k) for i in range(length)) for k in range(length)}
    body = FORMULA.fullmatch(text)
    assert body, text
    sign, product, anchor = body.groups()
    factors = []
    for factor in (product or "").split(" ^ ") if product else []:
        first, *minus = factor.strip("()").split(" - ")
        row = rows[first]
        factors.append(tuple(a - b for a, b in zip(row, rows[minus[0]], strict=True)) if minus else row)
    u = [F(x) * (-1 if sign else 1) for x in generalised_cross_product(factors)]
    if anchor:
        u.append(-sum(a * b for a, b in zip(u, rows[anchor], strict=True)))
    return u


def is_positive_multiple(u, v):
    scale = next(F(a) / b for a, b in zip(u, v, strict=True) if b)
    return scale > 0 and all(a == scale * b for a, b in zip(u, v, strict=True))


@settings(max_examples=120, deadline=None)
@given(problems())
def test_formulas_mean_what_they_say(problem):
    for atom in wedge_dictionary(problem):
        text = atom_formula(atom)
        assert is_positive_multiple(evaluate(text, problem), atom.direction), text
        assert all(f"x{i + 1}" in text or f"z{i + 1}" in text for i in atom.samples)


@settings(max_examples=120, deadline=None)
@given(problems(), st.fractions(F(1, 9), 9, max_denominator=9))
def test_every_atom_is_recognised_as_a_neuron(problem, scale):
    for atom in wedge_dictionary(problem):
        text = neuron_formula(problem, Neuron(tuple(scale * x for x in atom.direction), F(-2)))
        assert is_positive_multiple(evaluate(text, problem), atom.direction), text
        # the same samples in the same order; only the scale and the list of samples on the kink differ
        assert NAMES.findall(NOTES.sub("", text)) == NAMES.findall(NOTES.sub("", atom_formula(atom)))


def test_texts():
    line = wedge_dictionary(make([[1], [3]], bias="free"))
    assert [atom_formula(a) for a in line] == [
        "w = 1, b = -w.x1 (kink through x1)",
        "w = -1, b = -w.x1 (kink through x1)",
        "w = 1, b = -w.x2 (kink through x2)",
        "w = -1, b = -w.x2 (kink through x2)",
    ]
    plane = [atom_formula(a) for a in wedge_dictionary(make([[1, 2], [3, 5]], bias="free")) if a.sign > 0]
    assert plane == [
        "w = -*(x2 - x1) / |.|_1, b = -w.x1 (kink through x1, x2)",
        "w = -*(e1) / |.|_1, b = -w.x1 (kink through x1)",
        "w = -*(e2) / |.|_1, b = -w.x1 (kink through x1)",
        "w = -*(e1) / |.|_1, b = -w.x2 (kink through x2)",
        "w = -*(e2) / |.|_1, b = -w.x2 (kink through x2)",
    ]
    space = [atom_formula(a) for a in wedge_dictionary(make([[1, 2, 4]]))]
    assert space[:2] == ["w = *(x1 ^ e1) / |.|_1", "w = -*(x1 ^ e1) / |.|_1"]
    solid = [atom_formula(a) for a in wedge_dictionary(make([[1, 2, 4], [2, 2, 9], [0, 1, 1]], bias="free"))]
    assert solid[0] == "w = *((x2 - x1) ^ (x3 - x1)) / |.|_1, b = -w.x1 (kink through x1, x2, x3)"
    assert solid[2] == "w = *((x2 - x1) ^ e1) / |.|_1, b = -w.x1 (kink through x1, x2)"
    both = [atom_formula(a) for a in wedge_dictionary(make([[1, 2]], bias="penalised"))]
    assert both[0] == "(w, b) = *(z1 ^ e1) / |.|_1 (kink through x1)"
    assert atom_formula(wedge_dictionary(make([[0]]))[0]) == "w = 1"


def test_pairs_of_axes_for_the_linf_norm():
    """Weights of equal size are orthogonal to e_k + e_l or e_k - e_l; directions come from these factors."""
    data = Dataset.from_arrays([[1, 2], [3, 5]], [0, 0])
    for bias in BIASES:
        problem = training_problem(data, beta=1, norm="linf", bias=bias)
        for atom in wedge_dictionary(problem):
            wedge, dual = atom_galgebra(problem, atom)
            assert wedge != 0
            vector = [Fraction(str(sympy.simplify(x))) for x in dual.get_coefs(1)]
            largest = max(abs(x) for x in vector)
            assert tuple(x / largest for x in vector) == tuple(
                Fraction(x, max(map(abs, atom.direction))) for x in atom.direction
            )
            assert atom.axes == ()
    plane = wedge_dictionary(training_problem(data, beta=1, norm="linf"))
    texts = [atom_formula(a, norm="inf") for a in plane if a.sign > 0]
    assert texts == [
        "w = *(x1) / |.|_inf",
        "w = *(x2) / |.|_inf",
        "w = *(e1 + e2) / |.|_inf",
        "w = *(e1 - e2) / |.|_inf",
    ]
    free = wedge_dictionary(training_problem(data, beta=1, norm="linf", bias="free"))
    assert atom_formula(free[2], norm="inf") == "w = -*(e1 + e2) / |.|_inf, b = -w.x1 (kink through x1)"
    assert atom_latex(plane[4], norm="inf") == (
        r"w = \star\left((e_{1} + e_{2})\right) / \lVert \cdot \rVert_\infty"
    )


def test_latex():
    atom = wedge_dictionary(make([[1, 2, 4], [2, 2, 9], [0, 1, 1]], bias="free"))[0]
    assert atom_latex(atom) == (
        r"w = \star\left((x_{2} - x_{1}) \wedge (x_{3} - x_{1})\right) / \lVert \cdot \rVert_1"
        r",\quad b = -w^\top x_{1}"
    )
    assert atom_latex(wedge_dictionary(make([[2]], bias="free"))[1]) == r"w = -1,\quad b = -w^\top x_{1}"
    for bias in BIASES:
        for atom in wedge_dictionary(make([[1, 2], [0, 3]], bias=bias)):
            text = atom_latex(atom)
            assert text.count("{") == text.count("}")


# -- any neuron --------------------------------------------------------------------------------------------


def test_neurons_that_are_not_wedges():
    problem = make([[1, 2, 3], [0, 1, 1], [5, 0, 1], [0, 0, 0]], norm="l2")
    assert neuron_formula(problem, neuron(2, -1, 1)) == "w = (2, -1, 1), orthogonal to x2"
    assert neuron_formula(problem, neuron(1, 1, 1)) == "w = (1, 1, 1), orthogonal to no sample"
    long = neuron_formula(problem, neuron(F(1, 3**40), F(10**20), F(-2, 3)))
    assert long == "w = (8.22526...e-20, 1.00000...e20, -2/3), orthogonal to no sample"
    free = make([[1, 2, 3], [0, 1, 1], [5, 0, 1]], bias="free", norm="l2")
    assert neuron_formula(free, neuron(1, 1, 1, -6)) == "w = (1, 1, 1), b = -6 (kink through x1, x3)"
    assert neuron_formula(free, neuron(1, 1, 1, F(1, 2))) == "w = (1, 1, 1), b = 1/2 (kink through no sample)"
    assert neuron_formula(free, neuron(0, 0, 0, 3)) == "w = (0, 0, 0), b = 3 (kink through no sample)"
    assert neuron_formula(free, neuron(0, 0, 0, 0)) == "u = 0 (dead)"


def test_all_samples_on_the_kink_are_named():
    problem = make([[1, 1], [2, 2], [0, 0], [-1, -1]], norm="l2")
    assert neuron_formula(problem, neuron(1, -1)) == "w = c *(x1), c > 0, also orthogonal to x2, x4"
    line = make([[0, 0], [1, 1], [3, 3]], bias="free")
    assert neuron_formula(line, neuron(-2, 2, 0)) == (
        "w = -c *(x2 - x1), b = -w.x1, c > 0 (kink through x1, x2, x3)"
    )


def test_tight_samples_are_exact():
    problem = make([[3, 1], [0, 0], [1, 3]])
    assert tight_samples(problem, (F(-1), F(3))) == (0,)
    assert tight_samples(problem, (F(-1), 3 + F(1, 10**50))) == ()
    with pytest.raises(ShapeError, match="3 homogenised weights"):
        neuron_formula(problem, neuron(1, 2, 3))


# -- sympy and galgebra ------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(problems())
def test_sympy_expression_is_the_neuron(problem):
    d = problem.n_features
    for atom in wedge_dictionary(problem)[:6]:
        expression = atom_sympy(problem, atom)
        norm = sum(abs(atom.direction[k]) for k in problem.penalised)
        for point in ([1] * d, [-2] * d, list(range(1, d + 1))):
            homogenised = [*point, 1][: problem.dimension]
            inner = sum(a * b for a, b in zip(atom.direction, homogenised, strict=True))
            values = {sympy.Symbol(f"xi_{k + 1}", real=True): x for k, x in enumerate(point)}
            assert expression.subs(values) == sympy.Rational(max(inner, 0), norm)


@pytest.mark.parametrize("bias", BIASES)
@pytest.mark.parametrize("X", [[[2], [-1]], [[1, 2], [F(1, 2), -3]], [[1, 2, 3], [0, 1, -1], [2, 2, 0]]])
def test_galgebra_agrees_with_the_direction(X, bias):
    problem = make(X, bias=bias)
    for atom in wedge_dictionary(problem)[:8]:
        product, dual = atom_galgebra(problem, atom)
        assert product.grades == [problem.dimension - 1] or problem.dimension == 1
        coordinates = [F(str(sympy.expand(c))) for c in dual.blade_coefs(product.Ga.mv())]
        assert is_positive_multiple(coordinates, atom.direction)
