"""Ruess and others 2026: the maximum of more numbers in two hidden layers."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2607.21651",
    authors="Ruess and others",
    title="on maxima in two hidden layers (title not at hand)",
    venue="2026",
)
