"""Cross-compiles llama-cpp-python for 64-bit Arm into one wheel for every core: its CPU code is in it six times, from the
Cortex-A53's to that of cores with SVE2, and ggml loads the best that the processor knows (edge/reasoning/llama_library.py).

    python .ci/llama_arm64.py FOLDER     needs g++-aarch64-linux-gnu, cmake and .venv; 8 to 15 minutes on two cores
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from setup import CMAKE_ARGS, LLAMA, PYTHON

NAME = f"llama_cpp_python-{LLAMA.partition('==')[2]}-py3-none-linux_aarch64.whl"
TOOLCHAIN = """
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
"""
FOR_ALL_CORES = "-DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON -DCMAKE_INSTALL_BINDIR=llama_cpp/lib"
STRAY = ("lib", "lib64", "include", "bin")
"""what llama.cpp installs beside the package: a second copy of the libraries"""
SME = re.compile(r"^ *ggml_add_cpu_backend_variant\(armv9\.2_.*\n", re.MULTILINE)


def build(folder: Path, log: Path) -> Path:
    """The wheel, made if it is not there yet.

    Raises:
        subprocess.CalledProcessError: a step failed; the log says why.
    """
    wheel = folder / NAME
    if wheel.is_file():
        return wheel
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, log.open("w") as said:
        work = Path(name)

        def run(*command: str, **environment: str) -> None:
            subprocess.run(command, check=True, stdout=said, stderr=said, env=os.environ | environment)

        pip = (str(PYTHON), "-m", "pip", "--disable-pip-version-check")
        run(*pip, "download", "--no-binary", ":all:", "--no-deps", "-d", name, LLAMA)
        (archive,) = work.glob("*.tar.gz")
        with tarfile.open(archive) as packed:
            packed.extractall(work, filter="data")
        source = work / archive.name.removesuffix(".tar.gz")
        if compiler_version() < 14:  # it does not know the matrix extension SME
            variants = source / "vendor/llama.cpp/ggml/src/CMakeLists.txt"
            variants.write_text(SME.sub("", variants.read_text()))
        (work / "aarch64.cmake").write_text(TOOLCHAIN)
        run(*pip, "wheel", "-v", "--no-deps", "--no-cache-dir", str(source), "-w", name,
            CMAKE_TOOLCHAIN_FILE=str(work / "aarch64.cmake"), CMAKE_ARGS=f"{CMAKE_ARGS} {FOR_ALL_CORES}",
            CMAKE_BUILD_PARALLEL_LEVEL=str(os.cpu_count() or 1))  # fmt: skip
        (built,) = work.glob("*.whl")
        run(str(PYTHON), "-m", "wheel", "unpack", str(built), "-d", str(work / "unpacked"))
        (unpacked,) = (work / "unpacked").iterdir()
        for stray in STRAY:
            shutil.rmtree(unpacked / stray, ignore_errors=True)
        run(str(PYTHON), "-m", "wheel", "pack", str(unpacked), "-d", name)
        run(str(PYTHON), "-m", "wheel", "tags", "--platform-tag", "linux_aarch64", "--remove", str(built))
        (built,) = work.glob("*.whl")
        partial = folder / f".{NAME}"
        partial.write_bytes(built.read_bytes())
        partial.rename(wheel)
    return wheel


def compiler_version() -> int:
    """The major version of the cross compiler."""
    return int(
        subprocess.run(["aarch64-linux-gnu-gcc", "-dumpversion"], capture_output=True, text=True).stdout.split(".")[0]
    )


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), Path(sys.argv[1]) / "build.log"))
