"""What every optimizer on every backend promises."""

from __future__ import annotations

from fractions import Fraction

import pytest

from exactnet.convex import TwoLayer, objective
from exactnet.crosscheck import train
from tests.crosscheck.cases import (
    BELOW_OPTIMUM_A,
    DEGENERATE,
    OPTIMUM_A,
    OPTIMUM_A_L1,
    SETTINGS,
    WAYS,
    problem,
    trained_on_a,
)


@pytest.mark.parametrize(("optimizer", "backend"), WAYS, ids=["-".join(way) for way in WAYS])
class TestEveryWayToTrain:
    @pytest.fixture(autouse=True)
    def _needs_torch(self, backend):
        if backend == "torch":
            pytest.importorskip("torch")

    @pytest.fixture
    def run(self, optimizer, backend):
        def run(p, **arguments):
            arguments = {"n_seeds": 3, "n_steps": 40, **arguments}
            return train(p, optimizer=optimizer, backend=backend, **arguments)

        return run

    @pytest.mark.parametrize(("norm", "bias"), SETTINGS)
    def test_the_objective_falls_and_the_stated_conventions_hold(self, run, norm, bias):
        p = problem(norm=norm, bias=bias)
        for before, after in zip(run(p, n_steps=0), run(p), strict=True):
            assert objective(p, after.network) < objective(p, before.network)
            assert all(len(neuron.u) == p.dimension for neuron in after.network.neurons)
            assert (after.network.t == 0) == (bias != "free")
            assert after.seed == before.seed
            assert before.n_steps == 0

    @pytest.mark.parametrize(("norm", "bias"), [("l2", "none"), ("l1", "free")])
    def test_the_reported_loss_is_that_of_the_exact_weights(self, run, norm, bias):
        p = problem(norm=norm, bias=bias)
        for trained in run(p):
            assert trained.approx_loss == pytest.approx(float(objective(p, trained.network)), rel=1e-12)

    def test_seeds_can_be_repeated_and_do_not_see_one_another(self, run):
        p = problem(bias="penalised")
        together = run(p, n_seeds=5)
        assert together == run(p, n_seeds=5)
        assert [trained.seed for trained in together] == [0, 1, 2, 3, 4]
        assert len({trained.network for trained in together}) == 5
        assert run(p, n_seeds=2, seed=3) == together[3:]

    def test_every_way_starts_from_the_same_network(self, run):
        p = problem(norm="l1", bias="free")
        here = [trained.network for trained in run(p, n_steps=0, seed=7)]
        assert here == [trained.network for trained in train(p, n_steps=0, seed=7, n_seeds=3)]

    @pytest.mark.parametrize("name", DEGENERATE)
    def test_degenerate_data(self, run, name):
        p = problem(DEGENERATE[name], "1/10")
        for width in (1, 4):
            starts = run(p, n_steps=0, n_neurons=width, n_seeds=2)
            for before, after in zip(starts, run(p, n_neurons=width, n_seeds=2), strict=True):
                assert objective(p, after.network) <= objective(p, before.network)

    def test_a_network_that_starts_dead(self, run):
        # width 1 and one sample: about half of the seeds start inactive, where the fit has no gradient
        p = problem(([[1]], [1]), "1/2")
        starts = run(p, n_neurons=1, n_steps=0, n_seeds=8)
        ends = run(p, n_neurons=1, n_seeds=8, n_steps=200)
        dead = [i for i, start in enumerate(starts) if start.network.neurons[0].u[0] < 0]
        assert dead
        for i in dead:
            # 3/8 is the optimum: a long step may carry the neuron over to the living side
            assert Fraction(3, 8) <= objective(p, ends[i].network) < objective(p, starts[i].network)

    def test_every_network_is_above_the_optimum_and_the_best_is_near(self, optimizer, backend):
        networks = trained_on_a(optimizer, backend)
        values = [objective(problem(), trained.network) for trained in networks]
        assert min(values) >= BELOW_OPTIMUM_A  # a theorem
        assert float(min(values)) < OPTIMUM_A * (1 + 1e-4)

    def test_the_same_for_the_l1_norm(self, optimizer, backend):
        networks = trained_on_a(optimizer, backend, norm="l1")
        values = [objective(problem(norm="l1"), trained.network) for trained in networks]
        assert min(values) >= OPTIMUM_A_L1  # a theorem, and the optimum is that fraction
        assert min(values) < OPTIMUM_A_L1 * (1 + Fraction(1, 10**3))

    def test_zero_targets_lead_to_the_zero_network(self, run):
        p = problem(DEGENERATE["zero targets"], "2")
        start, end = run(p, n_steps=0), run(p, n_steps=800)
        for before, after in zip(start, end, strict=True):
            assert objective(p, after.network) < objective(p, before.network) / 10**5

    def test_a_weight_decay_that_is_too_strong_kills_the_network(self, run):
        # beta is above beta_max = 3.8078865..., so the zero network is optimal
        p = problem(beta=8)
        least = objective(p, TwoLayer(()))
        for trained in run(p, n_steps=800):
            assert least <= objective(p, trained.network) < least * Fraction(101, 100)


@pytest.mark.parametrize(("optimizer", "backend"), [way for way in WAYS if way[0] != "lbfgs"])
@pytest.mark.parametrize("learning_rate", [1e3, 1e12, 1e300])
def test_steps_far_too_long_never_give_weights_that_are_no_numbers(optimizer, backend, learning_rate):
    if backend == "torch":
        pytest.importorskip("torch")
    how = {"optimizer": optimizer, "backend": backend, "n_seeds": 3}
    p = problem(bias="free")
    starts = train(p, n_steps=0, **how)
    for before, after in zip(starts, train(p, n_steps=200, learning_rate=learning_rate, **how), strict=True):
        assert objective(p, after.network) <= objective(p, before.network)
        if optimizer in ("gd", "sgd") and learning_rate < 1e6:  # these recover by themselves
            assert objective(p, after.network) < objective(p, before.network)
