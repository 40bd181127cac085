"""Tools that a maker could add, made up by the thousand: a call is learned from the description, not from the name."""

# ruff: noqa: E501, SIM905 - templates and word lists read better many to a line
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from edge.reasoning.prompt import Tool, tool
from quantize.glance.dialogue import sentences, words
from quantize.glance.dialogue.offered_tools import TABLE

_DEVICES: Final = (
    "fan|heater|garage|oven|camera|drone|robot|curtains|sprinkler|projector|pump|valve|kettle|vacuum|radio|lock|stove|lantern|"
    "humidifier|doorbell|intercom|dishwasher|washer|dryer|freezer|wipers|headlights|horn|siren|microscope|scanner|scale|treadmill|crane|"
    "conveyor|lathe|laser|welder|compressor|winch|tractor|gate|shutter|fountain|jukebox|piano|microphone|subtitles|captions|filter|grid|"
    "autopilot|cruise control|seat heating|air conditioning|night mode|power saving|face blur|noise cancelling|safety mode|hearing aid"
).split("|")
_LEVELS: Final = (
    "speed|temperature|pressure|height|angle|exposure|bass|treble|gain|font size|frame rate|humidity|intensity|delay|resistance|"
    "incline|dose|channel|gear|depth|tempo|pitch|scale|focus distance|opacity|rate|cadence|weight|reps|pace|altitude|shutter speed|warmth"
).split("|")
_MODES: Final = (
    ("lens", "wide|normal|tele"),
    ("filter", "warm|cold|none"),
    ("workout", "run|ride|swim"),
    ("theme", "light|dark"),
    ("voice", "male|female"),
    ("layout", "grid|list|single"),
    ("quality", "low|medium|high"),
    ("drink", "espresso|latte|tea"),
    ("direction", "forward|backward"),
    ("unit", "metric|imperial"),
    ("scene", "movie|party|reading"),
    ("priority", "low|normal|urgent"),
    ("camera", "front|back"),
    ("gait", "walk|trot"),
    ("program", "cotton|wool|quick"),
    ("route", "fast|short|scenic"),
    ("colour", "red|green|blue"),
    ("size", "small|medium|large"),
)
_DEEDS: Final = (
    (
        "start",
        "session|run|lap|workout|engine|meeting|presentation|stream|backup|inspection|count|game|lesson|meditation|tour|scan",
    ),
    ("stop", "session|run|workout|engine|stream|music|alarm|recording device|game|tour|conveyor|measurement"),
    ("open", "garage|trunk|gate|calendar|inbox|gallery|map|app drawer|toolbox|curtain|window"),
    ("close", "garage|trunk|gate|curtain|window|valve|shutter|app"),
    (
        "show",
        "calendar|heart rate|agenda|inbox|stock chart|speed limit|compass|floor plan|manual|checklist|blueprint|pulse|steps",
    ),
    ("next", "page|song|step|station|channel|chapter|exercise|instruction|stop"),
    ("check", "pulse|tyre pressure|blood pressure|oil level|air quality|glucose|inventory|mail|traffic|tides|moisture"),
    ("reset", "trip meter|step counter|router|device|score|lap counter|filter|scale"),
    ("pause", "music|workout|podcast|movie|game|session|robot"),
)
_LISTS: Final = (
    "diary|journal|calendar|inventory|playlist|logbook|packing list|task list|guest list|wish list|catalogue|archive|"
    "contacts|dictionary|encyclopedia|parts list|patient file|maintenance log|recipe book|travel log|scoreboard|price list"
).split("|")


