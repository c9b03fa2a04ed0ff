"""Pilanci and Ergen 2020: two-layer ReLU training is a finite convex programme."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2002.10553",
    authors="M. Pilanci and T. Ergen",
    title="Neural Networks are Convex Regularizers",
    venue="ICML 2020",
)
