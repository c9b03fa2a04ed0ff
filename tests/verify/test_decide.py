"""Verdicts: against brute force over all activation patterns, at ties, on limits, and never unchecked."""

import random
from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.certificate import NoCounterexampleRecord, Status, Verdict, certificate_text
from exactnet.checker import Files, check_bytes
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.io import save_onnx
from exactnet.model import Network, Property
from exactnet.model.property import Case, Row
from exactnet.verify import verify
from exactnet.verify.attack import Attack
from exactnet.verify.proof import check, is_partial
from tests.verify.brute import is_violated, random_network, random_property

SIZE = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
# the names that `verify` itself looks up, however its modules were imported
RUN = verify.__globals__["checked"].__globals__
ENGINES = RUN["prove"].__globals__
SHAPES = [[1, 2, 1], [2, 3, 1], [1, 3, 2, 2], [2, 2, 2, 1], [2, 4, 2], [1, 1, 1]]


def above(t: object, *, strict: bool = False, box: tuple[object, object] = (-1, 1)) -> Property:
    row = Row.from_terms({}, {0: -1}, -Fraction(t), strict=strict)
    return Property.from_box([box[0]], [box[1]], [[row]])


@pytest.mark.parametrize("seed", range(40))
def test_the_verdict_is_that_of_brute_force(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(rng, rng.choice(SHAPES))
    prop = random_property(rng, network)
    truth = Status.REFUTED if is_violated(network, prop) else Status.PROVED
    real = verify(network, prop, max_nodes=5000)
    assert real.status is truth
    assert real.certificate is not None
    # the checker of the standard library agrees with the compiled one
    assert check_bytes(certificate_text(real.certificate).encode()).accepted
    both = verify(network, prop, semantics="both", max_nodes=2000)
    assert both.value.statuses["real"] is truth
    # a binary32 verdict may be missing at a tie; where it is there, it is that of the reals or a rounding
    if truth is Status.REFUTED:
        assert both.value.statuses["float32"] is not Status.PROVED


@pytest.mark.parametrize("t", [1, Fraction(1, 3), Fraction(2, 3)])
def test_a_touched_boundary(t: Fraction) -> None:
    box = (-t, t)
    assert verify(SIZE, above(t, box=box)).status is Status.REFUTED
    assert verify(SIZE, above(t, strict=True, box=box)).status is Status.PROVED
    assert verify(SIZE, above(t + Fraction(1, 10**12), box=box)).status is Status.PROVED
    assert verify(SIZE, above(t - Fraction(1, 10**12), strict=True, box=box)).status is Status.REFUTED


def test_a_tie_at_a_kink_inside_the_box() -> None:
    at_most_zero = [Row.from_terms({}, {0: 1}, 0)]
    below_zero = [Row.from_terms({}, {0: 1}, 0, strict=True)]
    shifted = Network.from_arrays([([[3], [-3]], [-1, 1]), ([[1, 1]], [0])])  # |3x - 1|
    found = verify(shifted, Property.from_box([-1], [1], [at_most_zero]))
    assert found.status is Status.REFUTED
    assert found.value.witness.point == (Fraction(1, 3),)
    assert found.value.witness.margin == 0
    assert verify(shifted, Property.from_box([-1], [1], [below_zero])).status is Status.PROVED


def test_both_semantics_side_by_side() -> None:
    near = verify(SIZE, above(1 - Fraction(1, 2**30)), semantics="both")
    assert near.value.statuses == {"real": Status.REFUTED, "float32": Status.UNDECIDED}
    assert near.status is Status.REFUTED
    assert "rounding" in near.value.reason
    far = verify(SIZE, above(1 + Fraction(1, 2**30)), semantics="both")
    # 1 + 2^-30 is proved over the reals, and is too near for the rounding bounds
    assert far.value.statuses["real"] is Status.PROVED
    assert far.value.statuses["float32"] is not Status.REFUTED
    for t, status in ((Fraction(1, 2), Status.REFUTED), (2, Status.PROVED)):
        clear = verify(SIZE, above(t), semantics="both")
        assert set(clear.value.statuses.values()) == {status}
        # one claim is enough for both
        assert len(clear.certificate.claims) == 1
        assert clear.certificate.records[-1].semantics == "float32"


@pytest.mark.parametrize("prop", [Property(1, 1, ()), above(0, box=(1, 0))])
def test_an_empty_input_set_is_vacuous(prop: Property) -> None:
    result = verify(SIZE, prop, semantics="both")
    assert result.status is Status.PROVED
    assert result.value.is_vacuous
    assert "input set is empty" in result.sentence
    assert result.check().accepted


def test_empty_and_other_boxes_together() -> None:
    empty = Case((Fraction(1),), (Fraction(0),), ())
    row = Row.from_terms({}, {0: -1}, -2)
    full = Case((Fraction(-1),), (Fraction(1),), (row,))
    result = verify(SIZE, Property(1, 1, (empty, full, empty)))
    assert result.status is Status.PROVED
    assert not result.value.is_vacuous
    assert verify(SIZE, Property(1, 1, (empty, Case((Fraction(3),), (Fraction(3),), (row,))))).status is (
        Status.REFUTED
    )


def hard() -> tuple[Network, Property]:
    """Two inputs, 40 units: some dozen nodes are not enough."""
    rng = random.Random(7)
    layers = [
        ([[rng.randint(-9, 9) for _ in range(m)] for _ in range(n)], [rng.randint(-9, 9) for _ in range(n)])
        for m, n in ((3, 14), (14, 14), (14, 1))
    ]
    network = Network.from_arrays(layers)
    low = min(
        network([a, b, c])[0] for a in range(-9, 10, 3) for b in range(-9, 10, 3) for c in range(-9, 10, 3)
    )
    return network, Property.from_box([-9] * 3, [9] * 3, [[Row.from_terms({}, {0: 1}, low - 600)]])


def test_on_a_limit_the_part_that_is_done_is_proved() -> None:
    network, prop = hard()
    result = verify(network, prop, max_nodes=12)
    if result.status is not Status.UNDECIDED:
        pytest.fail("this instance should need more nodes than that")
    found = result.value
    assert 0 <= found.certified < 1
    assert found.open_boxes
    assert sum(box.share for box in found.open_boxes) == 1 - found.certified
    assert result.certificate is not None
    assert result.check().accepted
    assert "partial" in result.check().line or "share" in result.check().line
    assert "% of the input volume" in result.sentence


def test_time_is_a_limit_too() -> None:
    network, prop = hard()
    result = verify(network, prop, timeout=0)
    # what is reached in the first few steps is an answer, and checked
    assert result.check().accepted
    assert result.value.certified == (
        1 if result.status is Status.PROVED else 1 - sum(box.share for box in result.value.open_boxes)
    )


def test_nothing_is_claimed_that_a_checker_rejects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RUN, "check", lambda *a, **k: Verdict(False, "REJECTED step 3", reason="no"))
    for prop in (above(2), above(Fraction(1, 2))):
        for semantics in ("real", "float32", "both"):
            result = verify(SIZE, prop, semantics=semantics)
            assert result.status is Status.UNDECIDED
            assert (result.certificate, result.value.witness) == (None, None)
            assert "float-verified, unchecked" in result.sentence


