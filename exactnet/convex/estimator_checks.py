"""Input checks of the estimators: scikit-learn's own where it is installed, a short version elsewhere.

Nothing here imports scikit-learn unless an estimator is used, and nothing needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exactnet.errors import InputError, ShapeError

__all__ = ["checked_features", "checked_pair", "not_fitted", "tags_of"]

Floats = NDArray[np.float64]


def _sklearn(name: str) -> Any:
    """A module of scikit-learn, or None."""
    try:
        return import_module(f"sklearn.{name}")
    except ImportError:
        return None


def checked_pair(estimator: Any, X: object, y: object, *, numeric: bool) -> tuple[Floats, NDArray[Any]]:
    """X as floats (n x d) and y as n entries (floats if `numeric`); sets `n_features_in_`."""
    validation = _sklearn("utils.validation")
    if validation is not None:
        features, targets = validation.validate_data(
            estimator, X, y, dtype=np.float64, y_numeric=numeric, ensure_min_samples=1
        )
        if not numeric:
            _sklearn("utils.multiclass").check_classification_targets(targets)
        return features, targets
    if y is None:
        raise InputError("the estimator requires y to be passed", where="y", got="None")
    features = _table(X)
    targets = np.asarray(y, dtype=np.float64 if numeric else None)
    if targets.ndim != 1 or len(targets) != len(features):
        raise ShapeError(
            "one target for each sample is needed",
            where="y",
            got=f"shape {targets.shape}",
            expected=f"{len(features)} numbers",
        )
    if numeric:
        _require_finite(targets, "y")
    estimator.n_features_in_ = features.shape[1]
    return features, targets


def checked_features(estimator: Any, X: object) -> Floats:
    """X as floats (n x d), with as many columns as the estimator was fitted with."""
    validation = _sklearn("utils.validation")
    if validation is not None:
        found: Floats = validation.validate_data(estimator, X, dtype=np.float64, reset=False)
        return found
    features = _table(X)
    if features.shape[1] != estimator.n_features_in_:
        raise ShapeError(
            "another number of features than in fit",
            where="X",
            got=f"{features.shape[1]} features",
            expected=f"{estimator.n_features_in_}",
        )
    return features


def _table(X: object) -> Floats:
    table = np.asarray(X, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise ShapeError(
            "X must be a table", where="X", got=f"shape {table.shape}", expected="(n_samples, n_features)"
        )
    _require_finite(table, "X")
    return table


def _require_finite(values: Floats, where: str) -> None:
    if not np.isfinite(values).all():
        raise InputError("NaN or infinity", where=where, expected="finite numbers")


def not_fitted(estimator: object) -> Exception:
    """The exception of an estimator that is asked before it has learned."""
    text = f"this {type(estimator).__name__} is not fitted yet: call fit first"
    exceptions = _sklearn("exceptions")
    error: Exception = InputError(text) if exceptions is None else exceptions.NotFittedError(text)
    return error


def tags_of(kind: str) -> Any:
    """What scikit-learn wants to know about an estimator of this kind ("regressor" or "classifier")."""
    utils = import_module("sklearn.utils")
    tags = utils.Tags(
        estimator_type=kind,
        target_tags=utils.TargetTags(required=True),
        input_tags=utils.InputTags(),
    )
    if kind == "classifier":
        tags.classifier_tags = utils.ClassifierTags()
    else:
        tags.regressor_tags = utils.RegressorTags()
    return tags
