"""Opens files that may be hostile in processes of their own with little memory and time, so that ours cannot crash.

`python -m quantize.onnx.trial` reads paths from its input, a line each, and answers each with a line: "ok" or the reason
why not. It forks for every file; the libraries are loaded once. Used before any other step of `fit`, `compare`, `inspect`.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from quantize.errors import InputError, ToolError
from quantize.onnx import guard, session
from quantize.onnx.session import Session

SECONDS: Final = 1
"""of processor time for a small file; a large one has more"""
SECONDS_A_MB: Final = 0.3
PATIENCE: Final = 30
"""times as long on the clock: the machine may be busy"""
NUMBERS: Final = frozenset({"float32", "float64", "float16", "int64", "int32", "uint8", "int8", "bool"})
MEMORY_BYTES: Final = 160 << 20
"""more than the libraries take themselves; six times the file's size is added"""


class Trial:
    """The server process; one for a run."""

    def __init__(self) -> None:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        root = str(Path(__file__).parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, environment.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "quantize.onnx.trial"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def open(self, path: Path) -> None:
        """Raises InputError when the file cannot be opened within the limits; ToolError when the server is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(str(path.resolve())) + "\n")
            self._process.stdin.flush()
            verdict = self._process.stdout.readline()
        except (BrokenPipeError, ValueError) as error:
            raise ToolError(f"{path}: the process that opens unknown files has ended: try again") from error
        if not verdict:
            raise ToolError(
                f"{path}: the process that opens unknown files could not start: install onnx and onnxruntime"
            )
        why = str(json.loads(verdict))
        if why != "ok":
            raise InputError(why if str(path.name) in why else f"{path}: {why}")

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _verdict(path: Path) -> str:
    """Opens the file in a fork of this process."""
    size = path.stat().st_size if path.is_file() else 0
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _limit(size)
        os.write(writing, _opened(path).encode()[:2000])
        os._exit(0)
    os.close(writing)
    answer = b""
    ends = time.monotonic() + PATIENCE * _seconds(size)
    while (left := ends - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        piece = os.read(reading, 4096)
        if not piece:
            break
        answer += piece
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reading)
        return f"{path} did not open in {PATIENCE * _seconds(size)} s: it is damaged or made to do harm"
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if answer:
        return answer.decode(errors="replace")
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return f"{path} takes more than {_seconds(size)} s to open: it is damaged or made to do harm"
    how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "out of memory"
    return f"{path} crashes the libraries that open it ({how}): it is damaged or made to do harm"


def _seconds(size: int) -> int:
    return SECONDS + int(SECONDS_A_MB * size / 1e6)


def _limit(size: int) -> None:
    """Processor time of this process; its memory, to what it has now and a little more; no core files."""
    resource.setrlimit(resource.RLIMIT_CPU, (_seconds(size), _seconds(size)))
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").is_file() else 0
    if pages:
        most = pages * resource.getpagesize() + MEMORY_BYTES + 6 * size
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _opened(path: Path) -> str:
    try:
        model = guard.load(path)
        guard.check(model, path)
        opened = session.open_session(model.SerializeToString(), level="basic", name=str(path))
    except InputError as error:
        return str(error)
    except MemoryError:
        return f"{path} needs more memory to open than a model of its size should: it is damaged or made to do harm"
    return _ran(opened, path)


def _ran(opened: Session, path: Path) -> str:
    """Once on zeros, the smallest that the model takes: only that it does not ask for all memory counts."""
    zeros = {p.name: np.zeros([size or 1 for size in p.shape], p.dtype) for p in opened.inputs if p.dtype in NUMBERS}
    try:
        opened.run(zeros)
    except (InputError, MemoryError) as error:
        if isinstance(error, MemoryError) or any(sign in str(error) for sign in ("alloc", "memory", "bfc_arena")):
            return f"{path} needs more memory to run than a model of its size should: it is damaged or made to do harm"
    return "ok"


def _serve() -> None:
    for line in sys.stdin:
        print(json.dumps(_verdict(Path(json.loads(line)))), flush=True)


if __name__ == "__main__":
    _serve()
