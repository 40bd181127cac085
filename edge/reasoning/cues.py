"""What a question's own words point at, found by rule and written after the question; pure.

`how much is the one on the left` becomes `… on the left left #1 #2 .price #2`: lists for the words that were said, so
that a small model only has to decide what is wanted of them. A list that is asked for and empty says `none`. Last come
the numbers that were spoken (`= 12 30`), the tools whose names or descriptions share a word (`can timer`), and the
words that nothing here explains (`? president france`). A word that was misheard costs its hint and no more: the scene
is there to be read.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.reasoning.lines import Line
from edge.reasoning.mentions import COMMON, MAX_MENTIONS, Mention, is_near, mentions, stem
from edge.reasoning.numbers import SPELLED, numbers
from edge.reasoning.tools import Tool

_MAX_LISTED: Final = 6
_MAX_UNKNOWN: Final = 4
_MAX_TOOLS: Final = 2
_RECENT: Final = ("5s", "10s", "20s", "30s")
_COUNTS: Final = (  # noqa: SIM905 - a list of words reads better without its quotes
    "none one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_WORDS: Final = {
    "left": "left lefthand leftmost",
    "right": "right righthand rightmost",
    "centre": "ahead middle centre center central straight",
    "text": "sign signs text texts read reading say says saying said written write writing label labels board poster note "
    "notice plate menu screen door package paper word words letter letters print printed stand stands translate "
    "reads title headline name names list sine red",
    "price": "price prices cost costs much expensive cheap pay paying charge dollar dollars euro euros pound pounds fee "
    "prize worth",
    "time": "time times hour hours open opens opening opened close closes closing closed leave leaves depart departs "
    "departure departures departing start starts begin begins until till when arrive arrives board boarding schedule "
    "timetable shut shuts",
    "date": "date dates day expire expires expiry expiration best before until good use-by birthday when",
    "number": "number numbers room gate platform track floor level seat hall house bus line digits digit figure which",
    "phone": "phone telephone number call dial ring tel mobile contact",
    "url": "website websites web url link page site homepage online internet address",
    "email": "email e-mail mail mails address contact",
    "password": "password passcode wifi wi-fi wireless network key wlan code",
    "code": "code codes qr barcode barcodes scan decode link",
    "face": "who who's whose whom face faces anyone anybody someone somebody person people he she him her",
    "near": "nearest closest near close nearby nose biggest",
    "far": "far farthest distance distant further away back furthest",
    "changed": "new changed change changes different gone missing appeared disappeared vanished anew",
    "before": "was were did last previous earlier before passed just again had saw ago been said",
    "battery": "battery charge charged charging power juice energy percent percentage",
    "clock": "time clock late o'clock",
    "count": "many count number amount",
    "beside": "next beside besides near by adjacent close alongside neighbouring",
    "between": "between",
}
_CUES: Final = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_KNOWN: Final = frozenset(word for words in _CUES.values() for word in words)
_LONG: Final = {name: sorted(w for w in words if len(w) > 4) for name, words in _CUES.items()}
_POINTING: Final = frozenset(["this", "that", "it", "these", "there"])
_NOT_A_SIDE: Final = ("now", "away", "here", "there", "in", "ahead", "behind", "at")
_PLAIN: Final = (
    COMMON
    | _KNOWN
    | frozenset(SPELLED)
    | frozenset(
        [
            "side",
            "hand",
            "front",
            "somewhere",
            "anywhere",
            "around",
            "standing",
            "lying",
            "kind",
            "second",
            "seconds",
            "minute",
            "minutes",
            "set",
            "turn",
        ]
    )
)
"""Words that need no explanation."""
_ORDERS: Final = frozenset(["up", "down", "on", "off", "open", "close", "take", "show", "say", "tell", "text"])
"""Common words that tools are made of as well."""
_SIDES: Final = ("left", "centre", "right")
_PARTS: Final = ("price", "time", "date", "number", "phone", "url", "email", "password")


@dataclass(frozen=True, slots=True)
class Cue:
    """One list after the question: a plain word or a part's mark, then references, plain words, or neither."""

    name: str
    references: tuple[str, ...] = ()
    """marks: "#2", "#battery" """
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cues:
    """Everything that a question points at."""

    mentioned: tuple[str, ...]
    """lines that its words speak of, best first"""
    lists: tuple[Cue, ...]
    numbers: tuple[int, ...]


