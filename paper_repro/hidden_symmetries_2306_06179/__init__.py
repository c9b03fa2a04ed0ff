"""Grigsby, Lindsey and Rolnick 2023: the functional dimension and hidden symmetries."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2306.06179",
    authors="J. E. Grigsby, K. Lindsey and D. Rolnick",
    title="Hidden Symmetries of ReLU Networks",
    venue="ICML 2023",
)
