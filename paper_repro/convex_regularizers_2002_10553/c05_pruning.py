"""C05: n neurons are enough: a wide network is pruned without changing what it predicts."""

from __future__ import annotations

from fractions import Fraction

from exactnet.certificate import Neuron, minimum
from exactnet.convex import TrainingProblem, TwoLayer, optimum, predictions
from exactnet.exact import Interval, LinearSystem
from paper_repro.certificates import evaluated
from paper_repro.convex_regularizers_2002_10553 import PAPER
from paper_repro.data import FOUR_POINTS, TWELVE_DIGITS, posed
from paper_repro.expectation import Digits, Exactly, Proof
from paper_repro.registry import Finding, Statement

VALUE = "1.073770178483"
# unit vectors with rational entries, all around the circle
DIRECTIONS = [
    (Fraction(a, c), Fraction(b, c))
    for p, q, c in ((3, 4, 5), (5, 12, 13), (8, 15, 17))
    for a, b in ((p, q), (-q, p), (-p, -q), (q, -p))
]


def run() -> Finding:
    problem = posed(FOUR_POINTS, "1/2")
    # balanced neurons: |u| = |a| = 1/2, output signs in turn
    wide = TwoLayer(
        tuple(Neuron((x / 2, y / 2), Fraction(1 if k % 3 else -1, 2)) for k, (x, y) in enumerate(DIRECTIONS))
    )
    pruning = minimum(weights_system(problem, wide), [1] * len(wide.neurons))
    weights = pruning.value.point or ()
    narrow = TwoLayer(
        tuple(Neuron(neuron.u, neuron.a * c) for neuron, c in zip(wide.neurons, weights, strict=True) if c)
    )
    objectives = evaluated(problem, {"wide": wide, "narrow": narrow})
    best = optimum(problem, gap=TWELVE_DIGITS)
    return Finding(
        {
            "optimum": Interval(best.value.lower, best.value.upper),
            "neurons that reach it": len(best.value.network.neurons),
            "neurons of the wide network": len(wide.neurons),
            "neurons after pruning, at most four": len(narrow.neurons) <= problem.n_samples,
            "the predictions are the same": predictions(problem, wide) == predictions(problem, narrow),
            # all |u_k| |a_k| are 1/4, so that the penalty is the sum of the weights c_k times beta / 4
            "the penalty is not larger": sum(weights) <= len(wide.neurons),
        },
        (best, pruning, objectives),
    )


def weights_system(problem: TrainingProblem, network: TwoLayer) -> LinearSystem:
    """c >= 0 with sum_k c_k a_k (X u_k)_+ equal to the predictions of the network."""
    n = len(network.neurons)
    rows = [[Fraction(-(i == k)) for k in range(n)] for i in range(n)]
    features = [predictions(problem, TwoLayer((neuron,))) for neuron in network.neurons]
    rows += [list(row) for row in zip(*features, strict=True)]
    level = list(predictions(problem, network))
    return LinearSystem(rows, ["<="] * n + ["="] * len(level), [Fraction(0)] * n + level)


STATEMENT = Statement(
    id="C05",
    title="as many neurons as samples are enough",
    area="convex",
    paper=PAPER,
    place="main theorem, bound of the width",
    statement="A network with more neurons than samples can be pruned to at most n neurons without changing "
    "a prediction and without a larger penalty; so the width m* of an optimal network is at most n (the "
    "paper says n + 1). For the four points and beta = 1/2 three neurons are optimal.",
    expected=(
        Digits("optimum", VALUE),
        Exactly("neurons that reach it", 3),
        Exactly("neurons of the wide network", 12, Proof.EXACT),
        Exactly("neurons after pruning, at most four", True),
        Exactly("the predictions are the same", True, Proof.EXACT),
        Exactly("the penalty is not larger", True, Proof.EXACT),
    ),
    origin="Caratheodory: a vertex of {c >= 0 : sum c_k f_k = f} has at most rank(f_k) <= n positive "
    "entries; the sharper n for one output is our own remark",
    method="Twelve balanced neurons of rational norm. A linear programme over their weights, whose vertex "
    "the checker proves to be of least penalty, leaves at most four; both networks are evaluated by the "
    "checker.",
    run=run,
)
