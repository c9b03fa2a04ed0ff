"""Brysiewicz, Eble and Kuehne 2021: resonance, threshold and other large arrangements."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2105.14542",
    authors="T. Brysiewicz, H. Eble and L. Kuehne",
    title="Computing characteristic polynomials of hyperplane arrangements with symmetries",
    venue="Discrete Comput. Geom. 2023",
)