def cues(
    words: Sequence[str],
    shown: Sequence[Line],
    label_words: Sequence[Sequence[str]],
    known: Iterable[str] = (),
    tools: Sequence[Tool] = (),
    before: Sequence[str] = (),
) -> Cues:
    """Reads a question: `label_words` are the labels of the lines as words; `known`, which of "#battery" and "#time"
    the device tells; `before`, the words of the turn before.
    """
    found = mentions(words, shown, label_words)
    by_number = {line.number: line for line in shown}
    meant = [by_number[m.number] for m in found]
    topic = [] if meant else [by_number[m.number] for m in mentions(before, shown, label_words)][:1]
    here = [line for line in meant if line.is_in_view]
    said = _said(words)
    lists = [
        *([_refs("it", topic)] if topic and not said & set(_SIDES) else []),
        *_placed(words, said, shown, here, found),
        *_typed(words, said, shown, meant or topic),
        *_remembered(said, shown),
        *_of_device(said, set(known)),
    ]
    if not lists and not meant and not _unknown(words, ()):
        lists.append(_refs("see", _distinct(line for line in shown if line.is_in_view)))
    spoken = numbers(words)
    if spoken:
        lists.append(Cue("=", words=tuple(map(str, spoken))))
    offered = able(words, tools)
    if offered:
        lists.append(Cue("can", words=tuple(t.name for t in offered)))
    explained = {word for m in found for word in m.words} | {word for t in offered for word in t.name.split("_")}
    unknown = _unknown(words, explained)
    if unknown:
        lists.append(Cue("?", words=tuple(dict.fromkeys(unknown))[:_MAX_UNKNOWN]))
    return Cues(tuple(f"#{line.number}" for line in meant[:MAX_MENTIONS]), tuple(lists), spoken)


def _unknown(words: Sequence[str], explained: Iterable[str]) -> list[str]:
    return [w for w in words if w not in _PLAIN and w not in explained and not w.isdecimal()]


def _said(words: Sequence[str]) -> set[str]:
    """The cues that a question gives."""
    said = {name for word in words for name in _cues_of(word)}
    follows = list(zip(words, [*words[1:], ""], strict=False))
    # "Right now" and "right here" are no side, "the phone number" is no count.
    if "right" in said and all(after in _NOT_A_SIDE for word, after in follows if word == "right"):
        said -= {"right"} if "right" in words else set()
    if "number" in words and not {"many", "count", "amount"} & set(words) and ("number", "of") not in follows:
        said.discard("count")
    return said


@functools.lru_cache(4096)
def _cues_of(word: str) -> tuple[str, ...]:
    """Which cues a word gives; one that is unknown may be a letter away from one that is."""
    if word in _KNOWN or word in COMMON:
        return tuple(name for name in _CUES if word in _CUES[name])
    if len(word) <= 4:
        return ()
    return tuple(name for name in _CUES if any(is_near(word, known) for known in _LONG[name]))


def _refs(name: str, lines: Iterable[Line], limit: int = _MAX_LISTED) -> Cue:
    listed = tuple(f"#{line.number}" for line in lines)[:limit]
    return Cue(name, listed, () if listed else ("none",))


def _placed(
    words: Sequence[str], said: set[str], shown: Sequence[Line], here: Sequence[Line], found: Sequence[Mention]
) -> list[Cue]:
    """What is on a side, beside a thing, between two; how many; the nearest; everything where nothing else is asked."""
    in_view = [line for line in shown if line.is_in_view]
    out: list[Cue] = []
    sides = [side for side in _SIDES if side in said]
    if here and {"left", "right"} & said and _says_of(words):
        out += [_refs(f"{side} of", _beside(in_view, here[0], side)) for side in ("left", "right") if side in said]
        two = sorted(
            {m.number: m.at for m in found if m.number in {h.number for h in here}}.items(), key=lambda m: m[1]
        )
        if len(two) > 1:
            # Numbers run from left to right.
            out.append(Cue("first", words=("left" if two[0][0] < two[1][0] else "right",)))
    elif "between" in said and len(here) > 1:
        low, high = sorted(line.number for line in here[:2])
        out.append(_refs("between", [line for line in in_view if low < line.number < high]))
    elif "beside" in said and here:
        out.append(_refs("beside", [*_beside(in_view, here[0], "left"), *_beside(in_view, here[0], "right")]))
    else:
        there = _distinct(in_view)
        if "text" in said:
            there = [line for line in there if line.kind == "text"]
        elif "face" in said:
            there = [line for line in there if line.kind == "face" or line.label == "person"]
        out += [_refs(side, [line for line in there if line.side == side]) for side in sides]
    if "count" in said:
        out.append(Cue("count", words=(_COUNTS[min(20, _count(here))],)))
    if "near" in said:
        nearest = [line for line in in_view if line.depth == "nearest"]
        order = ("text", "object", "code", "face") if "text" in said else ("object", "text", "code", "face")
        out.append(_refs("near", sorted(nearest, key=lambda line: order.index(line.kind)), 1))
    return out


