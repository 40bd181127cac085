"""Makes .venv from requirements.lock; run by `make`, needs only Python's standard library. Quick when nothing changed.

System packages are installed by apt when that needs no password; otherwise the one line to type is printed and what can
work without them goes on. llama-cpp-python comes as source: it is compiled once into a wheel that is kept in
$XDG_CACHE_HOME/glasspath/wheels, or LLAMA_WHEEL=PATH_OR_URL names a ready one.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
READY = VENV / ".ready"
LOG = VENV / "setup.log"
LOCK = ROOT / "requirements.lock"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasspath"
LLAMA = "llama-cpp-python==0.3.36"
LLAMA_FILES = "llama_cpp_python-0.3.36-*.whl"
NO_DEPS = "rapidocr==3.10.0"
"""its models are wanted, not its dependencies: it asks for the headless twin of opencv-python, and only one may be there"""
LIBRARIES = {  # what must be loadable: the Debian package that has it
    "libportaudio.so.2": "libportaudio2",
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb.so.1": "libxcb1",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libgomp.so.1": "libgomp1",  # llama.cpp's threads; the compiler brings it, a ready wheel does not
}
TOOLS = {"g++": "g++", "cmake": "cmake", "make": "make"}
FIRMWARE_TOOLS = {"arm-none-eabi-gcc": "gcc-arm-none-eabi", "qemu-system-arm": "qemu-system-arm"}
"""for the glasses' firmware: without them its tests on the board are skipped; CI or GLASSPATH_FIRMWARE=1 asks for them"""
COUNTING_TOOLS = {f"qemu-{platform.machine()}": "qemu-user"}
"""for benchmarks.instructions, whose test is skipped without it; asked for like FIRMWARE_TOOLS"""
CMAKE_ARGS = (
    "-DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_SERVER=OFF "
    "-DLLAVA_BUILD=OFF"
)
NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
"""gcc 12 miscompiles llama.cpp's AMX code: the first batch of a quantized model would crash"""


