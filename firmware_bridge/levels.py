"""When glasses are warm, hot or nearly empty: one place, printed into the C header for the firmware. Pure."""

from __future__ import annotations

from typing import Final

from firmware_bridge.messages import ChargeFlag, Heat

WARM_CENTI_C: Final = 3800
"""hundredths of a degree Celsius from which on `Thermal.level` is WARM"""
HOT_CENTI_C: Final = 4300
CRITICAL_CENTI_C: Final = 4800
"""from here on the camera stops"""
LOW_PERCENT: Final = 15
"""at this charge and below it `Battery.flags` has LOW"""
CRITICAL_PERCENT: Final = 3
"""at this charge and below it the camera stops"""


def heat(centi_c: int) -> Heat:
    """The level of a temperature in hundredths of a degree Celsius."""
    return Heat((centi_c >= WARM_CENTI_C) + (centi_c >= HOT_CENTI_C) + (centi_c >= CRITICAL_CENTI_C))


def charge_flags(percent: int) -> int:
    """Bits of ChargeFlag that follow from a charge."""
    low = ChargeFlag.LOW if percent <= LOW_PERCENT else 0
    return low | (ChargeFlag.CRITICAL if percent <= CRITICAL_PERCENT else 0)
