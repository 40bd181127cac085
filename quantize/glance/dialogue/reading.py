"""Skills about texts and codes: read all, the nearest, on a side; a price, a time, a number, a name; where it is written.

Long because it is a list: each function is one skill, and none knows another; their phrasings are in `reading_words.py`.
"""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

import re

from edge.reasoning.mentions import COMMON
from edge.reasoning.prompt import Line
from quantize.glance.dialogue import reading_words as ask
from quantize.glance.dialogue import words
from quantize.glance.dialogue.asking import (
    Asking,
    Example,
    Skill,
    escalate,
    in_other_words,
    listed,
    plain,
    say,
    spoken_of,
)

SIDES = {"left": "on the left", "right": "on the right", "centre": "straight ahead"}
ON_SIDE = {
    "left": ("on the left", "on my left", "to the left", "to my left", "on the left side", "on the left hand side"),
    "right": ("on the right", "on my right", "to the right", "to my right", "on the right side", "at the right"),
    "centre": ("straight ahead", "in the middle", "in the centre", "in the center", "right in front of me", "ahead"),
}


def read_all(a: Asking) -> Example:
    heard = a.hear(ask.READ_ALL)
    texts = a.texts[:6]
    if not texts:
        return say("read all", heard, "I don't see any text.")
    if len(texts) == 1:
        return say("read all", heard, f"It says #{texts[0].number}.", texts[0].number)
    return say("read all", heard, f"I can read {listed(f'#{t.number}' for t in texts)}.")


def read_nearest(a: Asking) -> Example:
    heard = a.hear(ask.READ_NEAREST)
    near = next((t for t in a.texts if t.depth == "nearest"), None)
    return say(
        "read nearest",
        heard,
        f"It says #{near.number}." if near else "I don't see any text.",
        near.number if near else 0,
    )


def read_side(a: Asking) -> Example:
    side = a.rng.choice(("left", "right", "centre"))
    heard = a.hear(
        ask.READ_SIDE,
        sure=("side",),
        side=a.rng.choice(ON_SIDE[side]),
    )
    texts = [t for t in a.texts if t.side == side][:4]
    if not texts:
        return say("read side", heard, f"I don't see any text {SIDES[side]}.")
    return say("read side", heard, f"It says {listed(f'#{t.number}' for t in texts)}.", texts[0].number)


def read_far(a: Asking) -> Example | None:
    texts = [t for t in a.texts if t.depth == "far"]
    if len(texts) != 1:
        return None
    heard = a.hear(ask.READ_FAR)
    return say("read far", heard, f"It says #{texts[0].number}.", texts[0].number)


_KNOWN_AS = {
    "price": "price",
    "time": "time",
    "phone": "phone number",
    "url": "web address",
    "email": "e-mail address",
    "date": "date",
    "number": "number",
}


def part(a: Asking) -> Example:
    """A price, a time… where none, one or several are in view."""
    names = [n for t in a.texts for n in t.parts if n in ask.PART]
    name = a.rng.choice(names if names and a.rng.random() < 0.8 else list(ask.PART))
    heard = a.hear(ask.PART[name])
    having = [t for t in a.texts if name in t.parts]
    if not having:
        return say(f"read {name}", heard, f"I don't see a {_KNOWN_AS[name]}.")
    near = min(having, key=lambda t: ("nearest", "near", "far").index(t.depth))
    return say(f"read {name}", heard, f"It is #{near.number}.{name}.", near.number)


def _kinds(line: Line) -> tuple[str, ...]:
    """What a numbered text is the number of, as people call it: a gate, a bus."""
    name, first = plain(line.parts.get("name", "")), plain(line.label).split()[:1]
    if "number" not in line.parts:
        return ()
    if name in words.NUMBERED:
        return tuple(words.NUMBERED[name].split("|"))
    if first and first[0] in ("bus", "train", "tram"):
        return tuple(words.NUMBERED[first[0]].split("|"))
    if name.split()[-1:] and name.split()[-1] in words.ROADS:
        return ("house", "street")
    return () if name else tuple(words.BARE_NUMBERS)


