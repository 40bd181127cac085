"""Every message between host and glasses, declared once (a table, so long): the C header and docs/protocol.md come from it.

Times named `t_us` are the low 32 bits of the device's microseconds. A request that the device cannot carry out is answered
by `Refused`. Numbers, fields and their order never change once released; new fields go to the end, with a default that means
"unknown".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from firmware_bridge.channels import BestEffort
from firmware_bridge.layout import I16, I32, U8, U16, U32, Side, Tail, Text16, TextTail, message
from firmware_bridge.packets import RELIABLE

HOST, DEVICE = Side.HOST, Side.DEVICE


class Feature(IntEnum):
    """Bits of `Capabilities.features`."""

    LIGHT = 1
    WEAR = 2
    TOUCH = 4
    UPDATE = 8
    BATTERY = 16
    THERMAL = 32


class ChargeFlag(IntEnum):
    """Bits of `Battery.flags`."""

    CHARGING = 1
    FULL = 2
    LOW = 4
    CRITICAL = 8


class Heat(IntEnum):
    """`Thermal.level`."""

    NORMAL = 0
    WARM = 1
    HOT = 2
    CRITICAL = 3


class Worn(IntEnum):
    """`Wear.state`."""

    DOFFED = 0
    DONNED = 1
    FOLDED = 2


class Press(IntEnum):
    """`Button.action`."""

    DOWN = 0
    UP = 1
    CLICK = 2
    DOUBLE = 3
    LONG = 4


class Gesture(IntEnum):
    """`Touch.gesture`."""

    TAP = 0
    DOUBLE = 1
    LONG = 2
    FORWARD = 3
    BACK = 4
    UP = 5
    DOWN = 6


class Codec(IntEnum):
    """`MicData.codec`; PCM is int16 little-endian, µ-law is ITU-T G.711, Opus is one packet of RFC 6716 per message,
    LC3 is whole frames of 20 bytes for 10 ms at 16 kHz (as the G1 sends them).
    """

    PCM16 = 0
    ULAW = 1
    OPUS = 2
    LC3 = 3


class CameraMode(IntEnum):
    """`CameraControl.mode` and `CameraState.mode`."""

    OFF = 0
    PHOTO = 1
    STREAM = 2


class Cause(IntEnum):
    """Why a device refuses or stops something."""

    OK = 0
    UNKNOWN = 1
    UNSUPPORTED = 2
    INVALID = 3
    BUSY = 4
    HOT = 5
    BATTERY_LOW = 6
    NOT_WORN = 7
    LIGHT_FAILED = 8
    NO_MEMORY = 9
    LINK_LOST = 10


class Setting(IntEnum):
    """`SettingSet.key`."""

    BRIGHTNESS_PERCENT = 1
    MIC_GAIN_DB = 2
    DOUBLE_CLICK_MS = 3
    SLEEP_AFTER_S = 4


class Severity(IntEnum):
    """`Log.level`."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3


