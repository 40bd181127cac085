"""Bluetooth Low Energy: one service with a characteristic to write and one that notifies. `ble:NAME`. The one file of bleak.

One write without response or notification is one frame; for glasses on sale (`media_g1`, `media_frame`) one packet. The MTU
is acquired where the system can (BlueZ says 23 until asked); a bonded device is found by its address again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError, BleakError

from firmware_bridge.errors import AddressError, MediumError
from firmware_bridge.framing import MAX_MTU, MIN_MTU
from firmware_bridge.on_sale.g1 import arm_of

SERVICE: Final = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
"""the Nordic UART service, which firmware and phones have code for"""
WRITE: Final = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
NOTIFY: Final = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
OPEN_S: Final = 9.0
"""to find and connect: less than the session waits for a medium to open, so that the reason is told"""
INBOX: Final = 256
"""notifications not yet taken; more means that nobody reads"""


class Ble:
    """A connection to one device."""

    mtu = MIN_MTU

    def __init__(
        self,
        title: str,
        is_it: Callable[[str, str], bool],
        *,
        written: str = WRITE,
        notified: str = NOTIFY,
        open_s: float = OPEN_S,
    ) -> None:
        """Args:
        title: what a person calls it.
        is_it: whether it has this advertised name and address.
        written, notified: UUIDs of the two characteristics.
        open_s: in which it is found and connected, or not there.
        """
        self._title, self._is_it, self._open_s = title, is_it, open_s
        self._written, self._notified = written, notified
        self._known: BLEDevice | None = None
        self._client: BleakClient | None = None
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(INBOX)

    async def open(self) -> None:
        try:
            async with asyncio.timeout(self._open_s):
                await self._connect()
        except (
            BleakError,
            BleakDBusError,
            OSError,
            TimeoutError,
        ) as error:
            known, self._known = self._known, None
            raise MediumError(self._why_not(error, was_seen=known is not None)) from error

    async def read(self) -> bytes:
        data = await self._inbox.get()
        if data is None:
            raise MediumError(f"{self._title} disconnected")
        return data

    async def write(self, frame: bytes) -> None:
        assert self._client is not None
        try:
            await self._client.write_gatt_char(self._written, frame, response=False)
        except (BleakError, OSError) as error:
            raise MediumError(f"{self._title} broke while writing: {error}") from error

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            try:
                await client.disconnect()
            except (BleakError, OSError, EOFError):
                return  # it is gone already

    async def _connect(self) -> None:
        self._known = device = self._known or await self._find()
        self._inbox = asyncio.Queue(INBOX)
        self._client = BleakClient(device, disconnected_callback=self._gone, timeout=self._open_s)
        await self._client.connect()
        backend: Any = self._client._backend
        if hasattr(backend, "_acquire_mtu"):  # BlueZ tells the MTU only to who asks: hbldh/bleak discussion 1090
            await backend._acquire_mtu()
        self.mtu = max(MIN_MTU, min(self._client.mtu_size - 3, MAX_MTU))
        await self._client.start_notify(self._notified, self._came)

    async def _find(self) -> BLEDevice:
        found = await BleakScanner.find_device_by_filter(
            lambda device, adv: self._is_it(adv.local_name or device.name or "", device.address), timeout=self._open_s
        )
        if found is None:
            raise TimeoutError
        return found

    def _why_not(self, error: Exception, *, was_seen: bool) -> str:
        if not isinstance(error, TimeoutError):
            return _why(self._title, error)
        if was_seen:
            return f"{self._title} was seen but did not connect: bring it nearer, or end its connection to the phone"
        return f"{self._title} was not seen: switch it on, or see 'firmware-bridge scan'"

    def _came(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        if not self._inbox.full():
            self._inbox.put_nowait(bytes(data))

    def _gone(self, _: BleakClient) -> None:
        if self._inbox.full():
            self._inbox.get_nowait()
        self._inbox.put_nowait(None)


def build(address: str) -> Ble:
    """The medium of a name or an address.

    Raises:
        AddressError: there is none.
    """
    if not address:
        raise AddressError(
            "ble: needs the name or the address of the glasses: write ble:NAME, see 'firmware-bridge scan'"
        )
    return Ble(f"ble:{address}", lambda name, at: address in (name, at))


async def scan(seconds: float) -> list[tuple[str, str]]:
    """URI and what is known of each device that is near.

    Raises:
        MediumError: there is no Bluetooth.
    """
    try:
        found = await BleakScanner.discover(timeout=seconds, return_adv=True)
    except (BleakError, BleakDBusError, OSError) as error:
        raise MediumError(_why("", error)) from error
    return [
        (uri_of(adv.local_name or device.name or "", device.address), f"{device.name or '?'} at {adv.rssi} dBm")
        for device, adv in found.values()
    ]


def uri_of(name: str, address: str) -> str:
    """How a device that advertises itself so is reached."""
    if (arm := arm_of(name)) is not None:
        return f"g1:{arm[0]}"
    return f"frame:{name.removeprefix('Frame ')}" if name.startswith("Frame ") else f"ble:{address}"


def _why(title: str, error: Exception) -> str:
    text = str(error)
    if (
        isinstance(error, FileNotFoundError)
        or "org.bluez" in text
        or "No Bluetooth adapters" in text
        or "BlueZ" in text
    ):
        return "there is no Bluetooth adapter, or its service is off: type  systemctl status bluetooth"
    return f"{title} could not be connected: {text or type(error).__name__}"
