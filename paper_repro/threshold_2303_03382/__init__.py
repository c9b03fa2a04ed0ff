"""Ergen, Gulluk, Lacotte and Pilanci 2023: threshold activations."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2303.03382",
    authors="T. Ergen, H. I. Gulluk, J. Lacotte and M. Pilanci",
    title="Globally Optimal Training of Neural Networks with Threshold Activation Functions",
    venue="ICLR 2023",
)
