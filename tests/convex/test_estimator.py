"""The estimators: scikit-learn's own checks, optima of the fact sheets, use without scikit-learn."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from exactnet.convex import ExactReLUClassifier, ExactReLURegressor
from exactnet.errors import InputError, LimitReached
from tests.convex.problems import XOR, A, Q

# most of scikit-learn's checks have too many features for all patterns: they are for the sampled fallback
SMALL = {"beta": 0.01, "max_cells": 500, "on_limit": "sample"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [ExactReLURegressor, ExactReLUClassifier])
def test_scikit_learn_conformance(kind):
    outcomes = check_estimator(kind(**SMALL), on_fail=None, on_skip=None)
    failed = [(o["check_name"], o["exception"]) for o in outcomes if o["status"] not in ("passed", "skipped")]
    assert not failed
    assert sum(o["status"] == "passed" for o in outcomes) > 45


@pytest.mark.parametrize(
    ("data", "beta", "bias", "value"),
    [
        (A, "1/2", "none", 1.073770178483),
        (A, "1/10", "free", 0.155983312563),
        (Q, "1/20", "penalised", 0.2109219876),
    ],
)
def test_the_optimum_of_the_fact_sheet_is_learned(data, beta, bias, value):
    X, y = np.array(data[0], float), np.array(data[1], float)
    model = ExactReLURegressor(beta=beta, bias=bias).fit(X, y)
    assert model.is_certified_
    assert model.result_.check().accepted
    assert float(model.result_.value.upper) == pytest.approx(value, rel=1e-9)
    # the float predictions give the objective back: loss plus beta/2 (||u||^2 + a^2)
    penalty = sum(
        sum(float(n.u[k]) ** 2 for k in model.result_.value.problem.penalised) + float(n.a) ** 2
        for n in model.network_.neurons
    )
    loss = 0.5 * float(((model.predict(X) - y) ** 2).sum())
    assert loss + float(model.result_.value.problem.beta) / 2 * penalty == pytest.approx(value, rel=1e-8)


def test_classes_of_any_kind():
    xor = np.array(XOR[0], float)
    model = ExactReLUClassifier(beta="1/2", bias="none").fit(xor, np.array(["a", "a", "b", "b"]))
    assert model.score(xor, ["a", "a", "b", "b"]) == 1
    # fact sheet: 2 sqrt(2) beta - beta^2
    assert float(model.results_[0].value.upper) == pytest.approx(np.sqrt(2) - 0.25, rel=1e-9)
    three = ExactReLUClassifier(beta="1/100").fit(
        [[-3.0], [-2.0], [0.0], [0.5], [3.0], [4.0]], [0, 0, 1, 1, 2, 2]
    )
    assert three.predict([[-2.5], [0.2], [3.5]]).tolist() == [0, 1, 2]
    assert three.decision_function([[0.0]]).shape == (1, 3)
    assert all(result.check().accepted for result in three.results_)


def test_parameters_follow_scikit_learn():
    model = ExactReLURegressor(beta="1/3", norm="l1")
    assert clone(model).get_params() == model.get_params()
    assert repr(model) == "ExactReLURegressor(beta='1/3', norm='l1')"
    assert model.set_params(beta=2).beta == 2
    with pytest.raises(ValueError, match="Invalid parameter 'depth'"):
        model.set_params(depth=3)
    fitted = pickle.loads(pickle.dumps(ExactReLURegressor(bias="none").fit([[1.0], [2.0]], [1.0, 2.0])))
    assert fitted.predict([[1.0]]) == pytest.approx(fitted.predict([[2.0]]) / 2)


def test_pipelines_and_grid_searches():
    X = np.linspace(-2, 2, 24)[np.random.default_rng(0).permutation(24), None]
    y = np.maximum(X[:, 0], 0)
    pipeline = make_pipeline(StandardScaler(), ExactReLURegressor(beta="1/10"))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.8
    search = GridSearchCV(ExactReLURegressor(bias="free"), {"beta": ["1/10", "100"]}, cv=3).fit(X, y)
    assert search.best_params_ == {"beta": "1/10"}


def test_limits_are_never_passed_in_silence():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(40, 6)), rng.normal(size=40)
    with pytest.raises(LimitReached, match="on_limit"):
        ExactReLURegressor(max_cells=1000).fit(X, y)
    sampled = ExactReLURegressor(max_cells=1000, on_limit="sample", beta="1/100").fit(X, y)
    assert not sampled.is_certified_
    assert sampled.result_ is None
    assert sampled.score(X, y) > 0.5
    with pytest.raises(InputError, match="on_limit"):
        ExactReLURegressor(on_limit="shrug").fit(X, y)


def test_without_scikit_learn():
    code = """
import sys
sys.modules["sklearn"] = None
from exactnet.convex import ExactReLUClassifier, ExactReLURegressor
model = ExactReLURegressor(bias="free").fit([[0.0], [1.0], [2.0]], [0.0, 0.0, 1.0])
print(model.predict([[3.0]]).round(6), model.score([[0.0], [2.0]], [0.0, 1.0]) > 0.9)
for bad in ([[float("nan")]], [1.0, 2.0], [[1.0, 2.0]]):
    try:
        model.predict(bad)
    except ValueError as error:
        print(type(error).__name__)
try:
    ExactReLUClassifier().predict([[1.0]])
except ValueError as error:
    print("not fitted" in str(error))
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.split() == ["[1.7]", "True", "InputError", "ShapeError", "ShapeError", "True"]


def test_scikit_learn_is_not_imported_with_exactnet():
    code = "import sys, exactnet.convex.estimator; print('sklearn' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
