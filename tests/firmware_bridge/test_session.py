"""The two state machines against each other over a bad radio: every state has a way out, and nothing reliable is lost."""

from __future__ import annotations

import random

import pytest

from firmware_bridge import framing, packets, timing
from firmware_bridge.device_session import DeviceState
from firmware_bridge.errors import MessageError
from firmware_bridge.messages import Battery, Button, Capabilities, DisplayShow, DisplayText, Refused, SnapshotEnd
from firmware_bridge.packets import Bye, Reason, Refuse
from firmware_bridge.session import Session
from firmware_bridge.status import Quality, State
from tests.firmware_bridge.fakes import MS
from tests.firmware_bridge.two_sides import Link


def opened(**kind: float) -> Link:
    link = Link(**kind)  # type: ignore[arg-type]  # numbers of its fields
    link.host.connect(0)
    link.until(State.OPEN)
    return link


def test_a_new_session_begins_with_the_whole_state() -> None:
    link = opened()
    assert [type(message) for message in link.host_got] == [Capabilities, Battery, SnapshotEnd]
    assert link.host.status.connections == 1 and link.host.capabilities == Capabilities(serial=7, boot=link.device.boot)


@pytest.mark.parametrize("mtu", [20, 64, 512])
@pytest.mark.parametrize("seed", range(3))
def test_cuts_at_any_moment_lose_and_double_nothing_reliable(mtu: int, seed: int) -> None:
    link = opened(mtu=mtu, loss=0.2, overtaken=0.1, seed=seed)
    draw = random.Random(seed)
    link.host_got.clear()
    sent_there, sent_back = [], []
    for n in range(12):
        for _ in range(3):
            sent_there.append(DisplayText(page=n, text="word " * draw.randrange(20)))
            link.host.push(sent_there[-1])
            sent_back.append(Button(t_us=n, button=draw.randrange(9)))
            link.device.push(sent_back[-1])
        link.run(draw.randrange(400))
        link.cut()
        link.run(draw.randrange(100))
    for _ in range(60_000):
        if link.is_settled:
            break
        link.step()
    assert link.device_got == sent_there
    assert [m for m in link.host_got if isinstance(m, Button)] == sent_back
    assert link.host.sessions_lost == 0
    assert not any(isinstance(m, Capabilities) for m in link.host_got), "a resumed session has no snapshot"


def test_a_reconnect_after_a_cut_is_quick_and_quiet() -> None:
    link = opened()
    link.run(2000)
    link.cut()
    assert link.host.status.state is State.WAITING and link.host.status.reason == "the cable was pulled"
    assert link.until(State.OPEN) < 150
    assert link.host.status.failures == 1 and link.host.sessions_lost == 0


def test_a_reboot_begins_a_new_session_with_a_new_snapshot_and_says_what_was_not_delivered() -> None:
    link = opened()
    link.run(2000)
    link.host_got.clear()
    link.mute = True
    link.host.push(DisplayText(text="lost"))
    link.run(100)
    link.reboot()
    link.mute = False
    link.until(State.WAITING)
    link.until(State.OPEN)
    assert [type(message) for message in link.host_got] == [Capabilities, Battery, SnapshotEnd]
    assert link.host.sessions_lost == 1
    assert [raw[0] for raw in link.host.last_lost] == [0x40]
    link.host.push(DisplayShow(page=1))
    link.run(100)
    assert link.device_got == [DisplayShow(page=1)]


def test_a_device_that_falls_silent_is_late_then_suspect_then_given_up_with_the_reason() -> None:
    link = opened()
    link.run(2000)
    link.host.changes.clear()
    link.mute = True
    link.run(timing.LOST_MS + 300)
    seen = [(status.state, status.quality) for status in link.host.changes]
    assert (State.OPEN, Quality.LATE) in seen and (State.OPEN, Quality.SUSPECT) in seen
    assert any(s.state is State.WAITING and s.reason == "the device stopped answering" for s in link.host.changes)
    link.mute = False
    link.until(State.OPEN)


def test_a_half_dead_link_that_still_talks_but_hears_nothing_is_given_up_too() -> None:
    link = opened()
    link.run(2000)
    link.there.outage = lambda _: True
    for _ in range(timing.LOST_MS + 300):
        if link.device.state is DeviceState.OPEN:
            link.device.push(Button())
        link.step()
    assert link.host.status.connections == 1 and link.host.status.state is not State.OPEN
    link.there.outage = lambda _: False
    link.until(State.OPEN)


