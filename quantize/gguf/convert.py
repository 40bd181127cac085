"""Hugging Face directory → float GGUF, by the converter of the very llama.cpp that the runtime is built from.

The converter is not in llama-cpp-python's wheel but in its source package, which is downloaded once into the user's cache
(LLAMA_SDIST=FILE takes one that is there). It runs in a process of its own, without network, and sees a directory with
nothing but the checked files.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import deque
from pathlib import Path
from typing import Final

from quantize import progress
from quantize.errors import InputError, OptionError, ToolError
from quantize.files import written
from quantize.gguf import safetensors

TYPES: Final = ("f32", "f16", "bf16")
PACKAGE: Final = "llama-cpp-python"
_PARTS: Final = ("convert_hf_to_gguf.py", "conversion/", "gguf-py/gguf/")
_NEEDED: Final = ("torch", "transformers", "sentencepiece")


def convert(folder: Path, out: Path, outtype: str = "f32") -> Path:
    """Writes `out`, a GGUF of the model in `folder`.

    Raises:
        InputError: the directory is none, holds pickles or code, or the converter does not know the architecture.
        OptionError: the type is not a float type.
        ToolError: the converter or a package that it needs is not there.
    """
    if outtype not in TYPES:
        raise OptionError(f"--type {outtype} is no float type: give one of {', '.join(TYPES)}; fit makes it smaller")
    files, count = safetensors.check_directory(folder)
    script = converter()
    if missing := [name for name in _NEEDED if importlib.util.find_spec(name) is None]:
        raise ToolError(f"{', '.join(missing)} must be installed to convert: pip install glasspath[convert]")
    with tempfile.TemporaryDirectory() as scratch, written(out) as part:
        shown = Path(scratch) / (folder.name or "model")
        shown.mkdir()
        for path in files:
            (shown / path.name).symlink_to(path.resolve())
        _run([sys.executable, str(script), str(shown), "--outfile", str(part), "--outtype", outtype], folder, count)
        if not part.is_file():
            raise InputError(f"{folder}: the converter wrote nothing")
    return out


def is_there() -> bool:
    """Whether the converter is in the cache, so that no network is needed."""
    try:
        return (_kept(importlib.metadata.version(PACKAGE)) / _PARTS[0]).is_file()
    except importlib.metadata.PackageNotFoundError:
        return False


def converter() -> Path:
    """The converter's script, of the installed runtime's version; fetched the first time.

    Raises:
        ToolError: the runtime is not installed, or its source package cannot be had.
    """
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise ToolError(f"{PACKAGE} is not installed: run make setup") from error
    kept = _kept(version)
    if not (kept / _PARTS[0]).is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
            _unpack(_source_package(version, Path(scratch)), Path(scratch) / "converter")
            shutil.rmtree(kept, ignore_errors=True)
            (Path(scratch) / "converter").rename(kept)
    return kept / _PARTS[0]


def _kept(version: str) -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath" / f"converter-{version}"


def _source_package(version: str, scratch: Path) -> Path:
    given = os.environ.get("LLAMA_SDIST")
    if given:
        return Path(given)
    wanted = [f"{PACKAGE}=={version}", "--no-deps", "--no-binary", PACKAGE, "-d", str(scratch)]
    with progress.bar("getting the converter (75 MB, once)", None):
        done = subprocess.run([sys.executable, "-m", "pip", "download", *wanted], capture_output=True, text=True)
    found = list(scratch.glob("*.tar.gz"))
    if not found:
        said = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise ToolError(
            f"the source package of {PACKAGE} {version} cannot be had ({said}): give it as LLAMA_SDIST=FILE"
        )
    return found[0]


def _unpack(archive: Path, to: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                _, _, name = member.name.partition("/vendor/llama.cpp/")
                if member.isfile() and name.startswith(_PARTS):
                    member.name = name
                    tar.extract(member, to, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise ToolError(f"{archive} is no source package of {PACKAGE} ({error}): get it again") from error
    if not (to / _PARTS[0]).is_file():
        raise ToolError(f"{archive} has no converter in it: give the source package of {PACKAGE}")


def _run(command: list[str], folder: Path, count: int) -> None:
    """The converter, with a bar over its tensors; its last words when it fails."""
    alone = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "PYTHONPATH": "", "PYTHONUNBUFFERED": "1"}
    tail: deque[str] = deque(maxlen=40)
    started = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=os.environ | alone
    )
    with progress.bar("converting", count) as bar, started as run:
        assert run.stderr is not None
        for line in run.stderr:
            tail.append(line.strip())
            if "-->" in line:
                bar()
    if run.returncode != 0:
        said = next((text for text in reversed(tail) if "rror" in text), tail[-1] if tail else "no word")
        raise InputError(f"{folder} could not be converted: {said}")
