"""The simulated glasses' body: worn or not, its battery and its warmth, and what they forbid. Pure."""

from __future__ import annotations

from firmware_bridge import levels
from firmware_bridge.messages import Battery, Cause, ChargeFlag, Heat, Thermal, Worn


class Body:
    """Outlives every restart of the firmware."""

    def __init__(self) -> None:
        self.worn = Worn.DONNED
        self.percent, self.celsius = 80, 25.0

    @property
    def battery(self) -> Battery:
        """As it is told."""
        return Battery(self.percent, levels.charge_flags(self.percent))

    @property
    def thermal(self) -> Thermal:
        """As it is told."""
        centi_c = round(self.celsius * 100)
        return Thermal(centi_c, levels.heat(centi_c))

    def forbids_camera(self) -> Cause:
        """Why no picture may be taken now; OK: it may."""
        if self.thermal.level == Heat.CRITICAL:
            return Cause.HOT
        if self.battery.flags & ChargeFlag.CRITICAL:
            return Cause.BATTERY_LOW
        return Cause.NOT_WORN if self.worn is Worn.FOLDED else Cause.OK
