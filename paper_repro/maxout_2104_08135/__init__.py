"""Montufar, Ren and Zhang 2021: regions of maxout layers and vertices of Minkowski sums."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2104.08135",
    authors="G. Montufar, Y. Ren and L. Zhang",
    title="Sharp bounds for the number of regions of maxout networks and vertices of Minkowski sums",
    venue="SIAGA 2022",
)
