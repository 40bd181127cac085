"""How long each side waits for what: one place, printed into the C header and into docs/protocol.md."""

from typing import Final

OPENING_MS: Final = 10_000
"""the host gives up a medium that does not open"""
STEADY_MS: Final = 1000
"""a link that was open for less counts as one more failure: a device that breaks it at once is not asked without a pause"""
HELLO_EVERY_MS: Final = 50
"""between hellos that are not answered, the first eight"""
HELLO_SLOW_MS: Final = 250
"""between hellos after these"""
HELLO_FAST: Final = 8
GREETING_MS: Final = 3000
"""the host gives up the connection when no welcome came"""
SNAPSHOT_MS: Final = 3000
"""the host ends the session when its snapshot is not complete"""
PING_EVERY_MS: Final = 250
PING_FAST_MS: Final = 20
"""after the welcome, `PING_FAST_COUNT` times, so that the clock is known soon; and while the link is late"""
PING_FAST_COUNT: Final = 100
PING_LEARN_COUNT: Final = 500
"""instead of `PING_FAST_COUNT` at the first welcome of a boot id: its clock is not known at all"""
LATE_MS: Final = 750
"""without a pong: the link is late"""
SUSPECT_MS: Final = 1500
"""without a pong: programs are told"""
LOST_MS: Final = 3000
"""without a pong, or on the device without any valid packet: the connection is given up"""
PENDING_MS: Final = 3000
"""the device forgets a welcome that nothing followed"""
KEEP_S: Final = 600
"""the device keeps a session without a connection this long"""
BACKOFF_FIRST_MS: Final = 100
"""before the second try to open the medium; the first one comes at once"""
BACKOFF_MAX_MS: Final = 10_000
LIGHT_BEAT_MS: Final = 50
LIGHT_MAX_AGE_MS: Final = 200
"""no frame is released when the light was confirmed longer ago"""
REPLY_MS: Final = 5000
"""the host's patience for the answer to a request"""
