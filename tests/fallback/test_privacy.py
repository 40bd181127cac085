"""The gate: what nobody allowed does not leave, whatever the rows, classes and faults."""

from __future__ import annotations

from random import Random
from typing import get_args

import numpy as np
import pytest

from edge.clock import S
from edge.errors import ModelError, PrivacyRefused
from edge.fallback import pictures, privacy
from edge.fallback.chat import Picture
from edge.fallback.placeholders import Placeholders
from edge.fallback.privacy import CLASSES, REACHES, Class, Reach, may, permit, permits
from edge.fallback.rows import Row
from edge.types import Device, Query, Scene, Seen, Turn
from tests.fallback.rows import changed

LAN = changed(name="lan")
PRIVATE = changed(name="private", region="eu", url="https://a.example/v1")
TRAINS = changed(name="trains", region="us", url="https://b.example/v1", trains_on_data=True)
READ = changed(name="read", region="us", url="https://c.example/v1", human_review=True)
ROWS = (LAN, PRIVATE, TRAINS, READ)
BOX = (0.1, 0.1, 0.3, 0.3)
NOW = 100 * S
QUERY = Query(
    NOW,
    "who is that and what is 4111 1111 1111 1111",
    Scene(
        NOW,
        (
            Seen(NOW - 60 * S, "object", "oldthing", 0.9, BOX, 1),
            Seen(NOW, "text", "mail secretsign@example.org", 0.9, BOX, 2),
            Seen(NOW, "object", "bicycle", 0.9, BOX, 3),
            Seen(NOW, "face", "Marjorie", 0.9, BOX, 4),
        ),
        Device(63, "14:05"),
    ),
    earlier=(Turn("earlierquestion", "earlieranswer for Marjorie"),),
)
MARKS: dict[Class, tuple[str, ...]] = {
    "words": ("who is that",), "text_seen": ("- a text",), "objects": ("bicycle",), "faces": ("a person,",),
    "memory": ("oldthing", "earlierquestion", "earlieranswer"), "picture": (), "place": ("63 percent", "14:05"),
}  # fmt: skip
RAW = ("4111", "secretsign@example.org", "Marjorie")


def told(row: Row, consent: dict[Class, Reach], **options: object) -> str:
    made = permit(QUERY, row, consent, Placeholders(), **options)  # type: ignore[arg-type]  # names of its fields
    return "\n".join(m.text for m in made.chat.messages)


def test_how_far_data_goes() -> None:
    reached = {reach: [row.name for row in ROWS if may(reach, row)] for reach in REACHES}
    assert reached == {
        "never": [], "lan": ["lan"], "private": ["lan", "private"], "any": ["lan", "private", "trains", "read"],
    }  # fmt: skip


def test_without_consent_nothing_leaves() -> None:
    given, refused = permits(ROWS, lambda row: permit(QUERY, row, {}, Placeholders()))
    assert not given and len(refused) == 4 and "edge cloud allow words" in refused[0]


def test_every_class_stays_at_home_unless_it_was_allowed_to_go_there() -> None:
    rng = Random(1)
    for _ in range(400):
        consent: dict[Class, Reach] = {c: rng.choice(REACHES) for c in CLASSES if rng.random() < 0.9}
        row = rng.choice(ROWS)
        if not may(consent.get("words", "never"), row):
            with pytest.raises(PrivacyRefused):
                told(row, consent)
            continue
        text = told(row, consent)
        for name, marks in MARKS.items():
            assert all((mark in text) == may(consent.get(name, "never"), row) for mark in marks), (name, row.name)
        assert not any(raw in text for raw in RAW)


def test_what_is_in_a_chat_is_named_for_the_record() -> None:
    consent: dict[Class, Reach] = {"words": "any", "objects": "any", "memory": "lan"}
    assert permit(QUERY, TRAINS, consent, Placeholders()).classes == ("words", "objects")
    assert set(permit(QUERY, LAN, consent, Placeholders()).classes) == {"words", "objects", "memory"}


def test_a_picture_is_made_only_for_a_row_that_may_have_it() -> None:
    asked: list[int] = []

    def picture() -> Picture:
        asked.append(1)
        return Picture(b"jpeg")

    everything: dict[Class, Reach] = dict.fromkeys(CLASSES, "private")
    made = permit(QUERY, PRIVATE, everything, Placeholders(), picture=picture)
    assert made.chat.messages[-1].pictures == (Picture(b"jpeg"),) and "picture" in made.classes
    permit(QUERY, changed(sees=False), everything, Placeholders(), picture=picture)
    permit(QUERY, PRIVATE, everything | {"picture": "lan"}, Placeholders(), picture=picture)
    assert len(asked) == 1


IMAGE = np.random.default_rng(1).integers(0, 255, (480, 960, 3)).astype(np.uint8)


def decoded(picture: Picture) -> np.ndarray:  # type: ignore[type-arg]  # of uint8 or whatever numpy makes
    import cv2

    found = cv2.imdecode(np.frombuffer(picture.data, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return found


def test_a_picture_leaves_small_without_metadata_and_with_faces_mixed() -> None:
    made = pictures.safe(IMAGE, [lambda image: [(0.25, 0.25, 0.5, 0.75)]], lambda: 0.0, 1.0)
    out = decoded(made)
    assert out.shape == (384, 768, 3) and b"Exif" not in made.data
    hidden, open_ = out[96:288, 192:384].astype(float), out[300:380, 500:760].astype(float)
    assert np.abs(np.diff(hidden, axis=1)).mean() < 0.2 * np.abs(np.diff(open_, axis=1)).mean()
    assert IMAGE.std() > 60  # the picture that was given is as it was


def test_a_detector_that_fails_is_late_or_is_not_there_means_no_picture() -> None:
    def fails(image: object) -> list[tuple[float, float, float, float]]:
        raise ModelError("the file is gone")

    ticks = iter((0.0, 5.0))
    for hide, clock, says in (
        ([fails], lambda: 0.0, "a detector failed"),
        ([lambda image: []], lambda: next(ticks), "too long"),
        ([], lambda: 0.0, "no face detector"),
    ):
        with pytest.raises(PrivacyRefused, match=says):
            pictures.safe(IMAGE, hide, clock, 1.0)  # type: ignore[arg-type]  # fakes


def test_boxes_at_and_beyond_the_edges_do_no_harm() -> None:
    boxes = [(0.0, 0.0, 0.01, 0.01), (0.9, 0.9, 1.0, 1.0), (0.5, 0.5, 0.5, 0.5), (0.99, 0.2, 1.0, 0.2)]
    pictures.safe(IMAGE, [lambda image: boxes], lambda: 0.0, 1.0)


def test_the_classes_are_those_of_the_type() -> None:
    assert get_args(privacy.Class) == CLASSES and get_args(privacy.Reach) == REACHES
