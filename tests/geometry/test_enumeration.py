"""One call for all counts: statuses, certificates, definitions, partial results."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.certificate import Status
from exactnet.errors import InputError, LimitReached, ShapeError
from exactnet.geometry.enumeration import Regions, regions
from exactnet.geometry.named import braid, resonance, shi
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.model import Network
from tests.geometry.nets import ACTIVATIONS, brute_force_cells, domains, networks

TENT = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])


@given(networks(largest=(2, 3, 2), activations=ACTIVATIONS), st.data())
@settings(deadline=None, max_examples=25)
def test_a_count_is_that_of_the_brute_force_and_its_certificate_is_accepted(
    network: Network, data: st.DataObject
) -> None:
    from exactnet.geometry.task import region_task

    domain = data.draw(domains(network.n_inputs))
    result = regions(network, domain=domain, faces=True)
    assert result.status is Status.PROVED
    assert result.value.n_regions == len(brute_force_cells(region_task(network, domain)))
    assert result.check().accepted


def test_an_arrangement_is_counted_three_ways() -> None:
    for source, n in [(braid(4), 24), (shi(3), 16), (resonance(3), 32)]:
        proved, counted = regions(source, betti=True), regions(source, proof=False)
        assert proved.value.n_regions == counted.value.n_regions == n
        assert sum(proved.value.betti or ()) == n
        assert proved.certificate is not None
        assert "count" in [record.rule for record in proved.certificate.records]
        assert (counted.status, counted.certificate) == (Status.UNDECIDED, None)


def test_a_domain_without_interior_has_no_regions() -> None:
    for domain in (Polyhedron.box([1], [1]), Polyhedron.from_inequalities([[1], [-1]], [0, -1])):
        result = regions(TENT, domain=domain)
        assert (result.value.n_regions, result.status) == (0, Status.PROVED)
        assert result.check().accepted
        assert repr(result) == "PROVED: 0 activation regions (R2), 0 bounded"


def test_the_definitions_of_the_anchor() -> None:
    """f(x, y) = max(-y, min(0, -x)): 7, 5, 4, 3, 3, 3 in the paper; R3 is bracketed."""
    layers = [([[1, 0], [0, 1], [0, -1]], [0, 0, 0]), ([[1, -1, 1], [1, 0, 0]], [0, 0]), ([[1, -1]], [0])]
    network = Network.from_arrays(layers)
    for name, n in {"R1": 7, "R2": 5, "R4": 3, "R5": 3, "R6": 3}.items():
        result = regions(network, definition=name)
        assert (result.value.n_regions, result.status) == (n, Status.PROVED)
        # the number stands in the conclusion, and the checker has found it itself
        assert f"exactly {n} " in result.check().line.split(";")[-2]
        assert name == "R2" or f"({name})" in result.check().line
    found = regions(network, definition="R3").value
    assert found.at_least <= 4 <= found.at_most


@pytest.mark.parametrize("layers", [([[1], [1]], [0, -1]), ([[1, 0], [0, 1]], [0, 0])])
def test_the_fewest_polyhedra_are_not_certified(layers: tuple[list[list[int]], list[int]]) -> None:
    """R3 is never PROVED, known or not: the cells are, and the sentence says so."""
    result = regions(Network.from_arrays([layers, ([[1, -2]], [0])]), definition="R3", faces=True)
    assert result.status is Status.UNDECIDED
    assert result.value.n_regions == result.value.n_cells
    assert repr(result).endswith("the count by this definition is computed but not certified")
    assert result.certificate is not None
    assert [record.rule for record in result.certificate.records][-1] == "faces"
    assert result.check().accepted


def test_patterns_of_an_arrangement_and_of_an_empty_domain() -> None:
    """Three lines in general position: 7 cells, and the patterns of 9 edges and 3 vertices among them."""
    lines = [(1, 0, 0), (0, 1, 0), (-1, -1, 1)]
    result = regions(lines, definition="R1")
    # off in all three: nowhere, for x <= 0, y <= 0, x + y >= 1 has no solution; all else is met
    assert (result.value.n_regions, result.status) == (7, Status.PROVED)
    assert result.check().accepted
    empty = regions(TENT, domain=Polyhedron.from_inequalities([[1], [-1]], [0, -1]), definition="R1")
    assert (empty.value.n_regions, empty.status) == (0, Status.PROVED)
    assert "exactly 0 activation patterns of points" in empty.check().line


@given(networks(largest=(2, 3, 2), activations=ACTIVATIONS), st.sampled_from(["R1", "R4", "R5", "R6"]))
@settings(deadline=None, max_examples=25)
def test_every_other_definition_is_certified(network: Network, definition: str) -> None:
    for domain in (None, Polyhedron.box([-1] * network.n_inputs, [1] * network.n_inputs)):
        result = regions(network, domain=domain, definition=definition)
        assert result.status is Status.PROVED
        assert result.certificate is not None
        assert "region_count" in [record.rule for record in result.certificate.records]
        assert result.check().accepted


def test_maxout_regions_are_fewer_than_cells() -> None:
    """The maximum of three numbers in the plane: 3 regions, though the losers' order splits one of them."""
    pieces = ([[1, 0], [0, 1], [0, 0]], [0, 0, 0])
    from exactnet.exact import RationalMatrix
    from exactnet.model import Activation, AffineLayer

    hidden = AffineLayer(
        RationalMatrix.from_rows(pieces[0]), (Fraction(0),) * 3, Activation.MAXOUT, Fraction(0), 3
    )
    output = AffineLayer(RationalMatrix.from_rows([[1]]), (Fraction(0),))
    result = regions(Network((hidden, output)))
    assert result.value.n_regions == 3
    assert result.value.n_cells > 3
    assert result.check().accepted


def test_what_was_found_before_a_limit_is_kept() -> None:
    with pytest.raises(LimitReached) as stopped:
        regions(braid(4), max_cells=5)
    partial = stopped.value.partial
    assert 0 < partial.n_cells <= 5
    assert regions(braid(4), resume=partial).value.n_regions == 24
    with pytest.raises(InputError, match="belongs to another"):
        regions(shi(3), resume=partial)


def test_what_cannot_be_asked() -> None:
    with pytest.raises(InputError, match="no such definition"):
        regions(TENT, definition="R7")
    with pytest.raises(InputError, match="speaks of a function"):
        regions([(1, 0)], definition="R6")
    with pytest.raises(ShapeError):
        regions(TENT, domain=Polyhedron.box([0, 0], [1, 1]))
    with pytest.raises(InputError, match="no domain"):
        regions([(1, 0)], domain=Polyhedron.box([0], [1]), betti=True)


def test_the_value_says_which_engine_has_decided() -> None:
    found: Regions = regions(TENT).value
    assert found.signs_decided["engine"] == "reference"
    assert (found.dimension, found.lineality, found.n_bounded) == (1, 0, 1)
