"""smpclient, which is not ours, updates the simulator and the C firmware over our link: its own messages, its own upload."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from hashlib import sha256

import pytest

from firmware_bridge.glasses import Glasses
from firmware_bridge.image import DEVELOPMENT_KEY, pack, unpack
from firmware_bridge.messages import SmpRequest
from tests.firmware_bridge.c_device import KEY, make, needs_compiler
from tests.firmware_bridge.socket_host import process

smpclient = pytest.importorskip("smpclient", reason="no smpclient (pip install glasspath[dev])")
from smpclient.exceptions import SMPUploadError  # noqa: E402  # only where smpclient is
from smpclient.generics import error, success  # noqa: E402
from smpclient.requests.image_management import ImageErase, ImageStatesRead, ImageStatesWrite  # noqa: E402
from smpclient.requests.os_management import EchoWrite, ResetWrite  # noqa: E402


class Transport:
    """smpclient's transport over the link of glasses that are connected already."""

    mtu = 1022

    def __init__(self, glasses: Glasses) -> None:
        self._glasses, self._answer = glasses, b""
        self.max_unencoded_size = 0

    async def connect(self, address: str, timeout_s: float) -> None:
        await self._glasses.ready(timeout_s)

    async def disconnect(self) -> None: ...

    def initialize(self, smp_server_transport_buffer_size: int) -> None:
        self.max_unencoded_size = smp_server_transport_buffer_size

    async def send_and_receive(self, data: bytes) -> bytes:
        return await self._glasses.smp(data)


def on_simulator(program: Callable[[Glasses, bytes], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(30), Glasses("sim:") as glasses:
            await program(glasses, DEVELOPMENT_KEY)

    asyncio.run(run())


def on_firmware(program: Callable[[Glasses, bytes], Awaitable[None]]) -> None:
    async def run(where: str) -> None:
        async with asyncio.timeout(60), Glasses(f"tcp:{where}") as glasses:
            await program(glasses, KEY)

    with process([str(make("build/glasses-native") / "glasses-native")]) as running:
        assert running.stdout
        asyncio.run(run(running.stdout.readline().decode().split()[-1]))


DEVICES = [on_simulator, pytest.param(on_firmware, marks=needs_compiler)]


async def client(glasses: Glasses) -> smpclient.SMPClient:
    transport = Transport(glasses)
    made = smpclient.SMPClient(transport, "", timeout_s=10)
    await made.connect()
    assert transport.max_unencoded_size == 1022, "the device told its parameters"
    return made


@pytest.mark.parametrize("device", DEVICES)
def test_smpclient_uploads_tests_starts_and_confirms_an_image(
    device: Callable[[Callable[[Glasses, bytes], Awaitable[None]]], None],
) -> None:
    async def program(glasses: Glasses, key: bytes) -> None:
        file = pack(random.Random(4).randbytes(9_001), (3, 2, 1), key)
        image = unpack(file)
        smp = await client(glasses)
        offsets = [offset async for offset in smp.upload(file)]
        assert offsets == sorted(offsets) and offsets[-1] == len(file) and len(offsets) >= 9
        listed = await smp.request(ImageStatesRead())
        assert success(listed) and [(i.slot, i.version) for i in listed.images][1] == (1, "3.2.1")
        marked = await smp.request(ImageStatesWrite(hash=image.digest))
        assert success(marked) and [i.pending for i in marked.images] == [False, True]
        boot = glasses.capabilities.boot
        assert success(await smp.request(ResetWrite()))
        while glasses.capabilities.boot == boot or not glasses.is_open:
            await asyncio.sleep(0.02)  # the link comes back by itself
        started = await smp.request(ImageStatesRead())
        assert success(started)
        runs = started.images[0]
        assert (runs.version, runs.active, runs.confirmed, runs.hash) == ("3.2.1", True, False, image.digest)
        kept = await smp.request(ImageStatesWrite(confirm=True))
        assert success(kept) and kept.images[0].confirmed
        assert glasses.capabilities.firmware == 3 << 24 | 2 << 16 | 1

    device(program)


@pytest.mark.parametrize("device", DEVICES)
def test_smpclient_understands_what_is_refused(
    device: Callable[[Callable[[Glasses, bytes], Awaitable[None]]], None],
) -> None:
    async def program(glasses: Glasses, key: bytes) -> None:
        smp = await client(glasses)
        said = await smp.request(EchoWrite(d="Grüße"))
        assert success(said) and said.r == "Grüße"
        assert error(await smp.request(ImageErase(slot=1))), "not offered: the upload erases"
        assert error(await smp.request(ImageStatesWrite(hash=sha256(b"").digest())))
        with pytest.raises(SMPUploadError):
            async for _ in smp.upload(bytes(2 << 20)):
                pass

    device(program)


def test_a_packet_that_is_no_smp_is_refused_by_the_simulator() -> None:
    async def program(glasses: Glasses, key: bytes) -> None:
        await glasses.ready()
        events = glasses.events()
        glasses._push(SmpRequest(b"\x00\x01"))
        refused = (await anext(events)).message
        assert type(refused).__name__ == "Refused"

    on_simulator(program)
