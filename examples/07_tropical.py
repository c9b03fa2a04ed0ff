"""A network as a difference of two tropical polynomials, what that proves about it, and the picture."""

from __future__ import annotations

from exactnet import Network
from exactnet.plot import save_figure, tropical_figure
from exactnet.tropical import (
    maximum_network,
    maximum_polynomial,
    recursion,
    same_function,
    to_network,
    tropical_form,
)

network = Network.from_arrays(
    [
        ([[1, 0], [1, 2], [-2, 1], [0, -1]], [0, -1, 0, 1]),
        ([[1, -1, 0, 2], [-1, 1, 1, 0], [0, 1, -1, 1]], [0, 1, -1]),
        ([[1, -2, 1]], ["1/2"]),
    ]
)

result = tropical_form(network, regions=True)
print(result)
F, G = result.value.numerator, result.value.denominator
print("F =", F)
print("G =", G)
for count in result.value.regions:
    print(f"{count.definition}: {count.value if count.value is not None else (count.lower, count.upper)}")
print(result.check())

# the expanded formula is longer, and equal
(expanded,) = recursion(network, prune=False)
print("terms before pruning:", expanded.numerator.n_terms, "and", expanded.denominator.n_terms)
print(expanded.equals(result.value.rational))

# back to a network: one hidden layer of maxout units
print(same_function(network, to_network(result.value.rational, activation="maxout")))

# two hidden layers are enough for the maximum of five numbers
print(same_function(maximum_network(5), maximum_polynomial(5), proof=False).sentence)

result.save("tropical.jsonl")
assert result.certificate is not None
print("wrote", save_figure(tropical_figure(result.certificate), "tropical.png"))