def _typed(words: Sequence[str], said: set[str], shown: Sequence[Line], meant: Sequence[Line]) -> list[Cue]:
    """Texts, their parts, codes and faces."""
    sides = [side for side in _SIDES if side in said]
    in_view = [line for line in shown if line.is_in_view]
    texts = [line for line in in_view if line.kind == "text" and (not sides or line.side in sides)]
    out: list[Cue] = []
    if "text" in said and not sides:
        out += [_refs("sign", [t for t in texts if t.depth == "nearest"]), _refs("text", texts)]
        if "far" in said:
            out.append(_refs("far", [t for t in texts if t.depth == "far"]))
    elif not sides and any(word in _POINTING for word in words):
        out.append(_refs("sign", [t for t in texts if t.depth == "nearest"]))
    for part in _PARTS:
        if part not in said:
            continue
        of_meant = [line for line in meant if part in line.parts]
        pool = of_meant or [line for line in in_view if part in line.parts and (not sides or line.side in sides)]
        ordered = pool if of_meant else sorted(pool, key=lambda line: _DEPTHS.index(line.depth))
        if ordered or part in ("price", "time", "phone", "url", "email", "date", "password"):
            out.append(_refs(f".{part}", ordered, 3))
    if "code" in said:
        out.append(_refs("code", [line for line in in_view if line.kind == "code"], 3))
    if "face" in said:
        faces = [line for line in in_view if line.kind == "face"]
        people = [line for line in in_view if line.label == "person"]
        out.append(_refs("face", faces or people, 3))
        named = [line for line in in_view if line.kind == "text" and "name" in line.parts]
        if named and "text" in said:
            out.append(_refs(".name", named, 3))
    return out


def _remembered(said: set[str], shown: Sequence[Line]) -> list[Cue]:
    out: list[Cue] = []
    if "changed" in said:
        fresh = _distinct([line for line in shown if line.age == "new"])
        lost = _distinct([line for line in shown if line.age in _RECENT])
        out += [_refs("new", fresh, 3), _refs("gone", lost, 2)]
    if "before" in said and "text" in said:
        out.append(_refs("last", [line for line in shown if line.depth == "last"]))
    return out


def _of_device(said: set[str], known: set[str]) -> list[Cue]:
    out: list[Cue] = []
    for name, mark in (("battery", "#battery"), ("clock", "#time")):
        if name in said:
            out.append(Cue(name, (mark,)) if mark in known else Cue(name, words=("none",)))
    return out


def _beside(in_view: Sequence[Line], thing: Line, side: str) -> list[Line]:
    at = next(n for n, line in enumerate(in_view) if line.number == thing.number)
    return list(in_view[max(0, at - 1) : at] if side == "left" else in_view[at + 1 : at + 2])


def _says_of(words: Sequence[str]) -> bool:
    """ "left of the cup", "on the right side of", "further left than"."""
    return any(
        w in ("left", "right") and any(o in ("of", "off", "than", "from") for o in words[n + 1 : n + 4])
        for n, w in enumerate(words)
    )


def _count(here: Sequence[Line]) -> int:
    """How many things of those that were meant; a face and its person are one."""
    if not here:
        return 0
    kinds = {line.kind for line in here}
    kind = next(k for k in ("object", "face", "text", "code") if k in kinds)
    return sum(line.kind == kind for line in here)


def _distinct(lines: Iterable[Line]) -> list[Line]:
    kept: dict[tuple[str, str], Line] = {}
    for line in lines:
        kept.setdefault((line.kind, line.label), line)
    return list(kept.values())


def able(words: Sequence[str], tools: Sequence[Tool]) -> list[Tool]:
    """Tools that share a word with the question, the best first."""
    asked = {stem(word) for word in words if word not in COMMON or word in _ORDERS}
    scored = [(_shared(asked, t), -n, t) for n, t in enumerate(tools)]
    best = sorted((s for s in scored if s[0] > 0), key=lambda s: s[:2], reverse=True)
    return [t for _, _, t in best][:_MAX_TOOLS]


def _shared(asked: set[str], tool: Tool) -> int:
    """Words of the name count twice."""
    name = {stem(word) for word in tool.name.split("_")}
    choices = [word for p in tool.parameters if "|" in p.kind for word in p.kind.split("|")]
    told = {stem(word.strip(",.;")) for word in tool.description.split() if word not in COMMON} | set(choices)
    return 2 * len(asked & name) + len(asked & (told - name))


_DEPTHS: Final = ("nearest", "near", "far", "last", "gone")
