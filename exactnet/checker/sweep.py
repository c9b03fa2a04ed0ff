"""The dual constraint of the l2 problems tested on all faces of a small arrangement (FORMAT.md section 4).

The rule `sweep`: nothing but v is given. The checker merges parallel rows, sorts the walls around the circle
(dimension 2), around every great circle (dimension 3), or around every anchor (two penalised coordinates and
a free bias), and looks at each face. All numbers are integers over one common denominator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import NoReturn

from exactnet.checker.cells import Form
from exactnet.checker.problem import Problem
from exactnet.checker.read import reject
from exactnet.checker.words import decimal

__all__ = ["check_sweep", "sweeps"]

_MOST_WALLS = {1: 1_000_000, 2: 5_000}  # of a circle; of the circles or anchors that are swept one by one
_MOST_LOOKS = 10**9

Oriented = tuple[int, int]  # number of a wall, and the sign that makes its form turn positive at the ray


@dataclass(frozen=True)
class _Kinks:
    """scale sum_i v_i phi(z_i.u) = linear.u + sum_k weights[k] |forms[k].u|, and limit = scale beta."""

    forms: list[Form]
    weights: list[int]
    linear: Form
    limit: int

    @property
    def bound(self) -> int:
        """The square that no |h|^2 may exceed."""
        return self.limit * self.limit


def sweeps(problem: Problem) -> bool:
    """Whether the rule is defined: l2 norm, 2 or 3 coordinates, at least two of them penalised."""
    return problem.norm == "l2" and problem.dimension in (2, 3) and problem.n_penalised >= 2


def check_sweep(problem: Problem, v: Sequence[Fraction]) -> None:
    """Reject unless v satisfies the dual constraint on every face."""
    if not sweeps(problem):
        reject("a bound by sweep needs the l2 norm on 2 or 3 coordinates, at least 2 of them penalised")
    kinks = _kinks(problem, v)
    n_sweeps = 1 if problem.dimension == 2 else 2
    if len(kinks.forms) > _MOST_WALLS[n_sweeps]:
        reject(f"a bound by sweep over {len(kinks.forms)} walls; at most {_MOST_WALLS[n_sweeps]} are sorted")
    if problem.n_penalised < problem.dimension:
        _check_anchors(kinks)
    elif problem.dimension == 2:
        _check_plane(kinks.forms, kinks.weights, kinks.linear, kinks.bound)
    else:
        _Space(kinks).check()


def _kinks(problem: Problem, v: Sequence[Fraction]) -> _Kinks:
    """Merge parallel rows: phi(t) = (1 + kappa)/2 t + (1 - kappa)/2 |t|."""
    rows_scale = lcm(*{x.denominator for row in problem.rows for x in row})
    v_scale = lcm(*{x.denominator for x in v})
    odd: dict[Form, int] = {}
    even: dict[Form, int] = {}
    for row, v_i in zip(problem.rows, v, strict=True):
        whole = tuple([x.numerator * (rows_scale // x.denominator) for x in row])
        divisor = gcd(*whole)
        if divisor == 0 or v_i == 0:
            continue
        product = v_i.numerator * (v_scale // v_i.denominator) * divisor
        forward = next(x for x in whole if x) > 0
        form = tuple([x // divisor if forward else -x // divisor for x in whole])
        odd[form] = odd.get(form, 0) + (product if forward else -product)
        even[form] = even.get(form, 0) + product
    # the factors 1 + kappa and 1 - kappa, and 2 beta, over one more denominator
    kappa, beta = problem.kappa, 2 * problem.beta
    last = lcm(kappa.denominator, beta.denominator)
    ahead, aside = int((1 + kappa) * last), int((1 - kappa) * last)
    linear = tuple(ahead * sum(w * form[p] for form, w in odd.items()) for p in range(problem.dimension))
    walls = {form: aside * w for form, w in even.items() if aside * w}
    return _Kinks(list(walls), list(walls.values()), linear, int(beta * last) * rows_scale * v_scale)


def _infeasible(u: Sequence[int], square: int, bound: int) -> NoReturn:
    """Reject with the direction in which v violates the constraint, to a few digits."""
    size = max(map(abs, u))
    point = ", ".join(decimal(Fraction(x, size), up=False) for x in u)
    ratio = decimal(Fraction(square, bound), up=True)
    reject(
        f"v is not dual feasible near the line of ({point}): (sum v_i phi(z_i.u))^2 / (beta |u|)^2 is {ratio}"
    )


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum([x * y for x, y in zip(a, b, strict=True)])


# --------------------------------------------------------------------------------------- the circle


def _around(forms: Sequence[tuple[int, int]]) -> list[list[Oriented]]:
    """The rays of plane forms in the order of their angles in [0, pi), each with all walls through it.

    A form is given the sign with which it is negative just before its ray, hence also at the start.
    """
    width = 2 * max((abs(a).bit_length() for a, _ in forms), default=0)
    first: list[Oriented] = []
    keys: list[int] = []
    signs: list[int] = []
    for k, (a, b) in enumerate(forms):
        sign = -1 if a > 0 or (a == 0 and b < 0) else 1
        signs.append(sign)
        if a == 0:
            first.append((k, sign))
            keys.append(0)
        else:
            # different b / a differ by more than 2^-width: equal keys only for equal rays
            keys.append((sign * b << width) // (sign * a))
    groups = [first] if first else []
    last = None
    for k in sorted((k for k, form in enumerate(forms) if form[0]), key=keys.__getitem__):
        if keys[k] != last:
            groups.append([])
            last = keys[k]
        groups[-1].append((k, signs[k]))
    return groups


def _check_plane(forms: Sequence[Form], weights: Sequence[int], linear: Form, bound: int) -> None:
    """|linear.u + sum weights |forms.u|| <= sqrt(bound) |u| for all u in the plane."""
    plane = [(form[0], form[1]) for form in forms]
    groups = _around(plane)
    if not groups:
        size = _dot(linear, linear)
        if size > bound:
            _infeasible(linear, size, bound)
        return
    rays = [(sign * plane[k][1], -sign * plane[k][0]) for k, sign in (group[0] for group in groups)]
    gx = -sum(sign * weights[k] * plane[k][0] for group in groups for k, sign in group)
    gy = -sum(sign * weights[k] * plane[k][1] for group in groups for k, sign in group)
    lx, ly = linear
    for i, group in enumerate(groups):
        for k, sign in group:
            twice = 2 * sign * weights[k]
            gx += twice * plane[k][0]
            gy += twice * plane[k][1]
        rx, ry = rays[i]
        sx, sy = rays[i + 1] if i + 1 < len(rays) else (-rays[0][0], -rays[0][1])
        # at -u the sum is g.u - linear.u: both half circles at once
        for hx, hy in ((gx + lx, gy + ly), (gx - lx, gy - ly)):
            size = hx * hx + hy * hy
            if size <= bound:
                continue
            after, before = rx * hy - ry * hx, hx * sy - hy * sx
            if (after >= 0 and before >= 0) or (after <= 0 and before <= 0):
                _infeasible((hx, hy), size, bound)
            height, length = hx * rx + hy * ry, rx * rx + ry * ry
            if height * height > bound * length:
                _infeasible((rx, ry), height * height, bound * length)


def _check_anchors(kinks: _Kinks) -> None:
    """Two penalised coordinates and a free bias b: for fixed u the sum has its extremes at kinks of b."""
    bound = kinks.bound
    far = [
        sum(w * f[p] if f[2] > 0 else -w * f[p] for w, f in zip(kinks.weights, kinks.forms, strict=True))
        for p in range(2)
    ]
    for sign in (1, -1):  # b to plus and minus infinity
        h = [kinks.linear[p] + sign * far[p] for p in range(2)]
        size = _dot(h, h)
        if size > bound:
            _infeasible(h, size, bound)
    for anchor in kinks.forms:
        t = anchor[2]
        induced = [(t * f[0] - f[2] * anchor[0], t * f[1] - f[2] * anchor[1]) for f in kinks.forms]
        others = [k for k, form in enumerate(induced) if any(form)]
        (linear,) = [(t * f[0] - f[2] * anchor[0], t * f[1] - f[2] * anchor[1]) for f in (kinks.linear,)]
        forms = [induced[k] for k in others]
        _check_plane(forms, [kinks.weights[k] for k in others], linear, bound * t * t)


# --------------------------------------------------------------------------------------- the sphere


@dataclass(frozen=True)
class _Arc:
    """An arc of great circle k: where it begins, a form positive from there on, one positive up to its end.

    `g` is the sum of weights sigma forms over the walls other than k.
    """

    ray: Form
    opening: Form
    closing: Form
    g: Form
    inner: Form  # a point of the arc between its ends
    smallest: bool  # whether each end has a wall with a larger number than k


class _Space:
    """All faces in three dimensions: the rays and arcs of every great circle, and the cells beside them."""

    def __init__(self, kinks: _Kinks) -> None:
        self.forms, self.weights = kinks.forms, kinks.weights
        self.linear, self.bound = kinks.linear, kinks.bound
        self.n_looks = 0

    def check(self) -> None:
        """Reject unless the constraint holds everywhere."""
        if len(self.forms) < 2:
            self._check_hemispheres()
            return
        for k in range(len(self.forms)):
            for arc in self._arcs(k):
                self._check_arc(k, arc)
                # each cell has a side of smallest number, and is looked at from there
                if arc.smallest:
                    self._check_sides(k, arc)

    def _check_hemispheres(self) -> None:
        """At most one wall: on each side of it the largest value is |h| or |-h|."""
        weight, form = (self.weights[0], self.forms[0]) if self.forms else (0, (0, 0, 0))
        for sign in (1, -1):
            h = [x + sign * weight * y for x, y in zip(self.linear, form, strict=True)]
            size = _dot(h, h)
            if size > self.bound:
                _infeasible(h, size, self.bound)

    def _arcs(self, k: int) -> Iterator[_Arc]:
        """The arcs of half of circle k; the other half is opposite."""
        forms, weights = self.forms, self.weights
        wall = forms[k]
        p = next(p for p, x in enumerate(wall) if x)  # wall[p] > 0
        q, r = (p + 1) % 3, (p + 2) % 3
        wp, wq, wr = wall[p], wall[q], wall[r]
        plane = [(f[q] * wp - f[p] * wq, f[r] * wp - f[p] * wr) for f in forms]
        plane[k] = (0, 1)
        groups = [[(j, s) for j, s in group if j != k] for group in _around(plane)]
        groups = [group for group in groups if group]
        ends = [tuple(s * x for x in forms[j]) for j, s in (group[0] for group in groups)]
        rays = [_cross(end, wall) for end in ends]
        tops = [max(j for j, _ in group) for group in groups]
        turned = [(j, s * weights[j]) for group in groups for j, s in group]
        x, y, z = (-sum(w * forms[j][c] for j, w in turned) for c in range(3))
        for i, group in enumerate(groups):
            for j, s in group:
                twice, f = 2 * s * weights[j], forms[j]
                x, y, z = x + twice * f[0], y + twice * f[1], z + twice * f[2]
            last = i + 1 == len(groups)
            # at its end the next wall turns positive; at the last end the first one turns negative
            closing = ends[0] if last else _minus(ends[i + 1])
            end = _minus(rays[0]) if last else rays[i + 1]
            a = rays[i]
            inner = (a[0] + end[0], a[1] + end[1], a[2] + end[2]) if len(groups) > 1 else _cross(wall, a)
            smallest = k < tops[i] and k < tops[0 if last else i + 1]
            yield _Arc(a, ends[i], closing, (x, y, z), inner, smallest)

    def _check_arc(self, k: int, arc: _Arc) -> None:
        """The arc and the ray at its beginning."""
        wall, bound = self.forms[k], self.bound
        f0, f1, f2 = wall
        length = f0 * f0 + f1 * f1 + f2 * f2
        (g0, g1, g2), (l0, l1, l2) = arc.g, self.linear
        for h in ((g0 + l0, g1 + l1, g2 + l2), (g0 - l0, g1 - l1, g2 - l2)):
            h0, h1, h2 = h
            size, d = h0 * h0 + h1 * h1 + h2 * h2, f0 * h0 + f1 * h1 + f2 * h2
            # the projection of h to the plane of the circle is (length h - d wall) / length
            square = size * length - d * d
            if size <= bound or square <= bound * length:
                continue
            after = _dot(arc.opening, h) * length - d * _dot(arc.opening, wall)
            before = _dot(arc.closing, h) * length - d * _dot(arc.closing, wall)
            if (after >= 0 and before >= 0) or (after <= 0 and before <= 0):
                u = [length * x - d * y for x, y in zip(h, wall, strict=True)]
                _infeasible(u, square, bound * length)
            height, reach = _dot(h, arc.ray), _dot(arc.ray, arc.ray)
            if height * height > bound * reach:
                _infeasible(arc.ray, height * height, bound * reach)

    def _check_sides(self, k: int, arc: _Arc) -> None:
        """The two cells beside the arc, and their opposites."""
        wall, bound = self.forms[k], self.bound
        (g0, g1, g2), (l0, l1, l2) = arc.g, self.linear
        for side in (1, -1):
            weight = side * self.weights[k]
            c0, c1, c2 = g0 + weight * wall[0], g1 + weight * wall[1], g2 + weight * wall[2]
            for h in ((c0 + l0, c1 + l1, c2 + l2), (c0 - l0, c1 - l1, c2 - l2)):
                size = h[0] * h[0] + h[1] * h[1] + h[2] * h[2]
                if size <= bound:
                    continue
                d = side * (wall[0] * h[0] + wall[1] * h[1] + wall[2] * h[2])
                for sign in (1, -1):
                    near = sign * d >= 0 and sign * _dot(arc.opening, h) >= 0
                    if near and sign * _dot(arc.closing, h) >= 0 and self._inside(h, k, arc.inner, sign):
                        _infeasible([sign * x for x in h], size, bound)

    def _inside(self, h: Form, k: int, inner: Form, sign: int) -> bool:
        """Does sign h have, on all walls but k, the sign of the inner point?"""
        x, y, z = inner
        s, t, w = h
        for j, (a, b, c) in enumerate(self.forms):
            there, here = a * x + b * y + c * z, sign * (a * s + b * t + c * w)
            if j != k and ((there > 0 and here < 0) or (there < 0 and here > 0)):
                self._count(j)
                return False
        self._count(len(self.forms))
        return True

    def _count(self, n: int) -> None:
        self.n_looks += n
        if self.n_looks > _MOST_LOOKS:
            reject(f"a bound by sweep that needs more than {_MOST_LOOKS} looks at walls")


def _minus(a: Form) -> Form:
    return tuple(-x for x in a)


def _cross(a: Form, b: Form) -> Form:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
