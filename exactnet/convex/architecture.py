"""Two-layer candidates and networks: the same function as `TwoLayer` and as `Network`."""

from __future__ import annotations

from fractions import Fraction

from exactnet.certificate.types import Neuron
from exactnet.convex.program import Bias, TrainingProblem, TwoLayer, require_fit
from exactnet.errors import InputError, ShapeError, UnsupportedError
from exactnet.exact import rational_text
from exactnet.model import AffineLayer, Network

__all__ = ["from_network", "to_network"]

_WORDS = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "abs": "absolute-value"}


def to_network(problem: TrainingProblem, network: TwoLayer) -> Network:
    """The same function as a :class:`Network` of two affine layers (a zero network keeps one dead unit)."""
    neurons = network.neurons or (Neuron((Fraction(0),) * problem.dimension, Fraction(0)),)
    d = problem.n_features
    hidden = [neuron.u[:d] for neuron in neurons]
    biases = [neuron.u[d] if len(neuron.u) > d else Fraction(0) for neuron in neurons]
    layers = [(hidden, biases), ([[neuron.a for neuron in neurons]], [network.t])]
    kind = problem.activation
    slope = problem.kappa if kind == "leaky_relu" else 0
    return Network.from_arrays(layers, activation=str(kind), slope=slope)


def from_network(problem: TrainingProblem, network: Network) -> TwoLayer:
    """A two-layer network with one output as a candidate for `problem`.

    Raises
    ------
    UnsupportedError : other depth, output count, or activation than the problem's.
    InputError : a bias where the problem has none; ShapeError : wrong feature count.
    """
    hidden, output = _two_layers(problem, network)
    if hidden.weight.shape[1] != problem.n_features:
        raise ShapeError(
            "the network and the data have different feature counts",
            got=f"the network takes {hidden.weight.shape[1]} inputs",
            expected=f"{problem.n_features} features as in the data",
        )
    if problem.bias is Bias.NONE and any(hidden.bias):
        raise InputError(
            "the network has hidden biases, the problem has none",
            where="first layer",
            expected="zero biases",
            hint="state the bias convention of your training: 'penalised' or 'free'",
        )
    tails = [() if problem.bias is Bias.NONE else (b,) for b in hidden.bias]
    neurons = tuple(
        Neuron(tuple(row) + tail, a)
        for row, tail, a in zip(hidden.weight.rows(), tails, output.weight.row(0), strict=True)
    )
    candidate = TwoLayer(neurons, output.bias[0])
    require_fit(problem, candidate)
    return candidate


def _two_layers(problem: TrainingProblem, network: Network) -> tuple[AffineLayer, AffineLayer]:
    kinds = [str(layer.activation) for layer in network.layers]
    n_skips = sum(len(layer.skips) for layer in network.layers)
    wanted = str(problem.activation)
    if kinds != [wanted, "identity"] or network.n_outputs != 1 or n_skips:
        around = f", {n_skips} skip connections" if n_skips else ""
        raise UnsupportedError(
            "the network is no candidate for the problem, which is about two layers and one output",
            got=f"{len(kinds)} layers ({', '.join(kinds)}){around}, {network.n_outputs} outputs",
            expected=f"one hidden {_WORDS[wanted]} layer and one linear output",
            hint="reduce the network to that class, or analyse it with the other verbs",
        )
    if wanted == "leaky_relu" and network.layers[0].slope != problem.kappa:
        raise UnsupportedError(
            "the network has another slope than the problem",
            got=rational_text(network.layers[0].slope),
            expected=rational_text(problem.kappa),
        )
    return network.layers[0], network.layers[1]
