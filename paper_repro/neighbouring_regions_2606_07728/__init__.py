"""Gaines and Bi 2026: the average number of neighbours."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2606.07728",
    authors="Gaines and Bi",
    title="on the cell graph of ReLU networks (title not at hand)",
    venue="ICLR 2026",
)
