import pickle
from fractions import Fraction

import numpy as np
import pytest

from exactnet.errors import InexactInputError, InputError, ShapeError
from exactnet.exact import RationalMatrix
from exactnet.model import Dataset, Provenance


def test_from_arrays_is_exact() -> None:
    data = Dataset.from_arrays(np.array([[0.1, 2.0]]), np.array([3], dtype=np.int8))
    assert data.features.row(0) == (Fraction(0.1), Fraction(2))
    assert data.features.row(0) != (Fraction(1, 10), Fraction(2))
    assert data.targets == (Fraction(3),)
    assert (data.n_samples, data.n_features) == (1, 2)
    assert (data.feature_names, data.target_name) == (("x1", "x2"), "y")
    assert data.provenance.stored_dtype == "float64 + int8"


def test_text_is_decimal() -> None:
    assert Dataset.from_arrays([["0.1"]], ["1e-3"]).features.row(0) == (Fraction(1, 10),)


def test_take() -> None:
    data = Dataset.from_arrays([[1, 2], [3, 4], [5, 6]], [7, 8, 9], feature_names=["a", "b"], target_name="t")
    part = data.take(samples=[2, 0], features=["b", "a"])
    assert part.features == RationalMatrix.from_rows([[6, 5], [2, 1]])
    assert part.targets == (Fraction(9), Fraction(7))
    assert (part.feature_names, part.target_name) == (("b", "a"), "t")
    assert data.take() == data
    with pytest.raises(InputError, match="one of a, b"):
        data.take(features=["c"])
    with pytest.raises(InputError, match="0 to 2"):
        data.take(samples=[3])
    with pytest.raises(InputError, match="0 to 2"):
        data.take(samples=[-1])
    with pytest.raises(ShapeError, match="empty"):
        data.take(features=[])
    with pytest.raises(ShapeError, match="empty"):
        data.take(samples=[])


def test_equality_ignores_the_origin_and_pickles() -> None:
    data = Dataset.from_arrays([[1]], [2])
    assert data == Dataset.from_arrays([["1"]], [2.0], provenance=Provenance("elsewhere"))
    assert pickle.loads(pickle.dumps(data)) == data
    assert hash(data) == hash(Dataset.from_arrays([[1]], [2]))


def test_repr_is_short() -> None:
    text = repr(Dataset.from_arrays(np.ones((3, 9)), np.ones(3)))
    assert (
        text == "Dataset(3 samples, 9 features: x1, x2, x3, x4, x5, x6, ...; target y; from arrays in memory)"
    )


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        ([], [], "empty"),
        ([[]], [1], "empty"),
        ([[1]], [1, 2], "the numbers of samples and of targets differ"),
        ([[1], [2, 3]], [1, 2], "rows of different length"),
        ([1, 2], [1, 2], "not a table"),
        (np.ones(2), np.ones(2), "not a table"),
        (np.ones((2, 1)), np.ones((2, 1)), r"\.ravel\(\)"),
        ([[1]], 5, "not a list of numbers"),
    ],
)
def test_wrong_shapes(X: object, y: object, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        Dataset.from_arrays(X, y)


def test_wrong_numbers_are_located() -> None:
    with pytest.raises(InexactInputError, match="X, row 1, column 0"):
        Dataset.from_arrays([[1], [float("inf")]], [1, 2])
    with pytest.raises(InexactInputError, match="y, entry 1"):
        Dataset.from_arrays([[1], [2]], [1, float("nan")])
    with pytest.raises(InputError, match="not a number"):
        Dataset.from_arrays([[True]], [1])


def test_names_must_fit() -> None:
    with pytest.raises(ShapeError, match="feature_names"):
        Dataset.from_arrays([[1]], [1], feature_names=["a", "b"])
    with pytest.raises(InputError, match="two features have the same name"):
        Dataset.from_arrays([[1, 2]], [1], feature_names=["a", "a"])
