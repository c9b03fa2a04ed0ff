"""Parts of tasks: restricted domains have exactly the cells that agree, fingerprints tell tasks apart."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exactnet.errors import InputError, ShapeError
from exactnet.geometry.network_cells import network_cells
from exactnet.geometry.parts import fingerprint, require_fingerprint, restricted, without_covered
from exactnet.geometry.reduction import reduce_task
from exactnet.geometry.reference import Node, reference_cells
from exactnet.geometry.stream import count_cells
from exactnet.geometry.task import RegionTask, arrangement_task, region_task
from exactnet.model import Network
from tests.geometry.many_networks import random_task
from tests.geometry.nets import unit_box


def agrees(signs: tuple[int, ...], part: tuple[int, ...]) -> bool:
    return all(p in (0, s) for p, s in zip(part, signs, strict=True))


@given(st.integers(0, 10**6), st.integers(0, 40))
@settings(deadline=None, max_examples=60)
def test_a_part_has_the_cells_that_agree_with_it(seed: int, n: int) -> None:
    """At any moment of the reference: what it has found, and the cells of its open parts, are all cells."""
    task = reduce_task(random_task(seed)).reduced
    every = [cell.signs for cell in reference_cells(task)]
    nodes: list[Node] = []
    walk = reference_cells(task, still_open=nodes)
    found = [cell.signs for cell, _ in zip(walk, range(n), strict=False)]
    parts = [node.signs + (0,) * (task.n_switches - len(node.signs)) for node in reversed(nodes)]
    for part in parts:
        expected = [signs for signs in every if agrees(signs, part)]
        assert [cell.signs for cell in reference_cells(restricted(task, part))] == expected
        found += expected
    if n < len(every):  # otherwise the walk was never asked to stop
        assert found[:n] == every[:n]
        assert len(found) in (len(every), len(every) - 1)  # the one that was found last and not taken


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_whole_cells_are_parts(seed: int) -> None:
    task = reduce_task(random_task(seed)).reduced
    for cell in list(reference_cells(task))[:5]:
        only = list(reference_cells(restricted(task, cell.signs)))
        assert [(one.signs, set(one.rays)) for one in only] == [(cell.signs, set(cell.rays))]


def test_parts_that_cannot_be() -> None:
    task = region_task(
        Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [-1])], output_activation="relu")
    )
    with pytest.raises(ShapeError, match="does not fit the task"):
        restricted(task, (1, 1))
    with pytest.raises(InputError, match="not a sign"):
        restricted(task, (2, 0, 0))
    with pytest.raises(InputError, match="behind a layer that is not decided"):
        restricted(task, (1, 0, 1))
    with pytest.raises(InputError, match="behind a layer that is not decided"):
        restricted(arrangement_and_layer(), (0, 1))


def arrangement_and_layer() -> RegionTask:
    """A line that nothing decides, in front of a second layer."""
    return region_task(Network.from_arrays([([[1, 1]], [0]), ([[1]], [1])], output_activation="relu"))


def test_parts_inside_others() -> None:
    assert without_covered([]) == []
    assert without_covered([()]) == [()]
    assert without_covered([(1, 1), (0, 0), (1, 0)]) == [(0, 0)]


def test_fingerprints() -> None:
    network = Network.from_arrays([([[1, 2], [3, 4]], [0, Fraction(1, 3)]), ([[1, 1]], [0])])
    task = region_task(network)
    others = [
        region_task(network, unit_box(2)),
        region_task(Network.from_arrays([([[1, 2], [3, 4]], [0, Fraction(1, 3)])], activation="abs")),
        region_task(Network.from_arrays([([[1, 2], [3, 4]], [0, Fraction(2, 3)]), ([[1, 1]], [0])])),
        arrangement_task([(1, 2, 0), (3, 4, 1)]),
    ]
    assert len({fingerprint(one) for one in (task, *others)}) == 5
    assert fingerprint(replace(task, readout=None)) == fingerprint(task)
    assert require_fingerprint(fingerprint(task), task, where="here") == network_cells(task).fingerprint
    with pytest.raises(InputError, match="another network or domain"):
        require_fingerprint("", task, where="here")


def test_fingerprints_do_not_depend_on_the_process() -> None:
    code = (
        "from exactnet.geometry.parts import fingerprint\n"
        "from exactnet.geometry.task import arrangement_task\n"
        "print(fingerprint(arrangement_task([(1, 2, 3), (4, 5, 6)])), end='')"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout == fingerprint(arrangement_task([(1, 2, 3), (4, 5, 6)]))


def test_fingerprints_of_numbers_of_any_length() -> None:
    # beyond the 4300 digits that Python turns into decimals by default
    forms = [(10**5000, 1), (1, 3**10000)]
    digests = {fingerprint(arrangement_task(forms)), fingerprint(arrangement_task([forms[0], (1, 3**10001)]))}
    assert len(digests) == 2
    assert count_cells(forms).n_cells == network_cells(arrangement_task(forms)).n_cells == 3
