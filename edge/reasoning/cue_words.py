"""The words that point at something in a scene, and which of them a question holds; pure."""

# ruff: noqa: SIM905 - word lists read better without quotes and commas
from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from typing import Final

from edge.reasoning.mentions import COMMON, is_near
from edge.reasoning.numbers import SPELLED

_WORDS: Final = {
    "left": "left lefthand leftmost",
    "right": "right righthand rightmost",
    "centre": "ahead middle centre center central straight",
    "text": "sign signs text texts read reading say says saying said written write writing label labels board poster note "
    "notice plate menu screen door package paper word words letter letters print printed stand stands translate "
    "reads title headline list sine red badge card flyer ticket receipt sticker tag banner sheet display "
    "timetable instructions warning message wording inscription caption document letter envelope plaque leaflet info "
    "information spell",
    "price": "price prices cost costs much expensive cheap pay paying charge dollar dollars euro euros pound pounds fee "
    "prize worth fare rate bucks cents tag pricey tariff pays charges",
    "time": "time times hour hours open opens opening opened close closes closing closed leave leaves depart departs "
    "departure departures departing start starts begin begins until till when arrive arrives board boarding schedule "
    "timetable shut shuts finish finishes end ends runs due scheduled hrs pm am",
    "date": "date dates day days month year valid deadline weekday when expire "
    "expires expiry expiration best before until good use-by birthday",
    "number": "number numbers room gate platform track floor level seat hall house bus line digits digit figure which "
    "row aisle lane locker apartment flat suite unit terminal exit counter booth coach wagon carriage bay stall storey box "
    "jersey tram train route table desk window page",
    "name": "name names named called title",
    "phone": "phone telephone number call dial ring tel mobile contact",
    "url": "website websites web url link page site homepage online internet address",
    "email": "email e-mail mail mails address contact",
    "password": "password passcode wifi wi-fi wireless network key wlan code",
    "code": "code codes qr barcode barcodes scan decode link",
    "face": "who who's whose whom face faces anyone anybody someone somebody person people he she him her",
    "near": "nearest closest near close nearby nose biggest reach bump touch",
    "far": "far farthest distance distant further away back furthest",
    "changed": "new changed change changes different difference differences gone missing appear appeared disappear "
    "disappeared vanish vanished anew update same moved longer",
    "before": "was were did last previous earlier before passed just again had saw ago been said",
    "battery": "battery batteries charge charged charging power juice energy percent percentage",
    "clock": "time clock late o'clock",
    "count": "many count number amount",
    "beside": "next beside besides near by adjacent close alongside neighbouring neighbours around surrounds",
    "between": "between separates",
}
"""What is asked for, and by which words."""
_CUES: Final = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_KNOWN: Final = frozenset(word for words in _CUES.values() for word in words)
_LONG: Final = {name: sorted(w for w in words if len(w) > 4) for name, words in _CUES.items()}
POINTING: Final = frozenset("this that it these there".split())
"""Words for what is right before one's eyes."""
_NOT_A_SIDE: Final = ("now", "away", "here", "there", "in", "ahead", "behind", "at")
_PLAIN: Final = (
    COMMON
    | _KNOWN
    | frozenset(SPELLED)
    | frozenset(
        "side hand front somewhere anywhere around standing lying kind second seconds minute minutes set turn".split()
    )
)
"""Words that need no explanation."""


def said(words: Sequence[str]) -> set[str]:
    """The cues that a question gives."""
    given = {name for word in words for name in _cues_of(word)}
    follows = list(zip(words, [*words[1:], ""], strict=False))
    # "Right now" and "right here" are no side, "the phone number" is no count.
    if "right" in words and all(after in _NOT_A_SIDE for word, after in follows if word == "right"):
        given.discard("right")
    if "number" in words and not {"many", "count", "amount"} & set(words) and ("number", "of") not in follows:
        given.discard("count")
    return given


def unknown(words: Sequence[str], explained: Collection[str] = ()) -> list[str]:
    """The words that nothing explains."""
    return [w for w in words if w not in _PLAIN and w not in explained and not w.isdecimal()]


def says_of(words: Sequence[str]) -> bool:
    """Whether it asks what is left of a thing: "left of the cup", "on the right side of", "further left than it"."""
    return any(
        w in ("left", "right") and any(o in ("of", "off", "than", "from") for o in words[n + 1 : n + 4])
        for n, w in enumerate(words)
    )


@functools.lru_cache(4096)
def _cues_of(word: str) -> tuple[str, ...]:
    """Which cues a word gives; one that is unknown may be a letter away from one that is."""
    if word in _KNOWN or word in COMMON:
        return tuple(name for name in _CUES if word in _CUES[name])
    if len(word) <= 4:
        return ()
    return tuple(name for name in _CUES if any(is_near(word, known) for known in _LONG[name]))
