"""Lezeau, Walker, Cao, Bhatia and Monod 2024: Hoffman constants and the radius that sees all regions."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2405.20174",
    authors="P. Lezeau, T. Walker, Y. Cao, S. Bhatia and A. Monod",
    title="Tropical Expressivity of Neural Networks",
    venue="2024",
)
