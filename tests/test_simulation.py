"""The virtual clock: work costs what the profile says, on as many cores as the device has, the same on every run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from edge.bus import Bus
from edge.clock import MS, VirtualClock
from edge.errors import ConfigError
from edge.mailbox import Policy
from edge.profile import Profile
from edge.simulation import Simulation
from edge.stage import Node
from edge.trace import Trace
from edge.types import Draft, Frame, Keyframe, Looked, Query, Scene, Work
from tests.fakes import Echo, frame, looked

NEWEST = Policy(1, "oldest", 10_000)


def simulate(nodes: list[Node], cost_ms: dict[str, float], cores: int = 4, frames: int = 30, period_ms: float = 33.0):
    clock, bus, trace = VirtualClock(), Bus(), Trace()
    seen: list[tuple[int, str]] = []
    bus.tap(lambda event: seen.append((clock(), f"{type(event).__name__}@{event.t_ns // MS}")))
    simulation = Simulation(nodes, bus, trace, clock, Profile("test", cores, cost_ms))
    simulation.run((round(i * period_ms * MS), frame(i * period_ms, seq=i)) for i in range(frames))
    return seen, trace, simulation, clock


def to_looked(item: Frame | Keyframe) -> Looked:
    return looked(item.t_ns / MS)


def test_a_stage_three_times_as_slow_as_the_camera_looks_at_every_third_frame_and_never_at_an_old_one() -> None:
    stage = Echo(to_looked, work="look")
    _, trace, simulation, _ = simulate([Node("look", stage, (Frame,), NEWEST)], {"look": 99.0})
    assert [f.seq for f in stage.items] == [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 29]
    assert max(trace.age_ms["look"]) <= 33.0
    assert simulation.mailboxes["look"].counters.dropped == 30 - len(stage.items)


def test_an_event_is_there_when_the_work_before_it_is_done() -> None:
    seen, _, _, clock = simulate([Node("look", Echo(to_looked, "look"), (Frame,), NEWEST)], {"look": 20.0}, frames=1)
    assert seen == [(0, "Frame@0"), (20 * MS, "Looked@0")]
    assert clock() == 20 * MS


def test_on_one_core_two_stages_take_turns_and_the_earlier_node_goes_first() -> None:
    def make() -> list[Node]:
        return [Node(n, Echo(to_looked, n), (Frame,), NEWEST) for n in ("first", "second")]

    _, one, _, end_one = simulate(make(), {"first": 10, "second": 10}, cores=1, frames=1)
    _, _, _, end_two = simulate(make(), {"first": 10, "second": 10}, cores=2, frames=1)
    assert (end_one(), end_two()) == (20 * MS, 10 * MS)
    assert [s.track for s in one.spans if s.units] == ["first", "second"]


def test_two_runs_give_the_same_events_to_the_nanosecond() -> None:
    runs = [simulate([Node("look", Echo(to_looked, "look"), (Frame,), NEWEST)], {"look": 47.3})[0] for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]


def test_work_that_the_profile_does_not_know_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ConfigError, match="edge profile --save"):
        simulate([Node("look", Echo(to_looked, "mystery"), (Frame,), NEWEST)], {"look": 1.0})


def test_work_on_a_draft_is_given_up_when_the_question_comes() -> None:
    class Prefills:
        def process(self, item: Draft | Query) -> Iterator[Work]:
            for _ in range(4):
                yield Work("prefill")

    clock, trace = VirtualClock(), Trace()
    node = Node("answer", Prefills(), (Query, Draft), NEWEST)
    simulation = Simulation([node], Bus(), trace, clock, Profile("test", 2, {"prefill": 10}))
    question = Query(15 * MS, "what is it", Scene(0, ()))
    simulation.run([(0, Draft(Query(0, "what", Scene(0, ())))), (15 * MS, question)])
    assert clock() == (20 + 40) * MS
