"""Tracks: one sign is one thing however many frames showed it."""

from __future__ import annotations

from edge.clock import MS, S
from edge.tracks import Options, Tracks
from edge.types import Looked, Seen
from tests.fakes import looked, seen


def labels(tracks: Tracks, now_ms: float) -> list[str]:
    return [s.label for s in tracks.at(int(now_ms * MS))]


def test_readings_of_one_sign_are_merged_and_what_most_of_them_say_stays() -> None:
    tracks = Tracks(Options())
    for t, reading in ((0, "PLATFOR"), (300, "PLATFORM 7"), (600, "PLATFORH7 x"), (900, "PLATFORM 7")):
        tracks.add(looked(t, seen(reading, t)))
    assert labels(tracks, 1000) == ["PLATFORM 7"]


def test_what_is_read_from_near_counts_more_than_what_was_read_from_afar() -> None:
    tracks = Tracks(Options())
    for t in (0, 300):
        tracks.add(looked(t, seen("ESPRESS0 2550", t, box=(0.45, 0.48, 0.55, 0.52))))
    tracks.add(looked(600, seen("ESPRESSO 2.50", 600, box=(0.3, 0.4, 0.7, 0.6))))
    assert labels(tracks, 700) == ["ESPRESSO 2.50"]


def test_two_signs_with_different_words_side_by_side_stay_two() -> None:
    tracks = Tracks(Options())
    for t in (0, 300):
        tracks.add(looked(t, seen("EXIT", t, box=(0.1, 0.1, 0.2, 0.2)), seen("ROOM 214", t, box=(0.1, 0.3, 0.3, 0.4))))
    assert sorted(labels(tracks, 400)) == ["EXIT", "ROOM 214"]


def test_two_people_in_one_frame_are_two_and_one_person_over_frames_is_one() -> None:
    tracks = Tracks(Options())
    for t in (0, 200, 400):
        left = seen("person", t, "object", (0.1 + t / 4000, 0.2, 0.3 + t / 4000, 0.9))
        right = seen("person", t, "object", (0.6, 0.2, 0.8, 0.9))
        tracks.add(looked(t, left, right, detector="objects"))
    assert labels(tracks, 500) == ["person", "person"]


def test_what_the_newest_look_showed_is_in_view_now_and_the_rest_keeps_its_age() -> None:
    tracks = Tracks(Options())
    for t in (0, 300):
        tracks.add(looked(t, seen("EXIT", t)))
    for t in (2000, 2300):
        tracks.add(looked(t, seen("CAFE LUNA", t)))
    old, new = tracks.at(3 * S)
    assert (old.label, old.t_ns) == ("EXIT", 300 * MS)
    assert (new.label, new.t_ns) == ("CAFE LUNA", 3 * S)


def test_a_text_read_once_and_not_surely_is_not_yet_believed() -> None:
    tracks = Tracks(Options())
    tracks.add(looked(0, seen("l1!Il", 0, score=0.65)))
    assert labels(tracks, 100) == []


def test_half_a_word_at_the_pictures_edge_is_no_new_sign() -> None:
    tracks = Tracks(Options())
    for t in (0, 300):
        tracks.add(looked(t, seen("LUNA", t, box=(0.0, 0.4, 0.2, 0.5))))
    assert labels(tracks, 400) == []


def test_memory_is_bounded_in_time_and_number() -> None:
    tracks = Tracks(Options(memory_s=10, max_tracks=5))
    for i in range(40):
        tracks.add(looked(i * 100, seen(f"{hash((i, 7)) % 10**9:09d}", i * 100)))
    assert len(labels(tracks, 4000)) == 5
    tracks.add(looked(60_000))
    assert labels(tracks, 60_000) == []


SMALL = (0.35, 0.35, 0.65, 0.65)


def first(t_ms: float, *things: Seen) -> Looked:
    """A look that is unsure of what stands in the middle."""
    return Looked(int(t_ms * MS), "ocr", things, (SMALL,))


def closer(t_ms: float, *things: Seen) -> Looked:
    return Looked(int(t_ms * MS), "ocr", things, is_closer=True)


def in_view(tracks: Tracks, now_ms: float) -> list[str]:
    return [s.label for s in tracks.at(int(now_ms * MS)) if s.t_ns == now_ms * MS]


def test_a_second_look_comes_on_top_of_what_the_first_one_showed() -> None:
    tracks = Tracks(Options())
    tracks.add(first(1000, seen("CAFE LUNA", 1000, box=(0.1, 0.1, 0.3, 0.2))))
    tracks.add(closer(1000, seen("Tea 1.80", 1000)))
    assert in_view(tracks, 1500) == ["CAFE LUNA", "Tea 1.80"]


def test_what_was_read_closer_stays_in_view_while_something_small_is_still_there() -> None:
    """Also when the second look was slower than the next first one."""
    tracks = Tracks(Options())
    for item in (first(1000), closer(1000, seen("Tea 1.80", 1000)), first(2000), first(3000)):
        tracks.add(item)
    assert in_view(tracks, 3500) == ["Tea 1.80"]
    tracks.add(looked(4000))
    assert in_view(tracks, 4500) == []
    assert labels(tracks, 4500) == ["Tea 1.80"]
    late = Tracks(Options())
    for item in (first(1000), first(2000), closer(1000, seen("Tea 1.80", 1000))):
        late.add(item)
    assert in_view(late, 2500) == ["Tea 1.80"]


def test_a_reading_in_full_resolution_counts_for_more_than_two_first_looks() -> None:
    tracks = Tracks(Options())
    for item in (first(0, seen("Tea 1.60", 0)), first(300, seen("Tea 1.60", 300)), closer(300, seen("Tea 1.80", 300))):
        tracks.add(item)
    assert labels(tracks, 400) == ["Tea 1.80"]
