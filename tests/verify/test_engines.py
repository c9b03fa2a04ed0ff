"""Grouping by boxes, and what counts as complete."""

from fractions import Fraction

from exactnet.model import Network, Property
from exactnet.model.property import Case, Row
from exactnet.verify.engines import Proof, engine_for, prove
from exactnet.verify.input_split import prove_by_input_splitting
from exactnet.verify.lowered import lowered
from exactnet.verify.proofs import Limits, Tree
from exactnet.verify.relu_split import prove_by_relu_splitting

SIZE = lowered(Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]))
ROW = Row.from_terms({}, {0: -1}, -2)


def case(low: int, high: int) -> Case:
    return Case((Fraction(low),), (Fraction(high),), (ROW,))


def test_one_tree_a_box() -> None:
    prop = Property(1, 1, (case(-1, 1), case(0, 1), case(-1, 1), case(3, 2)))
    proof = prove(SIZE, prop, float32=False, limits=Limits())
    assert [tree.cases for tree in proof.trees] == [(0, 2), (1,), (3,)]
    assert proof.trees[-1].nodes == (5,)
    assert proof.is_complete(prop)
    assert proof.n_leaves == sum(tree.n_leaves for tree in proof.trees)


def test_a_witness_ends_the_search() -> None:
    proof = prove(SIZE, Property(1, 1, (case(-1, 1), case(2, 3))), float32=False, limits=Limits())
    assert proof.witness is not None
    assert 2 <= proof.witness[0] <= 3


def test_a_flag_does_not_make_a_proof() -> None:
    prop = Property(1, 1, (case(-1, 1),))
    assert not Proof(8, (Tree((0,), (6,), 1, True),), None, "", 1).is_complete(prop)
    assert not Proof(8, (), None, "", 1).is_complete(prop)
    assert Proof(8, (), None, "", 1).is_complete(Property(1, 1, ()))


def test_many_inputs_go_to_the_other_engine() -> None:
    assert engine_for(SIZE) is prove_by_input_splitting
    assert engine_for(lowered(Network.from_arrays([([[1] * 50], [0])]))) is prove_by_relu_splitting
