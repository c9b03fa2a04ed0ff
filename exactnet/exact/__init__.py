"""The arithmetic wall: exact rationals, matrices, signs and linear programs.

Only this package imports FLINT and HiGHS. Everything that comes out is an `int`, a `Fraction`, a
`RationalMatrix`, a `SignTable`, or says `approx_` in its name.
"""

from __future__ import annotations

from exactnet.exact.cone import conic_combination
from exactnet.exact.enclosure import Interval, norm_enclosure, sqrt_enclosure
from exactnet.exact.linalg import (
    determinant,
    independent_columns,
    independent_rows,
    inverse,
    nullspace,
    rank,
    row_echelon,
    solve,
    solve_unique,
)
from exactnet.exact.lp import (
    Feasibility,
    LinearSystem,
    LpOutcome,
    LpStats,
    LpStatus,
    feasible,
    solve_lp,
)
from exactnet.exact.matrix import RationalMatrix
from exactnet.exact.rational import (
    common_denominator,
    parse_rational,
    primitive,
    to_fraction,
    to_fractions,
)
from exactnet.exact.sign_table import SignTable, pack_signs
from exactnet.exact.signs import SignStats, sign_matrix
from exactnet.exact.simplex import simplex
from exactnet.exact.system import is_farkas, is_optimum, is_ray, is_solution
from exactnet.exact.text import decimal_text, format_rational, rational_text, round_down, round_up
from exactnet.exact.wedge import generalised_cross_product, wedge

__all__ = [
    "Feasibility",
    "Interval",
    "LinearSystem",
    "LpOutcome",
    "LpStats",
    "LpStatus",
    "RationalMatrix",
    "SignStats",
    "SignTable",
    "common_denominator",
    "conic_combination",
    "decimal_text",
    "determinant",
    "feasible",
    "format_rational",
    "generalised_cross_product",
    "independent_columns",
    "independent_rows",
    "inverse",
    "is_farkas",
    "is_optimum",
    "is_ray",
    "is_solution",
    "norm_enclosure",
    "nullspace",
    "pack_signs",
    "parse_rational",
    "primitive",
    "rank",
    "rational_text",
    "round_down",
    "round_up",
    "row_echelon",
    "sign_matrix",
    "simplex",
    "solve",
    "solve_lp",
    "solve_unique",
    "sqrt_enclosure",
    "to_fraction",
    "to_fractions",
    "wedge",
]
