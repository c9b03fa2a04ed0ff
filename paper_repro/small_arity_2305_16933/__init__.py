"""Koutschan, Moser, Ponomarchuk and Schicho 2023: maxima of few affine functions."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2305.16933",
    authors="C. Koutschan, B. Moser, A. Ponomarchuk and J. Schicho",
    title="Representing Piecewise Linear Functions by Functions with Small Arity",
    venue="2023",
)
