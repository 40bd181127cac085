"""Tools that a maker could add, made up by the thousand: a call is learned from the description, not from the name."""

# ruff: noqa: E501, SIM905 - templates and word lists read better many to a line
from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from edge.reasoning.prompt import Tool, tool
from quantize.glance.dialogue import sentences, words

_DEVICES: Final = (
    "fan|heater|garage|oven|camera|drone|robot|curtains|sprinkler|projector|pump|valve|kettle|vacuum|radio|lock|stove|lantern|"
    "humidifier|doorbell|intercom|dishwasher|washer|dryer|freezer|wipers|headlights|horn|siren|microscope|scanner|scale|treadmill|crane|"
    "conveyor|lathe|laser|welder|compressor|winch|tractor|gate|shutter|fountain|jukebox|piano|microphone|subtitles|captions|filter|grid|"
    "autopilot|cruise control|seat heating|air conditioning|night mode|power saving|face blur|noise cancelling|safety mode|hearing aid"
).split("|")
_LEVELS: Final = (
    "speed|temperature|pressure|height|angle|contrast|exposure|bass|treble|gain|font size|frame rate|humidity|intensity|delay|resistance|"
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
    ("next", "page|slide|song|step|station|channel|chapter|exercise|instruction|stop"),
    ("check", "pulse|tyre pressure|blood pressure|oil level|air quality|glucose|inventory|mail|traffic|tides|moisture"),
    ("reset", "trip meter|step counter|router|device|score|lap counter|filter|scale"),
    ("pause", "music|workout|podcast|movie|game|session|robot"),
)
_LISTS: Final = (
    "shopping list|diary|journal|calendar|inventory|playlist|logbook|packing list|task list|guest list|food log|wish list|catalogue|archive|"
    "contacts|dictionary|encyclopedia|parts list|patient file|maintenance log|recipe book|travel log|scoreboard|price list"
).split("|")


@dataclass(frozen=True, slots=True)
class Offer:
    """A made-up tool, and a way of asking for it."""

    tool: Tool
    templates: tuple[str, ...]
    arguments: dict[str, str | int]
    """as they are right: a text is what is said for `{v}`, an integer is spoken"""


def offer(rng: Random) -> Offer:
    """One more; the same name may come with another description the next time."""
    return rng.choice((_switch, _level, _mode, _deed, _deed, _keep, _keep, _go))(rng)


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
                        "can you turn {v} the {n}", "the {n} should be {v}"), {"state": state, "n": noun})  # fmt: skip


def _level(rng: Random) -> Offer:
    what, noun = _noun(rng, rng.choice(_LEVELS)), rng.choice(_DEVICES)
    of = f"{noun} {what}" if rng.random() < 0.5 else what
    made = tool(_name(rng, of, f"set {of}", f"{of} level"), rng.choice((f"set the {of}", f"change the {of}", f"{what} of the {noun}", f"adjust {of}")),
                {rng.choice(("value", "level", what.split()[-1], "amount")): rng.choice(("integer", "integer", "integer?"))})  # fmt: skip
    n = rng.choice((rng.randrange(1, 12), rng.randrange(1, 100), 10 * rng.randrange(1, 30)))
    return Offer(made, ("set (the) {n} to {v}", "{n} {v}", "change the {n} to {v}", "{n} to {v}", "put the {n} at {v}", "make the {n} {v}", "i need {n} {v}",
                        "adjust the {n} to {v}", "{n} at {v} please", "go to {n} {v}"), {made.parameters[0].name: n, "n": of})  # fmt: skip


def _mode(rng: Random) -> Offer:
    noun, choices = rng.choice(_MODES)
    made = tool(_name(rng, noun, f"set {noun}", f"choose {noun}", f"{noun} mode"), rng.choice((f"choose the {noun}", f"which {noun} to use", f"{noun} setting", f"set {noun}")),
                {rng.choice(("mode", noun, "kind", "choice")): choices})  # fmt: skip
    return Offer(made, ("set (the) {n} to {v}", "use the {v} {n}", "{v} {n} please", "switch to {v} {n}", "change the {n} to {v}", "{n} {v}", "i want the {v} {n}",
                        "make the {n} {v}", "give me {v} {n}"), {made.parameters[0].name: rng.choice(choices.split("|")), "n": noun})  # fmt: skip


def _deed(rng: Random) -> Offer:
    verb, nouns = rng.choice(_DEEDS)
    noun = _noun(rng, rng.choice(nouns.split("|")))
    described = rng.choice((f"{verb} the {noun}", f"{verb} a {noun}", f"{noun} {verb}", f"{verb}s the {noun}"))
    made = tool(_name(rng, f"{verb} {noun}", f"{noun} {verb}", f"{verb} {noun}"), described)
    return Offer(made, (f"{verb} (the|my|a) {{n}}", f"can you {verb} (the|my) {{n}}", f"{verb} {{n}} please", f"i want to {verb} the {{n}}", f"please {verb} my {{n}}",
                        f"{verb} {{n}} now", f"go ahead and {verb} the {{n}}"), {"n": noun})  # fmt: skip


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
    return Offer(made, asked, {parameter: value, "n": noun})


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
    return Offer(tool(name, described, {parameter: "text"}), asked, {parameter: value, "n": ""})
