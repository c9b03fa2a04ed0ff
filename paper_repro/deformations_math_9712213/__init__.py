"""Postnikov and Stanley 2000: Shi, Linial, Catalan and related arrangements."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="math/9712213",
    authors="A. Postnikov and R. Stanley",
    title="Deformations of Coxeter hyperplane arrangements",
    venue="J. Combin. Theory A 2000",
)
