"""Arora et al. 2018: many pieces from zonotopes."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1611.01491",
    authors="R. Arora, A. Basu, P. Mianjy and A. Mukherjee",
    title="Understanding Deep Neural Networks with Rectified Linear Units",
    venue="ICLR 2018",
)
