"""The bundled recording: its file is whole, and what its truth names can be read in it."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import edge.assets
from edge.perception import codes, ocr_ppocr
from tests.perception.pictures import Image, look

FOLDER = Path(edge.assets.__file__).parent


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return dict(json.loads((FOLDER / "demo.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def pictures(truth: dict[str, Any]) -> dict[int, Image]:
    """The frames in which each thing is seen best, by number."""
    wanted = {round(thing["t_best_s"] * truth["fps"]) for thing in truth["things"]}
    with av.open(str(FOLDER / truth["film"])) as film:
        frames = enumerate(film.decode(video=0))
        return {i: np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for i, frame in frames if i in wanted}


def test_the_film_is_as_its_truth_says(truth: dict[str, Any]) -> None:
    """Size, rate, length, one picture and one sound track, small enough to be bundled."""
    path = FOLDER / truth["film"]
    assert path.stat().st_size <= 2_500_000
    with av.open(str(path)) as film:
        video, audio = film.streams.video[0], film.streams.audio[0]
        assert [video.width, video.height] == truth["size_px"]
        assert (video.average_rate, video.frames) == (truth["fps"], truth["fps"] * truth["duration_s"])
        assert (audio.rate, audio.channels) == (truth["rate_hz"], 1)


def test_each_sign_that_is_asked_about_is_read_where_it_is(truth: dict[str, Any], pictures: dict[int, Image]) -> None:
    """By the default OCR and code reader, at the moment when it is seen best."""
    detectors = {"text": ocr_ppocr.build(ocr_ppocr.Options()), "code": codes.build(codes.Options())}
    things = {thing["label"]: thing for thing in truth["things"]}
    for question in truth["questions"]:
        if not question["about"]:
            continue
        thing = things[question["about"]]
        _, looked = look(detectors[thing["kind"]], pictures[round(thing["t_best_s"] * truth["fps"])])
        found = [s for s in looked.seen if s.label == thing["label"]]
        assert found, f"{thing['label']} was not among {[s.label for s in looked.seen]}"
        x, y = ((found[0].box_xyxy[i] + found[0].box_xyxy[i + 2]) / 2 for i in (0, 1))
        x0, y0, x1, y1 = thing["box_xyxy"]
        assert x0 <= x <= x1
        assert y0 <= y <= y1


def test_questions_follow_each_other_and_are_asked_when_the_sign_was_seen(truth: dict[str, Any]) -> None:
    """No question is asked before what it is about came into view."""
    things = {thing["label"]: thing for thing in truth["things"]}
    questions = truth["questions"]
    assert len(questions) == 8
    assert all(q["t_end_s"] + 2 < n["t_start_s"] for q, n in itertools.pairwise(questions))
    assert all(things[q["about"]]["t_start_s"] < q["t_start_s"] for q in questions if q["about"])
