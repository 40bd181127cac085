"""Tries a file in a process of its own: llama.cpp may abort on a file that is well formed and still hostile.

`python -m quantize.gguf.trial FILE [plain]` loads it and decodes a few tokens; `plain` keeps llama.cpp from laying the
weights out anew for this processor.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

from quantize.errors import InputError, QuantizeError

_SECONDS: Final = 120
_TOKENS: Final = 20
_SPARE_BYTES: Final = 4 << 30
"""of address space beside the file: libraries, thread stacks, buffers"""


def run(path: Path) -> bool:
    """Whether the file runs with weights laid out anew (llama.cpp's default); False: only without.

    Raises:
        InputError: llama.cpp does not survive it, or refuses it.
    """
    words = _attempt(path, "repacked")
    if words is None:
        return True
    if _attempt(path, "plain") is None:
        return False
    raise InputError(f"{path}: llama.cpp cannot run it ({words}); download or convert it again")


def _attempt(path: Path, mode: str) -> str | None:
    """None when it went well; else what went wrong."""
    command = [sys.executable, "-m", "quantize.gguf.trial", str(path), mode]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"no token within {_SECONDS} s"
    if done.returncode == 0:
        return None
    if done.returncode < 0:
        return f"it dies of signal {-done.returncode}"
    lines = done.stderr.strip().splitlines()
    return lines[-1][:300] if lines else f"exit code {done.returncode}"


def main(arguments: list[str]) -> int:
    """Loads and decodes; 0 when that went well, 3 with a sentence when the file was refused."""
    from quantize.gguf.network import Network
    from quantize.gguf.passage import plain

    path = Path(arguments[0])
    room = 2 * path.stat().st_size + _SPARE_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        import numpy as np

        with Network(path, repacked=arguments[1:] != ["plain"]) as network, network.session(64) as session:
            tokens = np.arange(_TOKENS, dtype=np.int32) % network.vocabulary
            session.logits(plain(tokens))
            session.prefill(tokens)
            session.step(int(tokens[0]))
    except QuantizeError as error:
        print(error, file=sys.stderr)
        return 3
    except MemoryError:
        print(f"{path} asks for more memory than its size can mean", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
