"""Sahiner, Ergen, Pauly and Pilanci 2020: several outputs."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2012.13329",
    authors="A. Sahiner, T. Ergen, J. Pauly and M. Pilanci",
    title="Vector-output ReLU Neural Network Problems are Copositive Programs",
    venue="ICLR 2021",
)
