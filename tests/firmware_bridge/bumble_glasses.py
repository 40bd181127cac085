"""G1 and Frame as Bluetooth peripherals in this process, and an adapter: Bumble's host stack over its virtual radio.

BlueZ needs a kernel with virtual controllers, which most test machines lack. Here advertising, scanning, connecting, the MTU
exchange, GATT discovery, writes without response and notifications are those of a real stack, behind the few calls of
bleak that `media_ble` makes; bleak's own way to BlueZ is not met.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from bumble import core, device, hci
from bumble.controller import Controller
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.gatt_client import CharacteristicProxy
from bumble.host import Host
from bumble.link import LocalLink


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


class Adapter:
    """The computer's radio, with as much of bleak's scanner and client as `media_ble` calls."""

    def __init__(self, air: LocalLink, mtu: int) -> None:
        """`mtu`: of each connection that it makes."""
        self.device, self.mtu = _device(air, "computer", 1), mtu

    async def start(self) -> None:
        await self.device.power_on()

    async def find_device_by_filter(
        self, fits: Callable[[BLEDevice, AdvertisementData], bool], timeout: float
    ) -> BLEDevice | None:
        """bleak's BleakScanner.find_device_by_filter."""
        found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()

        def seen(advertisement: device.Advertisement) -> None:
            name = advertisement.data.get(core.AdvertisingData.Type.COMPLETE_LOCAL_NAME)
            if not isinstance(name, str) or found.done():
                return
            one = BLEDevice(str(advertisement.address), name, advertisement.address)
            if fits(one, AdvertisementData(name, {}, {}, [], None, -50, ())):
                found.set_result(one)

        self.device.on("advertisement", seen)
        await self.device.start_scanning(filter_duplicates=False)
        try:
            async with asyncio.timeout(timeout):
                return await found
        except TimeoutError:
            return None
        finally:
            self.device.remove_listener("advertisement", seen)
            await self.device.stop_scanning()

    def client(self, one: BLEDevice, disconnected_callback: Callable[[Client], None], timeout: float) -> Client:
        """bleak's BleakClient."""
        return Client(self, one, disconnected_callback, timeout)


class Client:
    """One connection, with bleak's errors."""

    _backend = None

    def __init__(self, adapter: Adapter, one: BLEDevice, gone: Callable[[Client], None], timeout_s: float) -> None:
        self._adapter, self._one, self._gone, self._timeout_s = adapter, one, gone, timeout_s
        self._connection: device.Connection | None = None
        self.mtu_size = 23

    async def connect(self) -> None:
        async with asyncio.timeout(self._timeout_s):
            self._connection = await self._adapter.device.connect(self._one.details)
            self._connection.on("disconnection", lambda _: self._gone(self))
            self._peer = device.Peer(self._connection)
            self.mtu_size = await self._peer.request_mtu(self._adapter.mtu)
            await self._peer.discover_services()
            await self._peer.discover_characteristics()

    async def start_notify(self, uuid: str, came: Callable[[object, bytearray], None]) -> None:
        await self._peer.subscribe(self._found(uuid), lambda data: came(None, bytearray(data)))

    async def write_gatt_char(self, uuid: str, data: bytes, response: bool) -> None:
        await self._found(uuid).write_value(data, with_response=response)

    async def disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and connection.handle in self._adapter.device.connections:
            await connection.disconnect()

    def _found(self, uuid: str) -> CharacteristicProxy[bytes]:
        found = self._peer.get_characteristics_by_uuid(core.UUID(uuid))
        if not found or self._connection is None:
            raise BleakError(f"no characteristic {uuid}")
        return found[0]