def numbered(a: Asking) -> Example | None:
    """The number of a gate, a seat, a floor… that is in view, or is not."""
    having = [t for t in a.texts if _kinds(t)]
    is_bare = any("number" in t.parts and "name" not in t.parts for t in a.prompt.lines)
    if having and a.rng.random() < 0.85:
        line = min(a.rng.sample(having, min(2, len(having))), key=lambda t: "name" not in t.parts)
        kind = a.rng.choice(_kinds(line))
    elif not is_bare and a.rng.random() < 0.4:
        kind = a.rng.choice("|".join(words.NUMBERED.values()).split("|"))
    else:
        return None
    named = [t for t in a.prompt.lines if kind in _kinds(t) or kind in plain(t.label).split()]
    same = [t for t in having if kind in _kinds(t)]
    if len(same) > 3 or len(named) > len(same):
        return None
    heard = a.hear(ask.NUMBERED, kind=kind)
    if not same:
        return say("read number", heard, f"I don't see a number for {heard.slots['kind']}.")
    if len(same) > 1:
        return say("read number", heard, f"I see {listed(f'#{t.number}.number' for t in same)}.", same[0].number)
    return say("read number", heard, f"It is #{same[0].number}.number.", same[0].number)


def every_part(a: Asking) -> Example:
    """All prices, times… in view: the nearest three."""
    names = [n for t in a.texts for n in t.parts if n in ask.EVERY_PART]
    name = a.rng.choice(names if names and a.rng.random() < 0.8 else list(ask.EVERY_PART))
    heard = a.hear(ask.EVERY_PART[name])
    having = [t for t in a.texts if name in t.parts]
    having = sorted(having, key=lambda t: ("nearest", "near", "far").index(t.depth))[:3]
    if not having:
        return say(f"read {name}", heard, f"I don't see a {_KNOWN_AS[name]}.")
    if len(having) == 1:
        return say(f"read {name}", heard, f"It is #{having[0].number}.{name}.", having[0].number)
    return say(f"read {name}", heard, f"I see {listed(f'#{t.number}.{name}' for t in having)}.", having[0].number)


def named(a: Asking) -> Example | None:
    """What the street or the shop is called, or where the bus goes."""
    asked = a.rng.choice(list(ask.NAMED))
    found = {
        "street": [t for t in a.texts if len(_name(t)) > 1 and _name(t)[-1] in words.ROADS],
        "shop": [t for t in a.texts if _name(t) and _name(t)[0] in _HOUSES],
        "goes": [t for t in a.texts if plain(t.label).split()[:1] and plain(t.label).split()[0] in _VEHICLES and " ".join(_name(t)).title() in words.TOWNS],
    }[asked]  # fmt: skip
    if len(found) > 1 or (not found and (a.texts or a.rng.random() < 0.9)):
        return None
    place = a.rng.choice(("place", _HOUSES[_name(found[0])[0]])) if found and asked == "shop" else "place"
    heard = a.hear(ask.NAMED[asked], place=place)
    if not found:
        return say("read name", heard, "I don't see a name.")
    part_name = ".name" if "name" in found[0].parts else ""
    return say("read name", heard, f"It is #{found[0].number}{part_name}.", found[0].number)


_VEHICLES = ("bus", "train", "tram", "ferry", "flight")
_HOUSES = {
    "café": "cafe", "hotel": "hotel", "bar": "bar", "restaurant": "restaurant", "bistro": "restaurant", "studio": "place", "pharmacy": "shop", "bakery": "shop",
    "museum": "museum", "supermarket": "shop", "bookshop": "shop", "pizzeria": "restaurant", "cinema": "cinema", "gym": "gym", "clinic": "clinic",
}  # fmt: skip


def _name(line: Line) -> list[str]:
    """The words of a text without its number, times and prices."""
    return plain(line.parts.get("name", line.label)).split()


def part_of(a: Asking) -> Example | None:
    """A price, a time, a date or a number of something named."""
    having = [t for t in a.texts if "name" in t.parts and set(t.parts) & set(_OF)]
    foreign = a.rng.random() < 0.2
    if not having and not foreign:
        return None
    if foreign:
        name = a.rng.choice(("price", "time", "number", "date"))
        thing = a.rng.choice(_FOREIGN[name])
        if _is_spoken_of(a, plain(thing)):
            return None
        line = None
    else:
        line = a.rng.choice(having)
        name = a.rng.choice([n for n in _OF if n in line.parts])
        thing = line.parts["name"]
    asked = _asked_of(name, thing, line)
    thing = _short(a, plain(thing))
    thing = in_other_words(a.rng, thing) if plain(thing) not in words.NUMBERED else thing
    if not thing:
        return None
    heard = a.hear(asked, thing=thing)
    if line is None:
        return say(f"{name} of", heard, f"I don't see a {_KNOWN_AS[name]} for {heard.slots['thing']}.")
    same = [t for t in having if plain(t.parts["name"]) == plain(line.parts["name"]) and name in t.parts]
    if len(same) > 1:
        return say(f"{name} of", heard, f"I see {listed(f'#{t.number}.{name}' for t in same[:4])}.", line.number)
    return say(f"{name} of", heard, f"It is #{line.number}.{name}.", line.number)


