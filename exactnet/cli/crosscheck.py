"""`exactnet crosscheck [MODEL] DATA --beta P/Q`: trained networks against the certified global optimum."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from exactnet.cli.options import (
    Beta,
    BiasChoice,
    BiasOption,
    Gap,
    Json,
    MaxCells,
    NormChoice,
    NormOption,
    Out,
    Quiet,
    Traceback,
)
from exactnet.cli.session import Session, session
from exactnet.errors import InputError

if TYPE_CHECKING:
    from exactnet.convex import TrainingProblem
    from exactnet.crosscheck import TrainedNetwork
    from exactnet.model import Network

__all__ = ["crosscheck"]


class Training(NamedTuple):
    """How to train."""

    n_seeds: int
    seed: int
    optimizer: str
    backend: str
    width: int | None
    steps: int | None
    learning_rate: float | None


Files = Annotated[
    list[str],
    typer.Argument(metavar="[MODEL] DATA", help="A data set; a trained network before it, if you have one."),
]
Train = Annotated[int, typer.Option("--train", min=0, metavar="SEEDS", help="Train this many networks.")]
Optimizer = Annotated[str, typer.Option("--optimizer", help="lbfgs, adam, sgd, gd or muon.")]
Backend = Annotated[str, typer.Option("--backend", help="numpy, or torch (the extra `torch`).")]
Width = Annotated[
    int | None, typer.Option("--width", min=1, help="Hidden neurons; chosen from the data by default.")
]
Steps = Annotated[
    int | None, typer.Option("--steps", min=0, help="Training steps; the method's own by default.")
]
Rate = Annotated[float | None, typer.Option("--learning-rate", help="Step size; not for lbfgs.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The first seed.")]


def crosscheck(
    files: Files,
    beta: Beta,
    train: Train = 0,
    optimizer: Optimizer = "lbfgs",
    backend: Backend = "numpy",
    width: Width = None,
    steps: Steps = None,
    learning_rate: Rate = None,
    seed: Seed = 0,
    norm: NormOption = NormChoice.l2,
    bias: BiasOption = BiasChoice.none,
    gap: Gap = "1e-9",
    max_cells: MaxCells = 200_000,
    out: Out = None,
    json: Json = False,
    quiet: Quiet = False,
    traceback: Traceback = False,
) -> None:
    """How far trained networks are from the global optimum, with a certificate."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        from exactnet.cli.certified import certificate_path, write_checked
        from exactnet.convex import optimum, training_problem
        from exactnet.crosscheck import compare
        from exactnet.io import load_dataset
        from exactnet.report.comparison import comparison_report

        model, data = _model_and_data(files, n_seeds=train)
        path = certificate_path(model or data, "crosscheck", out)
        dataset = load_dataset(data)
        problem = training_problem(dataset, beta=beta, norm=norm.value, bias=bias.value)
        # before the long work: a model that does not fit should fail at once
        networks: list[Network | TrainedNetwork] = [*_stored(problem, model)]
        best = optimum(
            dataset,
            beta=beta,
            norm=norm.value,
            bias=bias.value,
            gap=gap,
            max_cells=max_cells,
            progress=shell.progress,
        )
        # an interrupted training leaves at least the optimum, with its proof
        write_checked(shell, best, path)
        if train:
            how = Training(train, seed, optimizer, backend, width, steps, learning_rate)
            networks += _trained(shell, problem, how)
        result = compare(networks, best)
        verdict = write_checked(shell, result, path)
        report = comparison_report(result, path=path, verdict=verdict)
        shell.answer(report, code=result.status.exit_code)


def _model_and_data(files: list[str], *, n_seeds: int) -> tuple[str | None, str]:
    """One name is a data set, two are a model and a data set; with no model something must be trained."""
    if len(files) > 2:
        raise InputError(
            "too many files",
            got=f"{len(files)} files",
            expected="DATA, or MODEL DATA",
            hint="name one model at a time",
        )
    model, data = (files[0], files[1]) if len(files) == 2 else (None, files[0])
    if model is None and n_seeds == 0:
        raise InputError(
            "there is no network to compare",
            expected="a model file before the data, or --train SEEDS",
            hint=f"exactnet crosscheck {Path(data).name} --beta 1/10 --train 20",
        )
    return model, data


def _stored(problem: TrainingProblem, model: str | None) -> list[Network]:
    """The network of a model file, if one is named.

    Raises
    ------
    UnsupportedError, ShapeError, InputError
        It is no candidate for the problem.
    """
    if model is None:
        return []
    from exactnet.convex import from_network
    from exactnet.io import load_network

    network = load_network(model)
    from_network(problem, network)
    return [network]


def _trained(shell: Session, problem: TrainingProblem, how: Training) -> tuple[TrainedNetwork, ...]:
    from exactnet.crosscheck import train

    return train(
        problem,
        n_neurons=how.width,
        n_seeds=how.n_seeds,
        seed=how.seed,
        optimizer=how.optimizer,
        n_steps=how.steps,
        learning_rate=how.learning_rate,
        backend=how.backend,
        progress=shell.progress,
    )
