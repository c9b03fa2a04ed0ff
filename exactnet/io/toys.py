"""Small real data sets by name: iris is shipped, the others come with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from importlib import import_module, resources
from typing import Any

from exactnet.errors import InputError, MissingExtraError
from exactnet.exact import RationalMatrix
from exactnet.io.csv import parse_csv
from exactnet.io.files import FileBytes
from exactnet.model import Dataset, Provenance

__all__ = ["TOY_DATASETS", "iris", "load_toy"]

_SPECIES = ("setosa", "versicolor", "virginica")
_SKLEARN = ("breast_cancer", "diabetes", "digits", "wine")

TOY_DATASETS = ("iris", *_SKLEARN)


def iris(*, classes: Sequence[int | str] | None = None, features: Sequence[str] | None = None) -> Dataset:
    """Fisher's iris flowers: 150 samples, four lengths in centimetres, read exactly from decimal text.

    These are the values of Fisher's paper, as in R and in scikit-learn; the copy of the UCI repository
    differs from them in samples 35 and 38 (counted from 1). Source: R. A. Fisher, "The use of multiple
    measurements in taxonomic problems", Annals of Eugenics 7 (1936).

    Parameters
    ----------
    classes : None: all samples, the target is the species 0 (setosa), 1 (versicolor) or 2 (virginica).
        Two species, by number or name: their samples only, with target -1 for the first, +1 for the second.
    features : names to keep, of sepal_length, sepal_width, petal_length, petal_width; None keeps all four.

    Raises
    ------
    InputError : a species or feature that does not exist, or not two different classes.

    Examples
    --------
    >>> iris(classes=("versicolor", "virginica"), features=("petal_length", "petal_width"))
    Dataset(100 samples, 2 features: petal_length, petal_width; target species; from iris)
    >>> iris().features.row(0), iris().targets[0]
    ((Fraction(51, 10), Fraction(7, 2), Fraction(7, 5), Fraction(1, 5)), Fraction(0, 1))
    """
    content = resources.files("exactnet.io").joinpath("data/iris.csv").read_bytes()
    data = parse_csv(FileBytes("iris", content))
    if classes is None:
        return data.take(features=features)
    pair = [_species(name) for name in classes]
    if len(set(pair)) != 2 or len(pair) != 2:
        raise InputError(
            "a pair of classes is needed",
            where="classes",
            got=repr(tuple(classes)),
            expected="two different species",
            hint="leave classes out for all three, with the target 0, 1, 2",
        )
    chosen = data.take(samples=[i for i, y in enumerate(data.targets) if y in pair], features=features)
    signs = {Fraction(pair[0]): Fraction(-1), Fraction(pair[1]): Fraction(1)}
    targets = tuple(signs[y] for y in chosen.targets)
    return Dataset(chosen.features, targets, chosen.feature_names, chosen.target_name, chosen.provenance)


def _species(name: int | str) -> int:
    if name in _SPECIES:
        return _SPECIES.index(str(name))
    if name in (0, 1, 2):
        return int(name)
    raise InputError(
        "there is no such species",
        where="classes",
        got=repr(name),
        expected="0, 1, 2 or " + ", ".join(_SPECIES),
    )


def load_toy(name: str) -> Dataset:
    """A small data set by name.

    Parameters
    ----------
    name : "iris" (shipped, decimal text); or "wine", "breast_cancer", "diabetes", "digits": the float64
        values that scikit-learn holds, each by its exact binary value. The target of a classification
        set is the number of the class.

    Raises
    ------
    InputError : another name. MissingExtraError : scikit-learn is needed and not installed.

    Examples
    --------
    >>> load_toy("iris").n_samples
    150
    """
    if name == "iris":
        return iris()
    if name not in _SKLEARN:
        raise InputError(
            "there is no such data set",
            where="name",
            got=repr(name),
            expected="one of " + ", ".join(TOY_DATASETS),
        )
    try:
        sklearn = import_module("sklearn")
        datasets = import_module("sklearn.datasets")
    except ImportError:
        raise MissingExtraError("scikit-learn", extra="test", purpose=f"the data set {name!r}") from None
    load: Callable[[], Any] = getattr(datasets, f"load_{name}")
    bunch = load()
    source = f"{name} of scikit-learn {sklearn.__version__}"
    return Dataset(
        RationalMatrix.from_rows(bunch.data, where=name),
        tuple(Fraction(y) for y in bunch.target.tolist()),
        tuple(str(feature).replace(" ", "_") for feature in bunch.feature_names),
        "target",
        Provenance(source, stored_dtype=str(bunch.data.dtype)),
    )
