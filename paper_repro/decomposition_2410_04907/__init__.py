"""Brandenburg, Grillo and Hertrich 2024: all differences of convex functions on one complex."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2410.04907",
    authors="M.-C. Brandenburg, M. Grillo and C. Hertrich",
    title="Decomposition Polyhedra of Piecewise Linear Functions",
    venue="ICLR 2025",
)
