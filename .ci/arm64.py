"""`make test-arm64`: what the owner of a Raspberry Pi types, in a Debian 12 arm64 root under emulation, from a clean clone.

Made once and kept in $XDG_CACHE_HOME/glasspath/arm64: the root by debootstrap, the wheel of llama.cpp by a cross compiler.
Then: install as the README says; the quick suite; every processor model through every native library; the wheel in a bare
environment; and, beside these, without network, the bundled recording and more through both machines, compared. The last
line is one JSON object. Without root or the tools it says why it is skipped. Each stage's instructions are counted too.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from llama_arm64 import build
from setup import CACHE, PYTHON, ROOT, apt_command, install

HOME = CACHE / "arm64"
DEBIAN = HOME / "root"
CHECKOUT = "/home/pi/glasspath"
TOOLS = {
    "debootstrap": "debootstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "aarch64-linux-gnu-g++": "g++-aarch64-linux-gnu",
    "cmake": "cmake",
    "unshare": "util-linux",
}
CPUS = {"cortex-a76": "Pi 5", "cortex-a72": "Pi 4", "cortex-a53": "Pi Zero 2 W", "max": "newer cores"}
"""as QEMU names them; every other step runs on the first one"""
PARTS = {"cortex-a76": 0xD0B, "cortex-a72": 0xD08, "cortex-a53": 0xD03, "max": 0xD4F}
FEATURES = "fp asimd evtstrm crc32 cpuid"
MORE = {"cortex-a76": "atomics fphp asimdhp asimdrdm lrcpc dcpop asimddp"}
MORE["max"] = f"{MORE['cortex-a76']} sve sve2 i8mm bf16 svei8mm svebf16"
BINFMT = Path("/proc/sys/fs/binfmt_misc")
MAGIC = (r":qemu-aarch64:M::\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
         r":\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:%s:OCF")  # fmt: skip
"""an executable of 64-bit Arm, as Debian's qemu-user-static registers it"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test-arm64", description=__doc__)
    parser.add_argument(
        "--only", choices=list(STEPS), action="append", help="these steps only (the root is set up already)"
    )
    parser.add_argument("--shell", metavar="COMMAND", help="run this in the root instead")
    args = parser.parse_args()
    missing = why_not()
    if missing:
        print(f"test-arm64 is skipped: {missing}")
        return 0
    emulate()
    make_root()
    wheel()
    if args.shell:
        return in_root(args.shell)
    wanted = args.only or list(STEPS)
    found: dict[str, object] = {}
    failed: list[str] = []

    def run(names: Sequence[str]) -> None:
        for name in names:
            if name in wanted:
                started_s = time.monotonic()
                print(f"== {name}", flush=True)
                try:
                    said = STEPS[name]()
                except (
                    subprocess.CalledProcessError,
                    OSError,
                    ValueError,
                ) as error:  # in a thread it would pass unseen
                    print(f"{name} broke: {error}", flush=True)
                    said = {"failed": True}
                found.update(said, **{f"{name}_s": round(time.monotonic() - started_s)})
                failed.extend([name] if said["failed"] else [])

    run(("setup",))
    if not failed:
        beside = threading.Thread(target=run, args=(("agreement",),))  # the longest: it has a core for itself
        beside.start()
        run(("tests", "wheel", "cpus", "instructions"))
        beside.join()
    print(json.dumps(found | {"failed": failed}))
    return 1 if failed else 0


def why_not() -> str:
    """Why nothing can be done here; empty if it can."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        return f"it emulates 64-bit Arm on x86-64 Linux, this is {platform.machine()} (on a Pi `make test` is the test)"
    if os.geteuid() != 0:
        return "a Debian root is made and entered by root only: sudo make test-arm64"
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    apt = apt_command()
    if missing and not (apt and install(apt, missing)):
        return f"these packages are missing: {' '.join(missing)}"
    return ""


def emulate() -> None:
    """Lets the kernel start Arm programs, in any root."""
    if not (BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT)], check=True)
    if not (BINFMT / "qemu-aarch64").exists():
        (BINFMT / "register").write_text(MAGIC % shutil.which("qemu-aarch64-static"))


def make_root() -> None:
    """A minimal Debian 12 for arm64; what was half made is begun anew."""
    if DEBIAN.is_dir():
        return
    HOME.mkdir(parents=True, exist_ok=True)
    print("· making the arm64 root, once (3 to 6 minutes)", flush=True)
    partial = HOME / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    command = [
        "debootstrap",
        "--arch=arm64",
        "--variant=minbase",
        "--include=ca-certificates",
        "bookworm",
        str(partial),
    ]
    with (HOME / "debootstrap.log").open("w") as log:
        if subprocess.run(command, stdout=log, stderr=log).returncode:
            sys.exit(f"debootstrap failed; its log is {log.name}")
    partial.rename(DEBIAN)


def processors(cpu: str) -> str:
    """/proc/cpuinfo as this processor has it: QEMU shows this machine's, which ONNX Runtime cannot read as an Arm."""
    features = f"{FEATURES} {MORE.get(cpu, '')}".strip()
    return "".join(
        f"processor\t: {n}\nBogoMIPS\t: 108.00\nFeatures\t: {features}\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
        f"CPU variant\t: 0x1\nCPU part\t: 0x{PARTS[cpu]:x}\nCPU revision\t: 1\n\n"
        for n in range(os.cpu_count() or 1)
    )


