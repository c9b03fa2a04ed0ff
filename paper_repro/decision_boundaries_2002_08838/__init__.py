"""Alfarra, Bibi, Hammoud, Gaafar and Ghanem 2020: decision boundaries by zonotopes."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2002.08838",
    authors="M. Alfarra, A. Bibi, H. Hammoud, M. Gaafar and B. Ghanem",
    title="On the Decision Boundaries of Neural Networks: A Tropical Geometry Perspective",
    venue="IEEE TPAMI",
)
