"""Properties decided exactly: a bound that is just reached, the range of an output, a false witness."""

from __future__ import annotations

from exactnet import Network, Property
from exactnet.io import parse_vnnlib
from exactnet.verify import audit_witness, output_range, verify

network = Network.from_arrays(
    [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]),
        ([[1, 1, 1, 1], [1, -1, 0, 0], [0, 0, 1, -1]], [-1, "1/2", "-1/4"]),
        ([[1, -1, "1/2"]], ["-1/4"]),
    ]
)


def unsafe(condition: str) -> Property:
    """The unsafe points of the box [-1, 1] x [-1, 1]."""
    box = "".join(f"(assert (and (>= X_{i} -1) (<= X_{i} 1)))" for i in range(2))
    names = "".join(f"(declare-const {name} Real)" for name in ("X_0", "X_1", "Y_0"))
    return parse_vnnlib(names + box + f"(assert {condition})")


reach = output_range(network, [-1, -1], [1, 1])
top = reach.value.maximum.upper
print(reach, "at", *map(str, reach.value.at_maximum))

print("unsafe    verdict    leaves  margin")
for relation in (">", ">="):
    result = verify(network, unsafe(f"({relation} Y_0 {float(top)})"))
    value = result.value
    margin = "" if value.witness is None else value.witness.margin
    print(f"y {relation:2} {top}  {result.status.name:9}  {value.n_leaves:6}  {margin}")
    print(result.check().line[:60])

claimed = audit_witness(network, unsafe(f"(>= Y_0 {float(top)})"), ["1/2", "1/2"])
print("the claimed counterexample (1/2, 1/2) is", claimed.value.judgement)