def main() -> int:
    firmware_tools()
    stamp = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if READY.is_file() and READY.read_text() == stamp and PYTHON.exists():
        return 0
    started_s = time.monotonic()
    complete = system_packages()
    step("making .venv")
    make_venv()
    pip("installing the locked packages (about 400 MB once)", "install", "-r", str(LOCK))
    pip("installing the OCR models", "install", "--no-deps", NO_DEPS)
    complete &= llama()
    pip("installing Glasspath itself", "install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    if complete:
        READY.write_text(stamp)
    print(f"ready after {time.monotonic() - started_s:.0f} s", flush=True)
    return 0


def step(text: str) -> None:
    print(f"· {text}", flush=True)


def system_packages() -> bool:
    """Install what is missing if that is allowed; whether everything is there now."""
    missing = missing_packages()
    if not missing:
        return True
    apt = apt_command()
    line = f"sudo apt-get install -y {' '.join(missing)}"
    if apt is None:
        print(
            f"! missing system packages; type this, then run make again (what works without them goes on):\n    {line}"
        )
        return False
    return install(apt, missing)


def install(apt: list[str], missing: list[str]) -> bool:
    """By apt; what it says when it cannot."""
    step(f"installing system packages: {' '.join(missing)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    commands = [[*apt, "update", "-q"], [*apt, "install", "-y", "-q", "--no-install-recommends", *missing]]
    for command in commands:
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        line = f"sudo apt-get install -y {' '.join(missing)}"
        print(f"! apt could not install them ({done.stderr.strip().splitlines()[-1:]}); type this:\n    {line}")
    return done.returncode == 0


def firmware_tools() -> None:
    """The cross compiler and the emulator, where they are asked for; everything else works without them."""
    if not (os.environ.get("CI") or os.environ.get("GLASSPATH_FIRMWARE") == "1"):
        return
    wanted = FIRMWARE_TOOLS | COUNTING_TOOLS
    missing = [package for tool, package in wanted.items() if shutil.which(tool) is None]
    apt = apt_command() if missing else None
    if apt is not None:
        install(apt, missing)
    elif missing:
        print(f"! firmware on the board, and counting, need: sudo apt-get install -y {' '.join(missing)}")


def missing_packages() -> list[str]:
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    try:
        loadable = subprocess.run([ldconfig, "-p"], capture_output=True, text=True).stdout
    except OSError:
        return []  # no Debian: nothing is known, pip will tell
    missing = [package for library, package in LIBRARIES.items() if library not in loadable]
    if not os.environ.get("LLAMA_WHEEL") and not list((CACHE / "wheels").glob(LLAMA_FILES)):
        missing += [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
        include = Path(sys.base_prefix) / "include" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        if not (include / "Python.h").exists():
            missing.append("python3-dev")
    try:
        import ensurepip  # noqa: F401 (Debian ships venv without it)
    except ImportError:
        missing.append("python3-venv")
    return missing


def apt_command() -> list[str] | None:
    """apt-get if it can be used without a password."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["apt-get"]
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n", "apt-get"]
    return None


def make_venv() -> None:
    if not PYTHON.exists():
        try:
            venv.create(VENV, with_pip=True)
        except (subprocess.CalledProcessError, ImportError):
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit("Python has no venv here: sudo apt-get install -y python3-venv")
    LOG.write_text("")


def pip(text: str, *arguments: str) -> None:
    step(text)
    if run([str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments], os.environ) != 0:
        tail = "\n".join(LOG.read_text().splitlines()[-15:])
        sys.exit(f"{tail}\n! this step failed; the whole log is {LOG.relative_to(ROOT)}")


def llama() -> bool:
    """The local model's runtime, from a given wheel, the kept one, or source; whether it is there."""
    given = os.environ.get("LLAMA_WHEEL")
    if given:
        pip(f"installing {given}", "install", "--no-deps", "--force-reinstall", given)
        return True
    wheels = CACHE / "wheels"
    kept = sorted(wheels.glob(LLAMA_FILES))
    if not kept:
        step("compiling llama.cpp, once (4 to 8 minutes on a desktop, 15 to 25 on a Raspberry Pi 5)")
        wheels.mkdir(parents=True, exist_ok=True)
        build = [str(PYTHON), "-m", "pip", "wheel", "-v", "--no-deps", "--no-cache-dir", LLAMA, "-w", str(wheels)]
        if run(build, os.environ | build_flags()) != 0:
            print(f"! llama.cpp could not be compiled (see {LOG.relative_to(ROOT)}): everything works but the local "
                  "model; mend it and run make again, or give LLAMA_WHEEL=PATH_OR_URL")  # fmt: skip
            return False
        kept = sorted(wheels.glob(LLAMA_FILES))
    pip("installing llama.cpp from the kept wheel", "install", "--no-deps", str(kept[-1]))
    return True


def build_flags() -> dict[str, str]:
    """For the instruction sets of this machine, without AMX where the compiler knows it, with the parts needed only."""
    flags = {"CMAKE_ARGS": f"{os.environ.get('CMAKE_ARGS', '')} {CMAKE_ARGS}".strip()}
    if platform.machine() in ("x86_64", "AMD64"):
        probe = [os.environ.get("CC", "cc"), *NO_AMX.split(), "-E", "-x", "c", os.devnull]
        if subprocess.run(probe, capture_output=True).returncode == 0:
            flags |= {name: f"{os.environ.get(name, '')} {NO_AMX}".strip() for name in ("CFLAGS", "CXXFLAGS")}
    return flags


def run(command: list[str], environment: os._Environ[str] | dict[str, str]) -> int:
    """Run into the log; on a terminal a line with the time that has passed shows that it lives."""
    started_s = time.monotonic()
    with LOG.open("a") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=dict(environment))
        while True:
            try:
                code = process.wait(1.0 if sys.stdout.isatty() else 60.0)
                break
            except subprocess.TimeoutExpired:
                end = "\r" if sys.stdout.isatty() else "\n"
                print(f"    {time.monotonic() - started_s:.0f} s", end=end, flush=True)
    if sys.stdout.isatty():
        print("            ", end="\r")
    return code


if __name__ == "__main__":
    sys.exit(main())
