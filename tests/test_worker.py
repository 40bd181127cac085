"""Workers: what a slow stage loses is said, and only for sound is that a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from edge.bus import Bus
from edge.clock import MS, VirtualClock
from edge.mailbox import Drop, Policy
from edge.stage import Node
from edge.trace import Trace
from edge.types import AudioChunk, Draft, Failure, Interrupted, Query, Scene, Work
from edge.worker import Worker, run
from tests.fakes import Echo, chunk


@pytest.mark.parametrize(("drop", "failures"), [("join", 1), ("oldest", 0)])
def test_dropped_sound_is_a_failure_that_says_what_to_do(drop: Drop, failures: int) -> None:
    bus, said = Bus(), []
    stage = Echo()
    worker = Worker(Node("hear", stage, (AudioChunk,), Policy(2, drop, 60_000)), bus, Trace(), VirtualClock())
    bus.connect((Failure,), said.append)
    for t_ms in (0, 1000, 2000, 3000):  # apart, so that none can be joined; two fit
        bus.publish(chunk(t_ms))
    worker.start()
    worker.close()
    assert worker.join(5)
    assert len(stage.items) == 2
    assert len(said) == failures
    for failure in said:
        assert failure.where == "hear"
        assert "2 pieces of sound were dropped" in failure.error


class Slow:
    """Four steps an item; lets the test act after the first."""

    def __init__(self, after_first: Callable[[], None]) -> None:
        self.steps: list[str] = []
        self._after_first = after_first

    def process(self, item: Draft | Query) -> Iterator[Work]:
        for _ in range(4):
            self.steps.append(type(item).__name__)
            yield Work("prefill")
            if len(self.steps) == 1:
                self._after_first()


def test_work_on_a_draft_is_given_up_when_the_question_comes() -> None:
    bus = Bus()
    question = Query(2, "what is it", Scene(2, ()))
    stage = Slow(lambda: bus.publish(question))
    worker = Worker(Node("answer", stage, (Query, Draft), Policy(4, "oldest", 60_000)), bus, Trace(), VirtualClock())
    bus.publish(Draft(Query(1, "what", Scene(1, ()))))
    worker.start()
    while len(stage.steps) < 6:
        pass
    worker.close()
    assert worker.join(30)
    assert stage.steps == ["Draft", "Draft", "Query", "Query", "Query", "Query"]


def test_control_is_told_at_once_and_does_not_wait_behind_data() -> None:
    """In the sender's thread, while the stage has not even begun; then it is queued like any other."""

    class Told(Echo):
        def __init__(self) -> None:
            super().__init__()
            self.told: list[Interrupted] = []

        def control(self, item: Interrupted) -> None:
            self.told.append(item)

    bus, stage = Bus(), Told()
    node = Node("player", stage, (AudioChunk, Interrupted), Policy(9, "oldest", 60_000), control=(Interrupted,))
    worker = Worker(node, bus, Trace(), VirtualClock())
    for item in (chunk(0), Interrupted(7)):
        bus.publish(item)
    assert (stage.told, stage.items) == ([Interrupted(7)], [])
    worker.start()
    worker.close()
    assert worker.join(5)
    assert [type(item) for item in stage.items] == [AudioChunk, Interrupted]


def test_time_of_listeners_in_a_stages_thread_is_theirs_and_not_the_stages() -> None:
    clock, bus, trace = VirtualClock(), Bus(), Trace()

    class Speaks:
        def process(self, item: AudioChunk) -> Iterator[Failure | Work]:
            clock.advance_to(clock() + 10 * MS)
            yield Failure(0, "here", "listen to this")
            clock.advance_to(clock() + 5 * MS)
            yield Work("speak", 2.0, 3.0, 1.0)

    bus.tap(lambda event: clock.advance_to(clock() + 40 * MS))
    node = Node("speaks", Speaks(), (AudioChunk,), Policy(1, "oldest", 1_000))
    run(node, (0, chunk(0)), bus, trace, clock)
    spans = {span.name: span for span in trace.spans}
    assert (spans["publish"].track, spans["publish"].end_ns - spans["publish"].start_ns) == ("speaks", 40 * MS)
    assert spans["speak"].end_ns - spans["speak"].start_ns == 15 * MS
    assert (spans["speak"].units, spans["speak"].spared, spans["speak"].missed) == (2.0, 3.0, 1.0)