def test_an_engine_that_lies_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    from exactnet.verify.proofs import Search, Tree

    # a leaf without a proof under the name of a complete tree
    lie = Search(Tree((0,), (6,), 1, True), None, "refuted")
    monkeypatch.setitem(ENGINES, "engine_for", lambda net, name: lambda *a, **k: lie)
    result = verify(SIZE, above(2))
    assert result.status is Status.UNDECIDED
    # a proof of nothing: the checker does not accept it
    wrong = Search(Tree((0,), (3, 0), 1, True), None, "refuted")
    monkeypatch.setitem(ENGINES, "engine_for", lambda net, name: lambda *a, **k: wrong)
    monkeypatch.setitem(RUN, "attack", lambda *a, **k: Attack(None, None))
    result = verify(SIZE, above(Fraction(1, 2)))
    assert result.status is Status.UNDECIDED
    assert "unchecked" in result.sentence


def test_bad_questions() -> None:
    with pytest.raises(InputError, match="unknown semantics"):
        verify(SIZE, above(1), semantics="bfloat16")
    with pytest.raises(ShapeError, match="number of inputs"):
        verify(SIZE, Property.from_box([0, 0], [1, 1], [[]]))
    with pytest.raises(ShapeError, match="number of outputs"):
        verify(SIZE, Property.from_box([0], [1], [[]], n_outputs=2))
    thirds = Network.from_arrays([([["1/3"]], [0])])
    with pytest.raises(UnsupportedError, match="binary32"):
        verify(thirds, above(1), semantics="both")
    assert verify(thirds, above(1)).status is Status.PROVED


@pytest.mark.parametrize("activation", ["abs", "leaky_relu", "hardtanh", "maxout"])
def test_other_activations_over_the_reals(activation: str) -> None:
    rows = [[1, 1], [1, -1], [-1, 2], [0, 1]]
    network = Network.from_arrays(
        [(rows, [0, 0, 1, 0]), ([[1, 1]] if activation == "maxout" else [[1, 1, -1, 1]], [0])],
        activation=activation,
        slope="1/10",
        pieces=2,
    )
    values = [network([Fraction(a, 8), Fraction(b, 8)])[0] for a in range(-8, 9) for b in range(-8, 9)]
    largest = max(values)
    row = Row.from_terms({}, {0: -1}, -largest)
    assert verify(network, Property.from_box([-1, -1], [1, 1], [[row]])).status is Status.REFUTED
    # the breakpoints are on the grid of eighths or outside: no value between is larger
    beyond = Row.from_terms({}, {0: -1}, -largest - Fraction(1, 100))
    assert verify(network, Property.from_box([-1, -1], [1, 1], [[beyond]])).status is Status.PROVED


