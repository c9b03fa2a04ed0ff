"""The certified optimum: oracles of the fact sheets, the independent checker, degenerate data."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from exactnet.certificate import Status
from exactnet.convex import objective, optimum, path_objective
from exactnet.errors import InputError, LimitReached, UnsupportedError
from exactnet.model import Dataset
from tests.convex.problems import DUP, PE, RANK1, XOR, A, B, Q, problem, tied_problems

# values of the fact sheets, each found by a conic solver, a cutting-plane dual and multi-start training
ENCLOSED = [
    *[
        (A, beta, "none", value)
        for beta, value in (
            ("1/100", "0.0245267478"),
            ("1/20", "0.1212337388"),
            ("1/10", "0.238967477525"),
            ("1/4", "0.5713428441"),
            ("1/2", "1.073770178483"),
            (1, "1.893614632839"),
            (2, "2.818306315"),
            (3, "3.076118812"),
        )
    ],
    (XOR, "1/10", "none", "0.2728427125"),
    (XOR, "1/2", "none", "1.1642135624"),
    (PE, "1/1000", "penalised", "0.0101168281"),
    (PE, "1/100", "penalised", "0.1000738271"),
    (PE, "1/10", "penalised", "0.8914472026"),
    (DUP, "3/10", "none", "5.7302603544"),
    (RANK1, "3/10", "none", "0.7506722826"),
    (A, "1/10", "free", "0.155983312563"),
    (A, "1/2", "free", "0.709930567431"),
    (B, "1/2", "none", "1.3966319177"),
    (Q, "1/20", "penalised", "0.2109219876"),
    (Q, "1/10", "penalised", "0.3608452378"),
]


def within_printed_digits(lower, upper, text):
    """Whether [lower, upper] meets the interval of numbers that print as `text`."""
    half = Fraction(1, 2 * 10 ** len(text.split(".")[1]))
    return lower <= Fraction(text) + half and upper >= Fraction(text) - half


@pytest.mark.parametrize(("data", "beta", "bias", "value"), ENCLOSED)
def test_weight_decay_oracles(data, beta, bias, value):
    result = optimum(problem(data, beta, "l2", bias))
    best = result.value
    assert within_printed_digits(best.lower, best.upper, value)
    assert best.relative_gap <= Fraction(1, 10**9)
    assert result.status is Status.PROVED
    assert result.check().accepted
    assert len(best.network.neurons) <= best.problem.n_samples


EXACT = [
    (A, "1/10", "l1", "none", "614627/1960000"),
    (A, "1/2", "l1", "none", "2161/1575"),
    (A, "1/10", "l1", "free", "6557/32400"),
    (A, "1/2", "l1", "free", "1157/1296"),
    (A, "1/2", "l1", "penalised", "2161/1575"),
    (B, "1/2", "l1", "none", "198675567/99123200"),
    (Q, "1/20", "l2", "free", "7/40"),
    (Q, "1/10", "l2", "free", "3/10"),
    (Q, "1/10", "l1", "free", "3/10"),
    (PE, "1/10", "l2", "free", "18/25"),
    (PE, "1/1000", "l2", "free", "999/125000"),
    (([[-1], [1]], [1, 2]), "1/10", "l2", "none", "29/100"),
]


@pytest.mark.parametrize(("data", "beta", "norm", "bias", "value"), EXACT)
def test_rational_oracles(data, beta, norm, bias, value):
    result = optimum(problem(data, beta, norm, bias))
    assert result.value.lower == result.value.upper == Fraction(value)
    assert result.check().accepted


@pytest.mark.parametrize(
    ("data", "n_patterns"), [(A, 8), (XOR, 4), (DUP, 4), (RANK1, 2), (([[0, 0]], [1]), 1), (([[2]], [1]), 2)]
)
def test_pattern_counts(data, n_patterns):
    for norm in ("l1", "l2"):
        assert optimum(problem(data, "3/10", norm)).value.n_patterns == n_patterns


def test_width_threshold_network():
    """Three neurons suffice on A at beta = 1/2 (fact sheet: m* = 3), two of them on sample walls."""
    best = optimum(problem(A, "1/2")).value
    assert len(best.network.neurons) == 3
    rows = best.problem.homogenised
    on_walls = [
        any(sum(a * b for a, b in zip(row, n.u, strict=True)) == 0 for row in rows)
        for n in best.network.neurons
    ]
    assert sum(on_walls) == 2


@pytest.mark.parametrize("beta", ["4", "1000"])
def test_large_beta_gives_the_zero_network_exactly(beta):
    best = optimum(problem(A, beta)).value
    assert best.is_exact
    assert best.network.neurons == ()
    assert best.upper == Fraction(25, 8)


@settings(max_examples=40, deadline=None)
@given(tied_problems())
def test_tied_data_are_proved_and_checked(task):
    result = optimum(task)
    best = result.value
    assert result.check().accepted, result.check().line
    assert best.lower <= best.upper
    assert best.relative_gap <= Fraction(1, 10**9)
    reach = path_objective(task, best.network) if task.is_polyhedral else objective(task, best.network)
    assert best.lower <= reach <= best.upper


@settings(max_examples=15, deadline=None)
@given(tied_problems(norms=("l2",)))
def test_no_random_network_beats_the_lower_bound(task):
    from exactnet.certificate.types import Neuron
    from exactnet.convex import TwoLayer

    best = optimum(task).value
    random = np.random.default_rng(0)
    for _ in range(20):
        neurons = tuple(
            Neuron(
                tuple(Fraction(float(x)) for x in random.standard_normal(task.dimension)), Fraction(float(a))
            )
            for a in random.standard_normal(3)
        )
        assert objective(task, TwoLayer(neurons)) >= best.lower


def test_scaling_law():
    """(X, y, beta) -> (c X, s y, c s beta) scales the optimum by s^2 (substitute z -> s z / c)."""
    rows, targets = A
    c, s = Fraction(3, 1000), Fraction(70000)
    scaled = ([[c * x for x in row] for row in rows], [s * y for y in targets])
    one, two = optimum(problem(A, "1/2")).value, optimum(problem(scaled, c * s / 2)).value
    assert s**2 * one.lower <= two.upper
    assert two.lower <= s**2 * one.upper
    assert two.relative_gap <= Fraction(1, 10**9)


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_float_data_of_many_digits(bias):
    random = np.random.default_rng(3)
    data = (random.standard_normal((20, 2)).tolist(), random.standard_normal(20).tolist())
    result = optimum(problem(data, "1/2", "l2", bias))
    assert result.value.relative_gap <= Fraction(1, 10**9)
    assert result.check().accepted


def test_rounded_data_with_parallel_rows():
    """Data on a grid of tenths: the float prototypes of the fact sheet stalled at a gap of 79 per cent."""
    random = np.random.default_rng(1)
    rows = [[Fraction(int(x), 10) for x in row] for row in random.integers(-15, 16, (60, 2))]
    targets = [Fraction(int(y), 10) for y in random.integers(-20, 21, 60)]
    result = optimum(problem((rows, targets), "1/2"))
    assert result.value.relative_gap <= Fraction(1, 10**9)
    assert result.check().accepted


@pytest.mark.slow
@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
def test_sixty_samples_in_three_dimensions(bias):
    random = np.random.default_rng(0)
    rows = random.standard_normal((60, 3))
    hidden = np.maximum(rows @ random.standard_normal((3, 3)), 0.0)
    targets = hidden @ random.standard_normal(3) + 0.3 * random.standard_normal(60)
    result = optimum(problem((rows.tolist(), targets.tolist()), "1/2", "l2", bias))
    assert result.value.relative_gap <= Fraction(1, 10**9)
    assert result.status is Status.PROVED
    if bias == "none":
        assert result.check().accepted


def test_too_many_cells():
    random = np.random.default_rng(0)
    data = Dataset.from_arrays(random.standard_normal((200, 6)), random.standard_normal(200))
    with pytest.raises(LimitReached, match="limit"):
        optimum(data, beta=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"beta": 0}, "positive"),
        ({"beta": -1}, "positive"),
        ({"beta": "1/2", "norm": "l3"}, "unknown norm"),
        ({"beta": "1/2", "bias": "some"}, "unknown bias"),
        ({}, "missing"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        optimum(Dataset.from_arrays(*A), **arguments)


@pytest.mark.parametrize("bias", ["none", "penalised", "free"])
@pytest.mark.parametrize(
    ("size_x", "size_y", "beta"),
    [(400, 0, 0), (-400, 0, 0), (0, 400, 0), (0, -400, 0), (0, 0, 400), (0, 0, -400)],
)
def test_numbers_beyond_floats_are_refused_or_still_exact(size_x, size_y, beta, bias):
    """The l1 optimum never needs floats; the l2 search says what to do."""
    x, y, b = (Fraction(10) ** e for e in (size_x, size_y, beta))
    data = ([[x * v for v in row] for row in A[0]], [y * v for v in A[1]])
    with pytest.raises(UnsupportedError, match="change units"):
        optimum(problem(data, b, "l2", bias))
    exact = optimum(problem(data, b, "l1", bias))
    assert exact.value.is_exact
    assert exact.check().accepted


@pytest.mark.parametrize("beta", [Fraction(10) ** 60, Fraction(1, 10**30), Fraction(1, 10**60)])
def test_hopeless_sizes_still_give_true_bounds(beta):
    result = optimum(problem(A, beta))
    assert result.check().accepted
    assert 0 <= result.value.lower <= result.value.upper
    assert result.status is (Status.PROVED if beta > 1 else Status.UNDECIDED)


def test_a_requested_gap_out_of_reach_is_undecided_not_proved():
    result = optimum(problem(A, "1/2"), gap=Fraction(1, 10**40))
    assert result.status is Status.UNDECIDED
    assert "wider than" in result.sentence
    assert result.check().accepted
