"""The reference producer of region trees: every degenerate thing, and what the checker says about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import certificate_text, check_text
from exactnet.errors import InvariantError
from exactnet.geometry import region_tree
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import circuit, conic_basis, reference_tree
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network
from tests.checker.region_cases import arrangement_proof, false_region_claims, proof_of
from tests.geometry.general_nets import brute_force_patterns, general_networks
from tests.geometry.nets import ACTIVATIONS, SMALL, brute_force_cells, domains, forms_in, networks
from tests.support.algebra import solve
from tests.support.oracles import feasible


def accepted(certificate) -> bool:
    verdict = check_text(certificate_text(certificate))
    assert verdict.accepted, verdict.line
    return True


# -- bases ---------------------------------------------------------------------------------------------

vectors = st.integers(1, 4).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-2, 2)] * d), min_size=1, max_size=7)
)


@settings(max_examples=200, deadline=None)
@given(vectors)
def test_bases_are_independent_and_combine(rows: list[tuple[int, ...]]) -> None:
    *forms, target = rows
    if not any(target):
        return
    names = conic_basis(list(enumerate(forms)), target)
    # Farkas' lemma: in the cone, or there is u with forms.u >= 0 and target.u < 0
    rows = [[-x for x in form] for form in forms]
    apart = feasible([*rows, target], ["<="] * len(rows) + ["<"], [0] * (len(rows) + 1))
    assert (names is None) == apart
    if names is None:
        return
    columns = [forms[j] for j in names]
    weights = solve(list(zip(*columns, strict=True)), target)
    assert weights is not None
    assert all(w > 0 for w in weights)
    assert list(names) == sorted(set(names))
    assert all(
        solve(list(zip(*columns[:k], strict=True)), columns[k]) is None for k in range(1, len(columns))
    )


@settings(max_examples=200, deadline=None)
@given(vectors)
def test_circuits_are_the_reason_for_emptiness(rows: list[tuple[int, ...]]) -> None:
    forms = [(3 * k, row) for k, row in enumerate(rows) if any(row)]
    names = circuit(forms)
    # Gordan's theorem
    strict = [[-x for x in form] for _, form in forms]
    assert (names is None) == (not forms or feasible(strict, ["<"] * len(forms), [0] * len(forms)))
    if names is None:
        return
    by_name = dict(forms)
    *others, last = (by_name[name] for name in names)
    weights = solve(list(zip(*others, strict=True)), [-x for x in last])
    assert weights is not None
    assert all(w > 0 for w in weights)


def test_no_circuit_among_forms_that_can_all_be_positive() -> None:
    assert circuit([(0, (0, 1)), (1, (1, 0)), (2, (-1, 5))]) is None
    assert circuit([]) is None
    assert circuit([(0, (0, 0, 1)), (4, (0, 0, -3))]) == (0, 4)
    # the basis of one, among two that are parallel
    assert conic_basis([(0, (0, 1)), (1, (1, 1)), (2, (2, 2))], (3, 3)) in ((1,), (2,))


# -- trees ---------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(networks(largest=(3, 4, 3), activations=ACTIVATIONS), st.data())
def test_networks_with_ties(network: Network, data: st.DataObject) -> None:
    proof = proof_of(network, data.draw(domains(network.n_inputs)))
    assert accepted(proof)


@settings(max_examples=200, deadline=None)
@given(general_networks(), st.data())
def test_maxout_and_skips(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    proof = proof_of(network, domain)
    assert accepted(proof)
    assert false_region_claims(proof) == []
    assert proof.records[1].n_cells == len(brute_force_patterns(network, domain))


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 3, 2), entries=SMALL), st.data())
def test_rational_weights(network: Network, data: st.DataObject) -> None:
    domain = data.draw(domains(network.n_inputs))
    tree = reference_tree(region_task(network, domain))
    assert tree.n_cells == tree.n_leaves == len(brute_force_cells(region_task(network, domain)))
    assert accepted(proof_of(network, domain))


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 3), st.data())
def test_arrangements_with_ties(d: int, data: st.DataObject) -> None:
    forms = data.draw(forms_in(d, most=6))
    assert accepted(arrangement_proof(forms, d, data.draw(domains(d))))


@pytest.mark.parametrize(
    ("domain", "nodes"),
    [
        (Polyhedron.box([0, 0], [1, 0]), (4, 2, 2, 4)),  # flat
        (Polyhedron(((0, 0, -1),), 2), (4, 2, 0, 1)),  # empty by a constant row
        (Polyhedron(((1, 0, -1), (-1, 0, 0)), 2), (4, 3, 0, 1, 2)),  # empty
    ],
)
def test_domains_without_interior_are_one_node(domain: Polyhedron, nodes: tuple[int, ...]) -> None:
    network = Network.from_arrays([([[1, 0], [0, 1]], [0, 0]), ([[1, 1]], [0])])
    tree = reference_tree(region_task(network, domain))
    assert tree.nodes[0] == 4
    assert len(tree.nodes) == len(nodes)
    assert (tree.n_leaves, tree.n_cells) == (0, 0)
    assert accepted(proof_of(network, domain))


def test_nothing_switches() -> None:
    line = Network.from_arrays([([[2, 0, 1]], [3])])
    assert reference_tree(region_task(line)).nodes == (3, 0, 0, 0, 1)
    dead = Network.from_arrays([([[0, 0]], [0]), ([[1], [0]], [0, 0]), ([[1, 1]], [0])])
    assert reference_tree(region_task(dead)).nodes == (3, 0, 0, 1)
    assert accepted(proof_of(line))
    assert accepted(proof_of(dead))
    assert accepted(arrangement_proof([], 3))


def test_rows_of_the_domain_that_say_nothing() -> None:
    forms = [(1, -1)]
    task = RegionTask(1, ((0, 0), (1, 0), (0, 7)), arrangement_task(forms).layers)
    assert accepted(region_certificate(forms, task, reference_tree(task), faces=((2, 2), 1)))


def test_a_list_of_cells_with_a_gap_is_our_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    task = arrangement_task([(1, 0), (1, -1)])
    cells = list(reference_cells(task))
    monkeypatch.setattr(region_tree, "reference_cells", lambda task: iter(cells[:-1]))
    with pytest.raises(InvariantError, match="incomplete"):
        reference_tree(task)
    monkeypatch.setattr(region_tree, "reference_cells", lambda task: iter([]))
    with pytest.raises(InvariantError, match="no cell"):
        reference_tree(task)


def test_the_certificate_counts_only_what_is_one_arrangement() -> None:
    def rules(network: Network, domain: Polyhedron | None = None) -> list[str]:
        return [record.rule for record in proof_of(network, domain, faces=False).records]

    one = Network.from_arrays([([[1], [2]], [0, 1]), ([[1, 1]], [0])])
    assert rules(one) == ["network", "region_tree", "count"]
    assert rules(one, Polyhedron.box([0], [1])) == ["network", "region_tree"]
    two = Network.from_arrays([([[1]], [0]), ([[1]], [1]), ([[1]], [0])])
    assert rules(two) == ["network", "region_tree"]
    maxout = Network.from_arrays([([[1], [2], [0]], None)], output_activation="maxout", pieces=3)
    assert rules(maxout) == ["network", "region_tree"]


def test_a_wrong_number_of_faces_is_rejected() -> None:
    proof = proof_of(Network.from_arrays([([[1, 0], [0, 1]], None), ([[1, 1]], [0])]))
    for faces in (
        replace(proof.records[-1], f_vector=(1, 4, 5)),
        replace(proof.records[-1], f_vector=(0, 4, 4)),
        replace(proof.records[-1], n_bounded=1),
    ):
        assert not check_text(certificate_text(replace(proof, records=(*proof.records[:-1], faces)))).accepted
