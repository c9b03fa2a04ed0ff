"""Grillo, Hertrich and Loho 2025: networks that bend along the braid arrangement only."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2502.09324",
    authors="M. Grillo, C. Hertrich and G. Loho",
    title="Depth-Bounds for Neural Networks via the Braid Arrangement",
    venue="2025",
)
