"""Telgarsky 2016: the sawtooth."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1602.04485",
    authors="M. Telgarsky",
    title="Benefits of depth in neural networks",
    venue="COLT 2016",
)
