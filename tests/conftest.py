"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def find_data_folder() -> Path | None:
    """The folder of benchmark networks and their known answers; it is no part of the repository."""
    named = os.environ.get("EXACTNET_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Read in place, never copied; tests that need it are skipped where it is missing."""
    folder = find_data_folder()
    if folder is None:
        pytest.skip("no benchmark data: set EXACTNET_DATA to the folder that holds nets/ and vnn/")
    return folder
