"""Masden 2022: the sign vectors of the vertices determine the complex."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2207.07696",
    authors="M. Masden",
    title="Algorithmic Determination of the Combinatorial Structure of the Linear Regions of ReLU Neural "
    "Networks",
    venue="SIAGA 2025",
)
