"""Wang, Ergen and Pilanci 2021: deep linear networks and their duality gap."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2110.06482",
    authors="Y. Wang, T. Ergen and M. Pilanci",
    title="Parallel Deep Neural Networks Have Zero Duality Gap",
    venue="ICLR 2023",
)
