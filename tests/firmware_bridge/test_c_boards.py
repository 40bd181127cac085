"""The firmware as a program, and on a Cortex-M3 in QEMU: a real socket, a real host session, a deadline on every wait."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import tty
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from firmware_bridge.layout import Message
from firmware_bridge.messages import (
    Button,
    CameraControl,
    CameraMode,
    Capabilities,
    DisplayShow,
    DisplayShown,
    DisplayText,
    PhotoPart,
    SettingGet,
    SettingValue,
    SmpRequest,
    SmpResponse,
)
from firmware_bridge.session import Session
from firmware_bridge.status import State
from tests.firmware_bridge import smp_by_hand as smp
from tests.firmware_bridge.c_device import FIRMWARE, KEY, make, needs_compiler
from tests.firmware_bridge.socket_host import SocketHost, process

pytestmark = needs_compiler
needs_qemu = pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None or shutil.which("arm-none-eabi-gcc") is None,
    reason="needs qemu-system-arm and arm-none-eabi-gcc (sudo apt-get install qemu-system-arm gcc-arm-none-eabi)",
)


@contextlib.contextmanager
def native(*options: str) -> Iterator[tuple[SocketHost, subprocess.Popen[bytes]]]:
    """The program on a free port of its own choice, and a host."""
    program = make("build/glasses-native") / "glasses-native"
    with process([str(program), *options]) as running:
        assert running.stdout
        where = running.stdout.readline().decode().split()[-1]
        host, port = where.rsplit(":", 1)
        link = SocketHost(lambda: socket.create_connection((host, int(port)), 5))
        link.session.connect(0)
        try:
            yield link, running
        finally:
            link.hang_up()


def count(link: SocketHost, kind: type[Message]) -> int:
    return sum(isinstance(message, kind) for message in link.got)


def is_open(link: SocketHost) -> bool:
    return link.session.status.state is State.OPEN


def ask(link: SocketHost, operation: int, group: int, command: int, body: dict[str, Any]) -> Any:
    packet = smp.request(operation, group, command, body)
    link.got.clear()
    link.session.push(SmpRequest(packet))
    link.until(lambda: count(link, SmpResponse) == 1, "an answer of the update")
    (response,) = [m for m in link.got if isinstance(m, SmpResponse)]
    return smp.answer(response.smp, packet)


def update(link: SocketHost, version: tuple[int, int, int]) -> None:
    whole = smp.image(version, bytes(range(256)) * 4, KEY)
    offset = 0
    while offset < len(whole):
        body: dict[str, Any] = {"off": offset, "data": whole[offset : offset + 400]}
        if offset == 0:
            body |= {"len": len(whole), "sha": sha256(whole).digest()}
        offset = ask(link, smp.WRITE, smp.IMAGE, smp.UPLOAD, body)["off"]
    ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"hash": smp.image_hash(whole)})
    lost = link.session.sessions_lost
    ask(link, smp.WRITE, smp.OS, smp.RESET, {})
    link.until(lambda: link.session.sessions_lost > lost and is_open(link), "the restart")
    assert (
        link.session.capabilities
        and link.session.capabilities.firmware == int.from_bytes(version[:2], "big") << 16 | version[2]
    )
    assert ask(link, smp.WRITE, smp.IMAGE, smp.STATE, {"confirm": True})["images"][0]["confirmed"] is True


def show_and_photograph(link: SocketHost) -> None:
    link.until(lambda: is_open(link), "the session")
    for message in (
        DisplayText(page=7, text="hello"),
        DisplayShow(page=7),
        CameraControl(request=1, mode=CameraMode.PHOTO),
    ):
        link.session.push(message)
    link.until(lambda: count(link, DisplayShown) == 1, "shown")
    parts: list[PhotoPart] = []
    link.until(lambda: sum(len(m.jpeg) for m in link.got if isinstance(m, PhotoPart)) >= 2099, "the photo")
    parts = [m for m in link.got if isinstance(m, PhotoPart)]
    image = cv2.imdecode(np.frombuffer(b"".join(p.jpeg for p in parts), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None and image.shape == (120, 160, 3)


def test_the_program_shows_text_takes_a_photo_and_is_updated_over_a_socket() -> None:
    with native() as (link, _):
        show_and_photograph(link)
        update(link, (1, 2, 3))


def test_a_cable_that_is_pulled_loses_no_button_and_no_answer() -> None:
    with native() as (link, running):
        assert running.stdin
        link.until(lambda: is_open(link), "the session")
        for n in range(4):
            running.stdin.write(b"".join(b"button %d 2\n" % k for k in range(n * 4, n * 4 + 4)))
            running.stdin.flush()
            link.session.push(SettingGet(key=1))
            link.step()
            link.pull()
            link.until(lambda: is_open(link), "the reconnection")
        link.until(lambda: count(link, Button) == 16 and count(link, SettingValue) == 4, "all buttons")
        assert [m.button for m in link.got if isinstance(m, Button)] == list(range(16))
        assert count(link, Capabilities) == 1 and link.session.sessions_lost == 0


def test_a_program_without_power_ends_and_starts_again_from_its_flash(tmp_path: Path) -> None:
    flash = tmp_path / "flash.bin"
    whole = smp.image((5, 0, 0), b"x" * 9000, KEY)
    with native("--flash", str(flash), "--cut", "9300") as (link, running):
        link.until(lambda: is_open(link), "the session")
        first = {"off": 0, "len": len(whole), "sha": sha256(whole).digest(), "data": whole[:800]}
        link.session.push(SmpRequest(smp.request(smp.WRITE, smp.IMAGE, smp.UPLOAD, first)))
        for at in range(800, len(whole), 800):
            body = {"off": at, "data": whole[at : at + 800]}
            link.session.push(SmpRequest(smp.request(smp.WRITE, smp.IMAGE, smp.UPLOAD, body)))
        link.until(lambda: running.poll() is not None, "the end of the power")
        assert running.returncode == 9
    with native("--flash", str(flash)) as (link, _):
        link.until(lambda: is_open(link), "the session")
        assert link.session.capabilities and link.session.capabilities.firmware == 0x01000000


def test_the_program_on_a_pty_is_a_serial_port() -> None:
    program = make("build/glasses-native") / "glasses-native"
    with process([str(program), "--pty"]) as running:
        assert running.stdout
        path = running.stdout.readline().decode().split()[-1]

        port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        session = Session(seed=1)
        session.connect(0)
        session.opened(512, 0)
        try:
            tty.setraw(port)
            for now_ns in range(0, 2_000_000_000, 1_000_000):  # the host's own time; the device is far ahead of it
                while (frame := session.frame(now_ns)) is not None:
                    os.write(port, frame)
                if select.select([port], [], [], 1)[0]:
                    session.receive(os.read(port, 4096), now_ns)
                if session.status.state is State.OPEN:
                    break
        finally:
            os.close(port)
        assert session.status.state is State.OPEN


def test_wrong_options_and_a_port_in_use_are_said_in_a_line() -> None:
    program = str(make("build/glasses-native") / "glasses-native")
    wrong = subprocess.run(
        [program, "--nonsense"], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL
    )
    assert wrong.returncode == 2 and wrong.stderr.startswith("usage:")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [program, "--tcp", str(taken.getsockname()[1])]
        used = subprocess.run(command, capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL)
    assert used.returncode == 1 and used.stderr.count("\n") == 1 and "port" in used.stderr


@contextlib.contextmanager
def qemu(folder: Path) -> Iterator[SocketHost]:
    """The board, its UART on a socket file."""
    kernel, path = make("firmware") / "mps2.elf", folder / "uart"
    command = ["qemu-system-arm", "-M", "mps2-an385", "-nographic", "-monitor", "none", "-kernel", str(kernel),
               "-serial", f"unix:{path},server=on,wait=off"]  # fmt: skip

    def dial() -> socket.socket:
        link = socket.socket(socket.AF_UNIX)
        try:
            link.connect(str(path))
        except OSError:
            link.close()
            raise
        return link

    with process(command) as running:
        link = SocketHost(dial)
        link.session.connect(0)
        try:
            yield link
        finally:
            link.hang_up()
            running.send_signal(signal.SIGTERM)


@needs_qemu
def test_the_board_boots_in_qemu_shows_text_takes_a_photo_is_updated_and_comes_back(tmp_path: Path) -> None:
    with qemu(tmp_path) as link:
        show_and_photograph(link)
        told = link.session.capabilities
        assert told and told.product == "mps2-an385" and told.firmware == 0x01000000
        link.pull()
        link.until(lambda: is_open(link), "the reconnection")
        assert link.session.sessions_lost == 0
        update(link, (2, 0, 1))
        assert link.session.capabilities and link.session.capabilities.boot != told.boot


@needs_qemu
def test_the_build_says_how_much_flash_and_memory_the_firmware_takes_and_both_fit() -> None:
    done = subprocess.run(["make", "-s", "-C", str(FIRMWARE), "firmware"], capture_output=True, text=True, timeout=300)
    words = done.stdout.split()
    flash, ram = int(words[words.index("flash") + 1]), int(words[words.index("RAM") + 1])
    assert 10_000 < flash <= 48 * 1024 and 10_000 < ram <= 24 * 1024
