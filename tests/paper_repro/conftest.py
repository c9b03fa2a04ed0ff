"""Every statement runs once for all tests."""

from __future__ import annotations

import pytest

from paper_repro import run
from paper_repro.registry import Outcome


@pytest.fixture(scope="session")
def outcomes() -> dict[str, Outcome]:
    return {outcome.id: outcome for outcome in run()}
