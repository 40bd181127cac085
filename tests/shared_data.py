"""Where the shared test data lie: beside the checkout, or at GLASSPATH_DATA; a test that needs them skips in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("GLASSPATH_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def shared(relative: str) -> Path:
    """The file or folder, or the test is skipped."""
    path = ROOT / relative
    if not path.exists():
        pytest.skip(f"{path} is not there (set GLASSPATH_DATA to the shared data)")
    return path
