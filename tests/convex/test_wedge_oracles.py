"""The Lasso over the wedge dictionary is the training problem: known optima, dual feasibility everywhere."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.convex.clifford import atom_neuron, feature_columns, wedge_dictionary
from exactnet.convex.lasso import solve_lasso
from exactnet.convex.program import TwoLayer, path_objective, predictions, training_problem
from exactnet.model import Dataset

F = Fraction
BIASES = ("none", "penalised", "free")


def make(X, y=None, *, beta="1/2", norm="l1", bias="none"):
    targets = y if y is not None else list(range(1, len(X) + 1))
    return training_problem(Dataset.from_arrays(X, targets), beta=beta, norm=norm, bias=bias)


def solve(problem, **options):
    atoms = wedge_dictionary(problem, **options)
    columns = feature_columns(problem, atoms)
    intercept = problem.bias == "free"
    return atoms, solve_lasso(columns, problem.targets, beta=problem.beta, intercept=intercept)


@st.composite
def problems(draw, *, max_features=3, max_samples=5, size=2):
    d = draw(st.integers(1, max_features))
    n = draw(st.integers(1, max_samples))
    X = [[draw(st.integers(-size, size)) for _ in range(d)] for _ in range(n)]
    y = [draw(st.integers(-3, 3)) for _ in range(n)]
    return make(
        X, y, beta=draw(st.sampled_from([F(1, 10), F(1, 2), F(2)])), bias=draw(st.sampled_from(BIASES))
    )


A = [[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, F(1, 2)]
B = [[-1, 3, 0], [-4, 2, 2], [3, -3, -4], [3, -4, 0], [-4, -2, 0], [-1, -1, -4]], [-3, -3, -3, 1, 0, 1]
B2 = [[-1, 0, 2], [4, -4, 4], [0, -1, 2], [1, -2, -2], [2, 1, 0]], [-1, 3, -2, -2, 1]


@pytest.mark.parametrize(
    ("data", "bias", "beta", "n_atoms", "value"),
    [
        (A, "none", "1/10", 12, F(614627, 1960000)),
        (A, "none", "1/2", 12, F(2161, 1575)),
        (A, "free", "1/10", 24, F(6557, 32400)),
        (A, "free", "1/2", 24, F(1157, 1296)),
        (A, "penalised", "1/2", None, F(2161, 1575)),
        (B, "none", "1/2", None, F(198675567, 99123200)),
        (B2, "free", "1/2", 92, F(12497, 12672)),
    ],
)
def test_oracles(data, bias, beta, n_atoms, value):
    atoms, solution = solve(make(*data, beta=beta, bias=bias))
    assert solution.value == value
    assert n_atoms is None or len(atoms) == n_atoms
    if data is B2:
        assert abs(solution.value - F("0.9861900253")) < F(1, 10**10)


@pytest.mark.parametrize(
    ("beta", "digits"),
    [("0.01", "0.0323537092"), ("0.05", "0.1595570153"), ("0.25", "0.7432780612"), ("1", "2.2975510204"),
     ("2", "3.0121951220"), ("3", "3.1125")],
)  # fmt: skip
def test_further_values_without_bias(beta, digits):
    _, solution = solve(make(*A, beta=beta))
    assert abs(solution.value - F(digits)) <= F(1, 10**10)


@pytest.mark.parametrize(
    ("data", "bias", "value"),
    [
        (A, "none", F(6737, 4900)),
        (A, "free", F(1295, 1296)),
        (B, "none", F("2.264198129")),
        (B2, "free", F("1.4824904721")),
    ],
)
def test_samples_alone_are_an_incomplete_dictionary(data, bias, value):
    problem = make(*data, bias=bias)
    _, partial = solve(problem, axes=False)
    full_atoms, full = solve(problem)
    assert abs(partial.value - value) < F(1, 10**9)
    assert partial.value > full.value
    # the reason: the residual of the small dictionary violates the dual constraint at an atom with an axis
    columns = feature_columns(problem, full_atoms)
    inner = [
        sum(a * b for a, b in zip(columns.column(j), partial.residual, strict=True))
        for j in range(len(full_atoms))
    ]
    violated = [atom for atom, x in zip(full_atoms, inner, strict=True) if abs(x) > problem.beta]
    assert violated
    assert all(atom.axes for atom in violated)


ONE_DIMENSIONAL = [
    ((-1, 0, 1, 2), (0, 1, 0, 1), {"1/20": F(7, 40), "1/10": F(3, 10)}),
    ((-2, -1, 0, 1, 2), (1, -1, 1, 1, -1), {"1/10": F(18, 25), "1/1000": F(999, 125000)}),
    ((0, 2, 6, 7), (0, 0, 3, 3), {"1/10": F(51, 400), "1": F(301, 432)}),
    ((0, 2, 6, 7), (0, 0, 3, 7), {"1/10": F(39, 100), "1": F(3)}),
    ((0, 4, 5, 7, 10, 11), (0, 0, 0, 2, 3, 3), {"1/10": F(287, 1600), "1": F(5283, 6596)}),
]


@pytest.mark.parametrize("norm", ["l1", "l2"])
@pytest.mark.parametrize(("x", "y", "values"), ONE_DIMENSIONAL)
def test_one_dimension_with_free_bias(x, y, values, norm):
    for beta, value in values.items():
        atoms, solution = solve(make([[t] for t in x], y, beta=beta, norm=norm, bias="free"))
        assert len(atoms) == 2 * len(x)
        assert solution.value == value


def test_one_dimension_needs_output_bias_and_both_directions():
    problem = make([[-1], [0], [1], [2]], [0, 1, 0, 1], beta="1/20", bias="free")
    atoms = wedge_dictionary(problem)
    columns = feature_columns(problem, atoms)
    without = solve_lasso(columns, problem.targets, beta=problem.beta, intercept=False)
    assert without.value == F("0.1784375")
    rising = [columns.column(j) for j, atom in enumerate(atoms) if atom.direction[0] > 0]
    one_way = solve_lasso(rising, problem.targets, beta=problem.beta, intercept=True)
    assert one_way.value == F("0.2125")


@settings(max_examples=60, deadline=None)
@given(problems(max_samples=4), st.lists(st.lists(st.integers(-4, 4), min_size=4, max_size=4), max_size=20))
def test_the_residual_is_dual_feasible_in_every_direction(problem, directions):
    """The theorem behind the dictionary: |sum_i v_i (z_i.u)_+| <= beta ||u||_1 for all u, not only atoms."""
    atoms, solution = solve(problem)
    v = solution.residual
    if problem.bias == "free":
        assert sum(v) == 0
    for direction in directions:
        u = direction[: problem.dimension]
        norm = sum(abs(u[k]) for k in problem.penalised)
        features = [max(sum(a * b for a, b in zip(row, u, strict=True)), F(0)) for row in problem.homogenised]
        assert abs(sum(a * b for a, b in zip(v, features, strict=True))) <= problem.beta * norm
    # and the dual value equals the objective of the recovered network
    dual = sum(a * b for a, b in zip(v, problem.targets, strict=True)) - sum(x * x for x in v) / 2
    neurons = [
        atom_neuron(problem, atoms[j], z)
        for j, z in zip(solution.support, solution.coefficients, strict=True)
    ]
    assert dual == solution.value == path_objective(problem, TwoLayer(tuple(neurons), solution.intercept))


def test_a_known_network_is_another_vertex_of_the_same_optimum():
    problem = make(*A, beta="1/10", bias="free")
    _, solution = solve(problem)
    known = {(-2, 3, 1): F(-515, 648), (0, -1, -1): F(-31, 45), (0, 1, 1): F(-173, 360)}
    atoms = {atom.direction: atom for atom in wedge_dictionary(problem)}
    neurons = tuple(atom_neuron(problem, atoms[u], z) for u, z in known.items())
    network = TwoLayer(neurons, F(347, 180))
    assert path_objective(problem, network) == solution.value
    fits = predictions(problem, network)
    assert tuple(y - f for y, f in zip(problem.targets, fits, strict=True)) == solution.residual


def test_sixty_samples_in_the_plane_are_quick():
    X = [[(i * 37 + 11) % 101 - 50, (i * i * 17 + 5) % 103 - 51] for i in range(60)]
    problem = make(X, [(i * 7) % 5 - 2 for i in range(60)], beta="3/10", bias="free")
    atoms, solution = solve(problem)
    assert 3000 < len(atoms) <= 2 * (comb(62, 2) - 1)
    assert len(solution.support) < 60
