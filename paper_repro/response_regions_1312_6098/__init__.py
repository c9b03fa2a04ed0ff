"""Pascanu, Montufar and Bengio 2014: regions of shallow and deep networks."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="1312.6098",
    authors="R. Pascanu, G. Montufar and Y. Bengio",
    title="On the number of response regions of deep feedforward networks with piecewise linear activations",
    venue="ICLR 2014",
)