def in_root(command: str, *, cpu: str = "cortex-a76", network: bool = True, out: Path | None = None) -> int:
    """Runs a command in the checkout inside the root, with mounts that are gone afterwards; its exit status.

    `out` is a folder that the command has as /mnt/out.
    """
    file = HOME / f"cpuinfo-{cpu}"
    file.write_text(processors(cpu))
    cpuinfo = shlex.quote(str(file))
    mounts = [
        "mount -t proc proc proc", f"mount --bind {cpuinfo} proc/cpuinfo", "mount --rbind /dev dev",
        "mount --rbind /sys sys", "mount -t tmpfs tmpfs tmp",
        bind(ROOT, "mnt/source"), bind(HOME / "wheels", "mnt/wheels"), f"mkdir -p .{CHECKOUT}",
        *(f"cat /{name} > {name}" for name in ("etc/resolv.conf", "etc/ssl/certs/ca-certificates.crt")),
    ]  # fmt: skip
    data = Path(os.environ.get("GLASSPATH_DATA", ROOT.parent / "shared" / "data"))
    if data.is_dir():
        mounts.append(bind(data, "mnt/data"))
    if out is not None:
        mounts.append(f"mkdir -p mnt/out && mount --bind {shlex.quote(str(out))} mnt/out")
    environment = {"HOME": "/root", "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
                   "GLASSPATH_DATA": "/mnt/data", "QEMU_CPU": cpu, "LLAMA_WHEEL": f"/mnt/wheels/{wheel().name}"}  # fmt: skip
    environment |= {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    pairs = " ".join(shlex.quote(f"{name}={value}") for name, value in environment.items())
    inside = shlex.quote(f"cd {CHECKOUT} && {command}")
    script = f"cd {shlex.quote(str(DEBIAN))} && {' && '.join(mounts)} && exec chroot . env -i {pairs} bash -c {inside}"
    unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
    return subprocess.run([*unshare, "bash", "-c", script]).returncode


def bind(folder: Path, where: str) -> str:
    """The commands that show a folder inside the root, not to be written."""
    folder.mkdir(parents=True, exist_ok=True)
    return f"mkdir -p {where} && mount --bind -o ro {shlex.quote(str(folder))} {where}"


def wheel() -> Path:
    """llama-cpp-python for every Arm core."""
    if not list((HOME / "wheels").glob("*.whl")):
        print("· cross-compiling llama.cpp, once (8 to 15 minutes)", flush=True)
    try:
        return build(HOME / "wheels", HOME / "llama.log")
    except subprocess.CalledProcessError as error:
        sys.exit(f"llama.cpp could not be cross-compiled ({error.cmd[-1]}): the log is {HOME / 'llama.log'}")


def setup() -> dict[str, object]:
    """The lines of the README; a clone that is there is brought to what is committed now."""
    clone = ("git config --global safe.directory '*' && git init -q . && git fetch -q /mnt/source HEAD && "
             "git reset -q --hard FETCH_HEAD && git clean -qfdx -e .venv")  # fmt: skip
    done = in_root(
        f"apt-get update -q >/dev/null && apt-get install -y -q git make python3-venv >/dev/null && {clone} && make setup"
    )
    with tempfile.TemporaryDirectory() as name:
        in_root("du -sm --exclude=__pycache__ .venv > /mnt/out/size", out=Path(name))
        size_mb = int((Path(name) / "size").read_text().split()[0])
    return {"failed": bool(done), "installed_with_tests_mb": size_mb}


def tests() -> dict[str, object]:
    """The quick suite."""
    with tempfile.TemporaryDirectory() as name:
        done = in_root(".venv/bin/python -m pytest --quick --durations=10 -p no:cacheprovider | tee /mnt/out/said; "
                       "exit ${PIPESTATUS[0]}", out=Path(name))  # fmt: skip
        counts = re.findall(r"(\d+) (passed|failed|skipped|error)", (Path(name) / "said").read_text())
    return {"failed": bool(done)} | {f"tests_{what}": int(n) for n, what in counts}


def install_wheel() -> dict[str, object]:
    """Our wheel in a bare environment: what a user without the sources has, its size, and an answer without network."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        pip = [
            str(PYTHON),
            "-m",
            "pip",
            "--disable-pip-version-check",
            "wheel",
            "-q",
            "--no-deps",
            "--no-build-isolation",
        ]
        subprocess.run([*pip, str(ROOT), "-w", name], check=True)
        install = "rm -rf ../bare && python3 -m venv ../bare && ../bare/bin/pip install -q $LLAMA_WHEEL /mnt/out/*.whl"
        if in_root(f"{install} && du -sm ../bare > /mnt/out/size", out=out):
            return {"failed": True}
        scene = {"seen": [{"kind": "text", "label": "EXIT", "box_xyxy": [0.4, 0.3, 0.6, 0.5]}]}
        (out / "scene.json").write_text(json.dumps(scene))
        ask = "cd / && /home/pi/bare/bin/edge ask --scene /mnt/out/scene.json 'what does the sign say' | tee /mnt/out/answer"
        done = in_root(ask, network=False, out=out)
        size_mb = int((out / "size").read_text().split()[0])
        answer = (out / "answer").read_text().strip()
    return {"failed": bool(done) or "EXIT" not in answer, "installed_mb": size_mb, "wheel_answered": answer}


def cpus() -> dict[str, object]:
    """Each processor model runs every native library; an illegal instruction would end it."""
    ran = {}
    for cpu, device in CPUS.items():
        status = in_root(".venv/bin/python -m benchmarks.agreement /tmp/a.json --quick", cpu=cpu)
        ran[cpu] = "ok" if status == 0 else f"exit {status}"
        print(f"   {cpu} ({device}): {ran[cpu]}", flush=True)
    return {"failed": set(ran.values()) != {"ok"}, "cpus": ran}


def agreement() -> dict[str, object]:
    """The table of benchmarks/agreement.py, of this machine and the emulated one, which has no network."""
    with tempfile.TemporaryDirectory() as name:
        there, here = Path(name) / "aarch64.json", Path(name) / "x86_64.json"
        failed = in_root(
            ".venv/bin/python -m benchmarks.agreement /mnt/out/aarch64.json", network=False, out=Path(name)
        )
        run = [str(PYTHON), "-m", "benchmarks.agreement"]
        subprocess.run([*run, str(here)], check=True, cwd=ROOT)
        differs = failed or subprocess.run([*run, str(here), "--with", str(there)], cwd=ROOT).returncode
        for file in (there, here):
            if file.is_file():
                shutil.copy(file, HOME)
    return {"failed": bool(differs)}


def instructions() -> dict[str, object]:
    """What each stage costs in this processor's instructions, held against what is kept.

    The root's own emulator is static and takes no plug-in: it starts this machine's, which lies in the folder beside the
    libraries that it needs.
    """
    qemu = shutil.which("qemu-aarch64")
    if qemu is None:
        print("   left out: qemu-aarch64 is not here (sudo apt-get install -y qemu-user)")
        return {"failed": False}
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        needed = re.findall(r"(/\S+) \(0x", subprocess.run(["ldd", qemu], capture_output=True, text=True).stdout)
        for path in (qemu, *needed):
            shutil.copy(path, out)
        loader = next(Path(path).name for path in needed if Path(path).name.startswith("ld-"))
        counter, figures = ROOT / "benchmarks" / "instruction_counter.c", ROOT / "benchmarks" / "instructions.json"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(out / "counter.so"), str(counter)], check=True)
        shutil.copy(figures, out)
        run = ["-m", "benchmarks.instructions"]
        subprocess.run([str(PYTHON), *run, "--record", str(out / "turn")], check=True, cwd=ROOT)
        emulator = f"/mnt/out/{loader} --library-path /mnt/out /mnt/out/qemu-aarch64"
        done = in_root(f".venv/bin/python {' '.join(run)} --turn /mnt/out/turn --emulator {shlex.quote(emulator)} "
                       "--plugin /mnt/out/counter.so --kept /mnt/out/instructions.json --check --keep", out=out)  # fmt: skip
        (ROOT / "out").mkdir(exist_ok=True)
        shutil.copy(out / figures.name, ROOT / "out")
    print(f"   the new figures are in out/{figures.name}; copy it over {figures.relative_to(ROOT)} to keep them")
    return {"failed": bool(done)}


STEPS = {
    "setup": setup, "tests": tests, "wheel": install_wheel, "cpus": cpus, "agreement": agreement,
    "instructions": instructions,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
