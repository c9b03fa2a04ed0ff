"""Bakaev, Brunck, Hertrich, Stade and Yehudayoff 2025: the maximum of five numbers in two hidden layers."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2505.14338",
    authors="E. Bakaev, F. Brunck, C. Hertrich, J. Stade and A. Yehudayoff",
    title="Better Neural Network Expressivity: Subdividing the Simplex",
    venue="2025",
)
