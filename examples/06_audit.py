"""Audit trained networks: what one pricing pass proves, what solving adds, and what the patterns allow.

Run: python examples/06_audit.py
"""

from exactnet import Dataset, audit, train
from exactnet.convex import optimal_set, restricted_optimum, training_problem

data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
problem = training_problem(data, beta="1/2")

print(f"{'width':<6} {'objective':<10} {'gap, one pass':<14} {'gap, solved':<12} same patterns")
for width in (1, 2, 3):
    network = min(train(problem, n_neurons=width, n_seeds=5), key=lambda found: found.approx_loss).network
    once = audit(network, problem)
    solved = audit(network, problem, refine=True)
    same = restricted_optimum(problem, network)
    gaps = [float(result.value.gap_upper) for result in (once, solved)]
    excess = float(same.value.excess.upper)
    print(f"{width:<6} {float(once.value.objective):<10.6f} {gaps[0]:<14.3e} {gaps[1]:<12.3e} {excess:.3e}")
    for result in (once, solved, same):
        print(f"       {result.check().line.partition(':')[0]}")

print(once)
found = optimal_set(training_problem(data, beta="1/2", norm="l1"))
print(found)
print(f"with the l1 norm: dimension {found.value.dimension}, minimal width {found.value.minimal_width}")
