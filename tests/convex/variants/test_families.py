"""Each family against its formula, written again in CVXPY, and against values known from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import cvxpy as cp
import numpy as np
import pytest

from exactnet.convex import (
    TrainingProblem,
    activation_patterns,
    optimum,
    training_problem,
    wedge_dictionary,
)
from exactnet.convex.variants import GroupProgram, minimum_of
from exactnet.convex.variants.cells import (
    decomposition_program,
    gated_program,
    normalised_program,
    relu_program,
    skip_program,
    two_piece_program,
)
from exactnet.convex.variants.convolution import circular_program, patches, pooled_program
from exactnet.convex.variants.parallel import three_layer_program
from exactnet.convex.variants.polynomial import polynomial_program
from exactnet.convex.variants.vector_output import extreme_rays, nuclear_program, planar_program
from exactnet.convex.variants.wedge_l2 import anchor_program, wedge_program
from exactnet.errors import ShapeError, UnsupportedError
from exactnet.model import Dataset

F = Fraction
FOUR = ([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
REPEATED = ([[1, 1], [1, 1], [2, 2], [0, 0], [-1, 2]], [1, 2, 1, 3, -1])
LINE = ([[1, 2], [-1, -2], [2, 4], [-3, -6]], [1, -1, 2, "1/2"])
ONE = ([[2, 3]], [1])
SPACE = ([[-1, 3, 0], [-4, 2, 2], [3, -3, -4], [3, -4, 0], [-4, -2, 0], [-1, -1, -4]], [-3, -3, -3, 1, 0, 1])
DATA = {"four": FOUR, "repeated": REPEATED, "line": LINE, "one": ONE, "space": SPACE}


def posed(data: Any, beta: str = "1/2", **settings: str) -> TrainingProblem:
    return training_problem(Dataset.from_arrays(*data), beta=beta, **settings)


def certified(program: GroupProgram) -> float:
    """The certified value, accepted by the checker and narrow."""
    result = minimum_of(program)
    assert result.check().accepted
    assert result.value.interval.width < F(1, 10**8)
    return float(result.value.upper)


class Twin:
    """The cell programmes in CVXPY, from their formulas; `lines` are built by the tests."""

    def __init__(self, problem: TrainingProblem) -> None:
        self.X = np.array([[float(x) for x in row] for row in problem.homogenised])
        self.y = np.array([float(y) for y in problem.targets])
        self.beta = float(problem.beta)
        self.patterns = [np.array([bit == "1" for bit in p]) for p in activation_patterns(problem)]
        self.fit: Any = 0
        self.penalty: Any = 0
        self.constraints: list[Any] = []

    def vector(self, pattern: Any, *, cone: bool = True) -> Any:
        z = cp.Variable(self.X.shape[1])
        if cone:
            self.constraints.append(cp.multiply(2 * pattern - 1, self.X @ z) >= 0)
        return z

    def value(self) -> float:
        objective = 0.5 * cp.sum_squares(self.fit - self.y) + self.beta * self.penalty
        return float(cp.Problem(cp.Minimize(objective), self.constraints).solve(solver=cp.CLARABEL))


def relu_twin(problem: TrainingProblem, kappa: float = 0.0, norm: Callable[..., Any] | None = None) -> Twin:
    twin = Twin(problem)
    for pattern in twin.patterns:
        slopes = np.where(pattern, 1.0, kappa)
        for sign in (1, -1):
            z = twin.vector(pattern)
            image = cp.multiply(slopes, twin.X @ z)
            twin.fit += sign * image
            twin.penalty += cp.norm(z, 2) if norm is None else norm(image)
    return twin


@pytest.mark.parametrize("name", DATA)
def test_relu_and_gated(name: str) -> None:
    problem = posed(DATA[name])
    relu = certified(relu_program(problem))
    assert relu == pytest.approx(relu_twin(problem).value(), abs=1e-6)
    assert relu == pytest.approx(float(optimum(problem).value.upper), rel=1e-7)
    twin = Twin(problem)
    for pattern in twin.patterns:
        u = twin.vector(pattern, cone=False)
        twin.fit += cp.multiply(pattern, twin.X @ u)
        twin.penalty += cp.norm(u, 2)
    gated = certified(gated_program(problem))
    assert gated == pytest.approx(twin.value(), abs=1e-6)
    assert gated <= relu + 1e-9


@pytest.mark.parametrize(
    ("kappa", "value"), [("1/10", 1.1595086751), ("-1", 1.4417464895), ("1", 2.5374642316)]
)
def test_two_piece_activations(kappa: str, value: float) -> None:
    problem = posed(FOUR)
    found = certified(two_piece_program(problem, kappa=F(kappa)))
    assert found == pytest.approx(value, abs=1e-9)
    assert found == pytest.approx(relu_twin(problem, float(F(kappa))).value(), abs=1e-6)


def test_kappa_one_is_a_linear_model_that_pays_once() -> None:
    """With kappa = 1 every neuron is linear: 1/2 |X w - y|^2 + beta |w|."""
    problem = posed(FOUR)
    twin = Twin(problem)
    w = twin.vector(None, cone=False)
    twin.fit, twin.penalty = twin.X @ w, cp.norm(w, 2)
    assert certified(two_piece_program(problem, kappa=F(1))) == pytest.approx(twin.value(), abs=1e-6)


@pytest.mark.parametrize("name", ["four", "repeated", "line"])
def test_normalised_units(name: str) -> None:
    problem = posed(DATA[name])
    twin = relu_twin(problem, norm=lambda image: cp.norm(image, 2))
    assert certified(normalised_program(problem)) == pytest.approx(twin.value(), abs=1e-6)


def test_normalised_units_of_the_four_points() -> None:
    assert certified(normalised_program(posed(FOUR))) == pytest.approx(1.66522291420, abs=1e-10)


@pytest.mark.parametrize("weight", ["1/100", "1/2", "5"])
def test_skip_connection(weight: str) -> None:
    problem = posed(FOUR)
    twin = relu_twin(problem)
    w = twin.vector(None, cone=False)
    twin.fit += twin.X @ w
    twin.penalty += 2 * float(F(weight)) * cp.norm(w, 2)
    found = certified(skip_program(problem, weight=F(weight)))
    assert found == pytest.approx(twin.value(), abs=1e-6)
    # a linear neuron can only help, and a dear one is not used
    assert found <= certified(relu_program(problem)) + 1e-9


def test_the_cone_decomposition_of_a_vector() -> None:
    """In the cone of (1, 0), (0, 1) the vector (3, -4) is (3, 0) - (0, 4): 7 at the least."""
    problem = posed(([[1, 0], [0, 1]], [0, 0]))
    assert certified(decomposition_program(problem, "11", (F(3), F(-4)))) == pytest.approx(7)
    assert certified(decomposition_program(problem, "11", (F(3), F(4)))) == pytest.approx(5)


def test_a_free_bias_or_another_norm_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="weight decay"):
        gated_program(posed(FOUR, bias="free"))
    with pytest.raises(UnsupportedError, match="weight decay"):
        relu_program(posed(FOUR, norm="l1"))


# ------------------------------------------------------------------------------------ several outputs

OUTPUTS = [[F(x) for x in row] for row in ((1, 0), (0, 1), (-1, 1), (F(1, 2), -1))]


def test_nuclear_lower_bound() -> None:
    problem = posed(FOUR, "3/10")
    twin = Twin(problem)
    Y = np.array([[float(x) for x in row] for row in OUTPUTS])
    fit, penalty = 0, 0
    for pattern in twin.patterns:
        V = cp.Variable((2, 2))
        fit, penalty = fit + pattern[:, None] * twin.X @ V, penalty + cp.normNuc(V)
    task = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(fit - Y) + 0.3 * penalty))
    found = certified(nuclear_program(problem, OUTPUTS))
    assert found == pytest.approx(task.solve(solver=cp.CLARABEL), abs=1e-6)
    assert found == pytest.approx(0.4543292815, abs=1e-9)


def test_the_planar_programme_is_feasible_for_the_dual_and_reached_by_networks() -> None:
    """The dual vector keeps its bound in every direction; a training run of random directions comes near."""
    problem = posed(FOUR, "3/10")
    best = minimum_of(planar_program(problem, OUTPUTS))
    assert best.check().accepted
    V = np.array([float(x) for x in best.value.dual.v]).reshape(4, 2)
    X = np.array([[float(x) for x in row] for row in problem.homogenised])
    turn = np.linspace(0, 2 * np.pi, 20_001)
    features = np.maximum(X @ np.array([np.cos(turn), np.sin(turn)]), 0)
    assert np.linalg.norm(V.T @ features, axis=0).max() <= 0.3 + 1e-9
    # above: a group Lasso over 400 fixed directions
    directions = features[:, ::50]
    G = cp.Variable((directions.shape[1], 2))
    Y = np.array([[float(x) for x in row] for row in OUTPUTS])
    task = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(directions @ G - Y) + 0.3 * cp.sum(cp.norm(G, 2, axis=1)))
    )
    above = task.solve(solver=cp.CLARABEL)
    assert float(best.value.lower) == pytest.approx(0.6181795803, abs=1e-9)
    assert float(best.value.lower) <= above <= float(best.value.lower) + 1e-4


def test_one_output_is_the_scalar_problem() -> None:
    problem = posed(FOUR)
    targets = [[y] for y in problem.targets]
    value = float(optimum(problem).value.upper)
    assert certified(planar_program(problem, targets)) == pytest.approx(value, rel=1e-7)


def test_planar_programmes_need_planar_data() -> None:
    with pytest.raises(UnsupportedError, match="planar"):
        planar_program(posed(SPACE), [[F(0)]] * 6)
    with pytest.raises(UnsupportedError, match="two rays"):
        extreme_rays(posed(LINE), activation_patterns(posed(LINE))[0])


# ------------------------------------------------------------------------------------ convolution, depth


def test_sum_pooling() -> None:
    signals = [[1, -2, 1], [2, 1, -1], [-1, 1, 3]]
    cut = patches([[F(x) for x in row] for row in signals], 2)
    found = certified(pooled_program(cut, [F(1), F(-1), F(2)], beta="3/10"))
    assert found == pytest.approx(0.2940301404, abs=1e-9)
    X = [np.array([[float(x) for x in row] for row in patch]) for patch in cut]
    stacked = training_problem(
        Dataset.from_arrays([list(map(str, r)) for p in cut for r in p], [0] * 6), beta=1
    )
    fit, penalty, constraints = 0, 0, []
    for pattern in activation_patterns(stacked):
        D = np.array([bit == "1" for bit in pattern]).reshape(2, 3)
        for sign in (1, -1):
            z = cp.Variable(2)
            fit += sign * sum(cp.multiply(D[k], X[k] @ z) for k in range(2))
            constraints += [cp.multiply(2 * D[k] - 1, X[k] @ z) >= 0 for k in range(2)]
            penalty += cp.norm(z, 2)
    task = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(fit - np.array([1, -1, 2])) + 0.3 * penalty), constraints
    )
    assert found == pytest.approx(task.solve(solver=cp.CLARABEL), abs=1e-6)
    with pytest.raises(ShapeError, match="every patch"):
        pooled_program(cut, [F(1)], beta=1)


@pytest.mark.parametrize("d", [1, 2, 3, 4, 6])
def test_circular_convolution(d: int) -> None:
    generator = np.random.default_rng(d)
    X = generator.integers(-3, 4, (3, d))
    y = [F(1), F(-1), F(2)]
    theta = cp.Variable(d)
    fourier = np.fft.fft(np.eye(d)) / np.sqrt(d)
    penalty = cp.sum(cp.abs(fourier @ theta)) * 0.3 / np.sqrt(d)
    task = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(X @ theta - np.array([1, -1, 2])) + penalty))
    found = certified(circular_program([[F(int(x)) for x in row] for row in X], y, beta="3/10"))
    assert found == pytest.approx(task.solve(solver=cp.CLARABEL), abs=1e-6)
    with pytest.raises(UnsupportedError, match="Fourier"):
        circular_program([[F(1)] * 5], [F(1)], beta=1)


def test_three_layers() -> None:
    problem = posed((FOUR[0][:3], FOUR[1][:3]))
    program, n_groups = three_layer_program(problem)
    found = certified(program)
    assert (found, n_groups) == (pytest.approx(0.7599777660, abs=1e-9), 150)
    # above: some of all ordered choices, cones without interior included
    twin = Twin(problem)
    choices = list(product(twin.patterns, twin.patterns, product((1, -1), repeat=2), range(1, 8)))
    for first, second, s, bits in choices[::17]:
        D = np.array([bits >> i & 1 for i in range(3)], dtype=bool)
        for sign in (1, -1):
            u, w = twin.vector(first), twin.vector(second)
            h = s[0] * cp.multiply(first, twin.X @ u) + s[1] * cp.multiply(second, twin.X @ w)
            twin.constraints.append(cp.multiply(2 * D - 1, h) >= 0)
            twin.fit += sign * cp.multiply(D, h)
            twin.penalty += cp.norm(cp.hstack([u, w]), 2)
    assert found <= twin.value() + 1e-6
    # below: no sub-network of random weights has a price above beta
    v = np.array([float(x) for x in minimum_of(program).value.dual.v])
    generator = np.random.default_rng(0)
    W, w = generator.normal(size=(20_000, 2, 2)), generator.normal(size=(20_000, 1, 2))
    outputs = np.maximum((np.maximum(twin.X @ W, 0) * w).sum(axis=2), 0)
    norms = np.sqrt((np.square(W).sum(axis=1) * np.square(w[:, 0])).sum(axis=1))
    assert (np.abs(outputs @ v) / norms).max() <= 0.5


@pytest.mark.parametrize(
    ("abc", "value"),
    [((1, 0, 0), 1.0545770146), (("0.09", "0.5", "0.47"), 1.7654698324), ((1, 1, 1), 0.3354204126)],
)
def test_polynomial_activations(abc: tuple[Any, ...], value: float) -> None:
    problem = posed(FOUR)
    a, b, c = (float(F(str(x))) for x in abc)
    twin = Twin(problem)
    fit = 0
    for sign in (1, -1):
        Z = cp.Variable((3, 3), PSD=True)
        twin.constraints.append(cp.trace(Z[:2, :2]) == Z[2, 2])
        quadratic = cp.sum(cp.multiply(twin.X @ Z[:2, :2], twin.X), axis=1)
        fit += sign * (a * quadratic + b * twin.X @ Z[:2, 2] + c * Z[2, 2])
        twin.penalty += Z[2, 2]
    twin.fit = fit
    found = certified(polynomial_program(problem, abc))
    assert found == pytest.approx(value, abs=1e-9)
    assert found == pytest.approx(twin.value(), abs=1e-6)


def test_pure_quadratics_are_a_nuclear_norm() -> None:
    problem = posed(FOUR)
    X = np.array([[float(x) for x in row] for row in problem.homogenised])
    M = cp.Variable((2, 2), symmetric=True)
    fit = cp.sum(cp.multiply(X @ M, X), axis=1)
    task = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(fit - np.array([1, -1, 2, 0.5])) + 0.5 * cp.normNuc(M))
    )
    assert certified(polynomial_program(problem, (1, 0, 0))) == pytest.approx(
        task.solve(solver=cp.CLARABEL), abs=1e-6
    )


# ------------------------------------------------------------------------------------ wedge products


@pytest.mark.parametrize("name", ["four", "repeated", "space"])
@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_wedge_programmes_are_above_training(name: str, bias: str) -> None:
    problem = posed(DATA[name], bias=bias)
    atoms = wedge_dictionary(problem, axes=False)
    found = certified(wedge_program(problem, atoms))
    Z = np.array([[float(x) for x in row] for row in problem.homogenised])
    U = np.array([atom.direction for atom in atoms], dtype=float)
    U /= np.linalg.norm(U[:, list(problem.penalised)], axis=1)[:, None]
    z, t = cp.Variable(len(atoms)), cp.Variable() if bias == "free" else 0
    fit = np.maximum(Z @ U.T, 0) @ z + t
    y = np.array([float(x) for x in problem.targets])
    task = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(fit - y) + 0.5 * cp.norm(z, 1)))
    assert found == pytest.approx(task.solve(solver=cp.CLARABEL), abs=1e-6)
    assert found >= float(optimum(problem).value.lower)


@pytest.mark.parametrize("name", ["four", "repeated"])
@pytest.mark.parametrize("beta", ["1/10", "1/2"])
def test_anchors_give_the_optimum_of_free_biases(name: str, beta: str) -> None:
    problem = posed(DATA[name], beta, bias="free")
    assert certified(anchor_program(problem)) == pytest.approx(float(optimum(problem).value.upper), abs=1e-8)
    with pytest.raises(UnsupportedError, match="anchors"):
        anchor_program(posed(DATA[name]))
