"""The figure of a verification shows the boxes of its tree, or the place of its point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exactnet.certificate import Certificate, NoCounterexampleRecord, ProofTree, network_record
from exactnet.errors import UnsupportedError
from exactnet.geometry import regions
from exactnet.model import Network, Property, Row
from exactnet.plot import proof_figure, save_figure
from exactnet.verify import verify
from exactnet.verify.proof import property_record

NET = Network.from_arrays([([[1, 1], [1, -1]], [0, 0]), ([[1, -1]], [0])])
BELOW = Property.from_box([0, 0], [1, 1], [[Row.from_terms({}, {0: 1}, -9)]])


def tree(*nodes: int, prop: Property = BELOW, network: Network = NET) -> Certificate:
    claim = NoCounterexampleRecord(
        "claim", "network", "property", "real", 10, (ProofTree((0,), tuple(nodes)),)
    )
    return Certificate("t", (network_record(network), property_record(prop), claim), ("claim",))


def areas(axes: Any) -> list[float]:
    boxes = [path.get_extents() for group in axes.collections for path in group.get_paths()]
    return [round(box.width * box.height, 6) for box in boxes]


def test_boxes_fill_the_square() -> None:
    # halve x1, then the lower half by x2, then split a unit in the upper half; one leaf stays open
    figure = proof_figure(tree(0, 0, 0, 1, 3, 0, 6, 1, 1, 0, 3, 0, 3, 0))
    left, right = figure.axes
    assert sorted(areas(left)) == [0.25, 0.25, 0.5, 0.5]
    assert sum(patch.get_height() for patch in right.patches) == 4
    assert "1 open" in figure.get_suptitle()
    assert {text.get_text() for text in left.get_legend().get_texts()} == {
        "closed",
        "closed after splits of units",
        "open",
    }


def test_one_input_and_a_real_proof(tmp_path: Path) -> None:
    line = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    prop = Property.from_box([-1], [2], [[Row.from_terms({}, {0: 1}, "-1/10")]])
    found = verify(line, prop)
    assert found.certificate is not None
    figure = proof_figure(found.certificate)
    assert sum(areas(figure.axes[0])) == pytest.approx(1)
    assert save_figure(figure, tmp_path / "proof.png").stat().st_size > 1000


def test_a_counterexample_is_a_place_in_each_range() -> None:
    prop = Property.from_box([0, 0], [4, 1], [[Row.from_terms({}, {0: -1}, -2)]])
    found = verify(NET, prop)
    assert found.certificate is not None
    shares = [line.get_xdata()[0] for line in proof_figure(found.certificate).axes[0].lines[1::2]]
    assert len(shares) == 2
    assert all(0 <= share <= 1 for share in shares)


def test_other_certificates_are_refused() -> None:
    certificate = regions(NET).certificate
    assert certificate is not None
    with pytest.raises(UnsupportedError, match="no proof tree"):
        proof_figure(certificate)
