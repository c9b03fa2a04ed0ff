"""How fast networks become F - G: python -m tests.benchmarks.bench_tropical [--quick].

Four ways to the same two polynomials, on one core and exactly: the cells and what F and G are on each of
them; the recursion of Zhang, Naitzat and Lim with one convex hull a polynomial; the same with one linear
programme a term; and the recursion without pruning, whose result still has its superfluous terms. Then
polymake's regions of the expanded numerator, if polymake is installed, and larger networks for the first way
alone.

Takes about two minutes of CPU time, most of it for linear programmes; `--quick` a few seconds. The exit code
is 1 if two ways differ or a stated figure is missed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from exactnet.model import Network
from exactnet.tropical import (
    TropicalPolynomial,
    TropicalRational,
    maximum_network,
    maximum_polynomial,
    recursion,
    same_function,
    tropical_form,
)
from exactnet.tropical.normal_form import essential_terms_by_lp
from exactnet.tropical.software import to_polymake
from paper_repro.anchors import ANCHORS, random_integer_network
from tests.benchmarks.anchor_columns import wrong_columns
from tests.benchmarks.timing import seconds

# (widths, whether linear programmes are tried, whether the terms are expanded)
COMPARED: tuple[tuple[tuple[int, ...], bool, bool], ...] = (
    ((2, 4, 4, 1), True, True),
    ((3, 4, 4, 1), True, True),
    ((3, 6, 6, 1), False, True),
    ((2, 8, 8, 1), True, True),
    ((2, 12, 12, 1), False, False),
    ((2, 16, 16, 1), False, False),
)
# (widths, seconds allowed)
FIGURES: tuple[tuple[tuple[int, ...], float], ...] = (((2, 64, 64, 1), 5.0), ((3, 32, 32, 1), 10.0))
LARGER: tuple[tuple[int, ...], ...] = (
    (2, 64, 64, 64, 1),
    (3, 64, 1),
    (4, 16, 16, 1),
    (4, 32, 1),
    (5, 12, 12, 1),
    (6, 8, 8, 1),
    (8, 12, 1),
)
LEAST_RATIO = 100  # over one linear programme a term, on [2,8,8,1]


def main() -> None:
    """All tables; the verdict is the exit code."""
    quick = "--quick" in sys.argv
    failures = [*anchor_table(), *comparison(quick=quick), *polymake(), *figures(quick=quick)]
    for text in failures:
        print(f"FAILED: {text}")
    print("ok" if not failures else f"{len(failures)} failed")
    raise SystemExit(bool(failures))


def form_of(network: Network) -> TropicalRational:
    """F and G by the cells."""
    return tropical_form(network, proof=False).value.rational


def _name(widths: Sequence[int]) -> str:
    return f"[{','.join(map(str, widths))}]"


def anchor_table() -> list[str]:
    """The twenty-five networks, every column of the table against the known numbers."""
    failures = []
    form_of(random_integer_network([2, 8, 8, 1], 0))  # load the compiled loops
    start = time.process_time()
    for anchor in ANCHORS:
        network = anchor.network()
        form = tropical_form(network, regions=True, proof=False).value
        (naive,) = recursion(network, prune=False)
        f = form.rational
        counts = tuple(c.value for c in form.regions if c.definition != "R3")
        sizes = [(g.numerator.n_terms, g.denominator.n_terms) for g in (f, naive)]
        same = recursion(network) == (f,)
        if (counts, *sizes, same) != (anchor.regions, anchor.n_essential, anchor.n_naive, True):
            failures.append(f"the anchor {anchor.name} DIFFERS: {counts} {sizes}")
        failures += wrong_columns(anchor)
    spent = time.process_time() - start
    print(f"25 anchors, all columns of the table, F and G in both ways: {spent:.2f} s")
    return failures + ["the table of anchors took more than 10 s"] * (spent > 10)


def comparison(*, quick: bool) -> list[str]:
    """The four ways, seconds each, and how much slower than the cells."""
    failures = []
    head = (
        "network",
        "terms F/G",
        "cells s",
        "hull s",
        "LP s",
        "expanded s",
        "terms",
        "x hull",
        "x LP",
        "verdict",
    )
    line = "{:14} {:>10} {:>9} {:>9} {:>9} {:>10} {:>13} {:>8} {:>8}  {}"
    print(line.format(*head))
    for widths, with_lp, expanded in COMPARED[:3] if quick else COMPARED:
        network = random_integer_network(widths, 0)
        f, fast = seconds(lambda network=network: form_of(network))
        (g,), hull = seconds(lambda network=network: recursion(network))
        found = [f == g]
        lp_time = naive_time = None
        n_naive = ""
        if with_lp:
            (h,), lp_time = seconds(lambda network=network: recursion(network, reduce=essential_terms_by_lp))
            found.append(f == h)
        if expanded:
            (naive,), naive_time = seconds(lambda network=network: recursion(network, prune=False))
            n_naive = f"{naive.numerator.n_terms}/{naive.denominator.n_terms}"
            found.append(naive.numerator.normal_form() == f.numerator)
        verdict = "equal" if all(found) else "DIFFERENT"
        ratio = None if lp_time is None else lp_time / fast
        print(
            line.format(
                _name(widths),
                f"{f.numerator.n_terms}/{f.denominator.n_terms}",
                f"{fast:.4f}",
                f"{hull:.3f}",
                _seconds(lp_time),
                _seconds(naive_time),
                n_naive,
                f"{hull / fast:.0f}",
                "" if ratio is None else f"{ratio:.0f}",
                verdict,
            )
        )
        if not all(found):
            failures.append(f"the ways to {_name(widths)} differ")
        if widths == (2, 8, 8, 1) and ratio is not None and ratio < LEAST_RATIO:
            failures.append(f"{ratio:.0f} times faster than linear programmes, not {LEAST_RATIO}")
    return failures


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def polymake() -> list[str]:
    """Polymake's regions of expanded numerators against the hull; nothing if it is not installed."""
    program = shutil.which("polymake")
    if program is None:
        print("polymake is not installed")
        return []
    failures = []
    print(
        f"{'numerator of':16} {'terms':>7} {'regions':>8} {'hull s':>8} {'polymake s':>11} {'x':>6}  verdict"
    )
    # without what it takes to start
    start = time.perf_counter()
    _polymake_regions(program, TropicalPolynomial.from_terms({(0, 0): 0, (1, 0): 0, (0, 1): 0}))
    idle = time.perf_counter() - start
    for widths in ((2, 4, 4, 1), (3, 4, 4, 1), (2, 6, 6, 1), (2, 8, 8, 1)):
        naive: TropicalPolynomial = recursion(random_integer_network(widths, 0), prune=False)[0].numerator
        p, hull = seconds(naive.normal_form)
        start = time.perf_counter()
        n_regions = _polymake_regions(program, naive)
        spent = max(time.perf_counter() - start - idle, 0.0)
        verdict = "equal" if n_regions == p.n_terms else "DIFFERENT"
        # less than the time to start varies is no measurement
        ratio = f"{spent / hull:.0f}" if spent > idle / 5 else "-"
        print(
            f"{_name(widths):16} {naive.n_terms:>7} {p.n_terms:>8} {hull:>8.3f} {spent:>11.3f} "
            f"{ratio:>6}  {verdict}"
        )
        if n_regions != p.n_terms:
            failures.append(f"polymake finds {n_regions} regions, the hull {p.n_terms}")
    return failures


