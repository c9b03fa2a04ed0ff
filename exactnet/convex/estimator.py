"""Two-layer ReLU networks at the certified global optimum, as estimators in the style of scikit-learn.

`fit`, `predict`, `score`, `get_params`, `set_params` are what scikit-learn expects, so that pipelines and
grid searches work; scikit-learn itself is neither needed nor imported before `fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Result
from exactnet.certificate.types import Neuron
from exactnet.convex.engine_choice import most_patterns
from exactnet.convex.estimator_checks import checked_features, checked_pair, not_fitted, tags_of
from exactnet.convex.global_optimum import Optimum, optimum
from exactnet.convex.program import Bias, TrainingProblem, TwoLayer, training_problem
from exactnet.convex.refit import refitted
from exactnet.errors import InputError, LimitReached
from exactnet.exact import to_fraction
from exactnet.model import Dataset

__all__ = ["ExactReLUClassifier", "ExactReLURegressor"]

Floats = NDArray[np.float64]
E = TypeVar("E", bound="_ExactReLU")


class _ExactReLU:
    """What both estimators share: parameters, training, evaluation."""

    _kind = ""

    def __init__(
        self,
        beta: object = "1/10",
        *,
        norm: str = "l2",
        bias: str = "penalised",
        gap: object = "1e-9",
        max_cells: int = 200_000,
        on_limit: str = "raise",
        n_sampled: int = 100,
        random_state: int | None = 0,
    ) -> None:
        self.beta = beta
        self.norm = norm
        self.bias = bias
        self.gap = gap
        self.max_cells = max_cells
        self.on_limit = on_limit
        self.n_sampled = n_sampled
        self.random_state = random_state

    def get_params(self, deep: bool = True) -> dict[str, object]:
        """The parameters by name (`deep` makes no difference)."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self: E, **parameters: object) -> E:
        """Change parameters; takes effect with the next `fit`.

        Raises
        ------
        InputError : there is no such parameter.
        """
        known = self.get_params()
        for name, value in parameters.items():
            if name not in known:
                raise InputError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}",
                    expected=", ".join(sorted(known)),
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        default = signature(type(self)).parameters
        given = [f"{k}={v!r}" for k, v in self.get_params().items() if v != default[k].default]
        return f"{type(self).__name__}({', '.join(given)})"

    def __sklearn_tags__(self) -> Any:
        return tags_of(self._kind)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "networks_")

    def _learn(self, X: Floats, targets: Sequence[Floats]) -> None:
        """One certified training a target."""
        if self.on_limit not in ("raise", "sample"):
            raise InputError(
                "unknown on_limit", where="on_limit", got=repr(self.on_limit), expected="raise or sample"
            )
        results, networks = [], []
        for y in targets:
            problem = training_problem(
                Dataset.from_arrays(X, y), beta=self.beta, norm=self.norm, bias=self.bias
            )
            result = self._solve(problem)
            results.append(result)
            networks.append(self._sampled(problem) if result is None else result.value.network)
        self.results_: tuple[Result[Optimum] | None, ...] = tuple(results)
        self.networks_ = tuple(networks)
        self.is_certified_ = all(result is not None for result in results)

    def _solve(self, problem: TrainingProblem) -> Result[Optimum] | None:
        """The certified optimum; None if the limit was reached and a sample of neurons shall do."""
        try:
            n_cells = most_patterns(problem)
            if n_cells > self.max_cells:
                raise LimitReached(
                    "the data have too many activation patterns",
                    where=f"{problem.n_samples} samples, {problem.n_features} features",
                    got=f"up to {n_cells:,}",
                    expected=f"at most max_cells = {self.max_cells:,}",
                    hint='raise max_cells, use fewer features, or on_limit="sample" (no certificate)',
                )
            return optimum(problem, gap=self.gap, max_cells=self.max_cells)
        except LimitReached:
            if self.on_limit == "raise":
                raise
            return None

    def _sampled(self, problem: TrainingProblem) -> TwoLayer:
        """The best combination of neurons with random directions: an upper bound, not the optimum."""
        rng = np.random.default_rng(self.random_state)
        scale = max((abs(x) for row in problem.homogenised for x in row[: problem.n_features]), default=1)
        directions = rng.normal(size=(self.n_sampled, problem.dimension))
        if problem.bias is not Bias.NONE:
            directions[:, -1] *= float(scale)
        neurons = tuple(
            Neuron(tuple(to_fraction(float(x), where="u") for x in u), to_fraction(sign, where="a"))
            for u in directions
            for sign in (1, -1)
        )
        found = refitted(problem, TwoLayer(neurons))
        return TwoLayer(()) if found is None else found

    def _outputs(self, X: object) -> Floats:
        """Values of the networks on the rows of X (n x number of networks), in floating point."""
        if not self.__sklearn_is_fitted__():
            raise not_fitted(self)
        features = checked_features(self, X)
        if self.bias != "none":
            features = np.hstack([features, np.ones((len(features), 1))])
        return np.stack([_evaluate(network, features) for network in self.networks_], axis=1)


