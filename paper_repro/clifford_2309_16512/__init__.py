"""Pilanci 2023: optimal neurons are wedge products of samples."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2309.16512",
    authors="M. Pilanci",
    title="From Complexity to Clarity",
    venue="TMLR 2024",
)
