"""Mailboxes: bounded, never blocking, never handing out what is too old."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from edge.clock import MS, VirtualClock
from edge.errors import ConfigError
from edge.mailbox import Mailbox, Policy
from edge.types import Draft, LookCloser, Query, Scene
from tests.fakes import chunk, frame, keyframe, said


def taken(box: Mailbox) -> object:
    found = box.take()
    return None if found is None else found[1]


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    box = Mailbox(Policy(1, "oldest", 1000), VirtualClock())
    for i in range(5):
        box.put(frame(i, seq=i))
    assert taken(box).seq == 4  # type: ignore[union-attr]  # None would fail here
    assert taken(box) is None
    assert (box.counters.taken, box.counters.dropped) == (1, 4)


def test_sound_that_waits_becomes_one_chunk_without_a_lost_sample() -> None:
    box = Mailbox(Policy(64, "join", 10_000), VirtualClock())
    for i in range(5):
        box.put(chunk(i * 80, value=i))
    joined = taken(box)
    assert len(joined.samples) == 5 * 1280  # type: ignore[union-attr]  # None would fail here
    np.testing.assert_array_equal(joined.samples[::1280], [0, 1, 2, 3, 4])  # type: ignore[union-attr]  # None would fail here
    assert box.counters.lost == 0


def test_sound_on_both_sides_of_a_gap_stays_apart() -> None:
    box = Mailbox(Policy(64, "join", 10_000), VirtualClock())
    box.put(chunk(0))
    box.put(chunk(500))
    assert len(taken(box).samples) == 1280  # type: ignore[union-attr]  # None would fail here
    assert taken(box).t_ns == 500 * MS  # type: ignore[union-attr]  # None would fail here


def test_an_item_past_its_maximum_age_is_dropped_instead_of_handed_out() -> None:
    clock = VirtualClock()
    box = Mailbox(Policy(4, "oldest", 100), clock)
    box.put(frame(0))
    box.put(frame(150))
    clock.advance_to(160 * MS)
    assert taken(box).t_ns == 150 * MS  # type: ignore[union-attr]  # None would fail here
    assert box.counters.expired == 1


def test_words_do_not_age() -> None:
    clock = VirtualClock()
    box = Mailbox(Policy(4, "oldest", 100), clock)
    box.put(said("hello", 0))
    clock.advance_to(10_000 * MS)
    assert taken(box).text == "hello"  # type: ignore[union-attr]  # None would fail here


def test_a_refresh_takes_the_place_of_a_waiting_keyframe_and_wakes_nobody_otherwise() -> None:
    box = Mailbox(Policy(1, "oldest", 10_000, takes_refresh=True), VirtualClock())
    box.put(keyframe(10, refresh=True))
    assert len(box) == 0
    box.put(keyframe(20))
    box.put(keyframe(50, refresh=True))
    assert taken(box).t_ns == 50 * MS  # type: ignore[union-attr]  # None would fail here


def test_a_refresh_never_pushes_out_what_is_no_keyframe() -> None:
    """The mailbox of fusion holds words as well."""
    box = Mailbox(Policy(8, "oldest", 10_000), VirtualClock())
    box.put(said("hello", 0))
    box.put(keyframe(50, refresh=True))
    assert taken(box).text == "hello"  # type: ignore[union-attr]  # None would fail here


def test_a_closed_mailbox_wakes_its_reader_and_still_gives_what_waits() -> None:
    box = Mailbox(Policy(4, "oldest", 1000), VirtualClock())
    got: list[object] = []
    reader = threading.Thread(target=lambda: got.extend([box.wait(), box.wait()]))
    reader.start()
    box.put(said("last words", 0))
    box.close()
    reader.join(5)
    assert not reader.is_alive()
    assert got[0] is not None
    assert got[1] is None


@pytest.mark.parametrize("policy", [(0, "oldest", 1), (1, "oldest", 0), (1, "sometimes", 1)])
def test_a_queue_without_capacity_policy_or_age_is_an_error(policy: tuple[int, str, float]) -> None:
    with pytest.raises(ConfigError):
        Policy(*policy)  # type: ignore[arg-type]  # wrong ones are meant


def test_a_draft_waits_only_until_something_newer_comes() -> None:
    box = Mailbox(Policy(4, "oldest", 1000), VirtualClock(0))
    drafts = [Draft(Query(n, "what", Scene(n, ()))) for n in range(3)]
    for draft in drafts[:2]:
        box.put(draft)
    assert len(box) == 1
    question = Query(5, "what is it", Scene(5, ()))
    box.put(question)
    box.put(drafts[2])
    assert [box.take()[1] for _ in range(2)] == [question, drafts[2]]  # type: ignore[index]  # there are two
    assert box.counters.lost == 0


def test_a_request_to_look_closer_goes_first_and_takes_nobodys_place() -> None:
    """Only an older request gives way to it."""
    box = Mailbox(Policy(1, "oldest", 1000, takes_refresh=True), VirtualClock())
    box.put(keyframe(1))
    box.put(LookCloser(2, ()))
    box.put(LookCloser(3, ()))
    box.put(keyframe(4, refresh=True))
    assert len(box) == 2
    assert not box.idle
    assert taken(box) == LookCloser(3, ())
    assert taken(box).t_ns == 4 * MS  # type: ignore[union-attr]  # None would fail here
    assert taken(box) is None
    assert (box.counters.taken, box.counters.dropped) == (2, 1)


def test_what_takes_the_place_of_a_waiting_picture_goes_on_with_its_waiting() -> None:
    """The trace tells by it how late the reader is, however new what it takes."""
    clock = VirtualClock()
    box = Mailbox(Policy(1, "oldest", 2_000, takes_refresh=True), clock)
    box.put(keyframe(0))
    clock.advance_to(100 * MS)
    box.put(keyframe(100))
    clock.advance_to(200 * MS)
    box.put(keyframe(200, refresh=True))
    found = box.take()
    assert found is not None and (found[0], found[1].t_ns) == (0, 200 * MS)
