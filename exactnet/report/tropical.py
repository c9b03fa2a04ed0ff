"""The report of a tropical form: how many terms, how many regions, the formula."""

from __future__ import annotations

from pathlib import Path

from exactnet.certificate import Result
from exactnet.report.page import Report
from exactnet.tropical import TropicalForm, TropicalRational
from exactnet.tropical.json_text import json_value
from exactnet.tropical.software import to_polymake
from exactnet.tropical.text import to_latex, to_text

__all__ = ["tropical_report"]

# a longer formula is for a file, not for a screen
MOST_SHOWN = 40


def tropical_report(
    result: Result[TropicalForm],
    *,
    source: str,
    path: Path | None,
    checker: str,
    figure: Path | None,
    text: str = "plain",
) -> Report:
    """What `exactnet tropical` prints.

    Parameters
    ----------
    result : of :func:`exactnet.tropical.tropical_form`.
    source : the network in words.
    path : the certificate file, if one was written.
    checker : the verdict on it, or why there is none.
    figure : the figure, if one was drawn.
    text : "plain", "latex" or "polymake", for the formulas.
    """
    form = result.value
    body = [f"input        {source}"]
    if form.regions:
        counts = ", ".join(f"{c.definition} {_count(c.lower, c.upper)}" for c in form.regions)
        body.append(f"regions      {counts}")
    else:
        body.append(f"regions      {form.n_cells:,} cells; too many for the definitions R1 to R6 here")
    body += [line for o, f in enumerate(form.outputs) for line in _formula(f, o, len(form.outputs), text)]
    if path is not None:
        body.append(f"certificate  {path}")
    body.append(f"checker      {checker}")
    if figure is not None:
        body.append(f"figure       {figure}")
    return Report(repr(result), _payload(result, path, checker, figure), tuple(body))


def _count(lower: int, upper: int) -> str:
    return f"{lower:,}" if lower == upper else f"{lower:,} to {upper:,}"


def _formula(f: TropicalRational, o: int, n_outputs: int, text: str) -> list[str]:
    tail = f"_{o}" if n_outputs > 1 else ""
    if text == "latex":
        return [f"f{tail} = {to_latex(f)}"]
    parts = ((f"F{tail}", f.numerator), (f"G{tail}", f.denominator))
    if text == "polymake":
        return [f"# {name}\n{to_polymake(p)}" for name, p in parts]
    return [
        f"{name:<12} {to_text(p)}"
        if p.n_terms <= MOST_SHOWN
        else f"{name:<12} {p.n_terms:,} terms; --json has them all"
        for name, p in parts
    ]


def _payload(
    result: Result[TropicalForm], path: Path | None, checker: str, figure: Path | None
) -> dict[str, object]:
    form = result.value
    F = [f.numerator for f in form.outputs]
    G = [f.denominator for f in form.outputs]
    regions: dict[str, object] = {
        str(c.definition): c.value if c.value is not None else [c.lower, c.upper] for c in form.regions
    }
    payload: dict[str, object] = {
        "status": result.status.name,
        "n_monomials_F": F[0].n_terms if len(F) == 1 else [p.n_terms for p in F],
        "n_monomials_G": G[0].n_terms if len(G) == 1 else [p.n_terms for p in G],
        "n_cells": form.n_cells,
        "regions": regions or {"R2": form.n_cells},
        "F": json_value(F[0]) if len(F) == 1 else [json_value(p) for p in F],
        "G": json_value(G[0]) if len(G) == 1 else [json_value(p) for p in G],
        "certificate": None if path is None else str(path),
        "checker": checker,
        "figure": None if figure is None else str(figure),
    }
    return payload
