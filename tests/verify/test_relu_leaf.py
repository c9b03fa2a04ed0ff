"""What is written as a proof proves: in the plain integers of the format."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from exactnet.verify.relu_ascent import Batch, ascend, sweep
from exactnet.verify.relu_leaf import proofs_of, quick_proofs
from tests.verify.relu_nets import random_walker


def _with_bound(batch: Batch, value: float) -> Batch:
    """The same pair with a row bound that brings its best bound to about `value`."""
    rows = batch.rows[0]
    net = batch.net
    found = ascend(batch, batch.first_guess(), 10)
    shift = float(found.value[0]) - value
    moved = replace(rows, bound=rows.bound + shift)
    return Batch(net, [_bounds(batch)], [tuple(s[0] for s in batch.signs)], [moved])


def _bounds(batch: Batch):
    from exactnet.verify.relu_units import Bounds

    which = np.array(0)
    return Bounds(tuple(units.take(which) for units in batch.units))


@pytest.mark.parametrize("float32", [False, True])
@pytest.mark.parametrize("dyadic", [False, True])
def test_the_written_proof_has_the_bound_in_integers(dyadic: bool, float32: bool) -> None:
    n_written = 0
    for seed in range(150):
        walker = random_walker(
            random.Random(seed), float32=float32, dyadic=dyadic, n_rows=random.Random(seed).randint(1, 3)
        )
        batch = _with_bound(walker.batch(), 0.25)
        shift = float(batch.rows[0].bound[0]) - float(walker.case.rows[0].bound)
        found = ascend(batch, batch.first_guess(), 10)
        written = [*quick_proofs(batch), *proofs_of(batch, found.guess, [walker.node.splits])]
        for proof in written:
            if proof is not None:
                n_written += 1
                assert walker.bound(proof) - shift > 0
    assert n_written > 100


def test_a_bound_below_zero_gives_no_proof() -> None:
    for seed in range(60):
        walker = random_walker(random.Random(500 + seed))
        batch = _with_bound(walker.batch(), -0.01)
        found = ascend(batch, batch.first_guess(), 10)
        for proof in proofs_of(batch, found.guess, [walker.node.splits]):
            assert proof is None or float(sweep(batch, found.guess).value[0]) > 0
