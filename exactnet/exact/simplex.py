"""The exact simplex method: the reference, and the fallback when a float guess fails its check.

A dictionary writes every basic variable as an affine function of the nonbasic ones. All its entries are
integers over one common denominator, and pivots divide exactly (Edmonds' integer pivoting, as in
Avis' lrs), so no fraction is ever reduced. Bland's rule (R. G. Bland, Math. Oper. Res. 2, 1977): of
all candidates the variable with the smallest index enters, and leaves; hence no cycling on degenerate input.

Examples
--------
>>> outcome = simplex(LinearSystem([[-1, 0], [0, -1]], ["<=", "<="], [0, -2]), [1, 1])
>>> outcome.point, outcome.value, outcome.multipliers
((Fraction(0, 1), Fraction(2, 1)), Fraction(2, 1), (Fraction(1, 1), Fraction(1, 1)))
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from exactnet.exact.rational import common_denominator, primitive
from exactnet.exact.system import LinearSystem, LpOutcome, LpStatus

__all__ = ["simplex"]


def simplex(
    system: LinearSystem, objective: Sequence[Fraction | int], *, start: Iterable[int] = ()
) -> LpOutcome:
    """Minimise objective . x over the system (no "<" rows), in integers, by two phases and Bland's rule.

    Parameters
    ----------
    system : m rows in n free variables.
    objective : n coefficients.
    start : rows to be made tight first, as far as they are independent: a guess at the optimal vertex.
        It changes the way, not the answer's truth.

    Examples
    --------
    >>> simplex(LinearSystem([[1], [-1]], ["<=", "<="], [0, -1]), [0]).multipliers
    (Fraction(1, 1), Fraction(1, 1))
    """
    dictionary = _Dictionary(system, objective)
    preferred = list(dict.fromkeys(start))
    order = preferred + sorted(set(range(len(system.rows))) - set(preferred))
    certificate = dictionary.eliminate_variables(order)
    if certificate is None:
        certificate = dictionary.make_feasible()
    if certificate is not None:
        return LpOutcome(LpStatus.INFEASIBLE, multipliers=certificate)
    ray = dictionary.minimise()
    point = dictionary.point()
    if ray is not None:
        return LpOutcome(LpStatus.UNBOUNDED, point=point, ray=ray)
    value = sum((c * x for c, x in zip(objective, point, strict=True)), Fraction(0))
    return LpOutcome(LpStatus.OPTIMAL, point=point, multipliers=dictionary.optimal_multipliers(), value=value)


class _Dictionary:
    """basic[r] = (table[r][0] + sum_k table[r][k + 1] * nonbasic[k]) / denominator, and `cost` likewise.

    Variables are numbered: x_0..x_{n-1} are 0..n-1 (free), the slack b_i - a_i . x of row i is n + i, the
    auxiliary variable of phase one is n + m. The denominator is positive.
    """

    def __init__(self, system: LinearSystem, objective: Sequence[Fraction | int]) -> None:
        n, m = system.n_variables, len(system.rows)
        self.n, self.m, self.system = n, m, system
        self.cost_scale = common_denominator(objective)
        self.basic = [n + i for i in range(m)]
        self.nonbasic = list(range(n))
        self.table = [[row.b, *[-value for value in row.a]] for row in system.integer_rows]
        self.cost = [0, *[int(value * self.cost_scale) for value in objective]]
        self.denominator = 1

    # -- pivots ---------------------------------------------------------------------------------------

    def pivot(self, r: int, k: int) -> None:
        """Exchange basic[r] and nonbasic[k]; the new denominator is the old pivot entry."""
        old, denominator = self.table[r], self.denominator
        p = old[k + 1]
        sign = 1 if p > 0 else -1
        self.cost = _eliminate(self.cost, old, k + 1, denominator, sign)
        self.table = [
            row if row is old else _eliminate(row, old, k + 1, denominator, sign) for row in self.table
        ]
        new = [-sign * value for value in old]
        new[k + 1] = sign * denominator
        self.table[r] = new
        self.denominator = abs(p)
        self.basic[r], self.nonbasic[k] = self.nonbasic[k], self.basic[r]

    def is_slack(self, variable: int) -> bool:
        """An inequality's slack or the auxiliary variable: it may not be negative, and may enter."""
        i = variable - self.n
        return i >= 0 and (i == self.m or self.system.relations[i] != "=")

    def slack_rows(self) -> list[int]:
        return [r for r, variable in enumerate(self.basic) if self.is_slack(variable)]

    # -- phases ---------------------------------------------------------------------------------------

    def eliminate_variables(self, order: Sequence[int]) -> tuple[Fraction, ...] | None:
        """Make the free variables basic, first against equations. Farkas multipliers if these contradict."""
        relations = self.system.relations
        for i in [i for i in order if relations[i] == "="] + [i for i in order if relations[i] != "="]:
            r = self.basic.index(self.n + i)
            row = self.table[r]
            k = next((k for k, x in enumerate(self.nonbasic) if x < self.n and row[k + 1]), None)
            if k is not None:
                self.pivot(r, k)
            elif relations[i] == "=":
                # the row combines equations that are tight already: 0 = row[0]
                if row[0]:
                    sign = 1 if row[0] > 0 else -1
                    combination = {self.n + i: -sign * self.denominator}
                    combination |= {x: sign * row[k + 1] for k, x in enumerate(self.nonbasic)}
                    return self._farkas(combination)
                del self.table[r], self.basic[r]
            elif all(x >= self.n for x in self.nonbasic):
                break
        return None

    def make_feasible(self) -> tuple[Fraction, ...] | None:
        """Phase one: relax the rows by one variable t >= 0 and minimise it; Farkas if it stays positive."""
        rows = self.slack_rows()
        worst = min(rows, key=lambda r: self.table[r][0], default=None)
        if worst is None or self.table[worst][0] >= 0:
            return None
        t = self.n + self.m
        self.nonbasic.append(t)
        relaxed = set(rows)
        self.table = [[*row, self.denominator if r in relaxed else 0] for r, row in enumerate(self.table)]
        self.cost.append(0)
        self.pivot(worst, len(self.nonbasic) - 1)
        while t in self.basic:
            row = self.table[self.basic.index(t)]
            k = self._entering(row)
            if k is None:
                return self._farkas({x: row[k + 1] for k, x in enumerate(self.nonbasic)})
            leaving = self._leaving(k, first=t)
            assert leaving is not None  # t falls while this variable grows, and t stops at 0
            self.pivot(leaving, k)
        column = self.nonbasic.index(t) + 1
        del self.nonbasic[column - 1], self.cost[column]
        for row in self.table:
            del row[column]
        return None

    def minimise(self) -> tuple[Fraction, ...] | None:
        """Phase two, from a feasible dictionary; a ray if the objective is unbounded."""
        for free, x in enumerate(self.nonbasic):
            if x < self.n and self.cost[free + 1]:  # no row restrains this direction
                return self._direction(free, -1 if self.cost[free + 1] > 0 else 1)
        while True:
            k = self._entering(self.cost)
            if k is None:
                return None
            leaving = self._leaving(k)
            if leaving is None:
                return self._direction(k, 1)
            self.pivot(leaving, k)

    def _entering(self, cost: list[int]) -> int | None:
        candidates = [k for k, x in enumerate(self.nonbasic) if cost[k + 1] < 0 and self.is_slack(x)]
        return min(candidates, key=self.nonbasic.__getitem__, default=None)

    def _leaving(self, k: int, first: int = -1) -> int | None:
        """The row whose slack first reaches 0 as nonbasic[k] grows; of several `first` or the smallest."""
        best: tuple[Fraction, int] | None = None
        leaving = None
        for r in self.slack_rows():
            row = self.table[r]
            if row[k + 1] < 0:
                key = (Fraction(row[0], -row[k + 1]), -1 if self.basic[r] == first else self.basic[r])
                if best is None or key < best:
                    best, leaving = key, r
        return leaving

    # -- answers --------------------------------------------------------------------------------------

    def point(self) -> tuple[Fraction, ...]:
        x = [Fraction(0)] * self.n
        for r, variable in enumerate(self.basic):
            if variable < self.n:
                x[variable] = Fraction(self.table[r][0], self.denominator)
        return tuple(x)

    def optimal_multipliers(self) -> tuple[Fraction, ...]:
        """cost = value + sum m_i slack_i gives, with slack_i = b_i - a_i . x, the multipliers m_i."""
        scale = self.denominator * self.cost_scale
        return self._by_row({x: Fraction(self.cost[k + 1], scale) for k, x in enumerate(self.nonbasic)})

    def _farkas(self, combination: dict[int, int]) -> tuple[Fraction, ...]:
        """A combination of slacks that is identically a negative constant, as coprime multipliers."""
        return tuple(map(Fraction, primitive(self._by_row(combination))))

    def _by_row(self, combination: dict[int, Fraction] | dict[int, int]) -> tuple[Fraction, ...]:
        result = [Fraction(0)] * self.m
        for variable, value in combination.items():
            i = variable - self.n
            if 0 <= i < self.m:
                result[i] = Fraction(value * self.system.integer_rows[i].scale)
        return tuple(result)

    def _direction(self, k: int, sign: int) -> tuple[Fraction, ...]:
        ray = [0] * self.n
        if self.nonbasic[k] < self.n:
            ray[self.nonbasic[k]] = sign * self.denominator
        for r, variable in enumerate(self.basic):
            if variable < self.n:
                ray[variable] = sign * self.table[r][k + 1]
        return tuple(map(Fraction, primitive(ray)))


def _eliminate(row: list[int], pivot_row: list[int], column: int, denominator: int, sign: int) -> list[int]:
    """Substitute the entering variable; exact, because every entry is a minor of the first table."""
    p, factor = sign * pivot_row[column], row[column]
    if factor == 0:
        return [p * value // denominator for value in row] if p != denominator else row
    q = sign * factor
    new = [(p * a - q * b) // denominator for a, b in zip(row, pivot_row, strict=True)]
    new[column] = sign * factor
    return new
