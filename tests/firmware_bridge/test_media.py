"""The media with real ends: a TCP server, a pseudo-terminal, a serial port on one; and what people do wrong with them."""

from __future__ import annotations

import asyncio
import errno
import os
import pty
import sys
from collections.abc import Awaitable, Callable

import pytest

from firmware_bridge import media
from firmware_bridge.errors import AddressError, DeviceError, MediumError
from firmware_bridge.glasses import Glasses
from firmware_bridge.media import Medium
from firmware_bridge.media_memory import pair
from firmware_bridge.media_pty import Descriptor
from firmware_bridge.media_serial import _why
from firmware_bridge.media_sim import glasses as simulated
from firmware_bridge.reader_thread import ThreadedPort
from firmware_bridge.sim.serve import attend, serve_tcp
from firmware_bridge.status import State


def soon(program: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(30):
            await program()

    asyncio.run(run())


async def hello(medium: Medium | str) -> None:
    """A new user's first program."""
    async with Glasses(medium) as glasses:
        await glasses.ready()
        await glasses.display.show("hello")
        assert (await glasses.camera.photo(width=160)).jpeg[:2] == b"\xff\xd8"


def test_glasses_behind_a_tcp_port_work_and_come_back_when_the_server_does() -> None:
    async def program() -> None:
        device, ports = simulated(""), asyncio.Queue[int]()
        server = asyncio.create_task(serve_tcp(device, 0, ports.put_nowait))
        port = await ports.get()
        await hello(f"tcp:127.0.0.1:{port}")
        async with Glasses(f"tcp:127.0.0.1:{port}") as glasses:
            await glasses.ready()
            statuses = glasses.statuses()
            server.cancel()
            await asyncio.wait((server,))
            async for status in statuses:
                if "cannot be reached" in status.reason:
                    break
            server = asyncio.create_task(serve_tcp(device, port, ports.put_nowait))
            await glasses.ready()
            await glasses.display.show("again")
        server.cancel()
        await asyncio.wait((server,))

    soon(program)


def test_a_port_in_use_is_said() -> None:
    async def program() -> None:
        ports = asyncio.Queue[int]()
        server = asyncio.create_task(serve_tcp(simulated(""), 0, ports.put_nowait))
        with pytest.raises(MediumError, match="choose another one"):
            await serve_tcp(simulated(""), await ports.get(), print)
        server.cancel()
        await asyncio.wait((server,))

    soon(program)


@pytest.mark.parametrize("kind", ["pty", "serial"])
def test_glasses_behind_a_pseudo_terminal_or_serial_port_work_and_a_pulled_cable_is_said(kind: str) -> None:
    async def program() -> None:
        ours, theirs = pty.openpty()
        path = os.ttyname(theirs)
        wire = ThreadedPort("glasses", Descriptor(ours))
        device = asyncio.create_task(attend(simulated(""), wire, lambda: None))
        async with Glasses(f"{kind}:{path}") as glasses:
            await glasses.ready()
            os.close(theirs)
            await glasses.display.show("hello")
            statuses = glasses.statuses()
            device.cancel()
            await asyncio.wait((device,))
            await wire.close()
            async for status in statuses:
                if status.state is State.WAITING:
                    assert "is gone" in status.reason or "broke" in status.reason or "not there" in status.reason
                    break

    soon(program)


@pytest.mark.parametrize(("number", "words"), [
    (errno.EACCES, "sudo usermod -aG dialout"), (errno.EBUSY, "is in use"), (errno.ENOENT, "is not there"),
    (errno.EIO, "could not be opened"),
])  # fmt: skip
def test_a_serial_port_that_cannot_be_opened_says_what_to_type(number: int, words: str) -> None:
    assert words in _why("/dev/ttyACM0", OSError(number, os.strerror(number)))


def test_a_serial_port_that_another_program_has_is_said_to_be_in_use() -> None:
    async def program() -> None:
        ours, theirs = pty.openpty()
        first, second = (media.build(f"serial:{os.ttyname(theirs)}") for _ in range(2))
        await first.open()
        with pytest.raises(MediumError, match="is in use: close the program that has it"):
            await second.open()
        await first.close()
        await second.open()
        await second.close()
        os.close(ours)
        os.close(theirs)

    soon(program)


def test_a_serial_port_that_is_not_there_is_the_reason_in_the_state() -> None:
    async def program() -> None:
        async with Glasses("serial:/dev/ttyNOTHERE") as glasses:
            with pytest.raises(DeviceError, match="is not there: plug the glasses in"):
                await glasses.ready(0.3)

    soon(program)


def test_bluetooth_without_an_adapter_is_said() -> None:
    async def program() -> None:
        medium = media.build("ble:Frame")
        with pytest.raises(MediumError, match="Bluetooth adapter|was not seen"):
            await medium.open()
        await medium.close()

    soon(program)


def test_a_missing_library_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serialx", None)
    monkeypatch.delitem(sys.modules, "firmware_bridge.media_serial", raising=False)
    with pytest.raises(AddressError, match=r"pip install glasspath\[glasses\]"):
        media.build("serial:/dev/ttyACM0")


def test_a_medium_that_takes_no_more_data_does_not_hang_the_driver() -> None:
    """The other end reads nothing: the queue fills, the write has a deadline, the reason is in the state."""

    async def program() -> None:
        ours, theirs = pair()
        await theirs.open()
        async with Glasses(ours) as glasses:
            with pytest.raises(DeviceError, match="not ready"):
                await glasses.ready(0.5)
            assert glasses.status.state in (State.GREETING, State.WAITING, State.OPENING)

    soon(program)


def test_nonsense_from_the_device_ends_in_a_reason_not_in_a_hang() -> None:
    async def program() -> None:
        ours, theirs = pair()
        await theirs.open()

        async def talk() -> None:
            while True:
                await theirs.write(os.urandom(200))
                await theirs.read()

        babble = asyncio.create_task(talk())
        async with Glasses(ours) as glasses:
            with pytest.raises(DeviceError, match="not ready"):
                await glasses.ready(0.5)
        babble.cancel()
        await asyncio.wait((babble,))

    soon(program)
