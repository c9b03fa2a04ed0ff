"""One execution in binary32: rounding is seen, and lies inside the noise that the attack allows for."""

from fractions import Fraction

import numpy as np

from exactnet.model import Network, Property
from exactnet.model.property import Row
from exactnet.verify import verify
from exactnet.verify.float_cases import float_cases
from exactnet.verify.lowered import lowered
from exactnet.verify.replay import float32_replay


def test_a_violation_that_rounding_undoes() -> None:
    tiny = Fraction(1, 2**30)
    network = Network.from_arrays([([[1, 1]], [0])])
    # x_0 + x_1 > 1 with x_0 = 1 and x_1 <= 2^-30: true over the reals, false in every binary32 execution
    prop = Property.from_box([1, 0], [1, tiny], [[Row.from_terms({}, {0: -1}, -1, strict=True)]])
    result = verify(network, prop, semantics="both")
    assert {name: status.name for name, status in result.value.statuses.items()} == {
        "real": "REFUTED",
        "float32": "UNDECIDED",
    }
    assert result.value.replay is not None
    assert result.value.replay.outputs == (1,)
    assert not result.value.replay.is_violated


def test_the_replay_is_within_the_noise() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in ((30, 4), (30,), (2, 30), (2,))]
    network = Network.from_arrays([(arrays[0], arrays[1]), (arrays[2], arrays[3])])
    prop = Property.from_box([-1] * 4, [1] * 4, [[Row.from_terms({}, {0: 1, 1: -1}, 0)]])
    group = next(float_cases(lowered(network), prop))
    for _ in range(20):
        x = rng.uniform(-1, 1, 4).astype(np.float32)
        point = tuple(Fraction(float(v)) for v in x)
        replay = float32_replay(lowered(network), prop, point)
        assert replay is not None
        exact = network(point)
        _, noise = group.rows_with_noise(x.astype(np.float64))
        assert abs((replay.outputs[0] - replay.outputs[1]) - (exact[0] - exact[1])) <= noise[0]


def test_overflow_is_no_answer() -> None:
    network = Network.from_arrays([([[2.0**100]], [0]), ([[2.0**100]], [0])])
    prop = Property.from_box([1], [2], [[]])
    assert float32_replay(lowered(network), prop, (Fraction(1),)) is None
