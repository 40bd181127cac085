"""The simulated glasses' inertial sensor: a head that sways a little, one degree of roll at half a hertz, and gravity."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from firmware_bridge.device_session import DeviceSession
from firmware_bridge.messages import Cause, ImuBatch, ImuControl
from firmware_bridge.sim.clock import DeviceClock, Pace

_S: Final = 1_000_000_000


class Motion:
    """On or off, from one start of the glasses to the next."""

    def __init__(self, most_hz: int, session: DeviceSession, clock: DeviceClock) -> None:
        self._most_hz, self._session, self._clock = most_hz, session, clock
        self._asked: ImuControl | None = None
        self._pace = Pace(0, 0)

    @property
    def due_ns(self) -> int | None:
        """When the next batch is complete."""
        return self._pace.due_ns if self._asked else None

    def asked(self, asked: ImuControl, now_ns: int) -> None:
        """Starts or stops, or says that it cannot."""
        if asked.rate_hz > self._most_hz or not asked.batch:
            self._session.refuse(asked, Cause.UNSUPPORTED)
            return
        self._asked = asked if asked.rate_hz else None
        if asked.rate_hz:
            period_ns = asked.batch * _S // asked.rate_hz
            self._pace = Pace(now_ns + period_ns, period_ns)

    def stop(self) -> None:
        """Nobody listens any more."""
        self._asked = None

    def tick(self, now_ns: int) -> None:
        """Says a batch, if it is time."""
        asked = self._asked
        if asked is None or not self._pace.is_due(now_ns):
            return
        interval_us = 1_000_000 // asked.rate_hz
        first_us = self._clock.us(now_ns - asked.batch * interval_us * 1000)
        rows = []
        for n in range(asked.batch):
            angle = math.pi * ((first_us + n * interval_us) % 2_000_000) / 1e6
            rate = 1640 * math.pi * math.cos(angle) / 100
            rows.append((0, int(2048 * math.sin(math.radians(math.sin(angle)))), 2048, int(rate), 0, 0))
        self._session.push(ImuBatch(first_us, interval_us, samples=np.asarray(rows, "<i2").tobytes()))
