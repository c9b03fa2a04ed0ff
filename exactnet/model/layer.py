"""One layer of a network: an exact affine map, perhaps with skip connections, and what follows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from types import MappingProxyType

from exactnet.errors import InputError, ShapeError
from exactnet.exact import RationalMatrix, common_denominator, rational_text, to_fraction, to_fractions
from exactnet.model.activation import Activation, activation_named
from exactnet.model.vector import vector

__all__ = ["AffineLayer", "Row", "Skip"]

Row = tuple[Fraction, ...]
Sources = Mapping[int, Sequence[Fraction]]

NOTHING: Sources = MappingProxyType({})


@dataclass(frozen=True)
class Skip:
    """A connection that leaves out layers: weight h_source is added to the pre-activation.

    Parameters
    ----------
    source : 0 for the inputs of the network, k for the outputs of its layer k, counted from 1.
    weight : matrix with the rows of the layer's weight and a column for each number of the source.
    """

    source: int
    weight: RationalMatrix


@dataclass(frozen=True, repr=False)
class AffineLayer:
    """One layer: h -> activation(weight h + bias), plus weight_s h_s for every skip connection.

    Parameters
    ----------
    weight : matrix (n_outputs x n_inputs); for maxout (n_outputs * pieces x n_inputs).
    bias : one fraction a row of the weight.
    activation : what follows the affine map.
    slope : slope of leaky_relu for negative arguments; 0 for every other activation.
    pieces : affine pieces of a maxout unit, at least 2; unit u is the largest of the rows u * pieces up to
        u * pieces + pieces - 1. 1 for every other activation.
    skips : skip connections, in ascending order of their sources.

    Raises
    ------
    ShapeError : an empty layer, or a bias, pieces or a skip that do not fit the rows of the weight.
    InputError : a slope without leaky_relu, pieces without maxout or maxout without pieces, sources out of
        order, or an activation that does not exist.

    Examples
    --------
    >>> widest = AffineLayer.from_arrays([[1, 0], [0, 1], [-1, -1]], [0, 0, 1], activation="maxout", pieces=3)
    >>> widest, widest.post_activation(widest.pre_activation([Fraction(-1), Fraction(1, 2)]))
    (AffineLayer(2 -> 1 maxout(3)), (Fraction(3, 2),))
    """

    weight: RationalMatrix
    bias: Row
    activation: Activation = Activation.IDENTITY
    slope: Fraction = Fraction(0)
    pieces: int = 1
    skips: tuple[Skip, ...] = ()

    def __post_init__(self) -> None:
        n_rows, n_inputs = self.weight.shape
        if n_rows == 0 or n_inputs == 0:
            raise ShapeError(
                "a layer without units",
                where="weight",
                got=f"a {n_rows} x {n_inputs} matrix",
                expected="at least one row and one column",
            )
        if len(self.bias) != n_rows:
            raise ShapeError(
                "weight and bias of a layer do not fit",
                where="bias",
                got=f"{len(self.bias)} biases",
                expected=f"{n_rows}, one a row of the {n_rows} x {n_inputs} weight",
            )
        object.__setattr__(self, "activation", activation_named(self.activation))
        if self.slope != 0 and self.activation is not Activation.LEAKY_RELU:
            raise InputError(
                "only leaky_relu has a slope",
                where="slope",
                got=f"{rational_text(self.slope)} with {self.activation}",
                expected="0",
            )
        _check_pieces(self)
        _check_skips(self)

    @classmethod
    def from_arrays(
        cls,
        weight: object,
        bias: object = None,
        *,
        activation: str = "identity",
        slope: object = 0,
        pieces: int = 1,
        skips: Mapping[int, object] | None = None,
        where: str = "the layer",
    ) -> AffineLayer:
        """Read a layer from arrays; a float enters by its exact binary value.

        Parameters
        ----------
        weight : (n_outputs x n_inputs) numbers; for maxout `pieces` rows a unit, one unit after the other.
        bias : one number a row, or None for zeros.
        skips : for each source (0: the inputs, k: the outputs of layer k) the weight of its connection.
        where : how messages call this layer.

        Raises
        ------
        ShapeError, InputError : as for the layer itself; InexactInputError : NaN or infinity, located.

        Examples
        --------
        >>> AffineLayer.from_arrays([[1], [2]], activation="relu", skips={0: [[1, 0], [0, 1]]})
        AffineLayer(1 -> 2 relu + skip 0)
        """
        matrix = _matrix(weight, f"weight of {where}")
        if bias is None:
            offsets: Row = (Fraction(0),) * matrix.shape[0]
        else:
            offsets = to_fractions(vector(bias, where=f"bias of {where}"), where=f"bias of {where}")
        around = tuple(
            Skip(source, _matrix(skip, f"skip from {source} to {where}"))
            for source, skip in sorted((skips or {}).items())
        )
        exact_slope = to_fraction(slope, where=f"slope of {where}")
        return cls(matrix, offsets, activation_named(activation), exact_slope, pieces, around)

    @property
    def n_inputs(self) -> int:
        """Number of columns of the weight."""
        return self.weight.shape[1]

    @property
    def n_outputs(self) -> int:
        """Number of units; a maxout unit has `pieces` rows of the weight, every other one has one."""
        return self.weight.shape[0] // self.pieces

    def pre_activation(self, h: Sequence[Fraction], sources: Sources = NOTHING) -> Row:
        """weight h + bias, plus what the skips bring: one fraction a row of the weight.

        Parameters
        ----------
        h : n_inputs exact numbers.
        sources : the values of each source of a skip, under its number.

        Examples
        --------
        >>> layer = AffineLayer(RationalMatrix.from_rows([[1, 2]]), (Fraction(1),))
        >>> layer.pre_activation([Fraction(1, 2), Fraction(3)])
        (Fraction(15, 2),)
        """
        total = tuple(z + b for z, b in zip(_product(self.weight, h), self.bias, strict=True))
        for skip in self.skips:
            added = _product(skip.weight, sources[skip.source])
            total = tuple(z + s for z, s in zip(total, added, strict=True))
        return total

    def post_activation(self, z: Sequence[Fraction]) -> Row:
        """The outputs for the pre-activation z: n_outputs fractions.

        Examples
        --------
        >>> layer = AffineLayer.from_arrays([[1], [2]], activation="abs")
        >>> layer.post_activation([Fraction(-1), Fraction(2)])
        (Fraction(1, 1), Fraction(2, 1))
        """
        if self.activation is Activation.MAXOUT:
            return tuple(max(group) for group in self._groups(z))
        return tuple(self.activation.apply(value, slope=self.slope) for value in z)

    def pattern(self, z: Sequence[Fraction]) -> tuple[int, ...]:
        """On which linear piece each unit is, for the pre-activation z; () for identity.

        The index of the largest piece for maxout, the lowest one where several are largest;
        :meth:`Activation.piece` for all others.

        Examples
        --------
        >>> layer = AffineLayer.from_arrays([[1], [2]], activation="maxout", pieces=2)
        >>> layer.pattern([Fraction(1), Fraction(2)]), layer.pattern([Fraction(0), Fraction(0)])
        ((1,), (0,))
        """
        if self.activation is Activation.MAXOUT:
            return tuple(group.index(max(group)) for group in self._groups(z))
        return tuple(self.activation.piece(value) for value in z if self.activation.breakpoints)

    def _groups(self, z: Sequence[Fraction]) -> list[Sequence[Fraction]]:
        return [z[k : k + self.pieces] for k in range(0, len(z), self.pieces)]

    @property
    def kind(self) -> str:
        """Activation, pieces and sources of skips in short.

        Examples
        --------
        >>> AffineLayer.from_arrays([[1], [2]], activation="maxout", pieces=2, skips={0: [[1], [1]]}).kind
        'maxout(2) + skip 0'
        """
        pieces = f"({self.pieces})" if self.pieces > 1 else ""
        sources = ", ".join(str(skip.source) for skip in self.skips)
        return f"{self.activation}{pieces}" + (f" + skip {sources}" if sources else "")

    def __repr__(self) -> str:
        return f"AffineLayer({self.n_inputs} -> {self.n_outputs} {self.kind})"


def _check_pieces(layer: AffineLayer) -> None:
    is_maxout = layer.activation is Activation.MAXOUT
    if is_maxout != (layer.pieces > 1) or layer.pieces < 1:
        raise InputError(
            "a maxout unit has at least two pieces, every other unit one",
            where="pieces",
            got=f"{layer.pieces} with {layer.activation}",
            expected="2 or more" if is_maxout else "1",
        )
    if layer.weight.shape[0] % layer.pieces:
        raise ShapeError(
            "the rows of a maxout layer do not make whole units",
            where="weight",
            got=f"{layer.weight.shape[0]} rows",
            expected=f"a multiple of {layer.pieces}, the pieces of a unit",
        )


def _check_skips(layer: AffineLayer) -> None:
    sources = [skip.source for skip in layer.skips]
    if any(source < 0 for source in sources) or sources != sorted(set(sources)):
        raise InputError(
            "the sources of skip connections are not in order",
            where="skips",
            got=", ".join(map(str, sources)),
            expected="different numbers in ascending order: 0 for the inputs, k for layer k",
        )
    for skip in layer.skips:
        if skip.weight.shape[0] != layer.weight.shape[0]:
            raise ShapeError(
                "a skip connection does not fit its layer",
                where=f"skip from {skip.source}",
                got=f"{skip.weight.shape[0]} rows",
                expected=f"{layer.weight.shape[0]}, the rows of the weight",
            )


def _product(weight: RationalMatrix, h: Sequence[Fraction]) -> Row:
    # in integers over one denominator: one gcd a unit instead of one a product
    h_den = common_denominator(h)
    point = [q.numerator * (h_den // q.denominator) for q in h]
    den = weight.denominator * h_den
    return tuple(Fraction(sum(map(mul, row, point)), den) for row in weight.numerators)


def _matrix(rows: object, where: str) -> RationalMatrix:
    if not hasattr(rows, "__iter__") and not isinstance(rows, RationalMatrix):
        raise ShapeError(
            "the weight is not a table",
            where=where,
            got=repr(rows),
            expected="n_outputs x n_inputs numbers, as in [[1, 2], [3, 4]]",
        )
    return RationalMatrix.from_rows(rows, where=where)
