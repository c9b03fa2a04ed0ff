"""Zeger and others 2024: deep networks on one-dimensional data are Lasso models with reflections."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2403.01046",
    authors="E. Zeger, Y. Wang, A. Mishkin, T. Ergen, E. Candes and M. Pilanci",
    title="A Library of Mirrors",
    venue="2024",
)
