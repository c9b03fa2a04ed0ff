"""From float dual vectors of a programme to exactly feasible ones.

The dual vectors (v, multipliers, free, pulls, matrices) must satisfy, in every variable,

    cost - fit'v - at_least'multipliers - equal'free + sum_k rows_k'p_k - sum_k S_k'(Q_k) = 0.

v is rounded and kept. In each block of variables the rest of the float vectors is rounded, and what the
equation then misses is spread over them in rationals, by a least-squares solution in which a multiplier
moves the less the smaller it is. What has become too long is drawn towards a dual vector with room (v = 0,
and the cost carried by pulls and matrices alone), by the least share that makes all of it feasible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from exactnet.certificate.types import Row
from exactnet.convex.variants.conic_guess import ConicGuess
from exactnet.convex.variants.exact_point import blocks_of_variables, dyadic, is_semidefinite
from exactnet.convex.variants.group_program import GroupProgram, order_of, triangle
from exactnet.errors import InvariantError
from exactnet.exact import LinearSystem, RationalMatrix, solve, solve_lp, sqrt_enclosure

__all__ = ["DualVectors", "dual_value", "feasible_dual", "missing"]

Vector = tuple[Fraction, ...]
_SHARES = tuple(Fraction(1, 2**k) for k in range(60, 0, -1))


@dataclass(frozen=True)
class DualVectors:
    """Dual vectors in the order of the rule `program_optimum`."""

    v: Vector
    multipliers: Vector
    free: Vector
    pulls: tuple[Vector, ...]
    matrices: tuple[Vector, ...]


@dataclass(frozen=True)
class _Carrier:
    """A dual number: its coefficients over the variables, and how freely it moves."""

    kind: str
    index: int
    entry: int
    row: Row
    factor: int = 1


def dual_value(program: GroupProgram, dual: DualVectors) -> Fraction:
    """v.target - 1/2 v.v + multipliers.least + free.level."""
    pairs = ((dual.v, program.target), (dual.multipliers, program.least), (dual.free, program.level))
    total = sum((a * b for left, right in pairs for a, b in zip(left, right, strict=True)), Fraction(0))
    return total - sum((x * x for x in dual.v), Fraction(0)) / 2


def missing(program: GroupProgram, dual: DualVectors) -> list[Fraction]:
    """The left side of the equation, which is 0 for a feasible dual."""
    rest = [Fraction(0)] * program.n_variables

    def add(rows: Sequence[Row], factors: Sequence[Fraction], sign: int) -> None:
        for row, factor in zip(rows, factors, strict=True):
            for j, x in row if factor else ():
                rest[j] += sign * factor * x

    add([program.cost], [Fraction(1)], 1)
    add(program.fit, dual.v, -1)
    add(program.at_least, dual.multipliers, -1)
    add(program.equal, dual.free, -1)
    for norm, pull in zip(program.norms, dual.pulls, strict=True):
        add(norm.rows, pull, 1)
    for block, matrix in zip(program.semidefinite, dual.matrices, strict=True):
        doubled = [x * _double(place) for x, place in zip(matrix, triangle(order_of(block)), strict=True)]
        add(block, doubled, -1)
    return rest


def _double(place: tuple[int, int]) -> int:
    return 1 if place[0] == place[1] else 2


def feasible_dual(program: GroupProgram, guess: ConicGuess) -> DualVectors:
    """An exactly feasible dual near the guess, of a value as large as its direction allows.

    Raises
    ------
    InvariantError : there is none near, or no dual with room is known for this programme.
    """
    repair = _Repair(program)
    rounded = DualVectors(
        _balanced(program, tuple(map(dyadic, guess.v)), repair.uncarried),
        tuple(max(dyadic(x), Fraction(0)) for x in guess.multipliers),
        tuple(map(dyadic, guess.free)),
        tuple(tuple(map(dyadic, pull)) for pull in guess.pulls),
        tuple(tuple(map(dyadic, matrix)) for matrix in guess.matrices),
    )
    near = repair(rounded)
    if not program.cost:
        return _scaled(program, near)
    return _mixed(program, near, repair(_zero(program)))


def _balanced(program: GroupProgram, v: Vector, variables: Sequence[int]) -> Vector:
    """The nearest v with fit'v = cost at variables that nothing else carries, such as an intercept."""
    place = {j: k for k, j in enumerate(variables)}
    columns = [[Fraction(0)] * len(v) for _ in variables]
    for i, row in enumerate(program.fit):
        for j, x in row:
            if j in place:
                columns[place[j]][i] = x
    if not any(any(column) for column in columns):
        return v
    cost = dict(program.cost)
    gram = [[_dot(a, b) for b in columns] for a in columns]
    gap = [cost.get(j, Fraction(0)) - _dot(columns[k], v) for j, k in place.items()]
    weights = solve(gram, gap)
    if weights is None:
        raise InvariantError("the fit cannot be balanced", reproduction=repr(program))
    for weight, column in zip(weights, columns, strict=True):
        v = tuple(x + weight * c for x, c in zip(v, column, strict=True))
    return v


