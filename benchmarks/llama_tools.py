"""The peers of the quantization benchmark: llama-quantize and llama-imatrix of the very llama.cpp that is installed.

The wheel has the libraries and no tools, so these two are compiled from the source package of the same version against the
installed libraries, once, into the user's cache (a minute or two). LLAMA_SDIST=FILE takes a source package that is there.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "llama-cpp-python"
_PARTS: Final = ("tools/quantize/", "tools/imatrix/", "common/", "include/", "ggml/include/", "src/", "vendor/")
_SOURCES: Final = {
    "llama-quantize": ("tools/quantize/", "llama_quantize"),
    "llama-imatrix": ("tools/imatrix/", "llama_imatrix"),
}


@dataclass(frozen=True, slots=True)
class Tools:
    """The two programs."""

    quantize: Path
    imatrix: Path


def tools() -> Tools | str:
    """The programs; or, in words, why they cannot be had here."""
    version = importlib.metadata.version(PACKAGE)
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath" / f"llama-tools-{version}"
    found = Tools(folder / "llama-quantize", folder / "llama-imatrix")
    if found.quantize.is_file() and found.imatrix.is_file():
        return found
    if shutil.which("g++") is None:
        return "no g++ to compile llama-quantize with"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        try:
            source = _unpacked(version, Path(scratch))
            for name in _SOURCES:
                _compile(source, name, Path(scratch) / name)
                (Path(scratch) / name).rename(folder / name)
        except (OSError, subprocess.CalledProcessError, tarfile.TarError, StopIteration) as error:
            said = getattr(error, "stderr", None) or str(error)
            return (
                f"llama-quantize could not be built: {said.strip().splitlines()[-1][:200] if said.strip() else error}"
            )
    return found


def run(command: Sequence[str | Path]) -> str:
    """Runs one of them; what it wrote. Raises CalledProcessError."""
    place = os.environ | {"LD_LIBRARY_PATH": str(_libraries())}
    words = [str(c) for c in command]
    done = subprocess.run(words, capture_output=True, text=True, check=True, errors="replace", env=place)
    return done.stdout + done.stderr


def _libraries() -> Path:
    return Path(sysconfig.get_paths()["purelib"]) / "lib"


def _unpacked(version: str, scratch: Path) -> Path:
    given = os.environ.get("LLAMA_SDIST")
    if not given:
        wanted = [f"{PACKAGE}=={version}", "--no-deps", "--no-binary", PACKAGE, "-d", str(scratch)]
        pip = [sys.executable, "-m", "pip", "download", *wanted]
        subprocess.run(pip, check=True, capture_output=True, text=True)
        given = str(next(scratch.glob("*.tar.gz")))
    with tarfile.open(given) as tar:
        for member in tar:
            _, _, name = member.name.partition("/vendor/llama.cpp/")
            if member.isfile() and name.startswith(_PARTS):
                member.name = name
                tar.extract(member, scratch / "source", filter="data")
    return scratch / "source"


def _compile(source: Path, name: str, out: Path) -> None:
    """-O1, and no -march: gcc 12 miscompiles a tile instruction with it on processors that have AMX."""
    place, entry = _SOURCES[name]
    libraries = _libraries()
    main = out.with_suffix(".main.cpp")
    files = [str(p) for p in sorted((source / place).glob("*.cpp"))]
    if not any("int main(" in Path(f).read_text() for f in files):
        main.write_text(f"int {entry}(int, char **);\nint main(int n, char ** a) {{ return {entry}(n, a); }}\n")
        files.append(str(main))
    folders = ["include", "ggml/include", "src", "common", "vendor", place.rstrip("/")]
    command = [
        "g++", "-O1", "-std=c++17", *(f"-I{source / f}" for f in folders), *files, f"-L{libraries}",
        "-lllama-common", "-lllama", "-lggml", "-lggml-base", "-lggml-cpu", "-pthread",
        "-o", str(out),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    print(tools())