def _polymake_regions(program: str, p: TropicalPolynomial) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "regions.pl"
        path.write_text(f"{to_polymake(p)}\nprint $H->REGIONS->rows;\n")
        # polymake writes into the home folder
        environment = {"HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}
        done = subprocess.run(
            [program, "--script", str(path)],
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
            env=environment,
        )
    return int(done.stdout.split()[-1])


def figures(*, quick: bool) -> list[str]:
    """Larger networks by their cells alone, and the network for the maximum of five numbers."""
    failures = []
    print(f"{'network':16} {'cells':>8} {'terms F/G':>14} {'seconds':>8} {'cells/s':>9}")
    allowed = dict(FIGURES)
    for widths in (*allowed, *(() if quick else LARGER)):
        network = random_integer_network(widths, 0)
        result, spent = seconds(lambda network=network: tropical_form(network, proof=False))
        form = result.value
        f = form.rational
        sizes = f"{f.numerator.n_terms}/{f.denominator.n_terms}"
        print(f"{_name(widths):16} {form.n_cells:>8} {sizes:>14} {spent:>8.3f} {form.n_cells / spent:>9.0f}")
        if spent > allowed.get(widths, spent):
            failures.append(f"{_name(widths)} took {spent:.1f} s, more than {allowed[widths]} s")
    same, spent = seconds(lambda: same_function(maximum_network(5), maximum_polynomial(5), proof=False))
    print(f"maximum of five numbers, [4,18,207,1]: {same.sentence}: {spent:.2f} s")
    if not same.value or spent > 2:
        failures.append("the maximum of five numbers")
    return failures


if __name__ == "__main__":
    main()
