"""Ergen and Pilanci 2021: three-layer parallel networks as convex programmes."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2110.05518",
    authors="T. Ergen and M. Pilanci",
    title="Global Optimality Beyond Two Layers",
    venue="ICML 2021",
)
