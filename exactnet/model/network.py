"""A network as exact data: affine maps with rational entries, each followed by a piecewise-linear activation.

    z_k = W_k h_(k-1) + b_k + sum over skips S_j h_j  (j <= k-2),     h_k = activation_k(z_k),     h_0 = x

A unit of a maxout layer is the largest of several entries of z_k (Goodfellow et al. 2013). The arithmetic is
that of the rational numbers, on the stored weights: nothing is rounded anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exactnet.errors import InputError, ShapeError
from exactnet.exact import to_fractions
from exactnet.model.activation import Activation, activation_named
from exactnet.model.layer import AffineLayer, Row
from exactnet.model.provenance import Provenance, stored_dtype
from exactnet.model.vector import vector

__all__ = ["Network"]


@dataclass(frozen=True, repr=False)
class Network:
    """A feed-forward network over the rationals; call it to evaluate it exactly.

    Parameters
    ----------
    layers : at least one; the outputs of each are the inputs of the next, and a skip connection of layer k
        (counted from 1) may take the inputs of the network or the outputs of layers 1 to k-2.
    provenance : where the weights came from; takes no part in equality.

    Raises
    ------
    ShapeError : no layer, two layers that do not fit, or a skip connection of another width than its source.
    InputError : a skip connection from the layer directly before, from the layer itself or from a later one.

    Examples
    --------
    >>> tent = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> tent
    Network(1 -> 2 relu -> 1, from arrays in memory)
    >>> tent(["1/3"]), tent.activation_pattern(["1/3"])
    ((Fraction(2, 3),), ((1, -1), ()))
    """

    layers: tuple[AffineLayer, ...]
    provenance: Provenance = field(default=Provenance("layers in memory"), compare=False)

    def __post_init__(self) -> None:
        if not self.layers:
            raise ShapeError(
                "a network without layers", where=self.provenance.source, expected="at least one"
            )
        for k in range(1, len(self.layers)):
            if self.layers[k].n_inputs != self.layers[k - 1].n_outputs:
                raise ShapeError(
                    "two layers do not fit",
                    where=f"layer {k + 1} of {self.provenance.source}",
                    got=f"it takes {self.layers[k].n_inputs} inputs",
                    expected=f"{self.layers[k - 1].n_outputs}, the number of units of layer {k}",
                )
        self._check_skips()

    def _check_skips(self) -> None:
        for k, layer in enumerate(self.layers, start=1):
            for skip in layer.skips:
                where = f"skip from {skip.source} to layer {k} of {self.provenance.source}"
                if skip.source > k - 2:
                    raise InputError(
                        "a skip connection leaves out at least one layer",
                        where=where,
                        got=f"source {skip.source}",
                        expected=f"0 (the inputs) to {k - 2}"
                        if k > 1
                        else "none: layer 1 has the inputs only",
                        hint=f"what comes from layer {k - 1} belongs into the weight" if k > 1 else None,
                    )
                if skip.weight.shape[1] != self.widths[skip.source]:
                    raise ShapeError(
                        "a skip connection does not fit its source",
                        where=where,
                        got=f"{skip.weight.shape[1]} columns",
                        expected=f"{self.widths[skip.source]}",
                    )

    @property
    def n_inputs(self) -> int:
        """Number of inputs d."""
        return self.layers[0].n_inputs

    @property
    def n_outputs(self) -> int:
        """Number of outputs."""
        return self.layers[-1].n_outputs

    @property
    def widths(self) -> tuple[int, ...]:
        """Number of inputs, then the number of units of each layer."""
        return (self.n_inputs, *(layer.n_outputs for layer in self.layers))

    def __call__(self, x: Sequence[object]) -> Row:
        """The exact outputs at x.

        Parameters
        ----------
        x : n_inputs numbers; text is read as decimal or quotient, a float by its exact binary value.

        Raises
        ------
        ShapeError : another number of inputs; InexactInputError : NaN or infinity.

        Examples
        --------
        >>> Network.from_arrays([([[1, 1]], [0])])(["0.1", "1/5"])
        (Fraction(3, 10),)
        """
        return self._run(x)[1]

    def pre_activations(self, x: Sequence[object]) -> tuple[Row, ...]:
        """The exact z_k of every layer at x, before its activation; arguments as for a call.

        Examples
        --------
        >>> Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]).pre_activations([-2])
        ((Fraction(-2, 1), Fraction(2, 1)), (Fraction(2, 1),))
        """
        return self._run(x)[0]

    def activation_pattern(self, x: Sequence[object]) -> tuple[tuple[int, ...], ...]:
        """For every layer, on which linear piece each unit is: see :meth:`Activation.piece`.

        For relu, leaky_relu and abs these are the signs -1, 0, +1 of the pre-activations; for maxout it is
        the index of the largest piece, the lowest one where several are largest. An identity layer has the
        empty tuple.

        Examples
        --------
        >>> Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]).activation_pattern([-2])
        ((-1, 1), ())
        """
        return tuple(layer.pattern(z) for layer, z in zip(self.layers, self.pre_activations(x), strict=True))

    def _run(self, x: Sequence[object]) -> tuple[tuple[Row, ...], Row]:
        values = {0: self._point(x)}
        seen = []
        for k, layer in enumerate(self.layers):
            seen.append(layer.pre_activation(values[k], values))
            values[k + 1] = layer.post_activation(seen[-1])
        return tuple(seen), values[len(self.layers)]

    def _point(self, x: Sequence[object]) -> Row:
        point = to_fractions(vector(x, where="x"), where="x")
        if len(point) != self.n_inputs:
            raise ShapeError(
                "wrong number of inputs", where="x", got=f"{len(point)} numbers", expected=f"{self.n_inputs}"
            )
        return point

    def __repr__(self) -> str:
        steps = [str(self.n_inputs)]
        for layer in self.layers:
            kind = layer.kind.removeprefix("identity").strip()
            steps.append(f"{layer.n_outputs} {kind}".strip())
        return f"Network({' -> '.join(steps)}, from {self.provenance.source})"

    @classmethod
    def from_arrays(
        cls,
        layers: Sequence[tuple[object, object]],
        *,
        activation: str = "relu",
        output_activation: str = "identity",
        slope: object = 0,
        pieces: int = 1,
        skips: Mapping[tuple[int, int], object] | None = None,
        provenance: Provenance | None = None,
    ) -> Network:
        """Build a network from weights and biases; a float enters by its exact binary value.

        Layers of different activations: `Network(tuple(AffineLayer.from_arrays(...) for ...))`.

        Parameters
        ----------
        layers : pairs (weight, bias); weight is (n_outputs x n_inputs), bias n_outputs numbers or None.
        activation : of every layer but the last.
        output_activation : of the last layer.
        slope : of leaky_relu.
        pieces : of every maxout unit; its rows of the weight and its biases stand together.
        skips : weights of skip connections under (layer, source), layers counted from 1, source 0 the inputs.
        provenance : recorded as it is; if None, the stored number formats are noted.

        Raises
        ------
        ShapeError : sizes that do not fit; InputError : an activation or a layer that does not exist.
        InexactInputError : NaN or infinity, with layer, row and column.

        Examples
        --------
        >>> Network.from_arrays([([[1.5]], None)], output_activation="relu")([2])
        (Fraction(3, 1),)
        >>> residual = Network.from_arrays([([[1], [-1]], None), ([[1, 1]], None)], skips={(2, 0): [[1]]})
        >>> residual, residual([-3]), residual([2])
        (Network(1 -> 2 relu -> 1 + skip 0, from arrays in memory), (Fraction(0, 1),), (Fraction(4, 1),))
        """
        around: dict[int, dict[int, object]] = {k: {} for k in range(1, len(layers) + 1)}
        for (target, source), weight in (skips or {}).items():
            if target not in around:
                raise InputError(
                    "a skip connection to a layer that does not exist",
                    where="skips",
                    got=f"layer {target}",
                    expected=f"1 to {len(layers)}",
                )
            around[target][source] = weight
        built = []
        for k, (weight, bias) in enumerate(layers, start=1):
            kind = activation_named(output_activation if k == len(layers) else activation)
            layer = AffineLayer.from_arrays(
                weight,
                bias,
                activation=kind,
                slope=slope if kind is Activation.LEAKY_RELU else 0,
                pieces=pieces if kind is Activation.MAXOUT else 1,
                skips=around[k],
                where=f"layer {k}",
            )
            built.append(layer)
        arrays = [part for pair in layers for part in pair if part is not None] + [*(skips or {}).values()]
        return cls(
            tuple(built), provenance or Provenance("arrays in memory", stored_dtype=stored_dtype(arrays))
        )