_OF = ("price", "time", "number", "date")
_FOREIGN = {
    "price": (*words.FOODS, *words.OBJECTS),
    "time": (*words.PLACES, *words.TOWNS),
    "number": (*words.PLACES, *words.TOWNS, *words.NUMBERED),
    "date": (*words.PLACES, *words.FOODS, *words.SIGNS),
}
"""what is asked for in vain: one may well ask for it, and no sign says it"""


def _is_spoken_of(a: Asking, thing: str) -> bool:
    """Whether a line has one of its words, or the runtime takes one to be meant."""
    said = {word for t in a.prompt.lines for word in plain(t.label).split()}
    return bool(set(thing.split()) & said) or bool(spoken_of(a, thing))


_NUMBERED = tuple(t.replace("{kind}", "{thing}") for t in ask.NUMBERED)


def _asked_of(name: str, thing: str, line: Line | None) -> tuple[str, ...]:
    """How people ask for a part of something: a bus leaves and a shop opens."""
    is_town = thing.title() in words.TOWNS
    if name == "price":
        return ask.PRICE_OF
    if name == "date":
        return ask.DATE_OF if line is not None and "time" in line.parts else (*ask.DATE_OF, *ask.WHEN_OF)
    if name == "number":
        return (
            _NUMBERED
            if plain(thing) in words.NUMBERED
            else (*ask.LINE_TO, *ask.NUMBER_OF[:8])
            if is_town
            else ask.NUMBER_OF
        )
    if is_town:
        return (*ask.TRIP_TO, *ask.TRIP_TO, *ask.TIME_OF)
    has_hours = line is None or re.search(r"\d\D*(-|–|to)\D*\d", line.parts["time"]) is not None
    return (*ask.HOURS_OF, *ask.TIME_OF) if has_hours else (*ask.TIME_OF, *ask.WHEN_OF)


def part_on_side(a: Asking) -> Example:
    """A price, a time, a number or a date on a side."""
    there = [(t.side, name) for t in a.texts for name in t.parts if name in _OF]
    side, name = a.rng.choice(tuple(SIDES)), a.rng.choice(("price", "price", "time", "number", "date"))
    if there and a.rng.random() < 0.5:
        side, name = a.rng.choice(there)
    heard = a.hear(ask.PART_ON_SIDE[name], sure=("side",), side=a.rng.choice(ON_SIDE[side]))  # fmt: skip
    having = [t for t in a.texts if t.side == side and name in t.parts][:4]
    if not having:
        return say(f"{name} on side", heard, f"I don't see a {_KNOWN_AS[name]} {SIDES[side]}.")
    return say(f"{name} on side", heard, f"It is {listed(f'#{t.number}.{name}' for t in having)}.", having[0].number)


def part_remembered(a: Asking) -> Example | None:
    """A price, a time, a number or a date of something that is out of view."""
    having = [t for t in a.gone if t.kind == "text" and "name" in t.parts and set(t.parts) & set(_OF)]
    if a.rng.random() < 0.08:
        name = a.rng.choice(_OF)
        thing = plain(a.rng.choice(_FOREIGN[name]))
        if _is_spoken_of(a, thing):
            return None
        heard = a.hear(ask.PART_REMEMBERED[name], thing=thing)
        return say("recall part", heard, f"I don't see a {_KNOWN_AS[name]} for {heard.slots['thing']}.")
    if not having:
        return None
    line = a.rng.choice(having)
    name = a.rng.choice([n for n in _OF if n in line.parts])
    thing = _short(a, plain(line.parts["name"]))
    if set(thing.split()) <= COMMON or any(
        plain(t.parts.get("name", "")) == plain(line.parts["name"]) for t in a.prompt.lines if t is not line
    ):
        return None
    is_kind = name == "number" and plain(line.parts["name"]) in words.NUMBERED
    asked = (*ask.PART_REMEMBERED[name], *(ask.PART_REMEMBERED["kind"] if is_kind else ()))
    heard = a.hear(asked, thing=thing)
    return say("recall part", heard, f"It was #{line.number}.{name}.", line.number)


