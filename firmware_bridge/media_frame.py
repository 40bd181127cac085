"""Brilliant Labs Frame. `frame:4F` for the one that advertises itself as Frame 4F; `frame:4F?light=none` allows photos.

The Frame has no recording light. Without the option its pictures are refused; with it they are taken, and nobody sees it.
"""

from __future__ import annotations

from firmware_bridge.errors import AddressError
from firmware_bridge.media_ble import Ble
from firmware_bridge.on_sale.frame import LINK, NOTIFIED, WRITTEN, Frame
from firmware_bridge.on_sale.medium import OnSale


def build(address: str) -> OnSale:
    """The medium of a Frame: the two digits that it shows, its whole name, or its address.

    Raises:
        AddressError: it is none of them, or has another option.
    """
    name, _, option = address.partition("?")
    digits = name.removeprefix("Frame ")
    if not digits or option not in ("", "light=none"):
        raise AddressError(
            f"frame:{address} is no Frame: write frame:4F for Frame 4F, see 'firmware-bridge scan'; or frame:4F?light=none "
            "to take pictures without a recording light"
        )
    uri = f"frame:{digits}"
    link = Ble(uri, lambda seen, at: seen == f"Frame {digits}" or digits == at, written=WRITTEN, notified=NOTIFIED)
    return OnSale(uri, Frame(digits), {LINK: link}, needs_light=not option)
