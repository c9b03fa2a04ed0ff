"""One cell: both representations, its witness, the map on it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.geometry.complex import polyhedral_complex
from exactnet.geometry.polyhedron import Polyhedron
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import arrangement_task, region_task, signs_at
from exactnet.model import Network
from tests.geometry.nets import (
    ACTIVATIONS,
    domains,
    networks,
)


@settings(max_examples=60, deadline=None)
@given(networks(largest=(2, 4, 3), activations=ACTIVATIONS), st.data())
def test_both_representations_maps_and_witnesses(network: Network, data: st.DataObject) -> None:
    task = region_task(network, data.draw(domains(network.n_inputs)))
    found = polyhedral_complex(task)
    for cell, forms in zip(found.cells, reference_cells(task), strict=True):
        assert cell.signs == forms.signs
        # from all forms, in the order of the switches, by closed cuts
        signed = [
            tuple(s * x for x in form)
            for s, form in zip(cell.signs, (f for layer in forms.forms for f in layer), strict=True)
        ]
        full = Polyhedron((*task.domain, *signed), task.dimension)
        assert set(full.vertices) == set(cell.vertices) == set(cell.polyhedron.vertices)
        assert set(full.rays) == set(cell.rays)
        assert full.is_bounded == cell.is_bounded
        assert full.lineality == cell.lineality
        for k in range(len(cell.walls)):
            fewer = Polyhedron(cell.inequalities[:k] + cell.inequalities[k + 1 :], task.dimension)
            assert (set(fewer.vertices), set(fewer.rays)) != (set(cell.vertices), set(cell.rays))
        assert cell.has_inside(cell.witness)
        assert not (cell.walls and any(map(cell.has_inside, cell.vertices)))
        signs = signs_at(task, cell.witness)
        assert all(s in (0, t) for s, t in zip(signs, cell.signs, strict=True))
        matrix, vector = cell.affine_map
        value = matrix @ cell.witness
        assert tuple(y + b for y, b in zip(value, vector, strict=True)) == network(cell.witness)


@settings(max_examples=40, deadline=None)
@given(networks(largest=(2, 4, 3), activations=ACTIVATIONS))
def test_the_function_is_continuous_across_facets(network: Network) -> None:
    found = polyhedral_complex(region_task(network))
    for i, j, facet in found.adjacency():
        maps = [found.cells[cell].affine_map for cell in (i, j)]
        for g in found.lattice.faces[found.dimension - 1][facet]:
            ray = found.lattice.generators[g]
            values = {
                tuple(y + ray[-1] * b for y, b in zip(matrix @ ray[:-1], vector, strict=True))
                for matrix, vector in maps
            }
            assert len(values) == 1


def test_witnesses_are_short_where_they_can_be() -> None:
    found = polyhedral_complex(arrangement_task([(3, -1), (7, -5), (1000003, -1000002)]))
    assert [str(cell.witness[0]) for cell in found.cells] == ["2", "7/8", "1/2", "-1"]