def test_no_state_is_without_an_end_when_nobody_answers() -> None:
    """Nothing ever answers: the tries come later and later, each with its reason, and never stop."""
    link = Link()
    link.mute = True
    link.host.connect(0)
    waits, last = [], 0
    for _ in range(120_000):
        state = link.host.status.state
        link.step()
        if state is State.WAITING and link.host.status.state is State.OPENING:
            waits.append(link.now_ns - last)
        if state is not State.WAITING and link.host.status.state is State.WAITING:
            last = link.now_ns
            assert "does not answer" in link.host.status.reason
    assert len(waits) > 10 and waits[0] < 10 * MS
    assert max(waits) <= timing.BACKOFF_MAX_MS * 1.5 * MS


def test_a_device_that_breaks_the_protocol_ends_the_session_and_is_not_asked_without_a_pause() -> None:
    link = opened()
    for _ in range(5000):
        if link.device.state is DeviceState.OPEN:
            link.device.channels.receiver.next = 1000  # it acknowledges what was never sent
            link.device.channels.receiver.ack_at_ns = 0
        link.step()
    assert link.host.sessions_lost >= 3
    assert link.host.status.failures > 3
    assert link.host.status.connections < 20
    assert any("broke the protocol" in status.reason for status in link.host.changes)


@pytest.mark.parametrize(("reason", "words"), [(Reason.VERSION, "update its firmware"), (Reason.BUSY, "another host"),
                                               (99, "reason 99")])  # fmt: skip
def test_a_refusal_is_said_in_a_sentence(reason: int, words: str) -> None:
    host = Session(seed=1)
    host.connect(0)
    host.opened(247, 0)
    (body,) = framing.Decoder().feed(host.frame(0) or b"")
    hello = packets.decode(body[:-4])
    assert isinstance(hello, packets.Hello)
    host.receive(framing.encode(packets.encode(Refuse(reason, hello.session, hello.connection, 1))), MS)
    assert host.status.state is State.WAITING and words in host.status.reason


def test_nonsense_and_a_flood_change_nothing_but_the_counters() -> None:
    link = opened()
    draw = random.Random(5)
    for _ in range(3000):
        nonsense = draw.randbytes(draw.randrange(40)) + b"\0"
        assert link.host.receive(nonsense, link.now_ns) == []
        assert link.device.receive(nonsense, link.now_ns, 0) == []
    assert link.host.status.state is State.OPEN and link.device.state is DeviceState.OPEN
    assert link.host.end.decoder.not_cobs > 1000


def test_a_stale_hello_of_an_older_session_does_not_end_the_one_that_is_open() -> None:
    link = opened()
    stale = framing.encode(packets.encode(packets.Hello(1, 12345, 1, 0, 32, 64, 247, 0)))
    link.device.receive(stale, link.now_ns, 0)
    link.run(timing.PENDING_MS + 2000)
    assert link.host.status.state is State.OPEN and link.host.status.connections == 1


def test_a_farewell_ends_the_session_on_both_sides() -> None:
    link = opened()
    farewell = link.host.close(link.now_ns)
    assert farewell is not None and link.host.status.state is State.CLOSED
    link.device.receive(farewell, link.now_ns, 0)
    assert link.device.state is DeviceState.IDLE
    link.host.connect(link.now_ns)
    link.until(State.OPEN)
    ended = link.device.end_session(Reason.POWER)
    assert ended is not None
    link.host.receive(ended, link.now_ns)
    assert link.host.status.reason == "the device ended the session (power)"
    assert Bye(Reason.POWER).reason == 6


def test_a_device_whose_queue_is_full_while_the_host_is_away_tells_its_whole_state_again() -> None:
    link = opened()
    link.run(2000)
    link.host_got.clear()
    link.cut()
    for n in range(2000):
        link.device.push(Button(t_us=n))
    link.until(State.OPEN)
    link.run(200)
    assert [type(message) for message in link.host_got] == [Capabilities, Battery, SnapshotEnd]


def test_a_message_that_the_device_does_not_know_is_refused_and_one_too_long_is_not_sent() -> None:
    link = opened()
    link.host_got.clear()
    link.host.channels.push(0, b"\xfe nobody knows this")
    link.host.channels.push(0, b"\x40\xff")
    link.run(200)
    assert link.host_got == [Refused(0xFE, 1), Refused(0x40, 3)]
    with pytest.raises(MessageError, match="the device takes 1024: send it in parts"):
        link.host.push(DisplayText(text="x" * 2000))
