"""A session as one HTML file and on the terminal: everything is in it, and nothing that was seen or said is markup."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from edge.clock import MS, S
from edge.commands.output import print_session
from edge.event_log import EventLog
from edge.measure import attributed
from edge.report import annotated, write_report
from edge.runtime import Session
from edge.trace import Trace
from edge.types import Answer, Failure, Query, Scene, Token
from tests.fakes import frame, keyframe, looked, said, seen

SCRIPT = "<script>alert('x')</script>"
MARKUP = "[/bold] [red]EXIT[/] [link=x]"


class Page(HTMLParser):
    """The tags and the words of a page; void elements need no end."""

    void = frozenset({"meta", "img", "rect", "!doctype", "br", "link"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words += data + " "


def session(label: str, question: str, answer: str) -> Session:
    """One turn about one sign: 500 ms of pause, 100 of recognition, 50 of prefill; and a failure."""
    now = [0]
    log, trace = EventLog(lambda: now[0]), Trace()
    log(looked(0, seen(label)))
    now[0] = 1_600 * MS
    log(said(question, 1_000))
    trace.mark("pause", "hear", 1_000 * MS, 1_500 * MS)
    trace.work("asr_final", "listen", 1_500 * MS, 1_600 * MS, 1.0)
    trace.work("prefill", "answer", 1_600 * MS, 1_650 * MS, 40)
    trace.age("ocr", 12.0)
    query = Query(1 * S, question, Scene(1 * S, (seen(label),)), keyframe(0))
    log(query)
    now[0] = 1_650 * MS
    log(Token(1 * S, answer, 0))
    log(Answer(1 * S, question, answer, "local", 0.9, False, None, 50 * MS, 60 * MS))
    log(Failure(2 * S, "camera 0", f"it is unplugged {label}: plug it in"))
    return Session(log, trace, {}, 3 * S)


def written(path: Path, made: Session) -> str:
    write_report(made, path)
    return path.read_text("utf-8")


def test_the_report_is_whole_and_holds_question_answer_latency_and_failure(tmp_path: Path) -> None:
    page = Page(written(tmp_path / "r.html", session("EXIT", "what does the sign say", "It says EXIT.")))
    assert page.open == []
    for words in (
        "what does the sign say",
        "It says EXIT.",
        "650 ms",
        "camera 0",
        "plug it in",
        "asr_final",
        "100.0 %",
    ):
        assert words in page.words, words
    assert {"img", "svg", "table"} <= set(page.tags)


def test_the_report_needs_no_network_and_runs_nothing(tmp_path: Path) -> None:
    """Pictures lie in it; no script, no style, no font, no link from elsewhere."""
    text = written(tmp_path / "r.html", session("EXIT", "what", "EXIT"))
    page = Page(text)
    assert not {"script", "link", "iframe", "object", "base"} & set(page.tags)
    sources = [value for name, value in page.attributes if name in ("src", "href", "xlink:href", "data", "action")]
    assert sources
    assert all(value.startswith("data:image/jpeg;base64,") for value in sources)
    assert not re.search(r"url\(|@import|https?://|javascript:", text)
    assert not [name for name, _ in page.attributes if name.startswith("on")]


@pytest.mark.parametrize("bad", [SCRIPT, '"><img src=x onerror=alert(1)>', "&lt;b&gt; & <b>"])
def test_nothing_that_was_seen_or_said_becomes_markup(tmp_path: Path, bad: str) -> None:
    """A sign may say anything."""
    page = Page(written(tmp_path / "r.html", session(bad, f"what is {bad}", f"It says {bad}")))
    assert page.open == []
    assert not {"script", "b"} & {t for t in page.tags if t != "b"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for words in (f"what is {bad}", f"It says {bad}", f"unplugged {bad}"):
        assert words in page.words


def test_a_session_in_which_nothing_happened_has_a_report_too(tmp_path: Path) -> None:
    page = Page(written(tmp_path / "r.html", Session(EventLog(lambda: 0), Trace(), {}, 0)))
    assert page.open == []
    assert "Nobody asked anything." in page.words


def test_a_turn_without_an_answer_or_a_picture_is_told_as_such(tmp_path: Path) -> None:
    log = EventLog(lambda: 0)
    log(Query(1 * S, "anyone there", Scene(1 * S, ())))
    page = Page(written(tmp_path / "r.html", Session(log, Trace(), {}, 2 * S)))
    assert "anyone there" in page.words
    assert "no answer" in page.words
    assert "no picture" in page.words


def test_any_label_can_be_drawn_and_the_picture_itself_stays_as_it_was() -> None:
    """OpenCV's letters are ASCII; a box may touch the edge or be empty."""
    image = frame(0, 90).image
    for label in ("Ausgang → 出口", "", "x" * 500, SCRIPT):
        for box in ((0.0, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0), (0.5, 0.0, 0.5, 0.0)):
            out = annotated(image, [seen(label, box=box, kind=kind) for kind in ("text", "object", "code", "face")])
            assert out.shape == image.shape
    assert (image == 90).all()


def test_all_of_a_turn_that_spans_cover_is_explained_and_a_hole_is_not() -> None:
    made = session("EXIT", "what", "EXIT")
    assert attributed(made, made.log.turns[0]) == 1.0
    whole = list(made.trace.spans)
    made.trace.spans.clear()
    made.trace.spans.extend(s for s in whole if s.name != "asr_final")
    assert attributed(made, made.log.turns[0]) == pytest.approx(550 / 650, abs=0.001)


def test_the_terminal_prints_what_was_seen_and_said_as_it_is() -> None:
    """Square brackets are rich's markup; a sign that has them is no markup, and never breaks the printing."""
    out = io.StringIO()
    print_session(session(MARKUP, f"what is {MARKUP}", f"It says {MARKUP}"), Console(file=out, width=400))
    for words in (f"{MARKUP} (text ×1)", f"what is {MARKUP}", f"It says {MARKUP}", f"unplugged {MARKUP}"):
        assert words in out.getvalue()
