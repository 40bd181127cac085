"""The simulator's battery and warmth: figures computed by hand, and what they do to the glasses."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firmware_bridge import levels
from firmware_bridge.channels import Limits
from firmware_bridge.errors import AddressError
from firmware_bridge.layout import Message
from firmware_bridge.messages import (
    Battery,
    CameraControl,
    CameraFrame,
    CameraMode,
    CameraState,
    Cause,
    ChargeFlag,
    Heat,
)
from firmware_bridge.messages import Thermal as Warmth
from firmware_bridge.session import Session
from firmware_bridge.sim import profile
from firmware_bridge.sim.device import SimGlasses
from firmware_bridge.sim.pictures import Camera
from firmware_bridge.sim.power import Energy, Load, Power
from firmware_bridge.sim.script import Step
from firmware_bridge.sim.sound import Ear
from firmware_bridge.status import State

MS = 1_000_000
S = 1000 * MS
HOUR = 3600 * S
E100 = Energy(battery_mah=100, battery_volts=4.0, battery_charge_ma=50, power_base_mw=20, power_radio_mw=4,
              power_byte_uj=2, power_display_mw=40, power_camera_mw=100, power_frame_mj=3, power_microphone_mw=6,
              heat_k_per_w=100, heat_tau_s=60)  # fmt: skip


@pytest.mark.parametrize(("load", "ma"), [
    (Load(), 5.0),  # 20 mW at 4 V
    (Load(is_connected=True), 6.0), (Load(lit=0.1), 6.0), (Load(is_camera_on=True), 30.0),
    (Load(is_microphone_on=True), 6.5), (Load(is_on=False), 0.0),
    (Load(pictures=36_000), 12.5),  # ten a second for an hour: 30 mW
    (Load(sent_bytes=36_000_000), 10.0),  # 10 kB a second: 20 mW
])  # fmt: skip
def test_an_hour_takes_as_much_charge_as_the_parts_that_are_on_draw(load: Load, ma: float) -> None:
    power = Power(E100, 0)
    power.step(load, HOUR)
    assert power.charge_mah == pytest.approx(80 - ma) and power.current_ma == pytest.approx(-ma)


def test_work_without_time_is_counted_when_time_passes() -> None:
    power = Power(E100, 0)
    power.step(Load(pictures=1000), 0)
    assert power.charge_mah == 80
    power.step(Load(), 100 * S)
    assert power.draw_mw == pytest.approx(20 + 3000 / 100)


def test_warmth_follows_the_curve_of_one_time_constant_whatever_the_steps() -> None:
    at_once, slowly = Power(E100, 0), Power(E100, 0)
    load = Load(is_camera_on=True)  # 120 mW: 12 K more in the end
    at_once.step(load, 60 * S)
    for n in range(1, 1201):
        slowly.step(load, n * 50 * MS)
    assert at_once.celsius == pytest.approx(25 + 12 * (1 - 1 / math.e)) == pytest.approx(slowly.celsius)
    at_once.step(load, 3600 * S)
    assert at_once.celsius == pytest.approx(37)
    at_once.step(Load(is_on=False), 3660 * S)
    assert at_once.celsius == pytest.approx(25 + 12 / math.e), "and cools on the same curve"


def test_the_cable_fills_the_battery_at_the_chargers_current_and_no_further() -> None:
    power = Power(E100, 0, percent=40)
    power.is_plugged = True
    power.step(Load(is_camera_on=True), HOUR)
    assert power.charge_mah == pytest.approx(90) and power.current_ma == 50
    power.step(Load(), 2 * HOUR)
    assert power.charge_mah == 100 and power.is_full and power.current_ma == 0


def test_a_battery_ends_at_nothing_and_one_that_is_not_known_never_changes() -> None:
    power = Power(E100, 0)
    power.step(Load(), 100 * HOUR)
    assert power.charge_mah == 0 and power.is_empty
    unknown = Power(Energy(power_base_mw=100), 0)
    unknown.step(Load(), 100 * HOUR)
    assert not unknown.is_empty and unknown.celsius == 25


def test_levels_change_at_the_thresholds_and_not_before() -> None:
    assert [levels.heat(c) for c in (3799, 3800, 4299, 4300, 4799, 4800)] == [
        Heat.NORMAL, Heat.WARM, Heat.WARM, Heat.HOT, Heat.HOT, Heat.CRITICAL,
    ]  # fmt: skip
    both = ChargeFlag.LOW | ChargeFlag.CRITICAL
    assert [levels.charge_flags(p) for p in (16, 15, 4, 3, 0)] == [0, ChargeFlag.LOW, ChargeFlag.LOW, both, both]


class Pair:
    """A host and simulated glasses without a wire between them, on a virtual clock."""

    def __init__(self, energy: Energy, percent: float = 80.0) -> None:
        has = replace(profile.load(""), energy=energy)
        self.now_ns = 0
        self.glasses = SimGlasses(has, 0, camera=Camera(""), ear=Ear(""))
        self.glasses.happens(Step(0, "battery", percent), 0)
        self.host = Session(Limits(window=32), seed=1)
        self.got: list[Message] = []
        self.host.connect(0)
        self.host.opened(has.mtu, 0)
        self.until(lambda: self.host.status.state is State.OPEN, 1)

    def until(self, done: Callable[[], bool], most_s: float) -> None:
        end_ns = self.now_ns + int(most_s * S)
        while not done():
            assert self.now_ns < end_ns, f"not within {most_s} s of simulated time"
            self.now_ns += 20 * MS
            self.host.tick(self.now_ns)
            self.glasses.tick(self.now_ns)
            while (frame := self.host.frame(self.now_ns)) is not None:
                self.glasses.receive(frame, self.now_ns)
            while (frame := self.glasses.frame(self.now_ns)) is not None:
                self.got += self.host.receive(frame, self.now_ns)

    def last(self, kind: type[Message]) -> Message | None:
        return next((m for m in reversed(self.got) if isinstance(m, kind)), None)

    def ask_for_stream(self, request: int) -> CameraState:
        self.host.push(CameraControl(request, CameraMode.STREAM, 160, 120))
        self.until(lambda: isinstance(m := self.last(CameraState), CameraState) and m.request == request, 1)
        state = self.last(CameraState)
        assert isinstance(state, CameraState)
        return state


def test_the_camera_stops_when_the_glasses_are_critical_says_why_and_comes_back_after_cooling() -> None:
    hot = Energy(battery_mah=100, power_base_mw=50, power_camera_mw=300, heat_k_per_w=100, heat_tau_s=5)
    pair = Pair(hot)  # goes to 60 °C with the camera, to 30 °C without
    assert pair.ask_for_stream(1).cause == Cause.OK
    start_ns = pair.now_ns
    pair.until(lambda: pair.last(CameraState) == CameraState(1, CameraMode.OFF, Cause.HOT), 20)
    alone_c = 25 + 5 * (1 - math.exp(-start_ns / 1e9 / 5))
    due_s = 5 * math.log((60 - alone_c) / (60 - 48))
    assert (pair.now_ns - start_ns) / 1e9 == pytest.approx(due_s, abs=0.1)
    told = [m.level for m in pair.got if isinstance(m, Warmth)]
    assert told == sorted(told) and set(told) == set(Heat), "each level is told on the way up"
    taken = sum(isinstance(m, CameraFrame) for m in pair.got)
    assert taken == pytest.approx(due_s * 15, abs=10)
    pair.got.clear()
    assert pair.ask_for_stream(2).cause in (Cause.HOT, Cause.OK)
    pair.until(lambda: isinstance(m := pair.last(Warmth), Warmth) and m.level < Heat.HOT, 20)
    assert pair.ask_for_stream(3).cause == Cause.OK


def test_each_percent_and_each_flag_is_told_once_and_a_nearly_empty_battery_stops_the_camera() -> None:
    pair = Pair(Energy(battery_mah=0.1, battery_volts=4, power_base_mw=40), percent=18)  # a percent in 0.36 s
    assert pair.ask_for_stream(1).cause == Cause.OK
    pair.until(lambda: pair.last(CameraState) == CameraState(1, CameraMode.OFF, Cause.BATTERY_LOW), 10)
    told = [m for m in pair.got if isinstance(m, Battery)]
    assert [m.percent for m in told] == list(range(18, 2, -1))
    assert next(m.percent for m in told if m.flags & ChargeFlag.LOW) == 15
    assert all(m.millivolts == 4000 and m.current_ma == -10 for m in told[1:])


def test_an_empty_battery_ends_the_session_and_the_cable_brings_the_glasses_back() -> None:
    pair = Pair(Energy(battery_mah=0.01, battery_volts=4, battery_charge_ma=5, power_base_mw=40), percent=4)
    pair.until(lambda: "power" in pair.host.status.reason, 5)
    pair.until(lambda: pair.host.status.state is State.OPENING, 5)
    pair.glasses.happens(Step(0, "plug"), pair.now_ns)
    pair.host.opened(247, pair.now_ns)
    pair.until(lambda: pair.host.status.state is State.OPEN, 5)
    assert pair.host.sessions_lost == 1
    pair.until(lambda: isinstance(m := pair.last(Battery), Battery) and m.flags == ChargeFlag.FULL, 20)


@pytest.mark.parametrize("name", [path.stem for path in profile.FOLDER.glob("*.toml")])
def test_every_figure_of_a_profile_has_its_source_beside_it_or_says_that_it_is_assumed(name: str) -> None:
    text = (profile.FOLDER / f"{name}.toml").read_text()
    rows = [r for section in re.split(r"\n(?=\[)", text) if re.match(r"\[(battery|power|heat)\]", section)
            for r in section.splitlines()[1:] if "=" in r]  # fmt: skip
    assert len(rows) >= 9
    if name == "reference":
        assert "# A design has no measurements: each figure of battery, power and heat is assumed." in text
    else:
        assert all(re.search(r"# .*(assumed|\.md|iFixit|in the \d+|no display)", row) for row in rows), rows


@pytest.mark.parametrize(("line", "words"), [
    ("mah = -1", "battery.mah = -1: write a number of 0 or more"), ("volts = 0", "battery.volts = 0"),
    ('mah = "much"', "battery.mah = 'much'"), ("mah = nan", "battery.mah = nan"), ("colour = 1", "battery.colour"),
])  # fmt: skip
def test_a_figure_that_cannot_be_is_refused_in_a_sentence(line: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f'name = "A"\n[battery]\n{line}\n')
    with pytest.raises(AddressError, match=words):
        profile.load(str(tmp_path / "a.toml"))
