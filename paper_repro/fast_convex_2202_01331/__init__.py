"""Mishkin, Sahiner and Pilanci 2022: gated ReLU networks and cone decompositions."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2202.01331",
    authors="A. Mishkin, A. Sahiner and M. Pilanci",
    title="Fast Convex Optimization for Two-Layer ReLU Networks",
    venue="ICML 2022",
)
