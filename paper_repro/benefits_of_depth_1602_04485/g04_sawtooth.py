"""G04: the sawtooth, whose pieces double with every layer."""

from __future__ import annotations

from exactnet.geometry import regions
from paper_repro.benefits_of_depth_1602_04485 import PAPER
from paper_repro.expectation import Exactly, Proof
from paper_repro.region_counts import sawtooth
from paper_repro.registry import Finding, Statement

# depth: regions by R1 (all patterns), R2 (cells) and R6 (affine functions)
PIECES = {1: (3, 3, 3), 2: (6, 6, 5), 3: (11, 10, 9), 4: (21, 18, 17), 5: (41, 34, 33)}


def run() -> Finding:
    cells = {depth: regions(sawtooth(depth), faces=True) for depth in PIECES}
    values: dict[str, int] = {}
    for depth, result in cells.items():
        values[f"R2, depth {depth}"] = result.value.n_cells
        for name in ("R1", "R6"):
            counted = regions(sawtooth(depth), definition=name, proof=False).value.n_regions
            values[f"{name}, depth {depth}"] = -1 if counted is None else counted
    return Finding(values, tuple(cells.values()))


STATEMENT = Statement(
    id="G04",
    title="the sawtooth",
    area="geometry",
    paper=PAPER,
    place="the tent map",
    statement="The L-fold composition of the tent map, a network of two units a layer, has 2^L affine "
    "pieces on [0, 1], and one constant piece on each side that the last breakpoints add.",
    expected=(
        *(Exactly(f"R2, depth {depth}", r2) for depth, (_, r2, _) in PIECES.items()),
        *(Exactly(f"R1, depth {depth}", r1, Proof.EXACT) for depth, (r1, _, _) in PIECES.items()),
        *(Exactly(f"R6, depth {depth}", r6, Proof.EXACT) for depth, (_, _, r6) in PIECES.items()),
    ),
    origin="2^L pieces by induction; R1, R2 and R6 of this integer network computed independently before",
    method="R2 has a complete split tree and recounted faces; R1 and R6 are read off the same cells.",
    run=run,
)
