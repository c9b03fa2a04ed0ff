"""Bartan and Pilanci 2021: polynomial activations of degree two."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2101.02429",
    authors="B. Bartan and M. Pilanci",
    title="Neural Spectrahedra and Semidefinite Lifts",
    venue="Mathematical Programming 2025",
)
