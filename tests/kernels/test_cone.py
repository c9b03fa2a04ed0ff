"""Projection kernels: the compiled twin equals SciPy's solver, and both satisfy the optimality conditions."""

import numpy as np
import pytest

from exactnet.kernels.cone import project_cone, project_cones


def tasks(seed, dimension, n_tasks=200):
    random = np.random.default_rng(seed)
    normals = random.standard_normal((12, dimension))
    # duplicate and opposite normals: the degenerate cells of tied data
    normals[1], normals[2] = normals[0], -normals[0]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    counts = random.integers(0, 6, 20)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    members = np.concatenate([random.choice(12, c, replace=False) for c in counts] or [[]]).astype(np.int64)
    signs = random.choice(np.array([-1, 1], dtype=np.int8), (40, 12))
    cells = random.integers(0, 40, n_tasks)
    return normals, starts, members, signs, cells, random.standard_normal((n_tasks, dimension))


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", [0, 1])
def test_twins_agree(dimension, seed):
    case = tasks(seed, dimension)
    plain_lam, plain = project_cones(*case, dimension, compiled=False)
    fast_lam, fast = project_cones(*case, dimension, compiled=True)
    assert (fast_lam >= 0).all()
    assert (plain_lam >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(fast, axis=1), np.linalg.norm(plain, axis=1), atol=1e-9)


@pytest.mark.parametrize("compiled", [False, True])
def test_optimality_conditions(compiled):
    normals, starts, members, signs, cells, gradients = tasks(3, 3)
    lam, rest = project_cones(normals, starts, members, signs, cells, gradients, 3, compiled=compiled)
    for i, cell in enumerate(cells):
        facets = members[starts[cell % 20] : starts[cell % 20 + 1]]
        cone = normals[facets] * signs[cell, facets][:, None]
        slack = cone @ rest[i]
        assert (slack >= -1e-9).all()
        assert abs(slack @ lam[i, : len(facets)]) <= 1e-8


@pytest.mark.parametrize("compiled", [False, True])
def test_unpenalised_coordinate_vanishes_when_it_can(compiled):
    # facets that look both ways in the last coordinate: multipliers can always cancel it
    normals = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, -1.0], [1.0, 1.0, 0.5]])
    starts, members = np.array([0, 3]), np.array([0, 1, 2])
    signs = np.ones((1, 3), dtype=np.int8)
    gradients = np.random.default_rng(5).standard_normal((50, 3))
    lam, rest = project_cones(
        normals, starts, members, signs, np.zeros(50, dtype=np.int64), gradients, 2, compiled=compiled
    )
    assert (lam >= 0).all()
    np.testing.assert_allclose(rest[:, 2], 0.0, atol=1e-12)
    # the minimum over the line of admissible multipliers, found by brute force over a fine grid of supports
    for g, r in zip(gradients, rest, strict=True):
        best = min(
            np.linalg.norm((g + mult @ normals)[:2])
            for a in np.linspace(0, 4, 41)
            for b in [max(0.0, a + g[2])]
            for c in np.linspace(0, 2, 21)
            for mult in [np.array([a, b + 0.5 * c, c])]
            if abs((g + mult @ normals)[2]) < 1e-9
        )
        assert np.linalg.norm(r[:2]) <= best + 1e-9


def test_no_facets_means_no_multipliers():
    lam, rest = project_cone(np.zeros((0, 2)), np.array([1.0, 2.0]), 2)
    assert lam.shape == (0,)
    assert rest.tolist() == [1.0, 2.0]
