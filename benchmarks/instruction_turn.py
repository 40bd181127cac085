"""One stage of the runtime and what it was given in one turn: the program that `benchmarks.instructions` counts.

`python -m benchmarks.instruction_turn TURN STAGE` builds the stage as the graph does and gives it the calls of the file
TURN/STAGE.pickle between two marks. `instruction_record.py` makes such files.
"""

from __future__ import annotations

import ctypes
import gc
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from edge import graph
from edge.settings import Config, Plugin
from edge.stage import Node
from edge.types import Device

MARK: Final = 7777
"""the system call that `instruction_counter.c` knows"""
START, END = 1, 2
NEEDS: Final = {
    "hear": frozenset(["microphone"]),
    "listen": frozenset(["microphone"]),
    "gate": frozenset(["camera"]),
    "ocr": frozenset(["camera", "text"]),
    "codes": frozenset(["camera"]),
    "fuse": frozenset(["camera", "text"]),
    "answer": frozenset(["local"]),
}
"""the stages on the path of a question, in its order, and what of the graph each is built with"""


@dataclass(slots=True)
class Given:
    """One call of a stage."""

    now_ns: int
    item: Any
    taken: int | None = None
    """how many of its outputs were taken before something newer came; None: all of them"""
    is_control: bool = False


def nodes(needs: Iterable[str], now_ns: Callable[[], int]) -> list[Node]:
    """The graph with these of its inputs and models, all at their defaults.

    Raises:
        ModelError: a model is missing.
    """
    needs, config, none = set(needs), Config(), Plugin("none", {})
    if "text" not in needs:
        config = replace(config, perception=replace(config.perception, text=none))
    if "local" not in needs:
        config = replace(config, reasoning=replace(config.reasoning, local=none))
    return graph.build(graph.Parts(config, "camera" in needs, "microphone" in needs, now_ns, Device))


def run(stage: Any, calls: Sequence[Given], clock: list[int]) -> None:
    """All calls again, each as far as it went; `clock` holds the one number that the stage's clock tells."""
    for given in calls:
        clock[0] = given.now_ns
        if given.is_control:
            stage.control(given.item)
        else:
            deque(islice(stage.process(given.item), given.taken), maxlen=0)


def main(turn: Path, name: str) -> None:
    calls: list[Given] = pickle.loads((turn / f"{name}.pickle").read_bytes())
    clock = [0]
    stage = next(node.stage for node in nodes(NEEDS[name], lambda: clock[0]) if node.name == name)
    mark = ctypes.CDLL(None).syscall
    mark(MARK, 0)  # the first call of a function costs more
    gc.collect()
    gc.freeze()  # or the collector's work would depend on all that was loaded
    mark(MARK, START)
    run(stage, calls, clock)
    mark(MARK, END)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
