"""Stargalla, Hertrich and Reichman 2025: six definitions of a linear region."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2505.16716",
    authors="M. Stargalla, C. Hertrich and D. Reichman",
    title="The Computational Complexity of Counting Linear Regions in ReLU Neural Networks",
    venue="NeurIPS 2025",
)
