"""What the engines work on: an exact network, an exact data set, and where each came from.

Examples
--------
>>> network = Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
>>> network(["-1/3"])
(Fraction(1, 3),)
"""

from exactnet.model.activation import Activation
from exactnet.model.dataset import Dataset
from exactnet.model.layer import AffineLayer, Skip
from exactnet.model.network import Network
from exactnet.model.property import Case, Property, Row
from exactnet.model.provenance import Provenance

__all__ = ["Activation", "AffineLayer", "Case", "Dataset", "Network", "Property", "Provenance", "Row", "Skip"]
