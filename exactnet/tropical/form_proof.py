"""The certificate "F - G is the function of the network, and these are the essential terms", from a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exactnet.certificate import (
    Certificate,
    Record,
    TropicalFormRecord,
    TropicalPolynomialRecord,
)
from exactnet.geometry.region_proof import region_certificate
from exactnet.geometry.region_tree import RegionTree
from exactnet.geometry.task import RegionTask
from exactnet.model import Network
from exactnet.tropical.polynomial import TropicalPolynomial

if TYPE_CHECKING:
    from exactnet.tropical.convert import TropicalForm

__all__ = ["form_certificate", "polynomial_record"]


def polynomial_record(p: TropicalPolynomial, name: str) -> TropicalPolynomialRecord:
    """The record of a polynomial.

    Examples
    --------
    >>> polynomial_record(TropicalPolynomial.from_terms({("1/2",): 1}), "p").terms
    ((1, 2),)
    """
    rows = tuple((*e, c) for e, c in p.terms)
    return TropicalPolynomialRecord(name, p.n_variables, p.denominator, rows)


def form_certificate(
    network: Network, task: RegionTask, tree: RegionTree, form: TropicalForm, *, title: str
) -> Certificate:
    """Records `network`, `cells`, F and G of every output, and `form`; with its region counts, those too."""
    counts = {str(c.definition): c.value for c in form.regions if c.value is not None}
    base = region_certificate(network, task, tree, counts=counts, title=title)
    records: list[Record] = [
        record for record in base.records if counts or record.rule in ("network", "region_tree")
    ]
    claims = base.claims if counts else ()
    names: dict[str, list[str]] = {"F": [], "G": []}
    for o, f in enumerate(form.outputs):
        for letter, p in (("F", f.numerator), ("G", f.denominator)):
            name = letter if len(form.outputs) == 1 else f"{letter}-{o}"
            names[letter].append(name)
            records.append(polynomial_record(p, name))
    records.append(TropicalFormRecord("form", "cells", tuple(names["F"]), tuple(names["G"])))
    stats = {name: str(value) for name, value in form.stats.items()}
    return Certificate(title, tuple(records), ("form", *claims), network.provenance.as_strings(), stats)
