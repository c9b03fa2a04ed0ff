"""Montufar et al. 2014: folding networks and the lower bound they prove."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1402.1869",
    authors="G. Montufar, R. Pascanu, K. Cho and Y. Bengio",
    title="On the Number of Linear Regions of Deep Neural Networks",
    venue="NeurIPS 2014",
)
