"""A data set as exact numbers: n samples of d features and one target each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, to_fractions
from exactnet.model.provenance import Provenance, stored_dtype
from exactnet.model.vector import vector

__all__ = ["Dataset"]

ARRAYS = Provenance("arrays in memory")


@dataclass(frozen=True, repr=False)
class Dataset:
    """Samples and targets of a regression problem, exactly.

    Parameters
    ----------
    features : matrix (n_samples x n_features); row i is the sample x_i.
    targets : n_samples fractions.
    feature_names : n_features different names.
    target_name : name of the target.
    provenance : where the numbers came from; takes no part in equality.

    Raises
    ------
    ShapeError : no sample, no feature, or sizes that do not fit together.
    InputError : two features of one name.

    Examples
    --------
    >>> data = Dataset.from_arrays([["0.1", 1], [2, "1/3"]], [0, 1])
    >>> data
    Dataset(2 samples, 2 features: x1, x2; target y; from arrays in memory)
    >>> data.features.row(0)
    (Fraction(1, 10), Fraction(1, 1))
    """

    features: RationalMatrix
    targets: tuple[Fraction, ...]
    feature_names: tuple[str, ...]
    target_name: str = "y"
    provenance: Provenance = field(default=ARRAYS, compare=False)

    def __post_init__(self) -> None:
        n_samples, n_features = self.features.shape
        if n_samples == 0 or n_features == 0:
            raise ShapeError(
                "the data set is empty",
                where=self.provenance.source,
                got=f"{n_samples} samples of {n_features} features",
                expected="at least one sample and one feature",
            )
        if len(self.targets) != n_samples:
            raise ShapeError(
                "the numbers of samples and of targets differ",
                where=self.provenance.source,
                got=f"{len(self.targets)} targets",
                expected=f"{n_samples} targets, one a sample",
            )
        self._check_names(n_features)

    def _check_names(self, n_features: int) -> None:
        names = self.feature_names
        if len(names) != n_features:
            raise ShapeError(
                "the numbers of features and of feature names differ",
                where="feature_names",
                got=f"{len(names)} names",
                expected=f"{n_features} names, one a feature",
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                "two features have the same name",
                where="feature_names",
                got=", ".join(map(repr, twice)),
                expected="different names",
            )

    @property
    def n_samples(self) -> int:
        """Number of samples n."""
        return self.features.shape[0]

    @property
    def n_features(self) -> int:
        """Number of features d."""
        return self.features.shape[1]

    def __repr__(self) -> str:
        shown = ", ".join(self.feature_names[:6]) + (", ..." if self.n_features > 6 else "")
        return (
            f"Dataset({self.n_samples} samples, {self.n_features} features: {shown}; "
            f"target {self.target_name}; from {self.provenance.source})"
        )

    @classmethod
    def from_arrays(
        cls,
        X: object,
        y: object,
        *,
        feature_names: Sequence[str] | None = None,
        target_name: str = "y",
        provenance: Provenance | None = None,
    ) -> Dataset:
        """Read arrays or nested sequences; a float enters by its exact binary value.

        Parameters
        ----------
        X : (n_samples x n_features) array or rows of numbers (int, float, Fraction, Decimal, "1/10").
        y : n_samples numbers.
        feature_names : n_features names, "x1", "x2", ... if None.
        target_name : name of the target.
        provenance : recorded as it is; if None, the stored number formats are noted.

        Raises
        ------
        ShapeError : X is not a table, y is not a list, or their sizes differ.
        InexactInputError : NaN or infinity.

        Examples
        --------
        >>> Dataset.from_arrays([[0.5], [1]], [1, 2]).targets
        (Fraction(1, 1), Fraction(2, 1))
        """
        features = RationalMatrix.from_rows(X, where="X")
        targets = to_fractions(vector(y, where="y"), where="y")
        if feature_names is None:
            feature_names = [f"x{k + 1}" for k in range(features.shape[1])]
        origin = provenance or Provenance("arrays in memory", stored_dtype=stored_dtype([X, y]))
        return cls(features, targets, tuple(feature_names), target_name, origin)

    def take(self, *, samples: Sequence[int] | None = None, features: Sequence[str] | None = None) -> Dataset:
        """The given samples (indices) and features (names), in the given order; None keeps all.

        Raises
        ------
        InputError : a feature that does not exist, or an index that is out of range.

        Examples
        --------
        >>> data = Dataset.from_arrays([[1, 2], [3, 4]], [5, 6], feature_names=["a", "b"])
        >>> data.take(samples=[1], features=["b"]).features.rows()
        ((Fraction(4, 1),),)
        """
        columns = [self._column(name) for name in (self.feature_names if features is None else features)]
        chosen = range(self.n_samples) if samples is None else samples
        for i in chosen:
            if not 0 <= i < self.n_samples:
                raise InputError(
                    "there is no such sample",
                    where="samples",
                    got=str(i),
                    expected=f"0 to {self.n_samples - 1}",
                )
        rows = [[self.features.row(i)[k] for k in columns] for i in chosen]
        return Dataset(
            RationalMatrix.from_rows(rows, where="features", n_columns=len(columns)),
            tuple(self.targets[i] for i in chosen),
            tuple(self.feature_names[k] for k in columns),
            self.target_name,
            self.provenance,
        )

    def _column(self, name: str) -> int:
        if name not in self.feature_names:
            raise InputError(
                "there is no such feature",
                where="features",
                got=repr(name),
                expected="one of " + ", ".join(self.feature_names),
            )
        return self.feature_names.index(name)
