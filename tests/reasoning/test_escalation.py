"""Local or cloud: each mode, each way to fail, and the person's own word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from edge.errors import DeadlineExceeded, PrivacyRefused
from edge.reasoning.router import Router
from edge.types import Answer, Draft, Interrupted, Notice, Query, Scene, Token, ToolCall, Work

QUERY = Query(1_000, "who painted this", Scene(1_000, ()))


@dataclass(frozen=True)
class Words:
    text: str
    row: str = "muse"


@dataclass
class Cloud:
    """A cloud with a script."""

    script: Sequence[Words | ToolCall | Exception]
    mode: str = "local-first"
    announces: bool = True
    has_spoken: bool = False
    asked: list[str] = field(default_factory=list)
    cancelled: int = 0
    warmed: int = 0
    noted: list[tuple[str, bool]] = field(default_factory=list)

    def warm(self) -> None:
        self.warmed += 1

    def start(self, query: Query) -> Cloud:
        self.asked.append(query.text)
        return self

    def __iter__(self) -> Iterator[Words | ToolCall]:
        for step in self.script:
            if isinstance(step, Exception):
                raise step
            yield step

    def note(self, query: Query, answer: Answer, *, may_refine: bool = True) -> None:
        self.noted.append((answer.source, may_refine))

    def cancel(self) -> None:
        self.cancelled += 1

    def interrupt(self) -> None:
        self.cancelled += 1


@dataclass
class Local:
    """A local model that knows, or passes on."""

    knows: bool
    asked: list[str] = field(default_factory=list)
    stopped: int = 0
    knows_at_last: bool = False
    """it has an answer that it would rather not give"""

    def process(self, query: Query, *, must: bool = False) -> Iterator[Work | Token | Answer]:
        self.asked.append(query.text)
        yield Work("prefill", 1)
        if self.knows or (must and self.knows_at_last):
            yield Token(query.t_ns, "A cup.", 0)
            yield Answer(query.t_ns, query.text, "A cup.", "local", 0.9, False, None, 1, 2)
        else:
            yield Answer(query.t_ns, query.text, "I can't answer that here.", "none", 0.1, True, None, 1, 2)

    def prepare(self, query: Query, *, is_whole: bool = False) -> Iterator[Work]:
        yield Work("prefill", 1)

    def interrupt(self) -> None:
        self.stopped += 1


MUSE = [Words("Vermeer "), Words("did.")]


def answered(cloud: Cloud, *, knows: bool = False, query: Query = QUERY) -> tuple[str, Answer, Local]:
    local = Local(knows)
    outs = list(Router(local, cloud).process(query))
    (answer,) = [out for out in outs if isinstance(out, Answer)]
    said = "".join(out.text for out in outs if isinstance(out, Token))
    assert said == answer.text
    indices = [out.index for out in outs if isinstance(out, Token)]
    assert indices == sorted(set(indices))
    return said, answer, local


def test_what_the_local_model_knows_is_not_told_to_anybody() -> None:
    cloud = Cloud(MUSE)
    said, answer, _ = answered(cloud, knows=True)
    assert (said, answer.source, cloud.asked) == ("A cup.", "local", [])


def test_what_it_passes_on_is_answered_by_a_row_that_is_named() -> None:
    said, answer, _ = answered(Cloud(MUSE))
    assert said == "muse says: Vermeer did." and (answer.source, answer.row) == ("cloud", "muse")


def test_the_row_is_named_in_the_answer_even_when_it_is_not_spoken() -> None:
    said, answer, _ = answered(Cloud(MUSE, announces=False))
    assert said == "Vermeer did." and answer.row == "muse"


def test_when_nobody_may_be_told_the_refusal_says_why() -> None:
    said, answer, _ = answered(Cloud([PrivacyRefused("your words may not go to muse")]))
    assert said == "I can't answer that here. Your words may not go to muse." and answer.source == "none"


def test_an_answer_that_is_cut_off_in_the_middle_says_so() -> None:
    said, answer, _ = answered(Cloud([*MUSE[:1], DeadlineExceeded("late")]))
    assert said == "muse says: Vermeer I was cut off." and answer.source == "cloud"


def test_cloud_first_asks_the_local_model_when_no_row_answers() -> None:
    said, answer, local = answered(Cloud([DeadlineExceeded("late")], "cloud-first"), knows=True)
    assert (said, answer.source, local.asked) == ("A cup.", "local", ["who painted this"])
    assert answered(Cloud([DeadlineExceeded("late")], "cloud-first"))[0] == "I can't answer that here. Late."
    _, answer, local = answered(Cloud(MUSE, "cloud-first"), knows=True)
    assert answer.source == "cloud" and not local.asked


def test_in_a_race_the_cloud_answers_when_it_speaks_first_and_is_cancelled_when_it_does_not() -> None:
    first = Cloud(MUSE, "race", has_spoken=True)
    assert answered(first, knows=True)[1].source == "cloud" and first.cancelled == 0
    second = Cloud(MUSE, "race")
    assert answered(second, knows=True)[1].source == "local" and second.cancelled == 1
    passed_on = Cloud(MUSE, "race")
    assert answered(passed_on)[1].source == "cloud"
    assert answered(Cloud([DeadlineExceeded("late")], "race"))[0] == "I can't answer that here. Late."


def test_local_only_asks_nobody() -> None:
    cloud = Cloud(MUSE, "local-only")
    assert answered(cloud)[1].source == "none" and not cloud.asked


@pytest.mark.parametrize(
    ("text", "mode", "source"),
    [
        ("ask the cloud who painted this", "local-first", "cloud"),
        ("ask the cloud who painted this", "local-only", "cloud"),
        ("who painted this keep it here", "cloud-first", "local"),
    ],
)
def test_the_persons_word_overrules_the_mode(text: str, mode: str, source: str) -> None:
    cloud = Cloud(MUSE, mode)
    _, answer, local = answered(cloud, knows=True, query=Query(1_000, text, QUERY.scene))
    assert answer.source == source
    assert (cloud.asked or local.asked) == ["who painted this"]


def test_a_call_that_a_row_makes_comes_with_the_answer() -> None:
    _, answer, _ = answered(Cloud([Words("Okay."), ToolCall("timer", {"minutes": 3})]))
    assert answer.tool_call == ToolCall("timer", {"minutes": 3})


def test_a_connection_is_opened_while_the_person_speaks_and_not_for_each_word() -> None:
    cloud = Cloud(MUSE)
    router = Router(Local(True), cloud, lambda: 0)
    for _ in range(3):
        list(router.process(Draft(QUERY)))
    assert cloud.warmed == 1


def test_an_interruption_reaches_both() -> None:
    cloud, local = Cloud(MUSE), Local(True)
    router = Router(local, cloud)
    router.control(Interrupted(QUERY.t_ns))
    assert (cloud.cancelled, local.stopped) == (1, 1) and list(router.process(QUERY)) == []


def test_without_a_local_model_the_cloud_is_asked() -> None:
    outs = list(Router(None, Cloud(MUSE)).process(QUERY))
    assert any(isinstance(out, Answer) and out.source == "cloud" for out in outs)


def test_when_no_row_answers_the_local_model_does_however_unsure_it_is() -> None:
    local = Local(False, knows_at_last=True)
    outs = list(Router(local, Cloud([DeadlineExceeded("late")])).process(QUERY))
    assert [out.text for out in outs if isinstance(out, Token)] == ["A cup."]
    assert [out.source for out in outs if isinstance(out, Answer)] == ["local"]
    raced = list(Router(local, Cloud([DeadlineExceeded("late")], "race")).process(QUERY))
    assert [out.source for out in raced if isinstance(out, Answer)] == ["local"]


def test_the_cloud_side_is_told_what_came_of_each_question_and_whether_it_may_look_it_over() -> None:
    cloud = Cloud(MUSE, "refine")
    answered(cloud, knows=True)
    answered(cloud, knows=True, query=Query(2_000, "what is this keep it here", QUERY.scene))
    answered(cloud)
    assert cloud.noted == [("local", True), ("local", False), ("cloud", True)]


def test_a_notice_is_said_after_the_last_question_and_before_the_next() -> None:
    router = Router(Local(True), Cloud(MUSE))
    list(router.process(QUERY))
    notices = [
        out for _ in range(2) for out in router.process(Notice(7, "who painted it", "A correction: Vermeer.", "muse"))
    ]
    tokens = [out for out in notices if isinstance(out, Token)]
    answers = [out for out in notices if isinstance(out, Answer)]
    assert [t.t_ns for t in tokens] == [1_001, 1_002] and {t.text for t in tokens} == {"A correction: Vermeer."}
    assert [(a.question, a.source, a.row) for a in answers] == [("who painted it", "cloud", "muse")] * 2
    assert any(isinstance(out, Answer) for out in router.process(Query(1_003, "next", QUERY.scene)))


@dataclass
class Decided:
    says: str
    question: Query | None = None


@dataclass
class Asking:
    """Asks once, and takes "yes" for a yes."""

    waiting: Query | None = None
    asked: int = 0

    def ask(self, query: Query) -> str:
        self.asked += 1
        self.waiting = query if self.asked == 1 else None
        return "May I send your words to muse?" if self.asked == 1 else ""

    def hear(self, text: str) -> Decided | None:
        waiting, self.waiting = self.waiting, None
        if waiting is None or text not in ("yes", "no"):
            return None
        return Decided("", waiting) if text == "yes" else Decided("Okay, your words stay here.")


@pytest.mark.parametrize("mode", ["local-first", "cloud-first", "refine"])
def test_the_person_is_asked_before_anything_is_sent_and_yes_sends_the_question_that_waits(mode: str) -> None:
    cloud, consent = Cloud(MUSE, mode), Asking()
    router = Router(Local(False), cloud, consent=consent)
    first = [out for out in router.process(QUERY) if isinstance(out, Answer)]
    assert first[0].text.endswith("May I send your words to muse?") and cloud.asked == []
    (second,) = [out for out in router.process(Query(2_000, "yes", QUERY.scene)) if isinstance(out, Answer)]
    assert (second.t_ns, second.question, second.text) == (2_000, QUERY.text, "muse says: Vermeer did.")


def test_no_sends_nothing_and_another_question_is_a_question() -> None:
    cloud = Cloud(MUSE)
    router = Router(Local(False), cloud, consent=Asking())
    list(router.process(QUERY))
    (no,) = [out for out in router.process(Query(2_000, "no", QUERY.scene)) if isinstance(out, Answer)]
    assert no.text == "Okay, your words stay here." and cloud.asked == []
    other = Router(Local(False), cloud, consent=Asking())
    list(other.process(QUERY))
    list(other.process(Query(2_000, "who is that", QUERY.scene)))
    assert cloud.asked == ["who is that"]
