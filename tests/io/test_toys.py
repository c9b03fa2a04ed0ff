from __future__ import annotations

import sys
from fractions import Fraction

import pytest

from exactnet.errors import InputError, MissingExtraError
from exactnet.io import iris, load_dataset
from exactnet.io.toys import TOY_DATASETS


def test_iris_is_that_of_scikit_learn() -> None:
    bunch = pytest.importorskip("sklearn.datasets").load_iris()
    data = iris()
    # every value has one decimal, hence the decimal text is the shortest one of the float
    assert data.features.rows() == tuple(tuple(Fraction(repr(v)) for v in row) for row in bunch.data.tolist())
    assert data.targets == tuple(bunch.target.tolist())


def test_iris_is_that_of_the_paper() -> None:
    data = iris()
    assert (data.n_samples, data.n_features) == (150, 4)
    # the two samples in which the UCI copy differs: there 4.9,3.1,1.5,0.1 both times
    assert [float(q) for q in data.features.row(34)] == [4.9, 3.1, 1.5, 0.2]
    assert [float(q) for q in data.features.row(37)] == [4.9, 3.6, 1.4, 0.1]
    # column sums of Fisher's table, 50 times the means he gives: setosa 5.006, 3.428, 1.462, 0.246
    sums = [sum(data.features.column(k)[:50]) for k in range(4)]
    assert sums == [Fraction(50 * m, 1000) for m in (5006, 3428, 1462, 246)]
    assert data.provenance.stored_dtype == "decimal text"


def test_iris_pairs() -> None:
    data = iris(classes=(1, 2), features=("petal_length", "petal_width"))
    assert (data.n_samples, data.feature_names) == (100, ("petal_length", "petal_width"))
    assert data.targets == (Fraction(-1),) * 50 + (Fraction(1),) * 50
    assert data == iris(classes=("versicolor", "virginica"), features=("petal_length", "petal_width"))
    flipped = iris(classes=(2, 1))
    assert flipped.targets == tuple(-y for y in data.targets)
    assert iris(features=("petal_width",)).targets == iris().targets


@pytest.mark.parametrize("classes", [(), (1,), (1, 1), (0, 1, 2), (1, "versicolor")])
def test_no_pair(classes: tuple[int | str, ...]) -> None:
    with pytest.raises(InputError, match="a pair of classes"):
        iris(classes=classes)


def test_unknown_parts() -> None:
    with pytest.raises(InputError, match="no such species"):
        iris(classes=(1, 3))
    with pytest.raises(InputError, match="no such feature"):
        iris(features=("length",))


@pytest.mark.parametrize(
    ("name", "shape"),
    [("wine", (178, 13)), ("breast_cancer", (569, 30)), ("diabetes", (442, 10)), ("digits", (1797, 64))],
)
def test_scikit_learn_sets(name: str, shape: tuple[int, int]) -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    data = load_dataset(name)
    bunch = getattr(datasets, f"load_{name}")()
    assert data.features.shape == shape
    assert data.features.row(0) == tuple(map(Fraction, bunch.data[0].tolist()))
    assert [float(y) for y in data.targets] == bunch.target.tolist()
    assert data.provenance.stored_dtype == "float64"
    assert name in TOY_DATASETS


def test_scikit_learn_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert load_dataset("iris").n_samples == 150
    with pytest.raises(MissingExtraError, match=r'pip install "exactnet\[test\]"'):
        load_dataset("wine")