FILLS: Final[Mapping[str, Callable[[Random], str]]] = {
    "item": sentences.item, "food": sentences.dish, "who": sentences.somebody, "place": sentences.goal, "thought": sentences.thought,
    "saying": sentences.saying, "song": sentences.song, "room": sentences.room, "word": sentences.invented, "query": sentences.query,
    "name": lambda rng: rng.choice(words.NAMES), "town": lambda rng: rng.choice(words.TOWNS).lower(),
    "road": lambda rng: rng.choice((f"{rng.choice(words.STREETS).lower()} street", f"the a{rng.randrange(2, 99)}", f"{sentences.invented(rng)} road")),
    "flight": lambda rng: f"{rng.choice('abdefklmrs')}{rng.choice('abcflrtx')}{rng.randrange(20, 999)}",
    "drug": lambda rng: rng.choice(("ibuprofen", "aspirin", "paracetamol", "insulin", "morphine", f"{sentences.invented(rng)}ol")),
    "fault": lambda rng: rng.choice(("is leaking", "makes a strange noise", "doesn't start", "smells burnt", "is stuck", "overheats", "lost its cover")),
    "quantity": lambda rng: rng.choice(("temperature", "pressure", "voltage", "weight", "acidity", "flow", sentences.invented(rng))),
    "exercise": lambda rng: rng.choice(("push ups", "squats", "pull ups", "lunges", "burpees", "sit ups", "jumps", "crunches")),
    "square": lambda rng: f"{rng.choice('abcdefgh')}{rng.randrange(1, 9)}",
}  # fmt: skip
"""Texts that a parameter of the table may hold, by the name that the table gives them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A made-up tool, and a way of asking for it."""

    tool: Tool
    templates: tuple[str, ...]
    """with `{v}`, `{w}` and `{x}` for the arguments in their order, and `{n}` for what the tool is about"""
    arguments: dict[str, str | int]
    """as they are right: a text is what is said for its slot, an integer or a choice is spoken"""
    noun: str = ""
    topic: str = ""
    """Tools of one topic could be taken for each other."""
    implied: Mapping[str, str] = field(default_factory=dict)
    """Templates that mean a choice without naming it, and that choice."""


@dataclass(frozen=True, slots=True)
class _Family:
    """A row of the table of tools."""

    topic: str
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    ways: tuple[str, ...]


def _families(table: str) -> tuple[_Family, ...]:
    """Reads the table."""
    found: list[_Family] = []
    topic = ""
    for block in re.split(r"\n(?=[^->])", table.strip()):
        if block.startswith("#"):
            topic = block[1:].strip()
            continue
        head, *lines = block.split("\n")
        names, _, described = head.partition(":")
        given = next((line[1:] for line in lines if line.startswith("-")), "")
        found.append(_Family(topic, _parts(names, ","), _parts(described, ";"),
                             tuple((name, fill) for name, _, fill in (part.partition(" ") for part in _parts(given, ","))),
                             tuple(way for line in lines if line.startswith(">") for way in _parts(line[1:], ";"))))  # fmt: skip
    return tuple(found)


def _parts(text: str, sign: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(sign) if part.strip())


FAMILIES: Final = _families(TABLE)


def offer(rng: Random) -> Offer:
    """One more; the same name may come with another description the next time."""
    if rng.random() < 0.7:
        return of_family(rng, rng.choice(FAMILIES))
    return rng.choice((_switch, _level, _mode, _deed, _deed, _keep, _keep, _go))(rng)


def of_family(rng: Random, family: _Family) -> Offer:
    """A tool of a row, with arguments and the ways of asking that go with them."""
    noun = sentences.invented(rng)
    # Some names say nothing: then only the description tells.
    name = rng.choice(family.names) if rng.random() < 0.9 else sentences.invented(rng)
    made = tool(name.replace("{n}", noun), rng.choice(family.descriptions).replace("{n}", noun), {
        parameter: _kind(fill) for parameter, fill in family.parameters
    })  # fmt: skip
    arguments = {parameter: _argument(rng, fill) for parameter, fill in family.parameters}
    implied = {way: choice for choice, _, way in (w.rpartition("=") for w in family.ways) if choice}
    ways = tuple(
        way for choice, _, way in (w.rpartition("=") for w in family.ways) if not choice or choice in arguments.values()
    )
    return Offer(made, ways, arguments, noun, family.topic, {way: implied[way] for way in ways if way in implied})


