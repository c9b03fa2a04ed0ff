"""Rolnick and Kording 2020: networks up to permutations and scalings."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1910.00744",
    authors="D. Rolnick and K. Kording",
    title="Reverse-Engineering Deep ReLU Networks",
    venue="ICML 2020",
)