def _evaluate(network: TwoLayer, rows: Floats) -> Floats:
    total = np.full(len(rows), float(network.t))
    for neuron in network.neurons:
        u = np.array([float(x) for x in neuron.u])
        total += float(neuron.a) * np.maximum((rows * u).sum(axis=1), 0.0)
    return total


class ExactReLURegressor(_ExactReLU):
    """Regression by a two-layer ReLU network at the global optimum of its training problem.

    Parameters
    ----------
    beta : strength of the weight decay, > 0; "1/10" and 0.1 are different numbers, both are taken exactly.
    norm, bias : as in :func:`exactnet.convex.training_problem`.
    gap : requested relative width of the enclosure of the optimum.
    max_cells : limit on the number of activation patterns, which grows like n^d.
    on_limit : "raise", or "sample": above the limit take the best combination of `n_sampled` random
        directions instead. This is no optimum and has no certificate (`is_certified_` is False).
    n_sampled, random_state : of these directions.

    Attributes
    ----------
    result_ : the certified optimum (None when sampled); `result_.check()`, `result_.save(path)`.
    network_ : the network, in homogenised coordinates, exact.
    is_certified_ : whether the training optimum is proved.
    n_features_in_ : number of features seen in `fit`.
    feature_names_in_ : the names of the columns of a data frame, where scikit-learn is installed.

    Examples
    --------
    >>> model = ExactReLURegressor(beta="1/10", bias="free").fit([[0.0], [1.0], [2.0]], [0.0, 0.0, 1.0])
    >>> model.is_certified_, model.result_.check().accepted
    (True, True)
    >>> print(model.predict([[3.0]]).round(6))
    [1.7]
    """

    _kind = "regressor"

    def fit(self, X: object, y: object) -> ExactReLURegressor:
        """Train to the certified global optimum of the squared loss.

        Parameters
        ----------
        X : n samples, d features; the floats are taken as the exact numbers they are.
        y : n targets.

        Raises
        ------
        LimitReached : too many activation patterns and on_limit is "raise".
        """
        features, targets = checked_pair(self, X, y, numeric=True)
        self._learn(features, [targets])
        self.result_, self.network_ = self.results_[0], self.networks_[0]
        return self

    def predict(self, X: object) -> Floats:
        """Predictions for the rows of X, n floats."""
        return self._outputs(X)[:, 0]

    def score(self, X: object, y: object, sample_weight: object = None) -> float:
        """R^2, the share of the variance that is explained."""
        fits, targets = self.predict(X), np.asarray(y, dtype=np.float64)
        weights = np.ones(len(fits)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        rest = float(weights @ (targets - fits) ** 2)
        total = float(weights @ (targets - np.average(targets, weights=weights)) ** 2)
        return 1.0 - rest / total if total > 0 else float(rest == 0)


class ExactReLUClassifier(_ExactReLU):
    """Classification by two-layer ReLU networks, each at the global optimum of its training problem.

    One network a class with targets 1 and -1 and the squared loss (a single one for two classes); the
    class of the largest output wins. Parameters as for :class:`ExactReLURegressor`.

    Attributes
    ----------
    classes_ : the classes, sorted. results_, networks_ : one entry a network. is_certified_ : whether all
        training optima are proved. n_features_in_, feature_names_in_ : as for the regressor.

    Examples
    --------
    >>> xor = [[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0]]
    >>> model = ExactReLUClassifier(beta="1/10", bias="none").fit(xor, ["even", "even", "odd", "odd"])
    >>> model.predict(xor).tolist(), model.is_certified_
    (['even', 'even', 'odd', 'odd'], True)
    """

    _kind = "classifier"

    def fit(self, X: object, y: object) -> ExactReLUClassifier:
        """Train one network for each class, one in all for two classes.

        Raises
        ------
        LimitReached : too many activation patterns and on_limit is "raise".
        """
        features, labels = checked_pair(self, X, y, numeric=False)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError("a classifier needs two classes", where="y", got=f"{len(self.classes_)} class")
        wanted = range(len(self.classes_)) if len(self.classes_) > 2 else [1]
        self._learn(features, [np.where(codes == k, 1.0, -1.0) for k in wanted])
        return self

    def decision_function(self, X: object) -> Floats:
        """Outputs of the networks: n floats for two classes (positive: the second), else n x n_classes."""
        outputs = self._outputs(X)
        return outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X: object) -> NDArray[Any]:
        """The class of each row of X."""
        values = self.decision_function(X)
        codes = (values > 0).astype(int) if values.ndim == 1 else values.argmax(axis=1)
        found: NDArray[Any] = self.classes_[codes]
        return found

    def score(self, X: object, y: object, sample_weight: object = None) -> float:
        """The share of rows whose class is right."""
        right = self.predict(X) == np.asarray(y)
        weights = None if sample_weight is None else np.asarray(sample_weight, np.float64)
        return float(np.average(right, weights=weights))
