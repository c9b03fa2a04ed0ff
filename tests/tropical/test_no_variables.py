"""Polynomials in no variables are constants; everything else still has an answer for them."""

from __future__ import annotations

import pytest

from exactnet.tropical import (
    TropicalPolynomial,
    compress,
    dual_subdivision,
    from_json,
    from_latex,
    from_polymake,
    from_sympy,
    from_text,
    hausdorff_bound,
    lifted_newton_polytope,
    newton_polytope,
    normalized_volume,
    sup_distance,
    to_json,
    to_latex,
    to_polymake,
    to_sympy,
    to_text,
    tropical_hypersurface,
)

THREE = TropicalPolynomial.constant(3, 0)


@pytest.mark.parametrize(
    ("write", "read"),
    [
        (to_text, from_text),
        (to_latex, from_latex),
        (to_json, from_json),
        (to_polymake, from_polymake),
        (to_sympy, from_sympy),
    ],
)
def test_text(write, read) -> None:
    assert read(write(THREE)) == THREE


def test_polytopes_are_points() -> None:
    assert newton_polytope(THREE).n_faces == (1,)
    assert lifted_newton_polytope(THREE).vertices == ((3,),)
    assert normalized_volume(newton_polytope(THREE)) == 1
    assert dual_subdivision(THREE).n_cells == (1,)
    assert tropical_hypersurface(THREE).n_cells == ()


def test_distances() -> None:
    seven = TropicalPolynomial.constant(7, 0)
    for found in (sup_distance(THREE, seven, 1), hausdorff_bound(THREE, seven, 1)):
        assert found.check().accepted
    assert sup_distance(THREE, seven, 1).value.value == 4
    assert compress(THREE, 1, radius=1).check().accepted
