"""Figures, each drawn from a certificate alone."""

from exactnet.plot.canvas import save_figure
from exactnet.plot.data_space import data_space_figure
from exactnet.plot.fit import fit_figure
from exactnet.plot.gap import gap_figure
from exactnet.plot.regions import region_figure

__all__ = ["data_space_figure", "fit_figure", "gap_figure", "region_figure", "save_figure"]
