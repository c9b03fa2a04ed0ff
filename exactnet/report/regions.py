"""The report of a region count: how many, by which definition, what the proof covers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exactnet.certificate import Result
from exactnet.geometry import Regions
from exactnet.geometry.bounds import PublishedBound
from exactnet.report.page import Report

__all__ = ["region_report"]


def region_report(
    result: Result[Regions],
    *,
    source: str,
    domain: str,
    path: Path | None,
    checker: str,
    figure: Path | None,
    bounds: Sequence[PublishedBound] = (),
) -> Report:
    """What `exactnet regions` prints.

    Parameters
    ----------
    result : of :func:`exactnet.geometry.regions`.
    source, domain : what was enumerated, and where, in words.
    path : the certificate file, if one was written.
    checker : the verdict on it, or why there is none.
    figure : the region map, if one was drawn.
    bounds : published bounds for all networks of these widths.
    """
    found = result.value
    body = [
        f"input        {source}",
        f"domain       {domain}",
        f"cells        {found.n_cells:,} full-dimensional, {_bounded(found)}",
    ]
    if bounds:
        body.append(f"published    {_bounds(bounds)}")
    if found.f_vector is not None:
        euler = sum((-1) ** k * n for k, n in enumerate(found.f_vector))
        faces = ", ".join(f"{n:,}" for n in found.f_vector)
        body.append(f"f-vector     ({faces}), faces of dimension 0 to {found.dimension}; Euler sum {euler}")
    if found.betti is not None:
        body.append(f"Betti        ({', '.join(map(str, found.betti))}) of {found.betti_of}")
    body.append(f"signs        {_signs(found)}")
    if path is not None:
        body.append(f"certificate  {path}")
    body.append(f"checker      {checker}")
    if figure is not None:
        body.append(f"figure       {figure}")
    payload = _payload(result, domain, path, checker, figure)
    payload["published_bounds"] = [
        {"source": bound.source, "kind": "upper" if bound.is_upper else "lower", "value": bound.value}
        for bound in bounds
    ]
    return Report(repr(result), payload, tuple(body))


def _bounds(bounds: Sequence[PublishedBound]) -> str:
    """Upper bounds hold for all weights, lower bounds for the best ones."""
    parts = []
    for words, is_upper in (("all of this size have at most", True), ("some at least", False)):
        listed = [f"{bound.value:,} ({bound.source})" for bound in bounds if bound.is_upper is is_upper]
        if listed:
            parts.append(f"{words} {', '.join(listed)}")
    return "; ".join(parts)


def _bounded(found: Regions) -> str:
    if found.lineality:
        lines = "a line" if found.lineality == 1 else f"a {found.lineality}-dimensional space of lines"
        return f"none bounded: each contains {lines}"
    return f"{found.n_bounded:,} bounded"


def _signs(found: Regions) -> str:
    """Which rung of the ladder has decided how many signs."""
    engine = found.signs_decided.get("engine", "")
    counts = [
        f"{number:,} {_RUNGS.get(name, name)}"
        for name, number in found.signs_decided.items()
        if isinstance(number, int) and number
    ]
    return f"decided by {', '.join(counts)}" if counts else f"all in integers ({engine} engine)"


_RUNGS = {
    "n_float": "a float64 bound",
    "n_lattice": "exact small integers",
    "n_structure": "structure",
    "n_anchored": "a recomputed ray",
    "n_exact": "big integers",
    "n_lp": "linear programmes",
    "n_plain": "big integers",
}


def _payload(
    result: Result[Regions], domain: str, path: Path | None, checker: str, figure: Path | None
) -> dict[str, object]:
    found = result.value
    payload: dict[str, object] = {
        "status": result.status.name,
        "definition": found.definition,
        "n_regions": found.n_regions,
        "at_least": found.at_least,
        "at_most": found.at_most,
        "n_cells": found.n_cells,
        "n_bounded": found.n_bounded,
        "dimension": found.dimension,
        "lineality": found.lineality,
        "domain": domain,
        "signs_decided": dict(found.signs_decided),
        "certificate": None if path is None else str(path),
        "checker": checker,
        "figure": None if figure is None else str(figure),
    }
    if found.f_vector is not None:
        payload["f_vector"] = list(found.f_vector)
    if found.betti is not None:
        payload["betti"] = list(found.betti)
        payload["betti_of"] = found.betti_of
    return payload