def _is_of_person(line: Line) -> bool:
    """Whether a text begins with a person's name: a badge, or a sentence about somebody."""
    return plain(line.label).split(" ")[0] in words.NAMES


def _is_badge(line: Line) -> bool:
    """Whether a text is a person's name, perhaps with what they do."""
    said = plain(line.label).split()
    is_person = bool(said) and said[0] in words.NAMES
    return (
        is_person
        and "name" not in line.parts
        and (len(said) == 2 or (said[1:2] != [] and said[1].title() in words.SURNAMES))
    )


def who(a: Asking) -> Example | None:
    """Whose name is on a door or a badge."""
    named = [t for t in a.texts if re.match(r"(?i)(dr|prof|mr|ms|mrs)\b", t.parts.get("name", ""))]
    heard = a.hear(ask.WHO)
    badges = [t for t in a.texts if _is_badge(t)]
    if not named and len(badges) == 1:
        return say("read name", heard, f"It is #{badges[0].number}.", badges[0].number)
    if badges or (not named and (a.rng.random() < 0.8 or any(_is_of_person(t) for t in a.texts))):
        return None
    if len(named) > 1:
        return say("read name", heard, f"I see {listed(f'#{t.number}.name' for t in named[:3])}.")
    return say(
        "read name",
        heard,
        f"It is #{named[0].number}.name." if named else "I don't see a name.",
        named[0].number if named else 0,
    )


def find_text(a: Asking) -> Example:
    """Where something is written, or whether it is."""
    texts = [t for t in a.prompt.lines if t.kind == "text"]
    if texts and a.rng.random() < 0.7:
        line = a.rng.choice(texts)
        thing = in_other_words(a.rng, _short(a, plain(line.label)))
    else:
        line, thing = None, plain(a.rng.choice((*words.SIGNS, *words.PLACES)))
    if not thing or set(spoken_of(a, thing)) - ({line.number} if line else set()):
        line, thing = None, "zebra crossing" if a.rng.random() < 0.3 else "platform nine and three quarters"
    heard = a.hear(
        ask.FIND_TEXT,
        thing=thing,
    )
    if line is None:
        return say("find text", heard, f"I don't see {heard.slots['thing']}.")
    if not line.is_in_view:
        return say("find text", heard, f"I saw #{line.number} #{line.number}.ago, #{line.number}.where.", line.number)
    return say("find text", heard, f"#{line.number} is #{line.number}.where.", line.number)


def codes(a: Asking) -> Example:
    found = [c for c in a.in_view if c.kind == "code"]
    wifi = [c for c in a.in_view if "password" in c.parts]
    if wifi and a.rng.random() < 0.5:
        name = a.rng.choice(("password", "ssid"))
        heard = a.hear(ask.WIFI[name])  # fmt: skip
        name = name if name in wifi[0].parts else "name"
        if name not in wifi[0].parts:
            return say("codes", heard, f"It says #{wifi[0].number}.", wifi[0].number)
        return say("codes", heard, f"It is #{wifi[0].number}.{name}.", wifi[0].number)
    heard = a.hear(ask.CODES)
    if not found:
        return say("codes", heard, "I don't see a code.")
    return say("codes", heard, f"The code says {listed(f'#{c.number}' for c in found[:3])}.", found[0].number)


def last_text(a: Asking) -> Example:
    heard = a.hear(ask.LAST_TEXT)
    line = next((t for t in a.gone if t.kind == "text"), None) or next(
        (t for t in a.texts if t.depth == "nearest"), None
    )
    return say(
        "last text", heard, f"It said #{line.number}." if line else "I haven't seen a sign.", line.number if line else 0
    )


def about_topic(a: Asking) -> Example | None:
    """A follow-up about the text of the turn before."""
    if a.topic is None or a.topic.kind != "text":
        return None
    n = a.topic.number
    kinds = [k for k in ask.FOLLOW_UP if k in a.topic.parts]
    if kinds and a.rng.random() < 0.6:
        name = a.rng.choice(kinds)
        return say("follow-up", a.hear(ask.FOLLOW_UP[name]), f"It is #{n}.{name}.", n)  # fmt: skip
    if a.rng.random() < 0.5:
        heard = a.hear(ask.FOLLOW_UP_WHERE)
        text = f"It is #{n}.where." if a.topic.is_in_view else f"I saw it #{n}.ago, #{n}.where."
        return say("follow-up", heard, text, n)
    heard = a.hear(ask.FOLLOW_UP_AGAIN)
    return say("follow-up", heard, f"It says #{n}.", n)