def _dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def _zero(program: GroupProgram) -> DualVectors:
    zero = Fraction(0)
    return DualVectors(
        (zero,) * len(program.fit),
        (zero,) * len(program.at_least),
        (zero,) * len(program.equal),
        tuple((zero,) * len(norm.rows) for norm in program.norms),
        tuple((zero,) * len(block) for block in program.semidefinite),
    )


def _scaled(program: GroupProgram, dual: DualVectors) -> DualVectors:
    """Without cost every multiple of a feasible direction is one: the best that keeps the pulls short."""
    factor: Fraction | None = None
    for norm, pull in zip(program.norms, dual.pulls, strict=True):
        square = sum((x * x for x in pull), Fraction(0))
        if square:
            length = sqrt_enclosure(square).upper
            factor = norm.weight / length if factor is None else min(factor, norm.weight / length)
    square = sum((x * x for x in dual.v), Fraction(0))
    gain = dual_value(program, dual) + square / 2
    # the value is factor gain - factor^2 square / 2
    best = gain / square if square else Fraction(1) if factor is None else factor
    factor = best if factor is None else min(best, factor)
    usable = min(dual.multipliers, default=0) >= 0 and all(map(is_semidefinite, dual.matrices))
    if gain <= 0 or not usable:
        factor = Fraction(0)  # the zero vectors are always feasible
    # a short multiple below the bound
    short = Fraction(int(factor * 2**80), 2**80) if factor != 1 else factor
    return _combined(dual, _zero(program), short, Fraction(0))


def _mixed(program: GroupProgram, near: DualVectors, centre: DualVectors) -> DualVectors:
    if not _is_feasible(program, centre):
        raise InvariantError("no dual vector with room is known", reproduction=repr(program))
    for share in (Fraction(0), *_SHARES, Fraction(1)):
        mixed = _combined(near, centre, 1 - share, share)
        if _is_feasible(program, mixed):
            return mixed
    raise InvariantError("the centre is not feasible", reproduction=repr(program))


def _is_feasible(program: GroupProgram, dual: DualVectors) -> bool:
    short = all(
        sum((x * x for x in pull), Fraction(0)) <= norm.weight**2
        for norm, pull in zip(program.norms, dual.pulls, strict=True)
    )
    return short and min(dual.multipliers, default=0) >= 0 and all(map(is_semidefinite, dual.matrices))


def _combined(a: DualVectors, b: DualVectors, left: Fraction, right: Fraction) -> DualVectors:
    def both(x: Vector, y: Vector) -> Vector:
        return tuple(left * p + right * q for p, q in zip(x, y, strict=True))

    return DualVectors(
        both(a.v, b.v),
        both(a.multipliers, b.multipliers),
        both(a.free, b.free),
        tuple(map(both, a.pulls, b.pulls)),
        tuple(map(both, a.matrices, b.matrices)),
    )


class _Repair:
    """Spreads what the equation misses over the carriers of each block."""

    def __init__(self, program: GroupProgram) -> None:
        self.program = program
        self.blocks = blocks_of_variables(program)
        self.home = {j: b for b, block in enumerate(self.blocks) for j in block}
        self.carriers: list[list[_Carrier]] = [[] for _ in self.blocks]
        for carrier in _carriers(program):
            if carrier.row:
                self.carriers[self.home[carrier.row[0][0]]].append(carrier)
        pairs = zip(self.blocks, self.carriers, strict=True)
        self.uncarried = [j for block, carriers in pairs if not carriers for j in block]

    def __call__(self, dual: DualVectors) -> DualVectors:
        rest = missing(self.program, dual)
        changed = {
            "multipliers": list(dual.multipliers),
            "free": list(dual.free),
        }
        pulls = [list(pull) for pull in dual.pulls]
        matrices = [list(matrix) for matrix in dual.matrices]
        for block, carriers in zip(self.blocks, self.carriers, strict=True):
            gap = [rest[j] for j in block]
            if not any(gap):
                continue
            moves = _spread(block, carriers, gap, lambda c: _freedom(c, dual))
            if moves is None or any(_turns_negative(move, dual) for move in moves):
                moves = _spread_by_lp(block, carriers, gap, dual)
            if moves is None:
                raise InvariantError("the dual vectors cannot be repaired", reproduction=f"block {block}")
            for carrier, move in moves:
                if carrier.kind == "pulls":
                    pulls[carrier.index][carrier.entry] += move
                elif carrier.kind == "matrices":
                    matrices[carrier.index][carrier.entry] += move
                else:
                    changed[carrier.kind][carrier.index] += move
        return DualVectors(
            dual.v,
            tuple(changed["multipliers"]),
            tuple(changed["free"]),
            tuple(map(tuple, pulls)),
            tuple(map(tuple, matrices)),
        )


