"""The dual constraint of the l1 and linf problems on the rays of an arrangement (FORMAT.md section 4).

Both sides of |sum_i v_i phi(z_i.u)| <= beta ||u|| are linear on every cone that is cut out by the rows and
the hyperplanes u_k = 0, for linf also u_k = +-u_l, so that it is enough to test the rays of these cones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, lcm

from exactnet.checker.cells import Form, direction
from exactnet.checker.problem import Problem
from exactnet.checker.read import reject
from exactnet.checker.words import equals

__all__ = ["check_rays", "rays"]

_MOST_SUBSETS = 5_000_000


def check_rays(problem: Problem, v: Sequence[Fraction]) -> None:
    """Reject unless v satisfies the dual constraint at every ray."""
    dimension, n = problem.dimension, problem.n_penalised
    ahead, behind = _weights(problem, v)
    members = list(dict.fromkeys([*ahead, *_pieces_of_norm(problem)]))
    if comb(len(members), dimension - 1) > _MOST_SUBSETS:
        subsets = f"all choices of {dimension - 1} among {len(members)}"
        reject(f"a bound by rays needs {subsets}; at most {_MOST_SUBSETS} are looked at")
    scale = lcm(*(w.denominator for w in (*ahead.values(), *behind.values())))
    chebyshev = problem.norm == "linf"
    terms = [(form, int(ahead[form] * scale), int(behind[form] * scale)) for form in ahead]
    limit, beta_denominator = problem.beta.numerator * scale, problem.beta.denominator
    for ray in rays(members, dimension):
        here = there = 0  # scale * sum_i v_i phi(z_i.r) at r and at -r
        for form, plus, minus in terms:
            height = sum([x * y for x, y in zip(form, ray, strict=True)])
            if height > 0:
                here += plus * height
                there += minus * height
            else:
                here -= minus * height
                there -= plus * height
        sizes = list(map(abs, ray[:n]))
        length = max(sizes) if chebyshev else sum(sizes)
        worst = max(abs(here), abs(there))
        if worst * beta_denominator > limit * length:
            sign = 1 if abs(here) == worst else -1
            point = ", ".join(str(sign * x) for x in ray)
            reject(
                f"v is not dual feasible at u = ({point}): |sum v_i phi(z_i.u)| = "
                f"{equals(Fraction(worst, scale))}, and beta ||u|| = {equals(problem.beta * length)}"
            )


def _pieces_of_norm(problem: Problem) -> list[Form]:
    """Forms whose signs decide which linear function the norm is."""
    axes = [tuple(int(p == q) for q in range(problem.dimension)) for p in range(problem.n_penalised)]
    if problem.norm != "linf":
        return axes
    pairs = list(combinations(axes, 2))
    sums = [tuple(x + y for x, y in zip(a, b, strict=True)) for a, b in pairs]
    differences = [tuple(x - y for x, y in zip(a, b, strict=True)) for a, b in pairs]
    return [*axes, *sums, *differences]


def _weights(problem: Problem, v: Sequence[Fraction]) -> tuple[dict[Form, Fraction], dict[Form, Fraction]]:
    """Collect parallel rows: sum_i v_i phi(z_i.u) = sum over f of ahead[f] (f.u)_+ + behind[f] (-f.u)_+."""
    ahead: dict[Form, Fraction] = {}
    behind: dict[Form, Fraction] = {}
    for row, v_i in zip(problem.rows, v, strict=True):
        if not any(row):
            continue
        multiple = lcm(*(x.denominator for x in row))
        integral = tuple(int(x * multiple) for x in row)
        form = direction(integral)
        ahead.setdefault(form, Fraction(0))
        behind.setdefault(form, Fraction(0))
        p = next(p for p, x in enumerate(form) if x)
        rho = row[p] / form[p]
        if rho > 0:
            ahead[form] += v_i * rho
            behind[form] -= problem.kappa * v_i * rho
        else:
            behind[form] -= v_i * rho
            ahead[form] += problem.kappa * v_i * rho
    return ahead, behind


def rays(members: Sequence[Form], dimension: int) -> Iterator[Form]:
    """One vector of each line that is orthogonal to D-1 independent members.

    The generalised cross product is built up one factor at a time, as the wedge of the members chosen so
    far, over an explicit stack; dependent choices are cut off as soon as their wedge vanishes.

    Examples
    --------
    >>> sorted(rays([(1, 0), (0, 1), (1, 1)], 2))
    [(0, 1), (1, -1), (1, 0)]
    """
    found: set[Form] = set()
    waiting: list[tuple[int, int, dict[int, int]]] = [(0, 0, {0: 1})]
    while waiting:
        n_chosen, first, wedge = waiting.pop()
        if n_chosen == dimension - 1:
            ray = direction(_cross_product(wedge, dimension))
            if ray not in found:
                found.add(ray)
                yield ray
            continue
        for k in range(first, len(members)):
            longer = _wedge(wedge, members[k])
            if longer:
                waiting.append((n_chosen + 1, k + 1, longer))


def _wedge(wedge: dict[int, int], vector: Form) -> dict[int, int]:
    """Exterior product with one more vector; keys are sets of coordinates as bits."""
    product: dict[int, int] = {}
    for key, value in wedge.items():
        for p, x in enumerate(vector):
            if x and not key >> p & 1:
                # e_p moves past the coordinates above p
                odd = (key >> (p + 1)).bit_count() & 1
                union = key | 1 << p
                product[union] = product.get(union, 0) + (-value * x if odd else value * x)
    return {key: value for key, value in product.items() if value}


def _cross_product(wedge: dict[int, int], dimension: int) -> Form:
    """The vector orthogonal to the D-1 factors of a wedge: r_p = (-1)^p times the minor without p."""
    whole = (1 << dimension) - 1
    return tuple((-1) ** p * wedge.get(whole ^ 1 << p, 0) for p in range(dimension))
