"""Questions that are not ours: of real people (CLINC150, GSM8K, MMLU, BFCL, SNIPS), and some generated ones.

The data is read in place and never shipped. What is held out for the score: CLINC150 `val` and `oos_test`, every
fourth row of the rest.
"""

# ruff: noqa: E501 - templates read better many to a line
from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from edge.reasoning.prompt import ESCALATE, SAY, TOOL
from quantize.glance.dialogue import words
from quantize.glance.dialogue.asking import Asking, Example, escalate, plain

_TOOL_INTENTS: Final = {
    "timer": "timer", "make_call": "call", "text": "message", "translate": "translate", "directions": "navigate", "change_volume": "volume",
}  # fmt: skip
_SAY_INTENTS: Final = {"time": "#time"}
_UNCLEAR_INTENTS: Final = {
    "reminder", "reminder_update", "todo_list", "todo_list_update", "find_phone", "greeting", "goodbye", "thank_you", "what_can_i_ask_you", "yes", "no", "maybe",
    "repeat", "cancel", "distance", "current_location", "share_location", "play_music", "weather", "alarm", "what_song", "date", "shopping_list", "shopping_list_update",
    "smart_home", "whisper_mode", "change_speed", "sync_device", "next_song", "order",
}  # fmt: skip
"""Left out: whether they are ours depends on the tools that are offered, or on taste."""


@dataclass(frozen=True, slots=True)
class Human:
    """A question of a real person, and what becomes of it."""

    text: str
    tool: str = ""
    """Name of the tool it asks for; "#time" for the time; empty when it must escalate."""
    source: str = ""


def human(data: Path, *, held_out: bool) -> list[Human]:
    """Real questions from the data folder; what is absent is left out."""
    return [Human(text, h.tool, h.source) for h in _read(data, held_out) if (text := plain(h.text))]


def _read(data: Path, held_out: bool) -> Iterator[Human]:
    clinc = data / "text/clinc150/data_full.json"
    if clinc.exists():
        full = json.loads(clinc.read_text())
        for split in ("val", "oos_val", "oos_test") if held_out else ("train", "oos_train"):
            for text, intent in full.get(split, ()):
                if intent not in _UNCLEAR_INTENTS:
                    tool = _TOOL_INTENTS.get(intent, _SAY_INTENTS.get(intent, ""))
                    yield Human(
                        text, tool, "clinc oos" if split.startswith("oos") else "clinc tool" if tool else "clinc other"
                    )
    every: list[Human] = []
    gsm = data / "text/gsm8k/test.jsonl"
    if gsm.exists():
        every += [Human(json.loads(row)["question"], "", "gsm8k") for row in gsm.read_text().splitlines()]
    for path in sorted((data / "routing/routellm/mmlu/responses").glob("*.csv")):
        with path.open() as file:
            every += [Human(row["prompt"].split("\nA.")[0], "", "mmlu") for row in list(csv.DictReader(file))[:200]]
    for path in sorted((data / "text/snips").glob("validate_*.json")):
        for rows in json.loads(path.read_text(encoding="utf-8", errors="replace")).values():
            every += [Human("".join(part["text"] for part in row["data"]), "", "snips") for row in rows]
    for path in sorted((data / "text/bfcl").glob("BFCL_*.json")):
        for row in path.read_text().splitlines():
            every.append(Human(json.loads(row)["question"][0][-1]["content"], "", "bfcl"))
    yield from (h for n, h in enumerate(every) if (n % 4 == 0) == held_out)


def human_example(asked: Human) -> Example:
    """What is known of the right reply: where a tool is asked for, its name and no more."""
    if not asked.tool:
        return Example(f"human {asked.source}", asked.text, ESCALATE)
    if asked.tool.startswith("#"):
        return Example("human tool", asked.text, f"{SAY}It is {asked.tool}.")
    return Example("human tool", asked.text, f'{TOOL}{{"name":"{asked.tool}","arguments":{{"', is_partial=True)