def _carriers(program: GroupProgram) -> list[_Carrier]:
    found = [_Carrier("multipliers", i, 0, row, -1) for i, row in enumerate(program.at_least)]
    found += [_Carrier("free", i, 0, row, -1) for i, row in enumerate(program.equal)]
    for k, norm in enumerate(program.norms):
        found += [_Carrier("pulls", k, i, row, 1) for i, row in enumerate(norm.rows)]
    for k, block in enumerate(program.semidefinite):
        places = triangle(order_of(block))
        found += [
            _Carrier("matrices", k, i, row, -_double(place))
            for i, (row, place) in enumerate(zip(block, places, strict=True))
        ]
    return found


def _freedom(carrier: _Carrier, dual: DualVectors) -> Fraction:
    """The weight of a carrier in the least squares: a multiplier moves by a small share of itself only."""
    if carrier.kind == "multipliers":
        return min(dual.multipliers[carrier.index], Fraction(1)) ** 2
    return Fraction(1)


def _turns_negative(move: tuple[_Carrier, Fraction], dual: DualVectors) -> bool:
    carrier, step = move
    return carrier.kind == "multipliers" and dual.multipliers[carrier.index] + step < 0


def _spread_by_lp(
    block: Sequence[int], carriers: Sequence[_Carrier], gap: Sequence[Fraction], dual: DualVectors
) -> list[tuple[_Carrier, Fraction]] | None:
    """Moves that cancel the gap and keep the multipliers, the largest of the others as small as possible."""
    n = len(carriers)
    entries = [dict(carrier.row) for carrier in carriers]
    rows = [[c.factor * e.get(j, Fraction(0)) for c, e in zip(carriers, entries, strict=True)] for j in block]
    rows = [[*row, Fraction(0)] for row in rows]
    rhs, relations = [-g for g in gap], ["="] * len(block)
    for k, carrier in enumerate(carriers):
        if carrier.kind == "free":
            continue
        unit = [Fraction(i == k) for i in range(n)]
        if carrier.kind == "multipliers":
            rows.append([-x for x in unit] + [Fraction(0)])
            rhs.append(dual.multipliers[carrier.index])
            relations.append("<=")
        else:
            rows += [[sign * x for x in unit] + [Fraction(-1)] for sign in (1, -1)]
            rhs += [Fraction(0)] * 2
            relations += ["<="] * 2
    rows.append([Fraction(0)] * n + [Fraction(-1)])
    found = solve_lp(LinearSystem(rows, [*relations, "<="], [*rhs, Fraction(0)]), [0] * n + [1])
    if found.point is None:
        return None
    return [(carrier, x) for carrier, x in zip(carriers, found.point[:n], strict=True) if x]


def _spread(
    block: Sequence[int],
    carriers: Sequence[_Carrier],
    gap: Sequence[Fraction],
    freedom: Callable[[_Carrier], Fraction],
) -> list[tuple[_Carrier, Fraction]] | None:
    """Moves of the carriers that cancel the gap, of least weighted length; None if they do not span it."""
    place = {j: i for i, j in enumerate(block)}
    used = [(c, w) for c in carriers if (w := freedom(c))]
    columns = []
    for carrier, _ in used:
        column = [Fraction(0)] * len(block)
        for j, x in carrier.row:
            column[place[j]] = carrier.factor * x
        columns.append(column)
    if not columns:
        return None
    gram = [[Fraction(0)] * len(block) for _ in block]
    for column, (_, weight) in zip(columns, used, strict=True):
        for a, x in enumerate(column):
            if x:
                factor = weight * x
                gram[a] = [g + factor * y for g, y in zip(gram[a], column, strict=True)]
    solution = solve(gram, [-g for g in gap])
    if solution is None:
        return None
    products = RationalMatrix.from_rows(columns) @ solution
    return [
        (carrier, weight * product)
        for (carrier, weight), product in zip(used, products, strict=True)
        if product
    ]
