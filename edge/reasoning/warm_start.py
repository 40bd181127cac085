"""The computed beginning of a prompt, kept in a file for the next start: read in milliseconds, computed in seconds."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from edge.reasoning.llama import Llama

KEPT: Final = 8
"""files: one for each model, context and list of tools that was used lately"""


def warm(llama: Llama, ids: list[int], folder: Path | None, made_with: tuple[object, ...]) -> None:
    """Makes the cache hold these tokens: from the folder's file, or computed and then written there.

    `made_with` is what else the numbers depend on (the model's file, the cache's type): another one is another file. A
    file that is broken, of another machine or not to be written costs nothing but the time to compute.
    """
    if folder is None:
        llama.decode(ids)
        return
    name = hashlib.sha256(repr((llama.version, made_with, ids)).encode()).hexdigest()[:16]
    path = folder / f"prompt-{name}.state"
    if path.exists() and llama.restore(path, ids):
        return
    llama.decode(ids)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = sorted(folder.glob("prompt-*.state"), key=lambda p: p.stat().st_mtime)
        for extra in old[: max(0, len(old) - KEPT + 1)]:
            extra.unlink(missing_ok=True)
        llama.save(path)
    except OSError:
        return  # a full or read-only disk: the next start computes again
