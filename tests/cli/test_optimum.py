"""`exactnet optimum`: the answer, its JSON form, its certificate, its exit codes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from exactnet.certificate import check_file

OPTIMUM_KEYS = {"status", "lower", "upper", "exact", "n_patterns", "n_neurons", "neurons", "certificate"}


def test_an_l1_optimum_is_a_fraction(cli, folder: Path) -> None:
    # 2161/1575: certified by KKT conditions in exact arithmetic, independently of this project
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", "--norm", "l1")
    assert answer.code == 0
    assert (
        answer.out.splitlines()[0] == "PROVED: the global optimum is exactly 2161/1575 (= 1.372063492063...)"
    )
    assert "8 activation patterns, proved to be all" in answer.out
    assert "checker      ACCEPTED 7 steps" in answer.out
    assert answer.err == ""
    assert check_file(folder / "tiny.optimum.jsonl").accepted


def test_an_l2_optimum_is_an_enclosure(cli) -> None:
    # oracle O2 of the theory: data set A, beta = 1/2
    answer = cli("optimum", "tiny.csv", "--beta", "0.5", "--json").json
    lower, upper = Fraction(answer["lower"]), Fraction(answer["upper"])
    assert lower <= Fraction("1.073770178483") <= upper
    assert upper - lower < Fraction(1, 10**9)
    assert answer["exact"] is None
    assert float(answer["relative_gap"]) < 1e-9


def test_json_has_the_same_content_as_the_text(cli, folder: Path) -> None:
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", "--norm", "l1", "--json")
    payload = answer.json
    assert set(payload) >= OPTIMUM_KEYS
    assert (payload["status"], payload["exact"]) == ("PROVED", "2161/1575")
    assert payload["lower"] == payload["upper"] == payload["exact"]
    assert payload["n_patterns"] == 8
    assert payload["n_neurons"] == len(payload["neurons"])
    assert Path(payload["certificate"]) == Path("tiny.optimum.jsonl")
    assert answer.err == ""


def test_the_neurons_reach_the_optimum(cli) -> None:
    """Loss and penalty of the printed network, computed here from the JSON alone."""
    payload = cli("optimum", "tiny.csv", "--beta", "1/2", "--norm", "l1", "--bias", "free", "--json").json
    samples = [([2, 1], 1), ([-1, 2], -1), ([-1, -1], 2), ([1, -3], Fraction(1, 2))]
    neurons = [
        ([Fraction(w) for w in n["weights"]], Fraction(n["bias"]), Fraction(n["output_weight"]))
        for n in payload["neurons"]
    ]
    loss = Fraction(0)
    for x, y in samples:
        fit = Fraction(payload["output_bias"])
        for w, b, a in neurons:
            fit += a * max(0, b + sum(wk * xk for wk, xk in zip(w, x, strict=True)))
        loss += (fit - y) ** 2 / 2
    penalty = Fraction(1, 2) * sum(sum(map(abs, w)) * abs(a) for w, _, a in neurons)
    assert loss + penalty == Fraction(payload["upper"])


def test_a_gap_that_is_not_reached_is_undecided(cli) -> None:
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", "--gap", "0")
    assert answer.code == 3
    assert answer.out.startswith("UNDECIDED: the global optimum lies in [1.0737701784")
    assert "wider than requested" in answer.out.splitlines()[0]


def test_the_limit_on_cells_is_an_exit_code_of_its_own(cli) -> None:
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", "--max-cells", "3", "--json")
    assert (answer.code, answer.json["status"]) == (3, "UNDECIDED")
    assert "limit" in answer.err


def test_strong_decay_leaves_no_neuron(cli) -> None:
    # beta above beta_max: the zero network, objective 1/2 |y|^2 = 25/8
    answer = cli("optimum", "tiny.csv", "--beta", "100", "--norm", "l1")
    assert answer.out.splitlines()[0] == "PROVED: the global optimum is exactly 25/8 (= 3.125)"
    assert "no neurons: the constant function is optimal" in answer.out


@pytest.mark.parametrize(
    ("options", "objective", "value"),
    [
        # oracle O3 of the theory for the hinge and the logistic loss, 6.6 and 3.3 for the others
        (("--loss", "hinge"), "sum_i max( 0, 1 - y_i ( sum_j a_j (x_i.w_j)_+ ) )", "0.4804601917"),
        (("--loss", "logistic"), "sum_i log( 1 + exp( -y_i ( sum_j a_j (x_i.w_j)_+ ) ) )", "1.3842254457"),
    ],
)
def test_losses_of_classes(cli, folder: Path, options, objective: str, value: str) -> None:
    (folder / "signs.csv").write_text("x1,x2,y\n2,1,1\n-1,2,-1\n-1,-1,1\n1,-3,1\n")
    answer = cli("optimum", "signs.csv", "--beta", "3/10", *options, "--json").json
    assert answer["objective"].startswith(objective)
    half = Fraction(1, 2 * 10**10)
    assert Fraction(answer["lower"]) - half <= Fraction(value) <= Fraction(answer["upper"]) + half
    assert check_file(Path(answer["certificate"])).accepted


@pytest.mark.parametrize(
    ("options", "value"),
    [
        (("--activation", "leaky_relu", "--slope", "1/10"), "1.1595086751"),
        (("--activation", "abs"), "1.4417464895"),
        (("--activation", "abs", "--norm", "l1"), "1.6443003619"),
        (("--norm", "linf"), "0.9421527778"),
    ],
)
def test_activations_and_norms(cli, options, value: str) -> None:
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", *options, "--json").json
    half = Fraction(1, 2 * 10**10)
    assert Fraction(answer["lower"]) - half <= Fraction(value) <= Fraction(answer["upper"]) + half
    assert check_file(Path(answer["certificate"])).accepted


def test_many_features_are_cut_in_the_table_only(cli, folder: Path) -> None:
    header = ",".join([*(f"x{k}" for k in range(1, 9)), "y"])
    (folder / "wide.csv").write_text(f"{header}\n1,2,3,4,5,6,7,8,1\n")
    answer = cli("optimum", "wide.csv", "--beta", "1/10", "--norm", "l1")
    assert answer.code == 0
    assert "x5  ...  formula" in answer.out
    payload = cli("optimum", "wide.csv", "--beta", "1/10", "--norm", "l1", "--json").json
    assert len(payload["neurons"][0]["weights"]) == 8


def test_out_chooses_the_file_and_gz_compresses_it(cli, folder: Path) -> None:
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", "--out", "proof.jsonl.gz", "--quiet")
    assert answer.out.count("\n") == 1
    assert (folder / "proof.jsonl.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert cli("check", "proof.jsonl.gz").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.csv", "--beta", "1"], "does not exist"),
        (["tiny.csv", "--beta", "0"], "must be positive"),
        (["tiny.csv", "--beta", "0"], "interpolation"),
        (["tiny.csv", "--beta", "1", "--loss", "hinge"], "is for classes 1 and -1"),
        (["tiny.csv", "--beta", "1", "--activation", "leaky_relu"], "--slope"),
        (["tiny.csv", "--beta", "1", "--slope", "1/2"], "no slope to choose"),
        (["tiny.csv", "--beta", "one"], "not a number"),
        (["tiny.csv", "--beta", "nan"], "not a finite number"),
        (["tiny.csv", "--beta", "1", "--out", "no/such/folder.jsonl"], "cannot be written"),
        (["tiny.csv"], "beta"),
        (["tiny.csv", "--beta", "1", "--norm", "l3"], "l3"),
    ],
)
def test_wrong_input_is_exit_code_two_and_says_what_is_wrong(cli, arguments: list[str], message: str) -> None:
    answer = cli("optimum", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_a_wrong_number_in_the_data_is_pointed_at(cli, folder: Path) -> None:
    (folder / "bad.csv").write_text("x1,y\n1,2\nabc,3\n")
    answer = cli("optimum", "bad.csv", "--beta", "1")
    assert answer.code == 2
    assert "line 3, column 1" in answer.err


def test_digits_on_request(cli) -> None:
    # oracle O2 again, to the digits that its interval Newton has given: 1.0737701784827234147...
    answer = cli("optimum", "tiny.csv", "--beta", "1/2", "--digits", "40", "--json").json
    lower, upper = Fraction(answer["lower"]), Fraction(answer["upper"])
    assert answer["status"] == "PROVED"
    assert upper - lower <= upper / 10**40
    assert answer["lower"].startswith("10737701784827234147") or f"{float(lower):.15f}".startswith(
        "1.073770178482723"
    )


def test_many_samples_are_swept(cli, folder: Path) -> None:
    rows = [(k % 37 - 18, (k * k) % 41 - 20, (k * 7) % 11 - 5) for k in range(600)]
    (folder / "many.csv").write_text("x1,x2,y\n" + "".join(f"{a},{b},{y}\n" for a, b, y in rows))
    answer = cli("optimum", "many.csv", "--beta", "5", "--gap", "1e-10")
    assert answer.code == 0, answer.err
    assert check_file(folder / "many.optimum.jsonl").accepted
