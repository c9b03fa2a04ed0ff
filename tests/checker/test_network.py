"""The record network: its rules, its switches, and the forms along a path."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from exactnet.certificate import Certificate, RegionTreeRecord, certificate_text, check_text, network_record
from exactnet.checker.network import check_network, first_state, next_state
from exactnet.checker.read import parse_line
from exactnet.exact import primitive
from exactnet.geometry.reference import reference_cells
from exactnet.geometry.task import region_task
from exactnet.model import Network
from tests.checker.region_cases import network_of
from tests.geometry.general_nets import general_networks
from tests.support.sealing import Line, seal_records

LAYER: Line = {
    "weight": [["1", "1/2"], ["0", "-3"]],
    "bias": ["0", "1"],
    "activation": "relu",
    "slope": "0",
    "pieces": 1,
    "skips": [],
}
LAST: Line = {**LAYER, "activation": "identity", "skips": [[0, [["1", "0"], ["0", "1"]]]]}


def verdict_of(layers: Any, n_inputs: Any = 2) -> Any:
    record = {"rule": "network", "id": "net", "n_inputs": n_inputs, "layers": layers}
    system = {"rule": "linear_system", "id": "s", "n_variables": 1, "rows": [], "relations": [], "rhs": []}
    witness = {"rule": "witness", "id": "w", "system": "s", "point": ["0"]}
    found = check_text(seal_records([record, system, witness], ["w"]))
    assert "could not follow" not in found.reason
    return found


def test_the_example_is_a_network() -> None:
    assert verdict_of([LAYER, LAST]).accepted
    assert verdict_of([]).accepted
    assert verdict_of([{**LAYER, "activation": "maxout", "pieces": 2}]).accepted
    assert verdict_of([{**LAYER, "activation": "leaky_relu", "slope": "-1/3"}]).accepted


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"weight": [["1", "1/2"]]}, "weight must have length 2"),
        ({"weight": [["1"], ["0"]]}, "weight[0] must have length 2"),
        ({"weight": [["1", 1], ["0", "-3"]]}, "must be a rational"),
        ({"weight": [["1", "2/4"], ["0", "-3"]]}, "lowest terms"),
        ({"weight": [], "bias": []}, "has no units"),
        ({"bias": ["0"]}, "weight must have length 1"),
        ({"activation": "tanh"}, "must be one of relu"),
        ({"slope": "1"}, "slope must be 0"),
        ({"slope": 0}, "must be a rational"),
        ({"pieces": 2}, "does not fit relu"),
        ({"pieces": 0}, "must be at least 1"),
        ({"pieces": True}, "must be an integer"),
        ({"activation": "maxout"}, "does not fit maxout"),
        ({"activation": "maxout", "pieces": 3}, "does not fit maxout"),
        ({"skips": [[0, [["1", "0"], ["0", "1"]]]]}, "not before the layer in front"),
        ({"skips": [[-1, [["1", "0"], ["0", "1"]]]]}, "must be at least 0"),
        ({"skips": [[0]]}, "must have length 2"),
        ({"skips": None}, "must be a list"),
        ({"extra": 0}, "unknown key"),
    ],
)
def test_a_bad_layer_is_rejected(change: Line, match: str) -> None:
    found = verdict_of([{**LAYER, **change}])
    assert not found.accepted
    assert match in found.reason


def test_skips_are_checked() -> None:
    square = [["1", "0"], ["0", "1"]]
    three = [LAYER, LAYER, LAST]
    good = [[0, square], [1, square]]
    assert verdict_of([*three[:2], {**LAST, "skips": good}]).accepted
    for bad in (
        [[2, square]],
        [[3, square]],
        good[::-1],
        [good[0], good[0]],
        [[0, square[:1]]],
        [[0, [["1"], ["1"]]]],
    ):
        assert not verdict_of([*three[:2], {**LAST, "skips": bad}]).accepted
    for n_inputs in (0, -1, 3, "2", None, True):
        assert not verdict_of([LAYER], n_inputs).accepted
    for layers in (None, {}, [None], [[]], "", [{}]):
        assert not verdict_of(layers).accepted


def test_a_network_has_no_conclusion() -> None:
    record = {"rule": "network", "id": "net", "n_inputs": 2, "layers": [LAYER]}
    assert "no conclusion" in check_text(seal_records([record], ["net"])).reason


# -- switches ------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(general_networks(depth=3, width=3))
def test_forms_are_those_of_the_task(network: Network) -> None:
    # one path of signs for each cell: the engine lowers maxout and skips to a chain, the checker does not
    text = certificate_text(
        Certificate(
            "x",
            (network_record(network), RegionTreeRecord("t", "network", (), 0, ())),
            ("t",),
        )
    )
    net = check_network(parse_line(text.split("\n")[1]), "network", {})
    task = region_task(network)
    assert net.n_switches == task.n_switches
    for cell in list(reference_cells(task))[:20]:
        state = first_state(net)
        for forms in cell.forms:
            assert state is not None
            stage = net.stages[state.number]
            found = [form and primitive(form) for form in state.forms]
            assert found == [form if any(form) else None for form in forms]
            signs = cell.signs[stage.first : stage.first + stage.n_switches]
            state = next_state(net, state, signs)
        assert state is None


@settings(max_examples=50, deadline=None)
@given(general_networks())
def test_a_network_survives_its_record(network: Network) -> None:
    assert network_of(network_record(network)) == network
