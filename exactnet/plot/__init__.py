"""Figures: of results from their certificates alone, and of tropical polynomials."""

from exactnet.plot.canvas import save_figure
from exactnet.plot.data_space import data_space_figure
from exactnet.plot.fit import fit_figure
from exactnet.plot.gap import gap_figure
from exactnet.plot.newton import newton_figure
from exactnet.plot.proof_tree import proof_figure
from exactnet.plot.regions import region_figure
from exactnet.plot.tropical_curve import curve_figure, newton_and_curve_figure
from exactnet.plot.tropical_regions import tropical_figure

__all__ = [
    "curve_figure",
    "data_space_figure",
    "fit_figure",
    "gap_figure",
    "newton_and_curve_figure",
    "newton_figure",
    "proof_figure",
    "region_figure",
    "save_figure",
    "tropical_figure",
]
