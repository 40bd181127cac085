"""The simulated glasses' battery and warmth: what each part draws, one thermal resistance, one time constant. Pure.

charge       falls by the current, which is power through nominal voltage. On the cable the load is fed from there, and the
             charge rises by the charger's current. Sag, ageing, and the slow end of charging are left out.
temperature  C · dT/dt = P − (T − ambient) / R with R · C = tau, solved for a constant P: T goes to ambient + P · R with
             e^(−t / tau). The charger's own warmth is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

SMOOTH_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Energy:
    """Figures of a pair of glasses; 0: it has none of it, or it is not known."""

    battery_mah: float = 0
    battery_volts: float = 3.7
    """nominal"""
    battery_charge_ma: float = 0
    power_base_mw: float = 0
    """whatever is on, without a connection"""
    power_radio_mw: float = 0
    """more with a connection"""
    power_byte_uj: float = 0
    """microjoules to send a byte"""
    power_display_mw: float = 0
    """wholly lit at full brightness"""
    power_camera_mw: float = 0
    """while it is on"""
    power_frame_mj: float = 0
    """millijoules to read, compress and keep a picture"""
    power_microphone_mw: float = 0
    heat_k_per_w: float = 0
    """warmer than the air around, per watt, in the end"""
    heat_tau_s: float = 300
    """after this time 63 % of the way is gone"""
    heat_ambient_c: float = 25


@dataclass(frozen=True, slots=True)
class Load:
    """What is on, and what was done since the last step."""

    is_on: bool = True
    is_connected: bool = False
    lit: float = 0.0
    """share of the display's full light, 0…1"""
    is_camera_on: bool = False
    is_microphone_on: bool = False
    pictures: int = 0
    sent_bytes: int = 0


class Power:
    """Charge (mAh) and temperature (°C), moved on by `step`; both may be set by hand."""

    def __init__(self, energy: Energy, now_ns: int, percent: float = 80.0) -> None:
        self.energy = energy
        self.charge_mah = energy.battery_mah * percent / 100
        self.celsius = energy.heat_ambient_c
        self.is_plugged = False
        self.draw_mw: float | None = None
        """what is drawn, smoothed over a second, for a picture takes its energy at once; None: nothing was counted yet"""
        self._at_ns = now_ns
        self._spent_mj = 0.0
        """by what was done and is not counted yet"""

    @property
    def is_full(self) -> bool:
        """No more goes in."""
        return self.charge_mah >= self.energy.battery_mah

    @property
    def is_empty(self) -> bool:
        """No charge, and no cable."""
        return bool(self.energy.battery_mah) and self.charge_mah <= 0 and not self.is_plugged

    @property
    def current_ma(self) -> float:
        """Into the battery; negative: out of it."""
        return self._current_ma(self.draw_mw or 0.0)

    def step(self, load: Load, now_ns: int) -> None:
        """Lets the time until now pass under this load."""
        e = self.energy
        self._spent_mj += load.pictures * e.power_frame_mj + load.sent_bytes * e.power_byte_uj / 1000
        passed_s = (now_ns - self._at_ns) / 1e9
        if passed_s <= 0:
            return
        self._at_ns = now_ns
        now_mw = self._spent_mj / passed_s + (_steady_mw(e, load) if load.is_on else 0.0)
        self._spent_mj = 0.0
        was_mw = now_mw if self.draw_mw is None else self.draw_mw
        self.draw_mw = now_mw + (was_mw - now_mw) * math.exp(-passed_s / SMOOTH_S)
        self.charge_mah += self._current_ma(now_mw) * passed_s / 3600
        self.charge_mah = min(max(self.charge_mah, 0.0), e.battery_mah)
        end_c = e.heat_ambient_c + now_mw / 1000 * e.heat_k_per_w
        self.celsius = end_c + (self.celsius - end_c) * math.exp(-passed_s / e.heat_tau_s)

    def _current_ma(self, draw_mw: float) -> float:
        if self.is_plugged:
            return 0.0 if self.is_full else self.energy.battery_charge_ma
        return -draw_mw / self.energy.battery_volts


def _steady_mw(e: Energy, load: Load) -> float:
    return (
        e.power_base_mw
        + e.power_radio_mw * load.is_connected
        + e.power_display_mw * load.lit
        + e.power_camera_mw * load.is_camera_on
        + e.power_microphone_mw * load.is_microphone_on
    )
