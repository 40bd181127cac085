"""Bluetooth Low Energy: one service with a characteristic to write and one that notifies. `ble:NAME`. The one file of bleak.

One write without response or notification is one frame. The MTU is acquired where the system can (BlueZ says 23 until
asked); a bonded device is found by its address again.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError, BleakError

from firmware_bridge.errors import AddressError, MediumError
from firmware_bridge.framing import MAX_MTU, MIN_MTU

SERVICE: Final = "6e400001-b5a3-f393-e0a9-e50e24dcca9e"
"""the Nordic UART service, which firmware and phones have code for"""
WRITE: Final = "6e400002-b5a3-f393-e0a9-e50e24dcca9e"
NOTIFY: Final = "6e400003-b5a3-f393-e0a9-e50e24dcca9e"
SCAN_S: Final = 8.0
INBOX: Final = 256
"""notifications not yet taken; more means that nobody reads"""


class Ble:
    """A connection to the device with a name or an address."""

    mtu = MIN_MTU

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: BLEDevice | None = None
        self._client: BleakClient | None = None
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(INBOX)

    async def open(self) -> None:
        try:
            device = self._known or await self._find()
            self._inbox = asyncio.Queue(INBOX)
            self._client = BleakClient(device, disconnected_callback=self._gone)
            await self._client.connect()
            self._known = device
            backend: Any = self._client._backend
            if hasattr(backend, "_acquire_mtu"):  # BlueZ tells the MTU only to who asks: hbldh/bleak discussion 1090
                await backend._acquire_mtu()
            self.mtu = max(MIN_MTU, min(self._client.mtu_size - 3, MAX_MTU))
            await self._client.start_notify(NOTIFY, self._came)
        except (BleakError, BleakDBusError, OSError, TimeoutError) as error:
            self._known = None
            raise MediumError(_why(self._name, error)) from error

    async def read(self) -> bytes:
        data = await self._inbox.get()
        if data is None:
            raise MediumError(f"ble:{self._name} disconnected")
        return data

    async def write(self, frame: bytes) -> None:
        assert self._client is not None
        try:
            await self._client.write_gatt_char(WRITE, frame, response=False)
        except (BleakError, OSError) as error:
            raise MediumError(f"ble:{self._name} broke while writing: {error}") from error

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            try:
                await client.disconnect()
            except (BleakError, OSError, EOFError):
                return  # it is gone already

    async def _find(self) -> BLEDevice:
        found = await BleakScanner.find_device_by_filter(
            lambda device, _: self._name in (device.name, device.address), timeout=SCAN_S
        )
        if found is None:
            raise MediumError(f"ble:{self._name} was not seen: switch it on, or see 'firmware-bridge scan'")
        return found

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
    return Ble(address)


async def scan(seconds: float) -> list[tuple[str, str]]:
    """URI and what is known of each device that is near.

    Raises:
        MediumError: there is no Bluetooth.
    """
    try:
        found = await BleakScanner.discover(timeout=seconds, return_adv=True)
    except (BleakError, BleakDBusError, OSError) as error:
        raise MediumError(_why("", error)) from error
    return [(f"ble:{device.address}", f"{device.name or '?'} at {adv.rssi} dBm") for device, adv in found.values()]


def _why(name: str, error: Exception) -> str:
    text = str(error)
    if (
        isinstance(error, FileNotFoundError)
        or "org.bluez" in text
        or "No Bluetooth adapters" in text
        or "BlueZ" in text
    ):
        return "there is no Bluetooth adapter, or its service is off: type  systemctl status bluetooth"
    return f"ble:{name} could not be connected: {text or type(error).__name__}"
