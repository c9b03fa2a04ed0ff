"""Gradient-trained networks held against the exact global optimum.

:func:`train` minimises the user's objective from many seeds, in NumPy or torch; :func:`compare` evaluates
networks exactly and proves how far each is from the optimum; :func:`census` says what their neurons do.
Floating point stays inside the training: what leaves it are the rational numbers the floats store.
"""

from exactnet.crosscheck.comparison import Comparison, NetworkReport, compare
from exactnet.crosscheck.neuron_census import Census, approx_wall_distance, census
from exactnet.crosscheck.training import TrainedNetwork, train
from exactnet.crosscheck.verdict import comparison_rows

__all__ = [
    "Census",
    "Comparison",
    "NetworkReport",
    "TrainedNetwork",
    "approx_wall_distance",
    "census",
    "compare",
    "comparison_rows",
    "train",
]
