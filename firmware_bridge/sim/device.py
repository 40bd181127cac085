"""Simulated glasses: the link's side, who is asked for what, and what happens. Pure but for pictures and sound."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from typing import Final

from firmware_bridge.channels import Limits
from firmware_bridge.device_session import DeviceSession, DeviceState
from firmware_bridge.image import unpack
from firmware_bridge.layout import Message
from firmware_bridge.messages import (
    Button,
    CameraControl,
    CameraState,
    Capabilities,
    Cause,
    DisplayBitmap,
    DisplayBrightness,
    DisplayClear,
    DisplayRect,
    DisplayShow,
    DisplayText,
    Feature,
    HostInfo,
    ImuControl,
    LightSet,
    LightState,
    Log,
    MicControl,
    MicState,
    Press,
    Setting,
    SettingGet,
    SettingSet,
    SettingValue,
    SmpRequest,
    SmpResponse,
    SnapshotEnd,
    Touch,
    Wear,
    Worn,
)  # fmt: skip
from firmware_bridge.packets import Reason
from firmware_bridge.sim.body import Body
from firmware_bridge.sim.camera import CameraWithLight, RecordingLight
from firmware_bridge.sim.clock import DeviceClock
from firmware_bridge.sim.display import Display
from firmware_bridge.sim.microphone import Microphone
from firmware_bridge.sim.motion import Motion
from firmware_bridge.sim.pictures import Camera as Eye
from firmware_bridge.sim.power import Load
from firmware_bridge.sim.profile import Profile
from firmware_bridge.sim.script import Step
from firmware_bridge.sim.slots import Slots
from firmware_bridge.sim.sound import Ear

_MS: Final = 1_000_000
_S: Final = 1_000_000_000
RESTART_S: Final = 0.2
"""so that the answer to the request gets out"""
TICK_NS: Final = 50 * _MS
"""time is looked at this often at least"""


class SimGlasses:
    """One pair of glasses that answers one link."""

    def __init__(
        self, profile: Profile, now_ns: int, *, camera: Eye, ear: Ear, script: Iterable[Step] = (), seed: int = 1
    ) -> None:
        self.profile = profile
        self.display = Display(profile)
        self.body = Body(profile.energy, now_ns)
        self.slots = Slots()
        self.settings = {Setting.BRIGHTNESS_PERCENT: 50, Setting.MIC_GAIN_DB: 0, Setting.DOUBLE_CLICK_MS: 300,
                         Setting.SLEEP_AFTER_S: 0}  # fmt: skip
        self.cut = False
        """a script broke the link; whoever runs it sets this back"""
        self._eye, self._ear = camera, ear
        self._draw = random.Random(seed)
        self._start_ns = now_ns
        self._script = deque(script)
        self._muted_ns = 0
        self._farewell: bytes | None = None
        self._restart_ns: int | None = None
        self._light_works = True
        self._sent_bytes = 0
        """since the battery was last asked"""
        self.is_off = False
        """the battery is empty"""
        self.boot(now_ns)

    def boot(self, now_ns: int) -> None:
        """The firmware starts: it knows no session, and everything is off."""
        self.session = DeviceSession(self._draw.randrange(1 << 32), Limits(16, 32, self.profile.mtu, 1024))
        self.session.opened(self.profile.mtu)
        self.clock = DeviceClock(now_ns)
        light = RecordingLight(self.session, self.clock, works=self._light_works)
        self.camera = CameraWithLight(self.profile, self._eye, light, self.session, self.clock)
        self.microphone = Microphone(self.profile, self._ear, self.session, self.clock)
        self.motion = Motion(self.profile.imu_rate_hz, self.session, self.clock)

    # --- the link's side

    def receive(self, data: bytes, now_ns: int) -> None:
        """What the medium read."""
        if self.is_off or now_ns < self._muted_ns:
            return
        for message in self.session.receive(data, now_ns, self.clock.us(now_ns)):
            self._asked(message, now_ns)
        if self.session.is_new:
            self.session.is_new = False
            self._tell_all(now_ns)

    def frame(self, now_ns: int) -> bytes | None:
        """The next frame to write, or None."""
        frame, self._farewell = self._farewell, None
        if frame is None and not self.is_off and now_ns >= self._muted_ns:
            frame = self.session.frame(now_ns, self.clock.us(now_ns))
        self._sent_bytes += len(frame or b"")
        return frame

    def tick(self, now_ns: int) -> None:
        """Lets time do what it does."""
        if self._restart_ns is not None and now_ns >= self._restart_ns:
            self._restart_ns = None
            self.boot(now_ns)
        was = self.session.state
        self.session.tick(now_ns)
        if was is DeviceState.OPEN and self.session.state is not DeviceState.OPEN:
            self._stop_all(now_ns)
        while self._script and now_ns - self._start_ns >= self._script[0].s * _S:
            self.happens(self._script.popleft(), now_ns)
        self._live(now_ns)
        for part in (self.camera, self.microphone, self.motion):
            part.tick(now_ns)

    def broke(self, now_ns: int) -> None:
        """The medium is gone."""
        was = self.session.state
        self.session.broke(now_ns)
        if was is DeviceState.OPEN:
            self._stop_all(now_ns)

    def wake_ns(self, now_ns: int) -> int:
        """When to call `tick` again at the latest."""
        parts = (self.camera, self.camera.light, self.microphone, self.motion)
        times = [now_ns + TICK_NS, self.session.wake_ns(), *(part.due_ns for part in parts)]
        if self._script:
            times.append(self._start_ns + int(self._script[0].s * _S))
        return min(t for t in times if t is not None)

    # --- what happens

    def _live(self, now_ns: int) -> None:
        """Battery and warmth: told when they change; they stop the camera, and an empty battery everything."""
        load = Load(
            not self.is_off, self.session.state is DeviceState.OPEN, self._light_of_display(),
            self.camera.is_on, self.microphone.is_on, self.camera.taken, self._sent_bytes,
        )  # fmt: skip
        self.camera.taken = self._sent_bytes = 0
        for message in self.body.tick(load, now_ns):
            self.session.push(message)
        if self.camera.is_on and (cause := self.body.forbids_camera()) is not Cause.OK:
            self.camera.stop(cause, now_ns)
        if self.body.power.is_empty and not self.is_off:
            self._stop_all(now_ns)
            self._farewell = self.session.end_session(Reason.POWER)
            self.is_off = True
        elif self.is_off and not self.body.power.is_empty:
            self.is_off = False
            self.boot(now_ns)

    def _light_of_display(self) -> float:
        percent = self.settings[Setting.BRIGHTNESS_PERCENT]
        return self.display.lit * min(max(percent, 0), 100) / 100  # 255, by the light around: there is none here

    def happens(self, step: Step, now_ns: int) -> None:
        """A step of a script, whatever its time: what a person or the world does to the glasses."""
        match step.do, step.value:
            case (("don" | "doff" | "fold"), _):
                self.body.worn = {"don": Worn.DONNED, "doff": Worn.DOFFED, "fold": Worn.FOLDED}[step.do]
                self.session.push(Wear(self.clock.us(now_ns), self.body.worn))
                if self.body.worn is Worn.FOLDED:
                    self.microphone.stop(Cause.NOT_WORN)
            case (("click" | "double"), number):
                action = Press.CLICK if step.do == "click" else Press.DOUBLE
                self.session.push(Button(self.clock.us(now_ns), int(number), action))
            case "tap", number:
                self.session.push(Touch(self.clock.us(now_ns), int(number)))
            case "battery", percent:
                self.body.power.charge_mah = self.profile.energy.battery_mah * float(percent) / 100
            case (("plug" | "unplug"), _):
                self.body.power.is_plugged = step.do == "plug"
            case "heat", celsius:
                self.body.power.celsius = float(celsius)
            case "light_fails", _:
                self._light_works = self.camera.light.works = False
                if self.camera.light.on:
                    self.camera.stop(Cause.LIGHT_FAILED, now_ns)
            case "restart", _:
                self._farewell = self.session.end_session(Reason.RESTART)
                self.slots.boot()
                self._restart_ns = self._muted_ns = now_ns + 20 * _MS
            case "reboot", _:
                self.slots.boot()
                self.boot(now_ns)
            case "cut", _:
                self.cut = True
            case "mute", seconds:
                self._muted_ns = now_ns + int(float(seconds) * _S)
            case "log", text:
                self.session.push(Log(self.clock.us(now_ns), text=str(text)))

    def _stop_all(self, now_ns: int) -> None:
        """Nobody listens: nothing is recorded."""
        self.motion.stop()
        self.microphone.stop(Cause.LINK_LOST)
        if self.camera.is_on or self.camera.light.on:
            self.camera.stop(Cause.LINK_LOST, now_ns)

    # --- requests

    def _asked(self, message: Message, now_ns: int) -> None:
        match message:
            case DisplayText() | DisplayRect() | DisplayBitmap() | DisplayClear() | DisplayShow():
                self.display.asked(message, self.session, self.clock, now_ns)
            case DisplayBrightness(percent=percent):
                self.settings[Setting.BRIGHTNESS_PERCENT] = percent
            case CameraControl():
                self.camera.asked(message, self.body.forbids_camera(), now_ns)
            case MicControl():
                self.microphone.asked(message, now_ns)
            case ImuControl():
                self.motion.asked(message, now_ns)
            case LightSet(request=request, on=on):
                self.camera.light.turn(on=bool(on), now_ns=now_ns, request=request)
            case SettingSet(key=key, value=value) if key in self.settings:
                self.settings[Setting(key)] = value
                self.session.push(SettingValue(key, value))
            case SettingGet(key=key) if key in self.settings:
                self.session.push(SettingValue(key, self.settings[Setting(key)]))
            case SettingSet() | SettingGet():
                self.session.refuse(message, Cause.UNSUPPORTED)
            case SmpRequest():
                self._manage(message, now_ns)
            case HostInfo():
                pass

    def _manage(self, asked: SmpRequest, now_ns: int) -> None:
        answered = self.slots.answer(asked.smp)
        if answered is None:
            self.session.refuse(asked, Cause.INVALID)
            return
        answer, restarts = answered
        self.session.push(SmpResponse(answer))
        if restarts:
            at_s = (now_ns - self._start_ns) / _S + RESTART_S
            self._script = deque(sorted([*self._script, Step(at_s, "restart")], key=lambda step: step.s))

    # --- state

    def _tell_all(self, now_ns: int) -> None:
        """The snapshot that begins a session."""
        t_us = self.clock.us(now_ns)
        for message in (
            self._capabilities(), self.body.battery, self.body.thermal, Wear(t_us, self.body.worn),
            LightState(0, int(self.camera.light.on), t_us), CameraState(), MicState(), SnapshotEnd(),
        ):  # fmt: skip
            self.session.push(message)

    def _capabilities(self) -> Capabilities:
        p = self.profile
        parts = ((True, Feature.LIGHT), (True, Feature.WEAR), (p.touch, Feature.TOUCH), (True, Feature.BATTERY),
                 (True, Feature.THERMAL), (True, Feature.UPDATE))  # fmt: skip
        major, minor, patch = unpack(self.slots.running).version
        return Capabilities(
            serial=1, boot=self.session.boot, firmware=major << 24 | minor << 16 | patch, product=p.name,
            features=sum(feature for there, feature in parts if there),
            display_width=p.display_width, display_height=p.display_height, display_bits=p.display_bits,
            camera_width=p.camera_width, camera_height=p.camera_height, camera_fps_x10=p.camera_fps * 10,
            mic_rate_hz=p.microphone_rate_hz, mic_codecs=sum(1 << codec for codec in p.microphone_codecs),
            imu_rate_hz=p.imu_rate_hz, buttons=p.buttons,
            battery_mwh=round(p.energy.battery_mah * p.energy.battery_volts),
        )  # fmt: skip
