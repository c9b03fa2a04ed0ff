"""C11: without regularisation gated and ReLU networks fit equally well."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from exactnet.convex.variants import GroupProgram
from exactnet.convex.variants.cells import gated_program, relu_program
from paper_repro.data import DUPLICATES, FOUR_POINTS, Data, posed
from paper_repro.expectation import Exactly
from paper_repro.fast_convex_2202_01331 import PAPER
from paper_repro.registry import Finding, Statement
from paper_repro.variants import minima

LINE: Data = ([[1], [2], [-1], [-3]], [1, 1, 1, 1])
CASES: dict[str, tuple[Data, Fraction]] = {
    "a line": (LINE, Fraction(3, 10)),
    "repeated and zero rows": (DUPLICATES, Fraction(65, 12)),
    "four points": (FOUR_POINTS, Fraction(0)),
}


def run() -> Finding:
    gated, relu = (
        minima({name: _without_norms(build(posed(data, 1))) for name, (data, _) in CASES.items()})
        for build in (gated_program, relu_program)
    )
    return Finding(
        {
            **{f"gated, {name}": result.value.upper for name, result in gated.items()},
            **{f"ReLU, {name}": result.value.upper for name, result in relu.items()},
            "all of them exactly": all(r.value.is_exact for r in (*gated.values(), *relu.values())),
        },
        (*gated.values(), *relu.values()),
    )


def _without_norms(program: GroupProgram) -> GroupProgram:
    return replace(program, norms=())


STATEMENT = Statement(
    id="C11",
    title="no regularisation: gated equals ReLU",
    area="convex",
    paper=PAPER,
    place="equivalence of the model classes, no regularisation",
    statement="Without regularisation the gated and the ReLU programme have the same minimum, if every gate "
    "belongs to a cone with interior points.",
    expected=(
        *(
            Exactly(f"{kind}, {name}", value)
            for kind in ("gated", "ReLU")
            for name, (_, value) in CASES.items()
        ),
        Exactly("all of them exactly", True),
    ),
    origin="least squares by hand: each half-line is fitted by itself, which leaves 1/10 on the right and "
    "1/5 on the left; the repeated and the zero rows leave 11/12 and 9/2; four independent features fit "
    "four points",
    method="Each minimum is rational and certified by a feasible point and a dual vector of the same value.",
    run=run,
)
