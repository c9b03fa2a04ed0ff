"""Whether two networks, or a network and a formula, are the same function everywhere.

The difference of the two is a network again, and its tropical form F - G decides: the difference is zero
exactly when F and G are the same polynomial, term by term, since both are in normal form.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from exactnet.certificate import Certificate, DifferentPolynomialsRecord, Result, Status
from exactnet.errors import InvariantError, ShapeError
from exactnet.exact import RationalMatrix
from exactnet.model import Activation, AffineLayer, Network, Provenance, Skip
from exactnet.tropical.convert import TropicalForm, tropical_form
from exactnet.tropical.equality import separating_point
from exactnet.tropical.polynomial import TropicalPolynomial
from exactnet.tropical.rational import TropicalRational
from exactnet.tropical.realize import to_network

__all__ = ["difference_network", "same_function"]

Function = Network | TropicalPolynomial | TropicalRational

_ZERO = Fraction(0)


def same_function(f: Function, g: Function, *, proof: bool | None = None) -> Result[bool]:
    """Whether f(x) = g(x) for all x: proved on every cell of the difference, or refuted by a point.

    Parameters
    ----------
    f, g : networks, tropical polynomials or tropical rational functions.
    proof : as for :func:`exactnet.tropical.tropical_form`.

    Raises
    ------
    ShapeError : other numbers of inputs or outputs.

    Examples
    --------
    >>> hat = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> turned = Network.from_arrays([([[3], [2]], [-3, 0]), ([["-4/3", 1]], [0])])
    >>> same_function(hat, turned)
    PROVED: the two functions agree everywhere, on 3 cells
    """
    one, other = (x if isinstance(x, Network) else to_network(x) for x in (f, g))
    found = tropical_form(difference_network(one, other), proof=proof)
    form: TropicalForm = found.value
    cells = f"{form.n_cells:,} cell{'s' * (form.n_cells != 1)}"
    different = [o for o, h in enumerate(form.outputs) if h.numerator != h.denominator]
    if not different:
        sentence = f"the two functions agree everywhere, on {cells}"
        certificate = None if found.certificate is None else replace(found.certificate, title=sentence)
        return Result(True, found.status, certificate, sentence, found.provenance, found.stats)
    o = different[0]
    point = separating_point(form.outputs[o].numerator, form.outputs[o].denominator)
    if one(point) == other(point):
        raise InvariantError("a separating point does not separate", reproduction=f"{one!r}, {other!r}")
    sentence = f"the two functions differ at ({', '.join(map(str, point))})"
    if found.certificate is None:
        return Result(False, Status.REFUTED, None, sentence, found.provenance, found.stats)
    tail = f"-{o}" if len(form.outputs) > 1 else ""
    record = DifferentPolynomialsRecord("different", (f"F{tail}",), (f"G{tail}",), point)
    proof_ = found.certificate
    certificate = Certificate(
        sentence, (*proof_.records, record), (*proof_.claims, "different"), proof_.provenance, proof_.stats
    )
    return Result(False, Status.REFUTED, certificate, sentence, found.provenance, found.stats)


def difference_network(f: Network, g: Network) -> Network:
    """A network that computes f - g: side by side if both are plain ReLU networks, else one after the other.

    Raises
    ------
    ShapeError : other numbers of inputs or outputs.

    Examples
    --------
    >>> hat = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> difference_network(hat, hat), difference_network(hat, hat)(["1/3"])
    (Network(1 -> 4 relu -> 1, from a difference of two networks), (Fraction(0, 1),))
    """
    for what, a, b in (("inputs", f.n_inputs, g.n_inputs), ("outputs", f.n_outputs, g.n_outputs)):
        if a != b:
            raise ShapeError(
                f"two functions with different {what}", where="difference", got=f"{b} {what}", expected=f"{a}"
            )
    provenance = Provenance("a difference of two networks")
    if not (_is_plain(f) and _is_plain(g)):
        return Network(_one_after_the_other(f, g), provenance)
    depth = max(len(f.layers), len(g.layers))
    return Network(_side_by_side(_lengthened(f, depth), _lengthened(g, depth)), provenance)


def _is_plain(network: Network) -> bool:
    """ReLU layers, then an affine one, without skips."""
    kinds = [layer.activation for layer in network.layers]
    return (
        not any(layer.skips for layer in network.layers)
        and all(kind is Activation.RELU for kind in kinds[:-1])
        and kinds[-1] is Activation.IDENTITY
    )


def _lengthened(network: Network, depth: int) -> list[AffineLayer]:
    """The same function with more layers: y = relu(y) - relu(-y)."""
    layers = list(network.layers)
    n = network.n_outputs
    both = RationalMatrix.from_integers(
        [[s * int(i == k) for k in range(n)] for s in (1, -1) for i in range(n)], n_columns=n
    )
    while len(layers) < depth:
        last = layers.pop()
        doubled = AffineLayer(both @ last.weight, both @ last.bias, Activation.RELU)
        layers += [doubled, AffineLayer(both.transpose(), (_ZERO,) * n)]
    return layers


def _side_by_side(f: list[AffineLayer], g: list[AffineLayer]) -> tuple[AffineLayer, ...]:
    layers = []
    for k, (a, b) in enumerate(zip(f, g, strict=True)):
        if k == len(f) - 1:
            both = list(zip(a.weight.rows(), b.weight.rows(), strict=True))
            if k == 0:
                rows = [tuple(u - v for u, v in zip(*pair, strict=True)) for pair in both]
            else:
                rows = [(*row, *(-v for v in other)) for row, other in both]
            bias = tuple(u - v for u, v in zip(a.bias, b.bias, strict=True))
        else:
            # the inputs are shared, the units of hidden layers are not
            left = () if k == 0 else (_ZERO,) * b.n_inputs
            right = () if k == 0 else (_ZERO,) * a.n_inputs
            rows = [(*row, *left) for row in a.weight.rows()] + [(*right, *row) for row in b.weight.rows()]
            bias = (*a.bias, *b.bias)
        layers.append(AffineLayer(RationalMatrix.from_rows(rows), bias, a.activation))
    return tuple(layers)


def _one_after_the_other(f: Network, g: Network) -> tuple[AffineLayer, ...]:
    """The layers of f, then those of g, which takes the inputs by skips, then the difference."""
    before = len(f.layers)
    layers = list(f.layers)
    for k, layer in enumerate(g.layers, start=1):
        skips = [Skip(0 if skip.source == 0 else before + skip.source, skip.weight) for skip in layer.skips]
        weight = layer.weight
        if k == 1:
            skips.append(Skip(0, weight))
            weight = RationalMatrix.from_integers(
                [[0] * f.n_outputs for _ in layer.bias], n_columns=f.n_outputs
            )
        layers.append(replace(layer, weight=weight, skips=tuple(sorted(skips, key=lambda s: s.source))))
    n = f.n_outputs
    one = RationalMatrix.identity(n)
    minus = RationalMatrix.from_integers([[-int(i == k) for k in range(n)] for i in range(n)], n_columns=n)
    return (*layers, AffineLayer(minus, (_ZERO,) * n, skips=(Skip(before, one),)))
