"""Serra, Tjandraatmadja and Ramalingam 2018: the best upper bound."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1711.02114",
    authors="T. Serra, C. Tjandraatmadja and S. Ramalingam",
    title="Bounding and Counting Linear Regions of Deep Neural Networks",
    venue="ICML 2018",
)
