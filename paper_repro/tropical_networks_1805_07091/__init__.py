"""Zhang, Naitzat and Lim 2018: networks are tropical rational functions."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1805.07091",
    authors="L. Zhang, G. Naitzat and L.-H. Lim",
    title="Tropical Geometry of Deep Neural Networks",
    venue="ICML 2018",
)
