"""Exact matrix products of arrays of forms with arrays of constants."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from exactnet.exact import RationalMatrix
from exactnet.io.forms import (
    ONE,
    ZERO,
    Array,
    Form,
    NotInClass,
    Number,
    Stage,
    affine_rows,
    as_array,
    stages_of,
)

__all__ = ["matmul"]


def matmul(a: Array, b: Array) -> Array:
    """Matrix product with NumPy's rules for vectors and stacks; one side must be constant.

    Examples
    --------
    >>> from exactnet.io.form_network import to_network
    >>> from exactnet.io.forms import inputs
    >>> from exactnet.model import Provenance
    >>> x = inputs((1, 2))
    >>> y = matmul(x, as_array([[1, 0], [1, 1]]))
    >>> to_network(y, like=x, provenance=Provenance("example"))([3, 4])
    (Fraction(7, 1), Fraction(4, 1))
    """
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError("a product needs at least one dimension on each side")
    left = a[np.newaxis, :] if a.ndim == 1 else a
    right = b[:, np.newaxis] if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"shapes {a.shape} and {b.shape} do not fit")
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, stack + left.shape[-2:])
    right = np.broadcast_to(right, stack + right.shape[-2:])
    out = np.empty((*stack, left.shape[-2], right.shape[-1]), dtype=object)
    for index in np.ndindex(*stack):
        out[index] = _matmul(left[index], right[index])
    if a.ndim == 1:
        out = out[..., 0, :]
    return out[..., 0] if b.ndim == 1 else out


def _matmul(a: Array, b: Array) -> Array:
    stages = stages_of(a), stages_of(b)
    if stages[0] and stages[1]:
        raise NotInClass("it multiplies two values that both depend on the input")
    if stages[1]:
        return _matmul(b.T, a.T).T
    if not stages[0]:
        product = RationalMatrix.from_rows(a, n_columns=a.shape[1]) @ RationalMatrix.from_rows(
            b, n_columns=b.shape[1]
        )
        return as_array([q for row in product.rows() for q in row], shape=product.shape)
    out = np.empty((a.shape[0], b.shape[1]), dtype=object)
    for i in range(a.shape[0]):
        out[i, :] = _combinations(list(a[i]), b)
    return out


def _combinations(forms: Sequence[Form | Number], weights: Array) -> list[Form]:
    """For each column of `weights`, that combination of the forms."""
    row = [form if isinstance(form, Form) else Form({}, Fraction(form)) for form in forms]
    # a dependence counts even if all its coefficients are zero
    stages = stages_of(as_array(row))
    if any(len(form.terms) > 1 or any(len(part) > 1 for part in form.terms.values()) for form in row):
        return _dense_combinations(row, weights, stages)
    combined = []
    for column in weights.T:
        terms: dict[Stage, dict[int, Fraction]] = {stage: {} for stage in stages}
        constant = ZERO
        for form, weight in zip(row, column, strict=True):
            if not weight:
                continue
            for stage, part in form.terms.items():  # at most one; most often an input itself, with c = 1
                sums = terms[stage]
                for k, c in part.items():
                    sums[k] = sums.get(k, ZERO) + (weight if c is ONE else weight * c)
            if form.constant:
                constant += weight * form.constant
        combined.append(Form(terms, constant))
    return combined


def _dense_combinations(row: Sequence[Form], weights: Array, stages: Sequence[Stage]) -> list[Form]:
    """The same through exact matrix products, for forms of many terms."""
    matrices, constants = affine_rows(as_array(row), stages)
    factor = RationalMatrix.from_rows(weights.T, n_columns=len(row))
    products = [(factor @ matrix).rows() for matrix in matrices]
    return [
        Form({stage: dict(enumerate(rows[j])) for stage, rows in zip(stages, products, strict=True)}, offset)
        for j, offset in enumerate(factor @ constants)
    ]
