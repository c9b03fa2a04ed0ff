"""Averkov, Hojny and Merkert 2025: rational weights and volumes modulo a prime."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2502.06283",
    authors="G. Averkov, C. Hojny and M. Merkert",
    title="On the Expressiveness of Rational ReLU Neural Networks With Bounded Depth",
    venue="ICLR 2025",
)