def _kind(fill: str) -> str:
    """What the prompt says of a parameter."""
    text = fill.removesuffix("?")
    kind = (
        "integer"
        if re.fullmatch(r"\d+-\d+", text)
        else text
        if "|" in text and text.split("|")[0] not in FILLS
        else "text"
    )
    return f"{kind}{'?' * fill.endswith('?')}"


def _argument(rng: Random, fill: str) -> str | int:
    """Something to fill a parameter with."""
    fill = fill.removesuffix("?")
    if re.fullmatch(r"\d+-\d+", fill):
        low, high = map(int, fill.split("-"))
        return rng.choice(
            (rng.randint(low, high), rng.randint(low, min(high, low + 20)), max(low, rng.randint(low, high) // 10 * 10))
        )
    chosen = rng.choice(fill.split("|"))
    if chosen not in FILLS:
        return chosen
    return sentences.invented(rng) if chosen in ("item", "food", "song") and rng.random() < 0.1 else FILLS[chosen](rng)


def _noun(rng: Random, known: str) -> str:
    """Mostly a known word; sometimes one that nobody has, so that only the prompt can tell."""
    return sentences.invented(rng) if rng.random() < 0.2 else known


def _name(rng: Random, *choices: str) -> str:
    return rng.choice(choices).replace(" ", "_")


def _switch(rng: Random) -> Offer:
    noun = _noun(rng, rng.choice(_DEVICES))
    state = rng.choice(("on", "off"))
    made = tool(_name(rng, noun, f"{noun} switch", f"switch {noun}", f"toggle {noun}"),
                rng.choice((f"switch the {noun}", f"turn the {noun} on or off", f"the {noun}", f"control the {noun}")), {"state": "on|off"})  # fmt: skip
    return Offer(made, ("turn the {n} {v}", "turn {v} (the|my) {n}", "switch {v} the {n}", "switch the {n} {v}", "{n} {v}", "put the {n} {v} please", "i want the {n} {v}",
                        "can you turn {v} the {n}", "the {n} should be {v}"), {"state": state}, noun)  # fmt: skip


def _level(rng: Random) -> Offer:
    what, noun = _noun(rng, rng.choice(_LEVELS)), rng.choice(_DEVICES)
    of = f"{noun} {what}" if rng.random() < 0.5 else what
    made = tool(_name(rng, of, f"set {of}", f"{of} level"), rng.choice((f"set the {of}", f"change the {of}", f"{what} of the {noun}", f"adjust {of}")),
                {rng.choice(("value", "level", what.split()[-1], "amount")): rng.choice(("integer", "integer", "integer?"))})  # fmt: skip
    n = rng.choice((rng.randrange(1, 12), rng.randrange(1, 100), 10 * rng.randrange(1, 30)))
    return Offer(made, ("set (the) {n} to {v}", "{n} {v}", "change the {n} to {v}", "{n} to {v}", "put the {n} at {v}", "make the {n} {v}", "i need {n} {v}",
                        "adjust the {n} to {v}", "{n} at {v} please", "go to {n} {v}"), {made.parameters[0].name: n}, of)  # fmt: skip


def _mode(rng: Random) -> Offer:
    noun, choices = rng.choice(_MODES)
    made = tool(_name(rng, noun, f"set {noun}", f"choose {noun}", f"{noun} mode"), rng.choice((f"choose the {noun}", f"which {noun} to use", f"{noun} setting", f"set {noun}")),
                {rng.choice(("mode", noun, "kind", "choice")): choices})  # fmt: skip
    return Offer(made, ("set (the) {n} to {v}", "use the {v} {n}", "{v} {n} please", "switch to {v} {n}", "change the {n} to {v}", "{n} {v}", "i want the {v} {n}",
                        "make the {n} {v}", "give me {v} {n}"), {made.parameters[0].name: rng.choice(choices.split("|"))}, noun)  # fmt: skip


def _deed(rng: Random) -> Offer:
    verb, nouns = rng.choice(_DEEDS)
    noun = _noun(rng, rng.choice(nouns.split("|")))
    described = rng.choice((f"{verb} the {noun}", f"{verb} a {noun}", f"{noun} {verb}", f"{verb}s the {noun}"))
    made = tool(_name(rng, f"{verb} {noun}", f"{noun} {verb}", f"{verb} {noun}"), described)
    return Offer(made, (f"{verb} (the|my|a) {{n}}", f"can you {verb} (the|my) {{n}}", f"{verb} {{n}} please", f"i want to {verb} the {{n}}", f"please {verb} my {{n}}",
                        f"{verb} {{n}} now", f"go ahead and {verb} the {{n}}"), {}, noun)  # fmt: skip


def _keep(rng: Random) -> Offer:
    noun = _noun(rng, rng.choice(_LISTS))
    value = rng.choice(
        (sentences.item(rng), rng.choice(words.FOODS).lower(), sentences.salad(rng), sentences.thought(rng))
    )
    parameter = rng.choice(("what", "item", "text", "entry", "query"))
    if rng.random() < 0.5:
        made = tool(_name(rng, f"add to {noun}", noun, f"{noun} add", f"add {noun}"), rng.choice((f"add to the {noun}", f"put something on the {noun}", f"new entry of the {noun}")),
                    {parameter: "text"})  # fmt: skip
        asked: tuple[str, ...] = (
            "add {v} to (the|my) {n}",
            "put {v} on (the|my) {n}",
            "{n} add {v}",
            "write {v} into my {n}",
            "new {n} entry {v}",
            "save {v} in my {n}",
        )
    else:
        made = tool(_name(rng, f"search {noun}", f"{noun} search", f"find in {noun}", noun), rng.choice((f"search the {noun}", f"look something up in the {noun}", f"find in the {noun}")),
                    {parameter: "text"})  # fmt: skip
        asked = (
            "search (the|my) {n} for {v}",
            "look up {v} in the {n}",
            "find {v} in my {n}",
            "check the {n} for {v}",
            "is {v} in my {n}",
            "look in the {n} for {v}",
        )
    return Offer(made, asked, {parameter: value}, noun)


def _go(rng: Random) -> Offer:
    """Things that are ordered, played or asked about, with one text."""
    name, described, asked = rng.choice((
        ("play_song", "play a song or an artist", ("play {v}", "i want to hear {v}", "put on {v}", "play some {v}")),
        ("order_food", "order something to eat", ("order {v}", "order me {v} please", "i'd like to order {v}", "get me {v} from the kitchen")),
        ("web_search", "search the web", ("search the web for {v}", "google {v}", "look up {v} online", "search for {v} on the internet")),
        ("open_app", "open an app", ("open the {v} app", "launch {v}", "start the app {v}", "open the app {v}")),
        ("track_parcel", "where a parcel is", ("track (my) parcel {v}", "where is parcel {v}", "parcel status of {v}")),
        ("unlock_door", "unlock a door", ("unlock the {v}", "please unlock the {v}", "unlock the {v} door")),
        ("book_room", "book a meeting room", ("book room {v}", "reserve the room {v}", "book the meeting room {v}")),
        ("pay", "pay an amount to someone", ("pay {v}", "send money to {v}", "transfer money to {v}")),
        ("find_recipe", "recipe for a dish", ("how do i cook {v}", "recipe for {v}", "find a recipe for {v}")),
        ("medication", "log a medicine taken", ("i just took {v}", "log {v} as taken", "i took my {v}")),
        ("define", "meaning of a word", ("define {v}", "what does {v} mean", "meaning of {v}")),
        ("weather_in", "weather of a town", ("weather in {v}", "what's the weather in {v}", "how is the weather in {v}")),
    ))  # fmt: skip
    value = rng.choice(
        (
            sentences.item(rng),
            rng.choice(words.FOODS).lower(),
            rng.choice(words.TOWNS).lower(),
            sentences.invented(rng),
            sentences.salad(rng),
        )
    )
    parameter = rng.choice(("what", "name", "query", "text"))
    return Offer(tool(name, described, {parameter: "text"}), asked, {parameter: value})