def _short(a: Asking, thing: str) -> str:
    """What a person would say of a longer text: its first words."""
    kept = [w for w in thing.split() if not re.search(r"\d", w)]
    return " ".join(kept[: a.rng.choice((1, 2, 3, 4))] if a.rng.random() < 0.3 else kept[:5])


def read_named(a: Asking) -> Example | None:
    """The whole of a text of which a word was said: "what does the bakery sign say"."""
    texts = [t for t in a.texts if len(plain(t.label).split()) > 1]
    if texts and a.rng.random() < 0.65:
        line = a.rng.choice(texts)
        said = [w for w in plain(line.label).split() if len(w) > 3 and not re.search(r"\d", w) and w not in COMMON]
        if not said:
            return None
        thing = a.rng.choice(said)
        if any(thing in plain(t.label).split() for t in a.prompt.lines if t is not line):
            return None
    else:
        line, thing = None, _unseen(a)
        if _is_spoken_of(a, thing):
            return None
    heard = a.hear(
        ask.READ_NAMED,
        thing=thing,
    )
    if line is None:
        return say("read named", heard, f"I don't see {heard.slots['thing']}.")
    return say("read named", heard, f"It says #{line.number}.", line.number)


def _unseen(a: Asking) -> str:
    """What a sign might be about: a place or a notice, whole or a word of it."""
    thing = plain(a.rng.choice((*words.PLACES, *words.SIGNS, *words.FOODS))).split()
    named = [w for w in thing if len(w) > 3 and w not in COMMON and not re.search(r"\d", w)]
    return a.rng.choice(named) if named and a.rng.random() < 0.6 else " ".join(thing[:4])


_NOUNS = {
    *words.ROADS,
    *(place.lower().split()[-1] for place in words.PLACES),
    "festival",
    "fair",
    "party",
    "class",
    "show",
    "tour",
}


def _is_noun(a: Asking, word: str) -> bool:
    """Whether one may well ask which of it this is; now and then any word, so that it is copied and not known."""
    is_other = word.isalpha() and len(word) > 3 and word not in COMMON and word.title() not in words.SURNAMES
    return word in _NOUNS or (is_other and a.rng.random() < 0.04)


def which(a: Asking) -> Example | None:
    """ "Which street is this": the text that ends in the word."""
    ends: dict[str, list[Line]] = {}
    for t in a.prompt.lines:
        said = plain(t.label).split()
        if t.kind == "text" and len(said) > 1 and _is_noun(a, said[-1]):
            ends.setdefault(said[-1], []).append(t)
    if a.rng.random() < 0.06:
        thing = a.rng.choice(sorted(_NOUNS))
        if _is_spoken_of(a, thing):
            return None
        heard = a.hear(a.rng.choice((ask.WHICH_NOW, ask.WHICH_THEN)), thing=thing)
        return say("which", heard, f"I don't see {heard.slots['thing']}.")
    if not ends:
        return None
    thing, lines = a.rng.choice(list(ends.items()))
    if len(lines) > 1:
        return None
    line = lines[0]
    if line.is_in_view:
        heard = a.hear(ask.WHICH_NOW, thing=thing)  # fmt: skip
        return say("which", heard, f"It is #{line.number}.", line.number)
    heard = a.hear(ask.WHICH_THEN, thing=thing)  # fmt: skip
    return say("which", heard, f"It was #{line.number}.", line.number)


def unknowable_text(a: Asking) -> Example:
    """About texts, but not to be known from them."""
    labels = [_short(a, plain(t.parts.get("name", t.label))) for t in a.prompt.lines if t.kind == "text"]
    text = a.rng.choice([t for t in labels if t] or ["the shop"])
    heard = a.hear(
        ask.UNKNOWABLE,
        text=text,
    )  # fmt: skip
    return escalate("escalate scene", heard)


SKILLS: tuple[tuple[float, Skill], ...] = (
    (2.0, read_all), (2.0, read_nearest), (2.0, read_side), (0.5, read_far), (3.0, part), (3.0, part_of), (1.2, numbered), (0.5, every_part), (0.8, named), (1.0, part_on_side), (1.2, part_remembered), (1.0, who),
    (2.0, find_text), (1.4, codes), (1.2, last_text), (1.4, read_named), (1.1, which), (2.6, unknowable_text),
)  # fmt: skip
