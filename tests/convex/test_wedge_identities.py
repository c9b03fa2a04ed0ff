"""Wedge product = determinant = signed volume = scaled distance, symbolically for d = 2, 3, 4."""

from fractions import Fraction
from itertools import combinations

import pytest
import sympy
from galgebra.ga import Ga

from exactnet.convex.clifford import wedge_dictionary
from exactnet.convex.program import training_problem
from exactnet.exact import generalised_cross_product, wedge
from exactnet.model import Dataset

F = Fraction
DIMENSIONS = [2, 3, 4]


def symbolic(d):
    """x and z_1..z_{d-1} with symbolic coordinates, and the cross product by our own formula."""
    x = sympy.symbols(f"x:{d}", real=True)
    z = [sympy.symbols(f"z{j}_:{d}", real=True) for j in range(d - 1)]
    minors = sympy.Matrix(z)
    keep = [[c for c in range(d) if c != k] for k in range(d)]
    cross = [sympy.expand((-1) ** k * minors.extract(list(range(d - 1)), keep[k]).det()) for k in range(d)]
    return x, z, cross


def is_zero(expression):
    return sympy.expand(expression) == 0


@pytest.mark.parametrize("d", DIMENSIONS)
def test_cross_product_is_the_dual_of_the_wedge_product(d):
    x, z, cross = symbolic(d)
    algebra = Ga(" ".join(f"e_{k + 1}" for k in range(d)), g=[1] * d)
    basis = algebra.mv()

    def vector(coordinates):
        return sum(c * e for c, e in zip(coordinates, basis, strict=True))

    product = algebra.mv(1)
    for row in z:
        product = product ^ vector(row)
    inverse = algebra.I().inv()
    dual = product * inverse
    assert all(is_zero(a - b) for a, b in zip(dual.blade_coefs(basis), cross, strict=True))
    # x ^ z_1 ^ ... = (x . cross) I, and the Hodge star with W ^ *W = |W|^2 I is (-1)^(d-1) times ours
    inner = sum(a * b for a, b in zip(x, cross, strict=True))
    assert is_zero(((vector(x) ^ product) * inverse).scalar() - inner)
    square = sum(c * c for c in cross)
    assert is_zero(((product ^ vector(cross)) * inverse).scalar() - (-1) ** (d - 1) * square)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_inner_product_is_determinant_and_signed_volume(d):
    x, z, cross = symbolic(d)
    matrix = sympy.Matrix([x, *z])
    inner = sum(a * b for a, b in zip(x, cross, strict=True))
    assert is_zero(matrix.det() - inner)
    # Gram: the squared volume of the parallelotope of x, z_1, ..., z_{d-1}
    if d < 4:
        assert is_zero((matrix * matrix.T).det() - inner**2)
    for row in z:
        assert is_zero(sum(a * b for a, b in zip(row, cross, strict=True)))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_norm_of_the_cross_product_is_the_volume_of_the_base(d):
    _, z, cross = symbolic(d)
    base = sympy.Matrix(z)
    assert is_zero((base * base.T).det() - sum(c * c for c in cross))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_wedge_over_norm_is_the_distance_to_the_span(d):
    """det^2 / |cross|^2 = |x - projection of x on the span of z|^2, on integer data."""
    z = [[(3 * i * i + 5 * j + i * j) % 7 - 3 for j in range(d)] for i in range(1, d)]
    x = [2, -1, 3, 1][:d]
    cross = generalised_cross_product(z)
    base = sympy.Matrix(z)
    point = sympy.Matrix(x)
    foot = base.T * (base * base.T).inv() * base * point
    distance_squared = (point - foot).dot(point - foot)
    assert sympy.Rational(wedge([x, *z]) ** 2, sum(c * c for c in cross)) == distance_squared


def test_triangle_area_in_the_plane():
    x, y, p, q = sympy.symbols("x y p q", real=True)
    triangle = sympy.Polygon((0, 0), (x, y), (p, q))
    assert is_zero(2 * triangle.area - sympy.Matrix([[x, y], [p, q]]).det())
    # with a bias: twice the signed area of the triangle (x, x_i, x_j)
    a = [(F(1), F(2)), (F(4), F(-1)), (F(3), F(5))]
    area = sympy.Polygon(*[sympy.Point(*map(sympy.Rational, point)) for point in a]).area
    affine = wedge(
        [[s - t for s, t in zip(a[0], a[1], strict=True)], [s - t for s, t in zip(a[2], a[1], strict=True)]]
    )
    assert affine == -2 * F(int(area.p), int(area.q))


@pytest.mark.parametrize("d", DIMENSIONS)
def test_exchanging_two_factors_changes_the_sign(d):
    z = [[i ** (j + 1) for j in range(d)] for i in range(1, d)]
    cross = generalised_cross_product(z)
    assert any(cross)
    for i, j in combinations(range(d - 1), 2):
        swapped = list(z)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        assert generalised_cross_product(swapped) == tuple(-c for c in cross)


def test_the_sign_convention_in_low_dimensions():
    assert generalised_cross_product([]) == (1,)
    assert generalised_cross_product([(3, 5)]) == (5, -3)
    assert generalised_cross_product([(1, 0, 0), (0, 1, 0)]) == (0, 0, 1)
    units = [tuple(int(i == k) for i in range(4)) for k in range(4)]
    assert generalised_cross_product(units[1:]) == (1, 0, 0, 0)


def test_distance_is_the_feature_for_the_l2_norm():
    """The l2-normalised wedge feature is the one-sided distance to the line through two samples."""
    data = Dataset.from_arrays([[0, 0], [4, 3], [1, 7]], [1, 1, 1])
    problem = training_problem(data, beta=1, norm="l2", bias="free")
    atom = next(a for a in wedge_dictionary(problem) if a.samples == (0, 1))
    u = atom.direction
    value = F(abs(u[0] * 1 + u[1] * 7 + u[2])) ** 2 / (u[0] ** 2 + u[1] ** 2)
    line = sympy.Line(sympy.Point(0, 0), sympy.Point(4, 3))
    assert value == F(str(line.distance(sympy.Point(1, 7)) ** 2))
