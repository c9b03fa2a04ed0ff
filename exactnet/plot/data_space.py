"""Networks where the data live: kinks, decision boundary and values over one or two features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exactnet.certificate.types import Certificate
from exactnet.errors import UnsupportedError
from exactnet.plot.data_line import graph_figure
from exactnet.plot.data_plane import map_figure
from exactnet.plot.records import findings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["data_space_figure"]


def data_space_figure(certificate: Certificate, *, names: tuple[str, ...] = ()) -> Figure:
    """The optimum, beside the best compared network if there is one, over the features.

    One feature: the graphs of both functions, a tick at each kink. Two features: one panel a network,
    with its values (shade), its decision boundary f = 0 and the kink line of each neuron.

    Parameters
    ----------
    certificate : with bounds on a training optimum.
    names : names of the features, for the axes.

    Raises
    ------
    UnsupportedError
        The data have more than two features (draw `fit_figure` instead), or there is no optimum.
    """
    found = findings(certificate)
    labels = names or tuple(f"x{k + 1}" for k in range(found.n_features))
    if found.n_features == 1:
        return graph_figure(found, labels[0])
    if found.n_features == 2:
        return map_figure(found, labels)
    raise UnsupportedError(
        "the data space cannot be drawn",
        got=f"{found.n_features} features",
        expected="1 or 2 features",
        hint="draw the fit instead: `exactnet plot FILE --figure fit -o FIG.png`",
    )
