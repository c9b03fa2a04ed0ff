"""Haase, Hertrich and Loho 2023: integer weights and the parity of volumes."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2302.12553",
    authors="C. Haase, C. Hertrich and G. Loho",
    title="Lower Bounds on the Depth of Integral ReLU Neural Networks via Lattice Polytopes",
    venue="ICLR 2023",
)
