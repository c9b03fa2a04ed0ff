"""R05: two convolutional networks as convex programmes."""

from __future__ import annotations

from fractions import Fraction

from exactnet.convex.variants.convolution import circular_program, patches, pooled_program
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.expectation import AtMost, Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement
from paper_repro.variants import intervals, minima, width

SIGNALS = [[1, -2, 1], [2, 1, -1], [-1, 1, 3]]
CIRCULAR = [[1, -2, 1, 0], [2, 1, -1, 1], [-1, 1, 3, 2]]
TARGETS = [Fraction(1), Fraction(-1), Fraction(2)]
BETA = Fraction(3, 10)


def run() -> Finding:
    signals, circular = ([[Fraction(x) for x in row] for row in rows] for rows in (SIGNALS, CIRCULAR))
    pooled = pooled_program(patches(signals, 2), TARGETS, beta=BETA)
    results = minima(
        {"sum pooling": pooled, "circular convolution": circular_program(circular, TARGETS, beta=BETA)}
    )
    return Finding(
        {
            **intervals(results),
            "patterns of the patches": len(pooled.norms) // 2,
            "widest enclosure": width(results),
        },
        tuple(results.values()),
    )


STATEMENT = Statement(
    id="R05",
    title="convolutional networks",
    area="convex",
    paper=PAPER,
    place="convolutional networks with sum pooling, and linear circular ones",
    statement="A network that sums one ReLU filter over all patches is the convex programme over the cells "
    "of all patches together. A linear circular network, with weight decay on filter and output, is a Lasso "
    "in the frequencies with the penalty beta / sqrt(d) |F theta|_1.",
    expected=(
        Digits("sum pooling", "0.2940301404"),
        Digits("circular convolution", "0.183073730"),
        Exactly("patterns of the patches", 10, Proof.EXACT),
        AtMost("widest enclosure", Fraction(1, 10**10)),
    ),
    origin="interior-point solutions and training from many starts, apart from this package",
    method="Three signals of length 3 (patches of length 2) and of length 4, beta = 3/10. Each programme is "
    "enclosed by a rational point and a rational dual vector; at length 4 the Fourier moduli are norms of "
    "rational vectors.",
    run=run,
)
