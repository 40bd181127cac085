"""The channels over a bad radio on a virtual clock: reliable is exactly once, best-effort never in its way."""

from __future__ import annotations

import random

import pytest

from firmware_bridge import framing
from firmware_bridge.channels import BestEffort, Limits
from firmware_bridge.errors import ProtocolError, QueueFull
from firmware_bridge.packets import RELIABLE, Ack, Credit, Data
from firmware_bridge.receiver import Receiver
from firmware_bridge.reliable import Sender
from tests.firmware_bridge.fakes import MS, pair, run

S = 1000 * MS


def numbered(count: int, longest: int, seed: int = 0) -> list[bytes]:
    draw = random.Random(seed)
    return [n.to_bytes(4, "big") + draw.randbytes(draw.randrange(longest)) for n in range(count)]


@pytest.mark.parametrize("mtu", [20, 23, 64, 247, 512])
@pytest.mark.parametrize(("loss", "doubled", "overtaken"), [(0, 0, 0), (0.2, 0, 0), (0.2, 0.1, 0.2), (0.5, 0.3, 0.5)])
def test_reliable_messages_come_once_and_in_order_whatever_the_radio_does(
    mtu: int, loss: float, doubled: float, overtaken: float
) -> None:
    left, right = pair(mtu, loss=loss, doubled=doubled, overtaken=overtaken)
    there, back = numbered(60, 300), numbered(60, 40, seed=1)
    for one, other in zip(there, back, strict=True):
        left.channels.push(RELIABLE, one)
        right.channels.push(RELIABLE, other)
    run(left, right, 300 * S, done=lambda: left.channels.sender.is_idle and right.channels.sender.is_idle)
    assert [message for _, message in right.got] == there
    assert [message for _, message in left.got] == back


def test_the_sequence_numbers_wrap_without_a_message_lost_or_doubled() -> None:
    left, right = pair(20, loss=0.2, overtaken=0.3)
    left.channels.sender.base = left.channels.sender.next = right.channels.receiver.next = 65500
    sent = numbered(20, 150)
    for message in sent:
        left.channels.push(RELIABLE, message)
    run(left, right, 300 * S, done=lambda: left.channels.sender.is_idle)
    assert left.channels.sender.next > 65536
    assert [message for _, message in right.got] == sent


def test_a_window_uses_what_the_loss_leaves_of_the_link() -> None:
    left, right = pair(247, window=64, loss=0.2)
    for _ in range(200):
        left.channels.push(RELIABLE, bytes(1000), bulk=True)
    now_ns = run(left, right, 60 * S, done=lambda: left.channels.sender.is_idle)
    packets_per_s = 50_000 / 247
    best_bytes_per_s = packets_per_s * 0.8 * (framing.packet_room(247) - 3)
    assert 200_000 / (now_ns / S) >= 0.9 * best_bytes_per_s


def test_best_effort_delays_a_reliable_packet_by_one_packet_at_most() -> None:
    left, right = pair(247)
    for n in range(16):
        left.channels.push(BestEffort.AUDIO, bytes(160))
        left.channels.push(BestEffort.VIDEO, bytes((n,)) * 20_000)
    now_ns = run(left, right, 100 * MS)
    for _ in range(20):
        left.channels.push(BestEffort.AUDIO, bytes(160))
        left.channels.push(RELIABLE, b"now")
        at = len(left.log)
        now_ns = run(left, right, now_ns + 30 * MS, now_ns)
        data = [packet.channel for packet in left.log[at:] if isinstance(packet, Data)]
        assert RELIABLE in data[:2]


def test_a_bulk_message_lets_sound_through_and_every_prompt_message_go_first() -> None:
    left, right = pair(247)
    for _ in range(20):
        left.channels.push(RELIABLE, b"photo" * 180, bulk=True)
    now_ns = run(left, right, 20 * MS)
    for _ in range(10):
        left.channels.push(BestEffort.AUDIO, bytes(160))
    left.channels.push(RELIABLE, b"button")
    at = len(left.log)
    run(left, right, now_ns + 200 * MS, now_ns)
    sound = [i for i, p in enumerate(left.log[at:]) if isinstance(p, Data) and p.channel == BestEffort.AUDIO]
    button = next(i for i, p in enumerate(left.log[at:]) if isinstance(p, Data) and p.payload == b"button")
    assert len(sound) == 10 and sound[-1] < 25, "one for one with the photo"
    assert button < 12, "after the bulk message that had begun"


def test_of_pictures_that_are_too_fast_for_the_link_the_newest_is_sent_next() -> None:
    left, right = pair(247)
    for n in range(10):
        left.channels.push(BestEffort.VIDEO, bytes((n,)) * 5000)
    run(left, right, 2 * S)
    assert [message[0] for _, message in right.got] == [9]
    assert left.channels.newest[BestEffort.VIDEO].dropped == 9