@message(0x01, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the device is and has; the first reliable message of a session. Zero: it has none of it."""

    serial: U32 = 0
    """tells one device from another"""
    boot: U32 = 0
    """random at each start, as in the welcome"""
    firmware: U32 = 0
    """major << 24 | minor << 16 | patch"""
    product: Text16 = ""
    features: U32 = 0
    """bits of Feature"""
    max_message_bytes: U16 = 1024
    """longest message that the device takes"""
    display_width: U16 = 0
    display_height: U16 = 0
    display_bits: U8 = 1
    """bits per pixel: 1 or 4"""
    camera_width: U16 = 0
    camera_height: U16 = 0
    camera_fps_x10: U16 = 0
    """fastest stream, frames per second × 10"""
    mic_rate_hz: U16 = 0
    mic_codecs: U8 = 0
    """bit n: codec n of Codec"""
    imu_rate_hz: U16 = 0
    buttons: U8 = 0
    battery_mwh: U16 = 0


@message(0x02, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class SnapshotEnd:
    """The state is told in full (Battery, Thermal, Wear, LightState, CameraState, MicState); changes follow."""


@message(0x03, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class HostInfo:
    """Who the host is and the wall clock, for a clock on the display."""

    unix_s: U32 = 0
    utc_offset_min: I16 = 0
    name: Text16 = ""


@message(0x04, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Refused:
    """A request was not carried out."""

    message: U8 = 0
    """number of the request"""
    cause: U8 = 1
    """Cause"""
    request: U16 = 0
    """its request or page field, 0 if it has none"""


@message(0x10, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Battery:
    """The battery, on change of a percent or a flag."""

    percent: U8 = 255
    """0…100; 255 unknown"""
    flags: U8 = 0
    """bits of ChargeFlag"""
    millivolts: U16 = 0
    current_ma: I16 = 0
    """negative: discharging"""


@message(0x11, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Thermal:
    """The temperature, on change of a degree or of the level."""

    centi_c: I16 = 2500
    """hundredths of a degree Celsius"""
    level: U8 = 0
    """Heat"""


@message(0x12, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Wear:
    """Put on, taken off, folded."""

    t_us: U32 = 0
    state: U8 = 0
    """Worn"""


@message(0x13, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Button:
    """A button."""

    t_us: U32 = 0
    button: U8 = 0
    action: U8 = 0
    """Press"""


@message(0x14, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class Touch:
    """A gesture on the touch surface."""

    t_us: U32 = 0
    gesture: U8 = 0
    """Gesture"""


@message(0x15, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class ImuControl:
    """Starts or stops the inertial sensor."""

    rate_hz: U16 = 0
    """0: off"""
    batch: U8 = 8
    """samples per message"""


@message(0x16, DEVICE, BestEffort.SENSOR)
@dataclass(frozen=True, slots=True)
class ImuBatch:
    """Samples of six int16: acceleration x y z, rotation x y z."""

    t_us: U32 = 0
    """of the first sample"""
    interval_us: U16 = 0
    """between samples"""
    accel_lsb_per_g: U16 = 2048
    gyro_lsb_per_100_dps: U16 = 1640
    """counts at 100 degrees per second"""
    samples: Tail = b""
    """12 bytes per sample"""


@message(0x20, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class MicControl:
    """Starts or stops the microphone; answered by MicState."""

    on: U8 = 0
    codec: U8 = 0
    """Codec"""
    rate_hz: U16 = 16000
    frame_ms: U8 = 20
    """sound per message; the device may take less to fit its memory"""


@message(0x21, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class MicState:
    """What the microphone does, on change."""

    on: U8 = 0
    codec: U8 = 0
    """Codec"""
    rate_hz: U16 = 0
    cause: U8 = 0
    """Cause; why it is off"""


@message(0x22, DEVICE, BestEffort.AUDIO)
@dataclass(frozen=True, slots=True)
class MicData:
    """Sound."""

    t_us: U32 = 0
    """of the first sample"""
    first_sample: U32 = 0
    """samples since the microphone was started, so that a loss shows"""
    samples: U16 = 0
    """in this message"""
    codec: U8 = 0
    """Codec"""
    sound: Tail = b""


@message(0x30, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class CameraControl:
    """Asks for a photo, starts or stops the stream; answered by CameraState with the same request."""

    request: U16 = 0
    mode: U8 = 0
    """CameraMode"""
    width: U16 = 0
    """0: the device's choice"""
    height: U16 = 0
    quality: U8 = 60
    """JPEG quality 1…100"""
    fps_x10: U16 = 0
    """stream: frames per second × 10; 0: the device's choice"""


@message(0x31, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class CameraState:
    """What the camera does, on change and in answer to CameraControl."""

    request: U16 = 0
    mode: U8 = 0
    """CameraMode"""
    cause: U8 = 0
    """Cause; why it is off"""
    width: U16 = 0
    height: U16 = 0
    fps_x10: U16 = 0


@message(0x32, DEVICE, BestEffort.VIDEO)
@dataclass(frozen=True, slots=True)
class CameraFrame:
    """One whole JPEG of the stream."""

    request: U16 = 0
    """of the CameraControl that started the stream"""
    number: U16 = 0
    """counts captures, so that a loss shows"""
    t_us: U32 = 0
    """middle of the exposure"""
    jpeg: Tail = b""


@message(0x33, DEVICE, RELIABLE, bulk=True)
@dataclass(frozen=True, slots=True)
class PhotoPart:
    """A part of a JPEG that was asked for; parts come in order."""

    request: U16 = 0
    t_us: U32 = 0
    """middle of the exposure"""
    total_bytes: U32 = 0
    offset: U32 = 0
    jpeg: Tail = b""


@message(0x40, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayText:
    """Draws lines of text (LF separates them) on a page; the device's own font."""

    page: U16 = 0
    x: U16 = 0
    y: U16 = 0
    size: U8 = 0
    """height in pixels; 0: the device's choice"""
    level: U8 = 255
    """0 black … 255 brightest"""
    text: TextTail = ""


@message(0x41, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayRect:
    """Draws a rectangle on a page."""

    page: U16 = 0
    x: U16 = 0
    y: U16 = 0
    width: U16 = 0
    height: U16 = 0
    level: U8 = 255
    """0 black … 255 brightest"""
    filled: U8 = 1


@message(0x42, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayBitmap:
    """Draws rows of pixels on a page; a larger picture is several of these."""

    page: U16 = 0
    x: U16 = 0
    y: U16 = 0
    width: U16 = 0
    bits: U8 = 1
    """per pixel: 1, or 4 (0 black … 15 brightest)"""
    pixels: Tail = b""
    """rows, each filled up to whole bytes, leftmost pixel in the highest bits"""


@message(0x43, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayClear:
    """Makes a page empty."""

    page: U16 = 0


@message(0x44, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayBrightness:
    """How bright the display is."""

    percent: U8 = 50
    """0: off … 100; 255: by the device's light sensor"""


@message(0x45, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayShow:
    """Brings what was drawn on a page to the eye; answered by DisplayShown when it is there."""

    page: U16 = 0


@message(0x46, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class DisplayShown:
    """The page is really on the display."""

    page: U16 = 0
    t_us: U32 = 0


@message(0x50, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class LightSet:
    """Turns the recording light on or off; answered by LightState. The device turns it on by itself before it captures."""

    request: U16 = 0
    on: U8 = 0


@message(0x51, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class LightState:
    """The recording light as measured, in answer and on change."""

    request: U16 = 0
    on: U8 = 0
    t_us: U32 = 0


@message(0x52, DEVICE, BestEffort.SENSOR)
@dataclass(frozen=True, slots=True)
class LightBeat:
    """The recording light as measured just now: every 50 ms while it is on. Without it the host releases no frame."""

    on: U8 = 0
    t_us: U32 = 0


@message(0x60, DEVICE, BestEffort.LOG)
@dataclass(frozen=True, slots=True)
class Log:
    """A line of the device's log."""

    t_us: U32 = 0
    level: U8 = 1
    """Severity"""
    text: TextTail = ""


@message(0x61, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class SettingSet:
    """Changes a setting; answered by SettingValue, or by Refused."""

    key: U8 = 0
    """Setting"""
    value: I32 = 0


@message(0x62, HOST, RELIABLE)
@dataclass(frozen=True, slots=True)
class SettingGet:
    """Asks for a setting; answered by SettingValue, or by Refused."""

    key: U8 = 0
    """Setting"""


@message(0x63, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting as it is now."""

    key: U8 = 0
    """Setting"""
    value: I32 = 0


@message(0x70, HOST, RELIABLE, bulk=True)
@dataclass(frozen=True, slots=True)
class SmpRequest:
    """One packet of MCUmgr's Simple Management Protocol, header and CBOR, as it is."""

    smp: Tail = b""


@message(0x71, DEVICE, RELIABLE)
@dataclass(frozen=True, slots=True)
class SmpResponse:
    """The answer to it."""

    smp: Tail = b""


FromDevice = (
    Capabilities | SnapshotEnd | Refused | Battery | Thermal | Wear | Button | Touch | ImuBatch | MicState | MicData
    | CameraState | CameraFrame | PhotoPart | DisplayShown | LightState | LightBeat | Log | SettingValue | SmpResponse
)  # fmt: skip
FromHost = (
    HostInfo | ImuControl | MicControl | CameraControl | DisplayText | DisplayRect | DisplayBitmap | DisplayClear
    | DisplayBrightness | DisplayShow | LightSet | SettingSet | SettingGet | SmpRequest
)  # fmt: skip
ENUMS = (Feature, ChargeFlag, Heat, Worn, Press, Gesture, Codec, CameraMode, Cause, Setting, Severity)
