"""G1 and Frame as Bluetooth peripherals in this process, and the links to them: Bumble's host stack over its virtual radio.

BlueZ needs a kernel with virtual controllers, which most test machines lack. Here advertising, connecting, the MTU exchange,
GATT discovery, writes without response and notifications are those of a real stack; only bleak itself is not met.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bumble import core, device, hci
from bumble.controller import Controller
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.link import LocalLink

from firmware_bridge.errors import MediumError


def _device(link: LocalLink, name: str, number: int) -> device.Device:
    address = hci.Address(f"F0:F1:F2:F3:F4:{number:02X}")
    controller = Controller(name, link=link, public_address=address)
    made = device.Device(name=name, address=address, host=Host(controller, controller))
    made.config.le_enabled = True
    return made


class Peripheral:
    """Advertises a name, and has one service with a characteristic to write and one that notifies."""

    def __init__(
        self,
        air: LocalLink,
        name: str,
        number: int,
        uuids: tuple[str, str, str],
        answer: Callable[[bytes], list[bytes]],
    ) -> None:
        service, written, notified = uuids
        self.name, self.address = name, f"F0:F1:F2:F3:F4:{number:02X}"
        self._device, self._answer = _device(air, name, number), answer
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._told: asyncio.Task[None] | None = None
        self._notify = Characteristic[bytes](notified, Characteristic.Properties.NOTIFY, Characteristic.READABLE, b"")
        write = Characteristic[bytes](
            written, Characteristic.Properties.WRITE_WITHOUT_RESPONSE, Characteristic.WRITEABLE,
            CharacteristicValue[bytes](write=self._written),
        )  # fmt: skip
        self._device.add_service(Service(service, [write, self._notify]))

    async def start(self) -> None:
        await self._device.power_on()
        data = bytes(core.AdvertisingData([(core.AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode())]))
        await self._device.start_advertising(
            advertising_data=data, auto_restart=True, advertising_interval_min=20, advertising_interval_max=20
        )
        self._told = asyncio.create_task(self._tell())

    async def stop(self) -> None:
        assert self._told is not None
        self._told.cancel()
        await asyncio.wait((self._told,))

    async def drop(self) -> None:
        """Leaves whoever is connected, as glasses do that go out of range."""
        for connection in list(self._device.connections.values()):
            await connection.disconnect()

    def notify(self, *packets: bytes) -> None:
        for packet in packets:
            self._waiting.put_nowait(packet)

    def _written(self, connection: device.Connection, data: bytes) -> None:
        self.notify(*self._answer(data))

    async def _tell(self) -> None:
        while True:
            await self._device.notify_subscribers(self._notify, await self._waiting.get())


class Central:
    """The computer's adapter."""

    def __init__(self, air: LocalLink) -> None:
        self.device = _device(air, "computer", 1)

    async def start(self) -> None:
        await self.device.power_on()


class Link:
    """What `media_ble.Ble` is with bleak: one connection to the peripheral with a name."""

    mtu = 20

    def __init__(self, central: Central, name: str, uuids: tuple[str, str, str], mtu: int = 247) -> None:
        self._central, self._name, self._uuids, self._wanted_mtu = central, name, uuids, mtu
        self._connection: device.Connection | None = None
        self._came: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def open(self) -> None:
        service, written, notified = self._uuids
        self._came = came = asyncio.Queue()
        try:
            async with asyncio.timeout(5):
                found = await self._central.device.find_peer_by_name(self._name)
                self._connection = await self._central.device.connect(found)
                peer = device.Peer(self._connection)
                self.mtu = await peer.request_mtu(self._wanted_mtu) - 3
                await peer.discover_service(core.UUID(service))
                await peer.discover_characteristics()
                (self._written,) = peer.get_characteristics_by_uuid(core.UUID(written))
                (notifies,) = peer.get_characteristics_by_uuid(core.UUID(notified))
                await peer.subscribe(notifies, lambda data: came.put_nowait(bytes(data)))
                self._connection.on("disconnection", lambda _: came.put_nowait(None))
        except (TimeoutError, core.BaseBumbleError) as error:
            raise MediumError(f"{self._name} could not be connected: {error or type(error).__name__}") from error

    async def read(self) -> bytes:
        data = await self._came.get()
        if data is None:
            raise MediumError(f"{self._name} disconnected")
        return data

    async def write(self, packet: bytes) -> None:
        try:
            await self._written.write_value(packet, with_response=False)
        except core.BaseBumbleError as error:
            raise MediumError(f"{self._name} broke while writing: {error}") from error

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.handle in self._central.device.connections:
            await connection.disconnect()