def test_a_picture_with_a_missing_fragment_is_forgotten_and_the_next_one_comes() -> None:
    left, right = pair(247, loss=0.02)
    now_ns = 0
    for n in range(100):
        left.channels.push(BestEffort.VIDEO, bytes((n,)) * 5000)
        now_ns = run(left, right, now_ns + 200 * MS, now_ns)
    assert 30 < len(right.got) < 95
    assert all(message == message[:1] * 5000 for _, message in right.got)


def test_a_sender_without_credit_waits_for_the_grant_and_goes_on() -> None:
    left, right = pair(247, credit=4, loss=0.3)
    now_ns = 0
    for n in range(200):
        left.channels.push(BestEffort.SENSOR, bytes((n,)))
        now_ns = run(left, right, now_ns + 20 * MS, now_ns)
    assert len(right.got) > 100
    assert any(isinstance(packet, Credit) for packet in right.log)


def test_a_program_that_does_not_take_its_messages_stops_the_sender_and_later_lets_it_go_on() -> None:
    sender, receiver = Sender(room_bytes=50, credit=4), Receiver(window=4)
    for n in range(20):
        sender.push(bytes((n,)))
    now_ns = 0
    for _ in range(50):
        now_ns += 500 * MS
        while (data := sender.packet(now_ns)) is not None:
            receiver.add(data, now_ns)
        sender.acknowledged(receiver.ack(), now_ns)
    assert sender.base == 4 and receiver.credit == 0
    taken = []
    while len(taken) < 20:
        now_ns += 500 * MS
        taken += receiver.take()
        while (data := sender.packet(now_ns)) is not None:
            receiver.add(data, now_ns)
        sender.acknowledged(receiver.ack(), now_ns)
    assert taken == [bytes((n,)) for n in range(20)]


@pytest.mark.parametrize("mtus", [(247, 20), (20, 512), (247, 247), (512, 23)])
def test_a_cut_link_goes_on_with_another_mtu_and_nothing_is_lost_or_doubled(mtus: tuple[int, int]) -> None:
    sent = numbered(20, 600)
    for cut_ms in range(1, 200, 21):
        left, right = pair(mtus[0], loss=0.2, overtaken=0.2)
        for n, message in enumerate(sent):
            left.channels.push(RELIABLE, message, bulk=n % 3 == 0)
        now_ns = run(left, right, cut_ms * MS)
        left.air.on_wire.clear()
        right.air.on_wire.clear()
        room = framing.packet_room(mtus[1])
        wire = [end.channels.receiver.next & 0xFFFF for end in (left, right)]
        assert left.channels.start(wire[1], 32, 64, room) and right.channels.start(wire[0], 32, 64, room)
        run(left, right, 300 * S, now_ns, done=lambda left=left: left.channels.sender.is_idle)
        assert sorted(message for _, message in right.got) == sent
        prompt = [message for n, message in enumerate(sent) if n % 3]
        assert [message for _, message in right.got if message in prompt] == prompt


def test_a_peer_that_expects_what_was_never_sent_cannot_resume() -> None:
    left, _ = pair()
    assert not left.channels.start(5, 32, 64, 100)
    assert not left.channels.start(0xFFF0, 32, 64, 100)


def test_a_peer_that_breaks_the_rules_is_told_in_a_sentence() -> None:
    left, _ = pair()
    with pytest.raises(ProtocolError, match="acknowledges packet 3, only 0 were sent"):
        left.channels.receive(Ack(3, 32), 0)
    with pytest.raises(ProtocolError, match="mixes the fragments"):
        left.channels.receive(Data(0, 0, first=False, last=True, payload=b"x"), 0)
    receiver = Receiver(max_message_bytes=100)
    receiver.add(Data(0, 0, first=True, last=False, payload=bytes(90)), 0)
    with pytest.raises(ProtocolError, match="more than 100 bytes"):
        receiver.add(Data(0, 1, first=False, last=False, payload=bytes(90)), 0)


def test_what_waits_for_the_device_is_bounded() -> None:
    left, _ = pair()
    for _ in range((1 << 18) // 1000):
        left.channels.push(RELIABLE, bytes(1000))
    with pytest.raises(QueueFull, match="send less"):
        left.channels.push(RELIABLE, bytes(1000))


def test_a_flood_on_any_channel_holds_no_more_than_one_message_each() -> None:
    """Fragments that never end, on all channels, with jumping numbers: memory stays, the reliable channel goes on."""
    _, right = pair()
    draw = random.Random(4)
    for _ in range(20_000):
        channel, seq = draw.randrange(1, 8), draw.randrange(65536)
        right.channels.receive(Data(channel, seq, draw.random() < 0.1, last=False, payload=bytes(400)), 0)
    held = sum(part._parts_bytes for part in right.channels._incoming.values())
    assert held <= len(BestEffort) * Limits().max_message_bytes
    right.channels.receive(Data(0, 0, first=True, last=True, payload=b"still here"), 0)
    assert right.channels.receiver.next == 1
