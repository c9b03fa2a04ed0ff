"""Grigsby, Lindsey and Masden 2022: piecewise linear Morse theory of networks."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2204.06062",
    authors="J. E. Grigsby, K. Lindsey and M. Masden",
    title="Local and Global Topological Complexity Measures of ReLU Neural Network Functions",
    venue="2022",
)
