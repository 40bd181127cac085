"""Skills that act: the device's tools, with arguments copied from the question or referring to what is seen.

Long because it is a list: each function is one skill with its phrasings, and none knows another.
"""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

import re

from edge.reasoning.cues import able
from edge.reasoning.prompt import TOOLS, Tool, tool
from quantize.glance.dialogue import acting_words as more
from quantize.glance.dialogue import offering, phrases, sentences, words
from quantize.glance.dialogue.asking import Asking, Example, Skill, act, could_do, escalate, plain, say
from quantize.glance.dialogue.offering import Offer

_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
_REASONS = [
    "i am on the phone",
    "people are sleeping",
    "i'm in a meeting",
    "this is a library",
    "i have a headache",
    "please",
    "for a moment",
    "the baby sleeps",
    *more.REASONS,
]
_INVENTED: tuple[tuple[Tool, tuple[str, ...], str], ...] = (
    (tool("flashlight", "switch the torch", {"state": "on|off"}), ("turn the [flashlight|torch] {v}", "switch {v} the [torch|flashlight]", "[torch|flashlight] {v}"), "state"),
    (tool("music", "play a song or an artist", {"what": "text"}), ("play {v}", "i want to hear {v}", "put on {v}", "play some {v}"), "what"),
    (tool("weather", "forecast for a town", {"town": "text"}), ("what's the weather in {v}", "weather in {v}", "will it rain in {v}", "how is the weather in {v}"), "town"),
    (tool("alarm", "wake up at an hour", {"hour": "integer"}), ("wake me at {v}", "set an alarm for {v} o'clock", "alarm at {v}"), "hour"),
    (tool("order_coffee", "from the machine", {"size": "small|medium|large"}), ("make me a {v} coffee", "i'd like a {v} coffee", "order a {v} coffee"), "size"),
    (tool("heating", "set the room temperature", {"degrees": "integer"}), ("set the heating to {v} degrees", "make it {v} degrees", "heat the room to {v}"), "degrees"),
    (tool("unlock", "open a door's lock", {"door": "text"}), ("unlock the {v}", "open the lock of the {v}", "unlock {v} please"), "door"),
    (tool("find_phone", "ring the phone"), ("ring my phone", "find my phone please let it ring", "make my phone ring"), ""),
    (tool("screenshot", "save the display"), ("take a screenshot", "screenshot please", "save the display as a screenshot"), ""),
    (tool("shopping_list", "add something to buy", {"item": "text"}), ("add {v} to the shopping list", "put {v} on my shopping list"), "item"),
    (tool("taxi", "order a taxi", {"place": "text"}), ("get me a taxi to {v}", "order a taxi to {v}", "i need a cab to {v}"), "place"),
    (tool("contrast", "of the picture", {"level": "integer"}), ("set the contrast to {v}", "contrast {v} percent"), "level"),
    (tool("airplane_mode", "all radios", {"state": "on|off"}), ("airplane mode {v}", "turn {v} airplane mode"), "state"),
    (tool("next_slide", "in the presentation"), ("next slide", "go to the next slide", "one slide further"), ""),
    (tool("log_meal", "keep what was eaten", {"food": "text"}), ("i just ate {v}", "log {v} as a meal", "i had {v} for lunch"), "food"),
    (tool("measure", "distance ahead in metres"), ("measure the distance", "how far is that measure it", "measure what's ahead"), ""),
)  # fmt: skip
_TOPICS = {
    "flashlight": "light", "music": "music", "weather": "weather", "alarm": "phone", "order_coffee": "kitchen",
    "heating": "climate", "unlock": "security", "find_phone": "phone", "screenshot": "camera",
}  # fmt: skip
"""Topics of those tools, as `offered_tools.py` calls them."""
_OWN = {t.name for t in TOOLS}
INVENTED_TOOLS = tuple(t for t, _, _ in _INVENTED)
"""Tools that the device does not have by default; the last third of them is held out of training."""
HELD_OUT_TOOLS = {t.name for t, _, _ in _INVENTED[-6:]}


