"""A firmware image: header, body, tag. The tag is one function, where a product puts its signature scheme. Pure."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from typing import Final

from firmware_bridge.errors import UpdateError

MAGIC: Final = 0x31495047
"""GPI1"""
HEADER: Final = struct.Struct("<IHHIBBH16x")
TAG_BYTES: Final = 32
DEVELOPMENT_KEY: Final = b"glasspath development key 000000"
"""of the reference boards and the simulator; a product has its own, which is in no repository"""


@dataclass(frozen=True, slots=True)
class Image:
    """What is known of an image from its header."""

    version: tuple[int, int, int]
    body: bytes
    digest: bytes
    """SHA-256 of header and body: MCUmgr's name for what is in a slot"""

    @property
    def version_text(self) -> str:
        """As people and MCUmgr write it."""
        return ".".join(map(str, self.version))


def tag(signed: bytes, key: bytes) -> bytes:
    """HMAC-SHA-256 of header and body: the one place of the scheme."""
    return hmac.new(key, signed, hashlib.sha256).digest()


def pack(body: bytes, version: tuple[int, int, int], key: bytes) -> bytes:
    """The file of an image."""
    signed = HEADER.pack(MAGIC, HEADER.size, 0, len(body), *version) + body
    return signed + tag(signed, key)


def unpack(file: bytes) -> Image:
    """What a file is, without its tag being checked: only the device has to have the key.

    Raises:
        UpdateError: it is no image.
    """
    if len(file) < HEADER.size + TAG_BYTES:
        raise UpdateError(f"this is no firmware image: it has {len(file)} bytes")
    magic, header_bytes, _, body_bytes, *version = HEADER.unpack_from(file)
    if magic != MAGIC or header_bytes != HEADER.size or len(file) != HEADER.size + body_bytes + TAG_BYTES:
        raise UpdateError("this is no firmware image, or it was cut off: its header does not fit its length")
    signed = file[:-TAG_BYTES]
    return Image((version[0], version[1], version[2]), signed[HEADER.size :], hashlib.sha256(signed).digest())


def is_valid(file: bytes, key: bytes) -> bool:
    """Whether a file is an image with a right tag."""
    try:
        unpack(file)
    except UpdateError:
        return False
    return hmac.compare_digest(tag(file[:-TAG_BYTES], key), file[-TAG_BYTES:])
