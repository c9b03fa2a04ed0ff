"""From a network to its tropical form: irredundant F and G with f = F - G, from the activation cells.

No monomial is ever expanded and no redundancy is ever tested: the cells are listed once, F and G are affine
on each of them, and the affine functions met are exactly the essential terms
(:mod:`exactnet.tropical.cell_forms` has the recursion and the proof). The size of the work is that of the
cell complex, not that of the formula.

Examples
--------
>>> hat = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
>>> result = tropical_form(hat)
>>> result
PROVED: f = F - G with 2 essential terms in F and 2 in G, from 3 activation regions
>>> result.value.numerator, result.value.denominator
(TropicalPolynomial(max(0, 2*x1)), TropicalPolynomial(max(0, -4 + 4*x1)))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from exactnet.certificate import Result, Status
from exactnet.errors import InputError, InvariantError, LimitReached
from exactnet.exact import RationalMatrix, SignTable
from exactnet.geometry.enumeration import complete_tree
from exactnet.geometry.network_cells import NetworkCells, network_cells
from exactnet.geometry.task import RegionTask, region_task
from exactnet.model import Activation, AffineLayer, Network
from exactnet.tropical.cell_forms import forms_on_cells
from exactnet.tropical.polynomial import Exponent, TropicalPolynomial
from exactnet.tropical.rational import TropicalRational

if TYPE_CHECKING:
    from exactnet.geometry.definitions import RegionCount
    from exactnet.geometry.engine_steps import Engine

__all__ = ["MOST_PROVED", "TropicalForm", "part_of", "tropical_form"]

Progress = Callable[[str, int, int | None], None]

# the checker goes through a tree of so many cells in half a minute or so
MOST_PROVED = 50_000


@dataclass(frozen=True, repr=False)
class TropicalForm:
    """A network as tropical rational functions, one an output.

    Attributes
    ----------
    outputs : F and G of every output, with essential terms only.
    n_cells : full-dimensional activation regions (cells) that were looked at.
    is_complete : False if a limit was met: then every term is essential, but there may be more, and F - G is
        the function of the network on the cells that were looked at only.
    regions : the numbers of regions by the definitions R1 to R6, if they were asked for.
    """

    outputs: tuple[TropicalRational, ...]
    n_cells: int
    is_complete: bool = True
    regions: tuple[RegionCount, ...] = ()
    stats: dict[str, int | str] = field(default_factory=dict, compare=False)

    @property
    def rational(self) -> TropicalRational:
        """F and G of the only output.

        Raises
        ------
        InputError : the network has several outputs.
        """
        if len(self.outputs) != 1:
            raise InputError(
                "a network with several outputs has several tropical forms",
                where="TropicalForm",
                got=f"{len(self.outputs)} outputs",
                expected="one",
                hint="take one of `outputs`",
            )
        return self.outputs[0]

    @property
    def numerator(self) -> TropicalPolynomial:
        """F of the only output."""
        return self.rational.numerator

    @property
    def denominator(self) -> TropicalPolynomial:
        """G of the only output."""
        return self.rational.denominator

    def __repr__(self) -> str:
        sizes = ", ".join(f"{f.numerator.n_terms}/{f.denominator.n_terms}" for f in self.outputs)
        return f"TropicalForm({sizes} terms in F/G, {self.n_cells} cells)"


def tropical_form(
    network: Network,
    *,
    regions: bool = False,
    proof: bool | None = None,
    max_cells: int | None = None,
    max_bits: int | None = None,
    jobs: int = 1,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Result[TropicalForm]:
    """F and G of every output of a network, with essential terms only.

    Parameters
    ----------
    network : any activations, maxout and skip connections.
    regions : also count the regions by all definitions; looks at all faces, and takes a few milliseconds a
        cell.
    proof : False does without a certificate; by default one is written up to `MOST_PROVED` cells.
    max_cells : stop before there are more.
    max_bits : stop when numerators or denominators may become longer.
    jobs, engine, progress : as for :func:`exactnet.geometry.network_cells`.

    Returns
    -------
    Result
        PROVED with a certificate: the checker enumerates the tree of the cells, pushes F and G through every
        one of them, and compares. UNDECIDED without one: exact, and nobody else has checked it.

    Raises
    ------
    LimitReached : more than `max_cells` cells, or Ctrl-C; `partial` is a TropicalForm with a lower bound: all
        of its terms are essential. Or numbers of more than `max_bits` bits.

    Examples
    --------
    >>> pieces = [([[1, 0], [0, 1], [0, 0]], None)]
    >>> largest = Network.from_arrays(pieces, output_activation="maxout", pieces=3)
    >>> tropical_form(largest, proof=False).value.rational
    TropicalRational(max(0, x2, x1) - max(0))
    """
    task = region_task(network)
    try:
        cells = network_cells(task, max_cells=max_cells, jobs=jobs, engine=engine, progress=progress)
    except LimitReached as stopped:
        partial = stopped.partial
        if isinstance(partial, NetworkCells) and partial.n_cells:
            stopped.partial = _form(network, task, partial, max_bits)
        raise
    form = _form(network, task, cells, max_bits)
    if regions:
        form = replace(form, regions=_regions(network, task))
    if proof is False or (proof is None and cells.n_cells > MOST_PROVED):
        return Result(form, Status.UNDECIDED, None, _sentence(form), stats=dict(cells.stats))
    from exactnet.tropical.form_proof import form_certificate

    tree = complete_tree(task, network, engine=engine, progress=progress)
    certificate = form_certificate(network, task, tree, form, title=_sentence(form))
    return Result(
        form, Status.PROVED, certificate, _sentence(form), certificate.provenance, dict(cells.stats)
    )


def part_of(network: Network, layer: int, *, unit: int | None = None, before: bool = False) -> Network:
    """The network that ends at a layer: its tropical form is that of this layer's units.

    Parameters
    ----------
    layer : counted from 1.
    unit : one unit of the layer only, counted from 0; for `before` one row of its weight.
    before : the pre-activation instead of what comes behind the activation.

    Raises
    ------
    InputError : there is no such layer or unit.

    Examples
    --------
    >>> hat = Network.from_arrays([([[1], [1]], [0, -1]), ([[2, -4]], [0])])
    >>> tropical_form(part_of(hat, 1, unit=1)).value.rational
    TropicalRational(max(0, -1 + x1) - max(0))
    """
    if not 1 <= layer <= len(network.layers):
        raise InputError(
            "no such layer", where="layer", got=f"{layer}", expected=f"1 to {len(network.layers)}"
        )
    last = network.layers[layer - 1]
    if before:
        last = replace(last, activation=Activation.IDENTITY, slope=Fraction(0), pieces=1)
    layers = [*network.layers[: layer - 1], last]
    if unit is not None:
        if not 0 <= unit < last.n_outputs:
            raise InputError(
                "no such unit", where="unit", got=f"{unit}", expected=f"0 to {last.n_outputs - 1}"
            )
        row = RationalMatrix.from_integers(
            [[int(k == unit) for k in range(last.n_outputs)]], n_columns=last.n_outputs
        )
        layers.append(AffineLayer(row, (Fraction(0),)))
    return Network(tuple(layers), network.provenance)


def _regions(network: Network, task: RegionTask) -> tuple[RegionCount, ...]:
    from exactnet.geometry.complex import polyhedral_complex
    from exactnet.geometry.definitions import RegionDefinition, bound_regions

    complex_ = polyhedral_complex(task)
    return tuple(bound_regions(complex_, definition, network=network) for definition in RegionDefinition)


# -- from cells to terms -------------------------------------------------------------------------------


def _form(network: Network, task: RegionTask, cells: NetworkCells, max_bits: int | None) -> TropicalForm:
    signs = _signs(cells.signs, task)
    found: list[tuple[dict[Exponent, int], dict[Exponent, int]]] = []
    scale = 1
    for block in forms_on_cells(network, signs, max_bits=max_bits):
        if not found:
            found = [({}, {}) for _ in range(block.numerator.shape[1])]
        scale = block.scale
        for o, (F, G) in enumerate(found):
            _collect(F, block.numerator[:, o])
            _collect(G, block.denominator[:, o])
    d = network.n_inputs
    F_and_G = [
        [TropicalPolynomial.from_integers(terms, n_variables=d, denominator=scale) for terms in pair]
        for pair in found
    ]
    outputs = tuple(TropicalRational(F, G) for F, G in F_and_G)
    return TropicalForm(outputs, cells.n_cells, cells.is_complete, stats=dict(cells.stats))


def _signs(table: SignTable, task: RegionTask) -> NDArray[np.int8]:
    if not task.n_switches:
        return np.zeros((1, 0), dtype=np.int8)
    return np.asarray(table.unpack(), dtype=np.int8)


def _collect(terms: dict[Exponent, int], rows: NDArray[Any]) -> None:
    """Add the different rows (exponents, constant); two constants for one exponent are impossible."""
    if rows.dtype != object:
        rows = np.unique(rows, axis=0)
    for row in set(map(tuple, rows.tolist())):
        e, c = row[:-1], row[-1]
        if terms.setdefault(e, c) != c:
            raise InvariantError(
                "two pieces of a convex function are parallel", reproduction=f"{e}: {c} and {terms[e]}"
            )


def _sentence(form: TropicalForm) -> str:
    regions = f"{form.n_cells:,} activation {'region' if form.n_cells == 1 else 'regions'}"
    if len(form.outputs) == 1:
        F, G = form.numerator, form.denominator
        terms = f"{F.n_terms:,} essential {'term' if F.n_terms == 1 else 'terms'} in F and {G.n_terms:,} in G"
        return f"f = F - G with {terms}, from {regions}"
    sizes = ", ".join(f"{f.numerator.n_terms:,}/{f.denominator.n_terms:,}" for f in form.outputs)
    return f"{len(form.outputs)} outputs F - G with {sizes} essential terms, from {regions}"
