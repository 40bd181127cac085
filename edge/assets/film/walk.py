"""The walk: where the camera is at any moment, and what is asked when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.assets.film.renderer import Camera, Vector

DURATION_S: Final = 60.0
FPS: Final = 15

_STOPS: Final = np.array(
    [
        # t_s, x_m, z_m, yaw_deg, pitch_deg
        (0.0, 0.2, -2.6, 0, 0),
        (3.0, -0.55, 2.75, -25, 6),
        (6.2, -0.55, 2.8, -25, 6),
        (8.4, -0.55, 6.5, -90, 1),
        (12.0, -0.55, 6.5, -90, 1),
        (13.9, -0.65, 9.1, -90, 0),
        (17.6, -0.65, 9.1, -90, 0),
        (20.3, -0.1, 11.6, 16, 5),
        (22.9, 0.0, 12.3, 15, 6),
        (27.2, 0.0, 20.6, 0, 1),
        (30.0, 0.0, 24.2, 0, 4),
        (33.2, 0.0, 24.3, 0, 4),
        (35.4, -0.3, 29.9, 90, 3),
        (39.0, -0.3, 29.9, 90, 3),
        (41.2, 0.1, 34.4, -88, 4),
        (43.6, 0.1, 34.45, -88, 4),
        (45.4, 0.0, 35.3, 0, 4),
        (47.2, 0.1, 38.0, 12, 2),
        (49.0, 1.3, 38.6, 90, 2),
        (51.4, 4.3, 38.6, 90, 4),
        (54.8, 4.4, 38.6, 90, 4),
        (58.8, 8.6, 38.6, 90, -1),
        (60.0, 8.7, 38.6, 90, -1),
    ]
)


@dataclass(frozen=True, slots=True)
class Question:
    """What is said, when, and what a right answer has in it."""

    t_start_s: float
    text: str
    voice: str
    stretch: float
    """of the voice's own durations; larger is slower"""
    about: str
    """the label of what is asked about; empty: nothing in the film"""
    expect: str
    """a right answer contains this; empty: not to be had on the device, to be passed on"""


# Voices, speeds and phrasings are those that pocketsphinx's general model hears right (of three voices at five speeds):
# rms swallows the end of "the exit" and "sign say", slt that of "open" and "code", and both say "say" best slowly.
QUESTIONS: Final = (
    Question(3.9, "what is on the sign", "rms", 1.1, "CAFE LUNA", "CAFE LUNA"),
    Question(9.4, "how much is the espresso", "rms", 1.1, "ESPRESSO 2.50", "2.50"),
    Question(14.9, "what time does it close", "rms", 1.1, "OPEN 9:00 - 18:00", "18:00"),
    Question(30.8, "which platform is this", "rms", 1.1, "PLATFORM 7", "7"),
    Question(36.3, "what do you see", "rms", 1.2, "https://glasspath.example/tour", "code"),
    Question(45.0, "what did the last sign say", "slt", 1.3, "ROOM 214", "ROOM 214"),
    Question(52.1, "where is the exit", "slt", 1.1, "EXIT", "EXIT"),
    Question(56.0, "who was the first king of france", "rms", 1.1, "", ""),
)


def camera_at(t_s: float) -> Camera:
    """Position and view, with the bob of steps and the slight sway of a head that stands."""
    x, z, yaw, pitch = (_monotone(_STOPS[:, 0], _STOPS[:, i], t_s) for i in (1, 2, 3, 4))
    speed = float(np.hypot(_slope(_STOPS[:, 1], t_s), _slope(_STOPS[:, 2], t_s)))
    walking = min(1.0, speed / 1.4)
    bob, sway = np.sin(2 * np.pi * 1.8 * t_s), np.sin(2 * np.pi * 0.9 * t_s)
    yaw += 0.35 * walking * sway + 0.12 * np.sin(0.9 * t_s + 1) + 0.08 * np.sin(2.3 * t_s)
    pitch += 0.22 * walking * bob + 0.10 * np.sin(1.1 * t_s + 2)
    roll = 0.35 * walking * sway + 0.12 * np.sin(0.7 * t_s)
    position = np.array([x + 0.012 * walking * sway, 0.018 * walking * bob, z])
    return Camera(position, *(float(np.deg2rad(a)) for a in (yaw, pitch, roll)))


def _slope(values: Vector, t_s: float) -> float:
    ahead, behind = (_monotone(_STOPS[:, 0], values, t_s + d) for d in (0.02, -0.02))
    return (ahead - behind) / 0.04


def _monotone(times: Vector, values: Vector, t: float) -> float:
    """Monotone cubic interpolation (Fritsch and Carlson 1980): no overshoot, so that a stop is a stop."""
    steps = np.diff(times)
    secants = np.diff(values) / steps
    product, total = secants[1:] * secants[:-1], secants[1:] + secants[:-1]
    rising = product > 0  # a harmonic mean where the slope keeps its sign, level where it turns
    inner = np.where(rising, 2 * product / np.where(rising, total, 1.0), 0.0)
    tangents = np.concatenate([[secants[0]], inner, [0.0]])
    t = float(np.clip(t, times[0], times[-1]))
    i = int(np.clip(np.searchsorted(times, t, side="right") - 1, 0, len(steps) - 1))
    u, h = (t - times[i]) / steps[i], steps[i]
    return float(
        (2 * u**3 - 3 * u**2 + 1) * values[i]
        + (u**3 - 2 * u**2 + u) * h * tangents[i]
        + (3 * u**2 - 2 * u**3) * values[i + 1]
        + (u**3 - u**2) * h * tangents[i + 1]
    )
