"""How fast cells are counted and listed: python -m tests.benchmarks.bench_geometry [--large] [--quick].

Networks first (:mod:`tests.benchmarks.network_rates`), then arrangements; the exit code is 1 if a count is
not the known one. `--quick` takes about a minute of CPU time, `--large` adds fifteen million cells.

CPU seconds of one process and one thread, after the compiled loops have been loaded. The yardsticks are the
naive tree of exact linear programs (`tests.support.lp_cells`) and the plain twin of the walk, each on the
largest member of the family that it does in a few seconds; ratios compare cells per second.
"""

from __future__ import annotations

import sys
import time
from itertools import islice

from exactnet.errors import LimitReached
from exactnet.geometry import named
from exactnet.geometry.characteristic import characteristic_polynomial
from exactnet.geometry.hyperplanes import Arrangement
from exactnet.geometry.stream import count_cells, stream_cells
from tests.benchmarks.network_rates import network_rates
from tests.benchmarks.timing import seconds
from tests.support.lp_cells import lp_cells

ARRANGEMENTS = (
    named.resonance(5),
    named.threshold(5),
    named.resonance(6),
    named.type_e(7),
    named.cyclic(50, 2),
    named.generic(100, 3, size=10),
    named.generic(100, 3, size=1000),
    named.generic(40, 4, size=10),
    named.generic(25, 6, size=5),
)
LARGE = (named.threshold(6),)


def rate_of_linear_programs(source: Arrangement, n_cells: int = 20) -> float:
    """Cells per second of the naive tree, from its first cells."""
    start = time.process_time()
    found = len(list(islice(lp_cells(source.forms, source.dimension), n_cells)))
    return found / (time.process_time() - start)


def rate_of_the_plain_twin(source: Arrangement, n_cells: int = 2000) -> float:
    """Cells per second of the plain twin, from its first cells."""
    start = time.process_time()
    try:
        found = count_cells(source, max_cells=n_cells, compiled=False).n_cells
    except LimitReached as stopped:
        found = stopped.partial.n_cells  # type: ignore[attr-defined]
    return found / (time.process_time() - start)


def main() -> None:
    """Networks, then arrangements."""
    quick = "--quick" in sys.argv
    is_equal = network_rates(quick=quick)
    print()
    arrangement_rates(quick=quick)
    if not is_equal:
        raise SystemExit("some counts are DIFFERENT")


def arrangement_rates(*, quick: bool) -> None:
    """Print one line an arrangement."""
    characteristic_polynomial(named.resonance(4), compiled=True)
    stream_cells(named.resonance(4), lambda table: None, compiled=True)
    head = ("arrangement", "cells", "count s", "cells/s", "list s", "chi s", "x plain", "x LP tree")
    print("{:32} {:>10} {:>9} {:>11} {:>9} {:>9} {:>9} {:>10}".format(*head))
    sources = ARRANGEMENTS[:2] if quick else ARRANGEMENTS
    for source in (*sources, *(LARGE if "--large" in sys.argv else ())):
        chi, chi_time = seconds(lambda source=source: characteristic_polynomial(source))
        counted, count_time = seconds(lambda source=source: count_cells(source))
        _, list_time = seconds(lambda source=source: stream_cells(source, lambda table: None))
        if counted.n_cells != chi.n_cells:
            raise SystemExit(f"{source.name} DIFFERENT: {counted.n_cells} cells, chi(-1) is {chi.n_cells}")
        rate = counted.n_cells / count_time
        plain, naive = rate_of_the_plain_twin(source), rate_of_linear_programs(source)
        print(
            f"{source.name:32} {counted.n_cells:10} {count_time:9.3f} {rate:11.0f} {list_time:9.3f}"
            f" {chi_time:9.3f} {rate / plain:9.0f} {rate / naive:10.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
