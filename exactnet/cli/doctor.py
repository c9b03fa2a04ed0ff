"""`exactnet doctor`: versions, extras, floating-point mode, compiled kernels, and a proof from end to end."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from importlib import metadata
from typing import NamedTuple

import exactnet
from exactnet.cli.options import Json, Quiet, Traceback
from exactnet.cli.session import BUG, DONE, session
from exactnet.report import Report, Table

__all__ = ["doctor"]

CORE = (
    "numpy",
    "scipy",
    "python-flint",
    "highspy",
    "clarabel",
    "cvxpy",
    "sympy",
    "galgebra",
    "onnx",
    "matplotlib",
    "typer",
    "rich",
    "joblib",
    "numba",
)
EXTRAS = {"torch": "torch", "distributed": "dask", "scikit-learn": "test"}


class Finding(NamedTuple):
    """One examination: its name, whether all is well, what was seen."""

    name: str
    well: bool
    seen: str


def doctor(json: Json = False, quiet: Quiet = False, traceback: Traceback = False) -> None:
    """Examine this installation, and prove, check and refute something small."""
    with session(as_json=json, quiet=quiet, traceback=traceback) as shell:
        findings = [_rounding(), _examine("compiled kernels", _kernels), _examine("proof", _proof)]
        findings += [_package(package) for package in CORE]
        extras = [_extra(package, extra) for package, extra in EXTRAS.items()]
        well = all(finding.well for finding in findings)
        rows = [(f.name, "well" if f.well else "ILL", f.seen) for f in findings]
        rows += [(name, "there" if version else "absent", seen) for name, version, seen in extras]
        payload = {
            "status": "DONE" if well else "ERROR",
            "version": exactnet.__version__,
            "python": platform.python_version(),
            "findings": [finding._asdict() for finding in findings],
            "extras": {name: version for name, version, _ in extras},
        }
        own = f"exactnet {exactnet.__version__} on Python {platform.python_version()}"
        headline = f"{own}: all is well" if well else f"{own}: this installation is not fit for use"
        table = Table(("examined", "", "seen"), tuple(rows))
        shell.answer(Report(headline, payload, (table,)), code=DONE if well else BUG)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _package(package: str) -> Finding:
    version = _version(package)
    return Finding(package, version is not None, version or "missing: install exactnet again")


def _extra(package: str, extra: str) -> tuple[str, str | None, str]:
    version = _version(package)
    return package, version, version or f'for more: pip install "exactnet[{extra}]"'


def _rounding() -> Finding:
    """Whether float addition rounds to nearest, ties to even: some libraries switch the whole process."""
    half_step = math.ldexp(1.0, -53)
    nearest = 1.0 + half_step == 1.0 and -1.0 - half_step == -1.0 and 1.0 + 1.5 * half_step > 1.0
    return Finding("rounding mode", nearest, "to nearest, ties to even" if nearest else "not to nearest")


def _examine(name: str, examination: Callable[[], tuple[bool, str]]) -> Finding:
    """Run an examination; whatever it raises is what was seen."""
    try:
        return Finding(name, *examination())
    except Exception as error:
        return Finding(name, False, f"{type(error).__name__}: {error}".splitlines()[0])


def _kernels() -> tuple[bool, str]:
    """The compiled sign table against its plain twin."""
    import numpy as np

    from exactnet.kernels import sign_table, sign_table_compiled

    points = np.linspace(-1.0, 1.0, 60).reshape(20, 3)
    forms = np.linspace(1.0, -0.5, 30).reshape(10, 3)
    same = bool((sign_table(points, forms) == sign_table_compiled(points, forms)).all())
    return (
        same,
        "numba and NumPy agree on a sign table" if same else "numba and NumPy disagree on a sign table",
    )


def _proof() -> tuple[bool, str]:
    """A known optimum is found and accepted; the same certificate with one digit changed is rejected."""
    from exactnet.certificate import certificate_text, check_text
    from exactnet.convex import optimum
    from exactnet.model import Dataset

    data = Dataset.from_arrays([[2, 1], [-1, 2], [-1, -1], [1, -3]], [1, -1, 2, "1/2"])
    proof = optimum(data, beta="1/2", norm="l1").certificate
    text = certificate_text(proof) if proof is not None else ""
    forged = text.replace("2161/1575", "2161/1576")
    right, wrong = check_text(text), check_text(forged)
    well = right.accepted and "2161/1575" in right.line and forged != text and not wrong.accepted
    return well, "an exact optimum ACCEPTED, its forgery REJECTED" if well else f"{right.line}; {wrong.line}"
