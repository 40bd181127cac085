"""Even Realities G1, both arms. `g1:45` for the pair that advertises itself as G1_45_L_… and G1_45_R_…."""

from __future__ import annotations

from typing import Final

from firmware_bridge.errors import AddressError
from firmware_bridge.media_ble import OPEN_S as OPEN_BOTH_S
from firmware_bridge.media_ble import Ble
from firmware_bridge.on_sale.g1 import G1, LEFT, NOTIFIED, RIGHT, WRITTEN, arm_of
from firmware_bridge.on_sale.medium import OnSale

OPEN_S: Final = OPEN_BOTH_S / 2
"""for each arm: one comes after the other"""


def build(address: str) -> OnSale:
    """The medium of a pair: its number, or the whole name of one of its arms.

    Raises:
        AddressError: it is neither.
    """
    arm = arm_of(address)
    pair = arm[0] if arm is not None else address.removeprefix("G1_")
    if not pair or not pair.isalnum():
        raise AddressError(
            f"g1:{address} is no pair of glasses: write g1:45 for G1_45_L_… and G1_45_R_…, see 'firmware-bridge scan'"
        )

    def link(side: str) -> Ble:
        return Ble(
            f"the {side} arm of g1:{pair}", lambda name, _: arm_of(name) == (pair, side), written=WRITTEN,
            notified=NOTIFIED, open_s=OPEN_S,
        )  # fmt: skip

    return OnSale(f"g1:{pair}", G1(pair), {side: link(side) for side in (LEFT, RIGHT)})
