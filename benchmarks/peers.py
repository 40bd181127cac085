"""Environments of the peers, each its own: LiteLLM and the OpenAI SDK of today cannot share one. Made when needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath" / "peers"
PACKAGES: Final = {"openai": "openai", "litellm": "litellm", "pydantic-ai": "pydantic-ai-slim[openai]"}
INSTALL_S: Final = 600


def python_of(name: str) -> tuple[Path | None, str]:
    """A Python that has the peer, and its version; None and the reason where it cannot be installed from PyPI."""
    package, python = PACKAGES[name], FOLDER / name / "bin" / "python"
    plain = package.partition("[")[0]
    if not _version(python, plain):
        try:
            subprocess.run([sys.executable, "-m", "venv", str(FOLDER / name)], check=True, capture_output=True)
            install = [str(python), "-m", "pip", "install", "--quiet", package]
            subprocess.run(install, check=True, capture_output=True, timeout=INSTALL_S)
        except (OSError, subprocess.SubprocessError) as error:
            return None, f"{plain} cannot be installed ({type(error).__name__})"
    return python, _version(python, plain)


def _version(python: Path, package: str) -> str:
    """What is installed; empty where it is not."""
    code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    try:
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
