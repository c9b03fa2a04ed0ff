"""Going on from an unfinished proof: the closed part stays, and what comes out is checked as always."""

import random
from pathlib import Path

import pytest

from exactnet.certificate import Status
from exactnet.errors import InputError, ParseError
from exactnet.model import Network, Property
from exactnet.model.property import Row
from exactnet.verify import verify
from exactnet.verify.instance import instance
from exactnet.verify.open_boxes import certified_share
from exactnet.verify.resume import load_start


def hard(seed: int) -> tuple[Network, Property]:
    """Three inputs, 28 units: a dozen nodes are not enough."""
    rng = random.Random(seed)
    layers = [
        ([[rng.randint(-9, 9) for _ in range(m)] for _ in range(n)], [rng.randint(-9, 9) for _ in range(n)])
        for m, n in ((3, 14), (14, 14), (14, 1))
    ]
    network = Network.from_arrays(layers)
    grid = range(-9, 10, 3)
    low = min(network([a, b, c])[0] for a in grid for b in grid for c in grid)
    return network, Property.from_box([-9] * 3, [9] * 3, [[Row.from_terms({}, {0: 1}, low - 600)]])


@pytest.mark.parametrize("semantics", ["real", "float32"])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_step_by_step_to_the_end(tmp_path: Path, semantics: str, suffix: str) -> None:
    network, prop = hard(7)
    part = tmp_path / f"part{suffix}"
    result = verify(network, prop, semantics=semantics, max_nodes=12)
    shares = [result.value.certified]
    while result.status is Status.UNDECIDED:
        assert result.check().accepted
        result.save(part)
        result = verify(network, prop, semantics=semantics, max_nodes=12 * len(shares), resume=part)
        shares.append(result.value.certified)
    assert result.check().accepted
    assert result.status is Status.PROVED
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1
    # one tree for the whole box, without a hole
    assert result.certificate.records[-1].trees[0].cases == (0,)


def test_a_start_is_read_as_it_was_written(tmp_path: Path) -> None:
    network, prop = hard(7)
    result = verify(network, prop, max_nodes=12)
    part = result.save(tmp_path / "part.jsonl")
    start = load_start(part, instance(network, prop))
    assert start is not None
    assert certified_share(prop, start.trees, start.grid) == result.value.certified
    assert start.trees[0].n_leaves == result.value.n_leaves
    assert not start.trees[0].is_complete


def test_another_question_is_refused(tmp_path: Path) -> None:
    network, prop = hard(7)
    part = verify(network, prop, max_nodes=12).save(tmp_path / "part.jsonl")
    for other in (hard(8), (network, hard(8)[1])):
        with pytest.raises(InputError, match="something else"):
            verify(*other, resume=part)
    with pytest.raises(InputError, match="does not exist"):
        verify(network, prop, resume=tmp_path / "nothing.jsonl")
    (tmp_path / "broken.jsonl").write_text("hello\n")
    with pytest.raises(ParseError):
        verify(network, prop, resume=tmp_path / "broken.jsonl")


def test_a_counterexample_has_nothing_to_continue(tmp_path: Path) -> None:
    network = hard(7)[0]
    row = Row.from_terms({}, {0: 1}, network([0, 0, 0])[0] + 1)
    unsafe = Property.from_box([-9] * 3, [9] * 3, [[row]])
    found = verify(network, unsafe)
    assert found.status is Status.REFUTED
    part = found.save(tmp_path / "part.jsonl")
    assert load_start(part, instance(network, unsafe)) is None
    assert verify(network, unsafe, resume=part).status is Status.REFUTED


def test_who_asks_to_stop_gets_what_is_reached() -> None:
    network, prop = hard(7)
    result = verify(network, prop, should_stop=lambda: True)
    assert result.check().accepted
    assert result.status in (Status.UNDECIDED, Status.PROVED)
