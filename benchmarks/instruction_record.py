"""Writes down what each stage is given in the first turn of the bundled recording, for `instruction_turn.py`.

The real graph runs on a virtual clock, at the pace of a Pi 4, from the start until the first question is answered. So what
a stage is given does not depend on the machine's load, and it is counted alone with the input that it has in the whole.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from benchmarks.instruction_turn import NEEDS, Given, nodes
from edge.bus import Bus
from edge.clock import S, VirtualClock
from edge.commands.profile import DEMO
from edge.commands.replay import PROFILES, feed
from edge.profile import load_profile
from edge.settings import Config
from edge.simulation import Simulation
from edge.stage import Controlled, Node
from edge.trace import Trace

PACE: Final = "pi4"
"""a desktop would look more often"""
AT_MOST: Final = {"ocr": 1}
"""calls of a stage that are written down: the emulator takes half a minute for each look, and they are alike"""
TURN_NS: Final = 8 * S
"""the first question is said from 3.6 to 5.2 s, the second from 9.3 s"""


def record(folder: Path, names: Collection[str]) -> None:
    """Runs as much of the graph as these stages need, and writes folder/NAME.pickle for each.

    Raises:
        EdgeError: a model is missing, or the recording cannot be read.
    """
    needs = frozenset[str]().union(*(NEEDS[name] for name in names))
    if {"fuse", "answer"} & set(names):
        needs = needs.union(*NEEDS.values())
    clock = VirtualClock()
    built = nodes(needs, clock)
    calls: dict[str, list[Given]] = {node.name: [] for node in built}
    for node in built:
        _note(node, calls[node.name], clock)
    sound, camera = (str(DEMO) if name in needs else None for name in ("microphone", "camera"))
    events = takewhile(lambda timed: timed[0] < TURN_NS, feed(Config(), camera, sound))
    Simulation(built, Bus(), Trace(), clock, load_profile(PROFILES / f"{PACE}.toml")).run(events)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / f"{name}.pickle").write_bytes(pickle.dumps(calls[name][: AT_MOST.get(name)]))


def _note(node: Node, calls: list[Given], clock: VirtualClock) -> None:
    """Has what the stage is given written down. On the object itself: the scheduler asks it what else it can do."""
    stage: Any = node.stage
    process = stage.process

    def noted(item: Any) -> Iterator[Any]:
        given = Given(clock(), item, taken=0)
        calls.append(given)
        for taken, out in enumerate(process(item), 1):
            given.taken = taken
            yield out
        given.taken = None

    stage.process = noted
    if isinstance(stage, Controlled):
        control = stage.control

        def told(item: Any) -> None:
            calls.append(Given(clock(), item, is_control=True))
            control(item)

        stage.control = told
