"""polymake and gfan as judges. The tests exist only where these programs are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import product
from random import Random

import pytest

from exactnet.tropical import (
    TropicalPolynomial,
    dual_subdivision,
    layer_product,
    lifted_newton_polytope,
    newton_polytope,
    to_gfan,
    to_polymake,
    tropical_hypersurface,
)

POLYMAKE, GFAN = shutil.which("polymake"), shutil.which("gfan_tropicalfunction")

# facts section B: monomials of naive numerators and the regions that polymake finds
CONIC = TropicalPolynomial.from_terms({(2, 0): 1, (0, 2): 1, (1, 1): 2, (1, 0): 2, (0, 1): 2, (0, 0): 2})


def examples() -> list[TropicalPolynomial]:
    """Full-dimensional Newton polytopes, in two and three variables, with many ties and terms below."""
    found = [CONIC]
    random = Random(5)
    while len(found) < 25:
        n = random.choice([2, 2, 3])
        size = random.choice([2, 3, 6])
        terms = {
            tuple(random.randint(-size, size) for _ in range(n)): random.randint(-3, 3)
            for _ in range(random.randint(n + 1, 12))
        }
        p = TropicalPolynomial.from_terms(terms)
        if newton_polytope(p).dimension == n:
            found.append(p)
    halves = [TropicalPolynomial.from_terms({(1, 2): "1/2", (0, 0): 0, ("3/2", -1): "-1/3"})]
    found += [layer_product([halves[0], CONIC])]
    return found


def run(command: list[str], text: str, folder) -> str:
    # polymake writes into the home folder
    environment = {"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "TERM": "dumb"}
    done = subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env=environment,
        cwd=folder,
    )
    return done.stdout


if POLYMAKE:

    @pytest.mark.slow
    def test_polymake_finds_the_same_regions_and_dual_cells(tmp_path) -> None:
        script = ""
        for p in examples():
            script += "{\n" + to_polymake(p) + "\n"
            script += 'print "regions ", $H->REGIONS->rows, "\\n";'
            script += "print $H->dual_subdivision()->MAXIMAL_CELLS;"
            script += 'print "weights ", $H->WEIGHTS, "\\n";\n}\n'
        # the application is named once, in front
        script = 'use application "tropical";\n' + script.replace('use application "tropical";\n', "")
        path = tmp_path / "examples.pl"
        path.write_text(script)
        out = run([POLYMAKE, "--script", str(path)], "", tmp_path)
        answers = out.split("regions ")[1:]
        assert len(answers) == len(examples())
        for p, answer in zip(examples(), answers, strict=True):
            found = dual_subdivision(p)
            assert int(answer.split()[0]) == found.n_cells[0]
            cells = {tuple(map(int, row.split())) for row in re.findall(r"\{([^}]*)\}", answer)}
            assert cells == {cell.terms for cell in found.cells[-1]}
            # polymake multiplies by the common denominator
            weights = sorted(map(int, answer.split("weights ")[1].split()))
            hypersurface = tropical_hypersurface(p)
            scale = sum(weights) / sum(cell.weight for cell in hypersurface.cells[p.n_variables - 1])
            assert weights == sorted(scale * cell.weight for cell in hypersurface.cells[p.n_variables - 1])


if GFAN:

    def test_gfan_finds_the_normal_fan_of_the_lifted_newton_polytope(tmp_path) -> None:
        for p in examples()[:8]:
            text, _ = to_gfan(p, lifted=True)
            out = run([GFAN, "--exponents"], text, tmp_path)
            lifted = lifted_newton_polytope(p)
            numbers = re.search(r"F_VECTOR\n([0-9 ]+)", out)
            lines = re.search(r"LINEALITY_DIM\n([0-9]+)", out)
            assert numbers is not None
            assert lines is not None
            assert tuple(map(int, numbers[1].split())) == lifted.n_faces[::-1]
            assert int(lines[1]) == p.n_variables + 1 - lifted.dimension

    def test_gfan_reads_the_polynomial_syntax(tmp_path) -> None:
        hypersurface = shutil.which("gfan_tropicalhypersurface")
        assert hypersurface is not None
        terms = {e: 0 for e in product(range(3), repeat=2) if sum(e) < 3}
        p = TropicalPolynomial.from_terms(terms)
        out = run([hypersurface], to_gfan(p, syntax="polynomial").text, tmp_path)
        rays = re.search(r"RAYS\n(.*?)\n\n", out, re.DOTALL)
        assert rays is not None
        found = {tuple(map(int, row.split("#")[0].split())) for row in rays[1].splitlines()}
        assert found == {ray for cell in tropical_hypersurface(p).cells[1] for ray in cell.rays}
