"""A serial port: USB or UART. `serial:/dev/ttyACM0`, `serial:COM3?baud=115200`. The one file of serialx."""

from __future__ import annotations

import errno
import getpass
from typing import Final

import serialx

from firmware_bridge.errors import AddressError, MediumError
from firmware_bridge.reader_thread import PortMedium

BAUD: Final = 921_600
READ_S: Final = 0.2
WRITE_S: Final = 2.0
READ_BYTES: Final = 4096


class _Port:
    def __init__(self, device: str, baud: int) -> None:
        self._serial = serialx.serial_for_url(device, baud, read_timeout=READ_S, write_timeout=WRITE_S)
        self._serial.open()

    def read(self) -> bytes:
        return self._serial.read(READ_BYTES) or b""

    def write(self, data: bytes) -> None:
        while data:
            data = data[self._serial.write(data) :]

    def close(self) -> None:
        self._serial.close()


def build(address: str) -> PortMedium:
    """The medium of `DEVICE` or `DEVICE?baud=N`.

    Raises:
        AddressError: the address has no device, or another option.
    """
    device, _, option = address.partition("?")
    name, _, value = option.partition("=")
    if not device or (option and (name != "baud" or not value.isdigit())):
        raise AddressError(f"serial:{address} is no port: write serial:/dev/ttyACM0 or serial:/dev/ttyUSB0?baud=115200")

    def opened() -> _Port:
        try:
            return _Port(device, int(value) if option else BAUD)
        except (serialx.SerialException, OSError, ValueError) as error:
            raise MediumError(_why(device, error)) from error

    return PortMedium(f"serial:{device}", opened)


def scan() -> list[tuple[str, str]]:
    """URI and description of each port of this machine."""
    found = sorted(serialx.list_serial_ports(), key=lambda port: port.device)
    return [
        (f"serial:{port.device}", " ".join(filter(None, (port.manufacturer, port.product))) or "?") for port in found
    ]


def _why(device: str, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EACCES, errno.EPERM):
        return (f"serial:{device} may not be opened by {getpass.getuser()}: type  sudo usermod -aG dialout $USER  "
                "and log in again")  # fmt: skip
    if number in (errno.EBUSY, errno.EAGAIN):
        return f"serial:{device} is in use: close the program that has it (type  fuser {device}  to see which)"
    if number == errno.ENOENT:
        return f"serial:{device} is not there: plug the glasses in, or see 'firmware-bridge scan'"
    return f"serial:{device} could not be opened: {error}"
