"""The simulated glasses' body: worn or not, its battery and its warmth as they are told, and what they forbid. Pure."""

from __future__ import annotations

import math

from firmware_bridge import levels
from firmware_bridge.layout import Message
from firmware_bridge.messages import Battery, Cause, ChargeFlag, Heat, Thermal, Worn
from firmware_bridge.sim.power import Energy, Load, Power


class Body:
    """Outlives every restart of the firmware."""

    def __init__(self, energy: Energy, now_ns: int) -> None:
        self.worn = Worn.DONNED
        self.power = Power(energy, now_ns)
        self._told = (self.battery, self.thermal)

    @property
    def battery(self) -> Battery:
        """As it is told. A percent counts until it is used up; 255: these glasses have no battery that is known."""
        power = self.power
        if not power.energy.battery_mah:
            return Battery()
        percent = math.ceil(power.charge_mah / power.energy.battery_mah * 100 - 1e-9)
        charging = (ChargeFlag.FULL if power.is_full else ChargeFlag.CHARGING) if power.is_plugged else 0
        millivolts = round(power.energy.battery_volts * 1000)
        return Battery(percent, levels.charge_flags(percent) | charging, millivolts, round(power.current_ma))

    @property
    def thermal(self) -> Thermal:
        """As it is told."""
        centi_c = round(self.power.celsius * 100)
        return Thermal(centi_c, levels.heat(centi_c))

    def forbids_camera(self) -> Cause:
        """Why no picture may be taken now; OK: it may."""
        if self.thermal.level == Heat.CRITICAL:
            return Cause.HOT
        if self.battery.flags & ChargeFlag.CRITICAL:
            return Cause.BATTERY_LOW
        return Cause.NOT_WORN if self.worn is Worn.FOLDED else Cause.OK

    def tick(self, load: Load, now_ns: int) -> list[Message]:
        """Lets time pass; returns what is to be told: a change of a percent or a flag, of a degree or the level."""
        self.power.step(load, now_ns)
        told_battery, told_thermal = self._told
        battery, thermal = self.battery, self.thermal
        news: list[Message] = []
        if (battery.percent, battery.flags) != (told_battery.percent, told_battery.flags):
            news.append(battery)
            told_battery = battery
        if abs(thermal.centi_c - told_thermal.centi_c) >= 100 or thermal.level != told_thermal.level:
            news.append(thermal)
            told_thermal = thermal
        self._told = told_battery, told_thermal
        return news
