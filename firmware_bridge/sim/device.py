"""Simulated glasses: what the device does with requests and with time. Pure but for the pictures: the clock is given."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from firmware_bridge.channels import Limits
from firmware_bridge.device_session import DeviceSession, DeviceState
from firmware_bridge.image import unpack
from firmware_bridge.layout import Message
from firmware_bridge.messages import (
    Battery,
    Button,
    CameraControl,
    CameraFrame,
    CameraMode,
    CameraState,
    Capabilities,
    Cause,
    ChargeFlag,
    Codec,
    DisplayBitmap,
    DisplayBrightness,
    DisplayClear,
    DisplayRect,
    DisplayShow,
    DisplayShown,
    DisplayText,
    Feature,
    Heat,
    HostInfo,
    ImuBatch,
    ImuControl,
    LightBeat,
    LightSet,
    LightState,
    Log,
    MicControl,
    MicData,
    MicState,
    PhotoPart,
    Press,
    Setting,
    SettingGet,
    SettingSet,
    SettingValue,
    SmpRequest,
    SmpResponse,
    SnapshotEnd,
    Thermal,
    Touch,
    Wear,
    Worn,
)  # fmt: skip
from firmware_bridge.packets import Reason
from firmware_bridge.sim.pictures import Camera, Panel
from firmware_bridge.sim.profile import Profile
from firmware_bridge.sim.script import Step
from firmware_bridge.sim.slots import Slots
from firmware_bridge.sim.sound import Ear, Encode, encoder
from firmware_bridge.timing import LIGHT_BEAT_MS

_MS: Final = 1_000_000
_S: Final = 1_000_000_000
HOT_C: Final = 45.0
LOW_PERCENT: Final = 5
PART_BYTES: Final = 960
RESTART_S: Final = 0.2
"""so that the answer to the request gets out"""
FIRST_US: Final = 4_290_000_000
"""where the simulated clock starts: five seconds before its 32 bits wrap, so that every run proves the wrap"""


class SimGlasses:
    """One pair of glasses that answers one link."""

    def __init__(
        self, profile: Profile, now_ns: int, *, camera: Camera, ear: Ear, script: Iterable[Step] = (), seed: int = 1
    ) -> None:
        self.profile = profile
        self.panel = Panel(max(profile.display_width, 1), max(profile.display_height, 1), profile.display_bits)
        self.shown: list[int] = []
        """pages that were brought to the eye"""
        self.cut = False
        """a script broke the link; whoever runs it sets this back"""
        self._camera, self._ear = camera, ear
        self._draw = random.Random(seed)
        self._start_ns = now_ns
        self._script = deque(script)
        self._settings = {Setting.BRIGHTNESS_PERCENT: 50, Setting.MIC_GAIN_DB: 0, Setting.DOUBLE_CLICK_MS: 300,
                          Setting.SLEEP_AFTER_S: 0}  # fmt: skip
        self._percent, self._celsius, self._worn = 80, 25.0, Worn.DONNED
        self._light_works = True
        self._muted_ns = 0
        self.slots = Slots()
        self._farewell: bytes | None = None
        self._restart_ns: int | None = None
        self._boot(now_ns)

    def _boot(self, now_ns: int) -> None:
        self.session = DeviceSession(self._draw.randrange(1 << 32), Limits(16, 32, self.profile.mtu, 1024))
        self.session.opened(self.profile.mtu)
        self._boot_ns = now_ns
        self._light = False
        self._stream: CameraControl | None = None
        self._mic: MicControl | None = None
        self._encode: Encode | None = None
        self._imu: ImuControl | None = None
        self._samples = self._frames = self._mic_ns = 0
        self._next: dict[str, int] = {}
        self._photo_until_ns = 0
        self._photo: deque[PhotoPart] = deque()

    # --- the link's side

    def receive(self, data: bytes, now_ns: int) -> None:
        """What the medium read."""
        if now_ns < self._muted_ns:
            return
        for message in self.session.receive(data, now_ns, self.clock_us(now_ns)):
            self._asked(message, now_ns)
        if self.session.is_new:
            self.session.is_new = False
            self._tell_all(now_ns)

    def frame(self, now_ns: int) -> bytes | None:
        """The next frame to write, or None."""
        farewell, self._farewell = self._farewell, None
        if farewell is not None or now_ns < self._muted_ns:
            return farewell
        return self.session.frame(now_ns, self.clock_us(now_ns))

    def tick(self, now_ns: int) -> None:
        """Lets time do what it does."""
        if self._restart_ns is not None and now_ns >= self._restart_ns:
            self._restart_ns = None
            self._boot(now_ns)
        was = self.session.state
        self.session.tick(now_ns)
        if was is DeviceState.OPEN and self.session.state is not DeviceState.OPEN:
            self._stop_all(now_ns)
        while self._script and now_ns - self._start_ns >= self._script[0].s * _S:
            self._happens(self._script.popleft(), now_ns)
        while self._photo and self.session.has_room(2 * PART_BYTES):
            self.session.push(self._photo.popleft())
        if self._stream:
            self._every("camera", self._stream_ns(), now_ns, self._capture)
        while self._mic and now_ns >= self._next["mic"]:
            self._listen()  # sound is not skipped: what is late is made up for
        if self._imu and self._imu.rate_hz:
            self._every("imu", self._imu.batch * _S // self._imu.rate_hz, now_ns, self._feel)
        if self._light:
            self._every("light", LIGHT_BEAT_MS * _MS, now_ns, self._beat)
        if self._photo_until_ns and now_ns >= self._photo_until_ns and not self._stream:
            self._photo_until_ns = 0
            self._set_light(on=False, now_ns=now_ns)

    def broke(self, now_ns: int) -> None:
        """The medium is gone."""
        was = self.session.state
        self.session.broke(now_ns)
        if was is DeviceState.OPEN:
            self._stop_all(now_ns)

    def wake_ns(self, now_ns: int) -> int:
        """When to call `tick` again at the latest."""
        times = [now_ns + 50 * _MS, *(self._next[name] for name in self._running())]
        if (session_ns := self.session.wake_ns()) is not None:
            times.append(session_ns)
        if self._script:
            times.append(self._start_ns + int(self._script[0].s * _S))
        return min(times)

    def clock_us(self, now_ns: int) -> int:
        """The device's clock, with its 32 bits."""
        return (FIRST_US + (now_ns - self._boot_ns) // 1000) & 0xFFFFFFFF

    # --- requests

    def _asked(self, message: Message, now_ns: int) -> None:
        match message:
            case DisplayText() | DisplayRect() | DisplayBitmap() | DisplayClear() | DisplayShow():
                self._display(message, now_ns)
            case DisplayBrightness(percent=percent):
                self._settings[Setting.BRIGHTNESS_PERCENT] = percent
            case CameraControl():
                self._camera_asked(message, now_ns)
            case MicControl():
                self._mic_asked(message, now_ns)
            case ImuControl(rate_hz=rate_hz, batch=batch):
                if rate_hz > self.profile.imu_rate_hz or not batch:
                    self.session.refuse(message, Cause.UNSUPPORTED)
                else:
                    self._imu = message
                    self._next.pop("imu", None)
            case LightSet(request=request, on=on):
                self._set_light(on=bool(on), now_ns=now_ns, request=request)
            case SettingSet(key=key, value=value) if key in self._settings:
                self._settings[Setting(key)] = value
                self.session.push(SettingValue(key, value))
            case SettingGet(key=key) if key in self._settings:
                self.session.push(SettingValue(key, self._settings[Setting(key)]))
            case SmpRequest(smp=packet):
                self._manage(message, packet, now_ns)
            case SettingSet() | SettingGet():
                self.session.refuse(message, Cause.UNSUPPORTED)
            case HostInfo():
                pass

    def _manage(self, message: SmpRequest, packet: bytes, now_ns: int) -> None:
        answered = self.slots.answer(packet)
        if answered is None:
            self.session.refuse(message, Cause.INVALID)
            return
        answer, restarts = answered
        self.session.push(SmpResponse(answer))
        if restarts:
            at_s = (now_ns - self._start_ns) / _S + RESTART_S
            self._script = deque(sorted([*self._script, Step(at_s, "restart")], key=lambda step: step.s))

    def _display(
        self, message: DisplayText | DisplayRect | DisplayBitmap | DisplayClear | DisplayShow, now_ns: int
    ) -> None:
        if not self.profile.display_width:
            self.session.refuse(message, Cause.UNSUPPORTED, message.page)
            return
        self.panel.page(message.page)
        match message:
            case DisplayText():
                self.panel.text(message)
            case DisplayRect():
                self.panel.rect(message)
            case DisplayBitmap():
                if not self.panel.bitmap(message):
                    self.session.refuse(message, Cause.INVALID, message.page)
            case DisplayClear():
                self.panel.clear()
            case DisplayShow(page=page):
                self.panel.show()
                self.shown.append(page)
                self.session.push(DisplayShown(page, self.clock_us(now_ns)))

    def _camera_asked(self, asked: CameraControl, now_ns: int) -> None:
        cause = Cause.OK if asked.mode == CameraMode.OFF else self._camera_cause(asked)
        if cause is not Cause.OK or asked.mode == CameraMode.OFF:
            self._stop_camera(now_ns, cause, asked.request)
            return
        self._set_light(on=True, now_ns=now_ns)
        if not self._light:
            self._stop_camera(now_ns, Cause.LIGHT_FAILED, asked.request)
            return
        width, height = self._size(asked)
        fps_x10 = _S * 10 // self._stream_ns(asked) if asked.mode == CameraMode.STREAM else 0
        self.session.push(CameraState(asked.request, asked.mode, Cause.OK, width, height, fps_x10))
        self._beat(now_ns)
        if asked.mode == CameraMode.STREAM:
            self._stream = asked
            self._next["camera"] = now_ns
            return
        jpeg = self._camera.jpeg(width, height, asked.quality)
        t_us = self.clock_us(now_ns)
        for at in range(0, len(jpeg), PART_BYTES):
            self._photo.append(PhotoPart(asked.request, t_us, len(jpeg), at, jpeg[at : at + PART_BYTES]))
        self._photo_until_ns = now_ns + 300 * _MS

    def _camera_cause(self, asked: CameraControl) -> Cause:
        if not self.profile.camera_width or asked.width > self.profile.camera_width or asked.mode > CameraMode.STREAM:
            return Cause.UNSUPPORTED
        if self._celsius >= HOT_C:
            return Cause.HOT
        if self._percent < LOW_PERCENT:
            return Cause.BATTERY_LOW
        return Cause.NOT_WORN if self._worn is Worn.FOLDED else Cause.OK

    def _mic_asked(self, asked: MicControl, now_ns: int) -> None:
        if not asked.on:
            self._mic = None
            self.session.push(MicState())
            return
        codecs, rate_hz = self.profile.microphone_codecs, self.profile.microphone_rate_hz
        if asked.codec not in codecs or not 0 < asked.rate_hz <= rate_hz or not asked.frame_ms:
            self.session.push(MicState(cause=Cause.UNSUPPORTED))
            return
        self._encode = encoder(Codec(asked.codec), asked.rate_hz, asked.frame_ms)
        if self._encode is None:
            self.session.push(MicState(cause=Cause.UNSUPPORTED))
            return
        self._mic, self._samples = asked, 0
        self._mic_ns, self._next["mic"] = now_ns, now_ns + asked.frame_ms * _MS
        self.session.push(MicState(1, asked.codec, asked.rate_hz))

    # --- what happens by itself

    def _capture(self, now_ns: int) -> None:
        assert self._stream is not None
        jpeg = self._camera.jpeg(*self._size(self._stream), self._stream.quality)
        self._frames = (self._frames + 1) & 0xFFFF
        self.session.push(CameraFrame(self._stream.request, self._frames, self.clock_us(now_ns), jpeg))

    def _listen(self) -> None:
        assert self._mic is not None and self._encode is not None
        count = self._mic.rate_hz * self._mic.frame_ms // 1000
        samples = self._ear.take(self._samples, count, self._mic.rate_hz)
        sound = self._encode(samples)
        t_us = self.clock_us(self._mic_ns + self._samples * _S // self._mic.rate_hz)
        self.session.push(MicData(t_us, self._samples, count, self._mic.codec, sound))
        self._samples += count
        self._next["mic"] += self._mic.frame_ms * _MS

    def _feel(self, now_ns: int) -> None:
        """A head that sways a little: one degree of roll at half a hertz, and gravity."""
        assert self._imu is not None
        interval_us = 1_000_000 // self._imu.rate_hz
        first_us = self.clock_us(now_ns - self._imu.batch * interval_us * 1000)
        rows = []
        for n in range(self._imu.batch):
            angle = math.pi * ((first_us + n * interval_us) % 2_000_000) / 1e6
            rate = 1640 * math.pi * math.cos(angle) / 100
            rows.append((0, int(2048 * math.sin(math.radians(math.sin(angle)))), 2048, int(rate), 0, 0))
        self.session.push(ImuBatch(first_us, interval_us, samples=np.asarray(rows, "<i2").tobytes()))

    def _beat(self, now_ns: int) -> None:
        self.session.push(LightBeat(int(self._light), self.clock_us(now_ns)))

    def _happens(self, step: Step, now_ns: int) -> None:
        match step.do, step.value:
            case (("don" | "doff" | "fold"), _):
                self._worn = {"don": Worn.DONNED, "doff": Worn.DOFFED, "fold": Worn.FOLDED}[step.do]
                self.session.push(Wear(self.clock_us(now_ns), self._worn))
                if self._worn is Worn.FOLDED and self._stream:
                    self._stop_camera(now_ns, Cause.NOT_WORN)
            case "click", number:
                self.session.push(Button(self.clock_us(now_ns), int(number), Press.CLICK))
            case "tap", number:
                self.session.push(Touch(self.clock_us(now_ns), int(number)))
            case "battery", percent:
                self._percent = int(percent)
                self._tell_battery()
                if self._percent < LOW_PERCENT and self._stream:
                    self._stop_camera(now_ns, Cause.BATTERY_LOW)
            case "heat", celsius:
                self._celsius = float(celsius)
                self._tell_heat()
                if self._celsius >= HOT_C and self._stream:
                    self._stop_camera(now_ns, Cause.HOT)
            case "light_fails", _:
                self._light_works = False
                if self._light:
                    self._set_light(on=False, now_ns=now_ns)
                    self._stop_camera(now_ns, Cause.LIGHT_FAILED)
            case "restart", _:
                self._farewell = self.session.end_session(Reason.RESTART)
                self.slots.boot()
                self._restart_ns = self._muted_ns = now_ns + 20 * _MS
            case "reboot", _:
                self.slots.boot()
                self._boot(now_ns)
            case "cut", _:
                self.cut = True
            case "mute", seconds:
                self._muted_ns = now_ns + int(float(seconds) * _S)
            case "log", text:
                self.session.push(Log(self.clock_us(now_ns), text=str(text)))

    # --- state

    def _tell_all(self, now_ns: int) -> None:
        """The snapshot that begins a session."""
        p = self.profile
        parts = ((True, Feature.LIGHT), (True, Feature.WEAR), (p.touch, Feature.TOUCH), (True, Feature.BATTERY),
                 (True, Feature.THERMAL), (True, Feature.UPDATE))  # fmt: skip
        self.session.push(
            Capabilities(
                serial=1, boot=self.session.boot, firmware=self._firmware(), product=p.name,
                features=sum(feature for there, feature in parts if there),
                display_width=p.display_width, display_height=p.display_height, display_bits=p.display_bits,
                camera_width=p.camera_width, camera_height=p.camera_height, camera_fps_x10=p.camera_fps * 10,
                mic_rate_hz=p.microphone_rate_hz, mic_codecs=sum(1 << codec for codec in p.microphone_codecs),
                imu_rate_hz=p.imu_rate_hz, buttons=p.buttons, battery_mwh=p.battery_mwh,
            )
        )  # fmt: skip
        self._tell_battery()
        self._tell_heat()
        self.session.push(Wear(self.clock_us(now_ns), self._worn))
        self.session.push(LightState(0, int(self._light), self.clock_us(now_ns)))
        self.session.push(CameraState())
        self.session.push(MicState())
        self.session.push(SnapshotEnd())

    def _firmware(self) -> int:
        major, minor, patch = unpack(self.slots.running).version
        return major << 24 | minor << 16 | patch

    def _tell_battery(self) -> None:
        self.session.push(Battery(self._percent, ChargeFlag.LOW if self._percent < 15 else 0))

    def _tell_heat(self) -> None:
        level = Heat.HOT if self._celsius >= HOT_C else Heat.WARM if self._celsius >= HOT_C - 5 else Heat.NORMAL
        self.session.push(Thermal(int(self._celsius * 100), level))

    def _set_light(self, *, on: bool, now_ns: int, request: int = 0) -> None:
        on = on and self._light_works
        changed, self._light = on != self._light, on
        if changed or request:
            self.session.push(LightState(request, int(on), self.clock_us(now_ns)))

    def _stop_camera(self, now_ns: int, cause: Cause, request: int = 0) -> None:
        number = request or (self._stream.request if self._stream else 0)
        self._stream = None
        self._set_light(on=False, now_ns=now_ns)
        self.session.push(CameraState(number, CameraMode.OFF, cause))

    def _stop_all(self, now_ns: int) -> None:
        """Nobody listens: nothing is recorded."""
        self._imu = None
        if self._mic:
            self._mic = None
            self.session.push(MicState(cause=Cause.LINK_LOST))
        if self._stream or self._light:
            self._stop_camera(now_ns, Cause.LINK_LOST)

    def _size(self, asked: CameraControl) -> tuple[int, int]:
        width = asked.width or self.profile.camera_width
        return width, asked.height or self.profile.camera_height * width // self.profile.camera_width

    def _stream_ns(self, asked: CameraControl | None = None) -> int:
        asked = asked or self._stream
        assert asked is not None
        most = self.profile.camera_fps * 10 or 150
        return _S * 10 // min(asked.fps_x10 or most, most)

    def _running(self) -> list[str]:
        on = {"camera": self._stream, "mic": self._mic, "imu": self._imu, "light": self._light}
        return [name for name in self._next if on[name]]

    def _every(self, name: str, period_ns: int, now_ns: int, act: Callable[[int], None]) -> None:
        """Acts when its time has come; after a pause it does not make up for what was missed."""
        due_ns = self._next.setdefault(name, now_ns + period_ns)
        if now_ns >= due_ns:
            act(now_ns)
            self._next[name] = max(due_ns + period_ns, now_ns)
