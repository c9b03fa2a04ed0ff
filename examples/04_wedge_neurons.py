"""The neurons of an l1 optimum are wedge products: each is orthogonal to samples and coordinate vectors.

Run: python examples/04_wedge_neurons.py
"""

from exactnet import Dataset, optimum
from exactnet.convex import predictions, training_problem
from exactnet.exact import rational_text

data = Dataset.from_arrays([[1, 1], [-1, -1], [1, -1], [-1, 1]], [1, 1, -1, -1])  # XOR
problem = training_problem(data, beta="1/10", norm="l1", bias="penalised")
result = optimum(problem)
network = result.value.network

print(result)
print(f"{'output weight':>15}  {'weights and bias':<28}  formula")
for neuron, formula in zip(network.neurons, result.value.formulas, strict=True):
    direction = ", ".join(rational_text(weight) for weight in neuron.u)
    print(f"{rational_text(neuron.a):>15}  {direction:<28}  {formula}")

print("\nsample      target  output   neurons whose kink goes through it")
for row, target, output in zip(problem.homogenised, data.targets, predictions(problem, network), strict=True):
    on_kink = [
        str(j)
        for j, neuron in enumerate(network.neurons, start=1)
        if sum(u * z for u, z in zip(neuron.u, row, strict=True)) == 0
    ]
    point = "(" + ", ".join(rational_text(x) for x in row[:-1]) + ")"
    print(f"{point:<10}  {target!s:>6}  {rational_text(output):>7}  {', '.join(on_kink) or 'none'}")
