"""What a question's own words point at, found by rule and written after the question; pure.

`how much is the one on the left` becomes `… on the left left #1 #2 .price #2`: lists for the words that were said, so
that a small model only has to decide what is wanted of them. A list that is asked for and empty says `none`. Last come
the numbers that were spoken (`= 12 30`), the tools whose names or descriptions share a word (`can timer`), and the
words that nothing here explains (`? president france`). A word that was misheard costs its hint and no more: the scene
is there to be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.reasoning.alike import deeds
from edge.reasoning.cue_words import POINTING, said, says_of, unknown
from edge.reasoning.lines import Line
from edge.reasoning.mentions import COMMON, MAX_MENTIONS, Mention, mentions, stem
from edge.reasoning.numbers import numbers
from edge.reasoning.tools import Tool

_MAX_LISTED: Final = 6
_MAX_UNKNOWN: Final = 4
_MAX_TOOLS: Final = 3
_RECENT: Final = ("5s", "10s", "20s", "30s")
_COUNTS: Final = (  # noqa: SIM905 - a list of words reads better without its quotes
    "none one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_DEPTHS: Final = ("nearest", "near", "far", "last", "gone")
_ORDERS: Final = frozenset(("up", "down", "on", "off", "open", "close", "take", "show", "say", "tell", "text"))
"""Common words that tools are made of as well."""
_ABOUT: Final = ("it", "face", "code", "near")
_SIDES: Final = ("left", "centre", "right")
_PARTS: Final = ("price", "time", "date", "number", "phone", "url", "email", "password", "name")


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

    @property
    def asked(self) -> tuple[str, ...]:
        """The lines that the question is about: spoken of by their words, else by what they are, else by the turn before."""
        found = self.mentioned or tuple(
            reference for cue in self.lists if cue.name in _ABOUT for reference in cue.references
        )
        return tuple(dict.fromkeys(found))


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
    asked = said(words)
    lists = [
        *([_refs("it", topic)] if topic and not asked & set(_SIDES) else []),
        *_placed(words, asked, shown, here, found),
        *_typed(words, asked, shown, meant or topic),
        *_remembered(asked, shown),
        *_of_device(asked, set(known)),
    ]
    if not lists and not meant and not unknown(words):
        lists.append(_refs("see", _distinct(line for line in shown if line.is_in_view)))
    if spoken := numbers(words):
        lists.append(Cue("=", words=tuple(map(str, spoken))))
    if offered := able(words, tools):
        lists.append(Cue("can", words=tuple(t.name for t in offered)))
    explained = {word for m in found for word in m.words} | {word for t in offered for word in t.name.split("_")}
    if unexplained := unknown(words, explained):
        lists.append(Cue("?", words=tuple(dict.fromkeys(unexplained))[:_MAX_UNKNOWN]))
    return Cues(tuple(f"#{line.number}" for line in meant[:MAX_MENTIONS]), tuple(lists), spoken)


def _refs(name: str, lines: Iterable[Line], limit: int = _MAX_LISTED) -> Cue:
    listed = tuple(f"#{line.number}" for line in lines)[:limit]
    return Cue(name, listed, () if listed else ("none",))


def _placed(
    words: Sequence[str], asked: set[str], shown: Sequence[Line], here: Sequence[Line], found: Sequence[Mention]
) -> list[Cue]:
    """What is on a side, beside a thing, between two; how many; the nearest; everything where nothing else is asked."""
    in_view = [line for line in shown if line.is_in_view]
    out: list[Cue] = []
    sides = [side for side in _SIDES if side in asked]
    if here and {"left", "right"} & asked and says_of(words):
        out += [_refs(f"{side} of", _beside(in_view, here[0], side)) for side in ("left", "right") if side in asked]
        two = sorted(
            {m.number: m.at for m in found if m.number in {h.number for h in here}}.items(), key=lambda m: m[1]
        )
        if len(two) > 1:
            # Numbers run from left to right.
            out.append(Cue("first", words=("left" if two[0][0] < two[1][0] else "right",)))
    elif "between" in asked and len(here) > 1:
        low, high = sorted(line.number for line in here[:2])
        out.append(_refs("between", [line for line in in_view if low < line.number < high]))
    elif "beside" in asked and here:
        out.append(_refs("beside", [*_beside(in_view, here[0], "left"), *_beside(in_view, here[0], "right")]))
    else:
        there = _distinct(in_view)
        if "text" in asked:
            there = [line for line in there if line.kind == "text"]
        elif "face" in asked:
            there = [line for line in there if line.kind == "face" or line.label == "person"]
        out += [_refs(side, [line for line in there if line.side == side]) for side in sides]
    if "count" in asked:
        out.append(Cue("count", words=(_COUNTS[min(20, _count(here))],)))
    if "near" in asked:
        nearest = [line for line in in_view if line.depth == "nearest"]
        order = ("text", "object", "code", "face") if "text" in asked else ("object", "text", "code", "face")
        out.append(_refs("near", sorted(nearest, key=lambda line: order.index(line.kind)), 1))
    return out


def _typed(words: Sequence[str], asked: set[str], shown: Sequence[Line], meant: Sequence[Line]) -> list[Cue]:
    """Texts, their parts, codes and faces."""
    sides = [side for side in _SIDES if side in asked]
    in_view = [line for line in shown if line.is_in_view]
    texts = [line for line in in_view if line.kind == "text" and (not sides or line.side in sides)]
    out: list[Cue] = []
    if "text" in asked and not sides:
        out += [_refs("sign", [t for t in texts if t.depth == "nearest"]), _refs("text", texts)]
        if "far" in asked:
            out.append(_refs("far", [t for t in texts if t.depth == "far"]))
    elif not sides and any(word in POINTING for word in words):
        out.append(_refs("sign", [t for t in texts if t.depth == "nearest"]))
    for part in _PARTS:
        if part not in asked:
            continue
        of_meant = [line for line in meant if part in line.parts]
        pool = of_meant or [line for line in in_view if part in line.parts and (not sides or line.side in sides)]
        ordered = pool if of_meant else sorted(pool, key=lambda line: _DEPTHS.index(line.depth))
        if ordered or part in ("price", "time", "phone", "url", "email", "date", "password"):
            out.append(_refs(f".{part}", ordered, 3))
    if "code" in asked:
        out.append(_refs("code", [line for line in in_view if line.kind == "code"], 3))
    if "face" in asked:
        faces = [line for line in in_view if line.kind == "face"]
        people = [line for line in in_view if line.label == "person"]
        out.append(_refs("face", faces or people, 3))
        named = [line for line in in_view if line.kind == "text" and "name" in line.parts]
        if named and "text" in asked and "name" not in asked:
            out.append(_refs(".name", named, 3))
    return out


def _remembered(asked: set[str], shown: Sequence[Line]) -> list[Cue]:
    out: list[Cue] = []
    if "changed" in asked:
        fresh = _distinct([line for line in shown if line.age == "new"])
        lost = _distinct([line for line in shown if line.age in _RECENT])
        out += [_refs("new", fresh, 3), _refs("gone", lost, 2)]
    if "before" in asked and "text" in asked:
        out.append(_refs("last", [line for line in shown if line.depth == "last"]))
    return out


def _of_device(asked: set[str], known: set[str]) -> list[Cue]:
    out: list[Cue] = []
    for name, mark in (("battery", "#battery"), ("clock", "#time")):
        if name in asked:
            out.append(Cue(name, (mark,)) if mark in known else Cue(name, words=("none",)))
    return out


def _beside(in_view: Sequence[Line], thing: Line, side: str) -> list[Line]:
    at = next(n for n, line in enumerate(in_view) if line.number == thing.number)
    return list(in_view[max(0, at - 1) : at] if side == "left" else in_view[at + 1 : at + 2])


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
    """Tools that share a word with the question, or have another word for it, the best first."""
    heard = {stem(word) for word in words if word not in COMMON or word in _ORDERS}
    scored = [(_shared(heard, t), -n, t) for n, t in enumerate(tools)]
    best = sorted((s for s in scored if s[0] > 0), key=lambda s: s[:2], reverse=True)
    return [t for _, _, t in best][:_MAX_TOOLS]


def _shared(heard: set[str], tool: Tool) -> int:
    """Words of the name count twice, other words for the same thing half."""
    name = {stem(word) for word in tool.name.split("_")}
    choices = [word for p in tool.parameters if "|" in p.kind for word in p.kind.split("|")]
    told = {stem(word.strip(",.;")) for word in tool.description.split() if word not in COMMON} | set(choices)
    by_words = 2 * len(heard & name) + len(heard & (told - name))
    return 2 * by_words + len(deeds(heard) & deeds({stem(word) for word in told | name}))
