"""Grigsby and Lindsey 2022: bounded components of decision regions."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2008.09052",
    authors="J. E. Grigsby and K. Lindsey",
    title="On Transversality of Bent Hyperplane Arrangements and the Topological Expressiveness of ReLU "
    "Neural Networks",
    venue="SIAGA 2022",
)
