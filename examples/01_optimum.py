"""The global optimum of training on four samples, for both norms and for several strengths of weight decay.

Run: python examples/01_optimum.py
"""

from exactnet import Dataset, optimum
from exactnet.exact import decimal_text, format_rational, round_up

data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])

exact = optimum(data, beta="1/2", norm="l1")
print(exact)  # PROVED: the global optimum is exactly 2161/1575 (= 1.372063492063...)
print(exact.check())  # the verdict of the independent checker

print("\nbeta      l1 optimum                             l2 optimum lies between             neurons")
for beta in ("1/100", "1/10", "1/2", "1", "2", "4"):
    l1 = optimum(data, beta=beta, norm="l1").value
    l2 = optimum(data, beta=beta, norm="l2").value
    lower, upper = decimal_text(l2.lower, digits=12), decimal_text(round_up(l2.upper, digits=12), digits=12)
    exact_value, n_neurons = format_rational(l1.upper, digits=8), len(l2.network.neurons)
    print(f"{beta:<8}  {exact_value:<37}  {lower:<16}  {upper:<16}  {n_neurons}")
