"""Tropical geometry of networks, max-plus and exact.

Start with `tropical_form`: a network as a difference F - G of tropical polynomials, irredundant, with a
certificate. Below it, room by room:

* the objects: `TropicalPolynomial`, `TropicalRational`, with `same_polynomial` and `prove_normal_form`;
* networks to formulas and back: `tropical_form` and `part_of`, the `recursion` of Zhang, Naitzat and Lim as
  the second way, `to_network`, `maximum_network`, and `same_function` for any two of them;
* polytopes: `newton_polytope`, `zonotope`, `dual_subdivision`, `tropical_hypersurface`, `tropical_curve`;
  decision boundaries by `boundary_containment` and `boundary_zonotopes`;
* fewer terms: `compress`, `sup_distance`, `hausdorff_bound`; terms found at points: `sampled_terms`; maxout
  layers: `layer_product`;
* differences of convex functions: `least_kink`, `fewest_pieces`, from `kinked_complex`; `one_hidden_layer`
  or not; the maximum of n numbers: `maximum_in_two_layers`, `integer_depth_bound`; `functional_dimension`;
  distances: `hoffman_constant`, `effective_radius`;
* text: `to_text`, `to_latex`, `to_json`, `to_sympy`, `to_polymake`, `to_gfan`, `to_oscar`, and their readers.

Names are loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exactnet.tropical.agreement import difference_network, same_function
    from exactnet.tropical.alfarra import BoundaryZonotopes, boundary_zonotopes, two_class_forms
    from exactnet.tropical.compression import Compression, RationalCompression, compress, compress_difference
    from exactnet.tropical.convert import TropicalForm, part_of, tropical_form
    from exactnet.tropical.dc import Decomposition, fewest_pieces, least_kink, vertex_decompositions
    from exactnet.tropical.decision import (
        BoundaryContainment,
        boundary_containment,
        decision_boundary_polynomial,
    )
    from exactnet.tropical.depth import MaximumFormula, chamber_system, maximum_in_two_layers, verify_formula
    from exactnet.tropical.distance import SupDistance, hausdorff_bound, hausdorff_distance, sup_distance
    from exactnet.tropical.equality import prove_normal_form, same_polynomial, same_rational, separating_point
    from exactnet.tropical.expression import parse_polynomial, parse_rational_function
    from exactnet.tropical.hoffman import HoffmanConstant, hoffman_constant, polynomial_hoffman_constant
    from exactnet.tropical.hypersurface import (
        TropicalCurve,
        TropicalHypersurface,
        tropical_curve,
        tropical_hypersurface,
    )
    from exactnet.tropical.jacobian import FunctionalDimension, functional_dimension
    from exactnet.tropical.json_text import from_json, to_json
    from exactnet.tropical.kinks import kinked_complex
    from exactnet.tropical.lattice_volume import normalized_volume
    from exactnet.tropical.layer_recursion import recursion
    from exactnet.tropical.maxima import maximum_network, maximum_polynomial
    from exactnet.tropical.maxout import layer_product, n_layer_regions, parallel_units
    from exactnet.tropical.newton import (
        layer_segments,
        lifted_newton_polytope,
        newton_polytope,
        segment_product,
        upper_vertices,
    )
    from exactnet.tropical.normal_form import UpperHull, essential_terms, upper_hull
    from exactnet.tropical.parity import DepthObstruction, integer_depth_bound
    from exactnet.tropical.polynomial import TropicalPolynomial
    from exactnet.tropical.polytope import Polytope, zonotope
    from exactnet.tropical.radius import EffectiveRadius, effective_radius
    from exactnet.tropical.rational import TropicalRational
    from exactnet.tropical.realize import to_network
    from exactnet.tropical.sampling import SampledTerms, sampled_essential, sampled_terms
    from exactnet.tropical.shallow import Obstruction, OneHiddenLayer, one_hidden_layer
    from exactnet.tropical.software import (
        from_gfan,
        from_oscar,
        from_polymake,
        to_gfan,
        to_oscar,
        to_polymake,
    )
    from exactnet.tropical.subdivision import DualSubdivision, dual_subdivision
    from exactnet.tropical.symbolic import from_sympy, to_piecewise, to_sympy
    from exactnet.tropical.text import from_latex, from_text, to_latex, to_text

__all__ = [
    "BoundaryContainment",
    "BoundaryZonotopes",
    "Compression",
    "Decomposition",
    "DepthObstruction",
    "DualSubdivision",
    "EffectiveRadius",
    "FunctionalDimension",
    "HoffmanConstant",
    "MaximumFormula",
    "Obstruction",
    "OneHiddenLayer",
    "Polytope",
    "RationalCompression",
    "SampledTerms",
    "SupDistance",
    "TropicalCurve",
    "TropicalForm",
    "TropicalHypersurface",
    "TropicalPolynomial",
    "TropicalRational",
    "UpperHull",
    "boundary_containment",
    "boundary_zonotopes",
    "chamber_system",
    "compress",
    "compress_difference",
    "decision_boundary_polynomial",
    "difference_network",
    "dual_subdivision",
    "effective_radius",
    "essential_terms",
    "fewest_pieces",
    "from_gfan",
    "from_json",
    "from_latex",
    "from_oscar",
    "from_polymake",
    "from_sympy",
    "from_text",
    "functional_dimension",
    "hausdorff_bound",
    "hausdorff_distance",
    "hoffman_constant",
    "integer_depth_bound",
    "kinked_complex",
    "layer_product",
    "layer_segments",
    "least_kink",
    "lifted_newton_polytope",
    "maximum_in_two_layers",
    "maximum_network",
    "maximum_polynomial",
    "n_layer_regions",
    "newton_polytope",
    "normalized_volume",
    "one_hidden_layer",
    "parallel_units",
    "parse_polynomial",
    "parse_rational_function",
    "part_of",
    "polynomial_hoffman_constant",
    "prove_normal_form",
    "recursion",
    "same_function",
    "same_polynomial",
    "same_rational",
    "sampled_essential",
    "sampled_terms",
    "segment_product",
    "separating_point",
    "sup_distance",
    "to_gfan",
    "to_json",
    "to_latex",
    "to_network",
    "to_oscar",
    "to_piecewise",
    "to_polymake",
    "to_sympy",
    "to_text",
    "tropical_curve",
    "tropical_form",
    "tropical_hypersurface",
    "two_class_forms",
    "upper_hull",
    "upper_vertices",
    "verify_formula",
    "vertex_decompositions",
    "zonotope",
]

_HOMES = {
    "BoundaryContainment": "decision",
    "BoundaryZonotopes": "alfarra",
    "Compression": "compression",
    "Decomposition": "dc",
    "DepthObstruction": "parity",
    "DualSubdivision": "subdivision",
    "EffectiveRadius": "radius",
    "FunctionalDimension": "jacobian",
    "HoffmanConstant": "hoffman",
    "MaximumFormula": "depth",
    "Obstruction": "shallow",
    "OneHiddenLayer": "shallow",
    "Polytope": "polytope",
    "RationalCompression": "compression",
    "SampledTerms": "sampling",
    "SupDistance": "distance",
    "TropicalCurve": "hypersurface",
    "TropicalForm": "convert",
    "TropicalHypersurface": "hypersurface",
    "TropicalPolynomial": "polynomial",
    "TropicalRational": "rational",
    "UpperHull": "normal_form",
    "boundary_containment": "decision",
    "boundary_zonotopes": "alfarra",
    "chamber_system": "depth",
    "compress": "compression",
    "compress_difference": "compression",
    "decision_boundary_polynomial": "decision",
    "difference_network": "agreement",
    "dual_subdivision": "subdivision",
    "effective_radius": "radius",
    "essential_terms": "normal_form",
    "fewest_pieces": "dc",
    "from_gfan": "software",
    "from_json": "json_text",
    "from_latex": "text",
    "from_oscar": "software",
    "from_polymake": "software",
    "from_sympy": "symbolic",
    "from_text": "text",
    "functional_dimension": "jacobian",
    "hausdorff_bound": "distance",
    "hausdorff_distance": "distance",
    "hoffman_constant": "hoffman",
    "integer_depth_bound": "parity",
    "kinked_complex": "kinks",
    "layer_product": "maxout",
    "layer_segments": "newton",
    "least_kink": "dc",
    "lifted_newton_polytope": "newton",
    "maximum_in_two_layers": "depth",
    "maximum_network": "maxima",
    "maximum_polynomial": "maxima",
    "n_layer_regions": "maxout",
    "newton_polytope": "newton",
    "normalized_volume": "lattice_volume",
    "one_hidden_layer": "shallow",
    "parallel_units": "maxout",
    "parse_polynomial": "expression",
    "parse_rational_function": "expression",
    "part_of": "convert",
    "polynomial_hoffman_constant": "hoffman",
    "prove_normal_form": "equality",
    "recursion": "layer_recursion",
    "same_function": "agreement",
    "same_polynomial": "equality",
    "same_rational": "equality",
    "sampled_essential": "sampling",
    "sampled_terms": "sampling",
    "segment_product": "newton",
    "separating_point": "equality",
    "sup_distance": "distance",
    "to_gfan": "software",
    "to_json": "json_text",
    "to_latex": "text",
    "to_network": "realize",
    "to_oscar": "software",
    "to_piecewise": "symbolic",
    "to_polymake": "software",
    "to_sympy": "symbolic",
    "to_text": "text",
    "tropical_curve": "hypersurface",
    "tropical_form": "convert",
    "tropical_hypersurface": "hypersurface",
    "two_class_forms": "alfarra",
    "upper_hull": "normal_form",
    "upper_vertices": "newton",
    "verify_formula": "depth",
    "vertex_decompositions": "dc",
    "zonotope": "polytope",
}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'exactnet.tropical' has no attribute {name!r}")
    value = getattr(import_module(f"exactnet.tropical.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