def generated(a: Asking) -> Example:
    """Knowledge, sums, long writing, news, advice and chat, as a person with glasses on would ask."""
    rng: Random = a.rng
    heard = a.hear((
        "what is {n} [times|plus|minus|divided by] {m}", "how much is {n} [times|plus|percent of] {m}", "what's the square root of {n}", "who is the president of {town}",
        "what is the capital of {town}", "how tall is [mount everest|the eiffel tower]", "when was {name} born", "who wrote [hamlet|faust|the hobbit]", "tell me a [joke|story]",
        "write [a poem|an email|an essay|a speech] about {thing}", "what's the [weather|temperature] (like) (tomorrow|today|in {town})", "what's in the news (today)",
        "how do i [cook|bake|make] {food}", "what's the recipe for {food}", "should i [buy|sell|keep] my {thing}", "what do you think about {name}", "how far is it to {town}",
        "how many people live in {town}", "what does [photosynthesis|inflation|gravity|democracy] mean", "explain [black holes|the stock market|quantum physics] (to me)",
        "who won the [game|match|election] (yesterday)", "what's the score", "translate the whole book", "is {food} healthy", "how many calories are in {food}",
        "what is the meaning of life", "do you love me", "how old are you", "are you human", "what should i wear (today)", "recommend (me) a [movie|book|restaurant]",
        "book a [flight|table|hotel] (in {town})", "what's my [bank balance|schedule|next meeting|heart rate]", "play [some music|the radio]", "order {food}", "send money to {name}",
        "convert {n} [miles|pounds|dollars] to [kilometers|kilos|euros]", "how long does it take to [get to {town}|boil an egg]", "when does the sun set", "what day is it (today)",
        "who sings this song", "what's the best {thing} to buy", "why is the sky blue", "how does a {thing} work", "what is a {thing}", "define {thing}",
        "solve x squared equals {n}", "what is the history of {town}", "can you help me with my homework", "give me advice on [my job|dating|money]", "sing (me) a song",
        "what's the difference between a {thing} and a {thing}", "how do i learn [german|piano|chess]", "what year did [the war end|columbus sail|rome fall]",
        "how do you spell {thing}", "who was the first [man on the moon|king of england]", "plan a trip to {town}", "summarize [the news|my emails|this book]",
        "what time is it in {town}", "compare {town} and {town}", "what's the stock price of [apple|google|tesla]", "how can i [lose weight|sleep better|save money]",
        "is it going to rain", "do i need an umbrella today", "what does {name} think of me", "turn on the [tv|car|oven|radio]", "buy {food} online", "what is five factorial",
        "how do you [make|cook|bake] {food}", "what is the [tallest|longest|deepest|largest|oldest] [mountain|river|lake|city|animal|building] in [the world|africa|europe|{town}]",
        "who [discovered|painted|composed|directed|invented] [penicillin|the mona lisa|the magic flute|the telephone|electricity]", "divide {n} by {m}", "add {n} and {m}", "multiply {n} by {m}",
        "what's {n} percent of {m}", "how many [feet|ounces|seconds|cups] are in a [mile|pound|day|gallon]", "what's the [exchange rate|interest rate|inflation rate]", "is {town} in [europe|asia]",
        "what language do they speak in {town}", "when is [easter|thanksgiving|ramadan|the next full moon]", "how many days until christmas", "what should i [cook|eat|do|read|watch] [tonight|today|next]",
        "why am i so tired", "does it hurt to [pull a tooth|get a tattoo]", "is it dangerous to [swim after eating|mix medicines|drive at night]", "what are the symptoms of [the flu|a cold|anxiety]",
        "rewrite this [politely|in french]", "make me a [shopping plan|workout plan|budget]", "give me [three|five] ideas for [dinner|a present|the weekend]", "tell me about [the roman empire|dinosaurs|{town}|{name}]",
        "what's new in the world", "did [my team|bayern|the lakers] win", "are you [smarter than me|a robot|listening|married]", "what's your [name|favourite colour|job]", "who made you",
        "what is the chemical symbol for [gold|iron]", "how many planets are there", "what is the [speed of light|boiling point of water]", "who was {name} [washington|curie|einstein]",
        "can dogs eat {food}", "what wine goes with {food}", "how do i say no politely", "should i marry {name}", "what's a good name for a [cat|boy|company]", "prove that {n} is prime",
    ), n=str(rng.randrange(2, 300)), m=str(rng.randrange(2, 99)), town=rng.choice(words.TOWNS).lower(), name=rng.choice(words.NAMES),
       thing=rng.choice((*words.OBJECTS, *words.OTHER_OBJECTS)), food=plain(rng.choice(words.FOODS)))  # fmt: skip
    return escalate("escalate other", heard)
