"""A network as exact data: affine maps with rational entries, each followed by a piecewise-linear activation.

    z_k = W_k h_(k-1) + b_k,     h_k = activation_k(z_k),     h_0 = x

The arithmetic is that of the rational numbers, on the stored weights: nothing is rounded anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import mul

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, common_denominator, rational_text, to_fraction, to_fractions
from exactnet.model.activation import Activation, activation_named
from exactnet.model.provenance import Provenance, stored_dtype
from exactnet.model.vector import vector

__all__ = ["AffineLayer", "Network"]

Row = tuple[Fraction, ...]


@dataclass(frozen=True, repr=False)
class AffineLayer:
    """One layer: h -> activation(weight h + bias).

    Parameters
    ----------
    weight : matrix (n_outputs x n_inputs).
    bias : n_outputs fractions.
    activation : what follows the affine map.
    slope : slope of leaky_relu for negative arguments; 0 for every other activation.

    Raises
    ------
    ShapeError : an empty layer, or a bias of another length than the weight has rows.
    InputError : a slope without leaky_relu, or an activation that does not exist.
    """

    weight: RationalMatrix
    bias: Row
    activation: Activation = Activation.IDENTITY
    slope: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        n_outputs, n_inputs = self.weight.shape
        if n_outputs == 0 or n_inputs == 0:
            raise ShapeError(
                "a layer without units",
                where="weight",
                got=f"a {n_outputs} x {n_inputs} matrix",
                expected="at least one row and one column",
            )
        if len(self.bias) != n_outputs:
            raise ShapeError(
                "weight and bias of a layer do not fit",
                where="bias",
                got=f"{len(self.bias)} biases",
                expected=f"{n_outputs}, one a row of the {n_outputs} x {n_inputs} weight",
            )
        object.__setattr__(self, "activation", activation_named(self.activation))
        if self.slope != 0 and self.activation is not Activation.LEAKY_RELU:
            raise InputError(
                "only leaky_relu has a slope",
                where="slope",
                got=f"{rational_text(self.slope)} with {self.activation}",
                expected="0",
            )

    @property
    def n_inputs(self) -> int:
        """Number of columns of the weight."""
        return self.weight.shape[1]

    @property
    def n_outputs(self) -> int:
        """Number of units."""
        return self.weight.shape[0]

    def pre_activation(self, h: Sequence[Fraction]) -> Row:
        """weight h + bias, n_outputs fractions, for n_inputs exact numbers h.

        Examples
        --------
        >>> layer = AffineLayer(RationalMatrix.from_rows([[1, 2]]), (Fraction(1),))
        >>> layer.pre_activation([Fraction(1, 2), Fraction(3)])
        (Fraction(15, 2),)
        """
        # in integers over one denominator: one gcd a unit instead of one a product
        h_den = common_denominator(h)
        point = [q.numerator * (h_den // q.denominator) for q in h]
        den = self.weight.denominator * h_den
        return tuple(
            Fraction(sum(map(mul, row, point)), den) + b
            for row, b in zip(self.weight.numerators, self.bias, strict=True)
        )

    def __repr__(self) -> str:
        return f"AffineLayer({self.n_inputs} -> {self.n_outputs} {self.activation})"


@dataclass(frozen=True, repr=False)
class Network:
    """A feed-forward network over the rationals; call it to evaluate it exactly.

    Parameters
    ----------
    layers : at least one; the outputs of each are the inputs of the next.
    provenance : where the weights came from; takes no part in equality.

    Raises
    ------
    ShapeError : no layer, or two layers that do not fit.

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

        For relu, leaky_relu and abs these are the signs -1, 0, +1 of the pre-activations. A layer without
        breakpoints (identity) has the empty tuple.

        Examples
        --------
        >>> Network.from_arrays([([[1], [-1]], [0, 0]), ([[1, 1]], [0])]).activation_pattern([-2])
        ((-1, 1), ())
        """
        return tuple(
            tuple(layer.activation.piece(z) for z in row if layer.activation.breakpoints)
            for layer, row in zip(self.layers, self.pre_activations(x), strict=True)
        )

    def _run(self, x: Sequence[object]) -> tuple[tuple[Row, ...], Row]:
        h = self._point(x)
        seen = []
        for layer in self.layers:
            seen.append(layer.pre_activation(h))
            h = tuple(layer.activation.apply(z, slope=layer.slope) for z in seen[-1])
        return tuple(seen), h

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
            name = "" if layer.activation is Activation.IDENTITY else f" {layer.activation}"
            steps.append(f"{layer.n_outputs}{name}")
        return f"Network({' -> '.join(steps)}, from {self.provenance.source})"

    @classmethod
    def from_arrays(
        cls,
        layers: Sequence[tuple[object, object]],
        *,
        activation: str = "relu",
        output_activation: str = "identity",
        slope: object = 0,
        provenance: Provenance | None = None,
    ) -> Network:
        """Build a network from weights and biases; a float enters by its exact binary value.

        Parameters
        ----------
        layers : pairs (weight, bias); weight is (n_outputs x n_inputs), bias n_outputs numbers or None.
        activation : of every layer but the last.
        output_activation : of the last layer.
        slope : of leaky_relu.
        provenance : recorded as it is; if None, the stored number formats are noted.

        Raises
        ------
        ShapeError : sizes that do not fit; InputError : an activation that does not exist.
        InexactInputError : NaN or infinity, with layer, row and column.

        Examples
        --------
        >>> Network.from_arrays([([[1.5]], None)], output_activation="relu")([2])
        (Fraction(3, 1),)
        """
        last = len(layers) - 1
        built = []
        for k, (weight, bias) in enumerate(layers):
            kind = activation_named(output_activation if k == last else activation)
            built.append(
                _layer(weight, bias, kind, to_fraction(slope, where="slope"), where=f"layer {k + 1}")
            )
        arrays = [part for pair in layers for part in pair if part is not None]
        return cls(
            tuple(built), provenance or Provenance("arrays in memory", stored_dtype=stored_dtype(arrays))
        )


def _layer(weight: object, bias: object, kind: Activation, slope: Fraction, *, where: str) -> AffineLayer:
    if not hasattr(weight, "__iter__") and not isinstance(weight, RationalMatrix):
        raise ShapeError(
            "the weight is not a table",
            where=f"weight of {where}",
            got=repr(weight),
            expected="n_outputs x n_inputs numbers, as in [[1, 2], [3, 4]]",
        )
    matrix = RationalMatrix.from_rows(weight, where=f"weight of {where}")
    if bias is None:
        offsets = (Fraction(0),) * matrix.shape[0]
    else:
        offsets = to_fractions(vector(bias, where=f"bias of {where}"), where=f"bias of {where}")
    return AffineLayer(matrix, offsets, kind, slope if kind is Activation.LEAKY_RELU else Fraction(0))