def number_words(n: int) -> str:
    """0..999 as spoken."""
    if n <= 20:
        return words.COUNTS[n]
    if n < 100:
        return _TENS[n // 10 * 10] + ("" if n % 10 == 0 else f" {words.COUNTS[n % 10]}")
    hundreds = f"{words.COUNTS[n // 100]} hundred"
    return hundreds if n % 100 == 0 else f"{hundreds} {number_words(n % 100)}"


def _spoken(a: Asking, n: int) -> str:
    return str(n) if a.rng.random() < 0.4 else "a hundred" if n == 100 else number_words(n)


def photo(a: Asking) -> Example:
    heard = a.hear(
        (
            "take a [photo|picture|photograph] (of this)",
            "(can|could|would) you [take|snap|make|shoot|grab|get] a (quick) [photo|picture|shot|snapshot] (of [this|that|it|her|him|them|the {thing}|us])",
            "[photo|picture|snapshot] (of [this|that|it|the {thing}]) (please|now)",
            "i (want|need|would like) (to take|to have) a [photo|picture|shot] (of [this|that|it|the {thing}])",
            "[snap|shoot|capture|photograph] [this|that|it|the {thing}|what i see] (for me|please)",
            "take a quick [photo|picture|snap] of the {thing}",
            "save this [moment|view|scene] as a [photo|picture]",
            "(say) cheese",
            "take a photo please",
            "photo",
            "snap a [picture|photo]",
            "take a shot",
            "picture please",
            "capture this",
            "can you take a [photo|picture]",
            "shoot a photo",
            "make a [photo|picture] (of [this|that])",
            "i want a photo of this",
            "get a picture of that",
            "photograph this",
            "save a picture of [this|that]",
            "grab a photo",
            *more.PHOTO,
        ),
        thing=sentences.item(a.rng)
        if a.rng.random() < 0.5
        else plain(a.rng.choice((*words.SIGNS, *words.PLACES, "menu", "sign", "view", "board"))),
    )
    return act(heard, "photo")


def video(a: Asking) -> Example:
    if a.rng.random() < 0.5:
        n = a.rng.choice((5, 10, 15, 20, 30, 45, 60, a.rng.randrange(3, 90)))
        heard = a.hear(("record {n} seconds (of video)", "(can|could) you [record|film|shoot|make|take] (a) {n} second [video|clip|film|recording] (of [this|that])", "{n} seconds [of video|video|recording|clip] (please)", "[film|record|video] [this|that|it|me|us] for (about) {n} seconds",
                        "i want a {n} second [clip|video|recording]", "a [clip|video|recording] of {n} seconds (please)", "keep filming for {n} seconds",  "record a {n} second video", "take a video for {n} seconds", "film (this) for {n} seconds",
                        "start recording for {n} seconds", "make a {n} second video", *more.VIDEO_FOR), sure=("n",), n=_spoken(a, n))  # fmt: skip
        return act(heard, "video", {"seconds": n})
    heard = a.hear(("record a video", "(can|could) you [film|record|video] [this|that|it|us|me] (please)", "[start|begin|go on] [filming|recording|a video|a recording|the video]", "i (want|need|would like) (to record) a [video|clip|film] (of [this|that])", "[video|film|record] [this|that|it|what i see] (please|now)",
                        "roll the camera", "make a [clip|film|recording] (of [this|that])", "recording please",  "start [recording|filming]", "take a video", "film this", "record this", "video please", "make a video of this", "start a video",
                    "can you record a video", "shoot a video", "begin recording", *more.VIDEO))  # fmt: skip
    return act(heard, "video")


def _seen_text(a: Asking, part: str = "") -> str | None:
    """A reference to the text that "this" means."""
    texts = [t for t in a.texts if not part or part in t.parts]
    near = next((t for t in texts if t.depth == "nearest"), None) or (texts[0] if len(texts) == 1 else None)
    return None if near is None else f"#{near.number}.{part}" if part else f"#{near.number}"


def remember(a: Asking) -> Example | None:
    if a.rng.random() < 0.35:
        heard = a.hear(("remember [this|that|this sign|the sign|what it says]", "(can|could) you [remember|keep|store|save|memorize] [this|that|the sign|what's written here|what it says|this text] (for me|for later|please)", "keep [this|that|the text|what it says] for later",
                        "i (want|need) to [remember|keep] [this|that|the sign|what it says]", "make sure i don't forget [this|that|the sign|what it says]", "save what [it|the sign] says", "keep [this|that] in mind", "save [this|that] text", "remember what [the sign|it] says",
                        "memorize this", "don't forget this sign", "store this", "save this for later", *more.REMEMBER_THIS))  # fmt: skip
        ref = _seen_text(a)
        return act(heard, "remember", {"what": ref}) if ref else say("tool remember", heard, "I don't see any text.")
    heard = a.hear(("remember (that) {what}", "(can|could|would) you (please) [remember|keep in mind|memorize|store|save] (that) {what}", "i [have|need|must] (to) remember [that|to] {what}", "[don't|do not] let me forget [that|to] {what}", "remind me (later) [to|that] {what}", "(please) don't forget (that) {what}",
                    "i shouldn't forget [that|to] {what}", "for later remember {what}", "you should know that {what}", "store (in memory) that {what}", "please remember (that) {what}", "keep in mind that {what}", "remind me (that|to) {what}", "don't forget (that|to) {what}",
                    "memorize that {what}", "don't let me forget to {what}", "can you remember that {what}", *more.REMEMBER), what=sentences.thought(a.rng))  # fmt: skip
    return act(heard, "remember", {"what": heard.slots["what"]})


def recall(a: Asking) -> Example:
    heard = a.hear(("what did i (tell|ask) you (to remember) about {what}", "what [was|is] (it) (that) i (said|told you|noted|wanted to remember) about {what}", "(do|can) you [recall|remember] [anything|something|what i said|what i told you] about {what}", "did i (ever) [say|tell you|mention|note] [anything|something] about {what}",
                    "[look up|find|search] [my memory|your memory|what i stored|what i saved] (for|about) {what}", "what do you [know|have (stored)] (from me) about {what}", "tell me again what i said about {what}", "what were my words about {what}", "recall {what}", "what do you remember about {what}", "what did i say about {what}",
                    "what was it about {what}", "remind me what i said about {what}", "do you remember what i told you about {what}", "what did i note about {what}",
                    "look up what i said about {what}", *more.RECALL),
                   what=sentences.topic(a.rng))  # fmt: skip
    return act(heard, "recall", {"what": heard.slots["what"]})


def timer(a: Asking) -> Example:
    form = a.rng.randrange(5)
    m, s = (
        a.rng.choice((1, 2, 3, 5, 10, 15, 20, 25, 30, 45, a.rng.randrange(1, 91))),
        a.rng.choice((10, 15, 20, 30, 40, 45, 50, a.rng.randrange(1, 91))),
    )
    minutes = f"{_spoken(a, m)} minute{'s' * (m != 1)}"
    if form <= 1:
        span, arguments = minutes, {"minutes": m}
    elif form == 2:
        span, arguments = f"{_spoken(a, s)} second{'s' * (s != 1)}", {"seconds": s}
    elif form == 3:
        hours = {"an hour": 60, "one hour": 60, "half an hour": 30, "two hours": 120, "an hour and a half": 90, "three hours": 180,
                 "a quarter of an hour": 15, "one and a half hours": 90, "an hour and ten minutes": 70, "4 hours": 240}  # fmt: skip
        span, m = a.rng.choice(list(hours.items()))
        arguments = {"minutes": m}
    else:
        span, arguments = f"{minutes} {a.rng.choice(('and ', ''))}{_spoken(a, s)} seconds", {"minutes": m, "seconds": s}
    heard = a.hear(("set a timer for {span}", "(can|could|would) you (please) [set|start|make|run] a timer (for|of|to) {span}", "[count|start counting] {span} (down)", "(a) timer (for|of|over|with|at) {span} (please|now)", "[wake|alert|warn|tell|remind|ping|call] me (up) [in|after] {span}", "{span} [timer|countdown] (please)",
                    "i need {span} on the clock", "[start|begin] (a) (countdown|timer) (of|for|at|with) {span}", "let me know (when|once|after) {span} (are over|have passed|are up)", "in {span} [wake me|tell me|let me know|ring]", "stop me after {span}", "time me for {span}", "put {span} on the timer", "timer {span}", "start a {span} timer", "(please) set a {span} timer", "count down {span}", "set timer to {span}",
                    "start a timer for {span}", "wake me in {span}", "give me {span} on the timer", "tell me when {span} are over", "timer for {span} please",
                    "alert me in {span}", "i need a timer for {span}", *more.TIMER), sure=("span",), span=span)  # fmt: skip
    return act(heard, "timer", arguments)


def _level(
    a: Asking, name: str, called: tuple[str, ...], up: tuple[str, ...], down: tuple[str, ...], off: tuple[str, ...]
) -> Example:
    form = a.rng.randrange(3)
    if form == 0:
        n = a.rng.choice((0, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100, a.rng.randrange(101)))
        heard = a.hear(("set (the) {name} to {n} (percent)", "(can|could|would) you (please) [set|put|turn|change|bring|get] (the) {name} [to|at|down to|up to|on] {n} (percent)", "{name} (at|to|on) {n} (percent) (please)", "[set|make|put] (the) {name} {n}", "i (want|need|would like) {n} percent {name}", "{n} percent {name}", "{name} {n} percent", "{name} to {n} (percent)", "put the {name} at {n} percent", "make the {name} {n} percent",
                        "turn the {name} to {n}", "change the {name} to {n} percent", "i want the {name} at {n}", *more.LEVEL),
                       sure=("n",), name=a.rng.choice(called), n=_spoken(a, n))  # fmt: skip
        return act(heard, name, {"level": n})
    change = a.rng.choice(("up", "down", "mute") if off else ("up", "down"))
    heard = a.hear({"up": up, "down": down, "mute": off}[change], why=a.rng.choice(_REASONS))
    return act(heard, name, {"change": change})


def volume(a: Asking) -> Example:
    return _level(a, "volume", ("volume", "sound", "volume level"),
        ("turn (it|the volume|the sound) up", "(can|could|would) you (please) [speak|talk|be|get] (a bit|a little|much) louder", "[turn|make|put|set] (it|the volume|the sound|yourself|your voice) (a bit|a little|way|much) [up|louder|higher]", "(a bit|a little|much) louder (please)", "i (can|could) (hardly|barely|not) hear (you|anything|that)", "[what|pardon] speak up", "pump up the volume", "volume up", "louder (please)", "make it louder", "increase the volume", "speak up", "raise the volume", "i can't hear you", "a bit louder", "more volume", "you are too quiet", *more.LOUDER),
        ("turn (it|the volume|the sound) down", "(can|could|would) you (please) [speak|talk|be|get] (a bit|a little|much) [quieter|softer|lower]", "[turn|make|put|set] (it|the volume|the sound|yourself|your voice) (a bit|a little|way|much) [down|quieter|softer|lower]", "(a bit|a little|much|far) [quieter|softer|less loud] (please)", "you are [too|so|very] loud", "not so loud (please)", "that's too loud", "keep it down", "turn it down {why}", "volume down", "quieter (please)", "make it quieter", "decrease the volume", "lower the volume", "too loud", "softer", "less volume", "it's too loud", "not so loud", *more.QUIETER),
        ("mute", "(can|could|would) you (please) [mute|be silent|shut up|go silent]", "[mute|silence|switch off|turn off|kill] (the) [sound|volume|audio|speaker|yourself|voice]", "no (more) sound (please)", "sound off (please)", "go [silent|mute|quiet]", "mute it {why}", "complete silence (please)", "mute (the sound|yourself)", "turn the sound off", "silence", "sound off", "mute the volume", "no sound please", "switch off the sound", *more.MUTE))  # fmt: skip


def brightness(a: Asking) -> Example:
    return _level(a, "brightness", ("brightness", "display brightness", "screen brightness"),
        ("brighter (please)", "(can|could|would) you (please) [make|turn|set] (it|the display|the screen|the picture) (a bit|a little|much) brighter", "[turn|put|make|set] (up) (it|the display|the screen|the brightness) (a bit|a little|much) [brighter|up|higher]", "(a bit|a little|much) brighter (please)", "i (can|could) (hardly|barely|not) [see|read] the [display|screen|picture]", "more light (on|in) the display", "the [display|screen|picture] is (too|so) [dark|dim]", "make it brighter", "turn up the brightness", "brightness up", "increase the brightness", "the display is too dark", "raise the brightness", "i can't see the display", "more brightness", "make the display brighter", *more.BRIGHTER),
        ("darker (please)", "(can|could|would) you (please) [make|turn|set] (it|the display|the screen|the picture) (a bit|a little|much) [darker|dimmer]", "[turn|put|make|set] (it|the display|the screen|the brightness) (a bit|a little|much) [darker|down|lower|dimmer]", "(a bit|a little|much) [darker|dimmer] (please)", "the [display|screen|picture|light] is (too|so|very) bright", "it's blinding me", "dim (it|the display|the screen) (a bit|please)", "dim the display", "make it darker", "turn down the brightness", "brightness down", "reduce the brightness", "the display is too bright", "lower the brightness", "dim the screen", "less bright", "it's too bright", *more.DARKER),
        ())  # fmt: skip


def navigate(a: Asking) -> Example:
    texts = [t for t in a.prompt.lines if t.kind == "text"]
    if texts and a.rng.random() < 0.25:
        heard = a.hear(("take me there", "navigate there", "how do i get [there|to this address|to that address]", "show me the way there", "navigate to [this|that] address",
                        "bring me to [this|that] [place|address]", "guide me there", "directions to [this|that] place", *more.NAVIGATE_THERE))  # fmt: skip
        ref = (
            f"#{a.topic.number}"
            if a.topic is not None and a.topic.kind == "text" and "there" in heard.text
            else _seen_text(a)
        )
        return act(heard, "navigate", {"place": ref}) if ref else say("tool navigate", heard, "I don't see any text.")
    place = plain(sentences.goal(a.rng))
    heard = a.hear(("navigate to {place}", "(can|could|would) you [take|bring|lead|guide|direct|walk|get] me to {place} (please)", "[how|where] do (i|we) [get|go|walk] to {place}", "(show|tell|give) me (the) [way|directions|route|how to get] to {place}", "i (have|want|need|would like) to [go|get|walk|be brought] to {place}",
                    "(which|what) (is the) way to {place}", "[let's go|go|start walking|start navigation|head|off] to {place}", "[way|route|directions|navigation] to {place} (please)", "find (me) {place}", "how can i (get to|reach|find) {place}", "what's the [way|route|best way] to {place}", "please [take|bring|lead] me to {place}", "take me to {place}", "how do i get to {place}", "show me the way to {place}", "directions to {place}", "guide me to {place}",
                    "i want to go to {place}", "bring me to {place}", "route to {place}", "lead me to {place}", "start navigation to {place}", "walk me to {place}",
                    "i need to get to {place}", "find the way to {place}", *more.NAVIGATE), place=place)  # fmt: skip
    return act(heard, "navigate", {"place": heard.slots["place"]})


def call(a: Asking) -> Example:
    ref = _seen_text(a, "phone")
    if (ref and a.rng.random() < 0.6) or a.rng.random() < 0.1:
        heard = a.hear(("call [this|that|the] number", "(can|could|would) you [call|dial|ring|phone] [this|that|the|their] [number|phone] (for me|please)", "[call|ring|phone|dial] [it|that|the number there|the number on the sign|them for me]", "i want to call [them|that number|the number]", "connect me (with them|to that number)",
                        "call them", "phone [this|that|the] number", "dial [this|that|the] number", "ring this number", "call the number on the sign",
                        "can you call that number", *more.CALL_NUMBER))  # fmt: skip
        return act(heard, "call", {"who": ref}) if ref else say("tool call", heard, "I don't see a phone number.")
    who = sentences.somebody(a.rng) if a.rng.random() < 0.8 else f"the {a.rng.choice(words.PLACES).lower()}"
    heard = a.hear(("call {who}", "(can|could|would) you (please) [call|phone|ring|dial] {who}", "i (want|need|have|would like) to [call|phone|talk to|speak to|speak with|ring] {who}", "(make|start|place) a [call|phone call] to {who}", "get {who} on the [phone|line]", "connect me [with|to] {who}",
                    "let me [talk|speak] to {who}", "[give|dial] {who} (a ring|a call)", "please [call|ring|phone] {who}", "put me through to {who}", "phone {who}", "ring {who}", "give {who} a call", "make a call to {who}", "call {who} please", "can you call {who}", "i want to talk to {who}",
                    "dial {who}", "please call {who} now", "start a call with {who}", *more.CALL), who=who)  # fmt: skip
    return act(heard, "call", {"who": heard.slots["who"]})


def message(a: Asking) -> Example:
    who = sentences.somebody(a.rng)
    ref = _seen_text(a)
    if ref and a.rng.random() < 0.25:
        heard = a.hear(("send [this|that|the sign|this text] to {who}", "message [this|that] to {who}", "send {who} [this|what the sign says|this text]", "text {who} what it says",
                        "forward this to {who}", *more.MESSAGE_THIS), who=who)  # fmt: skip
        return act(heard, "message", {"who": heard.slots["who"], "text": ref})
    heard = a.hear(("tell {who} (that) {text}", "(can|could|would) you (please) [tell|text|message|write] {who} (that) {text}", "[send|write|drop] {who} a [message|text|note|line] (saying|that says|that) {text}", "(a) [message|text] [to|for] {who} (saying) {text}", "[let|inform] {who} (know) (that) {text}", "say to {who} (that) {text}",
                    "[text|write|message] {who} (that) {text}", "please [tell|text|message] {who} (that) {text}", "answer {who} {text}", "[send|write] [this|the following] to {who} {text}", "reply to {who} (that) {text}", "send a message to {who} (saying) {text}", "text {who} {text}", "message {who} {text}", "send {who} a message {text}",
                    "write (to) {who} (that) {text}", "send a text to {who} saying {text}", "let {who} know (that) {text}", "message to {who} {text}", "text {who} that {text}", *more.MESSAGE),
                   who=who, text=sentences.saying(a.rng))  # fmt: skip
    return act(heard, "message", {"who": heard.slots["who"], "text": heard.slots["text"]})


def translate(a: Asking) -> Example:
    language = a.rng.choice(words.LANGUAGES)
    if a.rng.random() < 0.55:
        ref = _seen_text(a)
        if a.rng.random() < 0.6:
            heard = a.hear(("translate [this|that|it|the sign|this sign] (to|into) {language}", "(can|could|would) you (please) [translate|put|turn|say] [this|that|it|the sign|the text|the label|what it says] [into|in|to] {language}", "[what's|what is|how is] [this|that|it|the sign|the text] (called) in {language}",
                            "(give|tell|read) me [this|that|it|the sign] in {language}", "i (want|need) [this|that|it|the sign|the text] in {language}", "in {language} please", "the {language} (translation|version) (of this|of that|please)", "what does [this|it|the sign] say in {language}", "what is [this|that] in {language}",
                            "say [this|that] in {language}", "can you translate [this|the sign] into {language}", "read [this|it|the sign] in {language}", *more.TRANSLATE_TO), language=language)  # fmt: skip
            return (
                act(heard, "translate", {"text": ref, "language": heard.slots["language"]})
                if ref
                else say("tool translate", heard, "I don't see any text.")
            )
        heard = a.hear(("translate [this|that|it|the sign|this sign|the text]", "(can|could|would) you (please) translate [this|that|it|the sign|the text|the label] (for me)", "i (need|want) a translation (of this|of that|of the sign)", "[what does|what's] [this|that|it|the sign] (mean|say) in my language", "translation of [this|that|the sign|the text]",
                        "can you translate [this|that|the sign|it]", "translate (it) please", "translation please",
                        "translate what [it|the sign] says", "please translate the sign", *more.TRANSLATE_THIS))  # fmt: skip
        return act(heard, "translate", {"text": ref}) if ref else say("tool translate", heard, "I don't see any text.")
    heard = a.hear(("translate {text} (to|into) {language}", "(can|could|would) you (please) [translate|say] {text} [into|in|to] {language}", "how (do|would|can) (you|i|they|we|people) say {text} in {language}", "[what's|what is] the {language} (word|phrase|expression) for {text}", "[say|tell me] {text} in {language}", "{text} in {language}",
                    "how is {text} (said) in {language}", "i (want|need) to say {text} in {language}", "the {language} (word) for {text}", "{language} for {text}", "how do you say {text} in {language}", "what is {text} in {language}", "say {text} in {language}", "how do i say {text} in {language}",
                    "what's {text} in {language}", "{text} in {language} please", *more.TRANSLATE), text=sentences.phrase(a.rng), language=language)  # fmt: skip
    return act(heard, "translate", {"text": heard.slots["text"], "language": heard.slots["language"]})


def note(a: Asking) -> Example:
    kinds = [k for k in ("phone", "price", "url", "time", "date") if _seen_text(a, k)]
    if kinds and a.rng.random() < 0.3:
        kind = a.rng.choice(kinds)
        name = {"phone": "phone number", "price": "price", "url": "website", "time": "time", "date": "date"}[kind]
        heard = a.hear(
            (
                "note (down) the {name}",
                "(can|could|would) you [note|write|jot|take|put] down [the|that|their|this] {name} (for me|please)",
                "i (need|want) the {name} in my notes",
                "[save|keep|add] the {name} (in|to) (my) notes",
                "put the {name} [in a note|on my notes]",
                "write down the {name}",
                "make a note of the {name}",
                "jot down the {name}",
                "note that {name}",
                "take down the {name}",
                *more.NOTE_THE,
            ),
            name=name,
        )
        return act(heard, "note", {"text": f"{_seen_text(a, kind)}"})
    if a.rng.random() < 0.2:
        heard = a.hear(
            (
                "note this (down)",
                "(can|could|would) you [note|write|jot|take] [this|that|it] down (for me|please)",
                "[put|save|add] [this|that|it|what it says] [in|to|into] (my) notes",
                "make a note of [what it says|the text|it]",
                "[copy|write] the [sign|text] (down) (into my notes)",
                "write this down",
                "make a note of [this|that|the sign]",
                "write down what [it|the sign] says",
                "take a note of this",
                "note what it says",
                *more.NOTE_THIS,
            )
        )
        ref = _seen_text(a)
        return act(heard, "note", {"text": ref}) if ref else say("tool note", heard, "I don't see any text.")
    heard = a.hear(("note (that) {text}", "(can|could|would) you (please) [note|write|jot|put] (down) (that) {text}", "(please) [make|take|add|create|start|write] a (new) note (saying|that says|that) {text}", "(a) note {text}", "i (want|need) (to) (make) a note {text}", "write (this) down {text}", "put (down) in my notes (that) {text}", "note (for me) {text}",
                    "[add|put|write] to my notes {text}", "(quick) note {text}", "dictate {text}", "make a note {text}", "write down (that) {text}", "take a note {text}", "note to self {text}", "new note {text}", "jot down {text}", "add a note {text}",
                    "note down {text}", "make a note that {text}", *more.NOTE), text=sentences.thought(a.rng))  # fmt: skip
    return act(heard, "note", {"text": heard.slots["text"]})


def invented(a: Asking) -> Example | None:
    """A tool that is only known from its description; where it is not offered, nobody here can do it."""
    offered = {t.name for t in a.tools}
    choice = [i for i in _INVENTED if (i[0].name in HELD_OUT_TOOLS) == a.held_out]
    here = [i for i in choice if i[0].name in offered]
    made, templates, slot = a.rng.choice(here if here and a.rng.random() < 0.85 else choice)
    templates = (*templates, *more.INVENTED.get(made.name, ()))
    arguments: dict[str, object] = {}
    if not slot:
        heard = a.hear(templates)
    else:
        kind = made.parameters[0].kind
        value: str | int
        if kind == "integer":
            value = a.rng.randrange(2, 13 if slot == "hour" else 40)
            heard = a.hear(templates, sure=("v",), v=_spoken(a, value))
            arguments[slot] = value
        elif "|" in kind:
            value = a.rng.choice(kind.split("|"))
            heard = a.hear(templates, sure=("v",), v=value)
            arguments[slot] = value
        else:
            pool = {"town": words.TOWNS, "place": words.PLACES, "item": words.FOODS, "food": words.FOODS,
                    "door": ("front door", "garage", "back door", "garden gate", "office", "car", "cellar")}.get(slot, ("jazz", "the beatles", "mozart", "rock music", "abba", "something calm", "yesterday"))  # fmt: skip
            heard = a.hear(templates, v=plain(sentences.song(a.rng) if slot == "what" else a.rng.choice(pool)))
            arguments[slot] = heard.slots["v"]
    if made.name in offered:
        return act(heard, made.name, arguments, skill="tool invented")
    return None if _might_do(a, heard.text) else escalate("escalate no tool", heard)


_SLOTS = ("v", "w", "x")


def made_up(a: Asking) -> Example | None:
    """A tool that was made up for this very prompt; escalates when the question is about one that is not there."""
    here = [o for o in a.offers if any(t is o.tool for t in a.tools)]
    one = a.rng.choice(here) if here and a.rng.random() < 0.8 else offering.offer(a.rng)
    parameters = dict(zip(_SLOTS, one.tool.parameters, strict=False))
    given = {slot: one.arguments[p.name] for slot, p in parameters.items()}
    texts = {slot for slot, p in parameters.items() if p.kind == "text"}
    spoken = {slot: _spoken(a, v) if isinstance(v, int) else plain(v) for slot, v in given.items()}
    template = phrases.pick(a.rng, one.templates, held_out=a.held_out)
    heard = a.hear((template,), sure=tuple(set(given) - texts), **spoken, n=one.noun)
    right: dict[str, str | int] = {}
    for slot, parameter in parameters.items():
        if slot in heard.slots:
            right[parameter.name] = heard.slots[slot] if slot in texts else given[slot]
        elif template in one.implied and one.implied[template] in parameter.kind.split("|"):
            right[parameter.name] = one.implied[template]
        elif not parameter.is_optional:
            return None
    if "" in right.values():
        return None
    others = [t for t in a.tools if t is not one.tool]
    shared = able(heard.text.split(), [one.tool, *(t for t in others if t.name not in _OWN)])
    is_clear = shared[:1] == [one.tool] and not (shared[1:] and a.rng.random() < 0.5)
    # Where another tool may do it as well, nobody can say what is right.
    if not is_clear and (could_do(others, heard.text) or _is_like(a, one)):
        return None
    if any(t is one.tool for t in a.tools):
        return act(heard, one.tool.name, right, skill="tool invented")
    is_named = bool(able(heard.text.split(), [one.tool])) and not _is_like(a, one)
    return escalate("escalate no tool", heard) if is_named and not _might_do(a, heard.text) else None


def _might_do(a: Asking, question: str) -> bool:
    """Whether an offered tool, or any of the ways to ask for it, shares a word with a question."""
    asked = [Tool(o.tool.name, re.sub(r"[^\w' ]", " ", " ".join(o.templates))) for o in a.offers]
    return could_do((*a.tools, *asked), question)


def _is_like(a: Asking, one: Offer) -> bool:
    """Whether another offered tool is of the same topic."""
    names = {t.name for t in a.tools if t is not one.tool}
    topics = {o.topic for o in a.offers if o.tool.name in names} | {t for name, t in _TOPICS.items() if name in names}
    return bool(one.topic) and one.topic in topics


def impossible(a: Asking) -> Example | None:
    """An order that no tool of the device can carry out."""
    heard = a.hear(
        (
            "turn [on|off] the [lights|lamp|heating|tv|radio|oven|fan]", "switch [on|off] the [lights|lamp|tv]", "play [some music|a song|my playlist|the news|jazz]", "next song",
            "book a [table|flight|hotel|taxi|ticket] (for {n} people|to {town})", "send an email to {name}", "reply to [the email|his mail]", "read my [emails|messages|notifications]",
            "open [the camera app|youtube|my calendar|the browser|instagram]", "post this on [instagram|facebook|twitter]", "upload this (to the cloud)", "order [a pizza|{food}|more {thing}]",
            "buy [a ticket|{food}|two of these|this]", "pay [for this|the bill]", "lock the [door|car]", "unlock the [door|car]", "start the [car|engine|dishwasher|washing machine]",
            "connect to [bluetooth|the wifi|my phone]", "update [yourself|the software]", "restart (the device|yourself)", "print [this|the page]", "scan this document to pdf",
            "search the web for {thing}", "google {thing}", "schedule a meeting with {name}", "add [an appointment|a meeting] to my calendar", "what's on my calendar",
            "transfer {n} [dollars|euros] to {name}", "check my [email|bank account|mail]", "delete [the last photo|all my notes|my account]", "call off the meeting", "rent a [car|bike]",
            "reserve a seat", "cancel my [order|subscription|flight]", "set the [temperature|thermostat] to {n}", "wake me up (every day) at {n}", "zoom in (on that)", "blur the background",
            "change the language (of the menu)", "show me [a movie|my photos|yesterday's pictures]", "share my location (with {name})", "track my [run|steps|parcel]", "measure my [pulse|blood pressure]",
            "write an email to {name}", "make [coffee|me a sandwich]", "clean the kitchen", "water the plants for me", "open the [window|garage|trunk]", "find me a [job|flat|date]",
            "help me park (the car)", "drive me home", "sell my {thing}", "count my steps", "log my meal", "start a workout", "turn yourself off", "go to sleep", "reset everything", "play a game with me", *more.IMPOSSIBLE,
        ),
        n=str(a.rng.randrange(2, 60)), town=a.rng.choice(words.TOWNS).lower(), name=sentences.somebody(a.rng), food=plain(a.rng.choice(words.FOODS)), thing=sentences.item(a.rng),
    )  # fmt: skip
    return None if _might_do(a, heard.text) else escalate("escalate no tool", heard)


def offered(make: Skill) -> Skill:
    """The same skill, escalating when the tool that it needs is not in the prompt's list."""

    def only(a: Asking) -> Example | None:
        example = make(a)
        if example is None:
            return None
        called = re.search(r'"name":"(\w+)"', example.reply)
        if called is not None and called[1] not in {t.name for t in a.tools}:
            return escalate("escalate no tool", example.question)
        return example

    return only


SKILLS: tuple[tuple[float, Skill], ...] = tuple((weight, offered(skill)) for weight, skill in (
    (0.8, photo), (0.8, video), (1.2, remember), (0.8, recall), (1.6, timer), (1.4, volume), (1.2, brightness), (1.6, navigate),
    (1.3, call), (1.6, message), (1.6, translate), (1.4, note), (1.0, invented), (4.0, made_up), (1.6, impossible),
))  # fmt: skip
