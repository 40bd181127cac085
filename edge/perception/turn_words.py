"""Whether a person who pauses is done, told from the last word: "what does the" is not the end of anything.

The embedded default: no model, no time. A turn model that listens to the voice (`turn_smart`) knows more.
"""

# ruff: noqa: SIM905 - word lists read better without quotes and commas
from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_OPEN: Final = frozenset(
    "a an the my your his her its our their of from without into onto between and or but if because than as is are was were "
    "am be been do does did can could will would should shall may might must have has had i you we they he she which "
    "um uh er hmm very some any every how's what's who's where's nearest okay please hey well".split()
)
"""Words after which something must follow."""
_EITHER: Final = frozenset(
    "to in on at by for with about over under off what where when who why how so more next "
    "not tell call find show set take please okay".split()
)
"""Words after which something may follow."""


@dataclass(frozen=True, slots=True)
class Options:
    """No options."""


class Words:
    """Turn detector by words."""

    needs_sound = False

    def complete(self, words: str, samples: NDArray[np.int16]) -> float:
        """The chance that the turn is over: 1 or 0; half where nothing was understood yet."""
        said = words.split()
        if not said:
            return 0.5
        last = said[-1]
        if last in _EITHER or len(said) == 1:
            return 0.5
        return 0.0 if last in _OPEN else 1.0


def build(options: Options) -> Words:
    """Nothing to load."""
    return Words()
