"""How well it sees and hears: the claims of `speech_accuracy` and `vision_accuracy` in one table.

The definitions of the metrics stand in those two files.
"""

from __future__ import annotations

from benchmarks import speech_accuracy, vision_accuracy
from benchmarks.claims import Claim, main


def measure(quick: bool) -> list[Claim]:
    return [*speech_accuracy.measure(quick), *vision_accuracy.measure(quick)]


if __name__ == "__main__":
    main("accuracy", __doc__, measure)
