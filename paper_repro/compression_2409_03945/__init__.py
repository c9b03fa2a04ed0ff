"""Fotopoulos, Maragos and Misiakos 2024: compression, with a bound by the Hausdorff distance."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2409.03945",
    authors="K. Fotopoulos, P. Maragos and P. Misiakos",
    title="TropNNC: Structured Neural Network Compression Using Tropical Geometry",
    venue="2024",
)
