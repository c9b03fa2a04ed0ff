"""The rule faces, and the double description behind it."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import FacesRecord, certificate_text
from exactnet.checker import check_text, faces
from exactnet.checker.cone import canonical, cut, everything, modulo
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import Network
from tests.checker.region_cases import arrangement_proof, proof_of
from tests.support.algebra import dot, ray_pairs, solve
from tests.support.sealing import opened, rejects, seal_records


@st.composite
def cuts(draw: st.DrawFn) -> tuple[int, list[tuple[int, ...]]]:
    d = draw(st.integers(1, 4))
    # forms that are positive at one point: the cone has interior points
    inside = draw(st.tuples(*[st.integers(-2, 2)] * d).filter(any))
    forms = draw(st.lists(st.tuples(*[st.integers(-2, 2)] * d), max_size=7))
    signed = [tuple(-x for x in f) if dot(f, inside) < 0 else f for f in forms if dot(f, inside)]
    return d, signed


@settings(max_examples=80, deadline=None)
@given(cuts())
def test_rays_by_brute_force(case: tuple[int, list[tuple[int, ...]]]) -> None:
    d, forms = case
    cone = everything(d)
    for form in forms:
        cone = cut(cone, form)
    # the lines are the common zeros
    rank = len(independent(forms))
    assert len(cone.lines) == d - rank
    assert all(dot(form, line) == 0 for form in forms for line in cone.lines)
    assert len(independent(cone.lines)) == len(cone.lines)
    basis = canonical(cone.lines)
    found = {modulo(ray, basis) for ray in cone.rays}
    assert len(found) == len(cone.rays)
    # an extreme ray: non-negative, on rank - 1 independent walls, not a line
    choices = combinations(dict.fromkeys(forms), rank - 1) if rank else ()
    assert found == {ray for rows in choices for ray in _common_zeros(rows, forms, basis, d)}
    for ray, tight in zip(cone.rays, cone.tight, strict=True):
        assert all((dot(form, ray) == 0) == bool(tight >> k & 1) for k, form in enumerate(forms))


def independent(vectors: Any) -> list[tuple[int, ...]]:
    chosen: list[tuple[int, ...]] = []
    for vector in vectors:
        columns = list(zip(*chosen, strict=True)) or [()] * len(vector)
        if any(vector) and (not chosen or solve(columns, vector) is None):
            chosen.append(tuple(vector))
    return chosen


def _common_zeros(rows: Any, forms: Any, basis: Any, d: int) -> list[tuple[int, ...]]:
    """The rays of the cone on these walls, if the walls leave one direction besides the lines."""
    pins = [tuple(int(p == q) for q in range(d)) for p, _ in basis]
    system = [*rows, *pins]
    if len(independent(system)) != d - 1:
        return []
    rays = [ray for ray in ray_pairs(system, d) if all(dot(row, ray) == 0 for row in system)]
    return [ray for ray in rays if all(dot(form, ray) >= 0 for form in forms)]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda d: st.tuples(
            st.lists(st.tuples(*[st.integers(-2, 2)] * d), min_size=1, max_size=3),
            st.lists(st.integers(-2, 2), min_size=9, max_size=9),
        )
    )
)
def test_a_canonical_basis_depends_on_the_space_only(
    case: tuple[list[tuple[int, ...]], list[int]],
) -> None:
    vectors, mix = case
    lines = independent(vectors)
    other = [
        tuple(
            sum(m * x for m, x in zip(mix[3 * k :], column, strict=False))
            for column in zip(*lines, strict=True)
        )
        for k in range(len(lines))
    ]
    if lines and len(independent(other)) == len(lines):
        assert canonical(lines) == canonical(other)
        # every vector of the space is zero modulo it
        assert not any(any(modulo(line, canonical(other))) for line in lines)


def test_known_polytopes() -> None:
    # the f-vector of the cube: 2^(d-k) comb(d, k) faces of dimension k
    for d in range(1, 5):
        proof = arrangement_proof([], d, Polyhedron.box([0] * d, [1] * d))
        record = proof.records[-1]
        assert isinstance(record, FacesRecord)
        assert record.f_vector == tuple(2 ** (d - k) * comb(d, k) for k in range(d + 1))
        assert check_text(certificate_text(proof)).accepted
    # n lines in general position: comb(n, 2) vertices, n^2 edges, 1 + n + comb(n, 2) cells
    lines = [(k, 1, k * k) for k in range(6)]
    proof = arrangement_proof(lines, 2)
    record = proof.records[-1]
    assert isinstance(record, FacesRecord)
    assert (record.f_vector, record.n_bounded) == ((15, 36, 22), comb(5, 2))
    assert "has f-vector (15, 36, 22), 10 of its 22 cells bounded" in check_text(certificate_text(proof)).line


PROOFS = {
    "plane": proof_of(Network.from_arrays([([[1, 0], [0, 1], [1, 1]], [0, 0, -1]), ([[1, 1, 1]], [0])])),
    "box": proof_of(
        Network.from_arrays([([[1, 2]], [0]), ([[1], [-1]], [-1, 2]), ([[1, 1]], [0])]),
        Polyhedron.box([-2, -2], [2, 2]),
    ),
    "half-plane": arrangement_proof([(1, 0, 0), (0, 1, 1)], 2, Polyhedron(((1, 1, 0),), 2)),
    "strips": arrangement_proof([(1, 1, 0), (1, 1, -1)], 2),
    "flat": arrangement_proof([(1, 1, 0)], 2, Polyhedron.box([0, 0], [1, 0])),
    "nothing": arrangement_proof([], 3),
}


@pytest.mark.parametrize("name", PROOFS)
def test_every_other_number_is_rejected(name: str) -> None:
    proof = PROOFS[name]
    assert check_text(certificate_text(proof)).accepted
    record = proof.records[-1]
    assert isinstance(record, FacesRecord)
    for k in range(len(record.f_vector)):
        for step in (1, -1):

            def edit(line: dict[str, Any], k: int = k, step: int = step) -> None:
                line["f_vector"][k] += step

            assert rejects(proof, "faces", edit, "f_vector")
    for wrong in (record.n_bounded + 1, record.n_bounded - 1, str(record.n_bounded), None):
        assert rejects(proof, "faces", lambda line, wrong=wrong: line.update(n_bounded=wrong), "n_bounded")
    for vector in (record.f_vector[:-1], (*record.f_vector, 0), None, (True,) * len(record.f_vector)):
        value = vector and list(vector)
        assert rejects(proof, "faces", lambda line, value=value: line.update(f_vector=value), "f_vector")


def test_faces_of_what() -> None:
    records = opened(PROOFS["plane"])
    for name in ("network", "count", "none", 0):
        changed = [dict(record) for record in records]
        changed[-1]["cells"] = name
        assert not check_text(seal_records(changed, ["cells"])).accepted


def test_limits_and_the_relation_of_euler(monkeypatch: pytest.MonkeyPatch) -> None:
    text = certificate_text(PROOFS["plane"])
    for name, limit, match in (
        ("_MOST_FACES", 3, "more than 3 faces"),
        ("_MOST_DIMENSIONS", 1, "faces in more than 1 dimensions"),
        ("_MOST_ENTRIES", 3, "more than 3 vertices and rays of faces"),
        ("_MOST_LOOKS", 3, "more than 3 looks"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(faces, name, limit)
            assert match in check_text(text).reason
    # a double description that loses a vertex is noticed, even by who believes its numbers
    record = PROOFS["plane"].records[-1]
    assert isinstance(record, FacesRecord)
    for vector in (record.f_vector, (3, 8, 7)):
        alternating = sum((-1) ** k * n for k, n in enumerate(vector))
        assert (alternating == 1) == (vector == record.f_vector)
