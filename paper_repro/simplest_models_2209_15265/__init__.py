"""Wang, Hua, Candes and Pilanci 2022: normalised hidden units."""

from paper_repro.registry import Paper

PAPER = Paper(
    arxiv="2209.15265",
    authors="Y. Wang, Y. Hua, E. Candes and M. Pilanci",
    title="Overparameterized ReLU Neural Networks Learn the Simplest Models",
    venue="2022",
)
