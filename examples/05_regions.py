"""How many linear regions a network has, on the plane and on a box, with the proof and the picture."""

from __future__ import annotations

from exactnet import Network, regions
from exactnet.geometry import Polyhedron
from exactnet.plot import region_figure, save_figure

# |x| and |y| in the first layer, a diamond and two cuts in the second
network = Network.from_arrays(
    [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0, 0, 0, 0]),
        ([[1, 1, 1, 1], [1, -1, 0, 0], [0, 0, 1, -1]], [-1, "1/2", "-1/3"]),
        ([[1, -1, "1/2"]], ["-1/4"]),
    ]
)

print("definition  regions")
for definition in ("R1", "R2", "R4", "R6"):
    found = regions(network, definition=definition).value
    print(f"{definition:10}  {found.n_regions}")

box = Polyhedron.box([-2, -2], [2, 2])
result = regions(network, domain=box, faces=True, betti=True)
print(result)
print("f-vector:", result.value.f_vector)
print("Betti numbers of", result.value.betti_of + ":", result.value.betti)
print(result.check())

result.save("regions.jsonl")
assert result.certificate is not None
print("wrote", save_figure(region_figure(result.certificate), "regions.png"))
