"""Two slots for firmware with test, confirm and rollback, behind MCUmgr's commands. Pure."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from firmware_bridge import smp_messages as smp
from firmware_bridge.channels import MAX_TO_DEVICE_BYTES
from firmware_bridge.image import DEVELOPMENT_KEY, is_valid, pack, unpack

SLOT_BYTES: Final = 1 << 20
_INVALID: Final = 3
"""MCUmgr's MGMT_ERR_EINVAL"""
_NOT_SUPPORTED: Final = 8
"""MGMT_ERR_ENOTSUP"""
PACKET_BYTES: Final = MAX_TO_DEVICE_BYTES - 2
"""of the longest SMP packet in a message, as in the firmware"""
PACKETS: Final = 4
"""that may be under way"""


class Slots:
    """Keeps what it was given through every start."""

    def __init__(self, key: bytes = DEVELOPMENT_KEY) -> None:
        self._key = key
        self.running = pack(b"simulated firmware", (1, 0, 0), key)
        self.other = b""
        """the second slot: an image, or the beginning of one"""
        self._expected: tuple[int, bytes] | None = None
        """length and SHA-256 of the upload"""
        self._tested = False
        """the other image is to run once"""
        self.confirmed = True

    def boot(self) -> None:
        """What the boot loader does: an image on test runs once; not confirmed, the old one runs again."""
        if self._tested or not self.confirmed:
            self.confirmed = not self._tested
            self._tested = False
            self.running, self.other = self.other, self.running
            self._expected = None

    def answer(self, raw: bytes) -> tuple[bytes, bool] | None:
        """The answer to an SMP packet, and whether to start anew; None: it is no request."""
        found = smp.request(raw)
        if found is None:
            return None
        name, fields, header = found
        if name == "reset":
            return smp.reply(header, {}), True
        return smp.reply(header, self._answer(name, fields)), False

    def _answer(self, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        match name:
            case "upload":
                return self._upload(fields)
            case "state":
                return self._mark(fields)
            case "states":
                return self._states()
            case "parameters":
                return {"buf_size": PACKET_BYTES, "buf_count": PACKETS}
            case "echo":
                return {"r": fields.get("d", "")}
        return {"rc": _NOT_SUPPORTED}

    def _upload(self, fields: dict[str, Any]) -> dict[str, Any]:
        off, data = fields.get("off"), fields.get("data")
        if not isinstance(off, int) or not isinstance(data, bytes):
            return smp.problem(smp.GROUP_IMAGE, _INVALID)
        if off == 0:
            length, sha = fields.get("len"), fields.get("sha")
            if not isinstance(length, int) or not 0 < length <= SLOT_BYTES or not isinstance(sha, bytes):
                return smp.problem(smp.GROUP_IMAGE, _INVALID)
            if not self.confirmed:
                return smp.problem(smp.GROUP_IMAGE, smp.NO_FREE_SLOT)
            if self._expected != (length, sha):
                self._expected, self.other, self._tested = (length, sha), b"", False
        if self._expected is None:
            return smp.problem(smp.GROUP_IMAGE, _INVALID)
        length, sha = self._expected
        if off == len(self.other) and off + len(data) <= length:
            self.other += data
        if len(self.other) == length and hashlib.sha256(self.other).digest() != sha:
            self.other, self._expected = b"", None
            return smp.problem(smp.GROUP_IMAGE, _INVALID)
        return {"off": len(self.other)}

    def _mark(self, fields: dict[str, Any]) -> dict[str, Any]:
        if fields.get("confirm"):
            self.confirmed = True
        elif is_valid(self.other, self._key) and unpack(self.other).digest == fields.get("hash"):
            self._tested = True
        else:
            return smp.problem(smp.GROUP_IMAGE, _INVALID)
        return self._states()

    def _states(self) -> dict[str, Any]:
        rows = []
        for number, file in enumerate((self.running, self.other)):
            if is_valid(file, self._key):
                image = unpack(file)
                mine = number == 0
                rows.append({
                    "slot": number, "version": image.version_text, "hash": image.digest, "bootable": True,
                    "pending": self._tested and not mine, "confirmed": self.confirmed and mine, "active": mine,
                })  # fmt: skip
        return {"images": rows}
