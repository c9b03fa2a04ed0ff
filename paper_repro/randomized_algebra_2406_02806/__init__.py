"""Wang, Kim, Chu, Subramaniam and Pilanci 2024: sampled wedge products as neurons."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2406.02806",
    authors="Y. Wang, S. Kim, P. Chu, I. Subramaniam and M. Pilanci",
    title="Randomized Geometric Algebra Methods for Convex Neural Networks",
    venue="2024",
)
