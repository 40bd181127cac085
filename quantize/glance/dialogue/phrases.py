"""Turns a template like `what (colour )is the {thing}` into a question as it is heard, errors of recognition included."""

# ruff: noqa: E501, SIM905 - templates read better many to a line
from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

_CONFUSED: Final = {
    "the": ("a", "de", "duh"), "a": ("the", "uh"), "what": ("watt", "but", "with"), "what's": ("watts", "what"),
    "where": ("wear", "were"), "where's": ("wears", "where"), "there": ("their", "here"), "read": ("red", "reed"),
    "sign": ("sine", "side", "signs"), "say": ("see", "says"), "see": ("sea", "c", "say"), "is": ("as", "his"),
    "right": ("write", "rite"), "left": ("lift", "laughed"), "how": ("our", "now"), "many": ("mini", "any"),
    "much": ("match", "munch"), "for": ("four", "four"), "to": ("two", "too"), "me": ("knee", "be"), "my": ("mine", "by"),
    "in": ("and", "an"), "on": ("own", "in"), "and": ("end", "in"), "of": ("off", "or"), "are": ("our", "or"),
    "do": ("to", "due"), "you": ("u", "your"), "it": ("at", "hit"), "this": ("these", "dis"), "that": ("hat", "the"),
    "call": ("coal", "cull"), "take": ("steak", "talk"), "time": ("thyme", "dime"), "price": ("prize", "rice"),
    "code": ("coat", "cold"), "door": ("tore", "dough"), "near": ("here", "ear"), "not": ("note",), "note": ("not", "know"),
    "set": ("sat", "said"), "timer": ("time or", "dimer"), "open": ("opened", "oven"), "close": ("clothes", "closed"),
}  # fmt: skip
_SOUNDS: Final = (
    ("c", "k"), ("ph", "f"), ("ee", "ea"), ("t", "d"), ("s", "z"), ("i", "e"), ("a", "o"), ("b", "p"), ("m", "n"),
    ("v", "f"), ("er", "or"), ("e", "a"), ("u", "o"), ("ll", "l"), ("th", "t"), ("g", "k"), ("sh", "s"), ("y", "ie"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A question as it arrives at the model."""

    text: str
    slots: Mapping[str, str]
    """What was heard of each slot: an argument copies this, not what was meant."""


def is_held_out(template: str) -> bool:
    """Whether a template is kept from training for the honest check: about one in eight, by its own checksum."""
    return zlib.crc32(template.encode()) % 8 == 0


def pick(rng: Random, templates: Sequence[str], *, held_out: bool) -> str:
    """A template of the wanted half; where a skill's few templates are all on one side, any."""
    wanted = [t for t in templates if is_held_out(t) == held_out]
    return rng.choice(wanted or templates)


def expand(rng: Random, template: str) -> str:
    """Chooses one of `[this|that]`, and one of `(this|that)` or nothing; slots stay."""
    while (match := re.search(r"\[([^\[\]()]*)\]|\(([^\[\]()]*)\)", template)) is not None:
        is_wanted = match[1] is not None or rng.random() < 0.5
        chosen = rng.choice((match[1] or match[2]).split("|")) if is_wanted else ""
        template = template[: match.start()] + chosen + template[match.end() :]
    return re.sub(r" +", " ", template).strip()


def polite(rng: Random, template: str) -> str:
    """The same with the words that people put around a question; nothing after a slot, which it would become part of."""
    is_question = (
        re.match(r"\W*(what|where|which|how|who|when|is|are|do|does|did|can|at|until|whose)", template) is not None
    )
    is_statement = re.match(
        r"\W*(i|i'm|i'd|my|it|it's|the|that's|there's|you|we|this|that|they|they're|no|any)\b", template
    )
    before = rng.choice(_BEFORE_ANY if is_statement else _BEFORE_QUESTION if is_question else _BEFORE_ORDER)
    if rng.random() < 0.2:
        before = f"{rng.choice(_CONTEXT)} {before if rng.random() < 0.5 else ''}"
    after = "" if template.rstrip(")").endswith("}") else rng.choice(_AFTER)
    return f"{before} {template} {after}"


_BEFORE_ANY: Final = (
    "hey", "hey glasses", "okay", "so", "um", "uh", "and", "sorry", "listen", "hi", "hello", "oh", "well", "excuse me", "okay glasses", "alright", "wait", "actually", "but", "you know", "hm", "look", "right", "ah", "hold on", "yeah",
)  # fmt: skip
_BEFORE_QUESTION: Final = (
    "hey", "hey glasses", "okay", "so", "um", "uh", "and", "please", "please tell me", "can you tell me", "could you tell me", "tell me", "do you know",
    "i want to know", "i'd like to know", "excuse me", "hi", "well", "okay glasses", "say", "i wonder", "quick question", "alright", "now", "hey can you tell me",
    "sorry", "listen", "hello", "can you say", "could you check", "can you see", "let me know", "i was wondering", "i need to know", "i'm curious", "help me out", "be so kind and tell me", "would you mind telling me",
    "any idea", "just tell me", "quick", "one question", "hold on", "wait", "oh", "ah", "right", "please check", "say quickly", "do me a favour and tell me", "yeah", "but", "then", "do you happen to know", "one more thing",
)  # fmt: skip
_BEFORE_ORDER: Final = (
    "hey", "hey glasses", "okay", "please", "can you", "could you", "can you please", "could you please", "would you", "i want you to", "i'd like you to",
    "um", "uh", "now", "quickly", "go ahead and", "i need you to", "just", "alright", "okay glasses", "hi", "so",
    "would you please", "would you mind", "could you quickly", "do me a favour and", "be so kind and", "i need you to quickly", "for me please", "let's", "sorry", "listen", "oh", "wait", "then", "right", "if you can", "if possible",
    "hello", "yes", "yeah", "and", "also", "kindly", "you can", "you could", "maybe you could", "try to", "help me", "i think you should", "time to", "quick",
)  # fmt: skip


_AFTER: Final = (
    "", "", "", "", "please", "now", "right now", "thanks", "for me", "if you can", "if possible", "again", "quickly", "do you know", "can you tell me", "can you check", "i wonder", "then", "exactly", "do you think",
    "thank you", "by the way", "actually", "would you", "could you", "i can't tell", "i can't see it", "tell me", "okay", "you know", "anyway", "right",
)  # fmt: skip
_CONTEXT: Final = (
    "i forgot my glasses", "i can't see well", "my eyes are bad", "it's too dark for me", "it's so small", "i'm in a hurry", "i'm a bit lost", "i just got here", "before i go", "my wife wants to know", "my son asks",
    "my friend wants to know", "i'm not sure", "i can't remember", "just checking", "for my notes", "we have to go soon", "sorry to bother you", "i have no idea", "it's important", "i'm confused", "this is new to me",
    "there's so much here", "hang on", "let me think", "one moment", "okay here's the thing", "since you're here", "while i walk", "my hands are full", "i'm carrying bags", "it's noisy here", "it's raining", "i'm late",
    "the sun is blinding me", "i left my lenses at home", "people are waiting", "i'm standing here", "i'm here now", "as you can see", "you know what", "be honest", "this looks nice", "that's strange", "help",
)  # fmt: skip
"""What people say before they come to the point; it says nothing about what they want."""


_CONTRACTED: Final = {
    "what's": ("what is", "whats"), "where's": ("where is", "wheres"), "who's": ("who is",), "how's": ("how is",), "it's": ("it is",),
    "i'm": ("i am", "im"), "i'd": ("i would",), "don't": ("do not",), "can't": ("cannot", "can not"), "there's": ("there is",), "let's": ("let us",),
}  # fmt: skip
_WHOLE: Final = {
    ("what", "is"): "what's",
    ("where", "is"): "where's",
    ("who", "is"): "who's",
    ("i", "am"): "i'm",
    ("do", "not"): "don't",
}
_LIGHT: Final = frozenset("a an the is are do does can could you me my am i please there".split())
_FILLERS: Final = (
    "um",
    "uh",
    "like",
    "well",
    "you know",
    "just",
    "maybe",
    "actually",
    "er",
    "please",
    "now",
    "quickly",
    "hmm",
)


def loosen(rng: Random, template: str) -> str:
    """The same as another person would put it: contracted or not, in the style of a telegram, or with fillers between."""
    style = rng.random()
    out: list[str] = []
    for word in template.split():
        if word in _CONTRACTED and rng.random() < 0.5:
            out += rng.choice(_CONTRACTED[word]).split()
        elif out and (out[-1], word) in _WHOLE and rng.random() < 0.5:
            out[-1] = _WHOLE[out[-1], word]
        elif style < 0.25 and word in _LIGHT and rng.random() < 0.5:
            continue
        else:
            out.append(word)
        if style > 0.75 and rng.random() < 0.12:
            out.append(rng.choice(_FILLERS))
    return " ".join(out or [template])


def hear(rng: Random, template: str, slots: Mapping[str, str], errors: float, sure: Collection[str] = ()) -> Heard:
    """Expands, fills the slots, and lets recognition err in a fraction `errors` of the words.

    Slots in `sure` are heard as they are: those that change the right answer when they change.
    """
    out: list[str] = []
    heard: dict[str, str] = {}
    said = expand(rng, template)
    if rng.random() < 0.5:
        said = loosen(rng, said)
    for part in re.split(r"(\{\w+\})", said):
        if part.startswith("{"):
            name = part[1:-1]
            words = slots[name].split()
            if name not in sure:
                words = _misheard(rng, words, errors) or words
            heard[name] = " ".join(words)
        else:
            words = _misheard(rng, part.split(), errors)
        out += words
    return Heard(" ".join(out), heard)


def misheard(rng: Random, text: str, errors: float) -> str:
    """A text with a fraction `errors` of its words got wrong."""
    return " ".join(_misheard(rng, text.split(), errors))


def alignment(rng: Random, words: Sequence[str], errors: float) -> list[list[str]]:
    """What is heard of each word: mostly the word; of a fraction `errors` nothing, it twice, or something like it."""
    return [_heard(rng, word) if rng.random() < errors else [word] for word in words]


def _misheard(rng: Random, words: Sequence[str], errors: float) -> list[str]:
    return [heard for word in alignment(rng, words, errors) for heard in word]


def _heard(rng: Random, word: str) -> list[str]:
    kind = rng.random()
    if kind < 0.12:
        return []
    if kind < 0.18:
        return [word, word]
    if word in _CONFUSED and kind < 0.7:
        return [rng.choice(_CONFUSED[word])]
    return [_similar(rng, word)]


def _similar(rng: Random, word: str) -> str:
    sounds = [(a, b) for pair in _SOUNDS for a, b in (pair, pair[::-1]) if a in word]
    kind = rng.random()
    if sounds and kind < 0.6:
        a, b = rng.choice(sounds)
        return word.replace(a, b, 1)
    if len(word) > 3:
        at = rng.randrange(1, len(word))
        if kind < 0.8:
            return word[:at] + word[at + 1 :]
        if kind < 0.9:
            return word[:at]
    return word + rng.choice(("s", "ed", "ing", "er", "n"))
