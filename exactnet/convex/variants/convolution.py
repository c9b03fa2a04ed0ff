"""Two convolutional networks that are convex programmes (Pilanci and Ergen 2020, arXiv 2002.10553).

Sum-pooled: f = sum_j a_j sum_k (X_k u_j)_+ over patches X_1..X_K of the signals; the cells are those of all
patches together. Circular: one circulant filter u and linear output w, both penalised with beta/2 times their
squares; it equals a Lasso in the frequencies, 1/2 |X theta - y|^2 + (beta / sqrt d) |F theta|_1 with the
unitary Fourier transform F.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from exactnet.convex.patterns import activation_patterns
from exactnet.convex.program import training_problem
from exactnet.convex.variants.builder import Entries, ProgramBuilder, combination
from exactnet.convex.variants.group_program import GroupProgram
from exactnet.errors import ShapeError, UnsupportedError
from exactnet.exact import to_fraction
from exactnet.model import Dataset

__all__ = ["circular_program", "patches", "pooled_program"]

Matrix = Sequence[Sequence[Fraction]]
_ONE = Fraction(1)

# (cos, sin / root of m) of the angles 2 pi j / d, with the number m of equal squares that sin^2 takes
_CIRCLE: dict[int, tuple[list[Fraction], list[Fraction], int]] = {
    1: ([_ONE], [Fraction(0)], 1),
    2: ([_ONE, -_ONE], [Fraction(0)] * 2, 1),
    3: ([_ONE, Fraction(-1, 2), Fraction(-1, 2)], [Fraction(0), Fraction(1, 2), Fraction(-1, 2)], 3),
    4: (
        [_ONE, Fraction(0), -_ONE, Fraction(0)],
        [Fraction(0), _ONE, Fraction(0), -_ONE],
        1,
    ),
    6: (
        [Fraction(x, 2) for x in (2, 1, -1, -2, -1, 1)],
        [Fraction(x, 2) for x in (0, 1, 1, 0, -1, -1)],
        3,
    ),
}


def patches(signals: Matrix, length: int) -> tuple[tuple[tuple[Fraction, ...], ...], ...]:
    """The matrices X_k of all contiguous patches of a length, one row a signal.

    Examples
    --------
    >>> [[[int(x) for x in row] for row in patch] for patch in patches([[1, -2, 1]], 2)]
    [[[1, -2]], [[-2, 1]]]
    """
    n_patches = len(signals[0]) - length + 1
    return tuple(
        tuple(tuple(Fraction(x) for x in row[k : k + length]) for row in signals) for k in range(n_patches)
    )


def pooled_program(
    patch_rows: Sequence[Matrix], targets: Sequence[Fraction], *, beta: object
) -> GroupProgram:
    """The programme of the sum-pooled network over patches X_1..X_K, each n x h.

    Raises
    ------
    ShapeError : the patches have different numbers of rows.
    """
    n = len(targets)
    stacked = [list(row) for patch in patch_rows for row in patch]
    if len(stacked) != n * len(patch_rows):
        raise ShapeError("every patch needs a row for each target", got=f"{len(stacked)} rows")
    problem = training_problem(Dataset.from_arrays(stacked, [0] * len(stacked)), beta=to_fraction(beta))
    builder = ProgramBuilder([Fraction(y) for y in targets])
    for pattern in activation_patterns(problem):
        for sign in (1, -1):
            z = builder.variables(problem.dimension)
            for place, (row, bit) in enumerate(zip(problem.homogenised, pattern, strict=True)):
                side = 1 if bit == "1" else -1
                builder.require(combination(z, [side * x for x in row]))
                if bit == "1":
                    builder.predict(place % n, combination(z, [sign * x for x in row]))
            builder.penalise(problem.beta, [{j: _ONE} for j in z])
    return builder.build()


def circular_program(signals: Matrix, targets: Sequence[Fraction], *, beta: object) -> GroupProgram:
    """The Lasso in the frequencies: beta / d times the modulus of every Fourier coefficient of theta.

    Raises
    ------
    UnsupportedError : another length than 1, 2, 3, 4, 6: its Fourier moduli have irrational rows.
    """
    d = len(signals[0])
    if d not in _CIRCLE:
        raise UnsupportedError(
            "the Fourier transform of this length is not rational enough",
            where="signals",
            got=f"length {d}",
            expected="length 1, 2, 3, 4 or 6",
        )
    cosines, sines, n_squares = _CIRCLE[d]
    builder = ProgramBuilder([Fraction(y) for y in targets])
    theta = builder.variables(d)
    for i, row in enumerate(signals):
        builder.predict(i, combination(theta, [Fraction(x) for x in row]))
    weight = to_fraction(beta, where="beta") / d
    for frequency in range(d):
        real: Entries = {theta[j]: cosines[frequency * j % d] for j in range(d)}
        imaginary: Entries = {theta[j]: sines[frequency * j % d] for j in range(d)}
        builder.penalise(weight, [real] + [imaginary] * (n_squares if any(imaginary.values()) else 0))
    return builder.build()
