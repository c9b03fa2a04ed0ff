import numpy as np
import pytest

from exactnet.errors import ShapeError
from exactnet.model.vector import vector


def test_entries() -> None:
    assert vector([], where="y") == []
    assert vector(np.array([0.5, 1]), where="y") == [0.5, 1.0]
    assert vector(iter([1, 2]), where="y") == [1, 2]
    assert vector([np.float32(0.5), np.array(2)], where="y") == [0.5, 2]


@pytest.mark.parametrize("values", ["12", None, 3, np.float64(3), np.ones((1, 2)), [[1]], [np.ones(2)]])
def test_other_things(values: object) -> None:
    with pytest.raises(ShapeError, match="not a list of numbers"):
        vector(values, where="y")
