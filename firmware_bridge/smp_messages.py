"""MCUmgr's messages for an update, as bytes: the one file of the `smp` package, for the client and for the simulator.

https://docs.zephyrproject.org/latest/services/device_mgmt/smp_protocol.html
"""

from __future__ import annotations

from typing import Any, Final

import cbor2
from pydantic import ValidationError
from smp import header as smp_header
from smp import image_management as images
from smp import os_management as system
from smp.exceptions import SMPException

from firmware_bridge.errors import UpdateError

UPLOAD_OVERHEAD_BYTES: Final = 40
"""header, keys and lengths of an upload that is not the first"""
FIRST_OVERHEAD_BYTES: Final = 96
"""and of the first one, with its length and SHA-256"""
NO_FREE_SLOT: Final = 9
GROUP_IMAGE: Final = 1
GROUP_OS: Final = 0


def upload(offset: int, data: bytes, sequence: int, length: int | None = None, sha: bytes | None = None) -> bytes:
    """A part of an image; the first one with its length and SHA-256."""
    return bytes(images.ImageUploadWriteRequest(off=offset, data=data, len=length, sha=sha, sequence=sequence))


def read_states(sequence: int) -> bytes:
    """Asks what is in the slots."""
    return bytes(images.ImageStatesReadRequest(sequence=sequence))


def write_state(digest: bytes | None, sequence: int, *, confirm: bool) -> bytes:
    """Marks an image for a test, or confirms the one that runs."""
    return bytes(images.ImageStatesWriteRequest(hash=digest, confirm=confirm, sequence=sequence))


def reset(sequence: int) -> bytes:
    """Asks for a start anew."""
    return bytes(system.ResetWriteRequest(sequence=sequence))


def answer(raw: bytes) -> dict[str, Any]:
    """The fields of an answer.

    Raises:
        UpdateError: it cannot be read, or says that something went wrong.
    """
    try:
        found = cbor2.loads(raw[smp_header.Header.SIZE :])
    except (cbor2.CBORDecodeError, ValueError) as error:
        raise UpdateError(f"the glasses answer what cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise UpdateError("the glasses answer what cannot be read")
    problem = found.get("err", {}).get("rc", 0) or found.get("rc", 0)
    if problem:
        names = {int(e): e.name.lower().replace("_", " ") for e in images.IMG_MGMT_ERR}
        raise UpdateError(f"the glasses do not take the image: {names.get(problem, f'error {problem}')}")
    return found


def request(raw: bytes) -> tuple[str, dict[str, Any], smp_header.Header] | None:
    """A device's view: what is asked (echo, parameters, upload, states, state, reset; empty: another thing), its fields
    and its header; None: it is no request.
    """
    if len(raw) < smp_header.Header.SIZE:
        return None
    try:
        header = smp_header.Header.loads(raw[: smp_header.Header.SIZE])
        fields = cbor2.loads(raw[smp_header.Header.SIZE :])
    except (SMPException, ValidationError, ValueError, cbor2.CBORDecodeError):
        return None
    commands = {(GROUP_IMAGE, 1, 2): "upload", (GROUP_IMAGE, 0, 0): "states", (GROUP_IMAGE, 0, 2): "state",
                (GROUP_OS, 5, 2): "reset", (GROUP_OS, 0, 2): "echo", (GROUP_OS, 6, 0): "parameters"}  # fmt: skip
    name = commands.get((int(header.group_id), int(header.command_id), int(header.op)), "")
    return (name, fields, header) if isinstance(fields, dict) else None


def reply(header: smp_header.Header, fields: dict[str, Any]) -> bytes:
    """A device's answer to the request with this header."""
    data = cbor2.dumps(fields)
    head = smp_header.Header(
        op=smp_header.OP(header.op + 1), version=header.version, flags=header.flags, length=len(data),
        group_id=header.group_id, sequence=header.sequence, command_id=header.command_id,
    )  # fmt: skip
    return bytes(head) + data


def problem(group: int, number: int) -> dict[str, Any]:
    """An answer that says what went wrong."""
    return {"err": {"group": group, "rc": number}}