def test_files_stand_beside_their_certificate(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    save_onnx(SIZE, tmp_path / "in" / "size.onnx")
    text = "(declare-const X_0 Real)(declare-const Y_0 Real)(assert (and (>= X_0 -1) (<= X_0 1) (>= Y_0 2)))"
    (tmp_path / "in" / "p.vnnlib").write_text(text)
    result = verify(
        tmp_path / "in" / "size.onnx", tmp_path / "in" / "p.vnnlib", semantics="both", folder=tmp_path / "out"
    )
    assert result.status is Status.PROVED
    records = result.certificate.records
    assert [record.rule for record in records] == ["network_file", "property_file", "no_counterexample"]
    assert records[0].file == "../in/size.onnx"
    file = result.save(tmp_path / "out" / "p.cert.jsonl.gz")
    assert check_bytes(file.read_bytes(), files=Files(str(file.parent))).accepted
    # another property under the same name
    (tmp_path / "in" / "p.vnnlib").write_text(text.replace("2", "1"))
    assert not check_bytes(file.read_bytes(), files=Files(str(file.parent))).accepted
    changed = verify(tmp_path / "in" / "size.onnx", tmp_path / "in" / "p.vnnlib", folder=tmp_path / "out")
    assert changed.status is Status.REFUTED


def test_the_second_version_of_the_language_is_written_out(tmp_path: Path) -> None:
    save_onnx(SIZE, tmp_path / "size.onnx")
    (tmp_path / "p.vnnlib").write_text(
        "(vnnlib-version <2.0>)\n"
        "(declare-network f (declare-input X float32 [1]) (declare-output Y float32 [1]))\n"
        "(assert (and (<= -1 X[0]) (<= X[0] 1) (> Y[0] 1)))\n"
    )
    result = verify(tmp_path / "size.onnx", tmp_path / "p.vnnlib", folder=tmp_path)
    assert result.status is Status.PROVED
    assert result.certificate.records[1].rule == "property"
    assert check_bytes(certificate_text(result.certificate).encode(), files=Files(str(tmp_path))).accepted


def test_the_grid_is_that_of_the_record() -> None:
    result = verify(SIZE, above(2))
    record = result.certificate.records[-1]
    assert isinstance(record, NoCounterexampleRecord)
    assert record.grid == result.stats["grid"]


def test_a_partial_proof_is_not_taken_for_a_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "ACCEPTED 3 steps: claim is partial: network and property, in real arithmetic, open shares 1/2"
    monkeypatch.setitem(RUN, "check", lambda *a, **k: Verdict(True, line))
    result = verify(SIZE, above(2))
    assert result.status is Status.UNDECIDED
    # both checkers use these words
    monkeypatch.undo()
    network, prop = hard()
    partial = verify(network, prop, max_nodes=12)
    for standard in (False, True):
        assert is_partial(check(partial.certificate, ".", standard=standard))
    assert not is_partial(verify(SIZE, above(2)).check())


def test_a_network_that_was_merged_is_not_the_one_that_runs(tmp_path: Path) -> None:
    import onnx

    # (x + 1) - 1: the reader of functions makes it x, which rounds nowhere
    model = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["": 17]>
        f (float[1, 1] x) => (float[1, 1] y) <float[1] c = {1.0}> {
            a = Add(x, c)
            b = Abs(a)
            y = Sub(b, c)
        }"""
    )
    onnx.save(model, tmp_path / "f.onnx")
    prop = Property.from_box([0], [1], [[Row.from_terms({0: -1}, {0: 1}, 0, strict=True)]])
    assert verify(tmp_path / "f.onnx", prop).status is Status.PROVED
    with pytest.raises(UnsupportedError, match="binary32"):
        verify(tmp_path / "f.onnx", prop, semantics="float32")


def test_a_convolution_is_written_out_for_the_checker(tmp_path: Path) -> None:
    import onnx

    model = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["": 17]>
        f (float[1, 1, 1, 3] x) => (float[1, 1, 1, 2] y) <float[1, 1, 1, 2] w = {1.0, -2.0}> {
            z = Conv(x, w)
            y = Relu(z)
        }"""
    )
    onnx.save(model, tmp_path / "f.onnx")
    # x_0 - 2 x_1 is at most 3 on the box
    prop = Property.from_box([-1] * 3, [1] * 3, [[Row.from_terms({}, {0: -1}, -4)]], n_outputs=2)
    result = verify(tmp_path / "f.onnx", prop, semantics="both", folder=tmp_path)
    assert set(result.value.statuses.values()) == {Status.PROVED}
    assert result.certificate.records[0].rule == "network"
    assert check(result.certificate, tmp_path, standard=True).accepted
