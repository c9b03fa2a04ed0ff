"""The table of rules: which keys a record has, and which function checks it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from exactnet.checker.bounds import check_dual_bound
from exactnet.checker.cells import check_arrangement, check_split_tree
from exactnet.checker.count import check_count
from exactnet.checker.counterexample import COUNTEREXAMPLE_KEYS, check_counterexample
from exactnet.checker.faces import check_faces
from exactnet.checker.facts import Fact, Known
from exactnet.checker.file_records import FILE_KEYS, check_network_file, check_property_file
from exactnet.checker.files import Files
from exactnet.checker.group_program import (
    OPTIMUM_KEYS,
    PROGRAM_KEYS,
    check_group_program,
    check_program_optimum,
)
from exactnet.checker.linear import check_farkas, check_linear_optimum, check_linear_system, check_witness
from exactnet.checker.network import check_network
from exactnet.checker.optimum import (
    check_enclosure,
    check_evaluation,
    check_gap,
    check_primal_bound,
    check_primal_dual,
)
from exactnet.checker.problem import check_problem
from exactnet.checker.properties import check_property
from exactnet.checker.region_count import check_region_count
from exactnet.checker.regions import check_region_tree
from exactnet.checker.sampling import Sample
from exactnet.checker.tropical import (
    check_different_polynomials,
    check_essential_terms,
    check_same_polynomial,
    check_tropical_polynomial,
)
from exactnet.checker.tropical_form import check_tropical_form
from exactnet.checker.verification import VERIFICATION_KEYS, check_no_counterexample

__all__ = ["RULES", "Rule", "rules_with_files", "sampled_rules"]


class Rule(NamedTuple):
    """A rule of FORMAT.md."""

    keys: tuple[str, ...]
    check: Callable[[dict[str, object], str, Known], Fact]


RULES: dict[str, Rule] = {
    "problem": Rule(("features", "targets", "beta", "norm", "bias", "loss", "kappa"), check_problem),
    "arrangement": Rule(("problem", "forms", "rows"), check_arrangement),
    "split_tree": Rule(("arrangement", "n_cells", "nodes"), check_split_tree),
    "count": Rule(("cells",), check_count),
    "dual_bound": Rule(("problem", "v", "by", "cells", "bounds", "value"), check_dual_bound),
    "primal_bound": Rule(("problem", "neurons", "t", "value"), check_primal_bound),
    "enclosure": Rule(("problem", "dual", "primal", "lower", "upper"), check_enclosure),
    "primal_dual": Rule(("problem", "dual", "primal", "value"), check_primal_dual),
    "evaluation": Rule(("problem", "neurons", "t", "objective"), check_evaluation),
    "gap": Rule(("evaluation", "optimum", "lower", "upper"), check_gap),
    "linear_system": Rule(("n_variables", "rows", "relations", "rhs"), check_linear_system),
    "witness": Rule(("system", "point"), check_witness),
    "farkas": Rule(("system", "multipliers"), check_farkas),
    "linear_optimum": Rule(("system", "objective", "point", "multipliers", "value"), check_linear_optimum),
    "group_program": Rule(PROGRAM_KEYS, check_group_program),
    "program_optimum": Rule(OPTIMUM_KEYS, check_program_optimum),
    "network": Rule(("n_inputs", "layers"), check_network),
    "region_tree": Rule(("network", "domain", "n_cells", "nodes"), check_region_tree),
    "faces": Rule(("cells", "f_vector", "n_bounded"), check_faces),
    "region_count": Rule(("cells", "definition", "n_regions"), check_region_count),
    "tropical_polynomial": Rule(("n_variables", "denominator", "terms"), check_tropical_polynomial),
    "same_polynomial": Rule(("left", "right", "left_under", "right_under"), check_same_polynomial),
    "different_polynomials": Rule(("left", "right", "point"), check_different_polynomials),
    "essential_terms": Rule(("polynomial", "essential", "under"), check_essential_terms),
    "tropical_form": Rule(("cells", "numerators", "denominators"), check_tropical_form),
    "network_file": Rule(FILE_KEYS, check_network_file),
    "property_file": Rule(FILE_KEYS, check_property_file),
    "property": Rule(("n_inputs", "n_outputs", "cases"), check_property),
    "no_counterexample": Rule(VERIFICATION_KEYS, check_no_counterexample),
    "counterexample": Rule(COUNTEREXAMPLE_KEYS, check_counterexample),
}


def sampled_rules(sample: Sample) -> dict[str, Rule]:
    """The rules for a look at some leaves only: it proves nothing about the rest."""
    tree, faces, count = RULES["region_tree"], RULES["faces"], RULES["region_count"]
    form = RULES["tropical_form"]
    return RULES | {
        "region_tree": tree._replace(check=partial(check_region_tree, sample=sample)),
        "faces": faces._replace(check=partial(check_faces, unseen=True)),
        "region_count": count._replace(check=partial(check_region_count, unseen=True)),
        "tropical_form": form._replace(check=partial(check_tropical_form, unseen=True)),
    }


def rules_with_files(rules: dict[str, Rule], files: Files) -> dict[str, Rule]:
    """The same rules, looking for the files that a certificate names in these places."""
    network, prop = rules["network_file"], rules["property_file"]
    return rules | {
        "network_file": network._replace(check=partial(check_network_file, files=files)),
        "property_file": prop._replace(check=partial(check_property_file, files=files)),
    }
